//! Keys in, screens out: whole screens of a world that never changes, kept as files with their styles.
//!
//! A screen that differs fails with both versions. After a change that was meant, `TENANTRY_SCREENS=overwrite cargo test --test
//! screens` writes the files anew; `git diff tests/screens` is then the review.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod golden;
mod stage;

use golden::matches;
use stage::Stage;

#[test]
fn a_platform_side_by_side() {
    matches("platform-120x40", &Stage::platform(120, 40));
}

#[test]
fn a_platform_at_80x24() {
    matches("platform-80x24", &Stage::platform(80, 24));
}

#[test]
fn a_platform_with_room_to_breathe() {
    matches("platform-200x60", &Stage::platform(200, 60));
}

#[test]
fn a_platform_at_40x12() {
    matches("platform-40x12", &Stage::platform(40, 12));
}

#[test]
fn the_namespace_pane_narrows_access_down() {
    matches("namespaces-focused", &Stage::platform(120, 30).press("j j enter j"));
}

#[test]
fn raw_bindings() {
    matches("raw-bindings", &Stage::platform(120, 30).press("j j : 'rb' enter"));
}

#[test]
fn a_page_about_a_namespace() {
    matches("namespace-page", &Stage::platform(120, 30).press("j j enter j enter"));
}

#[test]
fn a_plan_that_is_being_asked() {
    matches("plan-asking", &Stage::platform(120, 30).press("j j shift-c").read());
}

#[test]
fn a_plan_to_be_approved() {
    matches("plan-answered", &Stage::platform(120, 30).press("j j shift-c").read().answer());
}

#[test]
fn a_plan_at_80x24() {
    matches("plan-80x24", &Stage::platform(80, 24).press("j j shift-c").read().answer().press("tab"));
}

#[test]
fn a_plan_that_is_refused() {
    matches("plan-refused", &Stage::platform(120, 30).press("j j shift-c").read().refuse());
}

#[test]
fn help() {
    matches("help", &Stage::platform(100, 60).press("?"));
}

#[test]
fn an_owner_who_may_list_nothing() {
    matches("owner-120x40", &Stage::owner(120, 40));
}

#[test]
fn a_lost_connection() {
    matches("lost-connection", &Stage::platform(120, 30).lose_connection());
}

#[test]
fn no_kubeconfig() {
    matches("no-kubeconfig", &Stage::without_kubeconfig(80, 24));
}

#[test]
fn a_filter_being_typed() {
    matches("filter", &Stage::platform(80, 24).press("/ 'co'"));
}

#[test]
fn a_command_being_typed() {
    matches("command", &Stage::platform(80, 24).press(": 'te'"));
}

/// Two states never look alike without colour: word and glyph both differ, and each has its place in the help.
#[test]
fn states_are_told_apart_without_colour() {
    use tenantry::world::namespace::NamespaceState as N;
    use tenantry::world::tenant::TenantState as T;
    let tenants = [T::Terminating, T::NotReady, T::Cordoning, T::Cordoned, T::PartCordoned, T::Active, T::Unread]
        .map(|s| (s.glyph(), s.word()));
    let namespaces = [N::Terminating, N::Failing, N::Cordoned, N::Active, N::Empty].map(|s| (s.glyph(), s.word()));
    for states in [&tenants[..], &namespaces[..]] {
        let glyphs: std::collections::BTreeSet<char> = states.iter().map(|(glyph, _)| *glyph).collect();
        let words: std::collections::BTreeSet<&str> = states.iter().map(|(_, word)| *word).collect();
        assert_eq!((glyphs.len(), words.len()), (states.len(), states.len()));
        assert!(glyphs.iter().all(char::is_ascii));
    }
    let help = Stage::platform(100, 90).press("?").text();
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
    let plain = stage.frame(false);
    assert!(plain.content().iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
    assert_eq!(stage.text(), tenantry::console::headless::text(&plain));
}

/// Text from a cluster cannot move the cursor.
#[test]
fn escape_sequences_stay_text() {
    let stage = Stage::platform(120, 30).press("! ").hear("a\u{1b}[2Jb");
    assert!(stage.frame(true).content().iter().all(|cell| !cell.symbol().contains(char::is_control)));
}
