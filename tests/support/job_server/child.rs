//! The programs a session runs: found and started without a shell, as Go's os/exec does it.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::super::image::Image;
use rustix::process::{Pid, Signal, kill_process_group};

/// A running program; whoever holds a copy can end it.
#[derive(Clone)]
pub(crate) struct Running(Arc<Mutex<Child>>);

impl Running {
    pub(crate) fn new(child: Child) -> Self {
        Self(Arc::new(Mutex::new(child)))
    }

    /// Ends the program and what it started, if it still runs.
    pub(crate) fn kill(&self) {
        let mut child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Not waited for yet, so the number cannot have passed to another process.
        if matches!(child.try_wait(), Ok(None))
            && let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw)
        {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Waits for the end; the lock is free in between, so that another thread can kill.
    pub(crate) fn wait(&self) -> Option<ExitStatus> {
        loop {
            match self.0.lock().unwrap_or_else(PoisonError::into_inner).try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) => {}
                Err(_) => return None,
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Every program of one server.
#[derive(Default)]
pub(crate) struct Children(Mutex<Vec<Running>>);

impl Children {
    pub(crate) fn add(&self, running: Running) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(running);
    }

    pub(crate) fn kill(&self) {
        for running in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            running.kill();
        }
    }
}

/// Where programs run.
pub(crate) enum Place<'a> {
    /// On the machine, from this folder.
    Folder(&'a Path),
    /// In an image, from its user's home.
    Image(&'a Image),
}

impl Place<'_> {
    /// Where a path of the place is on the machine.
    fn at(&self, path: &Path) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(path),
            Self::Image(image) if path.is_absolute() => image.folder().join(path.strip_prefix("/").unwrap_or(path)),
            Self::Image(image) => image.folder().join(image.user().home.trim_start_matches('/')).join(path),
        }
    }

    fn command(&self, program: &Path, arguments: &[String]) -> Command {
        match self {
            Self::Folder(folder) => {
                let mut command = Command::new(program);
                command.args(arguments).current_dir(folder);
                command
            }
            Self::Image(image) => image.command(&[&[program.to_string_lossy().into_owned()], arguments].concat()),
        }
    }
}

/// Starts `words` with exactly this environment. The error is worded as Go's.
pub(crate) fn start(
    words: &[String],
    environment: &BTreeMap<String, String>,
    place: &Place<'_>,
) -> Result<Child, String> {
    let (name, arguments) = words.split_first().ok_or("exec: no command")?;
    let path = environment.get("PATH").map_or("", String::as_str);
    let program = find(name, path, place)?;
    place
        .command(&program, arguments)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("fork/exec {name}: {error}"))
}

fn find(name: &str, path: &str, place: &Place<'_>) -> Result<PathBuf, String> {
    if name.contains('/') {
        return if place.at(Path::new(name)).exists() {
            Ok(name.into())
        } else {
            Err(format!("exec: \"{name}\": stat {name}: no such file or directory"))
        };
    }
    let runs = |file: &PathBuf| {
        place.at(file).metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    };
    path.split(':')
        .map(|folder| Path::new(folder).join(name))
        .find(runs)
        .ok_or_else(|| format!("exec: \"{name}\": executable file not found in $PATH"))
}
