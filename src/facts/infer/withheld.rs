//! Keys that an agent shows to everybody but the server in question (PROTOCOL.agent, restrict-destination-v00@openssh.com).

use crate::facts::Facts;

/// Fills `agent.withheld`.
///
/// An agent hides a key that was added for other hosts from a connection that is bound to this one. Our own question is
/// bound to none, so it sees them all.
pub(super) fn fill(facts: &mut Facts) {
    let withheld = withheld(facts);
    if let Some(agent) = facts.agent.known_mut() {
        agent.withheld = withheld;
    }
}

fn withheld(facts: &Facts) -> Vec<String> {
    let (Some(attempt), Some(agent)) = (facts.attempt.known(), facts.agent.known()) else { return Vec::new() };
    let (Some(seen), Some(identities)) = (&attempt.agent, agent.identities.known()) else { return Vec::new() };
    let Some(shown) = seen.count.filter(|_| seen.bound).and_then(|count| usize::try_from(count).ok()) else {
        return Vec::new();
    };
    if shown >= identities.len() {
        return Vec::new();
    }
    // With IdentitiesOnly ssh says only how many it was shown, and not which.
    let all = facts.config.known().is_some_and(|config| config.identities_only.is(&false));
    if shown > 0 && !all {
        return Vec::new();
    }
    let tried = |fingerprint: &str| {
        attempt.planned.iter().any(|tried| tried.fingerprint.as_deref() == Some(fingerprint))
            || attempt.offers.iter().any(|offer| offer.fingerprint.as_deref() == Some(fingerprint))
    };
    let kept = identities.iter().filter(|identity| shown == 0 || !tried(&identity.fingerprint));
    kept.map(|identity| identity.fingerprint.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Agent, Attempt, Config, Identity},
        ssh::log::{AgentSeen, Planned},
    };

    fn of(shown: u64, bound: bool, tried: &[&str], identities_only: bool) -> Vec<String> {
        let identity = |name: &str| Identity { fingerprint: name.into(), ..Identity::default() };
        let mut attempt = Attempt::new("ssh -v");
        attempt.agent = Some(AgentSeen { count: Some(shown), bound, ..AgentSeen::default() });
        let described = |name: &&str| Planned { fingerprint: Some((*name).into()), ..Planned::default() };
        attempt.planned = tried.iter().map(described).collect();
        let agent = Agent { identities: vec![identity("a"), identity("b")].into(), ..Agent::default() };
        withheld(&Facts {
            agent: agent.into(),
            attempt: attempt.into(),
            config: Config { identities_only: identities_only.into(), ..Config::default() }.into(),
            ..Facts::default()
        })
    }

    #[test]
    fn what_a_bound_agent_did_not_show() {
        assert_eq!(of(0, true, &[], false), ["a", "b"]);
        assert_eq!(of(0, true, &[], true), ["a", "b"]);
        assert_eq!(of(1, true, &["a"], false), ["b"]);
        assert!(of(1, true, &[], true).is_empty(), "which one it was is not said");
        assert!(of(2, true, &["a", "b"], false).is_empty());
        assert!(of(0, false, &[], false).is_empty(), "a locked agent shows nothing to anybody");
    }
}
