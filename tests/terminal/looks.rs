//! Colours and keys as the terminal and the person's files say, while the program runs.

use std::fs;

use crate::pty::{Pty, tenantry};

/// The colour of the first of these words on the screen.
fn colour(screen: &vt100::Screen, word: &str) -> Option<vt100::Color> {
    let (rows, columns) = screen.size();
    let row = screen.rows(0, columns.get()).take(usize::from(rows.get())).position(|line| line.contains(word))?;
    let line = screen.rows(0, columns.get()).nth(row)?;
    let column = line[..line.find(word)?].chars().count();
    screen.cell(u16::try_from(row).ok()?, u16::try_from(column).ok()?).map(vt100::Cell::fgcolor)
}

const DARK_OK: vt100::Color = vt100::Color::Rgb(0x7e, 0xd4, 0x91);
const LIGHT_OK: vt100::Color = vt100::Color::Rgb(0x14, 0x60, 0x2c);
const DUSK_OK: vt100::Color = vt100::Color::Rgb(0x8f, 0xd6, 0xa8);

#[test]
fn the_terminal_is_asked_for_its_ground_and_its_answer_is_no_key() {
    let mut command = tenantry(&["--demo"]);
    command.env("COLORTERM", "truecolor");
    let pty = Pty::run(command, (40, 120));
    pty.wait_written(0, "\x1b]11;?\x1b\\");
    pty.wait("it is drawn for a dark ground", |screen| colour(screen, "live") == Some(DARK_OK));
    pty.send("\x1b]11;rgb:ffff/fdfd/f6f6\x1b\\");
    pty.wait("it is drawn for a light ground", |screen| colour(screen, "live") == Some(LIGHT_OK));
    // Ended by a bell, and in pieces, as on a slow line.
    pty.send("\x1b]11;rgb:1c1c/1c");
    pty.send("1c/1c1c\x07");
    pty.wait("it is drawn for a dark ground", |screen| colour(screen, "live") == Some(DARK_OK));
    assert!(!pty.look(vt100::Screen::contents).contains("does nothing here"));
}

#[test]
fn files_are_read_again_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("tenantry");
    fs::create_dir(&ours).unwrap();
    fs::write(ours.join("config.toml"), "colours = \"true\"\n").unwrap();
    let mut command = tenantry(&["--demo"]);
    command.env("XDG_CONFIG_HOME", folder.path());
    let pty = Pty::run(command, (40, 120));
    pty.wait("it is drawn for a dark ground", |screen| colour(screen, "live") == Some(DARK_OK));
    fs::write(ours.join("keymap.toml"), "[global]\napp.help = \"f1\"\n").unwrap();
    fs::write(ours.join("config.toml"), "theme = \"dusk\"\ncolours = \"true\"\n").unwrap();
    pty.wait("the theme is another", |screen| colour(screen, "live") == Some(DUSK_OK));
    pty.send("\x1bOP");
    pty.wait_for("On the panes");
    pty.send("q");
    // What must not be changed by mistake is not, whatever else the file says.
    fs::write(ours.join("config.toml"), "[contexts.\"lke-*\"]\nreadonly = true\nclass = \"lab\"\n").unwrap();
    pty.wait("writes are refused", |screen| screen.contents().contains(" RO ") && screen.contents().contains(" lab "));
    fs::write(ours.join("config.toml"), "[contexts.\"lke-*\"]\nreadonly = ture\n").unwrap();
    pty.wait_for("config.toml:2:12");
    assert!(pty.look(vt100::Screen::contents).contains(" RO "));
    fs::remove_file(ours.join("config.toml")).unwrap();
    pty.wait("writes pass again", |screen| screen.contents().contains("RW"));
}

#[test]
fn fewer_colours_are_asked_for_on_the_command_line() {
    for (colours, ok) in [("16", vt100::Color::Idx(2)), ("256", vt100::Color::Idx(114)), ("off", vt100::Color::Default)]
    {
        let mut command = tenantry(&["--demo", "--colours", colours]);
        command.env("COLORTERM", "truecolor");
        command.env("NO_COLOR", if colours == "off" { "" } else { "1" });
        let pty = Pty::run(command, (40, 120));
        pty.wait(&format!("{colours} colours"), |screen| colour(screen, "live") == Some(ok));
    }
}

#[test]
fn ten_kilobytes_are_pasted_into_a_field_and_nowhere_else() {
    let pty = Pty::run(tenantry(&["--demo"]), (40, 120));
    pty.wait_for("Tenants 13");
    let text = "q: ".repeat(3_400);
    pty.send(&format!("\x1b[200~{text}\x1b[201~"));
    pty.wait_for("pasted text was dropped");
    pty.send(&format!(":\x1b[200~{text}\x1b[201~end"));
    pty.wait_for("q: end");
    pty.send("\x1b");
    pty.wait("the field is closed", |screen| !screen.contents().contains("q: end"));
    assert!(pty.runs());
}

