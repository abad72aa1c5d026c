//! The ssh program, by the first line of a log with `-v`, or by the words of what wanted to start it.

use crate::{
    facts::{Client, ClientFailure, Fact, Machine, Os},
    probes::client::told_by,
    ssh::{
        log::{Attempt, ClientProblemKind},
        version,
    },
};

pub(super) fn look(attempt: &Attempt, machine: &Fact<Machine>) -> Fact<Client> {
    if let Some(client) = broken(attempt, machine) {
        return client.into();
    }
    let Some(client) = &attempt.client else {
        return Fact::unknown("the log does not show ssh's version; with -v it is the first line");
    };
    match version::parse(&client.text) {
        Ok(openssh) => told_by(&openssh, machine.known().is_some_and(|machine| machine.os == Os::Macos)).into(),
        Err(_) => Fact::unknown("the log's first line is no version of OpenSSH"),
    }
}

/// A program that is not there, or does not start.
fn broken(attempt: &Attempt, machine: &Fact<Machine>) -> Option<Client> {
    let problem = attempt.client_problem.as_ref()?;
    let kind = match problem.kind {
        ClientProblemKind::Missing => None,
        ClientProblemKind::LibraryMissing => Some("library-missing"),
        ClientProblemKind::OpensslMismatch => Some("openssl-mismatch"),
        _ => return None,
    };
    let why = "ssh did not come to tell its version";
    let failure = kind.map(|kind| ClientFailure { kind: kind.to_owned(), text: problem.seen.text.clone() });
    Some(Client {
        found: kind.is_some(),
        path: kind.and_then(|_| program(&problem.seen.text)),
        usable: false.into(),
        system_unknown: machine.known().is_none_or(|machine| machine.os == Os::Linux && machine.os_name.is_none()),
        failure,
        ..Client::without_version(why)
    })
}

/// The program's path, where the loader names it; Homebrew's libraries are those of Homebrew's ssh.
fn program(text: &str) -> Option<String> {
    let path = |word: &str| word.trim_matches(|c: char| "()':,".contains(c)).to_owned();
    let named = text.split_whitespace().map(path).find(|word| word.starts_with('/') && word.ends_with("/ssh"));
    let brew = ["/opt/homebrew/", "/usr/local/opt/", "/home/linuxbrew/.linuxbrew/"];
    let of_brew = || {
        let prefix = brew.iter().find(|prefix| text.contains(**prefix))?;
        Some(format!("{}bin/ssh", prefix.trim_end_matches("opt/")))
    };
    named.or_else(|| text.starts_with("dyld").then(of_brew).flatten()).or_else(|| Some("ssh".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::facts;
    use super::*;

    #[test]
    fn a_program_that_is_not_there_or_does_not_start() {
        let of = |log: &str| facts(log).client.known().cloned().expect("something is said of it");
        let missing = of("bash: ssh: command not found\n");
        assert!(!missing.found && missing.system_unknown && missing.failure.is_none());
        let library =
            of("ssh: error while loading shared libraries: libcrypto.so.1.1: cannot open shared object file\n");
        assert_eq!(library.failure.map(|failure| failure.kind).as_deref(), Some("library-missing"));
        let openssl = of("OpenSSL version mismatch. Built against 30000070, you have 30200020\n");
        assert_eq!(openssl.failure.map(|failure| failure.kind).as_deref(), Some("openssl-mismatch"));
        let brew = program("dyld[1]: Library not loaded: /opt/homebrew/opt/openssl@1.1/lib/libcrypto.1.1.dylib");
        assert_eq!(brew.as_deref(), Some("/opt/homebrew/bin/ssh"));
    }
}
