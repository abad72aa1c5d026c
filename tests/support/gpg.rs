//! A real gpg-agent that serves ssh, where GnuPG is installed.

use std::path::PathBuf;

use super::home::Home;
use super::keys::Key;
use super::process::run;
use super::skipped;

/// The passphrase that its pinentry knows.
const PINENTRY: &str = "#!/bin/sh
echo 'OK Pleased to meet you'
while read -r command rest; do
  case $command in
    GETPIN) printf 'D sesame\\nOK\\n' ;;
    BYE) echo OK; exit 0 ;;
    *) echo OK ;;
  esac
done
";

/// A gpg-agent in `~/.gnupg`; it ends with this value.
pub(crate) struct GpgAgent {
    end: Option<std::process::Command>,
    socket: PathBuf,
}

impl GpgAgent {
    /// Starts one that holds `keys`. None, with a printed line, where there is no gpg-agent.
    pub(crate) fn start(home: &mut Home, keys: &[&Key]) -> Option<Self> {
        for program in ["gpg-agent", "gpgconf", "gpg-connect-agent"] {
            if which::which(program).is_err() {
                skipped(&format!("there is no {program} here; `tests/run` installs it where it can"));
                return None;
            }
        }
        home.make_folder(".gnupg", 0o700);
        let folder = home.join(".gnupg");
        home.set_env("GNUPGHOME", &folder);
        let pinentry = home.fake_program("pinentry-test", PINENTRY);
        let agent = Self { end: Some(ended(home)), socket: folder.join("S.gpg-agent.ssh") };
        agent.asks_with(home, &pinentry.display().to_string());
        home.run("gpg-agent", ["--daemon", "--enable-ssh-support", "--disable-scdaemon"]).expect_code(0);
        for key in keys {
            let mut add = home.command("ssh-add");
            add.env("SSH_AUTH_SOCK", &agent.socket).arg("-q").arg(&key.path);
            run(add).expect_code(0);
        }
        Some(agent)
    }

    pub(crate) fn socket(&self) -> &std::path::Path {
        &self.socket
    }

    fn asks_with(&self, home: &Home, program: &str) {
        home.write(".gnupg/gpg-agent.conf", format!("pinentry-program {program}\ndisable-scdaemon\n"), 0o600);
    }

    /// Its program for asking is another one from now on, and it forgets every passphrase.
    pub(crate) fn asks_now_with(&self, home: &Home, program: &str) {
        self.asks_with(home, program);
        home.run("gpg-connect-agent", ["RELOADAGENT", "/bye"]).expect_code(0);
    }
}

fn ended(home: &Home) -> std::process::Command {
    let mut end = home.command("gpgconf");
    end.args(["--kill", "gpg-agent"]);
    end
}

impl Drop for GpgAgent {
    fn drop(&mut self) {
        if let Some(mut end) = self.end.take() {
            let _ = end.output();
        }
    }
}
