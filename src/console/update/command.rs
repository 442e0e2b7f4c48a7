//! `:` commands.

use super::super::effect::Effect;
use super::super::keymap::Command;
use super::super::model::list::List;
use super::super::model::overlay::{Overlay, Prompt, Purpose};
use super::super::model::{Breadth, Level, Model, Pane};
use super::{keys, nav};
use crate::text::distance::nearest;
use crate::world::name::Name;

/// The commands, for the help page.
pub const HELP: &[(&str, &str)] = &[
    ("tenants (tnt) [NAME]", "the tenants, or one of them"),
    ("ns [NAME]", "all namespaces, or make NAME the one in force"),
    ("access", "who may do what, as grants"),
    ("rb", "raw rolebindings and clusterrolebindings"),
    ("who", "who you are, and what Capsule is here"),
    ("ctx [NAME]", "the contexts on file, or open one"),
    ("cordon", "cordon or uncordon the selected tenant"),
    ("messages", "everything that was said"),
    ("help", "the keys"),
    ("q", "quit"),
];

/// Every word that starts a command.
const WORDS: &[&str] = &[
    "tenants",
    "tenant",
    "tnt",
    "namespaces",
    "namespace",
    "ns",
    "access",
    "rb",
    "rolebindings",
    "who",
    "whoami",
    "identity",
    "ctx",
    "context",
    "contexts",
    "cordon",
    "messages",
    "help",
    "q",
    "q!",
    "quit",
    "refresh",
    "suspend",
];

/// Runs a command as it was typed.
pub fn run(model: &mut Model, text: &str) -> Vec<Effect> {
    let mut words = text.split_whitespace();
    let Some(word) = words.next() else { return Vec::new() };
    let argument = words.next();
    if words.next().is_some() {
        model.say(Level::Warning, format!(":{text}: one argument at most"));
        return Vec::new();
    }
    match word {
        "q" | "q!" | "quit" => return keys::run(model, Command::Quit),
        "help" => return keys::run(model, Command::Help),
        "messages" => return keys::run(model, Command::Messages),
        "refresh" => return keys::run(model, Command::Refresh),
        "suspend" => return keys::run(model, Command::Suspend),
        "cordon" => return keys::run(model, Command::TenantCordon),
        "tenants" | "tenant" | "tnt" => {
            show(model, Pane::Tenants);
            if let Some(name) = argument {
                model.tenants.filter.clear();
                model.refresh_rows();
                if !model.tenants.select(&Name::from(name)) {
                    model.say(Level::Warning, format!("there is no tenant {name} to be seen"));
                }
            }
        }
        "ns" | "namespace" | "namespaces" => match argument {
            Some(name) => return namespace(model, name),
            None => {
                show(model, Pane::Namespaces);
                model.breadth = Breadth::All;
                model.narrow = false;
            }
        },
        "access" | "rb" | "rolebindings" => {
            show(model, Pane::Access);
            model.raw = word != "access";
        }
        "who" | "whoami" | "identity" => show(model, Pane::Identity),
        "ctx" | "context" | "contexts" => match argument {
            Some(name) if model.contexts.is_empty() || model.contexts.iter().any(|context| context.name == name) => {
                return nav::switch_context(model, name);
            }
            Some(name) => {
                let known = model.contexts.iter().map(|context| context.name.as_str());
                let meant = nearest(name, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                model.say(Level::Warning, format!("there is no context {name}{meant}"));
            }
            None => return contexts(model),
        },
        _ => {
            let meant = nearest(word, WORDS.iter().copied()).map(|near| format!("; did you mean :{near}?"));
            model.say(Level::Warning, format!("there is no command :{word}{}", meant.unwrap_or_default()));
        }
    }
    Vec::new()
}

/// Opens the picker of contexts.
pub fn contexts(model: &mut Model) -> Vec<Effect> {
    model.overlays.push(Overlay::Contexts(List::default()));
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
    match model.world.namespaces.get(&name).and_then(|row| row.tenant.clone()) {
        Some(tenant) => {
            model.tenants.filter.clear();
            model.breadth = Breadth::Tenant;
            model.tenants.wish(tenant);
        }
        None => model.breadth = Breadth::All,
    }
    model.namespaces.filter.clear();
    model.namespaces.wish(name.clone());
    nav::set_namespace(model, &name)
}

/// RFC 1123 label.
pub fn is_namespace_name(name: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    !name.is_empty() && name.len() <= 63 && name.bytes().all(inner) && !name.starts_with('-') && !name.ends_with('-')
}

/// What the command that is being typed could become.
pub fn candidates(model: &Model) -> Vec<String> {
    let Some(Prompt { purpose: Purpose::Command, text, .. }) = &model.prompt else { return Vec::new() };
    let Some((word, argument)) = text.split_once(' ') else {
        return WORDS.iter().filter(|word| word.starts_with(text.as_str())).map(ToString::to_string).collect();
    };
    let begins = |name: &str| name.starts_with(argument.trim_start());
    let names: Vec<String> = match word {
        "tenants" | "tenant" | "tnt" => model.world.tenant_names().iter().map(ToString::to_string).collect(),
        "ns" | "namespace" | "namespaces" => model.world.namespaces.iter().map(|row| row.name.to_string()).collect(),
        "ctx" | "context" | "contexts" => model.contexts.iter().map(|context| context.name.clone()).collect(),
        _ => Vec::new(),
    };
    names.into_iter().filter(|name| begins(name)).take(20).map(|name| format!("{word} {name}")).collect()
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
