//! `cci-ssh rerun`: from a job's address to the command.

use serde_json::Value;

use super::{Acme, Ci, MINUTE};
use crate::scene::INSIDE;
use crate::support::circleci::{
    Change, FakeCircleci, Fault, Form, Job, Kind, Progress, Restriction, Session, When, WhenSshDisabled,
};
use crate::support::job_server::JobServer;
use crate::support::process::Outcome;

/// A job that has failed, and what comes of it when it is rerun.
fn failed(session: Session) -> Job {
    Job::new("test").when_rerun(session, Progress::to_ready(When::Looks(1)))
}

/// A machine on which that job is asked about.
fn ci(job: impl FnOnce(&mut Acme, &JobServer) -> Job) -> Ci {
    Ci::new(Kind::Github, job).0
}

impl Ci {
    /// `cci-ssh rerun JOB`, whose job and token are the usual ones.
    fn rerun(&self, more: &[&str]) -> Outcome {
        let url = self.fake.job_url(self.job);
        self.act(["rerun", &url].into_iter().chain(more.iter().copied()))
    }

    /// Any command. The token shows nowhere.
    pub(super) fn act<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Outcome {
        let outcome = self.scene.home.cci_ssh(words);
        let token = self.fake.token(self.acme.0);
        assert!(!format!("{outcome:?}").contains(&token), "the token shows\n{outcome:#?}");
        assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
        outcome
    }

    /// How many reruns were asked for.
    fn reruns(&self) -> usize {
        reruns(&self.fake)
    }
}

fn reruns(fake: &FakeCircleci) -> usize {
    fake.requests("POST */rerun").count()
}

/// The schema in docs/ holds for what was printed.
pub(super) fn expect_schema(name: &str, document: &Value) {
    let path = format!("{}/docs/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults: Vec<String> = validator.iter_errors(document).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}\n{document:#}");
}

#[test]
fn the_command_stands_alone_on_standard_output() {
    for kind in [Kind::Github, Kind::Circleci] {
        let (ci, _) = Ci::new(kind, |_, server| failed(Session::direct(server)));
        let outcome = ci.rerun(&[]);
        outcome.expect_code(0);
        let port = ci.scene.server().port();
        assert_eq!(outcome.stdout, format!("ssh -p {port} 127.0.0.1\n"), "{outcome:#?}");
        for words in [
            "is started again with SSH",
            &ci.scene.server().host_key_fingerprint(),
            "it stays up for 2 hours, or until 10 minutes pass without a session",
            "cci-ssh jobs --cancel ",
        ] {
            assert!(outcome.stderr.contains(words), "{words}: {outcome:#?}");
        }
        assert_eq!(ci.reruns(), 1);
    }
}

#[test]
fn programs_get_one_object() {
    let ci = ci(|_, server| failed(Session::direct(server)));
    let outcome = ci.rerun(&["--format", "json"]);
    outcome.expect_code(0);
    let json = outcome.json();
    expect_schema("rerun", &json);
    let port = ci.scene.server().port();
    assert_eq!((&json["version"], &json["state"], &json["started"]), (&1.into(), &"ready".into(), &true.into()));
    let execution = &json["executions"][0];
    assert_eq!(execution["command"], format!("ssh -p {port} 127.0.0.1"));
    assert_eq!(execution["argv"], serde_json::json!(["ssh", "-p", port.to_string(), "127.0.0.1"]));
    assert_eq!((&execution["stays_up"], &execution["waits"]), (&"2h0m0s".into(), &"10m0s".into()));
    assert_eq!(execution["fingerprints"][0]["sha256"], ci.scene.server().host_key_fingerprint());
    let number = ci.fake.seen(|world| world.jobs.last().map(|job| job.number));
    assert_eq!(
        (&json["job"]["slug"], json["job"]["number"].as_u64()),
        (&"gh/acme/web".into(), number.map(|n| n as u64))
    );
}

#[test]
fn every_form_of_the_step_is_understood() {
    let ci = ci(|_, server| failed(Session::windows(server)));
    let outcome = ci.rerun(&["--format", "json"]);
    let json = outcome.json();
    let port = ci.scene.server().port();
    assert_eq!(
        outcome.expect_code(0).json()["executions"][0]["commands"].as_array().map(Vec::len),
        Some(3),
        "{json:#}"
    );
    assert_eq!(json["executions"][0]["command"], format!("ssh -t -p {port} 127.0.0.1 -- bash.exe"));

    let ci =
        self::ci(|_, _| failed(Session::elsewhere(Form::Proxy, "ssh.circleci.com", 22).in_pieces(7).at_a_terminal()));
    let outcome = ci.rerun(&[]);
    let id = ci.fake.seen(|world| world.jobs.last().map(|job| job.id.clone())).unwrap_or_default();
    assert_eq!(outcome.stdout, format!("ssh {id}-0@ssh.circleci.com\n"), "{outcome:#?}");
}

