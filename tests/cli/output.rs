//! Terminals, pipes, colours, and what strangers write.

use std::fs;

use crate::expect_look;
use crate::support::home::Home;
use crate::support::job_server::{JobServer, Options};
use crate::support::ports::RefusedPort;
use crate::support::process::Outcome;

/// A report on a terminal of this width, without the questions of a terminal.
fn on_a_terminal(home: &Home, columns: u32, words: &str) -> String {
    let line = format!("stty rows 24 cols {columns}; {} {words} 2>/dev/null", env!("CARGO_BIN_EXE_cci-ssh"));
    home.paste(&line, &[]).output
}

#[test]
fn narrow_and_wide_terminals() {
    let home = Home::new();
    let closed = RefusedPort::new();
    let words = format!("doctor --color never -p {} 127.0.0.1", closed.port);
    for columns in [20, 40, 80, 100] {
        let text = on_a_terminal(&home, columns, &words);
        // A word that is longer than the line cannot be broken without harm: addresses, commands.
        let breakable = |line: &&str| line.trim().contains(' ') && !line.contains("ssh -");
        let long: Vec<_> =
            text.lines().filter(breakable).filter(|line| line.chars().count() > columns as usize).collect();
        assert!(long.is_empty() && text.contains("refused"), "{columns}: {long:#?}\n{text}");
    }
    let text = on_a_terminal(&home, 300, &words);
    assert!(text.lines().all(|line| line.chars().count() <= 100 || line.contains("ssh ")), "{text}");
}

#[test]
fn colours() {
    let mut home = Home::new();
    let coloured = |outcome: &Outcome| outcome.stdout.contains("\u{1b}[");
    assert!(!coloured(&home.doctor(["--offline"])), "not in a pipe");
    assert!(coloured(&home.doctor(["--offline", "--color", "always"])));
    assert!(!coloured(&home.doctor(["--offline", "--color", "always", "--format", "json"])), "not in JSON");
    assert!(on_a_terminal(&home, 80, "doctor --offline").contains("\u{1b}["));
    home.set_env("CLICOLOR_FORCE", "1");
    assert!(coloured(&home.doctor(["--offline"])));
    home.set_env("NO_COLOR", "1");
    assert!(!coloured(&home.doctor(["--offline"])), "NO_COLOR wins");
    assert!(!on_a_terminal(&home, 80, "doctor --offline").contains("\u{1b}[3"));
}

#[test]
fn nothing_of_the_progress_stays_in_a_pipe() {
    let home = Home::new();
    let closed = RefusedPort::new();
    let outcome = home.doctor(["-p", &closed.port.to_string(), "127.0.0.1"]);
    assert_eq!(outcome.stderr, "", "{outcome:#?}");
    assert!(!outcome.stdout.contains('\r') && outcome.stdout.ends_with('\n'), "{outcome:#?}");
}

#[test]
fn a_reader_that_has_gone() {
    let home = Home::new();
    for command in ["doctor", "doctor --format json", "checks", "explain no-key-found", "man", "completions bash"] {
        let line = format!("{} {command} 2>err | head -c 0; cat err >&2", env!("CARGO_BIN_EXE_cci-ssh"));
        let outcome = home.run("bash", ["-c", &line]);
        assert!(!outcome.stderr.contains("panicked") && !outcome.stderr.contains("error"), "{command}: {outcome:#?}");
    }
    let full = format!("{} doctor >/dev/full", env!("CARGO_BIN_EXE_cci-ssh"));
    home.run("bash", ["-c", &full]).expect_code(2).expect_text("cannot be written");
}

/// What strangers write reaches a terminal without its control characters.
#[test]
fn hostile_text_is_harmless() {
    let mut home = Home::new();
    home.keygen(".ssh/id_ed25519", "ed25519");
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31mred\u{202e}";
    fs::write(home.join(format!(".ssh/{}", "key\u{1b}[31m\n$(touch pwned)")), "x").expect("our own folder");
    let options = Options::new().auth_banner(evil).lines_before_greeting(&[evil]).greeting("SSH-2.0-\u{1b}[31mGo");
    let server = JobServer::start(options);
    let port = server.port().to_string();
    for format in ["text", "json"] {
        let outcome = home.doctor(["--verbose", "--format", format, "-p", &port, "127.0.0.1"]);
        expect_look(&outcome);
        let bad = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!outcome.stdout.contains(bad) && !outcome.stderr.contains(bad), "{outcome:#?}");
    }
    assert!(!home.join("pwned").exists());
}
