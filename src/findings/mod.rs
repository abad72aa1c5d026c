//! What was concluded: findings, their evidence and fixes, and which of them explains which.
//!
//! Nothing here looks at the machine or judges facts; checks make findings, [`cause`] links them, reports print them.

pub mod cause;
mod plain;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use cause::{Outcome, STAGES, Verdict};
pub use plain::{is_hidden, plain};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// It will bite.
    Warning,
    /// It blocks the login.
    Error,
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// One of several explanations.
    Possible,
    /// The best explanation of what was seen.
    Likely,
    /// What was seen leaves no other explanation.
    Certain,
}

/// How far a fix can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// Paste it: nothing is lost, whatever happens.
    Safe,
    /// Paste it once its reason is understood.
    Ask,
    /// It cannot be pasted as it stands.
    Manual,
}

/// A line that shows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// A file, or what was looked at.
    pub source: String,
    /// Line in it, from 1.
    pub line: Option<usize>,
    /// Its words.
    pub text: String,
}

/// One way to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// Where it is done: `this machine`, `job image`, `circleci web`, `circleci api`, `git host`.
    pub place: String,
    /// How far it can be trusted.
    pub safety: Safety,
    /// Why one should think before, for [`Safety::Ask`].
    pub reason: Option<String>,
    /// The doctor has seen that it works.
    pub verified: bool,
    /// Complete commands, quoted for the shell they are for.
    pub commands: Vec<String>,
    /// Where to do it by hand.
    pub url: Option<String>,
}

/// A check that fired.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The check's id.
    pub check: String,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The stage it belongs to, in kebab-case: the check's folder.
    pub stage: String,
    /// It only restates the failure; a report with nothing else does not know the cause.
    pub symptom: bool,
    /// Of several causes in its stage it is the one that ssh meets first.
    pub meets_first: bool,
    /// Nothing that fired explains it.
    pub root: bool,
    /// The finding that explains it.
    pub explained_by: Option<String>,
    /// Ids that this check explains when they fire.
    pub explains: Vec<String>,
    /// What is wrong, in one line.
    pub title: String,
    /// What happened, why, and how to see it for oneself; Markdown paragraphs.
    pub detail: String,
    /// What an `each` check is about: the list item.
    pub subject: Option<serde_json::Value>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// How to mend it, best first.
    pub fixes: Vec<Fix>,
}

/// A check that did not fire, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuledOut {
    /// The check's id.
    pub check: String,
    /// A true sentence: `not the agent: it answers and holds 2 keys`, or in the words of the facts `agent.state is answers`.
    pub because: String,
    /// It is the check's own sentence, for people; else it speaks in facts.
    pub in_words: bool,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        })
    }
}
