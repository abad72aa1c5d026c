//! The end of the report: what it is not, what was shown to the server, and what is not known.

use serde_json::Value;

use super::{inside, log, page::Page, thing};
use crate::{
    findings::{Confidence, Finding, Verdict},
    report::{
        Model,
        style::{CAUTION, FAINT, STRONG},
    },
};

/// Lines about what it is not.
const REASONS: usize = 8;
/// Lines about what is not known.
const UNKNOWN: usize = 6;
/// The reason of what nobody meant to look at.
const NOBODY_ASKED: &str = "it was not looked at";
/// Facts named for one reason.
const FACTS: usize = 3;

/// What it is not, each reason once, in the order of the way: where several checks give it, the last of them counts. Reasons that speak in facts are for those who ask for
/// everything.
pub(super) fn ruled_out(page: &mut Page, model: &Model<'_>) {
    let verbose = page.look().verbose;
    let failed = matches!(model.verdict, Verdict::Blocked | Verdict::Unknown);
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for out in model.ruled_out.iter().rev().filter(|out| verbose || (out.in_words && failed)) {
        match reasons.iter_mut().find(|(because, _)| out.in_words && *because == out.because) {
            Some((_, checks)) => checks.insert(0, &out.check),
            None => reasons.insert(0, (&out.because, vec![&out.check])),
        }
    }
    if reasons.is_empty() {
        return;
    }
    page.blank();
    page.paragraph(STRONG, "Ruled out", "", "");
    let most = if verbose { usize::MAX } else { REASONS };
    for (because, checks) in reasons.iter().take(most) {
        let line = if verbose { format!("{}: {because}", checks.join(", ")) } else { (*because).to_owned() };
        page.paragraph(FAINT, &line, "  ", "    ");
    }
    more(page, reasons.len().saturating_sub(most));
}

/// Whether the reader may wonder whether it is something else.
fn is_open(model: &Model<'_>, shown: Option<&Finding>) -> bool {
    let certain = shown.is_some_and(|finding| finding.confidence == Confidence::Certain);
    model.verdict == Verdict::Unknown || (model.verdict == Verdict::Blocked && !certain)
}

/// What was left out of pasted text, what else the text names, and how many keys the server has seen.
pub(super) fn footnotes(page: &mut Page, model: &Model<'_>) {
    page.blank();
    let left_out: Vec<&str> = strings(model.fact("/target/left_out"));
    if !left_out.is_empty() {
        let note = format!(
            "Left out of the pasted text, since it can run programs or read other files: {} (--allow-programs keeps it)",
            left_out.join(", ")
        );
        page.paragraph(CAUTION, &note, "", "");
    }
    let others = other_commands(&strings(model.fact("/target/enable_ssh/commands")));
    if others > 0 {
        let verb = if others == 1 { "another execution" } else { "other executions" };
        page.paragraph(FAINT, &format!("The text names {verb} of the job as well; this is about the first."), "", "");
    }
    let calm = model.verdict == Verdict::Healthy && !page.look().verbose;
    if let Some(note) = keys_shown(model).filter(|_| !calm) {
        page.paragraph(FAINT, &note, "", "");
    }
    inside::note(page, model);
    if let Some(why) = not_asked(model).filter(|_| !calm && !log::is_judged(model)) {
        page.paragraph(FAINT, &format!("No second connection asked about more keys: {why}."), "", "");
    }
}

/// Why the server was not asked which keys it would accept, where there was a login to ask after.
fn not_asked<'m>(model: &'m Model<'_>) -> Option<&'m str> {
    model.fact("/attempt")?;
    let unknown = model.document.unknown.iter().find(|unknown| unknown.fact == "query")?;
    Some(unknown.why.as_str()).filter(|why| *why != NOBODY_ASKED)
}

/// What could not be learnt, by reason; where the cause is certain it decides nothing and stays quiet.
pub(super) fn unknown(page: &mut Page, model: &Model<'_>, shown: Option<&Finding>) {
    let verbose = page.look().verbose;
    if !verbose && !is_open(model, shown) {
        return;
    }
    // What no log shows is no news, and what this one lacks is in the words of the finding.
    if !verbose && log::is_judged(model) {
        page.blank();
        page.paragraph(FAINT, "What the log does not show is listed by --verbose.", "", "");
        return;
    }
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for unknown in &model.document.unknown {
        let fact = if verbose { unknown.fact.clone() } else { thing::named(&unknown.fact, model) };
        match reasons.iter_mut().find(|(why, _)| *why == unknown.why) {
            Some((_, facts)) if facts.contains(&fact) => {}
            Some((_, facts)) => facts.push(fact),
            None => reasons.push((&unknown.why, vec![fact])),
        }
    }
    // What nobody meant to look at does not decide anything.
    if !verbose {
        reasons.retain(|(why, _)| *why != NOBODY_ASKED);
    }
    if reasons.is_empty() {
        return;
    }
    page.blank();
    page.paragraph(STRONG, "What could not be found out", "", "");
    let most = if verbose { usize::MAX } else { UNKNOWN };
    for (why, facts) in reasons.iter().take(most) {
        let named = facts[..facts.len().min(if verbose { usize::MAX } else { FACTS })].join(", ");
        let rest = if verbose { 0 } else { facts.len().saturating_sub(FACTS) };
        let named = if rest > 0 { format!("{named} and {rest} more") } else { named };
        page.paragraph(FAINT, &format!("{named}: {why}"), "  ", "    ");
    }
    more(page, reasons.len().saturating_sub(most));
}

fn more(page: &mut Page, count: usize) {
    if count > 0 {
        page.paragraph(FAINT, &format!("and {count} more: --verbose"), "  ", "  ");
    }
}

fn keys_shown(model: &Model<'_>) -> Option<String> {
    let count = |pointer: &str| model.fact(pointer).and_then(Value::as_u64).unwrap_or_default();
    let (offered, asked) = (count("/auth/offered"), count("/query/shown"));
    let keys = |count: u64| if count == 1 { "1 public key".to_owned() } else { format!("{count} public keys") };
    match (offered, asked) {
        (0, 0) => None,
        (offered, 0) => Some(format!("The server was shown {} in the attempt.", keys(offered))),
        (0, asked) => Some(format!("The server was shown {}, and nothing was signed.", keys(asked))),
        (offered, asked) => {
            Some(format!("The server was shown {} in the attempt, and {asked} when it was asked.", keys(offered)))
        }
    }
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Commands that lead elsewhere than the first; the shells of Windows lead to the same place.
fn other_commands(commands: &[&str]) -> usize {
    let place = |command: &str| command.split(" -- ").next().unwrap_or_default().to_owned();
    let first = commands.first().map(|command| place(command));
    commands.iter().filter(|command| Some(place(command)) != first).count()
}