#[test]
fn parallel_runs_have_a_command_each() {
    let job = |server: &JobServer| {
        failed(Session::elsewhere(Form::Proxy, "ssh.circleci.com", 22))
            .parallel(3)
            .executor("docker", &server.port().to_string())
    };
    let ci = ci(|_, server| job(server));
    let outcome = ci.rerun(&[]);
    assert_eq!(outcome.expect_code(0).stdout.lines().count(), 3, "{outcome:#?}");
    assert!(outcome.stderr.contains("parallel run 2:"), "{outcome:#?}");

    let ci = self::ci(|_, server| job(server));
    let outcome = ci.rerun(&["--execution", "3"]);
    assert!(outcome.expect_code(2).stderr.contains("3 parallel runs, from 0 to 2"), "{outcome:#?}");
    assert_eq!(ci.reruns(), 0);
    let outcome = ci.rerun(&["--execution", "1"]);
    let lines: Vec<&str> = outcome.expect_code(0).stdout.lines().collect();
    assert!(matches!(lines[..], [line] if line.contains("-1@ssh.circleci.com")), "{outcome:#?}");
}

#[test]
fn what_depends_on_the_job_is_not_taken_for_it() {
    let ci = ci(|acme, server| {
        let job = acme.world.job(acme.flow, failed(Session::direct(server)));
        let id = acme.world[job].id.clone();
        Job::new("deploy").needs(&id).status("success")
    });
    let url = ci.fake.seen(|world| format!("gh/acme/web/{}", world.jobs[0].number));
    let outcome = ci.act(["rerun", &url, "--format", "json"]);
    assert_eq!(outcome.expect_code(0).json()["job"]["name"], "test", "{outcome:#?}");
}

#[test]
fn a_job_that_has_ssh_already_is_not_started_again() {
    let live = |acme: &Acme, server: &JobServer| {
        Job::new("test").running(2 * MINUTE).session(Session::direct(server)).ssh_user(acme.ana)
    };
    let ci = ci(|acme, server| live(acme, server));
    let outcome = ci.rerun(&[]);
    assert!(outcome.expect_code(0).stdout.starts_with("ssh -p "), "{outcome:#?}");
    assert!(outcome.stderr.contains("runs with SSH already, so it was not started again"), "{outcome:#?}");
    assert_eq!(ci.reruns(), 0);
    assert_eq!(ci.rerun(&["--format", "json"]).json()["started"], false);

    let outcome = ci.rerun(&["--again", "--wait", "2"]);
    assert!(outcome.expect_code(2).stderr.contains("still runs"), "{outcome:#?}");
    assert_eq!(ci.reruns(), 0);
}

#[test]
fn a_workflow_that_runs_is_waited_for() {
    let running = |then: Progress| Job::new("test").running(2 * MINUTE).progress(then);
    let ci = ci(|_, server| {
        let ends = Progress::none().then(When::Looks(3), Change::Ends("failed".to_owned()));
        Job { rerun: failed(Session::direct(server)).rerun, ..running(ends) }
    });
    ci.rerun(&[]).expect_code(0);
    assert_eq!(ci.reruns(), 1);

    let ci = self::ci(|_, _| running(Progress::none()));
    let outcome = ci.rerun(&["--wait", "2"]);
    assert!(
        outcome.expect_code(2).stderr.contains("CircleCI reruns a job only when its workflow has ended"),
        "{outcome:#?}"
    );
    assert_eq!((ci.reruns(), outcome.stdout.as_str()), (0, ""));
}

