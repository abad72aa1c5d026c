//! Which key files may have decided the login: a fault of any other file is nobody's business.

use crate::facts::{Facts, Identity, Key, Stage, Winner};

/// Fills `wanted` and `private_file` of every key; after `login` and `auth`.
pub(super) fn fill(facts: &mut Facts) {
    let Some(keys) = facts.keys.known() else { return };
    let wanted: Vec<bool> = keys.iter().map(|key| is_wanted(facts, keys, key)).collect();
    let private: Vec<Option<String>> = keys.iter().map(|key| private_beside(keys, key)).collect();
    for ((key, wanted), private) in facts.keys.known_mut().into_iter().flatten().zip(wanted).zip(private) {
        key.wanted = wanted;
        key.private_file = private;
    }
}

fn is_wanted(facts: &Facts, keys: &[Key], key: &Key) -> bool {
    if !key.exists || key.in_agent.is(&true) || !got_as_far_as_keys(facts) {
        return false;
    }
    if let Some(winner) = facts.auth.known().and_then(|auth| auth.winner.as_ref()) {
        return is_the_winner(key, winner);
    }
    if key.type_unsupported {
        // A type that this ssh has dropped is not among the names it tries, and a query shows nothing about it either.
        return !another_serves(facts, keys, key);
    }
    let shown_instead = key.public_file.as_ref().is_some_and(|public| public.accepted.is(&true));
    let tried = key.tried && (key.may_serve || shown_instead);
    match facts.login.known() {
        Some(_) => tried,
        None => tried && key.in_agent.is(&false) && !another_serves(facts, keys, key),
    }
}

/// The login ended while it authenticated, or none was tried.
fn got_as_far_as_keys(facts: &Facts) -> bool {
    facts.login.known().is_none_or(|login| {
        !login.works && matches!(login.failed_stage, Some(Stage::Keys | Stage::Agent | Stage::Authentication))
    })
}

/// A winner that can be used is one file; one that cannot is whatever file holds it.
fn is_the_winner(key: &Key, winner: &Winner) -> bool {
    let of_it = |fingerprint: Option<&String>| fingerprint.is_some_and(|known| *known == winner.fingerprint);
    let public = key.public_file.as_ref().and_then(|public| public.fingerprint.as_ref());
    key.path == winner.name || (!winner.ready && (of_it(key.fingerprint.known()) || of_it(public)))
}

/// Another key could log in: one that ssh would offer and that the server has not refused.
fn another_serves(facts: &Facts, keys: &[Key], key: &Key) -> bool {
    let on_disk = keys
        .iter()
        .any(|other| other.path != key.path && other.tried && other.loadable.is(&true) && !other.accepted.is(&false));
    let refused = facts.query.known().map(|query| query.refused.as_slice()).unwrap_or_default();
    let held = facts.agent.known().and_then(|agent| agent.identities.known());
    // What ssh keeps back, behind IdentitiesOnly say, serves nobody.
    let serves = |identity: &Identity| !refused.contains(&identity.fingerprint) && !identity.offered.is(&false);
    on_disk || held.into_iter().flatten().any(serves)
}

