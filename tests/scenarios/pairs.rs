//! How logins end beside what CircleCI says about the job: every pair has one root at most, and none that anybody is sure of
//! without having been told.

use cci_ssh::{
    checks::{Catalogue, outcome},
    facts::Document,
    findings::{Confidence, Finding, Severity, Verdict, cause::verdict},
};
use serde_json::{Value, json};

use crate::scene;

/// Recorded logins, a machine for each way in which one ends.
const LOGINS: [&str; 8] = [
    "healthy-debian12",
    "connection-refused--windows10",
    "connection-timed-out--corporate-network",
    "closed-during-auth--debian12",
    "key-not-authorised--macos14",
    "key-not-authorised--windows10-proxy-form",
    "mtu-blackhole--macos15-vpn",
    "healthy-no-target-macos15",
];
/// The job, as CircleCI tells it.
const JOBS: [&str; 12] = [
    "open",
    "open, without its steps",
    "ended",
    "ended, without its steps",
    "cancelled",
    "queued",
    "preparing",
    "no key",
    "without ssh",
    "unauthorized",
    "a new word",
    "not told",
];
const PEOPLE: [&str; 3] = ["mine", "another's", "not told"];
const TOKENS: [&str; 3] = ["accepted", "rejected", "none"];
const PLACES: [&str; 2] = ["printed", "elsewhere"];

/// What CircleCI tells of such a job, and its probe would write down.
fn side(job: &str, person: &str, token: &str, command: &str) -> Value {
    let told = token == "accepted" && job != "not told";
    let mut side = json!({
        "host": "https://circleci.com", "cloud": true, "asked": "gh/acme/web/345", "names": "job", "token": token,
        "execution": 0, "asked_at": "2026-11-22T10:23:30Z",
    });
    if token == "accepted" {
        side["me"] = json!({"id": "b7f3a0de-0f3c-4b1e-9a59-6a1d0a7a1c11", "login": "ana"});
    }
    if !told {
        return side;
    }
    let (status, stopped) = match job {
        "ended" | "ended, without its steps" | "without ssh" => ("success", Some("2026-11-22T10:11:30Z")),
        "cancelled" => ("canceled", Some("2026-11-22T10:22:30Z")),
        "queued" => ("queued", None),
        "unauthorized" => ("unauthorized", None),
        "a new word" => ("dancing", None),
        _ => ("running", None),
    };
    side["job"] = json!({
        "display": "job 345 (build) of acme/web", "url": "https://app.circleci.com/jobs/github/acme/web/345",
        "slug": "gh/acme/web", "number": 345, "name": "build", "status": status, "canceled": false,
        "queued_at": "2026-11-22T10:15:00Z", "ssh": job != "without ssh", "executor": "docker",
        "resource_class": "large", "parallelism": 1,
    });
    if let Some(stopped) = stopped {
        side["job"]["stopped_at"] = stopped.into();
    }
    if status != "queued" && status != "unauthorized" {
        side["job"]["started_at"] = "2026-11-22T10:15:02Z".into();
    }
    match person {
        "mine" => side["job"]["started_by"] = json!({"login": "ana"}),
        "another's" => side["job"]["started_by"] = json!({"login": "bob"}),
        _ => {}
    }
    side["project"] = json!({
        "slug": "gh/acme/web", "name": "acme/web", "kind": "github", "disable_ssh": false,
        "settings_url": "https://app.circleci.com/settings/project/github/acme/web/advanced",
    });
    let step = match job {
        "preparing" => json!({"state": "not-ready", "commands": []}),
        "no key" => json!({"state": "no-key", "commands": []}),
        _ => json!({"state": "ready", "commands": [command]}),
    };
    let has_step = !["queued", "without ssh", "unauthorized"].contains(&job);
    if !job.ends_with("without its steps") {
        let execution = json!({"index": 0, "status": "running", "enable_ssh": step});
        side["executions"] = if has_step { json!([execution]) } else { json!([]) };
    }
    side
}

