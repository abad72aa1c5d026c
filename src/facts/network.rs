//! The way to the server, without authentication: names, connection, greeting, algorithms, known keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Seen};

/// Name resolution and the connection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// What was connected to: host and port after the configuration.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The host is an address, not a name.
    pub host_is_address: bool,
    /// Addresses in the order tried.
    pub addresses: Fact<Vec<String>>,
    /// Why the name has no address: `unknown-name`, `temporary`, `no-address`, `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolve_failure: Option<String>,
    /// An IPv6 address that did not answer, before one of IPv4 did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silent_first: Option<Tcp>,
    /// Every address that was tried is one of IPv6 (of a log).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub only_ipv6: bool,
    /// How the connection ended up.
    pub tcp: Fact<Tcp>,
}

/// One TCP connection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tcp {
    /// `open`, `refused`, `timed-out`, `no-route`, `network-unreachable`, `forbidden`, `reset`, `other`.
    pub state: String,
    /// The address this is about: the one that opened, or the last that failed.
    pub address: String,
    /// Milliseconds until it opened or failed.
    pub milliseconds: u64,
    /// The system's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// As evidence.
    pub seen: Seen,
}

/// What the server says before anybody logs in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The protocol of its first bytes: `ssh2`, `ssh1`, `http`, `tls`, `text`, `binary`, `nothing`.
    pub spoke: String,
    /// How the greeting ended: `complete`, `closed`, `reset`, `silent`.
    pub greeting_end: String,
    /// `SSH-2.0-Go`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// Software part of it: `Go`, `OpenSSH_9.2p1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
    /// The first line it said, when that is no greeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_line: Option<String>,
    /// Where an HTTP answer redirects to: the mark of a captive portal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// It turned the connection away in words: `max-startups` or `not-allowed` (OpenSSH's penalties).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turned_away: Option<String>,
    /// Its algorithms.
    pub offers: Fact<ServerOffers>,
    /// The first words, as evidence.
    pub seen: Seen,
}

/// SSH_MSG_KEXINIT of the server (RFC 4253 section 7.1).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerOffers {
    /// kex_algorithms.
    pub kex: Vec<String>,
    /// server_host_key_algorithms.
    pub host_key: Vec<String>,
    /// encryption_algorithms_server_to_client.
    pub ciphers: Vec<String>,
    /// mac_algorithms_server_to_client.
    pub macs: Vec<String>,
    /// Categories for which the effective configuration and this offer have nothing in common: `kex`, `host-key`,
    /// `cipher`, `mac` (inferred).
    pub no_match: Vec<String>,
}

/// What known_hosts says about exactly this host and port.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KnownHosts {
    /// The name ssh looks up: `[203.0.113.7]:64535`, or the plain name for port 22.
    pub name: String,
    /// Files that were read.
    pub files: Vec<String>,
    /// Entries for it.
    pub entries: Vec<KnownHost>,
    /// Lines that are no known_hosts lines, as `file:line`.
    pub bad_lines: Vec<String>,
    /// Only the line that ssh pointed at is known, of which a log does not show what else stands in it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub of_a_log: bool,
    /// `ssh-keygen -R` takes out what is known about this host and nothing else: its keys stand in one file that is the
    /// user's to change, in lines that name no other host (inferred).
    pub removable: bool,
}

/// One line about this host.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KnownHost {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// `revoked` or `cert-authority`, when the line has a marker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// Key algorithm.
    pub algorithm: String,
    /// `SHA256:…`.
    pub fingerprint: String,
    /// The name is hashed.
    pub hashed: bool,
    /// The line is for other hosts too: it has several names, or a pattern.
    pub shared: bool,
}
