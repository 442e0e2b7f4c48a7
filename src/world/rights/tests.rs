//! Questions to small worlds.

use super::can::Answer;
use super::held::{On, differ};
use super::matrix::{Capability, Level, changes};
use super::person::Person;
use super::question::{Question, Where};
use super::risk::{Flag, Severity};
use super::rule::Rule;
use super::*;
use crate::world::binding::RoleRef;
use crate::world::capsule::Configuration;
use crate::world::feed::{Change, Feed, What};
use crate::world::grant::Reach;
use crate::world::labels::{Demand, Labels, Selector};
use crate::world::resource::{Resource, Resources};
use crate::world::store::Row;
use crate::world::tenant::Owner;
use crate::world::testing::{account, binding, group, namespace, role, rule, tenant, user};
use crate::world::trouble::{Denial, TroubleKind};
use proptest::prelude::*;

fn tell<R: Row>(world: &mut World, feed: fn(Change<R>) -> Feed, rows: Vec<R>) {
    for what in [What::Begin, What::Rows(rows), What::Synced] {
        world.apply(feed(Change { scope: Scope::Cluster, what }), 0);
    }
}

fn refuse<R: Row>(world: &mut World, feed: fn(Change<R>) -> Feed) {
    let trouble = Trouble::new(TroubleKind::Forbidden(Box::<Denial>::default()), "alice may not list them");
    world.apply(feed(Change { scope: Scope::Cluster, what: What::Failed(trouble) }), 0);
}

fn kinds() -> Resources {
    let kind = |group: &str, plural: &str, kind: &str, short: &[&str], namespaced| Resource {
        group: group.into(),
        version: "v1".into(),
        plural: plural.into(),
        singular: kind.to_lowercase(),
        short: short.iter().map(ToString::to_string).collect(),
        kind: kind.into(),
        namespaced,
        ..Resource::default()
    };
    let all = vec![
        kind("", "pods", "Pod", &["po"], true),
        kind("", "secrets", "Secret", &[], true),
        kind("", "namespaces", "Namespace", &["ns"], false),
        kind("", "nodes", "Node", &["no"], false),
        kind("apps", "deployments", "Deployment", &["deploy"], true),
    ];
    Resources::new(all, Vec::new())
}

/// What `admin` and the others allow, as far as it matters here.
fn roles() -> Vec<Role> {
    let secrets = rule(&["get", "list", "watch"], "", &["secrets"]);
    let pods = rule(&["*"], "", &["pods", "pods/log", "pods/exec"]);
    let bindings = rule(&["create", "delete"], "rbac.authorization.k8s.io", &["rolebindings"]);
    vec![
        role(None, "admin", &[pods, secrets, bindings]),
        role(None, "view", &[rule(&["get", "list", "watch"], "", &["pods", "pods/log", "configmaps"])]),
        role(None, "edit", &[rule(&["create", "update"], "apps", &["deployments"])]),
        role(None, "cluster-admin", &[rule(&["*"], "*", &["*"])]),
        role(None, "capsule-namespace-deleter", &[rule(&["delete"], "", &["namespaces"])]),
    ]
}

/// Tenant oil in two namespaces, tenant gas in one, and the namespace `infra` of nobody.
fn world(bindings: Vec<Binding>, cluster_bindings: Vec<Binding>) -> World {
    let mut world = World::default();
    let owned = |name: &str, owner: &str| {
        let mut tenant = tenant(name);
        let cluster_roles = vec!["admin".into(), "capsule-namespace-deleter".into()];
        tenant.owners = vec![Owner { subject: user(owner), cluster_roles }];
        tenant
    };
    tell(&mut world, Feed::Tenants, vec![owned("oil", "alice"), owned("gas", "gus")]);
    let spaces = [("oil-db", Some("oil")), ("oil-web", Some("oil")), ("gas-web", Some("gas")), ("infra", None)];
    tell(&mut world, Feed::Namespaces, spaces.map(|(name, tenant)| namespace(name, tenant)).to_vec());
    tell(&mut world, Feed::ClusterRoles, roles());
    tell(&mut world, Feed::Roles, Vec::new());
    tell(&mut world, Feed::Bindings, bindings);
    tell(&mut world, Feed::ClusterBindings, cluster_bindings);
    world
}

