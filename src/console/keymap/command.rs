//! What keys can do. One table answers dispatch, the hint line, the help page and the documentation.

use std::fmt;
use std::str::FromStr;

/// Under which heading a command stands in the help page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// What changes or uses the selected thing.
    Act,
    /// Where one is and what is on the screen.
    Go,
    /// Moving in a list or a text.
    Move,
    /// The dialog that shows a plan.
    Plan,
    /// The program itself.
    Console,
}

impl Group {
    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Act => "Act",
            Self::Go => "Go",
            Self::Move => "Move",
            Self::Plan => "Plan",
            Self::Console => "Console",
        }
    }
}

/// One line per command: its variant, the name it has in a keymap file, its group, and a title short enough for the hint
/// line. The order is the one of the help page.
macro_rules! commands {
    ($($variant:ident $name:literal $group:ident $title:literal)*) => {
        /// What a key can do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Command {
            $(#[doc = concat!("`", $name, "`: ", $title)] $variant,)*
        }

        impl Command {
            /// All commands, in the order of the help page.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in a keymap file and in `:` commands.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// A few words for the hint line and the help page.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// The heading under which it stands.
            pub fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group),* }
            }
        }
    };
}

commands! {
    TenantCordon    "tenant.cordon"     Act      "cordon or uncordon"
    Open            "open"              Go       "open"
    Back            "app.back"          Go       "back"
    FilterStart     "filter.start"      Go       "filter"
    CommandStart    "command.start"     Go       "command"
    FocusNext       "focus.next"        Go       "next pane"
    FocusPrevious   "focus.previous"    Go       "previous pane"
    Zoom            "pane.zoom"         Go       "zoom"
    AccessRaw       "access.raw"        Go       "grants or bindings"
    AllNamespaces   "namespaces.all"    Go       "all namespaces"
    SwitchNamespace "switch.namespace"  Go       "use namespace"
    SwitchContext   "switch.context"    Go       "switch context"
    MoveUp          "move.up"           Move     "up"
    MoveDown        "move.down"         Move     "down"
    MovePageUp      "move.page-up"      Move     "page up"
    MovePageDown    "move.page-down"    Move     "page down"
    MoveTop         "move.top"          Move     "top"
    MoveBottom      "move.bottom"       Move     "bottom"
    MoveLeft        "move.left"         Move     "left"
    MoveRight       "move.right"        Move     "right"
    PlanApply       "plan.apply"        Plan     "apply"
    PlanDetails     "plan.details"      Plan     "details"
    PlanCancel      "plan.cancel"       Plan     "no"
    Help            "app.help"          Console  "help"
    Messages        "app.messages"      Console  "messages"
    Refresh         "app.refresh"       Console  "refresh"
    Suspend         "app.suspend"       Console  "suspend to the shell"
    Quit            "app.quit"          Console  "quit"
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No command has this name; the nearest one that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCommand {
    /// The name as written.
    pub name: String,
    /// What may have been meant.
    pub nearest: Option<Command>,
}

impl fmt::Display for UnknownCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nearest {
            Some(nearest) => write!(f, "no command is called `{}`: did you mean `{nearest}`?", self.name),
            None => write!(f, "no command is called `{}`", self.name),
        }
    }
}

impl std::error::Error for UnknownCommand {}

impl FromStr for Command {
    type Err = UnknownCommand;

    fn from_str(name: &str) -> Result<Self, UnknownCommand> {
        let named = |name: &str| Self::ALL.iter().copied().find(|command| command.name() == name);
        named(name).ok_or_else(|| UnknownCommand {
            name: name.to_owned(),
            nearest: crate::text::distance::nearest(name, Self::ALL.iter().map(|c| c.name())).and_then(named),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_lead_back() {
        let names: BTreeSet<_> = Command::ALL.iter().map(|command| command.name()).collect();
        assert_eq!(names.len(), Command::ALL.len());
        for command in Command::ALL {
            assert_eq!(command.name().parse(), Ok(*command));
        }
    }

    #[test]
    fn a_mistyped_name_is_guessed() {
        let error = "tenant.cordn".parse::<Command>().unwrap_err();
        assert_eq!(error.to_string(), "no command is called `tenant.cordn`: did you mean `tenant.cordon`?");
        assert_eq!("x".parse::<Command>().unwrap_err().to_string(), "no command is called `x`");
    }
}
