//! Lists by pages, documents in unexpected shapes, and the text of a step.

use super::*;
use crate::circleci::steps;

const CONTEXTS: &str = "GET https://circleci.com/api/v2/context?owner-id=o";
const BUILD: &str = "GET https://circleci.com/api/v1.1/project/gh/acme/web/345";
const OUTPUT: &str = "GET https://circleci.com/api/v1.1/project/gh/acme/web/345/output/101/0";

fn names(contexts: Result<Vec<Context>, ApiError>) -> Result<Vec<String>, ApiError> {
    contexts.map(|all| all.into_iter().filter_map(|one| one.name).collect())
}

#[test]
fn pages_are_read_to_the_last() {
    let system = cloud().http(CONTEXTS, 200, &[], r#"{"items": [{"name": "a"}], "next_page_token": "p/1&x"}"#).http(
        &format!("{CONTEXTS}&page-token=p%2F1%26x"),
        200,
        &[],
        r#"{"items": [{"name": "b"}], "next_page_token": null}"#,
    );
    assert_eq!(names(patient(&system).contexts("o")), Ok(vec!["a".into(), "b".into()]));
    for last in [r#"{"items": []}"#, r#"{"items": [], "next_page_token": ""}"#] {
        let system = cloud().http(CONTEXTS, 200, &[], last);
        assert_eq!(names(patient(&system).contexts("o")), Ok(Vec::new()), "{last}");
    }
}

