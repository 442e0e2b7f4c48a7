//! Keys in, screens out: whole screens of a world that never changes, kept as files with their styles.
//!
//! A screen that differs fails with both versions. After a change that was meant, `TENANTRY_SCREENS=overwrite cargo test --test
//! screens` writes the files anew; `git diff tests/screens docs/screens` is then the review.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod anything;
mod demo;
mod golden;
mod k9s;
mod kept;
mod stage;

use demo::Scene;
use golden::{Screen as _, everywhere, matches};
use kept::on_changed_demo;
use ratatui::buffer::Cell;
use stage::Stage;
use tenantry::console::headless::text;
use tenantry::console::keymap::Keymap;
use tenantry::console::view::theme::{Looks, Palette, Theme, Wish, looks};

#[test]
fn a_platform_at_40x12() {
    matches("platform-40x12", &Stage::platform(40, 12));
}

#[test]
fn the_namespace_pane_narrows_access_down() {
    matches("namespaces-focused", &Stage::platform(120, 30).press("j j enter j"));
}

#[test]
fn grants_are_there_whatever_arrives_first() {
    let screen = Stage::bindings_first(120, 30).text();
    assert!(screen.contains("gina"), "{screen}");
}

#[test]
fn objects_that_a_filter_keeps() {
    matches(
        "objects-filtered",
        &Stage::platform(120, 30).press(": 'deploy oil-web /s !app=site' enter").list().press("space"),
    );
}

#[test]
fn objects_that_are_refused() {
    matches("objects-refused", &Stage::platform(80, 24).press(": 'deploy -A' enter").refuse_list());
}

#[test]
fn a_secret_is_masked_and_then_shown() {
    let stage = Stage::platform(120, 30).press(": 'secret oil-web' enter").list().press("j d").look_at(&secret());
    assert!(stage.text().contains("code: (masked) 16 bytes"));
    let shown = stage.press("x 'the door is stuck' enter").reveal();
    for told in
        ["code: opensesame", "key.bin: 8 bytes in base64, no text", "line \u{fffd}[31mtwo", "its values are shown"]
    {
        assert!(shown.text().contains(told), "{told}: {}", shown.text());
    }
    assert!(!shown.press("esc d").text().contains("opensesame"));
}

fn secret() -> serde_json::Value {
    serde_json::json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {"name": "door", "namespace": "oil-web", "uid": "u", "creationTimestamp": "2026-11-20T10:00:00Z"},
        "data": {"code": "b3BlbnNlc2FtZQ==", "key.bin": "/wD/AA==", "note": "bGluZSBvbmUKbGluZSAbWzMxbXR3bwo="},
    })
}

#[test]
fn kinds_complete() {
    matches("command-kinds", &Stage::platform(120, 30).press(": 'depl'"));
}

#[test]
fn a_plan_that_is_being_asked() {
    matches("plan-asking", &Stage::platform(120, 30).press("j j shift-c").read());
}

#[test]
fn a_lost_connection() {
    everywhere("lost-connection", |columns, rows| Stage::platform(columns, rows).lose_connection());
}

/// What is wrong is never cut: where it has no room beside the filter it stands over it.
#[test]
fn a_fault_has_room() {
    matches("filter-fault-narrow", &Stage::platform(60, 20).press("/ 'oil colour:red web'"));
}

/// What the keys before these do: a cordon, and a small change of a workload.
const DONE: &str = ": 'tnt oil' enter shift-c y : 'deploy oil-web' enter : 'scale 3' enter y";

#[tokio::test]
async fn what_was_done_is_in_the_journal() {
    on_changed_demo("journal", &format!("{DONE} : 'journal' enter")).await;
    on_changed_demo("journal-plan", &format!("{DONE} : 'journal' enter enter")).await;
    on_changed_demo("plan-undo", &format!("{DONE} : 'journal' enter shift-u")).await;
}

/// Keys that are pressed one after the other.
const CHORDS: &str =
    "[table]\nopen = [\"enter\", \"x o\"]\ntenant.cordon = \"x c\"\nfocus.next = [\"tab\", \"x x n\"]\n";

#[tokio::test]
async fn what_can_follow_a_key() {
    let (keymap, faults) = Keymap::shipped().overlay(CHORDS, "my.toml");
    assert!(faults.is_empty(), "{faults:?}");
    let demo = demo::platform();
    for (columns, rows) in golden::SIZES {
        let scene = Scene::with_keys(keymap.clone(), &demo, "lke-demo", columns, rows).await.press("x").await;
        golden::at("chord", (columns, rows), &scene);
    }
}

