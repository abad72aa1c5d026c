//! Facts that follow from the others: how far the login comes, who would be let in, and with what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Seen};

/// A part of the way to a shell, in the order in which a login meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The ssh program and the command line.
    #[default]
    Client,
    /// ssh_config.
    Config,
    /// Private keys and certificates.
    Keys,
    /// The agent.
    Agent,
    /// Names, routes, connections.
    Network,
    /// Greeting and key exchange.
    Handshake,
    /// The server's host key.
    HostKey,
    /// Public-key authentication.
    Authentication,
    /// What runs after the login.
    Session,
    /// CircleCI: job, project, account.
    Circleci,
}

/// What the attempt says, put into the words the report needs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// The login works: it was authenticated, or it would be once the person types a passphrase, touches a token or approves.
    pub works: bool,
    /// It works once the person does this: `passphrase`, `touch`, `approval`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    /// The stage where it ended, when it did not work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_stage: Option<Stage>,
    /// The attempt's outcome: `authenticated`, `refused`, `too-many-failures`, `closed`, `connect-failed`, …
    pub outcome: String,
    /// The line in which ssh says so.
    pub seen: Seen,
}

/// Who would be let in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Keys that ssh offered in the attempt.
    pub offered: usize,
    /// Keys that this machine could offer: files and agent, each counted once.
    pub candidates: usize,
    /// Keys that the server was asked about, by either connection.
    pub asked: usize,
    /// Every candidate was asked, and none could have been overlooked (no unreadable public half, no silent agent).
    pub everything_asked: bool,
    /// The server said no to every candidate, and there was at least one.
    pub all_refused: bool,
    /// There is no key at all, neither on disk nor in the agent.
    pub no_candidates: bool,
    /// The key that would be let in; left out when none is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winner: Option<Winner>,
    /// Offers the server heard before it hung up, when it did so for their number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_heard: Option<usize>,
    /// The server offers methods, and `publickey` is not among them.
    pub publickey_not_offered_by_server: Fact<bool>,
    /// Methods in the denial: `publickey,password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<String>,
    /// RSA keys that the client would not sign for with the only algorithm the server takes.
    pub sha1_only_keys: Vec<String>,
    /// The denial came from a jump host, not from the target.
    pub denied_by_jump_host: bool,
    /// The line of the denial.
    pub seen: Seen,
}

/// The key that the server would accept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Winner {
    /// What to give to `-i`: the private key's file, or the public half where the private one lives in the agent.
    pub path: String,
    /// What a person calls it: the path, or the agent's comment.
    pub name: String,
    /// `SHA256:…`.
    pub fingerprint: String,
    /// Algorithm name.
    pub algorithm: String,
    /// The private key is a file that ssh can load.
    pub on_disk: bool,
    /// The agent holds it.
    pub in_agent: bool,
    /// ssh will ask for its passphrase.
    pub encrypted: bool,
    /// ssh offered it in the attempt.
    pub offered: bool,
    /// Its place among the offers, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    /// Why ssh did not offer it: `not-configured`, `identities-only`, `too-late`, `publickey-off`, `excluded`, `agent-off`,
    /// `unknown`; left out when it was offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_offered_because: Option<String>,
    /// Nothing about the key keeps ssh from using it once it is named: `-i` with IdentitiesOnly logs in.
    pub ready: bool,
    /// The acceptance, as evidence.
    pub seen: Seen,
}

/// One line of the way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// Which part.
    pub stage: Stage,
    /// `ok`, `warning`, `failed`, `not-reached`, `not-checked`.
    pub status: String,
    /// What was found, in a few words.
    pub summary: String,
}
