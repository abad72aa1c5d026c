//! The parts of an attempt.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ssh::log::event::Negotiated;
use crate::ssh::log::reason::{ConnectReason, LoadReason, ProviderReason, ResolveReason, SignReason, SkipReason};
use crate::ssh::log::trouble::Trouble;
use crate::ssh::seen::Seen;

/// The way of a login, in order (RFC 4251 section 1, ssh(1)).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Nothing was seen.
    #[default]
    NotStarted,
    /// The client stopped at its configuration or command line.
    ConfigError,
    /// The host name was looked up.
    Resolving,
    /// A TCP connection was being made.
    Connecting,
    /// The connection stood; no greeting yet.
    Connected,
    /// The server greeted with its version.
    Greeting,
    /// Algorithms and keys were being agreed on.
    KeyExchange,
    /// The server showed its host key.
    HostKey,
    /// The user was being authenticated.
    Authenticating,
    /// The server let the user in.
    Authenticated,
    /// A session was opened.
    Session,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The user was let in.
    Authenticated,
    /// `Permission denied`, and a public key would have been taken.
    Refused,
    /// `Permission denied`, and the server takes no public keys now.
    RefusedOther,
    /// The server hung up after too many tries.
    TooManyFailures,
    /// The server closed the connection.
    Closed,
    /// The connection was reset or broke.
    Reset,
    /// The server stopped answering after the connection was made. (Before: `connect-failed`, with the reason.)
    TimedOut,
    /// No TCP connection.
    ConnectFailed,
    /// The host name has no address.
    ResolveFailed,
    /// The client did not accept the host key.
    HostKeyRejected,
    /// Client and server share no algorithm of some kind.
    NoAlgorithmMatch,
    /// ssh_config or the command line is wrong.
    ConfigError,
    /// The jump host or proxy program did not get through.
    ProxyFailed,
    /// The other side does not speak SSH.
    NotSsh,
    /// The client gave up or could not run for a reason of its own.
    ClientError,
    /// We ended the client.
    Stopped,
    /// The log does not say.
    #[default]
    Unknown,
}

/// A command that somebody typed at a prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Typed {
    /// The command, without the prompt.
    pub text: String,
    /// The line.
    pub seen: Seen,
}

/// How much the client was asked to say (ssh(1), `-v`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Detail {
    /// Nothing: only what ssh tells everybody.
    #[default]
    Plain,
    /// `-v`.
    Debug1,
    /// `-vv`.
    Debug2,
    /// `-vvv`.
    Debug3,
}

impl Detail {
    pub(super) fn of(level: u8) -> Self {
        match level {
            0 => Detail::Plain,
            1 => Detail::Debug1,
            2 => Detail::Debug2,
            _ => Detail::Debug3,
        }
    }
}

/// What an attempt before the last one came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Earlier {
    /// Which attempt of the log it was, counted from 1.
    pub number: u64,
    /// Its first line with a known meaning, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_line: Option<usize>,
    /// Its last line with a known meaning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_line: Option<usize>,
    /// The host it went to, where the log names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The TCP port there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The user there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The command, where the log shows how it was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Typed>,
    /// How much the client said.
    pub detail: Detail,
    /// The farthest point reached.
    pub reached: Stage,
    /// How it ended.
    pub outcome: Outcome,
    /// The line that says how it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decisive: Option<Seen>,
    /// Keys put to the server, the first eight of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
    /// The key that the server took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Offer>,
    /// The method that let the user in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The git host that greeted the user: `github.com`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_host: Option<String>,
}

/// What came where the server's greeting should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InsteadOfGreeting {
    /// HTTP: a web server or a proxy.
    Http,
    /// An HTTP redirect: the login page of a Wi-Fi, most likely.
    HttpRedirect,
    /// sshd turns this address away for now: `Exceeded MaxStartups` (8.2 to 9.7), `Not allowed at this time` (9.8).
    Throttled,
}

