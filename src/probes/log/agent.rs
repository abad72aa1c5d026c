//! The agent, as far as ssh and the shell around the log spoke of it.

use super::printed::Printed;
use crate::{
    facts::{Agent, AgentState, Client, Fact, Identity, Machine, Os, Version},
    probes::agent::program_of,
    ssh::log::{AgentSeen, AgentState as Met, Attempt, Offer, OfferOutcome, SignReason},
};

/// Since then ssh tells an agent without keys, and whether one took part in the binding to the host key.
const TELLS_ALL: Version = Version { major: 8, minor: 9 };

pub(super) fn look(
    attempt: &Attempt,
    client: &Fact<Client>,
    machine: &Fact<Machine>,
    printed: &Printed,
) -> Fact<Agent> {
    let version = client.known().and_then(|client| client.version.known()).copied();
    let tells_all = version.is_some_and(|version| version >= TELLS_ALL);
    let by_it =
        |reason| matches!(reason, SignReason::AgentRefused | SignReason::Communication | SignReason::OtherSignature);
    let its_own = |offer: &Offer| offer.agent || offer.sign_reason.is_some_and(by_it);
    let offers_its_keys = attempt.planned.iter().any(|key| key.agent) || attempt.offers.iter().any(its_own);
    let listed = !attempt.planned.is_empty();
    let state = match &attempt.agent {
        Some(seen) if printed.agent_unset && seen.state == Met::Unreachable => AgentState::NotConfigured,
        Some(seen) => state(seen, machine),
        None if offers_its_keys => AgentState::Answers,
        None if printed.agent_unset => AgentState::NotConfigured,
        None if printed.agent_locked || printed.agent_empty => AgentState::Answers,
        // ssh lists what it has in mind right after it asked the agent, and says nothing of one that is not configured.
        None if listed && tells_all => AgentState::NotConfigured,
        None if listed => return Fact::unknown("before 8.9 ssh says nothing of an agent that is empty or not there"),
        None => return Fact::unknown("the log has no line about an agent"),
    };
    let empty = attempt.agent.as_ref().is_some_and(|seen| seen.state == Met::Empty);
    let nothing = empty || (attempt.agent.is_none() && (printed.agent_locked || printed.agent_empty));
    let bound = attempt.agent.as_ref().is_some_and(|seen| seen.bound);
    let windows = is_windows(machine);
    // ssh-add does not bind an agent to a server.
    let by_ssh = attempt.agent.as_ref().is_some_and(|seen| seen.seen.text.starts_with("debug"));
    let by_comment = program_by_comment(attempt);
    let program = printed.socket.as_deref().map(program_of).filter(|program| *program != "unknown");
    Agent {
        state,
        socket_from: if printed.socket.is_none() && windows {
            Some("default".to_owned())
        } else {
            printed.socket_from()
        },
        socket: printed.socket.clone(),
        program: by_comment.or(program).map(str::to_owned),
        identities: if nothing || state != AgentState::Answers { Vec::new().into() } else { identities(attempt) },
        locked: if printed.agent_locked {
            true.into()
        } else if empty && tells_all && !windows && by_ssh {
            (!bound).into()
        } else {
            Fact::unknown("a log shows an empty agent and a locked one alike")
        },
        denied_by_ssh_add: printed.agent_unset || attempt.agent.as_ref().is_some_and(found_none),
        may_ask: attempt.offers.iter().any(|offer| its_own(offer) && offer.outcome == OfferOutcome::SigningFailed),
        ..Agent::default()
    }
    .into()
}

/// The keys, where ssh lists as many as the agent said it has.
fn identities(attempt: &Attempt) -> Fact<Vec<Identity>> {
    let keys: Vec<Identity> = attempt.planned.iter().filter(|key| key.agent).map(identity).collect();
    let count = attempt.agent.as_ref().and_then(|seen| seen.count).and_then(|count| usize::try_from(count).ok());
    if count == Some(keys.len()) {
        return keys.into();
    }
    Fact::unknown("a log shows the agent's keys only as far as ssh came to them")
}

fn identity(key: &crate::ssh::log::Planned) -> Identity {
    let name = key.algorithm.as_deref().unwrap_or_default();
    let (algorithm, family) = match name.to_ascii_uppercase().as_str() {
        "RSA" => ("ssh-rsa", "rsa"),
        "ED25519" => ("ssh-ed25519", "ed25519"),
        "ED25519-SK" => ("sk-ssh-ed25519@openssh.com", "ed25519-sk"),
        "ECDSA-SK" => ("sk-ecdsa-sha2-nistp256@openssh.com", "ecdsa-sk"),
        "ECDSA" => ("", "ecdsa"),
        "DSA" => ("ssh-dss", "dsa"),
        _ => ("", "other"),
    };
    Identity {
        algorithm: algorithm.to_owned(),
        family: family.to_owned(),
        bits: Fact::unknown("a log does not show how long a key is"),
        fingerprint: key.fingerprint.clone().unwrap_or_default(),
        comment: key.path.clone(),
        ..Identity::default()
    }
}