#[tokio::test]
async fn no_kubeconfig() {
    for (columns, rows) in golden::SIZES {
        golden::at("no-kubeconfig", (columns, rows), &demo::nowhere(columns, rows).await);
    }
}

#[test]
fn a_chord_that_was_begun() {
    let stage = Stage::platform(80, 24).with_keys(CHORDS).press("x");
    let text = stage.press("x n").text();
    assert!(text.contains("┏ Namespaces"), "{text}");
}

#[test]
fn places_are_come_back_to() {
    let stage = Stage::platform(120, 40).press("j j enter");
    let namespaces = stage.text();
    let stage = stage.press(": 'rb' enter");
    let bindings = stage.text();
    assert_ne!(namespaces, bindings);
    // What was said last is another matter.
    let body = |text: &str| text.lines().take(24).collect::<Vec<_>>().join("\n");
    let stage = stage.press("[");
    assert_eq!(body(&stage.text()), body(&namespaces));
    let stage = stage.press("]");
    assert_eq!(body(&stage.text()), body(&bindings));
    let stage = stage.press(": 'pin night-shift' enter").press("-").press(": 'night-shift' enter");
    assert_eq!(body(&stage.text()), body(&bindings));
    let refused = stage.press(": 'pin rb' enter");
    assert!(refused.text().contains(":rb means something already"), "{}", refused.text());
    let free = refused.press(": 'unpin night-shift' enter : 'night-shift' enter");
    assert!(free.text().contains("there is no command and no kind :night-shift"), "{}", free.text());
    let stage = free.press("-").press("+").press("-");
    assert_eq!(body(&stage.text()), body(&bindings));
    let stage = stage.press("1");
    assert_eq!(body(&stage.text()), body(&namespaces));
    assert!(stage.press("2").text().contains("nothing is pinned on 2"));
}

#[test]
fn names_on_the_screen_are_commands() {
    let at = |keys: &str| Stage::platform(120, 40).press(keys).text();
    assert!(at(": 'oil-web' enter").contains("the namespace is oil-web, for this session"));
    assert!(at(": 'subject alice' enter").contains("/subject:alice"));
    assert!(at(": 'tenants /state:active' enter").contains("· /state:active"));
    let elsewhere = Stage::platform(120, 40).with_contexts().press(": 'ns team=red @nowhere' enter").text();
    assert!(elsewhere.contains("there is no context nowhere"));
    assert!(at(": 'tennants' enter").contains("did you mean :tenants?"));
    assert!(at(": 'ns a b' enter").contains("one name at most"));
}

/// A key never acts on a row that something lies over.
#[test]
fn what_cannot_be_seen_is_not_acted_on() {
    for page in ["?", "!", ": 'ctx' enter", ": 'journal' enter"] {
        for key in ["ctrl-d", "e", "d", "y", ": 'scale 3' enter", ": 'delete' enter"] {
            let stage = Stage::platform(120, 40).with_contexts().press(page);
            let before = stage.model().overlays.len();
            let stage = stage.press(key);
            let model = stage.model();
            assert_eq!(model.overlays.len(), before, "{key} on {page}");
            assert!(model.drafting.is_none() && model.fetching.is_none() && model.looking.is_none(), "{key} on {page}");
        }
    }
    // On a page its own keys come first.
    let help = Stage::platform(80, 24).press("y ?").text();
    assert!(help.lines().any(|line| line.starts_with("│On a page")), "{help}");
    // The help still says what applies to the row that it was opened on.
    let help = Stage::platform(120, 200).press("?").text();
    assert!(!help.contains("not now: put the cursor on something"), "{help}");
}

#[test]
fn what_is_under_the_cursor_is_copied() {
    let copied = |keys: &str| Stage::platform(120, 40).press("j j y").look().press(keys).copied();
    assert_eq!(copied("/ 'alice' enter v").as_deref(), Some("alice"));
    assert_eq!(copied("/ 'alice' enter shift-v").as_deref(), Some(".spec.owners[0].name"));
    let whole = copied("c").unwrap();
    assert!(
        whole.starts_with("apiVersion: capsule.clastix.io/v1beta2\nkind: Tenant\n") && whole.contains("\nstatus:\n")
    );
    assert!(!whole.contains("s3cret"), "{whole}");
    assert_eq!(copied("/ 'example.com/api' enter v").map(|text| text.contains("s3cret")), Some(false));
    assert_eq!(Stage::platform(120, 40).press("space j space c").copied().unwrap().lines().count(), 2);
}

