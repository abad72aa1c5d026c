//! Every document that is read, once; the description is held against each.

use std::io::{BufReader, Write};
use std::time::Duration;

use super::client::{connect, read};
use super::{Client, Scene, client, complaint, scene, scene_with};
use crate::support::circleci::{FakeCircleci, Fault, GitHost, Job, Kind, Restriction, Role, clock};

#[test]
fn documents_of_v2() {
    let Scene { mut world, ana, app, flow, job } = scene();
    let acme = world[app].organisation;
    let deploy =
        world.context(acme, "deploy", &[Restriction::Project(app), Restriction::Expression("true".to_owned())]);
    let group = Restriction::Group("9f2c".to_owned(), "release".to_owned(), vec![ana]);
    world[deploy].restrictions.push(group);
    world[job].contexts.push(deploy);
    world[job].messages.push(("warning".to_owned(), "This job is slow.".to_owned()));
    let waiting = world.job(flow, Job::new("wait").queued());
    let ids = [&world[flow].id, &world[world[flow].pipeline].id, &world[deploy].id, &world[ana].id].map(Clone::clone);
    let [flow_id, pipeline, context, user] = &ids;
    let owner = world[acme].id.clone();
    let (number, waiting) = (world[job].number, world[waiting].number);
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, ana);
    assert_eq!(ana.get("/api/v2/me").ok()["login"], "ana");
    assert_eq!(ana.get("/api/v2/me/collaborations").ok()[0]["slug"], "gh/acme");
    assert_eq!(ana.get(&format!("/api/v2/user/{user}")).ok()["name"], "ana of the anas");
    for slug in ["gh/acme/app", "github/acme/app", "gh%2Facme%2Fapp"] {
        assert_eq!(ana.get(&format!("/api/v2/project/{slug}")).ok()["slug"], "gh/acme/app");
    }
    let settings = ana.get("/api/v2/project/gh/acme/app/settings").ok();
    assert_eq!(settings["advanced"]["disable_ssh"], false);
    assert_eq!(ana.get(&format!("/api/v2/workflow/{flow_id}")).ok()["status"], "failing");
    assert_eq!(ana.get(&format!("/api/v2/workflow/{flow_id}/job")).ok()["items"][1]["status"], "queued");
    let document = ana.get(&format!("/api/v2/project/gh/acme/app/job/{number}")).ok();
    assert_eq!(document["contexts"][0]["name"], "deploy");
    assert_eq!(document["duration"], 300_000);
    assert_eq!(
        ana.get(&format!("/api/v2/project/gh/acme/app/job/{waiting}")).ok()["started_at"],
        serde_json::Value::Null
    );
    assert_eq!(ana.get(&format!("/api/v2/pipeline/{pipeline}")).ok()["number"], 1);
    assert_eq!(ana.get(&format!("/api/v2/pipeline/{pipeline}/workflow")).ok()["items"][0]["name"], "build");
    assert_eq!(ana.get("/api/v2/project/gh/acme/app/pipeline?branch=main").ok()["items"][0]["number"], 1);
    assert_eq!(ana.get("/api/v2/project/gh/acme/app/pipeline/mine").ok()["items"][0]["number"], 1);
    for owner in [format!("owner-id={owner}"), "owner-slug=gh/acme".to_owned()] {
        assert_eq!(ana.get(&format!("/api/v2/context?{owner}")).ok()["items"][0]["name"], "deploy");
    }
    assert_eq!(ana.get(&format!("/api/v2/context/{context}")).ok()["name"], "deploy");
    let restrictions = ana.get(&format!("/api/v2/context/{context}/restrictions")).ok();
    assert_eq!(restrictions["items"][2]["restriction_type"], "group");
    assert_eq!(fake.requests("GET /api/v2/*").filter(|logged| logged.token_of.as_deref() == Some("ana")).count(), 19);
    fake.finish();
}

#[test]
fn other_kinds_of_organisations() {
    for (kind, slug, provider) in [(Kind::Bitbucket, "bb/", "Bitbucket"), (Kind::Circleci, "circleci/", "CircleCI")] {
        let Scene { mut world, ana, .. } = scene();
        let owner = world.organisation(kind, "umbrella");
        let project = world.project(owner, "app", &[(ana, Role::Admin)]);
        let own_slug = world[project].slug.clone();
        assert!(own_slug.starts_with(slug), "{own_slug}");
        let fake = FakeCircleci::start(world);
        let document = client(&fake, ana).get(&format!("/api/v2/project/{own_slug}")).ok();
        assert_eq!(document["vcs_info"]["provider"], provider);
    }
}

#[test]
fn pages() {
    let Scene { mut world, ana, flow, .. } = scene();
    for number in 0..6 {
        world.job(flow, Job::new(&format!("more-{number}")));
    }
    world.page_size = 3;
    let path = format!("/api/v2/workflow/{}/job", world[flow].id);
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, ana);
    let (mut names, mut query) = (Vec::new(), String::new());
    loop {
        let page = ana.get(&format!("{path}{query}")).ok();
        names.extend(page["items"].as_array().expect("items").iter().map(|item| item["name"].clone()));
        let Some(next) = page["next_page_token"].as_str() else { break };
        query = format!("?page-token={next}");
    }
    assert_eq!(names.len(), 7);
    assert_eq!(names[6], "more-5");
    assert_eq!(ana.get(&format!("{path}?page-token=made-up")).status, 400);
    assert_eq!(fake.requests("GET *").count(), 4);
}

