//! Holds every check against the facts, and keeps the rules that no single check can keep.

use std::cell::OnceCell;

use super::{
    Catalogue, Check,
    condition::{Answer, Condition, Found, Path, Scope, TypeFault},
    document::FixTemplate,
    wording::{self, Context, Wording, WordingError},
};
use crate::{
    facts::{CommandShell, Document, Unknown},
    findings::{
        Confidence, Evidence, Finding, Fix, Outcome, STAGES, Severity,
        cause::{Distance, distance, link},
        plain,
    },
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

/// A check that did not fire, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuledOut {
    /// The check's id.
    pub check: String,
    /// A true sentence: `agent.state is answers`.
    pub because: String,
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
    /// It did not, for this reason.
    Quiet(Option<String>),
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
        link(&mut judgement.findings, outcome.and_then(|outcome| outcome.failed_stage));
        judgement
    }

    /// The same without the engine's rules and without order.
    pub(super) fn judge_plainly(&self, document: &Document) -> Judgement {
        let mut judgement = Judgement::default();
        let wording = OnceCell::new();
        let failed_stage = outcome(document).and_then(|outcome| outcome.failed_stage);
        judgement.faults.extend(
            self.broken().iter().map(|error| CheckFault { check: error.file.clone(), what: error.to_string() }),
        );
        for check in self.checks() {
            let verdicts = match check.weigh(document) {
                Ok(verdicts) => verdicts,
                Err(fault) => {
                    judgement.faults.push(CheckFault { check: check.id.clone(), what: fault.to_string() });
                    continue;
                }
            };
            let mut reasons = Vec::new();
            let mut is_out = true;
            for verdict in verdicts {
                match verdict {
                    Verdict::Quiet(reason) => reasons.push(reason),
                    Verdict::Unknown(unknown) => {
                        is_out = false;
                        let Unknown { fact, why } = unknown;
                        judgement.unknown.push(NotKnown { check: check.id.clone(), fact, why });
                    }
                    Verdict::Fires(scope, item) => {
                        is_out = false;
                        let wording = wording.get_or_init(|| Wording::new(&document.facts));
                        let hit = Hit { check, document, wording, scope, item };
                        judgement.findings.push(hit.finding(self.explained(&check.id), &mut judgement.faults));
                    }
                }
            }
            if is_out && is_suspect(check, failed_stage) {
                let because = one_reason(check, &reasons);
                judgement.ruled_out.extend(because.map(|because| RuledOut { check: check.id.clone(), because }));
            }
        }
        judgement
    }
}

/// A likely cause of a failure at `failed_stage`: worth saying that it is not the one.
fn is_suspect(check: &Check, failed_stage: Option<&str>) -> bool {
    failed_stage.is_some()
        && !check.symptom
        && check.severity >= Severity::Warning
        && distance(&check.stage, failed_stage) <= Distance::Near
}

/// One sentence for all items of a list.
fn one_reason(check: &Check, reasons: &[Option<String>]) -> Option<String> {
    let first = reasons.first()?.clone();
    let Some(each) = &check.each else { return first };
    match reasons {
        [_] => first,
        _ if first.is_some() && reasons.iter().all(|reason| *reason == first) => {
            Some(format!("{} for all {} in {}", first?, reasons.len(), each.list))
        }
        _ => Some(format!("none of the {} in {} is like that", reasons.len(), each.list)),
    }
}

/// How the login ended, as the facts tell it; `None` when none was tried.
pub(super) fn outcome(document: &Document) -> Option<Outcome<'_>> {
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
    let behind = |stage: &str| stage == "session" || stage == "circleci" || !STAGES.contains(&stage);
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
    judgement.ruled_out.extend(ids.into_iter().map(|check| RuledOut { check, because: "the login works".to_owned() }));
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

impl Check {
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
        if items.is_empty() {
            return Ok(vec![Verdict::Quiet(Some(format!("there is nothing in {}", each.list)))]);
        }
        let list = each.list.text();
        let scoped =
            |(index, item)| self.weigh_in(Scope::with_item(document, &each.alias, list, index, item), Some(item));
        items.iter().enumerate().map(scoped).collect()
    }

    fn weigh_in<'a>(&'a self, scope: Scope<'a>, item: Option<&'a serde_json::Value>) -> Result<Verdict<'a>, TypeFault> {
        Ok(match self.when.answer(&scope)? {
            Answer::Yes => Verdict::Fires(scope, item),
            Answer::No => Verdict::Quiet(self.when.because(&scope)),
            Answer::Unknown(unknown) => Verdict::Unknown(unknown),
        })
    }
}

/// A check that fired, on its way to becoming a finding.
pub(super) struct Hit<'a> {
    pub(super) check: &'a Check,
    pub(super) document: &'a Document,
    pub(super) wording: &'a Wording,
    pub(super) scope: Scope<'a>,
    pub(super) item: Option<&'a serde_json::Value>,
}

