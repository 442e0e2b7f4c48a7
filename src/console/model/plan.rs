//! A plan on the screen, and where it came from.

use std::collections::BTreeSet;

use serde_json::Value;

use super::form::Form;
use crate::action::Selection;
use crate::action::pause::{Switch, Wish as PauseWish};
use crate::action::whatif::Consequence;
use crate::blueprint::create::Asked;
use crate::plan::answered::Answered;
use crate::plan::delete::is_whole;
use crate::plan::diff::Diff;
use crate::plan::diff::yaml::DiffLine;
use crate::plan::history::{Past, Trial};
use crate::plan::owner::Owner;
use crate::plan::undo::Wish;
use crate::plan::{Answer, Digest, Keep, ObjectRef, Plan, Propagation};
use crate::world::trouble::Trouble;

/// A plan on the screen.
#[derive(Debug)]
pub struct PlanDialog {
    /// The plan.
    pub plan: Plan,
    /// What stands for it when it is approved; `None` until the server has answered.
    pub digest: Option<Digest>,
    /// Of each step what would be another; empty until the server has answered.
    pub diffs: Vec<Diff>,
    /// The same as YAML.
    pub yaml: Vec<Vec<DiffLine>>,
    /// Of each step who else keeps its object as it is.
    pub kept: Vec<Vec<String>>,
    /// What it does beyond the fields that it changes.
    pub impact: Vec<String>,
    /// What it would change in who may do what.
    pub consequence: Consequence,
    /// Of each step the command that does the same; empty until the server has answered.
    pub commands: Vec<String>,
    /// The request that is awaited, if one is: for a new plan, its preview, or its end.
    pub asking: Option<u64>,
    /// Since when (milliseconds).
    pub since: i64,
    /// The request under which its objects are followed.
    pub followed: u64,
    /// What moved since the plan was made, newest last.
    pub drift: Vec<String>,
    /// Why what moves may not be seen.
    pub blind: Option<String>,
    /// What keeps it from being made, told in its place.
    pub fault: Option<Trouble>,
    /// Where it came from, for planning anew.
    pub origin: Origin,
    /// What can be chosen about it.
    pub choices: Vec<Choice>,
    /// The exact commands and the server's exact words are shown.
    pub details: bool,
    /// What would be another in status and bookkeeping is shown, too.
    pub noise: bool,
    /// The steps of which more, or less, is shown than usual.
    pub turned: BTreeSet<usize>,
    /// The line under the cursor.
    pub cursor: usize,
    /// The first visible row.
    pub scroll: usize,
    /// What is looked for, in small letters.
    pub search: String,
    /// It has been approved and is being applied: how far that is.
    pub applying: Option<String>,
    /// A name is being typed to agree to it.
    pub agreeing: Option<Agreeing>,
    /// It was agreed to before: it is applied as soon as it can be seen.
    pub agreed: bool,
    /// The form beside it, if it is made from a blueprint.
    pub form: Option<Box<Form>>,
}

/// How what would be another is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiffForm {
    /// Path by path.
    #[default]
    Paths,
    /// As YAML, the old lines above the new ones.
    Unified,
    /// As YAML, the old lines beside the new ones.
    SideBySide,
}

impl DiffForm {
    /// From so many columns on two sides have room beside each other.
    const WIDE: usize = 100;

    /// As it is shown on so many columns.
    #[must_use]
    pub const fn on(self, columns: usize) -> Self {
        match self {
            Self::SideBySide if columns < Self::WIDE => Self::Unified,
            other => other,
        }
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self, columns: usize) -> Self {
        match self.on(columns) {
            Self::Paths => Self::Unified,
            Self::Unified if columns >= Self::WIDE => Self::SideBySide,
            Self::Unified | Self::SideBySide => Self::Paths,
        }
    }

    /// What it is, as a hint.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Paths => "by path",
            Self::Unified => "as YAML",
            Self::SideBySide => "side by side",
        }
    }
}

/// A plan that is agreed to by typing a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreeing {
    /// What was on the screen when the question was put.
    pub shown: Digest,
    /// What must be typed.
    pub name: String,
    /// As a trial.
    pub trial: Option<Trial>,
    /// It has been typed.
    pub typed: bool,
}

