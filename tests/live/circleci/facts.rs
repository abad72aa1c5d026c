//! What CircleCI tells about a job, as facts.

use serde_json::{Value, json};

use super::{Acme, Ci, MINUTE};
use crate::support::circleci::{Fault, Form, Job, Kind, Restriction, Role, Session, SshStep};
use crate::support::job_server::JobServer;

/// A job with SSH that ana has started two minutes ago.
pub(super) fn live(acme: &Acme, session: Session) -> Job {
    Job::new("test").running(2 * MINUTE).session(session).ssh_user(acme.ana)
}

/// ana's machine and such a job.
pub(super) fn usual() -> Ci {
    Ci::new(Kind::Github, |acme, server| live(acme, Session::direct(server))).0
}

#[test]
fn a_live_job_is_logged_in_to() {
    for (kind, word) in [(Kind::Github, "github"), (Kind::Bitbucket, "bitbucket"), (Kind::Circleci, "circleci")] {
        let (ci, _) = Ci::new(kind, |acme, server| live(acme, Session::direct(server)));
        let report = ci.examine(&[]);
        report.expect_silence();
        let facts = &report.json["facts"]["circleci"];
        assert_eq!((&facts["token"], &facts["job"]["ssh"]), (&"accepted".into(), &true.into()), "{facts:#}");
        assert_eq!((&facts["me"]["login"], &facts["job"]["started_by"]["login"]), (&json!("ana"), &json!("ana")));
        assert_eq!(facts["executions"][0]["enable_ssh"]["state"], "ready", "{facts:#}");
        assert_eq!(facts["token_source"], "the variable CIRCLE_TOKEN", "{facts:#}");
        assert_eq!(
            (&facts["project"]["kind"], &facts["project"]["name"]),
            (&json!(word), &json!("acme/web")),
            "{facts:#}"
        );
        assert_eq!(facts["ssh_jobs"], json!([]), "the job itself is not another one: {facts:#}");
    }
}

/// What the facts say about the step of a job with this session.
fn step(session: impl Fn(&JobServer) -> Session) -> (super::Facts, Value) {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| live(acme, session(server)));
    let facts = ci.facts_of_the_job();
    let step = facts.get("/executions/0/enable_ssh").clone();
    (facts, step)
}

#[test]
fn every_form_of_the_step_is_read() {
    for form in [Form::Proxy, Form::Direct, Form::DirectMinimal, Form::Windows] {
        let (facts, step) = step(|server| Session::of(form.clone(), server));
        assert_eq!(step["state"], "ready", "{form:?} {step:#}");
        assert_eq!(facts.target("/host"), "127.0.0.1", "{form:?} {facts:#?}");
        let commands = step["commands"].as_array().map(Vec::len);
        assert_eq!(commands, Some(if form == Form::Windows { 3 } else { 1 }), "{form:?} {step:#}");
        let user = facts.target("/user").as_str().unwrap_or_default();
        assert_eq!(user.ends_with("-0"), form == Form::Proxy, "{form:?} {user}");
    }
}

#[test]
fn a_step_as_a_terminal_shows_it_is_read() {
    for pieces in [0, 1, 7] {
        let (facts, step) = step(|server| Session::direct(server).at_a_terminal().in_pieces(pieces));
        assert_eq!((&step["state"], &step["stays_up"]), (&json!("ready"), &json!("2h0m0s")), "{pieces} {step:#}");
        assert!(
            !step.to_string().contains("u001b") && step["fingerprints"].as_array().is_some_and(|all| !all.is_empty())
        );
        assert_eq!(facts.target("/enable_ssh/fingerprint_matches"), true, "{facts:#?}");
    }
}

