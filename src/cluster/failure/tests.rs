use proptest::prelude::*;

use super::*;
use crate::world::denial::parse_forbidden;
use crate::world::identity::{ActingAs, Claims, Proof, Validity};
use crate::world::trouble::Denial;

mod transport;

const NOW: i64 = 1_700_000_000;

fn place() -> Place {
    Place {
        context: "prod".into(),
        cluster: "oil".into(),
        server: "10.0.0.1:6443".into(),
        user_entry: "alice".into(),
        namespace: "web".into(),
        file: "/home/alice/.kube/config".into(),
        ..Place::default()
    }
}

fn told(status: &Status, place: &Place) -> Trouble {
    explain(&kube::Error::Api(Box::new(status.clone())), &Asked { place, what: "patch tenant oil", now: NOW })
}

fn status(code: u16, reason: &str, message: &str) -> Status {
    Status::failure(message, reason).with_code(code)
}

fn answered(code: u16, body: &str) -> Trouble {
    explain_answer(code, body.as_bytes(), &Asked { place: &place(), what: "list tenants", now: NOW })
}

#[test]
fn denials_and_outages_of_admission_are_told_by_words_and_not_by_code() {
    let capsule = |name: &str| TroubleKind::Denied { webhook: Some(name.into()) };
    let table = [
        (
            "admission webhook \"namespaces.validating.projectcapsule.dev\" denied the request: the selected tenant is cordoned",
            capsule("namespaces.validating.projectcapsule.dev"),
            "cannot patch tenant oil: Capsule denies it: its tenant is cordoned, so neither it nor what is in it can be changed",
        ),
        (
            "admission webhook \"tenants.capsule.clastix.io\" denied the request: tenant is protected and cannot be deleted",
            capsule("tenants.capsule.clastix.io"),
            "cannot patch tenant oil: Capsule denies it: the tenant is protected against being deleted",
        ),
        (
            "admission webhook \"x.corp\" denied the request without explanation",
            capsule("x.corp"),
            "cannot patch tenant oil: the webhook x.corp denies it: no reason given",
        ),
        (
            "admission webhook \"x.corp\" denied the request: failed calling webhook \"y\"",
            capsule("x.corp"),
            "cannot patch tenant oil: the webhook x.corp denies it: failed calling webhook \"y\"",
        ),
        (
            "configmaps \"a\" is forbidden: ValidatingAdmissionPolicy 'no-a' with binding 'b' denied request: a is not allowed",
            capsule("no-a"),
            "cannot patch tenant oil: the policy no-a denies it: a is not allowed",
        ),
        (
            "Internal error occurred: failed calling webhook \"tenants.validating.projectcapsule.dev\": failed to call webhook: Post \"https://capsule-webhook-service.capsule-system.svc:443/tenants?timeout=30s\": dial tcp 10.96.0.7:443: connect: connection refused",
            TroubleKind::WebhookDown { webhook: "tenants.validating.projectcapsule.dev".into() },
            "cannot patch tenant oil: Capsule's webhook tenants.validating.projectcapsule.dev is down: nothing listens there",
        ),
        (
            "Internal error occurred: failed calling webhook \"x.corp\": failed to call webhook: Post \"https://x\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
            TroubleKind::WebhookDown { webhook: "x.corp".into() },
            "cannot patch tenant oil: the webhook x.corp is down: its certificate is not trusted",
        ),
        (
            "Internal error occurred: failed calling webhook \"x.corp\": context deadline exceeded: denied the request",
            TroubleKind::WebhookDown { webhook: "x.corp".into() },
            "cannot patch tenant oil: the webhook x.corp is down: it does not answer in time",
        ),
        (
            "conversion webhook for capsule.clastix.io/v1beta1, Kind=Tenant failed: Post \"https://x\": service \"capsule-webhook-service\" not found",
            TroubleKind::WebhookDown { webhook: "capsule.clastix.io/v1beta1, Kind=Tenant".into() },
            "cannot patch tenant oil: the conversion webhook of capsule.clastix.io/v1beta1, Kind=Tenant is down: its service does not exist",
        ),
    ];
    for (message, kind, what) in table {
        for (code, reason) in [(403, "Forbidden"), (400, "BadRequest"), (500, "InternalError"), (422, "")] {
            let trouble = told(&status(code, reason, message), &place());
            assert_eq!((&trouble.kind, trouble.what.as_str()), (&kind, what), "{code}");
            assert_eq!(trouble.detail, message);
        }
    }
}

