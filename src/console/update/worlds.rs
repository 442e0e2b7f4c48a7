//! Going from one opening of a context to another. The one that is left stays at hand, and goes on being followed.

use std::mem::replace;

use super::super::effect::{Effect, Wanted};
use super::super::keymap::Command;
use super::super::model::beside::Beside;
use super::super::model::offer::hint;
use super::super::model::opening::{AT_HAND, Opening};
use super::super::model::{Level, Model};
use super::super::view::layout::SIDE_BY_SIDE;
use super::nav;
use crate::world::Link;
use crate::world::feed::Feed;
use crate::world::identity::{ActingAs, Place};
use crate::world::trouble::{Trouble, TroubleKind};

/// Puts another opening on the screen; the one that was there stays at hand, if there is anything in it to come back to.
pub fn change(model: &mut Model, next: Opening) -> Vec<Effect> {
    let before = model.here.generation;
    let left = put(model, next);
    let mut effects = vec![Effect::Unfollow, Effect::UnwatchFiles];
    if left.is_void() {
        effects.push(Effect::Close(left.generation));
    } else {
        model.away.push(left);
    }
    // The two that stand side by side change places, where one was gone to from the other.
    if let Some(beside) = model.beside.as_mut().filter(|beside| beside.generation == model.here.generation) {
        *beside = Beside { generation: before, left: !beside.left };
    }
    // Where somebody came from who sees a cluster as somebody else is kept longest.
    let from = model.here.seen_as.as_ref().map(|seen| seen.from);
    while model.away.len() > AT_HAND {
        let kept = [from, model.beside.map(|beside| beside.generation)];
        let oldest = model.away.iter().position(|away| !kept.contains(&Some(away.generation))).unwrap_or_default();
        effects.push(Effect::Close(model.away.remove(oldest).generation));
    }
    if model.put_beside().is_none() {
        model.beside = None;
    }
    effects
}

/// The same; what was there is handed back.
fn put(model: &mut Model, next: Opening) -> Opening {
    // A plan that is only being made is for the one that is left.
    if let Some(drafting) = model.drafting.take() {
        super::history::keep_text(model, &drafting.draft, String::new());
    }
    model.unread = None;
    model.fetching = None;
    model.overlays.clear();
    replace(&mut model.here, next)
}

/// Shows an opening at hand beside what is on the screen, to its left.
pub fn split(model: &mut Model, generation: u64) {
    model.beside = Some(Beside { generation, left: true });
    if model.put_beside().is_none() {
        model.beside = None;
    } else if model.size.0 < SIDE_BY_SIDE {
        let key = hint(model, Command::OtherSide, "goes to the other");
        model.say(Level::Info, format!("two have room side by side from {SIDE_BY_SIDE} columns on{key}"));
    }
    nav::keep_in_sight(model);
}

/// Shows the opening that was left last beside what is on the screen; or what is on the screen alone again.
pub fn beside_last(model: &mut Model) -> Vec<Effect> {
    match (model.beside.take(), model.away.last()) {
        (Some(_), _) => {
            model.say(Level::Info, format!("{} alone again", model.here.context()));
            nav::keep_in_sight(model);
        }
        (None, Some(last)) => {
            let generation = last.generation;
            split(model, generation);
        }
        (None, None) => model.say(Level::Warning, "what is to stand beside? `:beside CONTEXT`"),
    }
    Vec::new()
}

/// The keys go to what is shown beside.
pub fn other_side(model: &mut Model) -> Vec<Effect> {
    match model.beside {
        Some(beside) => to(model, beside.generation),
        None => {
            model.say(Level::Info, "nothing stands beside: `:beside CONTEXT` puts another context there");
            Vec::new()
        }
    }
}

/// Puts an opening that is at hand on the screen.
pub fn to(model: &mut Model, generation: u64) -> Vec<Effect> {
    let Some(at) = model.away.iter().position(|away| away.generation == generation) else { return Vec::new() };
    let next = model.away.remove(at);
    let mut effects = change(model, next);
    effects.push(Effect::Face(generation));
    match &model.here.world.link {
        // Nobody has asked for new credentials meanwhile.
        Link::Down { trouble, .. } if trouble.kind == TroubleKind::Unauthorized => effects.push(again(model, false)),
        Link::Down { .. } => effects.push(Effect::Refresh),
        Link::Connecting | Link::Up => {}
    }
    effects
}

