//! Which public keys the server would accept, asked with the user's own ssh and nothing to sign with.
//!
//! An agent of ours lists public keys. ssh offers each (RFC 4252 section 7); for one that the server accepts it asks the
//! agent to sign, which notes the key and refuses. So no signature is made, no passphrase or touch is needed, no session
//! opens, and the whole configuration is followed, proxies included.
//!
//! The connection is made while the attempt runs, but our agent does not answer before [`Gate::open`] is called: a login
//! that works shows the server no key in this way.
//!
//! What keeps it harmless: a configuration of ours made from `ssh -G`'s answer, without the user's key files, so that no
//! key on disk can log in by itself; no master connection; at most one such connection for each diagnosis, since servers
//! shut out addresses that fail often.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    attempt::connect_timeout,
    jump::{Jumps, Way},
    log_apart,
    quiet_ssh::{Quiet, environment},
};
use crate::{
    facts::{Config, Fact, Query, Target, Version},
    ssh::{
        agent::{self, Request},
        effective::Effective,
        log::{Attempt, OfferOutcome, Outcome, Parser},
    },
    system::{Run, Service, Stream, System, Watch},
};

/// Bytes of one agent message that are read; OpenSSH's own limit.
const MESSAGE_CAP: u32 = 256 * 1024;

/// A public key to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// `SHA256:…`
    pub fingerprint: String,
    /// The key's blob (RFC 4253 section 6.6).
    pub blob: Vec<u8>,
}

/// Whether the question is asked, and which keys it is about: decided while the connection is being made.
#[derive(Default)]
pub struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    decision: Option<Vec<Candidate>>,
    asked_to_sign: Vec<Vec<u8>>,
    listed: bool,
}

impl Gate {
    /// Asks about these keys, in this order.
    pub fn open(&self, candidates: Vec<Candidate>) {
        self.lock().decision = Some(candidates);
        self.changed.notify_all();
    }

    /// Asks nothing.
    pub fn shut(&self) {
        self.open(Vec::new());
    }

