//! What a failed attempt, or a session, means beyond its outcome: filled after `login` and `auth`.

use super::{greeting, jump, negotiation, protocol_error, registration, session, sha1};
use crate::{
    facts::{Fact, Facts},
    ssh::log::place,
};

/// Fills the parts of `login`, `auth` and `session` that put a failure into the words that checks need.
pub fn fill(facts: &mut Facts) {
    facts.session = session::session(facts);
    if let Fact::Known(login) = &facts.login {
        let mut login = login.clone();
        login.peer = peer(facts);
        if let Fact::Known(attempt) = &facts.attempt {
            // Only a log can end before the attempt did.
            let of_a_log = facts.target.as_ref().is_some_and(|target| target.of_a_log);
            let instead = greeting::instead(attempt, facts.server.known());
            login.instead = instead.filter(|instead| of_a_log || instead.ended != "log-ends");
            login.through_proxy = greeting::through_proxy(attempt);
            login.cut_off = greeting::cut_off(attempt);
            let offers = facts.server.known().and_then(|server| server.offers.known());
            let no_match = attempt.no_match.as_ref();
            login.no_match = no_match.map(|no_match| negotiation::disagreement(no_match, offers));
            if let Some(no_match) = &mut login.no_match {
                no_match.options = negotiation::options(no_match, facts);
                no_match.client_narrow =
                    attempt.proposed.as_ref().is_some_and(|own| negotiation::is_narrow(&no_match.what, own));
            }
            login.failed_jump = jump::failed(attempt);
            login.behind_unknown = jump::behind_unknown(attempt);
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

/// Whom the attempt was for: what the user asked about, or what the log says.
fn peer(facts: &Facts) -> String {
    if let Some(target) = facts.target.as_ref().filter(|target| !target.display.is_empty()) {
        return target.display.clone();
    }
    let went = facts.attempt.known().and_then(|attempt| attempt.destination());
    went.map_or_else(|| "the server".to_owned(), |(host, port)| place(host, Some(port)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Login, Target},
        ssh::log::{Attempt, Events},
    };

    fn of(target: Option<Target>, log: &str) -> String {
        let mut attempt = Attempt::new("a log");
        for logged in Events::new(log.as_bytes()) {
            attempt.apply(&logged.expect("a slice can always be read"));
        }
        let mut facts = Facts { target, attempt: attempt.into(), login: Login::default().into(), ..Facts::default() };
        fill(&mut facts);
        facts.login.known().expect("it was known before").peer.clone()
    }

    #[test]
    fn the_peer_has_a_name_wherever_one_was_seen() {
        let target = Target { display: "ana's box".into(), ..Target::default() };
        assert_eq!(of(Some(target), ""), "ana's box");
        let log = "ssh: connect to host 203.0.113.7 port 64535: Connection refused\n";
        assert_eq!(of(None, log), "203.0.113.7 port 64535");
        assert_eq!(of(None, ""), "the server");
    }
}
