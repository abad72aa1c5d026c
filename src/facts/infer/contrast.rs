//! What a login that works elsewhere says about the one that does not work here.

use super::{same_file::same_file, way::count};
use crate::{
    facts::{Attempt, Contrast, Difference, Facts, contrast::WorkingKey},
    ssh::log::{Detail, Offer, OfferOutcome, Outcome},
};

/// Fills the inferred part of `contrast`.
pub(super) fn fill(facts: &mut Facts) {
    let Some(mut contrast) = facts.contrast.take() else { return };
    if let Some(attempt) = facts.attempt.known() {
        let home = facts.machine.known().and_then(|machine| machine.home.known());
        contrast.same_machine = home.is_some() && home == contrast.home.as_ref();
        contrast.same_place = same_place(facts, attempt, &contrast);
        if let Some(key) = &mut contrast.key {
            key.path = Some(key.name.clone()).filter(|_| !key.agent && contrast.same_machine);
        }
        let denied = matches!(attempt.outcome, Outcome::Refused | Outcome::TooManyFailures);
        if let Some(key) = contrast.key.as_ref().filter(|_| contrast.works && denied) {
            let here = here(attempt, key, contrast.same_machine);
            contrast.not_registered = here == Here::Refused && !contrast.same_place;
            let nothing_offered = attempt.offers.is_empty();
            // Where the server hung up for the number of keys, that comes first.
            let missing = here == Here::NotOffered && attempt.outcome == Outcome::Refused;
            contrast.unnamed_key = missing && nothing_offered && !key.agent;
            contrast.wrong_key = missing && !contrast.unnamed_key;
        }
        contrast.differences = differences(attempt, &contrast);
    }
    facts.contrast = Some(contrast);
}

/// What became here of the key that works there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Here {
    Refused,
    NotOffered,
    /// It was taken, or the log does not show it.
    Unclear,
}

fn here(attempt: &Attempt, key: &WorkingKey, same_machine: bool) -> Here {
    let is_key = |offer: &Offer| match (&offer.fingerprint, &key.fingerprint) {
        (Some(here), Some(there)) => Some(here == there),
        // Paths of two machines say nothing about each other.
        _ if same_machine && !key.agent && !offer.agent => Some(same_file(&offer.path, &key.name)),
        _ => None,
    };
    let answers: Vec<Option<bool>> = attempt.offers.iter().map(is_key).collect();
    let refused =
        |(offer, answer): (&Offer, &Option<bool>)| *answer == Some(true) && offer.outcome == OfferOutcome::Refused;
    if attempt.offers.iter().zip(&answers).any(refused) {
        return Here::Refused;
    }
    // Without -v, or where the middle of the log is missing, nobody knows what was offered.
    let shown = attempt.detail > Detail::Plain && !(attempt.offers.is_empty() && attempt.tried.is_empty());
    if shown && answers.iter().all(|answer| *answer == Some(false)) { Here::NotOffered } else { Here::Unclear }
}

fn same_place(facts: &Facts, attempt: &Attempt, contrast: &Contrast) -> bool {
    let went = attempt.destination().map(|(host, port)| (host, Some(port)));
    let asked = facts.target.as_ref().map(|target| (target.host.as_str(), target.port.or(Some(22))));
    let here = went.or(asked);
    here.is_some_and(|(host, port)| host == contrast.host && !host.is_empty() && port == contrast.port)
}

