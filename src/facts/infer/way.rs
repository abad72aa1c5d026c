//! The way to a shell as a short list: what was found at each stage, and how far the login came.

mod circleci;
mod shown;

use crate::{
    facts::{AgentState, Facts, Key, Plan, Stage, Step},
    ssh::log::HostKeyState,
};

/// The stages in the order in which a login meets them, with a few words each. CircleCI's own side comes last, and only where
/// something was asked there.
pub fn way(facts: &Facts) -> Vec<Step> {
    let mut steps = if facts.log.is_some() { shown::steps(facts) } else { looked_at(facts) };
    mark_failure(facts, &mut steps);
    steps.extend(circleci::step(facts));
    steps
}

fn looked_at(facts: &Facts) -> Vec<Step> {
    vec![
        client(facts),
        config(facts),
        keys(facts),
        agent(facts),
        network(facts),
        handshake(facts),
        host_key(facts),
        authentication(facts),
    ]
}

fn step(stage: Stage, status: &str, summary: impl Into<String>) -> Step {
    Step { stage, status: status.into(), summary: summary.into() }
}

fn not_checked(stage: Stage, why: &str) -> Step {
    step(stage, "not-checked", why)
}

/// Puts the failure where the attempt ended, and "not reached" behind it.
fn mark_failure(facts: &Facts, steps: &mut [Step]) {
    let Some(login) = facts.login.known().filter(|login| !login.works) else { return };
    let Some(failed) = login.failed_stage else { return };
    for step in steps.iter_mut() {
        if step.stage == failed && facts.log.as_ref().is_some_and(|log| log.unfinished) {
            step.status = "warning".into();
            step.summary = "the log stops here".into();
        } else if step.stage == failed {
            step.status = "failed".into();
            if !login.seen.text.is_empty() {
                step.summary.clone_from(&login.seen.text);
            }
        } else if step.stage > failed && step.stage > Stage::Agent {
            step.status = "not-reached".into();
            step.summary = String::new();
        }
    }
}

fn client(facts: &Facts) -> Step {
    match &facts.client {
        crate::facts::Fact::Unknown(why) => not_checked(Stage::Client, why),
        crate::facts::Fact::Known(client) => {
            let path = client.path.as_deref().unwrap_or("ssh");
            match (client.found, client.usable.known(), client.version_text.known()) {
                (false, ..) => step(Stage::Client, "failed", "no ssh on PATH"),
                (true, Some(false), _) => step(Stage::Client, "failed", format!("{path} does not start")),
                (true, _, Some(version)) => {
                    let short = version.split(',').next().unwrap_or(version);
                    step(Stage::Client, "ok", format!("{short}, {path}"))
                }
                _ => step(Stage::Client, "ok", path),
            }
        }
    }
}

fn config(facts: &Facts) -> Step {
    match &facts.config {
        crate::facts::Fact::Unknown(why) => not_checked(Stage::Config, why),
        crate::facts::Fact::Known(config) => match config.errors.first() {
            Some(error) => step(Stage::Config, "failed", error.seen.text.clone()),
            None if config.files.is_empty() && of_a_log(facts) => {
                not_checked(Stage::Config, "the log does not show which files ssh read")
            }
            None => {
                let files = match config.files.len() {
                    0 => "no configuration file".to_owned(),
                    1 => config.files[0].clone(),
                    count => format!("{count} files"),
                };
                step(Stage::Config, "ok", files)
            }
        },
    }
}

fn of_a_log(facts: &Facts) -> bool {
    facts.target.as_ref().is_some_and(|target| target.of_a_log)
}

/// `1 key`, `3 keys`.
pub fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

fn keys(facts: &Facts) -> Step {
    match &facts.keys {
        crate::facts::Fact::Unknown(why) => not_checked(Stage::Keys, why),
        crate::facts::Fact::Known(keys) => {
            let there: Vec<&Key> = keys.iter().filter(|key| key.exists).collect();
            let tried = there.iter().filter(|key| key.tried).count();
            let mut summary = if there.is_empty() {
                "no private key on disk".to_owned()
            } else {
                format!("{} on disk, ssh looks at {tried}", count(there.len(), "private key"))
            };
            let failed = facts.login.known().is_some_and(|login| !login.works);
            if let Some(auth) = facts.auth.known().filter(|auth| failed && auth.shown > 0) {
                summary.push_str(&format!("; the server was shown {}", count(auth.shown, "public key")));
            }
            step(Stage::Keys, "ok", summary)
        }
    }
}

/// Why nothing is known of an agent's keys; `None` where it answers.
fn agent_that_does_not_answer(state: AgentState) -> Option<&'static str> {
    Some(match state {
        AgentState::NotConfigured => "none",
        AgentState::Off => "switched off (IdentityAgent none)",
        AgentState::Missing => "its socket does not exist",
        AgentState::Dead => "nobody listens at its socket",
        AgentState::Forbidden => "its socket belongs to somebody else",
        AgentState::Silent => "it does not answer",
        AgentState::Failing => "it answers with a failure",
        AgentState::Answers => return None,
    })
}