/// Something that can be chosen about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it means.
    pub title: String,
    /// Whether it is so.
    pub on: bool,
    /// The option of a pause that it is.
    pub switch: Option<Switch>,
}

/// Where a plan came from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// An action on what was selected.
    Action {
        /// Which.
        id: &'static str,
        /// What it acts on.
        selection: Selection,
    },
    /// It is made by reading something.
    Draft(Draft),
}

/// What a plan is made of, when that has to be read first.
#[derive(Debug, Clone, PartialEq)]
pub enum Draft {
    /// An earlier plan, to be taken back or finished.
    Earlier {
        /// Which.
        past: Box<Past>,
        /// What is to become of it.
        wish: Wish,
    },
    /// The text of an object after it has been edited.
    Edited {
        /// Which object.
        object: ObjectRef,
        /// As it was read.
        read: Box<Value>,
        /// What it is to become, as YAML.
        text: String,
    },
    /// Objects as somebody has written them down.
    Written {
        /// As YAML.
        text: String,
        /// Fields that others manage are taken over.
        force: bool,
    },
    /// Objects that are to be deleted.
    Delete {
        /// Which.
        objects: Vec<ObjectRef>,
        /// How many of those that were marked a filter hides.
        hidden: usize,
        /// What becomes of what they own.
        propagation: Propagation,
        /// What is kept of them before.
        keep: Option<Keep>,
    },
    /// What tenants have left behind, to be deleted.
    Leftovers {
        /// What is to stay, by its path.
        leave: Vec<String>,
    },
    /// A small change of objects.
    Small {
        /// Which: its word on the command line.
        word: &'static str,
        /// What stands behind it.
        arguments: Vec<String>,
        /// Of which.
        objects: Vec<ObjectRef>,
        /// How many of those that were marked a filter hides.
        hidden: usize,
        /// When it was asked for (Unix seconds).
        at: i64,
        /// Why it is this change and not the one that was asked for.
        because: Vec<String>,
    },
    /// A role that is taken away from somebody.
    Revoke {
        /// Whom.
        who: Owner,
        /// Its name.
        role: String,
        /// The bindings that give it.
        objects: Vec<ObjectRef>,
    },
    /// Files as they are now, whenever they are saved.
    Files {
        /// A file, a folder or a kustomization, as it was typed.
        path: String,
        /// Fields that others manage are taken over.
        force: bool,
        /// What we applied with the label that all of them share, and has left them, is deleted.
        prune: bool,
    },
    /// A pause or a resume.
    Pause(Box<PauseWish>),
    /// A tenant, from a blueprint.
    Blueprint {
        /// Which blueprint.
        name: String,
        /// What has been decided.
        asked: Asked,
    },
    /// A plan whose objects are read anew.
    Given(Box<Plan>),
}

impl Draft {
    /// What is being done while it is made.
    pub fn words(&self) -> String {
        match self {
            Self::Earlier { past, .. } => format!("reading what {} is about", past.title),
            Self::Written { .. } => "reading what is there of it".to_owned(),
            Self::Edited { object, .. } => format!("reading {}", object.title()),
            Self::Delete { objects, .. } | Self::Small { objects, .. } | Self::Revoke { objects, .. } => {
                match objects.as_slice() {
                    [object] => format!("reading {}", object.title()),
                    objects => format!("reading {} objects", objects.len()),
                }
            }
            Self::Leftovers { .. } => "looking for what tenants have left behind".to_owned(),
            Self::Files { path, .. } => format!("reading {path}"),
            Self::Pause(wish) => match wish.what.as_slice() {
                [one] => format!("reading what runs in {}", one.title()),
                many => format!("reading what runs in {} tenants or namespaces", many.len()),
            },
            Self::Blueprint { asked, .. } => format!("looking what the tenant {} would be made of", asked.tenant),
            Self::Given(plan) => format!("reading what {} is about", plan.title),
        }
    }
}

/// A plan that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Drafted {
    /// The plan, not answered yet.
    pub plan: Plan,
    /// What can be chosen about it.
    pub choices: Vec<Choice>,
}