#[test]
fn each_status_has_its_sentence() {
    use TroubleKind as K;
    let denied = || K::Denied { webhook: None };
    let table = [
        (
            403,
            "Forbidden",
            "pods \"q3\" is forbidden: exceeded quota: capsule-oil-0, requested: pods=1, used: pods=1, limited: pods=1",
            denied(),
            "the quota capsule-oil-0 is used up: pods=1 asked for, pods=1 used, pods=1 is the limit",
        ),
        (
            403,
            "Forbidden",
            "pods \"q3\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true",
            denied(),
            "Pod Security restricted does not permit it: runAsNonRoot != true",
        ),
        (
            403,
            "Forbidden",
            "configmaps \"a\" is forbidden: unable to create new content in namespace x because it is being terminated",
            denied(),
            "its namespace is being terminated",
        ),
        (
            403,
            "Forbidden",
            "roles.rbac.authorization.k8s.io \"x\" is forbidden: user \"alice\" (groups=[\"g\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"]}",
            denied(),
            "nobody may grant permissions that he does not hold himself",
        ),
        (404, "NotFound", "the server could not find the requested resource", K::NotFound, "does not know this kind"),
        (
            404,
            "NotFound",
            "tenants.capsule.clastix.io \"oil\" not found",
            K::NotFound,
            "cannot patch tenant oil: tenants.capsule.clastix.io \"oil\" not found",
        ),
        (409, "AlreadyExists", "namespaces \"x\" already exists", K::Conflict, "already exists"),
        (
            409,
            "Conflict",
            "Operation cannot be fulfilled on tenants \"oil\": the object has been modified; please apply your changes to the latest version and try again",
            K::Conflict,
            "the object has changed meanwhile",
        ),
        (410, "Expired", "too old resource version: 1 (2)", K::Gone, "no longer knows the state"),
        (
            400,
            "BadRequest",
            "Tenant in version \"v1beta2\" cannot be handled as a Tenant: strict decoding error: unknown field \"spec.foo\"",
            K::Invalid,
            "cannot patch tenant oil: unknown field \"spec.foo\"",
        ),
        (
            422,
            "Invalid",
            "Tenant.capsule.clastix.io \"oil\" is invalid: spec.x: Required value",
            K::Invalid,
            "spec.x: Required value",
        ),
        (429, "TooManyRequests", "too many requests", K::TooMany, "has too much to do"),
        (
            429,
            "TooManyRequests",
            "Cannot evict pod as it would violate the pod's disruption budget.",
            K::TooMany,
            "a disruption budget",
        ),
        (
            500,
            "InternalError",
            "etcdserver: leader changed",
            K::Server,
            "the server failed (500): etcdserver: leader changed",
        ),
        (
            503,
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
            K::Server,
            "not available at the moment (503)",
        ),
        (504, "Timeout", "Timeout: request did not complete within the allotted timeout", K::Server, "in time (504)"),
        (418, "", "", K::Other, "no reason (418)"),
    ];
    for (code, reason, message, kind, words) in table {
        let trouble = told(&status(code, reason, message), &place());
        assert_eq!(trouble.kind, kind, "{message}");
        assert!(trouble.what.contains(words), "{code}: {trouble}");
        assert!(!trouble.what.contains('\n') && !trouble.what.contains("Status {"), "{trouble}");
    }
}

#[test]
fn details_of_a_status_are_used() {
    let mut conflict: Status = serde_json::from_str(
        r#"{"code":409,"reason":"Conflict","message":"Apply failed with 1 conflict: conflict with \"kubectl\": .spec.cordoned",
            "details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\"","field":".spec.cordoned"}]}}"#,
    )
    .unwrap();
    let trouble = told(&conflict, &place());
    assert_eq!(trouble.what, "cannot patch tenant oil: kubectl manages \".spec.cordoned\"");
    conflict.code = 429;
    conflict.details.as_mut().unwrap().retry_after_seconds = 7;
    assert_eq!(told(&conflict, &place()).advice, "it asks to wait 7 s");
}

#[test]
fn refusals_by_rbac_are_read() {
    let denial = |user: &str, verb: &str, resource: &str, group: &str, namespace: Option<&str>| Denial {
        user: user.into(),
        verb: verb.into(),
        resource: resource.into(),
        group: group.into(),
        namespace: namespace.map(str::to_owned),
    };
    let table = [
        (
            "tenants.capsule.clastix.io is forbidden: User \"alice\" cannot list resource \"tenants\" in API group \"capsule.clastix.io\" at the cluster scope",
            Some(denial("alice", "list", "tenants", "capsule.clastix.io", None)),
        ),
        (
            "configmaps is forbidden: User \"alice\" cannot create resource \"configmaps\" in API group \"\" in the namespace \"gas-web\"",
            Some(denial("alice", "create", "configmaps", "", Some("gas-web"))),
        ),
        (
            "pods \"x\" is forbidden: User \"system:serviceaccount:a:b\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"a\": RBAC: role \"x\" not found",
            Some(denial("system:serviceaccount:a:b", "get", "pods/log", "", Some("a"))),
        ),
        (
            "forbidden: User \"system:anonymous\" cannot get path \"/version\"",
            Some(denial("system:anonymous", "get", "/version", "", None)),
        ),
        (
            "users \"bob\" is forbidden: User \"al\\\"i\\\\ce\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope",
            Some(denial("al\"i\\ce", "impersonate", "users", "", None)),
        ),
        ("pods \"q3\" is forbidden: exceeded quota: x", None),
        ("admission webhook \"x\" denied the request: User \"alice\" cannot", None),
        ("x is forbidden: User \"alice", None),
        ("x is forbidden: User \"alice\\", None),
        ("x is forbidden: User \"alice\" cannot", None),
        ("", None),
    ];
    for (message, expected) in table {
        assert_eq!(parse_forbidden(message), expected, "{message}");
    }
}

