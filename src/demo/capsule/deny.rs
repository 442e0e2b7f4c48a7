//! How a webhook's refusal reaches the client.

use crate::demo::status::Status;

/// `admission webhook "<name>" denied the request: <text>`: 403, reason Forbidden, without details.
pub fn forbidden(webhook: &str, text: &str) -> Status {
    Status::new(403, "Forbidden", sentence(webhook, text))
}

/// The same with 400; without a reason.
pub fn bad_request(webhook: &str, text: &str) -> Status {
    Status::new(400, "", sentence(webhook, text))
}

/// The same with 500: the webhook met an error of its own, and gave no reason.
pub fn error(webhook: &str, text: &str) -> Status {
    Status::new(500, "", sentence(webhook, text))
}

fn sentence(webhook: &str, text: &str) -> String {
    format!("admission webhook {webhook:?} denied the request: {text}")
}
