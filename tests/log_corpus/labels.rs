//! The labels: what each log is, and what can be known from it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// One line of `labels.jsonl`; the README of the corpus says what the fields mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Label {
    pub(crate) log: String,
    pub(crate) cause: String,
    pub(crate) acceptable: Vec<String>,
    pub(crate) sees: String,
    #[serde(rename = "client")]
    _client: String,
    #[serde(rename = "detail")]
    _detail: String,
    #[serde(rename = "way")]
    _way: String,
    #[serde(rename = "server")]
    _server: String,
    pub(crate) command: String,
    /// `recorded`, `by hand`, or the steps of [`vary`](crate::vary).
    pub(crate) made: String,
    /// The logs that it was made from.
    #[serde(default)]
    pub(crate) from: Vec<String>,
    /// Regular expressions for the fixes of the first finding (`tests/logs.rs`).
    #[serde(default, rename = "fix_must_contain")]
    _fix_must_contain: Vec<String>,
    pub(crate) why: String,
}

/// `tests/logs`.
pub(crate) fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs")
}

pub(crate) fn all() -> Vec<Label> {
    let text = std::fs::read_to_string(corpus().join("labels.jsonl")).expect("the labels are part of the corpus");
    let label = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    text.lines().filter(|line| !line.trim().is_empty()).map(label).collect()
}