/// The names in the tenants pane, in their order.
fn tenants(stage: &Stage) -> Vec<String> {
    let text = stage.text();
    let pane = text.lines().filter_map(|line| line.strip_prefix(['┃', '│'])?.split(['┃', '│']).next());
    let name = |row: &str| Some(row.chars().skip(2).collect::<String>().split_whitespace().next()?.to_owned());
    pane.skip(1).map_while(name).collect()
}

/// The command of kubectl for what the cursor is on says where it goes, from anywhere.
#[test]
fn what_is_under_the_cursor_is_copied_as_a_command() {
    let copied = |keys: &str| Stage::platform(120, 40).with_contexts().press(keys).copied().unwrap();
    let way = "kubectl --context lke-prod";
    assert_eq!(copied("j j alt-c"), format!("{way} get tenants.capsule.clastix.io oil"));
    assert_eq!(copied("space j space alt-c").matches(['\n', ' ']).count(), 6, "two tenants are marked");
    assert_eq!(copied(": 'ns oil-web' enter alt-c"), format!("{way} get namespaces oil-web"));
    assert_eq!(copied(": 'identity' enter alt-c"), format!("{way} auth whoami"));
    assert_eq!(copied(": 'ctx' enter g j alt-c"), "kubectl --context minikube");
    assert_eq!(copied("j j y alt-c"), format!("{way} get tenants.capsule.clastix.io oil -o yaml"));
    assert_eq!(copied("? : 'kubectl' enter"), format!("{way} -n oil-web"));
}

/// Whatever is called dangerous is so without colours too; what somebody else did to the files stays in sight.
#[test]
fn the_strip_says_what_a_context_is_called_and_what_became_of_its_entry() {
    let strip = |stage: &Stage| stage.text().lines().next().unwrap_or_default().to_owned();
    let stage = Stage::platform(160, 40).with_contexts().called("!!", "production").changed("its cluster changed");
    let text = strip(&stage);
    assert!(text.contains(" !! production ") && text.contains(" entry changed "), "{text}");
    let stage = stage.switched("bare-metal");
    assert!(strip(&stage).contains(" current is bare-metal "), "{}", stage.text());
    assert!(stage.press("!").text().contains("somebody changed current-context to bare-metal"));
}

/// Rows of panes and of pages, and hints: a click does what keys do.
#[test]
fn a_click_does_what_keys_do() {
    let stage = Stage::platform(120, 40).with_contexts();
    let stage = stage.click("wind ");
    assert!(stage.text().contains("Namespaces · wind 2"), "{}", stage.text());
    assert!(stage.click("wind ").text().contains("┏ Namespaces · wind 2"));
    let contexts = Stage::platform(120, 40).with_contexts().press(": 'ctx' enter").click("bare-metal");
    assert!(contexts.text().contains("┌ Contexts"), "{}", contexts.text());
    assert!(contexts.click("bare-metal").text().contains("opening bare-metal"));
    let objects = Stage::platform(120, 40).press(": 'deploy -A' enter").list().click("ledger");
    assert!(objects.click("ledger").text().contains("Deployment oil-db/ledger · about"));
    assert!(Stage::platform(120, 40).click("? help").text().contains("│On the panes"));
    assert!(Stage::platform(120, 40).press("?").click("q back").text().contains("┏ Tenants"));
    // Where something else stands on the line a click there is none on a hint.
    let said = Stage::platform(120, 40).hear("no ? help here");
    assert!(!said.click("? help").text().contains("On the panes"));
}

/// A text that could not be used is kept, for the cluster that it was written for and for no other.
#[test]
fn a_text_is_kept_for_its_context() {
    let written = || Stage::platform(120, 40).with_contexts().write_in_vain("kind: [");
    assert_eq!(written().press("a").goes_on_with(), Some("kind: ["));
    let elsewhere = written().press(": 'ctx minikube' enter a");
    assert_eq!(elsewhere.goes_on_with(), None);
    assert_eq!(elsewhere.press(": 'ctx lke-prod' enter a").goes_on_with(), Some("kind: ["));
}

/// Where panes begin and what they are called, in the first line of each.
fn frames(stage: &Stage) -> Vec<String> {
    let text = stage.text();
    let tops = text.lines().filter(|line| line.contains(['┌', '┏']));
    let shape = |line: &str| {
        line.chars()
            .map(|c| {
                if "┌┏┐┓".contains(c) {
                    '+'
                } else if c == '━' {
                    '─'
                } else {
                    c
                }
            })
            .collect()
    };
    tops.map(shape).collect()
}

