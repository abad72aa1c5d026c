//! The doctor's JSON report, and what holds for every one.

use std::fmt;
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::process::Outcome;

/// A report that follows its schema and agrees with itself.
pub(crate) struct Report {
    pub(crate) json: Value,
    outcome: Outcome,
}

impl fmt::Display for Report {
    /// What one needs when a test has failed.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "exit code {:?} after {:?}, verdict {}",
            self.outcome.code(),
            self.outcome.elapsed,
            self.verdict()
        )?;
        for stage in self.list("stages") {
            writeln!(out, "  {}: {}: {}", stage["stage"], stage["status"], stage["summary"])?;
        }
        for finding in self.findings() {
            let kept = ["check", "severity", "confidence", "root", "explained_by", "title", "evidence", "fixes"];
            let short: serde_json::Map<String, Value> =
                kept.iter().map(|name| ((*name).to_owned(), finding.0[*name].clone())).collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&short).unwrap_or_default())?;
        }
        writeln!(out, "unknown: {}", self.json["unknown"])?;
        for section in ["target", "config", "keys", "agent", "server", "attempt", "query", "login", "auth"] {
            if let Some(facts) = self.json["facts"].get(section) {
                writeln!(out, "{section}: {}", serde_json::to_string_pretty(facts).unwrap_or_default())?;
            }
        }
        write!(out, "stderr: {}", self.outcome.stderr)
    }
}

/// One finding.
#[derive(Clone, Copy)]
pub(crate) struct Finding<'a>(pub(crate) &'a Value);

impl<'a> Finding<'a> {
    pub(crate) fn text(&self, field: &str) -> &'a str {
        self.0[field].as_str().unwrap_or_default()
    }

    pub(crate) fn root(&self) -> bool {
        self.0["root"] == true
    }

    fn is_loud(&self) -> bool {
        ["error", "warning"].contains(&self.text("severity"))
    }

    /// Fixes that can be pasted and are then done: not `manual`, with commands, and nothing goes on in a browser.
    pub(crate) fn pasteable(&self) -> Vec<Fix<'a>> {
        let fixes = self.0["fixes"].as_array().map(Vec::as_slice).unwrap_or_default();
        fixes
            .iter()
            .map(Fix)
            .filter(|fix| ["safe", "ask"].contains(&fix.text("safety")) && !fix.commands().is_empty())
            .filter(|fix| fix.text("url").is_empty() && fix.text("where") == "this machine")
            .collect()
    }
}

/// One fix of a finding.
#[derive(Clone, Copy)]
pub(crate) struct Fix<'a>(&'a Value);

impl<'a> Fix<'a> {
    pub(crate) fn text(&self, field: &str) -> &'a str {
        self.0[field].as_str().unwrap_or_default()
    }

    pub(crate) fn commands(&self) -> Vec<&'a str> {
        self.0["commands"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

impl Report {
    /// Reads a report, holds it against docs/report.schema.json and against the contract's rules.
    #[track_caller]
    pub(crate) fn of(outcome: Outcome) -> Self {
        assert!(!outcome.timed_out(), "{outcome:#?}");
        let report = Self { json: outcome.json(), outcome };
        if let Some(error) = schema().iter_errors(&report.json).next() {
            panic!("not what the schema says: {error} at {}\n{report}", error.instance_path());
        }
        report.agrees_with_itself();
        report
    }

    #[track_caller]
    fn agrees_with_itself(&self) {
        let errors = self.findings().filter(|finding| finding.text("severity") == "error").count();
        let code = self.outcome.code();
        assert_eq!(code, Some(i32::from(errors > 0)), "exit codes are about errors\n{self}");
        let known: Vec<_> = self.findings().map(|finding| finding.text("check")).collect();
        for finding in self.findings() {
            let cause = finding.0["explained_by"].as_str();
            assert_eq!(finding.root(), cause.is_none(), "a root has no cause, others have one\n{self}");
            assert!(cause.is_none_or(|cause| known.contains(&cause)), "its cause is not in the report\n{self}");
            let title = finding.text("title");
            let fits = !title.is_empty() && title.lines().count() == 1 && !title.ends_with('.');
            assert!(fits, "a title is one line without a full stop: {title:?}");
            assert!(!finding.0.to_string().contains("{{"), "the template shows\n{self}");
        }
        if let Some(first) = self.findings().next() {
            assert!(first.root(), "the first finding is a root\n{self}");
        }
    }

    fn list(&self, field: &str) -> impl Iterator<Item = &Value> {
        self.json[field].as_array().into_iter().flatten()
    }

    pub(crate) fn findings(&self) -> impl Iterator<Item = Finding<'_>> {
        self.list("findings").map(Finding)
    }

    /// Errors and warnings.
    pub(crate) fn loud(&self) -> impl Iterator<Item = Finding<'_>> {
        self.findings().filter(Finding::is_loud)
    }

    /// How long the examination took.
    pub(crate) fn elapsed(&self) -> std::time::Duration {
        self.outcome.elapsed
    }

    pub(crate) fn first(&self) -> Option<Finding<'_>> {
        self.findings().next()
    }

    /// The ids of root causes at error level.
    pub(crate) fn root_errors(&self) -> Vec<&str> {
        let roots = self.findings().filter(|finding| finding.root() && finding.text("severity") == "error");
        roots.map(|finding| finding.text("check")).collect()
    }

    pub(crate) fn verdict(&self) -> &str {
        self.json["verdict"].as_str().unwrap_or_default()
    }

    /// A healthy machine gets silence.
    #[track_caller]
    pub(crate) fn expect_silence(&self) {
        let loud: Vec<_> = self.loud().map(|finding| finding.text("check")).collect();
        assert!(loud.is_empty(), "{loud:?} on a healthy machine\n{self}");
        assert_eq!(self.verdict(), "healthy", "{self}");
    }

    /// The stage's status in the way.
    pub(crate) fn stage(&self, name: &str) -> &str {
        self.list("stages")
            .find(|stage| stage["stage"] == name)
            .and_then(|stage| stage["status"].as_str())
            .unwrap_or("")
    }
}

fn schema() -> &'static jsonschema::Validator {
    static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");
        let text = std::fs::read_to_string(file).expect("docs/report.schema.json is part of the repository");
        jsonschema::validator_for(&serde_json::from_str(&text).expect("the schema is JSON")).expect("a JSON schema")
    })
}
