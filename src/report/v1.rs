//! Version 1 of the JSON report: a frozen copy of the inner types, so that those may change.
//!
//! **Contract**: fields are added here, never renamed or removed; anything else is a version 2 beside it. The schema in
//! docs/report.schema.json is made from these types (`UPDATE=1 cargo test --lib report::json` writes it).

use schemars::JsonSchema;
use serde::Serialize;

/// Version of this report.
pub const VERSION: u32 = 1;

/// A report of `cci-ssh doctor`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "cci-ssh report")]
pub struct Report {
    /// 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// What wrote it.
    pub tool: Tool,
    /// What was asked about; null: this machine only.
    pub target: Option<Target>,
    /// What it all amounts to.
    pub verdict: Verdict,
    /// The parts of the way, in the order in which a login meets them.
    pub stages: Vec<Stage>,
    /// What was found; the root cause that blocks the login comes first.
    pub findings: Vec<Finding>,
    /// What it is not, and what shows that.
    pub ruled_out: Vec<RuledOut>,
    /// What could not be learnt.
    pub unknown: Vec<Unknown>,
    /// The facts as in docs/facts.schema.json; only with `--with-facts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The program.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Tool {
    /// `cci-ssh`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
    }
}

/// What was asked about.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Target {
    /// For people: `203.0.113.7 port 64535`.
    pub display: String,
    /// Address, name, or Host alias, as given.
    pub host: String,
    /// The port that was given.
    pub port: Option<u16>,
    /// The user that was given.
    pub user: Option<String>,
    /// `direct`, `proxy`, `proxy-host`, `alias`, `other`, `none`.
    pub form: String,
    /// What follows `ssh` to reach it.
    pub ssh_args: Vec<String>,
    /// The remote command, in words.
    pub remote_command: Vec<String>,
    /// A slip that was understood all the same.
    pub slip: Option<String>,
    /// Options of pasted text that were left out because they run programs or read other files.
    pub left_out: Vec<String>,
}

/// What it all amounts to.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing is wrong.
    Healthy,
    /// Something is wrong, and the login is not known to be blocked.
    Problems,
    /// It is known what blocks the login.
    Blocked,
    /// The login failed, and no check knows why.
    Unknown,
}

/// One part of the way.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Stage {
    /// `client`, `config`, `keys`, `agent`, `network`, `handshake`, `host-key`, `authentication`, `session`, `circleci`.
    pub stage: String,
    /// How it went.
    pub status: Status,
    /// What was found, in a few words.
    pub summary: String,
}

/// How a part of the way went.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nothing is wrong with it.
    Ok,
    /// Something will bite.
    Warning,
    /// The login ends here.
    Failed,
    /// The login ended before it.
    NotReached,
    /// Nobody looked.
    NotChecked,
}

/// A check that fired.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Finding {
    /// The check's id; `cci-ssh explain` knows more.
    pub check: String,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The part of the way it belongs to.
    pub stage: String,
    /// No other finding explains it.
    pub root: bool,
    /// The finding that explains it.
    pub explained_by: Option<String>,
    /// What is wrong, in one line.
    pub title: String,
    /// What happened and why; Markdown.
    pub detail: String,
    /// What it is about, when a check looks at each of several things.
    pub subject: Option<serde_json::Map<String, serde_json::Value>>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// How to mend it, best first.
    pub fixes: Vec<Fix>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// One of several explanations.
    Possible,
    /// The best explanation of what was seen.
    Likely,
    /// What was seen leaves no other explanation.
    Certain,
}

/// A line that shows it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Evidence {
    /// A file, or what was looked at.
    pub source: String,
    /// Line in it, from 1.
    pub line: Option<usize>,
    /// Its words.
    pub text: String,
}

/// One way to mend it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// `this machine`, `job image`, `circleci web`, `circleci api`, `git host`.
    #[serde(rename = "where")]
    pub place: String,
    /// How far it can be trusted.
    pub safety: Safety,
    /// The doctor has seen that it works.
    pub verified: bool,
    /// Complete commands, quoted for the shell they are for.
    pub commands: Vec<String>,
    /// Where to do it by hand.
    pub url: Option<String>,
}

/// How far a fix can be trusted.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// Paste it: nothing is lost, whatever happens.
    Safe,
    /// Paste it once its reason is understood.
    Ask,
    /// It cannot be pasted as it stands.
    Manual,
}

/// A check that did not fire.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RuledOut {
    /// The check's id.
    pub check: String,
    /// What was seen instead.
    pub because: String,
}

/// A fact that could not be learnt.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Unknown {
    /// Dotted path of the fact.
    pub fact: String,
    /// The reason.
    pub why: String,
}
