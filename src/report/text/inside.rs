//! What was done in the job, where `--inspect-session` asked for it, and what came of it.

use serde_json::Value;

use super::page::Page;
use crate::report::{Model, style::FAINT};

/// A line about the commands that were run, and one about what they did not tell.
pub(super) fn note(page: &mut Page, model: &Model<'_>) {
    if let Some(commands) = commands(model) {
        page.paragraph(FAINT, &commands, "", "");
    }
    if let Some(outcome) = outcome(model) {
        page.paragraph(FAINT, &outcome, "", "");
    }
}

fn commands(model: &Model<'_>) -> Option<String> {
    let commands = model.fact("/inspection/commands").and_then(Value::as_array)?;
    let listed: Vec<&str> = commands.iter().filter_map(Value::as_str).collect();
    Some(format!(
        "As --inspect-session asks, {} commands were run on the job, by a login each: {}",
        listed.len(),
        listed.join("; ")
    ))
}

fn outcome(model: &Model<'_>) -> Option<String> {
    let unknown = |fact: &str| model.document.unknown.iter().find(|unknown| unknown.fact == fact);
    if let Some(unknown) = unknown("inspection").or_else(|| unknown("inspection.reset")) {
        // A finding says it of a shell that is not there, and of one that ended by itself.
        let told = model.holds("/inspection/shell_missing")
            || model.fact("/inspection/ends_early/exec").and_then(Value::as_bool) == Some(false);
        let words =
            format!("What a login shell in the job has of the image's environment was not seen: {}.", unknown.why);
        return (!told).then_some(words);
    }
    let reset = model.fact("/inspection/reset").and_then(Value::as_array)?;
    reset.is_empty().then(|| "A login shell in the job has everything that the image set.".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        facts::Unknown,
        report::{Look, sample},
    };

    fn said(inspection: Option<Value>, unknown: &[(&str, &str)]) -> String {
        let mut sample = sample::unknown();
        if let Some(inspection) = inspection {
            sample.document.facts["inspection"] = inspection;
        }
        sample.document.unknown =
            unknown.iter().map(|(fact, why)| Unknown { fact: (*fact).to_owned(), why: (*why).to_owned() }).collect();
        let mut page = Page::new(Look { width: 100, unicode: true, verbose: false });
        note(&mut page, &sample.model());
        page.finish().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_was_run_is_said() {
        assert_eq!(said(None, &[]).trim(), "");
        let text = said(Some(json!({"commands": ["env -0", "sh -c '…'"], "reset": []})), &[]);
        assert!(text.contains("2 commands") && text.contains("env -0; sh -c") && text.contains("everything"), "{text}");
        let text = said(None, &[("inspection", "the login does not work")]);
        assert!(text.contains("was not seen: the login does not work."), "{text}");
    }
}
