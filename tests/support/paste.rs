//! Pastes a command line into bash at a pseudo-terminal, as a person does, with script(1) holding the other end.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::home::Home;
use super::process::{TIME_LIMIT, end};

/// bash without anybody's start files.
pub(crate) const BASH: &str = "bash --noprofile --norc";

/// What the person saw and how it ended.
#[derive(Debug)]
pub(crate) struct Pasted {
    /// Everything on the terminal, both streams, echo included, line ends as `\n`.
    pub(crate) output: String,
    /// The exit status of the text as bash reports it; None: its time was up.
    pub(crate) code: Option<i32>,
}

impl Pasted {
    #[track_caller]
    pub(crate) fn expect_text(&self, text: &str) -> &Self {
        assert!(self.output.contains(text), "expected {text:?} in\n{}\n(exit code {:?})", self.output, self.code);
        self
    }

    #[track_caller]
    pub(crate) fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}", self.output);
        self
    }
}

/// Runs `text` in bash under a terminal. For each of `answers`, in order: when the first text shows in the output after
/// what the answer before it waited for, the second is typed (an empty first text: at once). Nothing is typed after that.
pub(crate) fn paste(home: &Home, text: &str, answers: &[(&str, &str)]) -> Pasted {
    run(home, BASH, text, &mut InOrder { answers, read_to: 0 }, TIME_LIMIT)
}

/// The same for questions that may come in any order, more than once, or not at all: each of `answers` is typed whenever its
/// first text shows. After `limit` everything is ended. `shell` is the command that runs the text, [`BASH`] for one.
pub(crate) fn paste_as_asked(
    home: &Home,
    shell: &str,
    text: &str,
    answers: &[(&str, &str)],
    limit: Duration,
) -> Pasted {
    run(home, shell, text, &mut AsAsked { answers, read_to: 0 }, limit)
}

/// What is typed next.
trait Person {
    fn answer(&mut self, seen: &[u8]) -> Option<&str>;
}

/// Answers in order, each once.
struct InOrder<'a> {
    answers: &'a [(&'a str, &'a str)],
    read_to: usize,
}

impl Person for InOrder<'_> {
    fn answer(&mut self, seen: &[u8]) -> Option<&str> {
        let ((wanted, answer), rest) = self.answers.split_first()?;
        self.read_to += find(&seen[self.read_to..], wanted.as_bytes())? + wanted.len();
        self.answers = rest;
        Some(answer)
    }
}

struct AsAsked<'a> {
    answers: &'a [(&'a str, &'a str)],
    read_to: usize,
}

impl<'a> Person for AsAsked<'a> {
    fn answer(&mut self, seen: &[u8]) -> Option<&str> {
        let found = |(wanted, answer): &(&'_ str, &'a str)| {
            find(&seen[self.read_to..], wanted.as_bytes()).map(|at| (at, at + wanted.len(), *answer))
        };
        let (_, end, answer) = self.answers.iter().filter_map(found).min_by_key(|(at, ..)| *at)?;
        self.read_to += end;
        Some(answer)
    }
}

fn run(home: &Home, shell: &str, text: &str, person: &mut dyn Person, limit: Duration) -> Pasted {
    // Beside the home, so that a snapshot of the home does not see it.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("pasted");
    std::fs::write(&file, text).expect("a temporary file");
    let command = format!("exec {shell} {}", shlex::try_quote(&file.to_string_lossy()).expect("a path"));
    // Its own session comes from script(1); the group is for ending it.
    let mut child = Command::new("script")
        .args(["-q", "-e", "-c", &command, "/dev/null"])
        .env_clear()
        .envs(home.environment())
        .env("SHELL", "/bin/sh")
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("script(1) is installed (util-linux, bsdutils); `tests/run` says what the tests need");
    let stdin = child.stdin.take().expect("a pipe was asked for");
    let output = read(&mut child);
    converse(child, stdin, &output, person, Instant::now() + limit)
}

fn read(child: &mut Child) -> Receiver<Vec<u8>> {
    let mut stdout = child.stdout.take().expect("a pipe was asked for");
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stdout.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

fn converse(
    mut child: Child,
    mut stdin: ChildStdin,
    output: &Receiver<Vec<u8>>,
    person: &mut dyn Person,
    limit: Instant,
) -> Pasted {
    let mut seen = Vec::new();
    // The input stays open to the end: at its end script(1) would type ^D.
    let finished = loop {
        while let Some(answer) = person.answer(&seen) {
            let _ = stdin.write_all(answer.as_bytes());
        }
        match output.recv_timeout(limit.saturating_duration_since(Instant::now())) {
            Ok(chunk) => seen.extend(chunk),
            Err(RecvTimeoutError::Disconnected) => break true,
            Err(RecvTimeoutError::Timeout) => break false,
        }
    };
    let code = if finished { wait(&mut child) } else { None };
    end(&mut child);
    Pasted { output: String::from_utf8_lossy(&seen).replace("\r\n", "\n"), code }
}

fn wait(child: &mut Child) -> Option<i32> {
    use wait_timeout::ChildExt;
    child.wait_timeout(Duration::from_secs(5)).ok().flatten().and_then(|status| status.code())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    if wanted.is_empty() {
        return Some(0);
    }
    text.windows(wanted.len()).position(|window| window == wanted)
}
