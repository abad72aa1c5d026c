//! What `cci-ssh rerun` says: how to log in to the job, and what is worth knowing beside that.
//!
//! **Contract**: these types are the command's JSON, version 1. Fields are added, never renamed or removed. The schema in
//! docs/rerun.schema.json is made from them (`UPDATE=1 cargo test --lib report::rerun` writes it).

use owo_colors::OwoColorize as _;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Look, safe,
    ssh_jobs::count,
    style::{COMMAND, FAINT, PLAIN, STRONG},
    text::Page,
    v1,
};
use crate::facts::time;

/// Version of this document.
pub const VERSION: u32 = 1;

/// A job that was started again with SSH, or had it already.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "cci-ssh rerun")]
pub struct Rerun {
    /// 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// What wrote it.
    pub tool: v1::Tool,
    /// Whether somebody can log in.
    pub state: State,
    /// False where the job that was asked about runs with SSH already, so that none was started.
    pub started: bool,
    /// The job to log in to.
    pub job: Job,
    /// The id of its workflow.
    pub workflow: String,
    /// How to log in to each execution; empty where nobody can.
    pub executions: Vec<Execution>,
    /// Why nobody can, as `cci-ssh doctor --format json` says it; only where the state is `no-login`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<v1::Report>,
}

/// Whether somebody can log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The commands are there.
    Ready,
    /// The job prints no command; the report says why.
    NoLogin,
}

/// The job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Job {
    /// Its project: `gh/acme/web`.
    pub slug: String,
    /// Its number in the project; null where it never began.
    pub number: Option<u64>,
    /// Its name in the configuration.
    pub name: String,
    /// Its page.
    pub url: Option<String>,
    /// How many executions it has, where that is known.
    pub parallelism: Option<u32>,
    /// For people: `job 345 (test) of acme/web`.
    pub display: String,
}

/// How to log in to one execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Execution {
    /// Its number, from 0.
    pub execution: u32,
    /// The command, quoted for a POSIX shell.
    pub command: String,
    /// The same in words.
    pub argv: Vec<String>,
    /// Address or name.
    pub host: String,
    /// The port, where the command names one.
    pub port: Option<u16>,
    /// The user, where the command names one.
    pub user: Option<String>,
    /// Fingerprints of the host key that the job prints.
    pub fingerprints: Vec<Fingerprint>,
    /// How long the box stays up, as Go prints durations: `2h0m0s`.
    pub stays_up: Option<String>,
    /// How long it waits without a session: `10m0s`.
    pub waits: Option<String>,
    /// All commands that are printed, the one above first: a Windows job has one for each shell.
    pub commands: Vec<Vec<String>>,
}

/// A fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fingerprint {
    /// `SHA256:…`
    pub sha256: String,
    /// The key's family, `ed25519`, where it is told.
    pub family: Option<String>,
}

/// The command, to stand alone on its line.
pub fn command(execution: &Execution) -> String {
    format!("{}\n", safe::line(&execution.command).style(COMMAND))
}

/// A line about what is being done, on its own.
pub fn notice(text: &str) -> String {
    format!("{}\n", safe::line(text))
}

/// Commands to choose from, each with what it is about.
pub fn commands(commands: &[(String, String)]) -> String {
    let line = |(command, about): &(String, String)| {
        format!("    {}  {}\n", safe::line(command).style(COMMAND), safe::line(about).style(FAINT))
    };
    commands.iter().map(line).collect()
}

/// What stands above the command of one of several executions.
pub fn heading(execution: &Execution, look: Look) -> String {
    let mut page = Page::new(look);
    page.paragraph(FAINT, &format!("parallel run {}:", execution.execution), "", "");
    page.finish()
}

/// What is said before the commands.
pub fn title(rerun: &Rerun, look: Look) -> String {
    let mut page = Page::new(look);
    let words = if rerun.started { "has SSH now" } else { "runs with SSH already, so it was not started again" };
    page.paragraph(STRONG, &format!("{} {words}", rerun.job.display), "", "");
    page.finish()
}

/// What is worth knowing once the commands are there.
pub fn notes(rerun: &Rerun, address: &str, look: Look) -> String {
    let mut page = Page::new(look);
    let several = rerun.executions.len() > 1;
    for execution in &rerun.executions {
        for fingerprint in &execution.fingerprints {
            let family = fingerprint.family.as_ref().map(|family| format!(" ({family})")).unwrap_or_default();
            let of = if several { format!(", parallel run {}", execution.execution) } else { String::new() };
            note(&mut page, "host key", &format!("{}{family}{of}", fingerprint.sha256));
        }
    }
    if let Some(limits) = rerun.executions.first().and_then(limits) {
        page.paragraph(PLAIN, &limits, &lead("time"), &lead(""));
    }
    let missing = rerun.job.parallelism.unwrap_or(1).saturating_sub(u32::try_from(rerun.executions.len()).unwrap_or(1));
    if several && missing > 0 {
        let verb = if missing == 1 { "has" } else { "have" };
        let words = format!("{} {verb} printed no command so far", count(missing, "parallel run"));
        page.paragraph(PLAIN, &words, &lead("missing"), &lead(""));
    }
    if let Some(url) = &rerun.job.url {
        note(&mut page, "page", url);
    }
    note(&mut page, "end it", &format!("cci-ssh jobs --cancel {address}"));
    page.finish()
}

/// A line that is copied, and so never wrapped.
fn note(page: &mut Page, name: &str, words: &str) {
    page.styled(PLAIN, &format!("{}{}", lead(name), safe::line(words)));
}

fn lead(name: &str) -> String {
    format!("  {name:8}  ")
}

/// How long the box is there, in words.
fn limits(execution: &Execution) -> Option<String> {
    let words = |text: &Option<String>| time::go(text.as_ref()?).map(time::words);
    let waits = words(&execution.waits).map(|waits| format!("until {waits} pass without a session"));
    match (words(&execution.stays_up), waits) {
        (Some(life), Some(waits)) => Some(format!("it stays up for {life}, or {waits}")),
        (Some(life), None) => Some(format!("it stays up for {life}")),
        (None, Some(waits)) => Some(format!("it stays up {waits}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests;