/// As Capsule binds an owner.
fn owners() -> Vec<Binding> {
    let mut bound = Vec::new();
    for (namespace, tenant, owner) in
        [("oil-db", "oil", "alice"), ("oil-web", "oil", "alice"), ("gas-web", "gas", "gus")]
    {
        for role in ["admin", "capsule-namespace-deleter"] {
            let mut binding = binding(Some(namespace), &format!("capsule:{role}"), role, &[user(owner)]);
            binding.kept_for = Some(tenant.into());
            binding.maker = Some(crate::world::maker::Maker::Capsule);
            bound.push(binding);
        }
    }
    bound
}

fn asks(verb: &str, what: &str, place: Where) -> Question {
    Question::read(&kinds(), verb, what, None, place).unwrap()
}

fn in_oil() -> Where {
    Where::Tenant("oil".into())
}

fn in_namespace(name: &str) -> Where {
    Where::Namespace(name.into())
}

#[test]
fn a_user_bound_in_40_namespaces_shows_40_and_is_named_once() {
    let mut world = World::default();
    tell(&mut world, Feed::Tenants, vec![tenant("oil")]);
    let names: Vec<String> = (0..40).map(|number| format!("oil-{number:02}")).collect();
    tell(&mut world, Feed::Namespaces, names.iter().map(|name| namespace(name, Some("oil"))).collect());
    tell(&mut world, Feed::ClusterRoles, roles());
    tell(&mut world, Feed::ClusterBindings, Vec::new());
    // Capsule's bindings have one name in all namespaces; a Role of another namespace is none of theirs.
    tell(&mut world, Feed::Roles, vec![role(Some("elsewhere"), "admin", &[rule(&["*"], "*", &["*"])])]);
    let bound = names.iter().map(|name| binding(Some(name), "capsule:managed:1", "admin", &[user("alice")]));
    tell(&mut world, Feed::Bindings, bound.collect());
    let rights = world.rights();
    let who = rights.who(&asks("delete", "pods", in_oil()));
    let [alice] = who.holders.each().collect::<Vec<_>>()[..] else { panic!("{who:?}") };
    assert_eq!(*alice.subject, user("alice"));
    let ways = alice.ways();
    let Reach::Namespaces(all) = &ways.reach else { panic!("{ways:?}") };
    assert_eq!((all.len(), ways.chains.len(), who.of), (40, 40, 40));
    assert_eq!(ways.reach.words(who.of), "all 40 namespaces");
    let grants = crate::world::grant::grants(&world, all, true);
    assert!(matches!(&grants[0].reach, Reach::Namespaces(names) if names.len() == 40));
    let can = world.rights().can(&Person::of(&user("alice")), &asks("delete", "pods", in_oil()));
    assert_eq!((can.answer(), can.chains.len()), (Answer::Yes, 40));
}

#[test]
fn the_chain_leads_from_subject_to_rule() {
    let world = world(vec![binding(Some("oil-web"), "devs", "view", &[group("devs")])], Vec::new());
    let person = Person::exactly("dora", ["devs".into()]);
    let can = world.rights().can(&person, &asks("get", "pods/log", in_oil()));
    assert_eq!(can.answer(), Answer::Somewhere);
    assert_eq!(can.reach, Some(Reach::Namespaces(vec!["oil-web".into()])));
    assert_eq!(
        can.chains[0].words("dora", &world),
        "dora > group devs > RoleBinding oil-web/devs > ClusterRole view > get, list, watch pods, pods/log, configmaps"
    );
    assert_eq!(world.rights().can(&person, &asks("get", "secrets", in_oil())).answer(), Answer::No);
}

