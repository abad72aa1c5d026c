//! What ssh would offer to the server, and in which order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Seen};

/// The keys that ssh would offer for the target, worked out from its configuration, the key files and the agent.
///
/// It is what a login should show, not what one has shown: where the attempt's log says otherwise, the log is right.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// The keys, each once, in the order in which ssh would offer them.
    pub offers: Vec<PlannedKey>,
    /// Keys of this machine that it would not offer, and why.
    pub left_out: Vec<LeftOut>,
    /// What is not known and may add keys, leave some out, or change their order; left out when nothing of that kind is
    /// missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsure: Option<String>,
    /// The attempt's log shows these keys in this order, as far as it came; unknown without an attempt that came to
    /// authentication.
    pub confirmed: Fact<bool>,
}

/// One key that ssh would offer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlannedKey {
    /// What ssh calls it in its log: the file's path, or the comment of a key that only the agent has.
    pub name: String,
    /// Algorithm name of the key, or of the certificate: `ssh-ed25519`, `ssh-rsa-cert-v01@openssh.com`.
    pub algorithm: String,
    /// `SHA256:…` of the key, or of the key in the certificate; left out where only the passphrase shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Where it comes from: `agent` (only there), `file`, `certificate`.
    pub from: String,
    /// The agent would sign with it.
    pub in_agent: bool,
    /// ssh has to load the private key before it can offer it, because nothing shows the public half.
    pub loaded_first: bool,
    /// ssh would ask for its passphrase before it can offer it.
    pub needs_passphrase: bool,
}

/// One key that ssh would not offer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LeftOut {
    /// The file's path, or the comment of a key that only the agent has.
    pub name: String,
    /// `SHA256:…`, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Why: `publickey-off`, `not-configured`, `default-name-replaced` (it has one of ssh's default names, and these are off
    /// because IdentityFile names another file), `identities-only`, `no-such-file`, `unreadable`, `mode-too-open`, `damaged`,
    /// `passphrase` (nobody may be asked for it, and nothing shows the public half), `type-unsupported`, `rsa-too-small`,
    /// `excluded` (PubkeyAcceptedAlgorithms), `sha1-only`, `unlisted` (the server takes no signature of an RSA key), `no-security-key-provider`, `host-certificate`.
    pub because: String,
    /// Where it comes from, as in [`PlannedKey`].
    pub from: String,
    /// Size in bits, of an RSA key that is too small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bits: Option<u32>,
    /// The option that decides, where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}