#[test]
fn pages_without_end_are_no_list() {
    let system = cloud().http(CONTEXTS, 200, &[], r#"{"items": [], "next_page_token": "a"}"#).http(
        &format!("{CONTEXTS}&page-token=a"),
        200,
        &[],
        r#"{"items": [], "next_page_token": "a"}"#,
    );
    assert_eq!(names(patient(&system).contexts("o")), Err(ApiError::Endless("the contexts")));
    assert_eq!(system.asked().len(), 2, "the same page is not asked for again");

    let mut system = cloud().http(CONTEXTS, 200, &[], r#"{"items": [], "next_page_token": "0"}"#);
    for page in 0..2 * PAGES {
        let line = format!("{CONTEXTS}&page-token={page}");
        let body = format!(r#"{{"items": [], "next_page_token": "{}"}}"#, page + 1);
        system = system.http(&line, 200, &[], body);
    }
    assert_eq!(names(patient(&system).contexts("o")), Err(ApiError::Endless("the contexts")));
    assert_eq!(system.asked().len(), PAGES);
}

#[test]
fn a_page_that_is_missing_makes_no_list() {
    let system = cloud().http(CONTEXTS, 200, &[], r#"{"items": [{"name": "a"}], "next_page_token": "p"}"#).http(
        &format!("{CONTEXTS}&page-token=p"),
        404,
        &[],
        r#"{"message": "no"}"#,
    );
    assert_eq!(names(patient(&system).contexts("o")), Err(ApiError::NotFound));
    for other in ["{}", "[]", r#"{"items": null}"#, r#"{"items": 7}"#, r#"{"message": "accepted"}"#] {
        let system = cloud().http(CONTEXTS, 200, &[], other);
        assert_eq!(names(patient(&system).contexts("o")), Err(ApiError::Form("the contexts")), "{other}");
    }
}

#[test]
fn a_strange_field_does_not_cost_the_document() {
    let line = "GET https://circleci.com/api/v2/project/gh/acme/web/job/345";
    let body = r#"{"number": "345", "name": "build", "status": "never_seen", "started_at": null, "queued_at": 1700000000,
        "executor": "docker", "contexts": [{"name": "a"}, "b"], "messages": {}, "parallelism": -1, "project": [1],
        "latest_workflow": {"id": "w", "name": {}}, "more": [[]]}"#;
    let system = cloud().http(line, 200, &[], body);
    let job = patient(&system).job(&slug(), 345).expect("a job");
    assert_eq!(
        (job.number, job.name.as_deref(), job.status.as_deref()),
        (Some(345), Some("build"), Some("never_seen"))
    );
    assert_eq!((job.started_at, job.executor, job.parallelism, job.project), (None, None, None, None));
    assert_eq!(job.contexts.map(|all| all.len()), Some(1));
    assert_eq!(job.latest_workflow.and_then(|workflow| workflow.id).as_deref(), Some("w"));
}

#[test]
fn a_strange_item_does_not_cost_the_list() {
    let line = "GET https://circleci.com/api/v2/workflow/w/job";
    let body = r#"{"items": [{"name": "a", "job_number": null}, 7, {"name": "b", "job_number": "12"}]}"#;
    let system = cloud().http(line, 200, &[], body);
    let jobs = patient(&system).workflow_jobs("w").expect("jobs");
    let told: Vec<_> = jobs.into_iter().map(|WorkflowJob { name, job_number, .. }| (name, job_number)).collect();
    assert_eq!(told, [(Some("a".into()), None), (Some("b".into()), Some(12))]);
}

#[test]
fn another_document_is_no_document() {
    for other in ["[]", "{}", r#"[["id", 7]]"#, r#"{"message": "accepted"}"#, "7", "null", r#""text""#] {
        for status in [200, 202] {
            let system = cloud().http(ME, status, &[], other);
            assert_eq!(patient(&system).me(), Err(ApiError::Form("the token's owner")), "{other}");
        }
    }
    let system = cloud().http(RERUN, 202, &[], r#"{"message": "accepted"}"#);
    assert_eq!(patient(&system).rerun_with_ssh("w", "j"), Err(ApiError::Form("the rerun")));
}

/// What the one Enable SSH step of this build prints.
fn printed(system: &Recorded) -> Result<String, ApiError> {
    let client = patient(system);
    let build = client.build(&slug(), 345).expect("a build");
    let step = steps::of_build(&build).remove(0);
    client.printed(&slug(), 345, &step)
}

fn build(action: &str) -> Recorded {
    let body = format!(r#"{{"build_num": 345, "steps": [{{"name": "Enable SSH", "actions": [{action}]}}]}}"#);
    cloud().http(BUILD, 200, &[], body)
}

#[test]
fn a_step_s_text_is_put_together() {
    let pieces = r#"[{"message": "a ", "time": "x", "type": "out"}, {"message": null}, 7, {"message": "b"}]"#;
    let system = build(r#"{"index": 0, "step": 101}"#).http(OUTPUT, 200, &[], pieces);
    assert_eq!(printed(&system).as_deref(), Ok("a b"));
}

#[test]
fn a_step_s_text_may_lie_at_a_storage_that_sees_no_token() {
    let stored = "https://storage.example/out?X-Amz-Signature=s";
    let action = format!(r#"{{"index": 0, "step": 101, "output_url": "{stored}"}}"#);
    let no = r#"{"message": "Output not found"}"#;
    let system =
        build(&action).http(OUTPUT, 404, &[], no).http(&format!("GET {stored}"), 200, &[], r#"[{"message": "x"}]"#);
    assert_eq!(printed(&system).as_deref(), Ok("x"));
    assert_eq!(system.asked().last().map(|asked| asked.headers.clone()), Some(vec!["accept".to_owned()]));

    let system = build(&action).http(OUTPUT, 404, &[], no).http(&format!("GET {stored}"), 403, &[], "<Error/>");
    assert_eq!(printed(&system), Err(ApiError::NotFound), "the API's own words");
}

#[test]
fn a_step_without_a_number_is_not_the_first_one() {
    assert_eq!(printed(&build(r#"{"index": 0}"#)), Err(ApiError::Form("the job's steps")));
}

#[test]
fn the_third_version_s_text_comes_as_it_is() {
    let line = "GET https://circleci.com/api/v3/jobs/j/stdout?filter[execution]=0&filter[step_num]=3";
    let told = |status: u16, kind: &str, body: &str| {
        let system = cloud().http(line, status, &[("content-type", kind)], body);
        patient(&system).stdout("j", 0, 3)
    };
    assert_eq!(told(200, "text/plain", "$ ssh -p 64535 203.0.113.7\n").as_deref(), Ok("$ ssh -p 64535 203.0.113.7\n"));
    assert_eq!(told(404, "application/json", r#"{"error": {"title": "Nothing yet."}}"#).as_deref(), Ok(""));
    assert_eq!(told(416, "text/plain", "").as_deref(), Ok(""));
    for status in [200, 404] {
        let page = told(status, "text/html", "<html>Sign in</html>");
        assert!(matches!(page, Err(ApiError::NotTheApi { .. })), "{status}: {page:?}");
    }
}
