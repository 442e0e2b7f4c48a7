use super::*;
use proptest::prelude::*;

/// Sequences as terminals send them, without `ESC`, and the keys that they are.
const SEQUENCES: &[(&str, &str)] = &[
    ("[A", "up"),
    ("[B", "down"),
    ("OA", "up"),
    ("OP", "f1"),
    ("OS", "f4"),
    ("[H", "home"),
    ("[Z", "backtab"),
    ("[5~", "pgup"),
    ("[6~", "pgdn"),
    ("[3~", "del"),
    ("[15~", "f5"),
    ("[24~", "f12"),
    ("[[A", "f1"),
    ("[1;5C", "ctrl-right"),
    ("[1;2A", "shift-up"),
    ("[3;3~", "alt-del"),
];

/// What nobody asked the terminal for: reports of mouse, focus and cursor, attributes.
const REPORTS: &[&str] = &["[<64;10;5M", "[<0;1;1m", "[I", "[O", "[12;40R", "[?62;22c", "[M !!", "[32;10;5M"];

/// The keys that the characters of `text` are to a parser that lost the `ESC` before them.
fn typed(text: &str) -> Vec<Input> {
    text.chars().map(|c| Input::Key(if c == '\x1b' { Key::plain(Code::Esc) } else { Key::char(c) })).collect()
}

fn key(name: &str) -> Input {
    Input::Key(name.parse().unwrap())
}

/// Feeds inputs with a pause after each, then waits.
fn run(inputs: impl IntoIterator<Item = Input>, pause: Duration) -> Vec<Input> {
    let mut now = Instant::now();
    let mut repair = Repair::new(now);
    let mut out = Vec::new();
    for input in inputs {
        repair.feed(input, now, &mut out);
        now += pause;
    }
    repair.expire(now + Duration::from_secs(1), &mut out);
    assert!(repair.deadline().is_none(), "nothing is held back for ever");
    out
}

fn at_once(inputs: impl IntoIterator<Item = Input>) -> Vec<Input> {
    run(inputs, Duration::ZERO)
}

#[test]
fn sequences_cut_behind_escape_are_put_together() {
    for (sequence, name) in SEQUENCES {
        assert_eq!(at_once(typed(&format!("\x1b{sequence}"))), [key(name)], "{sequence}");
    }
}

#[test]
fn reports_that_were_cut_are_dropped() {
    for report in REPORTS {
        assert_eq!(at_once(typed(&format!("\x1b{report}j"))), [key("j")], "{report}");
    }
}

#[test]
fn escape_alone_is_escape_after_a_moment() {
    let start = Instant::now();
    let mut repair = Repair::new(start);
    let mut out = Vec::new();
    repair.feed(key("esc"), start, &mut out);
    assert_eq!(out, []);
    let deadline = repair.deadline().unwrap();
    assert!(deadline - start < Duration::from_millis(30), "nobody waits for escape");
    repair.expire(deadline, &mut out);
    assert_eq!(out, [key("esc")]);
}

#[test]
fn escape_and_another_key_are_both_kept() {
    assert_eq!(at_once([key("esc"), key("q")]), [key("esc"), key("q")]);
    assert_eq!(at_once([key("esc"), key("esc"), key("up")]), [key("esc"), key("esc"), key("up")]);
    assert_eq!(at_once([key("esc"), key("["), key("enter")]), [key("esc"), key("["), key("enter")]);
    assert_eq!(at_once(typed("\x1bOx")), typed("\x1bOx"));
}

#[test]
fn a_resize_in_the_middle_cuts_nothing() {
    let mut inputs = typed("\x1b[A");
    inputs.insert(2, Input::Resize(80, 24));
    assert_eq!(at_once(inputs), [Input::Resize(80, 24), key("up")]);
}

#[test]
fn a_piece_of_a_sequence_is_no_command() {
    assert_eq!(at_once(typed("\x1b[1;5")), []);
    assert_eq!(at_once(typed("\x1b[1;5").into_iter().chain([key("enter")])), [key("enter")]);
}

#[test]
fn a_broken_paste_is_a_paste() {
    let pasted = [Input::Paste("delete\tall\nnow".to_owned())];
    let text = |end| {
        typed("\x1b[200~delete")
            .into_iter()
            .chain([key("tab")])
            .chain(typed("all"))
            .chain([key("enter")])
            .chain(typed(end))
    };
    assert_eq!(at_once(text("now")), pasted, "the end mark was whole, and the parser dropped it");
    assert_eq!(at_once(text("now\x1b[201~")), pasted, "the end mark was cut too");
    assert_eq!(at_once(text("now\x1b[201~").chain(typed("j")))[1..], [key("j")]);
}

fn any_key() -> impl Strategy<Value = Input> {
    proptest::sample::select(vec![
        "j", "q", "[", "shift-o", "shift-a", "~", "1", ";", "enter", "up", "ctrl-c", "esc", "shift-m", "é",
    ])
    .prop_map(key)
}

proptest! {
    #[test]
    fn keys_typed_by_hand_pass_unchanged(keys in proptest::collection::vec(any_key(), 0..40)) {
        prop_assert_eq!(run(keys.clone(), Duration::from_millis(60)), keys);
    }

    #[test]
    fn without_escape_all_passes_at_once(keys in proptest::collection::vec(any_key(), 0..40)) {
        let keys: Vec<_> = keys.into_iter().filter(|input| *input != key("esc")).collect();
        let now = Instant::now();
        let mut repair = Repair::new(now);
        let mut out = Vec::new();
        for input in &keys {
            repair.feed(input.clone(), now, &mut out);
        }
        prop_assert_eq!(out, keys);
        prop_assert!(repair.deadline().is_none());
    }

    #[test]
    fn a_burst_of_cut_and_whole_keys_is_what_was_pressed(
        presses in proptest::collection::vec((proptest::sample::select(SEQUENCES), any::<bool>()), 0..40),
    ) {
        let arrived = presses.iter().flat_map(|((sequence, name), cut)| {
            if *cut { typed(&format!("\x1b{sequence}")) } else { vec![key(name)] }
        });
        let pressed: Vec<_> = presses.iter().map(|((_, name), _)| key(name)).collect();
        prop_assert_eq!(at_once(arrived.collect::<Vec<_>>()), pressed);
    }

    #[test]
    fn pasted_text_is_never_a_key(text in "[ -~é]{0,60}", cut_end: bool) {
        let end = if cut_end { PASTE_END } else { "" };
        let out = at_once(typed(&format!("\x1b[200~{text}{end}")));
        prop_assert_eq!(out, [Input::Paste(text)]);
    }

    #[test]
    fn anything_goes_and_nothing_stays(keys in proptest::collection::vec(any_key(), 0..60), pause in 0..400_u64) {
        run(keys, Duration::from_millis(pause));
    }
}
