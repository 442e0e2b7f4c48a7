//! `:` commands.

use super::super::effect::Effect;
use super::super::keymap::Command;
use super::super::model::command_line::{self, Candidate, Line, Verb, WORDS};
use super::super::model::overlay::Overlay;
use super::super::model::plan::Draft;
use super::super::model::{Breadth, Level, Model, Pane, document};
use super::{acting, form, keys, nav, objects, pause, places, plan, rights, work, worlds};
use crate::action::Selection;
use crate::action::small::{self, Small};
use crate::blueprint::facts::Facts;
use crate::plan::owner::Owner;
use crate::text::distance::nearest;
use crate::world::name::Name;

/// Runs a command as it was typed.
pub fn run(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(path) = work::path(text) {
        return work::open(model, path);
    }
    let line = Line::read(text);
    if line.word.is_empty() {
        return Vec::new();
    }
    // What stands behind such a word has a grammar of its own.
    if let Some(small) = small::named(&line.word) {
        return change(model, small, text);
    }
    let behind = text.trim().strip_prefix(line.word.as_str()).unwrap_or_default();
    match command_line::word(&line.word).map(|word| word.verb) {
        Some(Verb::Pause(direction)) => return pause::said(model, direction, text),
        Some(Verb::Who) if !behind.trim().is_empty() => return rights::who(model, text, behind),
        Some(Verb::Can) => return rights::can(model, text, behind),
        Some(Verb::Compare) => return rights::compare(model, text, behind),
        Some(Verb::As) => return acting::said(model, text),
        _ => {}
    }
    if let Some(fault) = &line.fault {
        model.say(Level::Warning, format!(":{text}: {fault}"));
        return Vec::new();
    }
    let word = command_line::word(&line.word);
    let mut effects = match &line.context {
        Some(context) if context != model.here.context() => match switch(model, context) {
            Some(effects) => effects,
            None => return Vec::new(),
        },
        _ => Vec::new(),
    };
    effects.extend(match word {
        Some(word) => perform(model, word.verb, &line),
        None => kind(model, text, &line),
    });
    effects
}

/// A word that is none of ours: the name of a command as a keymap has it, a pinned place, the name of a kind, or of something on
/// the screen.
fn kind(model: &mut Model, text: &str, line: &Line) -> Vec<Effect> {
    if let Some(command) = line.word.parse().ok().filter(|command| command_line::is_command(*command)) {
        return keys::run(model, command);
    }
    if let Some(effects) = places::to_pin(model, &line.word) {
        return effects;
    }
    if let Some(effects) = objects::command(model, line) {
        return effects;
    }
    if let Some(line) = named(model, text, line) {
        return run(model, &line);
    }
    let world = &model.here.world;
    if world.resources.is_empty() && world.resources_refused.is_none() && model.here.unopened.is_none() {
        // It is run as soon as the server has said which kinds it has.
        model.unread = Some(text.to_owned());
        model.say(Level::Info, format!(":{}: asking which kinds there are", line.word));
        return Vec::new();
    }
    unknown(model, line)
}

/// Runs the command that waited for the kinds, if they are known now, or will not be.
pub fn run_unread(model: &mut Model) -> Vec<Effect> {
    let is_known = !model.here.world.resources.is_empty() || model.here.world.resources_refused.is_some();
    match model.unread.take_if(|_| is_known) {
        Some(text) => places::travel(model, |model| run(model, &text)),
        None => Vec::new(),
    }
}

/// Changes what is selected a little.
fn change(model: &mut Model, small: &'static Small, text: &str) -> Vec<Effect> {
    let (mut objects, hidden) = document::selected(model);
    // What is of tenants alone is meant for the tenant that is looked at, whatever row of it the cursor is on.
    if ["owner+", "owner-", "bind+", "bind-"].contains(&small.word)
        && !objects.iter().any(|object| object.kind == "Tenant")
        && let Some(tenant) = rights::tenant_in_sight(model)
    {
        objects = vec![document::tenant(&tenant)];
    }
    if objects.is_empty() {
        model.say(Level::Info, format!(":{}: put the cursor on what is to be changed first", small.word));
        return Vec::new();
    }
    let arguments = text.split_whitespace().skip(1).map(str::to_owned).collect();
    let at = model.seconds();
    let because = Vec::new();
    plan::draft(model, Draft::Small { word: small.word, arguments, objects, hidden, at, because }, false)
}

