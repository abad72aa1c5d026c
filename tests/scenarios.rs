//! Recorded machines and what the doctor says about them.
//!
//! A scenario is a folder in `tests/scenarios`; its README says how to add one. `UPDATE=1 cargo test --test scenarios`
//! rewrites facts and reports; read the diff as the user of that machine would.
#![expect(clippy::disallowed_methods, reason = "tests read their scenarios")]

#[path = "scenarios/blind.rs"]
mod blind;
#[path = "scenarios/pairs.rs"]
mod pairs;
#[path = "scenarios/scene.rs"]
mod scene;

use std::{collections::BTreeSet, fs, path::Path};

use cci_ssh::{
    checks::Catalogue,
    doctor::{self, Diagnosis, Progress, Request},
    facts::Document,
    findings::{Confidence, Severity, Verdict},
    report::{Look, Model, json, text},
    system::{Platform, recorded::Recorded},
};
use scene::Scene;
use serde_json::Value;

struct Quiet;

impl Progress for Quiet {
    fn step(&self, _: &str) {}
    fn done(&self) {}
}

/// What `doctor --from` finds, on a machine that has nothing to do with the recorded one.
fn diagnose(document: &Document) -> Diagnosis {
    let request = Request {
        target: None,
        job: None,
        connect: None,
        lasted: None,
        offline: false,
        key_probe: true,
        inspect_session: false,
        timeout: std::time::Duration::from_secs(1),
        from: Some(document.clone()),
        logs: Vec::new(),
        extra_checks: Vec::new(),
    };
    let diagnosis = doctor::examine(&Recorded::new(Platform::Linux), &request, &Quiet).expect("a document");
    assert_eq!(diagnosis.faults, []);
    diagnosis
}

fn model(diagnosis: &Diagnosis) -> Model<'_> {
    let Diagnosis { document, steps, findings, ruled_out, verdict, .. } = diagnosis;
    Model { document, steps, findings, ruled_out, verdict: *verdict }
}

fn report(diagnosis: &Diagnosis) -> String {
    let look = Look { width: 100, unicode: true, verbose: false };
    anstream::adapter::strip_str(&text::render(&model(diagnosis), look)).to_string()
}

fn update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// Holds `text` against the file, or writes it there.
fn compare(file: &Path, text: &str, differing: &mut Vec<String>) {
    if update() {
        // The other tests read it at the same time.
        let fresh = file.with_extension("new");
        fs::write(&fresh, text).expect("the folder can be written to");
        fs::rename(&fresh, file).expect("the folder can be written to");
    }
    let before = fs::read_to_string(file).unwrap_or_default().replace("\r\n", "\n");
    if before != text {
        differing.push(format!("{}:\n{text}", file.display()));
    }
}

#[test]
fn facts_follow_from_what_was_recorded() {
    let mut differing = Vec::new();
    for scene in scene::all() {
        let document = scene.rebuilt();
        let text = serde_json::to_string_pretty(&document).expect("facts are JSON") + "\n";
        compare(&scene.folder.join("facts.json"), &text, &mut differing);
    }
    assert!(differing.is_empty(), "run with UPDATE=1 and read the diff\n{}", differing.join("\n"));
}

#[test]
fn every_scenario_has_its_report() {
    let mut differing = Vec::new();
    for scene in scene::all() {
        compare(&scene.folder.join("report.txt"), &report(&diagnose(&scene.rebuilt())), &mut differing);
    }
    assert!(differing.is_empty(), "run with UPDATE=1 and read the diff\n{}", differing.join("\n"));
}

