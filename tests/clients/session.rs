//! What is typed: the files of `sessions/`.
//!
//! ```text
//! # Comments.
//! $ kubectl get namespaces
//! $ kubectl apply -f - <<EOF
//! > a command's further lines
//! > EOF
//! ? kubectl get pod web      (repeated until it succeeds; what it prints is not compared)
//! ! kubectl delete pod web   (what it prints is not compared)
//! ```

use std::fs;
use std::path::Path;

use tenantry_cluster::Failure;
use tenantry_cluster::harness::Suite;

/// What is done with a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// What it prints is compared.
    Compare,
    /// It is repeated until it succeeds.
    Until,
    /// What it prints is of no interest.
    Silent,
}

/// A row of commands for a shell.
#[derive(Debug)]
pub struct Session {
    /// The file's name.
    pub name: String,
    /// The commands, in their order.
    pub commands: Vec<(Step, String)>,
}

/// All sessions of a folder, by name.
pub fn read_all(folder: &Path) -> Result<Vec<Session>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut sessions = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let text = fs::read_to_string(&path).map_err(wrong)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let commands = commands(&text).map_err(|line| format!("{}:{line}: what is this?", path.display()))?;
        sessions.push(Session { name, commands });
    }
    sessions.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(sessions)
}

/// The commands of a file, or the number of the line that is not understood.
fn commands(text: &str) -> Result<Vec<(Step, String)>, usize> {
    let mut commands: Vec<(Step, String)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let (mark, rest) = line.split_at_checked(1).unwrap_or_default();
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let step = match mark {
            "$" => Step::Compare,
            "?" => Step::Until,
            "!" => Step::Silent,
            ">" => {
                let (_, command) = commands.last_mut().ok_or(number + 1)?;
                command.push('\n');
                command.push_str(rest);
                continue;
            }
            "#" | "" => continue,
            _ => return Err(number + 1),
        };
        commands.push((step, rest.to_owned()));
    }
    Ok(commands)
}

/// Whether sessions are read as they are written.
pub fn tests(suite: Suite) -> Suite {
    suite.free("planted", "a_session_is_read", || async {
        let read = commands("# why\n$ one <<EOF\n>   two\n>\n> EOF\n\n? three\n! four\n");
        let wanted = vec![
            (Step::Compare, "one <<EOF\n  two\n\nEOF".to_owned()),
            (Step::Until, "three".to_owned()),
            (Step::Silent, "four".to_owned()),
        ];
        if read != Ok(wanted) || commands("ok\n") != Err(1) {
            return Err(Failure::new(format!("{read:?}")).into());
        }
        Ok(())
    })
}