#[test]
fn a_job_without_a_command_is_examined() {
    let ci = ci(|_, _| failed(Session::no_key()));
    let outcome = ci.rerun(&[]);
    assert!(outcome.expect_code(1).stderr.contains("CircleCI has no key of yours"), "{outcome:#?}");
    assert!(outcome.stdout.contains("job-ssh-keys"), "{outcome:#?}");

    let ci = self::ci(|_, _| failed(Session::no_key()));
    let json = ci.rerun(&["--format", "json"]).expect_code(1).json();
    expect_schema("rerun", &json);
    assert_eq!((&json["state"], &json["executions"]), (&"no-login".into(), &serde_json::json!([])));
    assert_eq!(json["report"]["findings"][0]["check"], "cci-no-ssh-key-on-account", "{json:#}");

    let ci = self::ci(|acme, server| {
        let owner = acme.world[acme.web].organisation;
        let context = acme.world.context(owner, "deploy", &[Restriction::Expression("not job.ssh.enabled".to_owned())]);
        failed(Session::direct(server)).context(context)
    });
    let json = ci.rerun(&["--format", "json"]).expect_code(1).json();
    assert_eq!(json["report"]["findings"][0]["check"], "cci-context-restricted", "{json:#}");

    let ci = self::ci(|_, server| {
        let ends = Progress::none()
            .then(When::Looks(1), Change::Runs)
            .then(When::Looks(1), Change::Ends("infrastructure_fail".into()));
        Job::new("test").when_rerun(Session::direct(server), ends)
    });
    let outcome = ci.rerun(&[]);
    assert!(outcome.stderr.contains("lets nobody in: it has ended (infrastructure_fail)"), "{outcome:#?}");
    assert!(matches!(outcome.code(), Some(1 | 2)), "{outcome:#?}");
}

#[test]
fn ssh_that_is_switched_off_is_told_before_anything_is_started() {
    let ci = ci(|acme, server| {
        acme.world[acme.web].disable_ssh = true;
        failed(Session::direct(server))
    });
    let outcome = ci.rerun(&[]);
    assert!(outcome.expect_code(2).stderr.contains("reruns with SSH are switched off for acme/web"), "{outcome:#?}");
    assert_eq!(ci.reruns(), 0);

    // Who may not see the settings finds out by the job.
    ci.fake.always("GET */settings", Fault::Status(403));
    ci.fake.change(|world| {
        world.jobs[0].rerun.iter_mut().for_each(|rerun| {
            rerun.progress =
                Progress::none().then(When::Looks(1), Change::Runs).then(When::Looks(1), Change::Ends("failed".into()));
        });
    });
    let outcome = ci.rerun(&[]);
    assert!(outcome.stderr.contains("lets nobody in: it has ended (failed)"), "{outcome:#?}");

    ci.fake.change(|world| {
        let refusal = WhenSshDisabled::Refuses(400, "SSH is disabled for this project.".to_owned());
        world.projects.iter_mut().for_each(|project| project.when_ssh_disabled = refusal.clone());
    });
    let outcome = ci.rerun(&[]);
    assert!(outcome.expect_code(2).stderr.contains("(400: SSH is disabled for this project.)"), "{outcome:#?}");
}

#[test]
fn a_long_queue_is_told_with_what_holds_the_places() {
    let ci = ci(|acme, server| {
        let held = Job::new("e2e").running(40 * MINUTE).session(Session::direct(server)).ssh_user(acme.ana);
        let other = acme.world.workflow(acme.web, acme.ana, "build");
        acme.world.job(other, held);
        Job::new("test").when_rerun(Session::direct(server), Progress::none())
    });
    let outcome = ci.rerun(&["--wait", "3"]);
    outcome.expect_code(2);
    for words in
        ["still waits for a place after 3 seconds", "1 other job with SSH of yours holds a place", "cci-ssh rerun "]
    {
        assert!(outcome.stderr.contains(words), "{words}: {outcome:#?}");
    }
    assert_eq!(ci.reruns(), 1);
}

#[test]
fn a_workflow_of_several_jobs_offers_each() {
    let ci = ci(|acme, _| {
        acme.world.job(acme.flow, Job::new("lint"));
        Job::new("test")
    });
    let url = ci.fake.job_url(ci.job);
    let (workflow, _) = url.split_once("/jobs/").expect("a job's page");
    let outcome = ci.act(["rerun", workflow]);
    outcome.expect_code(2);
    for words in ["names a workflow", "cci-ssh rerun gh/acme/web/101", "cci-ssh rerun gh/acme/web/102", "lint"] {
        assert!(outcome.stderr.contains(words), "{words}: {outcome:#?}");
    }
}

