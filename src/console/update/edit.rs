//! Editing an object: out to the editor as text, back as a plan. Leaving the editor applies nothing.

use serde_json::Value;

use super::super::effect::Effect;
use super::super::model::document;
use super::super::model::overlay::Overlay;
use super::super::model::plan::{Draft, Kept, Origin};
use super::super::model::{Level, Model};
use super::plan;
use crate::plan::{Answer, Change, ObjectRef, Plan};
use crate::text::yaml;
use crate::world::trouble::Trouble;

/// Opens the object under the cursor in the editor; what was written last, if that could not be used.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Plan(dialog)) = model.overlays.last() {
        let (object, text) = match &dialog.origin {
            Origin::Draft(Draft::Edited { object, text, .. }) => (Some(object.clone()), text.clone()),
            Origin::Draft(Draft::Written { text, .. }) => (None, text.clone()),
            Origin::Draft(Draft::Blueprint { .. }) => (None, written(&dialog.plan)),
            _ => return Vec::new(),
        };
        let refused = dialog.plan.steps().find_map(|step| match &step.answer {
            Some(Answer::Refused(trouble) | Answer::NotAsked(trouble)) => Some(trouble.to_string()),
            _ => None,
        });
        let context = dialog.plan.target.context.clone();
        let kept = Kept { context, object, text, fault: refused.unwrap_or_default() };
        model.overlays.pop();
        return vec![Effect::Unfollow, Effect::Edit { object: kept.object.clone(), kept: Some(Box::new(kept)) }];
    }
    let Some(object) = document::under_cursor(model) else { return Vec::new() };
    let kept = kept(model, Some(&object));
    vec![Effect::Edit { object: Some(object), kept }]
}

/// What was written before of this object, in this context, and could not be used.
fn kept(model: &mut Model, object: Option<&ObjectRef>) -> Option<Box<Kept>> {
    let context = model.here.context().to_owned();
    let is_it = |kept: &mut Kept| kept.object.as_ref() == object && kept.context == context;
    model.kept_text.take_if(is_it).map(Box::new)
}

/// The objects of a plan, as somebody would have written them.
fn written(plan: &Plan) -> String {
    let texts = plan.steps().filter_map(|step| match &step.change {
        Change::Apply { manifest, .. } | Change::Create(manifest) => Some(yaml::render(manifest, &|_, _| None)),
        Change::Merge(_) | Change::Delete(_) => None,
    });
    texts.collect::<Vec<_>>().join("---\n")
}

/// Whether a text about something new waits to be gone on with here.
pub fn has_kept(model: &Model) -> bool {
    model.kept_text.as_ref().is_some_and(|kept| kept.object.is_none() && kept.context == model.here.context())
}

/// Opens the editor for objects that are new; with what was written last, if that could not be used.
pub fn add(model: &mut Model) -> Vec<Effect> {
    let kept = kept(model, None);
    vec![Effect::Edit { object: None, kept }]
}

/// The editor was left.
pub fn ended(
    model: &mut Model,
    object: Option<ObjectRef>,
    edited: Result<Option<(Box<Value>, String)>, Trouble>,
) -> Vec<Effect> {
    match edited {
        Err(trouble) => model.say_trouble(Level::Failure, &trouble),
        Ok(None) => {
            let words = object.map_or_else(
                || "nothing was written".to_owned(),
                |object| format!("{}: nothing was changed", object.title()),
            );
            model.say(Level::Info, words);
        }
        Ok(Some((read, text))) => {
            let made = match object {
                Some(object) => Draft::Edited { object, read, text },
                None => Draft::Written { text, force: false },
            };
            return plan::draft(model, made, false);
        }
    }
    Vec::new()
}
