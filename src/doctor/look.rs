//! Runs the probes, as many side by side as do not need each other's answers.
//!
//! ```text
//! machine, terminal, key folder ┐
//! ssh -G ───────────────────────┴─▶ known_hosts ─▶ attempt ─────────────────────┐
//!                                   keys, agent; name, connection, greeting ────┼─▶ key query, second witness
//!                                   the query's connection, waiting at its gate ┘
//! ```
//!
//! Agents that ssh does not ask are looked for between the attempt and the query, and only if the attempt was refused.
//!
//! The key query connects while the attempt runs and waits at its [`Gate`]: it goes on only when the attempt was refused,
//! so a login that works shows the server no key twice, and one that fails costs no second key exchange.
//!
//! Where the user asked for it and the login works, the job is looked into at the end, by two logins more.

mod inside;
mod job;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::{Arc, OnceLock},
    thread::{self, ScopedJoinHandle},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use super::{Progress, Request};
use crate::{
    facts::{AgentState, Attempt, Fact, Facts, KnownHosts, Target, infer, query::TURNED_OFF},
    probes::{
        agent, attempt, client, config, inspect,
        jump::{Found, Jumps, Way},
        keys, known_hosts, machine, master, network,
        query::{self, Candidate, Gate},
        quiet_ssh::file_instead_of_a_folder,
        terminal, witness,
    },
    ssh::{
        log::{HostKeyState, Outcome},
        public_key::PublicKey,
    },
    system::System,
};

/// Keys in one query; no server hears that many refusals, but it may accept some behind those it does not.
const QUERY_CAP: usize = 64;
/// How long an agent may take to list its keys.
const AGENT_LIMIT: Duration = Duration::from_secs(1);
/// The same for each of those that ssh does not ask, once a login was refused.
const OTHERS_LIMIT: Duration = Duration::from_millis(500);
/// How long ssh may take to tell its configuration, `Match exec` commands included.
const CONFIG_LIMIT: Duration = Duration::from_secs(5);

/// The time that is left.
#[derive(Clone, Copy)]
struct Deadline(Instant);

impl Deadline {
    fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    fn at_most(self, limit: Duration) -> Duration {
        self.left().min(limit)
    }
}

/// The value of a probe's thread; a probe that panicked has a bug, and the others' facts still stand.
fn joined<T>(handle: ScopedJoinHandle<'_, T>) -> Result<T, String> {
    handle.join().map_err(|_| "the probe failed; that is a bug of this program".to_owned())
}

/// What was seen, and what a login needs of it that is no fact.
pub(super) struct Looked {
    pub(super) facts: Facts,
    /// Host keys that ssh met, in full.
    pub(super) host_keys: Vec<PublicKey>,
    /// The attempt was held to printed fingerprints, and to no known_hosts.
    pub(super) pinned: bool,
    /// The ssh program.
    pub(super) program: Option<PathBuf>,
}

/// Asks CircleCI about the job that a log is about, if one was named.
pub(super) fn beside_a_log(system: &dyn System, request: &Request, progress: &dyn Progress, facts: &mut Facts) {
    job::look_beside_a_log(system, request, progress, facts);
}