impl InsteadOfGreeting {
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let has = |needle: &str| text.contains(needle);
        if has("location: http") || (has("http/1.") && has(" 30")) {
            Some(InsteadOfGreeting::HttpRedirect)
        } else if has("http/1.") || has("http/2") || has("<html") || has("<!doctype") {
            Some(InsteadOfGreeting::Http)
        } else if has("not allowed at this time") || has("exceeded maxstartups") {
            Some(InsteadOfGreeting::Throttled)
        } else {
            None
        }
    }
}

/// What the client waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Waiting {
    /// An older connection that is to be used again (ControlMaster).
    Master,
    /// The TCP connection.
    Connection,
    /// The server's version line.
    Greeting,
    /// The server's list of algorithms.
    KexInit,
    /// The server's half of the key exchange, the first large answer to the first large packet.
    KexReply,
    /// The server's answer about a key.
    Answer,
    /// A person: passphrase, touch, or a yes to the host key.
    Person,
}

/// The client program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Client {
    /// Version and library, as `ssh -V` prints them.
    pub text: String,
    /// The line.
    pub seen: Seen,
}

/// What kept ssh from beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClientProblemKind {
    /// There is no program of that name.
    Missing,
    /// A library that it needs is not there.
    LibraryMissing,
    /// Its library is of another version than it was built for.
    OpensslMismatch,
    /// The shell took a prompt or a placeholder of the pasted text for a part of the command.
    MisPasted,
    /// The command line was not understood.
    Usage,
    /// The command line and the configuration both have a remote command.
    TwoCommands,
    /// No socket can be made at ControlPath.
    ControlPath,
    /// Something else, in its words.
    #[default]
    Other,
}

/// Why there was no client, or why it gave up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ClientProblem {
    /// What it was.
    pub kind: ClientProblemKind,
    /// The line.
    pub seen: Seen,
}

/// The algorithms that one side proposes (RFC 4253 section 7.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Proposal {
    /// Key exchange methods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kex: Vec<String>,
    /// Types of the host key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_key: Vec<String>,
    /// Ciphers from the server to the client.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ciphers: Vec<String>,
    /// MACs from the server to the client.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub macs: Vec<String>,
}

/// Something ssh does not take in its configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ConfigProblem {
    /// The file; `command-line` for `-o`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What ssh says about it.
    pub text: String,
    /// The line.
    pub seen: Seen,
}

/// Whom the client logs in to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Target {
    /// Host name or address after ssh_config.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// User name on the server.
    pub user: String,
}

/// A name that has no address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Resolve {
    /// The name.
    pub host: String,
    /// Why, by meaning.
    pub reason: ResolveReason,
    /// Why, in ssh's words.
    pub text: String,
    /// The line.
    pub seen: Seen,
}

/// The TCP connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Connect {
    /// The host as named, after ssh_config.
    pub host: String,
    /// The address that was tried last, where the log says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// TCP port.
    pub port: u16,
    /// Why the last address did not serve. None: it served, or nothing is known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ConnectReason>,
    /// The same in ssh's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How many addresses did not serve.
    pub failed_addresses: u64,
    /// Addresses in the order tried, where the log says them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// The line.
    pub seen: Seen,
}

/// The way through another host or program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Proxy {
    /// It is a jump host (ProxyJump), not a ProxyCommand.
    pub jump: bool,
    /// The command; not said in logs without `-v`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// No line names it: two lines of a log without `-v`, one below the other, are read as a jump host's and ours, and may be
    /// those of two attempts.
    pub guessed: bool,
    /// The clients of the jump hosts, in the order in which they finished, nearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jumps: Vec<Jump>,
    /// What the proxy program said before the server greeted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Seen>,
    /// The line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// How far the login at a jump host came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Jump {
    /// The jump host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Its TCP port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The user there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The farthest point reached there.
    pub reached: Stage,
    /// How it ended there.
    pub outcome: Outcome,
    /// Why there was no connection to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_reason: Option<ConnectReason>,
    /// Keys put to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
    /// The line that says how it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decisive: Option<Seen>,
}