#[test]
fn service_accounts_have_their_groups_and_their_user_names() {
    let bound = vec![
        binding(Some("oil-web"), "all", "view", &[group("system:serviceaccounts:gas-web")]),
        binding(Some("oil-web"), "one", "edit", &[user("system:serviceaccount:gas-web:ci")]),
    ];
    let world = world(bound, Vec::new());
    let ci = Person::of(&account("gas-web", "ci"));
    let rights = world.rights();
    assert_eq!(rights.can(&ci, &asks("list", "po", in_namespace("oil-web"))).answer(), Answer::Yes);
    assert_eq!(rights.can(&ci, &asks("create", "deploy", in_namespace("oil-web"))).answer(), Answer::Yes);
    let other = Person::of(&account("oil-web", "ci"));
    assert_eq!(rights.can(&other, &asks("list", "po", in_namespace("oil-web"))).answer(), Answer::No);
    let who = rights.who(&asks("create", "deploy", in_namespace("oil-web")));
    assert_eq!(*who.holders.each().next().unwrap().subject, account("gas-web", "ci"));
}

#[test]
fn masters_need_no_bindings_and_anonymous_ones_are_not_authenticated() {
    let world = world(Vec::new(), vec![binding(None, "all", "view", &[group("system:authenticated")])]);
    let rights = world.rights();
    let masters = Person::of(&group("system:masters"));
    assert!(rights.can(&masters, &asks("delete", "nodes", Where::Cluster)).bypasses);
    let list = asks("list", "pods", Where::Everywhere);
    assert_eq!(rights.can(&Person::of(&user("anybody")), &list).reach, Some(Reach::Cluster));
    assert_eq!(rights.can(&Person::of(&user("system:anonymous")), &list).reach, None);
}

#[test]
fn namespaces_are_asked_about_as_if_they_lay_in_themselves() {
    let world = world(owners(), Vec::new());
    let rights = world.rights();
    let who = rights.who(&asks("delete", "ns", in_oil()));
    assert_eq!(who.holders.len(), 1);
    assert_eq!(who.holders.each().next().unwrap().ways().reach.words(who.of), "all 2 namespaces");
    assert!(who.narrowed.unwrap().contains("narrowed by Capsule"));
    let named = Question::read(&kinds(), "delete", "ns", Some("gas-web"), in_namespace("default")).unwrap();
    assert_eq!(named.words(), "delete namespaces gas-web in namespace gas-web");
    assert_eq!(world.rights().can(&Person::of(&user("gus")), &named).answer(), Answer::Yes);
    assert_eq!(world.rights().can(&Person::of(&user("alice")), &named).answer(), Answer::No);
}

#[test]
fn missing_roles_and_roles_that_cannot_be_read_are_told_apart() {
    let bound = || vec![binding(Some("oil-web"), "old", "gone", &[user("erin")])];
    let mut world = world(bound(), Vec::new());
    let erin = Person::of(&user("erin"));
    let question = asks("list", "pods", in_namespace("oil-web"));
    assert_eq!(world.rights().can(&erin, &question).answer(), Answer::No);
    assert_eq!(world.role_of(&bound()[0]), RoleIs::Missing);
    refuse(&mut world, Feed::ClusterRoles);
    let can = world.rights().can(&erin, &question);
    assert_eq!((can.answer(), can.unsure.len()), (Answer::Unknown, 1));
    assert_eq!(
        can.unsure[0].words(),
        "User erin may, or may not: RoleBinding oil-web/old names ClusterRole gone, which cannot be read"
    );
    assert_eq!(can.blind[0].words(), "clusterroles of the whole cluster are not counted: alice may not list them");
    let rights = world.rights();
    let who = rights.who(&question);
    assert_eq!((who.holders.len(), who.unsure.len()), (0, 1));
}

