//! Which finding explains which, what comes first, and what it all amounts to.
//!
//! A check names what it explains; here those edges become a forest: every finding hangs under at most one other, a
//! symptom never stands beside the cause of the failure, and the first finding of the list is the one to read.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Severity};

/// The stages of a login in the order in which it meets them; also the names of the catalogue's folders.
pub const STAGES: [&str; 10] =
    ["client", "config", "keys", "agent", "network", "handshake", "host-key", "authentication", "session", "circleci"];

/// Where the causes of a failure lie when they do not lie in its own stage.
const NEAR: [(&str, &[&str]); 10] = [
    ("client", &["config"]),
    ("config", &["client"]),
    ("keys", &["client", "config", "agent"]),
    ("agent", &["client", "config", "keys"]),
    ("network", &["client", "config", "circleci"]),
    ("handshake", &["client", "config", "network", "circleci"]),
    // ssh asks the agent for its keys as soon as the host key is settled.
    ("host-key", &["client", "config", "agent", "handshake", "circleci"]),
    ("authentication", &["client", "config", "keys", "agent", "circleci"]),
    ("session", &["client", "config", "circleci"]),
    ("circleci", &[]),
];

/// How far a stage is from the one where the attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Distance {
    /// It failed there, or there was no failure to measure from.
    Here,
    /// What fails there often has its cause here.
    Near,
    /// The attempt did not come that far.
    Ahead,
    /// The attempt went through it.
    Passed,
}

/// How the attempt ended, as far as ordering needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// The login works.
    pub works: bool,
    /// The stage where the attempt ended, when it did not reach a shell.
    pub failed_stage: Option<&'a str>,
}

/// What all findings amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing to say.
    Healthy,
    /// The login is not known to be blocked, but something is wrong.
    Problems,
    /// It is known what blocks the login.
    Blocked,
    /// The login failed, and nothing that was found explains it.
    Unknown,
}

/// The distance of `stage` from the stage that failed.
pub fn distance(stage: &str, failed: Option<&str>) -> Distance {
    let Some(failed) = failed else { return Distance::Here };
    if stage == failed {
        return Distance::Here;
    }
    let near = NEAR.iter().find(|(name, _)| *name == failed).map_or(&[][..], |(_, near)| near);
    if near.contains(&stage) {
        Distance::Near
    } else if place(stage) > place(failed) || (is_local(stage) && place(failed) < place("authentication")) {
        Distance::Ahead
    } else {
        Distance::Passed
    }
}

/// Links the findings by `explains`, marks the roots, and sorts: what to read first comes first.
///
/// Input order is catalogue order. Circles are cut, so there is always a root.
pub fn link(findings: &mut Vec<Finding>, failed_stage: Option<&str>) {
    let distances = distances(findings, failed_stage);
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|&index| rank(&findings[index], distances[index]));
    let mut sorted: Vec<Finding> = order.iter().map(|&index| findings[index].clone()).collect();
    let distances: Vec<Distance> = order.iter().map(|&index| distances[index]).collect();

    let parents = parents(&sorted, &distances);
    let mut lifted: Vec<Severity> = sorted.iter().map(|finding| finding.severity).collect();
    for (index, finding) in sorted.iter_mut().enumerate() {
        finding.root = parents[index].is_none();
        if let Some(&top) = line(&parents, index).last() {
            lifted[top] = lifted[top].max(finding.severity);
        }
    }
    for (index, parent) in parents.iter().enumerate() {
        sorted[index].explained_by = parent.map(|parent| sorted[parent].check.clone());
    }
    let mut order: Vec<usize> = (0..sorted.len()).collect();
    order.sort_by_key(|&index| (parents[index].is_some(), Reverse(lifted[index])));
    *findings = order.into_iter().map(|index| sorted[index].clone()).collect();
}

/// What linked findings amount to; `None`: no login was tried.
pub fn verdict(findings: &[Finding], login: Option<Outcome<'_>>) -> Verdict {
    let failed = login.is_some_and(|login| !login.works || login.failed_stage.is_some());
    let passed = login.is_some() && !failed;
    let failed_stage = login.and_then(|login| login.failed_stage);
    let distances = distances(findings, failed_stage);
    let blocks = |(finding, distance): (&Finding, &Distance)| {
        finding.root && !finding.symptom && finding.severity == Severity::Error && *distance <= Distance::Near
    };
    if !passed && findings.iter().zip(&distances).any(blocks) {
        Verdict::Blocked
    } else if failed {
        Verdict::Unknown
    } else if findings.iter().any(|finding| finding.severity >= Severity::Warning) {
        Verdict::Problems
    } else {
        Verdict::Healthy
    }
}