    fn is_shut(&self) -> bool {
        self.lock().decision.as_ref().is_some_and(Vec::is_empty)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The candidates, once they are decided; none after `limit`.
    fn wait(&self, limit: Duration) -> Vec<Candidate> {
        let until = Instant::now() + limit;
        let mut state = self.lock();
        loop {
            if let Some(candidates) = &state.decision {
                return candidates.clone();
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Vec::new();
            }
            (state, _) = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The agent that signs nothing.
struct ProbeAgent {
    gate: Arc<Gate>,
    limit: Duration,
}

impl Service for ProbeAgent {
    fn client(&self, stream: &mut dyn Stream) -> io::Result<()> {
        stream.set_timeout(self.limit)?;
        loop {
            let mut length = [0; 4];
            stream.read_exact(&mut length)?;
            if u32::from_be_bytes(length) > MESSAGE_CAP {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut message = vec![0; u32::from_be_bytes(length) as usize];
            stream.read_exact(&mut message)?;
            let answer = match agent::parse_request(&message) {
                Ok(Request::Identities) => {
                    let candidates = self.gate.wait(self.limit);
                    if candidates.is_empty() {
                        // No answer: ssh is ended before it says a word to the server about authentication.
                        return stream.read_exact(&mut length);
                    }
                    self.gate.lock().listed = true;
                    let named = |(index, key): (usize, Candidate)| agent::Identity {
                        blob: key.blob,
                        comment: format!("candidate {}", index + 1),
                    };
                    agent::identities_answer(&candidates.into_iter().enumerate().map(named).collect::<Vec<_>>())
                }
                Ok(Request::Sign { blob, .. }) => {
                    self.gate.lock().asked_to_sign.push(blob);
                    agent::failure()
                }
                _ => agent::failure(),
            };
            stream.write_all(&answer)?;
        }
    }
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
    /// All the time there is.
    pub limit: Duration,
}

/// Options of `ssh -G`'s answer that are ours to set.
const OURS: [&str; 15] = [
    "host",
    "identityfile",
    "identityagent",
    "identitiesonly",
    "certificatefile",
    "pkcs11provider",
    "proxyjump",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "remotecommand",
    "localcommand",
    "userknownhostsfile",
    "forkafterauthentication",
    "logverbose",
];

/// Options that shape a session, which there is none of; some are told in words that ssh does not read again.
const SESSION: [&str; 12] = [
    "addkeystoagent",
    "channeltimeout",
    "dynamicforward",
    "escapechar",
    "localforward",
    "permitremoteopen",
    "remoteforward",
    "requesttty",
    "sendenv",
    "sessiontype",
    "setenv",
    "stdinnull",
];

/// Options whose value is one word, which ssh tells without the quotes that it needs to be read again.
const ONE_WORD: [&str; 10] = [
    "bindaddress",
    "bindinterface",
    "hostkeyalias",
    "hostname",
    "revokedhostkeys",
    "securitykeyprovider",
    "tag",
    "user",
    "versionaddendum",
    "xauthlocation",
];

/// A line that gives an option the value that `ssh -G` told for it.
fn line(option: &str, value: &str) -> String {
    // HostName is told with its tokens replaced, and is looked through for tokens again (ssh.c `main`).
    let value = if option == "hostname" { value.replace('%', "%%") } else { value.to_owned() };
    if ONE_WORD.contains(&option) && value.contains(char::is_whitespace) && !value.contains('"') {
        format!("{option} \"{value}\"\n")
    } else {
        format!("{option} {value}\n")
    }
}

/// A configuration that says what `effective` says, but knows no key.
fn configuration(asked: &Asked<'_>, socket: &Path, known_hosts: &Path) -> String {
    let mut text = String::from("Host *\n");
    for (option, values) in &asked.effective.options {
        if !OURS.contains(&option.as_str()) && !SESSION.contains(&option.as_str()) {
            values.iter().for_each(|value| text.push_str(&line(option, value)));
        }
    }
    text.push_str(&format!(
        "IdentityFile none\nIdentitiesOnly no\nIdentityAgent \"{}\"\n",
        socket.display().to_string().replace('%', "%%")
    ));
    if let Some((jumps, way)) = asked.jumps {
        text.push_str(&format!("ProxyCommand {}\n", jumps.command(way, known_hosts, false)));
    }
    text
}

/// Asks. `gate` decides what about, and may decide that nothing is asked.
pub fn look(system: &dyn System, asked: &Asked<'_>, gate: &Arc<Gate>) -> Fact<Query> {
    let scratch = match system.scratch() {
        Ok(scratch) => scratch,
        Err(error) => return Fact::unknown(format!("no temporary folder could be made: {error}")),
    };
    let socket: PathBuf = scratch.path().join("agent");
    let service = Arc::new(ProbeAgent { gate: Arc::clone(gate), limit: asked.limit });
    let served = match system.serve(&socket, service) {
        Ok(served) => served,
        Err(error) => return Fact::unknown(format!("this system has no agent sockets for it: {error}")),
    };
    let known_hosts = scratch.path().join("known_hosts");
    let configuration = configuration(asked, served.path(), &known_hosts);
    let config_file = match scratch.write("config", configuration.as_bytes()) {
        Ok(file) => file,
        Err(error) => return Fact::unknown(format!("no temporary file could be written: {error}")),
    };
    let quiet = Quiet {
        version: asked.version,
        config: asked.config,
        known_hosts: &known_hosts,
        host_is_known: asked.host_is_known,
        connect_timeout: connect_timeout(asked.limit),
        nobody_to_ask: false,
    };
    let mut args: Vec<OsString> = vec!["-F".into(), config_file.into()];
    args.extend(quiet.options());
    args.push("--".into());
    args.push(asked.target.host.clone().into());
    let mut env = environment(asked.config, asked.jumps.is_some());
    env.push(("SSH_AUTH_SOCK", None));
    let run =
        Run { program: asked.program, args, env, timeout: asked.limit, cap: 4 * 1024, stop: Some(&|| gate.is_shut()) };
    let mut parser = Parser::new();
    let mut log = Attempt::new("the key query");
    let proxied = !asked.config.proxied.is(&false);
    let ran = log_apart::watch(system, run, proxied, &mut |line| {
        log.apply(&parser.line(line));
        if gate.is_shut() { Watch::Stop } else { Watch::Continue }
    });
    drop(served);
    if let Err(error) = ran {
        return Fact::unknown(format!("ssh could not be started: {error}"));
    }
    if gate.is_shut() {
        return Fact::unknown("there was nothing to ask");
    }
    answers(&gate.lock(), &log)
}

/// Reads the answers from what our agent remembers, and how far the list was asked from the log.
fn answers(state: &State, log: &Attempt) -> Fact<Query> {
    let Some(candidates) = state.decision.as_ref().filter(|_| state.listed) else {
        return Fact::unknown("the second connection did not come as far as the keys");
    };
    let accepted = |key: &Candidate| state.asked_to_sign.contains(&key.blob);
    let named = |key: &Candidate| log.offers.iter().find(|offer| offer.fingerprint.as_ref() == Some(&key.fingerprint));
    // Before 7.6 an offer names no fingerprint; the offers still come in the order of our list.
    let by_order = log.offers.iter().all(|offer| offer.fingerprint.is_none());
    let mut query = Query { by: "probe-agent".into(), shown: log.offers.len(), ..Query::default() };
    for (index, key) in candidates.iter().enumerate() {
        query.asked.push(key.fingerprint.clone());
        let offer = if by_order { log.offers.get(index) } else { named(key) };
        if accepted(key) {
            query.accepted.push(key.fingerprint.clone());
        } else if offer.is_some_and(|offer| offer.outcome == OfferOutcome::Refused) {
            query.refused.push(key.fingerprint.clone());
        }
    }
    query.complete = query.accepted.len() + query.refused.len() == candidates.len();
    query.cut_short = !query.complete && !matches!(log.outcome, Outcome::Refused | Outcome::RefusedOther);
    query.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ssh_told_can_be_read_again() {
        assert_eq!(line("hostname", "fe80::1%eth0"), "hostname fe80::1%%eth0\n");
        assert_eq!(line("user", "ana maria"), "user \"ana maria\"\n");
        assert_eq!(line("port", "22"), "port 22\n");
        assert_eq!(line("proxycommand", "nc %h %p"), "proxycommand nc %h %p\n");
    }
}