#[test]
fn aggregated_rules_tell_where_they_are_written() {
    let taken = |to: &str| -> Labels { [(to.into(), "true".into())].into_iter().collect() };
    let selector = |to: &str| Some([Selector(vec![Demand::In(to.into(), vec!["true".into()])])].into());
    let wells = rule(&["*"], "wells.example", &["wells"]);
    let mut part = role(None, "wells-edit", std::slice::from_ref(&wells));
    part.labels = taken("to-edit");
    let mut edit = role(None, "edit", std::slice::from_ref(&wells));
    (edit.aggregates, edit.labels) = (selector("to-edit"), taken("to-admin"));
    let mut admin = role(None, "admin", std::slice::from_ref(&wells));
    admin.aggregates = selector("to-admin");
    let mut world = World::default();
    tell(&mut world, Feed::ClusterRoles, vec![part, edit, admin.clone()]);
    assert_eq!(world.origin_of(&admin, &wells), [Name::from("edit"), Name::from("wells-edit")]);
    assert!(world.origin_of(&admin, &Rule::default()).is_empty());
}

#[test]
fn all_that_somebody_may_do_and_what_another_may_do_besides() {
    let bound = vec![
        binding(Some("oil-web"), "a", "view", &[user("ann"), user("bob")]),
        binding(Some("oil-db"), "a", "view", &[user("ann")]),
        binding(Some("oil-web"), "b", "edit", &[user("bob")]),
    ];
    let world = world(bound, vec![binding(None, "root", "cluster-admin", &[user("root")])]);
    let rights = world.rights();
    let held = |name: &str| rights.held(&Person::of(&user(name)), &in_oil());
    let (ann, bob, root) = (held("ann"), held("bob"), held("root"));
    let said = |all: &[held::Held]| {
        let line = |one: &held::Held| format!("{} {} {}", one.verbs.join(","), one.on.words(), one.reach.words(2));
        all.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        said(&ann.held),
        [
            "get,list,watch configmaps all 2 namespaces",
            "get,list,watch pods all 2 namespaces",
            "get,list,watch pods/log all 2 namespaces"
        ]
    );
    let (only_ann, only_bob) = differ(&ann, &bob);
    assert_eq!(said(&only_ann)[1], "get,list,watch pods 1 of 2 namespaces");
    assert_eq!(said(&only_bob), ["create,update deployments.apps 1 of 2 namespaces"]);
    assert_eq!(differ(&ann, &root).0, []);
    assert_eq!(root.held[0].on, On::Resource { group: "*".into(), resource: "*".into(), name: None });
}

#[test]
fn the_matrix_and_what_a_change_makes_of_it() {
    let mut bound = owners();
    bound.push(binding(Some("oil-web"), "devs", "view", &[group("devs")]));
    let world = world(bound, Vec::new());
    let oil: Name = "oil".into();
    let before = world.rights().matrix(&oil, false);
    let level = |who: &Subject, what| before.level(before.row(who).unwrap(), what);
    let alice = user("alice");
    assert_eq!(before.rows.len(), 2);
    for all in [Capability::Read, Capability::Write, Capability::Secrets, Capability::Exec, Capability::Rbac] {
        assert_eq!(level(&alice, all), Level::All, "{all:?}");
    }
    assert_eq!(
        (level(&alice, Capability::DeleteNamespace), level(&alice, Capability::Policy)),
        (Level::All, Level::None)
    );
    assert_eq!(level(&group("devs"), Capability::Read), Level::Some(1));
    assert_eq!(level(&group("devs"), Capability::Write), Level::None);
    let why = world.rights().why(&alice, Capability::Secrets, &oil);
    assert_eq!(why.iter().map(|(question, _)| question.verb.to_string()).collect::<Vec<_>>(), ["get", "list", "watch"]);
    assert_eq!(why[0].1.chains.len(), 2);
    // A grant more, an owner less, a name struck out of a binding.
    let more = world.rights().with(binding(Some("oil-db"), "devs", "view", &[group("devs")])).matrix(&oil, false);
    let [change] = changes(&before, &more).try_into().unwrap();
    assert_eq!((change.capability, change.before.len(), change.after.len()), (Capability::Read, 1, 2));
    let less = world.rights().without_owner(&oil, &alice).matrix(&oil, false);
    assert!(less.row(&alice).is_none());
    assert_eq!(changes(&before, &less).len(), 6);
    let roles = ["admin".into(), "capsule-namespace-deleter".into()];
    let zoe = world.rights().with_owner(&oil, &user("zoe"), &roles).matrix(&oil, false);
    assert_eq!(zoe.row(&user("zoe")).unwrap().cells, before.row(&alice).unwrap().cells);
    let key = (Some("oil-web".into()), "devs".into());
    let none = world.rights().without_subject(&key, &group("devs")).matrix(&oil, false);
    assert!(none.row(&group("devs")).is_none());
}