/// Opens another context, or goes back to it where it is at hand.
pub fn switch_context(model: &mut Model, name: &str) -> Vec<Effect> {
    let is_here = model.here.context() == name && model.here.seen_as.is_none();
    if let Some(generation) = model.at_hand(name, None).filter(|_| !is_here) {
        let effects = to(model, generation);
        model.say(Level::Info, format!("back in {name}"));
        return effects;
    }
    let generation = model.next_generation();
    let next = model.here.another(generation, name);
    let mut effects = if is_here {
        // It is opened anew: there is nothing to go back to.
        vec![Effect::Unfollow, Effect::UnwatchFiles, Effect::Close(put(model, next).generation)]
    } else {
        change(model, next)
    };
    model.say(Level::Info, format!("opening {name}"));
    effects.push(again(model, false));
    effects
}

/// Opens what is on the screen, once more.
pub fn again(model: &Model, terminal: bool) -> Effect {
    let context = Some(model.here.context()).filter(|context| !context.is_empty()).map(str::to_owned);
    let acting_as = model.here.acting_as().cloned();
    Effect::Open { wanted: Wanted { generation: model.here.generation, context, acting_as }, terminal }
}

/// Goes to a context, seen as this somebody or as ourselves; `None` if the server has to be asked first whether we may.
pub fn go(model: &mut Model, context: &str, acting_as: Option<&ActingAs>) -> Option<Vec<Effect>> {
    match (model.at_hand(context, acting_as), acting_as) {
        (Some(generation), _) => Some(to(model, generation)),
        (None, None) => Some(switch_context(model, context)),
        (None, Some(_)) => None,
    }
}

/// Takes in news of an opening that is at hand. What follows from them waits until it is on the screen.
pub fn heard(model: &mut Model, generation: u64, feed: Feed) {
    let now = model.seconds();
    if let Some(away) = model.opening(generation) {
        away.world.apply(feed, now);
    }
}

