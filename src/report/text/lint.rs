//! The report of `lint`: what was found in full, and a line for every file about which there is nothing to say.

use serde_json::Value;

use super::{Page, finding};
use crate::{
    findings::Finding,
    report::{
        Look, Model,
        style::{FAINT, GOOD},
    },
};

/// Renders the report, coloured; the stream decides whether the colours stay.
pub fn render(model: &Model<'_>, look: Look) -> String {
    let mut page = Page::new(look);
    for finding in model.findings {
        page.blank();
        finding::full(&mut page, finding, &[], &[], false);
    }
    page.blank();
    let files = model.fact("/dockerfiles").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (place, file) in files.iter().enumerate() {
        if !model.findings.iter().any(|finding| is_about(finding, file)) {
            quiet(&mut page, model, place, file);
        }
    }
    page.finish()
}

fn is_about(finding: &Finding, file: &Value) -> bool {
    finding.subject.as_ref() == Some(file)
}

fn quiet(page: &mut Page, model: &Model<'_>, place: usize, file: &Value) {
    let name = file["file"].as_str().unwrap_or_default();
    let unknown = format!("dockerfiles[{place}].loses");
    match model.document.unknown.iter().find(|found| found.fact == unknown) {
        Some(found) => {
            let (mark, _) = page.look().status("not-checked");
            page.paragraph(FAINT, &format!("{name}: not known, because {}", found.why), &format!("{mark} "), "  ");
        }
        None => {
            let (mark, _) = page.look().status("ok");
            let why = file["keeps_because"].as_str().map(|why| format!(": {why}")).unwrap_or_default();
            page.paragraph(GOOD, &format!("nothing to say about {name}{why}"), &format!("{mark} "), "  ");
        }
    }
}