/// Adds a namespace to the selected tenant, or to that of the selected namespace.
fn add_namespace(model: &mut Model, name: &str) -> Vec<Effect> {
    let tenant = match model.here.row() {
        Selection::Tenant(tenant) => Some(tenant),
        Selection::Namespace(row) => model.here.world.namespaces.get(&row).and_then(|row| row.tenant.clone()),
        _ => None,
    };
    let Some(tenant) = tenant else {
        model.say(Level::Warning, "put the cursor on the tenant first that it is for");
        return Vec::new();
    };
    let owners = model.here.world.tenants.get(&tenant).map(|tenant| tenant.owners.clone()).unwrap_or_default();
    let owners: Vec<Owner> = owners.iter().filter_map(|owner| Owner::of(&owner.subject)).collect();
    let facts = Facts::of(&model.here.world);
    match crate::blueprint::namespace::plan(&tenant, &owners, name, &facts, model.here.target()) {
        Ok(made) => plan::draft(model, Draft::Given(Box::new(made)), false),
        Err(why) => {
            model.say(Level::Warning, format!(":namespace+ {why}"));
            Vec::new()
        }
    }
}

fn perform(model: &mut Model, verb: Verb, line: &Line) -> Vec<Effect> {
    let name = line.name.as_deref();
    match verb {
        Verb::Key(command) => return keys::run(model, command),
        Verb::ReadOnly(wanted) => return keys::read_only(model, wanted),
        Verb::Leftovers => return plan::draft(model, Draft::Leftovers { leave: Vec::new() }, false),
        Verb::Paste => return vec![Effect::ReadClipboard],
        Verb::NamespaceOf => return add_namespace(model, name.unwrap_or_default()),
        Verb::Create => return form::begin(model, name.unwrap_or_default()),
        // A path is no name, and a reason none; they have been dealt with.
        Verb::Work | Verb::Pause(_) | Verb::As | Verb::Can | Verb::Compare => {}
        Verb::Pin => match name {
            Some(name) => return places::pin_as(model, name),
            None => model.say(Level::Warning, "as what? `:pin 3`, `:pin night-shift`"),
        },
        Verb::Unpin => match name {
            Some(name) => return places::unpin(model, name),
            None => model.say(Level::Warning, "which place is to be forgotten? `:unpin 3`, `:unpin night-shift`"),
        },
        Verb::Contexts => match name {
            Some(name) => return switch(model, name).unwrap_or_default(),
            None => return contexts(model),
        },
        Verb::Beside => return beside(model, name),
        Verb::Identity | Verb::Who => show(model, Pane::Identity),
        Verb::Matrix => return rights::matrix(model, name),
        Verb::Tenants => {
            show(model, Pane::Tenants);
            line.filter.clone_into(&mut model.here.tenants.filter);
            model.refresh_rows();
            if let Some(name) = name {
                tenant(model, name, line.context.is_some());
            }
        }
        Verb::Namespaces => {
            show(model, Pane::Namespaces);
            line.filter.clone_into(&mut model.here.namespaces.filter);
            model.here.narrow = false;
            match name {
                Some(name) => return namespace(model, name),
                None => model.here.breadth = Breadth::All,
            }
        }
        Verb::Access | Verb::Bindings => {
            show(model, Pane::Access);
            model.here.show_raw(verb == Verb::Bindings);
            line.filter.clone_into(&mut model.here.access.filter);
            if let Some(name) = name {
                let effects = namespace(model, name);
                nav::focus(model, Pane::Access);
                model.here.narrow = true;
                return effects;
            }
        }
        Verb::Subject => match name {
            Some(name) => {
                show(model, Pane::Access);
                model.here.show_raw(false);
                (model.here.breadth, model.here.narrow) = (Breadth::All, false);
                let filter = format!("subject:{} {}", quoted(name), line.filter);
                filter.trim_end().clone_into(&mut model.here.access.filter);
            }
            None => model.say(Level::Warning, "whose grants? `:subject alice`"),
        },
    }
    Vec::new()
}

