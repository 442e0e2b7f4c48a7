//! Services: addresses, families of addresses, and what a change of type drops.

use serde_json::{Value, json};

use super::built_in;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};

/// Gives a Service its address, as upstream's `registry/core/service/storage/alloc.go` on a cluster with IPv4 only. `next`
/// makes a free address.
pub fn allocate(kind: &Kind, object: &mut Object, next: &mut impl FnMut() -> String) {
    if built_in(kind) != Some(("", "services")) || object.text(&["spec", "type"]) == Some("ExternalName") {
        return;
    }
    let given = object.text(&["spec", "clusterIP"]).filter(|address| !address.is_empty()).map(str::to_owned);
    let is_headless = given.as_deref() == Some("None");
    let has_selector = object.at(&["spec", "selector"]).and_then(Value::as_object).is_some_and(|map| !map.is_empty());
    let address = given.unwrap_or_else(next);
    object.set(&["spec", "clusterIP"], address.clone());
    if object.list(&["spec", "clusterIPs"]).is_empty() {
        object.set(&["spec", "clusterIPs"], json!([address]));
    }
    // A headless Service without selector says what its endpoints may be, not what the cluster has.
    let is_open = is_headless && !has_selector;
    if object.text(&["spec", "ipFamilyPolicy"]).is_none() {
        object.set(&["spec", "ipFamilyPolicy"], if is_open { "RequireDualStack" } else { "SingleStack" });
    }
    if object.list(&["spec", "ipFamilies"]).is_empty() {
        object.set(&["spec", "ipFamilies"], if is_open { json!(["IPv4", "IPv6"]) } else { json!(["IPv4"]) });
    }
}

/// The first of the ports that nodes keep for Services, and how many there are: 30000-32767.
const NODE_PORTS: (i64, i64) = (30_000, 2_768);

/// Gives the ports of a Service their ports on nodes. `taken` are those of other Services, `own` those that this one had; the
/// search begins at `start`, any number. Refuses, in the words of `allocPortAndHandleErr`, a port that is not free.
pub fn allocate_ports(service: &mut Object, taken: &[i64], own: &[i64], start: i64) -> Result<(), Status> {
    let (first, many) = NODE_PORTS;
    let is_balanced = service.text(&["spec", "type"]) == Some("LoadBalancer");
    let keeps_none = is_balanced && service.at(&["spec", "allocateLoadBalancerNodePorts"]) == Some(&Value::Bool(false));
    let is_open = is_balanced || service.text(&["spec", "type"]) == Some("NodePort");
    if !is_open {
        return Ok(());
    }
    let name = service.name().to_owned();
    let mut ports = service.list(&["spec", "ports"]).to_vec();
    let number = |port: &Value| port.int(&["nodePort"]).unwrap_or_default();
    for (at, port) in ports.iter().enumerate().filter(|(_, port)| number(port) != 0 && !own.contains(&number(port))) {
        let says = if !(first..first + many).contains(&number(port)) {
            let last = first + many - 1;
            format!("provided port is not in the valid range. The range of valid ports is {first}-{last}")
        } else if taken.contains(&number(port)) {
            "provided port is already allocated".to_owned()
        } else {
            continue;
        };
        let fault = FieldFault::invalid(format!("spec.ports[{at}].nodePort"), &number(port).into(), &says);
        return Err(Status::invalid("", "Service", &name, &[fault]));
    }
    let mut used: Vec<i64> = taken.iter().copied().chain(ports.iter().map(number)).collect();
    let mut free = || {
        let found = (0..many).map(|step| first + (start + step).rem_euclid(many)).find(|port| !used.contains(port));
        found.inspect(|port| used.push(*port)).ok_or_else(|| Status::internal("range is full"))
    };
    if !keeps_none {
        for port in ports.iter_mut().filter(|port| number(port) == 0) {
            port.set(&["nodePort"], free()?);
        }
        service.set(&["spec", "ports"], ports);
    }
    let is_local = service.text(&["spec", "externalTrafficPolicy"]) == Some("Local");
    if is_balanced && is_local && service.int(&["spec", "healthCheckNodePort"]).unwrap_or_default() == 0 {
        service.set(&["spec", "healthCheckNodePort"], free()?);
    }
    Ok(())
}

/// The ports on nodes that a Service has.
pub fn node_ports(service: &Object) -> Vec<i64> {
    let ports = service.list(&["spec", "ports"]).iter().filter_map(|port| port.int(&["nodePort"]));
    ports.chain(service.int(&["spec", "healthCheckNodePort"])).filter(|port| *port != 0).collect()
}

/// As `patchAllocatedValues` and `dropTypeDependentFields`: what the server gave is kept when a client leaves it out, and
/// dropped when the new type has no use for it.
pub(super) fn prepare_update(old: &Object, new: &mut Object) {
    let kind_of = |service: &Object| service.text(&["spec", "type"]).unwrap_or("ClusterIP").to_owned();
    let (was, is) = (kind_of(old), kind_of(new));
    let has_address = |kind: &str| kind != "ExternalName";
    let is_outside = |kind: &str| matches!(kind, "NodePort" | "LoadBalancer");
    if has_address(&was) && has_address(&is) {
        for field in ["clusterIP", "clusterIPs"] {
            keep(old, new, field);
        }
    }
    if has_address(&was) && !has_address(&is) {
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
            drop_same(old, new, field);
        }
    }
    if has_address(&is) {
        for field in ["ipFamilies", "ipFamilyPolicy"] {
            keep(old, new, field);
        }
    }
    if is_outside(&was) && is_outside(&is) {
        keep_node_ports(old, new);
    }
    if is_outside(&was) && !is_outside(&is) {
        let ports = new.map_mut(&["spec"]).get_mut("ports").and_then(Value::as_array_mut);
        for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
            port.remove("nodePort");
        }
    }
    let is_reached =
        |service: &Object| is_outside(&kind_of(service)) || !service.list(&["spec", "externalIPs"]).is_empty();
    if is_reached(old) && !is_reached(new) {
        drop_same(old, new, "externalTrafficPolicy");
    }
    if was == "LoadBalancer" && is != "LoadBalancer" {
        for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort"] {
            drop_same(old, new, field);
        }
        new.set(&["status", "loadBalancer"], json!({}));
    }
}

fn keep(old: &Object, new: &mut Object, field: &str) {
    let is_set = match new.at(&["spec", field]) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(list)) => !list.is_empty(),
        Some(_) => true,
    };
    if let (false, Some(value)) = (is_set, old.at(&["spec", field])) {
        new.set(&["spec", field], value.clone());
    }
}

fn drop_same(old: &Object, new: &mut Object, field: &str) {
    if old.at(&["spec", field]) == new.at(&["spec", field]) {
        new.unset(&["spec", field]);
    }
}

fn keep_node_ports(old: &Object, new: &mut Object) {
    let known = old.list(&["spec", "ports"]).to_vec();
    let ports = new.map_mut(&["spec"]).get_mut("ports").and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten().filter(|port| port.int(&["nodePort"]).unwrap_or_default() == 0) {
        let is_same =
            |one: &&Value| one.at(&["port"]) == port.at(&["port"]) && one.at(&["protocol"]) == port.at(&["protocol"]);
        if let Some(number) = known.iter().find(is_same).and_then(|one| one.at(&["nodePort"])) {
            port.set(&["nodePort"], number.clone());
        }
    }
}
