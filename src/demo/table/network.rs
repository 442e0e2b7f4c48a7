//! Services, endpoints, and the group networking.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::cells::{Row, age, count, filled, plain, text, texts, three};
use super::selector;

/// By resource.
pub(super) fn printer(resource: &str) -> Option<Row> {
    Some(match resource {
        "services" => service,
        "endpoints" => |object, now| vec![json!(object.name()), json!(endpoints(object)), age(object, now)],
        "endpointslices.discovery.k8s.io" => endpoint_slice,
        "ingresses.networking.k8s.io" => ingress,
        "ingressclasses.networking.k8s.io" => ingress_class,
        "networkpolicies.networking.k8s.io" => |object, now| {
            let chosen = selector::format(object.at(&["spec", "podSelector"]));
            vec![json!(object.name()), json!(chosen), age(object, now)]
        },
        "servicecidrs.networking.k8s.io" => |object, now| {
            vec![json!(object.name()), json!(texts(object, &["spec", "cidrs"]).join(",")), age(object, now)]
        },
        "ipaddresses.networking.k8s.io" => ip_address,
        _ => return None,
    })
}

/// Addresses of a load balancer, sorted.
fn balancer(object: &Value) -> Vec<&str> {
    let all: BTreeSet<&str> = object
        .list(&["status", "loadBalancer", "ingress"])
        .iter()
        .map(|one| filled(one, &["ip"], text(one, &["hostname"], "")))
        .filter(|address| !address.is_empty())
        .collect();
    all.into_iter().collect()
}

fn service(object: &Value, now: Timestamp) -> Vec<Value> {
    let kind = text(object, &["spec", "type"], "");
    let outside = texts(object, &["spec", "externalIPs"]);
    let external = match kind {
        "ClusterIP" | "NodePort" if outside.is_empty() => "<none>".to_owned(),
        "ClusterIP" | "NodePort" => outside.join(","),
        "LoadBalancer" => {
            let all = [balancer(object), outside].concat().join(",");
            if all.is_empty() { "<pending>".to_owned() } else { all }
        }
        "ExternalName" => text(object, &["spec", "externalName"], "").to_owned(),
        _ => "<unknown>".to_owned(),
    };
    let ports: Vec<String> = object.list(&["spec", "ports"]).iter().map(port).collect();
    vec![
        json!(object.name()),
        json!(kind),
        json!(texts(object, &["spec", "clusterIPs"]).first().unwrap_or(&"<none>")),
        json!(external),
        json!(if ports.is_empty() { "<none>".to_owned() } else { ports.join(",") }),
        age(object, now),
        json!(selector::labels(object.at(&["spec", "selector"]))),
    ]
}

/// `80/TCP`, or `80:30080/TCP` if nodes listen too.
fn port(port: &Value) -> String {
    let (number, protocol) = (count(port, &["port"]), text(port, &["protocol"], ""));
    match count(port, &["nodePort"]) {
        node if node > 0 => format!("{number}:{node}/{protocol}"),
        _ => format!("{number}/{protocol}"),
    }
}

/// As `formatEndpoints`.
fn endpoints(object: &Value) -> String {
    let subsets = object.list(&["subsets"]);
    if subsets.is_empty() {
        return "<none>".to_owned();
    }
    let mut all = Vec::new();
    for subset in subsets {
        let addresses = || subset.list(&["addresses"]).iter().map(|one| text(one, &["ip"], ""));
        let ports = subset.list(&["ports"]);
        if ports.is_empty() {
            all.extend(addresses().map(str::to_owned));
        }
        for port in ports {
            let port = count(port, &["port"]);
            all.extend(
                addresses().map(|ip| if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }),
            );
        }
    }
    if all.is_empty() { String::new() } else { three(&all) }
}

fn endpoint_slice(object: &Value, now: Timestamp) -> Vec<Value> {
    let ports: Vec<String> = object
        .list(&["ports"])
        .iter()
        .map(|port| {
            port.int(&["port"]).map_or_else(|| text(port, &["name"], "*").to_owned(), |number| number.to_string())
        })
        .collect();
    let all: Vec<String> = object
        .list(&["endpoints"])
        .iter()
        .flat_map(|endpoint| endpoint.list(&["addresses"]))
        .filter_map(plain)
        .collect();
    let kind = text(object, &["addressType"], "");
    vec![json!(object.name()), json!(kind), json!(three(&ports)), json!(three(&all)), age(object, now)]
}

fn ingress(object: &Value, now: Timestamp) -> Vec<Value> {
    let tls = !object.list(&["spec", "tls"]).is_empty();
    vec![
        json!(object.name()),
        json!(text(object, &["spec", "ingressClassName"], "<none>")),
        json!(hosts(object.list(&["spec", "rules"]))),
        json!(balancer(object).join(",")),
        json!(if tls { "80, 443" } else { "80" }),
        age(object, now),
    ]
}

/// The first three hosts; how many more is counted in rules, with or without a host. As `formatHosts`.
fn hosts(rules: &[Value]) -> String {
    let mut shown = Vec::new();
    let mut more = false;
    for rule in rules {
        more |= shown.len() == 3;
        let host = text(rule, &["host"], "");
        if !more && !host.is_empty() {
            shown.push(host);
        }
    }
    match shown.join(",") {
        none if none.is_empty() => "*".to_owned(),
        all if more => format!("{all} + {} more...", rules.len() - 3),
        all => all,
    }
}

fn ingress_class(object: &Value, now: Timestamp) -> Vec<Value> {
    let mark = object.annotation("ingressclass.kubernetes.io/is-default-class") == Some("true");
    let name = if mark { format!("{} (default)", object.name()) } else { object.name().to_owned() };
    let parameters = object.at(&["spec", "parameters"]).filter(|one| one.is_object()).map(|one| {
        let group = one.text(&["apiGroup"]).map(|group| format!(".{group}")).unwrap_or_default();
        format!("{}{group}/{}", text(one, &["kind"], ""), text(one, &["name"], ""))
    });
    let controller = text(object, &["spec", "controller"], "");
    vec![json!(name), json!(controller), json!(parameters.as_deref().unwrap_or("<none>")), age(object, now)]
}

/// Its row has a cell more than there are columns, as upstream's.
fn ip_address(object: &Value, now: Timestamp) -> Vec<Value> {
    let parent = object.at(&["spec", "parentRef"]).filter(|one| one.is_object()).map(|one| {
        let part = |key| filled(one, &[key], "");
        let resource = match part("group") {
            "" => part("resource").to_lowercase(),
            group => format!("{}.{group}", part("resource")).to_lowercase(),
        };
        match part("namespace") {
            "" => format!("{resource}/{}", part("name")),
            namespace => format!("{resource}/{namespace}/{}", part("name")),
        }
    });
    vec![json!(object.name()), json!(parent.as_deref().unwrap_or("<none>")), age(object, now)]
}
