//! Pods: pull policies, registries, priority and runtime classes.

use serde_json::Value;

use super::allowed::Allowed;
use super::images::Image;
use super::{Case, Refusal, Verdict};
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::Era;

/// In upstream's order.
pub(super) fn judge(case: &Case<'_>) -> Verdict {
    pull_policies(case)?;
    registries(case)?;
    if case.is_new() {
        priority_class(case)?;
        runtime_class(case)?;
    }
    Ok(())
}

/// Containers in the order in which they are looked at.
fn containers<'a>(pod: &'a Object, lists: &'a [&'a str]) -> impl Iterator<Item = &'a Value> {
    lists.iter().flat_map(move |list| pod.list(&["spec", list]))
}

fn pull_policies(case: &Case<'_>) -> Verdict {
    let allowed: Vec<&str> =
        case.tenant.list(&["spec", "imagePullPolicies"]).iter().filter_map(Value::as_str).collect();
    let is_old = case.era() == Era::V0_4;
    if allowed.is_empty() || (is_old && !case.is_new()) {
        return Ok(());
    }
    let lists: &[&str] =
        if is_old { &["containers"] } else { &["initContainers", "ephemeralContainers", "containers"] };
    for container in containers(case.object, lists) {
        let used = container.text(&["imagePullPolicy"]).unwrap_or_default();
        if allowed.iter().any(|policy| policy.eq_ignore_ascii_case(used)) {
            continue;
        }
        let note = match case.era() {
            Era::V0_14 => format!("using pullpolicy {used} is forbidden for the tenant"),
            Era::V0_4 => format!("Pod {} pull policy {used} is forbidden for the current Tenant", case.place()),
        };
        let name = container.text(&["name"]).unwrap_or_default();
        let text = format!(
            "ImagePullPolicy {used} for container {name} is forbidden, use one of the followings: {}",
            allowed.join(", ")
        );
        return Err(Refusal::told("ForbiddenPullPolicy", note, text));
    }
    Ok(())
}

fn registries(case: &Case<'_>) -> Verdict {
    let Some(allowed) = Allowed::of(case.tenant, &["spec", "containerRegistries"]) else { return Ok(()) };
    let is_old = case.era() == Era::V0_4;
    let lists: &[&str] = if is_old {
        &["initContainers", "containers"]
    } else {
        &["initContainers", "ephemeralContainers", "containers"]
    };
    let mut is_searched = false;
    for container in containers(case.object, lists) {
        let name = container.text(&["image"]).unwrap_or_default();
        let image = Image::parse(name);
        if image.registry.is_empty() {
            let note = match case.era() {
                Era::V0_14 => format!(
                    "container image {name:?} is not fully qualified (missing registry), cannot enforce tenant registry rules"
                ),
                // One argument too many for the old format: Go says so.
                Era::V0_4 => format!(
                    "Pod {} is not using a fully qualified container image, cannot enforce registry the current \
                     Tenant%!(EXTRA string=)",
                    case.place()
                ),
            };
            let names = if is_searched { allowed.sorted() } else { allowed.exact() };
            return Err(Refusal::told("MissingFQCI", note, forbidden_image(name, allowed, &names)));
        }
        is_searched = true;
        let registry = image.registry.as_str();
        if allowed.names(registry) {
            continue;
        }
        let (note, shown) = match case.era() {
            Era::V0_14 => (
                format!("using a container hosted on registry {registry} that is forbidden for the tenant"),
                image.qualified(),
            ),
            Era::V0_4 => (
                format!(
                    "Pod {} is using a container hosted on registry {registry} that is forbidden for the current Tenant",
                    case.place()
                ),
                name.to_owned(),
            ),
        };
        let text = forbidden_image(&shown, allowed, &allowed.sorted());
        return Err(Refusal::told("ForbiddenContainerRegistry", note, text));
    }
    Ok(())
}

/// With upstream's superfluous space before the second way.
fn forbidden_image(image: &str, allowed: Allowed<'_>, names: &[&str]) -> String {
    let mut ways = Vec::new();
    if !names.is_empty() {
        ways.push(format!("use one from the following list ({})", names.join(", ")));
    }
    if !allowed.regex().is_empty() {
        ways.push(format!(" use one matching the following regex ({})", allowed.regex()));
    }
    format!("Container image {image} registry is forbidden for the current Tenant: {}", ways.join(" or "))
}

fn priority_class(case: &Case<'_>) -> Verdict {
    let class = case.object.text(&["spec", "priorityClassName"]).unwrap_or_default();
    let Some(allowed) = Allowed::of(case.tenant, &["spec", "priorityClasses"]).filter(|_| !class.is_empty()) else {
        return Ok(());
    };
    let mut is_selected = false;
    if allowed.selects() {
        let found = case.registry.look("priorityclasses.scheduling.k8s.io", "", class);
        let Some(found) = found else {
            return Err(Refusal::error(format!("priorityclasses.scheduling.k8s.io {class:?} not found")));
        };
        is_selected = allowed.selects_object(&found);
    }
    if allowed.default() == class || allowed.names(class) || is_selected {
        return Ok(());
    }
    let note = match case.era() {
        Era::V0_14 => format!("using priorityclass {class} is forbidden for the tenant"),
        Era::V0_4 => format!(
            "Pod {}/{} is using Priority Class {class} is forbidden for the current Tenant",
            case.object.namespace(),
            case.object.name()
        ),
    };
    let advice = allowed.advice(&allowed.sorted());
    let text = format!("Pod Priority Class {class} is forbidden for the current Tenant: {advice}");
    Err(Refusal::told("ForbiddenPriorityClass", note, text))
}

fn runtime_class(case: &Case<'_>) -> Verdict {
    let class = case.object.text(&["spec", "runtimeClassName"]).unwrap_or_default();
    let Some(allowed) = Allowed::of(case.tenant, &["spec", "runtimeClasses"]).filter(|_| !class.is_empty()) else {
        return Ok(());
    };
    if case.era() == Era::V0_14 && allowed.default() == class {
        return Ok(());
    }
    let Some(found) = case.registry.look("runtimeclasses.node.k8s.io", "", class) else {
        return Err(Refusal::error(format!("RuntimeClass.node.k8s.io {class:?} not found")));
    };
    // An empty selector takes every class: upstream's list of names alone forbids nothing.
    if allowed.names(class) || allowed.selects_object(&found) {
        return Ok(());
    }
    let note = match case.era() {
        Era::V0_14 => format!("using runtimeclass {class} is forbidden for the tenant"),
        Era::V0_4 => format!(
            "Pod {}/{} is using Runtime Class {class} is forbidden for the current Tenant",
            case.object.namespace(),
            case.object.name()
        ),
    };
    let advice = allowed.advice(&allowed.sorted());
    let text = format!("Pod Runtime Class {class} is forbidden for the current Tenant: {advice}");
    Err(Refusal::told("ForbiddenRuntimeClass", note, text))
}
