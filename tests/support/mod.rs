//! What the live tests stand on: a job's server that misbehaves on purpose ([`job_server`]), a real sshd ([`sshd`]), a
//! scratch home that ssh really uses ([`home`]), and programs that are always limited in time ([`process`], [`paste`]).
//!
//! A test in `tests/` says `mod support;`, one in a folder of its own names the path. What a piece does is shown by `tests/support_selftest/`.
#![allow(dead_code, reason = "each test program compiles this module and uses a part of it")]
#![allow(unused_imports, reason = "the same")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make real files, processes and sockets; only the program itself goes through System"
)]

pub(crate) mod agent;
pub(crate) mod circleci;
pub(crate) mod client;
pub(crate) mod dropbear;
pub(crate) mod gpg;
pub(crate) mod home;
pub(crate) mod image;
pub(crate) mod job_server;
pub(crate) mod keys;
pub(crate) mod other_release;
pub(crate) mod packages;
pub(crate) mod paste;
pub(crate) mod ports;
pub(crate) mod process;
pub(crate) mod sha1;
pub(crate) mod snapshot;
pub(crate) mod sshd;
pub(crate) mod tmux;
pub(crate) mod tokens;

/// Says on standard error, which cargo does not hold back, that a test does not run here, and why.
pub(crate) fn skipped(why: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}