/// Distances of all findings; one that explains something near the failure is near itself, wherever its file lies.
fn distances(findings: &[Finding], failed_stage: Option<&str>) -> Vec<Distance> {
    let by_stage: Vec<Distance> = findings.iter().map(|finding| distance(&finding.stage, failed_stage)).collect();
    let explains_near = |finding: &Finding| {
        findings
            .iter()
            .zip(&by_stage)
            .any(|(other, distance)| *distance <= Distance::Near && finding.explains.contains(&other.check))
    };
    findings
        .iter()
        .zip(&by_stage)
        .map(|(finding, &distance)| if explains_near(finding) { distance.min(Distance::Near) } else { distance })
        .collect()
}

type Rank = (Reverse<Severity>, u8, Distance, Reverse<super::Confidence>, usize, bool);

fn rank(finding: &Finding, distance: Distance) -> Rank {
    // A cause too far from the failure to have made it must not stand before the failure's own words.
    let kind = match (finding.symptom, distance <= Distance::Near) {
        (false, true) => 0,
        (true, _) => 1,
        (false, false) => 2,
    };
    (Reverse(finding.severity), kind, distance, Reverse(finding.confidence), turn(&finding.stage), !finding.meets_first)
}

/// For each finding of a sorted list, the one that explains it.
fn parents(sorted: &[Finding], distances: &[Distance]) -> Vec<Option<usize>> {
    let mut parents: Vec<Option<usize>> = vec![None; sorted.len()];
    for index in 0..sorted.len() {
        let id = &sorted[index].check;
        let parent = (0..sorted.len()).find(|&other| {
            sorted[other].check != *id && sorted[other].explains.contains(id) && !line(&parents, other).contains(&index)
        });
        parents[index] = parent;
    }
    let is_cause = |index: &usize| {
        let finding = &sorted[*index];
        !finding.symptom && finding.severity == Severity::Error && distances[*index] <= Distance::Near
    };
    if let Some(cause) = (0..sorted.len()).find(|index| parents[*index].is_none() && is_cause(index)) {
        for index in 0..sorted.len() {
            if sorted[index].symptom && parents[index].is_none() && distances[index] <= Distance::Near {
                parents[index] = Some(cause);
            }
        }
    }
    parents
}

/// `index` and everything above it, up to its root.
fn line(parents: &[Option<usize>], index: usize) -> Vec<usize> {
    let mut line = vec![index];
    while let Some(parent) = line.last().and_then(|&last| parents[last]) {
        if line.contains(&parent) {
            break;
        }
        line.push(parent);
    }
    line
}

fn place(stage: &str) -> usize {
    STAGES.iter().position(|name| *name == stage).unwrap_or(STAGES.len())
}

/// The place of a stage among causes of the same weight. What CircleCI does comes before all that a login meets: where it
/// keeps somebody out, nothing that is mended on this machine lets them in.
fn turn(stage: &str) -> usize {
    if stage == "circleci" { 0 } else { place(stage) + 1 }
}

