//! Child processes with limits.
//!
//! A child gets no input, its own process group, and two readers that keep a bounded part of its output. Whatever
//! happens, its whole group is killed before it is reaped, so that nothing it started is left behind, and a grandchild
//! that keeps a pipe open holds up nobody. What has left the group with a session of its own is left alone: such is how an
//! agent or a VPN that a `Match exec` command starts says that it means to stay, as it does at every login.

use std::{
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

use super::interrupt;
use crate::system::{Output, Ran, Run, Watch};

/// How long a pipe may stay open once the child has ended by itself: only a process that left its group holds it. On a busy
/// machine the threads that read need part of it.
const AFTER_THE_END: Duration = Duration::from_secs(1);
/// The same once the child was killed, when nobody waits for its last words.
const AFTER_A_KILL: Duration = Duration::from_millis(100);
/// How often the child is looked at while its pipes are silent.
const TICK: Duration = Duration::from_millis(5);
/// The longest line that is shown to a watcher; the rest of it is dropped.
const LONGEST_LINE: usize = 64 * 1024;

enum Event {
    Line(Output, Vec<u8>),
    Closed,
}

type Watcher<'w> = &'w mut (dyn FnMut(Output, &[u8]) -> Watch + Send);

pub(super) fn run(run: &Run<'_>, mut watcher: Option<Watcher<'_>>) -> io::Result<Ran> {
    let mut child = interrupt::spawn(&mut command(run))?;
    let deadline = Instant::now() + run.timeout;
    let (sender, events) = mpsc::sync_channel(256);
    let stdout = keep(child.stdout.take(), run.cap, sender.clone(), watcher.is_some().then_some(Output::Out));
    let stderr = keep(child.stderr.take(), run.cap, sender, watcher.is_some().then_some(Output::Err));

    let mut ran = Ran::default();
    follow(&mut child, run, &events, deadline, &mut watcher, &mut ran);
    let status = end(&mut child);
    hear_the_rest(&events, &mut watcher, &mut ran);
    if !(ran.timed_out || ran.stopped) {
        ran.code = status.and_then(|status| status.code());
    }
    ran.stdout = taken(&stdout);
    ran.stderr = taken(&stderr);
    Ok(ran)
}

fn command(run: &Run<'_>) -> Command {
    let mut command = Command::new(run.program);
    command.args(&run.args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, value) in &run.env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        command.process_group(0);
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(CREATE_NO_WINDOW);
    }
    command
}

/// Waits until the child has ended, its time is up, or the watcher has seen enough.
fn follow(
    child: &mut Child,
    run: &Run<'_>,
    events: &Receiver<Event>,
    deadline: Instant,
    watcher: &mut Option<Watcher<'_>>,
    ran: &mut Ran,
) {
    let mut open = 2;
    let mut pause = Duration::from_micros(50);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            ran.timed_out = !has_ended(child);
            return;
        }
        if open == 0 {
            // Both pipes are closed: the end is near, or this is a daemon.
            if has_ended(child) {
                return;
            }
            thread::sleep(pause.min(left));
            pause = (pause * 2).min(TICK);
            continue;
        }
        match events.recv_timeout(TICK.min(left)) {
            Ok(Event::Line(output, line)) => {
                if let Some(watcher) = watcher
                    && watcher(output, &line) == Watch::Stop
                {
                    ran.stopped = true;
                    return;
                }
            }
            Ok(Event::Closed) => open -= 1,
            Err(RecvTimeoutError::Timeout) if has_ended(child) => return,
            Err(RecvTimeoutError::Timeout) if run.stop.is_some_and(|stop| stop()) => {
                ran.stopped = true;
                return;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => open = 0,
        }
    }
}

