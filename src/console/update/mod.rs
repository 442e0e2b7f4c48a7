//! `(&mut Model, Msg) -> Vec<Effect>`: synchronous, one file per concern.

mod acting;
mod arrange;
mod command;
mod contexts;
mod copy;
mod delete;
mod dialog;
mod document;
mod edit;
mod feed;
mod form;
mod history;
mod identity;
mod keys;
mod marks;
mod mouse;
mod nav;
mod objects;
mod pause;
mod places;
mod plan;
mod prompt;
mod revoke;
mod rights;
mod sort;
mod why;
mod work;
mod worlds;

use super::effect::Effect;
use super::model::{Level, Model};
use super::msg::Msg;
use crate::world::feed::Feed;

pub use command::is_namespace_name;
pub use feed::next_probe;
pub use history::chosen as chosen_past;
pub use identity::next_expiry;
pub use nav::filter_fault;

/// Takes a message in; returns what is to be done outside.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(key) => keys::press(model, key),
        Msg::Paste(text) => prompt::paste(model, &text),
        Msg::Mouse(what, x, y) => mouse::used(model, what, x, y),
        Msg::Resize(columns, rows) => {
            model.size = (columns, rows);
            nav::keep_in_sight(model);
            Vec::new()
        }
        Msg::Clock(now) => {
            model.now = now;
            feed::tick(model)
        }
        Msg::Drawn(digest) => {
            if model.drawn.map(|(shown, _)| shown) != digest {
                model.drawn = digest.map(|shown| (shown, model.now));
            }
            return plan::drawn(model);
        }
        Msg::Cluster(generation, Feed::Listed(request, listed)) if generation == model.here.generation => {
            objects::listed(model, request, listed);
            Vec::new()
        }
        Msg::Cluster(generation, feed) if generation == model.here.generation => feed::apply(model, feed),
        Msg::Opened(generation, opened) if generation == model.here.generation => feed::opened(model, opened),
        Msg::Proof(generation, proof) if generation == model.here.generation => identity::proven(model, proof),
        Msg::EntryChanged(generation, what) if generation == model.here.generation => {
            contexts::entry_changed(model, what);
            Vec::new()
        }
        Msg::Decided(decided) => {
            if let Some(opening) = model.opening(decided.generation) {
                opening.decided(decided);
            }
            Vec::new()
        }
        Msg::Acted(generation, answer) => acting::answered(model, generation, answer),
        Msg::Configured(configured) => {
            model.keymap = configured.keymap;
            model.say(Level::Info, "your files were read again");
            Vec::new()
        }
        Msg::Verified { generation, title, states } if generation == model.here.generation => {
            dialog::verified(model, &title, &states);
            Vec::new()
        }
        // What another connection has to say is about another cluster: about one that is at hand, or about none any more.
        Msg::Cluster(generation, feed) => {
            worlds::heard(model, generation, feed);
            Vec::new()
        }
        Msg::Opened(generation, opened) => {
            worlds::opened(model, generation, opened);
            Vec::new()
        }
        Msg::Proof(generation, proof) => {
            if let Some(place) = model.opening(generation).and_then(|away| away.world.place.as_mut()) {
                place.proof = proof;
            }
            return Vec::new();
        }
        Msg::EntryChanged(generation, what) => {
            if let Some(away) = model.opening(generation) {
                away.entry_changed = what;
            }
            return Vec::new();
        }
        Msg::Verified { .. } => return Vec::new(),
        Msg::Contexts(lines) => contexts::read(model, lines),
        Msg::Reached(request, name, reach) => {
            contexts::reached(model, request, name, reach);
            Vec::new()
        }
        Msg::Read(request, objects) => plan::read(model, request, objects),
        Msg::Previewed(request, answered) => plan::previewed(model, request, *answered),
        Msg::Sheet(request, sheet) => {
            let (sheet, names) = *sheet;
            form::looked_at(model, request, sheet, names);
            Vec::new()
        }
        Msg::Drafted(request, drafted) => plan::drafted(model, request, *drafted),
        Msg::Progress(request, words) => {
            plan::progress(model, request, words);
            Vec::new()
        }
        Msg::FilesChanged(path) => work::changed(model, &path),
        Msg::Edited { object, edited } => edit::ended(model, object, edited),
        Msg::Journal(pasts) => history::told(model, pasts),
        Msg::Looked(request, looked) => {
            document::looked(model, request, looked);
            Vec::new()
        }
        Msg::Reviewed(request, verdicts) => {
            rights::reviewed(model, request, verdicts);
            Vec::new()
        }
        Msg::Revealed(request, written) => {
            document::revealed(model, request, written);
            Vec::new()
        }
        Msg::Moved(request, step, object) => plan::moved(model, request, step, object),
        Msg::Unfollowed(request, trouble) => {
            plan::unfollowed(model, request, &trouble);
            Vec::new()
        }
        Msg::Followed(request) => {
            plan::followed(model, request);
            Vec::new()
        }
        Msg::Applied(request, applied) => plan::applied(model, request, *applied),
        Msg::Notice(trouble) => {
            model.say_trouble(Level::Failure, &trouble);
            Vec::new()
        }
        Msg::Saved(saved) => {
            match saved {
                Ok(path) => model.say(Level::Done, format!("saved to {path}")),
                Err(trouble) => model.say_trouble(Level::Failure, &trouble),
            }
            Vec::new()
        }
        Msg::Snapshot(kept) => {
            dialog::snapshot_kept(model, kept);
            Vec::new()
        }
        Msg::Terminate => {
            model.quit = true;
            Vec::new()
        }
    };
    model.refresh_rows();
    effects.extend(feed::wanted(model));
    effects.extend(document::forget(model));
    effects.extend(objects::forget(model));
    effects.extend(contexts::forget(model));
    effects
}
