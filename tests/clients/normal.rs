//! Takes out of what is printed what cannot be the same twice.

use std::sync::LazyLock;

use regex::Regex;
use tenantry_cluster::Failure;
use tenantry_cluster::harness::Suite;

/// The letters of generated names and hashes.
const MADE_UP: &str = "[bcdfghjklmnpqrstvwxz2456789]";

/// Patterns and what stands for them, in the order in which they are applied.
static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let suffix = format!("-{MADE_UP}{{5}}\\b");
    let hash = format!("-{MADE_UP}{{8,10}}\\b");
    let label = format!("((?:pod-template|controller-revision)-hash[=:] ?){MADE_UP}+");
    let patterns = [
        (r"/tmp/(LIVE|MERGED)-\d+", "/tmp/$1"),
        (r"/tmp/kubectl-edit-\w+\.yaml", "<file>"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", "<time>"),
        (r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<time>"),
        // As helm tells it.
        (r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} +\d+ \d\d:\d\d:\d\d \d{4}", "<time>"),
        // The head of a diff.
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}", "<time>"),
        (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<token>"),
        (r"-----BEGIN CERTIFICATE-----", "<certificate>"),
        (r"^ *[A-Za-z0-9+/=]{40,}$|^ *-----END CERTIFICATE-----$", "<certificate>"),
        (r"https://127\.0\.0\.1:\d+", "https://<server>"),
        (r"\b10\.\d+\.\d+\.\d+\b", "<ip>"),
        // What kubectl's own log writes in front of a line.
        (r"^([EFWI])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ", "$1 "),
        (r#"(resourceVersion"?: ?)"\d+""#, "$1<version>"),
        (r"(Resource Version: +)\d+", "$1<version>"),
        (&label, "$1<hash>"),
        (&hash, "-<hash>"),
        (&suffix, "-<suffix>"),
        // An event's name.
        (r"\.[0-9a-f]{16}\b", ".<event>"),
        (r"<invalid>|\b(?:\d+d\d+h|\d+d|\d+h\d+m|\d+h|\d+m\d+s|\d+m|\d+s)\b( \(x\d+ over <age>\))?", "<age>"),
        (r" \(x\d+ over <age>\)", ""),
        // Columns are as wide as what stands in them; helm ends each with a tab.
        (r" +\t", "\t"),
        (r"(\S) {2,}", "$1  "),
        (r" +$", ""),
    ];
    patterns.into_iter().filter_map(|(pattern, stands)| Some((Regex::new(pattern).ok()?, stands))).collect()
});

/// The text with one name for each thing of a kind; `places` are folders that are not the same twice.
pub fn text(text: &str, places: &[&str]) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut last = String::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        for place in places {
            line = line.replace(place, "<home>");
        }
        for (pattern, stands) in PATTERNS.iter() {
            if pattern.is_match(&line) {
                line = pattern.replace_all(&line, *stands).into_owned();
            }
        }
        // Whether a watch that is given up at its time says so is chance.
        if line.starts_with("E reflector.go") && line.contains("context deadline exceeded") {
            continue;
        }
        // A certificate has as many lines as it has, the last of them of any length.
        let is_base64 = || line.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        if last == "<certificate>" && !line.trim().is_empty() && is_base64() {
            continue;
        }
        if line != last || line != "<certificate>" {
            whole.push_str(&line);
            whole.push('\n');
        }
        last = line;
    }
    whole
}

/// Whether what is the same is left alone, and what is not is taken out.
pub fn tests(suite: Suite) -> Suite {
    suite.free("planted", "only_what_must_differ_is_taken_out", || async {
        let table = "web-6d5f8b7c9d-x2x4z   1/1     Running   0   12s   10.244.0.7  worker-1\n";
        let wanted = "web-<hash>-<suffix>  1/1  Running  0  <age>  <ip>  worker-1\n";
        // Go writes no zeros at the end of a second's fraction: one time is a letter shorter than the other.
        let releases = "one\tcharts\t1\t2026-01-02 10:20:30.12345678 +0000 UTC \tdeployed\n";
        let listed = "one\tcharts\t1\t<time> UTC\tdeployed\n";
        let yaml = "    app: oil-web\n  resourceVersion: \"12\"\n";
        let kept = "    app: oil-web\n  resourceVersion: <version>\n";
        for (given, wanted) in [(table, wanted), (releases, listed), (yaml, kept)] {
            let got = text(given, &[]);
            if got != wanted {
                return Err(Failure::new(format!("{got:?} in place of {wanted:?}")).into());
            }
        }
        Ok(())
    })
}