#[test]
fn a_step_without_a_command_leads_nowhere() {
    for (session, ready, state) in
        [(Session::no_key(), SshStep::Ready, "no-key"), (Session::no_key(), SshStep::NotReady, "not-ready")]
    {
        let (ci, _) = Ci::new(Kind::Github, |acme, _| live(acme, session.clone()).ssh_step(ready));
        let facts = ci.facts_of_the_job();
        assert_eq!(facts.get("/executions/0/enable_ssh/state"), state, "{facts:#?}");
        assert_eq!((facts.get("/job/ssh"), facts.target("/host")), (&json!(true), &json!("")), "{facts:#?}");
    }
    let (facts, printed) = step(|_| Session::text_of("SSH is enabled."));
    assert_eq!(printed["state"], "not-ready", "{facts:#?}");
    let (facts, _) = step(|_| Session::text_of("Your session is at job-1@203.0.113.7 from now on."));
    assert!(facts.why("executions[0].enable_ssh").contains("words that are not known"), "{facts:#?}");
}

#[test]
fn each_parallel_run_has_its_own_command() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        live(acme, Session::proxy(server)).session(Session::proxy(server)).session(Session::proxy(server)).parallel(3)
    });
    let url = ci.fake.job_url(ci.job);
    let port = ci.scene.port().to_string();
    let user = |index: u32| format!("{}-{index}", ci.fake.seen(|world| world[ci.job].id.clone()));
    for (address, meant) in
        [(url.clone(), 0), (format!("{url}/parallel-runs/2"), 2), (format!("{url}/parallel-runs/1?x=y"), 1)]
    {
        let facts = ci.facts([address.as_str()]);
        assert_eq!(facts.get("/execution"), meant, "{facts:#?}");
        assert_eq!(facts.target("/user"), &json!(user(meant)), "{facts:#?}");
        assert_eq!(facts.get("/executions").as_array().map(Vec::len), Some(3));
    }
    // Beside a command it is that command's execution that is meant, unless the address names one.
    for (address, meant) in [(url.clone(), 1), (format!("{url}/parallel-runs/2"), 2)] {
        let facts = ci.facts(["--job", &address, "-p", &port, &format!("{}@127.0.0.1", user(1))]);
        assert_eq!(facts.get("/execution"), meant, "{facts:#?}");
        assert_eq!(facts.target("/enable_ssh/state"), "ready", "{facts:#?}");
    }
}

#[test]
fn the_step_of_another_job_is_not_that_of_the_target() {
    let ci = usual();
    let url = ci.fake.job_url(ci.job);
    let port = ci.scene.port();
    let facts = ci.facts(["--job", &url, "-p", &port.to_string(), "127.0.0.1"]);
    let printed = facts.target("/enable_ssh");
    assert_eq!((&printed["stays_up"], &printed["fingerprint_matches"]), (&json!("2h0m0s"), &json!(true)), "{facts:#?}");
    for words in [["-p", "1", "127.0.0.1"], ["-p", port.to_string().as_str(), "localhost"]] {
        let facts = ci.facts(["--job", &url].into_iter().chain(words));
        assert_eq!(facts.target("/enable_ssh"), &Value::Null, "{words:?} {facts:#?}");
    }
    let (ci, _) = Ci::new(Kind::Github, |acme, server| live(acme, Session::proxy(server)));
    let (url, port) = (ci.fake.job_url(ci.job), ci.scene.port().to_string());
    let facts = ci.facts(["--job", &url, "-p", &port, &format!("{}@127.0.0.1", crate::scene::SESSION)]);
    assert_eq!(facts.target("/enable_ssh"), &Value::Null, "{facts:#?}");
}

#[test]
fn a_server_that_is_not_the_printed_one_is_asked_for_no_key() {
    let mut scene = crate::scene::Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key(".ssh/work");
    scene.job([&right]);
    let other = format!("SHA256:{}", "A".repeat(43));
    let ci = Ci::with(scene, Kind::Github, |acme, server| live(acme, Session::direct(server).with_sha256(&other)));
    let (url, port) = (ci.fake.job_url(ci.job), ci.scene.port().to_string());
    for words in [vec![url.as_str()], vec!["--job", &url, "-p", &port, "127.0.0.1"]] {
        let facts = ci.facts(words.iter().copied());
        assert_eq!(facts.target("/enable_ssh/fingerprint_matches"), false, "{facts:#?}");
        let unknown = facts.0["unknown"].as_array().expect("a list");
        let query = unknown.iter().find(|one| one["fact"] == "query");
        let query = query.unwrap_or_else(|| panic!("the query is unknown: {facts:#?}"));
        assert!(query["why"].as_str().is_some_and(|why| why.contains("not the one that the Enable SSH step printed")));
    }
}

