//! The pages of rights: opening them, what keys do there, and what the server says.

use super::super::effect::Effect;
use super::super::model::document::{Form, of_rbac};
use super::super::model::overlay::Overlay;
use super::super::model::rights::line::{self, Line};
use super::super::model::rights::verdict::{Answers, Verdicts};
use super::super::model::rights::{Asked, Rights, complete, detail, subject_of};
use super::super::model::rows::GrantKey;
use super::super::model::{Level, Model};
use super::command::is_namespace_name;
use super::document;
use crate::plan::owner::Owner;
use crate::world::binding::Subject;
use crate::world::name::Name;
use crate::world::rights::question::{Question, Where};

/// `:who VERB RESOURCE [NAME] [in …]`. `text`: the whole command, `behind`: what stands behind its word.
pub fn who(model: &mut Model, text: &str, behind: &str) -> Vec<Effect> {
    if waits(model, text) {
        return Vec::new();
    }
    let asked = Line::read(behind).and_then(|line| match line.words.as_slice() {
        [verb, what, rest @ ..] if rest.len() < 2 => {
            let question = question(model, verb, what, rest.first().map(String::as_str), &line.place)?;
            Ok((Asked::Who(question), line.filter))
        }
        _ => Err("who may do what? `:who delete pods`, `:who get secrets in tenant oil`".to_owned()),
    });
    show(model, text, asked)
}

/// `:can WHO [VERB RESOURCE [NAME]] [in …]`.
pub fn can(model: &mut Model, text: &str, behind: &str) -> Vec<Effect> {
    if waits(model, text) {
        return Vec::new();
    }
    let asked = Line::read(behind).and_then(|line| match line.words.as_slice() {
        [who] => {
            let place = place(model, &line.place)?;
            Ok((Asked::Held(subject_of(&model.here.world, who)?, place), line.filter))
        }
        [who, verb, what, rest @ ..] if rest.len() < 2 => {
            let subject = subject_of(&model.here.world, who)?;
            let question = question(model, verb, what, rest.first().map(String::as_str), &line.place)?;
            Ok((Asked::May(subject, question), line.filter))
        }
        _ => Err("what may who do? `:can alice`, `:can group:devs delete pods in tenant oil`".to_owned()),
    });
    show(model, text, asked)
}

/// `:compare ONE OTHER [in …]`.
pub fn compare(model: &mut Model, text: &str, behind: &str) -> Vec<Effect> {
    let asked = Line::read(behind).and_then(|line| match line.words.as_slice() {
        [one, other] => {
            let [one, other] = [subject_of(&model.here.world, one)?, subject_of(&model.here.world, other)?];
            Ok((Asked::Differ(one, other, place(model, &line.place)?), line.filter))
        }
        _ => Err("which two? `:compare alice group:devs in tenant oil`".to_owned()),
    });
    show(model, text, asked)
}

/// Which kinds there are must be known first: the command is run when they are.
fn waits(model: &mut Model, text: &str) -> bool {
    let is_to_come = model.here.world.resources.is_empty()
        && model.here.world.resources_refused.is_none()
        && model.here.unopened.is_none();
    if is_to_come {
        model.unread = Some(text.to_owned());
        model.say(Level::Info, format!(":{}: asking which kinds there are", text.trim()));
    }
    is_to_come
}

fn show(model: &mut Model, text: &str, asked: Result<(Asked, String), String>) -> Vec<Effect> {
    match asked {
        Ok((asked, filter)) => {
            model.overlays.clear();
            model.overlays.push(Overlay::Rights(Box::new(Rights::new(asked, text, &filter))));
        }
        Err(fault) => model.say(Level::Warning, format!(":{}: {fault}", text.trim())),
    }
    Vec::new()
}

fn question(model: &Model, verb: &str, what: &str, name: Option<&str>, said: &line::Where) -> Result<Question, String> {
    Question::read(&model.here.world.resources, verb, what, name, place(model, said)?)
}

/// The place that is meant; where none was said, what the panes are about.
fn place(model: &Model, said: &line::Where) -> Result<Where, String> {
    let world = &model.here.world;
    let tenant = |name: &str| {
        let known = world.tenant_names();
        let name = Name::from(name);
        if known.contains(&name) || world.namespaces_of(&name).next().is_some() {
            Ok(Where::Tenant(name))
        } else {
            Err(format!("there is no tenant {name} to be seen"))
        }
    };
    Ok(match said {
        line::Where::Here => model.here.access_place(),
        line::Where::Cluster => Where::Cluster,
        line::Where::Everywhere => Where::Everywhere,
        line::Where::Tenant(name) => tenant(name)?,
        line::Where::Named(name) => {
            let namespace = Name::from(name.as_str());
            let is_known = world.namespaces.get(&namespace).is_some() || model.here.named.contains(&namespace);
            match tenant(name) {
                Ok(tenant) if !is_known => tenant,
                _ if is_namespace_name(name) => Where::Namespace(namespace),
                _ => return Err(format!("{name} is neither a namespace nor a tenant")),
            }
        }
    })
}

/// How a place is typed.
fn typed(place: &Where) -> String {
    match place {
        Where::Namespace(name) => format!("in ns {name}"),
        Where::Tenant(name) => format!("in tenant {name}"),
        Where::Everywhere => "in all".to_owned(),
        Where::Cluster => "in cluster".to_owned(),
    }
}

