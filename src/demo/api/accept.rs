//! In which form an answer is wanted, as apiserver's `handlers/negotiation`.

use http::HeaderMap;
use http::header::ACCEPT;
use serde_json::json;

use crate::demo::status::Status;

/// What this server reads, and does not write.
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// The form of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// The object itself.
    #[default]
    Object,
    /// A `meta.k8s.io/v1` Table.
    Table,
    /// `PartialObjectMetadata`.
    Metadata,
    /// `PartialObjectMetadataList`.
    MetadataList,
    /// Aggregated discovery, version 2.
    Discovery,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accept {
    /// The form.
    pub form: Form,
    /// Whether as YAML.
    pub yaml: bool,
}

impl Accept {
    /// The first form that this server has; without a header JSON. `is_routed` tells that a router looks at the header before,
    /// as it does for all but custom kinds, and says in words of its own that there is no such type at all.
    pub fn of(headers: &HeaderMap, is_routed: bool) -> Result<Self, Status> {
        let mut said = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
        if said.peek().is_none() {
            return Ok(Self::default());
        }
        let mut is_known = false;
        for one in said.flat_map(|value| value.split(',')) {
            let mut parts = one.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default();
            let (mut shape, mut group, mut version) = ("", "", "");
            for part in parts {
                match part.split_once('=') {
                    Some(("as", value)) => shape = value,
                    Some(("g", value)) => group = value,
                    Some(("v", value)) => version = value,
                    _ => {}
                }
            }
            is_known |=
                matches!(kind, "application/json" | "application/yaml" | "*/*" | "application/*" | "" | PROTOBUF);
            let form = match (shape, group, version) {
                ("", ..) => Form::Object,
                ("Table", "meta.k8s.io", "v1") => Form::Table,
                ("PartialObjectMetadata", "meta.k8s.io", "v1") => Form::Metadata,
                ("PartialObjectMetadataList", "meta.k8s.io", "v1") => Form::MetadataList,
                ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2") => Form::Discovery,
                _ => continue,
            };
            match kind {
                "application/json" | "*/*" | "application/*" | "" => return Ok(Self { form, yaml: false }),
                "application/yaml" if form == Form::Object => return Ok(Self { form, yaml: true }),
                _ => {}
            }
        }
        if is_routed && !is_known {
            let what = "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf";
            let mut status = Status::new(406, "NotAcceptable", what);
            status.details = Some(json!({}));
            return Err(status);
        }
        Err(Status::new(
            406,
            "NotAcceptable",
            "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
        ))
    }
}