#[test]
fn a_refusal_says_who_may_not_what_where_and_what_would_help() {
    let refused = |message: &str, place: &Place| told(&status(403, "Forbidden", message), place);
    let trouble = refused(
        "tenants.capsule.clastix.io is forbidden: User \"alice\" cannot list resource \"tenants\" in API group \"capsule.clastix.io\" at the cluster scope",
        &place(),
    );
    assert!(matches!(&trouble.kind, TroubleKind::Forbidden(denial) if denial.user == "alice"));
    assert_eq!(trouble.what, "alice may not list tenants.capsule.clastix.io in the whole cluster");
    assert_eq!(
        trouble.advice,
        "ask for `list` on tenants.capsule.clastix.io in the whole cluster (a ClusterRole bound to alice by a ClusterRoleBinding)"
    );
    let trouble = refused(
        "pods is forbidden: User \"system:serviceaccount:a:b\" cannot list resource \"pods\" in API group \"\" in the namespace \"c\": RBAC: role.rbac.authorization.k8s.io \"x\" not found",
        &place(),
    );
    assert_eq!(trouble.what, "ServiceAccount a/b may not list pods in namespace c");
    assert_eq!(
        trouble.advice,
        "ask for `list` on pods in namespace c (a Role or ClusterRole bound to ServiceAccount a/b there); a binding is broken: role.rbac.authorization.k8s.io \"x\" not found"
    );
    let acting = Place { acting_as: Some(ActingAs { user: "bob".into(), groups: vec![] }), ..place() };
    let trouble = refused(
        "users \"bob\" is forbidden: User \"alice\" cannot impersonate-on:user-info:create resource \"users\" in API group \"\" at the cluster scope",
        &acting,
    );
    assert_eq!(trouble.what, "alice may not act as bob");
    assert!(trouble.advice.contains("leave out --as"), "{trouble}");
    let trouble = refused("forbidden: User \"system:anonymous\" cannot get path \"/version\"", &place());
    assert_eq!(trouble.what, "system:anonymous may not get /version");
    assert!(trouble.advice.contains("does not know who you are"), "{trouble}");
    let trouble = refused("go away", &place());
    assert!(matches!(trouble.kind, TroubleKind::Forbidden(_)), "{trouble}");
}

fn certificate(until: Option<i64>) -> Proof {
    Proof::Certificate { common_name: "alice".into(), organizations: Vec::new(), validity: Validity::ending(until) }
}

#[test]
fn a_401_is_told_by_what_we_know_of_the_credentials() {
    let token = |end| {
        let claims = Claims { validity: Validity::ending(end), ..Claims::default() };
        Proof::Token { claims, file: None }
    };
    let table = [
        (
            certificate(Some(NOW - 86_400 * 3)),
            TroubleKind::ClientCertificateExpired,
            "expired on 2023-11-11 22:13 UTC (3 d ago)",
        ),
        (certificate(Some(NOW)), TroubleKind::ClientCertificateExpired, "expired on"),
        (
            certificate(Some(NOW + 1)),
            TroubleKind::Unauthorized,
            "does not accept the client certificate of user \"alice\" in /home/alice/.kube/config (issued to \"alice\")",
        ),
        (certificate(None), TroubleKind::Unauthorized, "does not accept the client certificate"),
        (token(Some(NOW - 7200)), TroubleKind::Unauthorized, "expired on 2023-11-14 20:13 UTC (2 h ago)"),
        (token(None), TroubleKind::Unauthorized, "does not accept the token"),
        (
            Proof::Exec { command: "aws".into(), validity: Validity::default() },
            TroubleKind::Unauthorized,
            "what the credential plugin aws gives",
        ),
        (
            Proof::AuthProvider { name: "oidc".into(), claims: Claims::default() },
            TroubleKind::Unauthorized,
            "the oidc login",
        ),
        (Proof::Basic, TroubleKind::Unauthorized, "the user name and password"),
        (Proof::Nothing, TroubleKind::Unauthorized, "context \"prod\" has no credentials"),
    ];
    for (proof, kind, words) in table {
        let trouble = told(&status(401, "Unauthorized", "Unauthorized"), &Place { proof, ..place() });
        assert_eq!(trouble.kind, kind);
        assert!(trouble.what.contains(words), "{trouble}");
        assert!(!trouble.advice.is_empty());
    }
}

