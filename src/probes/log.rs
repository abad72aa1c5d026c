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
//! To read another thing from a log: an event or a field of [`Attempt`] in [`crate::ssh::log`], and the file of its section
//! here.

mod agent;
mod capture;
mod client;
mod config;
mod keys;
mod machine;
mod target;

pub use capture::{Capture, CaptureError};

use crate::{
    facts::{Fact, Facts},
    target::Target,
};

/// The facts that a log shows. `asked` is the target that the user gave beside it, which says more than the log about what
/// was meant.
pub fn look(capture: &Capture, asked: Option<&Target>) -> Facts {
    let attempt = &capture.attempt;
    let machine = machine::look(attempt);
    let target = asked.or(capture.command.as_ref().map(|(_, target)| target));
    let target = target.map(Into::into).or_else(|| target::look(attempt, &machine));
    Facts {
        target,
        client: client::look(attempt, &machine),
        config: config::look(attempt),
        key_folder: Fact::unknown("a log shows only the keys that ssh came to"),
        keys: keys::look(attempt),
        certificates: Fact::unknown("a log does not show what is in a certificate"),
        agent: agent::look(attempt, &machine),
        machine,
        terminal: Fact::unknown("a log does not show the terminal"),
        known_hosts: Fact::unknown("a log does not show known_hosts"),
        network: Fact::unknown("a log shows the network only as ssh met it"),
        server: Fact::unknown("a log shows the server only as ssh met it"),
        attempt: attempt.clone().into(),
        query: Fact::unknown("a log does not show which other keys the server would accept"),
        witness: Fact::unknown("a log has no second witness"),
        ..Facts::default()
    }
}

#[cfg(test)]
mod tests;