/// What was written before the end is still in the pipes. On a busy machine that may be all of it: a child that the watcher
/// would have stopped has run on unheard, and what it did then is no more to be heard than if it had been stopped in time.
fn hear_the_rest(events: &Receiver<Event>, watcher: &mut Option<Watcher<'_>>, ran: &mut Ran) {
    let grace = Instant::now() + if ran.timed_out || ran.stopped { AFTER_A_KILL } else { AFTER_THE_END };
    while let Ok(event) = events.recv_timeout(grace.saturating_duration_since(Instant::now())) {
        if let (Event::Line(output, line), Some(watcher), false) = (event, watcher.as_mut(), ran.stopped) {
            ran.stopped = watcher(output, &line) == Watch::Stop;
        }
    }
}

/// Whether the child has ended, without reaping it where that is possible: its process group's number must stay taken
/// until the group is killed.
fn has_ended(child: &mut Child) -> bool {
    #[cfg(all(unix, not(target_os = "openbsd")))]
    {
        use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(Pid::from_child(child)), options), Ok(None))
    }
    #[cfg(not(all(unix, not(target_os = "openbsd"))))]
    {
        !matches!(child.try_wait(), Ok(None))
    }
}

/// Kills what is left of the child and its group, and reaps it.
fn end(child: &mut Child) -> Option<ExitStatus> {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        // Fails when nothing of the group is left, which is what was wanted.
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    let _ = child.kill();
    interrupt::ended(child);
    // A process that the kernel holds (a dead network drive) may outlive its kill; nobody waits for that one.
    let limit = Instant::now() + Duration::from_secs(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < limit => thread::sleep(Duration::from_micros(200)),
            Ok(None) | Err(_) => return None,
        }
    }
}

type Kept = Arc<Mutex<Vec<u8>>>;

fn taken(kept: &Kept) -> Vec<u8> {
    std::mem::take(&mut kept.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Starts a thread that reads a pipe to its end, keeps the first `cap` bytes, and passes lines on if they are wanted.
fn keep(
    pipe: Option<impl Read + Send + 'static>,
    cap: usize,
    events: SyncSender<Event>,
    lines: Option<Output>,
) -> Kept {
    let kept = Kept::default();
    let Some(mut pipe) = pipe else { return kept };
    let store = Arc::clone(&kept);
    thread::spawn(move || {
        let mut buffer = vec![0; 16 * 1024];
        let mut line = Vec::new();
        loop {
            let count = match pipe.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            let bytes = &buffer[..count];
            {
                let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
                let room = cap.saturating_sub(store.len());
                store.extend_from_slice(&bytes[..count.min(room)]);
            }
            if let Some(output) = lines {
                pass_on(bytes, &mut line, output, &events);
            }
        }
        if let (false, Some(output)) = (line.is_empty(), lines) {
            let _ = events.send(Event::Line(output, line));
        }
        let _ = events.send(Event::Closed);
    });
    kept
}

/// Cuts bytes into lines, without their line ends (ssh writes CR LF).
fn pass_on(bytes: &[u8], line: &mut Vec<u8>, output: Output, events: &SyncSender<Event>) {
    for part in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = part.strip_suffix(b"\n").unwrap_or(part);
        let room = LONGEST_LINE.saturating_sub(line.len());
        line.extend_from_slice(&text[..text.len().min(room)]);
        if part.ends_with(b"\n") {
            if line.ends_with(b"\r") {
                line.pop();
            }
            // Nobody listens any more once the watcher has stopped; the pipe is read on all the same.
            let _ = events.send(Event::Line(output, std::mem::take(line)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_ended_unheard_is_heard_as_far_as_its_watcher_wanted() {
        let (sender, events) = mpsc::sync_channel(8);
        for line in ["accepted", "refused", "denied"] {
            sender.send(Event::Line(Output::Err, line.into())).expect("room");
        }
        drop(sender);
        let mut heard = Vec::new();
        let mut watch = |_: Output, line: &[u8]| {
            heard.push(String::from_utf8_lossy(line).into_owned());
            if line == b"refused" { Watch::Stop } else { Watch::Continue }
        };
        let mut ran = Ran::default();
        hear_the_rest(&events, &mut Some(&mut watch), &mut ran);
        assert!(ran.stopped);
        assert_eq!(heard, ["accepted", "refused"]);
    }
}