fn agent(facts: &Facts) -> Step {
    match &facts.agent {
        crate::facts::Fact::Unknown(why) => not_checked(Stage::Agent, why),
        crate::facts::Fact::Known(agent) => {
            let summary = agent_that_does_not_answer(agent.state).map_or_else(
                || match agent.identities.known().map_or(0, Vec::len) {
                    0 => "it holds no key".to_owned(),
                    held => format!("it holds {}", count(held, "key")),
                },
                str::to_owned,
            );
            step(Stage::Agent, "ok", summary)
        }
    }
}

fn network(facts: &Facts) -> Step {
    match &facts.network {
        crate::facts::Fact::Unknown(why) => match facts.login.known() {
            Some(login) if login.works => step(Stage::Network, "ok", "connected"),
            _ => not_checked(Stage::Network, why),
        },
        crate::facts::Fact::Known(network) => {
            let place = format!("{} port {}", network.host, network.port);
            match network.tcp.known() {
                Some(tcp) if tcp.state == "open" && of_a_log(facts) => {
                    step(Stage::Network, "ok", format!("{place} answers"))
                }
                Some(tcp) if tcp.state == "open" => {
                    step(Stage::Network, "ok", format!("{place} answers after {} ms", tcp.milliseconds))
                }
                Some(tcp) => {
                    step(Stage::Network, "failed", format!("{place}: {}", tcp.text.as_deref().unwrap_or(&tcp.state)))
                }
                None if network.resolve_failure.is_some() => {
                    step(Stage::Network, "failed", format!("{} has no address", network.host))
                }
                None => not_checked(Stage::Network, "no connection was made"),
            }
        }
    }
}

fn handshake(facts: &Facts) -> Step {
    match &facts.server {
        crate::facts::Fact::Unknown(why) => match facts.login.known() {
            Some(login) if login.works => step(Stage::Handshake, "ok", "agreed"),
            _ => not_checked(Stage::Handshake, why),
        },
        crate::facts::Fact::Known(server) => match (&server.greeting, &server.first_line) {
            (Some(greeting), _) => step(Stage::Handshake, "ok", format!("the server greets as {greeting}")),
            (None, Some(line)) => step(Stage::Handshake, "failed", format!("it says \u{201c}{line}\u{201d}")),
            (None, None) => step(Stage::Handshake, "failed", "the server does not greet"),
        },
    }
}

fn host_key(facts: &Facts) -> Step {
    let Some(attempt) = facts.attempt.known() else { return not_checked(Stage::HostKey, "no login was attempted") };
    let Some(fingerprint) = attempt.server.as_ref().and_then(|server| server.host_key_fingerprint.as_ref()) else {
        return not_checked(Stage::HostKey, "the server showed no key");
    };
    let contradiction = match attempt.host_key.as_ref().map(|host_key| host_key.state) {
        Some(HostKeyState::Changed) => Some("not the one in known_hosts"),
        Some(HostKeyState::Revoked) => Some("revoked"),
        _ => None,
    };
    // StrictHostKeyChecking no lets ssh go on.
    if let Some(what) = contradiction {
        return step(Stage::HostKey, "warning", format!("{what}: {fingerprint}"));
    }
    let known = facts.known_hosts.known().is_some_and(|known| !known.entries.is_empty());
    let how = if known { "in known_hosts" } else { "new, as with every job" };
    step(Stage::HostKey, "ok", format!("{how}: {fingerprint}"))
}

fn authentication(facts: &Facts) -> Step {
    let Some(login) = facts.login.known() else {
        let heard = facts.witness.known().map(|witness| witness.accepted_names.as_slice()).unwrap_or_default();
        let summary = match heard {
            [] => format!("no login was attempted{}", expected(facts)),
            names => format!("no login was attempted; the server would accept {}", names.join(", ")),
        };
        return not_checked(Stage::Authentication, &summary);
    };
    if !login.works {
        return not_checked(Stage::Authentication, "");
    }
    if login.shared {
        let summary = "through the connection that another ssh of yours keeps open (ControlPath)";
        return step(Stage::Authentication, "ok", summary);
    }
    let winner = facts.auth.known().and_then(|auth| auth.winner.as_ref()).filter(|winner| winner.offered);
    let summary = match (login.needs.as_deref(), winner) {
        (None, Some(winner)) => format!("logged in with {}", winner.name),
        (None, None) => "logged in".to_owned(),
        (Some(_), Some(winner)) => format!("the server accepts {}", winner.name),
        (Some(_), None) => "the server accepts the key".to_owned(),
    };
    step(Stage::Authentication, "ok", summary)
}

/// What ssh would offer, in words that follow others; nothing where that is not certain.
fn expected(facts: &Facts) -> String {
    let sure = |plan: &&Plan| plan.unsure.is_none() && facts.target.is_some();
    let Some(plan) = facts.plan.known().filter(sure) else { return String::new() };
    match plan.offers.as_slice() {
        [] => "; ssh would offer no key".to_owned(),
        [only] => format!("; ssh would offer {}", only.name),
        [first, ..] => format!("; ssh would offer {}, {} first", count(plan.offers.len(), "key"), first.name),
    }
}
