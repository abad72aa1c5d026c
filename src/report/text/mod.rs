//! The report for people: the way in stages, the one cause, its evidence, and the fix alone on its line.
//!
//! Order is by what the reader needs first; commands are never wrapped, so that they can be selected, and all other
//! lines keep to [`Look::WIDEST`]. What is worth a line only to some readers waits for `--verbose`.

mod closing;
mod finding;
mod inside;
pub mod lint;
mod log;
mod page;
#[cfg(test)]
mod tests;
mod thing;

use super::{
    Look, Model,
    style::{BAD, CAUTION, FAINT, GOOD, PLAIN, STRONG},
};
use crate::{
    facts::{Stage, Step},
    findings::{Finding, Severity, Verdict},
};
pub(super) use page::Page;

/// Renders the report, coloured; the stream decides whether the colours stay.
pub fn render(model: &Model<'_>, look: Look) -> String {
    let mut page = Page::new(look);
    if model.verdict == Verdict::Healthy && !look.verbose {
        healthy(&mut page, model);
    } else {
        header(&mut page, model);
        stages(&mut page, model.steps);
        page.blank();
        headline(&mut page, model);
    }

    let shown = model.findings.first().filter(|finding| finding.severity > Severity::Info);
    if let Some(cause) = shown {
        page.blank();
        // Only what stands above in the list of stages. Of a log the number of the line counts as well.
        let listed = (model.verdict != Verdict::Healthy || look.verbose) && !log::is_judged(model);
        let told: Vec<&str> = model.steps.iter().filter(|_| listed).map(|step| step.summary.trim()).collect();
        finding::full(&mut page, cause, model.findings, if look.verbose { &[] } else { &told }, log::is_judged(model));
    }
    finding::folded(&mut page, shown, model.findings);
    log::before(&mut page, model);
    log::contrast(&mut page, model);
    closing::ruled_out(&mut page, model);
    closing::footnotes(&mut page, model);
    closing::unknown(&mut page, model, shown);
    page.finish()
}

/// A stage's name in facts and JSON.
pub(super) fn stage_id(stage: Stage) -> String {
    match stage {
        Stage::Client => "client",
        Stage::Config => "config",
        Stage::Keys => "keys",
        Stage::Agent => "agent",
        Stage::Network => "network",
        Stage::Handshake => "handshake",
        Stage::HostKey => "host-key",
        Stage::Authentication => "authentication",
        Stage::Session => "session",
        Stage::Circleci => "circleci",
    }
    .into()
}

/// A stage's name for people, by its name in the facts.
pub(super) fn stage_word(id: &str) -> String {
    match id {
        "host-key" => "host key".into(),
        "circleci" => "CircleCI".into(),
        other => other.into(),
    }
}

/// A stage's name for people.
fn stage_name(stage: Stage) -> String {
    stage_word(&stage_id(stage))
}

fn header(page: &mut Page, model: &Model<'_>) {
    match model.words("/target/display") {
        _ if log::is_judged(model) => log::header(page, model),
        Some(target) => page.paragraph(STRONG, &format!("The way to {target}"), "", ""),
        None => page.paragraph(STRONG, "This machine's way to a CircleCI job", "", ""),
    }
    job(page, model, "");
    page.blank();
}

/// The job that was asked about, and its clock.
fn job(page: &mut Page, model: &Model<'_>, indent: &str) {
    let (Some(job), Some(now)) = (model.words("/circleci/job/display"), model.words("/circleci/now")) else { return };
    // The stages say it of a job without a target of its own.
    if model.words("/target/display") != Some(job) {
        page.paragraph(PLAIN, &format!("{job}: {now}"), indent, indent);
    }
}

/// The stages; those that were not reached or not looked at share a line, since nothing is to be read there.
fn stages(page: &mut Page, steps: &[Step]) {
    let told = |step: &&Step| !matches!(step.status.as_str(), "not-reached" | "not-checked") || page_worthy(step);
    let width = steps.iter().filter(told).map(|step| stage_name(step.stage).len()).max().unwrap_or_default();
    for step in steps.iter().filter(told) {
        let (mark, style) = page.look().status(&step.status);
        let words = if style == GOOD { PLAIN } else { style.remove_effect(owo_colors::Effect::Bold) };
        page.row((mark, style), &stage_name(step.stage), width, &step.summary, words);
    }
    let quiet = [("not-reached", "not reached"), ("not-checked", "not looked at")];
    // What nobody looks at anyway is worth a line only to those who want every line.
    for (status, words) in quiet.into_iter().take(if page.look().verbose { 2 } else { 1 }) {
        let names: Vec<String> = (steps.iter())
            .filter(|step| step.status == status && !page_worthy(step))
            .map(|step| stage_name(step.stage))
            .collect();
        if !names.is_empty() {
            let (mark, _) = page.look().status(status);
            page.paragraph(FAINT, &format!("{words}: {}", names.join(", ")), &page.lead(mark), "    ");
        }
    }
}

/// A step that was not taken, and says why in words of its own.
fn page_worthy(step: &Step) -> bool {
    !step.summary.is_empty() && !["not reached", "not checked", "not looked at"].contains(&step.summary.as_str())
}