/// A name as a word of a filter.
fn quoted(name: &str) -> String {
    if name.chars().all(|c| c.is_alphanumeric() || "-_.@".contains(c)) {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

/// The line that is meant by one that begins with the name of something on the screen.
fn named(model: &Model, text: &str, line: &Line) -> Option<String> {
    let exact = |candidate: &Candidate| candidate.line.split_once(' ').is_some_and(|(_, name)| name == line.word);
    let meant = command_line::candidates(model, &line.word).into_iter().find(exact)?;
    let rest = text.trim().strip_prefix(line.word.as_str()).unwrap_or_default();
    Some(format!("{}{rest}", meant.line))
}

/// Nothing is called as the line begins.
fn unknown(model: &mut Model, line: &Line) -> Vec<Effect> {
    let found = command_line::candidates(model, &line.word);
    let small = small::ALL.iter().map(|small| small.word);
    let known = WORDS.iter().flat_map(|word| word.names.iter().copied()).chain(small);
    let known = known.chain(Command::ALL.iter().map(|command| command.name()));
    let kinds = model.here.world.resources.all().iter().flat_map(|kind| [kind.plural.as_str(), kind.singular.as_str()]);
    let near = nearest(&line.word, known.chain(kinds)).map(str::to_owned);
    let meant = near.or_else(|| found.first().map(|candidate| candidate.line.clone()));
    let meant = meant.map(|meant| format!("; did you mean :{meant}?")).unwrap_or_default();
    let what = format!("there is no command and no kind :{}{meant}", line.word);
    match model.here.world.resources_refused.clone().filter(|_| model.here.world.resources.is_empty()) {
        None => model.say(Level::Warning, what),
        // Why kinds are not known matters more than a guess.
        Some(trouble) => model.say_trouble(Level::Warning, &trouble),
    }
    Vec::new()
}

/// Goes to another context, if there is one of this name.
fn switch(model: &mut Model, name: &str) -> Option<Vec<Effect>> {
    if model.contexts.is_empty() || model.contexts.iter().any(|context| context.name == name) {
        return Some(worlds::switch_context(model, name));
    }
    let known = model.contexts.iter().map(|context| context.name.as_str());
    let meant = nearest(name, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    model.say(Level::Warning, format!("there is no context {name}{meant}"));
    None
}

/// Puts what is on the screen beside another context, or ends that.
fn beside(model: &mut Model, name: Option<&str>) -> Vec<Effect> {
    let Some(name) = name else { return worlds::beside_last(model) };
    if name == model.here.context() && model.here.seen_as.is_none() {
        model.say(Level::Info, format!("{name} is here already"));
        return Vec::new();
    }
    let here = model.here.generation;
    let Some(effects) = switch(model, name) else { return Vec::new() };
    worlds::split(model, here);
    effects
}

/// The keys go to what is shown beside; the context that is chosen in the picker is put there first.
pub fn other_side(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last() {
        Some(Overlay::Contexts(list)) => match list.selected().cloned() {
            Some(name) => beside(model, Some(&name)),
            None => Vec::new(),
        },
        _ => worlds::other_side(model),
    }
}

/// Puts the cursor on a tenant. `coming`: its context is only being opened, and it may come yet.
fn tenant(model: &mut Model, name: &str, coming: bool) {
    let name = Name::from(name);
    if coming {
        model.here.tenants.wish(name);
    } else if !model.here.tenants.select(&name) {
        model.say(Level::Warning, format!("there is no tenant {name} to be seen"));
    }
}

/// Opens the picker of contexts.
pub fn contexts(model: &mut Model) -> Vec<Effect> {
    model.overlays.push(Overlay::Contexts(Box::default()));
    nav::refresh_contexts(model);
    // The files may have changed since they were read last.
    vec![Effect::ReadContexts]
}

fn show(model: &mut Model, pane: Pane) {
    model.overlays.clear();
    nav::focus(model, pane);
}

/// Makes a namespace the one in force. Its name is checked, since it will stand in request paths.
fn namespace(model: &mut Model, name: &str) -> Vec<Effect> {
    if !is_namespace_name(name) {
        let rule = "up to 63 lower-case letters, digits and dashes";
        model.say(Level::Warning, format!("{name} cannot be a namespace's name: those are {rule}"));
        return Vec::new();
    }
    show(model, Pane::Namespaces);
    let name = Name::from(name);
    match model.here.world.namespaces.get(&name).and_then(|row| row.tenant.clone()) {
        Some(tenant) => {
            model.here.tenants.filter.clear();
            model.here.breadth = Breadth::Tenant;
            model.here.tenants.wish(tenant);
        }
        None => model.here.breadth = Breadth::All,
    }
    model.here.namespaces.wish(name.clone());
    nav::set_namespace(model, &name)
}

/// RFC 1123 label.
pub fn is_namespace_name(name: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    !name.is_empty() && name.len() <= 63 && name.bytes().all(inner) && !name.starts_with('-') && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_a_namespace_can_have_reach_a_path() {
        for name in ["oil-web", "a", "1x"] {
            assert!(is_namespace_name(name), "{name}");
        }
        for name in ["", "Oil", "oil/web", "-a", "a-", "a..b", "ä", &"x".repeat(64)] {
            assert!(!is_namespace_name(name), "{name}");
        }
    }
}
