//! Parts of sentences with holes: `hostname {} is already used`. Capitals do not matter.

use super::words;

/// What stands in the holes of `pattern`, if `text` has it; the first place of each part counts. A hole at an end goes to the end.
pub(super) fn holes<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    // ASCII only, so that places are the same in both.
    let small = text.to_ascii_lowercase();
    let mut parts = pattern.split("{}").map(str::to_ascii_lowercase);
    let first = parts.next().unwrap_or_default();
    let start = small.find(&first)?;
    let mut at = start + first.len();
    let mut found = Vec::new();
    for part in parts {
        let end = if part.is_empty() { text.len() } else { at + small.get(at..)?.find(&part)? };
        found.push(text.get(at..end)?);
        at = (end + part.len()).min(text.len());
    }
    Some(found)
}

/// A sentence from a template: `{0}` is a hole, `{list}` what a text lists; `[...]` is left out when a hole in it is empty.
pub(super) fn fill(template: &str, holes: &[&str], list: Option<&str>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(&put(before, holes, list).unwrap_or_default());
        let (inside, behind) = after.split_once(']').unwrap_or((after, ""));
        out.push_str(&put(inside, holes, list).unwrap_or_default());
        rest = behind;
    }
    out.push_str(&put(rest, holes, list).unwrap_or_default());
    out
}

/// A path from a template, in which brackets stand for themselves.
pub(super) fn path(template: &str, holes: &[&str]) -> String {
    put(template, holes, None).unwrap_or_else(|| template.to_owned())
}

/// A hole without the quotes or brackets around it.
fn bare(hole: &str) -> &str {
    let hole = hole.trim();
    let within = |open: char, close: char| hole.strip_prefix(open)?.strip_suffix(close);
    [('"', '"'), ('\'', '\''), ('[', ']')].iter().find_map(|(open, close)| within(*open, *close)).unwrap_or(hole)
}

/// A piece of a template; `None` if a hole of it has nothing.
fn put(piece: &str, holes: &[&str], list: Option<&str>) -> Option<String> {
    let mut out = String::new();
    let mut rest = piece;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        let value = match name.parse::<usize>() {
            Ok(number) => words(bare(holes.get(number)?)),
            Err(_) => list?.to_owned(),
        };
        if value.is_empty() {
            return None;
        }
        out.push_str(before);
        out.push_str(&value);
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// What a text of Capsule's says is allowed, or forbidden: `a, b, or what matches ^c`.
pub(super) fn listed(text: &str) -> Option<String> {
    const NAMES: &[&str] = &[
        "following list ({})",
        "one of the following ({})",
        "(allowed: {})",
        "followings: {}",
        "CIDRs: {}",
        ". Allowed {}: {}",
    ];
    const REGEXES: &[&str] = &["following regex ({})", "matching the regex {}"];
    let one = |patterns: &[&str]| {
        let found = patterns.iter().find_map(|pattern| holes(pattern, text)?.last().map(|names| words(names)));
        found.filter(|names| !names.is_empty())
    };
    let mut ways: Vec<String> = one(NAMES).into_iter().collect();
    ways.extend(one(REGEXES).map(|regex| format!("what matches {regex}")));
    if text.contains("label selector defined in the Tenant") {
        ways.push("what the tenant's label selector matches".to_owned());
    }
    (!ways.is_empty()).then(|| ways.join(", or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_found_and_filled() {
        let text = "Error: Hostname a.oil.io is already used across the cluster: please";
        assert_eq!(holes("hostname {} is already used", text), Some(vec!["a.oil.io"]));
        assert_eq!(holes("hostname {} is free", text), None);
        assert_eq!(holes("used across the {}: {}", text), Some(vec!["cluster", "please"]));
        assert_eq!(fill("{0} is taken[ by {1}]", &["a", ""], None), "a is taken");
        assert_eq!(fill("only {0}[; allowed: {list}]", &["\"x\""], Some("a, b")), "only x; allowed: a, b");
        assert_eq!(fill("odd [ {", &[], None), "odd ");
    }

    #[test]
    fn lists_are_told_in_one_way() {
        let list = |text: &str| listed(text).unwrap_or_default();
        assert_eq!(
            list("use one from the following list (a, b) or use one matching the following regex (^c)"),
            "a, b, or what matches ^c"
        );
        assert_eq!(
            list("specify one of the following (a.oil.io), or matching the regex ^x$"),
            "a.oil.io, or what matches ^x$"
        );
        assert_eq!(
            list("matching the label selector defined in the Tenant"),
            "what the tenant's label selector matches"
        );
        assert_eq!(list("nothing"), "");
    }
}
