use std::collections::BTreeSet;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// Denials and events as they are told, and how they are to be understood.
#[derive(Deserialize)]
struct Samples {
    #[serde(default)]
    denial: Vec<Sample>,
    #[serde(default)]
    event: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    #[serde(default)]
    code: u16,
    #[serde(default)]
    reason: String,
    text: String,
    family: Option<String>,
    rule: Option<String>,
    of: Option<String>,
    field: Option<String>,
    says: Option<String>,
}

const FILES: [&str; 4] = ["capsule-0.14", "capsule-0.4", "kubernetes", "events"];

fn path(name: &str) -> String {
    format!("{}/src/world/denial/samples/{name}.toml", env!("CARGO_MANIFEST_DIR"))
}

fn samples() -> Vec<Sample> {
    let file = |name: &&str| {
        let text = std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        toml::from_str::<Samples>(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    FILES.iter().map(file).flat_map(|samples| samples.denial.into_iter().chain(samples.event)).collect()
}

fn understood(sample: &Sample) -> Option<Refusal> {
    if sample.reason.is_empty() { read(&sample.text) } else { read_event(&sample.reason, &sample.text) }
}

#[test]
fn every_denial_is_understood() {
    for sample in samples() {
        let refusal = understood(&sample);
        let text = &sample.text;
        assert_eq!(refusal.as_ref().map(|refusal| refusal.family.word()), sample.family.as_deref(), "{text}");
        let Some(refusal) = refusal else { continue };
        assert_eq!(Some(refusal.rule), sample.rule.as_deref(), "{text}");
        let field = refusal.field.as_ref();
        assert_eq!(field.map(|field| field.of.kind()), sample.of.as_deref(), "{text}");
        assert_eq!(field.map(|field| field.path.as_str()), sample.field.as_deref(), "{text}");
        let told = format!("{} | {}", refusal.sentence(), refusal.advice());
        assert_eq!(Some(told.as_str()), sample.says.as_deref(), "{text}");
        // What nobody knows leads nowhere; all else has a way on.
        assert!(refusal.family == Family::Unclassified || !refusal.advice().is_empty(), "{text}");
    }
}

#[test]
fn every_rule_of_capsule_has_its_denial() {
    let seen: BTreeSet<String> = samples().into_iter().filter_map(|sample| sample.rule).collect();
    let missing: Vec<&str> = capsule::names().filter(|name| !seen.contains(*name)).collect();
    assert!(missing.is_empty(), "no sample tells of {missing:?}");
}

#[test]
fn every_body_that_was_kept_is_understood() {
    let mut seen = 0;
    for era in ["v0.14", "v0.4.2"] {
        let folder = format!("{}/tests/samples/{era}", env!("CARGO_MANIFEST_DIR"));
        for file in std::fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("status-")) {
                let body: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
                let refusal = read(body["message"].as_str().unwrap()).unwrap_or_else(|| panic!("{}", file.display()));
                assert_ne!(refusal.family, Family::Unclassified, "{}", file.display());
                assert!(refusal.rule != "webhook", "{}: only its webhook is known", file.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn codes_say_nothing() {
    let codes: BTreeSet<u16> = samples().iter().filter(|sample| sample.reason.is_empty()).map(|s| s.code).collect();
    assert_eq!(codes, [400, 403, 422, 500].into(), "denials come with any of these");
}

#[test]
fn what_comes_first_is_what_happened() {
    let denied = read("admission webhook \"x.corp\" denied the request: failed calling webhook \"y\"").unwrap();
    assert_eq!((denied.family, denied.source.as_deref()), (Family::Webhook, Some("x.corp")));
    let down = read("failed calling webhook \"x.corp\": context deadline exceeded: denied the request").unwrap();
    assert_eq!((down.family, down.why.as_str()), (Family::Outage, "it does not answer in time"));
}

proptest! {
    #[test]
    fn any_text_is_survived(
        text in "\\PC{0,120}",
        wild in "(?s).{0,120}",
        likely in "(is forbidden: |forbidden: User |\"|cannot |denied the request: |failed calling webhook|exceeded quota: |, used: |, requested: |violates PodSecurity \"|\\(|\\)|, |maximum | usage per | is |, but |İ|\u{1b}|admission webhook \"pods.capsule.clastix.io\"|Hostnames |Label |for the current Tenant|following list \\(|not currently held|\\{|Resources:\\[){0,16}",
    ) {
        for text in [text, wild, likely] {
            for refusal in [read(&text), read_event("ForbiddenLabel", &text), read_event("Cordoned", &text)].into_iter().flatten() {
                let told = [refusal.sentence(), refusal.advice(), refusal.decides()];
                prop_assert!(told.iter().all(|told| !told.chars().any(char::is_control)), "{told:?}");
                prop_assert!(told.iter().all(|told| told.chars().count() < 1200), "{told:?}");
                prop_assert!(!refusal.sentence().is_empty());
            }
        }
    }
}

/// Writes down how each sample is understood now: to be read, and then kept.
#[test]
#[ignore = "writes the sentences of the samples anew: TENANTRY_SAMPLES=overwrite, then look at each of them"]
fn sentences_are_written_anew() {
    if std::env::var("TENANTRY_SAMPLES").as_deref() != Ok("overwrite") {
        return;
    }
    for name in FILES {
        let text = std::fs::read_to_string(path(name)).unwrap();
        let file: Samples = toml::from_str(&text).unwrap();
        let mut all = file.denial.iter().chain(&file.event);
        let mut out = String::new();
        for line in text.lines().filter(|line| !line.starts_with("says = ")) {
            out.extend([line, "\n"]);
            let sample = if line.starts_with("text = ") { all.next() } else { None };
            if let Some(refusal) = sample.and_then(understood) {
                let told = format!("{} | {}", refusal.sentence(), refusal.advice());
                out.extend(["says = ", &toml::Value::String(told).to_string(), "\n"]);
            }
        }
        std::fs::write(path(name), out).unwrap();
    }
}
