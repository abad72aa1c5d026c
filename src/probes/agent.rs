//! The agent that ssh would ask, and what it holds.
//!
//! Our own client with a time limit, because `ssh-add -l` hangs as long as the agent does. It asks for the list of keys,
//! and, when that is empty, whether it takes other harmless requests, which a locked OpenSSH agent refuses; it never asks
//! for a signature. Agents that ssh would not ask are [`look_for_others`]'.

mod others;
mod pinentry;
mod places;
mod program;

pub(super) use program::of_path as program_of;

pub use others::{look as look_for_others, named_by_the_shell};

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use base64::Engine as _;

use super::{expand::Tokens, keys, text};
use crate::{
    facts::{Agent, AgentState, Client, Config, Fact, Identity, Version},
    ssh::{
        agent::{self, AgentError, Answer},
        agent_bind,
        public_key::Fingerprint,
    },
    system::{Account, Platform, Stream, System},
};

/// The pipe of Windows' own agent (PowerShell/openssh-portable, contrib/win32).
const WINDOWS_PIPE: &str = r"\\.\pipe\openssh-ssh-agent";

/// How an agent behaves, as far as a login has to know.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// It may ask the person before it signs.
    pub may_ask: bool,
    /// It holds a key, or may hold one.
    pub holds: bool,
    /// It takes questions and does not answer.
    pub silent: bool,
}

impl From<&Agent> for Manner {
    fn from(agent: &Agent) -> Self {
        let holds = agent.identities.known().is_none_or(|identities| !identities.is_empty());
        Self { may_ask: agent.may_ask, holds, silent: agent.state == AgentState::Silent }
    }
}

/// Asks the agent that ssh would ask.
pub fn look(
    system: &dyn System,
    account: &Account,
    config: &Fact<Config>,
    client: &Fact<Client>,
    limit: Duration,
) -> Agent {
    let named = named(system, account, config, client);
    let (path, from) = match named {
        Named::Socket(path, from) => (path, from),
        Named::Nothing(state, why) => {
            // Where ssh asks no agent, it is known to get no key from one.
            let (identities, locked) = match why {
                None => (Vec::new().into(), false.into()),
                Some(why) => (Fact::unknown(&why), Fact::unknown(&why)),
            };
            return Agent { state, identities, locked, ..Agent::default() };
        }
    };
    let said = ask(system, &path, limit);
    let program = said.program.unwrap_or_else(|| by_path(system, account, &path));
    let why = said.why.clone().unwrap_or_default();
    let mut agent = Agent {
        state: said.state,
        socket: Some(text::path(&path)),
        socket_from: Some(from.to_owned()),
        program: Some(program.to_owned()),
        may_ask: program::asks(program),
        identities: said.identities.map_or_else(|| Fact::unknown(why.clone()), Fact::Known),
        failure: Some(why.clone()).filter(|_| said.state == AgentState::Failing),
        locked: Fact::unknown(why),
        denied_by_ssh_add: false,
        pinentry_missing: (program == "gpg-agent").then(|| pinentry::missing(system, account)).flatten(),
        withheld: Vec::new(),
        others: Vec::new(),
        other: None,
    };
    if let Some(identities) = agent.identities.known() {
        let at_hand = |identity: &Identity| identity.family.ends_with("-sk") || identity.comment.starts_with("cardno:");
        agent.may_ask |= identities.iter().any(at_hand);
        agent.locked = match said.open {
            _ if !identities.is_empty() => false.into(),
            Some(true) => false.into(),
            Some(false) if knows_binding(program, system, client) => true.into(),
            _ => Fact::unknown("it lists no keys, and only OpenSSH's own agent since 8.9 tells whether it is locked"),
        };
    }
    agent
}

/// The program that a path stands for. Relays to an agent of Windows lie in `~/.ssh` of a WSL by custom.
fn by_path(system: &dyn System, account: &Account, path: &Path) -> &'static str {
    let real = system.canonical(path).unwrap_or_else(|_| path.to_owned());
    let in_ssh = account.home.as_ref().is_some_and(|home| path.parent() == Some(&home.join(".ssh")));
    if in_ssh && system.env("WSL_DISTRO_NAME").is_some() { "relay" } else { program::of(&real) }
}

