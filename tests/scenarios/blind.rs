//! What a report says when one fact of a recorded machine is taken away: less, or that it does not know, but never for
//! certain something that is not so.

use std::collections::BTreeSet;

use cci_ssh::{
    checks::Catalogue,
    facts::Document,
    findings::{Confidence, Severity},
};
use serde_json::Value;

use crate::scene::{self, Scene};

/// One step of a path into the facts: a name, or an index.
type Step = String;

/// Every section, every part of it, and every item of its lists; sections that follow from others aside.
fn paths(facts: &Value) -> Vec<Vec<Step>> {
    let mut all = Vec::new();
    for (section, value) in facts.as_object().into_iter().flatten() {
        let follows = ["login", "auth", "session", "plan"].contains(&section.as_str());
        if !follows && scene::is_its_own(facts, section) {
            walk(value, &mut vec![section.clone()], &mut all);
        }
    }
    all
}

fn walk(value: &Value, path: &mut Vec<Step>, all: &mut Vec<Vec<Step>>) {
    all.push(path.clone());
    let parts: Vec<(Step, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, part)| (name.clone(), part)).collect(),
        // One word less in a list of algorithms or files is another machine, not less knowledge of this one.
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().enumerate().map(|(index, part)| (index.to_string(), part)).collect()
        }
        _ => return,
    };
    for (step, part) in parts {
        path.push(step);
        walk(part, path, all);
        path.pop();
    }
}

/// The facts without what is at `path`; none where the types cannot be without it.
fn without(document: &Document, path: &[Step]) -> Option<Document> {
    let mut less = document.clone();
    scene::remove(&mut less.facts, path);
    let typed = less.typed().ok()?;
    let again = Document::of(&typed).ok()?;
    let pointer = format!("/{}", path.join("/"));
    let is_item = path.last().is_some_and(|step| step.parse::<usize>().is_ok());
    (is_item || again.facts.pointer(&pointer).is_none()).then_some(less)
}

/// Root causes that are named for certain.
fn accused(catalogue: &Catalogue, document: &Document) -> BTreeSet<String> {
    let judgement = catalogue.judge(document);
    let accuses = judgement.findings.into_iter().filter(|finding| {
        finding.root
            && !finding.symptom
            && finding.severity == Severity::Error
            && finding.confidence == Confidence::Certain
    });
    accuses.map(|finding| finding.check).collect()
}

/// Two names for the same thing, told apart by what ssh offered instead of the right key.
const TWINS: [(&str, &str); 1] = [("wrong-key-offered", "key-nondefault-name")];

/// Everything that is so on the whole machine: what is said of it, and what follows from that by the checks' own account.
fn true_of(catalogue: &Catalogue, document: &Document) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for finding in catalogue.judge(document).findings {
        all.extend(finding.explains);
        all.extend(TWINS.iter().filter(|(one, _)| *one == finding.check).map(|(_, other)| (*other).to_owned()));
        all.insert(finding.check);
    }
    all
}

/// What would be said of this machine for certain, wrongly, with one of its facts missing.
fn slanders(catalogue: &Catalogue, (name, document): &(String, Document)) -> Vec<String> {
    let whole = true_of(catalogue, document);
    let mut wrong = Vec::new();
    for path in paths(&document.facts) {
        let Some(less) = without(document, &path).and_then(|less| less.inferred_again().ok()) else { continue };
        for check in accused(catalogue, &less).difference(&whole) {
            wrong.push(format!("{name}: {check} without {}", path.join(".")));
        }
    }
    wrong
}

#[test]
fn a_fact_that_is_missing_makes_nobody_certain_of_what_is_not_so() {
    let catalogue = Catalogue::embedded();
    // A login that works is blocked by nothing, whatever is missing; other tests hold those machines to silence.
    let failing = scene::all().into_iter().filter(|scene| scene.cause().is_some());
    let machines: Vec<(String, Document)> = failing.map(|scene: Scene| (scene.name.clone(), scene.rebuilt())).collect();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let shares = machines.chunks(machines.len().div_ceil(4)).map(|share| {
            let catalogue = &catalogue;
            scope.spawn(move || share.iter().flat_map(|machine| slanders(catalogue, machine)).collect::<Vec<_>>())
        });
        let running: Vec<_> = shares.collect();
        running.into_iter().flat_map(|share| share.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
