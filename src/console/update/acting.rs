//! Seeing a cluster as somebody else sees it: through impersonation, in a world of its own, in which nothing is written until that
//! is asked for.

use super::super::effect::{Effect, Wanted};
use super::super::keymap::Command;
use super::super::model::offer::hint;
use super::super::model::opening::{SeenAs, Trying};
use super::super::model::overlay::{Prompt, Purpose};
use super::super::model::rights::complete::quoted;
use super::super::model::rights::subject_of;
use super::super::model::rows::AccessRow;
use super::super::model::{Level, Model, Pane};
use super::{places, prompt, rights, worlds};
use crate::plan::owner::Owner;
use crate::world::World;
use crate::world::acting::{self, Acting};
use crate::world::binding::Subject;
use crate::world::identity::{ActingAs, Place};
use crate::world::trouble::{Trouble, TroubleKind};

/// What stands behind `:as`: somebody, and perhaps groups; nobody: back to ourselves.
pub fn said(model: &mut Model, text: &str) -> Vec<Effect> {
    let words = words(text.trim_start().split_once(char::is_whitespace).map_or("", |(_, rest)| rest));
    match words.split_first() {
        None => back(model),
        Some((first, groups)) => match subject_of(known(model), first) {
            Ok(subject) => begin(model, &subject, groups.to_vec()),
            Err(why) => {
                model.say(Level::Warning, why);
                Vec::new()
            }
        },
    }
}

