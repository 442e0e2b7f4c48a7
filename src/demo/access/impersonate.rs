//! Acting as somebody else (upstream: `apiserver/pkg/endpoints/filters/impersonation`, constrained impersonation with the
//! legacy one as its last mode).

use std::collections::{BTreeMap, HashMap};

use http::HeaderMap;

use super::super::status::Status;
use super::user::User;
use super::{Attributes, Rules, authorize, forbidden};
use crate::demo::go::quote;

const AUTHENTICATION: &str = "authentication.k8s.io";
const AUTHENTICATED: &str = "system:authenticated";
const UNAUTHENTICATED: &str = "system:unauthenticated";
const NODE_NAME: &str = "authentication.kubernetes.io/node-name";
const EXTRA: &str = "impersonate-extra-";
/// From as many groups or extras on, a constrained mode first asks for all of them at once.
const MANY: usize = 4;

/// The user that the headers name, as they say it; nothing without such headers. Refused (400) without a user name.
pub fn wanted(headers: &HeaderMap) -> Result<Option<User>, Status> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let first = |name: &str| headers.get(name).map(|value| text(value.as_bytes())).unwrap_or_default();
    let groups: Vec<String> = headers.get_all("impersonate-group").iter().map(|value| text(value.as_bytes())).collect();
    let mut extra: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers {
        if let Some(key) = name.as_str().strip_prefix(EXTRA) {
            extra.entry(unescape(key)).or_default().push(text(value.as_bytes()));
        }
    }
    let user = User { name: first("impersonate-user"), uid: first("impersonate-uid"), groups, extra };
    if !user.name.is_empty() {
        return Ok(Some(user));
    }
    if user.uid.is_empty() && user.groups.is_empty() && user.extra.is_empty() {
        return Ok(None);
    }
    let said = format!("requested {} without impersonating a user name", as_go(&user));
    Err(Status::bad_request(said))
}

/// The user to act as, if the requestor may. `asked` is the request's own question, by which constrained modes are
/// judged (`impersonate-on:user-info:list`). The refusal is that of the first mode that
/// applies, and the mode that last worked for the requestor comes first.
pub fn impersonate<R: Rules + ?Sized>(
    rules: &R,
    requestor: &User,
    wanted: &User,
    asked: &Attributes<'_>,
    memory: &mut Memory,
) -> Result<User, Status> {
    let mut refusal = None;
    let last = memory.0.get(&requestor.name).copied();
    for mode in last.into_iter().chain(Mode::ALL.into_iter().filter(|mode| Some(*mode) != last)) {
        if !mode.applies(requestor, wanted) {
            continue;
        }
        let attempt = Attempt { rules, requestor, wanted, mode };
        match attempt.on(asked).and_then(|()| attempt.become_wanted()) {
            Ok(user) => {
                memory.keep(requestor, mode);
                return Ok(user);
            }
            Err(status) => drop(refusal.get_or_insert(status)),
        }
    }
    Err(refusal.unwrap_or_else(|| Status::internal("all impersonation modes failed")))
}

/// Which mode last worked for whom: it is tried first, and so its refusal is the one that is told.
#[derive(Debug, Clone, Default)]
pub struct Memory(HashMap<String, Mode>);

impl Memory {
    /// Upstream remembers as many users; where it forgets the oldest, this forgets all.
    const USERS: usize = 10_000;

    fn keep(&mut self, requestor: &User, mode: Mode) {
        if self.0.len() >= Self::USERS && !self.0.contains_key(&requestor.name) {
            self.0.clear();
        }
        self.0.insert(requestor.name.clone(), mode);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    AssociatedNode,
    ArbitraryNode,
    ServiceAccount,
    UserInfo,
    Legacy,
}

impl Mode {
    const ALL: [Self; 5] =
        [Self::AssociatedNode, Self::ArbitraryNode, Self::ServiceAccount, Self::UserInfo, Self::Legacy];

    fn name(self) -> &'static str {
        match self {
            Self::AssociatedNode => "associated-node",
            Self::ArbitraryNode => "arbitrary-node",
            Self::ServiceAccount => "serviceaccount",
            Self::UserInfo => "user-info",
            Self::Legacy => "",
        }
    }

