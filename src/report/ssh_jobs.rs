//! What `cci-ssh jobs` says: the jobs with SSH that run or wait, and what became of those that were to be cancelled.
//!
//! **Contract**: these types are the command's JSON, version 1. Fields are added, never renamed or removed. The schema in
//! docs/jobs.schema.json is made from them (`UPDATE=1 cargo test --lib report::ssh_jobs` writes it).

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Look, safe,
    style::{CAUTION, FAINT, GOOD, PLAIN},
    text::Page,
    v1,
};
use crate::facts::time;

/// Version of this document.
pub const VERSION: u32 = 1;

/// The list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "cci-ssh jobs")]
pub struct Jobs {
    /// 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// What wrote it.
    pub tool: v1::Tool,
    /// The jobs, the oldest first.
    pub jobs: Vec<Job>,
    /// How many places of the organisation's concurrency they hold together.
    pub slots: u32,
    /// Why there may be more, a sentence each.
    pub incomplete: Vec<String>,
}

/// What was cancelled.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "cci-ssh jobs --cancel")]
pub struct Cancellation {
    /// 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// What wrote it.
    pub tool: v1::Tool,
    /// The jobs that were named.
    pub cancelled: Vec<Cancelled>,
}

/// A job with SSH that runs or waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Job {
    /// Its project: `gh/acme/web`.
    pub slug: String,
    /// The project for people: `acme/web`.
    pub project: String,
    /// Its number in the project.
    pub number: u64,
    /// Its name in the configuration.
    pub name: String,
    /// CircleCI's word for how it stands: `running`, `queued`, …
    pub status: String,
    /// Its page.
    pub url: Option<String>,
    /// Its branch.
    pub branch: Option<String>,
    /// It is the token owner's own.
    pub mine: bool,
    /// Whose it is, as far as CircleCI tells.
    pub owner: Option<String>,
    /// When it was queued (RFC 3339).
    pub queued_at: Option<String>,
    /// When it began (RFC 3339); null while it waits.
    pub started_at: Option<String>,
    /// For how many seconds it has run, or waited where it has not begun, by CircleCI's clock.
    pub age_seconds: Option<i64>,
    /// `docker`, `machine`, …
    pub executor: Option<String>,
    /// Its size: `large`.
    pub resource_class: Option<String>,
    /// How many places of the organisation's concurrency it holds: one for each parallel run.
    pub slots: u32,
}

/// A job that was to be cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cancelled {
    /// Its project: `gh/acme/web`.
    pub slug: String,
    /// Its number in the project.
    pub number: u64,
    /// For people: `job 345 (test) of acme/web`.
    pub display: String,
    /// What became of it.
    pub result: Outcome,
    /// Why it was not cancelled, or how it had ended.
    pub why: Option<String>,
}

/// What became of a job that was to be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// CircleCI cancels it.
    Cancelled,
    /// It had ended before.
    HadEnded,
    /// CircleCI does not do it.
    Failed,
}

/// The list for people; `everybody` says whose jobs were asked for.
pub fn list(jobs: &Jobs, everybody: bool, look: Look) -> String {
    let mut page = Page::new(look);
    if jobs.jobs.is_empty() {
        let whose = if everybody { "" } else { " of yours" };
        let (status, words) = if jobs.incomplete.is_empty() {
            ("ok", "runs or waits")
        } else {
            ("not-checked", "is known to run or wait")
        };
        let (mark, style) = look.status(status);
        page.paragraph(style, &format!("No job with SSH{whose} {words}"), &format!("{mark} "), "  ");
    }
    for job in &jobs.jobs {
        let mark = if job.started_at.is_some() { ("*", GOOD) } else { ("-", CAUTION) };
        page.item(mark, &headline(job), "");
        page.paragraph(PLAIN, &standing(job, everybody), "    ", "    ");
        if let Some(url) = &job.url {
            page.styled(FAINT, &format!("    {}", safe::line(url)));
        }
    }
    if !jobs.jobs.is_empty() {
        page.blank();
        let (places, end) = (count(jobs.slots, "place"), if jobs.jobs.len() == 1 { "it" } else { "one" });
        let whose = if everybody { "" } else { " of yours" };
        let number = jobs.jobs.len();
        let (noun, verb) = if number == 1 { ("job", "holds") } else { ("jobs", "hold") };
        let text = format!("{number} {noun} with SSH{whose} {verb} {places} of the organisation's concurrency.");
        page.paragraph(PLAIN, &text, "", "");
        page.styled(PLAIN, &format!("To end {end}: cci-ssh jobs --cancel {}", full_name(&jobs.jobs[0])));
    }
    if !jobs.incomplete.is_empty() {
        page.blank();
        jobs.incomplete.iter().for_each(|why| page.paragraph(FAINT, why, "", ""));
    }
    page.finish()
}

/// The name that is never two jobs', as a word of a command line.
fn full_name(job: &Job) -> String {
    let name = format!("{}/{}", job.slug, job.number);
    safe::line(&shlex::try_quote(&name).map(String::from).unwrap_or_default()).into_owned()
}

/// `345  test of acme/web, branch main`.
fn headline(job: &Job) -> String {
    let branch = job.branch.as_ref().map(|branch| format!(", branch {branch}")).unwrap_or_default();
    format!("{}  {} of {}{branch}", job.number, job.name, job.project)
}

/// `running for 47 minutes (since 10:00 UTC), 4 places, large`.
fn standing(job: &Job, everybody: bool) -> String {
    let age = job.age_seconds.map(|seconds| format!(" for {}", time::words(seconds))).unwrap_or_default();
    let since = job.started_at.as_ref().or(job.queued_at.as_ref());
    let since = since.and_then(|since| time::of_day(since)).map(|at| format!(" (since {at})")).unwrap_or_default();
    let word = match (job.status.as_str(), &job.started_at) {
        ("running", _) => "runs",
        (_, None) => "waits",
        (other, Some(_)) => other,
    };
    let mut parts = vec![format!("{word}{age}{since}"), count(job.slots, "place")];
    parts.extend([&job.executor, &job.resource_class].into_iter().flatten().cloned());
    if everybody {
        parts.push(match (&job.owner, job.mine) {
            (_, true) => "yours".to_owned(),
            (Some(owner), false) => format!("{owner}'s"),
            (None, false) => "not yours".to_owned(),
        });
    }
    parts.join(", ")
}

/// The question before they are cancelled.
pub fn question(jobs: &[String]) -> String {
    let lines = jobs.iter().map(|job| format!("  {}\n", safe::line(job)));
    let jobs = count(u32::try_from(jobs.len()).unwrap_or(u32::MAX), "job");
    format!("{}Cancel {jobs}? [y/N] ", lines.collect::<String>())
}

/// What became of the jobs, for people; those that failed are told as errors.
pub fn cancelled(cancellation: &Cancellation, look: Look) -> String {
    let mut page = Page::new(look);
    if cancellation.cancelled.is_empty() {
        let (mark, style) = look.status("ok");
        page.paragraph(style, "No job with SSH of yours runs or waits", &format!("{mark} "), "  ");
    }
    for job in &cancellation.cancelled {
        let why = job.why.as_deref().unwrap_or_default();
        let (mark, words) = match job.result {
            Outcome::Cancelled => (look.status("ok"), format!("{} is cancelled", job.display)),
            Outcome::HadEnded => (look.status("not-checked"), format!("{} had ended already ({why})", job.display)),
            Outcome::Failed => continue,
        };
        page.item(mark, &words, "");
    }
    page.finish()
}

/// `1 place`, `4 places`.
pub fn count(number: u32, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
