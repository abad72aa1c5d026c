//! The corpus of ssh logs in `tests/logs`: its labels are whole, nothing of a machine shows in it, and each log that was varied
//! follows from the recorded one. `tests/logs/README.md` says what it is and how to record it again.
//!
//! `UPDATE=1 cargo test --test log_corpus` writes the varied logs; with `CCI_SSH_RECORDED_LOGS=FOLDER`, what the live tests recorded
//! there is taken first.
#![allow(clippy::disallowed_methods, reason = "tests look at the files of this repository")]

mod labels;
mod vary;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use labels::{Label, all, corpus};

/// In bytes, all logs together: a corpus that everybody clones stays small.
const MOST: u64 = 3_000_000;

/// Every file with this ending below a folder.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of this repository") {
        let path = entry.expect("entries can be read").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every log of the folders that the labels are about.
fn logs() -> Vec<PathBuf> {
    ["recorded", "varied", "by-hand"].iter().flat_map(|folder| files(&corpus().join(folder), "log")).collect()
}

fn checks() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks");
    let stem = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    files(&folder, "md").iter().map(stem).collect()
}

#[test]
fn every_log_has_one_label_and_every_label_a_log() {
    let labelled: Vec<PathBuf> = all().iter().map(|label| corpus().join(&label.log)).collect();
    let sorted: BTreeSet<&PathBuf> = labelled.iter().collect();
    assert_eq!(sorted.len(), labelled.len(), "a log has two labels");
    let logs = logs();
    let strays: Vec<_> = logs.iter().filter(|log| !sorted.contains(log)).collect();
    let missing: Vec<_> = labelled.iter().filter(|log| !log.exists()).collect();
    assert!(strays.is_empty() && missing.is_empty(), "without a label: {strays:#?}\nwithout a log: {missing:#?}");
}

#[test]
fn labels_speak_of_checks() {
    let checks = checks();
    for label in all() {
        let Label { log, cause, acceptable, sees, why, .. } = &label;
        let known = checks.contains(cause) || ["healthy", "unknown"].contains(&cause.as_str());
        assert!(known, "{log}: there is no check {cause}");
        for id in acceptable {
            let known = checks.contains(id) || ["healthy", "unknown"].contains(&id.as_str());
            assert!(known && id != cause, "{log}: acceptable {id}");
        }
        assert!(["certain", "open"].contains(&sees.as_str()), "{log}: sees {sees}");
        assert!(
            cause != "healthy" || sees == "certain",
            "{log}: a login that worked is in the log, or it is not known"
        );
        assert!(cause != "unknown" || sees == "open", "{log}: what nobody can know is open");
        assert!(why.ends_with('.') && why.len() > 20, "{log}: why {why:?}");
    }
}

/// What a log must not contain: a folder of the tests, this repository, the account and the machine they run on. Loopback stands
/// where a log of another machine has it too: a program of the person's own, and a forwarded channel's own words.
#[test]
fn nothing_of_a_machine_remains() {
    const FORBIDDEN: [&str; 7] =
        ["/tmp/home", "/tmp/.tmp", "target/", "CCI_SSH_", "LD_PRELOAD", "PRIVATE KEY-----", "in-the-job"];
    const LOOPBACK: [&str; 2] = ["127.0.0.1 port 1080", "connect from 127.0.0.1 port 65535"];
    let root = env!("CARGO_MANIFEST_DIR");
    for label in all() {
        let bytes = fs::read(corpus().join(&label.log)).expect("a log of the corpus");
        let text = vary::readable(&bytes);
        for line in text.lines() {
            let own = FORBIDDEN.iter().find(|word| line.contains(**word)).copied();
            let own = own.or_else(|| line.contains(root).then_some(root));
            assert!(own.is_none(), "{}: {own:?} in {line:?}", label.log);
            let loopback = (line.contains("127.") && line.contains("127.0.0.") || line.contains("localhost"))
                && !LOOPBACK.iter().any(|allowed| line.contains(allowed));
            assert!(!loopback, "{}: loopback in {line:?}", label.log);
            let root_meant =
                label.cause == "run-as-root-sudo" || label.acceptable.iter().any(|id| id == "run-as-root-sudo");
            assert!(root_meant || !line.contains("root@") && !line.contains("/root/"), "{}: {line:?}", label.log);
        }
    }
}

#[test]
fn the_corpus_stays_small() {
    let size: u64 = logs().iter().map(|log| fs::metadata(log).map_or(0, |data| data.len())).sum();
    assert!(size <= MOST, "{size} bytes");
}

#[test]
fn varied_logs_follow_from_recorded_ones() {
    let update = std::env::var_os("UPDATE").is_some();
    if let Some(folder) = std::env::var_os("CCI_SSH_RECORDED_LOGS").filter(|_| update) {
        take(Path::new(&folder));
    }
    let labels = all();
    for label in labels.iter().filter(|label| !label.from.is_empty()) {
        let made = vary::made(label, &labels);
        let file = corpus().join(&label.log);
        if update {
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder of the corpus");
            fs::write(&file, &made).expect("a log of the corpus");
        }
        let found = fs::read(&file).unwrap_or_default();
        assert!(found == made, "{} is not what its label says; UPDATE=1 writes it", label.log);
    }
}

/// Takes the recorded logs that the labels name from where the live tests wrote them: `FOLDER` or a folder below it.
fn take(folder: &Path) {
    let recorded = files(folder, "log");
    for label in all().iter().filter(|label| label.made == "recorded") {
        let name = Path::new(&label.log).file_name().expect("a file");
        if let Some(found) = recorded.iter().find(|path| path.file_name() == Some(name)) {
            let to = corpus().join(&label.log);
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder of the corpus");
            fs::copy(found, to).expect("a log can be copied");
        }
    }
}
