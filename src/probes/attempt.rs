//! One real attempt by the user's own ssh, ended before a session is opened.
//!
//! It is the login as the user would make it: the same program, configuration, keys and agent. It stops as soon as the
//! server has let it in, or as soon as ssh would need the person (a passphrase, a touch, an approval).

use std::{
    ffi::OsString,
    path::Path,
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use super::{
    agent::Manner,
    jump::{Jumps, Way},
    log_apart,
    network::FirstHand,
    pin,
    quiet_ssh::{Quiet, environment},
};
use crate::{
    facts::{Attempt, Config, Fact, Target, Version},
    ssh::{
        log::{Needs, Offer, OfferOutcome, Parser, Stage},
        public_key::PublicKey,
    },
    system::{Platform, Run, System, Watch},
};

/// Bytes of the log that are kept; the parser has seen every line by then.
const LOG_CAP: usize = 4 * 1024;

/// How long ssh may stand before an agent that has kept silent for our own client. ssh itself waits for ever, and a slow
/// agent may yet answer.
const BEFORE_A_SILENT_AGENT: Duration = Duration::from_secs(3);

/// The source that evidence from the attempt names.
pub const SOURCE: &str = "ssh -v";

/// What the attempt needs to know.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The ssh program.
    pub program: &'a Path,
    /// Its version.
    pub version: &'a Fact<Version>,
    /// The effective configuration.
    pub config: &'a Config,
    /// The target.
    pub target: &'a Target,
    /// The file for `-F` where the target names none, if ssh has to be given one.
    pub config_file: Option<&'a str>,
    /// The way through jump hosts.
    pub jumps: Option<(&'a Jumps<'a>, &'a Way)>,
    /// known_hosts has an entry for the target.
    pub host_is_known: bool,
    /// ssh may talk to a security key or a PKCS#11 token.
    pub tokens: bool,
    /// How the agent behaves; set while the attempt runs, long before a key is accepted.
    pub agent: &'a OnceLock<Manner>,
    /// Who wants to hear what the connection shows, while it is made.
    pub first_hand: &'a FirstHand,
    /// The login is held to printed fingerprints, and to no known_hosts.
    pub pinned: bool,
    /// All the time there is.
    pub limit: Duration,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The attempt.
    pub attempt: Fact<Attempt>,
    /// Host keys that the user's known_hosts does not have, or that were not looked up there: the target's, and those of
    /// jump hosts.
    pub host_keys: Vec<PublicKey>,
}

/// Makes the attempt.
pub fn look(system: &dyn System, asked: &Asked<'_>) -> Tried {
    match system.scratch() {
        Ok(scratch) => {
            let known_hosts = scratch.path().join("known_hosts");
            let attempt = attempt(system, asked, &known_hosts);
            Tried { attempt, host_keys: pin::read(system, &known_hosts) }
        }
        Err(error) => {
            let attempt = Fact::unknown(format!("no temporary folder could be made: {error}"));
            Tried { attempt, host_keys: Vec::new() }
        }
    }
}

/// The words after `ssh` that lead where the attempt leads, the options that keep it harmless apart.
fn destination(asked: &Asked<'_>, known_hosts: &Path, verbose: bool) -> Vec<OsString> {
    let mut words: Vec<OsString> = Vec::new();
    if let Some(file) = asked.config_file {
        words.extend(["-F".into(), file.into()]);
    }
    match asked.jumps {
        Some((jumps, way)) => {
            words.push("-o".into());
            words.push(format!("ProxyCommand={}", jumps.command(way, known_hosts, verbose)).into());
            words.extend(without_jump(&asked.target.ssh_args).map(Into::into));
        }
        None => words.extend(asked.target.ssh_args.iter().map(Into::into)),
    }
    words
}

/// The words after `ssh` for a command in a session of the same login, up to the host. `known_hosts` is a file with the host
/// keys that the attempt met and that the user's own does not have: no other is taken.
pub(super) fn session_words(asked: &Asked<'_>, known_hosts: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = ["-o", "StrictHostKeyChecking=yes"].map(OsString::from).into();
    words.extend(quiet(asked, known_hosts).options_of_a_session());
    words.extend(destination(asked, known_hosts, false));
    words
}

/// The environment of the same login.
pub(super) fn environment_of<'a>(asked: &Asked<'a>) -> Vec<(&'a str, Option<OsString>)> {
    environment(asked.config, asked.jumps.is_some())
}

fn quiet<'a>(asked: &'a Asked<'_>, known_hosts: &'a Path) -> Quiet<'a> {
    Quiet {
        version: asked.version,
        config: asked.config,
        known_hosts,
        host_is_known: asked.host_is_known,
        connect_timeout: connect_timeout(asked.limit),
        nobody_to_ask: asked.jumps.is_some() || asked.config.proxied.is(&false),
    }
}

