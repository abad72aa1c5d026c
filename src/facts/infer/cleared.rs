//! What speaks for the key files: facts about all of them together, for those who want to know what it is not.

use crate::facts::{Facts, Key, KeyOrigin};

/// Fills `readable_files`, `named_files` and `families` of `auth`.
pub(super) fn fill(facts: &mut Facts) {
    let Some(keys) = facts.keys.known() else { return };
    let (readable, named) = (readable_files(keys), named_files(keys));
    let families = families(facts);
    if let Some(auth) = facts.auth.known_mut() {
        (auth.readable_files, auth.named_files, auth.families) = (readable, named, families);
    }
}

/// The files that ssh looks at; none where one of them cannot be loaded, or nobody knows whether it can.
fn readable_files(keys: &[Key]) -> Option<usize> {
    let mut files = keys.iter().filter(|key| key.tried && key.exists).peekable();
    files.peek()?;
    files.try_fold(0, |count, key| key.loadable.is(&true).then_some(count + 1))
}

/// The files that somebody named; none where one of them does not exist.
fn named_files(keys: &[Key]) -> Option<usize> {
    let mut named =
        keys.iter().filter(|key| matches!(key.origin, KeyOrigin::Configured | KeyOrigin::CommandLine)).peekable();
    named.peek()?;
    named.try_fold(0, |count, key| key.exists.then_some(count + 1))
}

fn families(facts: &Facts) -> Vec<String> {
    let of_files = facts.keys.known().into_iter().flatten().filter(|key| key.exists);
    let of_files = of_files.filter_map(|key| key.family.known().cloned());
    let held = facts.agent.known().and_then(|agent| agent.identities.known());
    let of_agent = held.into_iter().flatten().map(|identity| identity.family.clone());
    let mut families: Vec<String> = of_files.chain(of_agent).filter(|family| !family.is_empty()).collect();
    families.sort();
    families.dedup();
    families
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Agent, Auth, Fact, Identity};

    fn key(origin: KeyOrigin, exists: bool, loadable: impl Into<Fact<bool>>) -> Key {
        Key { tried: origin != KeyOrigin::Found, origin, exists, loadable: loadable.into(), ..Key::default() }
    }

    #[test]
    fn files_speak_for_themselves_only_together() {
        use KeyOrigin::{CommandLine, Configured, Default, Found};
        let good = || key(Default, true, true);
        assert_eq!(readable_files(&[good(), key(Default, false, false), key(Found, true, false)]), Some(1));
        assert_eq!(readable_files(&[good(), key(Default, true, false)]), None);
        assert_eq!(readable_files(&[good(), key(Default, true, Fact::unknown("nobody looked"))]), None);
        assert_eq!(readable_files(&[key(Found, true, true)]), None);
        assert_eq!(named_files(&[good(), key(Configured, true, false), key(CommandLine, true, true)]), Some(2));
        assert_eq!(named_files(&[key(Configured, true, true), key(Configured, false, false)]), None);
        assert_eq!(named_files(&[good()]), None);
    }

    #[test]
    fn families_of_files_and_agent() {
        let identity = |family: &str| Identity { family: family.into(), ..Identity::default() };
        let agent = Agent { identities: vec![identity("rsa"), identity("")].into(), ..Agent::default() };
        let file = Key { family: "ed25519".to_owned().into(), ..key(KeyOrigin::Found, true, true) };
        let gone = Key { family: "dsa".to_owned().into(), ..key(KeyOrigin::Default, false, false) };
        let mut facts = Facts {
            keys: vec![file.clone(), gone, file].into(),
            agent: agent.into(),
            auth: Auth::default().into(),
            ..Facts::default()
        };
        fill(&mut facts);
        assert_eq!(facts.auth.known().expect("auth").families, ["ed25519", "rsa"]);
    }
}
