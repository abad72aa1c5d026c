//! Each way of misbehaving, seen by a client.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::Answer;
use super::{Client, Scene, client, scene, scene_with};
use crate::support::circleci::{FakeCircleci, Fault, Job};

const ME: &str = "/api/v2/me";

/// What the next request meets.
#[track_caller]
fn meet(fault: Fault) -> Answer {
    let Scene { world, ana, .. } = scene();
    let fake = FakeCircleci::start(world);
    fake.once("GET /api/v2/me", fault);
    let answer = client(&fake, ana).get(ME);
    assert_eq!(client(&fake, ana).get(ME).ok()["login"], "ana", "it was for one request only");
    answer
}

#[test]
fn slowly() {
    let start = Instant::now();
    assert_eq!(meet(Fault::Slow(Duration::from_millis(300))).ok()["login"], "ana");
    assert!(start.elapsed() >= Duration::from_millis(300));
    let start = Instant::now();
    let answer = meet(Fault::Drip(Duration::from_millis(4)));
    assert!(start.elapsed() >= Duration::from_millis(4) * u32::try_from(answer.body.len()).expect("a small body"));
    assert_eq!(answer.ok()["login"], "ana");
}

#[test]
fn a_slow_answer_does_not_hold_up_the_end() {
    let Scene { world, ana, .. } = scene();
    let fake = FakeCircleci::start(world);
    fake.once("GET /api/v2/me", Fault::Slow(Duration::from_secs(10)));
    let asking = client(&fake, ana);
    let waiting = std::thread::spawn(move || asking.send("GET", ME, ""));
    let limit = Instant::now() + Duration::from_secs(5);
    while fake.requests("*").count() == 0 {
        assert!(Instant::now() < limit, "the request does not arrive");
        std::thread::sleep(Duration::from_millis(5));
    }
    let start = Instant::now();
    drop(fake);
    assert!(waiting.join().expect("a client that does not panic").is_none());
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn too_many_requests() {
    let seconds = meet(Fault::RateLimited(7));
    assert_eq!((seconds.status, seconds.header("Retry-After")), (429, Some("7")));
    assert_eq!(seconds.header("RateLimit-Remaining"), Some("0"));
    let date = meet(Fault::RateLimitedUntil(60));
    assert!(date.header("Retry-After").is_some_and(|date| date.ends_with(" GMT")), "{date:?}");
    assert_ne!(date.header("Retry-After"), date.header("Date"));
}

#[test]
fn no_document() {
    for status in [500, 502, 503] {
        assert_eq!(meet(Fault::Status(status)).status, status);
    }
    for status in [200, 503] {
        let page = meet(Fault::Html(status));
        assert_eq!((page.status, page.header("Content-Type")), (status, Some("text/html; charset=utf-8")));
        assert!(page.text().contains("<html>"), "{page:?}");
    }
    let truncated = meet(Fault::Truncated);
    assert!(!truncated.whole && truncated.text().starts_with('{'), "{truncated:?}");
    assert_eq!(meet(Fault::EmptyBody).text(), "");
    for fault in [Fault::NotJson, Fault::EmptyBody] {
        let answer = meet(fault);
        assert!(serde_json::from_slice::<Value>(&answer.body).is_err(), "{answer:?}");
    }
    assert!(meet(Fault::WrongShape).ok().is_array());
}

#[test]
fn tokens_and_calls_that_are_gone() {
    assert_eq!(meet(Fault::Revoked).status, 401);
    assert_eq!(meet(Fault::Gone).status, 410);
}

#[test]
fn a_clock_that_is_wrong() {
    let year = |answer: &Answer| -> i32 {
        let date = answer.header("Date").expect("a date");
        date.split(' ').nth(3).and_then(|year| year.parse().ok()).expect("a year")
    };
    let (right, wrong) = (meet(Fault::Slow(Duration::ZERO)), meet(Fault::Clock(-3 * 366 * 86_400)));
    assert!((3..=4).contains(&(year(&right) - year(&wrong))), "{right:?} {wrong:?}");
    assert_eq!(wrong.status, 200);
}

#[test]
fn without_an_answer_before_the_deed_and_after_it() {
    let Scene { world, ana, job, .. } = scene_with(Job::new("test").running(Duration::from_secs(60)));
    let path = format!("/api/v2/project/gh/acme/app/job/{}/cancel", world[job].number);
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, ana);
    let status = || fake.seen(|world| world[job].status.clone());
    fake.once("POST *", Fault::Closed);
    assert!(ana.send("POST", &path, "").is_none());
    assert_eq!(status(), "running");
    fake.once("POST *", Fault::Status(502));
    assert_eq!(ana.post(&path, "").status, 502);
    assert_eq!(status(), "running");
    fake.once("POST *", Fault::ClosedAfter);
    assert!(ana.send("POST", &path, "").is_none());
    assert_eq!(status(), "canceled");
    fake.change(|world| "running".clone_into(&mut world[job].status));
    fake.once("POST *", Fault::StatusAfter(502));
    assert_eq!(ana.post(&path, "").status, 502);
    assert_eq!(status(), "canceled");
}

