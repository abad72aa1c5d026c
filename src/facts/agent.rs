//! The agent that ssh would ask.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Certificate, Fact};

/// How the agent answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AgentState {
    /// No socket is configured.
    #[default]
    NotConfigured,
    /// `IdentityAgent none`.
    Off,
    /// The socket does not exist.
    Missing,
    /// The socket exists and nobody listens.
    Dead,
    /// This user may not open it.
    Forbidden,
    /// It was reached, and did not answer in time.
    Silent,
    /// It answered something that is not the agent protocol, or refused to list.
    Failing,
    /// It answered.
    Answers,
}

/// The agent for the target.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Agent {
    /// What became of asking it.
    pub state: AgentState,
    /// Path of the socket (Windows: of the pipe).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<String>,
    /// Who named the socket: `SSH_AUTH_SOCK`, `IdentityAgent`, `default` (Windows' pipe).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket_from: Option<String>,
    /// The program behind it, told by the process that answers or by the path: `openssh`, `1password`, `secretive`,
    /// `gpg-agent`, `gnome-keyring`, `launchd`, `bitwarden`, `keeagent`, `keepassxc`, `strongbox`, `proton-pass`,
    /// `windows-service`, `forwarded` (an agent of another machine, by way of sshd), `relay` (to an agent of Windows),
    /// `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// What was wrong with its answer, where it gave one that is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// `ssh-add`, in the shell around a log, found no agent configured.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub denied_by_ssh_add: bool,
    /// gpg-agent's configuration names this program to ask for passphrases and PINs, and it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinentry_missing: Option<String>,
    /// Signing may ask the person at the screen (approval, touch, pinentry).
    pub may_ask: bool,
    /// The keys it holds, in the order in which it lists them.
    pub identities: Fact<Vec<Identity>>,
    /// It lists nothing and refuses the session-bind extension, as a locked agent does (PROTOCOL.agent, ssh-agent.c).
    pub locked: Fact<bool>,
    /// Fingerprints of keys that it lists here and kept from ssh once it knew the server: they were added for other hosts only
    /// (ssh-add(1), -h) (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
    /// `$SSH_AUTH_SOCK` names another socket than IdentityAgent, and that one answers with keys: the first of `others`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<OtherAgent>,
    /// Agents of this user that ssh does not ask and that hold keys, or were left in peace; looked for only where a login was
    /// refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherAgent>,
}

/// One key in an agent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// Algorithm name.
    pub algorithm: String,
    /// Family, as in [`super::Key::family`].
    pub family: String,
    /// Size in bits.
    pub bits: Fact<u32>,
    /// `SHA256:…`.
    pub fingerprint: String,
    /// Comment, cleaned of control characters.
    pub comment: String,
    /// The blob in base64, as in a public line.
    pub blob: String,
    /// What it says, where it is a certificate; its path is the comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// ssh would offer it for this target (inferred).
    pub offered: Fact<bool>,
}

/// An agent that ssh does not ask.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OtherAgent {
    /// Its socket.
    pub socket: String,
    /// Who names the socket: `SSH_AUTH_SOCK`, `tmux` (its environment for new windows), `usual-place`.
    pub named_by: String,
    /// The program behind it, in the words of [`Agent::program`].
    pub program: String,
    /// It was asked for its keys; one that would open a window for that was only seen to live.
    pub asked: bool,
    /// Number of keys in it.
    pub identities: usize,
    /// The keys, in the order in which it lists them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Identity>,
}