#[test]
fn risks_are_told_across_tenants_above_all() {
    let mut bound = owners();
    bound.push(binding(Some("oil-web"), "guest", "view", &[user("gus")]));
    bound.push(binding(Some("oil-web"), "robot", "view", &[account("gas-web", "default")]));
    bound.push(binding(Some("oil-web"), "platform", "view", &[account("infra", "agent")]));
    bound.push(binding(Some("oil-db"), "everybody", "view", &[group("system:authenticated")]));
    bound.push(binding(Some("oil-db"), "old", "gone", &[account("nowhere", "x")]));
    let mut set_up = binding(None, "discovery", "view", &[group("system:authenticated")]);
    set_up.maker = Some(crate::world::maker::Maker::Kubernetes);
    let world = world(bound, vec![set_up, binding(None, "gus", "cluster-admin", &[user("gus")])]);
    let risks = world.rights().risks(&in_oil());
    let of = |flag: Flag| risks.iter().filter(|risk| risk.flag == flag).collect::<Vec<_>>();
    let across = of(Flag::CrossTenant);
    let words: Vec<String> = across.iter().map(|risk| risk.words()).collect();
    assert_eq!(
        words,
        [
            "User gus belongs to tenant gas and is bound in the whole cluster",
            "User gus belongs to tenant gas and is bound in tenant oil",
            "SA gas-web/default belongs to tenant gas and is bound in tenant oil",
        ]
    );
    assert_eq!(across[0].severity, Severity::Critical);
    assert_eq!(of(Flag::DefaultAccount).len(), 1);
    assert_eq!(of(Flag::ImplicitAudience).len(), 1, "what Kubernetes has set up itself is left out");
    assert_eq!((of(Flag::MissingRole).len(), of(Flag::MissingSubject).len()), (1, 1));
    let everything = of(Flag::Everything);
    assert_eq!((everything.len(), everything[0].severity), (1, Severity::Critical));
    let secrets = of(Flag::Secrets);
    assert_eq!((secrets.len(), secrets[0].expected), (1, true), "owners are meant to");
    assert_eq!(risks[0].severity, Severity::Critical, "the worst comes first");
}

#[test]
fn what_is_known_of_somebodys_groups_is_taken_in() {
    let mut world = world(owners(), Vec::new());
    let configuration = Configuration {
        name: "default".into(),
        users: vec![group("projectcapsule.dev")],
        administrators: Vec::new(),
        ignored_groups: Vec::new(),
        protected_namespaces: None,
        force_prefix: false,
        ready: None,
    };
    tell(&mut world, Feed::Configuration, vec![configuration]);
    let alice = Person::known(&world, &user("alice"));
    assert_eq!(alice.assumed, [Name::from("projectcapsule.dev")]);
    assert!(Person::known(&world, &user("erin")).assumed.is_empty());
}

