//! Which public keys the server would accept, asked with the user's own ssh and nothing to sign with.
//!
//! An agent of ours lists public keys. ssh offers each (RFC 4252 section 7); for one that the server accepts it asks the
//! agent to sign, which notes the key and refuses. So no signature is made, no passphrase or touch is needed, no session
//! opens, and the whole configuration is followed, proxies included.
//!
//! The connection is made while the attempt runs, but our agent does not answer before [`Gate::open`] is called: a login
//! that works shows the server no key in this way. It is shown only to a server with the host key of the attempt's. A newer
//! ssh does not wait for its agent in time, so there the connection is made only when it is wanted.
//!
//! Where an agent of ours has no socket to answer on (Windows' ssh, a temporary folder whose path is too long for one), ssh
//! gets copies of the public halves as identity files and no agent at all. It says in its log which key the server
//! accepts, then finds no private key in the copy, and goes on with the next. Nothing waits there for the decision, so
//! the connection is made only after it.
//!
//! What keeps it harmless: a configuration of ours made from `ssh -G`'s answer, without the user's key files, so that no
//! key on disk can log in by itself; no master connection; at most one such connection for each diagnosis, since servers
//! shut out addresses that fail often.

mod answers;
mod configuration;
mod gate;

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    attempt::connect_timeout,
    jump::{Jumps, Way},
    log_apart, pin,
    quiet_ssh::{Quiet, environment},
};
use crate::{
    facts::{Config, Fact, Query, Target, Version},
    ssh::{
        effective::Effective,
        log::{Attempt, Parser},
        public_key::PublicKey,
    },
    system::{Ran, Run, Scratch, Served, System, Watch},
};
use configuration::{Surroundings, configuration};
pub use gate::Gate;
use gate::ProbeAgent;

/// A public key, or a certificate, to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// SHA-256 of the blob, `SHA256:…`; for a plain key that is its fingerprint.
    pub id: String,
    /// The key's blob (RFC 4253 section 6.6).
    pub blob: Vec<u8>,
}

/// What the query needs to know.
pub struct Asked<'a> {
    /// The ssh program.
    pub program: &'a Path,
    /// Its version.
    pub version: &'a Fact<Version>,
    /// The effective configuration.
    pub config: &'a Config,
    /// `ssh -G`'s answer.
    pub effective: &'a Effective,
    /// The target.
    pub target: &'a Target,
    /// The way through jump hosts.
    pub jumps: Option<(&'a Jumps<'a>, &'a Way)>,
    /// known_hosts has an entry for the target.
    pub host_is_known: bool,
    /// The login is held to printed fingerprints.
    pub pinned: bool,
    /// All the time there is.
    pub limit: Duration,
}

/// How ssh comes to the public keys.
enum Means {
    Agent(Box<dyn Served>),
    Files,
}

/// Asks. `gate` decides what about, and may decide that nothing is asked.
pub fn look(system: &dyn System, asked: &Asked<'_>, gate: &Arc<Gate>) -> Fact<Query> {
    let begun = Instant::now();
    let scratch = match system.scratch() {
        Ok(scratch) => scratch,
        Err(error) => return Fact::unknown(format!("no temporary folder could be made: {error}")),
    };
    let folder = scratch.path().to_owned();
    let service = ProbeAgent { gate: Arc::clone(gate), limit: asked.limit, name, folder };
    let means = match system.serve(&scratch.path().join("agent"), Arc::new(service)) {
        Ok(served) => Means::Agent(served),
        Err(_) => Means::Files,
    };
    if asks_for_nothing_first(asked.version) && gate.decided(asked.limit).is_empty() {
        return Fact::unknown("there was nothing to ask");
    }
    let args = match arguments(system, asked, gate, scratch.as_ref(), &means) {
        Ok(Some(args)) => args,
        Ok(None) => return Fact::unknown("there was nothing to ask"),
        Err(error) => return Fact::unknown(format!("no temporary file could be written: {error}")),
    };
    // What was waited for the decision is gone.
    let (ran, log) = run(system, asked, gate, args, asked.limit.saturating_sub(begun.elapsed()));
    let by_agent = matches!(means, Means::Agent(_));
    drop(means);
    let timed_out = match ran {
        Err(error) => return Fact::unknown(format!("ssh could not be started: {error}")),
        Ok(ran) => ran.timed_out,
    };
    if gate.is_shut() {
        return Fact::unknown("there was nothing to ask");
    }
    if gate.meets_another() {
        return Fact::unknown("the second connection met a server with another host key than the first");
    }
    answers::read(gate, by_agent, &log, timed_out, |index| name(scratch.path(), index))
}

