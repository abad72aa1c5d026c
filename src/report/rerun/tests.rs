use anstream::adapter::strip_str;

use super::*;
use crate::report::schema;

fn execution(index: u32) -> Execution {
    let argv: Vec<String> = ["ssh", "-p", "64535", "203.0.113.7"].map(str::to_owned).into();
    Execution {
        execution: index,
        command: argv.join(" "),
        argv: argv.clone(),
        host: "203.0.113.7".into(),
        port: Some(64535),
        user: None,
        fingerprints: vec![Fingerprint { sha256: format!("SHA256:{}", "A".repeat(43)), family: Some("rsa".into()) }],
        stays_up: Some("2h0m0s".into()),
        waits: Some("10m0s".into()),
        commands: vec![argv],
    }
}

fn rerun(executions: u32) -> Rerun {
    Rerun {
        version: VERSION,
        tool: v1::Tool::this(),
        state: State::Ready,
        started: true,
        job: Job {
            slug: "gh/acme/web".into(),
            number: Some(346),
            name: "test".into(),
            url: Some("https://app.circleci.com/jobs/gh/acme/web/346".into()),
            parallelism: Some(executions + 1),
            display: "job 346 (test) of acme/web".into(),
        },
        workflow: "w".into(),
        executions: (0..executions).map(execution).collect(),
        report: None,
    }
}

#[test]
fn the_schema_in_docs_is_up_to_date_and_holds() {
    let schema = schemars::schema_for!(Rerun);
    schema::expect_stored("rerun", &schema);
    schema::expect_valid(&schema, &rerun(2));
}

#[test]
fn the_notes_say_what_matters_and_no_more() {
    let text = strip_str(&notes(&rerun(1), "gh/acme/web/346", Look::default())).to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let wanted = [
        "  host key  SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA (rsa)",
        "  time      it stays up for 2 hours, or until 10 minutes pass without a session",
        "  page      https://app.circleci.com/jobs/gh/acme/web/346",
        "  end it    cci-ssh jobs --cancel gh/acme/web/346",
    ];
    // One execution of two was asked for, so none is missing.
    assert_eq!(lines, wanted);
    let text = notes(&rerun(2), "gh/acme/web/346", Look::default());
    assert!(text.contains("1 parallel run has printed no command so far") && text.contains("parallel run 1"), "{text}");
    let mut bare = rerun(1);
    bare.executions[0] = Execution { fingerprints: Vec::new(), stays_up: None, waits: None, ..execution(0) };
    assert!(!notes(&bare, "a", Look::default()).contains("time"));
}

#[test]
fn hostile_names_reach_no_terminal() {
    let mut hostile = rerun(1);
    hostile.job.display = "job\u{1b}[2J\n(test)".into();
    hostile.job.url = Some("https://x/\u{1b}]0;t\u{7}".into());
    for text in [title(&hostile, Look::default()), notes(&hostile, "a/\u{9b}1", Look::default())] {
        let text = strip_str(&text).to_string();
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{text:?}");
    }
}
