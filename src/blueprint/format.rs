//! What a text of a parameter is: a name, a host, a quantity.

use crate::plan::owner::Owner;
use crate::text::label::label_fault;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A name as most objects have it (an RFC 1123 label).
    Name,
    /// A namespace of the tenant.
    Namespace,
    /// A host's name, perhaps with a wildcard in front.
    Host,
    /// Who owns, or may look at, the tenant: `alice`, `group:devs`, `sa:oil-web/ci`.
    Owner,
    /// An amount, as Kubernetes has it: `500m`, `2Gi`.
    Quantity,
    /// A container image.
    Image,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Name, Self::Namespace, Self::Host, Self::Owner, Self::Quantity, Self::Image];

    /// As it is written down.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Namespace => "namespace",
            Self::Host => "host",
            Self::Owner => "owner",
            Self::Quantity => "quantity",
            Self::Image => "image",
        }
    }

    /// Why a text cannot be one, whatever the cluster.
    pub fn fault(self, text: &str) -> Option<String> {
        match self {
            Self::Name | Self::Namespace => label_fault(text),
            Self::Host => host_fault(text),
            Self::Owner => Owner::read(text).err(),
            Self::Quantity => (!is_quantity(text))
                .then(|| format!("{text} is no quantity: those are written 2, 500m, 1.5, 512Mi or 10Gi")),
            Self::Image => image_fault(text),
        }
    }
}

fn host_fault(text: &str) -> Option<String> {
    let name = text.strip_prefix("*.").unwrap_or(text);
    if text.len() > 253 {
        return Some(format!("{text} has {} characters, and a host's name has at most 253", text.len()));
    }
    if text.contains("://") || text.contains('/') {
        return Some(format!("{text} is an address: only the host's name stands here"));
    }
    if text.contains(':') {
        return Some(format!("{text}: a host's name has no port"));
    }
    if name.split('.').count() == 4 && name.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Some(format!("{text} is an IP address, and Ingress and HTTPRoute know hosts by name"));
    }
    let fault = name.split('.').find_map(|label| label_fault(label).map(|_| label.to_owned()))?;
    Some(match fault.as_str() {
        "" => format!("{text}: there is nothing between two dots, or before or behind one"),
        "*" => format!("{text}: a wildcard stands for the first part alone, as in *.example.net"),
        part => format!("{text}: {part:?} can be no part of a host's name; those are made of a-z, 0-9 and -"),
    })
}

/// `k8s.io/apimachinery/pkg/api/resource/quantity.go`: a signed number, and a suffix of three families. Here nothing is less
/// than none.
fn is_quantity(text: &str) -> bool {
    let number = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(number);
    let is_number = number.chars().any(|c| c.is_ascii_digit()) && number.matches('.').count() <= 1;
    let exponent = |text: &str| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        !digits.is_empty() && digits.len() <= 2 && digits.chars().all(|c| c.is_ascii_digit())
    };
    let known = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].contains(&suffix);
    is_number && (known || suffix.strip_prefix(['e', 'E']).is_some_and(exponent))
}

fn image_fault(text: &str) -> Option<String> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "-_./:@+".contains(c);
    if text.is_empty() {
        Some("an image is missing".to_owned())
    } else if let Some(wrong) = text.chars().find(|c| !is_fine(*c)) {
        Some(format!("{text} is no image: {wrong:?} can stand in none"))
    } else if text.starts_with(['-', '.', '/', ':', '@']) || text.ends_with([':', '/', '@']) {
        Some(format!("{text} is no image: something is missing before or behind it"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_takes_is_taken_and_nothing_else() {
        for (format, good, bad) in [
            (Format::Name, &["a", "oil-web", "1x"][..], &["", "Oil", "-a", "a-", "a.b", "ä"][..]),
            (
                Format::Host,
                &["a.example.net", "*.example.net", "localhost", "x1.de"],
                &["", "a..b", ".a", "a.", "*", "a.*.b", "http://a", "a:80", "A.de", "10.0.0.1", "a_b.c"],
            ),
            (
                Format::Quantity,
                &["1", "500m", "1.5", "2Gi", "1e3", "0", ".5", "10E"],
                &["", "1GB", "-1", "1.2.3", "Gi", "1 Gi", "1e", "1ee3"],
            ),
            (
                Format::Image,
                &["nginx", "ghcr.io/a/b:1.2", "a@sha256:00ff", "localhost:5000/x"],
                &["", "a b", "a:", ":a", "a\nb", "ä"],
            ),
            (Format::Owner, &["alice", "user:alice", "group:devs", "sa:oil-web/ci"], &["", "sa:x", "group:", "sa:A/b"]),
        ] {
            for text in good {
                assert_eq!(format.fault(text), None, "{format:?} {text:?}");
            }
            for text in bad {
                assert!(format.fault(text).is_some(), "{format:?} {text:?}");
            }
        }
        assert!(Format::Name.fault(&"x".repeat(64)).is_some_and(|words| words.contains("64 characters")));
    }
}
