//! What `ssh` says about a login, as typed events, and how far the login came.
//!
//! ```text
//! bytes ─ decode ─▶ UTF-8 ─ lines ─▶ line ─ line ─▶ cleaned line, level ─ join, wording ─▶ Event ─ attempt ─▶ Attempt
//! ```
//!
//! [`Events`] reads a whole log (or [`Parser::line`] one line) and gives a [`Logged`] event for every line: an unknown
//! line is [`Event::Other`], never an error. [`Attempt::apply`] folds events into one value and forgets them, so memory
//! does not grow with the log: every list and every text in an attempt has a limit.
//!
//! ```
//! use cci_ssh::ssh::log::{Attempt, Events, Outcome};
//!
//! let log = b"debug1: Next authentication method: publickey\r\nana@203.0.113.7: Permission denied (publickey).\r\n";
//! let mut attempt = Attempt::new("ssh -v");
//! for logged in Events::new(&log[..]) {
//!     attempt.apply(&logged.expect("a slice can always be read"));
//! }
//! assert_eq!(attempt.outcome, Outcome::Refused);
//! assert_eq!(attempt.denied.expect("the line names whom").host.as_deref(), Some("203.0.113.7"));
//! ```
//!
//! # Adding a wording of a known event
//!
//! Find the event in [`event`]; its doc comment names the function of OpenSSH that prints it. The matcher is in the file
//! of `wording/` for that part of the way: add the new sentence there, beside the others, with the version or platform
//! that says it, and a line for it in that file's tests. Match what the sentence means, not all its words: names of
//! functions (`kex_exchange_identification:`) come and go, so compare [`Line::message`], which has none.
//! Reasons (`Connection refused`, `Operation timed out`) are read in `reason.rs`, for all platforms at once.
//!
//! # Adding an event
//!
//! A variant in [`event`] with the function that prints it, a matcher in `wording/`, and, if it says how far the login
//! came, a line in `attempt/fold/`. What a check shall read goes into [`Attempt`]; keep a [`Seen`] with every
//! conclusion, so that the report can show the line.
//!
//! Mind the level. `debug1: connect to address … refused` is one address of several, `ssh: connect to host … refused`
//! is the end; `debug1: … banner line 0: Permission denied` is the server's text. Each level has its own list, so
//! a server's words cannot pass for the client's where the two can be told apart.

mod around;
pub mod attempt;
mod bytes;
mod decode;
pub mod event;
#[doc(hidden)]
pub mod invariants;
mod join;
mod line;
mod lines;
mod parser;
mod reason;
mod server;

mod terminal;
mod text;
mod trouble;
mod wording;

#[cfg(test)]
mod tests;

pub use super::seen::Seen;
pub use attempt::{
    AgentSeen, AgentState, Attempt, Client, ClientProblem, ClientProblemKind, ConfigProblem, Connect, Denied, Detail,
    Disconnect, Earlier, HostKey, HostKeyState, IdentityFile, InsteadOfGreeting, Jump, LoadFailure, Needs, NoMatch,
    Offer, OfferOutcome, Outcome, Planned, Prompted, Proposal, ProviderFailure, Proxy, Resolve, Server, Session,
    SessionEnd, SessionTrouble, Skipped, Stage, Target, Typed, Waiting, place,
};
pub use decode::{Decoded, Encoding};
pub use event::{Event, KeyDescription, Negotiated};
pub use line::Line;
pub use parser::{Events, Logged, Parser};
pub use reason::{ConnectReason, LoadReason, ProviderReason, ResolveReason, SignReason, SkipReason};
pub use server::is_servers;
pub use text::host_port;
pub use trouble::Trouble;
pub(crate) use wording::Beginnings;