#[test]
fn faults_of_circleci_are_waited_out_and_nothing_is_started_twice() {
    let ci = ci(|_, server| failed(Session::direct(server)));
    ci.fake.times(2, "GET /api/v2/workflow/*/job", Fault::Status(503));
    ci.fake.times(1, "GET /api/v1.1/project/*", Fault::RateLimited(1));
    ci.rerun(&[]).expect_code(0);
    assert_eq!(ci.reruns(), 1);

    for fault in [Fault::Truncated, Fault::Status(503), Fault::Closed] {
        let ci = self::ci(|_, server| failed(Session::direct(server)));
        ci.fake.once("POST */rerun", fault.clone());
        let outcome = ci.rerun(&[]);
        assert!(outcome.expect_code(2).stderr.contains("is not known"), "{fault:?}: {outcome:#?}");
        assert_eq!(ci.reruns(), 1, "{fault:?}");
    }
}

#[test]
fn every_other_end_is_one_sentence() {
    let ci = ci(|_, server| failed(Session::direct(server)));
    let refused = |words: &[&str], sentence: &str| {
        let outcome = ci.act(words.iter().copied());
        outcome.expect_code(2);
        assert!(outcome.stderr.contains(sentence) && outcome.stdout.is_empty(), "{sentence}: {outcome:#?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:#?}");
    };
    refused(&["rerun", "gh/acme/web/999"], "no such job as gh/acme/web/999");
    refused(&["rerun", "gh/other/web/1"], "no such job as gh/other/web/1");
    refused(&["rerun", "https://evil.example/pipelines/gh/acme/web/1/workflows/x/jobs/3"], "the API token is for");
    refused(&["rerun", "203.0.113.7"], "is no job");
    ci.fake.once("POST */rerun", Fault::Status(403));
    refused(&["rerun", &ci.fake.job_url(ci.job)], "the right to write to the project");
    ci.fake.always("GET /api/v2/me", Fault::Html(200));
    refused(&["rerun", &ci.fake.job_url(ci.job)], "sign-in page");
    ci.fake.always("*", Fault::Revoked);
    refused(&["rerun", &ci.fake.job_url(ci.job)], "does not accept the API token from the variable CIRCLE_TOKEN (401)");
    assert_eq!(ci.reruns(), 1);

    let mut ci = ci;
    ci.scene.home.set_env("CIRCLE_TOKEN", "");
    let outcome = ci.scene.home.cci_ssh(["rerun", "gh/acme/web/101"]);
    assert!(outcome.expect_code(2).stderr.contains("without an API token"), "{outcome:#?}");
}

#[test]
fn a_setup_workflow_cannot_be_rerun_when_circleci_says_so() {
    let ci = ci(|acme, server| {
        acme.world[acme.web].when_ssh_disabled =
            WhenSshDisabled::Refuses(400, "Pipeline is not in setup state.".into());
        acme.world[acme.web].disable_ssh = true;
        failed(Session::direct(server))
    });
    ci.fake.always("GET */settings", Fault::Status(403));
    let outcome = ci.rerun(&[]);
    assert!(
        outcome.expect_code(2).stderr.contains("rerun the job of the workflow that it continued with"),
        "{outcome:#?}"
    );
}

#[test]
fn in_one_command_from_the_address_to_a_shell() {
    let ci = ci(|_, server| failed(Session::direct(server)));
    let url = ci.fake.job_url(ci.job);
    let command = format!("{} rerun {url} --connect\n", env!("CARGO_BIN_EXE_cci-ssh"));
    let pasted = ci.scene.home.paste(&command, &[(INSIDE, "exit 7\n")]);
    pasted.expect_code(7);
    pasted.expect_text("cci-ssh jobs --cancel gh/acme/web/102");
    assert_eq!(ci.reruns(), 1);

    // Nobody is let in: standard output stays the session's.
    let ci = self::ci(|_, _| failed(Session::no_key()));
    let outcome = ci.rerun(&["--connect"]);
    assert_eq!(outcome.expect_code(1).stdout, "", "{outcome:#?}");
    assert!(outcome.stderr.contains("job-ssh-keys"), "{outcome:#?}");
}

#[test]
fn the_parallel_run_of_the_address_is_the_one_to_connect_to() {
    let ci = ci(|_, server| failed(Session::direct(server)).parallel(2));
    let url = format!("{}/parallel-runs/1", ci.fake.job_url(ci.job));
    let pasted = ci
        .scene
        .home
        .paste(&format!("{} rerun {url} --connect\n", env!("CARGO_BIN_EXE_cci-ssh")), &[(INSIDE, "exit 3\n")]);
    pasted.expect_code(3);
    // The doctor reads both steps; what is waited for is the one alone.
    let read = |run: &str| ci.fake.requests(&format!("GET /api/v1.1/project/*/output/101/{run}")).count();
    assert!(read("1") > read("0"), "{} and {}", read("1"), read("0"));
}
