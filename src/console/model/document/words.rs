//! A document in words: what it is, whose it is, what it says of itself, who changed it last, and what happened to it.

use serde_json::Value;

use super::{Document, SHOWN, shortened};
use crate::console::model::Model;
use crate::console::model::page::{self, Ink, Line, state_ink};
use crate::console::model::why::{self, Told};
use crate::plan::mask;
use crate::plan::trace::{self, Trace};
use crate::text::age::age;
use crate::text::clean::clean;

impl Document {
    pub(super) fn words(&self, model: &Model, object: &Value) -> Vec<Line> {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).map(|text| clean(text).into_owned());
        let mut lines = Vec::new();
        lines.push(Line::field(
            "kind",
            Ink::Text,
            format!(
                "{} of {}",
                self.object.kind,
                self.object.base.trim_start_matches("/apis/").trim_start_matches("/api/")
            ),
        ));
        lines.extend(self.own_words(model, object));
        if let Some(created) = seconds(object.pointer("/metadata/creationTimestamp")) {
            let at = text("/metadata/creationTimestamp").unwrap_or_default();
            lines.push(
                Line::field("age", Ink::Text, age(model.seconds() - created)).and(Ink::Dim, format!(" · since {at}")),
            );
        }
        if let Some(deleted) = seconds(object.pointer("/metadata/deletionTimestamp")) {
            let ago = age(model.seconds() - deleted);
            lines.push(Line::field("deleted", Ink::Danger, format!("since {ago}, waits for its finalizers")));
        }
        for (label, path) in [("labels", "/metadata/labels"), ("annotations", "/metadata/annotations")] {
            let entries = object.pointer(path).and_then(Value::as_object).into_iter().flatten();
            for (at, (key, value)) in entries.enumerate() {
                let path = ["metadata", path.rsplit('/').next().unwrap_or_default(), key];
                let value =
                    if mask::is_masked_in(&self.object.kind, object, &path) { mask::mask(value) } else { plain(value) };
                lines.push(
                    Line::field(if at == 0 { label } else { "" }, Ink::Dim, format!("{}: ", clean(key)))
                        .and(Ink::Text, value),
                );
            }
        }
        let owners = items(object, "/metadata/ownerReferences");
        for owner in owners {
            let of = |key: &str| plain(owner.get(key).unwrap_or(&Value::Null));
            let controls = if owner.get("controller") == Some(&Value::Bool(true)) { "controlled" } else { "owned" };
            lines.push(Line::field(
                "belongs",
                Ink::Text,
                format!("to {} {}, {controls} by it", of("kind"), of("name")),
            ));
        }
        let finalizers: Vec<String> = items(object, "/metadata/finalizers").iter().map(plain).collect();
        if !finalizers.is_empty() {
            lines.push(Line::field("finalizers", Ink::Text, finalizers.join(", ")));
        }
        lines.extend(conditions(model, object));
        lines.extend(managers(model, object));
        lines.push(Line::default());
        lines.extend(self.told(model));
        lines
    }

    /// What only this kind has to say.
    fn own_words(&self, model: &Model, object: &Value) -> Vec<Line> {
        let world = &model.here.world;
        let name = self.object.name.as_str().into();
        let mut lines = Vec::new();
        match self.object.kind.as_str() {
            "Tenant" => {
                let state = world.tenant_state(&name);
                lines.push(Line::field("state", state_ink(state.glyph()), state.word()));
                for (at, owner) in items(object, "/spec/owners").iter().enumerate() {
                    let of = |key: &str| plain(owner.get(key).unwrap_or(&Value::Null));
                    let roles: Vec<String> = items(owner, "/clusterRoles").iter().map(plain).collect();
                    let roles = if roles.is_empty() { String::new() } else { format!(" · {}", roles.join(", ")) };
                    let line = Line::field(
                        if at == 0 { "owners" } else { "" },
                        Ink::Text,
                        format!("{} {}", of("kind"), of("name")),
                    );
                    lines.push(line.and(Ink::Dim, roles));
                }
                let names: Vec<String> = world.namespaces_of(&name).map(|row| row.name.to_string()).collect();
                let quota = object.pointer("/spec/namespaceOptions/quota").and_then(Value::as_u64);
                let quota = quota.map(|quota| format!(" of {quota}")).unwrap_or_default();
                lines.push(
                    Line::field("namespaces", Ink::Text, format!("{}{quota}", names.len()))
                        .and(Ink::Dim, format!(" · {}", names.join(", "))),
                );
                for row in world.namespaces_of(&name).filter(|row| row.is_terminating()) {
                    let stuck = page::stuck(row);
                    let why = if stuck.is_empty() { String::new() } else { format!(": {}", stuck.join("; ")) };
                    lines.push(Line::field("waits", Ink::Warn, format!("{} is being deleted{why}", row.name)));
                }
                if object.pointer("/spec/preventDeletion") == Some(&Value::Bool(true)) {
                    lines.push(Line::field("protected", Ink::Text, "it cannot be deleted"));
                }
            }
            "Namespace" => {
                let workloads = world.workloads_in(&name);
                if let Some(row) = world.namespaces.get(&name) {
                    let state = row.state(workloads.as_ref());
                    lines.push(Line::field("state", state_ink(state.glyph()), state.word()));
                    lines.push(Line::field("tenant", Ink::Text, row.tenant.as_deref().unwrap_or("none")));
                }
            }
            _ => lines.extend(self.about(object)),
        }
        lines
    }

    /// What events tell.
    pub(super) fn told(&self, model: &Model) -> Vec<Line> {
        let mut lines = match self.namespaces.as_slice() {
            [] => vec![Line::of(Ink::Head, "Events")],
            names => vec![Line::of(Ink::Head, format!("Events in {}", names.join(", "))).hang(2)],
        };
        match &self.events {
            None => lines.push(Line::of(Ink::Dim, "reading …")),
            Some(Err(trouble)) => lines.extend(page::told(trouble)),
            Some(Ok(events)) if events.is_empty() => {
                lines.push(Line::of(Ink::Dim, "none; the server keeps them for an hour"));
            }
            Some(Ok(events)) => {
                let traces = model.traces();
                for event in events {
                    lines.push(self.event(model, event, &traces));
                    lines.extend(Told::event(event).and_then(|told| told.line()));
                }
            }
        }
        lines
    }

    /// One event: when, about what if that is not the object, why, and what was said.
    fn event(&self, model: &Model, event: &Value, traces: &[Trace]) -> Line {
        let of = |path: &str| event.pointer(path).map(plain).unwrap_or_default();
        let at = ["/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"];
        let at = at.iter().find_map(|path| seconds(event.pointer(path))).unwrap_or_default();
        let count = event.pointer("/count").and_then(Value::as_i64).filter(|count| *count > 1);
        let count = count.map(|count| format!(" ({count} times)")).unwrap_or_default();
        let ink = if of("/type") == "Warning" { Ink::Warn } else { Ink::Text };
        let mut line = Line::of(Ink::Dim, format!("{:>6}  ", age(model.seconds() - at)));
        if !self.namespaces.is_empty() {
            let place =
                if self.namespaces.len() > 1 { format!("{}/", of("/involvedObject/namespace")) } else { String::new() };
            let (kind, name) = (of("/involvedObject/kind"), of("/involvedObject/name"));
            line = line.and(Ink::Dim, format!("{place}{kind} {name}  "));
        }
        line = line.and(ink, format!("{}: ", of("/reason"))).and(Ink::Text, format!("{}{count}", of("/message")));
        if let Some(words) = trace::perhaps(event, traces.iter()) {
            line = line.and(Ink::Dim, format!("  ({words})"));
        }
        line.hang(8)
    }
}

