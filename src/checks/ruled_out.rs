//! What it is not: likely causes of the failure that were looked at, each with the reason that clears it.
//!
//! The reason is the check's own sentence where its file has one and what that says is known; else the part of the
//! condition that does not hold, in the words of the facts.

use std::{borrow::Cow, collections::BTreeSet};

use super::{
    Catalogue, CheckFault,
    condition::{Answer, Condition, Scope},
    outline::Outline,
    wording::{Wording, WordingError},
};
use crate::{
    facts::Document,
    findings::{
        Finding, RuledOut, Severity,
        cause::{Distance, distance},
    },
};

/// `ruled_out` and `ruled_out_when` of a check.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Excuse {
    /// The sentence's template: `not the agent: it answers`.
    pub(super) words: Cow<'static, str>,
    /// When the sentence is true and worth saying.
    pub(super) when: Condition,
}

impl Excuse {
    /// The sentence, where everything that it says is known. It is about the whole list of an `each` check, not an item.
    pub(super) fn said(&self, document: &Document, wording: &Wording) -> Result<Option<String>, String> {
        match self.when.answer(&Scope::new(document)) {
            Ok(Answer::Yes) => {}
            Ok(Answer::No | Answer::Unknown(_)) => return Ok(None),
            Err(fault) => return Err(fault.to_string()),
        }
        match wording.line(&self.words, &wording.context(None)) {
            Ok(line) => Ok(Some(line)),
            Err(WordingError::Missing) => Ok(None),
            Err(error) => Err(format!("its `ruled_out` cannot be rendered: {error}; correct the template")),
        }
    }
}

/// A check that did not fire, and the scopes in which it did not.
pub(super) struct Quiet<'a> {
    pub(super) outline: &'a Outline,
    pub(super) scopes: Vec<Scope<'a>>,
}

