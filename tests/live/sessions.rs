//! What goes wrong once somebody is in: the doctor opens no session, so only ssh's own words tell.

use std::time::Duration;

use crate::record;
use crate::scene::Scene;
use crate::support::client::client;
use crate::support::job_server::{Fault, Options};

/// The usual machine, and a job that is like this.
fn usual(change: impl FnOnce(Options) -> Options) -> Scene {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(change(Options::authorizing([key.public.as_str()])));
    scene
}

/// The person logs in and reads these words; the cause is what a log of it is recorded for.
#[track_caller]
fn ends(scene: &Scene, cause: &str, words: &str) {
    let line = scene.ssh_line();
    let seen = scene.person(&line, &[]);
    assert!(scene.logins() > 0 && seen.output.contains(words), "expected {words:?} in\n{seen:#?}");
    record::situation(scene, &line, cause, &[]);
}

fn fault(fault: Fault) -> Scene {
    usual(|options| options.fault(fault))
}

#[test]
fn no_session_may_be_opened() {
    ends(&fault(Fault::RefuseSessions), "session-channel-open-failed", "administratively prohibited");
}

#[test]
fn no_terminal_is_given() {
    let mut scene = fault(Fault::RefusePty);
    scene.typed(["-t"]).remote(&["sh -c 'echo working'"]);
    ends(&scene, "session-pty-refused", "PTY allocation request failed on channel 0");
}

#[test]
fn no_shell_is_started() {
    ends(&fault(Fault::RefuseExec), "session-exec-request-failed", "shell request failed on channel 0");
}

#[test]
fn no_command_is_started() {
    let mut scene = fault(Fault::RefuseExec);
    scene.remote(&["make", "test"]);
    ends(&scene, "session-exec-request-failed", "exec request failed on channel 0");
}

#[test]
fn the_job_ends_the_session() {
    let mut scene = fault(Fault::DropSession(Duration::from_secs(2)));
    scene.typed(["-t"]).remote(&["sleep", "30"]);
    ends(&scene, "session-limit-or-job-ended", "closed by remote host.");
}

#[test]
fn the_network_breaks_off() {
    let words = if client().at_least(8, 0) { "client_loop: send disconnect: " } else { "Connection " };
    let scene = fault(Fault::ResetSession);
    let seen = scene.person(&scene.ssh_line(), &[]);
    assert!(seen.code == Some(255), "{words}: {seen:#?}");
    record::situation(&scene, &scene.ssh_line(), "session-broken-pipe", &[]);
}

#[test]
fn the_server_does_not_answer_any_more() {
    let mut scene = fault(Fault::IgnoreKeepalives);
    scene.typed(["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1"]).remote(&["sleep", "30"]);
    ends(&scene, "session-keepalive-timeout", "not responding.");
}

#[test]
fn the_shell_is_not_on_path() {
    let mut scene = usual(|options| options.path("/opt/none"));
    scene.typed(["-t"]).remote(&["bash"]);
    ends(&scene, "session-shell-not-found", "exec: \"bash\": executable file not found in $PATH");
}

#[test]
fn the_shell_is_not_where_it_is_said_to_be() {
    let mut scene = usual(|options| options);
    scene.typed(["-t"]).remote(&["/bin/no-such-shell"]);
    ends(&scene, "session-shell-not-found", "no such file or directory");
}

#[test]
fn a_builtin_is_no_program() {
    let mut scene = usual(Options::errors_on_stderr);
    scene.remote(&["cd", "project", "&&", "make"]);
    ends(&scene, "session-exec-not-found", "exec: \"cd\": executable file not found in $PATH");
}

#[test]
fn there_are_no_files_to_fetch() {
    let mut scene = usual(|options| options);
    scene.typed(["-s"]).remote(&["sftp"]);
    ends(&scene, "session-sftp-unsupported", "subsystem request failed on channel 0");
}

/// ssh hands on how a command ended, and that is no fault of the login.
#[test]
fn a_command_fails_by_itself() {
    let mut scene = usual(|options| options);
    scene.remote(&["sh -c 'echo 2 tests failed >&2; exit 2'"]);
    ends(&scene, "healthy", "2 tests failed");
}

#[test]
fn a_program_is_not_on_the_path_of_the_login_shell() {
    let mut scene = usual(|options| options);
    scene.typed(["-t"]).remote(&["sh -c 'poetry install'"]);
    ends(&scene, "session-path-env-wrong", "not found");
}