/// Sizes and hidden panes are kept for wide screens and for others, each for itself, also in the next run.
#[test]
fn panes_are_found_as_they_were_left() {
    let stage = Stage::platform(120, 40);
    let usual = frames(&stage);
    let stage = stage.press("> > tab tab tab shift-h");
    let wide = frames(&stage);
    assert!(wide != usual && !stage.text().contains("Identity"), "{wide:#?}");
    let mut stage = stage;
    stage.resize(80, 24);
    let looked_at_identity = Stage::platform(80, 24).press("tab tab tab tab");
    assert_eq!(frames(&stage), frames(&looked_at_identity), "another class of screens has its own");
    let mut stage = stage.press("tab tab shift-h { {");
    let narrow = frames(&stage);
    assert_ne!(narrow, frames(&Stage::platform(80, 24)));
    stage.resize(120, 40);
    assert_eq!(frames(&stage), wide);
    let mut next = stage.next_run(120, 40);
    assert_eq!(frames(&next), wide);
    next.resize(80, 24);
    assert_eq!(frames(&next), narrow);
    next.resize(120, 40);
    let next = next.press("shift-l tab < <");
    assert!(next.text().contains("Identity"));
    // The history of commands comes along.
    let stage = next.press(": 'tenants /oil' enter");
    assert!(stage.next_run(80, 24).press(": up").text().ends_with("\n:tenants /oil"));
}

/// Whatever a name holds, what stands behind it begins in the same column.
#[test]
fn columns_stay_aligned_whatever_names_hold() {
    let names = [
        "日本語の人",
        "e\u{301}lodie",
        "שלום עולם",
        "مرحبا",
        "a\u{200b}b\u{202e}c\u{1b}[31m",
        "👩‍👩‍👧 family",
        "\t\r\n\u{7}",
    ];
    let stage = names.iter().fold(Stage::platform(120, 40).press("j j"), |stage, name| stage.bind(name));
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut stage = names
            .iter()
            .fold(Stage::platform(size.0, size.1).press("j j backtab backtab Z"), |stage, name| stage.bind(name));
        stage.pass(1);
        let frame = stage.frame(&Theme::plain());
        let row = |y: u16| -> Vec<&str> { (0..size.0).map(|x| frame[(x, y)].symbol()).collect() };
        let heading = (0..size.1).find(|y| row(*y).concat().contains("SUBJECT")).unwrap();
        let kind = (0..size.0).find(|x| row(heading)[*x as usize..].concat().starts_with("KIND")).unwrap();
        let rows: Vec<u16> = (heading + 1..size.1).filter(|y| row(*y).concat().contains("view")).collect();
        assert!(rows.len() > names.len(), "{}", stage.text());
        for y in rows {
            let there = row(y)[kind as usize..].concat();
            assert!(
                ["User ", "Group", "SA   "].iter().any(|word| there.starts_with(word)),
                "{size:?} {there}\n{}",
                stage.text()
            );
        }
    }
    assert!(stage.text().contains("日本語の人"), "{}", stage.text());
}

#[test]
fn filters_say_which_tenants_stay() {
    let all = tenants(&Stage::platform(120, 40));
    assert!(all.len() > 4, "{all:?}");
    let stay = |keys: &str| tenants(&Stage::platform(120, 40).press(keys));
    assert_eq!(stay("/ 'team=red'").len() + stay("/ '!team=red'").len(), all.len());
    assert_eq!(stay("/ 'state:cord' enter"), stay("/ '/^(part-)?cordon/' enter"));
    assert_eq!(stay("/ 'oil' enter"), ["oil"]);
    assert_eq!(stay("/ 'slr' enter"), ["solar"]);
    assert_eq!(stay("/ 'oil' enter esc"), all);
    let faulty = stay("ctrl-z");
    assert!(faulty.len() < all.len() && faulty.contains(&"coal".to_owned()) && !faulty.contains(&"oil".to_owned()));
    assert_eq!((stay("ctrl-z ctrl-z"), stay("ctrl-z esc")), (all.clone(), all));
}

#[test]
fn rows_are_sorted_by_any_column_and_back() {
    let by = |keys: &str| tenants(&Stage::platform(120, 40).press(keys));
    let mut names = by("");
    assert_eq!(by("shift-n"), names);
    names.reverse();
    assert_eq!(by("shift-n shift-n"), names);
    assert_eq!(by("shift-right shift-o shift-o"), names);
    assert_ne!(by("shift-s"), by("shift-s shift-s"));
}

