//! The texts are those of a kube-apiserver 1.37.1.

use http::HeaderMap;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::object::Meta;
use super::aggregate::aggregate;
use super::escalation::{check_binding, check_role, uncovered};
use super::impersonate::{Memory, impersonate, wanted};
use super::review::{Review, access, own_rules, whoami};
use super::token::{Authenticator, Grant};
use super::*;

fn user(name: &str, groups: &[&str]) -> User {
    User { name: name.into(), groups: groups.iter().map(|one| (*one).to_owned()).collect(), ..User::default() }
}

fn cluster_role(name: &str, rules: &Value) -> Value {
    json!({"kind": "ClusterRole", "metadata": {"name": name}, "rules": rules})
}

fn binding(kind: &str, namespace: &str, name: &str, role: (&str, &str), subjects: &Value) -> Value {
    json!({"kind": kind, "metadata": {"name": name, "namespace": namespace}, "subjects": subjects,
        "roleRef": {"apiGroup": GROUP, "kind": role.0, "name": role.1}})
}

/// The default roles, and: group g views all, service accounts edit aa, bob writes roles, alice's roles are missing.
fn cluster() -> Index {
    let mut index = Index::default();
    bootstrap::objects().unwrap().iter().for_each(|object| index.upsert(object));
    let write = json!([{"verbs": ["create", "update"], "apiGroups": [GROUP],
        "resources": ["roles", "rolebindings", "clusterroles", "clusterrolebindings"]}]);
    let act = json!([
        {"verbs": ["impersonate"], "apiGroups": [""], "resources": ["users"], "resourceNames": ["bob"]},
        {"verbs": ["impersonate"], "apiGroups": [""], "resources": ["serviceaccounts"]},
    ]);
    let (crb, rb) = ("ClusterRoleBinding", "RoleBinding");
    let whom = |kind: &str, name: &str| json!([{"kind": kind, "name": name}]);
    let accounts = json!([
        {"kind": "ServiceAccount", "name": "default", "namespace": "aa"},
        {"kind": "ServiceAccount", "name": "local"},
    ]);
    for object in [
        cluster_role("writer", &write),
        cluster_role("actor", &act),
        binding(crb, "", "v", ("ClusterRole", "view"), &whom("Group", "g")),
        binding(rb, "aa", "e", ("ClusterRole", "edit"), &accounts),
        binding(crb, "", "w", ("ClusterRole", "writer"), &whom("User", "bob")),
        binding(crb, "", "wx", ("ClusterRole", "nope9"), &whom("User", "bob")),
        binding(crb, "", "a", ("ClusterRole", "actor"), &whom("User", "erin")),
        binding(crb, "", "m1", ("ClusterRole", "nope1"), &whom("User", "alice")),
        binding(rb, "aa", "m", ("ClusterRole", "nope"), &whom("User", "alice")),
        binding(rb, "aa", "m2", ("Role", "nope2"), &whom("User", "alice")),
    ] {
        index.upsert(&object);
    }
    index
}

fn get_pods(namespace: &str) -> Attributes<'_> {
    Attributes { verb: "get", resource: "pods", name: "x", namespace, ..Attributes::default() }
}

