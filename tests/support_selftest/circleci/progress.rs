//! Reruns, cancels, and jobs that go on while somebody looks.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Client, Scene, client, scene, scene_with};
use crate::support::circleci::{
    Change, FakeCircleci, Id, Job, Progress, Restriction, Session, When, WhenSshDisabled, Workflow,
};
use crate::support::job_server::{JobServer, Options};

fn rerun(fake: &FakeCircleci, ana: &Client, flow: Id<Workflow>, body: &Value) -> super::client::Answer {
    let path = format!("/api/v2/workflow/{}/rerun", fake.seen(|world| world[flow].id.clone()));
    ana.post(&path, &body.to_string())
}

/// The new workflow's jobs.
fn jobs(ana: &Client, workflow: &Value) -> Vec<Value> {
    let id = workflow["workflow_id"].as_str().expect("the id of the new workflow");
    ana.get(&format!("/api/v2/workflow/{id}/job")).ok()["items"].as_array().expect("items").clone()
}

/// The Enable SSH step's action, as v1.1 lists it.
fn enable_ssh(ana: &Client, number: &Value) -> Option<Value> {
    let build = ana.get(&format!("/api/v1.1/project/gh/acme/app/{number}")).ok();
    let steps = build["steps"].as_array().expect("steps");
    steps.iter().find(|step| step["name"] == "Enable SSH").map(|step| step["actions"][0].clone())
}

#[test]
fn a_rerun_with_ssh_from_queued_to_cancelled() {
    let server = JobServer::start(Options::new());
    let job = Job::new("test").when_rerun(Session::direct(&server), Progress::to_ready(When::Looks(1)));
    let Scene { mut world, ana: user, flow, job, .. } = scene_with(job);
    let id = world[job].id.clone();
    world.job(flow, Job::new("deploy").needs(&id));
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, user);
    let answer = rerun(&fake, &ana, flow, &json!({ "enable_ssh": true, "jobs": [id] }));
    assert_eq!(answer.status, 202);
    let first = jobs(&ana, &answer.json());
    assert_eq!(
        [&first[0]["name"], &first[0]["status"], &first[0]["job_number"]],
        [&json!("deploy"), &json!("blocked"), &Value::Null]
    );
    assert_eq!([&first[1]["name"], &first[1]["status"]], ["test", "queued"]);
    let number = &first[1]["job_number"];

    assert_eq!(enable_ssh(&ana, number), None, "it runs, without the step");
    let not_ready = enable_ssh(&ana, number).expect("the step appears");
    assert_eq!(not_ready["status"], "running");
    let output = format!("/api/v1.1/project/gh/acme/app/{number}/output/101/0");
    let text = ana.get(&output).ok()[0]["message"].clone();
    assert!(text.as_str().is_some_and(|text| text.contains(&format!("ssh -p {} 127.0.0.1", server.port()))), "{text}");
    let build = ana.get(&format!("/api/v1.1/project/gh/acme/app/{number}")).ok();
    assert_eq!([&build["ssh_users"][0]["login"], &build["why"]], ["ana", "retry"]);

    let cancel = ana.post(&format!("/api/v2/project/gh/acme/app/job/{number}/cancel"), "");
    assert_eq!((cancel.status, cancel.json()["message"].as_str()), (202, Some("Accepted.")));
    let build = ana.get(&format!("/api/v1.1/project/gh/acme/app/{number}")).ok();
    assert_eq!([&build["status"], &build["lifecycle"], &build["canceler"]["login"]], ["canceled", "finished", "ana"]);
    assert_eq!(fake.requests("POST *").count(), 2);
    assert_eq!(fake.requests("POST *").next().expect("the rerun").json()["jobs"], json!([id]));
    fake.finish();
}

#[test]
fn changes_that_take_time_and_more_than_one_at_once() {
    let soon = When::After(Duration::from_millis(200));
    let progress = Progress::none().then(soon, Change::Runs).then(soon, Change::Ends("failed".to_owned()));
    let Scene { world, ana, job, .. } = scene_with(Job::new("test").queued().progress(progress));
    let path = format!("/api/v2/project/gh/acme/app/job/{}", world[job].number);
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, ana);
    let status = || ana.get(&path).ok()["status"].clone();
    assert_eq!(status(), "queued");
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(status(), "failed");
}

