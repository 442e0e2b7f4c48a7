//! What the server says to questions of a page, put to it one namespace at a time.

use crate::world::World;
use crate::world::grant::Reach;
use crate::world::name::Name;
use crate::world::review::{Review, Verdict};
use crate::world::rights::person::Person;
use crate::world::rights::question::{Object, Question, Where};
use crate::world::trouble::{Trouble, TroubleKind};

/// The answers, in the order of the questions.
pub type Answers = Vec<Result<Verdict, Trouble>>;

/// How many namespaces are asked about at most: each is a request.
const MOST: usize = 100;

/// What the server was asked about somebody, and what it said.
#[derive(Debug, Clone)]
pub struct Verdicts {
    /// The request.
    pub request: u64,
    /// The namespaces that it was asked about; one without a name: the whole cluster.
    places: Vec<Name>,
    answers: Option<Answers>,
}

impl Verdicts {
    /// The questions to be put, and where their answers come. Nothing for what cannot be asked so.
    pub fn ask(world: &World, person: &Person, question: &Question, request: u64) -> Option<(Self, Vec<Review>)> {
        let Object::Resource { group, resource, subresource, name, .. } = &question.object else { return None };
        let mut places = match question.place {
            Where::Cluster => vec!["".into()],
            _ => question.place.namespaces(world),
        };
        places.truncate(MOST);
        let review = |place: &Name| Review {
            user: person.user.as_deref().unwrap_or_default().to_owned(),
            groups: person.groups.iter().map(ToString::to_string).collect(),
            verb: question.verb.to_string(),
            group: group.to_string(),
            resource: resource.to_string(),
            subresource: subresource.to_string(),
            name: if question.is_about_namespaces() && name.is_empty() { place } else { name }.to_string(),
            namespace: place.to_string(),
        };
        let reviews = places.iter().map(review).collect();
        Some((Self { request, places, answers: None }, reviews))
    }

    /// Takes the answers in.
    pub fn take(&mut self, answers: Answers) {
        self.answers = Some(answers);
    }

    /// Whether they are still to come.
    pub const fn is_asking(&self) -> bool {
        self.answers.is_none()
    }

    /// A number that changes as they come.
    pub fn version(&self) -> usize {
        1 + self.answers.as_ref().map_or(0, Vec::len)
    }

    /// Why it was refused, if it was.
    pub fn refused(&self) -> Option<&Trouble> {
        self.answers.as_ref()?.iter().find_map(|answer| answer.as_ref().err())
    }

    /// Where the server says yes.
    pub fn allowed(&self) -> impl Iterator<Item = &Name> {
        self.told().filter(|(_, verdict)| verdict.allowed).map(|(place, _)| place)
    }

    /// What it says of each place.
    pub fn told(&self) -> impl Iterator<Item = (&Name, &Verdict)> {
        let answers = self.answers.iter().flatten();
        self.places.iter().zip(answers).filter_map(|(place, answer)| Some((place, answer.as_ref().ok()?)))
    }

    /// Whether it says yes where bindings do, and nowhere else.
    pub fn agrees(&self, reach: &Reach) -> bool {
        let is_bound = |place: &Name| match reach {
            Reach::Cluster => true,
            Reach::Namespaces(names) => names.contains(place),
        };
        self.told().all(|(place, verdict)| verdict.allowed == is_bound(place))
    }

    /// In a word: `yes`, `yes, 2 of 3`, `no`, `refused`.
    pub fn word(&self) -> String {
        if self.is_asking() {
            return "asking …".to_owned();
        }
        if let Some(trouble) = self.refused() {
            return if matches!(trouble.kind, TroubleKind::Forbidden(_)) { "refused" } else { "no answer" }.to_owned();
        }
        match (self.allowed().count(), self.places.len()) {
            (0, _) => "no".to_owned(),
            (yes, all) if yes == all => "yes".to_owned(),
            (yes, all) => format!("yes, {yes} of {all}"),
        }
    }
}
