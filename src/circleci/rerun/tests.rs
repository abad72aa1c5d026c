use std::time::Duration;

use super::*;
use crate::{
    circleci::{
        Credentials,
        follow::{End, Stage, follow},
    },
    system::{HttpError, Method, Platform, recorded::Recorded},
};

const V2: &str = "https://circleci.com/api/v2";
const V1: &str = "https://circleci.com/api/v1.1";
const NO: &str = r#"{"message":"No"}"#;
/// Without a pause that anybody would notice.
const AT_ONCE: Pace = Pace { first: Duration::from_millis(1), most: Duration::from_millis(2) };

/// What CircleCI answers: lines of `METHOD PATH`, a status, and a document.
fn machine(answers: &[(&str, u16, &str)]) -> Recorded {
    answers.iter().fold(Recorded::new(Platform::Linux), |system, (line, status, body)| {
        let line = line.replace("v2:", V2).replace("v1:", V1);
        system.http(&line, *status, &[], body)
    })
}

fn job() -> Job {
    Job {
        slug: Slug::parse("gh/acme/web").expect("a slug"),
        project: None,
        number: Some(345),
        id: Some("j".into()),
        name: "test".into(),
        workflow: "w".into(),
        url: None,
        parallelism: Some(1),
    }
}

fn me() -> User {
    User { id: Some("ana-id".into()), login: Some("ana".into()), name: None }
}

fn begun(system: &Recorded, again: bool) -> Result<Begun, RerunError> {
    let client = Client::new(system, &Credentials::sample(), Duration::from_millis(400)).expect("a client");
    begin(&client, &job(), &me(), again, AT_ONCE, &|_| {})
}

