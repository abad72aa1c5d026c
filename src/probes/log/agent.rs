//! The agent, as far as ssh spoke of it.

use crate::{
    facts::{Agent, AgentState, Fact, Machine, Os},
    ssh::log::{AgentSeen, AgentState as Met, Attempt, OfferOutcome},
};

pub(super) fn look(attempt: &Attempt, machine: &Fact<Machine>) -> Fact<Agent> {
    let Some(seen) = &attempt.agent else {
        return Fact::unknown("the log has no line about an agent");
    };
    let identities = match seen.state {
        Met::Empty | Met::Unreachable => Vec::new().into(),
        Met::Ok => Fact::unknown("a log shows the agent's keys only as far as ssh came to them"),
    };
    Agent {
        state: state(seen, machine),
        identities,
        locked: Fact::unknown("a log shows an empty agent and a locked one alike"),
        may_ask: attempt.offers.iter().any(|offer| offer.agent && offer.outcome == OfferOutcome::SigningFailed),
        ..Agent::default()
    }
    .into()
}

/// strerror(3) on connect(2) to the socket.
fn state(seen: &AgentSeen, machine: &Fact<Machine>) -> AgentState {
    let text = seen.text.as_deref().unwrap_or_default().to_ascii_lowercase();
    match seen.state {
        Met::Ok | Met::Empty => AgentState::Answers,
        Met::Unreachable if text.contains("permission denied") => AgentState::Forbidden,
        Met::Unreachable if text.contains("refused") => AgentState::Dead,
        Met::Unreachable if text.contains("no such file") && !is_windows(machine) => AgentState::Missing,
        Met::Unreachable if text.contains("no such file") => AgentState::Dead,
        Met::Unreachable => AgentState::Failing,
    }
}

fn is_windows(machine: &Fact<Machine>) -> bool {
    machine.known().is_some_and(|machine| machine.os == Os::Windows)
}