/// An opening that is at hand was opened, or could not be.
pub fn opened(model: &mut Model, generation: u64, opened: Result<Box<Place>, Trouble>) {
    let now = model.seconds();
    if let Some(away) = model.opening(generation) {
        match opened {
            Ok(place) => away.opened(*place),
            Err(trouble) => away.failed(trouble, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::keymap::Keymap;
    use super::super::super::msg::Msg;
    use super::super::update;
    use super::*;
    use crate::world::binding::Subject;
    use crate::world::feed::{Change, Scope, What};
    use crate::world::testing::tenant;
    use proptest::prelude::*;

    const CONTEXTS: [&str; 4] = ["dev", "staging", "prod", "test"];

    /// A tenant that says by its name which opening it is of.
    fn list(generation: u64) -> impl Iterator<Item = Feed> {
        let rows = vec![tenant(&format!("of-{generation}"))];
        let all = [What::Begin, What::Rows(rows), What::Synced];
        all.into_iter().map(|what| Feed::Tenants(Change { scope: Scope::Cluster, what }))
    }

    /// A model that takes what its effects would lead to, and knows which openings there are.
    struct Bench {
        model: Model,
        open: Vec<(u64, String, Option<String>)>,
        faced: u64,
    }

    impl Bench {
        fn new() -> Self {
            let mut model = Model::new(Keymap::shipped(), false, (120, 40), 0);
            model.here.generation = 1;
            model.here.asked_context = Some("dev".into());
            Self { model, open: vec![(1, "dev".into(), None)], faced: 1 }
        }

        fn tell(&mut self, msg: Msg) {
            let effects = update(&mut self.model, msg);
            self.take(effects);
        }

        fn take(&mut self, effects: Vec<Effect>) {
            for effect in effects {
                match effect {
                    Effect::Open { wanted, .. } => {
                        let Wanted { generation, context, acting_as } = wanted;
                        let user = acting_as.map(|acting| acting.user);
                        self.faced = generation;
                        self.open.retain(|(known, ..)| *known != generation);
                        self.open.push((generation, context.unwrap_or_default(), user));
                    }
                    Effect::TryAs(Wanted { generation, context, acting_as }) => {
                        let context = context.unwrap_or_default();
                        let user = acting_as.as_ref().map(|acting| acting.user.clone());
                        self.open.push((generation, context.clone(), user));
                        let place = Place { context, acting_as, ..Place::default() };
                        self.tell(Msg::Acted(generation, Ok(Box::new(place))));
                    }
                    Effect::Face(generation) => self.faced = generation,
                    Effect::Close(generation) => self.open.retain(|(known, ..)| *known != generation),
                    _ => {}
                }
            }
        }

        /// Every opening tells of itself, one after the other.
        fn hear(&mut self) {
            for (generation, context, user) in self.open.clone() {
                let acting_as = user.map(|user| ActingAs { user, groups: vec![] });
                let place = Place { context, acting_as, ..Place::default() };
                self.tell(Msg::Opened(generation, Ok(Box::new(place))));
                for feed in list(generation) {
                    self.tell(Msg::Cluster(generation, feed));
                }
            }
        }

        fn check(&self) -> Result<(), TestCaseError> {
            let model = &self.model;
            prop_assert_eq!(self.faced, model.here.generation, "effects are about what is on the screen");
            let mut known: Vec<u64> = model.away.iter().map(|away| away.generation).collect();
            prop_assert!(known.len() <= AT_HAND);
            known.push(model.here.generation);
            known.sort_unstable();
            let mut open: Vec<u64> = self.open.iter().map(|(generation, ..)| *generation).collect();
            open.sort_unstable();
            prop_assert_eq!(&known, &open, "nothing is open that is not known, and the other way round");
            let worlds = model.away.iter().map(|away| (away.generation, &away.world, away.context()));
            for (generation, world, context) in
                worlds.chain([(model.here.generation, &model.here.world, model.here.context())])
            {
                let names: Vec<String> = world.tenants.iter().map(|tenant| tenant.name.to_string()).collect();
                prop_assert!(names.iter().all(|name| *name == format!("of-{generation}")), "{:?}", names);
                let of = self.open.iter().find(|(known, ..)| *known == generation);
                prop_assert_eq!(of.map(|(_, context, _)| context.as_str()), Some(context));
            }
            if let Some(beside) = model.beside {
                let other = model.put_beside();
                prop_assert_eq!(other.map(|other| other.generation), Some(beside.generation), "it is at hand");
                let wanted = format!("of-{}", beside.generation);
                let shown = model.shown_beside().into_iter().flat_map(|other| other.tenants.rows());
                prop_assert!(shown.into_iter().all(|name| **name == *wanted), "beside {:?}", model.beside);
            }
            let shown: Vec<String> = model.here.tenants.rows().iter().map(ToString::to_string).collect();
            let wanted = format!("of-{}", model.here.generation);
            prop_assert!(shown.iter().all(|name| *name == wanted), "{:?} where {} is meant", shown, wanted);
            Ok(())
        }
    }

    proptest! {
        /// Whatever is opened, left, seen as somebody else and come back to: rows stand under the name of their own opening.
        #[test]
        fn rows_are_shown_under_the_name_of_their_own_opening(
            steps in proptest::collection::vec((0_u8..11, 0_usize..4), 1..60),
        ) {
            let mut bench = Bench::new();
            for (what, number) in steps {
                let model = &mut bench.model;
                let effects = match what {
                    0 | 1 => super::super::places::travel(model, |model| switch_context(model, CONTEXTS[number])),
                    2 => super::super::places::back_and_forth(model),
                    3 => super::super::places::step(model, -1),
                    4 => {
                        let subject = Subject::User(["alice", "bob", "carol", "dave"][number].into());
                        super::super::acting::begin(model, &subject, vec![])
                    }
                    5 => super::super::acting::back(model),
                    6 => super::super::command::run(model, &format!("beside {}", CONTEXTS[number])),
                    7 => beside_last(model),
                    8 => {
                        let (here, beside) = (model.here.generation, model.beside);
                        let effects = other_side(model);
                        let swapped = beside.map(|beside| Beside { generation: here, left: !beside.left });
                        prop_assert_eq!(model.beside, swapped, "both stay in their places");
                        prop_assert_eq!(model.here.generation, beside.map_or(here, |beside| beside.generation));
                        effects
                    }
                    9 => update(model, Msg::Resize([80, 240, 120, 160][number], 40)),
                    _ => Vec::new(),
                };
                bench.take(effects);
                bench.model.refresh_rows();
                bench.check()?;
                bench.hear();
                bench.check()?;
            }
        }
    }

    #[test]
    fn what_could_not_be_opened_is_not_kept() {
        let mut bench = Bench::new();
        let trouble = Trouble::new(TroubleKind::Other, "no route");
        bench.tell(Msg::Opened(1, Err(trouble)));
        let effects = switch_context(&mut bench.model, "prod");
        bench.take(effects);
        assert!(bench.model.away.is_empty() && bench.open.iter().all(|(generation, ..)| *generation != 1));
    }
}
