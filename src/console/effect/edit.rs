//! An object in the editor, as YAML.

use serde_json::Value;

use super::super::model::plan::Kept;
use super::visit::{Visit, visit};
use crate::cluster::gate::Gate;
use crate::cluster::write;
use crate::plan::{ObjectRef, diff};
use crate::text::yaml;
use crate::world::trouble::Trouble;

/// What stands above the text. Lines that begin so are comments of YAML.
const NEW: &str = "# Write one object or several, with --- between them: what would happen is shown before anything is sent.\n\
                   # Leave it empty, and nothing happens.\n#\n";
const HEAD: &str = "# Change this object and save it: what would happen is shown before anything is sent.\n\
                    # Leave it as it is, or empty, and nothing happens.\n#\n";

/// Reads an object and opens it in the editor, or what was written of it before; without one, an empty text. Returns the object as
/// it was read and the text,
/// if that was changed. The file is readable for us only, and gone afterwards: there may be secrets in it.
pub async fn edit(
    gate: &Gate,
    editor: Option<&str>,
    object: Option<&ObjectRef>,
    kept: Option<&Kept>,
) -> Result<Option<(Box<Value>, String)>, Trouble> {
    let read = match object {
        Some(object) => write::read(gate, object).await?,
        None => Value::Null,
    };
    let mut head = if object.is_some() { HEAD } else { NEW }.to_owned();
    let text = match kept {
        None if object.is_none() => String::new(),
        None => yaml::render(&shown(&read), &|_, _| None),
        Some(kept) => {
            if !kept.fault.is_empty() {
                head.push_str("# It could not be used as it is:\n");
                for line in kept.fault.lines() {
                    head.extend(["#   ", line, "\n"]);
                }
                head.push_str("#\n");
            }
            kept.text.clone()
        }
    };
    let name = object.map_or("new", |object| &object.name);
    let name = format!("{}.yaml", name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_"));
    let Some(edited) = visit(Visit::Editor, editor, &name, &format!("{head}{text}")).await? else { return Ok(None) };
    let edited: String =
        edited.lines().skip_while(|line| line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
    // Left as it was, or empty: no.
    if edited.trim().is_empty() || (kept.is_none() && edited == text) {
        return Ok(None);
    }
    Ok(Some((Box::new(read), edited)))
}

/// What of an object can be edited: without status and what the server keeps for itself.
fn shown(object: &Value) -> Value {
    let mut shown = diff::without_bookkeeping(object);
    if let Some(metadata) = shown.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("uid");
        metadata.remove("creationTimestamp");
    }
    shown
}
