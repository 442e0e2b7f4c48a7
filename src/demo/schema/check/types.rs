//! What Go calls the type of a field, and which struct it stands in: errors of its JSON decoder name both, and schemas
//! tell neither. Looked at only when there is an error to tell.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::demo::schema::Schemas;

/// A step from a value into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A field of a struct, or a key of a map.
    Key(&'a str),
    /// An item of a list.
    Item,
}

/// Where an error stands, in Go's words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// `DeploymentSpec.spec.replicas`; empty for the object itself.
    pub field: String,
    /// Such as `int32`, `v1.PodSpec`, `[]v1.Container`.
    pub of: String,
}

/// Named types of fields, by definition and field, as Go's sources declare them.
const GO_TYPES: &str = include_str!("../data/go-types.json");

/// Structs that take in the fields of another: the outer struct, the inner one, and the outer one's own fields. Go's
/// decoder names the inner one on the way.
const INLINE: &[(&str, &str, &[&str])] = &[
    ("Volume", "VolumeSource", &["name"]),
    ("EphemeralContainer", "EphemeralContainerCommon", &["targetContainerName"]),
    ("Probe", "ProbeHandler", PROBE),
    ("PersistentVolumeSpec", "PersistentVolumeSource", PERSISTENT_VOLUME),
    ("IngressRule", "IngressRuleValue", &["host"]),
    ("RuleWithOperations", "Rule", &["operations"]),
    ("SecretProjection", "LocalObjectReference", REFERRING),
    ("ConfigMapVolumeSource", "LocalObjectReference", REFERRING),
    ("ConfigMapProjection", "LocalObjectReference", REFERRING),
    ("ConfigMapKeySelector", "LocalObjectReference", REFERRING),
    ("SecretKeySelector", "LocalObjectReference", REFERRING),
    ("ConfigMapEnvSource", "LocalObjectReference", REFERRING),
    ("SecretEnvSource", "LocalObjectReference", REFERRING),
];

const REFERRING: &[&str] = &["key", "optional", "items", "defaultMode"];
const PROBE: &[&str] = &[
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
    "terminationGracePeriodSeconds",
];
const PERSISTENT_VOLUME: &[&str] = &[
    "capacity",
    "accessModes",
    "claimRef",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "mountOptions",
    "volumeMode",
    "nodeAffinity",
    "volumeAttributesClassName",
];

/// Follows a path through the published definitions.
pub(super) fn named(schemas: &Schemas, definition: &str, steps: &[Step<'_>]) -> Named {
    let mut place = Place { schemas, definition: definition.to_owned(), schema: Map::new(), declared: None };
    place.enter();
    let mut structure = String::new();
    let mut fields: Vec<&str> = Vec::new();
    for step in steps {
        match step {
            Step::Key(key) if place.schema.contains_key("properties") => {
                place.struct_name().clone_into(&mut structure);
                let inline = INLINE.iter().find(|(outer, _, own)| *outer == structure && !own.contains(key));
                fields.extend(inline.map(|(_, inner, _)| *inner));
                fields.push(key);
                place.field(key);
            }
            // Go names neither the keys of maps nor the places of items.
            Step::Key(_) => place.part("additionalProperties"),
            Step::Item => place.part("items"),
        }
    }
    let field = if fields.is_empty() { String::new() } else { format!("{structure}.{}", fields.join(".")) };
    Named { field, of: place.type_name() }
}

struct Place<'a> {
    schemas: &'a Schemas,
    /// The definition that the schema is, or stands in.
    definition: String,
    schema: Map<String, Value>,
    /// What Go declares, where that has a name of its own.
    declared: Option<String>,
}

fn target(schema: &Map<String, Value>) -> Option<&str> {
    let all = || schema.get("allOf")?.as_array()?.first()?.get("$ref");
    schema.get("$ref").or_else(all)?.as_str()?.rsplit('/').next()
}

impl Place<'_> {
    fn enter(&mut self) {
        let raw = self.schemas.raw(&self.definition);
        self.schema = raw.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
    }

    fn set(&mut self, schema: Option<&Value>) {
        self.schema = schema.and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(name) = target(&self.schema).map(str::to_owned) {
            self.definition = name;
            self.enter();
        }
    }

    fn field(&mut self, key: &str) {
        let types: HashMap<String, HashMap<String, String>> = serde_json::from_str(GO_TYPES).unwrap_or_default();
        self.declared = types.get(&self.definition).and_then(|fields| fields.get(key)).cloned();
        let schema = self.schema.get("properties").and_then(|all| all.get(key)).cloned();
        self.set(schema.as_ref());
    }

    fn part(&mut self, part: &str) {
        let declared = self.declared.take();
        // `[]v1.Capability` holds `v1.Capability`; what a named map holds is not told.
        self.declared = declared.and_then(|name| {
            let rest =
                if part == "items" { name.strip_prefix("[]") } else { name.split_once(']').map(|(_, rest)| rest) };
            rest.map(str::to_owned)
        });
        let schema = self.schema.get(part).cloned();
        self.set(schema.as_ref());
    }

    /// The name of the struct that the definition was made from.
    fn struct_name(&self) -> &str {
        self.definition.rsplit('.').next().unwrap_or_default()
    }

    fn type_name(&self) -> String {
        if let Some(name) = &self.declared {
            return name.clone();
        }
        if self.schema.contains_key("properties") {
            return go_name(&self.definition);
        }
        of_schema(&self.schema)
    }
}

/// `v1.PodSpec` of `io.k8s.api.core.v1.PodSpec`.
fn go_name(definition: &str) -> String {
    let mut parts = definition.rsplit('.');
    let name = parts.next().unwrap_or_default();
    parts.next().map_or_else(|| name.to_owned(), |package| format!("{package}.{name}"))
}

fn of_schema(schema: &Map<String, Value>) -> String {
    let part = |key: &str| {
        let schema = schema.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
        match target(&schema) {
            Some(name) if name.ends_with(".Quantity") => "resource.Quantity".to_owned(),
            Some(name) => go_name(name),
            None => of_schema(&schema),
        }
    };
    let format = schema.get("format").and_then(Value::as_str);
    match (schema.get("type").and_then(Value::as_str), format) {
        (Some("string"), Some("byte")) => "[]uint8".to_owned(),
        (Some("string"), _) => "string".to_owned(),
        (Some("boolean"), _) => "bool".to_owned(),
        (Some("integer"), Some(format)) => format.to_owned(),
        (Some("integer"), None) => "int64".to_owned(),
        (Some("number"), _) => "float64".to_owned(),
        (Some("array"), _) => format!("[]{}", part("items")),
        (Some("object"), _) => format!("map[string]{}", part("additionalProperties")),
        // An int-or-string: what is neither is taken for the former.
        _ => "int32".to_owned(),
    }
}
