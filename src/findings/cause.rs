//! Which finding explains which, and what comes first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What all findings amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing to say.
    Healthy,
    /// The login is not known to be blocked, but something is wrong.
    Problems,
    /// It is known what blocks the login.
    Blocked,
    /// The login failed, and nothing that was found explains it.
    Unknown,
}