/// As the subject of the row under the cursor; where that names none, or several, somebody is to say whom.
pub fn row(model: &mut Model) -> Vec<Effect> {
    let subjects: Vec<Subject> = match (model.here.focus, model.here.access.selected()) {
        (Pane::Access, Some(AccessRow::Grant(key))) => vec![key.subject.clone()],
        (Pane::Access, Some(AccessRow::Binding(namespace, name))) => {
            let store =
                if namespace.is_some() { &model.here.world.bindings } else { &model.here.world.cluster_bindings };
            let binding = store.get(&(namespace.clone(), name.clone()));
            binding.map(|binding| binding.subjects.to_vec()).unwrap_or_default()
        }
        (Pane::Tenants, _) => {
            let tenant = model.here.tenants.selected().and_then(|name| model.here.world.tenants.get(name));
            tenant.map(|tenant| tenant.owners.iter().map(|owner| owner.subject.clone()).collect()).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    if let [subject] = subjects.as_slice() {
        let subject = subject.clone();
        return begin(model, &subject, Vec::new());
    }
    model.prompt = Some(Prompt::new(Purpose::Command, "as "));
    prompt::offer(model);
    Vec::new()
}

/// Asks the server whether we may act as a subject; until it answers the screen stays as it is.
pub fn begin(model: &mut Model, subject: &Subject, groups: Vec<String>) -> Vec<Effect> {
    let Some(place) = model.here.world.place.clone() else {
        model.say(Level::Warning, "no cluster is open to be seen as somebody else");
        return Vec::new();
    };
    let Acting { acting_as, note } = acting::acting(known(model), subject, groups);
    if model.here.acting_as() == Some(&acting_as) {
        model.say(Level::Info, format!("this is what {} sees already", subject.name()));
        return Vec::new();
    }
    if let Some(generation) = model.at_hand(&place.context, Some(&acting_as)) {
        return places::travel(model, |model| worlds::to(model, generation));
    }
    let own = |model: &Model| model.here.world.identity.as_ref().map(|who| who.username.clone()).unwrap_or_default();
    let (by, from) = match &model.here.seen_as {
        Some(seen) => (seen.by.clone(), seen.from),
        None => (own(model), model.here.generation),
    };
    let named = acting::namespaces(known(model), subject);
    let mut effects = give_up(model);
    let generation = model.next_generation();
    let seen_as = SeenAs { acting_as: acting_as.clone(), subject: subject.clone(), by, from };
    model.trying = Some(Trying { generation, seen_as, named, overlays: model.overlays.len() });
    model.say(Level::Info, format!("asking whether you may act as {}; {note}", acting_as.user));
    effects.push(Effect::TryAs(Wanted { generation, context: Some(place.context), acting_as: Some(acting_as) }));
    effects
}

/// As in a place that was left, or pinned.
pub fn again(model: &mut Model, acting_as: &ActingAs) -> Vec<Effect> {
    let user = &acting_as.user;
    let subject = Owner::read(user).map_or_else(|_| Subject::User(user.as_str().into()), |who| who.as_subject());
    begin(model, &subject, acting_as.groups.clone())
}

/// The server's answer is not waited for any more.
pub fn give_up(model: &mut Model) -> Vec<Effect> {
    model.trying.take().map(|trying| Effect::Close(trying.generation)).into_iter().collect()
}

/// The server has said whether we may.
pub fn answered(model: &mut Model, generation: u64, answer: Result<Box<Place>, Trouble>) -> Vec<Effect> {
    let Some(trying) = model.trying.take_if(|trying| trying.generation == generation) else {
        return vec![Effect::Close(generation)];
    };
    let who = trying.seen_as.acting_as.user.clone();
    match answer {
        Ok(_) if is_busy(model, &trying) => {
            model.say(
                Level::Warning,
                format!("you may act as {who}, but something else was begun meanwhile: ask again"),
            );
            vec![Effect::Close(generation)]
        }
        Ok(place) => places::travel(model, |model| enter(model, trying, *place)),
        Err(trouble) => {
            model.say_trouble(Level::Warning, &trouble);
            let mut effects = vec![Effect::Close(generation)];
            // What the server will not show can be told as far as bindings tell it, which the page says of itself.
            let who = Owner::of(&trying.seen_as.subject).map(|who| quoted(&who.spelt()));
            if let (TroubleKind::Forbidden(_), Some(who), false) = (&trouble.kind, who, is_busy(model, &trying)) {
                effects.extend(rights::can(model, &format!("can {who} in all"), &format!("{who} in all")));
            }
            effects
        }
    }
}

/// Whether somebody has gone on to something else, which must not be taken away under their hands.
fn is_busy(model: &Model, trying: &Trying) -> bool {
    let is_open = model.prompt.is_some() || model.drafting.is_some() || model.fetching.is_some();
    is_open || model.overlays.len() > trying.overlays
}

fn enter(model: &mut Model, trying: Trying, place: Place) -> Vec<Effect> {
    let Trying { generation, seen_as, named, .. } = trying;
    let who = seen_as.acting_as.user.clone();
    let (namespace, class, theme) = (model.here.namespace.clone(), model.here.class.clone(), model.here.theme.clone());
    let mut next = model.here.another(generation, &place.context);
    next.world.place = Some(place);
    next.seen_as = Some(seen_as);
    next.read_only = true;
    next.named = named;
    (next.class, next.theme) = (class, theme);
    let mut effects = worlds::change(model, next);
    model.here.namespace = namespace;
    effects.push(Effect::Face(generation));
    let back = hint(model, Command::Back, "at the top goes back");
    model.say(Level::Done, format!("this is what {who} sees; nothing is written until `:rw`{back}"));
    effects
}

/// Back to ourselves.
pub fn back(model: &mut Model) -> Vec<Effect> {
    if model.trying.is_some() {
        model.say(Level::Info, "it is not asked any more whether you may act as somebody else");
        return give_up(model);
    }
    let Some(seen) = model.here.seen_as.clone() else {
        model.say(Level::Info, "you see the cluster as yourself; `:as alice` shows it as alice sees it");
        return Vec::new();
    };
    let context = model.here.context().to_owned();
    let is_there = model.away.iter().any(|away| away.generation == seen.from);
    let from = Some(seen.from).filter(|_| is_there).or_else(|| model.at_hand(&context, None));
    let effects = match from {
        Some(generation) => worlds::to(model, generation),
        None => worlds::switch_context(model, &context),
    };
    model.say(Level::Done, "you see the cluster as yourself again");
    effects
}

/// What is known of the cluster by ourselves, as far as it is at hand: who is somebody else may know less.
fn known(model: &Model) -> &World {
    let own = model.here.seen_as.as_ref().and_then(|seen| model.away.iter().find(|away| away.generation == seen.from));
    own.map_or(&model.here.world, |away| &away.world)
}

/// The words of a text; what stands between double quotes is one.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
            Some(quoted) => quoted,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        if !word.is_empty() {
            words.push(word.to_owned());
        }
        rest = after.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_spaces_stand_between_quotes() {
        assert_eq!(words("alice"), ["alice"]);
        assert_eq!(words(r#" "John Smith"  "team a" b"#), ["John Smith", "team a", "b"]);
        assert_eq!(words(r#""open"#), ["\"open"]);
        assert!(words(r#"  "" "#).is_empty());
    }
}
