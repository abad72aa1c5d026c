//! A log of ssh that was read in place of a look at the machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Seen;

/// The log, and what it leaves open.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Its file, or `standard input`.
    pub source: String,
    /// Lines in it.
    pub lines: u64,
    /// Attempts to log in that it holds; the last is judged.
    pub attempts: u64,
    /// The command that began the last attempt, where it stands above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Seen>,
    /// The line in which an editor's extension says with which command it started ssh for the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub editor: Option<Seen>,
    /// The line where somebody pressed Ctrl-C in the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Seen>,
    /// What wrote it, for people: `OpenSSH_9.9p1 on Linux`; left out where it shows neither (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<String>,
    /// It names the host that ssh went to (inferred).
    pub names_target: bool,
    /// It comes from PowerShell's machine, so commands are for that (inferred).
    pub powershell: bool,
    /// It stops before the login came to an end (inferred).
    pub unfinished: bool,
    /// What the attempts before the last one came to, the oldest of the last eight first (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Before>,
    /// Causes of the denial that it leaves open, likely ones first (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_causes: Vec<OpenCause>,
}

/// An attempt before the one that is judged.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Before {
    /// Which attempt of the log it was, from 1.
    pub number: u64,
    /// What it came to, and what it did otherwise than the last: `denied with /home/ana/.ssh/id_rsa`.
    pub what: String,
    /// The line that says so.
    pub seen: Seen,
}

/// A cause that a log neither shows nor excludes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OpenCause {
    /// The check that is about it: `cci-ssh explain` has the page.
    pub check: String,
    /// What may have happened, as a clause.
    pub what: String,
}
