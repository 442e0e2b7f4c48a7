//! `Status`: how a Kubernetes API says no. Reasons, codes and wording as in apimachinery's `api/errors`.

use serde_json::{Map, Value, json};

use super::go::quote;

/// A refusal, as it goes over the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The HTTP code.
    pub code: u16,
    /// Such as `NotFound`; empty for an internal error of another sort.
    pub reason: &'static str,
    /// The sentence.
    pub message: String,
    /// `details`, if there are any.
    pub details: Option<Value>,
    /// Seconds for a `Retry-After` header.
    pub retry_after: Option<u32>,
    /// `metadata.continue`: where an expired list goes on.
    pub continuation: Option<String>,
}

/// One fault of a field: a line of [`Status::invalid`]. The message of field errors is `<field>: <what>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// Such as `FieldValueInvalid`, `FieldValueRequired`, `FieldValueNotSupported`, `FieldValueForbidden`,
    /// `FieldValueDuplicate`, `FieldValueTypeInvalid`, `FieldValueTooLong`.
    pub reason: &'static str,
    /// Such as `spec.template.spec.containers[0].name`.
    pub field: String,
    /// The rest of the sentence, such as `Required value` or `Invalid value: "X": must be lower case`.
    pub what: String,
}

impl FieldFault {
    /// `Required value` or `Required value: detail`.
    pub fn required(field: impl Into<String>, detail: &str) -> Self {
        let what = if detail.is_empty() { "Required value".to_owned() } else { format!("Required value: {detail}") };
        Self { reason: "FieldValueRequired", field: field.into(), what }
    }

    /// `Invalid value: <value as Go prints it>: detail`.
    pub fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        let value = value.as_str().map_or_else(|| value.to_string(), quote);
        Self { reason: "FieldValueInvalid", field: field.into(), what: format!("Invalid value: {value}: {detail}") }
    }

    /// `Forbidden: detail`.
    pub fn forbidden(field: impl Into<String>, detail: &str) -> Self {
        Self { reason: "FieldValueForbidden", field: field.into(), what: format!("Forbidden: {detail}") }
    }

    /// `Unsupported value: "x": supported values: "a", "b"`.
    pub fn unsupported(field: impl Into<String>, value: &Value, supported: &[&str]) -> Self {
        let list = supported.iter().map(|one| format!("{one:?}")).collect::<Vec<_>>().join(", ");
        let what = format!("Unsupported value: {value}: supported values: {list}");
        Self { reason: "FieldValueNotSupported", field: field.into(), what }
    }

    /// `Duplicate value: <value>`.
    pub fn duplicate(field: impl Into<String>, value: &Value) -> Self {
        Self { reason: "FieldValueDuplicate", field: field.into(), what: format!("Duplicate value: {value}") }
    }
}

/// `resource` or `resource.group`.
pub fn qualified(group: &str, resource: &str) -> String {
    if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") }
}

impl Status {
    /// One with a code, a reason and a sentence.
    pub fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: None, retry_after: None, continuation: None }
    }

    fn detailed(mut self, group: &str, kind: &str, name: &str) -> Self {
        let mut details = Map::new();
        if !name.is_empty() {
            details.insert("name".into(), name.into());
        }
        if !group.is_empty() {
            details.insert("group".into(), group.into());
        }
        if !kind.is_empty() {
            details.insert("kind".into(), kind.into());
        }
        self.details = Some(Value::Object(details));
        self
    }

    /// 404: `pods "x" not found`.
    pub fn not_found(group: &str, resource: &str, name: &str) -> Self {
        Self::new(404, "NotFound", format!("{} {name:?} not found", qualified(group, resource)))
            .detailed(group, resource, name)
    }

    /// 409: `pods "x" already exists`.
    pub fn already_exists(group: &str, resource: &str, name: &str) -> Self {
        Self::new(409, "AlreadyExists", format!("{} {name:?} already exists", qualified(group, resource)))
            .detailed(group, resource, name)
    }

    /// 409: `Operation cannot be fulfilled on pods "x": why`.
    pub fn conflict(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let what = qualified(group, resource);
        Self::new(409, "Conflict", format!("Operation cannot be fulfilled on {what} {name:?}: {why}"))
            .detailed(group, resource, name)
    }

    /// 409 with the usual sentence for a stale resourceVersion.
    pub fn modified(group: &str, resource: &str, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(group, resource, name, why)
    }

    /// 403: `pods "x" is forbidden: why`; without a name `pods is forbidden: why`.
    pub fn forbidden(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let what = qualified(group, resource);
        let message = if name.is_empty() {
            format!("{what} is forbidden: {why}")
        } else {
            format!("{what} {name:?} is forbidden: {why}")
        };
        Self::new(403, "Forbidden", message).detailed(group, resource, name)
    }

    /// 422: `Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be ...`.
    pub fn invalid(group: &str, kind: &str, name: &str, faults: &[FieldFault]) -> Self {
        let what = qualified(group, kind);
        let lines: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.what)).collect();
        let said = match lines.as_slice() {
            [] => String::new(),
            [one] => format!(": {one}"),
            many => format!(": [{}]", many.join(", ")),
        };
        let mut status =
            Self::new(422, "Invalid", format!("{what} {name:?} is invalid{said}")).detailed(group, kind, name);
        if let (Some(Value::Object(details)), false) = (&mut status.details, faults.is_empty()) {
            let causes = faults
                .iter()
                .map(|fault| json!({"reason": fault.reason, "message": fault.what, "field": fault.field}))
                .collect();
            details.insert("causes".into(), Value::Array(causes));
        }
        status
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 401.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    /// 405: the server knows the resource, but not this way of using it.
    pub fn method_not_allowed() -> Self {
        let mut status =
            Self::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        status.details = Some(json!({}));
        status
    }

    /// 404 of a path that leads nowhere.
    pub fn no_such_path() -> Self {
        let mut status = Self::new(404, "NotFound", "the server could not find the requested resource");
        status.details = Some(json!({}));
        status
    }

    /// 410: a continue token or a resourceVersion that is too old.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    /// 500.
    pub fn internal(message: impl std::fmt::Display) -> Self {
        let mut status = Self::new(500, "InternalError", format!("Internal error occurred: {message}"));
        status.details = Some(json!({"causes": [{"message": message.to_string()}]}));
        status
    }

    /// 500 of an error that the server's code does not know: the sentence as it is, and no reason.
    pub fn unknown(message: impl Into<String>) -> Self {
        Self::new(500, "", message)
    }

    /// 501: what the demo cannot do faithfully. It never guesses.
    pub fn not_in_the_demo(what: &str) -> Self {
        Self::new(501, "NotImplemented", format!("the demo cluster cannot do this: {what}"))
    }

    /// The body.
    pub fn to_value(&self) -> Value {
        let mut body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if let Some(object) = body.as_object_mut() {
            if !self.reason.is_empty() {
                object.insert("reason".into(), self.reason.into());
            }
            if let Some(details) = &self.details {
                object.insert("details".into(), details.clone());
            }
            if let Some(token) = &self.continuation {
                object.insert("metadata".into(), json!({"continue": token}));
            }
        }
        body
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Status {}
