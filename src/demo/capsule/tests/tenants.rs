//! What tenants may say, and what follows from it for what is in them.

use serde_json::json;

use super::*;

#[test]
fn a_tenant_that_cannot_be_kept_is_refused() {
    let owners = json!([{"kind": "User", "name": "erin"}]);
    let account = json!({"owners": [{"kind": "ServiceAccount", "name": "plain"}]});
    let subject = json!({"owners": owners, "additionalRoleBindings": [
        {"clusterRoleName": "view", "subjects": [{"kind": "ServiceAccount", "name": "No_Name"}]},
    ]});
    let template =
        json!({"owners": owners, "namespaceOptions": {"additionalMetadata": {"labels": {"of": "{{ tenant.owner }}"}}}});
    let forbidden = json!({"owners": owners, "namespaceOptions": {"forbiddenLabels": {"deniedRegex": "("}}});
    let new_era = "Username must be in the form system:serviceaccount:namespace:name";
    let old_era = "owner name plain is not a valid Service Account name ";
    let template_said = "spec.namespaceOptions.additionalMetadata.labels[\"of\"].value: unsupported template \
                         \"tenant.owner\" in \"{{ tenant.owner }}\", allowed templates are {{namespace}}, {{tenant.name}}";
    for (era, spec, said) in [
        (Era::V0_14, &account, new_era),
        (Era::V0_4, &account, old_era),
        (Era::V0_14, &subject, "Subject Name 'No_Name' for binding 'view' is invalid. "),
        (Era::V0_4, &subject, "Subject Name 'No_Name' for binding 'view' is invalid. "),
        (Era::V0_14, &template, template_said),
        (
            Era::V0_14,
            &forbidden,
            "unable to compile regex \"(\" for forbidden labels: error parsing regexp: missing closing ): `(`",
        ),
        (Era::V0_4, &forbidden, "unable to compile  regex for forbidden annotations"),
        (
            Era::V0_14,
            &json!({"storageClasses": {"allowedRegex": "["}}),
            "unable to compile storageClasses allowedRegex",
        ),
    ] {
        let mut registry = cluster(era);
        let made = registry.create(&mut admin(), TENANTS, json!({"metadata": {"name": "bad"}, "spec": spec}));
        let (code, message) = refusal(made);
        assert_eq!(code, 403, "{message}");
        assert!(message.contains(said), "{message}");
        assert!(!registry.has(TENANTS, "", "bad"));
    }
    // The same template in the old era is an ordinary value, which no label can have: it is found out later.
    let mut registry = cluster(Era::V0_4);
    tenant(&mut registry, "late", &template);
}

#[test]
fn new_services_wear_what_their_tenant_wants() {
    for era in ERAS {
        let mut registry = cluster(era);
        let options = json!({"additionalMetadata": {"labels": {"team": "a"}}});
        let edit = |tenant: &mut Object| tenant.set(&["spec", "serviceOptions"], options);
        registry.change(&admin(), TENANTS, "", "", "oil", edit).unwrap();
        make_namespace(&mut registry, &owner("alice"), "oil-web").unwrap();
        wait(&mut registry, 2_000);
        let service = json!({"metadata": {"name": "site", "namespace": "oil-web"}, "spec": {"ports": [{"port": 80}]}});
        let made = registry.create(&mut owner("alice"), "services", service).unwrap();
        assert_eq!(made.label("team"), None, "{era:?}: a controller does it, later");
        wait(&mut registry, 1_000);
        assert_eq!(registry.get("services", "oil-web", "site").unwrap().label("team"), Some("a"), "{era:?}");
    }
}
