//! How a session ended that worked: the log shows that the server closed it, CircleCI or the printed times say why.

use std::time::Duration;

use super::{Ci, MINUTE};
use crate::report::Report;
use crate::scene::Scene;
use crate::support::circleci::{Job, Kind, Session};
use crate::support::job_server::{Fault, Options};

/// Long enough for a login, and for a session to be one.
const STAYS: Duration = Duration::from_secs(3);

/// ana's job, whose server does this, and whose step prints these times.
fn job(fault: Fault, limits: (&str, &str)) -> Ci {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).fault(fault));
    scene.known();
    Ci::with(scene, Kind::Github, |acme, server| {
        let session = Session::direct(server).limits(limits.0, limits.1);
        Job::new("test").running(20 * MINUTE).session(session).ssh_user(acme.ana)
    })
}

const USUAL: (&str, &str) = ("2h0m0s", "10m0s");

/// Somebody logs in with these options and keeps a log; its path.
#[track_caller]
fn log_of(ci: &Ci, options: &str, remote: &str) -> String {
    let log = ci.scene.home.join("ssh.log");
    let way = format!("{options} -p {} 127.0.0.1 {remote}", ci.scene.port());
    ci.scene.person(&format!("ssh -v {way} 2>{}", log.display()), &[]);
    assert!(ci.scene.logins() > 0, "nobody was let in");
    log.display().to_string()
}

/// The one thing that is said, with its words, by a doctor who is asked in these words.
#[track_caller]
fn expect(report: &Report, check: &str, title: &str, confidence: &str) {
    let loud: Vec<_> = report.findings().filter(|finding| finding.text("severity") != "info").collect();
    let [only] = loud.as_slice() else { panic!("one cause is expected\n{report}") };
    assert_eq!((only.text("check"), only.text("confidence")), (check, confidence), "{report}");
    assert!(only.text("title").contains(title), "expected {title:?}\n{report}");
}

/// The report about the log alone, by somebody without a token.
#[track_caller]
fn alone(ci: &Ci, log: &str, more: &[&str]) -> Report {
    Report::of(ci.scene.home.doctor(["--format", "json", "--log", log].into_iter().chain(more.iter().copied())))
}

#[test]
fn a_colleague_cancels_the_job() {
    let ci = job(Fault::DropSession(STAYS), USUAL);
    let log = log_of(&ci, "-t", "sleep 30");
    let (job, ben) = (ci.job, ci.acme.1);
    ci.fake.change(|world| world.cancel(job, ben));
    let report = ci.examine(&["--log", &log]);
    expect(&report, "session-cancelled", "ben cancelled the job at ", "likely");
    // Without CircleCI nobody can know, and how to know is said.
    let report = alone(&ci, &log, &[]);
    expect(&report, "session-limit-or-job-ended", "its time was over, or it was cancelled", "likely");
    assert!(report.to_string().contains("cci-ssh doctor --log FILE --job JOB"), "{report}");
    let report = ci.examine(&["--offline", "--log", &log]);
    expect(&report, "session-limit-or-job-ended", "its time was over, or it was cancelled", "likely");
}

#[test]
fn the_printed_time_is_over() {
    let ci = job(Fault::DropSession(STAYS), ("0h0m3s", "10m0s"));
    let log = log_of(&ci, "-t", "sleep 30");
    let title = "the job's time was over: 3 seconds, as its Enable SSH step prints";
    let job = ci.job;
    ci.fake.change(|world| world[job].end("success"));
    expect(&ci.examine(&["--log", &log]), "session-limit-or-job-ended", title, "certain");
    // The step's text beside the log says it as well.
    let text = format!(
        "You can now SSH into this box if your SSH public key is added:\n    $ ssh -p {} 127.0.0.1\n\n\
         This box will stay up for 0h0m3s, or until 10m0s passes without \nan active SSH session.\n",
        ci.scene.port()
    );
    expect(&alone(&ci, &log, &[&text]), "session-limit-or-job-ended", title, "certain");
}

#[test]
fn the_job_is_over_otherwise() {
    let ci = job(Fault::DropSession(STAYS), USUAL);
    let log = log_of(&ci, "-t", "sleep 30");
    let job = ci.job;
    ci.fake.change(|world| world[job].end("infrastructure_fail"));
    let report = ci.examine(&["--log", &log]);
    expect(&report, "session-limit-or-job-ended", "the session ended with the job, at ", "likely");
}

#[test]
fn the_job_still_runs() {
    let ci = job(Fault::DropSession(STAYS), USUAL);
    let log = log_of(&ci, "-t", "sleep 30");
    let report = ci.examine(&["--log", &log]);
    expect(&report, "session-limit-or-job-ended", "CircleCI says that the job still runs", "certain");
}

#[test]
fn a_tunnel_is_no_visitor() {
    let ci = job(Fault::DropSession(STAYS), ("2h0m0s", "0m3s"));
    let log = log_of(&ci, "-N", "");
    let port = ci.scene.port().to_string();
    let job = ci.job;
    ci.fake.change(|world| world[job].end("success"));
    let report = ci.examine(&["--log", &log, "-N", "-p", &port, "127.0.0.1"]);
    expect(&report, "session-tunnel-unvisited", "`-N` opens no session", "likely");
}

/// What the network loses is no end of the job's, whatever became of that since.
#[test]
fn the_network_is_lost() {
    let ci = job(Fault::ResetSession, USUAL);
    let log = ci.scene.home.join("ssh.log").display().to_string();
    // With -E some of ssh's last words would only be on the terminal.
    ci.scene.person(&format!("ssh -v -t -p {} 127.0.0.1 2> {log}", ci.scene.port()), &[]);
    let (job, ben) = (ci.job, ci.acme.1);
    ci.fake.change(|world| world.cancel(job, ben));
    let report = ci.examine(&["--log", &log]);
    assert!(report.findings().any(|finding| finding.text("check") == "session-broken-pipe"), "{report}");
    assert!(report.findings().all(|finding| finding.text("check") != "session-cancelled"), "{report}");
}

#[test]
fn whoever_leaves_by_themselves_is_told_nothing() {
    let ci = job(Fault::None, USUAL);
    let log = log_of(&ci, "-t", "");
    let (job, ben) = (ci.job, ci.acme.1);
    ci.fake.change(|world| world.cancel(job, ben));
    ci.examine(&["--log", &log]).expect_silence();
    alone(&ci, &log, &[]).expect_silence();
}

/// The token may be another person's than the log: whose keys count is not told from it.
#[test]
fn a_log_of_somebody_else() {
    let ci = job(Fault::None, USUAL);
    let log = log_of(&ci, "-t", "");
    let job = ci.job;
    let ben = ci.acme.1;
    ci.fake.change(|world| world[job].ssh_users = vec![ben]);
    ci.examine(&["--log", &log]).expect_silence();
}