#[test]
fn the_step_s_text_may_lie_at_the_storage_alone() {
    let ci = usual();
    ci.fake.always("GET /api/v1.1/project/*/output/*", Fault::Status(404));
    // The fake complains about a token there.
    assert_eq!(ci.facts_of_the_job().get("/executions/0/enable_ssh/state"), "ready");
}

#[test]
fn without_the_first_version_s_document_the_rest_is_known() {
    let ci = usual();
    ci.fake.always("GET /api/v1.1/project/*", Fault::Status(404));
    let facts = ci.facts_of_the_job();
    assert_eq!((facts.text("/job/status"), facts.get("/not_found")), ("running", &json!(false)), "{facts:#?}");
    assert!(facts.why("executions").contains("(404)") && facts.why("job.ssh").contains("(404)"), "{facts:#?}");
}

#[test]
fn a_project_s_token_tells_what_the_first_version_does() {
    let ci = usual();
    ci.fake.always("GET /api/v2/*", Fault::Revoked);
    let facts = ci.facts_of_the_job();
    assert_eq!((facts.text("/token"), facts.text("/job/status")), ("rejected", "running"), "{facts:#?}");
    assert_eq!(facts.get("/executions/0/enable_ssh/state"), "ready", "{facts:#?}");
    assert!(
        facts.why("workflow").contains("(401)") && facts.why("project.disable_ssh").contains("(401)"),
        "{facts:#?}"
    );
}

#[test]
fn a_job_that_waits_has_no_number() {
    let (ci, _) = Ci::new(Kind::Github, |acme, _| Job::new("test").queued().ssh_user(acme.ana));
    let flow = ci.fake.seen(|world| world[ci.acme.3].id.clone());
    for (url, named) in [(ci.fake.job_url(ci.job), "queued"), (format!("{}/workflow/{flow}", ci.fake.url()), "queued")]
    {
        let facts = ci.facts([url.as_str()]);
        assert_eq!(facts.text("/job/status"), named, "{facts:#?}");
        assert_eq!((facts.get("/executions"), facts.get("/job/started_at")), (&json!([]), &Value::Null), "{facts:#?}");
    }
    ci.fake.always(
        "GET /api/v2/workflow/*/job",
        Fault::Edited(|document| {
            document["items"][0].as_object_mut().map(|job| job.remove("job_number"));
        }),
    );
    let facts = ci.facts([format!("{}/workflow/{flow}", ci.fake.url()).as_str()]);
    assert_eq!((facts.text("/job/status"), facts.get("/job/number")), ("queued", &Value::Null), "{facts:#?}");
    assert!(facts.why("job.ssh").contains("has not begun"), "{facts:#?}");
    assert_eq!(facts.text("/job/started_by/login"), "ana", "{facts:#?}");
}

#[test]
fn an_unauthorized_job_tells_what_restricts_its_contexts() {
    let (ci, _) = Ci::new(Kind::Github, |acme, _| {
        let owner = acme.world[acme.web].organisation;
        let secrets = acme.world.context(owner, "secrets", &[Restriction::Expression("not job.ssh.enabled".into())]);
        let group = Restriction::Group("3c1b".into(), "deployers".into(), vec![acme.ben]);
        let deploy = acme.world.context(owner, "deploy", &[group]);
        for number in 0..50 {
            acme.world.context(owner, &format!("other-{number}"), &[]);
        }
        let open = acme.world.context(owner, "open", &[]);
        Job::new("deploy").status("unauthorized").context(secrets).context(deploy).context(open)
    });
    let facts = ci.facts_of_the_job();
    let restriction =
        |context: usize, field: &str| facts.get(&format!("/contexts/{context}/restrictions/0/{field}")).clone();
    assert_eq!((facts.text("/job/status"), facts.text("/contexts/0/name")), ("unauthorized", "secrets"), "{facts:#?}");
    assert_eq!((restriction(0, "kind"), restriction(0, "value")), (json!("expression"), json!("not job.ssh.enabled")));
    assert_eq!((restriction(1, "kind"), restriction(1, "name")), (json!("group"), json!("deployers")));
    assert_eq!(facts.get("/contexts/2/restrictions"), &json!([]), "{facts:#?}");
    assert_eq!(ci.fake.requests("GET /api/v2/project/gh/acme/web").count(), 1, "asked once");

    ci.fake.always("GET /api/v2/context*", Fault::Status(403));
    let facts = ci.facts_of_the_job();
    assert!(facts.why("contexts[0].restrictions").contains("(403"), "{facts:#?}");
}

