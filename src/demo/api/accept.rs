//! In which form an answer is wanted, as apiserver's `handlers/negotiation`.

use http::HeaderMap;
use http::header::ACCEPT;

use crate::demo::status::Status;

/// The form of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// The object itself.
    #[default]
    Object,
    /// A `meta.k8s.io/v1` Table.
    Table,
    /// `PartialObjectMetadata`, or a list of them.
    Metadata,
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
    /// The first form that this server has; without a header JSON.
    pub fn of(headers: &HeaderMap) -> Result<Self, Status> {
        let mut said = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
        if said.peek().is_none() {
            return Ok(Self::default());
        }
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
            let form = match (shape, group, version) {
                ("", ..) => Form::Object,
                ("Table", "meta.k8s.io", "v1") => Form::Table,
                ("PartialObjectMetadata" | "PartialObjectMetadataList", "meta.k8s.io", "v1") => Form::Metadata,
                ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2") => Form::Discovery,
                _ => continue,
            };
            match kind {
                "application/json" | "*/*" | "application/*" | "" => return Ok(Self { form, yaml: false }),
                "application/yaml" if form == Form::Object => return Ok(Self { form, yaml: true }),
                _ => {}
            }
        }
        Err(Status::new(
            406,
            "NotAcceptable",
            "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
        ))
    }
}
