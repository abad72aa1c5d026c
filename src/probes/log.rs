//! A log that somebody sent: what it shows of the machine it came from, and of one login.
//!
//! ```text
//! bytes ─ capture ─▶ last attempt, its command line ─ look ─▶ facts
//! ```
//!
//! The log fills the same sections as a look at the machine does, and no more of them than it shows: file modes, keys that
//! nobody offered, the configuration in force stay unknown, and the checks that need them stay silent. Nothing of *this*
//! machine goes into the facts, since the log may come from any.
//!
//! To read another thing from a log: an event or a field of [`Attempt`](crate::ssh::log::Attempt) in [`crate::ssh::log`],
//! and the file of its section here.

mod agent;
mod capture;
mod client;
mod config;
mod contrast;
mod editor;
mod keys;
mod machine;
mod network;
mod printed;
mod shell;
mod target;

pub use capture::{Capture, CaptureError};

use crate::{
    facts::{Fact, Facts, Log},
    ssh::log::{Outcome, SessionEnd},
    target::Target,
};

/// The facts that logs show: of one, or of the one of two that fails, with the other beside it. `asked` is the target that
/// the user gave beside them, which says more than the log about what was meant.
pub fn look(captures: &[Capture], asked: Option<&Target>) -> Option<Facts> {
    let (judged, other) = choose(captures)?;
    let mut facts = of_one(judged, asked);
    if !works(judged) {
        let other = other.map(|other| contrast::look(&other.attempt));
        facts.contrast = other.or_else(|| contrast::earlier(&judged.attempt));
    }
    Some(facts)
}

/// The log to judge, and the other one: the one that fails, or else the last.
fn choose(captures: &[Capture]) -> Option<(&Capture, Option<&Capture>)> {
    match captures {
        [] => None,
        [only] => Some((only, None)),
        [fails, works_here] if !works(fails) && works(works_here) => Some((fails, Some(works_here))),
        [.., other, last] => Some((last, Some(other))),
    }
}

/// The login was let in, and nothing went wrong behind it.
fn works(capture: &Capture) -> bool {
    let attempt = &capture.attempt;
    let trouble = attempt.session.as_ref().is_some_and(|session| {
        session.program_not_found.is_some()
            || session.no_command_or_pty
            || session.request_failed.is_some()
            || session.channel_failed.is_some()
            || matches!(session.ended, Some(SessionEnd::Lost | SessionEnd::TimedOut))
    });
    attempt.outcome == Outcome::Authenticated && !trouble
}

fn of_one(capture: &Capture, asked: Option<&Target>) -> Facts {
    let attempt = &capture.attempt;
    let printed = &capture.printed;
    let machine = machine::look(attempt, &capture.around);
    let client = client::look(attempt, &machine);
    let target = target::look(capture, asked, &machine);
    let target_files = target.as_ref().map(|target| target.identity_files.clone()).unwrap_or_default();
    let log = Log {
        source: attempt.source.clone(),
        lines: capture.lines,
        attempts: attempt.attempts,
        command: capture.command.as_ref().map(|(seen, _)| seen.clone()),
        interrupted: capture.interrupted.clone(),
        editor: capture.editor.clone(),
        ..Log::default()
    };
    Facts {
        log: Some(log),
        agent: agent::look(attempt, &client, &machine, printed),
        client,
        config: config::look(attempt, target.as_ref()),
        target,
        key_folder: Fact::unknown("a log shows only the keys that ssh came to"),
        keys: keys::look(attempt, &target_files, &machine, printed),
        certificates: Fact::unknown("a log does not show what is in a certificate"),
        machine,
        terminal: Fact::unknown("a log does not show the terminal"),
        known_hosts: network::known_hosts(attempt),
        network: network::look(attempt),
        server: network::server(attempt),
        attempt: attempt.clone().into(),
        query: Fact::unknown("a log does not show which other keys the server would accept"),
        witness: Fact::unknown("a log has no second witness"),
        ..Facts::default()
    }
}

#[cfg(test)]
mod tests;