/// Looks at everything that `request` is about.
pub(super) fn look(system: &dyn System, request: &Request, progress: &dyn Progress) -> Looked {
    let deadline = Deadline(Instant::now() + request.timeout);
    let account = system.account();
    let (circleci, target) = job::look(system, request, progress, deadline.at_most(request.timeout / 2));
    let mut facts = Facts { target, circleci, ..Facts::default() };
    let target = facts.target.clone();
    // Without a host there is nothing to ask ssh about.
    let target = target.as_ref().filter(|target| !target.host.is_empty());

    progress.step("reading the configuration");
    let programs = system.programs("ssh");
    let program: Option<PathBuf> = programs.first().cloned();
    let (asked, scan) = thread::scope(|scope| {
        let scan = scope.spawn(|| keys::scan(system, &account));
        let asked = scope.spawn(|| config::ask(system, program.as_deref(), target, deadline.at_most(CONFIG_LIMIT)));
        facts.machine = machine::look(system, &account).into();
        facts.terminal = terminal::look(system, &account).into();
        let asked = joined(asked).unwrap_or_else(|why| config::Asked::nothing(&why));
        (asked, joined(scan))
    });
    facts.client = client::look(system, &programs, &asked, deadline.at_most(CONFIG_LIMIT)).into();
    facts.config = config::look(system, &account, target, &asked);
    if let Some(terminal) = facts.terminal.known_mut() {
        terminal::with_target(terminal, target, &facts.config);
    }
    facts.known_hosts = match target {
        Some(target) => known_hosts::look(system, &account, &facts.config, target),
        None => Fact::unknown("no target was given"),
    };

    let gate = Arc::new(Gate::default());
    let manner = OnceLock::new();
    let first_hand = network::FirstHand::default();
    let why_no_login = why_no_login(request, &facts);
    let master =
        facts.config.known().and_then(|config| master::is_silent(system, config, deadline.at_most(AGENT_LIMIT)));
    if let (Some(silent), Some(config)) = (master, facts.config.known_mut()) {
        config.control_master_silent = silent;
        config.control_master_live = !silent;
    }
    let (config, client, machine) = (facts.config.clone(), facts.client.clone(), facts.machine.clone());
    let known_to_be = host_is_known(&facts.known_hosts);
    let version = client.known().map_or_else(Fact::default, |client| client.version.clone());
    let tokens = why_no_login.is_none() && {
        let (machine, limit) = (machine.known().cloned().unwrap_or_default(), deadline.left());
        let context =
            keys::Context { account: &account, machine: &machine, target, config: &config, client: &client, limit };
        let pkcs11 = config.known().is_some_and(|config| config.pkcs11_provider.is_some());
        pkcs11 || scan.as_ref().is_ok_and(|scan| keys::has_security_keys(system, scan, context))
    };
    let own_file = target.and_then(config_file);
    let instead = config.known().filter(|_| own_file.is_none());
    let instead = instead.and_then(|config| file_instead_of_a_folder(system, &account, &version, config));
    let jumps = program.as_deref().filter(|_| why_no_login.is_none()).map(|program| Jumps {
        system,
        account: &account,
        program,
        version: &version,
        config_file: own_file.or(instead.as_deref()),
        deadline: deadline.0,
    });
    let (way, why_no_login) = match jumps.as_ref().zip(config.known()).map(|(jumps, config)| jumps.look(config)) {
        Some(Found::Way(way)) => (Some(way), why_no_login),
        Some(Found::Loop(host)) if jumps.as_ref().is_some_and(Jumps::never_ends) => {
            if let Some(config) = facts.config.known_mut() {
                config.proxy_jump_loop = Some(host);
            }
            (None, Some("the jump hosts lead in a circle, and this ssh would follow it without end".to_owned()))
        }
        _ => (None, why_no_login),
    };
    let pinned = request.connect.is_some() && prints_fingerprints(&facts);
    let mut host_keys = Vec::new();
    let through: Option<(&Jumps<'_>, &Way)> = jumps.as_ref().zip(way.as_ref());
    let login = match (&why_no_login, &config, &program, target) {
        (None, Fact::Known(config), Some(program), Some(target)) => Ok(attempt::Asked {
            program,
            version: &version,
            config,
            target,
            config_file: instead.as_deref(),
            jumps: through,
            host_is_known: known_to_be,
            tokens,
            agent: &manner,
            first_hand: &first_hand,
            pinned,
            limit: deadline.left(),
        }),
        (Some(why), ..) => Err(why.clone()),
        _ => Err("there is no ssh to make it with".to_owned()),
    };
    progress.step(if why_no_login.is_some() { "looking at keys and agent" } else { "trying the login" });
    thread::scope(|scope| {
        let agent = scope.spawn(|| {
            let agent = agent::look(system, &account, &config, &client, deadline.at_most(AGENT_LIMIT));
            // The attempt only reads it; nobody else sets it.
            let _ = manner.set(agent::Manner::from(&agent));
            agent
        });
        let keys = scope.spawn(|| match &scan {
            Ok(scan) => {
                let machine = machine.known().cloned().unwrap_or_default();
                let (account, client, limit) = (&account, &client, deadline.left());
                keys::look(
                    system,
                    scan,
                    keys::Context { account, machine: &machine, target, config: &config, client, limit },
                )
            }
            Err(why) => keys::Looked::nothing(why),
        });
        let network = match &why_no_login {
            None => Ok(scope.spawn(|| {
                let limit = deadline.at_most(attempt::connect_timeout(request.timeout));
                network::look(system, target, &config, &first_hand, limit)
            })),
            Some(why) => Err(why.clone()),
        };
        let query = login.as_ref().ok().filter(|_| request.key_probe).map(|login| {
            let asked = query::Asked {
                program: login.program,
                version: &version,
                config: login.config,
                effective: &asked.effective,
                target: login.target,
                jumps: through,
                host_is_known: known_to_be,
                pinned,
                limit: deadline.left(),
            };
            let gate = Arc::clone(&gate);
            scope.spawn(move || query::look(system, &asked, &gate))
        });
        facts.attempt = match &login {
            Err(why) => Fact::unknown(why),
            Ok(login) => {
                let tried = attempt::look(system, &attempt::Asked { limit: deadline.left(), ..*login });
                host_keys = tried.host_keys;
                tried.attempt
            }
        };
        first_hand.end();
        match joined(agent) {
            Ok(agent) => facts.agent = agent.into(),
            Err(why) => facts.agent = Fact::unknown(why),
        }
        let keys = joined(keys).unwrap_or_else(|why| keys::Looked::nothing(&why));
        (facts.key_folder, facts.keys, facts.certificates) = (keys.folder, keys.keys, keys.certificates);
        infer::all(&mut facts);
        if may_be_asked(&facts)
            && let Some(agent) = facts.agent.known_mut()
        {
            agent.others = agent::look_for_others(system, &account, agent, deadline.at_most(OTHERS_LIMIT));
            agent.other = agent::named_by_the_shell(&agent.others);
            infer::all(&mut facts);
        }

        let mut network = Some(network);
        let mut ask_network = |facts: &mut Facts| {
            let Some(network) = network.take() else { return };
            (facts.network, facts.server) = match network {
                Ok(network) => joined(network).unwrap_or_else(|why| (Fact::unknown(&why), Fact::unknown(&why))),
                Err(why) => (Fact::unknown(&why), Fact::unknown(&why)),
            };
        };
        // Whether a fingerprint of another family is the server's, only what it offers tells.
        if may_be_asked(&facts) && is_fingerprint_open(&facts) {
            ask_network(&mut facts);
            infer::all(&mut facts);
        }

        let candidates = unanswered(&facts);
        // The second connection is one: where ssh would not sign for a key, libssh2 makes it.
        let wanted = may_be_asked(&facts) && !candidates.is_empty() && !witness_asks(&facts);
        if wanted {
            progress.step("asking which keys the server would accept");
            gate.open(candidates, host_key(&facts).map(str::to_owned));
        } else {
            gate.shut();
        }
        facts.query = match query {
            Some(query) if wanted => joined(query).unwrap_or_else(Fact::Unknown),
            // Its connection was for nothing, and there was nothing to ask, or nobody who may be.
            Some(query) => {
                let _ = query.join();
                impostor(&facts).map_or_else(Fact::default, Fact::unknown)
            }
            None if !request.key_probe => Fact::unknown(TURNED_OFF),
            None => Fact::unknown(why_no_login.clone().unwrap_or_else(|| "no login was attempted".into())),
        };
        ask_network(&mut facts);
    });
    facts.witness = second_witness(system, &facts, request, deadline);
    infer::all(&mut facts);
    if request.inspect_session {
        facts.inspection = Some(match (inside::why_not(request, &facts, why_no_login.as_deref()), &login) {
            (Some(why), _) => Fact::Unknown(why),
            (None, Err(why)) => Fact::unknown(why),
            (None, Ok(login)) => {
                progress.step("comparing environments in the job");
                inspect::look(system, &inspect::Asked { login, host_keys: &host_keys, limit: deadline.left() })
            }
        });
        infer::all(&mut facts);
    }
    progress.done();
    Looked { facts, host_keys, pinned, program }
}

/// The job says what its host key is.
fn prints_fingerprints(facts: &Facts) -> bool {
    let step = facts.target.as_ref().and_then(|target| target.enable_ssh.as_ref());
    step.is_some_and(|step| !step.fingerprints.is_empty())
}

/// Why no login is tried, if none is.
fn why_no_login(request: &Request, facts: &Facts) -> Option<String> {
    let Some(target) = &facts.target else { return Some("no target was given".into()) };
    if target.host.is_empty() {
        let why = match &facts.circleci {
            Some(circleci) if circleci.executions.known().is_none() => {
                "it is not known what the job prints to log in with"
            }
            Some(_) => "the job prints no command to log in with",
            None => "the pasted text names no host",
        };
        return Some(why.into());
    }
    if request.offline {
        return Some("--offline was given".into());
    }
    None
}

/// The file after the user's own `-F`.
fn config_file(target: &Target) -> Option<&str> {
    let place = target.ssh_args.iter().position(|word| word == "-F")?;
    target.ssh_args.get(place + 1).map(String::as_str)
}

fn host_is_known(known: &Fact<KnownHosts>) -> bool {
    known.known().is_some_and(|known| known.entries.iter().any(|entry| entry.marker.is_none()))
}

/// Keys and certificates that the server has not answered about, likely ones first; those that this client cannot list are
/// left out.
fn unanswered(facts: &Facts) -> Vec<Candidate> {
    let old = facts.client.known().and_then(|client| client.version.known()).is_some_and(|version| {
        // One key of a type it does not know spoils the whole list for a client before 8.2.
        (version.major, version.minor) < (8, 2)
    });
    infer::unanswered(facts)
        .into_iter()
        .filter_map(|candidate| {
            let blob = BASE64.decode(candidate.blob).ok()?;
            let security_key = blob.get(4..).is_some_and(|name| name.starts_with(b"sk-"));
            (!(old && security_key)).then_some(Candidate { id: candidate.id, blob })
        })
        .take(QUERY_CAP)
        .collect()
}

/// The host key that the attempt met.
fn host_key(facts: &Facts) -> Option<&str> {
    facts.attempt.known()?.server.as_ref()?.host_key_fingerprint.as_deref()
}

/// A fingerprint is printed, and it is not known yet whether it is the server's.
fn is_fingerprint_open(facts: &Facts) -> bool {
    let step = facts.target.as_ref().and_then(|target| target.enable_ssh.as_ref());
    step.is_some_and(|step| !step.fingerprints.is_empty() && step.fingerprint_matches.known().is_none())
}

/// Why the server may be another one than the user means, if it may: it is shown no key that it has not seen already.
fn impostor(facts: &Facts) -> Option<&'static str> {
    let step = facts.target.as_ref().and_then(|target| target.enable_ssh.as_ref());
    if step.is_some_and(|step| step.fingerprint_matches.is(&false)) {
        return Some("the host key is not the one that the Enable SSH step printed, so no more keys were shown");
    }
    let attempt = facts.attempt.known()?;
    match attempt.host_key.as_ref()?.state {
        HostKeyState::Changed => {
            Some("the host key contradicts known_hosts, so the server was not asked which keys it would accept")
        }
        HostKeyState::Revoked => {
            Some("the host key is revoked, so the server was not asked which keys it would accept")
        }
        _ => None,
    }
}

