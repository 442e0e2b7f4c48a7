use super::*;
use proptest::prelude::*;

const PANES: &[Layer] = &[Layer::Table, Layer::Global];
const PAGE: &[Layer] = &[Layer::Page, Layer::Global];

fn key(text: &str) -> Chord {
    text.parse().unwrap()
}

fn say(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_map_has_no_faults_and_names_every_command() {
    let map = Keymap::parse(SHIPPED, "keymap.toml").unwrap_or_else(|faults| panic!("{}", say(&faults)));
    assert_eq!(map, Keymap::shipped());
    for command in Command::ALL {
        let named = Layer::ALL.iter().any(|layer| map.commands(*layer).any(|(known, _)| known == *command));
        assert!(named, "{command} does not stand in keymap.toml, where people look for what can be bound");
    }
}

#[test]
fn a_plan_is_approved_in_its_dialog_only() {
    let map = Keymap::shipped();
    for (text, command) in [
        ("y", Command::PlanApply),
        ("enter", Command::PlanCancel),
        ("q", Command::PlanCancel),
        ("ctrl-c", Command::Quit),
    ] {
        assert_eq!(map.does(&[Layer::Plan], &key(text)), Some(command), "{text}");
    }
    for layers in [PANES, PAGE] {
        assert!(Command::ALL.iter().filter(|c| c.group() == Group::Plan).all(|c| map.keys(layers, *c).is_empty()));
    }
}

#[test]
fn a_key_that_a_layer_above_takes_is_not_shown() {
    let map = Keymap::shipped();
    assert_eq!(map.keys(PANES, Command::Quit), [key("q"), key("ctrl-c")]);
    assert_eq!(map.keys(PAGE, Command::Quit), [key("ctrl-c")]);
    assert_eq!(map.keys_of(Layer::Global, Command::Quit), [key("q"), key("ctrl-c")]);
    assert_eq!(map.keys_of(Layer::Page, Command::Quit), []);
}

#[test]
fn all_mistakes_come_at_once_with_their_place() {
    let text = "\
[global]
app.quit = [\"q\", \"ctrl-c\"]
app.hepl = \"?\"
app.refresh = [\"ctrl-r\", \"shift-1\", 7]
app.messages = \"q\"
app.suspend = true

[tables]
open = \"enter\"

[table]
\"tenant.cordon\" = \"entr\"
plan.apply = \"y\"
";
    let faults = Keymap::parse(text, "my.toml").unwrap_err();
    assert_eq!(
        say(&faults),
        "\
my.toml:3:1: no command is called `app.hepl`: did you mean `app.help`?
 3 | app.hepl = \"?\"
   | ^^^^^^^^
my.toml:4:26: a terminal does not tell shift with `1`: write the character that the two type together
 4 | app.refresh = [\"ctrl-r\", \"shift-1\", 7]
   |                          ^^^^^^^^^
my.toml:4:37: a key stands between quotes, as in \"ctrl-d\"
 4 | app.refresh = [\"ctrl-r\", \"shift-1\", 7]
   |                                     ^
my.toml:5:16: `q` is already `app.quit` in [global], on line 2
 5 | app.messages = \"q\"
   |                ^^^
my.toml:6:15: keys are written as \"ctrl-d\" or as a list, [\"j\", \"down\"]
 6 | app.suspend = true
   |               ^^^^
my.toml:8:2: no layer is called `tables`: there are [global], [table], [page], [plan], [form]
 8 | [tables]
   |  ^^^^^^
my.toml:12:19: no key is called `entr`: did you mean `enter`?
 12 | \"tenant.cordon\" = \"entr\"
    |                   ^^^^^^
my.toml:13:1: `plan.apply` does nothing in [table]
 13 | plan.apply = \"y\"
    | ^^^^^^^^^^"
    );
}

#[test]
fn mistakes_of_toml_itself_are_told_too() {
    let faults =
        Keymap::parse("[global]\napp.quit = \napp.help = \"?\napp.refresh = \"ctrl-x\"\n", "my.toml").unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [2, 3], "{}", say(&faults));
}

#[test]
fn a_file_cannot_steer_the_terminal_through_its_faults() {
    let faults = Keymap::parse("\u{1b}[2J = 1\n", "my.toml").unwrap_err();
    assert!(!say(&faults).contains('\u{1b}'), "{faults:?}");
}

#[test]
fn a_users_file_changes_what_it_names() {
    let (map, faults) = Keymap::shipped().overlay("[table]\ntenant.cordon = \"x\"\nmove.left = []\n", "my.toml");
    assert_eq!(faults, []);
    assert_eq!(map.does(PANES, &key("x")), Some(Command::TenantCordon));
    assert_eq!(map.does(PANES, &key("shift-c")), None);
    assert_eq!(map.does(PANES, &key("h")), None);
    assert_eq!(map.does(PANES, &key("j")), Some(Command::MoveDown), "what the file does not name stays");
}

#[test]
fn a_users_file_takes_keys_and_says_what_lost_its_last() {
    let (map, faults) = Keymap::shipped().overlay("[table]\nopen = [\"enter\", \"b\", \"j\"]\n", "my.toml");
    assert_eq!(map.does(PANES, &key("b")), Some(Command::Open));
    assert_eq!(map.does(PANES, &key("j")), Some(Command::Open));
    assert_eq!(
        say(&faults),
        "\
my.toml:2:18: `b` was the last key of `access.raw`: give it another, or write `access.raw = []` in [table] \
if that is meant
 2 | open = [\"enter\", \"b\", \"j\"]
   |                  ^^^"
    );

    let meant = "[table]\nopen = \"shift-c\"\ntenant.cordon = []\n";
    assert_eq!(Keymap::shipped().overlay(meant, "my.toml").1, []);
    let swapped = "[table]\nopen = \"shift-c\"\ntenant.cordon = \"enter\"\n";
    let (map, faults) = Keymap::shipped().overlay(swapped, "my.toml");
    assert_eq!(faults, []);
    assert_eq!(map.does(PANES, &key("shift-c")), Some(Command::Open));
    assert_eq!(map.does(PANES, &key("enter")), Some(Command::TenantCordon));
}

#[test]
fn what_is_right_holds_beside_what_is_wrong() {
    let (map, faults) = Keymap::shipped().overlay("[table]\ntenant.cordon = \"x\"\nopne = \"o\"\n", "my.toml");
    assert_eq!(faults.len(), 1);
    assert_eq!(map.does(PANES, &key("shift-c")), None, "the key that was moved away does not come back");
    assert_eq!(map.does(PANES, &key("x")), Some(Command::TenantCordon));
}

/// Lines of a keymap file, most of them right.
fn any_file() -> impl Strategy<Value = String> {
    let keys = prop_oneof![
        4 => proptest::sample::select(vec!["j", "q", "shift-c", "enter", "ctrl-d", "x", "up", "y", "?", "g t", "j j"]).prop_map(str::to_owned),
        1 => "[a-z-]{0,8}",
    ];
    let line = (
        proptest::sample::select(Layer::ALL),
        proptest::sample::select(Command::ALL),
        proptest::collection::vec(keys, 0..3),
    );
    proptest::collection::vec(line, 0..12).prop_map(|lines| {
        let text = |(layer, command, keys): &(Layer, Command, Vec<String>)| format!("{layer}.{command} = {keys:?}\n");
        lines.iter().map(text).collect()
    })
}

proptest! {
    #[test]
    fn a_key_has_one_meaning_in_a_layer_whatever_the_file(text in any_file()) {
        let (map, _) = Keymap::shipped().overlay(&text, "my.toml");
        for layer in Layer::ALL {
            for (command, keys) in map.commands(*layer) {
                prop_assert!(layer.holds(command), "{command} in {layer}");
                for key in keys {
                    // A chord behind a key that does something by itself is told as a fault.
                    let alone = key.keys().len() == 1;
                    prop_assert!(!alone || map.does(&[*layer], key) == Some(command), "{} {}", key, command);
                }
            }
        }
    }

    #[test]
    fn no_command_loses_its_last_key_in_silence(text in any_file()) {
        let shipped = Keymap::shipped();
        let (map, faults) = shipped.clone().overlay(&text, "my.toml");
        // Wherever one is: what had a key there has one, or the file names it, or a fault does.
        for layers in Layer::OPEN {
            for command in Command::ALL.iter().filter(|command| !shipped.keys(layers, **command).is_empty()) {
                let named = text.contains(command.name()) || faults.iter().any(|f| f.message.contains(command.name()));
                prop_assert!(!map.keys(layers, *command).is_empty() || named, "{} is gone in {:?}", command, layers);
            }
        }
    }

    #[test]
    fn reading_is_total(text in "(?s).{0,80}") {
        let (_, faults) = Keymap::shipped().overlay(&text, "my.toml");
        for fault in faults {
            prop_assert!(fault.to_string().lines().count() == 3, "{}", fault);
        }
    }
}

#[test]
fn the_plain_keys_have_no_faults_and_letters_do_nothing() {
    let (map, faults) = Keymap::shipped().overlay(PLAIN, "plain.toml");
    assert!(faults.is_empty(), "{}", say(&faults));
    for layers in Layer::OPEN {
        for letter in ('a'..='z').chain('A'..='Z') {
            assert_eq!(map.resolve(layers, &[Key::char(letter)]), Meaning::Nothing, "{letter} in {layers:?}");
        }
    }
}

#[test]
fn chords_wait_for_their_last_key() {
    let (map, faults) =
        Keymap::shipped().overlay("[table]\ntenant.cordon = \"x c\"\nopen = [\"enter\", \"x o\"]\n", "my.toml");
    assert_eq!(faults, []);
    let Meaning::Begins(chords) = map.resolve(PANES, &[Key::char('x')]) else { panic!("x begins nothing") };
    assert_eq!(chords.len(), 2);
    assert_eq!(map.does(PANES, &key("x c")), Some(Command::TenantCordon));
    assert_eq!(map.resolve(PANES, &[Key::char('x'), Key::char('x')]), Meaning::Nothing);
}

#[test]
fn what_cannot_be_reached_is_told() {
    let (_, faults) = Keymap::shipped().overlay("[table]\ntenant.cordon = \"j c\"\n", "my.toml");
    assert_eq!(
        say(&faults),
        "\
my.toml:2:17: `j c` cannot be reached: its beginning is `move.down`
 2 | tenant.cordon = \"j c\"
   |                 ^^^^^"
    );
    let (_, faults) = Keymap::shipped().overlay("[table]\nopen = [\"enter\", \"?\"]\n", "my.toml");
    assert_eq!(
        say(&faults),
        "\
my.toml:2:18: `?` hides `app.help`, which has no other key there: give it another in [table]
 2 | open = [\"enter\", \"?\"]
   |                  ^^^"
    );
}