/// The folder's name says what is wrong: `healthy-…`, or `<id of the cause>--<what kind of machine>`; `unknown--…` where
/// the doctor has to say that it does not know.
#[test]
fn the_first_cause_is_the_true_one() {
    let mut wrong = Vec::new();
    for scene in scene::all() {
        let diagnosis = diagnose(&scene.rebuilt());
        let loud = diagnosis.findings.iter().find(|finding| finding.severity > Severity::Info && !finding.symptom);
        let named = loud.map(|finding| finding.check.as_str());
        let silent = diagnosis.verdict == Verdict::Healthy
            && diagnosis.findings.iter().all(|one| one.severity == Severity::Info);
        if named != scene.cause().filter(|cause| *cause != "unknown") || (scene.cause().is_none() && !silent) {
            wrong.push(format!("{}: {named:?}\n{}", scene.name, report(&diagnosis)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What `doctor --offline` and `lint` see of the same machines.
#[test]
fn a_healthy_machine_is_silent_before_anybody_connects() {
    let catalogue = Catalogue::embedded();
    for scene in scene::all().into_iter().filter(|scene| scene.cause().is_none()) {
        let mut document = scene.rebuilt();
        for with_target in [true, false] {
            for section in ["attempt", "query", "witness", "network", "server"] {
                scene::remove(&mut document.facts, &[section.to_owned()]);
            }
            if !with_target {
                scene::remove(&mut document.facts, &["target".to_owned()]);
                scene::remove(&mut document.facts, &["known_hosts".to_owned()]);
            }
            let judgement = catalogue.judge(&document.inferred_again().expect("the types"));
            let loud: Vec<_> = judgement.findings.iter().filter(|one| one.severity > Severity::Info).collect();
            assert!(loud.is_empty(), "{}, target: {with_target}: {loud:#?}", scene.name);
        }
    }
}

#[test]
fn a_saved_document_gives_the_same_verdict_again() {
    for scene in scene::all() {
        let saved = scene.rebuilt();
        let again = saved.inferred_again().expect("the same types");
        assert_eq!(again, saved, "{}", scene.name);
        for unknown in scene.recorded.unknown {
            let kept = saved.unknown.contains(&unknown);
            let learnt = saved.why_unknown(&unknown.fact).is_none();
            assert!(kept || learnt, "{}: the reason of {} is lost", scene.name, unknown.fact);
        }
    }
}

#[test]
fn json_reports_follow_their_schema() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");
    let schema = serde_json::from_str(&fs::read_to_string(file).expect("it is there")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    for scene in scene::all() {
        let diagnosis = diagnose(&scene.rebuilt());
        let report: Value = serde_json::to_value(json::report(&model(&diagnosis), true)).expect("a report is JSON");
        let errors: Vec<String> =
            schema.iter_errors(&report).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", scene.name);
    }
}

/// The causes that a report may name for certain when something of `scene` is missing: its own, what it explains and what
/// explains it, and what merely restates the failure.
fn kin(catalogue: &Catalogue, scene: &Scene) -> BTreeSet<String> {
    let mut kin: BTreeSet<String> = scene.cause().map(str::to_owned).into_iter().collect();
    let own = scene.cause().and_then(|cause| catalogue.get(cause));
    kin.extend(own.into_iter().flat_map(|check| check.explains.iter().cloned()));
    for check in catalogue.checks() {
        if check.symptom || scene.cause().is_some_and(|cause| check.explains.iter().any(|id| id == cause)) {
            kin.insert(check.id.clone());
        }
    }
    kin.extend(scene.also());
    kin
}

/// What is named first and for certain, and should not be.
fn wrongly_certain(catalogue: &Catalogue, document: &Document, kin: &BTreeSet<String>) -> Option<String> {
    let judgement = catalogue.judge(document);
    let first = judgement.findings.first().filter(|finding| finding.severity == Severity::Error)?;
    (first.confidence == Confidence::Certain && !kin.contains(&first.check)).then(|| first.check.clone())
}

#[test]
fn a_missing_line_makes_nobody_certain_of_another_cause() {
    let catalogue = Catalogue::embedded();
    let mut wrong = Vec::new();
    for scene in scene::all() {
        let Some(log) = scene.log.as_ref().filter(|_| scene::is_its_own(&scene.recorded.facts, "attempt")) else {
            continue;
        };
        let kin = kin(&catalogue, &scene);
        let lines: Vec<&str> = log.lines().collect();
        for gone in 0..lines.len() {
            let rest: Vec<&str> =
                lines.iter().enumerate().filter(|(place, _)| *place != gone).map(|(_, line)| *line).collect();
            let document = scene.with_log(&(rest.join("\n") + "\n"));
            if let Some(check) = wrongly_certain(&catalogue, &document, &kin) {
                wrong.push(format!("{}: {check} without `{}`", scene.name, lines[gone]));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_missing_fact_makes_nobody_certain_of_another_cause() {
    let catalogue = Catalogue::embedded();
    let mut wrong = Vec::new();
    for scene in scene::all() {
        let kin = kin(&catalogue, &scene);
        let document = scene.rebuilt();
        for path in scene::removable(&document.facts) {
            let mut less = document.clone();
            scene::remove(&mut less.facts, &path);
            let Ok(less) = less.inferred_again() else { continue };
            if let Some(check) = wrongly_certain(&catalogue, &less, &kin) {
                wrong.push(format!("{}: {check} without {}", scene.name, path.join(".")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