/// Whether the attempt leaves the question open, at a server that is the one it should be.
fn may_be_asked(facts: &Facts) -> bool {
    let silent_agent = facts.agent.known().is_some_and(|agent| agent.state == AgentState::Silent);
    let refused = |attempt: &Attempt| {
        matches!(attempt.outcome, Outcome::Refused | Outcome::RefusedOther | Outcome::TooManyFailures)
            || (attempt.reached == crate::ssh::log::Stage::Authenticating && attempt.outcome != Outcome::Authenticated)
            || (attempt.reached == crate::ssh::log::Stage::HostKey
                && attempt.outcome == Outcome::Stopped
                && silent_agent)
    };
    let works = facts.login.known().is_some_and(|login| login.works);
    facts.attempt.known().is_some_and(refused) && !works && impostor(facts).is_none()
}

/// The user's ssh has an RSA key for which only a SHA-1 signature is left, and libssh2 can look at the same server.
fn witness_asks(facts: &Facts) -> bool {
    let would_not_sign = facts.auth.known().is_some_and(|auth| !auth.sha1_only_keys.is_empty());
    let direct = facts.config.known().is_some_and(|config| config.proxied.is(&false));
    cfg!(feature = "ssh2") && would_not_sign && direct && may_be_asked(facts)
}

