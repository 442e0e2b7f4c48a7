//! What is refused, in the words and the order of upstream's `pkg/apis/*/validation`.
//!
//! Rules that upstream generates from markers on the types (declarative validation) come after those written by hand, as
//! there.

mod batch;
mod claim;
mod config;
mod container;
mod cron;
mod definition;
mod immutable;
mod ingress;
mod meta;
mod network_policy;
mod pod;
mod quota;
mod rbac;
mod resources;
mod scaling;
mod selector;
mod service;
mod small;
mod volume;
mod workload;

use serde_json::Value;

use super::built_in;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;
use crate::demo::status::FieldFault;

/// The faults found so far.
type Faults = Vec<FieldFault>;

/// The faults of a new object, in the order in which the server names them. Custom resources: of their metadata.
pub fn create(kind: &Kind, object: &Object) -> Vec<FieldFault> {
    let mut faults = Faults::new();
    meta::create(kind, object, &mut faults);
    content(kind, None, object, &mut faults);
    declared(kind, true, object, &mut faults);
    meta::name_fits(kind, object, &mut faults);
    faults
}

/// The faults of a new event of `events.k8s.io`, in the form in which it is stored.
pub fn new_event(event: &Object) -> Vec<FieldFault> {
    let mut faults = Faults::new();
    small::event(event, "reportingController", &mut faults);
    small::new_event(event, &mut faults);
    faults
}

/// The faults of a change. `subresource` is empty or `status`.
pub fn update(kind: &Kind, subresource: &str, old: &Object, new: &Object) -> Vec<FieldFault> {
    let mut faults = Faults::new();
    meta::update(kind, old, new, &mut faults);
    if subresource.is_empty() {
        let mut unchanged = Faults::new();
        immutable::check(kind, old, new, &mut unchanged);
        let comes_first = built_in(kind) == Some(("apps", "daemonsets"));
        let (first, last) = if comes_first { (unchanged, Faults::new()) } else { (Faults::new(), unchanged) };
        faults.extend(first);
        if is_checked_again(kind) {
            content(kind, Some(old), new, &mut faults);
        }
        faults.extend(last);
        declared(kind, false, new, &mut faults);
    } else if subresource == "status" {
        workload::status(kind, new, &mut faults);
    }
    faults
}

/// Some kinds' changes are checked for what changed alone.
fn is_checked_again(kind: &Kind) -> bool {
    !matches!(built_in(kind), Some(("storage.k8s.io", _)))
}

/// What follows from markers on the types.
fn declared(kind: &Kind, is_new: bool, object: &Object, faults: &mut Faults) {
    if let Some(("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings")) = built_in(kind) {
        rbac::declared(object, is_new, faults);
    }
}

fn content(kind: &Kind, old: Option<&Object>, object: &Object, faults: &mut Faults) {
    match built_in(kind) {
        Some(("", "pods")) => pod::pod(object, faults),
        Some(("", "services")) => service::check(object, faults),
        Some(("", "configmaps")) => config::config_map(object, faults),
        Some(("", "secrets")) => config::secret(object, faults),
        Some(("", "persistentvolumeclaims")) => claim::claim(object, faults),
        Some(("", "persistentvolumes")) => claim::volume(object, faults),
        Some(("", "resourcequotas")) => quota::quota(object, faults),
        Some(("", "limitranges")) => quota::limits(object, faults),
        Some(("", "events")) => small::event(object, "reportingComponent", faults),
        Some(("apps", "deployments")) => workload::deployment(object, faults),
        Some(("apps", "replicasets")) => workload::replica_set(object, faults),
        Some(("apps", "statefulsets")) => workload::stateful_set(object, faults),
        Some(("apps", "daemonsets")) => workload::daemon_set(object, faults),
        Some(("batch", "jobs")) => batch::job(object, faults),
        Some(("batch", "cronjobs")) => batch::cron_job(object, faults),
        Some(("networking.k8s.io", "ingresses")) => ingress::ingress(old, object, faults),
        Some(("networking.k8s.io", "ingressclasses")) => ingress::class(object, faults),
        Some(("networking.k8s.io", "networkpolicies")) => network_policy::check(object, faults),
        Some(("rbac.authorization.k8s.io", resource)) => rbac::check(resource, old.is_none(), object, faults),
        Some(("autoscaling", _)) => scaling::autoscaler(object, faults),
        Some(("policy", _)) => scaling::budget(object, faults),
        Some(("storage.k8s.io", "storageclasses")) => claim::class(object, faults),
        Some(("scheduling.k8s.io", _)) => small::priority_class(old, object, faults),
        Some(("coordination.k8s.io", _)) => small::lease(object, faults),
        Some(("discovery.k8s.io", _)) => small::endpoint_slice(object, faults),
        Some(("apiextensions.k8s.io", "customresourcedefinitions")) => definition::check(object, faults),
        _ => {}
    }
}

fn invalid(faults: &mut Faults, field: impl Into<String>, value: &Value, detail: &str) {
    faults.push(FieldFault::invalid(field, value, detail));
}

/// One fault for each sentence of a rule for names.
fn invalid_each(faults: &mut Faults, field: &str, value: &str, said: Vec<String>) {
    for detail in said {
        faults.push(FieldFault::invalid(field, &value.into(), &detail));
    }
}

fn required(faults: &mut Faults, field: impl Into<String>, detail: &str) {
    faults.push(FieldFault::required(field, detail));
}

fn forbidden(faults: &mut Faults, field: impl Into<String>, detail: &str) {
    faults.push(FieldFault::forbidden(field, detail));
}

fn one_of(faults: &mut Faults, field: impl Into<String>, value: &str, supported: &[&str]) {
    if !supported.contains(&value) {
        faults.push(FieldFault::unsupported(field, &value.into(), supported));
    }
}

/// A number below nothing.
fn nonnegative(faults: &mut Faults, object: &Value, path: &[&str], field: impl Into<String>) {
    if let Some(number) = object.int(path).filter(|number| *number < 0) {
        invalid(faults, field, &number.into(), "must be greater than or equal to 0");
    }
}

/// A text that is there and not empty.
fn text<'a>(object: &'a Value, path: &[&str]) -> &'a str {
    object.text(path).unwrap_or_default()
}

/// The items below a path, numbered.
fn items<'a>(object: &'a Value, path: &[&str]) -> impl Iterator<Item = (usize, &'a Value)> {
    object.list(path).iter().enumerate()
}

/// A value, or `null`.
fn value_at<'a>(object: &'a Value, path: &[&str]) -> &'a Value {
    object.at(path).unwrap_or(&Value::Null)
}
