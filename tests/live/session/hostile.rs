//! Jobs that cannot be looked into, or that want something else to be believed: the doctor says what it does not know, keeps to
//! its time, and accuses nobody.

use std::time::Duration;

use super::{CONSENT, OWN, inspect, inspect_with};
use crate::report::Report;
use crate::scene::Scene;
use crate::support::image::{Builder, Image};
use crate::support::job_server::{Fault, Options};

/// Less time than the doctor usually has: these tests wait for its end.
const SHORT: [&str; 2] = ["--timeout", "4"];
/// That, and a moment for its children.
const LIMIT: Duration = Duration::from_secs(6);

/// Nothing is accused, whatever was to be seen; the login itself is fine.
#[track_caller]
fn accuses_nobody(builder: &Builder) -> Option<Report> {
    let image = builder.make()?;
    let report = inspect_with(&Scene::job_in(&image), &image, &SHORT, LIMIT);
    let loud: Vec<_> = report.loud().map(|finding| finding.text("check")).collect();
    assert!(loud.is_empty(), "{loud:?}\n{report}");
    assert_eq!(report.stage("authentication"), "ok", "{report}");
    Some(report)
}

fn healthy_ubuntu() -> Builder {
    Image::ubuntu().user("circleci").env("PATH", &format!("{OWN}:$PATH"))
}

#[test]
fn a_job_that_hangs_at_the_second_command() {
    accuses_nobody(&healthy_ubuntu().profile_d("hang.sh", "sleep 600\n"));
}

#[test]
fn a_job_that_hangs_at_the_first_command() {
    accuses_nobody(&healthy_ubuntu().script("env", "#!/bin/sh\nsleep 600\n"));
}

#[test]
fn a_profile_that_reads_what_is_typed() {
    accuses_nobody(&healthy_ubuntu().profile_d("ask.sh", "read -r answer\n"));
}

#[test]
fn a_profile_that_never_stops_talking() {
    accuses_nobody(&healthy_ubuntu().profile_d("talk.sh", "while :; do echo PATH=/nowhere; done\n"));
}

#[test]
fn an_image_without_env() {
    accuses_nobody(&healthy_ubuntu().without("env").without("printenv"));
}

#[test]
fn an_image_without_a_shell() {
    accuses_nobody(&healthy_ubuntu().without("sh").without("bash").without("dash"));
}

#[test]
fn no_command_may_be_run() {
    let Some(image) = healthy_ubuntu().make() else { return };
    let scene = Scene::job_in_like(&image, |options| options.fault(Fault::RefuseExec));
    let report = inspect(&scene, &image);
    assert_eq!(report.stage("authentication"), "ok", "{report}");
    assert!(report.loud().all(|finding| finding.text("check") != "session-path-env-wrong"), "{report}");
}

#[test]
fn no_session_may_be_opened() {
    let Some(image) = healthy_ubuntu().make() else { return };
    let scene = Scene::job_in_like(&image, |options| options.fault(Fault::RefuseSessions));
    let report = inspect(&scene, &image);
    assert!(report.loud().all(|finding| finding.text("check") != "session-path-env-wrong"), "{report}");
}

/// As on Windows: neither env nor sh, and other words for that.
#[test]
fn a_windows_job() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).path("/opt/none")).known();
    scene.remote(&["powershell.exe"]).typed(["-t"]);
    let report = scene.examine_with(&[CONSENT]);
    assert!(report.loud().all(|finding| finding.text("check") != "session-path-env-wrong"), "{report}");
}

/// The profile sees how it is looked at, and prints an environment of its own, in front of the true one and behind it.
#[test]
fn a_profile_that_prints_another_environment() {
    let lies = "printf 'PATH=/stolen\\0HOME=/stolen\\0'; printf 'PATH=/stolen\\nHOME=/stolen\\n'; \
                trap \"printf 'PATH=/stolen\\\\0'; printf 'PATH=/stolen\\\\n'\" EXIT\n\
                env() { echo PATH=/stolen; }\nprintenv() { echo /stolen; }\n";
    let Some(report) = accuses_nobody(&healthy_ubuntu().profile_d("lies.sh", lies)) else { return };
    assert!(!report.json.to_string().contains("/stolen"), "{report}");
}

/// The marks that a look is bounded by can be read in the processes of the job, so a profile can print them, too.
#[test]
fn a_profile_that_prints_the_marks_it_was_called_with() {
    let lies = "for word in \"$@\" \"$0\" $BASH_EXECUTION_STRING; do printf '%s\\nPATH=/stolen\\0\\n%s\\n' \"$word\" \"$word\"; done\n";
    let Some(image) = healthy_ubuntu().profile_d("lies.sh", lies).make() else { return };
    let report = inspect_with(&Scene::job_in(&image), &image, &SHORT, LIMIT);
    assert_eq!(report.stage("authentication"), "ok", "{report}");
    for fix in report.findings().flat_map(|finding| finding.0["fixes"].as_array().cloned().unwrap_or_default()) {
        assert!(
            !fix["commands"].to_string().contains("/stolen"),
            "a line for the Dockerfile came from the profile\n{report}"
        );
    }
}

/// Letters that a terminal obeys, in names of folders and values, are not printed as they came.
#[test]
fn letters_that_a_terminal_obeys() {
    let builder =
        Image::debian().user("circleci").env("PATH", "/opt/\u{1b}[31mred\u{7}/bin:/opt/$(id)`id`;id'\"/bin:$PATH");
    let Some(image) = builder.env("EVIL\u{1b}[2J", "x").make() else { return };
    let report = inspect_with(&Scene::job_in(&image), &image, &SHORT, LIMIT);
    let text = report.json.to_string();
    assert!(!text.contains("\\u001b") && !text.contains("\\u0007"), "{report}");
}