/// Asks libssh2 where the user's ssh is missing, or where it would not sign for a key.
fn second_witness(
    system: &dyn System,
    facts: &Facts,
    request: &Request,
    deadline: Deadline,
) -> Fact<crate::facts::Witness> {
    if let Some(why) = why_no_login(request, facts) {
        return Fact::unknown(why);
    }
    let no_client = facts.client.known().is_some_and(|client| !client.found || client.usable.is(&false));
    if !no_client && !witness_asks(facts) {
        // Nobody needs it, so its absence is nothing to report.
        return Fact::default();
    }
    let Some(target) = &facts.target else { return Fact::unknown("no target was given") };
    let (addresses, user) = match (facts.network.known(), facts.config.known()) {
        (Some(network), Some(config)) => {
            let addresses: Vec<SocketAddr> = network
                .addresses
                .known()
                .into_iter()
                .flatten()
                .filter_map(|address| Some(SocketAddr::new(address.parse::<IpAddr>().ok()?, network.port)))
                .collect();
            (addresses, config.user.known().cloned())
        }
        _ => (addresses_of(system, target, deadline), target.user.clone()),
    };
    if addresses.is_empty() {
        return Fact::unknown("there is no direct way to the server for it");
    }
    let user =
        user.or_else(|| facts.machine.known().and_then(|machine| machine.user.known().cloned())).unwrap_or_default();
    let entries = |marker: Option<&str>| -> Vec<String> {
        let all = facts.known_hosts.known().into_iter().flat_map(|known| &known.entries);
        all.filter(|entry| entry.marker.as_deref() == marker).map(|entry| entry.fingerprint.clone()).collect()
    };
    let step = target.enable_ssh.as_ref();
    let printed: Vec<String> =
        step.into_iter().flat_map(|step| &step.fingerprints).map(|printed| printed.sha256.clone()).collect();
    let mut candidates = if request.key_probe { unanswered(facts) } else { Vec::new() };
    // libssh2 is not asked for certificates: it would have to be told the private key's type.
    candidates.retain(|candidate| !is_certificate(&candidate.blob));
    witness::look(
        system,
        &witness::Asked {
            addresses: &addresses,
            user: &user,
            candidates: &candidates,
            known_fingerprints: &entries(None),
            printed_fingerprints: &printed,
            revoked_fingerprints: &entries(Some("revoked")),
            limit: deadline.left(),
        },
    )
}

