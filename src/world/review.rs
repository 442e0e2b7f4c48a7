//! A question to the server whether somebody may do something (SubjectAccessReview), and its word.

/// Whether somebody may do something. Empty texts stand for none, or for any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Review {
    /// The user name; empty where only a group is asked about.
    pub user: String,
    /// The groups.
    pub groups: Vec<String>,
    /// The verb.
    pub verb: String,
    /// The resource's group.
    pub group: String,
    /// The resource, by its plural.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The object.
    pub name: String,
    /// The namespace; empty: in all, or the resource lies in none.
    pub namespace: String,
}

impl Review {
    /// Whom it is about, in a word.
    pub fn who(&self) -> &str {
        if self.user.is_empty() { self.groups.first().map_or("nobody", String::as_str) } else { &self.user }
    }
}

/// The server's word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it lets that pass.
    pub allowed: bool,
    /// Why, in its words.
    pub reason: String,
}
