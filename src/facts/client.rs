//! The ssh programs on this machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Seen};

/// The ssh that would run, and the others on PATH.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Client {
    /// A program called ssh was found on PATH.
    pub found: bool,
    /// The first one on PATH: the one that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// It started and told its version.
    pub usable: Fact<bool>,
    /// What it printed instead, when it did not: its first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<ClientFailure>,
    /// The version line as printed: `OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.22 25 Aug 2026`.
    pub version_text: Fact<String>,
    /// The number in it; unknown when the program is not OpenSSH.
    pub version: Fact<Version>,
    /// Who built it: `openssh`, `debian`, `ubuntu`, `fedora`, `apple`, `windows`, `other`.
    pub vendor: Fact<String>,
    /// The crypto library in the version line: `OpenSSL 3.0.22`, `LibreSSL 3.3.6`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crypto: Option<String>,
    /// The first one on PATH is a script: its line that names ssh, or its first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<Seen>,
    /// It told its configuration (ssh(1), -G).
    pub tells_configuration: bool,
    /// Options, in lower case, that it sets by itself: ssh has a value for them that stands in no file and was not typed
    /// (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub script_sets: Vec<String>,
    /// The first program behind it that is no script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind_script: Option<String>,
    /// A log shows that it cannot be started, and not on which system.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub system_unknown: bool,
    /// Every ssh on PATH, in order, without repeats of the same file.
    pub programs: Vec<Program>,
    /// Signs RSA keys with SHA-2 (OpenSSH 7.2 and later; RFC 8332).
    pub signs_rsa_sha2: Fact<bool>,
    /// Refuses SHA-1 RSA signatures unless told otherwise (OpenSSH 8.8 and later).
    pub refuses_sha1: Fact<bool>,
    /// Knows `StrictHostKeyChecking accept-new` (OpenSSH 7.6 and later).
    pub accepts_new_hosts: Fact<bool>,
    /// Too old to know ed25519 keys or rsa-sha2 (before 7.2).
    pub too_old: Fact<bool>,
}

impl Client {
    /// A client that did not come to tell its version, and why: nothing that follows from one is known.
    pub(crate) fn without_version(why: &str) -> Self {
        Self {
            version_text: Fact::unknown(why),
            version: Fact::unknown(why),
            vendor: Fact::unknown(why),
            signs_rsa_sha2: Fact::unknown(why),
            refuses_sha1: Fact::unknown(why),
            accepts_new_hosts: Fact::unknown(why),
            too_old: Fact::unknown(why),
            ..Self::default()
        }
    }
}

/// A program's version; fields are comparable numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Version {
    /// 9 in 9.2p1.
    pub major: u32,
    /// 2 in 9.2p1.
    pub minor: u32,
}

/// Why the ssh that was found does not work.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientFailure {
    /// `library-missing`, `openssl-mismatch`, `not-openssh`, `did-not-start`, `no-answer`.
    pub kind: String,
    /// The first line it printed, or the system's words.
    pub text: String,
}

/// One program called ssh.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Program {
    /// As found on PATH.
    pub path: String,
    /// Where its links lead.
    pub resolved: String,
}