    fn applies(self, requestor: &User, wanted: &User) -> bool {
        let only_name = wanted.uid.is_empty() && wanted.groups.is_empty() && wanted.extra.is_empty();
        let (node, account) = (node_of(&wanted.name), account_of(&wanted.name));
        match self {
            Self::AssociatedNode => {
                let own =
                    requestor.extra.get(NODE_NAME).filter(|names| names.len() == 1).and_then(|names| names.first());
                let associated = own.map(String::as_str) == node && account_of(&requestor.name).is_some();
                only_name && node.is_some() && associated
            }
            Self::ArbitraryNode => only_name && node.is_some(),
            Self::ServiceAccount => only_name && account.is_some(),
            Self::UserInfo => node.is_none() && account.is_none(),
            Self::Legacy => true,
        }
    }
}

struct Attempt<'a, R: ?Sized> {
    rules: &'a R,
    requestor: &'a User,
    wanted: &'a User,
    mode: Mode,
}

impl<R: Rules + ?Sized> Attempt<'_, R> {
    fn ask(&self, asked: &Attributes<'_>) -> Result<(), Status> {
        let decision = authorize(self.rules, self.requestor, asked);
        if decision.allowed { Ok(()) } else { Err(forbidden(self.requestor, asked, &decision.reason)) }
    }

    fn refuse(&self, asked: &Attributes<'_>, why: &str) -> Status {
        forbidden(self.requestor, asked, why)
    }

    /// Whether the requestor may do the very thing while impersonating in this mode.
    fn on(&self, asked: &Attributes<'_>) -> Result<(), Status> {
        if self.mode == Mode::Legacy {
            return Ok(());
        }
        let verb = format!("impersonate-on:{}:{}", self.mode.name(), asked.verb);
        self.ask(&Attributes { verb: &verb, ..*asked })
    }

    /// Whether the requestor may become each part of the wanted user.
    fn become_wanted(&self) -> Result<User, Status> {
        let constrained = self.mode != Mode::Legacy;
        let verb = if constrained { format!("impersonate:{}", self.mode.name()) } else { "impersonate".to_owned() };
        let group = if constrained { AUTHENTICATION } else { "" };
        let mut user = self.wanted.clone();
        let mut asked = Attributes { verb: &verb, group, resource: "users", name: &user.name, ..Attributes::default() };
        let mut groups = None;
        if let Some(node) = node_of(&self.wanted.name).filter(|_| constrained) {
            let name = if self.mode == Mode::AssociatedNode { "*" } else { node };
            asked = Attributes { resource: "nodes", name, ..asked };
            groups = Some(vec!["system:nodes".to_owned()]);
        } else if let Some((namespace, name)) = account_of(&self.wanted.name) {
            asked = Attributes { resource: "serviceaccounts", name, namespace, ..asked };
            groups = Some(vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")]);
        }
        self.ask(&asked)?;
        if !self.wanted.uid.is_empty() {
            let name = &self.wanted.uid;
            self.ask(&Attributes {
                verb: &verb,
                group: AUTHENTICATION,
                resource: "uids",
                name,
                ..Attributes::default()
            })?;
        }
        self.ask_groups(&Attributes { verb: &verb, group, resource: "groups", ..Attributes::default() })?;
        let extras = Attributes { verb: &verb, group: AUTHENTICATION, resource: "userextras", ..Attributes::default() };
        self.ask_extras(&extras)?;
        if let Some(groups) = groups.filter(|_| user.groups.is_empty()) {
            user.groups = groups;
        }
        let implicit = if user.name == "system:anonymous" { UNAUTHENTICATED } else { AUTHENTICATED };
        if !user.is_in(UNAUTHENTICATED) && !user.is_in(implicit) {
            user.groups.push(implicit.to_owned());
        }
        Ok(user)
    }

    fn ask_groups(&self, asked: &Attributes<'_>) -> Result<(), Status> {
        let groups = &self.wanted.groups;
        if self.mode != Mode::Legacy {
            if groups.iter().any(String::is_empty) {
                return Err(self.refuse(asked, "impersonating the empty string group is not allowed"));
            }
            if self.wanted.is_in(super::MASTERS) {
                let asked = Attributes { name: super::MASTERS, ..*asked };
                return Err(self.refuse(&asked, "impersonating the system:masters group is not allowed"));
            }
            if groups.len() >= MANY && self.ask(&Attributes { name: "*", ..*asked }).is_ok() {
                return Ok(());
            }
        }
        groups.iter().try_for_each(|name| self.ask(&Attributes { name, ..*asked }))
    }

    fn ask_extras(&self, asked: &Attributes<'_>) -> Result<(), Status> {
        let extra = &self.wanted.extra;
        if self.mode != Mode::Legacy {
            extra
                .iter()
                .try_for_each(|(key, values)| check_extra(key, values))
                .map_err(|why| self.refuse(asked, &why))?;
            let many = extra.values().map(Vec::len).sum::<usize>() >= MANY || extra.len() >= MANY;
            if many && self.ask(&Attributes { subresource: "*", name: "*", ..*asked }).is_ok() {
                return Ok(());
            }
        }
        let each = extra.iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
        each.into_iter().try_for_each(|(key, name)| self.ask(&Attributes { subresource: key, name, ..*asked }))
    }
}

