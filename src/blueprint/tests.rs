use proptest::prelude::*;
use serde_json::{Value, json};

use super::create::{self, Identity};
use super::facts::Facts;
use super::hosts::Host;
use super::read::read;
use super::sheet::{Given, Sheet, sheet};
use super::{Blueprint, File, render, shipped};
use crate::plan::joining::Way;
use crate::plan::manifest::Manifest;
use crate::plan::work::{self, Wish};
use crate::plan::{Before, Change, Plan, Target};
use crate::world::binding::Subject;
use crate::world::capsule::{Configuration, Era};
use crate::world::resource::{Resource, Resources};

fn resource(group: &str, version: &str, plural: &str, kind: &str, namespaced: bool) -> Resource {
    Resource {
        group: group.into(),
        version: version.into(),
        plural: plural.into(),
        kind: kind.into(),
        namespaced,
        ..Resource::default()
    }
}

fn resources() -> Resources {
    let all = [
        ("", "v1", "namespaces", "Namespace", false),
        ("", "v1", "services", "Service", true),
        ("", "v1", "serviceaccounts", "ServiceAccount", true),
        ("", "v1", "resourcequotas", "ResourceQuota", true),
        ("", "v1", "limitranges", "LimitRange", true),
        ("apps", "v1", "deployments", "Deployment", true),
        ("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true),
        ("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true),
        ("networking.k8s.io", "v1", "ingresses", "Ingress", true),
        ("networking.k8s.io", "v1", "ingressclasses", "IngressClass", false),
        ("gateway.networking.k8s.io", "v1", "gateways", "Gateway", true),
        ("gateway.networking.k8s.io", "v1", "gatewayclasses", "GatewayClass", false),
        ("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute", true),
        ("cert-manager.io", "v1", "clusterissuers", "ClusterIssuer", false),
        ("kuma.io", "v1alpha1", "meshes", "Mesh", false),
        ("kuma.io", "v1alpha1", "meshtrafficpermissions", "MeshTrafficPermission", true),
        ("capsule.clastix.io", "v1beta2", "tenants", "Tenant", false),
    ];
    let all = all.map(|(group, version, plural, kind, namespaced)| resource(group, version, plural, kind, namespaced));
    Resources::new(all.to_vec(), Vec::new())
}

fn configuration() -> Configuration {
    Configuration {
        name: "default".into(),
        users: vec![Subject::Group("projectcapsule.dev".into())],
        administrators: vec![Subject::Group("platform".into())],
        ignored_groups: Vec::new(),
        protected_namespaces: Some("^(kube|core)-.*".into()),
        force_prefix: false,
        ready: None,
    }
}

/// A cluster that has everything.
fn facts() -> Facts {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let host = |name: &str, object: &str, namespace: &str| Host {
        name: name.to_owned(),
        object: object.to_owned(),
        namespace: namespace.to_owned(),
    };
    let space = |name: &str, tenant: Option<&str>| (name.to_owned(), tenant.map(str::to_owned));
    Facts {
        resources: resources(),
        lists: [
            ("ingressClasses", list(&["nginx", "traefik"])),
            ("ingressNamespaces", list(&["ingress-nginx"])),
            ("gatewayClasses", list(&["kuma"])),
            ("gateways", list(&["edge/public"])),
            ("clusterIssuers", list(&["letsencrypt"])),
        ]
        .into(),
        hosts: vec![
            host("shop.example.net", "Ingress gas-web/site", "gas-web"),
            host("*.wild.example.net", "Gateway edge/public", "edge"),
            host("own.example.net", "Ingress oil-web/site", "oil-web"),
        ],
        tenants: list(&["gas"]),
        namespaces: [space("gas-web", Some("gas")), space("oil-web", Some("oil")), space("edge", None)].into(),
        configuration: Some(configuration()),
        era: Era::Dynamic,
        user: "ops".to_owned(),
        groups: list(&["platform"]),
        ..Facts::default()
    }
}

fn given(pairs: &[(&str, &str)]) -> Given {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn built_in(name: &str) -> Blueprint {
    shipped::named(name).unwrap().unwrap_or_else(|faults| panic!("{name}: {faults:?}"))
}

fn titles(manifests: &[Manifest]) -> Vec<String> {
    let title = |one: &Manifest| match &one.namespace {
        Some(namespace) => format!("{} {namespace}/{}", one.kind, one.name),
        None => format!("{} {}", one.kind, one.name),
    };
    manifests.iter().map(title).collect()
}

fn rendered(blueprint: &Blueprint, sheet: &Sheet, facts: &Facts) -> Vec<Manifest> {
    assert_eq!(sheet.troubles(), [], "{}", blueprint.name);
    render::render(blueprint, &sheet.values(), facts).unwrap_or_else(|faults| panic!("{faults:?}"))
}

#[test]
fn what_is_built_in_makes_what_it_says() {
    let facts = facts();
    let few = [("owners", "alice, group:devs, sa:sun-web/ci")];
    let blueprint = built_in("empty");
    let sheet = sheet(&blueprint, "sun", &given(&few), &facts);
    let made = rendered(&blueprint, &sheet, &facts);
    assert_eq!(titles(&made), ["Tenant sun", "Namespace sun-web"]);
    assert_eq!(
        made[0].value()["spec"],
        json!({"namespaceOptions": {"quota": 5}, "owners": [
            {"kind": "User", "name": "alice"},
            {"kind": "Group", "name": "devs"},
            {"kind": "ServiceAccount", "name": "system:serviceaccount:sun-web:ci"},
        ]})
    );
    assert_eq!(made[1].source().to_string(), "empty/templates/20-namespaces.yaml:3");
    let web = [few[0], ("host", "sun.example.net"), ("viewers", "bob"), ("replicas", "3")];
    for (name, address, last) in [
        ("web", "ingress", &["Ingress sun-web/site"][..]),
        ("web", "gateway", &["Gateway sun-web/site", "HTTPRoute sun-web/site"]),
        ("web", "route", &["HTTPRoute sun-web/site"]),
        ("mesh", "none", &[]),
    ] {
        let blueprint = built_in(name);
        let mut given = given(&web);
        given.insert("address".to_owned(), address.to_owned());
        if address == "none" {
            given.remove("host");
        }
        let sheet = super::sheet::sheet(&blueprint, "sun", &given, &facts);
        let made = rendered(&blueprint, &sheet, &facts);
        let mut wanted = vec!["Tenant sun", "Namespace sun-web"];
        if name == "mesh" {
            wanted.extend([
                "Mesh sun",
                "MeshTrafficPermission kuma-system/sun-within",
                "NetworkPolicy sun-web/mesh-control-plane",
            ]);
        }
        wanted.extend([
            "NetworkPolicy sun-web/tenant-default",
            "ResourceQuota sun-web/tenant-default",
            "LimitRange sun-web/tenant-default",
            "ServiceAccount sun-web/site",
            "Service sun-web/site",
            "Deployment sun-web/site",
            "PodDisruptionBudget sun-web/site",
        ]);
        wanted.extend(last);
        assert_eq!(titles(&made), wanted, "{name} {address}");
        let of = |kind: &str| made.iter().find(|one| one.kind == kind).map(Manifest::value).unwrap();
        assert_eq!(of("ResourceQuota")["spec"]["hard"]["limits.cpu"], "2", "a quantity stays a text");
        assert_eq!(of("Deployment")["spec"]["replicas"], 3);
        let policy = of("NetworkPolicy");
        assert!(policy["spec"]["podSelector"].is_object());
        match address {
            "ingress" => {
                let ingress = of("Ingress");
                assert_eq!(ingress["spec"]["ingressClassName"], "nginx");
                assert_eq!(ingress["spec"]["tls"], json!([{"hosts": ["sun.example.net"], "secretName": "site-tls"}]));
                assert_eq!(ingress["metadata"]["annotations"]["cert-manager.io/cluster-issuer"], "letsencrypt");
                let from = policy["spec"]["ingress"][0]["from"].to_string();
                assert!(
                    from.contains("ingress-nginx") && from.contains("\"capsule.clastix.io/tenant\":\"sun\""),
                    "{from}"
                );
            }
            "gateway" => {
                assert_eq!(of("Gateway")["spec"]["listeners"][0]["tls"]["certificateRefs"][0]["name"], "site-tls");
            }
            "route" => {
                assert_eq!(of("HTTPRoute")["spec"]["parentRefs"], json!([{"namespace": "edge", "name": "public"}]));
                assert!(policy.to_string().contains("\"edge\""));
            }
            _ => assert_eq!(of("Mesh")["spec"]["mtls"]["enabledBackend"], "ca"),
        }
    }
}

#[test]
fn only_what_the_cluster_has_is_offered() {
    let mut facts = facts();
    let web = built_in("web");
    let offered = |facts: &Facts| -> Vec<String> {
        let sheet = sheet(&web, "sun", &given(&[("owners", "alice"), ("host", "a.example.net")]), facts);
        sheet.field("address").unwrap().choices.iter().map(|choice| choice.value.clone()).collect()
    };
    assert_eq!(offered(&facts), ["ingress", "gateway", "route", "none"]);
    facts.lists.clear();
    facts.resources = Resources::new(resources().all()[..9].to_vec(), Vec::new());
    assert_eq!(offered(&facts), ["none"]);
    let wanted = given(&[("owners", "alice"), ("address", "route")]);
    let troubles: Vec<String> =
        sheet(&web, "sun", &wanted, &facts).troubles().into_iter().map(|trouble| trouble.what).collect();
    assert!(
        troubles.contains(
            &"address: route cannot be had: this cluster has no gateways.gateway.networking.k8s.io".to_owned()
        ),
        "{troubles:?}"
    );
    let sheet = sheet(&built_in("mesh"), "sun", &given(&[("owners", "alice")]), &facts);
    assert_eq!(sheet.troubles()[0].what, "this cluster has no meshes.kuma.io");
    let tls = sheet.field("tls").unwrap();
    assert!(!tls.asked && tls.lacking.is_some() && tls.value.is_null());
}

#[test]
fn what_is_typed_is_looked_at_at_once() {
    let mut facts = facts();
    facts.configuration.as_mut().unwrap().force_prefix = true;
    let web = built_in("web");
    let fault = |facts: &Facts, name: &str, text: &str| {
        let given = given(&[("owners", "alice"), ("host", "free.example.net"), (name, text)]);
        let sheet = sheet(&web, "oil", &given, facts);
        sheet.field(name).unwrap().fault.clone().unwrap_or_default()
    };
    for (name, text, words) in [
        ("namespaces", "oil-web, Oil", "Oil: names are made of a-z, 0-9 and -, without capital letters"),
        ("namespaces", "web", "web must begin with oil-"),
        ("namespaces", "oil-a, oil-a", "oil-a is there twice"),
        ("namespaces", "", "it is missing"),
        ("cpu", "2 cores", "2 cores is no quantity"),
        ("host", "shop.example.net", "shop.example.net is taken by Ingress gas-web/site of the tenant gas"),
        ("host", "a.wild.example.net", "where it is covered by *.wild.example.net"),
        ("host", "own.example.net", ""),
        ("host", "https://x", "only the host's name stands here"),
        ("podSecurity", "privileged", "privileged is none of restricted, baseline"),
        ("replicas", "many", "many is no whole number"),
        ("replicas", "1000", "100 at most, and not 1000"),
        ("internet", "perhaps", "neither yes nor no"),
        ("image", "a b", "is no image"),
        ("owners", "group:", "a name is missing"),
    ] {
        let told = fault(&facts, name, text);
        assert!(if words.is_empty() { told.is_empty() } else { told.contains(words) }, "{name}={text}: {told:?}");
    }
    facts.configuration.as_mut().unwrap().force_prefix = false;
    assert!(fault(&facts, "namespaces", "kube-oil").contains("kube-oil is protected"));
    assert!(fault(&facts, "namespaces", "gas-web").contains("belongs to the tenant gas"));
    assert!(fault(&facts, "namespaces", "edge").contains("belongs to no tenant"));
    let bad = sheet(&web, "Oil_1", &given(&[("owner", "alice")]), &facts).troubles();
    let told: Vec<&str> = bad.iter().map(|trouble| trouble.what.as_str()).collect();
    assert!(told.contains(&"web has no parameter owner; did you mean owners?"), "{told:?}");
    assert!(told.iter().any(|words| words.starts_with("tenant: Oil_1")), "{told:?}");
    let noted = sheet(&web, "gas", &given(&[("owners", "alice,group:devs")]), &facts);
    let notes: Vec<&str> = noted.notes().collect();
    assert!(notes[0].contains("there is a tenant gas already"), "{notes:?}");
    assert!(
        notes[1].contains("alice as a user only if the credentials carry the group projectcapsule.dev"),
        "{notes:?}"
    );
    assert!(notes[2].contains("members of group:devs"), "{notes:?}");
    facts.unread.insert("hosts", "alice may not list ingresses".to_owned());
    let unsure = sheet(&web, "sun", &given(&[("owners", "alice"), ("host", "a.example.net")]), &facts);
    let words = "whether somebody has this already is not known: alice may not list ingresses";
    assert!(unsure.notes().any(|note| note == words), "what could not be asked never looks green");
}

fn files(about: &str, templates: &[(&str, &str)]) -> Vec<File> {
    let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
    let templates = templates.iter().map(|(name, text)| file(&format!("own/templates/{name}"), text));
    std::iter::once(file("own/blueprint.yaml", about)).chain(templates).collect()
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let about = "name: own\n\
        descripton: x\n\
        needs: ingresClasses\n\
        parameters:\n\
        - name: image\n\
        \x20 type: strin\n\
        - name: 1st\n\
        - name: size\n\
        \x20 type: int\n\
        \x20 default: many\n\
        \x20 pattern: \"[\"\n\
        - name: size\n\
        - name: how\n\
        \x20 type: choice\n\
        - name: what\n\
        \x20 when: size >\n";
    let templates = [("a.yaml", "kind: {% if %}\n"), ("b.yaml", "a: {{ x\n"), ("c.yaml", "fine: {{ size | upper }}\n")];
    let faults = read(&files(about, &templates)).unwrap_err();
    let told: Vec<String> = faults
        .iter()
        .map(|fault| format!("{}:{}:{}: {}", fault.origin, fault.line, fault.column, fault.message))
        .collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    for (at, wanted) in [
        "own/blueprint.yaml:2:1: a blueprint has no descripton; did you mean description?",
        "own/blueprint.yaml:3:8: ingresClasses is neither a kind with its group, as in meshes.kuma.io, nor a list; did you mean ingressClasses?",
        "own/blueprint.yaml:6:9: there is no type strin; did you mean string?",
        "own/blueprint.yaml:7:9: 1st can be no parameter's name",
        "own/blueprint.yaml:11:3: [ is no regular expression",
        "own/blueprint.yaml:10:3: the default of size is \"many\", which is no int",
        "own/blueprint.yaml:12:9: there are two parameters size",
        "own/blueprint.yaml:14:3: how is a choice, and there are no choices",
        "own/blueprint.yaml:16:9: ",
        "own/templates/a.yaml:1:",
        "own/templates/b.yaml:1:",
    ]
    .iter()
    .enumerate()
    {
        assert!(told[at].starts_with(wanted), "{at}: {wanted}\n{}", told.join("\n"));
    }
    assert_eq!(told.len(), 11, "{}", told.join("\n"));
    assert!(faults[0].to_string().contains("^^^^^^^^^^"), "{}", faults[0]);
}

#[test]
fn a_fault_in_what_is_made_has_the_line_of_the_template() {
    let about =
        "name: own\nparameters:\n- {name: names, type: list, default: [a, b]}\n- {name: size, type: int, default: 3}\n";
    let made = |template: &str| {
        let blueprint = read(&files(about, &[("a.yaml", template)])).unwrap();
        let sheet = sheet(&blueprint, "sun", &Given::new(), &Facts::default());
        render::render(&blueprint, &sheet.values(), &Facts::default())
    };
    let told = |template: &str| {
        let fault = made(template).unwrap_err().remove(0);
        format!("{}:{}:{}: {}", fault.origin, fault.line, fault.column, fault.message)
    };
    let object = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n";
    let looped = format!("{{% for name in names %}}\n{object}  name: {{{{ name }}}}\n{{% endfor %}}\n");
    let good = made(&looped).unwrap();
    assert_eq!(titles(&good), ["ConfigMap a", "ConfigMap b"]);
    assert_eq!(good[1].source().place_of("metadata.name"), "own/templates/a.yaml:6");
    let twice =
        format!("# one\n{{% for name in names %}}\n{object}  name: {{{{ name }}}}\n  name: x\n{{% endfor %}}\n");
    assert_eq!(told(&twice), "own/templates/a.yaml:8:3: name is set twice: here and on line 7");
    assert_eq!(
        told(&format!("{object}  name: {{{{ nam }}}}\n")),
        "own/templates/a.yaml:5:12: nam is defined nowhere: it is no parameter"
    );
    assert_eq!(told("a: 1\n"), "own/templates/a.yaml:1:1: apiVersion must be a text, and is missing or none");
    assert!(told(&format!("{object}  name: {{{{ size }}}}\n")).contains("metadata.name is 3, not a text"));
    let text = format!("{object}  name: a\ndata:\n  k: x {{{{ names }}}}\n");
    assert_eq!(told(&text), "own/templates/a.yaml:7:3: a list cannot stand within a text");
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}\n";
    assert!(told(endless).contains("too many rounds"), "{}", told(endless));
    // Macros make text of the template, values in them stay values.
    let macros = format!(
        "{{% macro map(name) %}}\n{object}  name: {{{{ name }}}}\n{{% endmacro %}}\n{{{{ map(\"a\") }}}}\n{{{{ map(names[1]) }}}}\n"
    );
    assert_eq!(titles(&made(&macros).unwrap()), ["ConfigMap a", "ConfigMap b"]);
    assert!(told(&format!("{object}  name: {{{{ names[0] | safe }}}}\n")).contains("safe"));
}

#[test]
fn one_extends_another() {
    let about = "name: own\nextends: empty\nparameters:\n- {name: quota, type: int, default: 9}\n- {name: note, default: \"{{ tenant }} of {{ quota }}\"}\n";
    let more = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: note\n  namespace: {{ namespaces[0] }}\ndata:\n  note: {{ note }}\n";
    let blueprint = read(&files(about, &[("30-note.yaml", more)])).unwrap();
    let names: Vec<&str> = blueprint.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["owners", "namespaces", "quota", "note"]);
    let facts = facts();
    let sheet = sheet(&blueprint, "sun", &given(&[("owners", "alice")]), &facts);
    let made = rendered(&blueprint, &sheet, &facts);
    assert_eq!(titles(&made), ["Tenant sun", "Namespace sun-web", "ConfigMap sun-web/note"]);
    assert_eq!(made[2].value()["data"]["note"], "sun of 9");
    let faults = read(&files("name: own\nextends: wob\n", &[])).unwrap_err();
    assert!(faults[0].message.contains("there is no built-in blueprint wob; there are empty, web, mesh"), "{faults:?}");
}

fn planned(name: &str, facts: &Facts, wish: &Identity) -> Plan {
    let blueprint = built_in(name);
    let given = if name == "empty" {
        given(&[("owners", "alice")])
    } else {
        given(&[("owners", "alice"), ("host", "sun.example.net")])
    };
    let sheet = sheet(&blueprint, "sun", &given, facts);
    let manifests = rendered(&blueprint, &sheet, facts);
    let mut plan = work::plan(name, &manifests, &facts.resources, &Wish::default(), Target::default())
        .unwrap_or_else(|_| panic!());
    create::shape(&mut plan, &sheet, facts, wish, &Before::Absent);
    plan
}

fn stages(plan: &Plan) -> Vec<String> {
    let of = |stage: &crate::plan::Stage| match stage.steps.as_slice() {
        [step] => match &step.change {
            Change::Merge(patch) => format!("cordoned: {}", patch["spec"]["cordoned"]),
            _ => step.object.title(),
        },
        steps => format!("{} objects", steps.len()),
    };
    plan.stages.iter().map(of).collect()
}

#[test]
fn the_order_and_the_cordon_follow_who_may_make_namespaces() {
    let mut facts = facts();
    let plan = planned("web", &facts, &Identity::Auto);
    assert_eq!(stages(&plan), ["Tenant sun", "Namespace sun-web", "4 objects", "4 objects", "cordoned: false"]);
    let Change::Apply { manifest, .. } = &plan.steps().next().unwrap().change else { panic!("no apply") };
    assert_eq!(manifest["spec"]["cordoned"], true, "an administrator makes it behind the cordon");
    assert_eq!(plan.joining.as_ref().unwrap().ways[0], Way::Ourselves);
    assert_eq!(plan.title, "Create tenant sun (web)");

    facts.groups = vec!["system:masters".to_owned()];
    let plan = planned("web", &facts, &Identity::Auto);
    assert_eq!(
        stages(&plan),
        ["Tenant sun", "Namespace sun-web", "cordoned: true", "4 objects", "4 objects", "cordoned: false"]
    );
    let ways = &plan.joining.as_ref().unwrap().ways;
    assert_eq!(ways.iter().map(Way::words).collect::<Vec<_>>(), ["as alice (projectcapsule.dev)"]);
    assert!(plan.summary.iter().any(|words| words.contains("cordoned right after them")), "{:?}", plan.summary);

    facts.era = Era::Static;
    let plan = planned("web", &facts, &Identity::Auto);
    assert_eq!(stages(&plan)[2], "4 objects");
    assert_eq!(plan.joining.as_ref().unwrap().ways[0], Way::Adopted);

    facts.groups = vec!["projectcapsule.dev".to_owned()];
    let plan = planned("web", &facts, &Identity::Auto);
    assert!(!stages(&plan).iter().any(|stage| stage.starts_with("cordoned")), "it would keep us out");
    facts.groups = vec!["platform".to_owned()];
    let plan = planned("empty", &facts, &Identity::Auto);
    assert_eq!(stages(&plan), ["Tenant sun", "Namespace sun-web"]);
    let plan = planned("web", &facts, &Identity::Owner("bob".to_owned()));
    assert_eq!(plan.joining.unwrap().ways[0].words(), "as bob (projectcapsule.dev)");
}

proptest! {
    #[test]
    fn no_value_changes_what_is_made(text in "\\PC{0,30}|[\n:{}\\[\\]\"'&*!|>%@# -]{1,20}") {
        let about = "name: own\nparameters:\n- {name: note}\n- {name: notes, type: list}\n";
        let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {l: {{ note }}}\n\
            data:\n  {{ note }}-key: {{ note }}\n  text: |\n    a {{ note }} b\n  all: \"x {{ notes | join(\",\") }}\"\n";
        let blueprint = read(&files(about, &[("a.yaml", template)])).unwrap();
        let facts = Facts::default();
        let mut values = sheet(&blueprint, "sun", &Given::new(), &facts).values();
        values.insert("note".to_owned(), text.as_str().into());
        values.insert("notes".to_owned(), json!([text, text]));
        let made = render::render(&blueprint, &values, &facts).unwrap();
        let wanted = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {"l": text}},
            "data": {format!("{text}-key"): text, "text": format!("a {text} b\n"), "all": format!("x {text},{text}")},
        });
        prop_assert_eq!(made.iter().map(Manifest::value).collect::<Vec<_>>(), vec![wanted]);
    }

    #[test]
    fn filling_in_is_total(name in "\\PC{0,20}", text in "\\PC{0,40}", at in 0_usize..22) {
        let web = built_in("web");
        let facts = facts();
        let parameter = web.parameters[at % web.parameters.len()].name.clone();
        let sheet = sheet(&web, &name, &given(&[("owners", "alice"), (parameter.as_str(), text.as_str())]), &facts);
        prop_assert_eq!(sheet.fields.len(), web.parameters.len() + 1);
        if sheet.troubles().is_empty() {
            prop_assert!(render::render(&web, &sheet.values(), &facts).is_ok());
        }
        let _: Vec<Value> = sheet.fields.into_iter().map(|field| field.value).collect();
    }
}