/// Some agents name their keys in a way of their own.
fn program_by_comment(attempt: &Attempt) -> Option<&'static str> {
    let planned = attempt.planned.iter().filter(|key| key.agent).map(|key| key.path.as_str());
    let offered = attempt.offers.iter().filter(|offer| offer.agent).map(|offer| offer.path.as_str());
    let programs = [("@secretive.", "secretive"), ("cardno:", "gpg-agent")];
    let program_of = |comment: &str| programs.iter().find(|(part, _)| comment.contains(part)).map(|(_, name)| *name);
    // The key that failed says more than its neighbours.
    let failed = attempt.offers.iter().filter(|offer| offer.outcome == OfferOutcome::SigningFailed);
    match failed.map(|offer| offer.path.as_str()).next_back() {
        Some(comment) => program_of(comment),
        None => planned.chain(offered).find_map(program_of),
    }
}

/// strerror(3) on connect(2) to the socket.
fn state(seen: &AgentSeen, machine: &Fact<Machine>) -> AgentState {
    let text = seen.text.as_deref().unwrap_or_default().to_ascii_lowercase();
    match seen.state {
        _ if found_none(seen) => AgentState::NotConfigured,
        Met::Ok | Met::Empty => AgentState::Answers,
        Met::Unreachable if text.contains("permission denied") => AgentState::Forbidden,
        Met::Unreachable if text.contains("refused") => AgentState::Dead,
        Met::Unreachable if text.contains("no such file") && !is_windows(machine) => AgentState::Missing,
        Met::Unreachable if text.contains("no such file") || text.contains("connect to pipe") => AgentState::Dead,
        Met::Unreachable => AgentState::Failing,
    }
}

/// `ssh-add` has the same words for an agent that is not configured, in all versions.
fn found_none(seen: &AgentSeen) -> bool {
    seen.text.as_deref().is_some_and(|text| text.contains("Could not open a connection to your auth"))
}

fn is_windows(machine: &Fact<Machine>) -> bool {
    machine.known().is_some_and(|machine| machine.os == Os::Windows)
}

#[cfg(test)]
mod tests {
    use super::super::tests::facts;
    use super::*;

    fn of(version: &str, lines: &str) -> Option<Agent> {
        let log =
            format!("OpenSSH_{version}, OpenSSL 3.0.1\n{lines}debug1: Will attempt key: /home/ana/.ssh/id_rsa \n");
        facts(&log).agent.known().cloned()
    }

    #[test]
    fn silence_about_an_agent_means_what_the_version_makes_of_it() {
        assert_eq!(of("8.9p1", "").map(|agent| agent.state), Some(AgentState::NotConfigured));
        assert_eq!(of("8.4p1", ""), None, "an empty agent is not spoken of either");
        let asked = "Could not open a connection to your authentication agent.\n";
        assert!(of("8.4p1", asked).is_some_and(|agent| agent.denied_by_ssh_add));
    }

    #[test]
    fn an_empty_agent_that_was_not_bound_may_be_locked() {
        let empty = "debug1: get_agent_identities: ssh_fetch_identitylist: agent contains no identities\n";
        let locked = |lines: &str| of("9.2p1", lines).and_then(|agent| agent.locked.known().copied());
        assert_eq!(locked(empty), Some(true));
        assert_eq!(locked(&format!("debug1: get_agent_identities: bound agent to hostkey\n{empty}")), Some(false));
    }

    #[test]
    fn keys_are_known_where_ssh_lists_as_many_as_there_are() {
        let count = |lines: &str| of("9.2p1", lines).and_then(|agent| agent.identities.known().map(Vec::len));
        let key = "debug1: Will attempt key: home ED25519 SHA256:a agent\n";
        let returned = |number: u8| format!("debug1: get_agent_identities: agent returned {number} keys\n{key}");
        assert_eq!(count(&returned(1)), Some(1));
        assert_eq!(count(&returned(2)), None, "IdentitiesOnly hides one");
    }

    #[test]
    fn some_agents_show_by_the_names_of_their_keys() {
        let program = |key: &str| {
            let lines = format!("debug1: Offering public key: {key} ECDSA SHA256:a agent\n");
            of("9.2p1", &lines).and_then(|agent| agent.program)
        };
        assert_eq!(program("me@secretive.Mac.local").as_deref(), Some("secretive"));
        assert_eq!(program("cardno:000612345678").as_deref(), Some("gpg-agent"));
        assert_eq!(program("ana@laptop"), None);
    }
}
