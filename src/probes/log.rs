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
mod network;
mod shell;
mod surroundings;
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
    let around = &capture.surroundings;
    let machine = machine::look(attempt, &capture.around);
    let client = client::look(attempt, &machine);
    let target = target::look(capture, asked, &machine);
    let target_files = target.as_ref().map(|target| target.identity_files.clone()).unwrap_or_default();
    Facts {
        agent: agent::look(attempt, &client, &machine, around),
        client,
        config: config::look(attempt, target.as_ref()),
        target,
        key_folder: Fact::unknown("a log shows only the keys that ssh came to"),
        keys: keys::look(attempt, &target_files, &machine, around),
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
