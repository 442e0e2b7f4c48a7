//! Hands that know k9s: every key of it (0.51, `internal/ui` and `internal/view`), in every view that we have too, does the same
//! here, or nothing.
//!
//! Views of k9s without a counterpart (containers, logs, pulses, helm, dir, port-forwards, benchmarks) are left out, and so are keys
//! that a person gives to plugins. Four keys are others on purpose:
//!
//! - `q` on the panes quits: it goes back in k9s, and behind the panes there is nothing to go back to;
//! - `1` to `9` go to pinned places, where k9s has the namespaces of late under them, other ones for each person;
//! - `enter` on a namespace opens a page about it, with what runs there, where k9s lists its pods; `u` uses it, as there;
//! - `ctrl-w` in a text field deletes a word, as in every shell; k9s deletes all.

use tenantry::console::keymap::Command;

use crate::golden::Screen as _;
use crate::stage::Stage;

/// `(key, the command that does the same; nothing: nothing is done)`.
type Keys = &'static [(&'static str, Option<Command>)];

/// Everywhere in k9s, on the panes here.
const GLOBAL: Keys = &[
    (":", Some(Command::CommandStart)),
    ("/", Some(Command::FilterStart)),
    ("?", Some(Command::Help)),
    ("esc", Some(Command::Back)),
    ("q", Some(Command::Quit)),
    ("ctrl-c", Some(Command::Quit)),
    ("[", Some(Command::HistoryBack)),
    ("]", Some(Command::HistoryForward)),
    ("-", Some(Command::HistoryLast)),
    ("ctrl-a", None),
    ("ctrl-e", None),
    ("ctrl-g", None),
    ("ctrl-r", Some(Command::Refresh)),
    ("ctrl-p", None),
    ("ctrl-u", None),
    ("ctrl-q", None),
    ("j", Some(Command::MoveDown)),
    ("k", Some(Command::MoveUp)),
    ("h", Some(Command::MoveLeft)),
    ("l", Some(Command::MoveRight)),
    ("g", Some(Command::MoveTop)),
    ("shift-g", Some(Command::MoveBottom)),
    ("ctrl-f", Some(Command::MovePageDown)),
    ("ctrl-b", Some(Command::MovePageUp)),
];

/// On every table of k9s: on the panes, and on a page of objects.
const TABLE: Keys = &[
    ("enter", Some(Command::Open)),
    ("d", Some(Command::Describe)),
    ("y", Some(Command::Yaml)),
    ("e", Some(Command::Edit)),
    ("ctrl-d", Some(Command::Delete)),
    ("ctrl-k", None),
    ("space", Some(Command::Mark)),
    ("ctrl-space", Some(Command::MarkRange)),
    ("ctrl-\\", Some(Command::MarkNone)),
    ("ctrl-s", Some(Command::Save)),
    ("ctrl-w", None),
    ("ctrl-z", Some(Command::Faults)),
    ("shift-n", Some(Command::SortName)),
    ("shift-a", Some(Command::SortAge)),
    ("shift-s", Some(Command::SortState)),
    ("shift-p", None),
    ("shift-left", Some(Command::SortPrevious)),
    ("shift-right", Some(Command::SortNext)),
    ("shift-o", Some(Command::SortColumn)),
    ("c", Some(Command::Copy)),
    ("n", None),
    ("w", None),
    ("shift-j", None),
    ("0", Some(Command::AllNamespaces)),
    ("1", Some(Command::Pin1)),
    ("9", Some(Command::Pin9)),
];

/// In k9s' YAML and describe, on our documents.
const DOCUMENT: Keys = &[
    ("/", Some(Command::FilterStart)),
    ("n", Some(Command::SearchNext)),
    ("shift-n", Some(Command::SearchPrevious)),
    ("f", None),
    ("c", Some(Command::CopyWhole)),
    ("r", None),
    ("m", Some(Command::ManagedFields)),
    ("x", Some(Command::Reveal)),
    ("e", Some(Command::Edit)),
    ("ctrl-s", Some(Command::Save)),
    ("q", Some(Command::Back)),
    ("esc", Some(Command::Back)),
];

