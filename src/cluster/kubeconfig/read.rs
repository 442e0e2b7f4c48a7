//! One kubeconfig file: read, and refused in words that hold none of its values.

use std::io;
use std::path::{Path, PathBuf};

use kube::config::{Kubeconfig, KubeconfigError};

use super::in_words;
use crate::world::trouble::{Trouble, TroubleKind};

/// What to do without any file.
pub(super) const ADVICE_NO_FILE: &str =
    "name one with --kubeconfig or KUBECONFIG, or look around with `tenantry --demo`";

/// None of the files exists.
pub(super) fn nothing_there(missing: &[PathBuf], explicit: bool) -> Trouble {
    let what = match missing {
        [path] if explicit => format!("the kubeconfig {} does not exist", path.display()),
        [path] => format!("there is no kubeconfig: {} does not exist", path.display()),
        paths => {
            let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            format!("none of the files in KUBECONFIG exists: {}", names.join(", "))
        }
    };
    Trouble::new(TroubleKind::NoKubeconfig, what).advise(ADVICE_NO_FILE)
}

/// One file, or `None` if it does not exist.
pub(super) fn read_file(path: &Path) -> Result<Option<Kubeconfig>, Trouble> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let what = format!("cannot read the kubeconfig {}: {}", path.display(), in_words(&error));
            return Err(
                Trouble::new(TroubleKind::MalformedKubeconfig, what).advise("it has to be a file that you may read")
            );
        }
    };
    let Some(text) = decode(&bytes) else {
        return Err(not_a_kubeconfig(path, "is not text"));
    };
    let mut one = Kubeconfig::from_yaml(&text).map_err(|error| malformed(path, &text, &error))?;
    // kube accepts any mapping as a kubeconfig, a Pod's manifest too.
    match (one.kind.as_deref(), one.api_version.as_deref()) {
        (Some(kind), _) if kind != "Config" => return Err(not_a_kubeconfig(path, &format!("is a {kind}"))),
        (_, Some(version)) if version != "v1" => {
            return Err(not_a_kubeconfig(path, &format!("has the unknown apiVersion {version}")));
        }
        _ => {}
    }
    // `kubectl config unset current-context` leaves an empty name, which must not hide that of a later file.
    one.current_context.take_if(|name| name.is_empty());
    if let Some(folder) = path.parent() {
        make_absolute(&mut one, folder);
    }
    Ok(Some(one))
}

/// The text of a file in UTF-8 or UTF-16 (with its mark: PowerShell writes that). kube's own reader panics on an odd
/// number of bytes.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, []) = rest.as_chunks::<2>() else {
            return None;
        };
        String::from_utf16(&pairs.iter().map(|pair| unit(*pair)).collect::<Vec<_>>()).ok()
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

/// Relative paths in a kubeconfig start at its own folder.
fn make_absolute(config: &mut Kubeconfig, folder: &Path) {
    let absolute = |path: &mut Option<String>| {
        if let Some(path) = path.as_mut().filter(|path| !path.is_empty() && Path::new(path.as_str()).is_relative())
            && let Some(whole) = folder.join(path.as_str()).to_str()
        {
            whole.clone_into(path);
        }
    };
    for cluster in config.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        absolute(&mut cluster.certificate_authority);
    }
    for user in config.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        absolute(&mut user.client_certificate);
        absolute(&mut user.client_key);
        absolute(&mut user.token_file);
        // A plugin without a folder in its name is looked for in PATH.
        if let Some(exec) = user.exec.as_mut()
            && exec.command.as_deref().is_some_and(|command| command.contains(std::path::MAIN_SEPARATOR))
        {
            absolute(&mut exec.command);
        }
    }
}

fn not_a_kubeconfig(path: &Path, how: &str) -> Trouble {
    Trouble::new(TroubleKind::MalformedKubeconfig, format!("{} {how}, not a kubeconfig", path.display()))
        .advise("a kubeconfig has `apiVersion: v1` and `kind: Config`")
}

/// What is wrong with a file, by its line; `text` is what it holds.
pub(super) fn malformed(path: &Path, text: &str, error: &KubeconfigError) -> Trouble {
    let file = path.display();
    let (what, advice) = match error {
        KubeconfigError::Parse(error) => {
            let reason = yaml_fault(&error.without_snippet().to_string());
            let line = error.location().map(|place| place.line()).filter(|line| *line > 0);
            // The parser names the line where the entry with the tab began.
            let line = if reason == TABS { tabbed_line(text).or(line) } else { line };
            let place = line.map_or_else(String::new, |line| format!(" at line {line}"));
            (
                format!("the kubeconfig {file} is broken{place}: {reason}"),
                "correct it there; `kubectl config view` should then show it",
            )
        }
        KubeconfigError::KindMismatch | KubeconfigError::ApiVersionMismatch => (
            format!("the kubeconfig {file} mixes kinds or apiVersions"),
            "take it out of KUBECONFIG, or correct its `kind` and `apiVersion`",
        ),
        // The other variants arise when a context is used, not when a file is read.
        _ => (format!("the kubeconfig {file} cannot be used"), ""),
    };
    Trouble::new(TroubleKind::MalformedKubeconfig, what).advise(advice)
}

const TABS: &str = "tabs cannot indent YAML";

/// The number of the first line that a tab indents.
fn tabbed_line(text: &str) -> Option<u64> {
    let indented =
        |line: &str| line.split(|c: char| !c.is_whitespace()).next().is_some_and(|indent| indent.contains('\t'));
    (1..).zip(text.lines()).find(|(_, line)| indented(line)).map(|(number, _)| number)
}

/// What is wrong with a YAML text, told by the parser's `message`, of which nothing but names of the schema is
/// repeated: it quotes values, and those may be secrets.
fn yaml_fault(message: &str) -> String {
    let lower = message.to_lowercase();
    let has = |words: &str| lower.contains(words);
    if let Some(field) = lower.split("missing field `").nth(1).and_then(|rest| rest.split('`').next()) {
        return format!("`{field}` is missing");
    }
    let reason = if has("duplicate") {
        "the same key is there twice"
    } else if has("tab") {
        TABS
    } else if has("invalid type") || has("expected") && (has("mapping") || has("sequence") || has("scalar")) {
        "a value is of another type than it should be"
    } else if has("anchor") || has("alias") {
        "it refers to an unknown anchor"
    } else {
        "it is not valid YAML"
    };
    reason.to_owned()
}