/// What it all amounts to, where the first finding's title does not say it.
fn headline(page: &mut Page, model: &Model<'_>) {
    let login = model.fact("/login/works").and_then(serde_json::Value::as_bool);
    match (model.verdict, login) {
        (Verdict::Blocked, _) => {}
        (Verdict::Unknown, _) if model.holds("/log/unfinished") => {
            page.paragraph(CAUTION, "The log does not say how the login ends", "? ", "  ");
        }
        (Verdict::Unknown, None) if model.fact("/circleci").is_some() && model.fact("/attempt").is_none() => {
            page.paragraph(CAUTION, "No login was tried, so nothing says whether it works", "? ", "  ");
        }
        (Verdict::Unknown, _) => {
            let why = if log::is_judged(model) { "the log does not show why" } else { "no check knows why" };
            page.paragraph(BAD, &format!("The login fails, and {why}"), "? ", "  ");
            if model.findings.is_empty() {
                let text = model.words("/login/seen/text").unwrap_or_default().to_owned();
                if !text.is_empty() {
                    page.paragraph(PLAIN, &format!("The last that was heard: {text}"), "  ", "  ");
                }
            }
        }
        (Verdict::Problems, Some(true)) => {
            page.paragraph(CAUTION, "The login works, but not everything is as it should be", "! ", "  ");
        }
        (Verdict::Problems, _) => {
            page.paragraph(CAUTION, "Nothing is known to block the login, but this will bite", "! ", "  ");
        }
        (Verdict::Healthy, _) => healthy(page, model),
    }
}

/// Two or three lines of calm.
fn healthy(page: &mut Page, model: &Model<'_>) {
    let (mark, _) = page.look().status("ok");
    let first = format!("{mark} ");
    if log::is_judged(model) {
        log::healthy(page, model, &first);
        return;
    }
    let Some(target) = model.words("/target/display").map(str::to_owned) else {
        if no_key_is_seen(model) {
            no_key(page);
            return;
        }
        page.paragraph(GOOD, "Nothing on this machine stands in the way of a login", &first, "  ");
        if model.fact("/circleci").is_some() {
            about_the_job(page, model);
            return;
        }
        page.paragraph(PLAIN, "To look at a job as well, add what its Enable SSH step prints after ssh:", "  ", "  ");
        page.command("cci-ssh doctor -p 64535 203.0.113.7");
        return;
    };
    if !model.holds("/login/works") {
        page.paragraph(GOOD, "Nothing on this machine stands in the way of the login", &first, "  ");
        page.paragraph(PLAIN, &format!("Whether {target} lets you in was not tried."), "  ", "  ");
        about_the_job(page, model);
        return;
    }
    page.paragraph(GOOD, &format!("{target}: the login works"), &first, "  ");
    job(page, model, "  ");
    let how = model.steps.iter().find(|step| step.stage == Stage::Authentication && step.status == "ok");
    if let Some(step) = how.filter(|step| !step.summary.is_empty() && !page.look().verbose) {
        page.paragraph(PLAIN, &step.summary, "  ", "  ");
    }
    match model.words("/login/needs") {
        Some("passphrase") => page.paragraph(PLAIN, "ssh will ask for the key's passphrase.", "  ", "  "),
        Some("touch") => page.paragraph(PLAIN, "ssh will wait for a touch of the security key.", "  ", "  "),
        Some("pin") => page.paragraph(PLAIN, "ssh will ask for the token's PIN.", "  ", "  "),
        Some("approval") => page.paragraph(PLAIN, "The agent will ask for your approval.", "  ", "  "),
        _ => {}
    }
}

/// A job was asked about, and no login to it was tried.
fn about_the_job(page: &mut Page, model: &Model<'_>) {
    if model.fact("/circleci").is_none() {
        return;
    }
    let unknown = model
        .document
        .unknown
        .iter()
        .find(|unknown| ["circleci.job", "circleci.standing"].contains(&unknown.fact.as_str()));
    match unknown {
        Some(unknown) => {
            let words = format!("What CircleCI says about the job could not be found out: {}.", unknown.why);
            page.paragraph(PLAIN, &words, "  ", "  ");
        }
        None => job(page, model, "  "),
    }
}

/// There is neither a key on disk nor one in an agent. Without a target ssh may still be told of one for a host.
fn no_key_is_seen(model: &Model<'_>) -> bool {
    let list = |pointer: &str| model.fact(pointer).and_then(serde_json::Value::as_array);
    let none_on_disk = list("/keys").is_some_and(|keys| keys.iter().all(|key| key["exists"] == false));
    let no_agent = matches!(model.words("/agent/state"), Some("not-configured" | "off" | "missing" | "dead"));
    none_on_disk && (no_agent || list("/agent/identities").is_some_and(Vec::is_empty))
}

/// Nothing is wrong, and nothing would work either.
fn no_key(page: &mut Page) {
    page.paragraph(
        CAUTION,
        "No ssh key is to be seen on this machine, and a job lets nobody in without one",
        "! ",
        "  ",
    );
    page.paragraph(PLAIN, "If yours lies elsewhere, name it with ssh -i FILE. If you have none, make one:", "  ", "  ");
    page.blank();
    page.command("ssh-keygen -t ed25519");
    page.blank();
    page.paragraph(PLAIN, "Then register its public half, and rerun the job with SSH:", "  ", "  ");
    page.blank();
    page.command("https://app.circleci.com/settings/user/job-ssh-keys");
}

/// Whether two findings are about the same check.
fn same(one: &Finding, other: &Finding) -> bool {
    one.check == other.check
}
