//! Which hosts are taken, and by whom.

use serde_json::Value;

/// A host that something answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name, perhaps with a wildcard in front.
    pub name: String,
    /// What answers for it: `Ingress oil-web/site`.
    pub object: String,
    /// The namespace that is in.
    pub namespace: String,
}

impl Host {
    /// The hosts of an Ingress, an HTTPRoute, a Gateway.
    pub fn of(kind: &str, object: &Value) -> Vec<Self> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let all = |pointer: &str| object.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
        let named = |from: Vec<Value>, field: &str| {
            from.iter().filter_map(|one| Some(one.get(field)?.as_str()?.to_owned())).collect::<Vec<_>>()
        };
        let mut names = named(all("/spec/rules"), "host");
        names.extend(all("/spec/hostnames").iter().filter_map(Value::as_str).map(str::to_owned));
        names.extend(named(all("/spec/listeners"), "hostname"));
        names.sort();
        names.dedup();
        names.retain(|name| !name.is_empty());
        names
            .into_iter()
            .map(|host| Self { name: host, object: format!("{kind} {namespace}/{name}"), namespace: namespace.clone() })
            .collect()
    }

    /// Whether a request could be meant for both. A wildcard stands for one part, as Ingress has it; a Gateway's for several, so
    /// that several are looked at.
    pub fn meets(&self, other: &str) -> bool {
        let covers = |wild: &str, name: &str| {
            wild.strip_prefix('*').is_some_and(|rest| name.len() > rest.len() && name.ends_with(rest))
        };
        let same = self.name.eq_ignore_ascii_case(other);
        same || covers(&self.name, other) || covers(other, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hosts_are_found_wherever_they_are_named() {
        let ingress = json!({"metadata": {"namespace": "oil-web", "name": "site"},
            "spec": {"rules": [{"host": "b.de"}, {"http": {}}, {"host": "a.de"}, {"host": "b.de"}]}});
        let found: Vec<String> = Host::of("Ingress", &ingress).into_iter().map(|host| host.name).collect();
        assert_eq!(found, ["a.de", "b.de"]);
        let route = json!({"metadata": {"namespace": "x", "name": "y"}, "spec": {"hostnames": ["*.a.de"]}});
        let host = Host::of("HTTPRoute", &route).remove(0);
        assert_eq!(host.object, "HTTPRoute x/y");
        for (other, meets) in
            [("b.a.de", true), ("a.de", false), ("*.a.de", true), ("B.c.a.de", true), ("xa.de", false), ("*.de", true)]
        {
            assert_eq!(host.meets(other), meets, "{other}");
        }
    }
}
