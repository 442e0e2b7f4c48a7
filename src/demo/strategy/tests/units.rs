//! Quantities, names, selectors of fields.

use super::super::*;
use super::kind;
use crate::demo::quantity::canonical;

#[test]
fn quantities_have_one_form() {
    for (given, written) in [
        ("1000m", "1"),
        ("1024Mi", "1Gi"),
        ("0.5", "500m"),
        ("1.5Gi", "1536Mi"),
        ("100000", "100k"),
        ("1000Ki", "1000Ki"),
        ("0", "0"),
        ("0.0", "0"),
        ("1e3", "1e3"),
        ("1500e0", "1500"),
        ("12345678", "12345678"),
        ("-1", "-1"),
        ("512", "512"),
        ("1Ki", "1Ki"),
        ("0.5Ki", "512"),
        ("1Ei", "1Ei"),
        ("no", "no"),
        ("", ""),
        ("+2", "2"),
    ] {
        assert_eq!(canonical(given), written, "{given}");
    }
}

#[test]
fn names_are_refused_in_the_words_of_upstream() {
    assert!(names::qualified_name("example.com/My.name").is_empty());
    assert_eq!(names::qualified_name("/x"), ["prefix part must be non-empty"]);
    assert_eq!(names::dns_label("a.b"), ["must not contain dots"]);
    assert_eq!(names::path_segment(".."), ["may not be '..'"]);
    assert!(names::label_value("").is_empty());
    assert_eq!(names::label_value(&"x".repeat(64)), ["must be no more than 63 bytes"]);
}

#[test]
fn fields_that_cannot_be_selected_are_named() {
    let pods = kind("", "v1", "pods");
    assert_eq!(unknown_field(&pods, "spec.foo").as_deref(), Some("field label not supported: spec.foo"));
    assert_eq!(unknown_field(&pods, "status.phase"), None);
    let deployments = kind("apps", "v1", "deployments");
    assert_eq!(
        unknown_field(&deployments, "spec.foo").as_deref(),
        Some(r#""spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace""#)
    );
    let pod = serde_json::json!({"spec": {"nodeName": "n"}, "status": {"podIPs": [{"ip": "10.0.0.1"}]}});
    assert_eq!(selectable(&pods, &pod, "spec.nodeName"), "n");
    assert_eq!(selectable(&pods, &pod, "status.podIP"), "10.0.0.1");
    assert_eq!(selectable(&pods, &pod, "spec.hostNetwork"), "false");
}

#[test]
fn deletion_is_as_each_kind_has_it() {
    let pod = serde_json::json!({"spec": {"terminationGracePeriodSeconds": 7}});
    assert_eq!(default_grace(&kind("", "v1", "pods"), &pod), 7);
    assert_eq!(default_grace(&kind("", "v1", "services"), &pod), 0);
    assert_eq!(default_propagation(&kind("batch", "v1", "jobs")), "Orphan");
    assert_eq!(default_propagation(&kind("apps", "v1", "deployments")), "Background");
    assert!(returns_deleted(&kind("", "v1", "pods")));
    assert!(!returns_deleted(&kind("", "v1", "configmaps")));
}
