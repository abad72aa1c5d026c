//! Who is let in, and how the others are told.

use base64::prelude::{BASE64_STANDARD, Engine};

use super::{Client, Scene, client, scene};
use crate::support::circleci::{FakeCircleci, Kind, Role};

#[test]
fn tokens() {
    let Scene { world, ana, .. } = scene();
    let (fake, other) = (FakeCircleci::start(world.clone()), FakeCircleci::start(scene().world));
    let token = fake.token(ana);
    assert!(token.starts_with("CCIPAT_") && token.len() == 70, "{token}");
    assert_ne!(token, other.token(ana), "one service does not know the other's tokens");
    let basic = BASE64_STANDARD.encode(format!("{token}:"));
    for header in [
        format!("Circle-Token: {token}"),
        format!("authorization: Bearer {token}"),
        format!("Authorization: Basic {basic}"),
    ] {
        let client = Client::with_headers(&fake.url(), &format!("{header}\r\n"));
        assert_eq!(client.get("/api/v2/me").ok()["login"], "ana", "{header}");
        assert_eq!(client.get("/api/v1.1/me").ok()["login"], "ana", "{header}");
    }
    let wrong = Client::new(&fake.url(), "CCIPAT_wrong");
    for client in [Client::with_headers(&fake.url(), ""), wrong] {
        for path in ["/api/v1.1/me", "/api/v2/me"] {
            let answer = client.get(path);
            assert_eq!((answer.status, answer.json()["message"].as_str()), (401, Some("You must log in first.")));
        }
        let answer = client.get("/api/v3/users?filter[user_id]=me");
        assert_eq!((answer.status, answer.json()["error"]["title"].as_str()), (401, Some("Unauthorized")));
    }
    fake.change(|world| world[ana].revoked = true);
    assert_eq!(client(&fake, ana).get("/api/v2/me").status, 401);

    let whose: Vec<_> = fake.requests("GET /api/v2/me").map(|logged| logged.token_of).collect();
    let whose: Vec<_> = whose.iter().map(Option::as_deref).collect();
    assert_eq!(whose, [Some("ana"), Some("ana"), Some("ana"), None, Some("unknown"), Some("ana")]);
    let log = format!("{:?}", fake.requests("*").collect::<Vec<_>>());
    assert!(!log.contains(&token) && !log.contains(&basic), "{log}");
}

#[test]
fn what_is_private_does_not_exist_for_others() {
    let Scene { mut world, app, flow, job, .. } = scene();
    let eve = world.user("eve");
    let deploy = world.context(world[app].organisation, "deploy", &[]);
    let pipeline = world[world[flow].pipeline].id.clone();
    let (flow, job_id, number) = (world[flow].id.clone(), world[job].id.clone(), world[job].number);
    let deploy = world[deploy].id.clone();
    let fake = FakeCircleci::start(world);
    let eve = client(&fake, eve);
    for path in [
        "/api/v2/project/gh/acme/app".to_owned(),
        "/api/v2/project/gh/acme/app/settings".to_owned(),
        "/api/v2/project/gh/acme/app/pipeline".to_owned(),
        format!("/api/v2/project/gh/acme/app/job/{number}"),
        format!("/api/v2/workflow/{flow}"),
        format!("/api/v2/workflow/{flow}/job"),
        format!("/api/v2/pipeline/{pipeline}"),
        format!("/api/v2/context/{deploy}/restrictions"),
        "/api/v2/context?owner-slug=gh/acme".to_owned(),
        format!("/api/v1.1/project/gh/acme/app/{number}"),
        format!("/api/v3/jobs/{job_id}"),
    ] {
        assert_eq!(eve.get(&path).status, 404, "{path}");
    }
    for path in [format!("/api/v2/workflow/{flow}/cancel"), format!("/api/v2/jobs/{job_id}/cancel")] {
        assert_eq!(eve.post(&path, "").status, 404, "{path}");
    }
    assert_eq!(eve.get("/api/v2/me/collaborations").ok(), serde_json::json!([]));
    assert_eq!(eve.get("/api/v1.1/recent-builds?shallow=true").ok(), serde_json::json!([]));
    fake.finish();
}

#[test]
fn who_may_only_look() {
    let Scene { mut world, app, flow, job, .. } = scene();
    let bob = world.user("bob");
    world[app].members.push((bob, Role::Viewer));
    let (flow, job, number) = (world[flow].id.clone(), world[job].id.clone(), world[job].number);
    let fake = FakeCircleci::start(world);
    let bob = client(&fake, bob);
    assert_eq!(bob.get(&format!("/api/v2/project/gh/acme/app/job/{number}")).status, 200);
    let settings = bob.get("/api/v2/project/gh/acme/app/settings");
    assert_eq!((settings.status, settings.json()["message"].as_str()), (403, Some("Permission denied.")));
    let wish = format!(r#"{{"enable_ssh":true,"jobs":["{job}"]}}"#);
    assert_eq!(bob.post(&format!("/api/v2/workflow/{flow}/rerun"), &wish).status, 403);
    assert_eq!(bob.post(&format!("/api/v2/project/gh/acme/app/job/{number}/cancel"), "").status, 403);
    fake.finish();
}

#[test]
fn two_organisations_are_apart() {
    let Scene { mut world, ana: user, .. } = scene();
    let other = world.organisation(Kind::Bitbucket, "other");
    let eve = world.user("eve");
    let lib = world.project(other, "lib", &[(eve, Role::Admin)]);
    let flow = world.workflow(lib, eve, "build");
    let job = world.job(flow, crate::support::circleci::Job::new("lib"));
    let number = world[job].number;
    let fake = FakeCircleci::start(world);
    assert_eq!(client(&fake, user).get(&format!("/api/v2/project/gh/acme/app/job/{number}")).status, 404);
    assert_eq!(client(&fake, eve).get(&format!("/api/v2/project/bitbucket/other/lib/job/{number}")).status, 200);
}
