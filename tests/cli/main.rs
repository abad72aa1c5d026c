//! The program at its edges: bad input, odd terminals, exit codes, and the commands beside `doctor`. What it finds out on
//! real servers is shown in `tests/live`.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make real files and processes; only the program goes through System"
)]

mod commands;
mod documents;
mod lint;
mod machines;
mod output;
#[path = "../support/mod.rs"]
mod support;
mod targets;

use support::home::Home;
use support::process::{Outcome, TIME_LIMIT, run_with};

/// It could not do its work: exit code 2, one sentence on stderr that begins with `error:`, nothing on stdout, no panic.
#[track_caller]
fn expect_refusal(outcome: &Outcome, words: &str) {
    outcome.expect_code(2);
    assert_eq!(outcome.stdout, "", "{outcome:#?}");
    assert!(outcome.stderr.starts_with("error: ") && outcome.stderr.contains(words), "{words:?}: {outcome:#?}");
    assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
}

/// It looked: exit code 0 or 1, no panic.
#[track_caller]
fn expect_look(outcome: &Outcome) {
    assert!(matches!(outcome.code(), Some(0 | 1)) && !outcome.stderr.contains("panicked"), "{outcome:#?}");
}

/// Standard input for one of our commands.
fn with_input(home: &Home, words: &[&str], input: &str) -> Outcome {
    let mut command = home.command(env!("CARGO_BIN_EXE_cci-ssh"));
    command.args(words);
    run_with(command, input.as_bytes(), TIME_LIMIT)
}