#[test]
fn reruns_that_are_refused() {
    let Scene { mut world, ana: user, flow, job, .. } = scene();
    let id = world[job].id.clone();
    let other = world.job(flow, Job::new("other").ended("success", Duration::from_secs(60)));
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, user);
    for body in [
        json!({ "enable_ssh": true }),
        json!({ "enable_ssh": true, "jobs": [id], "from_failed": true }),
        json!({ "enable_ssh": true, "jobs": ["5034460f-c7c4-4c43-9457-de07e2029e7b"] }),
    ] {
        let answer = rerun(&fake, &ana, flow, &body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["message"].is_string(), "{answer:?}");
    }
    fake.change(|world| world[other] = Job { ..world[other].clone() }.running(Duration::from_secs(5)));
    let running = rerun(&fake, &ana, flow, &json!({ "enable_ssh": true, "jobs": [id] }));
    assert_eq!((running.status, running.json()["message"].as_str()), (400, Some("Workflow is still running.")));
    let path = format!("/api/v2/workflow/{}/cancel", fake.seen(|world| world[flow].id.clone()));
    assert_eq!(ana.post(&path, "").status, 202);
    assert_eq!(rerun(&fake, &ana, flow, &json!({ "enable_ssh": true, "jobs": [id] })).status, 202);
}

#[test]
fn a_project_that_has_ssh_switched_off() {
    let job = || Job::new("test").when_rerun(Session::text_of("$ ssh -p 64535 127.0.0.1"), Progress::none());
    let Scene { mut world, ana: user, app, flow, job } = scene_with(job());
    world[app].disable_ssh = true;
    let body = json!({ "enable_ssh": true, "jobs": [world[job].id] });
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, user);
    rerun(&fake, &ana, flow, &body).ok();
    assert!(fake.seen(|world| world.jobs[1].sessions.is_empty()), "it runs without SSH");
    fake.change(|world| world[app].when_ssh_disabled = WhenSshDisabled::Refuses(403, "SSH is disabled.".to_owned()));
    assert_eq!(rerun(&fake, &ana, flow, &body).status, 403);
}

#[test]
fn contexts_that_refuse_a_rerun() {
    let Scene { mut world, ana: user, app, flow, job } = scene();
    let acme = world[app].organisation;
    let other = world.project(acme, "other", &[]);
    let group = |members: &[_]| Restriction::Group("9f2c".to_owned(), "release".to_owned(), members.to_vec());
    let no_ssh = Restriction::Expression("not job.ssh.enabled".to_owned());
    let context = world.context(acme, "deploy", &[]);
    world[job].contexts.push(context);
    let body = json!({ "enable_ssh": true, "jobs": [world[job].id] });
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, user);
    let cases = [
        (vec![], "queued"),
        (vec![no_ssh], "unauthorized"),
        (vec![Restriction::Project(other)], "unauthorized"),
        (vec![Restriction::Project(other), Restriction::Project(app)], "queued"),
        (vec![group(&[])], "unauthorized"),
        (vec![group(&[user])], "queued"),
    ];
    for (restrictions, status) in cases {
        fake.change(|world| world[context].restrictions = restrictions.clone());
        let new = rerun(&fake, &ana, flow, &body).ok();
        assert_eq!(jobs(&ana, &new)[0]["status"], status, "{restrictions:?}");
        fake.change(|world| world.workflows.iter_mut().for_each(|flow| flow.status = Some("failed".to_owned())));
    }
}

#[test]
fn ssh_sticks_to_a_job() {
    let Scene { world, ana, flow, .. } =
        scene_with(Job::new("test").session(Session::text_of("$ ssh -p 64535 127.0.0.1")));
    let fake = FakeCircleci::start(world);
    rerun(&fake, &client(&fake, ana), flow, &json!({})).ok();
    assert!(fake.seen(|world| !world.jobs[1].sessions.is_empty()));
}

#[test]
fn the_names_of_v2_do_nothing_in_v3() {
    let job = Job::new("test").when_rerun(Session::text_of("$ ssh -p 64535 127.0.0.1"), Progress::none());
    let Scene { mut world, ana, flow, job, .. } = scene_with(job);
    world.job(flow, Job::new("other"));
    let (id, path) = (world[job].id.clone(), format!("/api/v3/workflows/{}/rerun", world[flow].id));
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, ana);
    let wrong = ana.post(&path, &json!({ "enable_ssh": true, "jobs": [id] }).to_string());
    assert_eq!(wrong.status, 201);
    assert_eq!(fake.seen(|world| world.jobs[2..].iter().map(|job| job.sessions.len()).collect::<Vec<_>>()), [0, 0]);
    ana.post(&path, &json!({ "is_ssh_enabled": true, "jobs": [id] }).to_string()).ok();
    assert_eq!(fake.seen(|world| world.jobs[4..].iter().map(|job| job.sessions.len()).collect::<Vec<_>>()), [1]);
}

#[test]
fn cancelled_by_id() {
    let Scene { world, ana, job, .. } = scene_with(Job::new("test").running(Duration::from_secs(60)));
    let path = format!("/api/v2/jobs/{}/cancel", world[job].id);
    let fake = FakeCircleci::start(world);
    assert_eq!(client(&fake, ana).post(&path, "").status, 202);
    assert_eq!(fake.seen(|world| world[job].status.clone()), "canceled");
    fake.finish();
}
