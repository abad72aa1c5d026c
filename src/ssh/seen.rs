//! A line somebody can look up again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where something was seen, and its words: the unit of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Seen {
    /// A file, or what was looked at: `ssh -v`, `agent`.
    pub source: String,
    /// Line in it, from 1, where it has lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The words, cleaned of control characters.
    pub text: String,
}