/// What the server said of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Server {
    /// Protocol version, `2.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Software version: `Go` for CircleCI's jobs, `OpenSSH_9.6`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
    /// Type of the host key, `ssh-rsa`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_key_algorithm: Option<String>,
    /// Its fingerprint, `SHA256:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_key_fingerprint: Option<String>,
    /// The key exchange method agreed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kex: Option<String>,
    /// Signature algorithms it takes (RFC 8308). Empty: it did not say, as servers that know only SHA-1 for RSA do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sig_algs: Vec<String>,
    /// The line with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sig_algs_seen: Option<Seen>,
    /// Authentication methods it offers, by its last answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// The line of its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// What the client thinks of a host key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HostKeyState {
    /// known_hosts has it.
    Known,
    /// It was not there and has been added.
    New,
    /// The client asks the user.
    Asked,
    /// It is not known, and nobody was there to be asked (BatchMode, no terminal), or the answer was no.
    #[default]
    Unconfirmed,
    /// known_hosts has another key of that type.
    Changed,
    /// It is not known, and StrictHostKeyChecking=yes forbids new ones.
    UnknownStrict,
    /// known_hosts or RevokedHostKeys revokes it.
    Revoked,
    /// It is an RSA key that is shorter than the client allows (ssh_config(5), RequiredRSASize).
    TooShort,
    /// The key or its certificate cannot be used.
    Invalid,
}

/// The host key and known_hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct HostKey {
    /// What the client thinks of it.
    pub state: HostKeyState,
    /// The name it was looked up under, `[203.0.113.7]:64535`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The file with the entry that fits, or that is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The entry's line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The line.
    pub seen: Seen,
}

/// An algorithm the two sides do not share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoMatch {
    /// Of which kind.
    pub what: Negotiated,
    /// What the server offers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub their_offer: Vec<String>,
    /// The line.
    pub seen: Seen,
}

/// An identity file the client looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct IdentityFile {
    /// Its path.
    pub path: String,
    /// A public key could be read from it, or from the .pub beside it.
    pub loaded: bool,
    /// The user named it, and it is not there.
    pub missing: bool,
    /// The same, named with `-i`: ssh passes over it before anything else.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub passed_over: bool,
}

/// A key file whose passphrase ssh asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Prompted {
    /// The file.
    pub path: String,
    /// How often ssh asked.
    pub times: usize,
    /// ssh found what was typed to be wrong, or empty. (Said with `-vv`.)
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bad: bool,
    /// The line in which it asked last.
    pub seen: Seen,
}

/// A key the client plans to try.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Planned {
    /// The file's path, or the comment of a key in the agent.
    pub path: String,
    /// Its type, where the public half is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// Its fingerprint, where the public half is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Named by the user.
    pub explicit: bool,
    /// Held by the agent.
    pub agent: bool,
    /// Held by a PKCS#11 token.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub token: bool,
}

/// What became of an offered key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OfferOutcome {
    /// The server takes it.
    Accepted,
    /// The server does not take it.
    Refused,
    /// The log ends, or the connection did, before the answer.
    #[default]
    NotAnswered,
    /// The client has no signature algorithm in common with the server; nothing was sent.
    NoMutualSignature,
    /// The server takes it; the signature could not be made.
    SigningFailed,
    /// The server takes it; the private key could not be read.
    LoadFailed,
    /// The server takes the key and refused its signature: an account or a limit in the server's own files.
    SignatureRefused,
}

/// A key put to the server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Offer {
    /// The file's path, or the comment of a key in the agent.
    pub path: String,
    /// Its type as ssh names it, `ED25519`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// Its fingerprint; not said before 7.6, where it is that of the file, or of the agent's key of that comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Held by the agent. (Said since 7.9.)
    pub agent: bool,
    /// Named by the user, in ssh_config or with `-i`. (Said since 7.9.)
    pub explicit: bool,
    /// Held by a PKCS#11 token. (Said since 7.9.)
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub token: bool,
    /// The server said that it would take the key, whatever came of it.
    pub accepted: bool,
    /// What became of it.
    pub outcome: OfferOutcome,
    /// Why the signature could not be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_reason: Option<SignReason>,
    /// Why the private key could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_reason: Option<LoadReason>,
    /// The line that says what became of it, or the offer itself.
    pub seen: Seen,
}

