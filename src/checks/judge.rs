//! Holds every check against the facts, and keeps the rules that no single check can keep.

use std::cell::OnceCell;

use super::{
    Catalogue, CheckError,
    condition::{Answer, Found, Scope, TypeFault},
    hit::Hit,
    outline::Outline,
    ruled_out::{Quiet, ruled_out},
    wording::Wording,
};
pub use crate::findings::RuledOut;
use crate::{
    facts::{Document, Unknown},
    findings::{Confidence, Finding, Outcome, STAGES, Severity, cause::link},
};

/// What the catalogue says about a document.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// What fired, linked and in reading order.
    pub findings: Vec<Finding>,
    /// Likely causes that were looked at and are not it.
    pub ruled_out: Vec<RuledOut>,
    /// Checks that could not be answered.
    pub unknown: Vec<NotKnown>,
    /// Checks that are wrong themselves.
    pub faults: Vec<CheckFault>,
}

/// A check that could not be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotKnown {
    /// The check's id.
    pub check: String,
    /// The fact that is missing.
    pub fact: String,
    /// Why, completing "unknown, because …".
    pub why: String,
}

/// A check that cannot be used as it is written; the others still are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFault {
    /// The check's id, or its file where it has none.
    pub check: String,
    /// What is wrong and what to do.
    pub what: String,
}

/// What one check says about one thing.
#[derive(Debug)]
pub(super) enum Verdict<'a> {
    /// It fired, over this scope.
    Fires(Scope<'a>, Option<&'a serde_json::Value>),
    /// It did not, over this scope.
    Quiet(Scope<'a>),
    /// It depends on a fact that is not known.
    Unknown(Unknown),
}

impl Catalogue {
    /// Holds every check against the facts.
    ///
    /// A check that is wrong in itself is reported as a fault, and the others go on.
    pub fn judge(&self, document: &Document) -> Judgement {
        let mut judgement = self.judge_plainly(document);
        let outcome = outcome(document);
        a_working_login_is_blocked_by_nothing(&mut judgement, self, outcome);
        without_an_attempt_another_item_may_serve(&mut judgement.findings, self, outcome);
        an_open_end_leaves_doubt(&mut judgement.findings, document);
        link(&mut judgement.findings, outcome.and_then(|outcome| outcome.failed_stage));
        judgement
    }

    /// The same without the engine's rules and without order.
    pub(super) fn judge_plainly(&self, document: &Document) -> Judgement {
        let mut judgement = Judgement::default();
        let wording = OnceCell::new();
        let mut quiet_checks = Vec::new();
        judgement.faults.extend(self.unreadable().iter().map(CheckFault::from));
        for entry in self.entries() {
            let outline = entry.outline();
            let verdicts = match outline.weigh(document) {
                Ok(verdicts) => verdicts,
                Err(fault) => {
                    judgement.faults.push(CheckFault { check: outline.id.to_string(), what: fault.to_string() });
                    continue;
                }
            };
            let mut quiet = Vec::new();
            let mut is_out = true;
            for verdict in verdicts {
                match verdict {
                    Verdict::Quiet(scope) => quiet.push(scope),
                    Verdict::Unknown(unknown) => {
                        is_out = false;
                        let Unknown { fact, why } = unknown;
                        judgement.unknown.push(NotKnown { check: outline.id.to_string(), fact, why });
                    }
                    Verdict::Fires(scope, item) => {
                        is_out = false;
                        let check = match entry.whole() {
                            Ok(check) => check,
                            Err(error) => {
                                judgement.faults.push(error.into());
                                break;
                            }
                        };
                        let wording = wording.get_or_init(|| Wording::new(&document.facts));
                        let hit = Hit { check, document, wording, scope, item };
                        judgement.findings.push(hit.finding(&self.explained(&check.id), &mut judgement.faults));
                    }
                }
            }
            if is_out {
                quiet_checks.push(Quiet { outline, scopes: quiet });
            }
        }
        let failed_stage = outcome(document).and_then(|outcome| outcome.failed_stage);
        let wording = || wording.get_or_init(|| Wording::new(&document.facts));
        let mut faults = Vec::new();
        judgement.ruled_out =
            ruled_out(self, &quiet_checks, &judgement.findings, failed_stage, (document, wording), &mut faults);
        judgement.faults.extend(faults);
        judgement
    }
}

