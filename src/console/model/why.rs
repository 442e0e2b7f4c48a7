//! The page that says why something was refused: whose rule it is, which field decides, how things stand there, who could change
//! it, and what the way on is. The exact words stand below.

use serde_json::Value;

use super::Model;
use super::document::Document;
use super::document::words::{items, plain, seconds};
use super::page::{Ink, Line};
use super::plan::PlanDialog;
use crate::plan::Answer;
use crate::text::age::age;
use crate::text::clean::clean_lines;
use crate::world::denial::{self, Family, Known, Refusal};
use crate::world::name::Name;
use crate::world::trouble::Trouble;

/// The labels by which Capsule says of an event whose tenant it is about.
const TENANT: [&str; 2] = ["projectcapsule.dev/tenant", "capsule.clastix.io/managed-by"];

/// Something that was refused, as it was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// What was refused.
    pub about: String,
    /// The exact words.
    pub text: String,
    /// Of an event its reason.
    pub reason: String,
    /// What was said of it, where the words alone do not tell: a sentence, and the way on.
    pub said: Option<(String, String)>,
    /// The namespace that it happened in.
    pub namespace: Option<Name>,
    /// The tenant, where that is told.
    pub tenant: Option<Name>,
    /// When (Unix seconds).
    pub at: Option<i64>,
    /// How often.
    pub count: i64,
    /// Who had asked.
    pub who: String,
}

impl Told {
    /// A trouble of ours.
    pub fn trouble(about: impl Into<String>, trouble: &Trouble, namespace: Option<&str>) -> Self {
        Self {
            about: about.into(),
            text: trouble.detail.clone(),
            said: Some((trouble.what.clone(), trouble.advice.clone())),
            namespace: namespace.map(Name::from),
            ..Self::default()
        }
    }

    /// An event, if it tells of a refusal.
    pub fn event(event: &Value) -> Option<Self> {
        let of = |path: &str| event.pointer(path).map(plain).unwrap_or_default();
        // Line breaks are part of the exact words.
        let text = event.pointer("/message").and_then(Value::as_str)?.to_owned();
        denial::read_event(&of("/reason"), &text)?;
        let at = ["/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"];
        let some = |text: String| (!text.is_empty()).then(|| Name::from(text.as_str()));
        let label = |key: &str| event.pointer("/metadata/labels")?.get(key).map(plain);
        Some(Self {
            about: format!("{} {}", of("/involvedObject/kind"), of("/involvedObject/name")),
            text,
            reason: of("/reason"),
            said: None,
            namespace: some(of("/involvedObject/namespace")),
            tenant: TENANT.iter().find_map(|key| label(key)).and_then(some),
            at: at.iter().find_map(|path| seconds(event.pointer(path))),
            count: event.pointer("/count").and_then(Value::as_i64).unwrap_or(1),
            who: event
                .pointer("/metadata/annotations")
                .and_then(|notes| notes.get("audit.projectcapsule.dev/username"))
                .map(plain)
                .unwrap_or_default(),
        })
    }

    /// What was refused, understood; `None` if nobody knows its words.
    pub fn read(&self) -> Option<Refusal> {
        denial::read_event(&self.reason, &self.text).filter(|refusal| refusal.family != Family::Unclassified)
    }

    /// A line for a list of events or conditions: why, and the way on. Nothing if no more is known than what stands there.
    pub fn line(&self) -> Option<Line> {
        let refusal = self.read()?;
        let line = Line::of(Ink::Dim, "        ").and(Ink::Warn, refusal.sentence());
        let advice = refusal.advice();
        Some(if advice.is_empty() { line } else { line.and(Ink::Dim, format!("; {advice}")) }.hang(8))
    }

    fn lines(&self, model: &Model) -> Vec<Line> {
        let mut head = Line::of(Ink::Head, &self.about);
        let times = if self.count > 1 { format!(", {} times", self.count) } else { String::new() };
        let who = if self.who.is_empty() { String::new() } else { format!(", asked for by {}", self.who) };
        if let Some(at) = self.at {
            head = head.and(Ink::Dim, format!("  {} ago{times}{who}", age(model.seconds() - at)));
        }
        let mut lines = vec![head.hang(2)];
        let refusal = self.read();
        match (&refusal, &self.said) {
            (Some(refusal), said) => {
                lines.push(Line::field("refused by", Ink::Text, refuser(refusal)));
                // What we know of the credentials is in what was said.
                let sentence = said.as_ref().map_or_else(|| refusal.sentence(), |(what, _)| what.clone());
                lines.push(Line::field("why", Ink::Warn, sentence));
                lines.extend(self.known(model, refusal));
                let way = match said {
                    Some((_, advice)) if refusal.family == Family::Rbac => advice.clone(),
                    _ => refusal.way.clone(),
                };
                if !way.is_empty() {
                    lines.push(Line::field("way on", Ink::Text, way));
                }
            }
            (None, Some((what, advice))) => {
                lines.push(Line::field("why", Ink::Warn, what));
                if !advice.is_empty() {
                    lines.push(Line::field("way on", Ink::Text, advice));
                }
            }
            (None, None) => {}
        }
        for (at, line) in clean_lines(&self.text).into_iter().enumerate() {
            lines.push(Line::field(if at == 0 { "in words" } else { "" }, Ink::Dim, line));
        }
        lines
    }

