//! The JSON report, and JSON for a terminal.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::{Value, ser::Formatter, ser::PrettyFormatter};

use super::{Model, safe, v1};
use crate::{facts, findings};

/// The report as version 1's types.
pub fn report(model: &Model<'_>, with_facts: bool) -> v1::Report {
    v1::Report {
        version: v1::VERSION,
        tool: v1::Tool::this(),
        target: model.fact("/target").and_then(target),
        verdict: verdict(model.verdict),
        stages: model.steps.iter().map(stage).collect(),
        findings: model.findings.iter().map(finding).collect(),
        ruled_out: (model.ruled_out.iter())
            .map(|out| v1::RuledOut { check: out.check.clone(), because: out.because.clone() })
            .collect(),
        unknown: (model.document.unknown.iter())
            .map(|unknown| v1::Unknown { fact: unknown.fact.clone(), why: unknown.why.clone() })
            .collect(),
        facts: with_facts.then(|| model.document.facts.as_object().cloned()).flatten(),
    }
}

/// Any value as indented JSON with a final line end, in which every character that a terminal would act on is escaped.
///
/// # Errors
/// When the writer fails, or the value is none that JSON has.
pub fn write(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Escaping(PrettyFormatter::new()));
    value.serialize(&mut serializer).map_err(io::Error::from)?;
    writeln!(out)
}

fn target(value: &Value) -> Option<v1::Target> {
    let target = facts::Target::deserialize(value).ok()?;
    // Of a log that names no host, only what the words around it say is known.
    if target.of_a_log && target.display.is_empty() && target.host.is_empty() {
        return None;
    }
    Some(v1::Target {
        display: target.display,
        host: target.host,
        port: target.port,
        user: target.user,
        form: target.form,
        ssh_args: target.ssh_args,
        remote_command: target.remote_command,
        slip: target.slip,
        left_out: target.left_out,
    })
}

fn verdict(verdict: findings::Verdict) -> v1::Verdict {
    match verdict {
        findings::Verdict::Healthy => v1::Verdict::Healthy,
        findings::Verdict::Problems => v1::Verdict::Problems,
        findings::Verdict::Blocked => v1::Verdict::Blocked,
        findings::Verdict::Unknown => v1::Verdict::Unknown,
    }
}

fn stage(step: &facts::Step) -> v1::Stage {
    v1::Stage { stage: super::text::stage_id(step.stage), status: status(&step.status), summary: step.summary.clone() }
}

fn status(word: &str) -> v1::Status {
    match word {
        "ok" => v1::Status::Ok,
        "warning" => v1::Status::Warning,
        "failed" => v1::Status::Failed,
        "not-reached" => v1::Status::NotReached,
        _ => v1::Status::NotChecked,
    }
}

fn finding(finding: &findings::Finding) -> v1::Finding {
    v1::Finding {
        check: finding.check.clone(),
        severity: match finding.severity {
            findings::Severity::Info => v1::Severity::Info,
            findings::Severity::Warning => v1::Severity::Warning,
            findings::Severity::Error => v1::Severity::Error,
        },
        confidence: match finding.confidence {
            findings::Confidence::Possible => v1::Confidence::Possible,
            findings::Confidence::Likely => v1::Confidence::Likely,
            findings::Confidence::Certain => v1::Confidence::Certain,
        },
        stage: finding.stage.clone(),
        root: finding.root,
        explained_by: finding.explained_by.clone(),
        title: finding.title.clone(),
        detail: finding.detail.clone(),
        subject: finding.subject.clone().map(subject),
        evidence: (finding.evidence.iter())
            .map(|seen| v1::Evidence { source: seen.source.clone(), line: seen.line, text: seen.text.clone() })
            .collect(),
        fixes: finding.fixes.iter().map(fix).collect(),
    }
}

/// The contract promises an object; a list of plain values has items of one value.
fn subject(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => [("value".to_owned(), other)].into_iter().collect(),
    }
}

fn fix(fix: &findings::Fix) -> v1::Fix {
    v1::Fix {
        title: fix.title.clone(),
        place: fix.place.clone(),
        safety: match fix.safety {
            findings::Safety::Safe => v1::Safety::Safe,
            findings::Safety::Ask => v1::Safety::Ask,
            findings::Safety::Manual => v1::Safety::Manual,
        },
        verified: fix.verified,
        commands: fix.commands.clone(),
        url: fix.url.clone(),
    }
}

/// serde_json escapes C0 only; the rest of what is dangerous is escaped here, so nothing is lost.
struct Escaping<'a>(PrettyFormatter<'a>);

impl Formatter for Escaping<'_> {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(safe::is_control) {
            let (before, from) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut chars = from.chars();
            let mut units = [0; 2];
            for unit in chars.next().unwrap_or_default().encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }
    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }
    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }
    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }
    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }
    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }
    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{
        sample,
        schema::{self, printed},
    };

    #[test]
    fn the_schema_in_docs_is_up_to_date() {
        schema::expect_stored("report", &schemars::schema_for!(v1::Report));
    }

    #[test]
    fn every_report_is_as_the_schema_says() {
        for (name, sample) in sample::all() {
            for with_facts in [false, true] {
                let report = report(&sample.model(), with_facts);
                let value = schema::expect_valid(&schemars::schema_for!(v1::Report), &report);
                assert_eq!(value.get("facts").is_some(), with_facts, "{name}");
            }
        }
    }

    #[test]
    fn the_contract_has_these_fields() {
        let value = serde_json::to_value(report(&sample::blocked().model(), false)).expect("JSON");
        let names = |pointer: &str| -> Vec<String> {
            let value = value.pointer(pointer).unwrap_or(&Value::Null);
            let mut names: Vec<String> = value.as_object().expect(pointer).keys().cloned().collect();
            names.sort();
            names
        };
        assert_eq!(names(""), ["findings", "ruled_out", "stages", "target", "tool", "unknown", "verdict", "version"]);
        assert_eq!(names("/tool"), ["name", "version"]);
        assert_eq!(names("/stages/0"), ["stage", "status", "summary"]);
        assert_eq!(
            names("/findings/0"),
            [
                "check",
                "confidence",
                "detail",
                "evidence",
                "explained_by",
                "fixes",
                "root",
                "severity",
                "stage",
                "subject",
                "title"
            ]
        );
        assert_eq!(names("/findings/0/evidence/0"), ["line", "source", "text"]);
        assert_eq!(names("/findings/0/fixes/0"), ["commands", "safety", "title", "url", "verified", "where"]);
        assert_eq!(names("/ruled_out/0"), ["because", "check"]);
        assert_eq!(names("/unknown/0"), ["fact", "why"]);
        assert_eq!(value["verdict"], "blocked");
        assert_eq!(value["stages"][6]["stage"], "host-key");
    }

    #[test]
    fn terminals_are_safe_and_nothing_is_lost() {
        let hostile = "a\u{1b}[31m\u{9b}\u{202e}\u{e0041}\u{7f}b";
        let text = printed(&hostile);
        assert!(text.trim_end().chars().all(|c| !safe::is_control(c)), "{text:?}");
        assert_eq!(serde_json::from_str::<String>(&text).expect("JSON"), hostile);
    }
}
