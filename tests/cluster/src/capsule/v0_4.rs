//! Version 0.4.2, whose webhooks are written down by the chart.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::Client;
use serde_json::{Value, json};

use super::{WEBHOOKS, webhook_client};
use crate::api;
use crate::certificates::Certificate;
use crate::error::{Context, Failure};

pub(super) const CONVERSION_REVIEWS: &[&str] = &["v1alpha1", "v1beta1", "v1beta2"];

/// As the chart renders it.
const CONFIGURATION: &str = include_str!("../../assets/capsule-0.4-configuration.json");

/// Both webhook configurations as the chart renders them; of each client only the path, which is completed here.
const STATIC: &str = include_str!("../../assets/capsule-0.4-webhooks.json");

pub(super) fn configuration() -> Result<Value, Failure> {
    serde_json::from_str(CONFIGURATION).context("Capsule's configuration is not JSON")
}

/// What the chart's certificate job leaves. The controller reads the same files from its temporary directory.
pub(super) fn secret(ca: &str, certificate: &Certificate) -> Value {
    let data = json!({
        "ca.crt": STANDARD.encode(ca),
        "tls.crt": STANDARD.encode(&certificate.certificate),
        "tls.key": STANDARD.encode(&certificate.key),
    });
    json!({"metadata": {"name": "capsule-tls"}, "type": "Opaque", "data": data})
}

/// Makes the webhook configurations.
pub(super) async fn install_webhooks(client: &Client, ca: &str) -> Result<(), Failure> {
    for object in webhooks(ca)? {
        let collection = match object["kind"].as_str() {
            Some("MutatingWebhookConfiguration") => "mutatingwebhookconfigurations",
            _ => "validatingwebhookconfigurations",
        };
        let made = api::create(client, &format!("{WEBHOOKS}/{collection}"), "helm", &object).await;
        made.context(format_args!("the {collection} cannot be made"))?;
    }
    Ok(())
}

fn webhooks(ca: &str) -> Result<Vec<Value>, Failure> {
    let mut objects: Vec<Value> = serde_json::from_str(STATIC).context("Capsule's webhooks are not JSON")?;
    let hooks = objects.iter_mut().filter_map(|object| object["webhooks"].as_array_mut());
    for hook in hooks.flatten() {
        let path = hook["clientConfig"]["path"].as_str().unwrap_or_default();
        hook["clientConfig"] = webhook_client(path, ca);
    }
    Ok(objects)
}

#[cfg(test)]
mod tests {
    use super::webhooks;

    #[test]
    fn every_webhook_is_called_by_its_own_address() {
        let objects = webhooks("CA").unwrap_or_else(|error| panic!("{error}"));
        let hooks = objects.iter().flat_map(|object| object["webhooks"].as_array().into_iter().flatten());
        let urls: Vec<&str> = hooks.filter_map(|hook| hook["clientConfig"]["url"].as_str()).collect();
        assert_eq!(urls.len(), 14, "4 that mutate and 10 that validate");
        assert!(urls.iter().all(|url| url.starts_with("https://127.0.0.1:9443/") && url.len() > 23), "{urls:?}");
        assert!(urls.contains(&"https://127.0.0.1:9443/cordoning"));
    }
}
