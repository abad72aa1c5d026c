//! Findings: one in full, the others folded to a line.

use super::{log, page::Page, same};
use crate::{
    findings::{Confidence, Evidence, Finding, Fix, Safety},
    report::style::{CAUTION, FAINT, PLAIN, STRONG},
};

/// Lines of evidence that are shown.
const EVIDENCE: usize = 6;
/// Characters of one line of evidence that are shown.
const EVIDENCE_TEXT: usize = 300;
/// Findings of one check that are shown one by one.
const ALIKE: usize = 3;

/// A finding with everything that belongs to it. What the reader was `told` already is not repeated as evidence; that of
/// a log (`of_a_log`) is under the log's last name.
pub(super) fn full(page: &mut Page, finding: &Finding, all: &[Finding], told: &[&str], of_a_log: bool) {
    let (mark, style) = page.look().severity(finding.severity);
    let title = match finding.confidence {
        Confidence::Certain => finding.title.clone(),
        Confidence::Likely => format!("most likely: {}", finding.title),
        Confidence::Possible => format!("possibly: {}", finding.title),
    };
    page.paragraph(style, &title, &format!("{mark} "), "  ");
    for symptom in all.iter().filter(|other| explained(other, finding) && !other.symptom) {
        page.paragraph(FAINT, &format!("which is why {}", symptom.title), "  ", "  ");
    }
    evidence(page, &finding.evidence, told, of_a_log);
    if !finding.detail.trim().is_empty() {
        page.blank();
        page.markdown(&finding.detail, "  ");
    }
    for (place, fix) in finding.fixes.iter().enumerate() {
        page.blank();
        self::fix(page, fix, place == 0);
    }
}

/// Everything but the one that was shown in full: a line each, with the way to more.
pub(super) fn folded(page: &mut Page, shown: Option<&Finding>, all: &[Finding]) {
    let hidden =
        |finding: &&Finding| shown.is_none_or(|shown| !std::ptr::eq(*finding, shown) && !explained(finding, shown));
    let others: Vec<&Finding> = all.iter().filter(hidden).collect();
    if others.is_empty() {
        return;
    }
    page.blank();
    page.paragraph(STRONG, if shown.is_some() { "Also seen" } else { "Seen" }, "", "");
    for (place, finding) in others.iter().enumerate() {
        let before = others[..place].iter().filter(|other| same(other, finding)).count();
        let alike = others.iter().filter(|other| same(other, finding)).count();
        if before == ALIKE {
            page.paragraph(FAINT, &format!("and {} more of {}", alike - ALIKE, finding.check), "    ", "    ");
        }
        if before >= ALIKE {
            continue;
        }
        let (mark, style) = page.look().severity(finding.severity);
        let under = match &finding.explained_by {
            Some(cause) => format!("{} (it comes from {cause})", finding.title),
            None => finding.title.clone(),
        };
        let more = format!("{} cci-ssh explain {}", page.look().arrow(), finding.check);
        let last = before + 1 == alike.min(ALIKE);
        page.item((mark, style), &under, if last { &more } else { "" });
    }
}

fn explained(finding: &Finding, cause: &Finding) -> bool {
    !same(finding, cause) && finding.explained_by.as_deref() == Some(cause.check.as_str())
}

fn evidence(page: &mut Page, evidence: &[Evidence], told: &[&str], of_a_log: bool) {
    // The header says which file it is, and a long path would tear the line's number from it.
    let source = |seen: &'_ Evidence| if of_a_log { log::name(&seen.source).to_owned() } else { seen.source.clone() };
    let evidence: Vec<&Evidence> = evidence.iter().filter(|seen| !told.contains(&seen.text.trim())).collect();
    if evidence.is_empty() {
        return;
    }
    page.blank();
    for seen in evidence.iter().take(EVIDENCE) {
        let place = match seen.line {
            // A line of an output; that of a file is written as editors take it.
            Some(line) if seen.source.starts_with("ssh ") => format!("{}, line {line}", seen.source),
            Some(line) => {
                let place = format!("{}:{line}", source(seen));
                let fits = place.chars().count() + 4 <= page.look().columns();
                if of_a_log && !fits { format!("line {line}") } else { place }
            }
            None => source(seen),
        };
        let text: String = seen.text.chars().take(EVIDENCE_TEXT).collect();
        let more = if text.len() < seen.text.len() { "…" } else { "" };
        page.quote(&place, &format!("{text}{more}"));
    }
    if evidence.len() > EVIDENCE {
        let more = evidence.len() - EVIDENCE;
        let lines = if more == 1 { "line" } else { "lines" };
        page.paragraph(FAINT, &format!("and {more} more {lines}"), "    ", "    ");
    }
}

fn fix(page: &mut Page, fix: &Fix, first: bool) {
    let verb = if first { "Fix" } else { "Or" };
    let verified = if fix.verified { " (verified: the server accepts this key)" } else { "" };
    page.paragraph(STRONG, &format!("{verb}{}: {}{verified}", place(&fix.place), fix.title), "  ", "  ");
    if let Some(reason) = &fix.reason {
        page.paragraph(CAUTION, &format!("Think first: {reason}"), "  ", "  ");
    }
    if fix.safety == Safety::Manual && fix.commands.iter().any(|command| has_placeholder(command)) {
        page.paragraph(PLAIN, "Put in your own values before it is run:", "  ", "  ");
    }
    if fix.commands.is_empty() && fix.url.is_none() {
        return;
    }
    page.blank();
    for command in &fix.commands {
        page.command(command);
    }
    if let Some(url) = &fix.url {
        page.command(url);
    }
}

/// Whether a `<word>` stands for something that only the reader knows.
fn has_placeholder(command: &str) -> bool {
    command.split('<').skip(1).any(|rest| {
        let inner = rest.split('>').next().unwrap_or_default();
        inner.len() < rest.len() && inner.starts_with(char::is_alphabetic)
    })
}

/// Where it is done, when it is not done here.
fn place(place: &str) -> String {
    match place {
        "" | "this machine" => String::new(),
        "job image" => " in the job's image".into(),
        "circleci web" => " in CircleCI's web app".into(),
        "circleci api" => " with CircleCI's API".into(),
        "git host" => " at your git host".into(),
        other => format!(" ({other})"),
    }
}
