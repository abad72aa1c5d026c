//! The short list of stages on top of a report: what facts say about each, marked by what was found there.

use crate::{
    facts::{Facts, Stage, Step, infer},
    findings::{Finding, Severity},
};

/// A stage's name as in JSON and in the catalogue's folders.
pub(super) fn name(stage: Stage) -> String {
    serde_json::to_value(stage).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The stages.
pub(super) fn steps(facts: &Facts, findings: &[Finding]) -> Vec<Step> {
    let mut steps = infer::way(facts);
    for step in &mut steps {
        let worst = findings
            .iter()
            .filter(|finding| finding.stage == name(step.stage) && !finding.symptom)
            .map(|finding| finding.severity)
            .max();
        match worst {
            Some(Severity::Error) if step.status == "ok" && certain_enough(findings, &name(step.stage)) => {
                step.status = "failed".into();
            }
            Some(Severity::Error | Severity::Warning) if step.status == "ok" => step.status = "warning".into(),
            _ => {}
        }
    }
    steps
}

/// A stage that the login passed is marked as failed only by a finding that nothing else explains.
fn certain_enough(findings: &[Finding], stage: &str) -> bool {
    findings.iter().any(|finding| finding.stage == stage && finding.severity == Severity::Error && finding.root)
}
