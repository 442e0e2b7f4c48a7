//! What lies over the panes.

use crate::world::name::Name;

use super::command_line::Candidate;
use super::document::Document;
use super::list::List;
use super::objects::Objects;
use super::plan::PlanDialog;
use super::rights::Rights;
use super::why::Told;

/// A page or a dialog over the panes.
#[derive(Debug)]
pub enum Overlay {
    /// All about one namespace.
    Namespace {
        /// Which.
        name: Name,
        /// The first visible line.
        scroll: usize,
    },
    /// The keys.
    Help {
        /// The first visible line.
        scroll: usize,
    },
    /// Everything that was said.
    Messages {
        /// The first visible line.
        scroll: usize,
    },
    /// The contexts on file, to choose from.
    Contexts(Box<List<String>>),
    /// Objects of one kind.
    Objects(Box<Objects>),
    /// Who may do what, and why.
    Rights(Box<Rights>),
    /// A document about an object.
    Document(Box<Document>),
    /// Earlier plans, by their names in the journal.
    Journal(Box<List<String>>),
    /// An earlier plan.
    Past {
        /// Its name in the journal.
        id: String,
        /// The first visible line.
        scroll: usize,
    },
    /// Why something was refused.
    Why {
        /// What.
        told: Vec<Told>,
        /// The first visible line.
        scroll: usize,
    },
    /// A plan, to be approved or not.
    Plan(Box<PlanDialog>),
}

/// A text field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// The text so far.
    pub text: String,
    /// The cursor, as a byte index into the text.
    pub cursor: usize,
    /// Which earlier command is shown, counted from the latest.
    pub recalled: Option<usize>,
    /// What a command could become.
    pub candidates: Vec<Candidate>,
    /// Which of them stands in the field.
    pub chosen: Option<usize>,
}

/// What a text field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Narrows down the rows of the focused pane.
    Filter,
    /// A command.
    Command,
    /// The name that agrees to the open plan.
    Agree,
    /// Why the values of a secret are to be seen.
    Reason,
    /// How long the open plan is to be on trial.
    Trial,
    /// Whether what is selected is to be paused or resumed.
    Direction,
    /// Why it is paused.
    Why,
    /// What the row of a form under the cursor is to hold.
    Field,
}

impl Prompt {
    /// A field with `text` in it, the cursor at its end.
    pub fn new(purpose: Purpose, text: &str) -> Self {
        Self {
            purpose,
            text: text.to_owned(),
            cursor: text.len(),
            recalled: None,
            candidates: Vec::new(),
            chosen: None,
        }
    }

    /// Types text. Control characters (of pasted text, say) are left out; a line break becomes a space.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars().map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c }).filter(|c| !c.is_control()) {
            self.text.insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
    }

    /// Deletes the character before the cursor.
    pub fn backspace(&mut self) {
        if let Some(c) = self.text[..self.cursor].chars().next_back() {
            self.cursor -= c.len_utf8();
            self.text.remove(self.cursor);
        }
    }

    /// Deletes the character under the cursor.
    pub fn delete(&mut self) {
        if self.cursor < self.text.len() {
            self.text.remove(self.cursor);
        }
    }

    /// Deletes the word before the cursor.
    pub fn delete_word(&mut self) {
        let head = self.text[..self.cursor].trim_end();
        let from = head.rfind(' ').map_or(0, |space| space + 1);
        self.text.replace_range(from..self.cursor, "");
        self.cursor = from;
    }

    /// Deletes everything.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Puts another text in.
    pub fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.cursor = self.text.len();
    }

    /// Moves the cursor by one character.
    pub fn left(&mut self) {
        if let Some(c) = self.text[..self.cursor].chars().next_back() {
            self.cursor -= c.len_utf8();
        }
    }

    /// Moves the cursor by one character.
    pub fn right(&mut self) {
        if let Some(c) = self.text[self.cursor..].chars().next() {
            self.cursor += c.len_utf8();
        }
    }
}