#[test]
fn a_job_that_is_over_says_since_when() {
    for status in ["canceled", "failed", "success", "timedout"] {
        let (ci, _) = Ci::new(Kind::Github, |acme, server| {
            Job::new("test").session(Session::direct(server)).ended(status, 12 * MINUTE).ssh_user(acme.ana)
        });
        let facts = ci.facts_of_the_job();
        assert_eq!((facts.text("/job/status"), facts.get("/job/ssh")), (status, &json!(true)), "{facts:#?}");
        assert!(!facts.text("/job/stopped_at").is_empty() && !facts.text("/asked_at").is_empty(), "{facts:#?}");
    }
    let (ci, _) = Ci::new(Kind::Github, |_, _| Job::new("test"));
    let facts = ci.facts_of_the_job();
    assert_eq!((facts.get("/job/ssh"), facts.get("/executions")), (&json!(false), &json!([])), "{facts:#?}");
}

#[test]
fn what_it_runs_on_is_told() {
    for (executor, class) in
        [("machine", "acme/runner"), ("windows", "windows.medium"), ("macos", "macos.m1.medium.gen1")]
    {
        let (ci, _) =
            Ci::new(Kind::Github, |acme, server| live(acme, Session::direct(server)).executor(executor, class));
        let facts = ci.facts_of_the_job();
        assert_eq!((facts.text("/job/executor"), facts.text("/job/resource_class")), (executor, class), "{facts:#?}");
    }
}

#[test]
fn another_person_s_rerun_is_that_person_s() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        acme.world[acme.flow].started_by = acme.ben;
        acme.world[acme.flow].tag = Some("setup".to_owned());
        Job::new("test").running(MINUTE).session(Session::direct(server)).ssh_user(acme.ben)
    });
    let facts = ci.facts_of_the_job();
    assert_eq!((facts.text("/me/login"), facts.text("/job/started_by/login")), ("ana", "ben"), "{facts:#?}");
    assert_eq!(
        (facts.text("/job/ssh_users/0/login"), facts.get("/workflow/setup")),
        ("ben", &json!(true)),
        "{facts:#?}"
    );
    ci.fake.always("GET /api/v2/user/*", Fault::Status(404));
    let facts = ci.facts_of_the_job();
    let id = ci.fake.seen(|world| world[ci.acme.1].id.clone());
    assert_eq!((facts.text("/job/started_by/id"), facts.get("/job/started_by/login")), (id.as_str(), &Value::Null));
}

#[test]
fn the_project_s_switch_is_told_to_those_who_may_see_it() {
    let ci = usual();
    assert_eq!(ci.facts_of_the_job().get("/project/disable_ssh"), false);
    ci.fake.change(|world| world[ci.acme.2].disable_ssh = true);
    assert_eq!(ci.facts_of_the_job().get("/project/disable_ssh"), true);
    ci.fake.change(|world| world[ci.acme.2].members[0].1 = Role::Viewer);
    let facts = ci.facts_of_the_job();
    assert!(facts.why("project.disable_ssh").contains("(403"), "{facts:#?}");
    assert_eq!(facts.text("/job/status"), "running", "{facts:#?}");
}

#[test]
fn nulls_and_words_that_nobody_knows_cost_only_themselves() {
    for fault in [Fault::Nulls, Fault::Novelties] {
        let ci = usual();
        ci.fake.always("*", fault.clone());
        let facts = ci.facts_of_the_job();
        assert_eq!((facts.text("/token"), facts.text("/job/name")), ("accepted", "test"), "{fault:?} {facts:#?}");
        assert_eq!(facts.get("/executions/0/enable_ssh/state"), "ready", "{fault:?} {facts:#?}");
        ci.fake.violations();
    }
}
