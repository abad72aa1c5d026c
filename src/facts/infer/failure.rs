//! What a failed attempt, or a session, means beyond its outcome: filled after `login` and `auth`.

use super::{greeting, negotiation, protocol_error, registration, session, sha1};
use crate::{
    facts::{Fact, Facts, Seen},
    ssh::log,
};

/// Fills the parts of `login`, `auth` and `session` that put a failure into the words that checks need.
pub fn fill(facts: &mut Facts) {
    facts.session = session::session(facts);
    if let Fact::Known(login) = &facts.login {
        let mut login = login.clone();
        if let Fact::Known(attempt) = &facts.attempt {
            login.instead = greeting::instead(attempt, facts.server.known());
            login.no_match = attempt.no_match.as_ref().map(negotiation::disagreement);
            login.protocol_error = protocol_error::protocol_error(attempt);
        }
        login.host_key_confirmed = facts
            .target
            .as_ref()
            .and_then(|target| target.enable_ssh.as_ref())
            .is_some_and(|step| step.fingerprint_matches.is(&true));
        facts.login = login.into();
    }
    if let Fact::Known(auth) = &facts.auth {
        let mut auth = auth.clone();
        auth.register = registration::register(facts);
        sha1::fill(&mut auth, facts);
        facts.auth = auth.into();
    }
}

/// A line of the log as evidence of the facts.
pub(super) fn seen(line: &log::Seen) -> Seen {
    Seen { source: line.source.clone(), line: usize::try_from(line.line).ok(), text: line.text.clone() }
}
