//! The built program in a pseudo-terminal: what only a terminal can tell. Few tests, since each costs a process; what a screen
//! shows is the business of `tests/screens`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where it stopped")]
#![allow(clippy::panic, reason = "as above")]

mod demo;
mod looks;
mod prompt;
mod pty;
mod roles;
mod shell;

use pty::{Pty, command, tenantry};
use rustix::process::Signal;
use std::time::Duration;

/// The console without a kubeconfig: it comes up, says so, and waits.
fn console() -> Pty {
    let pty = Pty::run(tenantry(&[]), (24, 80));
    pty.wait_for("kubeconfig");
    pty
}

#[test]
fn it_starts_without_a_kubeconfig_and_says_so() {
    let pty = console();
    assert!(pty.look(vt100::Screen::alternate_screen));
    assert!(pty.look(vt100::Screen::hide_cursor));
    assert!(pty.look(vt100::Screen::bracketed_paste));
}

#[test]
fn q_quits_and_gives_the_terminal_back() {
    let pty = console();
    pty.send("q");
    assert_eq!(pty.wait_for_end(), 0);
}

#[test]
fn ctrl_c_quits_too() {
    let pty = console();
    pty.send("\x03");
    assert_eq!(pty.wait_for_end(), 0);
}

#[test]
fn signals_end_it_in_good_order() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131)] {
        let pty = console();
        pty.signal(signal);
        assert_eq!(pty.wait_for_end(), code, "{signal:?}");
    }
}

#[test]
fn it_stops_and_goes_on_as_shells_expect() {
    let pty = console();
    pty.signal(Signal::TSTP);
    pty.wait_until_given_back();
    pty.wait_until_stopped();
    pty.signal(Signal::CONT);
    pty.wait("the screen is back", |screen| screen.alternate_screen() && screen.contents().contains("kubeconfig"));
    pty.send("q");
    assert_eq!(pty.wait_for_end(), 0);
}

/// To the shell and back, as somebody types it.
#[test]
fn a_shell_gets_the_terminal_and_fg_brings_the_console_back() {
    let mut shell = command("/bin/sh", &["-i"]);
    shell.env("PS1", "ready> ");
    let pty = Pty::run(shell, (40, 120));
    pty.wait_for("ready>");
    pty.send(&format!("{} --demo\r", env!("CARGO_BIN_EXE_tenantry")));
    pty.wait_for("Tenants 13");
    pty.send(":bg\r");
    pty.wait("the shell says that it is stopped", |screen| {
        !screen.alternate_screen() && screen.contents().contains("Stopped")
    });
    pty.send("fg\r");
    pty.wait("the console is back", |screen| screen.alternate_screen() && screen.contents().contains("Tenants 13"));
    pty.send("j");
    pty.wait_for("Namespaces · coal");
    pty.send("q");
    // What is typed before the shell has the terminal again is nobody's.
    pty.wait("the shell is back", |screen| {
        !screen.alternate_screen() && screen.contents().trim_end().ends_with("ready>")
    });
    pty.send("echo code $?\r");
    pty.wait_for("code 0");
}

/// A window that is closed, a line that is cut: nobody is there any more to be told anything.
#[test]
fn a_terminal_that_is_closed_ends_it_without_a_report() {
    let home = tempfile::tempdir().unwrap();
    let mut program = tenantry(&["--demo"]);
    for (name, value) in [("HOME", home.path().as_os_str()), ("TERM", "xterm-256color".as_ref())] {
        program.env(name, value);
    }
    assert!([0, 129].contains(&pty::end_of_closed(program, "Tenants 13")));
    let state = home.path().join(".local/state/tenantry");
    let left: Vec<_> = std::fs::read_dir(state).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("panic-")), "{left:?}");
}

#[test]
fn it_takes_the_terminal_again_after_another_stopped_it() {
    let pty = console();
    pty.signal(Signal::STOP);
    pty.wait_until_stopped();
    let before = pty.bytes().len();
    pty.signal(Signal::CONT);
    // A shell may have changed the terminal meanwhile.
    pty.wait_written(before, "\x1b[?1049h");
    pty.wait_written(before, "No cluster is open");
    pty.send("?");
    pty.wait_for("On the panes");
}

