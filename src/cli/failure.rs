//! Why a command could not do its work: one sentence, and what to do.

use std::io;

/// Ends a command with exit code 2.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The target.
    #[error(transparent)]
    Target(#[from] crate::target::TargetError),
    /// Two jobs.
    #[error("the address and --job name a job each; leave out either of the two")]
    TwoJobs,
    /// `--my-job`, and there is none.
    #[error("no job with SSH of yours runs or waits in the projects that you follow; cci-ssh rerun JOB starts one")]
    NoJobOfMine,
    /// `--job` with something else.
    #[error("`{0}` is no job; give its web address, or its project and number: gh/acme/web/345")]
    NoJob(String),
    /// `connect` alone.
    #[error(
        "say where to log in: a job's web address, gh/acme/web/345, or what its Enable SSH step prints (-p 64535 203.0.113.7)"
    )]
    Nowhere,
    /// What ssh needs in files.
    #[error("no temporary folder could be made: {0}; TMPDIR may name one that can be written")]
    Scratch(#[source] io::Error),
    /// ssh.
    #[error("{program} cannot be started: {error}")]
    Start {
        /// Its path.
        program: String,
        /// The system's words.
        error: io::Error,
    },
    /// A job beside facts.
    #[error("saved facts say all that is judged, so CircleCI is not asked about a job; leave out the job, or --from")]
    JobAndSaved,
    /// `--inspect-session` with something saved.
    #[error(
        "--inspect-session looks into a job that runs, and saved facts and logs are about one that was; leave out --from and --log"
    )]
    InspectSaved,
    /// `--inspect-session --offline`.
    #[error("--inspect-session logs in to the job, and --offline forbids it; leave out either of the two")]
    InspectOffline,
    /// `--inspect-session` alone.
    #[error(
        "--inspect-session looks into a job that runs; add what its Enable SSH step prints (-p 64535 203.0.113.7), or the job's address"
    )]
    InspectNowhere,
    /// `--git-account` without a job.
    #[error("--git-account is about the keys that count for a job; name the job as well: --job URL")]
    AccountWithoutJob,
    /// The token or the installation.
    #[error(transparent)]
    Credentials(#[from] crate::circleci::credentials::CredentialsError),
    /// Nobody to ask CircleCI as.
    #[error("CircleCI cannot be asked without an API token: {0}")]
    NoToken(String),
    /// The token is none.
    #[error(
        "CircleCI does not accept the API token from {from} (401); make a new one at {page} and put it in the old one's place"
    )]
    Rejected {
        /// Where it comes from.
        from: String,
        /// Where tokens are made.
        page: String,
    },
    /// `--cacert`.
    #[error("{0}")]
    Certificates(io::Error),
    /// An address of another installation.
    #[error(
        "the address is one of {job}, and the API token is for {token}; if that is a CircleCI server of your own, name it with CIRCLE_HOST or --circleci-host"
    )]
    OtherInstallation {
        /// The address's host.
        job: String,
        /// The token's.
        token: String,
    },
    /// CircleCI has no such job.
    #[error(
        "CircleCI has no such job as {0}, or none that this token's owner may see (404); check the address, and that you are a member of its project"
    )]
    JobNotFound(String),
    /// CircleCI gave no answer, or none that helps.
    #[error("{0}")]
    CircleCi(crate::circleci::ApiError),
    /// A rerun.
    #[error(transparent)]
    Rerun(crate::circleci::rerun::RerunError),
    /// A job was started, and did not come far enough.
    #[error(
        "{job} {standing} after {seconds} seconds, and goes on; look again with `cci-ssh rerun {address}`, which does not start it a second time{because}"
    )]
    StillWaits {
        /// The job.
        job: String,
        /// How it stands: `waits for a place`.
        standing: &'static str,
        /// How long it was waited for.
        seconds: u64,
        /// What our commands take for it.
        address: String,
        /// What may be the reason, with its punctuation.
        because: String,
    },
    /// CircleCI says no more about a job that was started.
    #[error("{job} goes on, and CircleCI says no more about it: {error}; look for it with `cci-ssh jobs`")]
    LostSight {
        /// The job.
        job: String,
        /// Why.
        error: crate::circleci::ApiError,
    },
    /// A job that is named in a way that does not name it.
    #[error(transparent)]
    Choice(#[from] crate::circleci::ssh_jobs::ChoiceError),
    /// Nobody there to confirm.
    #[error("{0} would be cancelled, and there is no terminal to ask on; add --yes if that is meant")]
    Unconfirmed(String),
    /// A Dockerfile that cannot be used as one.
    #[error("{file} cannot be read as a Dockerfile: {why}")]
    Dockerfile {
        /// Its path.
        file: String,
        /// What is wrong, and where.
        why: String,
    },
    /// A folder without a Dockerfile.
    #[error("{0} is a folder, and there is neither a Dockerfile nor a Containerfile in it; name the file")]
    NoDockerfile(String),
    /// `--build-arg`.
    #[error("`{0}` is no build argument; write --build-arg NAME=VALUE, as for docker build")]
    BuildArg(String),
    /// A log.
    #[error(transparent)]
    Log(#[from] crate::doctor::CaptureError),
    /// A folder in the place of a log.
    #[error("{0} is a folder; name the log in it")]
    Folder(String),
    /// `--from` and `--log`.
    #[error("saved facts and a log are two different things to judge; give either --from or --log")]
    FromAndLog,
    /// More logs than can be compared.
    #[error("two logs can be compared, and {0} were given; give the one that works and the one that fails")]
    ManyLogs(usize),
    /// Two things from one pipe.
    #[error("standard input can be read only once; save one of the two in a file, and name that")]
    OneInput,
    /// `--from` and a target.
    #[error("--from has a target of its own in the saved facts; leave out either of the two")]
    FromAndTarget,
    /// An option that neither we nor ssh have.
    #[error("there is no option {option}{}; --help has them all", meant(.near.as_deref()))]
    NoOption {
        /// As it was typed.
        option: String,
        /// One like it.
        near: Option<String>,
    },
    /// A file.
    #[error("{path} cannot be read: {error}; check the name and that you may read it")]
    Read {
        /// Its path.
        path: String,
        /// The system's words.
        error: io::Error,
    },
    /// Standard input.
    #[error("{0} on standard input is more than the doctor reads ({1} MiB); give the part with the ssh command")]
    TooLong(&'static str, usize),
    /// Saved facts.
    #[error(transparent)]
    Document(#[from] crate::facts::document::DocumentError),
    /// The pipeline.
    #[error(transparent)]
    Doctor(#[from] crate::doctor::DoctorError),
    /// A check that does not exist.
    #[error("there is no check called {id}{}; cci-ssh checks list has them all", suggestion(.near))]
    NoCheck {
        /// What was asked for.
        id: String,
        /// Ids like it.
        near: Vec<String>,
    },
    /// A folder without checks.
    #[error("{0} holds no checks; a check is a file STAGE/ID.md, as in checks/README.md")]
    NoChecks(String),
    /// A check of the user's own that is none.
    #[error("a check of your own cannot be used: {0}")]
    BrokenCheck(String),
    /// Standard output.
    #[error("the output cannot be written: {0}")]
    Io(#[from] io::Error),
}

fn meant(near: Option<&str>) -> String {
    near.map(|near| format!(" (was --{near} meant?)")).unwrap_or_default()
}

fn suggestion(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!(" (was {} meant?)", near.join(" or ")) }
}
