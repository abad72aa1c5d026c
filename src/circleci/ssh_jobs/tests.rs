use std::time::Duration;

use serde_json::json;

use super::*;
use crate::{
    circleci::{Credentials, Host},
    system::{Method, Platform, recorded::Recorded},
};

const V2: &str = "https://circleci.com/api/v2";
const V1: &str = "https://circleci.com/api/v1.1";
const NO: &str = r#"{"message":"No"}"#;
const NOW: &str = "Sun, 22 Nov 2026 10:47:00 GMT";

fn me() -> User {
    User { id: Some("ana-id".into()), login: Some("ana".into()), name: None }
}

/// A build of acme/web that runs since 10:00.
fn build(number: u64, more: serde_json::Value) -> serde_json::Value {
    let mut build = json!({
        "build_num": number, "vcs_type": "github", "username": "acme", "reponame": "web", "status": "running",
        "lifecycle": "running", "queued_at": "2026-11-22T09:59:00Z", "start_time": "2026-11-22T10:00:00Z",
        "workflows": {"job_name": "test", "job_id": "j", "workflow_id": format!("w{number}")},
    });
    more.as_object().into_iter().flatten().for_each(|(name, value)| build[name] = value.clone());
    build
}

fn recent(page: usize) -> String {
    format!("GET {V1}/recent-builds?shallow=true&limit=100&offset={}", page * BUILDS)
}

fn machine(builds: &[serde_json::Value]) -> Recorded {
    let body = serde_json::Value::from(builds.to_vec()).to_string();
    Recorded::new(Platform::Linux).http(&recent(0), 200, &[("date", NOW)], body)
}

fn listed(system: &Recorded) -> Listing {
    let client = Client::new(system, &Credentials::sample(), Duration::from_secs(5)).expect("a client");
    list(&client, &me()).expect("a list")
}

fn numbers(listing: &Listing) -> Vec<(u64, bool)> {
    listing.jobs.iter().map(|job| (job.number, job.mine)).collect()
}

#[test]
fn each_sign_of_ssh_counts() {
    let system = machine(&[
        build(3, json!({"why": "ssh", "user": {"login": "ana"}, "start_time": "2026-11-22T10:40:00Z"})),
        build(2, json!({"ssh_users": [{"login": "ben"}], "parallel": 4})),
        build(
            1,
            json!({"why": "ssh", "lifecycle": "finished", "status": "canceled", "stop_time": "2026-11-22T10:10:00Z"}),
        ),
        build(4, json!({"why": "github"})),
    ]);
    let steps = json!({"status": "running", "steps": [{"name": "Enable SSH", "actions": [{"name": "Enable SSH"}]}]});
    let system = system.http(&format!("GET {V1}/project/gh/acme/web/4"), 200, &[], steps.to_string()).http(
        &format!("GET {V2}/workflow/w4"),
        200,
        &[],
        r#"{"started_by":"ana-id"}"#,
    );
    let listing = listed(&system);
    assert_eq!(numbers(&listing), [(2, false), (4, true), (3, true)], "{listing:#?}");
    assert_eq!((listing.unseen, listing.cut, &listing.trouble), (0, None, &None));
    let ben = &listing.jobs[0];
    assert_eq!((ben.executions, ben.owner.as_deref(), ben.age), (4, Some("ben"), Some(47 * 60)));
    assert_eq!(listing.jobs[2].display(), "job 3 (test) of acme/web");
}