/// In single views: the keys that lead there, and what k9s has there beside the keys of every table.
const VIEWS: &[(&str, Keys)] = &[
    ("tab", &[("u", Some(Command::SwitchNamespace)), ("enter", Some(Command::Open))]),
    (": 'ctx' enter", &[("enter", Some(Command::Open)), ("r", None), ("ctrl-d", None)]),
    (": 'rb' enter", &[("enter", Some(Command::Open))]),
    (
        ": 'po -A' enter",
        &[
            ("l", None),
            ("p", None),
            ("s", None),
            ("a", None),
            ("t", None),
            ("z", None),
            ("o", None),
            ("i", None),
            ("f", None),
            ("shift-f", None),
            ("ctrl-k", None),
            ("v", None),
        ],
    ),
    (
        ": 'deploy -A' enter",
        &[("s", None), ("r", None), ("i", None), ("z", None), ("l", None), ("p", None), ("shift-j", None)],
    ),
    (": 'sts -A' enter", &[("s", None), ("r", None), ("i", None), ("l", None), ("p", None)]),
    (": 'rs -A' enter", &[("ctrl-l", None)]),
    (": 'cj -A' enter", &[("t", None), ("s", None)]),
    (": 'no' enter", &[("c", None), ("u", None), ("r", None), ("s", None)]),
    (": 'svc -A' enter", &[("b", None)]),
    (": 'secret -A' enter", &[("x", None), ("u", None)]),
    (": 'cm -A' enter", &[("u", None)]),
];

/// Where these keys lead; what stands behind a `;` is pressed when the page is there.
fn at(keys: &str) -> Stage {
    let (keys, then) = keys.split_once(';').unwrap_or((keys, ""));
    let stage = Stage::platform(120, 40).with_contexts().press(keys);
    let stage = if stage.model().listing.is_some() { stage.list() } else { stage };
    stage.press(then)
}

/// All of the screen but its last line, where something is said.
fn body(stage: &Stage) -> String {
    let text = stage.text();
    text.rsplit_once('\n').map(|(body, _)| body.to_owned()).unwrap_or_default()
}

fn hold(view: &str, keys: Keys) {
    for (key, wanted) in keys {
        let mut stage = at(view);
        // As much time as the key takes: what is written of time is no matter here.
        stage.pass(250);
        if let Some(command) = wanted {
            let model = stage.model();
            let does = model.keymap.does(model.layers(), &key.parse().unwrap());
            assert_eq!(does, Some(*command), "{key} after {view:?}");
            continue;
        }
        let (before, asked) = (body(&stage), stage.asked());
        let stage = stage.press(key);
        assert_eq!(body(&stage), before, "{key} after {view:?} changes the screen");
        assert_eq!(stage.asked(), asked, "{key} after {view:?} asks for something");
        assert!(!stage.model().quit && stage.model().prompt.is_none(), "{key} after {view:?}");
    }
}

#[test]
fn every_key_of_k9s_does_the_same_or_nothing() {
    hold("", GLOBAL);
    for tables in ["", "tab", "0 tab tab", ": 'deploy -A' enter"] {
        hold(tables, TABLE);
    }
    for documents in ["y", "d", ": 'deploy -A' enter; y"] {
        hold(documents, DOCUMENT);
    }
    for (view, keys) in VIEWS {
        hold(view, keys);
    }
}

/// What a key does not do as in k9s is told, and is still to be had; a key that somebody moved means what they say.
#[test]
fn what_k9s_would_do_is_told() {
    let pods = at(": 'po -A' enter");
    assert!(!pods.text().contains("v events"), "{}", pods.text());
    let told = pods.press("v");
    assert!(told.text().contains("in k9s v shows vulnerabilities"), "{}", told.text());
    assert!(told.press(": 'events' enter").text().contains("events ─"));
    let moved = Stage::platform(120, 40).with_keys("[table]\ndocument.events = [\"v\"]\nobject.add = \"i\"\n");
    let moved = moved.press(": 'po -A' enter").list().press("i");
    assert!(!moved.text().contains("in k9s"), "{}", moved.text());
}

/// The keys of k9s' prompt.
#[test]
fn the_text_field_knows_its_keys() {
    let typed = |keys: &str| at(keys).model().prompt.as_ref().map(|prompt| prompt.text.clone());
    for accept in ["tab", "right", "ctrl-f"] {
        assert_eq!(typed(&format!(": 'journ' {accept}")).as_deref(), Some("journal"), "{accept}");
    }
    for clear in ["ctrl-u", "ctrl-q"] {
        assert_eq!(typed(&format!(": 'tenants oil' {clear}")).as_deref(), Some(""), "{clear}");
    }
    for submit in ["enter", "ctrl-e"] {
        assert_eq!(typed(&format!(": 'who' {submit}")), None, "{submit}");
    }
    assert_eq!(typed(": 'who' enter : up").as_deref(), Some("who"));
    assert_eq!(typed(": 'who' enter : 'rb' enter : up up down").as_deref(), Some("rb"));
    assert_eq!(typed(": 'tenants oil' ctrl-w").as_deref(), Some("tenants "));
    assert_eq!(typed(": 'tenants' left left right").as_deref(), Some("tenants"));
}
