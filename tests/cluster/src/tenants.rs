//! The first steps of most scenarios: a tenant, and a namespace in it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api;
use crate::capsule;
use crate::cluster::Cluster;
use crate::error::{Context, Failure};
use crate::users::User;
use crate::wait::wait_until;

const RIGHTS_LIMIT: Duration = Duration::from_mins(2);
const READY_LIMIT: Duration = Duration::from_mins(2);

/// The label by which a namespace belongs to a tenant.
pub const TENANT_LABEL: &str = "capsule.clastix.io/tenant";

/// An owner of a tenant as its spec names one, with the rights that Capsule gives by default.
pub fn owner(kind: &str, name: &str) -> Value {
    json!({"kind": kind, "name": name, "clusterRoles": ["admin", "capsule-namespace-deleter"]})
}

/// The path of a tenant.
pub(crate) fn path(tenant: &str) -> String {
    format!("{}/tenants/{tenant}", capsule::API)
}

impl Cluster {
    /// Makes a tenant with the given owners, and waits until Capsule has taken notice.
    pub async fn create_tenant(&self, name: &str, owners: &[User]) -> Result<Value, Failure> {
        let owners: Vec<Value> = owners.iter().map(|user| owner("User", user.name())).collect();
        self.create_tenant_with(name, json!({"owners": owners})).await
    }

    /// Makes a tenant of the given spec, and waits until Capsule has taken notice.
    pub async fn create_tenant_with(&self, name: &str, spec: Value) -> Result<Value, Failure> {
        let client = self.client_ref();
        let tenant = json!({"metadata": {"name": name}, "spec": spec});
        let tenant = applied(tenant, "capsule.clastix.io/v1beta2", "Tenant");
        let what = format!("the tenant {name} cannot be made");
        let made =
            api::create(client, &format!("{}/tenants", capsule::API), api::KUBECTL, &tenant).await.context(what)?;
        if self.has_controller() {
            // In time for the next request: an owner of no tenant cannot make a namespace.
            wait_until(&format!("the tenant {name} has a status"), READY_LIMIT, async || {
                let tenant = api::get(client, &path(name)).await;
                tenant.is_ok_and(|tenant| capsule::is_known(self.era(), &tenant))
            })
            .await?;
        }
        Ok(made)
    }

    /// Makes a namespace as `user`, who owns `tenant`, and waits until he has his rights in it.
    pub async fn create_namespace(&self, user: User, tenant: &str, name: &str) -> Result<(), Failure> {
        let what = format!("{} cannot make the namespace {name}", user.name());
        let object = json!({"metadata": {"name": name, "labels": {TENANT_LABEL: tenant}}});
        let client = self.client_of(user);
        api::create(client, "/api/v1/namespaces", "kubectl-create", &object).await.context(what)?;
        let review = json!({"spec": {"resourceAttributes": {
            "namespace": name, "verb": "create", "resource": "configmaps",
        }}});
        let reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        wait_until(&format!("{} has rights in {name}", user.name()), RIGHTS_LIMIT, async || {
            let answer = api::create(client, reviews, "probe", &review).await;
            answer.is_ok_and(|answer| answer.pointer("/status/allowed") == Some(&Value::Bool(true)))
        })
        .await
    }

    /// Sets or lifts a tenant's cordon, and returns when its status says so.
    pub async fn set_cordoned(&self, tenant: &str, cordoned: bool) -> Result<(), Failure> {
        let patch = json!({"spec": {"cordoned": cordoned}});
        let client = self.client_ref();
        let what = format!("the tenant {tenant} cannot be cordoned");
        api::merge(client, &path(tenant), "kubectl-edit", &patch).await.context(what)?;
        if !self.has_controller() {
            return Ok(());
        }
        wait_until(&format!("the cordon of {tenant} is {cordoned}"), READY_LIMIT, async || {
            let tenant = api::get(client, &path(tenant)).await;
            tenant.is_ok_and(|tenant| capsule::is_cordoned(self.era(), &tenant) == cordoned)
        })
        .await
    }
}

/// Adds what `kubectl apply` leaves on an object.
pub(crate) fn applied(mut object: Value, api_version: &str, kind: &str) -> Value {
    object["apiVersion"] = api_version.into();
    object["kind"] = kind.into();
    let mut last = object.clone();
    if last["metadata"]["annotations"].is_null() {
        last["metadata"]["annotations"] = json!({});
    }
    object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = format!("{last}\n").into();
    object
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::applied;

    #[test]
    fn what_was_applied_last_is_the_object_without_itself() {
        let object = applied(json!({"metadata": {"name": "oil"}}), "v1", "Namespace");
        let last = object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"].as_str();
        let last: Value = serde_json::from_str(last.unwrap_or_default()).unwrap_or_default();
        assert_eq!(
            last,
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "oil", "annotations": {}}})
        );
    }
}