const ENDED: (&str, u16, &str) = ("GET v2:/workflow/w", 200, r#"{"status":"failed"}"#);
const RUNS: (&str, u16, &str) = ("GET v2:/workflow/w", 200, r#"{"status":"running","started_by":"ana-id"}"#);
const STARTED: (&str, u16, &str) = ("POST v2:/workflow/w/rerun", 202, r#"{"workflow_id":"new"}"#);
const ORDINARY: (&str, u16, &str) =
    ("GET v1:/project/gh/acme/web/345", 200, r#"{"why":"github","status":"running","lifecycle":"running"}"#);
const WITH_SSH: (&str, u16, &str) =
    ("GET v1:/project/gh/acme/web/345", 200, r#"{"why":"ssh","status":"running","lifecycle":"running"}"#);

#[test]
fn one_job_is_started_with_ssh_and_nothing_else() {
    let system = machine(&[ENDED, STARTED]);
    let Ok(Begun::Rerun(job)) = begun(&system, false) else { panic!("it is started") };
    assert_eq!((job.workflow.as_str(), job.number, job.id), ("new", None, None));
    let asked = system.asked();
    let posts: Vec<_> = asked.iter().filter(|asked| asked.method == Method::Post).collect();
    assert_eq!(posts.len(), 1);
    let body: serde_json::Value = serde_json::from_slice(posts[0].body.as_ref().expect("a body")).expect("JSON");
    assert_eq!(body, serde_json::json!({"enable_ssh": true, "jobs": ["j"]}));
}

#[test]
fn a_workflow_that_runs_is_waited_for_and_then_started() {
    let system = machine(&[RUNS, RUNS, ENDED, ORDINARY, STARTED]);
    assert!(matches!(begun(&system, false), Ok(Begun::Rerun(_))));
    let system = machine(&[RUNS, ORDINARY, STARTED]);
    assert!(matches!(begun(&system, false), Err(RerunError::StillRuns { .. })));
    assert!(system.asked().iter().all(|asked| asked.method == Method::Get));
}

#[test]
fn a_live_job_of_ones_own_is_enough_unless_another_is_wanted() {
    assert_eq!(begun(&machine(&[RUNS, WITH_SSH]), false), Ok(Begun::Already(job())));
    assert!(matches!(begun(&machine(&[RUNS, WITH_SSH]), true), Err(RerunError::StillRuns { .. })));
    let theirs = ("GET v2:/workflow/w", 200, r#"{"status":"running","started_by":"ben-id"}"#);
    assert!(matches!(begun(&machine(&[theirs, WITH_SSH]), false), Err(RerunError::StillRuns { .. })));
}

#[test]
fn a_job_that_waits_for_a_place_is_known_once_it_begins() {
    let list = |more: &str| format!(r#"{{"items":[{{"id":"j","name":"test"{more}}}]}}"#);
    let (waits, runs) = (list(""), list(r#","job_number":345"#));
    let line = "GET v2:/workflow/w/job";
    let begin_with = |answers: &[(&str, u16, &str)]| {
        let system = machine(answers);
        let client = Client::new(&system, &Credentials::sample(), Duration::from_millis(400)).expect("a client");
        begin(&client, &Job { number: None, ..job() }, &me(), false, AT_ONCE, &|_| {})
    };
    let begun = begin_with(&[RUNS, (line, 200, &waits), (line, 200, &waits), (line, 200, &runs), WITH_SSH]);
    assert_eq!(begun, Ok(Begun::Already(job())));
    assert!(matches!(begin_with(&[RUNS, (line, 200, &waits)]), Err(RerunError::NotBegun { .. })));
}

#[test]
fn settings_that_forbid_it_are_told_before_it_is_tried() {
    let off = ("GET v2:/project/gh/acme/web/settings", 200, r#"{"advanced":{"disable_ssh":true}}"#);
    let before = ("GET v1:/project/gh/acme/web/345", 200, r#"{"why":"github","stop_time":"2026-11-22T10:00:00Z"}"#);
    let system = machine(&[ENDED, off, before, STARTED]);
    assert!(matches!(begun(&system, false), Err(RerunError::Disabled { .. })));
    assert!(system.asked().iter().all(|asked| asked.method == Method::Get));
    // SSH stays with a job that had it.
    let sticks = ("GET v1:/project/gh/acme/web/345", 200, r#"{"ssh_users":[{"login":"ben"}]}"#);
    assert!(matches!(begun(&machine(&[ENDED, off, sticks, STARTED]), false), Ok(Begun::Rerun(_))));
}

#[test]
fn what_may_have_been_heard_is_never_said_again() {
    for (status, body) in [(503, ""), (202, "{}"), (202, "[]")] {
        let system = machine(&[ENDED, ("POST v2:/workflow/w/rerun", status, body)]);
        assert!(matches!(begun(&system, false), Err(RerunError::Unsure { .. })), "{status} {body}");
        assert_eq!(system.asked().iter().filter(|asked| asked.method == Method::Post).count(), 1);
    }
    let line = format!("POST {V2}/workflow/w/rerun");
    for (fault, unsure) in [(HttpFault::Broken, true), (HttpFault::Connect, false), (HttpFault::Certificate, false)] {
        let result = begun(&machine(&[ENDED]).http_fault(&line, fault), false);
        assert_eq!(matches!(result, Err(RerunError::Unsure { .. })), unsure, "{fault:?}");
        assert!(result.is_err(), "{fault:?}");
    }
    let refused = HttpError { fault: HttpFault::Connect, text: "refused".into() };
    let error = ApiError::Unreachable { host: "h".into(), error: refused };
    assert!(matches!(refusal(error, &job(), false), RerunError::Api(_)));
}

#[test]
fn refusals_have_circlecis_words_and_ours() {
    for (workflow, message, words) in [
        ("failed", "Pipeline is not in setup state.", "the workflow that it continued with"),
        ("on_hold", "No.", "waits for an approval"),
        ("failed", "Workflow is still running.", "when its workflow has ended"),
        ("failed", "Nonsense", "a new pipeline runs the job again"),
    ] {
        let status = format!(r#"{{"status":"{workflow}"}}"#);
        let body = format!(r#"{{"message":"{message}"}}"#);
        let system = machine(&[("GET v2:/workflow/w", 200, &status), ("POST v2:/workflow/w/rerun", 400, &body)]);
        let error = begun(&system, true).expect_err("refused").to_string();
        assert!(error.contains(words) && error.contains(message) && error.contains("job 345 (test)"), "{error}");
    }
    let system = machine(&[ENDED, ("POST v2:/workflow/w/rerun", 403, r#"{"message":"Permission denied"}"#)]);
    assert!(matches!(begun(&system, false), Err(RerunError::Forbidden { .. })));
}

#[test]
fn a_job_is_found_with_its_workflow_and_id() {
    let jobs = r#"{"items":[{"id":"a","name":"hold","type":"approval"},{"id":"j","name":"test","type":"build","job_number":345}]}"#;
    let system = machine(&[
        ("GET v2:/project/gh/acme/web/job/345", 200, r#"{"name":"test","latest_workflow":{"id":"w"},"parallelism":2}"#),
        ("GET v2:/workflow/w/job", 200, jobs),
    ]);
    let client = Client::new(&system, &Credentials::sample(), Duration::from_secs(5)).expect("a client");
    let asked = JobUrl {
        project: Some("gh/acme/web".into()),
        job: Some(crate::target::JobName::Number(345)),
        ..JobUrl::default()
    };
    let found = find(&client, &asked).expect("a job");
    assert_eq!(found, Job { parallelism: Some(2), ..job() });
    assert_eq!(
        (found.display().as_str(), found.address(client.host())),
        ("job 345 (test) of acme/web", "gh/acme/web/345".into())
    );
    let waiting = Job { number: None, ..found };
    assert_eq!(waiting.address(client.host()), "https://app.circleci.com/workflow/w/job/j");
    let asked = JobUrl { pipeline: Some("p".into()), ..JobUrl::default() };
    assert!(matches!(find(&client, &asked), Err(RerunError::NotAJob { names: "pipeline", .. })));
}

fn followed(answers: &[(&str, u16, &str)], wanted: Option<u32>) -> (End, Vec<u32>) {
    let system = machine(answers);
    let client = Client::new(&system, &Credentials::sample(), Duration::from_millis(400)).expect("a client");
    let new = Job { number: None, id: None, workflow: "new".into(), ..job() };
    let followed = follow(&client, new, wanted, AT_ONCE, &|_, _| {});
    (followed.end, followed.executions.iter().map(|execution| execution.index).collect())
}

const LISTED: (&str, u16, &str) = (
    "GET v2:/workflow/new/job",
    200,
    r#"{"items":[{"id":"d","name":"deploy","status":"blocked"},{"id":"k","name":"test","status":"running","job_number":346}]}"#,
);

#[test]
fn a_job_is_followed_to_its_command() {
    let step = |status: &str| {
        format!(
            r#"{{"status":"running","lifecycle":"running","parallel":2,"steps":[{{"name":"Enable SSH","actions":[
            {{"index":0,"step":2,"name":"Enable SSH","status":"{status}"}},
            {{"index":1,"step":2,"name":"Enable SSH","status":"{status}"}}]}}]}}"#
        )
    };
    let text = r#"[{"message":"You can now SSH into this box if your SSH public key is added:\n  $ ssh -p 64535 203.0.113.7\n"}]"#;
    let build = step("success");
    let answers = [
        ("GET v2:/workflow/new/job", 200, r#"{"items":[]}"#),
        ("GET v2:/workflow/new/job", 200, r#"{"items":[{"id":"k","name":"test","status":"queued"}]}"#),
        ("GET v2:/workflow/new/job", 503, ""),
        LISTED,
        ("GET v1:/project/gh/acme/web/346", 404, NO),
        ("GET v1:/project/gh/acme/web/346", 200, r#"{"lifecycle":"running","steps":[]}"#),
        ("GET v1:/project/gh/acme/web/346", 200, &build),
        ("GET v1:/project/gh/acme/web/346/output/2/0", 404, NO),
        ("GET v1:/project/gh/acme/web/346/output/2/0", 200, text),
        ("GET v1:/project/gh/acme/web/346/output/2/1", 200, text),
    ];
    assert_eq!(followed(&answers, None), (End::Ready, vec![0, 1]));
    assert_eq!(followed(&answers, Some(1)), (End::Ready, vec![1]));
    // One that never prints its command leaves the others usable.
    let silent = [LISTED, answers[6], answers[7], answers[9]];
    assert_eq!(followed(&silent, None), (End::Ready, vec![1]));
    assert_eq!(followed(&silent[..3], Some(0)), (End::TooLong(Stage::Step), Vec::new()));
}

#[test]
fn a_job_is_followed_to_any_other_end() {
    let list = |status: &str| format!(r#"{{"items":[{{"id":"k","name":"test","status":"{status}"}}]}}"#);
    let refused = list("unauthorized");
    assert_eq!(followed(&[("GET v2:/workflow/new/job", 200, &refused)], None).0, End::Over("unauthorized".into()));
    let queued = list("queued");
    assert_eq!(followed(&[("GET v2:/workflow/new/job", 200, &queued)], None).0, End::TooLong(Stage::Queued));
    let ended = r#"{"status":"failed","lifecycle":"finished","stop_time":"2026-11-22T10:00:00Z"}"#;
    let answers = [LISTED, ("GET v1:/project/gh/acme/web/346", 200, ended)];
    assert_eq!(followed(&answers, None).0, End::Over("failed".into()));
    assert_eq!(followed(&[("GET v2:/workflow/new/job", 401, NO)], None).0, End::Refused(ApiError::Rejected));
    for (text, end) in [("No SSH key is found.", End::NoKey), ("Failed to enable SSH", End::Failed)] {
        let text = format!(r#"[{{"message":"{text}"}}]"#);
        let build = r#"{"steps":[{"name":"Enable SSH","actions":[{"step":2,"name":"Enable SSH"}]}]}"#;
        let answers = [
            LISTED,
            ("GET v1:/project/gh/acme/web/346", 200, build),
            ("GET v1:/project/gh/acme/web/346/output/2/0", 200, &text),
        ];
        assert_eq!(followed(&answers, None).0, end);
    }
}
