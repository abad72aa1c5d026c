//! CircleCI's description is really held against requests and documents, and what is wrong fails the test.

use serde_json::{Value, json};

use super::{Client, Scene, client, complaint, scene};
use crate::support::circleci::{FakeCircleci, Fault};

/// Sends one request and takes the complaints about it.
#[track_caller]
fn complaints(method: &str, path: &str, body: &str) -> Vec<String> {
    let Scene { world, ana, flow, .. } = scene();
    let path = path.replace("FLOW", &world[flow].id);
    let fake = FakeCircleci::start(world);
    client(&fake, ana).send(method, &path, body).expect("an answer");
    fake.violations()
}

#[track_caller]
fn expect(method: &str, path: &str, body: &str, words: &str) {
    let complaints = complaints(method, path, body);
    assert_eq!(complaints.len(), 1, "{complaints:#?}");
    assert!(complaints[0].contains(words), "expected {words:?} in {complaints:?}");
    assert!(complaints[0].trim_start().starts_with(&format!("{method} /api/")), "{complaints:?}");
}

#[test]
fn a_request_that_the_description_does_not_know() {
    let no_such_call = "the description has no such call";
    expect("GET", "/api/v2/mee", "", no_such_call);
    expect("PUT", "/api/v2/me", "", no_such_call);
    expect("GET", "/api/v2/project/gh/acme", "", no_such_call);
    expect("GET", "/api/v2/me?limit=3", "", "no parameter \"limit\"");
    expect("GET", "/api/v2/workflow/7", "", "parameter \"id\": \"7\" is not a \"uuid\"");
    expect("GET", "/api/v2/context?owner-slug=gh/acme&owner-type=team", "", "\"team\" is not one of");
    expect("GET", "/api/v4/me", "", "no API of CircleCI is here");
}

#[test]
fn a_body_that_the_description_does_not_know() {
    let rerun = "/api/v2/workflow/FLOW/rerun";
    expect("POST", rerun, r#"{"enable_ssh":"yes"}"#, "body/enable_ssh: \"yes\" is not of type \"boolean\"");
    expect("POST", rerun, r#"{"jobs":["test"]}"#, "body/jobs/0: \"test\" is not a \"uuid\"");
    // The names of v3, which v2 ignores.
    expect("POST", rerun, r#"{"is_ssh_enabled":true}"#, "('is_ssh_enabled' was unexpected)");
    expect("POST", rerun, "enable_ssh=true", "the body is not JSON");
    expect("POST", "/api/v2/workflow/FLOW/cancel", r#"{"now":true}"#, "the description has no body here");
    // What is right about them: v2 has this combination, and refuses it itself.
    assert_eq!(complaints("POST", rerun, r#"{"enable_ssh":true}"#), Vec::<String>::new());
}

#[test]
fn writing_through_v1_and_tokens_in_addresses() {
    for call in ["101/ssh", "101/retry", "101/cancel"] {
        expect("POST", &format!("/api/v1.1/project/gh/acme/app/{call}"), "", "writing calls of v1.1");
    }
    let Scene { world, ana, .. } = scene();
    let fake = FakeCircleci::start(world);
    let path = format!("/api/v1.1/me?circle-token={}", fake.token(ana));
    assert_eq!(Client::with_headers(&fake.url(), "").get(&path).status, 401);
    assert_eq!(fake.violations(), [format!("  GET /api/v1.1/me: {}", "a token outside the headers")]);
}

#[test]
fn a_document_that_has_drifted() {
    let honest = json!({ "id": "5034460f-c7c4-4c43-9457-de07e2029e7b", "login": "ana", "name": "Ana" });
    type Change = fn(&mut Value);
    let cases: [(&str, Change, &str); 5] = [
        (
            "a field is gone",
            |document| drop(document.as_object_mut().map(|fields| fields.remove("login"))),
            "\"login\" is a required property",
        ),
        ("another type", |document| document["name"] = json!(7), "answer/name: 7 is not of type \"string\""),
        ("null", |document| document["name"] = Value::Null, "answer/name: null is not of type \"string\""),
        ("another form", |document| document["id"] = json!("7"), "answer/id: \"7\" is not a \"uuid\""),
        ("a field that is made up", |document| document["email"] = json!("a@b"), "('email' was unexpected)"),
    ];
    for (name, change, words) in cases {
        let Scene { world, ana, .. } = scene();
        let fake = FakeCircleci::start(world);
        let mut document = honest.clone();
        change(&mut document);
        fake.once("GET /api/v2/me", Fault::Document(document));
        client(&fake, ana).get("/api/v2/me").ok();
        let complaint = complaint(fake);
        assert!(complaint.starts_with("against CircleCI's description:\n  GET /api/v2/me: "), "{name}: {complaint}");
        assert!(complaint.contains(words), "{name}: expected {words:?} in {complaint}");
    }
    let Scene { world, ana, .. } = scene();
    let fake = FakeCircleci::start(world);
    fake.once("GET /api/v2/me", Fault::Document(honest));
    client(&fake, ana).get("/api/v2/me").ok();
    fake.finish();
}

/// A drift of the world itself, not of a scripted document.
#[test]
fn a_status_that_v2_does_not_have() {
    let Scene { mut world, ana, job, .. } = scene();
    world[job].status = "finished".to_owned();
    let path = format!("/api/v2/project/gh/acme/app/job/{}", world[job].number);
    let fake = FakeCircleci::start(world);
    client(&fake, ana).get(&path).ok();
    assert!(complaint(fake).contains("answer/status: \"finished\" is not one of"));
}
