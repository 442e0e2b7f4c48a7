//! The text of an earlier plan: what was done, step by step.

use serde_json::Value;

use super::page::{Ink, Line};
use crate::plan::Relation;
use crate::plan::edit::{Edit, Segment, get, set, spell};
use crate::plan::history::{Fate, Past};
use crate::plan::mask;
use crate::plan::record::Record;
use crate::text::age::age;
use crate::world::pause::record;

/// Who, where, when, what, and what became of each step.
pub fn lines(past: &Past, now: i64) -> Vec<Line> {
    let mut lines = vec![
        Line::field("what", Ink::Head, &past.title),
        Line::field("when", Ink::Text, format!("{} ago", age(now - past.at))),
        Line::field("where", Ink::Text, format!("{} ({})", past.target.context, past.target.server)),
        Line::field("who", Ink::Text, past.target.who()),
        Line::field("result", if past.is_interrupted() { Ink::Warn } else { Ink::Text }, past.outcome()),
        Line::field("id", Ink::Dim, &past.id),
    ];
    match &past.relation {
        Some(Relation::Undoes(id)) => lines.push(Line::field("takes back", Ink::Dim, id)),
        Some(Relation::Finishes(id)) => lines.push(Line::field("finishes", Ink::Dim, id)),
        None => {}
    }
    if past.trial.is_some() {
        lines.push(Line::field("trial", Ink::Warn, "nobody has said yet that it is to stay"));
    }
    if let Some(file) = &past.kept {
        lines.push(Line::field("kept in", Ink::Text, file));
    }
    lines.extend(faults(past));
    for (record, fate) in &past.steps {
        lines.push(Line::default());
        let (ink, words) = match fate {
            Fate::NotTried => (Ink::Dim, "not tried".to_owned()),
            Fate::NotNeeded => (Ink::Dim, "nothing to change".to_owned()),
            Fate::Unknown => (Ink::Warn, "sent; what came of it is not known".to_owned()),
            Fate::Done(_) => (Ink::Ok, "done".to_owned()),
            Fate::Failed(why) => (Ink::Danger, format!("failed: {why}")),
        };
        let line = Line::of(Ink::Head, format!("{} {}", record.verb(), record.object.title()));
        lines.push(line.and(ink, format!("  {words}")).hang(3));
        lines.extend(edits(record));
        if record.withheld {
            lines.push(Line::of(Ink::Dim, "   what is secret in it is not written down").hang(3));
        }
    }
    lines
}

/// How much was not done, and what failed, before everything else.
fn faults(past: &Past) -> Vec<Line> {
    const SHOWN: usize = 5;
    if past.steps.iter().all(|(_, fate)| matches!(fate, Fate::Done(_) | Fate::NotNeeded)) {
        return Vec::new();
    }
    let mut lines = vec![Line::field("steps", Ink::Warn, past.counts())];
    let failed = past.steps.iter().filter_map(|(record, fate)| match fate {
        Fate::Failed(why) => Some((Ink::Danger, record, why.as_str())),
        Fate::Unknown => Some((Ink::Warn, record, "sent; what came of it is not known")),
        _ => None,
    });
    for (at, (ink, record, why)) in failed.take(SHOWN).enumerate() {
        let label = if at == 0 { "failed" } else { "" };
        lines.push(Line::field(label, ink, format!("{} {}: {why}", record.verb(), record.object.title())));
    }
    lines
}

fn edits(record: &Record) -> Vec<Line> {
    // Where this console did it, what is secret is known here, and still not shown: not the values, but what is left of them in a
    // masked object is.
    let masked = |value: fn(&Edit) -> Option<&Value>| {
        let mut object = Value::Null;
        for edit in record.edits.iter().filter(|edit| !edit.order) {
            set(&mut object, &edit.path, value(edit));
        }
        mask::masked(&record.object.kind, &object)
    };
    let (old, new) = (masked(|edit| edit.before.as_ref()), masked(|edit| edit.after.as_ref()));
    let mut lines = Vec::new();
    for Edit { path, secret, order, .. } in &record.edits {
        lines.push(Line::of(Ink::Text, format!("   {}", spell(path))).hang(3));
        if *order {
            lines.push(Line::of(Ink::Dim, "   its items, or their order").hang(3));
            continue;
        }
        if *secret {
            lines.push(Line::of(Ink::Dim, "   secret, and not kept").hang(3));
            continue;
        }
        for (ink, sign, object) in [(Ink::Removed, '-', &old), (Ink::Added, '+', &new)] {
            if let Some(value) = get(object, path) {
                lines.push(Line::of(ink, format!("   {sign} {}", shown(path, value))).hang(5));
            }
        }
    }
    lines
}

/// A value; the record of a pause in words.
fn shown(path: &[Segment], value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let is_record = path.last() == Some(&Segment::Field(record::PAUSED.to_owned()));
    record::Record::read(&text).ok().filter(|_| is_record).map_or(text, |record| record.told())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Answer, ObjectRef, Plan, Stage, Step};
    use serde_json::json;

    #[test]
    fn what_is_secret_is_not_shown_where_it_is_known() {
        let pods = |env: Value| json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "env": env}]}}}});
        let object = ObjectRef::namespaced("/apis/apps/v1", "deployments", "Deployment", "oil-web", "site");
        let (before, after) = (
            pods(json!([{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "COLOUR", "value": "red"}])),
            pods(json!([{"name": "COLOUR", "value": "blue"}, {"name": "API_TOKEN", "value": "s3cret"}])),
        );
        let mut step = Step::merge(object, json!({}), before);
        step.answer = Some(Answer::WouldChange(after));
        let plan = Plan { stages: vec![Stage { steps: vec![step], goal: None }], ..Plan::default() };
        let past = Past::begun(&plan, "1".to_owned(), 0, 1, None);
        let text: String = lines(&past, 0).into_iter().flat_map(|line| line.spans).map(|(_, text)| text).collect();
        assert!(text.contains("blue") && text.contains("DB_PASSWORD") && text.contains("(masked)"), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("s3cret"), "{text}");
    }
}
