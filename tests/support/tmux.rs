//! A tmux server, where tmux is installed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::home::Home;
use super::process::run;
use super::skipped;

/// A server with one session; it ends with this value.
pub(crate) struct Tmux {
    program: PathBuf,
    socket: PathBuf,
}

impl Tmux {
    /// Starts it as from a shell whose agent is at `agent`. None, with a printed line, where there is no tmux.
    pub(crate) fn start(home: &Home, agent: &Path) -> Option<Self> {
        let Ok(program) = which::which("tmux") else {
            skipped("there is no tmux here");
            return None;
        };
        let tmux = Self { program, socket: home.join("tmux.sock") };
        let mut start = home.command(&tmux.program);
        start.env("SSH_AUTH_SOCK", agent).arg("-S").arg(&tmux.socket);
        start.args(["-f", "/dev/null", "new-session", "-d", "sleep 120"]);
        run(start).expect_code(0);
        Some(tmux)
    }

    /// The value of `TMUX` in its windows.
    pub(crate) fn variable(&self) -> OsString {
        let mut value = OsString::from(&self.socket);
        value.push(",1,0");
        value
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let mut end = Command::new(&self.program);
        let _ = end.arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}