/// Since when ssh reads its agent only after it has asked the server for a login without any key (sshconnect2.c
/// `userauth_pubkey`). To the server such a connection is an attempt already, so it is not made for nothing.
const LATE_AGENT: Version = Version { major: 9, minor: 6 };

fn asks_for_nothing_first(version: &Fact<Version>) -> bool {
    version.known().is_some_and(|version| *version >= LATE_AGENT)
}

/// What a candidate is called in ssh's log: a path in a folder of ours, which no banner can know.
fn name(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("candidate-{}", index + 1))
}

/// The words after `ssh`, and the files they name; `None` if nothing is to be asked.
fn arguments(
    system: &dyn System,
    asked: &Asked<'_>,
    gate: &Gate,
    scratch: &dyn Scratch,
    means: &Means,
) -> io::Result<Option<Vec<OsString>>> {
    let known_hosts = scratch.path().join("known_hosts");
    let mut identities: Vec<OsString> = Vec::new();
    let socket = match means {
        Means::Agent(served) => Some(served.path()),
        Means::Files => {
            let candidates = gate.decided(asked.limit);
            if candidates.is_empty() {
                return Ok(None);
            }
            for (index, candidate) in candidates.iter().enumerate() {
                let file = scratch.write(&file_name(index), line(candidate).as_bytes())?;
                identities.extend(["-i".into(), file.into()]);
            }
            None
        }
    };
    let text = configuration(asked, &Surroundings::of(system), socket, &known_hosts);
    let mut args: Vec<OsString> = vec!["-F".into(), scratch.write("config", text.as_bytes())?.into()];
    let quiet = Quiet {
        version: asked.version,
        config: asked.config,
        known_hosts: &known_hosts,
        host_is_known: asked.host_is_known,
        connect_timeout: connect_timeout(asked.limit),
        nobody_to_ask: false,
    };
    if asked.pinned {
        args.extend(pin::open(&known_hosts, asked.version));
    }
    args.extend(quiet.options());
    args.extend(identities);
    args.extend(["--".into(), asked.target.host.clone().into()]);
    Ok(Some(args))
}

fn file_name(index: usize) -> String {
    name(Path::new(""), index).display().to_string()
}

/// The public line of a candidate.
fn line(candidate: &Candidate) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
    let algorithm = PublicKey::from_blob(&candidate.blob).map(|key| key.algorithm).unwrap_or_default();
    format!("{algorithm} {}\n", BASE64.encode(&candidate.blob))
}

fn run(
    system: &dyn System,
    asked: &Asked<'_>,
    gate: &Gate,
    args: Vec<OsString>,
    timeout: Duration,
) -> (io::Result<Ran>, Attempt) {
    let run = Run {
        program: asked.program,
        args,
        // IdentityAgent comes before SSH_AUTH_SOCK, which a proxy command may need.
        env: environment(asked.config, asked.jumps.is_some()),
        timeout,
        cap: 4 * 1024,
        stop: Some(&|| gate.is_shut() || gate.meets_another()),
    };
    let mut parser = Parser::new();
    let mut log = Attempt::new("the key query");
    let proxied = !asked.config.proxied.is(&false);
    let ran = log_apart::watch(system, run, proxied, &mut |line| {
        log.apply(&parser.line(line));
        if let Some(host_key) = log.server.as_ref().and_then(|server| server.host_key_fingerprint.as_deref()) {
            gate.meets(host_key);
        }
        if gate.is_shut() || gate.meets_another() { Watch::Stop } else { Watch::Continue }
    });
    log.finish();
    (ran, log)
}
