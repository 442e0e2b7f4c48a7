//! Lets a tenant, an Ingress or an HTTPRoute have one more host, or one less.

use serde_json::{Value, json};

use super::{Asked, Small};

/// `:host+ shop.example.net`
pub const HOST: Small = Small {
    word: "host+",
    argument: "NAME",
    meaning: "let the tenant have this host, or the Ingress or HTTPRoute answer for it as for its first",
    make: add,
};

/// `:host- shop.example.net`
pub const NO_HOST: Small = Small { word: "host-", argument: "NAME", meaning: "no longer", make: remove };

fn add(object: &mut Value, asked: &Asked<'_>) -> Result<(), String> {
    let host = named(asked)?;
    if asked.kind != "Ingress" {
        let names = names(object, asked, true)?;
        if names.iter().any(|known| known == host) {
            return Err(format!("it has {host} already"));
        }
        names.push(host.into());
        return Ok(());
    }
    let rules = object.pointer_mut("/spec/rules").and_then(Value::as_array_mut);
    let rules = rules.ok_or("it has no rules: edit it")?;
    let of = |rule: &Value| rule.get("host").and_then(Value::as_str).map(str::to_owned);
    if rules.iter().any(|rule| of(rule).as_deref() == Some(host)) {
        return Err(format!("it answers for {host} already"));
    }
    // As the first host is answered, so is the new one.
    let mut rule = rules.first().cloned().ok_or("it has no rules: edit it")?;
    let first = of(&rule);
    rule["host"] = host.into();
    rules.push(rule);
    let tls = object.pointer_mut("/spec/tls").and_then(Value::as_array_mut);
    let with_first = |entry: &&mut Value| {
        let hosts = entry.get("hosts").and_then(Value::as_array);
        hosts.is_some_and(|hosts| hosts.iter().any(|known| known.as_str() == first.as_deref()))
    };
    let hosts = tls.and_then(|tls| tls.iter_mut().find(with_first)).and_then(|entry| entry.get_mut("hosts"));
    if let Some(hosts) = hosts.and_then(Value::as_array_mut) {
        hosts.push(host.into());
    }
    Ok(())
}

fn remove(object: &mut Value, asked: &Asked<'_>) -> Result<(), String> {
    let host = named(asked)?;
    let missing = || format!("it does not have {host}");
    if asked.kind != "Ingress" {
        let names = names(object, asked, false)?;
        let before = names.len();
        names.retain(|known| known != host);
        return if names.len() < before { Ok(()) } else { Err(missing()) };
    }
    let rules = object.pointer_mut("/spec/rules").and_then(Value::as_array_mut).ok_or_else(missing)?;
    let before = rules.len();
    rules.retain(|rule| rule.get("host").and_then(Value::as_str) != Some(host));
    if rules.len() == before {
        return Err(missing());
    }
    if rules.is_empty() {
        return Err(format!("{host} is its only host: delete the Ingress instead"));
    }
    if let Some(tls) = object.pointer_mut("/spec/tls").and_then(Value::as_array_mut) {
        for entry in tls.iter_mut() {
            if let Some(hosts) = entry.get_mut("hosts").and_then(Value::as_array_mut) {
                hosts.retain(|known| known != host);
            }
        }
        // A certificate of no host is for every host.
        tls.retain(|entry| entry.get("hosts").and_then(Value::as_array).is_none_or(|hosts| !hosts.is_empty()));
    }
    Ok(())
}

fn named<'a>(asked: &Asked<'a>) -> Result<&'a str, String> {
    match asked.arguments {
        [host] => Ok(host),
        _ => Err("which host? shop.example.net".to_owned()),
    }
}

/// Where a tenant or a route names its hosts; made if `make`.
fn names<'a>(object: &'a mut Value, asked: &Asked<'_>, make: bool) -> Result<&'a mut Vec<Value>, String> {
    let pointer = match asked.kind {
        "Tenant" => "/spec/ingressOptions/allowedHostnames/allowed",
        "HTTPRoute" => "/spec/hostnames",
        kind => return Err(format!("a {kind} has no hosts: put the cursor on a tenant, an Ingress or an HTTPRoute")),
    };
    if make && object.pointer(pointer).is_none_or(Value::is_null) {
        match asked.kind {
            "Tenant" => object["spec"]["ingressOptions"]["allowedHostnames"]["allowed"] = json!([]),
            _ => object["spec"]["hostnames"] = json!([]),
        }
    }
    let found = object.pointer_mut(pointer).and_then(Value::as_array_mut);
    found.ok_or_else(|| "it names no hosts".to_owned())
}