    /// What is known beyond the words.
    fn known(&self, model: &Model, refusal: &Refusal) -> Vec<Line> {
        let mut lines = Vec::new();
        if let Some(field) = &refusal.field {
            lines
                .push(Line::field("decides", Ink::Text, &field.path).and(Ink::Dim, format!(" of {}", field.of.kind())));
        }
        let known = Known::of(&model.here.world, refusal, self.namespace.as_deref(), self.tenant.as_deref());
        for (at, fact) in known.facts.iter().enumerate() {
            lines.push(Line::field(if at == 0 { "stands" } else { "" }, Ink::Text, fact));
        }
        let keeper = refusal.field.as_ref().and_then(|field| field.of.keeper());
        let keepers: Vec<&str> = if known.keepers.is_empty() {
            keeper.into_iter().collect()
        } else {
            known.keepers.iter().map(String::as_str).collect()
        };
        for (at, keeper) in keepers.iter().enumerate() {
            let label = if refusal.denial.is_some() { "granted by" } else { "changed by" };
            lines.push(Line::field(if at == 0 { label } else { "" }, Ink::Text, *keeper));
        }
        lines
    }
}

/// Whose rule it is.
fn refuser(refusal: &Refusal) -> String {
    match &refusal.source {
        Some(source) if !source.is_empty() => format!("{} · {source}", refusal.family.word()),
        _ => refusal.family.word().to_owned(),
    }
}

/// The page.
pub fn lines(model: &Model, told: &[Told]) -> Vec<Line> {
    let mut lines = Vec::new();
    for told in told {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(told.lines(model));
    }
    lines
}

/// The same of what a document knows: of its conditions, and of the events about it.
pub fn of_document(document: &Document, model: &Model) -> Vec<Line> {
    let told = refused(document);
    if !told.is_empty() {
        return lines(model, &told);
    }
    if document.is_awaited() {
        return vec![Line::of(Ink::Dim, "reading …")];
    }
    let events = "events are kept for an hour, and a cordon leaves none in its namespaces";
    vec![
        Line::of(Ink::Text, "nothing that is told here is a refusal: neither its conditions nor the events"),
        Line::of(Ink::Dim, events),
    ]
}

/// The refusals that a document tells of, the latest first; what says the same of the same is told once.
pub fn refused(document: &Document) -> Vec<Told> {
    let object = &document.object;
    let mut told: Vec<Told> = Vec::new();
    if let Some(trouble) = &document.trouble {
        told.push(Told::trouble(object.title(), trouble, object.namespace.as_deref()));
    }
    let conditions = document.found.iter().flat_map(|found| items(found, "/status/conditions"));
    told.extend(
        conditions.filter_map(|condition| of_condition(&object.title(), object.namespace.as_deref(), condition)),
    );
    match &document.events {
        Some(Ok(events)) => told.extend(events.iter().filter_map(Told::event)),
        Some(Err(trouble)) => {
            told.push(Told::trouble(
                format!("the events about {}", object.title()),
                trouble,
                object.namespace.as_deref(),
            ));
        }
        None => {}
    }
    let mut seen = std::collections::BTreeSet::new();
    told.retain(|told| seen.insert((told.about.clone(), told.text.clone())));
    told
}

/// A condition, if it tells of a refusal.
pub fn of_condition(title: &str, namespace: Option<&str>, condition: &Value) -> Option<Told> {
    let text = condition.get("message").and_then(Value::as_str)?;
    denial::read(text)?;
    Some(Told {
        about: title.to_owned(),
        text: text.to_owned(),
        namespace: namespace.map(Name::from),
        at: seconds(condition.get("lastTransitionTime")),
        count: 1,
        ..Told::default()
    })
}

/// What of a plan is refused or could not be asked: the step `chosen` first.
pub fn of_plan(dialog: &PlanDialog, chosen: Option<usize>) -> Vec<Told> {
    let mut told: Vec<(bool, Told)> = Vec::new();
    if let Some(fault) = &dialog.fault {
        told.push((true, Told::trouble(dialog.plan.title.clone(), fault, None)));
    }
    for (number, step) in dialog.plan.steps().enumerate() {
        if let Some(Answer::Refused(trouble) | Answer::NotAsked(trouble)) = &step.answer {
            let object = &step.object;
            let namespace = object.namespace.as_deref().or((object.kind == "Namespace").then_some(&*object.name));
            let mut one = Told::trouble(object.title(), trouble, namespace);
            one.tenant = (object.kind == "Tenant").then(|| Name::from(object.name.as_str()));
            told.push((chosen == Some(number), one));
        }
    }
    told.sort_by_key(|(chosen, _)| !chosen);
    told.into_iter().map(|(_, told)| told).collect()
}
