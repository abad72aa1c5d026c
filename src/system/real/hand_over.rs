//! Another program in our place: ssh, once a person is to be let in.
//!
//! It is started in our own process group, with our streams, so the terminal's signals and its size reach it as if the
//! shell had started it. We stay behind it to clean up, and do as it does: stopped when it is stopped, or else the shell
//! would wait for us and show no prompt.

use std::{
    fs::{File, OpenOptions},
    io,
    process::{Child, Command, ExitStatus, Stdio},
    time::Instant,
};

use super::interrupt;
use crate::system::{HandOver, HandedBack};

/// How long a signal may take to reach us, whose threads are several.
#[cfg(all(unix, not(target_os = "openbsd")))]
const TAKES_EFFECT: std::time::Duration = std::time::Duration::from_millis(20);

pub(super) fn run(to: &HandOver<'_>) -> io::Result<HandedBack> {
    let mut command = Command::new(to.program);
    command.args(&to.args).envs(to.env.iter().map(|(name, value)| (name, value)));
    if to.input_from_terminal {
        command.stdin(terminal().map_or_else(|_| Stdio::null(), Stdio::from));
    }
    let start = Instant::now();
    let mut child = interrupt::hand_over(&mut command)?;
    #[cfg(all(unix, not(target_os = "openbsd")))]
    follow(&child);
    let (status, interrupted) = end(&mut child);
    let status = status?;
    let interrupted = interrupted || status.code().is_none();
    Ok(HandedBack { code: code(status), interrupted, lasted: start.elapsed() })
}

fn terminal() -> io::Result<File> {
    OpenOptions::new().read(true).open(if cfg!(windows) { "CONIN$" } else { "/dev/tty" })
}

/// Waits until it has ended, and stops whenever it is stopped.
#[cfg(all(unix, not(target_os = "openbsd")))]
fn follow(child: &Child) {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpid, kill_process, waitid};
    let child = Pid::from_child(child);
    // Its number must stay taken until nobody sends signals to it any more.
    let options = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
    loop {
        match waitid(WaitId::Pid(child), options) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(Some(status)) if status.stopped() => {
                // Ctrl-Z stops us too, perhaps in this moment; it is continued when we are, then.
                std::thread::sleep(TAKES_EFFECT);
                let still = waitid(WaitId::Pid(child), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG);
                if matches!(still, Ok(Some(_))) {
                    // `~^Z` stops ssh alone. Here we stop, until the shell's fg.
                    let _ = kill_process(getpid(), Signal::TSTP);
                    std::thread::sleep(TAKES_EFFECT);
                    let _ = kill_process(child, Signal::CONT);
                }
            }
            _ => return,
        }
    }
}

/// Reaps it. Where it could not be watched without that, a signal in this moment may find it gone.
fn end(child: &mut Child) -> (io::Result<ExitStatus>, bool) {
    if cfg!(all(unix, not(target_os = "openbsd"))) {
        let interrupted = interrupt::handed_back();
        (child.wait(), interrupted)
    } else {
        let status = child.wait();
        (status, interrupt::handed_back())
    }
}

#[cfg(unix)]
fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(255)
}

#[cfg(not(unix))]
fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(255)
}
