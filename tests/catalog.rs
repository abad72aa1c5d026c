//! Tests about the catalogue as a whole; what a single check must do is tested by `cci_ssh::checks::test`.
//!
//! `tests/scenarios/<name>/facts.json` are recorded machines. `UPDATE=1 cargo test --test catalog` rewrites the snapshot
//! of what every check says about every one of them; the diff is to be read, not accepted.
#![expect(clippy::disallowed_methods, reason = "tests read their scenarios")]

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use cci_ssh::{
    checks::{Catalogue, Failure, Seed, outcome, test, test_own},
    facts::Document,
    findings::{Severity, cause::verdict},
};

fn scenarios_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

fn scenarios() -> BTreeMap<String, Document> {
    let mut scenarios = BTreeMap::new();
    for entry in fs::read_dir(scenarios_folder()).into_iter().flatten() {
        let folder = entry.expect("the folder can be read").path();
        let file = folder.join("facts.json");
        if let Ok(text) = fs::read(&file) {
            let document = Document::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let name = folder.file_name().expect("a folder has a name").to_string_lossy().into_owned();
            scenarios.insert(name, document);
        }
    }
    scenarios
}

#[test]
fn every_check_keeps_the_promises_of_the_readme() {
    let failures = test(&Catalogue::embedded());
    let told: Vec<String> =
        failures.iter().map(|Failure { check, what, hint }| format!("{check}: {what}; {hint}")).collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

#[test]
fn every_check_names_its_sources_and_when_they_were_read() {
    for check in Catalogue::embedded().checks() {
        assert!(
            check.checked.is_some(),
            "{}: `checked` is missing; write the date on which you read its sources",
            check.id
        );
        assert!(!check.sources.is_empty(), "{}: `sources` is missing; say where its knowledge comes from", check.id);
    }
}

/// The example that teaches passes its own test.
#[test]
fn the_readme_s_check_works() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/checks/README.md")).expect("it is there");
    let inside = readme.lines().skip_while(|line| line.trim() != "````markdown").skip(1);
    let lines: Vec<&str> =
        inside.take_while(|line| line.trim() != "````").map(|line| line.get(3..).unwrap_or("")).collect();
    let catalogue = Catalogue::embedded().with_folder([("agent/the-readme-s-check.md", lines.join("\n"))]);
    assert!(catalogue.get("the-readme-s-check").is_some(), "{:?}", catalogue.broken());
    assert_eq!(test_own(&catalogue), []);
}

#[test]
fn explains_makes_no_circle() {
    assert_eq!(Catalogue::embedded().circle(), None);
}

#[test]
fn a_symptom_explains_nothing_and_somebody_explains_it() {
    let catalogue = Catalogue::embedded();
    for symptom in catalogue.checks().iter().filter(|check| check.symptom) {
        assert!(symptom.explains.is_empty(), "{}: a symptom is no cause", symptom.id);
        let explained = catalogue.checks().iter().any(|check| check.explains.contains(&symptom.id));
        assert!(explained, "{}: no check names it under `explains`", symptom.id);
    }
}

#[test]
fn every_section_of_the_support_article_has_a_check() {
    let catalogue = Catalogue::embedded();
    for section in Seed::ALL {
        let covered = catalogue.checks().iter().any(|check| check.seed == Some(section));
        assert!(covered, "no check has the seed {section:?}");
    }
}

#[test]
fn healthy_machines_get_silence() {
    let catalogue = Catalogue::embedded();
    let mut healthy = scenarios();
    healthy.retain(|name, _| name.starts_with("healthy-"));
    healthy.insert("the machine of the examples".into(), cci_ssh::checks::healthy());
    for (name, document) in healthy {
        let judgement = catalogue.judge(&document);
        assert_eq!(judgement.faults, [], "{name}");
        let loud: Vec<_> = judgement.findings.iter().filter(|finding| finding.severity > Severity::Info).collect();
        assert!(loud.is_empty(), "{name}: {loud:#?}");
    }
}

#[test]
fn the_healthy_machine_is_silent_even_before_it_is_known_that_the_login_works() {
    let mut document = cci_ssh::checks::healthy();
    document.facts.as_object_mut().expect("a section").remove("login");
    let judgement = Catalogue::embedded().judge(&document);
    let loud: Vec<_> = judgement.findings.iter().filter(|finding| finding.severity > Severity::Info).collect();
    assert!(loud.is_empty(), "{loud:#?}");
}

#[test]
fn every_check_over_every_scenario() {
    let catalogue = Catalogue::embedded();
    let mut all = String::new();
    for (name, document) in scenarios() {
        let judgement = catalogue.judge(&document);
        assert_eq!(judgement.faults, [], "{name}");
        let verdict = verdict(&judgement.findings, outcome(&document));
        writeln!(all, "{name}: {verdict:?}").expect("a String can be written to");
        for finding in &judgement.findings {
            let mark = if finding.root { "*" } else { " " };
            let by = finding.explained_by.as_ref().map(|by| format!("  <- {by}")).unwrap_or_default();
            writeln!(
                all,
                "  {mark} {} {} ({})  {}{by}",
                finding.severity, finding.check, finding.confidence, finding.title
            )
            .expect("a String can be written to");
        }
        all.push('\n');
    }
    let file = scenarios_folder().join("all.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(scenarios_folder()).expect("the folder can be made");
        fs::write(&file, &all).expect("the snapshot can be written");
    }
    let before = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    assert!(before == all, "what the checks say has changed; look at it with UPDATE=1 and `git diff`:\n{all}");
}
