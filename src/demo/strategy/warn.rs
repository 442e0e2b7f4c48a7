//! The warnings that a server sends with its answer (each kind's `WarningsOnCreate`): those that people meet.

use serde_json::Value;

use super::{built_in, names};
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;

/// Each the text of a `Warning` header.
pub fn warnings(kind: &Kind, object: &Object) -> Vec<String> {
    let mut all = Vec::new();
    match built_in(kind) {
        Some(("", "pods")) => {
            dotted(object, "the Pod's hostname", &mut all);
            of_containers(object.at(&["spec"]), "spec", &mut all);
        }
        Some(("", "endpoints")) => {
            all.push("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".to_owned());
        }
        Some(("", "services")) => service(object, &mut all),
        Some(("apps", resource)) => {
            if matches!(resource, "deployments" | "replicasets") {
                dotted(object, "Pod names and hostnames", &mut all);
            }
            of_containers(object.at(&["spec", "template", "spec"]), "spec.template.spec", &mut all);
        }
        Some(("batch", "jobs")) => {
            dotted(object, "Pod names and hostnames", &mut all);
            of_containers(object.at(&["spec", "template", "spec"]), "spec.template.spec", &mut all);
        }
        Some(("batch", "cronjobs")) => {
            dotted(object, "Pod names and hostnames", &mut all);
            let path = ["spec", "jobTemplate", "spec", "template", "spec"];
            of_containers(object.at(&path), &path.join("."), &mut all);
        }
        Some(("networking.k8s.io", "ingresses")) => {
            let key = "kubernetes.io/ingress.class";
            if object.annotation(key).is_some() && object.at(&["spec", "ingressClassName"]).is_none() {
                all.push(format!("annotation {key:?} is deprecated, please use 'spec.ingressClassName' instead"));
            }
        }
        _ => {}
    }
    all
}

/// The same of a change (`WarningsOnUpdate`): nobody is told of pods, and of templates only where the spec is another.
pub fn warnings_of_update(kind: &Kind, old: &Object, new: &Object) -> Vec<String> {
    let generation = |object: &Object| object.int(&["metadata", "generation"]);
    match built_in(kind) {
        Some(("", "pods")) => Vec::new(),
        Some(("apps" | "batch", _)) if generation(old) == generation(new) => Vec::new(),
        _ => warnings(kind, new),
    }
}

/// As `GetWarningsForService`, but for addresses in odd notations.
fn service(object: &Object, all: &mut Vec<String>) {
    let text = |field: &str| object.text(&["spec", field]).filter(|text| !text.is_empty());
    let is_external = text("type") == Some("ExternalName");
    let has_addresses = !object.list(&["spec", "externalIPs"]).is_empty();
    if text("clusterIP") == Some("None") {
        if text("loadBalancerIP").is_some() {
            all.push("spec.loadBalancerIP is ignored for headless services".to_owned());
        }
        if has_addresses {
            all.push("spec.externalIPs is ignored for headless services".to_owned());
        }
        if text("sessionAffinity").is_some_and(|affinity| affinity != "None") {
            all.push("spec.SessionAffinity is ignored for headless services".to_owned());
        }
    } else if has_addresses && !is_external {
        all.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters".to_owned());
    }
    if is_external && has_addresses {
        all.push("spec.externalIPs is ignored when spec.type is \"ExternalName\"".to_owned());
    }
    if !is_external && text("externalName").is_some() {
        all.push("spec.externalName is ignored when spec.type is not \"ExternalName\"".to_owned());
    }
    if text("trafficDistribution") == Some("PreferClose") {
        all.push("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"".to_owned());
    }
}

/// A name that is no label makes a surprising host name.
fn dotted(object: &Object, used: &str, all: &mut Vec<String>) {
    let said = names::dns_label(object.name());
    if !object.name().is_empty() && !said.is_empty() {
        all.push(format!(
            "metadata.name: this is used in {used}, which can result in surprising behavior; a DNS label is recommended: [{}]",
            said.join(" ")
        ));
    }
}

/// As `warningsForPodSpecAndMeta`, of variables and ports.
fn of_containers(spec: Option<&Value>, field: &str, all: &mut Vec<String>) {
    duplicate_env(spec, field, all);
    for (at, secret) in spec.map_or(&[][..], |spec| spec.list(&["imagePullSecrets"])).iter().enumerate() {
        if secret.text(&["name"]).unwrap_or_default().is_empty() {
            all.push(format!("{field}.imagePullSecrets[{at}].name: invalid empty name \"\""));
        }
    }
    shared_ports(spec, field, all);
}

/// The same port twice. Validation refuses what is the same in one container and has a port of the host.
fn shared_ports(spec: Option<&Value>, field: &str, all: &mut Vec<String>) {
    let mut known: Vec<(String, &Value)> = Vec::new();
    for list in ["initContainers", "containers"] {
        for (at, container) in spec.map_or(&[][..], |spec| spec.list(&[list])).iter().enumerate() {
            for (place, port) in container.list(&["ports"]).iter().enumerate() {
                let here = format!("{field}.{list}[{at}].ports[{place}]");
                let number = |port: &Value, field: &str| port.int(&[field]).unwrap_or_default();
                let address = |port: &Value| port.text(&["hostIP"]).unwrap_or_default().to_owned();
                let protocol = |port: &Value| port.text(&["protocol"]).unwrap_or("TCP").to_owned();
                for (there, other) in &known {
                    if number(port, "containerPort") != number(other, "containerPort")
                        || protocol(port) != protocol(other)
                    {
                        continue;
                    }
                    let (host, others) = (number(port, "hostPort"), number(other, "hostPort"));
                    let what = if host == others && address(port) == address(other) {
                        "duplicate port definition"
                    } else if host == 0 || others == 0 {
                        "overlapping port definition"
                    } else if host == others && address(port).is_empty() != address(other).is_empty() {
                        "dangerously ambiguous port definition"
                    } else {
                        continue;
                    };
                    all.push(format!("{here}: {what} with {there}"));
                }
                known.push((here, port));
            }
        }
    }
    let mut names: Vec<(&str, String)> = Vec::new();
    for (here, port) in &known {
        let Some(name) = port.text(&["name"]).filter(|name| !name.is_empty()) else { continue };
        match names.iter().find(|(known, _)| *known == name) {
            Some((_, there)) => all.push(format!(
                "{here}: duplicate port name {name:?} with {there}, services and probes that select ports by name will use {there}"
            )),
            None => names.push((name, here.clone())),
        }
    }
}

/// A variable set again, unless its new value is made of the old one.
fn duplicate_env(spec: Option<&Value>, field: &str, all: &mut Vec<String>) {
    for list in ["initContainers", "containers"] {
        let containers = spec.map_or(&[][..], |spec| spec.list(&[list]));
        for (at, container) in containers.iter().enumerate() {
            let env = container.list(&["env"]);
            for (place, one) in env.iter().enumerate() {
                let name = one.text(&["name"]).unwrap_or_default();
                let value = one.text(&["value"]).unwrap_or_default();
                let own = format!("$({name})");
                let is_lost = one.at(&["valueFrom"]).is_some() || value == own || !value.contains(&own);
                if is_lost && env.iter().take(place).any(|before| before.text(&["name"]) == Some(name)) {
                    let here = format!("{field}.{list}[{at}].env[{place}]");
                    all.push(format!(
                        "{here}: hides previous definition of {name:?}, which may be dropped when using apply"
                    ));
                }
            }
        }
    }
}
