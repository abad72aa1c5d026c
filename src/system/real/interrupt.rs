//! What a run holds outside itself, so that Ctrl-C leaves nothing behind: processes, which have groups of their own and
//! so never hear the terminal's signal, and temporary folders.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::{Mutex, MutexGuard, PoisonError},
};

static HELD: Mutex<Held> = Mutex::new(Held { children: BTreeSet::new(), folders: BTreeSet::new() });

struct Held {
    /// Process numbers, each the leader of its group.
    children: BTreeSet<u32>,
    folders: BTreeSet<PathBuf>,
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

/// A child of this system ends by itself at the next line that it writes, for nobody reads it any more.
#[cfg(not(unix))]
fn kill(_child: u32) {}
