//! What the journal tells, for other programs and other machines: JSON that can be taken back from, and a script of kubectl.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::plan::history::{Fate, Past, Trial};
use crate::plan::record::Record;
use crate::plan::step::kubectl_as;
use crate::plan::{Before, ObjectRef, Relation, Step, Target};
use crate::text::clean::clean;
use crate::world::trouble::{Trouble, TroubleKind};

/// A plan on one line: its name, when, where, who, what, and what came of it.
pub fn line(past: &Past) -> String {
    let target = &past.target;
    let when = jiff::Timestamp::from_second(past.at).map(|at| at.to_string()).unwrap_or_default();
    let text =
        format!("{}  {when}  {} as {}  {}: {}", past.id, target.context, target.who(), past.title, past.outcome());
    clean(&text).into_owned() + "\n"
}

/// What was done of a plan, as commands of kubectl. What is secret stands there as a mask.
pub fn script(past: &Past) -> String {
    let mut text = format!("# {}", line(past));
    for (record, _) in past.steps.iter().filter(|(_, fate)| matches!(fate, Fate::Done(_))) {
        if record.withheld {
            text.push_str("# what is secret stands below as a mask: put the values in before you run it\n");
        }
        let (object, change) = (record.object.clone(), record.change.clone());
        let step = Step { object, change, before: Before::Absent, answer: None, source: None };
        let actor = record.acting_as.as_ref().or(past.target.acting_as());
        text.extend([kubectl_as(step.kubectl(&past.target), actor).as_str(), "\n"]);
    }
    text
}

fn word(fate: &Fate) -> &'static str {
    match fate {
        Fate::NotTried => "not-tried",
        Fate::NotNeeded => "not-needed",
        Fate::Unknown => "unknown",
        Fate::Done(_) => "done",
        Fate::Failed(_) => "failed",
    }
}

/// An object by its names.
pub fn object(object: &ObjectRef) -> Value {
    json!({"apiVersion": object.api_version(), "kind": object.kind, "namespace": object.namespace, "name": object.name})
}

/// What became of a plan. It holds no value of any object.
pub fn summary(past: &Past) -> Value {
    let step = |(record, is): &(Record, Fate)| {
        let failure = if let Fate::Failed(words) = is { Value::from(words.as_str()) } else { Value::Null };
        json!({"object": object(&record.object), "verb": record.verb(), "fate": word(is), "failure": failure})
    };
    json!({
        "id": past.id,
        "title": past.title,
        "at": past.at,
        "target": past.target,
        "outcome": past.outcome(),
        "kept": past.kept,
        "steps": past.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

/// The same with all that it takes to take the plan back; of plans as they were read from the journal, which holds no secret.
pub fn whole(past: &Past) -> Value {
    let mut value = summary(past);
    value["ended"] = json!(past.ended);
    value["relation"] = json!(past.relation);
    value["trial"] = json!(past.trial);
    for ((record, fate), step) in
        past.steps.iter().zip(value.get_mut("steps").and_then(Value::as_array_mut).into_iter().flatten())
    {
        step["record"] = json!(record);
        step["made"] = if let Fate::Done(uid) = fate { uid.as_str().into() } else { Value::Null };
    }
    value
}

/// Reads plans back as [`whole`] has written them, one or an array of them.
pub fn read(text: &str) -> Result<Vec<Past>, Trouble> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum File {
        Many(Vec<Exported>),
        One(Box<Exported>),
    }
    #[derive(Deserialize)]
    struct Exported {
        id: String,
        title: String,
        at: i64,
        target: Target,
        ended: Option<i64>,
        relation: Option<Relation>,
        trial: Option<Trial>,
        kept: Option<String>,
        steps: Vec<ExportedStep>,
    }
    #[derive(Deserialize)]
    struct ExportedStep {
        fate: String,
        failure: Option<String>,
        made: Option<String>,
        record: Record,
    }
    let file: File = serde_json::from_str(text).map_err(|error| {
        Trouble::new(TroubleKind::File, format!("this is no export of a journal: {error}"))
            .advise("`tenantry journal -o json` writes one; the journal itself can be read, too")
    })?;
    let exported = match file {
        File::Many(many) => many,
        File::One(one) => vec![*one],
    };
    let step = |step: ExportedStep| {
        let fate = match step.fate.as_str() {
            "done" => Fate::Done(step.made.unwrap_or_default()),
            "failed" => Fate::Failed(step.failure.unwrap_or_default()),
            "not-needed" => Fate::NotNeeded,
            "not-tried" => Fate::NotTried,
            _ => Fate::Unknown,
        };
        (step.record, fate)
    };
    let past = |one: Exported| Past {
        id: one.id,
        title: one.title,
        target: one.target,
        at: one.at,
        pid: 0,
        relation: one.relation,
        trial: one.trial,
        steps: one.steps.into_iter().map(step).collect(),
        ended: one.ended,
        ran_here: false,
        forgotten: false,
        kept: one.kept,
    };
    Ok(exported.into_iter().map(past).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Answer, Plan, Stage};

    #[test]
    fn what_was_exported_can_be_read_back() {
        let object = ObjectRef::namespaced("/api/v1", "configmaps", "ConfigMap", "oil-web", "site");
        let before = json!({"metadata": {"name": "site", "uid": "u"}, "data": {"a": "1"}});
        let mut step = Step::merge(object, json!({"data": {"a": "2"}}), before);
        step.answer = Some(Answer::WouldChange(json!({"metadata": {"name": "site", "uid": "u"}, "data": {"a": "2"}})));
        let plan =
            Plan { title: "Edit".into(), stages: vec![Stage { steps: vec![step], goal: None }], ..Plan::default() };
        let mut past = Past::begun(&plan, "1-a".into(), 7, 1, None);
        (past.ended, past.ran_here, past.pid) = (Some(8), false, 0);
        past.steps[0].1 = Fate::Done("u".into());
        let text = serde_json::to_string(&[whole(&past)]).unwrap();
        assert_eq!(read(&text).unwrap(), [past.clone()]);
        assert_eq!(read(&whole(&past).to_string()).unwrap(), [past.clone()]);
        assert!(script(&past).contains("patch configmaps site --type=merge"), "{}", script(&past));
        assert!(!summary(&past).to_string().contains("record"));
        assert!(read("{}").unwrap_err().what.starts_with("this is no export of a journal"));
    }
}