#[test]
fn it_fills_the_terminal_whatever_its_size() {
    let pty = console();
    for (rows, columns) in [(40, 120), (24, 80), (10, 30), (50, 200)] {
        pty.resize(rows, columns);
        pty.wait(&format!("{columns} columns and {rows} rows are used"), |screen| {
            let rest: Vec<_> = screen.rows(0, columns).collect();
            let last = rest.last().is_some_and(|line| !line.trim().is_empty());
            let wide = screen.rows(columns / 2, columns - columns / 2).any(|line| !line.trim().is_empty());
            last && wide
        });
    }
    let bytes = pty.bytes();
    assert!(!bytes.windows(4).any(|part| part == b"\x1b[6n"), "a resize asks the terminal nothing");
}

/// A window that is dragged: hundreds of sizes, faster than anybody draws. The last one is what is on the screen.
#[test]
fn a_storm_of_sizes_ends_in_a_whole_screen() {
    let pty = Pty::run(tenantry(&["--demo"]), (40, 120));
    pty.wait_for("Tenants 13");
    for step in 0..300_u16 {
        pty.resize(5 + step % 50, 10 + (step * 7) % 190);
    }
    pty.resize(24, 80);
    pty.wait("the last size is drawn, with nothing of another on it", |screen| {
        let rows: Vec<String> = screen.rows(0, 80).collect();
        let whole = |row: &String| row.chars().count() == 80;
        let frame = rows.iter().filter(|row| row.starts_with(['┃', '│']) && whole(row)).count();
        rows.len() == 24 && frame > 15 && rows.last().is_some_and(|row| row.contains("? help"))
    });
    pty.send("q");
    assert_eq!(pty.wait_for_end(), 0);
}

#[test]
fn pasted_text_is_no_command() {
    let pty = console();
    pty.send("\x1b[200~q:quit\r\x1b[201~");
    pty.send("?");
    pty.wait_for("On the panes");
    assert!(pty.runs());
}

#[test]
fn pasted_text_is_no_command_even_when_its_mark_is_cut() {
    let pty = console();
    // Two reads, as on a slow line, unless the machine is slower still.
    pty.send("\x1b");
    pty.send("[200~q\x03q\x1b[201~");
    // A paste whose beginning was cut ends when it is quiet.
    pty.is_silent_for(Duration::from_millis(500));
    pty.send("?");
    pty.wait_for("On the panes");
    assert!(pty.runs());
}

#[test]
fn frames_leave_whole_and_an_idle_screen_is_silent() {
    let pty = console();
    pty.send("?");
    pty.wait_for("On the panes");
    pty.is_silent_for(Duration::from_millis(500));
    assert!(pty.is_silent_for(Duration::from_secs(2)), "nothing changes, and still bytes are written");
    let bytes = String::from_utf8_lossy(&pty.bytes()).into_owned();
    let (begun, ended) = (bytes.matches("\x1b[?2026h").count(), bytes.matches("\x1b[?2026l").count());
    assert!(begun > 0 && begun == ended, "{begun} frames begun, {ended} ended");
}

#[test]
fn without_a_shell_there_is_nothing_to_suspend_to() {
    let pty = console();
    pty.send(":bg\r");
    pty.wait_for("no shell");
    assert!(pty.runs());
    assert!(pty.look(vt100::Screen::alternate_screen));
}

#[test]
fn no_color_is_obeyed_and_states_keep_their_marks() {
    let mut command = tenantry(&[]);
    command.env("NO_COLOR", "1");
    let pty = Pty::run(command, (24, 80));
    pty.wait_for("kubeconfig");
    pty.send("?");
    pty.wait_for("On the panes");
    let (rows, columns) = pty.look(vt100::Screen::size);
    let cells = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
    let marked = cells.filter(|(row, column)| {
        pty.look(|screen| {
            let cell = screen.cell(*row, *column).unwrap();
            let plain = (vt100::Color::Default, vt100::Color::Default);
            assert_eq!((cell.fgcolor(), cell.bgcolor()), plain, "row {row}, column {column}");
            cell.bold() || cell.inverse() || cell.underline() || cell.dim()
        })
    });
    assert!(marked.count() > 0, "bold, reverse and dim are no colours");
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tenantry")).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("terminal") && said.contains("snapshot"), "{said}");
    assert!(!said.contains('\x1b') && output.stdout.is_empty(), "{said:?}");
}