enum Named {
    Socket(PathBuf, &'static str),
    /// No socket; the reason if that is not certain.
    Nothing(AgentState, Option<String>),
}

/// Which socket ssh would use (ssh.c, main; ssh_config(5), IdentityAgent).
fn named(system: &dyn System, account: &Account, config: &Fact<Config>, client: &Fact<Client>) -> Named {
    const CONFIG: &str = "IdentityAgent";
    let configured = config.known().and_then(|config| config.identity_agent.as_deref());
    let variable = |name: &str| text::filled(system.env(name)).map(PathBuf::from);
    match configured {
        Some(word) if word.eq_ignore_ascii_case("none") => {
            return Named::Nothing(AgentState::Off, None);
        }
        None | Some("SSH_AUTH_SOCK") => {}
        Some(written) => {
            let name = written.strip_prefix('$').filter(|name| !name.starts_with('{'));
            if let Some(name) = name {
                return match variable(name) {
                    Some(path) => Named::Socket(path, CONFIG),
                    None => Named::Nothing(AgentState::NotConfigured, None),
                };
            }
            return match Tokens::new(system, account, config).path(written) {
                Fact::Known(path) => Named::Socket(path.into(), CONFIG),
                Fact::Unknown(why) => Named::Nothing(AgentState::NotConfigured, Some(why)),
            };
        }
    }
    if let Some(path) = variable("SSH_AUTH_SOCK") {
        return Named::Socket(path, "SSH_AUTH_SOCK");
    }
    let windows = system.platform() == Platform::Windows
        && client.known().is_none_or(|client| client.vendor.known().is_none_or(|vendor| vendor == "windows"));
    if windows {
        return Named::Socket(WINDOWS_PIPE.into(), "default");
    }
    Named::Nothing(AgentState::NotConfigured, None)
}

fn same(system: &dyn System, one: &Path, other: &Path) -> bool {
    let real = |path: &Path| system.canonical(path).unwrap_or_else(|_| path.to_owned());
    one == other || real(one) == real(other)
}

/// The agent is most likely of the same OpenSSH as ssh; a forwarded one is not of this machine.
fn knows_binding(program: &str, system: &dyn System, client: &Fact<Client>) -> bool {
    let version = client.known().and_then(|client| client.version.known().copied());
    let forwarded = system.env("SSH_CONNECTION").is_some();
    program == "openssh" && !forwarded && version.is_some_and(|version| version >= Version { major: 8, minor: 9 })
}

struct Said {
    state: AgentState,
    why: Option<String>,
    identities: Option<Vec<Identity>>,
    /// Whether an agent that lists nothing takes other requests, as an OpenSSH agent does unless it is locked.
    open: Option<bool>,
    /// The program, where the process at the other end is known.
    program: Option<&'static str>,
}

impl Said {
    fn failed(state: AgentState, why: impl Into<String>) -> Self {
        Self { state, why: Some(why.into()), identities: None, open: None, program: None }
    }
}

fn ask(system: &dyn System, path: &Path, limit: Duration) -> Said {
    let deadline = Instant::now() + limit;
    let mut stream = match system.connect_local(path, limit) {
        Ok(stream) => stream,
        Err(error) => return no_connection(&error),
    };
    let program = program::behind(system, stream.as_ref());
    let said = match exchange(stream.as_mut(), &agent::request_identities(), deadline) {
        Ok(answer) => understand(system, stream.as_mut(), &answer, deadline),
        Err(error) => no_answer(&error),
    };
    Said { program, ..said }
}

fn understand(system: &dyn System, stream: &mut dyn Stream, answer: &[u8], deadline: Instant) -> Said {
    match agent::parse_identities(answer) {
        Ok(Answer::Identities(list)) => {
            let with_certificate = |sent: &agent::Identity| {
                let certificate = keys::certificate_held(system, &text::clean(&sent.comment), &sent.blob);
                Identity { certificate, ..identity(sent) }
            };
            let identities: Vec<Identity> = list.iter().map(with_certificate).collect();
            let open = if identities.is_empty() { is_open(stream, deadline).ok() } else { None };
            Said { state: AgentState::Answers, why: None, identities: Some(identities), open, program: None }
        }
        Ok(Answer::Failure) => Said::failed(AgentState::Failing, "the agent refused to list its keys"),
        Err(error) => Said::failed(AgentState::Failing, error.to_string()),
    }
}

/// Whether an OpenSSH agent is open: see [`agent_bind`].
fn is_open(stream: &mut dyn Stream, deadline: Instant) -> io::Result<bool> {
    let mut ask = |request: &[u8]| exchange(stream, request, deadline);
    if agent_bind::answered(&ask(&agent_bind::query())?) {
        return Ok(true);
    }
    if !agent_bind::agreed(&ask(&agent_bind::request())?) {
        return Ok(false);
    }
    // It binds, and keeps to itself what it can do: either it does not know the question, or it is locked.
    Ok(!agent_bind::knows_query(&ask(&agent_bind::broken_request())?))
}

fn no_connection(error: &io::Error) -> Said {
    let state = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => AgentState::Missing,
        io::ErrorKind::PermissionDenied => AgentState::Forbidden,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => AgentState::Silent,
        _ => AgentState::Dead,
    };
    Said::failed(state, format!("the agent cannot be reached: {}", text::clean(error.to_string())))
}

fn no_answer(error: &io::Error) -> Said {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            Said::failed(AgentState::Silent, "the agent did not answer in time")
        }
        _ => Said::failed(AgentState::Failing, format!("the agent did not answer: {}", text::clean(error.to_string()))),
    }
}

/// Sends a request and reads one answer, without its length.
fn exchange(stream: &mut dyn Stream, request: &[u8], deadline: Instant) -> io::Result<Vec<u8>> {
    let invalid = |error: AgentError| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
    let left = || deadline.saturating_duration_since(Instant::now());
    stream.set_timeout(left())?;
    stream.write_all(request)?;
    stream.flush()?;
    let mut received = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some((message, _)) = agent::next_message(&received).map_err(invalid)? {
            return Ok(message.to_vec());
        }
        if left().is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_timeout(left())?;
        match stream.read(&mut buffer) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it closed the connection")),
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn identity(sent: &agent::Identity) -> Identity {
    let mut identity = Identity {
        comment: text::clean(&sent.comment),
        blob: base64::engine::general_purpose::STANDARD.encode(&sent.blob),
        fingerprint: Fingerprint::sha256(&sent.blob).to_string(),
        family: "other".to_owned(),
        bits: Fact::unknown("the key is not of a kind that is known here"),
        offered: Fact::unknown("it was not worked out"),
        ..Identity::default()
    };
    if let Ok(key) = sent.public_key() {
        identity.algorithm = text::clean(&key.algorithm);
        identity.family = keys::family(key.family).to_owned();
        identity.fingerprint = key.fingerprint.to_string();
        if let Some(bits) = key.bits {
            identity.bits = bits.into();
        }
    }
    identity
}

#[cfg(test)]
mod tests;
