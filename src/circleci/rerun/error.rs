//! Why a job was not started again, and what to do.

use super::Job;
use crate::circleci::ApiError;

/// Why a job was not started again.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RerunError {
    /// The address names something that holds jobs.
    #[error("the address names a {names}, and SSH is for a single job; name one by its address, or as gh/acme/web/345")]
    NotAJob {
        /// `workflow`, `pipeline`, `project`.
        names: &'static str,
        /// The jobs that it holds, as far as they are known.
        jobs: Vec<Job>,
    },
    /// It runs nothing.
    #[error("{0} is an approval, which runs on no machine; name a job that runs commands")]
    Approval(String),
    /// An execution that the job does not have.
    #[error("{job} has {parallelism} parallel runs, from 0 to {}; --execution names another one", .parallelism.saturating_sub(1))]
    NoExecution {
        /// The job.
        job: String,
        /// How many it has.
        parallelism: u32,
    },
    /// The project's settings.
    #[error(
        "reruns with SSH are switched off for {project}, so nothing was started; an administrator switches them on in the project's settings under Advanced ({page})"
    )]
    Disabled {
        /// The project.
        project: String,
        /// Where that is.
        page: String,
    },
    /// The time was up before the workflow was over.
    #[error(
        "the workflow of {job} still runs, and CircleCI reruns a job only when its workflow has ended; wait longer with --wait SECONDS, or cancel the workflow on its page and ask again"
    )]
    StillRuns {
        /// The job.
        job: String,
    },
    /// The time was up before the job began.
    #[error(
        "{job} has not begun yet, so whether it has SSH is not known; wait longer with --wait SECONDS, or ask again when it runs"
    )]
    NotBegun {
        /// The job.
        job: String,
    },
    /// CircleCI refused.
    #[error("CircleCI refused to rerun {job} with SSH ({status}{}){}", said(.message), advice(.message, .on_hold))]
    Refused {
        /// The job.
        job: String,
        /// The HTTP status.
        status: u16,
        /// CircleCI's own words.
        message: String,
        /// The workflow waits for an approval.
        on_hold: bool,
    },
    /// CircleCI does not let this person do it.
    #[error(
        "CircleCI does not let this token's owner rerun {job} (403{}); that takes the right to write to the project at its git host", said(.message)
    )]
    Forbidden {
        /// The job.
        job: String,
        /// CircleCI's own words.
        message: String,
    },
    /// It may have been started or not.
    #[error(
        "whether {job} was started again is not known, for CircleCI's answer did not come ({error}); look with `cci-ssh jobs` before you ask again"
    )]
    Unsure {
        /// The job.
        job: String,
        /// What came instead.
        error: ApiError,
    },
    /// No answer, or one that says no.
    #[error("{0}")]
    Api(#[from] ApiError),
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// What to do about CircleCI's words, where they are known.
fn advice(message: &str, on_hold: &bool) -> &'static str {
    let message = message.to_ascii_lowercase();
    if message.contains("setup state") || message.contains("setup workflow") {
        "; a setup workflow runs once in its pipeline, so rerun the job of the workflow that it continued with"
    } else if *on_hold {
        "; its workflow waits for an approval, so approve or cancel that first"
    } else if message.contains("still running") {
        "; ask again when its workflow has ended"
    } else {
        "; its page may say more, and a new pipeline runs the job again as well"
    }
}