#[test]
fn nothing_where_nothing_may_be() {
    let Scene { world, ana, job, .. } = scene();
    let number = world[job].number;
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, ana);
    fake.always("*", Fault::Nulls);
    let document = ana.get(&format!("/api/v2/project/gh/acme/app/job/{number}")).ok();
    let fields = ["started_at", "stopped_at", "duration", "name"].map(|name| document[name].is_null());
    assert_eq!(fields, [true, true, true, false]);
    let build = ana.get(&format!("/api/v1.1/project/gh/acme/app/{number}")).ok();
    let fields = ["why", "user", "ssh_users", "stop_time", "build_num"].map(|name| build[name].is_null());
    assert_eq!(fields, [true, true, true, true, false]);
    assert_eq!(build["steps"][0]["name"], "Spin up environment");
    fake.behave();
    assert_eq!(ana.get(&format!("/api/v1.1/project/gh/acme/app/{number}")).ok()["why"], "github");
}

#[test]
fn fields_and_values_from_the_future() {
    let Scene { world, ana, job, .. } = scene();
    let number = world[job].number;
    let fake = FakeCircleci::start(world);
    fake.always("*", Fault::Novelties);
    let document = client(&fake, ana).get(&format!("/api/v2/project/gh/acme/app/job/{number}")).ok();
    assert_eq!(document["status"], "never_seen_before");
    assert!(document["executor"]["a_new_field"].is_object(), "{document}");
}

#[test]
fn documents_are_changed_and_still_held_against_the_description() {
    let Scene { world, ana, .. } = scene();
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, ana);
    fake.once("GET /api/v2/me", Fault::Edited(|document| document["name"] = "\u{1b}[31mred".into()));
    assert_eq!(ana.get(ME).ok()["name"], "\u{1b}[31mred");
    assert_eq!(fake.violations(), Vec::<String>::new());
    fake.once("GET /api/v2/me", Fault::Edited(|document| document["name"] = 7.into()));
    ana.get(ME).ok();
    assert_eq!(fake.violations().len(), 1);
}

#[test]
fn to_a_stranger_who_sees_whether_a_token_comes() {
    for status in [301, 302, 307, 308] {
        let Scene { world, ana, .. } = scene();
        let fake = FakeCircleci::start(world);
        fake.once("GET /api/v2/me", Fault::Redirect(status));
        let answer = client(&fake, ana).get(ME);
        let location = answer.header("Location").expect("another address").to_owned();
        assert_eq!((answer.status, location.clone()), (status, format!("{}{ME}", fake.stranger().url())));
        let host = location.strip_suffix(ME).expect("the same path");
        assert_eq!(Client::with_headers(host, "").get(ME).ok()["login"], "mallory");
        assert!(!fake.stranger().saw_token());
        Client::with_headers(host, &format!("X-Other: {}\r\n", fake.token(ana))).get(ME);
        assert!(fake.stranger().saw_token());
        assert_eq!(fake.stranger().requests().len(), 2);
    }
    let here = meet(Fault::RedirectHere(302, "/login".to_owned()));
    assert_eq!((here.status, here.header("Location")), (302, Some("/login")));
}

#[test]
fn patterns_and_numbers() {
    let Scene { world, ana, flow, .. } = scene();
    let path = format!("/api/v2/workflow/{}/job", world[flow].id);
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, ana);
    fake.times(2, "GET /api/v2/workflow/*/job", Fault::Status(503));
    fake.always("GET /api/v1.1/*", Fault::Gone);
    assert_eq!(ana.get(path.trim_end_matches("/job")).status, 200);
    assert_eq!([503, 503, 200], [(); 3].map(|()| ana.get(&path).status));
    assert_eq!([410, 410], [(); 2].map(|()| ana.get("/api/v1.1/me").status));
    // The newest rule is the one that counts.
    fake.once("*", Fault::Revoked);
    assert_eq!([401, 410], [(); 2].map(|()| ana.get("/api/v1.1/me").status));
    assert_eq!(fake.requests("GET /api/*/me").count(), 4);
    assert_eq!(
        fake.requests("GET /api/v2/workflow/*/job").map(|logged| logged.status).collect::<Vec<_>>(),
        [503, 503, 200]
    );
}