#[test]
fn questions_are_read_as_kubectl_reads_them() {
    let read = |verb: &str, what: &str, name: Option<&str>| {
        Question::read(&kinds(), verb, what, name, in_namespace("oil-web")).map(|question| question.words())
    };
    assert_eq!(
        read("get", "deploy.apps/scale", Some("web")).unwrap(),
        "get deployments.apps/scale web in namespace oil-web"
    );
    assert_eq!(read("get", "po/log", None).unwrap(), "get pods/log in namespace oil-web");
    assert_eq!(read("delete", "pod/web-1", None).unwrap(), "delete pods web-1 in namespace oil-web");
    assert_eq!(read("GET", "nodes", None).unwrap(), "get nodes in the whole cluster");
    assert_eq!(read("get", "/healthz", None).unwrap(), "get /healthz in the whole cluster");
    assert_eq!(read("*", "*", None).unwrap(), "* *.* in namespace oil-web");
    assert_eq!(read("get", "wells", None).unwrap_err(), "the server knows no wells");
    assert!(read("get", "/healthz", Some("x")).is_err());
    let unknown = Question::read(&Resources::default(), "get", "wells.example", None, Where::Cluster).unwrap();
    assert_eq!(unknown.words(), "get wells.example in the whole cluster");
}

#[test]
fn a_role_is_not_its_namesake() {
    let mut world = world(Vec::new(), Vec::new());
    tell(&mut world, Feed::Roles, vec![role(Some("gas-web"), "reader", &[rule(&["get"], "", &["secrets"])])]);
    let mut bound = binding(Some("oil-web"), "reader", "reader", &[user("ann")]);
    bound.role = RoleRef { cluster: false, name: "reader".into() };
    tell(&mut world, Feed::Bindings, vec![bound]);
    let can = world.rights().can(&Person::of(&user("ann")), &asks("get", "secrets", Where::Everywhere));
    assert_eq!(can.answer(), Answer::No);
}

fn any_binding() -> impl Strategy<Value = (Option<&'static str>, u8, &'static str, Vec<Subject>)> {
    let spaces =
        proptest::option::weighted(0.8, proptest::sample::select(vec!["oil-db", "oil-web", "gas-web", "infra"]));
    let roles =
        proptest::sample::select(vec!["admin", "view", "cluster-admin", "capsule-namespace-deleter", "missing"]);
    let subjects = proptest::sample::select(vec![
        user("ann"),
        user("system:serviceaccount:oil-web:ci"),
        account("oil-web", "ci"),
        group("devs"),
        Subject::Other { kind: "Robot".into(), name: "r2".into() },
    ]);
    (spaces, 0_u8..4, roles, proptest::collection::vec(subjects, 0..4))
}

proptest! {
    /// Asked in all namespaces, the index tells who is named; in a thought-up world, which is the same here, the bindings do.
    #[test]
    fn who_may_is_the_same_by_the_index_and_by_the_bindings(bound in proptest::collection::vec(any_binding(), 0..24)) {
        let bound: BTreeMap<Key, Binding> = bound
            .iter()
            .map(|(space, number, role, subjects)| binding(*space, &format!("b{number}"), role, subjects))
            .map(|binding| (binding.key(), binding))
            .collect();
        let (cluster, spaces): (Vec<Binding>, Vec<Binding>) = bound.into_values().partition(|binding| binding.namespace.is_none());
        let world = world(spaces, cluster);
        for (verb, what) in [("delete", "pods"), ("delete", "namespaces"), ("get", "secrets")] {
            let question = asks(verb, what, Where::Everywhere);
            let nothing: Key = (None, "there is none".into());
            let (rights, thought_up) = (world.rights(), world.rights().without(nothing));
            prop_assert_eq!(rights.who(&question), thought_up.who(&question));
        }
    }
}

#[test]
fn patterns_of_subresources_count_in_the_matrix() {
    let mut world = world(vec![binding(Some("oil-web"), "b", "shell", &[user("ann")])], Vec::new());
    let rules = [rule(&["get"], "", &["kinds"]), rule(&["create"], "", &["*/exec"])];
    tell(&mut world, Feed::ClusterRoles, vec![role(None, "shell", &rules)]);
    let matrix = world.rights().matrix(&"oil".into(), false);
    let row = matrix.row(&user("ann")).unwrap();
    let has = Capability::ALL.into_iter().filter(|capability| matrix.level(row, *capability) != Level::None);
    assert_eq!(has.collect::<Vec<_>>(), [Capability::Exec]);
}
