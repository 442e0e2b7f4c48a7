//! `(&mut Model, Msg) -> Vec<Effect>`: synchronous, one file per concern.

pub mod command;
mod feed;
mod keys;
mod nav;
mod plan;
mod prompt;

use super::effect::Effect;
use super::model::{Level, Model};
use super::msg::Msg;

pub use feed::next_probe;

/// Takes a message in; returns what is to be done outside.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(key) => keys::press(model, key),
        Msg::Paste(text) => {
            prompt::paste(model, &text);
            Vec::new()
        }
        Msg::Resize(columns, rows) => {
            model.size = (columns, rows);
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
            return Vec::new();
        }
        Msg::Cluster(generation, feed) if generation == model.generation => feed::apply(model, feed),
        Msg::Opened(generation, opened) if generation == model.generation => feed::opened(model, opened),
        Msg::Decided { generation, namespaces, read_only } if generation == model.generation => {
            let names = namespaces.iter().filter(|name| command::is_namespace_name(name));
            model.named.extend(names.map(|name| name.as_str().into()));
            model.read_only = read_only;
            Vec::new()
        }
        // What an abandoned connection still has to say is about another cluster.
        Msg::Cluster(..) | Msg::Opened(..) | Msg::Decided { .. } => return Vec::new(),
        Msg::Contexts(contexts) => {
            model.contexts = contexts;
            nav::refresh_contexts(model);
            Vec::new()
        }
        Msg::Read(request, objects) => plan::read(model, request, objects),
        Msg::Previewed(request, answered) => plan::previewed(model, request, &answered),
        Msg::Moved(request, step, object) => plan::moved(model, request, step, object),
        Msg::Unfollowed(request, trouble) => plan::unfollowed(model, request, &trouble),
        Msg::Applied(request, applied) => plan::applied(model, request, *applied),
        Msg::Notice(trouble) => {
            model.say_trouble(Level::Failure, &trouble);
            Vec::new()
        }
        Msg::Terminate => {
            model.quit = true;
            Vec::new()
        }
    };
    model.refresh_rows();
    effects.extend(feed::wanted(model));
    effects
}