/// How the login ended, as the facts tell it; `None` when none was tried.
pub fn outcome(document: &Document) -> Option<Outcome<'_>> {
    let login = document.facts.get("login")?;
    Some(Outcome {
        works: login.get("works")?.as_bool()?,
        failed_stage: login.get("failed_stage").and_then(serde_json::Value::as_str),
    })
}

/// Where a login works, no error on the way to it can be true, and what keys, agent and configuration might do better
/// is not worth a warning. A check that says of itself that it is about something else stays.
fn a_working_login_is_blocked_by_nothing(
    judgement: &mut Judgement,
    catalogue: &Catalogue,
    outcome: Option<Outcome<'_>>,
) {
    if !outcome.is_some_and(|outcome| outcome.works) {
        return;
    }
    let behind = |stage: &str| stage == "session" || !STAGES.contains(&stage);
    let stays = |finding: &Finding| catalogue.get(&finding.check).is_some_and(|check| check.even_if_login_works);
    let quiet = |finding: &Finding| match finding.severity {
        _ if stays(finding) => false,
        Severity::Error => !behind(&finding.stage),
        Severity::Warning => matches!(finding.stage.as_str(), "keys" | "agent" | "config" | "authentication"),
        Severity::Info => false,
    };
    let (dropped, kept): (Vec<Finding>, Vec<Finding>) = judgement.findings.drain(..).partition(quiet);
    judgement.findings = kept;
    let mut ids: Vec<String> = dropped.into_iter().map(|finding| finding.check).collect();
    ids.dedup();
    judgement.ruled_out.extend(ids.into_iter().map(|check| RuledOut {
        check,
        because: "the login works".to_owned(),
        in_words: false,
    }));
}

/// As long as nothing was tried, a fault of one key or agent blocks nothing: another one may be the one that is let in.
///
/// Lists of other things (lines of the configuration, say) are no alternatives to each other, so they keep their severity.
fn without_an_attempt_another_item_may_serve(
    findings: &mut [Finding],
    catalogue: &Catalogue,
    outcome: Option<Outcome<'_>>,
) {
    if outcome.is_some() {
        return;
    }
    let is_alternative = |finding: &Finding| {
        matches!(finding.stage.as_str(), "keys" | "agent" | "authentication")
            && catalogue.get(&finding.check).is_some_and(|check| check.each.is_some())
    };
    for finding in findings {
        if finding.severity == Severity::Error && is_alternative(finding) {
            finding.severity = Severity::Warning;
        }
    }
}

/// Where nobody heard how the attempt ended, as in a log that breaks off, no cause is certain: the login may have gone on
/// past it.
fn an_open_end_leaves_doubt(findings: &mut [Finding], document: &Document) {
    let login = &document.facts["login"];
    if login["outcome"] != "unknown" || login["works"] == true {
        return;
    }
    for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Error && !finding.symptom) {
        finding.confidence = finding.confidence.min(Confidence::Likely);
    }
}

impl From<&CheckError> for CheckFault {
    fn from(error: &CheckError) -> Self {
        Self { check: error.file.clone(), what: error.to_string() }
    }
}

impl Outline {
    /// Holds this check against the facts: one verdict, or one for each item of its list.
    pub(super) fn weigh<'a>(&'a self, document: &'a Document) -> Result<Vec<Verdict<'a>>, TypeFault> {
        let Some(each) = &self.each else {
            let scope = Scope::new(document);
            return Ok(vec![self.weigh_in(scope, None)?]);
        };
        let top = Scope::new(document);
        let items = match top.look(&each.list) {
            Found::Value(value) => value.as_array().map(Vec::as_slice).unwrap_or_default(),
            Found::Absent => &[],
            Found::Unknown(unknown) => return Ok(vec![Verdict::Unknown(unknown)]),
        };
        let list = each.list.text();
        let scoped =
            |(index, item)| self.weigh_in(Scope::with_item(document, &each.alias, list, index, item), Some(item));
        items.iter().enumerate().map(scoped).collect()
    }

