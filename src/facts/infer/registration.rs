//! Which key of this machine is worth registering with CircleCI.

use crate::facts::{Facts, Key, Register};

/// The first key that ssh tries and can use; keys that it does not look at come last.
pub(super) fn register(facts: &Facts) -> Option<Register> {
    let keys = facts.keys.known().map(Vec::as_slice).unwrap_or_default();
    let pick = |tried: bool| keys.iter().find(|key| key.tried == tried && usable(key));
    if let Some(key) = pick(true).or_else(|| pick(false)) {
        let public = key.public_file.as_ref().filter(|file| file.valid && !file.matches.is(&false));
        return Some(match public {
            Some(file) => Register { public_path: Some(file.path.clone()), ..Register::default() },
            None => Register { private_path: Some(key.path.clone()), ..Register::default() },
        });
    }
    let identities = facts.agent.known().and_then(|agent| agent.identities.known());
    identities
        .is_some_and(|identities| !identities.is_empty())
        .then(|| Register { in_agent: true, ..Register::default() })
}

fn usable(key: &Key) -> bool {
    key.exists
        && key.fault.is_none()
        && !key.type_unsupported
        && !key.too_small
        && !key.readable.is(&false)
        && !key.loadable.is(&false)
        && !key.family.is(&"dsa".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Agent, Identity, PublicFile};

    fn key(path: &str, tried: bool) -> Key {
        let file = PublicFile { path: format!("{path}.pub"), valid: true, ..PublicFile::default() };
        Key { path: path.into(), tried, exists: true, public_file: Some(file), ..Key::default() }
    }

    fn of(keys: Vec<Key>) -> Option<Register> {
        register(&Facts { keys: keys.into(), ..Facts::default() })
    }

    #[test]
    fn what_ssh_tries_comes_first() {
        let found = of(vec![key("/other", false), key("/id_ed25519", true)]).expect("there is a key");
        assert_eq!(found.public_path.as_deref(), Some("/id_ed25519.pub"));
        let damaged = Key { fault: Some("crlf".into()), ..key("/id_rsa", true) };
        let found = of(vec![damaged, key("/other", false)]).expect("there is a key");
        assert_eq!(found.public_path.as_deref(), Some("/other.pub"));
    }

    #[test]
    fn a_key_without_its_public_half() {
        let found = of(vec![Key { public_file: None, ..key("/id_rsa", true) }]).expect("there is a key");
        assert_eq!(found.private_path.as_deref(), Some("/id_rsa"));
    }

    #[test]
    fn the_agent_alone() {
        let agent = Agent { identities: vec![Identity::default()].into(), ..Agent::default() };
        let facts = Facts { agent: agent.into(), ..Facts::default() };
        assert!(register(&facts).is_some_and(|found| found.in_agent));
        assert_eq!(of(Vec::new()), None);
    }
}
