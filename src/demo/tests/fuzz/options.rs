//! What a request says beside its path and body: options, forms, identities.

use super::dice::Dice;
use super::request::{ROOT, Request, escape};
use crate::demo::object::{Meta as _, Object};

/// Adds to the query.
pub fn ask(path: &mut String, name: &str, value: &str) {
    path.push(if path.contains('?') { '&' } else { '?' });
    path.extend([name, "=", &escape(value)]);
}

/// Some options, right and wrong.
pub fn query(request: &mut Request, live: Option<&Object>, dice: &mut Dice) {
    let is_read = request.method == "GET";
    let count = if is_read { dice.below(4) } else { dice.below(5) / 3 };
    for _ in 0..count {
        let version = live.map(|live| live.version().to_owned()).unwrap_or_default();
        let choices: [(&str, &[&str]); 18] = [
            ("dryRun", &["All", "All", "All", "Some", ""]),
            ("fieldManager", &["kubectl", "helm", "me", "a b", "\u{0}", "é"]),
            ("fieldValidation", &["Strict", "Warn", "Ignore", "Perhaps"]),
            ("propagationPolicy", &["Foreground", "Background", "Orphan", "None"]),
            ("gracePeriodSeconds", &["0", "1", "30", "-1", "x", "99999999999999999999"]),
            ("force", &["true", "false", "1", "x"]),
            ("pretty", &["true", "false", "x"]),
            (
                "labelSelector",
                &["app", "!app", "app=web", "app!=web", "app in (web,api)", "a notin (", "=", "x>5", "é", ",,"],
            ),
            (
                "fieldSelector",
                &[
                    "metadata.name=default",
                    "metadata.name!=x",
                    "metadata.namespace=default",
                    "spec.nodeName=n",
                    "x",
                    "=,=",
                ],
            ),
            ("limit", &["1", "3", "500", "0", "-1", "x", "9223372036854775807"]),
            (
                "continue",
                &["", "x", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0", "%%%", "bnVsbA"],
            ),
            ("resourceVersion", &["0", "1", version.as_str(), "99999999", "18446744073709551616", "-1", "x"]),
            ("resourceVersionMatch", &["Exact", "NotOlderThan", "Perhaps"]),
            ("watch", &["true", "false", "1"]),
            ("allowWatchBookmarks", &["true"]),
            ("sendInitialEvents", &["true", "false"]),
            ("timeoutSeconds", &["1", "0", "-1", "x", "9223372036854775807"]),
            ("includeObject", &["None", "Object", "Metadata", "x"]),
        ];
        let writes = &choices[..8];
        let (name, values) = choices[if is_read { dice.below(choices.len()) } else { dice.below(writes.len()) }];
        ask(&mut request.path, name, dice.pick(values));
    }
}

/// A form of answer.
pub fn accept(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
        "application/json;as=Table;v=v1;g=meta.k8s.io",
        "application/json;as=Table;v=v2;g=meta.k8s.io",
        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
        "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/vnd.kubernetes.protobuf",
        "application/yaml",
        "text/html",
        ";;;,,,",
        "*/*",
    ])
}

/// Who asks: mostly one who may.
pub fn identity(dice: &mut Dice) -> Vec<(&'static str, String)> {
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    match dice.below(60) {
        0 => vec![],
        1 => vec![bearer(dice.pick(&[
            "demo-alice",
            "demo-bob",
            "demo-carol",
            "demo-dave",
            "demo-erin",
            "demo-ci",
            "demo-ops",
        ]))],
        2 => vec![bearer("nobody's")],
        3 => vec![(
            "authorization",
            dice.pick(&["Basic eDp5", "Bearer", "", "Bearer a.b.c", "Bearer eyJhbGciOiJSUzI1NiJ9.e30."]).to_owned(),
        )],
        4..7 => {
            let mut headers = vec![bearer(ROOT)];
            let who = [
                "alice",
                "bob",
                "system:serviceaccount:default:default",
                "system:serviceaccount:x",
                "system:node:n",
                "",
            ];
            if !dice.once_in(6) {
                headers.push(("impersonate-user", dice.pick(&who).to_owned()));
            }
            if dice.once_in(2) {
                headers.push((
                    "impersonate-group",
                    dice.pick(&["projectcapsule.dev", "system:masters", "é", ""]).to_owned(),
                ));
            }
            if dice.once_in(6) {
                headers.push((
                    dice.pick(&["impersonate-uid", "impersonate-extra-scopes", "impersonate-extra-%2f"]),
                    "x".to_owned(),
                ));
            }
            headers
        }
        _ => vec![bearer(ROOT)],
    }
}
