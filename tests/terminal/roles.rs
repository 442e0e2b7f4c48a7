//! What our terminal code does where the program itself offers no way to get there: it must not panic on demand.
//!
//! Each role is a test that is ignored; the test beside it runs this same binary again, in a terminal, with that role alone.
//! With one thread libtest runs it on the main thread, which the panic policy asks for.

use crate::pty::{Pty, command};
use ratatui::Terminal;
use std::io::Stdout;
use std::process::Command;
use tenantry::console::terminal::{Guard, Input, Steady, open, panic};

type Screen = Terminal<Steady<Stdout>>;

fn play(role: &str) -> Pty {
    let program = std::env::current_exe().unwrap();
    let role = format!("roles::{role}");
    Pty::run(
        command(program.to_str().unwrap(), &[&role, "--exact", "--ignored", "--nocapture", "--test-threads=1"]),
        (24, 80),
    )
}

fn enter() -> (Guard, Screen) {
    panic::install(std::env::var_os("HOME").map(Into::into)).unwrap();
    let guard = Guard::enter("a role", false).unwrap();
    (guard, open(true).unwrap())
}

fn show(screen: &mut Screen, text: &str) {
    screen.draw(|frame| frame.render_widget(text, frame.area())).unwrap();
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(future)
}

/// The next character typed.
async fn next_character(inputs: &mut (impl futures_util::Stream<Item = Input> + Unpin)) -> Option<char> {
    use futures_util::StreamExt as _;
    loop {
        match inputs.next().await? {
            Input::Key(key) => return key.text(),
            Input::Paste(_) | Input::Resize(..) | Input::Mouse(..) | Input::Ground(_) => {}
        }
    }
}

#[test]
#[ignore = "a role, played in a terminal of its own"]
fn panics() {
    let (_guard, mut screen) = enter();
    show(&mut screen, "all is well");
    panic!("the sky falls");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_reported() {
    let pty = play("panics");
    pty.wait_for("the sky falls");
    assert_ne!(pty.wait_for_end(), 0);
    // What was written last may be read after the end is known.
    pty.wait_written(0, ": please");
    let bytes = String::from_utf8_lossy(&pty.bytes()).into_owned();
    let left = bytes.find("\x1b[?1049l").unwrap();
    assert!(bytes.find("the sky falls").unwrap() > left, "the report would be lost with the alternate screen");
    assert_eq!(bytes.matches("\x1b[?1049l").count(), 1, "the terminal is given back once");
    let (_, told) = bytes.split_once("tenantry failed, which is a bug: the sky falls").unwrap();
    let (_, told) = told.split_once("saved to ").unwrap();
    let (path, _) = told.split_once(": please").unwrap();
    let report = std::fs::read_to_string(path).unwrap();
    assert!(
        report.starts_with("tenantry ") && report.contains("the sky falls") && !report.contains('\x1b'),
        "{report}"
    );
    assert!(!bytes.contains("BACKTRACE"), "a sentence is said, and no more");
}

#[test]
#[ignore = "a role, played in a terminal of its own"]
fn panics_in_the_background() {
    let (guard, mut screen) = enter();
    run(async {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let _listening = panic::listen(move |crash| tell.send(crash.to_string()).unwrap());
        let mut inputs = guard.inputs();
        tokio::spawn(async { panic!("a leaf \x1b[31mfalls") }).await.unwrap_err();
        show(&mut screen, &told.recv().await.unwrap());
        while next_character(&mut inputs).await != Some('q') {}
    });
}

#[test]
fn a_panic_in_the_background_is_a_message() {
    let pty = play("panics_in_the_background");
    pty.wait_for("a background task failed, which is a bug: a leaf");
    assert!(pty.look(vt100::Screen::alternate_screen), "the console goes on");
    assert!(!pty.look(|screen| screen.contents().contains("RUST_BACKTRACE")), "nothing is written across it");
    pty.send("q");
    assert_eq!(pty.wait_for_end(), 0);
}

#[test]
#[ignore = "a role, played in a terminal of its own"]
fn lets_another_program_ask() {
    let (mut guard, mut screen) = enter();
    run(async {
        let mut inputs = guard.inputs();
        show(&mut screen, "press a key");
        let first = next_character(&mut inputs).await;
        let suspended = guard.suspend().unwrap();
        let asked = "printf 'password? '; read answer; echo \"thanks for $answer\"; read enter";
        Command::new("sh").args(["-c", asked]).status().unwrap();
        suspended.resume().unwrap();
        screen.clear().unwrap();
        show(&mut screen, &format!("back after {}", first.unwrap()));
        let last = next_character(&mut inputs).await;
        show(&mut screen, &format!("then {}", last.unwrap()));
        while next_character(&mut inputs).await != Some('q') {}
    });
}

#[test]
fn another_program_has_the_terminal_for_itself_meanwhile() {
    let pty = play("lets_another_program_ask");
    pty.wait_for("press a key");
    pty.send("x");
    pty.wait_for("password? ");
    pty.wait_until_given_back();
    pty.assert_modes_of_before();
    pty.send("qqq\n");
    pty.wait_for("thanks for qqq");
    pty.send("\n");
    pty.wait_for("back after x");
    assert!(pty.look(vt100::Screen::alternate_screen));
    pty.send("z");
    pty.wait_for("then z");
    pty.send("q");
    assert_eq!(pty.wait_for_end(), 0);
}
