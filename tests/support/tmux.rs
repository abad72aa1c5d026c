//! A tmux server, where tmux is installed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::home::Home;
use super::process::{TIME_LIMIT, run};
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

    /// Starts it with a bash that shows `here> ` in a window of 80 by 24. None, with a printed line, where there is no tmux.
    pub(crate) fn shell(home: &Home) -> Option<Self> {
        let Ok(program) = which::which("tmux") else {
            skipped("there is no tmux here");
            return None;
        };
        let tmux = Self { program, socket: home.join("tmux.sock") };
        let mut start = home.command(&tmux.program);
        // Not every bash takes PS1 from its environment.
        let rc = home.write("bashrc", "PS1='here> '\n", 0o600);
        let bash = format!("bash --noprofile --rcfile {}", rc.display());
        start.arg("-S").arg(&tmux.socket);
        start.args(["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", &bash]);
        run(start).expect_code(0);
        tmux.wait_for("here> ");
        Some(tmux)
    }

    /// Types text, as it is.
    pub(crate) fn types(&self, text: &str) {
        self.tell(&["send-keys", "-l", text]);
    }

    /// Types a line.
    pub(crate) fn line(&self, text: &str) {
        self.types(text);
        self.key("Enter");
    }

    /// Presses a key by tmux's name for it: `C-c`, `Enter`.
    pub(crate) fn key(&self, name: &str) {
        self.tell(&["send-keys", name]);
    }

    /// Gives the window another size.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.tell(&["resize-window", "-x", &columns.to_string(), "-y", &rows.to_string()]);
    }

    /// What the window shows.
    pub(crate) fn screen(&self) -> String {
        self.tell(&["capture-pane", "-p", "-J"])
    }

    /// Waits until the window shows this; panics with the screen where it does not.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let end = Instant::now() + TIME_LIMIT;
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            assert!(Instant::now() < end, "expected {text:?} in\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits for the shell's prompt.
    #[track_caller]
    pub(crate) fn prompt(&self) {
        let end = Instant::now() + TIME_LIMIT;
        while !self.screen().trim_end().ends_with("here>") {
            assert!(Instant::now() < end, "no prompt in\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    #[track_caller]
    fn tell(&self, words: &[&str]) -> String {
        let output = Command::new(&self.program).arg("-S").arg(&self.socket).args(words).output().expect("tmux");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
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
