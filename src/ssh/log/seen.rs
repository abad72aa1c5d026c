//! Evidence: a line as it was seen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A line somebody can look up: where it was seen, at which line, and what it said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Seen {
    /// What was read, in the words of the user: `ssh -v`, a file name, `standard input`.
    pub source: String,
    /// Line number in the source, counted from 1.
    pub line: u64,
    /// The cleaned line: no control characters, at most 300 characters.
    pub text: String,
}
