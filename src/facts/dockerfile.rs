//! Dockerfiles that were read for what a login shell of their image loses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Seen};

/// A Dockerfile, and what a login shell meets in the image that it builds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dockerfile {
    /// Its path, or `standard input`.
    pub file: String,
    /// The name of the stage that is shipped; left out where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The line of that stage's FROM.
    pub stage_line: usize,
    /// The image that the stage is based on in the end; `…` stands for what is not known of its name.
    pub base: String,
    /// The line that names it.
    pub base_line: usize,
    /// What kind of image that is: `Debian`, `Alpine`, `Red Hat`; left out where its name does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Who runs the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// That user's home.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// That user's login shell: `bash`, `sh` or `zsh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_shell: Option<String>,
    /// A login shell loses something that the image sets.
    pub loses: Fact<bool>,
    /// Why it loses nothing, as a clause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keeps_because: Option<String>,
    /// What it loses, PATH first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<LostVariable>,
    /// The names of these variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Folders of PATH that it loses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<String>,
    /// The first line that sets what is lost: `Dockerfile:12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_at: Option<String>,
    /// It is the base image that sets it.
    pub set_by_base: bool,
    /// The lines that set what is lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
    /// The stock file that sets it anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The base is a distribution's own image in a release that is known, and nothing ran in it that could not be read.
    pub certain: bool,
    /// It writes `/etc/environment`, which login shells do not read.
    pub tried_environment: bool,
    /// The file of the image to which the lines below are to be added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_file: Option<String>,
    /// Lines for that file that give back what is lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profile_lines: Vec<String>,
    /// How they are written there: `echo`, `printf` where echo might change them, `new-line` where the last line of that file may
    /// have no end because the Dockerfile wrote it, `as-built` for a PATH that is known only
    /// while the image is built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_with: Option<String>,
    /// The line of the Dockerfile behind which that belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind_line: Option<usize>,
    /// The same as editors take it: `Dockerfile:14`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A variable that a login shell loses.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LostVariable {
    /// Its name.
    pub name: String,
    /// What is lost: folders of PATH, or the value.
    pub lost: Vec<String>,
    /// What the stock profile sets in its place.
    pub instead: String,
}
