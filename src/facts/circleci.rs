//! What CircleCI says about the job that was asked about: the job itself, its Enable SSH steps, and what decides who is let in.

mod job;
mod session;
mod standing;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Seen};
pub use job::{Context, Job, Message, Person, Project, Restriction, Workflow};
pub use session::{Clock, Execution, SshJob};
pub use standing::{Policy, Restricted};

/// CircleCI's side; left out where no job was asked about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CircleCi {
    /// Where it was asked: `https://circleci.com`, or the address of a server.
    pub host: String,
    /// It is circleci.com, not a server of somebody's own.
    pub cloud: bool,
    /// What was asked about, as it was given: a web address, or `gh/acme/web/345`.
    pub asked: String,
    /// What it names: `job`, `workflow`, `pipeline`.
    pub names: String,
    /// It names no job: the workflow or pipeline was found, and has not just one (inferred).
    pub names_no_job: bool,
    /// What the API token came from, for people: `the variable CIRCLE_TOKEN`; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_source: Option<String>,
    /// `none`, `accepted`, `rejected`; unknown where the answer does not tell.
    pub token: Fact<String>,
    /// Where the token was not sent, since the job is of another installation than the token is for: that of the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_host: Option<String>,
    /// Whom the token belongs to.
    pub me: Fact<Person>,
    /// The job.
    pub job: Fact<Job>,
    /// CircleCI says that there is no such job, or that this token may not see it; it does not tell the one from the other.
    pub not_found: bool,
    /// The job's workflow.
    pub workflow: Fact<Workflow>,
    /// The job's project.
    pub project: Fact<Project>,
    /// The contexts that the job uses.
    pub contexts: Fact<Vec<Context>>,
    /// The Enable SSH step of each parallel run, in their order; empty where the job has no such step.
    pub executions: Fact<Vec<Execution>>,
    /// The execution that is meant, from 0.
    pub execution: u32,
    /// CircleCI knows the token and denies it what was asked for (403), in its words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied: Option<Seen>,
    /// What follows `cci-ssh rerun`: the job's web address, or what was asked about (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether somebody can be let in now: `open` (the job runs, and its step has printed a command); or what keeps
    /// everybody out: `waiting` (the job has not begun), `preparing` (its step has printed nothing yet), `no-key` (CircleCI
    /// found no public key of the person), `no-address` (a self-hosted runner has none to print), `failed` (the step failed),
    /// `without-ssh` (the job was not rerun with SSH), `execution-ended` (the execution that is meant has), `ended`,
    /// `unauthorized`, `not-run`; unknown where CircleCI does not tell (inferred).
    pub standing: Fact<String>,
    /// The same in a few words, with the clock: `running; 7 minutes left to connect` (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// The first command that the step of the execution that is meant prints (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printed: Option<String>,
    /// What the step of the execution that is meant says, as evidence (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_seen: Option<Seen>,
    /// The login goes to one of the job's executions, as their steps print it; it does where there is no target beside the
    /// job, and for a log nobody knows (inferred).
    pub reaches_job: Fact<bool>,
    /// The target goes to another execution than the one that is meant: its number (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goes_to_execution: Option<u32>,
    /// That other execution has ended, while the job still runs (inferred).
    pub goes_to_ended: bool,
    /// The server at the target would accept one of this machine's keys, so it is a job of the same person (inferred).
    pub target_accepts: bool,
    /// The commands of the execution that is meant are printed, and the target is none of them (inferred).
    pub target_not_printed: bool,
    /// Other jobs with SSH of the same person that run or wait.
    pub ssh_jobs: Fact<Vec<SshJob>>,
    /// CircleCI's time when it was asked (RFC 3339), as its answers say.
    pub asked_at: Fact<String>,
    /// The person's own among them that hold a machine, while this job waits for one (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holding: Vec<SshJob>,
    /// What keeps an unauthorized job from running: a restriction of one of its contexts (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restricted: Option<Restricted>,
    /// What CircleCI remarks about a policy of the organisation that forbids the job (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Who started the job, and whose token this is, as evidence (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persons_seen: Option<Seen>,
    /// How many seconds this machine's clock is ahead of that; negative where it is behind.
    pub ahead_seconds: Fact<i64>,
    /// Whether somebody can connect: `not-yet` (the job waits, or its step has printed no command), `open` (it runs and has
    /// printed one), `over` (it has ended), `never` (`standing` says why); unknown where CircleCI does not tell (inferred).
    pub window: Fact<String>,
    /// How long, as CircleCI's clock tells (inferred).
    pub clock: Fact<Clock>,
    /// Which registered keys let somebody into jobs of this project: `git-host-and-setting` (GitHub OAuth, Bitbucket Cloud), or
    /// `setting` alone (GitHub App, GitLab) (inferred).
    pub keys_from: Fact<String>,
    /// What the person's git host says about registered keys; left out where it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_host: Option<Fact<GitHost>>,
}

/// Public keys that somebody has registered at a git host, as the host tells everybody.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GitHost {
    /// The page that was read: `https://github.com/ana.keys`.
    pub url: String,
    /// The account.
    pub account: String,
    /// Fingerprints of the keys, `SHA256:…`.
    pub keys: Vec<String>,
    /// Those of this machine's keys that are registered there: path, or the agent's comment (inferred).
    pub local: Vec<String>,
    /// None of this machine's keys is registered there, and all of them could be compared (inferred).
    pub none_local: Fact<bool>,
    /// What the page lists, as evidence (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}