/// What may matter: another program, another port of the same host, another user on the same server, an agent that is not
/// there, a way through somebody else.
fn differences(attempt: &Attempt, contrast: &Contrast) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut tell = |what: &str, there: Option<String>, here: Option<String>| {
        if let (Some(there), Some(here)) = (there, here)
            && there != here
        {
            all.push(Difference { what: what.into(), there, here });
        }
    };
    let version = |text: &str| text.split(',').next().unwrap_or_default().trim().to_owned();
    tell("ssh", contrast.client.as_deref().map(version), attempt.client.as_ref().map(|client| version(&client.text)));
    if let Some((_, port)) = attempt.destination().filter(|(host, _)| *host == contrast.host) {
        tell("port", contrast.port.map(|port| port.to_string()), Some(port.to_string()));
        tell("user", contrast.user.clone(), attempt.target.as_ref().map(|met| met.user.clone()));
    }
    let agent = |keys: u64| format!("with {}", count(usize::try_from(keys).unwrap_or(usize::MAX), "key"));
    let here = attempt.agent.as_ref().map(|seen| seen.count.map_or_else(|| "that does not answer".to_owned(), agent));
    // A log with -v that has no line about an agent comes from a machine without one.
    let silent = (attempt.detail > Detail::Plain && !attempt.offers.is_empty()).then(|| "none".to_owned());
    tell("agent", contrast.agent_keys.map(agent), here.or(silent));
    let way = |proxied: bool| if proxied { "through a jump host or proxy" } else { "direct" }.to_owned();
    tell("way", Some(way(contrast.proxied)), Some(way(attempt.proxy.is_some())));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Log, Machine},
        ssh::log::Events,
    };

    const MAC: &str = "/Users/ana";

    fn attempt(text: &str) -> Attempt {
        let mut attempt = Attempt::new("fails.log");
        for logged in Events::new(text.as_bytes()) {
            attempt.apply(&logged.expect("a slice can always be read"));
        }
        attempt.finish();
        attempt
    }

    fn laid_beside(key: WorkingKey, home: &str, text: &str) -> Contrast {
        let contrast = Contrast {
            host: "github.com".into(),
            port: Some(22),
            works: true,
            key: Some(key),
            home: Some(home.into()),
            ..Contrast::default()
        };
        let machine = Machine { home: MAC.to_owned().into(), ..Machine::default() };
        let mut facts = Facts {
            log: Some(Log::default()),
            machine: machine.into(),
            attempt: attempt(text).into(),
            contrast: Some(contrast),
            ..Facts::default()
        };
        fill(&mut facts);
        facts.contrast.expect("it was there")
    }

    fn key(fingerprint: &str) -> WorkingKey {
        let name = "/Users/ana/.ssh/github".to_owned();
        WorkingKey { name, fingerprint: Some(fingerprint.into()), ..WorkingKey::default() }
    }

    const OFFER: &str = "debug1: Offering public key: /Users/ana/.ssh/id_rsa RSA SHA256:AAAA\n\
                         debug1: Authentications that can continue: publickey\n";
    const DENIED: &str = "ana@203.0.113.7: Permission denied (publickey).\n";

    fn verdict(contrast: &Contrast) -> [bool; 3] {
        [contrast.wrong_key, contrast.unnamed_key, contrast.not_registered]
    }

    #[test]
    fn a_key_that_works_elsewhere_was_offered_here_or_not() {
        let log = [OFFER, DENIED].concat();
        let other = laid_beside(key("SHA256:BBBB"), MAC, &log);
        assert_eq!(verdict(&other), [true, false, false]);
        assert_eq!(other.key.and_then(|key| key.path).as_deref(), Some("/Users/ana/.ssh/github"));
        assert_eq!(verdict(&laid_beside(key("SHA256:AAAA"), MAC, &log)), [false, false, true]);
        let tried = ["debug1: Trying private key: /Users/ana/.ssh/id_rsa\n", DENIED].concat();
        assert_eq!(verdict(&laid_beside(key("SHA256:BBBB"), MAC, &tried)), [false, true, false]);
    }

    #[test]
    fn nothing_is_said_of_what_the_log_does_not_show() {
        assert_eq!(verdict(&laid_beside(key("SHA256:BBBB"), MAC, DENIED)), [false; 3], "made without -v");
        let middle_lost = ["debug1: Connection established.\n", DENIED].concat();
        assert_eq!(verdict(&laid_beside(key("SHA256:BBBB"), MAC, &middle_lost)), [false; 3]);
        let refused = "ssh: connect to host 203.0.113.7 port 64535: Connection refused\n";
        assert_eq!(verdict(&laid_beside(key("SHA256:BBBB"), MAC, refused)), [false; 3], "no key was looked at");
    }

    #[test]
    fn of_two_machines_only_fingerprints_compare() {
        let nameless = WorkingKey { fingerprint: None, ..key("") };
        let log = [OFFER, DENIED].concat();
        assert_eq!(verdict(&laid_beside(nameless.clone(), MAC, &log)), [true, false, false], "another file");
        assert_eq!(verdict(&laid_beside(nameless, r"C:\Users\ana", &log)), [false; 3]);
        let far = laid_beside(key("SHA256:BBBB"), r"C:\Users\ana", &log);
        assert_eq!((far.wrong_key, far.key.and_then(|key| key.path)), (true, None), "its path is not of this machine");
    }

    #[test]
    fn what_is_different_is_told_where_both_are_known() {
        let attempt = attempt("OpenSSH_9.6p1, OpenSSL 3.0.13\ndebug1: Connecting to h [1.2.3.4] port 22.\n");
        let contrast = Contrast {
            host: "h".into(),
            port: Some(64535),
            client: Some("OpenSSH_8.1p1, LibreSSL 2.7.3".into()),
            ..Contrast::default()
        };
        let all = differences(&attempt, &contrast);
        let told: Vec<(&str, &str, &str)> =
            all.iter().map(|one| (one.what.as_str(), one.there.as_str(), one.here.as_str())).collect();
        assert_eq!(told, [("ssh", "OpenSSH_8.1p1", "OpenSSH_9.6p1"), ("port", "64535", "22")]);
    }
}
