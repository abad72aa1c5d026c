//! The way as a log shows it: each stage by the lines of ssh about it, and nothing about what they do not show.

use super::{agent_that_does_not_answer, authentication, count, not_checked, step};
use crate::{
    facts::{Attempt, Fact, Facts, Stage, Step},
    ssh::log::{HostKeyState, Stage as Reached},
};

/// The stages; one that the log says nothing about has no words.
pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    let nothing = Attempt::new("");
    let attempt = facts.attempt.known().unwrap_or(&nothing);
    let steps = [
        (Stage::Client, client(facts)),
        (Stage::Config, config(facts)),
        (Stage::Keys, keys(facts, attempt)),
        (Stage::Agent, agent(facts, attempt)),
        (Stage::Network, network(attempt)),
        (Stage::Handshake, handshake(attempt)),
        (Stage::HostKey, host_key(attempt)),
    ];
    let shown = steps.into_iter().map(|(stage, words)| match words {
        Some((status, summary)) => step(stage, status, summary),
        None => not_checked(stage, ""),
    });
    shown.chain([authentication(facts)]).collect()
}

type Words = Option<(&'static str, String)>;

fn client(facts: &Facts) -> Words {
    let writer = facts.log.as_ref().and_then(|log| log.writer.clone())?;
    Some(("ok", writer))
}

fn config(facts: &Facts) -> Words {
    let error = facts.config.known().and_then(|config| config.errors.first())?;
    Some(("failed", error.seen.text.clone()))
}

fn keys(facts: &Facts, attempt: &Attempt) -> Words {
    let shown = facts.auth.known().map_or(0, |auth| auth.shown.max(auth.offered));
    let summary = match (attempt.offers.as_slice(), shown) {
        ([], _) if attempt.tried.is_empty() => return None,
        ([], _) => "ssh found no key to offer".to_owned(),
        ([only], _) => format!("ssh offered {}", only.path),
        ([first, ..], _) => format!("ssh came to {}, {} first", count(attempt.offers.len(), "key"), first.path),
    };
    Some(("ok", summary))
}

fn agent(facts: &Facts, attempt: &Attempt) -> Words {
    let agent = facts.agent.known()?;
    let held = attempt.agent.as_ref().and_then(|seen| seen.count);
    let summary = match (agent_that_does_not_answer(agent.state), held, &agent.identities) {
        (Some(why), ..) => why.to_owned(),
        (None, Some(held), _) => format!("it holds {}", count(usize::try_from(held).unwrap_or(usize::MAX), "key")),
        (None, None, Fact::Known(held)) if held.is_empty() => "it holds no key".to_owned(),
        (None, None, Fact::Known(held)) => format!("it holds {}", count(held.len(), "key")),
        (None, None, Fact::Unknown(_)) => "it answers".to_owned(),
    };
    Some(("ok", summary))
}

fn network(attempt: &Attempt) -> Words {
    let proxy = attempt.proxy.as_ref();
    if attempt.reached < Reached::Connected {
        return None;
    }
    if let Some(proxy) = proxy {
        return Some(("ok", if proxy.jump { "through the jump host" } else { "through the proxy command" }.to_owned()));
    }
    let Some(connect) = attempt.connect.as_ref().filter(|connect| !connect.host.is_empty()) else {
        return Some(("ok", "connected".to_owned()));
    };
    Some(("ok", format!("connected to {} port {}", connect.address.as_ref().unwrap_or(&connect.host), connect.port)))
}

fn handshake(attempt: &Attempt) -> Words {
    let server = attempt.server.as_ref().filter(|_| attempt.reached >= Reached::Greeting);
    let summary = match server.and_then(|server| server.software.as_ref()) {
        Some(software) => format!("the server greets as {software}"),
        None if attempt.reached > Reached::HostKey => "agreed".to_owned(),
        None => return None,
    };
    Some(("ok", summary))
}

fn host_key(attempt: &Attempt) -> Words {
    let state = attempt.host_key.as_ref().map(|key| key.state);
    let fingerprint = attempt.server.as_ref().and_then(|server| server.host_key_fingerprint.as_ref());
    let (status, words) = match state {
        Some(HostKeyState::Known) => ("ok", "in known_hosts"),
        Some(HostKeyState::New) => ("ok", "new, as with every job"),
        Some(HostKeyState::Changed) => ("warning", "not the one in known_hosts"),
        Some(HostKeyState::Revoked) => ("warning", "revoked"),
        _ if fingerprint.is_some() => ("ok", "shown"),
        _ if attempt.reached > Reached::HostKey => return Some(("ok", "taken".to_owned())),
        _ => return None,
    };
    Some((status, fingerprint.map_or_else(|| words.to_owned(), |fingerprint| format!("{words}: {fingerprint}"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Log, infer},
        ssh::log::Events,
    };

    fn of(text: &str) -> Vec<(String, String)> {
        let mut attempt = Attempt::new("x.log");
        for logged in Events::new(text.as_bytes()) {
            attempt.apply(&logged.expect("a slice can always be read"));
        }
        attempt.finish();
        let mut facts = Facts { log: Some(Log::default()), attempt: attempt.into(), ..Facts::default() };
        infer::all(&mut facts);
        infer::way(&facts).into_iter().map(|step| (step.status, step.summary)).collect()
    }

    #[test]
    fn each_stage_says_what_the_log_shows() {
        let way = of("debug1: Connecting to job.example [203.0.113.7] port 64535.\n\
             debug1: Connection established.\n\
             debug1: Remote protocol version 2.0, remote software version Go\n\
             debug1: Server host key: ssh-rsa SHA256:AAAA\n\
             Warning: Permanently added '[203.0.113.7]:64535' (RSA) to the list of known hosts.\n\
             debug1: Offering public key: /home/ana/.ssh/id_rsa RSA SHA256:BBBB\n\
             debug1: Authentications that can continue: publickey\n\
             ana@203.0.113.7: Permission denied (publickey).\n");
        let ok = |words: &str| ("ok".to_owned(), words.to_owned());
        assert_eq!(way[2], ok("ssh offered /home/ana/.ssh/id_rsa"));
        assert_eq!(way[4], ok("connected to 203.0.113.7 port 64535"));
        assert_eq!(way[5], ok("the server greets as Go"));
        assert_eq!(way[6], ok("new, as with every job: SHA256:AAAA"));
        assert_eq!(way[7].0, "failed");
    }

    /// A denial without `-v` shows that the server was reached, not where it lies or what it is.
    #[test]
    fn what_is_not_shown_has_no_words() {
        let way = of("ana@203.0.113.7: Permission denied (publickey).\n");
        assert_eq!((way[7].0.as_str(), way[7].1.contains("denied")), ("failed", true));
        for step in &way[..4] {
            assert_eq!(step, &("not-checked".to_owned(), String::new()));
        }
        let refused = of("ssh: connect to host 203.0.113.7 port 64535: Connection refused\n");
        assert_eq!(refused[4].0, "failed");
        assert!(refused[5..].iter().all(|step| step.0 == "not-reached"));
    }
}
