//! Key files of which ssh said something that matters: those that it could not use, and those that the user named.
//!
//! A key that was merely offered is not listed: the log shows that its public half is there, and nothing of the file.

use crate::{
    facts::{Fact, Key, KeyOrigin, Seen},
    ssh::log::{Attempt, LoadFailure, LoadReason, Offer, SkipReason, Skipped},
};

const WHY: &str = "a log does not show what is in a key file";

pub(super) fn look(attempt: &Attempt) -> Fact<Vec<Key>> {
    if attempt.identity_files.is_empty() && attempt.offers.is_empty() && attempt.load_failures.is_empty() {
        return Fact::unknown("the log does not show which keys ssh came to");
    }
    let mut keys: Vec<Key> = Vec::new();
    for failure in &attempt.load_failures {
        if !keys.iter().any(|key| key.path == failure.path) {
            keys.push(failed(attempt, failure));
        }
    }
    for skipped in attempt.skipped.iter().filter(|skipped| skipped.reason == SkipReason::NotInAcceptedAlgorithms) {
        if !skipped.path.is_empty() && !keys.iter().any(|key| key.path == skipped.path) {
            keys.extend(of_a_dropped_type(attempt, skipped));
        }
    }
    for file in attempt.identity_files.iter().filter(|file| file.missing) {
        if !keys.iter().any(|key| key.path == file.path) {
            let (origin, seen) = (KeyOrigin::CommandLine, Seen::default());
            keys.push(Key { origin, exists: false, passed_over: true, seen, ..unread(attempt, &file.path) });
        }
    }
    keys.into()
}

/// A file that ssh could not use.
fn failed(attempt: &Attempt, failure: &LoadFailure) -> Key {
    let fault = match failure.reason {
        LoadReason::InvalidFormat | LoadReason::Libcrypto => Some("damaged"),
        _ => None,
    };
    Key {
        exists: failure.reason != LoadReason::NotFound,
        readable: (failure.reason != LoadReason::PermissionDenied).into(),
        mode: failure.mode.clone(),
        mode_too_open: failure.reason == LoadReason::BadPermissions,
        fault: fault.map(str::to_owned),
        seen: failure.seen.clone(),
        ..unread(attempt, &failure.path)
    }
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
        ..Key::default()
    }
}

/// ssh marks keys that somebody named as explicit; one of the built-in names is looked at by itself.
fn origin(path: &str, offer: Option<&Offer>) -> KeyOrigin {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let built_in = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", "id_xmss"];
    if offer.is_none_or(|offer| !offer.explicit) && built_in.contains(&name) {
        KeyOrigin::Default
    } else {
        KeyOrigin::Configured
    }
}