/// What constrained modes demand of an extra (upstream: `validateExtra`; its words for a bad domain or path are
/// shortened to those for a key without one).
fn check_extra(key: &str, values: &[String]) -> Result<(), String> {
    if key.is_empty() {
        return Err("impersonating the empty string key in extra is not allowed".to_owned());
    }
    let prefixed = key.split_once('/').is_some_and(|(domain, path)| is_subdomain(domain) && !path.is_empty());
    if !prefixed {
        let fault = format!(
            "extra.key: Invalid value: {}: must be a domain-prefixed path (such as \"acme.io/foo\")",
            quote(key)
        );
        return Err(format!("impersonating an invalid key in extra is not allowed: {fault}"));
    }
    if values.iter().any(String::is_empty) {
        return Err("impersonating the empty string value in extra is not allowed".to_owned());
    }
    Ok(())
}

/// RFC 1123: lower case labels of letters, digits and `-`, between dots.
fn is_subdomain(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let label = |label: &str| {
        let bytes = label.as_bytes();
        let ends = bytes.first().copied().is_some_and(inner) && bytes.last().copied().is_some_and(inner);
        ends && bytes.iter().all(|byte| inner(*byte) || *byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

fn node_of(name: &str) -> Option<&str> {
    name.strip_prefix("system:node:").filter(|node| is_subdomain(node))
}

/// Namespace and name of a service account's user name (upstream: `serviceaccount.SplitUsername`).
fn account_of(name: &str) -> Option<(&str, &str)> {
    let (namespace, name) = name.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let label = is_subdomain(namespace) && namespace.len() <= 63 && !namespace.contains('.');
    (label && is_subdomain(name)).then_some((namespace, name))
}

/// Decodes `%2f` and the like; what is malformed stays as it is.
fn unescape(key: &str) -> String {
    let (mut out, mut rest) = (Vec::with_capacity(key.len()), key.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'%' {
            out.push(byte);
            rest = after;
            continue;
        }
        let digit = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(0), digit(1)) else { return key.to_owned() };
        out.push((high * 16 + low) as u8);
        rest = after.get(2..).unwrap_or_default();
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A user as Go's `%#v` prints it.
fn as_go(user: &User) -> String {
    let list = |texts: &[String]| {
        let texts: Vec<String> = texts.iter().map(|text| quote(text)).collect();
        if texts.is_empty() { "[]string(nil)".to_owned() } else { format!("[]string{{{}}}", texts.join(", ")) }
    };
    let extra: Vec<String> =
        user.extra.iter().map(|(key, values)| format!("{}:{}", quote(key), list(values))).collect();
    let extra = if extra.is_empty() { "(nil)".to_owned() } else { format!("{{{}}}", extra.join(", ")) };
    let (name, uid, groups) = (quote(&user.name), quote(&user.uid), list(&user.groups));
    format!("&user.DefaultInfo{{Name:{name}, UID:{uid}, Groups:{groups}, Extra:map[string][]string{extra}}}")
}