/// A key left out before it was offered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Skipped {
    /// The file's path, or the comment of a key in the agent; empty where the log does not say it.
    pub path: String,
    /// Its type, `ssh-dss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// Why.
    pub reason: SkipReason,
    /// The line.
    pub seen: Seen,
}

/// A private key that could not be used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LoadFailure {
    /// Its path.
    pub path: String,
    /// Why, by meaning.
    pub reason: LoadReason,
    /// Its file mode in octal, where too open a mode is the reason (not on Windows).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The line.
    pub seen: Seen,
}

/// A library for tokens that did not serve.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ProviderFailure {
    /// Its path, where the log says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// It is one for security keys (FIDO), not for PKCS#11.
    pub security_key: bool,
    /// Why, by meaning.
    pub reason: ProviderReason,
    /// The line.
    pub seen: Seen,
}

/// The agent as the client met it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AgentState {
    /// It answered.
    Ok,
    /// It holds no keys, or is locked.
    Empty,
    /// Its socket could not be used.
    #[default]
    Unreachable,
}

/// The agent in the log. A log without any line about it, although `-v` was given, means that SSH_AUTH_SOCK is unset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AgentSeen {
    /// How it answered.
    pub state: AgentState,
    /// How many keys it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// It took part in the binding to the host key (since 8.9); an empty agent that did not may be locked.
    pub bound: bool,
    /// Why it could not be used, in ssh's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The line.
    pub seen: Seen,
}

/// What a person has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// Type the key's passphrase. Also concluded when an accepted key file is passed over in silence, as BatchMode does.
    Passphrase,
    /// Touch the security key, or type its PIN.
    Touch,
    /// Type the PIN of a PKCS#11 token.
    Pin,
    /// Approve the use in the agent, which was not asked yet; a refusal is a failed signature.
    Approval,
}

/// A denial.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Denied {
    /// The user, where the line names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The host, where the line names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The methods the server would have taken.
    pub methods: Vec<String>,
    /// The line.
    pub seen: Seen,
}

/// The server's words when it hung up (RFC 4253 section 11.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Disconnect {
    /// The reason code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// The description.
    pub text: String,
    /// The line.
    pub seen: Seen,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SessionEnd {
    /// By itself: the command or shell ended.
    Closed,
    /// The server closed it.
    ClosedByRemote,
    /// The connection broke.
    Lost,
    /// The server stopped answering (ServerAliveInterval).
    TimedOut,
}

/// Something that went wrong inside the session. The login worked all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SessionTrouble {
    /// What.
    pub what: Trouble,
    /// The thing that the line names: a program, a terminal's type, a port, a host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The line.
    pub seen: Seen,
}

/// What came of the session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Session {
    /// The remote command that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The program the job could not find.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program_not_found: Option<String>,
    /// The job's server wanted a command or a terminal and got neither.
    pub no_command_or_pty: bool,
    /// A request the server refused: `PTY allocation`, `exec`, `subsystem`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_failed: Option<String>,
    /// The server did not open the session's own channel, and the log shows nothing after that but the end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not_opened: bool,
    /// Why a channel was not opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_failed: Option<String>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<SessionEnd>,
    /// The remote command's exit status; -1 where the server said none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_status: Option<i64>,
    /// How long the connection lasted, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// It ran over an older connection (ControlMaster).
    pub shared: bool,
    /// The git host that greeted the user, `github.com`: no job, and no shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_host: Option<String>,
    /// The account by which that host knows the key, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_account: Option<String>,
    /// The line that says the most about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// What went wrong inside it, one of each kind and thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<SessionTrouble>,
}
