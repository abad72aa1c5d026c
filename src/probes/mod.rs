//! The probes: one file per thing that is looked at.
//!
//! A probe is a function `look(system, …)` that fills one section of the facts. It looks through the one door
//! [`System`](crate::system::System), has a limit for everything that could wait, never prompts, and never judges: what is wrong
//! with what it saw is said by a check. What could not be learnt becomes [`Fact::Unknown`](crate::facts::Fact) with the reason, in words that
//! complete "unknown, because …"; a probe never fails as a whole for one thing it cannot see.
//!
//! To add one: a section in `facts/`, a file here with `look`, tests beside it against a
//! [`Recorded`](crate::system::recorded::Recorded) machine (a Mac and a Windows box where they differ), and its place in the doctor's
//! pipeline, which runs probes side by side. Bytes are understood in `ssh/`, which is pure; a probe only fetches them.
//!
//! Text from files, servers and agents goes through [`text`] before it becomes a fact.

pub mod agent;
pub mod attempt;
pub mod circleci;
pub mod client;
pub mod config;
pub mod dockerfile;
pub mod expand;
pub mod inspect;
pub mod jump;
pub mod keys;
pub mod known_hosts;
pub mod log;
mod log_apart;
pub mod machine;
pub mod master;
pub mod network;
pub mod pin;
pub mod query;
pub mod quiet_ssh;
pub mod terminal;
pub mod text;
pub mod witness;
