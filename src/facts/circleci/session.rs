//! What SSH reruns print and how long they last.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::{EnableSsh, Fact};

/// One of the job's parallel runs, as its steps tell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Execution {
    /// Its number, from 0.
    pub index: u32,
    /// What the Enable SSH step prints; unknown where its text could not be read.
    pub enable_ssh: Fact<EnableSsh>,
    /// CircleCI's word for how the Enable SSH step stands.
    pub status: String,
    /// When the command was printed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled_at: Option<String>,
    /// When the Wait for SSH step began (RFC 3339): the job's own steps are over; left out while they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<String>,
    /// When the Wait for SSH step ended (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_until: Option<String>,
}

/// A job with SSH that runs or waits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SshJob {
    /// The project's slug.
    pub slug: String,
    /// Its number in the project.
    pub number: u64,
    /// Its name in the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// CircleCI's word for how it stands.
    pub status: String,
    /// When it began (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// How long it has been running, for people: `47 minutes` (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<String>,
}

/// How long ago, and how long yet: by CircleCI's clock, so that a wrong clock of this machine changes nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Clock {
    /// The job has ended that long ago, for people: `12 minutes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_ago: Option<String>,
    /// The job has been waiting to begin for that long, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_for: Option<String>,
    /// How long a job waits for its first visitor, for people: `10 minutes`, as its step prints it.
    pub waits: String,
    /// How long the box stays up, for people: `2 hours`, as its step prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stays_up: Option<String>,
    /// The job waits for a visitor: that much is left of the time, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_left: Option<String>,
    /// The same in seconds; 0 where it has run out and somebody may be connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_left_seconds: Option<u64>,
    /// The box goes away in that time at the latest, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_left: Option<String>,
    /// The same in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_left_seconds: Option<u64>,
}