/// Opens who may do what in a tenant: the one that is named, that of the page, or the selected one.
pub fn matrix(model: &mut Model, tenant: Option<&str>) -> Vec<Effect> {
    if model.rights().is_some_and(|page| matches!(page.asked, Asked::Matrix(_))) && tenant.is_none() {
        model.overlays.pop();
        return Vec::new();
    }
    let meant = match tenant {
        Some(name) => place(model, &line::Where::Tenant(name.to_owned())),
        None => {
            let found = tenant_in_sight(model).or_else(|| model.here.tenants.selected().cloned());
            let missing = || "of which tenant? `:matrix oil`, or put the cursor on one first".to_owned();
            found.map(Where::Tenant).ok_or_else(missing)
        }
    };
    match meant {
        Ok(place) => {
            let line = match &place {
                Where::Tenant(name) => format!("matrix {name}"),
                _ => "matrix".to_owned(),
            };
            model.overlays.push(Overlay::Rights(Box::new(Rights::new(Asked::Matrix(place), &line, ""))));
        }
        Err(why) => model.say(Level::Info, why),
    }
    Vec::new()
}

/// The tenant that the page, or the panes, are about.
pub fn tenant_in_sight(model: &Model) -> Option<Name> {
    let place = model.rights().map_or_else(|| model.here.access_place(), |page| page.place().clone());
    match place {
        Where::Tenant(tenant) => Some(tenant),
        Where::Namespace(name) => model.here.world.namespaces.get(&name)?.tenant.clone(),
        Where::Everywhere | Where::Cluster => None,
    }
}

/// Gives the lines below the table most of the page, or no longer.
pub fn zoom(model: &mut Model) {
    if let Some(page) = model.rights_mut() {
        page.tall = !page.tall;
    }
}

/// Moves the cursor to the cell beside.
pub fn sideways(model: &mut Model, right: bool) {
    if model.rights_mut().is_some_and(|page| !page.sideways(right)) {
        model.say(Level::Info, "there is no further cell on this side");
    }
}

/// Opens the page about what binds somebody: what counts in a place first.
pub fn bound(model: &mut Model, subject: Subject, place: Where) -> Vec<Effect> {
    let who = Owner::of(&subject).map_or_else(|| subject.name(), |who| who.spelt());
    let line = format!("can {} {}", complete::quoted(&who), typed(&place));
    model.overlays.push(Overlay::Rights(Box::new(Rights::new(Asked::Bound(subject, place), &line, ""))));
    Vec::new()
}

/// Opens the page about whom a grant is for: all that binds him, the cursor on what makes this grant.
pub fn of_grant(model: &mut Model, key: &GrantKey) -> Vec<Effect> {
    let (place, binding) = (model.here.access_place(), key.bindings.first().cloned());
    let effects = bound(model, key.subject.clone(), place);
    model.refresh_rights();
    if let (Some((place, name)), Some(page)) = (binding, model.rights_mut()) {
        page.go_to(place.as_deref(), &name);
    }
    effects
}

/// Opens what is under the cursor: all that binds somebody, or a binding.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some(page) = model.rights() else { return Vec::new() };
    match &page.asked {
        Asked::Bound(..) => document::open(model, Form::Words),
        Asked::Who(_) | Asked::Held(..) | Asked::Differ(..) | Asked::May(..) | Asked::Matrix(_) => {
            let of_row = page.binding_under_cursor().map(|(place, name)| of_rbac(place, name));
            let binding = of_row.or_else(|| {
                detail::behind(page, &model.here.world).map(|(place, name)| of_rbac(place.as_deref(), &name))
            });
            let (Some(subject), place) = (page.subject_under_cursor(), page.place().clone()) else {
                model.say(Level::Info, "there is nothing to open here");
                return Vec::new();
            };
            let effects = bound(model, subject, place);
            model.refresh_rights();
            if let (Some(binding), Some(page)) = (binding, model.rights_mut()) {
                page.go_to(binding.namespace.as_deref(), &binding.name);
            }
            effects
        }
    }
}

/// Asks the server about what is under the cursor, or marked: its word holds, whatever bindings say.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    let Some(page) = model.rights() else { return Vec::new() };
    let wanted = page.to_ask(&model.here.world);
    if wanted.is_empty() {
        model.say(Level::Info, "put the cursor on somebody first");
        return Vec::new();
    }
    let mut effects = Vec::new();
    for (key, person, question) in wanted {
        let request = model.next_request();
        let Some((verdicts, questions)) = Verdicts::ask(&model.here.world, &person, &question, request) else {
            model.say(Level::Info, "the server is asked about kinds, not about paths");
            return Vec::new();
        };
        if questions.is_empty() {
            model.say(Level::Info, "there is no namespace to ask about");
            return Vec::new();
        }
        if let Some(page) = model.rights_mut() {
            page.asking(key, verdicts);
        }
        effects.push(Effect::Review { request, questions });
    }
    effects
}

/// The server has answered.
pub fn reviewed(model: &mut Model, request: u64, answers: Answers) {
    let page = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Rights(page) if page.awaits(request) => Some(page),
        _ => None,
    });
    if let Some(page) = page {
        page.take(request, answers);
    }
}
