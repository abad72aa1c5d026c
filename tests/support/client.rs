//! The OpenSSH client that the tests run: the installed one, or the one in the folder that `CCI_SSH_TEST_CLIENT` names
//! (`tests/other-release` prints such folders). What differs between clients, a test asks of [`client`].

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The folder of another client than the installed one.
const FOLDER: &str = "CCI_SSH_TEST_CLIENT";

pub(crate) struct Client {
    /// Major and minor: (9, 2) for 9.2p1.
    version: (u32, u32),
}

/// The client of this run.
pub(crate) fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        let output = Command::new(program("ssh")).arg("-V").stdin(Stdio::null()).output().expect("ssh can be run");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut numbers = said.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok());
        match (said.starts_with("OpenSSH_"), numbers.next(), numbers.next()) {
            (true, Some(major), Some(minor)) => Client { version: (major, minor) },
            _ => panic!("not an OpenSSH client: {said}"),
        }
    })
}

impl Client {
    /// Whether this is that version or a newer one.
    pub(crate) fn at_least(&self, major: u32, minor: u32) -> bool {
        self.version >= (major, minor)
    }

    /// The line of a configuration that takes new hosts without a question.
    pub(crate) fn takes_new_hosts(&self) -> &'static str {
        if self.at_least(7, 6) { "StrictHostKeyChecking accept-new\n" } else { "StrictHostKeyChecking no\n" }
    }

    /// The name of the option PubkeyAcceptedAlgorithms.
    pub(crate) fn accepted_algorithms(&self) -> &'static str {
        if self.at_least(8, 5) { "PubkeyAcceptedAlgorithms" } else { "PubkeyAcceptedKeyTypes" }
    }

    /// How a denial begins: older clients do not say who was denied.
    pub(crate) fn denies(&self, whom: &str) -> String {
        if self.at_least(7, 7) { format!("{whom}: Permission denied") } else { "Permission denied".to_owned() }
    }
}

/// Where programs are found, the client of this run first.
pub(crate) fn path() -> OsString {
    let rest = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    match std::env::var_os(FOLDER) {
        Some(mut folder) if !folder.is_empty() => {
            folder.push(":");
            folder.push(rest);
            folder
        }
        _ => rest,
    }
}

/// A program as it is found there.
pub(crate) fn program(name: &str) -> PathBuf {
    which::which_in(name, Some(path()), "/")
        .unwrap_or_else(|error| panic!("{name}: {error}; `tests/run` says what the tests need"))
}
