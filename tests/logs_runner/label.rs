//! The logs below `tests/logs`, each with the cause that somebody wrote beside it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// One line of a `labels.jsonl`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Label {
    /// The log's file, beside the labels or in a folder `logs` there.
    pub(crate) log: String,
    /// The root cause; `healthy` where nothing is wrong, `unknown` where the log does not decide.
    pub(crate) cause: String,
    /// Other causes that may stand first.
    #[serde(default)]
    pub(crate) acceptable: Vec<String>,
    /// Regular expressions that the fixes of the first finding have to match, each anywhere in them.
    #[serde(default)]
    pub(crate) fix_must_contain: Vec<String>,
    /// How sure the first finding has to be, or may be: one word, or a list of them.
    #[serde(default)]
    pub(crate) confidence: Words,
    /// `certain`: the log proves the cause. `open`: it does not, and naming none is fine.
    #[serde(default)]
    pub(crate) sees: Option<String>,
    /// What decides it.
    #[serde(default)]
    pub(crate) why: String,
}

/// One word or several; none: any.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Words {
    One(String),
    Several(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Words {
    /// Whether `word` is one of them.
    pub(crate) fn allow(&self, word: &str) -> bool {
        match self {
            Self::One(only) => only == word,
            Self::Several(all) => all.is_empty() || all.iter().any(|one| one == word),
        }
    }
}

/// A log and its label.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    /// `given/01-….log`.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) label: Label,
}

impl Log {
    pub(crate) fn is_healthy(&self) -> bool {
        self.label.cause == "healthy"
    }

    /// The log does not prove its cause.
    pub(crate) fn is_open(&self) -> bool {
        self.label.sees.as_deref() == Some("open")
    }

    /// Whether `check` may stand first.
    pub(crate) fn allows(&self, check: &str) -> bool {
        self.label.cause == check || self.label.acceptable.iter().any(|id| id == check)
    }

    /// The lines as bytes, with their line ends.
    pub(crate) fn lines(&self) -> Vec<&[u8]> {
        self.bytes.split_inclusive(|byte| *byte == b'\n').collect()
    }

    /// UTF-16 and its like cannot be cut at bytes.
    pub(crate) fn is_in_bytes(&self) -> bool {
        !self.bytes.contains(&0)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs")
}

/// All of them, by name.
pub(crate) fn all() -> Vec<Log> {
    let mut all = Vec::new();
    read(&root(), "", &mut all);
    assert!(all.len() >= 25, "{} logs were found", all.len());
    all
}

fn read(folder: &Path, prefix: &str, all: &mut Vec<Log>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_dir() {
            read(&entry, &format!("{prefix}{name}/"), all);
        } else if name == "labels.jsonl" {
            let text = fs::read_to_string(&entry).expect("labels are text");
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let label: Label =
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}: {line}", entry.display()));
                let file = [folder.join(&label.log), folder.join("logs").join(&label.log)];
                let file = if file[0].is_file() { &file[0] } else { &file[1] };
                let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                all.push(Log { name: format!("{prefix}{}", label.log), bytes, label });
            }
        }
    }
}
