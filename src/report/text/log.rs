//! What a report says of the log that it is about.

use serde_json::Value;

use super::Page;
use crate::{
    facts::{Stage, infer},
    report::{
        Model,
        style::{FAINT, GOOD, PLAIN, STRONG},
    },
};

/// The facts come from a log.
pub(super) fn is_judged(model: &Model<'_>) -> bool {
    model.fact("/log").is_some()
}

/// Which log it is, and who wrote it.
pub(super) fn header(page: &mut Page, model: &Model<'_>) {
    let source = name(model.words("/log/source").unwrap_or("the log"));
    let title = match model.words("/target/display").filter(|target| !target.is_empty()) {
        Some(target) => format!("The way to {target}, as {source} shows it"),
        None => format!("The way of a login, as {source} shows it"),
    };
    let mut about = vec![count(model, "/log/lines", "line")];
    if title.chars().count() <= page.look().columns() {
        page.paragraph(STRONG, &title, "", "");
    } else {
        // A long name keeps a line to itself.
        let (way, _) = title.rsplit_once(", as ").unwrap_or((&title, ""));
        page.paragraph(STRONG, way, "", "");
        page.paragraph(FAINT, source, "", "");
    }
    match number(model, "/log/attempts") {
        0 | 1 => {}
        attempts => about.push(format!("{attempts} attempts, the last of which is judged")),
    }
    let typed = model.words("/attempt/command/text").or_else(|| model.words("/log/command/text"));
    if let Some(command) = typed {
        about.push(format!("begun by: {command}"));
    }
    page.paragraph(FAINT, &about.join("; "), "", "");
    page.blank();
}

/// What the attempts before the judged one came to.
pub(super) fn before(page: &mut Page, model: &Model<'_>) {
    let before = model.fact("/log/before").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if before.is_empty() {
        return;
    }
    page.blank();
    page.paragraph(STRONG, "The attempts before it", "", "");
    for attempt in before {
        let line = attempt["seen"]["line"].as_u64().map(|line| format!("line {line}")).unwrap_or_default();
        page.quote(&line, attempt["what"].as_str().unwrap_or_default());
    }
}

/// A file by its last name.
pub(super) fn name(source: &str) -> &str {
    source.rsplit(['/', '\\']).next().filter(|name| !name.is_empty()).unwrap_or(source)
}

/// A login that works needs two lines.
pub(super) fn healthy(page: &mut Page, model: &Model<'_>, first: &str) {
    let source = name(model.words("/log/source").unwrap_or("the log"));
    if !model.holds("/login/works") {
        page.paragraph(GOOD, &format!("{source} shows nothing that stands in the way of a login"), first, "  ");
        return;
    }
    let target = model.words("/target/display").filter(|target| !target.is_empty()).unwrap_or("the server");
    page.paragraph(GOOD, &format!("{source}: the login to {target} worked"), first, "  ");
    let how = model.steps.iter().find(|step| step.stage == Stage::Authentication && step.status == "ok");
    if let Some(step) = how.filter(|step| !step.summary.is_empty() && !page.look().verbose) {
        page.paragraph(PLAIN, &step.summary, "  ", "  ");
    }
}

fn number(model: &Model<'_>, pointer: &str) -> u64 {
    model.fact(pointer).and_then(Value::as_u64).unwrap_or_default()
}

fn count(model: &Model<'_>, pointer: &str, thing: &str) -> String {
    infer::count(usize::try_from(number(model, pointer)).unwrap_or(usize::MAX), thing)
}

/// What another login shows that works.
pub(super) fn contrast(page: &mut Page, model: &Model<'_>) {
    let Some(contrast) = model.fact("/contrast") else { return };
    let words = |name: &str| contrast[name].as_str().unwrap_or_default();
    let works = contrast["works"].as_bool().unwrap_or_default();
    let mut lines = Vec::new();
    let key = &contrast["key"];
    if let Some(name) = key["name"].as_str().filter(|_| works) {
        let fingerprint = key["fingerprint"].as_str().map(|print| format!(" ({print})")).unwrap_or_default();
        let held = if key["agent"].as_bool().unwrap_or_default() { ", from the agent" } else { "" };
        let holds = |name: &str| contrast[name].as_bool().unwrap_or_default();
        let here = if holds("not_registered") {
            "; offered here too, and refused"
        } else if holds("wrong_key") || holds("unnamed_key") {
            "; not offered here"
        } else {
            ""
        };
        lines.push(format!("let in with {name}{fingerprint}{held}{here}"));
    }
    for difference in contrast["differences"].as_array().into_iter().flatten() {
        let part = |name: &str| difference[name].as_str().unwrap_or_default();
        lines.push(format!("{}: {} there, {} here", part("what"), part("there"), part("here")));
    }
    if lines.is_empty() && works {
        lines.push("nothing is different that is known to matter".to_owned());
    }
    if lines.is_empty() {
        return;
    }
    page.blank();
    let how = if works { "works" } else { "fails as well" };
    page.paragraph(
        STRONG,
        &format!("Compared with the login to {}, which {how} ({})", words("place"), name(words("source"))),
        "",
        "",
    );
    for line in lines {
        page.paragraph(FAINT, &line, "  ", "    ");
    }
}
