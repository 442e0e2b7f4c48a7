//! What the program itself makes of roles and bindings: its answers are held to a server's.

use std::collections::BTreeSet;

use http::Request;
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use tenantry::cluster::wire::rbac::{decode_binding, decode_role};
use tenantry::world::World;
use tenantry::world::feed::{Change, Feed, Scope, What};
use tenantry::world::name::{Interner, Name};
use tenantry::world::rights::held::On;
use tenantry::world::rights::person::Person;
use tenantry::world::rights::question::Where;
use tenantry::world::rights::rule::Attributes;
use tenantry::world::store::Row;
use tenantry_cluster::Failure;

use super::{SHOWN, answer};

const ROOT: &str = "/apis/rbac.authorization.k8s.io/v1";

/// The world as it was read of a server.
pub struct Resolver(World);

impl Resolver {
    /// Reads a server's roles and bindings.
    pub async fn read(client: &Client) -> Result<Self, Failure> {
        let (mut world, mut names) = (World::default(), Interner::default());
        for (list, cluster) in [("clusterroles", true), ("roles", false)] {
            let rows = rows(client, list, |item| decode_role(item, &mut names)).await?;
            put(&mut world, if cluster { Feed::ClusterRoles } else { Feed::Roles }, rows);
        }
        for (list, cluster) in [("clusterrolebindings", true), ("rolebindings", false)] {
            let rows = rows(client, list, |item| decode_binding(item, &mut names)).await?;
            put(&mut world, if cluster { Feed::ClusterBindings } else { Feed::Bindings }, rows);
        }
        Ok(Self(world))
    }

    /// Holds it to the answers of SubjectAccessReview.
    pub fn hold(&self, side: &str, questions: &[Value], answers: &[Value]) -> Result<(), Failure> {
        let rights = self.0.rights();
        let mut wrong = Vec::new();
        for (question, answer) in questions.iter().zip(answers) {
            let allowed = answer["status"]["allowed"].as_bool();
            let ours = rights.allows(&person(&question["spec"]), &attributes(&question["spec"]));
            if allowed != Some(ours) {
                wrong.push(format!("{}\n  {side} {}\n  ours {ours}", question["spec"], answer["status"]));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let count = wrong.len();
        wrong.truncate(SHOWN);
        Err(Failure::new(format!("{count} of {} answers are not ours\n{}", answers.len(), wrong.join("\n"))))
    }

    /// Holds it to a list of SelfSubjectRulesReview, as `kubectl auth can-i --list` has it.
    pub fn hold_list(&self, user: &str, groups: &[String], body: &Value, answer: &Value) -> Result<(), Failure> {
        let groups = groups.iter().map(|group| Name::from(group.as_str()));
        // Who is impersonated has proven who he is, unless he is said not to have; accounts without groups get theirs.
        let person = tenantry::world::rights::person::account(user).filter(|_| groups.len() == 0).map_or_else(
            || Person::exactly(user, groups),
            |(namespace, name)| {
                Person::of(&tenantry::world::binding::Subject::ServiceAccount {
                    namespace: namespace.into(),
                    name: name.into(),
                })
            },
        );
        let is_known =
            person.groups.iter().any(|group| ["system:authenticated", "system:unauthenticated"].contains(&&**group));
        let implicit = if user == "system:anonymous" { "system:unauthenticated" } else { "system:authenticated" };
        let person = if is_known { person } else { person.with([implicit.into()]) };
        if person.is_master() {
            return Ok(());
        }
        let namespace = body["spec"]["namespace"].as_str().unwrap_or_default();
        let holding = self.0.rights().held(&person, &Where::Namespace(namespace.into()));
        let mut ours = BTreeSet::new();
        for held in &holding.held {
            for verb in &held.verbs {
                if let On::Resource { group, resource, name } = &held.on {
                    ours.insert(format!("{verb} {group} {resource} {name:?}"));
                }
            }
        }
        let theirs = atoms(answer);
        if ours == theirs {
            return Ok(());
        }
        let differ: Vec<&String> = ours.symmetric_difference(&theirs).take(SHOWN).collect();
        Err(Failure::new(format!("the list of {user} {person:?} in {namespace} is not ours: {differ:?}")))
    }
}

/// A list of rules taken apart: one verb on one resource each. Of URLs it is not asked: a review lists those of RoleBindings,
/// too (`RulesFor` of kubernetes' `plugin/pkg/auth/authorizer/rbac`), which allow none; what holds of them is among the questions.
fn atoms(answer: &Value) -> BTreeSet<String> {
    let texts = |rule: &Value, key: &str| -> Vec<String> {
        rule[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let rules = |key: &str| answer["status"][key].as_array().cloned().unwrap_or_default();
    let mut found = BTreeSet::new();
    for rule in rules("resourceRules") {
        let names = texts(&rule, "resourceNames");
        let names: Vec<Option<Name>> =
            if names.is_empty() { vec![None] } else { names.iter().map(|name| Some(name.as_str().into())).collect() };
        for verb in texts(&rule, "verbs") {
            for group in texts(&rule, "apiGroups") {
                for resource in texts(&rule, "resources") {
                    found.extend(names.iter().map(|name| format!("{verb} {group} {resource} {name:?}")));
                }
            }
        }
    }
    found
}

fn person(spec: &Value) -> Person {
    let groups = spec["groups"].as_array().into_iter().flatten().filter_map(Value::as_str).map(Name::from);
    Person::exactly(spec["user"].as_str().unwrap_or_default(), groups)
}

fn attributes(spec: &Value) -> Attributes<'_> {
    let text = |of: &'static str, key: &str| spec[of][key].as_str().unwrap_or_default();
    if spec.get("nonResourceAttributes").is_some() {
        let of = "nonResourceAttributes";
        return Attributes::Url { verb: text(of, "verb"), path: text(of, "path") };
    }
    let of = "resourceAttributes";
    Attributes::Resource {
        verb: text(of, "verb"),
        group: text(of, "group"),
        resource: text(of, "resource"),
        subresource: text(of, "subresource"),
        name: text(of, "name"),
        namespace: text(of, "namespace"),
    }
}

async fn rows<R>(
    client: &Client,
    list: &str,
    mut decode: impl FnMut(&[u8]) -> serde_json::Result<R>,
) -> Result<Vec<R>, Failure> {
    let request =
        Request::get(format!("{ROOT}/{list}")).body(Body::empty()).map_err(|error| Failure::new(error.to_string()))?;
    let read = answer(client, request).await?;
    let items = read["items"].as_array().cloned().unwrap_or_default();
    let each = items.iter().map(|item| decode(item.to_string().as_bytes()));
    each.collect::<serde_json::Result<Vec<R>>>().map_err(|error| Failure::new(format!("{list}: {error}")))
}

fn put<R: Row>(world: &mut World, feed: fn(Change<R>) -> Feed, rows: Vec<R>) {
    for what in [What::Begin, What::Rows(rows), What::Synced] {
        world.apply(feed(Change { scope: Scope::Cluster, what }), 0);
    }
}