#[test]
fn the_reason_names_binding_role_and_subject() {
    let index = cluster();
    let reason = |user: &User| {
        let decision = authorize(&index, user, &get_pods("aa"));
        assert!(decision.allowed);
        decision.reason
    };
    let by_group = r#"RBAC: allowed by ClusterRoleBinding "v" of ClusterRole "view" to Group "g""#;
    assert_eq!(reason(&user("x", &["g"])), by_group);
    let by_account = r#"RBAC: allowed by RoleBinding "e/aa" of ClusterRole "edit" to ServiceAccount "default/aa""#;
    assert_eq!(reason(&User::of_service_account("aa", "default")), by_account);
    assert!(reason(&User::of_service_account("aa", "local")).ends_with(r#"to ServiceAccount "local/aa""#));
    assert_eq!(reason(&user("x", &[MASTERS])), "");
    assert!(!authorize(&index, &User::of_service_account("aa", "default"), &get_pods("bb")).allowed);
}

#[test]
fn a_refusal_says_what_the_server_says() {
    let index = cluster();
    let say = |who: &User, asked: &Attributes<'_>| {
        let decision = authorize(&index, who, asked);
        assert!(!decision.allowed);
        forbidden(who, asked, &decision.reason)
    };
    let alice = user("alice", &["system:authenticated"]);
    assert_eq!(
        say(&alice, &get_pods("aa")).message,
        concat!(
            r#"pods "x" is forbidden: User "alice" cannot get resource "pods" in API group "" in the namespace "aa": "#,
            r#"rbac: RBAC: [clusterrole.rbac.authorization.k8s.io "nope1" not found, "#,
            r#"clusterrole.rbac.authorization.k8s.io "nope" not found, "#,
            r#"role.rbac.authorization.k8s.io "nope2" not found]"#
        )
    );
    let anonymous = user("system:anonymous", &["system:unauthenticated"]);
    let list = Attributes { verb: "list", resource: "pods", ..Attributes::default() };
    let status = say(&anonymous, &list);
    let said = r#"pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope"#;
    assert_eq!((status.message.as_str(), status.details), (said, Some(json!({"kind": "pods"}))));
    let status = say(&anonymous, &Attributes { verb: "get", path: Some("/foo<x>&"), ..Attributes::default() });
    let said = r#"forbidden: User "system:anonymous" cannot get path "/foo&lt;x&gt;&amp;""#;
    assert_eq!((status.message.as_str(), status.details), (said, Some(json!({}))));
}

#[test]
fn rules_match_as_upstream() {
    let rule = |value: Value| PolicyRule::read(&value);
    let scale = rule(json!({"verbs": ["get"], "apiGroups": ["apps"], "resources": ["*/scale", "pods/log"]}));
    let asked = |resource, subresource| Attributes {
        verb: "get",
        group: "apps",
        resource,
        subresource,
        ..Attributes::default()
    };
    for (resource, subresource, allowed) in [
        ("deployments", "scale", true),
        ("pods", "log", true),
        ("pods", "", false),
        ("pods", "exec", false),
        ("", "", false),
    ] {
        assert_eq!(scale.allows(&asked(resource, subresource)), allowed, "{resource}/{subresource}");
    }
    let urls = rule(json!({"verbs": ["get"], "nonResourceURLs": ["/apis/*", "/healthz"]}));
    for (path, allowed) in [("/apis/x", true), ("/apis", false), ("/healthz", true), ("/healthz/x", false)] {
        assert_eq!(
            urls.allows(&Attributes { verb: "get", path: Some(path), ..Attributes::default() }),
            allowed,
            "{path}"
        );
    }
    let named = rule(json!({"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["y"]}));
    assert!(!named.allows(&get_pods("aa")));
}

#[test]
fn nobody_grants_more_than_they_hold() {
    let index = cluster();
    let bob = user("bob", &["g1", "system:authenticated"]);
    let asked = Attributes { verb: "create", group: GROUP, resource: "clusterroles", ..Attributes::default() };
    let named =
        json!([{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["x", "y"]}]);
    let said = check_role(&index, &bob, &asked, &cluster_role("r1", &named), None).unwrap_err().message;
    assert_eq!(
        said,
        "clusterroles.rbac.authorization.k8s.io \"r1\" is forbidden: user \"bob\" (groups=[\"g1\" \"system:authenticated\"]) is \
         attempting to grant RBAC permissions not currently held:\n\
         {APIGroups:[\"\"], Resources:[\"pods\"], ResourceNames:[\"x\"], Verbs:[\"get\" \"list\"]}\n\
         {APIGroups:[\"\"], Resources:[\"pods\"], ResourceNames:[\"y\"], Verbs:[\"get\" \"list\"]}; \
         resolution errors: [clusterroles.rbac.authorization.k8s.io \"nope9\" not found]"
    );
    let mut gathers = cluster_role("agg", &json!([]));
    gathers.set(&["aggregationRule"], json!({"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}));
    let said = check_role(&index, &bob, &asked, &gathers, None).unwrap_err().message;
    assert!(said.ends_with(r#""agg" is forbidden: must have cluster-admin privileges to use the aggregationRule"#));
    let old = cluster_role("r1", &named);
    let mut kept = old.clone();
    kept.set(&["metadata", "finalizers"], json!(["a/b"]));
    assert!(check_role(&index, &bob, &asked, &kept, Some(&old)).is_ok());

    let bind = |role, name| binding("RoleBinding", "aa", "q", (role, name), &json!([]));
    let status = check_binding(&index, &bob, "aa", &bind("Role", "nonexist"), None).unwrap_err();
    assert_eq!(status.message, r#"rolebindings.rbac.authorization.k8s.io "nonexist" not found"#);
    let status = check_binding(&index, &bob, "aa", &bind("Foo", "nonexist"), None).unwrap_err();
    assert_eq!((status.code, status.message.as_str()), (500, r#"unsupported role reference kind: "Foo""#));
    assert_eq!(check_binding(&index, &bob, "aa", &bind("ClusterRole", "view"), None).unwrap_err().code, 403);
    assert!(check_binding(&index, &bob, "aa", &bind("ClusterRole", "writer"), None).is_ok());
}

#[test]
fn impersonation_is_constrained_first_and_legacy_last() {
    let index = cluster();
    let (erin, mut memory) = (user("erin", &["system:authenticated"]), Memory::default());
    let list = Attributes { verb: "list", resource: "pods", namespace: "aa", ..Attributes::default() };
    let mut act = |name: &str| impersonate(&index, &erin, &user(name, &[]), &list, &mut memory);
    let said = act("dave").unwrap_err().message;
    let first = r#"pods is forbidden: User "erin" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "aa""#;
    assert_eq!(said, first);
    assert!(act("system:node:n1").unwrap_err().message.contains("impersonate-on:arbitrary-node:list"));
    assert_eq!(act("bob").unwrap(), user("bob", &["system:authenticated"]));
    let said = act("dave").unwrap_err().message;
    let then = r#"users "dave" is forbidden: User "erin" cannot impersonate resource "users" in API group "" at the cluster scope"#;
    assert_eq!(said, then);
    assert_eq!(act("system:serviceaccount:aa:ci").unwrap(), User::of_service_account("aa", "ci"));
}

#[test]
fn impersonation_headers_need_a_name() {
    let mut headers = HeaderMap::new();
    assert_eq!(wanted(&headers).unwrap(), None);
    headers.insert("impersonate-group", "x".parse().unwrap());
    let said = r#"requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"x"}, Extra:map[string][]string(nil)} without impersonating a user name"#;
    assert_eq!(wanted(&headers).unwrap_err().message, said);
    headers.insert("impersonate-user", "bob".parse().unwrap());
    headers.insert("impersonate-extra-a.io%2fb", "c".parse().unwrap());
    let user = wanted(&headers).unwrap().unwrap();
    assert_eq!(user.extra.get("a.io/b").map(Vec::len), Some(1));
}

#[test]
fn access_reviews_answer_and_validate() {
    let index = cluster();
    let say = |review, spec: Value| {
        let body = json!({"kind": "X", "metadata": {}, "spec": spec});
        access(&index, review, &user("alice", &[]), "aa", &body).map(|answer| answer["status"].clone())
    };
    let pods = |namespace: &str| json!({"verb": "get", "resource": "pods", "namespace": namespace});
    let status = say(Review::Subject, json!({"user": "x", "groups": [MASTERS], "resourceAttributes": pods("aa")}));
    assert_eq!(status.unwrap(), json!({"allowed": true}));
    let mut odd = pods("aa");
    odd.set(&["labelSelector"], json!({"requirements": [{"key": "a", "operator": "Foo"}]}));
    let status = say(Review::Subject, json!({"user": "x", "groups": [MASTERS], "resourceAttributes": odd})).unwrap();
    assert_eq!(status["evaluationError"], "spec.resourceAttributes.labelSelector ignored due to parse error");
    let refused = |review, spec| say(review, spec).unwrap_err().message;
    let said = r#".authorization.k8s.io "" is invalid: spec: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"#;
    assert_eq!(refused(Review::SelfSubject, json!({})), said);
    let both = json!({"resourceAttributes": {"verb": "get"}, "nonResourceAttributes": {"verb": "get"}});
    assert!(refused(Review::SelfSubject, both).contains(r#"Invalid value: {"Path":"","Verb":"get"}: exactly"#));
    let said = refused(Review::Local, json!({"user": "bob", "resourceAttributes": pods("bb")}));
    assert!(said.ends_with(r#"spec.resourceAttributes.namespace: Invalid value: "bb": must match metadata.namespace"#));
    let said = refused(Review::Subject, json!({"resourceAttributes": pods("aa")}));
    assert!(said.ends_with(r#"spec.user: Invalid value: "": at least one of user or group must be specified"#));
}

#[test]
fn one_can_ask_who_one_is_and_what_one_may() {
    let index = cluster();
    let who = user("alice", &["system:authenticated"]);
    let me = whoami(&who, "2026-11-23T02:52:29Z");
    assert_eq!(me["status"]["userInfo"], json!({"username": "alice", "groups": ["system:authenticated"]}));
    let answer = own_rules(&index, &who, &json!({"spec": {"namespace": "aa"}})).unwrap();
    assert_eq!(answer["spec"], json!({}));
    assert_eq!(answer.list(&["status", "resourceRules"]).len(), 2);
    assert_eq!(answer.list(&["status", "nonResourceRules"]).len(), 2);
    assert!(answer["status"]["evaluationError"].as_str().unwrap().starts_with("[clusterrole.rbac"));
    assert_eq!(own_rules(&index, &who, &json!({})).unwrap_err().message, "no namespace on request");
}

#[test]
fn aggregated_roles_are_those_of_a_real_controller() {
    let all = bootstrap::objects().unwrap();
    let roles: Vec<&Value> = all.iter().filter(|object| object["kind"] == "ClusterRole").collect();
    assert_eq!((all.len(), roles.len()), (141, 73));
    let aggregated: Vec<&&Value> = roles.iter().filter(|role| role.get("aggregationRule").is_some()).collect();
    assert_eq!(aggregated.len(), 3);
    for role in aggregated {
        assert_eq!(aggregate(role, roles.iter().copied()), Some(Role::read(role).rules), "{}", role.name());
    }
    assert_eq!(aggregate(&cluster_role("x", &json!([])), []), None);
}

#[test]
fn tokens_are_verified_before_they_are_trusted() {
    let mut known = Authenticator::new([7; 32], "https://demo");
    known.know("secret", user("alice", &[]));
    let uid = |_: &str, _: &str| Some("u1".to_owned());
    assert!(known.authenticate("secret", 0, uid).unwrap().is_in("system:authenticated"));
    let grant = Grant {
        namespace: "aa".into(),
        name: "ci".into(),
        uid: "u1".into(),
        issued_at: 100,
        lifetime: 600,
        id: "j".into(),
        ..Grant::default()
    };
    let token = known.issue(&grant);
    let found = known.authenticate(&token, 100, uid).unwrap();
    assert_eq!((found.name.as_str(), found.uid.as_str()), ("system:serviceaccount:aa:ci", "u1"));
    assert_eq!(found.extra["authentication.kubernetes.io/credential-id"], ["JTI=j"]);
    assert_eq!(known.authenticate(&token, 700, uid), None);
    assert_eq!(known.authenticate(&token, 99, uid), None);
    assert_eq!(known.authenticate(&token, 100, |_, _| None), None);
    assert_eq!(known.authenticate(&token, 100, |_, _| Some("u2".to_owned())), None);
    assert_eq!(Authenticator::new([8; 32], "https://demo").authenticate(&token, 100, uid), None);
    let other = known.issue(&Grant { audiences: vec!["elsewhere".into()], ..grant });
    assert_eq!(known.authenticate(&other, 100, uid), None);
}

#[test]
fn the_index_forgets() {
    let mut index = cluster();
    let who = User::of_service_account("aa", "default");
    index.remove("RoleBinding", "aa", "e");
    assert!(!authorize(&index, &who, &get_pods("aa")).allowed);
}

fn words(from: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(from).prop_map(str::to_owned), 0..3)
}

fn any_rule() -> impl Strategy<Value = PolicyRule> {
    (
        words(&["get", "list", "*"]),
        words(&["", "apps", "*"]),
        words(&["pods", "pods/log", "*/log", "*"]),
        words(&["a", "b"]),
        words(&["/a", "/a/*", "/a/b", "*"]),
    )
        .prop_map(|(verbs, api_groups, resources, resource_names, non_resource_urls)| PolicyRule {
            verbs,
            api_groups,
            resources,
            resource_names,
            non_resource_urls,
        })
}

fn everything() -> Vec<PolicyRule> {
    let all = || vec!["*".to_owned()];
    vec![
        PolicyRule { verbs: all(), api_groups: all(), resources: all(), ..PolicyRule::default() },
        PolicyRule { verbs: all(), non_resource_urls: all(), ..PolicyRule::default() },
    ]
}

proptest! {
    #[test]
    fn a_star_covers_all(wanted in prop::collection::vec(any_rule(), 0..4)) {
        prop_assert_eq!(uncovered(&everything(), &wanted), Vec::new());
    }

    /// What a covered rule allows, one of the covering rules allows too.
    #[test]
    fn covering_is_sound(held in prop::collection::vec(any_rule(), 0..4), wanted in any_rule()) {
        if uncovered(&held, std::slice::from_ref(&wanted)).is_empty() {
            for verb in ["get", "list", "watch"] {
                for path in ["/a", "/a/b", "/a/c", "/z"] {
                    let asked = Attributes { verb, path: Some(path), ..Attributes::default() };
                    prop_assert!(!wanted.allows(&asked) || held.iter().any(|rule| rule.allows(&asked)), "{asked:?}");
                }
                for group in ["", "apps", "batch"] {
                    for (resource, subresource) in [("pods", ""), ("pods", "log"), ("nodes", "log"), ("nodes", "")] {
                        for name in ["", "a", "b", "c"] {
                            let asked =
                                Attributes { verb, group, resource, subresource, name, ..Attributes::default() };
                            prop_assert!(!wanted.allows(&asked) || held.iter().any(|rule| rule.allows(&asked)), "{asked:?}");
                        }
                    }
                }
            }
        }
    }

    /// Any text in any place: no panic.
    #[test]
    fn nothing_panics(text in "\\PC*", token in "[a-zA-Z0-9._-]{0,80}") {
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|_| json!(text));
        let body = json!({"kind": "RoleBinding", "metadata": value, "roleRef": value, "subjects": [value], "spec": value,
            "rules": [value], "aggregationRule": {"clusterRoleSelectors": [value]}});
        let mut index = Index::default();
        index.upsert(&body);
        let who = user(&text, &[&text]);
        let asked = Attributes { verb: &text, resource: &text, subresource: &text, namespace: &text, ..Attributes::default() };
        let _ = forbidden(&who, &asked, &authorize(&index, &who, &asked).reason);
        let _ = check_binding(&index, &who, &text, &body, Some(&value));
        let _ = check_role(&index, &who, &asked, &body, Some(&value));
        let _ = aggregate(&body, [&body, &value]);
        let _ = impersonate(&index, &who, &who, &asked, &mut Memory::default());
        for review in [Review::SelfSubject, Review::Subject, Review::Local] {
            let _ = access(&index, review, &who, &text, &body);
            let _ = access(&index, review, &who, &text, &value);
        }
        let _ = own_rules(&index, &who, &value);
        prop_assert_eq!(Authenticator::new([1; 32], "x").authenticate(&token, 0, |_, _| None), None);
    }
}