    fn weigh_in<'a>(&'a self, scope: Scope<'a>, item: Option<&'a serde_json::Value>) -> Result<Verdict<'a>, TypeFault> {
        Ok(match self.when.answer(&scope)? {
            Answer::Yes => Verdict::Fires(scope, item),
            Answer::No => Verdict::Quiet(scope),
            Answer::Unknown(unknown) => Verdict::Unknown(unknown),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::findings::{Evidence, cause::verdict};

    fn check(stage: &str, id: &str, severity: &str, rest: &str) -> (String, String) {
        let text = format!("```toml\nseverity = \"{severity}\"\n{rest}\n```\n# {id} is there\nProse.\n");
        (format!("{stage}/{id}.md"), text)
    }

    fn document(facts: serde_json::Value) -> Document {
        Document { facts_version: 1, facts, unknown: Vec::new() }
    }

    fn ids(judgement: &Judgement) -> Vec<&str> {
        judgement.findings.iter().map(|finding| finding.check.as_str()).collect()
    }

    fn refused(more: serde_json::Value) -> Document {
        let mut facts = json!({"login": {"works": false, "failed_stage": "authentication", "outcome": "refused"}});
        if let (Some(facts), Some(more)) = (facts.as_object_mut(), more.as_object()) {
            facts.extend(more.clone());
        }
        document(facts)
    }

    #[test]
    fn a_working_login_silences_what_lies_on_the_way() {
        let files = [
            check("keys", "a", "error", "when = \"login.works\""),
            check("agent", "b", "warning", "when = \"login.works\""),
            check("client", "c", "warning", "when = \"login.works\""),
            check("session", "d", "error", "when = \"login.works\""),
            check("keys", "e", "info", "when = \"login.works\""),
            check("network", "f", "error", "when = \"login.works\""),
        ];
        let judgement =
            Catalogue::default().with_folder(files).judge(&document(json!({"login": {"works": true, "outcome": "x"}})));
        assert_eq!(ids(&judgement), ["d", "c", "e"]);
        let dropped: Vec<&str> = judgement.ruled_out.iter().map(|out| out.check.as_str()).collect();
        assert_eq!(dropped, ["a", "b", "f"]);
        assert!(judgement.ruled_out.iter().all(|out| out.because == "the login works"));
    }

    #[test]
    fn without_an_attempt_one_bad_key_is_a_warning() {
        let files = [
            check("keys", "a", "error", "each = \"key in keys\"\nwhen = \"key.mode_too_open\""),
            check("config", "b", "error", "each = \"line in config.errors\"\nwhen = \"line.kind == 'bad-option'\""),
        ];
        let facts = json!({"keys": [{"mode_too_open": true}], "config": {"errors": [{"kind": "bad-option"}]}});
        let catalogue = Catalogue::default().with_folder(files);
        let severity = |judgement: &Judgement, id: &str| {
            judgement.findings.iter().find(|finding| finding.check == id).map(|finding| finding.severity)
        };
        let untried = catalogue.judge(&document(facts.clone()));
        assert_eq!(severity(&untried, "a"), Some(Severity::Warning));
        assert_eq!(severity(&untried, "b"), Some(Severity::Error), "a line that ssh refuses blocks every login");
        let tried = catalogue.judge(&refused(facts));
        assert_eq!(severity(&tried, "a"), Some(Severity::Error));
    }

    #[test]
    fn nothing_is_certain_where_the_end_was_not_heard() {
        let files = [
            check("keys", "a", "error", "when = \"not login.works\""),
            check("keys", "b", "error", "when = \"not login.works\"\nconfidence = \"possible\""),
        ];
        let catalogue = Catalogue::default().with_folder(files);
        let of = |outcome: &str| {
            let facts = json!({"login": {"works": false, "failed_stage": "keys", "outcome": outcome}});
            let judgement = catalogue.judge(&document(facts));
            judgement.findings.iter().map(|finding| finding.confidence).collect::<Vec<_>>()
        };
        assert_eq!(of("refused"), [Confidence::Certain, Confidence::Possible]);
        assert_eq!(of("unknown"), [Confidence::Likely, Confidence::Possible]);
    }

    #[test]
    fn unknown_facts_are_told_and_accuse_nobody() {
        let files = [check("keys", "a", "error", "each = \"key in keys\"\nwhen = \"key.bits < 1024\"")];
        let mut facts = document(json!({"keys": [{"path": "/a"}, {"bits": 512}, {"bits": 4096}]}));
        facts.unknown.push(Unknown { fact: "keys[0].bits".into(), why: "encrypted".into() });
        let judgement = Catalogue::default().with_folder(files).judge(&facts);
        assert_eq!(judgement.findings.len(), 1);
        assert_eq!(judgement.findings[0].subject, Some(json!({"bits": 512})));
        let unknown = NotKnown { check: "a".into(), fact: "keys[0].bits".into(), why: "encrypted".into() };
        assert_eq!(judgement.unknown, [unknown]);
    }

    #[test]
    fn a_faulty_check_does_not_stop_the_others() {
        let files = [
            check("keys", "a", "error", "when = \"login.outcome > 3\""),
            check("keys", "b", "error", "when = \"not login.works\""),
            ("keys/c.md".to_owned(), "no check".to_owned()),
        ];
        let judgement = Catalogue::default().with_folder(files).judge(&refused(json!({})));
        assert_eq!(ids(&judgement), ["b"]);
        let faults: Vec<&str> = judgement.faults.iter().map(|fault| fault.check.as_str()).collect();
        assert_eq!(faults, ["keys/c.md", "a"]);
    }

    #[test]
    fn a_fix_that_reads_what_is_not_there_is_left_out() {
        let fix =
            |run: &str| format!("[[fix]]\ntitle = 'x'\nsafety = 'safe'\nwhere = 'this machine'\nrun = \"{run}\"\n");
        let rest = format!(
            "when = \"not login.works\"\n{}{}{}",
            fix("cat {{ agent.socket }}"),
            fix("cat {{ server.greeting }}"),
            fix("cat {{ client.path }}")
        );
        let files = [check("agent", "a", "error", &rest)];
        let facts = refused(json!({"client": {"path": "/a b"}, "server": {"greeting": "x\u{1b}y"}}));
        let judgement = Catalogue::default().with_folder(files).judge(&facts);
        assert_eq!(judgement.faults, []);
        let commands: Vec<&str> =
            judgement.findings[0].fixes.iter().flat_map(|fix| &fix.commands).map(String::as_str).collect();
        assert_eq!(commands, ["cat '/a b'"]);
    }

    #[test]
    fn words_about_what_is_not_known_are_not_lost() {
        let mut facts = refused(json!({}));
        facts.unknown.push(Unknown { fact: "agent".into(), why: "no answer".into() });
        let text = "```toml\nseverity = \"error\"\nwhen = \"not login.works\"\n```\n# it is {{ agent.state }}\n{{ client.path }}\n";
        let judgement = Catalogue::default().with_folder([("agent/a.md", text)]).judge(&facts);
        assert_eq!(judgement.findings[0].title, "it is (not known)");
        assert_eq!(judgement.faults, [], "both facts are unknown, and that is nobody's fault");
    }

    #[test]
    fn certainty_and_evidence_come_from_the_facts() {
        let rest = "confidence = \"possible\"\ncertain = \"login.outcome == 'refused'\"\nwhen = \"not login.works\"\n\
            evidence = [\"config.from.user\", \"config.from.port\"]";
        let facts = refused(json!({"config": {"from": {"user": {"source": "/c", "line": 3, "text": "User\u{7} x"}}}}));
        let judgement = Catalogue::default().with_folder([check("config", "a", "error", rest)]).judge(&facts);
        let finding = &judgement.findings[0];
        assert_eq!(finding.confidence, Confidence::Certain);
        assert_eq!(finding.evidence, [Evidence { source: "/c".into(), line: Some(3), text: "User x".into() }]);
        assert_eq!(verdict(&judgement.findings, outcome(&facts)), crate::findings::Verdict::Blocked);
    }

    #[test]
    fn powershell_gets_its_own_quotes() {
        let rest = "when = \"not login.works\"\n[[fix]]\ntitle = 'x'\nsafety = 'safe'\nwhere = 'this machine'\nrun = \"cat {{ client.path }}\"\n\
            [[fix]]\ntitle = 'x'\nsafety = 'safe'\nwhere = 'job image'\nrun = \"cat {{ client.path }}\"";
        let facts = refused(json!({"machine": {"command_shell": "powershell"}, "client": {"path": "C:\\it's"}}));
        let judgement = Catalogue::default().with_folder([check("client", "a", "error", rest)]).judge(&facts);
        let commands: Vec<&str> =
            judgement.findings[0].fixes.iter().flat_map(|fix| &fix.commands).map(String::as_str).collect();
        assert_eq!(commands, ["cat 'C:\\it''s'", "cat 'C:'\"\\\\\"'it'\"'\"'s'"]);
    }
}
