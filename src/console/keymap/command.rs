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
    TenantPause     "tenant.pause"      Act      "pause or resume"
    TenantCordon    "tenant.cordon"     Act      "cordon or uncordon"
    Add             "object.add"        Act      "add"
    Edit            "object.edit"       Act      "edit"
    Delete          "object.delete"     Act      "delete"
    Undo            "plan.undo"         Act      "undo"
    Finish          "plan.finish"       Act      "finish what was interrupted"
    Keep            "plan.keep"         Act      "keep what is on trial"
    Journal         "app.journal"       Go       "journal"
    Script          "journal.script"    Go       "save as a script"
    Open            "open"              Go       "open"
    Describe        "document.words"    Go       "describe"
    Yaml            "document.yaml"     Go       "yaml"
    Events          "document.events"   Go       "events"
    Explain         "document.why"      Go       "why refused"
    ManagedFields   "document.managed"  Go       "managed fields"
    Reveal          "document.reveal"   Go       "show secret values"
    Status          "document.status"   Go       "fold the status"
    SearchNext      "search.next"       Go       "next found"
    SearchPrevious  "search.previous"   Go       "previous found"
    Back            "app.back"          Go       "back"
    FilterStart     "filter.start"      Go       "filter"
    Faults          "rows.faults"       Go       "only what needs a look"
    SortName        "sort.name"         Go       "sort by name"
    SortAge         "sort.age"          Go       "sort by age"
    SortState       "sort.state"        Go       "sort by state"
    SortNext        "sort.next"         Go       "next column"
    SortPrevious    "sort.previous"     Go       "previous column"
    SortColumn      "sort.column"       Go       "sort by the column"
    CommandStart    "command.start"     Go       "command"
    FocusNext       "focus.next"        Go       "next pane"
    FocusPrevious   "focus.previous"    Go       "previous pane"
    Zoom            "pane.zoom"         Go       "zoom"
    PaneWider       "pane.wider"        Go       "wider"
    PaneNarrower    "pane.narrower"     Go       "narrower"
    PaneTaller      "pane.taller"       Go       "taller"
    PaneLower       "pane.lower"        Go       "lower"
    PaneHide        "pane.hide"         Go       "hide the pane"
    PaneAll         "pane.all"          Go       "show all panes"
    AccessRaw       "access.raw"        Go       "grants or bindings"
    Matrix          "access.matrix"     Go       "matrix"
    AskServer       "access.ask"        Go       "ask the server"
    AllNamespaces   "namespaces.all"    Go       "all namespaces"
    SwitchNamespace "switch.namespace"  Go       "use namespace"
    SwitchContext   "switch.context"    Go       "switch context"
    ViewAs          "view.as"           Go       "view as"
    OtherSide       "view.other"        Go       "other side"
    HistoryBack     "history.back"      Go       "place before"
    HistoryForward  "history.forward"   Go       "place after"
    HistoryLast     "history.last"      Go       "last place and back"
    PinSet          "pin.set"           Go       "pin this place"
    Pin1            "pin.1"             Go       "place on 1"
    Pin2            "pin.2"             Go       "place on 2"
    Pin3            "pin.3"             Go       "place on 3"
    Pin4            "pin.4"             Go       "place on 4"
    Pin5            "pin.5"             Go       "place on 5"
    Pin6            "pin.6"             Go       "place on 6"
    Pin7            "pin.7"             Go       "place on 7"
    Pin8            "pin.8"             Go       "place on 8"
    Pin9            "pin.9"             Go       "place on 9"
    Mark            "mark.this"         Go       "mark"
    MarkRange       "mark.range"        Go       "mark a range"
    MarkAll         "mark.all"          Go       "mark all shown"
    MarkNone        "mark.none"         Go       "mark nothing"
    Copy            "copy.value"        Go       "copy"
    CopyPath        "copy.path"         Go       "copy the path"
    CopyKubectl     "copy.kubectl"      Go       "copy as a command of kubectl"
    CopyWhole       "copy.whole"        Go       "copy all of it"
    Save            "document.save"     Go       "save to a file"
    Pager           "document.pager"    Go       "open in the pager"
    Editor          "document.editor"   Go       "open a copy in the editor"
    Wrap            "document.wrap"     Go       "wrap long lines"
    MoveUp          "move.up"           Move     "up"
    MoveDown        "move.down"         Move     "down"
    MovePageUp      "move.page-up"      Move     "page up"
    MovePageDown    "move.page-down"    Move     "page down"
    MoveTop         "move.top"          Move     "top"
    MoveBottom      "move.bottom"       Move     "bottom"
    MoveLeft        "move.left"         Move     "left"
    MoveRight       "move.right"        Move     "right"
    PlanApply       "plan.apply"        Plan     "apply"
    PlanTrial       "plan.trial"        Plan     "apply as a trial"
    PlanTrialTimed  "plan.trial-timed"  Plan     "apply for some time"
    PlanUnfold      "plan.unfold"       Plan     "more or less of it"
    PlanChoose      "plan.choose"       Plan     "choose"
    PlanChooseNext  "plan.choose-next"  Plan     "choose the second"
    PlanChoose3     "plan.choose-3"     Plan     "choose the third"
    PlanChoose4     "plan.choose-4"     Plan     "choose the fourth"
    PlanChoose5     "plan.choose-5"     Plan     "choose the fifth"
    PlanLeave       "plan.leave"        Plan     "leave this one out"
    PlanReason      "plan.reason"       Plan     "say why"
    PlanEdit        "plan.edit"         Plan     "edit again"
    PlanTakeBack    "plan.take-back"    Plan     "take back the last"
    FormEdit        "form.edit"         Plan     "type"
    FormNext        "form.next"         Plan     "next choice"
    FormPrevious    "form.previous"     Plan     "choice before"
    PlanDetails     "plan.details"      Plan     "details"
    PlanForm        "plan.form"         Plan     "show it otherwise"
    PlanNoise       "plan.noise"        Plan     "status and bookkeeping"
    PlanCommands    "plan.commands"     Plan     "copy the commands"
    PlanSnapshot    "plan.snapshot"     Plan     "keep a snapshot"
    PlanCancel      "plan.cancel"       Plan     "no"
    Help            "app.help"          Console  "help"
    Messages        "app.messages"      Console  "messages"
    Refresh         "app.refresh"       Console  "refresh"
    ReadOnly        "app.readonly"      Console  "read-only, or no longer"
    Suspend         "app.suspend"       Console  "suspend to the shell"
    Shell           "app.shell"         Console  "a shell that goes where the console goes"
    Quit            "app.quit"          Console  "quit"
}

impl Command {
    /// Whether it changes the cluster, or begins to.
    pub const fn writes(self) -> bool {
        use Command as C;
        let of_objects = matches!(self, C::TenantPause | C::TenantCordon | C::Add | C::Edit | C::Delete);
        let of_plans =
            matches!(self, C::Undo | C::Finish | C::PlanApply | C::PlanTrial | C::PlanTrialTimed | C::PlanTakeBack);
        of_objects || of_plans
    }

    /// Whether it only reads what is shown: so it is for the dialog of a plan, too.
    pub const fn reads(self) -> bool {
        use Command as C;
        let looks = matches!(self, C::FilterStart | C::SearchNext | C::SearchPrevious | C::Explain);
        looks || matches!(self, C::Copy | C::CopyWhole | C::Save)
    }

    /// The digit of a pinned place.
    pub fn pin(self) -> Option<u8> {
        self.name().strip_prefix("pin.")?.parse().ok()
    }
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