/// Two states never look alike without colour: word and glyph both differ, and each has its place in the help.
#[test]
fn states_are_told_apart_without_colour() {
    use tenantry::world::namespace::NamespaceState as N;
    use tenantry::world::tenant::TenantState as T;
    let tenants = [
        T::Terminating,
        T::NotReady,
        T::Pausing,
        T::Resuming,
        T::Paused,
        T::PartPaused,
        T::Cordoning,
        T::Cordoned,
        T::PartCordoned,
        T::Active,
        T::Unread,
    ]
    .map(|s| (s.glyph(), s.word()));
    let namespaces = [
        N::Terminating,
        N::Failing,
        N::Pausing,
        N::Resuming,
        N::Paused,
        N::PartPaused,
        N::Cordoned,
        N::Active,
        N::Empty,
    ]
    .map(|s| (s.glyph(), s.word()));
    for states in [&tenants[..], &namespaces[..]] {
        let glyphs: std::collections::BTreeSet<char> = states.iter().map(|(glyph, _)| *glyph).collect();
        let words: std::collections::BTreeSet<&str> = states.iter().map(|(_, word)| *word).collect();
        assert_eq!((glyphs.len(), words.len()), (states.len(), states.len()));
        assert!(glyphs.iter().all(char::is_ascii));
    }
    let help = Stage::platform(100, 280).press("?").text();
    for (glyph, _) in tenants.into_iter().chain(namespaces).filter(|(glyph, _)| *glyph != ' ') {
        assert!(
            help.lines().any(|line| line.starts_with(&format!("│  {glyph} "))),
            "{glyph} is not explained:\n{help}"
        );
    }
}

/// A frame without colours holds none at all, and differs from the coloured one in nothing else.
#[test]
fn without_colour_nothing_is_lost() {
    let stage = Stage::platform(120, 40);
    let plain = stage.frame(&Theme::plain());
    assert!(plain.content().iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
    for name in looks::names() {
        let wish = Wish { theme: Some(name.to_owned()), ..Wish::default() };
        let coloured = stage.frame(&Looks::new(wish, Palette::True).theme());
        assert_eq!(text(&coloured), text(&plain), "{name}");
    }
}

/// On terminals that draw other glyphs wide, or not at all, none of ours is left, and no column has moved.
#[test]
fn ascii_is_ascii() {
    for keys in ["", "?", "j j shift-c", ": 'ctx' enter", "j j d"] {
        let stage = Stage::platform(120, 40).press(keys);
        let plain = stage.frame(&Theme::plain());
        let ascii = stage.frame(&Looks::new(Wish { ascii: true, ..Wish::default() }, Palette::Off).theme());
        assert!(text(&ascii).is_ascii(), "{}", text(&ascii));
        let same = |(one, other): (&Cell, &Cell)| !other.symbol().is_ascii() || one.symbol() == other.symbol();
        assert!(ascii.content().iter().zip(plain.content()).all(same));
    }
}

/// Text from a cluster cannot move the cursor.
#[test]
fn escape_sequences_stay_text() {
    let stage = Stage::platform(120, 30).press("! ").hear("a\u{1b}[2Jb");
    assert!(stage.frame(&Theme::plain()).content().iter().all(|cell| !cell.symbol().contains(char::is_control)));
}

/// A megabyte of what a terminal obeys, in the values of an object and in the names of its fields.
#[test]
fn a_hostile_object_is_only_text() {
    let evil = "\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}[2J\u{9b}31m\u{202e}txt.exe\u{2066}\u{200b}\r\n\u{8}";
    let object = serde_json::json!({
        "metadata": {"name": evil, "annotations": {"long": evil.repeat((1 << 20) / evil.len()), (evil): "a"}},
        "spec": {"owners": [{"kind": evil, "name": evil}], (evil): [evil, {(evil): evil}]},
        "status": {"conditions": [{"type": evil, "status": evil, "message": evil}]},
    });
    for size in [(80, 24), (200, 60), (20, 5)] {
        for form in ["d", "y"] {
            let mut stage = Stage::platform(size.0, size.1).press(&format!("j j {form}")).look_at(&object);
            for keys in ["", "z", "/ 'exe' enter n n", "w", "shift-g", "m"] {
                stage = stage.press(keys);
                let frame = stage.frame(&Theme::plain());
                let unsafe_in = |cell: &Cell| {
                    cell.symbol().chars().any(|c| c.is_control() || "\u{202e}\u{2066}\u{200b}".contains(c))
                };
                assert!(!frame.content().iter().any(unsafe_in), "{form} {keys}: {}", text(&frame));
            }
        }
    }
}
