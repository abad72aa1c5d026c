//! Whole programs against real servers on loopback: each test sets one fault up, runs `cci-ssh doctor`, and expects that
//! very cause as the first and only root; then it shows with the user's own ssh that the fault is what it is said to be,
//! pastes every printed command into bash, and sees the login work. Healthy set-ups, however unusual, get silence.
//!
//! A test reads like the story of its fault: [`scene`] is the machine and what a person types, [`blocked`] what is
//! expected of the report, [`report`] what holds for every report; [`record`] writes down what ssh says in it, for
//! `tests/logs`, when it is asked to. To add a fault: a test in the file of its topic, one
//! line here.
//!
//! # Faults
//!
//! - `faults/keys.rs`: another key than the right one is offered, by default or after `-i`; the right key has a name of its
//!   own (with a space, a passphrase, in a folder below, in the old format, without its public half); no key at all; keys
//!   that the job does not know; a file that is not there, after `-i` and in the configuration; an IdentityFile line, or
//!   `IdentityFile none`, that switches the usual names off; an encrypted key under BatchMode.
//! - `faults/sha1.rs`: RSA (on disk, in the agent, with a certificate) that only SHA-1 could serve, a host key too, both; such
//!   a server that knows another key, or none; a server without RSA; an agent that signs with SHA-1 whatever it is asked.
//! - `faults/key_files.rs`: a file that others may read; Windows line ends; no line end at the end; no line breaks; UTF-16;
//!   text before the key; a file cut off; an empty one; a PuTTY key; the public half given as the private one, with and
//!   without a private one; a public half of another key; DSA; RSA shorter than allowed.
//! - `faults/key_formats.rs`: everything else that can stand in the place of a key: line breaks, letters and marks that were
//!   replaced, base64 once more, quotes, indentation; PuTTY's and ssh.com's formats; a type or format that this ssh does
//!   not read; certificates, PGP, age; a folder; the public half in RFC 4716.
//! - `faults/passphrases.rs`: nobody to ask, no program to ask with, and set-ups that only look so.
//! - `faults/security_keys.rs`: no device, no library, a wrong one, and that the doctor waits for no touch.
//! - `faults/pkcs11.rs`: no library, a wrong one, no token, no PIN, keys hidden by IdentitiesOnly, and healthy logins.
//! - `faults/certificates.rs`: a certificate that has run out, is not valid yet, is for somebody else, for nobody, for hosts,
//!   for other addresses, of another key, signed with SHA-1, of an authority that is not trusted; the same in the agent.
//! - `faults/agents.rs`: the right key hidden by IdentitiesOnly, with and without a public half on disk; too many keys
//!   before it, in the agent and in the configuration; the agent that had it is dead, gone, locked, empty, wants a
//!   confirmation, or never answers, also where a good key lies on disk; an IdentityAgent that is not there; one switched
//!   off; RSA in the agent that only SHA-1 could serve.
//! - `faults/other_agents.rs`: the right key is in an agent that ssh does not ask: one that the shell does not name, one beside
//!   the shell's, one of tmux, one left over, one that the configuration keeps away; keys there behind many others, and none
//!   that the job knows; agents that hang, gpg-agent with and without its pinentry, agents of other users.
//! - `faults/refused_config.rs`: options unknown (here and in an included file), newer than this ssh, Apple's; bad values;
//!   unknown algorithms; a Match that ssh does not know; a byte-order mark; a file that others may write to, or that belongs
//!   to somebody else; two bad lines; a file that includes itself; a token that ssh does not know; the same without a target.
//! - `faults/config.rs`: public keys switched off in two ways; key types excluded, on disk and in the agent; an
//!   agent's RSA key shorter than allowed; a HostName that leads elsewhere;
//!   AddressFamily; BindAddress; RemoteCommand beside a command; a fault under LogLevel QUIET.
//! - `faults/sharing.rs`: a ControlPath without a folder, one too long, a frozen master connection.
//! - `faults/algorithms.rs`: lists pinned by the user (in the configuration, on the command line) that the server cannot
//!   meet, and servers that are old, each for key exchange, ciphers, MACs and host keys, and all at once.
//! - `faults/dropbear.rs`: a dozen faults against dropbear.
//! - `faults/penalties.rs`: an sshd that shuts out addresses which fail often.
//! - `faults/proxies.rs`: a jump host that refuses the connection, one that refuses the login, one that forbids going on, one
//!   that jumps over itself, a good one before a job that is gone; a proxy program that does not exist, one that fails;
//!   CircleCI's proxy without a user, with the configuration's, with another one typed before it.
//! - `faults/network.rs`: refused; no answer, with and without ssh's own limit; no such name; no resolver; no way.
//! - `faults/greetings.rs`: HTTP, a captive portal, TLS, text, SSH 1; silence before and after the greeting and in the key
//!   exchange; closed and reset before it; turned away in words; closed during the login; damaged packets; a signature that
//!   does not fit.
//! - `faults/host_keys.rs`: changed (plainly, hashed, in another file, under an alias, with the step's fingerprint, in a
//!   line for other hosts too, in two files, beside lines that must stay); unknown under strict checking; unknown and not to
//!   be asked; revoked; not the printed one; too short; a certificate for another name, one that has run out.
//! - `faults/servers.rs`: passwords only; a second proof; keys of another type only; one, two or three tries only;
//!   a user that the configuration changes; no public keys at all; accounts and files of the server that refuse a good key.
//! - `faults/clients.rs`: no ssh (a key on disk, in the agent, an agent that hangs, a host key that is another); an ssh that
//!   does not start, for two reasons; root's keys under sudo; another $HOME.
//! - `faults/commands.rs`: `-P`, `host:port`, a typographic dash, no port, an unknown `-o`; no terminal and no command.
//! - `faults/senders.rs`: what a job cannot run, and who sends it: the command line, RemoteCommand, Warp's wrapper, kitty's
//!   kitten, an alias, a function, two of them at once; in bash and in zsh.
//! - `faults/enable_ssh.rs`: a step without a key, one that has printed nothing yet.
//! - `sessions.rs`: what goes wrong after the login, which the doctor does not try: no session, no terminal, no shell, no such
//!   program, the end of the job, a network that breaks off.
//! - `query/`: the second connection: what the server is asked about (certificates, keys in folders below, of other hosts), when
//!   it hangs up, whom the keys are shown to, what must not be believed or harmed, and the way without an agent's socket.
//! - `circleci/`: a job that CircleCI is asked about, through a fake of it: `causes.rs` and `remarks.rs` have a job for each check,
//!   `facts.rs`, `addresses.rs`, `faults.rs`, `secrets.rs`, `tls.rs` and `latency.rs` what is asked, answered and kept; `rerun.rs`, `jobs.rs`,
//!   `plugin.rs` the commands.
//! - `session/`: what a login shell makes of what the image set, in images of seven families with real shells (as root; elsewhere
//!   they say that they are skipped). `resets.rs` names the file that takes a variable and runs the printed line in the image, `ends.rs`
//!   shells that never come to a prompt, `healthy.rs` images that get silence, `hostile.rs` jobs that hang, lack programs or lie,
//!   `dockerfiles.rs` `cci-ssh lint --dockerfile` against the images that are built of them, `profiles.rs` what a log shows of a start
//!   file, `logins.rs` and `parser.rs` the line and the reading of start files against real shells.
//! - `connect/`: `cci-ssh connect`: what is added to ssh's words and what is not, at terminals and in pipes.
//! - `other_sshds.rs`: faults and odd set-ups against the sshd of an older release and of two newer ones.
//! - `inspect.rs`: jobs that are looked into (`--inspect-session`), with the profiles and shells of real images.
//! - `imitations.rs`, `odd_names.rs`, `side_effects.rs`, `waiting.rs`: hostile servers and names, and what the doctor must not do.
//!
//! # Healthy set-ups
//!
//! - `healthy/keys.rs`: RSA on a modern server; three kinds beside each other; an encrypted key, with its public half, without,
//!   and where nobody can see it; OpenSSL's format; files in `~/.ssh` that nobody uses and that are damaged, open to others
//!   or foreign; an old DSA key; a path with spaces and quotes; a broken public half; a certificate that is valid, one that
//!   has run out beside a known key, a broken one.
//! - `healthy/agents.rs`: the key only in the agent; many keys, the right one first; a pinned public half, in the
//!   configuration and after `-i`; a dead agent, one that is gone, an empty one, one switched off, another than
//!   SSH_AUTH_SOCK's, and no agent at all where the variable says one is, each beside a good key; a key encrypted on disk and
//!   open in the agent.
//! - `healthy/config.rs`: Include and Match; a host alias; odd spelling; Windows line ends; a linked `~/.ssh`, linked files, no
//!   `~/.ssh`; strict checking with a known key, no checking; a shared connection without its master, with a dead one, with
//!   a live one, with a live one whose key is gone; missing key files; a RemoteCommand; pinned lists that fit; tokens and variables; providers that are not there;
//!   a User that jobs ignore; options that print more or less.
//! - `healthy/ways.rs`: ProxyJump through a real sshd, in the configuration and after `-J`; ProxyCommand; IPv6; CircleCI's
//!   proxy; a real sshd; greetings, lines before them and banners that mislead; the Enable SSH step's text.
//! - `healthy/known_hosts.rs`: entries of other ports and addresses, hashed ones, an old key beside the right one, revoked keys
//!   of others, lines that are none, a long file, certificates of hosts.
//! - `healthy/dropbear.rs`, `healthy/sha1.rs`: what works with dropbear, and with servers that sign RSA with SHA-1 only.
//! - `healthy/surroundings.rs`: aliases and functions for ssh; Ghostty's; a real sshd behind what jobs cannot run; Warp with its wrapper off, and stepping aside; tmux; another $HOME; two ssh
//!   on PATH; a wrapper that talks; other languages and terminals; no target at all, with and without `--offline`.
//! - `unusual_options.rs`: options that change how ssh speaks.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make real files and processes; only the program goes through System"
)]

mod blocked;
mod circleci;
mod connect;
mod faults;
mod healthy;
mod imitations;
mod inspect;
mod odd_names;
mod other_sshds;
mod pairs;
mod query;
mod record;
mod report;
mod scene;
mod scrub;
mod session;
mod sessions;
mod side_effects;
#[path = "../support/mod.rs"]
mod support;
mod undecided;
mod unusual_options;
mod waiting;

/// What ssh says when a job lets nobody in.
const DENIED: &str = "Permission denied (publickey).";