fn is_certificate(blob: &[u8]) -> bool {
    PublicKey::from_blob(blob).is_ok_and(|key| key.certificate)
}

/// Where a target leads without any ssh to ask about its configuration.
fn addresses_of(system: &dyn System, target: &Target, deadline: Deadline) -> Vec<SocketAddr> {
    let port = target.port.unwrap_or(22);
    let found = match target.host.parse::<IpAddr>() {
        Ok(address) => vec![address],
        Err(_) => system.resolve(&target.host, deadline.left()).unwrap_or_default(),
    };
    found.into_iter().map(|address| SocketAddr::new(address, port)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Client, EnableSsh, Key, Version},
        ssh::log::HostKey,
    };

    /// A key of this type, as far as its blob tells.
    fn key(kind: &str) -> Key {
        let length = u32::try_from(kind.len()).expect("a short name").to_be_bytes();
        let blob = BASE64.encode([&length[..], kind.as_bytes()].concat());
        let fingerprint = format!("SHA256:{kind}");
        Key { path: kind.into(), exists: true, fingerprint: fingerprint.into(), blob: blob.into(), ..Key::default() }
    }

    #[test]
    fn a_key_that_an_old_client_does_not_know_would_spoil_the_list() {
        let asked = |minor| {
            let version = Version { major: 8, minor }.into();
            let client = Client { version, ..Client::default() };
            let keys =
                vec![key("ssh-ed25519"), key("sk-ssh-ed25519@openssh.com"), key("sk-ssh-ed25519-cert-v01@openssh.com")];
            unanswered(&Facts { keys: keys.into(), client: client.into(), ..Facts::default() }).len()
        };
        assert_eq!((asked(1), asked(2)), (1, 3));
    }

    #[test]
    fn a_server_that_may_be_another_is_not_asked() {
        let refused = |state, matches: Option<bool>| {
            let mut attempt = Attempt::new("ssh -v");
            attempt.outcome = Outcome::Refused;
            attempt.host_key = Some(HostKey { state, ..HostKey::default() });
            let fingerprint_matches = matches.map_or_else(Fact::default, Fact::Known);
            let step = EnableSsh { fingerprint_matches, ..EnableSsh::default() };
            let target = Target { enable_ssh: Some(step), ..Target::default() };
            Facts { attempt: attempt.into(), target: Some(target), ..Facts::default() }
        };
        assert!(may_be_asked(&refused(HostKeyState::Known, None)));
        assert!(may_be_asked(&refused(HostKeyState::New, Some(true))));
        for facts in [
            refused(HostKeyState::Known, Some(false)),
            refused(HostKeyState::Changed, None),
            refused(HostKeyState::Changed, Some(true)),
            refused(HostKeyState::Revoked, None),
        ] {
            assert!(!may_be_asked(&facts) && impostor(&facts).is_some());
        }
    }
}
