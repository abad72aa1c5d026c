//! Host keys where the job's Enable SSH step prints fingerprints: those decide, and no known_hosts of the user's.
//!
//! A job's address comes back with other keys, so what known_hosts says about it is of another job. A login that is to be
//! held to the printed fingerprint is tried with an empty file, into which ssh writes the whole key; who is let in is then
//! sent to exactly that key ([`options`] with [`Hold::Exactly`]). These options come before all others: the first wins
//! (ssh_config(5)).

use std::{ffi::OsString, path::Path};

use super::quiet_ssh::{ACCEPT_NEW, known_hosts_word};
use crate::{
    facts::{Fact, Version},
    ssh::public_key::PublicKey,
};

/// Since when a command may tell host keys.
const KNOWN_HOSTS_COMMAND: Version = Version { major: 8, minor: 5 };

/// What the file has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nothing yet: ssh adds what it meets.
    Anything,
    /// The one key.
    Exactly,
}

/// The words after `ssh`. ssh asks for a host key of the type that it knows, so nothing is said of algorithms; nor before it
/// knows one, for the printed text names RSA whatever the key is.
pub fn options(known_hosts: &str, hold: Hold, version: &Fact<Version>) -> Vec<String> {
    let since = |first: Version| version.known().is_none_or(|known| *known >= first);
    let file = known_hosts_word(known_hosts, version);
    let strict = match hold {
        Hold::Exactly => "yes",
        Hold::Anything if since(ACCEPT_NEW) => "accept-new",
        Hold::Anything => "no",
    };
    let mut all = vec![
        format!("UserKnownHostsFile={file}"),
        format!("GlobalKnownHostsFile={file}"),
        format!("StrictHostKeyChecking={strict}"),
    ];
    // The address has no line of its own, no new key is to be learnt, and nobody else is asked.
    all.extend(["CheckHostIP=no", "UpdateHostKeys=no", "VerifyHostKeyDNS=no"].map(str::to_owned));
    if since(KNOWN_HOSTS_COMMAND) {
        all.push("KnownHostsCommand=none".into());
    }
    all.into_iter().flat_map(|option| ["-o".to_owned(), option]).collect()
}

/// Those of a login that is tried with a file of ours.
pub(super) fn open(known_hosts: &Path, version: &Fact<Version>) -> Vec<OsString> {
    options(&known_hosts.to_string_lossy(), Hold::Anything, version).into_iter().map(OsString::from).collect()
}

/// Keys that ssh wrote to a file of ours, whatever the names before them: those may be hashed, and of jump hosts.
pub fn keys(known_hosts: &[u8]) -> Vec<PublicKey> {
    let text = String::from_utf8_lossy(known_hosts);
    text.lines().filter_map(|line| PublicKey::from_line(line.split_once(' ')?.1).ok()).collect()
}

/// The line for the one key. The file is for one ssh alone, whose host may have an alias, be looked up under another
/// name, or have a port: so it is for every name.
pub fn line(key: &PublicKey) -> String {
    format!("* {}\n", key.to_line())
}

/// Reads a file that ssh wrote; nothing where it wrote none.
pub(super) fn read(system: &dyn crate::system::System, file: &Path) -> Vec<PublicKey> {
    const CAP: u64 = 256 * 1024;
    system.read(file, CAP).map(|bytes| keys(&bytes)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMh4Z8Uex1GQFcTMkV5DgS0xQsJWG1YpGtGUZmEqDKVY";

    #[test]
    fn keys_are_read_whatever_the_names() {
        let text = format!("[203.0.113.7]:64535 {KEY}\n|1|c2FsdA==|aGFzaA== {KEY}\nbroken\n");
        let found = keys(text.as_bytes());
        assert_eq!(found.len(), 2);
        assert_eq!(line(&found[0]), format!("* {KEY}\n"));
    }

    #[test]
    fn an_old_client_gets_no_option_it_does_not_know() {
        let words = |major, minor, hold| options("/tmp/a b", hold, &Version { major, minor }.into()).join(" ");
        let new = words(9, 2, Hold::Anything);
        assert!(new.starts_with(r#"-o UserKnownHostsFile="/tmp/a b" -o GlobalKnownHostsFile="/tmp/a b""#), "{new}");
        assert!(new.contains("=accept-new") && new.contains("KnownHostsCommand=none"), "{new}");
        let old = words(7, 4, Hold::Anything);
        assert!(old.contains("StrictHostKeyChecking=no ") && !old.contains("KnownHostsCommand"), "{old}");
        assert!(words(7, 4, Hold::Exactly).contains("StrictHostKeyChecking=yes"));
    }
}
