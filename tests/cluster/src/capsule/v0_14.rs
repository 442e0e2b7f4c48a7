//! Version 0.14.0, which makes its webhooks from its configuration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::Client;
use serde_json::{Value, json};

use super::{API, WEBHOOKS, has_condition, url};
use crate::api;
use crate::error::{Context, Failure};

pub(super) const CONVERSION_REVIEWS: &[&str] = &["v1beta1", "v1beta2"];

/// The name of both webhook configurations that the controller makes from its CapsuleConfiguration.
const DYNAMIC: &str = "capsule-dynamic-webhook";

/// Read back from an installation by the chart; only the clients are filled in here.
const CONFIGURATION: &str = include_str!("../../assets/capsule-0.14-configuration.json");

pub(super) fn configuration(ca: &str) -> Result<Value, Failure> {
    let mut object: Value = serde_json::from_str(CONFIGURATION).context("Capsule's configuration is not JSON")?;
    // Without both halves the controller panics; without the bundle every write fails.
    for kind in ["mutating", "validating"] {
        if let Some(client) = object.pointer_mut(&format!("/spec/admission/{kind}/client")) {
            *client = json!({"url": url(), "caBundle": STANDARD.encode(ca)});
        }
    }
    Ok(object)
}

/// Whether the controller has done its work on its configuration: made the webhooks, and said that it is ready.
pub(super) async fn is_configured(client: &Client) -> bool {
    let configuration = format!("{API}/capsuleconfigurations/default");
    api::get(client, &format!("{WEBHOOKS}/validatingwebhookconfigurations/{DYNAMIC}")).await.is_ok()
        && api::get(client, &format!("{WEBHOOKS}/mutatingwebhookconfigurations/{DYNAMIC}")).await.is_ok()
        && api::get(client, &configuration).await.is_ok_and(|object| has_condition(&object, "Ready"))
}