/// Stages that are looked at on this machine, though a login meets them only when it authenticates.
fn is_local(stage: &str) -> bool {
    matches!(stage, "keys" | "agent")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Confidence;

    fn finding(check: &str, stage: &str, severity: Severity, explains: &[&str]) -> Finding {
        Finding {
            check: check.into(),
            severity,
            confidence: Confidence::Certain,
            stage: stage.into(),
            symptom: false,
            meets_first: false,
            root: false,
            explained_by: None,
            explains: explains.iter().map(|&id| id.into()).collect(),
            title: String::new(),
            detail: String::new(),
            subject: None,
            evidence: Vec::new(),
            fixes: Vec::new(),
        }
    }

    fn symptom(check: &str, stage: &str) -> Finding {
        Finding { symptom: true, ..finding(check, stage, Severity::Error, &[]) }
    }

    fn ids(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.check.as_str()).collect()
    }

    fn roots(findings: &[Finding]) -> Vec<&str> {
        findings.iter().filter(|finding| finding.root).map(|finding| finding.check.as_str()).collect()
    }

    use Severity::{Error, Info, Warning};

    const FAILED: Option<Outcome<'_>> = Some(Outcome { works: false, failed_stage: Some("authentication") });

    #[test]
    fn a_chain_has_one_root() {
        let mut all = vec![
            symptom("denied", "authentication"),
            finding("not-offered", "authentication", Error, &["denied"]),
            finding("pinned", "config", Error, &["not-offered", "denied"]),
        ];
        link(&mut all, Some("authentication"));
        assert_eq!(roots(&all), ["pinned"]);
        assert_eq!(all[0].check, "pinned");
        assert_eq!(verdict(&all, FAILED), Verdict::Blocked);
    }

    #[test]
    fn a_symptom_folds_under_the_cause_even_if_nobody_said_so() {
        let mut all = vec![symptom("denied", "authentication"), finding("mode", "keys", Error, &[])];
        link(&mut all, Some("authentication"));
        assert_eq!(ids(&all), ["mode", "denied"]);
        assert_eq!(all[1].explained_by.as_deref(), Some("mode"));
    }

    #[test]
    fn a_cause_that_the_attempt_never_reached_explains_nothing() {
        let mut all = vec![finding("mode", "keys", Error, &[]), symptom("refused", "network")];
        link(&mut all, Some("network"));
        assert_eq!(ids(&all), ["refused", "mode"]);
        assert_eq!(roots(&all), ["refused", "mode"]);
        let network = Some(Outcome { works: false, failed_stage: Some("network") });
        assert_eq!(verdict(&all, network), Verdict::Unknown);
    }

    #[test]
    fn what_explains_something_near_is_near_wherever_it_lies() {
        let mut all =
            vec![symptom("denied", "authentication"), finding("wrong-server", "handshake", Error, &["denied"])];
        link(&mut all, Some("authentication"));
        assert_eq!(ids(&all), ["wrong-server", "denied"]);
        assert_eq!(verdict(&all, FAILED), Verdict::Blocked);
    }

    #[test]
    fn the_failed_stage_comes_first_and_passed_stages_last() {
        let mut all = vec![
            finding("slow", "network", Error, &[]),
            finding("mode", "keys", Error, &[]),
            finding("none-accepted", "authentication", Error, &[]),
            finding("note", "authentication", Info, &[]),
            finding("hint", "agent", Warning, &[]),
        ];
        link(&mut all, Some("authentication"));
        assert_eq!(ids(&all), ["none-accepted", "mode", "slow", "hint", "note"]);
    }

    #[test]
    fn the_surer_comes_first_among_equals() {
        let mut all = vec![finding("maybe", "keys", Error, &[]), finding("sure", "keys", Error, &[])];
        all[0].confidence = Confidence::Possible;
        link(&mut all, None);
        assert_eq!(ids(&all), ["sure", "maybe"]);
    }

    #[test]
    fn what_ssh_meets_first_comes_first_in_its_stage() {
        let mut all = vec![finding("damaged", "keys", Error, &[]), finding("open", "keys", Error, &[])];
        all[1].meets_first = true;
        all.push(finding("config", "config", Error, &[]));
        link(&mut all, Some("authentication"));
        assert_eq!(ids(&all), ["config", "open", "damaged"]);
    }

    #[test]
    fn a_warning_that_explains_an_error_leads() {
        let mut all = vec![
            finding("other", "client", Warning, &[]),
            finding("effect", "agent", Error, &[]),
            finding("origin", "config", Warning, &["effect"]),
        ];
        link(&mut all, Some("authentication"));
        assert_eq!(ids(&all), ["origin", "other", "effect"]);
    }

    #[test]
    fn among_causes_of_the_same_weight_circleci_s_comes_first() {
        let mut all =
            vec![finding("mode", "keys", Error, &["denied"]), finding("over", "circleci", Error, &["denied"])];
        link(&mut all, Some("authentication"));
        assert_eq!(ids(&all), ["over", "mode"]);
        all[0].confidence = Confidence::Likely;
        link(&mut all, Some("authentication"));
        assert_eq!(ids(&all), ["mode", "over"]);
    }

    #[test]
    fn a_circle_still_has_a_root() {
        let mut all = vec![finding("a", "keys", Error, &["b"]), finding("b", "keys", Error, &["c"])];
        all.push(finding("c", "keys", Error, &["a", "c"]));
        link(&mut all, None);
        assert_eq!(roots(&all).len(), 1);
    }

    #[test]
    fn items_of_one_check_stand_side_by_side() {
        let mut all = vec![
            finding("mode", "keys", Error, &["denied", "mode"]),
            finding("mode", "keys", Error, &["denied", "mode"]),
            symptom("denied", "authentication"),
        ];
        link(&mut all, Some("authentication"));
        assert_eq!(roots(&all), ["mode", "mode"]);
    }

    #[test]
    fn verdicts() {
        let works = Some(Outcome { works: true, failed_stage: None });
        let mut warning = vec![finding("w", "keys", Warning, &[])];
        link(&mut warning, None);
        let mut only_symptom = vec![symptom("denied", "authentication")];
        link(&mut only_symptom, Some("authentication"));
        let mut error = vec![finding("e", "config", Error, &[])];
        link(&mut error, None);
        let mut shell = vec![finding("exec", "session", Error, &[])];
        link(&mut shell, Some("session"));
        assert_eq!(verdict(&[], works), Verdict::Healthy);
        assert_eq!(verdict(&[], None), Verdict::Healthy);
        assert_eq!(verdict(&[], FAILED), Verdict::Unknown);
        assert_eq!(verdict(&warning, works), Verdict::Problems);
        assert_eq!(verdict(&warning, FAILED), Verdict::Unknown);
        assert_eq!(verdict(&only_symptom, FAILED), Verdict::Unknown);
        assert_eq!(verdict(&error, None), Verdict::Blocked);
        assert_eq!(verdict(&error, works), Verdict::Problems);
        assert_eq!(verdict(&shell, Some(Outcome { works: true, failed_stage: Some("session") })), Verdict::Blocked);
    }
}
