//! Runs programs to their end or to a time limit, and ends only what it started.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use wait_timeout::ChildExt;

/// How long any program of a test may take.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long after a program's end its pipes may stay open in something it left behind.
const PIPE_LIMIT: Duration = Duration::from_secs(2);

/// A program's end.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// None: it was ended because its time was up.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) elapsed: Duration,
}

impl Outcome {
    /// The exit code; None for a signal or an overrun time limit.
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    pub(crate) fn success(&self) -> bool {
        self.code() == Some(0)
    }

    pub(crate) fn timed_out(&self) -> bool {
        self.status.is_none()
    }

    /// Standard output as one JSON document; panics with both streams where it is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON on stdout: {error}\n{self:#?}"))
    }

    /// Panics with everything that was said unless `text` stands on either stream.
    #[track_caller]
    pub(crate) fn expect_text(&self, text: &str) -> &Self {
        let found = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(found, "expected {text:?} in\n{self:#?}");
        self
    }

    /// Panics with everything that was said unless this is the exit code.
    #[track_caller]
    pub(crate) fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code(), Some(code), "{self:#?}");
        self
    }
}

/// [`run_with`] without input, under [`TIME_LIMIT`].
pub(crate) fn run(command: Command) -> Outcome {
    run_with(command, b"", TIME_LIMIT)
}

/// Runs a command with this input. When its time is up it is ended, with its process group where it leads one, as the
/// commands of [`super::home::Home::command`] do.
pub(crate) fn run_with(mut command: Command, input: &[u8], limit: Duration) -> Outcome {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let input = input.to_vec();
    let stdin = child.stdin.take();
    // A program need not read its input, so nobody waits for this thread.
    thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let status = child.wait_timeout(limit).expect("a child can be waited for");
    let elapsed = start.elapsed();
    if status.is_none() {
        end(&mut child);
    }
    Outcome { status, stdout: text(&stdout), stderr: text(&stderr), elapsed }
}

/// Ends a child, with its process group where it leads one, and waits for it.
pub(crate) fn end(child: &mut Child) {
    // Not waited for yet, so the number cannot have passed to another process.
    if matches!(child.try_wait(), Ok(None))
        && let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw)
    {
        let _ = kill_process_group(group, Signal::KILL);
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Whether a process still does something: one that nobody has waited for yet does not.
pub(crate) fn is_running(pid: Pid) -> bool {
    let zombie = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')));
    !zombie && rustix::process::test_kill_process(pid).is_ok()
}

/// Waits until a process has ended; panics when it does not within five seconds.
#[track_caller]
pub(crate) fn expect_end(pid_text: &str) {
    let pid = pid_text.trim().parse().ok().and_then(Pid::from_raw).expect("a process id");
    let limit = Instant::now() + Duration::from_secs(5);
    while is_running(pid) {
        assert!(Instant::now() < limit, "process {pid_text} still runs");
        thread::sleep(Duration::from_millis(10));
    }
}

fn collect(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut stream = stream?;
        let mut buffer = [0; 16 * 1024];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            sender.send(buffer[..length].to_vec()).ok()?;
        }
        Some(())
    });
    receiver
}

fn text(chunks: &Receiver<Vec<u8>>) -> String {
    let end = Instant::now() + PIPE_LIMIT;
    let mut all = Vec::new();
    while let Ok(chunk) = chunks.recv_timeout(end.saturating_duration_since(Instant::now())) {
        all.extend(chunk);
    }
    String::from_utf8_lossy(&all).into_owned()
}
