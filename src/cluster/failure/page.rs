//! Answers that are not from Kubernetes: login pages, the JSON of something else, a line of text.

use serde_json::Value;

use super::shorten;

/// What a body is that does not come from Kubernetes.
pub(super) enum Page<'a> {
    Html { title: Option<String> },
    Json(Value),
    Text(&'a str),
}

impl<'a> Page<'a> {
    /// Looks at the beginning of a body.
    pub(super) fn read(body: &'a str) -> Self {
        let start = body.get(..body.floor_char_boundary(512)).unwrap_or(body).to_ascii_lowercase();
        if start.contains("<!doctype html")
            || start.contains("<html")
            || start.contains("<head")
            || start.contains("<body")
        {
            return Self::Html { title: title(body) };
        }
        match serde_json::from_str(body) {
            Ok(json @ (Value::Object(_) | Value::Array(_))) => Self::Json(json),
            _ => Self::Text(body),
        }
    }

    /// Its kind, with an article.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Html { .. } => "an HTML page",
            Self::Json(_) => "JSON that is not from Kubernetes",
            Self::Text("") => "an empty page",
            Self::Text(_) => "plain text",
        }
    }

    /// The page in words: its kind, and what it says.
    pub(super) fn described(&self) -> String {
        match self.words() {
            Some(words) => format!("{}, \"{words}\"", self.kind()),
            None => self.kind().to_owned(),
        }
    }

    /// What the page says, in a few words: at most its title.
    pub(super) fn words(&self) -> Option<String> {
        let words = match self {
            Self::Html { title } => shorten(title.as_deref()?, 80),
            Self::Json(json) => {
                let said =
                    ["message", "error_description", "error", "msg"].iter().find_map(|key| json.get(key)?.as_str());
                shorten(said?, 120)
            }
            Self::Text(text) => shorten(text.lines().next()?, 80),
        };
        (!words.is_empty()).then_some(words)
    }
}

/// The `<title>` of an HTML page.
fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower.get(open..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    let text = page.get(start..end)?;
    // `&amp;` last, so that nothing is unescaped twice.
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    Some(entities.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain)))
}
