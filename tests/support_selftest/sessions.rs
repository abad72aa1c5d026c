//! What runs in a session, and how the job server words it when nothing does.

use std::time::Duration;

use crate::support::home::Home;
use crate::support::job_server::{Fault, JobServer, Options};
use crate::support::process::{TIME_LIMIT, expect_end, run_with};
use crate::{home, ssh};

fn healthy(change: impl FnOnce(Options) -> Options) -> (Home, JobServer) {
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let server = JobServer::start(change(Options::authorizing([key.public.as_str()])));
    (home, server)
}

fn command_line(server: &JobServer, options: &str, command: &str) -> String {
    format!("ssh -p {} {options} {} {command}", server.port(), server.ip())
}

#[test]
fn a_command_is_run_without_a_shell() {
    let (home, server) = healthy(|options| options);
    let words = ["export", "TERM_PROGRAM=WarpTerminal;", "true"];
    let outcome = ssh(&home, &server, &[], &words);
    assert_eq!(outcome.stdout, "Error: exec: \"export\": executable file not found in $PATH\n");
    outcome.expect_code(1).expect_text("Exit status 1");
    assert_eq!(server.record().commands, ["export TERM_PROGRAM=WarpTerminal; true"]);

    let outcome = ssh(&home, &server, &[], &["echo", "$HOME && echo 'two  words'"]);
    assert_eq!(outcome.stdout, "$HOME && echo two  words\n");
    let outcome = ssh(&home, &server, &[], &["/bin/no-such-shell"]);
    assert_eq!(
        outcome.stdout,
        "Error: exec: \"/bin/no-such-shell\": stat /bin/no-such-shell: no such file or directory\n"
    );
}

#[test]
fn streams_and_exit_status_arrive() {
    let (home, server) = healthy(|options| options);
    let outcome = ssh(&home, &server, &["-q"], &["sh -c 'echo out; echo err >&2; exit 3'"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code()), ("out\n", Some(3)), "{outcome:#?}");
    outcome.expect_text("err\n");
    // A program that dies by a signal has no exit status, and ssh makes 255 of that.
    ssh(&home, &server, &[], &["sh -c 'kill -KILL $$'"]).expect_code(255).expect_text("exit-signal");
}

#[test]
fn more_than_both_windows_goes_through() {
    let (home, server) = healthy(|options| options);
    let mut command = home.command("ssh");
    command.args(["-p", &server.port().to_string(), "127.0.0.1", "cat"]);
    let input: Vec<u8> = (0..6_000_000_u32).map(|number| b'a' + (number % 26) as u8).collect();
    let outcome = run_with(command, &input, TIME_LIMIT);
    assert!(outcome.success() && outcome.stdout.as_bytes() == input, "{:?} {}", outcome.status, outcome.stdout.len());
}

#[test]
fn neither_command_nor_terminal() {
    let (home, server) = healthy(|options| options);
    let outcome = ssh(&home, &server, &["-T"], &[]);
    assert_eq!(outcome.stdout, "Error: No command or PTY requested\n");
    outcome.expect_code(1);

    let (home, server) = healthy(Options::errors_on_stderr);
    let outcome = ssh(&home, &server, &["-T"], &[]);
    assert_eq!(outcome.stdout, "");
    outcome.expect_text("Error: No command or PTY requested\n");
}

#[test]
fn a_person_types_in_a_shell() {
    let (home, server) = healthy(|options| options.variable("PS1", "job> "));
    let answers = [("job> ", "echo made-$((20+22))\r"), ("made-42", "exit 7\r")];
    home.paste(&command_line(&server, "", ""), &answers).expect_code(7).expect_text("Connection to 127.0.0.1 closed.");
    assert_eq!((server.record().ptys, server.record().shells), (1, 1));

    let line = command_line(&server, "-t", "bash");
    home.paste(&line, &[("", "echo $((6*7)); exit 4\n")]).expect_code(4).expect_text("42\n");
}

#[test]
fn what_a_job_does_not_offer() {
    let (home, server) = healthy(|options| options);
    ssh(&home, &server, &["-s"], &["sftp"]).expect_text("subsystem request failed on channel 0");
    assert_eq!(server.record().subsystems, ["sftp"]);
    ssh(&home, &server, &["-W", "localhost:1"], &[]).expect_text("open failed: unknown channel type");

    let (home, server) = healthy(|options| options.fault(Fault::RefusePty));
    ssh(&home, &server, &["-tt"], &["true"]).expect_text("PTY allocation request failed on channel 0");
}

#[test]
fn what_a_session_started_ends_with_it() {
    let (home, server) = healthy(|options| options);
    let file = home.join("pid");
    let mut command = home.command("ssh");
    command.args(["-p", &server.port().to_string(), "127.0.0.1"]);
    command.arg(format!("sh -c 'echo $$ > {}; sleep 60'", file.display()));
    assert!(run_with(command, b"", Duration::from_secs(4)).timed_out());
    expect_end(&home.read("pid"));
}
