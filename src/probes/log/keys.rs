//! Key files of which the log says something that matters: those that ssh could not use, those that the user named and
//! that are not there, and those that a listing beside the log shows.
//!
//! A key that was merely offered is not listed: the log shows that its public half is there, and nothing of the file.

use super::printed::Printed;
use crate::{
    facts::{Fact, Key, KeyOrigin, Machine, Os, PublicFile, Seen},
    ssh::{
        drives::is_mounted,
        key_file::DEFAULT_NAMES,
        log::{Attempt, LoadFailure, LoadReason, Offer, SignReason, SkipReason, Skipped, Stage},
    },
};

const WHY: &str = "a log does not show what is in a key file";

/// What a log shows; `named`: the files that its command names.
pub(super) fn look(attempt: &Attempt, named: &[String], machine: &Fact<Machine>, printed: &Printed) -> Fact<Vec<Key>> {
    let mut keys: Vec<Key> = Vec::new();
    let mut add = |key: Key| {
        if !key.path.is_empty() && !keys.iter().any(|known| known.path == key.path) {
            keys.push(key);
        }
    };
    for file in attempt.identity_files.iter().filter(|file| file.missing) {
        add(missing(attempt, &file.path, file.passed_over));
    }
    for failure in &attempt.load_failures {
        add(failed(attempt, failure, printed));
    }
    for offer in attempt.offers.iter().filter(|offer| offer.sign_reason == Some(SignReason::ContentsMismatch)) {
        add(of_another_half(attempt, &offer.path, &offer.seen));
    }
    for skipped in &attempt.skipped {
        match skipped.reason {
            SkipReason::NotInAcceptedAlgorithms => of_a_dropped_type(attempt, skipped).into_iter().for_each(&mut add),
            SkipReason::TooShort => add(too_short(attempt, &skipped.path, &skipped.seen)),
            _ => {}
        }
    }
    for path in listed(attempt, machine, printed) {
        add(Key { origin: KeyOrigin::Found, exists: true, ..unread(attempt, &path) });
    }
    let looked = attempt.reached >= Stage::Authenticating
        || !attempt.identity_files.is_empty()
        || !attempt.offers.is_empty()
        || !attempt.tried.is_empty();
    if keys.is_empty() && !looked {
        return Fact::unknown("the log does not show which keys ssh came to");
    }
    for key in &mut keys {
        let is_named = |typed: &String| typed == &key.path || base(typed) == base(&key.path);
        if key.origin == KeyOrigin::Configured && named.iter().any(is_named) {
            key.origin = KeyOrigin::CommandLine;
        }
    }
    keys.into()
}

/// A file that somebody named and that is not there.
fn missing(attempt: &Attempt, path: &str, passed_over: bool) -> Key {
    let failure = attempt.load_failures.iter().find(|failure| failure.path == path);
    let seen = failure.map(|failure| failure.seen.clone()).unwrap_or_default();
    // With -i ssh warns and goes on; what the configuration names it comes to when it authenticates.
    let origin = if passed_over { KeyOrigin::CommandLine } else { KeyOrigin::Configured };
    Key { origin, exists: false, passed_over, seen, ..unread(attempt, path) }
}

