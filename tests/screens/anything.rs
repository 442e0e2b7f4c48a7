//! Whatever happens, in whatever order: nothing panics, every cursor stands on a row, every size draws.
//!
//! `TENANTRY_INPUTS=1000000 cargo test --release --test screens -- inputs` presses that many keys.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use tenantry::console::keymap::{Code, Held, Key, Keymap, PLAIN};
use tenantry::console::model::list::List;
use tenantry::console::model::overlay::Overlay;
use tenantry::console::model::{Model, Pane};
use tenantry::console::view::theme::Theme;
use tenantry::world::feed::What;

use crate::golden::Screen as _;
use crate::stage::Stage;

/// Something that may happen.
#[derive(Debug, Clone)]
pub enum Event {
    Key(Key),
    Paste(String),
    Resize(u16, u16),
    Pass(i64),
    TenantGoes(u8),
    TenantComes(u8),
    NamespaceComes(u8),
    NamespaceGoes(u8),
    Relist,
    Lost,
    Back,
    /// Answers whatever was asked last.
    Answer,
    Contexts,
    /// A page of objects is opened.
    Objects,
}

fn key() -> impl Strategy<Value = Key> {
    let named = prop::sample::select(vec![
        Code::Enter,
        Code::Esc,
        Code::Tab,
        Code::Backspace,
        Code::Delete,
        Code::Up,
        Code::Down,
        Code::Left,
        Code::Right,
        Code::Home,
        Code::End,
        Code::PageUp,
        Code::PageDown,
        Code::F(1),
    ]);
    let plain = (named, any::<bool>()).prop_map(|(code, shift)| Key::new(code, Held { shift, ..Held::default() }));
    let control = prop::char::range('a', 'z').prop_map(Key::ctrl);
    prop_oneof![6 => prop::char::range(' ', '~').prop_map(Key::char), 3 => plain, 1 => control, 1 => any::<char>().prop_map(Key::char)]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        20 => key().prop_map(Event::Key),
        1 => "\\PC{0,40}".prop_map(Event::Paste),
        1 => (0_u16..260, 0_u16..90).prop_map(|(columns, rows)| Event::Resize(columns, rows)),
        1 => (0_i64..200_000).prop_map(Event::Pass),
        1 => (0_u8..9).prop_map(Event::TenantGoes),
        1 => (0_u8..9).prop_map(Event::TenantComes),
        1 => (0_u8..9).prop_map(Event::NamespaceComes),
        1 => (0_u8..9).prop_map(Event::NamespaceGoes),
        1 => Just(Event::Relist),
        1 => Just(Event::Lost),
        1 => Just(Event::Back),
        4 => Just(Event::Answer),
        1 => Just(Event::Contexts),
        1 => Just(Event::Objects),
    ]
}

fn happen(stage: &mut Stage, event: Event) {
    match event {
        Event::Key(key) => stage.key(key),
        Event::Paste(text) => stage.paste(text),
        Event::Resize(columns, rows) => stage.resize(columns, rows),
        Event::Pass(time) => stage.pass(time),
        Event::TenantGoes(number) => stage.tenants(What::Gone(vec![Stage::tenant_named(number).name])),
        Event::TenantComes(number) => stage.tenants(What::Rows(vec![Stage::tenant_named(number)])),
        Event::NamespaceComes(number) => stage.namespaces(What::Rows(vec![Stage::namespace_named(number)])),
        Event::NamespaceGoes(number) => stage.namespaces(What::Gone(vec![Stage::namespace_named(number).name])),
        Event::Relist => stage.namespaces(What::Begin),
        Event::Lost => stage.lose(),
        Event::Back => stage.come_back(),
        Event::Answer => stage.answer_anything(),
        Event::Contexts => stage.contexts(),
        Event::Objects => {
            for key in [Key::char(':')]
                .into_iter()
                .chain("deploy -A".chars().map(Key::char))
                .chain([Key::new(Code::Enter, Held::default())])
            {
                stage.key(key);
            }
        }
    }
}

fn holds<K: Clone + Eq + std::hash::Hash>(list: &List<K>, visible: usize) -> bool {
    let cursor = list.selected() == list.rows().get(list.at()) || !list.rows().contains(list.selected().unwrap());
    let seen = list.rows().is_empty()
        || (list.offset() <= list.at() && list.at() < (list.offset() + visible.max(1)).max(list.at() + 1));
    cursor
        && (list.rows().is_empty() || list.at() < list.rows().len())
        && seen
        && list.hidden_marks() <= list.marks.len()
}

fn invariants(model: &Model) {
    assert!(holds(&model.here.tenants, model.visible_rows(Pane::Tenants)), "tenants");
    assert!(holds(&model.here.namespaces, model.visible_rows(Pane::Namespaces)), "namespaces");
    assert!(holds(&model.here.access, model.visible_rows(Pane::Access)), "access");
    assert!(model.panes().contains(&model.here.focus), "the focus is on a pane that is not shown");
    for overlay in &model.overlays {
        if let Overlay::Objects(objects) = overlay {
            assert!(holds(&objects.list, tenantry::console::view::page_table_rows(model)), "objects");
        }
    }
    if let Some(prompt) = &model.prompt {
        assert!(prompt.text.is_char_boundary(prompt.cursor));
    }
}

/// The screen, which must hold no control character, and be drawn as large as it is.
fn drawn(stage: &Stage) -> Buffer {
    let frame = stage.frame(&Theme::plain());
    assert_eq!((frame.area.width, frame.area.height), stage.model().size);
    assert!(frame.content().iter().all(|cell| !cell.symbol().chars().any(char::is_control)));
    frame
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_screen_holds(events in prop::collection::vec(event(), 200), plain in any::<bool>()) {
        let mut stage = Stage::platform(120, 40);
        if plain {
            stage = stage.with_keys(PLAIN);
        }
        for event in events {
            happen(&mut stage, event);
            invariants(stage.model());
            drawn(&stage);
            stage.go_on();
        }
    }
}

/// A small generator (xorshift64*, Marsaglia 2003, Vigna 2016), so that many inputs cost nothing but themselves.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }
}

#[test]
fn any_inputs_in_any_order() {
    let inputs: u64 = std::env::var("TENANTRY_INPUTS").ok().and_then(|text| text.parse().ok()).unwrap_or(3_000);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut stage = Stage::platform(120, 40);
    stage.contexts();
    let keys: Vec<Key> = "j k g shift-g tab enter esc d y b 0 / : ? ! space * c v w z m n [ ] - + 1 2 shift-c u > < { } shift-h shift-l shift-z \
                          ctrl-f ctrl-b ctrl-r ctrl-s backspace up down left right del home end ctrl-u ctrl-w ctrl-space"
        .split_whitespace()
        .map(|name| name.parse().unwrap())
        .collect();
    for count in 0..inputs {
        match dice.roll(40) {
            0 => stage.resize(dice.roll(240) as u16, dice.roll(80) as u16),
            1 => stage.paste((0..dice.roll(30)).filter_map(|_| char::from_u32(dice.roll(0x3000) as u32)).collect()),
            2 => stage.key(Key::char(char::from_u32(dice.roll(0x1_1000) as u32).unwrap_or('a'))),
            3 => stage.answer_anything(),
            4..12 => stage.key(Key::char((b' ' + dice.roll(95) as u8) as char)),
            _ => stage.key(keys[dice.roll(keys.len() as u64) as usize]),
        }
        stage.go_on();
        invariants(stage.model());
        if count % 50 == 0 {
            drawn(&stage);
        }
    }
    assert_eq!(Keymap::shipped(), stage.model().keymap);
}
