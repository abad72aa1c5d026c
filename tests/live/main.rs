//! Whole programs against real servers on loopback: each test sets one fault up, runs `cci-ssh doctor`, and expects that
//! very cause as the first and only root; then it shows with the user's own ssh that the fault is what it is said to be,
//! pastes every printed command into bash, and sees the login work. Healthy set-ups, however unusual, get silence.
//!
//! A test reads like the story of its fault: [`scene`] is the machine and what a person types, [`blocked`] what is
//! expected of the report, [`report`] what holds for every report. To add a fault: a test in the file of its topic, one
//! line here.
//!
//! # Faults
//!
//! - `faults/keys.rs`: another key than the right one is offered; the right key has a name of its own; no key at all;
//!   keys that the job does not know; a file that others may read; Windows line ends; no line end at the end; a file cut
//!   off; a PuTTY key; the public half given as the private one; a public half of another key; a file that is not
//!   there, after `-i` and in the configuration; RSA that only SHA-1 could serve; DSA; RSA shorter than allowed; an
//!   encrypted key under BatchMode.
//! - `faults/certificates.rs`: a certificate that has run out, is not valid yet, or is for somebody else.
//! - `faults/agents.rs`: the right key hidden by IdentitiesOnly, with and without a public half on disk; too many keys
//!   before it; the agent that had it is dead, locked, empty, refuses, wants a confirmation, or never answers; an
//!   IdentityAgent that is not there.
//! - `faults/config.rs`: options unknown, new, Apple's; bad values; unknown algorithms; a Match that ssh does not know; a
//!   byte-order mark; a file that others may write to; public keys switched off in two ways; key types excluded; a
//!   HostName that leads elsewhere; AddressFamily; BindAddress; RemoteCommand beside a command; a ControlPath without a
//!   folder; a frozen master connection; a token that ssh does not know.
//! - `faults/algorithms.rs`: lists pinned by the user that the server cannot meet, and servers that are old, each for key
//!   exchange, ciphers, MACs and host keys.
//! - `faults/proxies.rs`: a jump host that refuses the connection, one that refuses the login, one that jumps over
//!   itself; a proxy program that does not exist; CircleCI's proxy without and with the wrong user.
//! - `faults/network.rs`: refused; no answer; no such name; no resolver; no way.
//! - `faults/greetings.rs`: HTTP, a captive portal, TLS, SSH 1; silence before and after the greeting and in the key
//!   exchange; closed and reset before it; turned away in words; closed during the login; damaged packets.
//! - `faults/host_keys.rs`: changed; unknown under strict checking; unknown and not to be asked; revoked; not the printed
//!   one.
//! - `faults/servers.rs`: passwords only; a user that the configuration changes.
//! - `faults/clients.rs`: no ssh; an ssh that does not start, for two reasons; root's keys under sudo; another $HOME.
//! - `faults/commands.rs`: `-P`, `host:port`, a typographic dash, no port; a shell's builtin as the command; Warp's wrapper.
//! - `faults/enable_ssh.rs`: a step without a key, not ready yet, of another machine.
//!
//! # Healthy set-ups
//!
//! - `healthy/keys.rs`: RSA on a modern server; an encrypted key; keys in `~/.ssh` that nobody uses and that are damaged,
//!   open to others or foreign; a path with spaces; a certificate; three kinds beside each other.
//! - `healthy/agents.rs`: the key only in the agent; many keys, the right one first; a pinned public half; a dead agent
//!   and a hung one beside a good key; a forwarded-looking socket path.
//! - `healthy/config.rs`: Include and Match; a host alias; strict checking with a known key; a shared connection without
//!   its master; odd spelling; a symlinked `~/.ssh`; no `~/.ssh`.
//! - `healthy/ways.rs`: ProxyJump through a real sshd; ProxyCommand; IPv6; CircleCI's proxy; a real sshd; greetings that
//!   mislead; lines before the greeting; the Enable SSH step's text.
//! - `healthy/known_hosts.rs`: entries of other ports, hashed entries, a broken line, the known key.
//! - `healthy/surroundings.rs`: an alias for ssh; Warp with its wrapper off; tmux; another $HOME; two ssh on PATH; no
//!   target at all, with and without `--offline`.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make real files and processes; only the program goes through System"
)]

mod blocked;
mod faults;
mod healthy;
mod imitations;
mod odd_names;
mod report;
mod scene;
mod side_effects;
#[path = "../support/mod.rs"]
mod support;
mod unusual_options;

/// What ssh says when a job lets nobody in.
const DENIED: &str = "Permission denied (publickey).";
