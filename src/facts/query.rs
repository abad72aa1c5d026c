//! Which public keys the server would accept (RFC 4252 section 7), asked without a signature.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why there are no answers, where nobody wanted any.
pub const TURNED_OFF: &str = "the key query was turned off (--no-key-probe)";

/// The answers of the public-key query.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// What was to be asked about, likely ones first, each by the SHA-256 of its blob: for a plain key that is its fingerprint,
    /// for a certificate its own.
    pub asked: Vec<String>,
    /// Those that the server would accept.
    pub accepted: Vec<String>,
    /// Those it said no to.
    pub refused: Vec<String>,
    /// Those without an answer: the server hung up before, or ssh did not offer them.
    pub not_answered: Vec<String>,
    /// How many public keys the server was shown in it.
    pub shown: usize,
    /// Every candidate got an answer.
    pub complete: bool,
    /// The server ended the connection before every key was asked.
    pub cut_short: bool,
    /// The time ran out before every key had its answer.
    pub timed_out: bool,
    /// `probe-agent` (the user's own ssh, and an agent of ours), or `public-files` (the same with copies of the public halves,
    /// where this system has no sockets for an agent).
    pub by: String,
}

/// What libssh2 saw where OpenSSH could not look or would not sign.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Witness {
    /// The server's greeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// `SHA256:…` of the host key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_key: Option<String>,
    /// Methods that the server offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// Fingerprints that the server accepted from libssh2, which may sign SHA-1 where OpenSSH refuses.
    pub accepted: Vec<String>,
    /// What a person calls the accepted ones: their paths, or comments of keys in the agent (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted_names: Vec<String>,
    /// Fingerprints it refused.
    pub refused: Vec<String>,
    /// Why it came no further, in libssh2's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}
