//! `:shell`: a shell with a kubeconfig of its own, which is gone when the shell is, whoever was killed.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::pty::{Pty, tenantry};

/// A console on a context that leads nowhere, of two in its file, and the folder that shells' kubeconfigs are in.
fn console(home: &Path) -> (Pty, PathBuf) {
    console_with(home, "/bin/sh")
}

fn console_with(home: &Path, shell: &str) -> (Pty, PathBuf) {
    let file = home.join("config");
    let text = "apiVersion: v1\nkind: Config\ncurrent-context: there\n\
        clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}, {name: other, cluster: {server: 'https://127.0.0.1:2'}}]\n\
        users: [{name: u, user: {token: mine}}, {name: other, user: {token: others}}]\n\
        contexts: [{name: there, context: {cluster: c, user: u}}, {name: other, context: {cluster: other, user: other}}]\n";
    std::fs::write(&file, text).unwrap();
    let runtime = home.join("run");
    std::fs::create_dir(&runtime).unwrap();
    let arguments = ["--kubeconfig", file.to_str().unwrap(), "-n", "oil-web", "--as", "zoe", "--as-group", "painters"];
    let mut program = tenantry(&arguments);
    for (name, value) in [("SHELL", shell), ("PS1", "ready> "), ("XDG_RUNTIME_DIR", runtime.to_str().unwrap())] {
        program.env(name, value);
    }
    let pty = Pty::run(program, (40, 120));
    pty.wait_for("127.0.0.1:1");
    (pty, runtime.join("tenantry/shells"))
}

/// Opens the shell, and waits until it is ready; returns the folder of its kubeconfig.
fn shell(pty: &Pty, shells: &Path) -> PathBuf {
    pty.send(":shell\r");
    pty.wait("the shell has the terminal", |screen| {
        !screen.alternate_screen()
            && screen.contents().contains("there as zoe, namespace oil-web")
            && screen.contents().contains("ready>")
    });
    let entries: Vec<PathBuf> = std::fs::read_dir(shells).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [folder] = entries.as_slice() else { panic!("{entries:?}") };
    folder.clone()
}

/// The shell whose kubeconfig is in this folder. It is the console's until that has a shell, which may speak sooner.
fn owner(pty: &Pty, folder: &Path) -> Pid {
    let begun = Instant::now();
    loop {
        let text = std::fs::read_to_string(folder.join("pid")).unwrap();
        let owner = Pid::from_raw(text.split(' ').next().unwrap().parse().unwrap()).unwrap();
        if owner != pty.pid() {
            return owner;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "the console has no shell");
        std::thread::yield_now();
    }
}

/// Waits until a folder is gone. Nobody tells when: it is looked at again and again.
fn wait_until_gone(folder: &Path) {
    let begun = Instant::now();
    while folder.exists() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{} is still there", folder.display());
        std::thread::yield_now();
    }
}

#[test]
fn a_shell_goes_where_the_console_goes() {
    let home = tempfile::tempdir().unwrap();
    let (pty, shells) = console(home.path());
    let folder = shell(&pty, &shells);
    let config = folder.join("config");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&config), mode(&folder)), (0o600, 0o700));
    let text = std::fs::read_to_string(&config).unwrap();
    for part in
        ["current-context: there", "token: mine", "namespace: oil-web", "as: zoe", "- painters", "https://127.0.0.1:1"]
    {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("other"), "{text}");
    pty.send("echo \"is it $TENANTRY_CONTEXT $TENANTRY_NAMESPACE\"; test \"$KUBECONFIG\" = ");
    pty.send(&format!("{} && echo so\r", config.display()));
    pty.wait_for("is it there oil-web");
    pty.wait("the kubeconfig is the one", |screen| screen.contents().lines().any(|line| line.trim_end() == "so"));
    pty.send("exit\r");
    pty.wait("the console is back", |screen| screen.alternate_screen() && screen.contents().contains("127.0.0.1:1"));
    wait_until_gone(&folder);
    pty.send("q");
    assert_eq!(pty.wait_for_end(), 0);
}