impl Hit<'_> {
    pub(super) fn finding(&self, explains: &[String], faults: &mut Vec<CheckFault>) -> Finding {
        let check = self.check;
        let context = self.context();
        let certain = check.certain.as_ref().is_some_and(|certain| self.holds(certain, faults));
        let title = self.words(&check.title, &context, faults);
        Finding {
            check: check.id.clone(),
            severity: check.severity,
            confidence: if certain { Confidence::Certain } else { check.confidence },
            stage: check.stage.clone(),
            symptom: check.symptom,
            root: true,
            explained_by: None,
            explains: explains.to_vec(),
            title: plain(&title),
            detail: self.words(&check.prose, &context, faults),
            subject: self.item.cloned(),
            evidence: self.evidence(),
            fixes: check.fixes.iter().filter_map(|fix| self.fix(fix, &context, faults)).collect(),
        }
    }

    pub(super) fn context(&self) -> Context {
        let alias = self.check.each.as_ref().map(|each| each.alias.as_str());
        self.wording.context(alias.zip(self.item))
    }

    fn fault(&self, what: String) -> CheckFault {
        CheckFault { check: self.check.id.clone(), what }
    }

    fn holds(&self, condition: &Condition, faults: &mut Vec<CheckFault>) -> bool {
        match condition.answer(&self.scope) {
            Ok(answer) => answer == Answer::Yes,
            Err(error) => {
                faults.push(self.fault(error.to_string()));
                false
            }
        }
    }

    /// Words always come out: a fact that is not there is named so, and an author who did not foresee it is told.
    fn words(&self, template: &str, context: &Context, faults: &mut Vec<CheckFault>) -> String {
        match self.wording.text(template, context) {
            Ok(text) => text,
            Err(WordingError::Missing) => {
                if !self.reads_unknown(template) {
                    faults.push(self.fault("its words read a fact that is not there; ask `is defined` first".into()));
                }
                self.wording.lenient_text(template, context).unwrap_or_else(|_| self.check.id.clone())
            }
            Err(error) => {
                faults.push(self.fault(format!("its words cannot be rendered: {error}; correct the template")));
                self.check.id.clone()
            }
        }
    }

    fn reads_unknown(&self, template: &str) -> bool {
        let Ok(reads) = wording::reads(template) else { return false };
        let mut paths = reads.iter().filter_map(|path| Path::parse(path).ok());
        paths.any(|path| matches!(self.scope.look(&path), Found::Unknown(_)))
    }

    fn evidence(&self) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        for path in &self.check.evidence {
            if let Found::Value(value) = self.scope.look(path) {
                match value.as_array() {
                    Some(lines) => evidence.extend(lines.iter().filter_map(seen)),
                    None => evidence.extend(seen(value)),
                }
            }
        }
        evidence
    }

    /// The fix, unless it does not apply, reads a fact that is not there, or cannot be said safely.
    fn fix(&self, fix: &FixTemplate, context: &Context, faults: &mut Vec<CheckFault>) -> Option<Fix> {
        if fix.when.as_ref().is_some_and(|when| !self.holds(when, faults)) {
            return None;
        }
        match self.worded(fix, context) {
            Ok(mut worded) => {
                worded.verified = fix.verified.as_ref().is_some_and(|verified| self.holds(verified, faults));
                Some(worded)
            }
            Err(WordingError::Template(error)) => {
                faults.push(self.fault(format!("its fix `{}` cannot be rendered: {error}; correct it", fix.title)));
                None
            }
            Err(WordingError::Missing | WordingError::Refused(_) | WordingError::Control) => None,
        }
    }

    /// Whether the fix is for this case.
    pub(super) fn applies(&self, fix: &FixTemplate) -> bool {
        fix.when.as_ref().is_none_or(|when| self.holds(when, &mut Vec::new()))
    }

    pub(super) fn worded(&self, fix: &FixTemplate, context: &Context) -> Result<Fix, WordingError> {
        let shell = fix_shell(fix, self.document);
        let commands = fix.run.iter().map(|line| self.wording.command(line, context, shell));
        let line = |text: &Option<String>| text.as_ref().map(|text| self.wording.line(text, context)).transpose();
        Ok(Fix {
            title: self.wording.line(&fix.title, context)?,
            place: fix.place.name().to_owned(),
            safety: fix.safety,
            reason: line(&fix.reason)?,
            verified: false,
            commands: commands.collect::<Result<_, _>>()?,
            url: line(&fix.url)?.map(|url| url.replace(' ', "%20")),
        })
    }
}

/// The shell that a fix's commands are for: images and git hosts have a POSIX one.
pub(super) fn fix_shell(fix: &FixTemplate, document: &Document) -> CommandShell {
    let here = !matches!(fix.place, super::Place::JobImage);
    let powershell = document.facts["machine"]["command_shell"] == "powershell";
    if here && powershell { CommandShell::Powershell } else { CommandShell::Posix }
}

fn seen(value: &serde_json::Value) -> Option<Evidence> {
    let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str).map(plain);
    let line = value.get("line").and_then(serde_json::Value::as_u64);
    let evidence = Evidence {
        source: text("source")?,
        line: line.and_then(|line| usize::try_from(line).ok()),
        text: text("text").unwrap_or_default(),
    };
    (!evidence.text.is_empty()).then_some(evidence)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::findings::cause::verdict;

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
    fn suspects_are_ruled_out_with_a_reason() {
        let files = [
            check("agent", "a", "error", "when = \"agent.state == 'dead'\""),
            check("keys", "b", "error", "each = \"key in keys\"\nwhen = \"key.mode_too_open\""),
            check("network", "c", "error", "when = \"network.tcp.state == 'refused'\""),
            check("keys", "d", "info", "when = \"login.works\""),
        ];
        let facts = refused(json!({
            "agent": {"state": "answers"},
            "keys": [{"mode_too_open": false}, {"mode_too_open": false}],
            "network": {"tcp": {"state": "open"}},
        }));
        let judgement = Catalogue::default().with_folder(files).judge(&facts);
        let said: Vec<String> =
            judgement.ruled_out.iter().map(|out| format!("{}: {}", out.check, out.because)).collect();
        assert_eq!(said, ["b: key.mode_too_open is false for all 2 in keys", "a: agent.state is answers"]);
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
