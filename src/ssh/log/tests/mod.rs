//! Whole logs, written after real ones: what an attempt says of each.

use super::*;

mod any_bytes;
mod decisive;
mod earlier;
mod failures;
mod logs;
mod pasted;
mod proxies;
mod several;

/// Folds a log into an attempt.
fn attempt(log: &str) -> Attempt {
    attempt_of(log.as_bytes())
}

fn attempt_of(log: &[u8]) -> Attempt {
    let mut attempt = Attempt::new("test");
    for logged in Events::new(log) {
        attempt.apply(&logged.expect("slices can be read"));
    }
    attempt.finish();
    attempt
}

/// The text of the line that decided.
fn decisive(attempt: &Attempt) -> &str {
    attempt.decisive.as_ref().map_or("", |seen| seen.text.as_str())
}