/// The machine with that job beside it.
fn beside(login: &Document, side: Value) -> Document {
    let mut document = login.clone();
    document.facts["circleci"] = side;
    document.inferred_again().expect("the types")
}

fn command(login: &Document) -> String {
    let words = login.facts["target"]["ssh_args"].as_array().cloned().unwrap_or_default();
    let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
    format!("ssh {}", words.join(" "))
}

/// Errors that stand for themselves.
fn roots(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|one| one.root && one.severity == Severity::Error).collect()
}

/// What is wrong with the answer to one pair.
fn fault(document: &Document, (login, job, person, token, place): (&str, &str, &str, &str, &str)) -> Option<String> {
    let judgement = Catalogue::embedded().judge(document);
    let verdict = verdict(&judgement.findings, outcome(document));
    let roots = roots(&judgement.findings);
    let circleci = |one: &&&Finding| one.stage == "circleci" || one.check == "firewall-blocks-high-port";
    let works = login == "healthy-debian12";
    let told = token == "accepted" && !["not told", "a new word"].contains(&job);
    if !judgement.faults.is_empty() {
        return Some(format!("{:?}", judgement.faults));
    }
    if roots.len() > 1 {
        return Some("two roots".into());
    }
    if works && !roots.is_empty() {
        return Some("a login that works is accused".into());
    }
    if let Some(root) = roots.iter().find(circleci) {
        let certain = root.confidence == Confidence::Certain;
        // Whose job it is does not depend on how it stands.
        let person_told = root.check == "cci-other-user-reran" && token == "accepted" && job != "not told";
        if !(told || person_told) {
            return Some("CircleCI said nothing, and is quoted".into());
        }
        if certain && place == "elsewhere" && root.check != "cci-command-of-another-job" {
            return Some("certain, though the login goes elsewhere".into());
        }
        if certain && job.ends_with("without its steps") && login != "healthy-no-target-macos15" {
            return Some("certain, though nobody knows where the job is reached".into());
        }
        if root.check == "cci-other-user-reran" && person != "another's" {
            return Some("nobody knows who started it".into());
        }
        if root.check == "job-window-expired" && !(job.starts_with("ended") || job == "cancelled") {
            return Some("the job has not ended".into());
        }
    }
    let over = told && (job.starts_with("ended") || job == "cancelled");
    if over && !works && roots.first().is_none_or(|root| root.check != "job-window-expired") {
        return Some("the job is over, and that is not the cause".into());
    }
    let token_blames = judgement.findings.iter().find(|one| one.check == "cci-api-token-invalid");
    if token_blames.is_some_and(|one| one.severity == Severity::Error || !one.explains.is_empty()) {
        return Some("the token is blamed for the login".into());
    }
    if verdict == Verdict::Blocked && roots.is_empty() {
        return Some("blocked by nothing".into());
    }
    None
}

#[test]
fn every_pair_of_login_and_job_has_one_root_at_most() {
    let scenes = scene::all();
    let mut wrong = Vec::new();
    let mut count = 0;
    for login in LOGINS {
        let scene = scenes.iter().find(|scene| scene.name == login).expect(login);
        let recorded = scene.rebuilt();
        for place in PLACES {
            let command = if place == "printed" { command(&recorded) } else { "ssh -p 64999 198.51.100.99".into() };
            let lone = recorded.facts.get("target").is_none();
            for (job, person, token) in cases() {
                let place = if lone { "printed" } else { place };
                let document = beside(&recorded, side(job, person, token, &command));
                let case = (login, job, person, token, place);
                count += 1;
                if let Some(what) = fault(&document, case) {
                    wrong.push(format!("{case:?}: {what}"));
                }
            }
        }
    }
    assert!(count > 500, "{count} pairs");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn cases() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let people = JOBS.iter().flat_map(|job| PEOPLE.iter().map(move |person| (*job, *person)));
    // Without an accepted token nothing is told, whatever it would be.
    people
        .flat_map(|(job, person)| TOKENS.iter().map(move |token| (job, person, *token)))
        .filter(|(job, person, token)| *token == "accepted" || (*job == "open" && *person == "mine"))
}
