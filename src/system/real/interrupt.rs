//! What a run holds outside itself, so that Ctrl-C leaves nothing behind: processes, which have groups of their own and
//! so never hear the terminal's signal, and temporary folders.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

static HELD: Mutex<Held> =
    Mutex::new(Held { children: BTreeSet::new(), folders: BTreeSet::new(), at_the_terminal: None });

/// How long the program at the terminal may take to end by a signal that it got with us. A signal that was sent to us alone
/// is passed on after that.
const HEARD_BY_BOTH: Duration = Duration::from_millis(200);

struct Held {
    /// Process numbers, each the leader of its group.
    children: BTreeSet<u32>,
    folders: BTreeSet<PathBuf>,
    /// The program to which everything was handed over, and whether a signal came since.
    at_the_terminal: Option<(u32, bool)>,
}

fn held() -> MutexGuard<'static, Held> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a child that an interrupt ends.
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    // Locked over the start, so that no child comes into being that an interrupt does not know.
    let mut held = held();
    let child = command.spawn()?;
    held.children.insert(child.id());
    Ok(child)
}

/// The child is about to be reaped; its number may then belong to somebody else.
pub(super) fn ended(child: &Child) {
    held().children.remove(&child.id());
}

/// Starts a program that takes over: an interrupt is now its own affair.
pub(super) fn hand_over(command: &mut Command) -> io::Result<Child> {
    let mut held = held();
    let child = command.spawn()?;
    held.at_the_terminal = Some((child.id(), false));
    Ok(child)
}

/// It has ended, and is about to be reaped. Whether a signal came while it ran.
pub(super) fn handed_back() -> bool {
    held().at_the_terminal.take().is_some_and(|(_, interrupted)| interrupted)
}

/// Leaves a signal to the program that has taken over; false where there is none.
fn is_its_affair() -> bool {
    let child = match &mut held().at_the_terminal {
        Some((child, interrupted)) => {
            *interrupted = true;
            *child
        }
        None => return false,
    };
    std::thread::sleep(HEARD_BY_BOTH);
    // Locked, so that its number is not another's by now.
    let held = held();
    if held.at_the_terminal.is_some_and(|(now, _)| now == child) {
        terminate(child);
    }
    true
}

/// Makes a folder that an interrupt removes.
pub(super) fn folder(make: impl FnOnce() -> io::Result<tempfile::TempDir>) -> io::Result<tempfile::TempDir> {
    let mut held = held();
    let folder = make()?;
    held.folders.insert(folder.path().to_owned());
    Ok(folder)
}

/// The folder is about to be removed.
pub(super) fn removed(folder: &Path) {
    held().folders.remove(folder);
}

/// On Ctrl-C, SIGTERM and SIGHUP ends what was started, removes what was made, and calls `leave`, which should end the
/// program. Where the system has no such handler the program dies as it would have without.
pub fn on_interrupt(leave: impl Fn() + Send + 'static) {
    // It fails only where somebody else has taken the signals.
    let _ = ctrlc::set_handler(move || {
        if is_its_affair() {
            return;
        }
        // Kept to the end, so that no other thread starts or makes anything any more.
        let held = held();
        held.children.iter().for_each(|child| kill(*child));
        for folder in &held.folders {
            let _ = std::fs::remove_dir_all(folder);
        }
        leave();
    });
}

#[cfg(unix)]
fn kill(child: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(child).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(unix)]
fn terminate(child: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    if let Some(child) = i32::try_from(child).ok().and_then(Pid::from_raw) {
        let _ = kill_process(child, Signal::TERM);
    }
}

/// Whoever is at a console of this system hears of everything that we hear of.
#[cfg(not(unix))]
fn terminate(_child: u32) {}

/// A child of this system ends by itself at the next line that it writes, for nobody reads it any more.
#[cfg(not(unix))]
fn kill(_child: u32) {}