/// Those of the `quiet` checks that the failure made one think of, with what clears them.
pub(super) fn ruled_out<'w>(
    catalogue: &Catalogue,
    quiet: &[Quiet<'_>],
    findings: &[Finding],
    failed_stage: Option<&str>,
    words: (&Document, impl Fn() -> &'w Wording),
    faults: &mut Vec<CheckFault>,
) -> Vec<RuledOut> {
    let Some(failed_stage) = failed_stage else { return Vec::new() };
    let symptoms: BTreeSet<&str> =
        findings.iter().filter(|finding| finding.symptom).map(|finding| finding.check.as_str()).collect();
    let (document, wording) = words;
    let mut all = Vec::new();
    for Quiet { outline, scopes } in quiet {
        if !is_suspect(catalogue, outline, failed_stage, &symptoms) {
            continue;
        }
        let said = match outline.excuse.as_ref().map(|excuse| excuse.said(document, wording())) {
            Some(Ok(said)) => said,
            Some(Err(what)) => {
                faults.push(CheckFault { check: outline.id.to_string(), what });
                None
            }
            None => None,
        };
        let in_words = said.is_some();
        let because = said.or_else(|| because(outline, scopes));
        all.extend(because.map(|because| RuledOut { check: outline.id.to_string(), because, in_words }));
    }
    all
}

/// A likely cause of what was seen: it can end in the symptom that is there, and lies where such a failure has its causes.
fn is_suspect(catalogue: &Catalogue, outline: &Outline, failed_stage: &str, symptoms: &BTreeSet<&str>) -> bool {
    if outline.symptom || outline.severity < Severity::Warning {
        return false;
    }
    let explained = catalogue.explained(&outline.id);
    let of_this_stage = |id: &&str| catalogue.outline(id).is_some_and(|symptom| symptom.stage == failed_stage);
    let explains = |id: &&&str| explained.iter().any(|other| other == *id);
    let near = distance(&outline.stage, Some(failed_stage)) <= Distance::Near;
    match symptoms.iter().find(explains) {
        // What makes just this symptom is suspect wherever it lies, such as another machine's host key.
        Some(symptom) => near || of_this_stage(symptom),
        None => near && symptoms.is_empty(),
    }
}

/// One sentence on why a check did not fire, over nothing but these scopes.
pub(super) fn because(outline: &Outline, quiet: &[Scope<'_>]) -> Option<String> {
    let reasons: Vec<Option<String>> = quiet.iter().map(|scope| outline.when.because(scope)).collect();
    match (&outline.each, reasons.as_slice()) {
        (Some(each), []) => Some(format!("there is nothing in {}", each.list)),
        (None, []) => None,
        (_, [reason]) => reason.clone(),
        (Some(each), [Some(first), rest @ ..]) if rest.iter().all(|reason| reason.as_ref() == Some(first)) => {
            Some(format!("{first} for all {} in {}", reasons.len(), each.list))
        }
        (Some(each), _) => Some(format!("none of the {} in {} is like that", reasons.len(), each.list)),
        (None, [first, ..]) => first.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::Unknown;

    fn check(place: &str, rest: &str) -> (String, String) {
        (format!("{place}.md"), format!("```toml\nseverity = \"error\"\n{rest}\n```\n# x\nProse.\n"))
    }

    fn said(files: &[(String, String)], facts: serde_json::Value, unknown: &[&str]) -> Vec<String> {
        let unknown = unknown.iter().map(|&fact| Unknown { fact: fact.into(), why: "nobody looked".into() }).collect();
        let document = Document { facts_version: 1, facts, unknown };
        let judgement = Catalogue::default().with_folder(files.iter().cloned()).judge(&document);
        assert_eq!(judgement.faults, []);
        judgement
            .ruled_out
            .iter()
            .map(|out| format!("{}{}", if out.in_words { "" } else { "? " }, out.because))
            .collect()
    }

    fn refused(more: serde_json::Value) -> serde_json::Value {
        let mut facts = json!({"login": {"works": false, "failed_stage": "authentication", "outcome": "refused"}});
        if let (Some(facts), Some(more)) = (facts.as_object_mut(), more.as_object()) {
            facts.extend(more.clone());
        }
        facts
    }

    #[test]
    fn suspects_are_ruled_out_with_a_reason() {
        let files = [
            check("agent/a", "when = \"agent.state == 'dead'\""),
            check("keys/b", "each = \"key in keys\"\nwhen = \"key.mode_too_open\""),
            check("network/c", "when = \"network.tcp.state == 'refused'\""),
        ];
        let facts = refused(json!({
            "agent": {"state": "answers"},
            "keys": [{"mode_too_open": false}, {"mode_too_open": false}],
            "network": {"tcp": {"state": "open"}},
        }));
        assert_eq!(
            said(&files, facts, &[]),
            ["? key.mode_too_open is false for all 2 in keys", "? agent.state is answers"]
        );
    }

    #[test]
    fn a_check_s_own_sentence_is_said_only_where_all_of_it_is_known() {
        let sentence = "ruled_out = \"not the agent: it holds {{ agent.identities | length }} keys\"\n\
             ruled_out_when = \"agent.state == 'answers'\"";
        let files = [check("agent/a", &format!("when = \"agent.state == 'dead'\"\n{sentence}"))];
        let holds = |identities| refused(json!({"agent": {"state": "answers", "identities": identities}}));
        assert_eq!(said(&files, holds(json!([1, 2])), &[]), ["not the agent: it holds 2 keys"]);
        let blind = refused(json!({"agent": {"state": "answers"}}));
        assert_eq!(said(&files, blind, &["agent.identities"]), ["? agent.state is answers"]);
        let off = refused(json!({"agent": {"state": "off", "identities": []}}));
        assert_eq!(said(&files, off, &[]), ["? agent.state is off"]);
        assert_eq!(said(&files, refused(json!({})), &["agent"]), [] as [&str; 0]);
        let works = json!({"login": {"works": true, "outcome": "authenticated"}, "agent": {"state": "off"}});
        assert_eq!(said(&files, works, &[]), [] as [&str; 0], "nothing failed");
    }

    #[test]
    fn only_what_can_end_in_the_symptom_is_a_suspect() {
        let files = [
            check("config/a", "explains = ['denied']\nwhen = \"agent.state == 'dead'\""),
            check("config/b", "explains = ['other']\nwhen = \"agent.state == 'dead'\""),
            check("host-key/c", "explains = ['denied']\nwhen = \"agent.state == 'dead'\""),
            check("host-key/d", "explains = ['failed']\nwhen = \"agent.state == 'dead'\""),
            check("authentication/denied", "symptom = true\nwhen = \"not login.works\""),
            check("session/failed", "symptom = true\nwhen = \"not login.works\""),
        ];
        let document =
            Document { facts_version: 1, facts: refused(json!({"agent": {"state": "answers"}})), unknown: Vec::new() };
        let judgement = Catalogue::default().with_folder(files).judge(&document);
        let ids: Vec<&str> = judgement.ruled_out.iter().map(|out| out.check.as_str()).collect();
        assert_eq!(ids, ["a", "c"]);
    }
}