#[test]
fn a_shell_that_is_killed_leaves_nothing_and_gives_the_terminal_back() {
    let home = tempfile::tempdir().unwrap();
    let (pty, shells) = console(home.path());
    let folder = shell(&pty, &shells);
    kill_process(owner(&pty, &folder), Signal::KILL).unwrap();
    pty.wait("the console is back", |screen| screen.alternate_screen() && screen.contents().contains("127.0.0.1:1"));
    wait_until_gone(&folder);
    pty.send("?");
    pty.wait_for("On the panes");
    pty.send("qq");
    assert_eq!(pty.wait_for_end(), 0);
}

/// The console is the session's first process here: with it the shell loses its terminal, and ends. Somebody has to tidy up.
#[test]
fn a_console_that_is_killed_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (pty, shells) = console(home.path());
    let folder = shell(&pty, &shells);
    pty.signal(Signal::KILL);
    wait_until_gone(&folder);
}

/// Nor does one that is killed before it knows that it has a shell.
#[test]
fn a_console_that_its_shell_kills_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (shell, seen) = (home.path().join("shell"), home.path().join("seen"));
    let script = format!("#!/bin/sh\ncp \"$KUBECONFIG\" {}\nkill -KILL $PPID\ncat\n", seen.display());
    std::fs::write(&shell, script).unwrap();
    std::fs::set_permissions(&shell, std::fs::Permissions::from_mode(0o700)).unwrap();
    let (pty, shells) = console_with(home.path(), shell.to_str().unwrap());
    pty.send(":shell\r");
    assert!(pty.wait_for_death());
    assert!(seen.is_file());
    let folders: Vec<PathBuf> = std::fs::read_dir(shells).unwrap().map(|entry| entry.unwrap().path()).collect();
    for folder in folders {
        wait_until_gone(&folder);
    }
}

/// As long as the shell lives, it has its kubeconfig: also when nobody is left that it could go back to.
#[test]
fn a_shell_that_lives_on_keeps_its_kubeconfig() {
    let home = tempfile::tempdir().unwrap();
    let (pty, shells) = console(home.path());
    let folder = shell(&pty, &shells);
    let shell = owner(&pty, &folder);
    pty.send("trap '' HUP; echo deaf; exec sleep 600\r");
    pty.wait("it is deaf", |screen| screen.contents().lines().any(|line| line.trim_end() == "deaf"));
    pty.signal(Signal::KILL);
    assert!(pty.wait_for_death());
    assert!(folder.join("config").is_file());
    kill_process(shell, Signal::KILL).unwrap();
    wait_until_gone(&folder);
}

/// What was left by everybody who should have removed it goes at the next start.
#[test]
fn what_was_left_goes_at_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let left = home.path().join("run/tenantry/shells/shell-left");
    let lay = || {
        std::fs::create_dir_all(&left).unwrap();
        std::fs::write(left.join("config"), "secret").unwrap();
        std::fs::write(left.join("pid"), "4194303 1\n").unwrap();
    };
    lay();
    let mut program = tenantry(&[]);
    program.env("XDG_RUNTIME_DIR", home.path().join("run"));
    let pty = Pty::run(program, (24, 80));
    pty.wait_for("kubeconfig");
    assert!(!left.exists());
    pty.send("q");
    assert_eq!(pty.wait_for_end(), 0);
}

#[test]
fn the_demo_says_that_a_shell_would_go_nowhere() {
    let pty = Pty::run(tenantry(&["--demo"]), (40, 120));
    pty.wait_for("Tenants 13");
    pty.send(":shell\r");
    pty.wait_for("nobody else could reach it");
    assert!(pty.look(vt100::Screen::alternate_screen));
    pty.send("q");
    assert_eq!(pty.wait_for_end(), 0);
}
