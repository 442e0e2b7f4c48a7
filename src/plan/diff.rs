//! What differs between two versions of an object, path by path.

use serde_json::Value;

use super::mask;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `spec.replicas`, `spec.template.spec.containers[web].image`.
    pub path: String,
    /// The old value, as shown; `None` if there was none.
    pub before: Option<String>,
    /// The new value, as shown; `None` if there is none.
    pub after: Option<String>,
}

/// The differences of two versions of an object, and how many more the server made in its own bookkeeping or status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// What a person asked for or must know.
    pub shown: Vec<Difference>,
    /// How many differences in status and bookkeeping are not shown.
    pub folded: usize,
}

/// Compares two versions of an object of `kind`.
pub fn diff(kind: &str, before: &Value, after: &Value) -> Diff {
    let mut all = Vec::new();
    walk(kind, &mut Vec::new(), before, after, &mut all);
    let (folded, shown): (Vec<_>, Vec<_>) = all.into_iter().partition(|(path, _)| is_bookkeeping(path));
    Diff { shown: shown.into_iter().map(|(_, difference)| difference).collect(), folded: folded.len() }
}

/// An object without status and the server's bookkeeping: what two versions must share for neither to have *moved*.
pub fn without_bookkeeping(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(top) = object.as_object_mut() {
        top.remove("status");
        if let Some(metadata) = top.get_mut("metadata").and_then(Value::as_object_mut) {
            for key in BOOKKEEPING {
                metadata.remove(*key);
            }
        }
    }
    object
}

/// The fields of `metadata` that the server writes for itself.
const BOOKKEEPING: &[&str] = &["managedFields", "resourceVersion", "generation", "selfLink"];

fn is_bookkeeping(path: &[String]) -> bool {
    match path {
        [top, ..] if top == "status" => true,
        [top, key, ..] if top == "metadata" => BOOKKEEPING.contains(&key.as_str()),
        _ => false,
    }
}

type Found = Vec<(Vec<String>, Difference)>;

fn walk(kind: &str, path: &mut Vec<String>, before: &Value, after: &Value, found: &mut Found) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                path.push(key.clone());
                child(kind, path, old.get(key), new.get(key), found);
                path.pop();
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            let Some((old, new)) = keyed(old).zip(keyed(new)) else { return list(kind, path, old, new, found) };
            let mut keys: Vec<&String> = old.iter().chain(&new).map(|(key, _)| key).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let of =
                    |side: &[(String, &Value)]| side.iter().find(|(k, _)| k == key).map(|(_, value)| (*value).clone());
                path.push(format!("[{key}]"));
                child(kind, path, of(&old).as_ref(), of(&new).as_ref(), found);
                path.pop();
            }
        }
        _ => tell(kind, path, Some(before), Some(after), found),
    }
}

fn list(kind: &str, path: &mut Vec<String>, old: &[Value], new: &[Value], found: &mut Found) {
    for at in 0..old.len().max(new.len()) {
        path.push(format!("[{at}]"));
        child(kind, path, old.get(at), new.get(at), found);
        path.pop();
    }
}

fn child(kind: &str, path: &mut Vec<String>, before: Option<&Value>, after: Option<&Value>, found: &mut Found) {
    match (before, after) {
        (Some(before), Some(after)) => walk(kind, path, before, after, found),
        // A whole branch that comes or goes is told leaf by leaf, so that its values stand beside their own paths.
        (None, Some(Value::Object(branch))) | (Some(Value::Object(branch)), None) if !branch.is_empty() => {
            for (key, value) in branch {
                path.push(key.clone());
                if before.is_some() {
                    child(kind, path, Some(value), None, found);
                } else {
                    child(kind, path, None, Some(value), found);
                }
                path.pop();
            }
        }
        _ => tell(kind, path, before, after, found),
    }
}

fn tell(kind: &str, path: &[String], before: Option<&Value>, after: Option<&Value>, found: &mut Found) {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    let masked = mask::is_masked(kind, &words);
    let show = |value: &Value| {
        if masked {
            mask::mask(value)
        } else {
            match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            }
        }
    };
    let difference = Difference { path: spell(path), before: before.map(show), after: after.map(show) };
    found.push((path.to_vec(), difference));
}

/// A path as people write it; keys that hold dots are quoted.
fn spell(path: &[String]) -> String {
    let mut text = String::new();
    for part in path {
        if part.starts_with('[') {
            text.push_str(part);
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            let quote = if part.contains('.') { "\"" } else { "" };
            text.extend([quote, part, quote]);
        }
    }
    text
}

/// The items of a list by their merge key (`name`, or `type` for conditions), if every item has a different one.
fn keyed(items: &[Value]) -> Option<Vec<(String, &Value)>> {
    ["name", "type"].into_iter().find_map(|key| {
        let named: Vec<(String, &Value)> =
            items.iter().map(|item| Some((item.get(key)?.as_str()?.to_owned(), item))).collect::<Option<_>>()?;
        let mut names: Vec<&String> = named.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        (names.len() == items.len()).then_some(named)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn told(kind: &str, before: &Value, after: &Value) -> Vec<String> {
        let show = |side: Option<String>| side.unwrap_or_else(|| "nothing".into());
        let diff = diff(kind, before, after);
        diff.shown.into_iter().map(|d| format!("{}: {} -> {}", d.path, show(d.before), show(d.after))).collect()
    }

    #[test]
    fn differences_stand_beside_their_paths() {
        let before = json!({
            "metadata": {"resourceVersion": "1", "labels": {"a.b/c": "x"}},
            "spec": {"replicas": 3, "containers": [{"name": "web", "image": "a"}, {"name": "side", "image": "b"}], "l": [1, 2]},
            "status": {"ready": 3},
        });
        let after = json!({
            "metadata": {"resourceVersion": "2", "labels": {}, "annotations": {"k": "v"}},
            "spec": {"replicas": 0, "containers": [{"name": "side", "image": "b"}, {"name": "web", "image": "c"}], "l": [1]},
            "status": {"ready": 0},
        });
        assert_eq!(
            told("Deployment", &before, &after),
            [
                "metadata.annotations.k: nothing -> v",
                "metadata.labels.\"a.b/c\": x -> nothing",
                "spec.containers[web].image: a -> c",
                "spec.l[1]: 2 -> nothing",
                "spec.replicas: 3 -> 0",
            ]
        );
        assert_eq!(diff("Deployment", &before, &after).folded, 2);
    }

    #[test]
    fn secrets_say_that_they_changed_and_not_how() {
        let secret = |value: &str| json!({"data": {"key": value}});
        assert_eq!(told("Secret", &secret("aaaa"), &secret("bb")), ["data.key: (masked) 4 bytes -> (masked) 2 bytes"]);
    }

    proptest! {
        #[test]
        fn an_object_does_not_differ_from_itself(text in "\\PC{0,20}", n in any::<i64>()) {
            let object = json!({"spec": {"text": text, "list": [n, {"name": text}]}});
            prop_assert_eq!(diff("Tenant", &object, &object), Diff::default());
        }
    }
}