#[test]
fn a_burst_of_the_wheel_is_no_typing() {
    let pty = Pty::run(tenantry(&["--demo"]), (40, 120));
    pty.wait_for("Tenants 13");
    // Reports of a mouse that another program has left switched on: in two forms, 5,000 of them.
    for _ in 0..250 {
        pty.send(&"\x1b[<65;10;10M".repeat(10));
        pty.send(&"\x1b[M`**".repeat(10));
    }
    pty.send("?");
    pty.wait_for("On the panes");
    assert!(pty.runs());
}

#[test]
fn another_program_gets_the_terminal_and_gives_it_back() {
    let mut command = tenantry(&["--demo"]);
    // An editor that shows what it was given, waits for a line, and writes it.
    command
        .env("VISUAL", "sh -c 'head -2 \"$0\"; stty -a | grep -o -- \" icanon\"; read line; echo \"$line\" >> \"$0\"'");
    let pty = Pty::run(command, (40, 120));
    pty.wait_for("Tenants 13");
    pty.send("jy");
    pty.wait_for("apiVersion: capsule.clastix.io");
    let before = pty.bytes().len();
    pty.send("E");
    pty.wait_written(before, "\x1b[?1049l");
    pty.wait("the editor has the terminal", |screen| {
        !screen.alternate_screen() && screen.contents().contains("icanon")
    });
    pty.send("# mine\r");
    pty.wait_for("saved to ~/");
    assert!(pty.look(vt100::Screen::alternate_screen));
    pty.send("qq");
    assert_eq!(pty.wait_for_end(), 0);
}

#[test]
fn the_mouse_is_used_where_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("tenantry");
    fs::create_dir(&ours).unwrap();
    fs::write(ours.join("config.toml"), "mouse = true\n").unwrap();
    let mut command = tenantry(&["--demo"]);
    command.env("XDG_CONFIG_HOME", folder.path());
    let pty = Pty::run(command, (40, 120));
    pty.wait_for("Tenants 13");
    assert!(pty.look(|screen| screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None));
    let row_of = |word: &str| pty.look(|screen| screen.rows(0, 36).position(|line| line.contains(word)).unwrap());
    let click = |row: usize| pty.send(&format!("\x1b[<0;6;{}M\x1b[<0;6;{}m", row + 1, row + 1));
    let oil = row_of("oil  ");
    click(oil);
    pty.wait_for("Namespaces · oil 3");
    click(oil);
    pty.wait_for("┏ Namespaces · oil 3");
    // The wheel moves what is under it.
    pty.send("\x1b[<65;6;6M");
    pty.wait("another tenant is under the cursor", |screen| !screen.contents().contains("Namespaces · oil 3"));
    // Turned as fast as a hand can, and more: all of it is taken in, and the last row is the last.
    for _ in 0..250 {
        pty.send(&"\x1b[<65;6;6M".repeat(20));
    }
    pty.wait_for("Namespaces · wood 2");
    // What the last line names can be clicked, once what was said there has gone.
    pty.wait_for("? help");
    let help = pty
        .look(|screen| screen.rows(0, 120).last().and_then(|line| Some(line.split_once("? help")?.0.chars().count())));
    let help = help.unwrap();
    pty.send(&format!("\x1b[<0;{};40M\x1b[<0;{};40m", help + 2, help + 2));
    pty.wait_for("On the panes");
    pty.send("q");
    pty.send("q");
    assert_eq!(pty.wait_for_end(), 0);
    assert!(pty.look(|screen| screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None));
}

#[test]
fn the_command_line_documents_itself() {
    let run = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_tenantry")).args(arguments).output().unwrap()
    };
    let man = String::from_utf8(run(&["man"]).stdout).unwrap();
    for word in ["whoami", "snapshot", "CONFIG", "readonly"] {
        assert!(man.contains(word), "{word} is not in the manual page");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(String::from_utf8(run(&["completions", shell]).stdout).unwrap().contains("snapshot"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("tenantry")).unwrap();
    let config = |arguments: &[&str]| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_tenantry"));
        program
            .arg("config")
            .args(arguments)
            .env("XDG_CONFIG_HOME", folder.path())
            .env("XDG_STATE_HOME", folder.path());
        let output = program.output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (_, places) = config(&["path"]);
    for file in ["config.toml", "keymap.toml", "theme.toml", "journal.jsonl", "tenantry.log"] {
        let line = places.lines().find(|line| line.contains(file)).unwrap_or_else(|| panic!("{file}: {places}"));
        assert!(line.starts_with(&folder.path().display().to_string()), "{line}");
    }
    // What it says is so without a file changes nothing when it is one.
    for (name, of) in [("config", &["default"][..]), ("theme", &["default", "--theme", "slate"])] {
        fs::write(folder.path().join(format!("tenantry/{name}.toml")), config(of).1).unwrap();
    }
    assert_eq!(config(&["check"]), (true, "nothing is wrong\n".to_owned()));
    fs::write(folder.path().join("tenantry/config.toml"), "theme = \"mos\"\n").unwrap();
    let check = std::process::Command::new(env!("CARGO_BIN_EXE_tenantry"))
        .args(["config", "check"])
        .env("XDG_CONFIG_HOME", folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(check.stderr).unwrap();
    assert!(
        !check.status.success() && said.contains("config.toml:1:9: there is no theme mos; did you mean moss?"),
        "{said}"
    );
}