fn attempt(system: &dyn System, asked: &Asked<'_>, known_hosts: &Path) -> Fact<Attempt> {
    let quiet = quiet(asked, known_hosts);
    let mut args = if asked.pinned { pin::open(known_hosts, asked.version) } else { Vec::new() };
    args.extend(quiet.options());
    args.extend(destination(asked, known_hosts, true));
    // Since when the log has stood where ssh asks its agent.
    let standing: Mutex<Option<Instant>> = Mutex::default();
    let hopeless = || {
        let since = *standing.lock().unwrap_or_else(PoisonError::into_inner);
        asked.agent.get().is_some_and(|agent| agent.silent)
            && since.is_some_and(|since| since.elapsed() >= BEFORE_A_SILENT_AGENT)
    };
    let run = Run {
        program: asked.program,
        args,
        env: environment(asked.config, asked.jumps.is_some()),
        timeout: asked.limit,
        cap: LOG_CAP,
        stop: Some(&hopeless),
    };

    let takes_any_host_key = quiet.takes_any_host_key();
    let mut parser = Parser::new();
    let mut attempt = Attempt::new(SOURCE);
    let together = !asked.config.proxied.is(&false) || asked.tokens;
    let windows = system.platform() == Platform::Windows;
    // Before 7.9 the log does not say where a key is held.
    let unmarked = asked.version.known().is_some_and(|version| *version < Version { major: 7, minor: 9 });
    let provider = asked.config.pkcs11_provider.as_deref().filter(|_| unmarked && !asked.config.batch_mode.is(&true));
    let ran = log_apart::watch(system, run, together, &mut |line| {
        attempt.apply(&parser.line(line));
        let host_key_is_bad = takes_any_host_key && attempt.mind_the_host_key();
        asked.first_hand.heard(&attempt);
        *standing.lock().unwrap_or_else(PoisonError::into_inner) = stands_at_the_agent(&attempt).then(Instant::now);
        let agent_would_ask = |offer: &Offer| {
            asked.agent.get().is_some_and(|agent| agent.may_ask && (offer.agent || unmarked && agent.holds))
        };
        let of_a_token = |offer: &Offer| offer.token || provider == Some(offer.path.as_str());
        let needs = attempt
            .offers
            .last()
            .and_then(|offer| person_for(offer, of_a_token(offer), agent_would_ask(offer), windows));
        if attempt.needs.is_none() && needs.is_some() {
            attempt.needs = needs;
            attempt.needs_seen = attempt.offers.last().map(|offer| offer.seen.clone());
        }
        // An agent that has declined already waits for nobody: what ssh does next is the answer.
        let declined = attempt.offers.last().is_some_and(|offer| offer.outcome == OfferOutcome::SigningFailed);
        let person = matches!(attempt.needs, Some(Needs::Touch | Needs::Pin | Needs::Approval)) && !declined;
        if attempt.is_decided() || host_key_is_bad || person { Watch::Stop } else { Watch::Continue }
    });
    match ran {
        Err(error) => Fact::unknown(format!("ssh could not be started: {error}")),
        Ok(ran) => {
            if ran.timed_out || ran.stopped {
                attempt.stop();
            } else if ran.code.is_none() && unmarked {
                attempt.died();
            }
            attempt.finish();
            attempt.into()
        }
    }
}

/// What a person has to do for an accepted key before anything more is heard of it: the attempt goes no further, so that
/// nothing lights up, no window opens and no PIN is tried.
fn person_for(offer: &Offer, token: bool, agent_would_ask: bool, windows: bool) -> Option<Needs> {
    let security_key = offer.algorithm.as_deref().is_some_and(|name| name.contains("-SK"));
    if !offer.accepted {
        None
    } else if token {
        Some(Needs::Pin)
    } else if security_key && (offer.agent || windows) {
        Some(Needs::Touch)
    } else {
        agent_would_ask.then_some(Needs::Approval)
    }
}

/// Whether the next thing that ssh does, as far as its log shows, is to ask its agent: once the host key is settled, and
/// since OpenSSH 9.3 once public keys have their turn.
fn stands_at_the_agent(attempt: &Attempt) -> bool {
    matches!(attempt.reached, Stage::HostKey | Stage::Authenticating)
        && attempt.agent.is_none()
        && attempt.offers.is_empty()
        && attempt.planned.is_empty()
}

/// The words of the command line without `-J`, which ssh takes for a contradiction beside ProxyCommand.
fn without_jump(words: &[String]) -> impl Iterator<Item = &String> {
    let is_jump = |word: Option<&String>| word.is_some_and(|word| word == "-J");
    words.iter().enumerate().filter_map(move |(place, word)| {
        let value = place > 0 && is_jump(words.get(place - 1));
        (!value && !is_jump(Some(word))).then_some(word)
    })
}

/// ssh gets a little less than all the time, so that it says itself what it was waiting for.
pub fn connect_timeout(limit: Duration) -> Duration {
    limit.mul_f32(0.8)
}