#[test]
fn documents_of_v1() {
    let Scene { mut world, ana, app, flow, job } =
        scene_with(Job::new("test").running(Duration::from_secs(90)).why("ssh"));
    world[job].ssh_users.push(ana);
    for name in ["one", "two"] {
        world.job(flow, Job::new(name).ended("success", Duration::from_secs(600)));
    }
    let bob = world.user("bob");
    let (job, _) = (world[job].number, world[app].members.push((bob, Role::Viewer)));
    let fake = FakeCircleci::start(world);
    let client = client(&fake, bob);
    assert_eq!(client.get("/api/v1.1/me").ok()["login"], "bob");
    let recent = client.get("/api/v1.1/recent-builds?shallow=true&limit=100").ok();
    assert_eq!(recent.as_array().map(Vec::len), Some(3));
    assert_eq!(recent[0]["why"], "ssh");
    assert_eq!(recent[0]["user"]["login"], "ana");
    assert_eq!(recent[1]["lifecycle"], "finished");
    let rest = client.get("/api/v1.1/recent-builds?shallow=true&limit=1&offset=2").ok();
    assert_eq!(rest.as_array().map(Vec::len), Some(1));
    let build = client.get(&format!("/api/v1.1/project/gh/acme/app/{job}")).ok();
    assert_eq!(build["ssh_users"][0]["login"], "ana");
    assert_eq!(build["steps"][0]["name"], "Spin up environment");
    assert_eq!(client.get("/api/v1.1/project/gh/acme/app/999").json()["message"], "Build not found");
    fake.finish();
}

#[test]
fn documents_of_v3() {
    let Scene { mut world, ana, app, flow, job } = scene();
    world[app].disable_ssh = true;
    let ids = [&world[flow].id, &world[job].id, &world[app].id].map(Clone::clone);
    let [flow, job, project] = &ids;
    let fake = FakeCircleci::start(world);
    let ana = Client::with_headers(&fake.url(), &format!("Authorization: Bearer {}\r\n", fake.token(ana)));
    assert_eq!(ana.get(&format!("/api/v3/workflows/{flow}")).ok()["data"]["attributes"]["outcome"], "failed");
    let document = ana.get(&format!("/api/v3/jobs/{job}")).ok();
    assert_eq!(document["data"]["attributes"]["parallel_executions"][0]["steps"][0]["num"], 0);
    let list = ana.get(&format!("/api/v3/jobs?filter%5Bworkflow_id%5D={flow}")).ok();
    assert_eq!(list["data"][0]["attributes"]["phase"], "ended");
    let output = ana.get(&format!("/api/v3/jobs/{job}/stdout?filter[execution]=0&filter[step_num]=0"));
    assert_eq!((output.status, output.header("X-Terminal")), (200, Some("true")));
    assert!(output.text().starts_with("Build-agent"), "{output:?}");
    let found = ana.get("/api/v3/projects?filter[slug]=gh/acme/app").ok();
    assert_eq!(found["data"][0]["id"].as_str(), Some(project.as_str()));
    let settings = ana.get(&format!("/api/v3/projects/{project}/settings")).ok();
    assert_eq!(settings["data"]["attributes"]["is_ssh_disabled"], true);
    assert_eq!(ana.get("/api/v3/jobs/none").json()["error"]["detail"], "Job not found");

    fake.change(|world| world.cloud = false);
    assert_eq!(ana.get(&format!("/api/v3/jobs/{job}")).status, 404);
}

#[test]
fn a_connection_serves_many_requests() {
    let Scene { world, ana, .. } = scene();
    let fake = FakeCircleci::start(world);
    let client = client(&fake, ana);
    let mut stream = connect(&fake.url());
    let mut reader = BufReader::new(stream.try_clone().expect("our own socket"));
    for _ in 0..3 {
        write!(stream, "{}", client.request("GET", "/api/v2/me", "")).expect("a request can be sent");
        assert_eq!(read(&mut reader).expect("an answer").ok()["login"], "ana");
    }
    drop(fake);
    assert!(read(&mut reader).is_none(), "the connection ends with the fake");
}

#[test]
fn keys_at_a_git_host() {
    let host = GitHost::start([("ana", vec!["ssh-ed25519 AAAA", "ssh-rsa BBBB"]), ("bob", Vec::new())]);
    let client = Client::with_headers(&host.url(), "");
    assert_eq!(client.get("/ana.keys").text(), "ssh-ed25519 AAAA\nssh-rsa BBBB\n");
    let none = client.get("/bob.keys");
    assert_eq!((none.status, none.text().as_str()), (200, ""));
    assert_eq!(client.get("/eve.keys").status, 404);
    assert_eq!(host.requests("GET /*.keys").count(), 3);

    let alarmed = GitHost::start([]);
    alarmed.misbehave(Fault::Html(503));
    assert_eq!(Client::with_headers(&alarmed.url(), "").get("/ana.keys").status, 503);
    Client::new(&alarmed.url(), "anything").get("/ana.keys");
    assert!(alarmed.saw_token());
    assert_eq!(complaint(alarmed), "the git host was sent a token");
}

#[test]
fn times_are_written_as_circleci_and_http_do() {
    let time = std::time::UNIX_EPOCH + Duration::from_millis(1_709_210_096_007);
    assert_eq!(clock::rfc3339(time), "2024-02-29T12:34:56.007Z");
    assert_eq!(clock::http_date(time), "Thu, 29 Feb 2024 12:34:56 GMT");
}
