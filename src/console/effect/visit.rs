//! Another program at the terminal, with a text of ours in its hands: the pager, the editor.

use std::io::Write as _;
use std::process::Stdio;

use crate::world::trouble::{Trouble, TroubleKind};

/// Which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// `$PAGER`, else less.
    Pager,
    /// `$VISUAL`, else `$EDITOR`, else vi.
    Editor,
}

impl Visit {
    /// What it is called here.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pager => "the pager",
            Self::Editor => "the editor",
        }
    }

    /// The command, with its arguments, as a shell reads it. `own`: what stands in for the environment's editor.
    fn command_or(self, own: Option<&str>) -> String {
        let own = own.filter(|_| self == Self::Editor);
        own.map_or_else(|| self.command(|name| std::env::var(name).ok()), str::to_owned)
    }

    fn command(self, variable: impl Fn(&str) -> Option<String>) -> String {
        let (names, usual): (&[&str], _) = match self {
            Self::Pager => (&["PAGER"], "less"),
            Self::Editor => (&["VISUAL", "EDITOR"], "vi"),
        };
        let set = |name: &&str| variable(name).filter(|command| !command.trim().is_empty());
        names.iter().find_map(set).unwrap_or_else(|| usual.to_owned())
    }
}

/// Shows `text` in a program, which has the terminal meanwhile: as a file named `name` that only we can read, and that is gone
/// afterwards. Returns the text if it was changed.
pub async fn visit(which: Visit, own: Option<&str>, name: &str, text: &str) -> Result<Option<String>, Trouble> {
    let command = which.command_or(own);
    let failed = |error: std::io::Error| {
        Trouble::new(TroubleKind::Other, format!("{} ({command}) cannot be started: {error}", which.name()))
    };
    let folder = tempfile::tempdir().map_err(failed)?;
    let path = folder.path().join(name);
    let mut file = std::fs::File::create(&path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    drop(file);
    // A shell, since these variables hold arguments; the file's name is never read by it.
    let status = tokio::process::Command::new("sh")
        .args(["-c", &format!("{command} \"$1\""), "sh"])
        .arg(&path)
        .stdin(Stdio::inherit())
        .status()
        .await
        .map_err(failed)?;
    if !status.success() {
        let what = format!("{} ({command}) ended with {status}", which.name());
        return Err(Trouble::new(TroubleKind::Other, what));
    }
    let after = std::fs::read_to_string(&path).map_err(failed)?;
    Ok((after != text).then_some(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_editor_is_the_one_that_is_named_first() {
        let of = |pairs: &'static [(&str, &str)]| {
            Visit::Editor
                .command(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(of(&[("EDITOR", "nano -w"), ("VISUAL", "code --wait")]), "code --wait");
        assert_eq!(of(&[("EDITOR", "nano -w"), ("VISUAL", " ")]), "nano -w");
        assert_eq!(of(&[]), "vi");
    }
}