#[test]
fn the_authors_id_says_whose_it_is_before_any_name() {
    let system = machine(&[build(1, json!({"why": "ssh", "ssh_users": [{"login": "ana"}]}))])
        .http(&format!("GET {V2}/workflow/w1"), 200, &[], r#"{"started_by":"ben-id"}"#)
        .http(&format!("GET {V2}/user/ben-id"), 200, &[], r#"{"id":"ben-id","login":"ben"}"#);
    let listing = listed(&system);
    assert_eq!((numbers(&listing), listing.jobs[0].owner.as_deref()), (vec![(1, false)], Some("ben")));
}

#[test]
fn what_cannot_be_looked_at_is_counted() {
    let many: Vec<_> = (1..=45).map(|number| build(number, json!({"why": "github"}))).collect();
    let system = machine(&many);
    let system = (1..=45).fold(system, |system, number| {
        let status = if number == 1 { 403 } else { 404 };
        system.http(&format!("GET {V1}/project/gh/acme/web/{number}"), status, &[], NO)
    });
    let listing = listed(&system);
    assert_eq!((listing.jobs.len(), listing.unseen), (0, 5 + 1));
    assert_eq!(listing.trouble, Some(ApiError::Forbidden("No".into())));
}

#[test]
fn pages_are_read_until_they_are_old_or_too_many() {
    let page = |time: &str| {
        serde_json::Value::from(vec![
            build(1, json!({"queued_at": time, "status": "success", "lifecycle": "finished"}));
            100
        ])
        .to_string()
    };
    let (today, old) = (page("2026-11-22T09:00:00Z"), page("2026-11-20T09:00:00Z"));
    let new = |system: Recorded, page: usize, body: &str| system.http(&recent(page), 200, &[("date", NOW)], body);
    let system = new(new(Recorded::new(Platform::Linux), 0, &today), 1, &old);
    assert_eq!(listed(&system), Listing::default());
    assert_eq!(system.asked().len(), 2);
    let system = (0..PAGES).fold(Recorded::new(Platform::Linux), |system, page| new(system, page, &today));
    assert_eq!(listed(&system).cut, Some(1000));
    // The first page alone is needed.
    let system = new(Recorded::new(Platform::Linux), 0, &today).http(&recent(1), 403, &[], NO);
    assert_eq!(listed(&system).cut, Some(100));
    let system = Recorded::new(Platform::Linux).http(&recent(0), 401, &[], NO);
    let client = Client::new(&system, &Credentials::sample(), Duration::from_secs(5)).expect("a client");
    assert_eq!(list(&client, &me()), Err(ApiError::Rejected));
}

fn job(slug: &str, number: u64) -> SshJob {
    SshJob {
        slug: Slug::parse(slug).expect("a slug"),
        project: "acme/web".into(),
        number,
        id: None,
        name: "test".into(),
        status: "running".into(),
        url: None,
        branch: None,
        mine: true,
        owner: None,
        queued_at: None,
        started_at: None,
        age: None,
        executor: None,
        resource_class: None,
        executions: 1,
    }
}

#[test]
fn a_job_is_named_by_number_or_by_more() {
    let web = job("gh/acme/web", 345);
    let other = SshJob { project: "acme/docs".into(), ..job("circleci/o/p", 345) };
    let one = [job("gh/acme/web", 1), web.clone()];
    let two = [web.clone(), other.clone()];
    let host = Host::cloud();
    let found = |jobs: &[SshJob], text: &str| choose(jobs, text, &host);
    for text in [
        "345",
        "web/345",
        "acme/web/345",
        "gh/acme/web/345",
        "github/acme/web#345",
        "https://app.circleci.com/jobs/github/acme/web/345",
    ] {
        assert_eq!(found(&one, text), Ok(Choice::Listed(Box::new(web.clone()))), "{text}");
    }
    assert_eq!(found(&two, "docs/345"), Ok(Choice::Listed(Box::new(other))));
    let several = found(&two, "345").expect_err("two").to_string();
    assert!(several.contains("gh/acme/web/345, circleci/o/p/345"), "{several}");
    let away = Slug::parse("gh/acme/api").expect("a slug");
    assert_eq!(found(&two, "gh/acme/api/7"), Ok(Choice::Other(away, 7)));
    for text in ["7", "api/345", "acme/api/345"] {
        assert!(matches!(found(&two, text), Err(ChoiceError::NotListed(_))), "{text}");
    }
    for text in ["", "x", "-1", "/345", "https://circleci.com/docs/", "203.0.113.7"] {
        assert!(matches!(found(&two, text), Err(ChoiceError::NoJob(_))), "{text}");
    }
    let strange = "https://evil.example/jobs/github/acme/web/345";
    assert!(matches!(found(&two, strange), Err(ChoiceError::OtherHost(..))));
}

#[test]
fn a_job_is_cancelled_once_and_only_while_it_runs() {
    let slug = Slug::parse("gh/acme/web").expect("a slug");
    let (get, post) =
        (format!("GET {V2}/project/gh/acme/web/job/345"), format!("POST {V2}/project/gh/acme/web/job/345/cancel"));
    let (runs, over) = (r#"{"status":"running"}"#, r#"{"status":"success","stopped_at":"2026-11-22T10:00:00Z"}"#);
    let cancelled = |system: &Recorded, id| {
        let client = Client::new(system, &Credentials::sample(), Duration::from_secs(5)).expect("a client");
        cancel(&client, &slug, 345, id)
    };
    let posts = |system: &Recorded| system.asked().iter().filter(|asked| asked.method == Method::Post).count();

    let system = Recorded::new(Platform::Linux).http(&get, 200, &[], runs).http(&post, 202, &[], "{}");
    assert_eq!((cancelled(&system, Some("j")), posts(&system)), (Cancelled::Now, 1));
    let system = Recorded::new(Platform::Linux).http(&get, 200, &[], over);
    assert_eq!((cancelled(&system, None), posts(&system)), (Cancelled::HadEnded("success".into()), 0));
    let by_id = format!("POST {V2}/jobs/j/cancel");
    let system = Recorded::new(Platform::Linux).http(&get, 200, &[], runs).http(&post, 404, &[], NO);
    let system = system.http(&by_id, 202, &[], "{}");
    assert_eq!((cancelled(&system, Some("j")), posts(&system)), (Cancelled::Now, 2));
    let system = Recorded::new(Platform::Linux).http(&get, 200, &[], runs).http(&get, 200, &[], over);
    let system = system.http(&post, 400, &[], NO);
    assert_eq!(cancelled(&system, None), Cancelled::HadEnded("success".into()));
    let system = Recorded::new(Platform::Linux).http(&get, 200, &[], runs).http(&post, 403, &[], NO);
    assert_eq!(cancelled(&system, None), Cancelled::Not(ApiError::Forbidden("No".into())));
}