/// A file that ssh could not use.
fn failed(attempt: &Attempt, failure: &LoadFailure, printed: &Printed) -> Key {
    let name = base(&failure.path).to_ascii_lowercase();
    let public = name.ends_with(".pub");
    let fault = match failure.reason {
        LoadReason::InvalidFormat | LoadReason::Libcrypto | LoadReason::BadPermissions if public => Some("public"),
        LoadReason::InvalidFormat | LoadReason::Libcrypto | LoadReason::UnknownType
            if name.ends_with(".ppk") || printed.ppk =>
        {
            Some("ppk")
        }
        LoadReason::InvalidFormat | LoadReason::Libcrypto if printed.crlf => Some("crlf"),
        LoadReason::InvalidFormat | LoadReason::Libcrypto => Some("damaged"),
        LoadReason::Directory => Some("directory"),
        LoadReason::UnknownType if !is_dsa(&name) => Some("unknown-type"),
        _ => None,
    };
    let unread = unread(attempt, &failure.path);
    let dropped = failure.reason == LoadReason::UnknownType && is_dsa(&name);
    let short = failure.reason == LoadReason::TooShort;
    let family = if dropped { Some("dsa") } else { short.then_some("rsa") };
    Key {
        exists: failure.reason != LoadReason::NotFound,
        readable: match failure.reason {
            LoadReason::PermissionDenied => false.into(),
            _ => unread.readable,
        },
        encrypted: if failure.reason == LoadReason::Passphrase { true.into() } else { unread.encrypted },
        mode: failure.mode.clone(),
        mode_too_open: failure.reason == LoadReason::BadPermissions,
        fault: fault.map(str::to_owned),
        type_unsupported: dropped,
        too_small: short,
        family: family.map_or(unread.family, |family| family.to_owned().into()),
        public_file: (failure.reason == LoadReason::ContentsMismatch).then(|| other_half(&failure.path)),
        seen: failure.seen.clone(),
        ..unread
    }
}

/// A file with another key's public half beside it, as ssh found when it was to sign.
fn of_another_half(attempt: &Attempt, path: &str, seen: &Seen) -> Key {
    let public_file = Some(other_half(path));
    Key { exists: true, public_file, seen: seen.clone(), ..unread(attempt, path) }
}

fn other_half(path: &str) -> PublicFile {
    PublicFile { path: format!("{path}.pub"), valid: true, matches: false.into(), ..PublicFile::default() }
}

/// A file that ssh leaves out for its type: DSA, which is off by default since 7.0.
fn of_a_dropped_type(attempt: &Attempt, skipped: &Skipped) -> Option<Key> {
    let dsa = skipped.algorithm.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("ssh-dss") || name == "DSA");
    dsa.then(|| Key {
        exists: true,
        type_unsupported: true,
        family: "dsa".to_owned().into(),
        algorithm: "ssh-dss".to_owned().into(),
        seen: skipped.seen.clone(),
        ..unread(attempt, &skipped.path)
    })
}

/// An RSA key that is shorter than ssh takes.
fn too_short(attempt: &Attempt, path: &str, seen: &Seen) -> Key {
    let family = "rsa".to_owned().into();
    Key { exists: true, too_small: true, family, seen: seen.clone(), ..unread(attempt, path) }
}

/// Private keys in the user's own folder that a listing shows and ssh did not come to.
fn listed(attempt: &Attempt, machine: &Fact<Machine>, printed: &Printed) -> Vec<String> {
    let Some(machine) = machine.known() else { return Vec::new() };
    let Some(home) = machine.home.known() else { return Vec::new() };
    let backslashes = machine.os == Os::Windows && home.contains('\\');
    let (folder, slash) = (if backslashes { r"\.ssh" } else { "/.ssh" }, if backslashes { '\\' } else { '/' });
    let met = |name: &str| {
        let files = attempt.identity_files.iter().map(|file| file.path.as_str());
        let offers = attempt.offers.iter().map(|offer| offer.path.as_str());
        files.chain(offers).chain(attempt.tried.iter().map(String::as_str)).any(|path| base(path) == name)
    };
    let names = printed.key_pairs().filter(|name| !DEFAULT_NAMES.contains(name) && !met(name));
    names.map(|name| format!("{home}{folder}{slash}{name}")).collect()
}

/// A file that nobody read.
fn unread(attempt: &Attempt, path: &str) -> Key {
    let offer = attempt.offers.iter().find(|offer| offer.path == path && !offer.agent);
    Key {
        path: path.to_owned(),
        origin: origin(path, offer),
        readable: Fact::unknown(WHY),
        owned: Fact::unknown(WHY),
        format: Fact::unknown(WHY),
        encrypted: Fact::unknown(WHY),
        algorithm: Fact::unknown(WHY),
        family: Fact::unknown(WHY),
        bits: Fact::unknown(WHY),
        fingerprint: match offer.and_then(|offer| offer.fingerprint.clone()) {
            Some(fingerprint) => fingerprint.into(),
            None => Fact::unknown(WHY),
        },
        blob: Fact::unknown(WHY),
        on_windows_drive: is_mounted(path),
        ..Key::default()
    }
}

fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

fn is_dsa(name: &str) -> bool {
    name.contains("dsa") && !name.contains("ecdsa")
}

/// ssh marks keys that somebody named as explicit; one of the built-in names is looked at by itself.
fn origin(path: &str, offer: Option<&Offer>) -> KeyOrigin {
    let built_in = DEFAULT_NAMES.contains(&base(path));
    if offer.is_none_or(|offer| !offer.explicit) && built_in { KeyOrigin::Default } else { KeyOrigin::Configured }
}

#[cfg(test)]
mod tests {
    use super::super::tests::facts;
    use super::*;

    fn of(log: &str) -> Vec<Key> {
        facts(log).keys.known().cloned().unwrap_or_else(|| panic!("ssh came to a key: {log}"))
    }

    fn one(log: &str) -> Key {
        let mut keys = of(&format!("{log}\nana@203.0.113.7: Permission denied (publickey).\n"));
        assert_eq!(keys.len(), 1, "{log}");
        keys.remove(0)
    }

    #[test]
    fn what_ssh_says_of_a_file_is_all_that_is_known() {
        let fault = |log: &str| one(log).fault;
        let load = |name: &str, why: &str| fault(&format!("Load key \"/h/.ssh/{name}\": {why}"));
        for (name, why, expected) in [
            ("k", "invalid format", Some("damaged")),
            ("k", "error in libcrypto", Some("damaged")),
            ("k.pub", "error in libcrypto", Some("public")),
            ("k.ppk", "invalid format", Some("ppk")),
            ("k", "unknown or unsupported key type", Some("unknown-type")),
            ("k", "Is a directory", Some("directory")),
            ("k", "Permission denied", None),
        ] {
            assert_eq!(load(name, why).as_deref(), expected, "{name}: {why}");
        }
        let of = |log: &str| one(log);
        let closed = of("Load key \"/h/.ssh/k\": Permission denied");
        assert!(closed.readable.is(&false) && closed.exists && closed.owned.known().is_none());
        let open = of("Permissions 0644 for '/mnt/c/k' are too open.");
        assert!(open.mode_too_open && open.mode.as_deref() == Some("0644") && open.on_windows_drive);
        assert!(open.readable.known().is_none(), "nobody tried");
        let dsa = of("Load key \"/h/.ssh/id_dsa\": unknown or unsupported key type");
        assert!(dsa.type_unsupported && dsa.family.is(&"dsa".to_owned()));
        let short = of("Load key \"/h/.ssh/id_rsa\": Invalid key length");
        assert!(short.too_small && short.family.is(&"rsa".to_owned()));
        let other = of("identity_sign: private key /h/.ssh/k contents do not match public");
        assert!(other.public_file.is_some_and(|file| file.matches.is(&false)));
    }

    #[test]
    fn who_named_a_file_shows_in_how_ssh_misses_it() {
        let origin = |log: &str| (one(log).origin, one(log).exists);
        let typed = "Warning: Identity file /h/k not accessible: No such file or directory.";
        assert_eq!(origin(typed), (KeyOrigin::CommandLine, false));
        assert_eq!(origin("no such identity: /h/k: No such file or directory"), (KeyOrigin::Configured, false));
    }

    #[test]
    fn a_listing_shows_keys_that_ssh_did_not_come_to() {
        let log = "debug1: identity file /home/ana/.ssh/id_rsa type -1\n\
                   debug1: Offering public key: /home/ana/.ssh/work ED25519 SHA256:a\n\
                   debug1: Authentications that can continue: publickey\n\
                   ana@203.0.113.7: Permission denied (publickey).\n\
                   ana@box:~$ ls ~/.ssh\nci ci.pub work work.pub id_rsa id_rsa.pub known_hosts\n";
        let found: Vec<(String, KeyOrigin)> = of(log).into_iter().map(|key| (key.path, key.origin)).collect();
        assert_eq!(found, [("/home/ana/.ssh/ci".to_owned(), KeyOrigin::Found)]);
    }
}
