//! Where a key is pressed. Several layers are open at once; the topmost that knows a key decides.

use super::command::{Command, Group};
use std::fmt;
use std::str::FromStr;

/// A table of `keymap.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Everywhere but in text fields and in the plan dialog.
    Global,
    /// The panes: tenants, namespaces, access, identity.
    Table,
    /// A page of text over the panes: a namespace, the help, the messages.
    Page,
    /// The dialog that shows a plan and asks whether to apply it.
    Plan,
    /// The same with a form beside it.
    Form,
}

impl Layer {
    /// All layers, in the order of the help page.
    pub const ALL: &[Self] = &[Self::Global, Self::Table, Self::Page, Self::Plan, Self::Form];

    /// Which are open at the same time, the topmost first.
    pub const OPEN: &[&[Self]; 4] =
        &[&[Self::Table, Self::Global], &[Self::Page, Self::Global], &[Self::Plan], &[Self::Form]];

    /// The name of its table in a keymap file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Table => "table",
            Self::Page => "page",
            Self::Plan => "plan",
            Self::Form => "form",
        }
    }

    /// Whether `command` means anything here. A plan is answered in its dialog only, so that no key pressed elsewhere can
    /// approve one, and nothing else is started from there; what it says can be searched, copied and saved.
    pub fn holds(self, command: Command) -> bool {
        match (self, command.group()) {
            (Self::Plan, group) => command.reads() || matches!(group, Group::Plan | Group::Move | Group::Console),
            (Self::Form, group) => matches!(group, Group::Plan | Group::Move | Group::Console),
            (_, group) => group != Group::Plan,
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Layer {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|layer| layer.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|layer| format!("[{layer}]")).collect();
            format!("no layer is called `{name}`: there are {}", known.join(", "))
        })
    }
}
