//! What a login shell in the job makes of the environment that the image set.
//!
//! Two commands are run on the job, and only where the user asked for it. Of the job's variables there are the names; values
//! only of folders, locales and versions ([`crate::image::showable`]). Of start files there are the lines that matter,
//! cut in the same way.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Seen};

/// A look into the job.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Inspection {
    /// The commands that were run on the job, as a person would type them.
    pub commands: Vec<String>,
    /// The image's family, by its os-release: `debian`, `alpine`, `redhat`, `suse`, `arch`, `macos`; left out for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// The image's system in its own words: `Debian GNU/Linux 12 (bookworm)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Who a session is.
    pub user: Fact<String>,
    /// Its home folder.
    pub home: Fact<String>,
    /// The account's login shell.
    pub shell: Fact<String>,
    /// How that shell reads its start files: `bash`, `posix` (sh, dash, ash, ksh), `zsh`; left out for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell_kind: Option<String>,
    /// The login shell is not there, or is no program.
    pub shell_missing: bool,
    /// The start files that are there.
    pub start_files: Vec<StartFile>,
    /// Variables of the image that a login shell has not, or has otherwise.
    pub reset: Fact<Vec<Reset>>,
    /// Their names (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reset_names: Vec<String>,
    /// The lines that did it, each once (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reset_by: Vec<Seen>,
    /// The files of those lines, each once (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reset_files: Vec<String>,
    /// All of these lines are beyond doubt (inferred).
    pub reset_sure: bool,
    /// Folders that PATH has lost (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost_folders: Vec<String>,
    /// The image's PATH, where all of it may be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_path: Option<String>,
    /// `BASH_ENV` names a file: the variables that the job's steps have exported.
    pub bash_env: bool,
    /// A file of the home that the shell passes over, which would have set what is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadowed: Option<Shadowed>,
    /// The login shell ended while it read its start files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_early: Option<EndsEarly>,
    /// The file of the home to which a line has to be appended so that login shells read it (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub append_to: Option<String>,
    /// The last line of that file has no end, so that one has to come first (inferred).
    pub append_to_open_ended: bool,
    /// The line that gives login shells, or a session that is open, the variables back, as far as their values may be shown
    /// (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_line: Option<String>,
    /// Reset variables that this line leaves out, for their values are not shown (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_in_line: Vec<String>,
}

/// A start file of shells.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StartFile {
    /// Its path.
    pub path: String,
    /// The login shell reads it by itself; others may be read by those that it reads.
    pub read: bool,
    /// The login shell would read it, if it did not find another one first.
    pub passed_over: bool,
    /// Its last line has no end: what is appended to it would become part of that line.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub open_ended: bool,
}

/// A variable that a login shell has not as the image set it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reset {
    /// Its name.
    pub name: String,
    /// `folders-lost`, `changed`, `gone`.
    pub change: String,
    /// Folders of a list that are gone and stood before those that are left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost_before: Vec<String>,
    /// Folders that stood behind them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost_behind: Vec<String>,
    /// What the image set; left out where it is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// What the login shell has; left out where it is not shown, or where there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// The line that did it; left out where the texts do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Seen>,
    /// That line is beyond doubt: its value is what the shell ended up with.
    pub sure: bool,
}

/// A start file that is there and is not read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Shadowed {
    /// It.
    pub file: String,
    /// The one that is read in its place.
    pub by: String,
    /// The last line of that one has no end, so that one has to come first (inferred).
    pub by_open_ended: bool,
    /// The reset variables that it would have put right.
    pub variables: Vec<String>,
    /// These are all that were reset.
    pub all: bool,
}

/// A login shell that never came to its prompt.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EndsEarly {
    /// Its exit status.
    pub status: i64,
    /// The line that ended it; left out where the texts do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Seen>,
    /// That line ends every login shell.
    pub sure: bool,
    /// Another program took its place, and that one ended.
    pub exec: bool,
}