/// The private key of a public one: the file of that name without its ending, or another that holds the same key.
fn private_beside(keys: &[Key], key: &Key) -> Option<String> {
    if key.fault.as_deref() != Some("public") {
        return None;
    }
    let private = |other: &&Key| other.exists && other.fault.as_deref() != Some("public");
    let stem = key.path.strip_suffix(".pub");
    let by_name = keys.iter().filter(private).find(|other| Some(other.path.as_str()) == stem);
    let same = |other: &&Key| key.fingerprint.known().is_some_and(|own| other.fingerprint.is(own));
    by_name.or_else(|| keys.iter().filter(private).find(same)).map(|other| other.path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Auth, Fact, Login, PublicFile};

    fn key(path: &str) -> Key {
        Key {
            path: path.into(),
            tried: true,
            exists: true,
            may_serve: true,
            loadable: false.into(),
            in_agent: false.into(),
            fingerprint: format!("SHA256:{path}").into(),
            ..Key::default()
        }
    }

    fn wanted(facts: &mut Facts) -> Vec<bool> {
        fill(facts);
        facts.keys.known().expect("keys").iter().map(|key| key.wanted).collect()
    }

    fn refused(keys: Vec<Key>) -> Facts {
        let login = Login { failed_stage: Some(Stage::Authentication), ..Login::default() };
        Facts { keys: keys.into(), login: login.into(), auth: Auth::default().into(), ..Facts::default() }
    }

    #[test]
    fn a_key_that_ssh_looks_at_and_nobody_refused_is_wanted() {
        let stray = Key { tried: false, ..key("/stray") };
        let no = Key { may_serve: false, accepted: false.into(), ..key("/no") };
        let held = Key { in_agent: true.into(), ..key("/held") };
        let gone = Key { exists: false, ..key("/gone") };
        assert_eq!(wanted(&mut refused(vec![key("/k"), stray, no, held, gone])), [true, false, false, false, false]);
    }

    #[test]
    fn a_key_whose_public_file_the_server_accepts_is_wanted() {
        let public = PublicFile { accepted: true.into(), ..PublicFile::default() };
        let other = Key { may_serve: false, public_file: Some(public), ..key("/k") };
        assert_eq!(wanted(&mut refused(vec![other])), [true]);
    }

    #[test]
    fn only_a_login_that_came_to_the_keys_can_have_failed_for_one() {
        for login in [
            Login { works: true, ..Login::default() },
            Login { failed_stage: Some(Stage::Network), ..Login::default() },
            Login::default(),
        ] {
            let mut facts = Facts { keys: vec![key("/k")].into(), login: login.into(), ..Facts::default() };
            assert_eq!(wanted(&mut facts), [false]);
        }
    }

    #[test]
    fn a_known_winner_leaves_the_others_in_peace() {
        let winner = |ready| Winner {
            name: "/w".into(),
            path: "/w".to_owned().into(),
            fingerprint: "SHA256:/w".into(),
            ready,
            ..Winner::default()
        };
        let copy = Key { fingerprint: "SHA256:/w".to_owned().into(), ..key("/copy") };
        for (ready, expected) in [(true, [false, true, false]), (false, [false, true, true])] {
            let mut facts = refused(vec![key("/k"), key("/w"), copy.clone()]);
            facts.auth = Auth { winner: Some(winner(ready)), ..Auth::default() }.into();
            assert_eq!(wanted(&mut facts), expected);
        }
    }

    #[test]
    fn without_an_attempt_another_good_key_is_enough() {
        let good = Key { loadable: true.into(), ..key("/good") };
        let mut facts = Facts { keys: vec![key("/bad"), good].into(), ..Facts::default() };
        assert_eq!(wanted(&mut facts), [false, true]);
        let mut facts = Facts { keys: vec![key("/bad")].into(), ..Facts::default() };
        assert_eq!(wanted(&mut facts), [true]);
        let hidden = Key { in_agent: Fact::unknown("the agent is silent"), ..key("/bad") };
        let mut facts = Facts { keys: vec![hidden].into(), ..Facts::default() };
        assert_eq!(wanted(&mut facts), [false], "ignorance accuses nobody");
    }

    #[test]
    fn a_dropped_type_is_wanted_when_there_is_nothing_else() {
        let dsa = Key { tried: false, type_unsupported: true, ..key("/id_dsa") };
        assert_eq!(wanted(&mut refused(vec![dsa.clone()])), [true]);
        let good = Key { loadable: true.into(), ..key("/good") };
        assert_eq!(wanted(&mut refused(vec![dsa, good])), [false, true]);
    }

    #[test]
    fn the_private_key_beside_a_public_one_is_found() {
        let public = Key { fault: Some("public".into()), ..key("/k.pub") };
        let mut facts = refused(vec![public.clone(), key("/k")]);
        fill(&mut facts);
        assert_eq!(facts.keys.known().expect("keys")[0].private_file.as_deref(), Some("/k"));
        let mut facts = refused(vec![public]);
        fill(&mut facts);
        assert_eq!(facts.keys.known().expect("keys")[0].private_file, None);
    }
}
