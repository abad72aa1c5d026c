//! Which of this machine's keys the git host knows.

use std::collections::BTreeSet;

use crate::facts::{AgentState, CircleCi, Fact, Facts, Seen, circleci::GitHost};

/// Fills `local`, `none_local` and the evidence of `git_host`.
pub(super) fn fill(side: &mut CircleCi, facts: &Facts) {
    let Some(host) = side.git_host.as_mut().and_then(Fact::known_mut) else { return };
    host.local = local(host, facts);
    host.none_local = match (host.local.is_empty(), everything_compared(facts)) {
        (false, _) => false.into(),
        (true, Ok(())) => true.into(),
        (true, Err(why)) => Fact::unknown(why),
    };
    host.seen = Some(Seen { source: host.url.clone(), line: None, text: told(host) });
}

fn local(host: &GitHost, facts: &Facts) -> Vec<String> {
    let registered: BTreeSet<&str> = host.keys.iter().map(|key| key.trim_end_matches('=')).collect();
    let is_there = |fingerprint: &str| registered.contains(fingerprint.trim_end_matches('='));
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut names = Vec::new();
    for key in facts.keys.known().into_iter().flatten().filter(|key| key.exists) {
        if let Some(fingerprint) = key.fingerprint.known().filter(|fingerprint| is_there(fingerprint))
            && seen.insert(fingerprint.clone())
        {
            names.push(key.path.clone());
        }
    }
    let held = facts.agent.known().and_then(|agent| agent.identities.known());
    for identity in held.into_iter().flatten() {
        if is_there(&identity.fingerprint) && seen.insert(identity.fingerprint.clone()) {
            names.push(if identity.comment.is_empty() {
                identity.fingerprint.clone()
            } else {
                identity.comment.clone()
            });
        }
    }
    names
}

/// Whether every key of this machine had a fingerprint to compare.
fn everything_compared(facts: &Facts) -> Result<(), String> {
    let Fact::Known(keys) = &facts.keys else { return Err("the keys on disk are not known".to_owned()) };
    if let Some(key) = keys.iter().find(|key| key.exists && key.fingerprint.known().is_none()) {
        return Err(format!("the public half of {} is not known", key.path));
    }
    match facts.agent.known() {
        None => Err("the agent's keys are not known".to_owned()),
        Some(agent) => match agent.state {
            AgentState::NotConfigured | AgentState::Off | AgentState::Missing | AgentState::Dead => Ok(()),
            AgentState::Answers if agent.identities.known().is_some() => Ok(()),
            _ => Err("the agent's keys are not known".to_owned()),
        },
    }
}

fn told(host: &GitHost) -> String {
    let keys = match host.keys.len() {
        0 => "no key".to_owned(),
        1 => "1 key".to_owned(),
        count => format!("{count} keys"),
    };
    match host.local.as_slice() {
        _ if host.keys.is_empty() => keys,
        [] if host.none_local.is(&true) => format!("{keys}, none of them this machine's"),
        [] => keys,
        names => format!("{keys}, {} among them", names.join(" and ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Agent, Identity, Key};

    fn key(path: &str, fingerprint: Option<&str>) -> Key {
        let fingerprint = fingerprint.map_or_else(|| Fact::unknown("encrypted"), |text| text.to_owned().into());
        Key { path: path.into(), exists: true, fingerprint, ..Key::default() }
    }

    fn filled(keys: Vec<Key>, held: &[(&str, &str)], state: AgentState, registered: &[&str]) -> GitHost {
        let identities: Vec<Identity> = held
            .iter()
            .map(|(fingerprint, comment)| Identity {
                fingerprint: (*fingerprint).into(),
                comment: (*comment).into(),
                ..Identity::default()
            })
            .collect();
        let identities = if state == AgentState::Answers { identities.into() } else { Fact::default() };
        let facts = Facts {
            keys: keys.into(),
            agent: Agent { state, identities, ..Agent::default() }.into(),
            ..Facts::default()
        };
        let host = GitHost {
            url: "https://github.com/ana.keys".into(),
            account: "ana".into(),
            keys: registered.iter().map(|key| (*key).to_owned()).collect(),
            ..GitHost::default()
        };
        let mut side = CircleCi { git_host: Some(host.into()), ..CircleCi::default() };
        fill(&mut side, &facts);
        side.git_host.and_then(|host| host.known().cloned()).expect("filled")
    }

    #[test]
    fn registered_keys_of_disk_and_agent() {
        let host = filled(
            vec![key("/a", Some("SHA256:a")), key("/b", None)],
            &[("SHA256:a", "a"), ("SHA256:c", "token")],
            AgentState::Answers,
            &["SHA256:a", "SHA256:c="],
        );
        assert_eq!(host.local, ["/a", "token"]);
        assert_eq!(host.none_local.known(), Some(&false));
        assert_eq!(host.seen.expect("evidence").text, "2 keys, /a and token among them");
    }

    #[test]
    fn none_is_registered_only_where_all_were_compared() {
        let one = || vec![key("/a", Some("SHA256:a"))];
        let none = |keys, state| filled(keys, &[], state, &["SHA256:z"]).none_local;
        assert_eq!(none(one(), AgentState::NotConfigured).known(), Some(&true));
        assert_eq!(none(one(), AgentState::Answers).known(), Some(&true));
        assert_eq!(none(one(), AgentState::Silent).known(), None);
        assert_eq!(none(vec![key("/b", None)], AgentState::Off).known(), None);
        assert_eq!(filled(one(), &[], AgentState::Off, &[]).seen.expect("evidence").text, "no key");
    }
}
