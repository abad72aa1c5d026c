//! The job, its workflow, its project and its contexts, as CircleCI's API tells.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::{Fact, Seen};

/// A job.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Job {
    /// For people: `job 345 (build) of acme/web`.
    pub display: String,
    /// Its web address, as CircleCI gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The project's slug.
    pub slug: String,
    /// Its number in the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name in the configuration.
    pub name: String,
    /// CircleCI's word for how it stands: `running`, `failed`, …; the list is open.
    pub status: String,
    /// `waiting` (it has not begun), `running`, `ended`, `unauthorized`, `not-run`; unknown for a status that is not known
    /// here (inferred).
    pub state: Fact<String>,
    /// Somebody cancelled it (inferred).
    pub canceled: bool,
    /// Who did, where CircleCI tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canceled_by: Option<Person>,
    /// It was the token's person, or was not; left out where that is not known (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canceled_by_me: Option<bool>,
    /// When it was put into the queue (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<String>,
    /// When it began (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it ended (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<String>,
    /// It was rerun with SSH: it has an Enable SSH step, people with SSH, or says so as its reason; unknown where that could
    /// not be looked up.
    pub ssh: Fact<bool>,
    /// Who started it; only that person's keys are let in.
    pub started_by: Fact<Person>,
    /// People whose keys CircleCI put on it, as far as it tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ssh_users: Vec<Person>,
    /// The token's person started it, or is one of those whose keys it has (inferred).
    pub mine: Fact<bool>,
    /// It is not, and CircleCI names those whose keys it put on it, of whom the token's person is none (inferred).
    pub others_keys: bool,
    /// `docker`, `machine`, `macos`, …, where CircleCI says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executor: Option<String>,
    /// `large`, `windows.medium`, `acme/runner`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_class: Option<String>,
    /// `windows`, `macos`, `linux`, as the resource class names it (inferred).
    pub system: Fact<String>,
    /// It runs on a self-hosted runner, as the resource class says (inferred).
    pub self_hosted: Fact<bool>,
    /// How many executions it has.
    pub parallelism: u32,
    /// Which kind of self-hosted runner it runs on: `machine` or `container`, `either` where the executor does not say it
    /// (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    /// What CircleCI remarks about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
    /// How it stands, as evidence (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// CircleCI's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Login name, at the git host for GitHub and Bitbucket accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A remark about the job.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Message {
    /// CircleCI's kind of it.
    pub kind: String,
    /// Its text.
    pub text: String,
    /// The reason it gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The job's workflow.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Workflow {
    /// Its id.
    pub id: String,
    /// Its name in the configuration.
    pub name: String,
    /// CircleCI's word for how it stands; the list is open.
    pub status: String,
    /// It has come to an end, so its jobs can be rerun; unknown for a status that is not known here (inferred).
    pub ended: Fact<bool>,
    /// It generates the configuration of the pipeline (dynamic configuration).
    pub setup: bool,
    /// The person who started it, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_by: Option<String>,
    /// Its jobs, where the workflow was asked about and not a job of it: names with numbers, as in `build (345)`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<String>,
}

/// The job's project.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Project {
    /// `gh/acme/web`, or `circleci/<organisation's id>/<project's id>`.
    pub slug: String,
    /// Its id, a UUID, which restrictions of contexts name it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// For people: `acme/web`.
    pub name: String,
    /// How the organisation came to CircleCI, by its slug: `github` (OAuth), `bitbucket`, `circleci` (GitHub App, GitLab).
    pub kind: String,
    /// Its page of settings, for a browser.
    pub settings_url: String,
    /// Reruns with SSH are switched off.
    pub disable_ssh: Fact<bool>,
    /// What its settings say about SSH, as evidence (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// A context that the job uses.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// What has to be true of a job that uses it.
    pub restrictions: Fact<Vec<Restriction>>,
}

/// A restriction of a context.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Restriction {
    /// `group`, `project`, `expression`; the list is open.
    pub kind: String,
    /// The project's or the group's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The expression, or an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// It is an expression that speaks of `job.ssh.enabled` (inferred).
    pub about_ssh: bool,
}