/// A draft that is being made.
#[derive(Debug, Clone, PartialEq)]
pub struct Drafting {
    /// The request.
    pub request: u64,
    /// What of.
    pub draft: Draft,
    /// It is to be applied as soon as it can be seen.
    pub agreed: bool,
}

/// A text that was edited and could not be used, kept for another try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The context that it was written in, and is for.
    pub context: String,
    /// What it is about; `None`: it is new.
    pub object: Option<ObjectRef>,
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub fault: String,
}

impl PlanDialog {
    /// A plan that the server has not been asked about.
    pub fn new(plan: Plan, origin: Origin, choices: Vec<Choice>, followed: u64, now: i64) -> Self {
        Self {
            plan,
            digest: None,
            diffs: Vec::new(),
            yaml: Vec::new(),
            kept: Vec::new(),
            impact: Vec::new(),
            consequence: Consequence::default(),
            commands: Vec::new(),
            asking: None,
            since: now,
            followed,
            drift: Vec::new(),
            blind: None,
            fault: None,
            origin,
            choices,
            details: false,
            noise: false,
            turned: BTreeSet::new(),
            cursor: 0,
            scroll: 0,
            search: String::new(),
            applying: None,
            agreeing: None,
            agreed: false,
            form: None,
        }
    }

    /// Says what moved. Of what is told again and again the last few are kept.
    pub fn tell(&mut self, moved: String) {
        const KEPT: usize = 5;
        self.drift.retain(|told| *told != moved);
        self.drift.push(moved);
        let excess = self.drift.len().saturating_sub(KEPT);
        self.drift.drain(..excess);
    }

    /// Takes in what the server says.
    pub fn answer(&mut self, answered: Answered) {
        let Answered { plan, digest, diffs, yaml, kept, impact, commands } = answered;
        (self.plan, self.digest, self.impact) = (plan, digest, impact);
        (self.diffs, self.yaml, self.kept, self.commands) = (diffs, yaml, kept, commands);
    }

    /// Forgets what the server said: it is about something else.
    pub fn forget_answers(&mut self) {
        self.plan.forget_answers();
        self.digest = None;
        self.diffs.clear();
        self.yaml.clear();
        self.kept.clear();
        self.impact.clear();
        self.consequence = Consequence::default();
        self.commands.clear();
    }

    /// The files that it is made of, if it is.
    pub fn files(&self) -> Option<&str> {
        match &self.origin {
            Origin::Draft(Draft::Files { path, .. }) => Some(path),
            _ => None,
        }
    }

    /// Whether a step shows all of what would be another.
    pub fn is_open(&self, step: usize) -> bool {
        // Few are shown whole, of many the headings.
        let usual = self.plan.steps().count() <= 8;
        usual != self.turned.contains(&step)
    }

    /// The name of a file for what would be another.
    pub fn file_name(&self, form: DiffForm) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c.to_ascii_lowercase() } else { '-' };
        let name: String = self.plan.title.chars().take(60).map(plain).collect();
        format!("{name}.{}", if form == DiffForm::Paths { "txt" } else { "diff" })
    }

    /// Whether what is kept of it has what is secret, too: of what takes everything with it only if somebody said so.
    pub fn keeps_secrets(&self) -> bool {
        let is_all = self.plan.steps().any(|step| is_whole(&step.object));
        !is_all || self.plan.keep.as_ref().is_some_and(|keep| keep.secrets)
    }

    /// Whether a step of it is refused, or could not be asked about.
    pub fn is_refused(&self) -> bool {
        self.plan.steps().any(|step| matches!(step.answer, Some(Answer::Refused(_) | Answer::NotAsked(_))))
    }

    /// Whether it is about one object: then there is nothing to choose among.
    pub fn is_single(&self) -> bool {
        self.plan.steps().count() <= 1
    }

    /// Whether the line under the cursor is told from others: where there is nothing to choose among, once it was moved.
    pub fn shows_cursor(&self) -> bool {
        !self.is_single() || self.cursor > 0 || !self.search.is_empty()
    }
}
