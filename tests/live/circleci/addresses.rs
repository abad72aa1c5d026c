//! Every shape of a job's address, and those that only look like one: nobody but the configured CircleCI is ever asked.

use serde_json::json;

use super::facts::usual;
use super::{Ci, MINUTE};
use crate::support::circleci::{Job, Kind, Session};

#[test]
fn every_shape_of_an_address_leads_to_the_job() {
    let ci = usual();
    let (id, number, flow) =
        ci.fake.seen(|world| (world[ci.job].id.clone(), world[ci.job].number, world[ci.acme.3].id.clone()));
    let here = ci.fake.url();
    for address in [
        format!("{here}/pipelines/github/acme/web/1/workflows/{flow}/jobs/{number}"),
        format!("{here}/pipelines/gh/acme/web/1/workflows/{flow}/jobs/{number}/parallel-runs/0?filterBy=ALL#step-101"),
        format!("{here}/pipelines/github/acme/web/1/workflows/{flow}/jobs/{number}/steps"),
        format!("{here}/pipelines/github/acme/web/1/workflows/{flow}"),
        format!("{here}/pipelines/workflows/{flow}"),
        format!("{here}/workflow/{flow}"),
        format!("{here}/workflow/{flow}/job/{id}"),
        format!("{here}/jobs/github/acme/web/{number}"),
        format!("{here}/gh/acme/web/{number}"),
        format!("gh/acme/web/{number}"),
        format!("github/acme/web/{number}"),
        format!("gh/acme/web#{number}"),
    ] {
        let facts = ci.facts(["--no-key-probe", &address]);
        assert_eq!(
            (facts.get("/job/number"), facts.text("/job/slug")),
            (&json!(number), "gh/acme/web"),
            "{address} {facts:#?}"
        );
        assert_eq!(facts.text("/workflow/id"), flow, "{address} {facts:#?}");
        assert_eq!(facts.get("/executions/0/enable_ssh/state"), "ready", "{address} {facts:#?}");
        assert_eq!(facts.get("/ssh_jobs"), &json!([]), "{address} {facts:#?}");
    }
}

#[test]
fn a_project_of_ids_is_found_by_them() {
    for kind in [Kind::Circleci, Kind::Bitbucket] {
        let (ci, _) = Ci::new(kind, |acme, server| super::facts::live(acme, Session::direct(server)));
        let (slug, number) = ci.fake.seen(|world| (world[ci.acme.2].slug.clone(), world[ci.job].number));
        let facts = ci.facts([format!("{slug}/{number}").as_str()]);
        assert_eq!(facts.text("/job/status"), "running", "{facts:#?}");
        assert!(facts.text("/job/display").starts_with(&format!("job {number} (test) of ")), "{facts:#?}");
        assert!(facts.text("/job/display").ends_with("web"), "{facts:#?}");
    }
}

#[test]
fn an_address_of_several_jobs_is_none_of_them() {
    let mut ci = usual();
    let flow = ci.fake.seen(|world| world[ci.acme.3].id.clone());
    ci.fake.change(|world| world.job(ci.acme.3, Job::new("lint").ended("success", MINUTE)));
    let facts = ci.facts([format!("{}/workflow/{flow}", ci.fake.url()).as_str()]);
    assert_eq!((facts.text("/names"), facts.get("/not_found")), ("workflow", &json!(false)), "{facts:#?}");
    assert_eq!(facts.get("/workflow/jobs"), &json!(["test (101)", "lint (102)"]), "{facts:#?}");
    assert!(facts.why("job").contains("names a workflow and no job of it"), "{facts:#?}");

    let pipeline = ci.fake.seen(|world| world[world[ci.acme.3].pipeline].id.clone());
    let facts = ci.facts([format!("{}/pipeline/{pipeline}", ci.fake.url()).as_str()]);
    assert!(facts.why("job").contains("names a pipeline and no job"), "{facts:#?}");
    assert!(facts.why("workflow").contains("no workflow of it"), "{facts:#?}");

    // Without a host the job is one of the configured installation, wherever that is.
    ci.scene.home.set_env("CIRCLE_TOKEN", "");
    let facts = ci.facts(["gh/acme/web/101"]);
    assert_eq!(facts.text("/token"), "none", "{facts:#?}");
    assert!(facts.why("job").contains("no token was found"), "{facts:#?}");
}

#[test]
fn an_address_that_only_looks_like_the_host_s_gets_no_request() {
    let ci = usual();
    let path = ci.fake.job_url(ci.job).split_off(ci.fake.url().len());
    let here = ci.fake.url().split_off("http://".len());
    let port = here.rsplit(':').next().unwrap_or_default().to_owned();
    let stranger = ci.fake.stranger().url().split_off("http://".len());
    for host in [
        format!("{here}.evil.example"),
        stranger.to_string(),
        format!("localhost:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.2:{port}"),
        format!("[::1]:{port}"),
        format!("127.1:{port}"),
        "app.circleci.com".to_owned(),
        "evil.example".to_owned(),
        "xn--circleci-x1a.com".to_owned(),
        "circleci.com%2eevil.example".to_owned(),
    ] {
        for scheme in ["http", "https"] {
            let facts = ci.facts([format!("{scheme}://{host}{path}").as_str()]);
            assert_eq!(facts.text("/other_host"), host, "{facts:#?}");
            assert!(facts.why("job").contains("the address is one of"), "{facts:#?}");
            assert!(facts.why("me").contains("the address is one of"), "{facts:#?}");
        }
    }
    assert_eq!(ci.fake.requests("*").count(), 0);
    assert!(ci.fake.stranger().requests().is_empty());
}

#[test]
fn an_address_that_looks_like_the_cloud_s_gets_no_request() {
    let mut ci = usual();
    ci.scene.home.set_env("CIRCLE_HOST", "");
    for host in [
        "app.circleci.com.evil.example",
        "app.circleci.com:8443",
        "circleci.com.",
        "app-circleci.com",
        "xn--crcleci-9xa.com",
        "\u{441}ircleci.com",
        "circleci.com\\.evil.example",
    ] {
        // A dot at the end is the same name; it is asked for at the cloud, where this test has no business.
        if host.ends_with('.') {
            continue;
        }
        let facts = ci.facts([format!("https://{host}/pipelines/github/acme/web/1/workflows/x/jobs/1").as_str()]);
        assert_eq!(facts.text("/other_host"), host, "{facts:#?}");
    }
}

#[test]
fn a_user_before_the_host_is_no_address_of_a_job() {
    let ci = usual();
    let url = ci.fake.job_url(ci.job);
    let path = &url[ci.fake.url().len()..];
    for before in ["https://circleci.com@", "https://app.circleci.com:443@", "https://ana:hunter2@", "http://@"] {
        let stranger = ci.fake.stranger().url().split_off("http://".len());
        let word = format!("{before}{stranger}{path}?circle-token=hunter2");
        for words in [vec!["doctor", &word], vec!["doctor", "--job", &word], vec!["facts", &word]] {
            let outcome = ci.run(words.iter().copied());
            outcome.expect_code(2).expect_text("is a web address, and not one of a CircleCI job");
            assert!(!outcome.stderr.contains("hunter2") && !outcome.stderr.contains("circleci.com@"), "{outcome:#?}");
        }
    }
    let outcome = ci.run(["doctor", "https://github.com/acme/web/actions/runs/1"]);
    outcome.expect_code(2).expect_text("is a web address, and not one of a CircleCI job");
    assert_eq!(ci.fake.requests("*").count() + ci.fake.stranger().requests().len(), 0);
}
