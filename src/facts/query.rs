//! Which public keys the server would accept (RFC 4252 section 7), asked without a signature.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answers of the public-key query.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// Fingerprints in the order in which they were to be asked, likely ones first.
    pub asked: Vec<String>,
    /// Those that the server would accept.
    pub accepted: Vec<String>,
    /// Those it said no to.
    pub refused: Vec<String>,
    /// How many public keys the server was shown in it.
    pub shown: usize,
    /// Every candidate got an answer.
    pub complete: bool,
    /// The server ended the connection before every key was asked.
    pub cut_short: bool,
    /// `probe-agent` (the user's own ssh) or `libssh2`.
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
