//! What keeps a job from running, as it follows from CircleCI's facts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::Seen;

/// The restriction of a context that an unauthorized job does not meet, or the likeliest of those that it may not meet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Restricted {
    /// The context's name.
    pub context: String,
    /// `ssh-expression` (an expression that speaks of `job.ssh.enabled`), `expression`, `project`, `group`, `other`.
    pub kind: String,
    /// What it asks for: the expression, or the name of the project or group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wants: Option<String>,
    /// What is known about the job contradicts it.
    pub proven: bool,
    /// The restriction, as evidence.
    pub seen: Seen,
}

/// A policy of the organisation that forbids the job (config policies).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// The remark names `ssh_rerun`, the policy about reruns with SSH.
    pub about_ssh: bool,
    /// The remark.
    pub seen: Seen,
}
