use anstream::adapter::strip_str;

use super::*;
use crate::report::schema;

fn job(number: u64, name: &str) -> Job {
    Job {
        slug: "gh/acme/web".into(),
        project: "acme/web".into(),
        number,
        name: name.into(),
        status: "running".into(),
        url: Some(format!("https://app.circleci.com/jobs/gh/acme/web/{number}")),
        branch: Some("main".into()),
        mine: true,
        owner: Some("ana".into()),
        queued_at: Some("2026-11-22T09:59:00Z".into()),
        started_at: Some("2026-11-22T10:00:00Z".into()),
        age_seconds: Some(47 * 60),
        executor: Some("docker".into()),
        resource_class: Some("large".into()),
        slots: 2,
    }
}

fn jobs(jobs: Vec<Job>) -> Jobs {
    let slots = jobs.iter().map(|job| job.slots).sum();
    Jobs { version: VERSION, tool: v1::Tool::this(), jobs, slots, incomplete: Vec::new() }
}

fn shown(jobs: &Jobs, everybody: bool) -> String {
    strip_str(&list(jobs, everybody, Look::default())).to_string()
}

#[test]
fn the_schemas_in_docs_are_up_to_date_and_hold() {
    let (list, cancel) = (schemars::schema_for!(Jobs), schemars::schema_for!(Cancellation));
    schema::expect_stored("jobs", &list);
    schema::expect_stored("jobs-cancel", &cancel);
    schema::expect_valid(&list, &jobs(vec![job(345, "test")]));
    let cancelled = Cancelled {
        slug: "gh/acme/web".into(),
        number: 345,
        display: "job 345".into(),
        result: Outcome::HadEnded,
        why: Some("success".into()),
    };
    let cancellation = Cancellation { version: VERSION, tool: v1::Tool::this(), cancelled: vec![cancelled] };
    schema::expect_valid(&cancel, &cancellation);
}

#[test]
fn a_list_for_people() {
    let waiting = Job {
        status: "queued".into(),
        started_at: None,
        branch: None,
        mine: false,
        owner: Some("ben".into()),
        slots: 1,
        age_seconds: Some(120),
        ..job(346, "e2e")
    };
    let text = shown(&jobs(vec![job(345, "test"), waiting]), true);
    let wanted = "  * 345  test of acme/web, branch main
    runs for 47 minutes (since 10:00 UTC), 2 places, docker, large, yours
    https://app.circleci.com/jobs/gh/acme/web/345
  - 346  e2e of acme/web
    waits for 2 minutes (since 09:59 UTC), 1 place, docker, large, ben's
    https://app.circleci.com/jobs/gh/acme/web/346

2 jobs with SSH hold 3 places of the organisation's concurrency.
To end one: cci-ssh jobs --cancel gh/acme/web/345
";
    assert_eq!(text, wanted);
}

#[test]
fn none_is_a_line_of_calm_unless_something_is_not_known() {
    assert_eq!(shown(&jobs(Vec::new()), false), "✓ No job with SSH of yours runs or waits\n");
    let mut unsure = jobs(Vec::new());
    unsure.incomplete.push("CircleCI did not tell everything.".into());
    let text = shown(&unsure, true);
    assert!(text.starts_with("– No job with SSH is known to run or wait\n\nCircleCI"), "{text}");
}

#[test]
fn hostile_names_reach_no_terminal() {
    let mut hostile = job(345, "te\u{1b}[2Jst\n\u{202e}");
    hostile.branch = Some("\u{1b}]0;x\u{7}".into());
    hostile.url = Some("https://x/\u{9b}1m".into());
    hostile.status = "\u{8}".into();
    let text = shown(&jobs(vec![hostile]), true) + &question(&["a\u{1b}[1m".into()]);
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{8}', '\u{9b}', '\u{202e}']), "{text:?}");
}