/// What is so, as the status says.
fn conditions(model: &Model, object: &Value) -> Vec<Line> {
    let conditions = items(object, "/status/conditions");
    let mut lines = Vec::new();
    if !conditions.is_empty() {
        lines.extend([Line::default(), Line::of(Ink::Head, "Conditions")]);
    }
    for condition in conditions {
        let of = |key: &str| condition.get(key).map(plain).unwrap_or_default();
        let since =
            seconds(condition.get("lastTransitionTime")).map(|at| age(model.seconds() - at)).unwrap_or_default();
        let ink = if of("type") == "Ready" && of("status") != "True" { Ink::Danger } else { Ink::Text };
        let why =
            [of("reason"), of("message")].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ");
        lines.push(
            Line::of(Ink::Dim, format!("{since:>6}  "))
                .and(ink, format!("{} {}", of("type"), of("status")))
                .and(Ink::Dim, format!("  {why}"))
                .hang(8),
        );
        lines.extend(why::of_condition("", None, condition).and_then(|told| told.line()));
    }
    lines
}

/// Who changed it last, the latest first.
fn managers(model: &Model, object: &Value) -> Vec<Line> {
    let mut entries: Vec<&Value> = items(object, "/metadata/managedFields").iter().collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(seconds(entry.get("time"))));
    let mut lines = Vec::new();
    if !entries.is_empty() {
        lines.extend([Line::default(), Line::of(Ink::Head, "Changed by")]);
    }
    for entry in entries {
        let of = |key: &str| entry.get(key).map(plain).unwrap_or_default();
        let ago = seconds(entry.get("time")).map(|at| age(model.seconds() - at)).unwrap_or_default();
        let how = if of("operation") == "Apply" { "applied" } else { "changed" };
        let what = match of("subresource").as_str() {
            "" => fields_of(entry.get("fieldsV1")).join(", "),
            part => format!("its {part}"),
        };
        lines.push(
            Line::of(Ink::Dim, format!("{ago:>6}  "))
                .and(Ink::Text, of("manager"))
                .and(Ink::Dim, format!(" {how} {what}"))
                .hang(8),
        );
    }
    lines
}

/// The fields that an entry names, down to those below `spec` and `metadata`.
fn fields_of(fields: Option<&Value>) -> Vec<String> {
    let mut all = Vec::new();
    for (key, below) in fields.and_then(Value::as_object).into_iter().flatten() {
        let name = key.trim_start_matches("f:");
        let inner: Vec<&str> =
            below.as_object().into_iter().flatten().filter_map(|(key, _)| key.strip_prefix("f:")).collect();
        if inner.is_empty() || !matches!(name, "spec" | "metadata" | "data") {
            all.push(clean(name).into_owned());
        } else {
            all.extend(inner.iter().map(|field| format!("{name}.{}", clean(field))));
        }
    }
    all
}

pub fn items<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    object.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A value on one line, safe to show.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => shortened(text, SHOWN).lines().map(clean).collect::<Vec<_>>().join(" / "),
        other => clean(&shortened(&other.to_string(), SHOWN)).into_owned(),
    }
}

/// Unix seconds of an RFC 3339 time.
pub fn seconds(time: Option<&Value>) -> Option<i64> {
    time?.as_str()?.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}
