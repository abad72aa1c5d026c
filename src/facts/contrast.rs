//! Another login that is laid beside the one that failed: what works there shows what is missing here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Seen;

/// The other login: of a second log, or of an earlier attempt in the same one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Contrast {
    /// The log that it is in.
    pub source: String,
    /// Where it went, for people: `github.com`, `203.0.113.7 port 64535`.
    pub place: String,
    /// The host, as ssh names it.
    pub host: String,
    /// Its TCP port, where the log shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The user there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// It let the user in.
    pub works: bool,
    /// The key that did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<WorkingKey>,
    /// The version of ssh there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The home folder there, where the log shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// Keys that the agent there holds, where the log shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_keys: Option<u64>,
    /// It went through a jump host or a proxy program.
    pub proxied: bool,
    /// The line that says how it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The two logs come from the same machine and account, by the home folder (inferred).
    pub same_machine: bool,
    /// Both went to the same host and port (inferred).
    pub same_place: bool,
    /// The key that works there was not offered here, where ssh offered others, or had it in an agent (inferred).
    pub wrong_key: bool,
    /// The key that works there was not offered here, where ssh offered none at all; it is a file (inferred).
    pub unnamed_key: bool,
    /// The key that works there was offered here, and the server refused it (inferred).
    pub not_registered: bool,
    /// What else is different and may matter (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
}

impl Contrast {
    /// The file of the key that works there and was not offered here, where both are one machine.
    pub(crate) fn missing_file(&self) -> Option<&str> {
        let missing = self.wrong_key || self.unnamed_key;
        self.key.as_ref().filter(|_| missing).and_then(|key| key.path.as_deref())
    }
}

/// The key that let the user in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WorkingKey {
    /// The file's path, or the comment of a key in the agent.
    pub name: String,
    /// Its fingerprint, `SHA256:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Held by the agent.
    pub agent: bool,
    /// What to give to `-i` on the machine of the login that failed; left out where the key is in an agent, or on another
    /// machine (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line.
    pub seen: Seen,
}

/// One thing that is not the same in both.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Difference {
    /// What: `ssh`, `port`, `user`, `agent`, `way`.
    pub what: String,
    /// How it is where it works.
    pub there: String,
    /// How it is here.
    pub here: String,
}