#[test]
fn what_is_not_kubernetes_is_told_by_its_kind_and_title() {
    use TroubleKind as K;
    let login = "<!DOCTYPE html>\n<html><head><TITLE lang=de>Sign in &amp; \x1b[31mgo\n on</TITLE></head><body>s3cret</body></html>";
    let table = [
        (200, login, K::NotKubernetes, "an HTML page, \"Sign in & \u{FFFD}[31mgo on\" (with code 200)"),
        (403, login, K::NotKubernetes, "an HTML page, \"Sign in"),
        (302, "", K::NotKubernetes, "an empty page (with code 302)"),
        (
            502,
            "<html><head><title>502 Bad Gateway</title></head></html>",
            K::Server,
            "an HTML page instead of Kubernetes (502): \"502 Bad Gateway\"",
        ),
        (
            503,
            "no healthy upstream\ns3cret",
            K::Server,
            "plain text instead of Kubernetes (503): \"no healthy upstream\"",
        ),
        (504, "<html>s3cret", K::Server, "an HTML page instead of Kubernetes (504)"),
        (404, "404 page not found\n", K::NotFound, "does not know this kind"),
        (404, login, K::NotKubernetes, "an HTML page"),
        (
            401,
            "{\"type\":\"error\",\"status\":\"401\",\"message\":\"must authenticate\"}",
            K::Unauthorized,
            "has no credentials",
        ),
        (400, "{\"error\":\"bad\"}", K::NotKubernetes, "JSON that is not from Kubernetes, \"bad\""),
        (400, "Client sent an HTTP request to an HTTPS server.\n", K::TlsMismatch, "speaks https"),
        (407, "", K::Proxy, "wants a user name"),
        (429, "slow down", K::TooMany, "slow down"),
    ];
    for (code, body, kind, words) in table {
        let trouble = answered(code, body);
        assert_eq!(trouble.kind, kind, "{body}");
        assert!(trouble.what.contains(words), "{trouble}");
        assert!(!trouble.what.contains("s3cret"), "{trouble}");
        // kube writes such a body into a status of its own.
        if code >= 400 {
            let through_kube = told(&status(code, "Failed to parse error data", body.trim()), &place());
            assert_eq!(through_kube.kind, trouble.kind, "{body}");
        }
    }
}

#[test]
fn any_json_object_reads_as_a_status_so_its_content_decides() {
    assert_eq!(answered(418, r#"{"kind":"Status","code":410,"reason":"Expired"}"#).kind, TroubleKind::Gone);
    assert_eq!(answered(410, r#"{"kind":"Status","status":"Failure","reason":"Expired"}"#).kind, TroubleKind::Gone);
    assert_eq!(answered(410, r#"{"hello":1}"#).kind, TroubleKind::NotKubernetes);
    assert_eq!(told(&Status::default(), &place()).kind, TroubleKind::NotKubernetes);
}

#[derive(serde::Deserialize)]
struct Needed {
    #[serde(rename = "items")]
    _items: Vec<String>,
}

#[test]
fn successes_that_cannot_be_read_are_told_apart() {
    use TroubleKind as K;
    let place = place();
    let asked = Asked { place: &place, what: "list tenants", now: NOW };
    let read = |body: &str| {
        let error = serde_json::from_str::<Needed>(body).map(drop).unwrap_err();
        (explain_body(body.as_bytes(), &error, &asked), explain(&kube::Error::SerdeError(error), &asked))
    };
    let table = [
        ("<html><title>Sign in</title>", K::NotKubernetes, "an HTML page, \"Sign in\"", K::NotKubernetes),
        ("hello", K::NotKubernetes, "something that is not JSON", K::NotKubernetes),
        ("{\"message\":\"hi\"}", K::NotKubernetes, "JSON that is not from Kubernetes, \"hi\"", K::NotKubernetes),
        ("{\"kind\":\"List\",\"items\":\"s3cret\"}", K::NotKubernetes, "another shape than expected", K::NotKubernetes),
        ("{\"kind\":\"List\",\"items\":[", K::Interrupted, "breaks off", K::Interrupted),
        ("", K::NotKubernetes, "not JSON", K::NotKubernetes),
    ];
    for (body, kind, words, through_kube) in table {
        let (with_body, without) = read(body);
        assert_eq!((&with_body.kind, &without.kind), (&kind, &through_kube), "{body}");
        assert!(with_body.what.contains(words), "{with_body}");
        assert!(!format!("{with_body:?}{without:?}").contains("s3cret"));
    }
}
