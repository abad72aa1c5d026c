//! Reads the answers: what our agent remembers, or else the log, which also tells how far the list was asked.

use std::path::PathBuf;

use super::Gate;
use crate::{
    facts::{Fact, Query},
    ssh::log::{Attempt, Offer, OfferOutcome, Outcome},
};

/// `by_agent`: our agent listed the keys, and knows which ones the server accepted. `name`: what the log calls the candidates.
pub(super) fn read(
    gate: &Gate,
    by_agent: bool,
    log: &Attempt,
    timed_out: bool,
    name: impl Fn(usize) -> PathBuf,
) -> Fact<Query> {
    if (by_agent && !gate.was_listed()) || (!by_agent && log.offers.is_empty()) {
        return Fact::unknown("the second connection did not come as far as the keys");
    }
    let by = if by_agent { "probe-agent" } else { "public-files" };
    let mut query = Query { by: by.into(), shown: log.offers.len(), ..Query::default() };
    for (index, key) in gate.candidates().into_iter().enumerate() {
        let path = name(index).display().to_string();
        let offer = log.offers.iter().find(|offer| place(&offer.path) == place(&path));
        let accepted = if by_agent { gate.was_asked_to_sign(&key.blob) } else { offer.is_some_and(was_accepted) };
        if accepted {
            query.accepted.push(key.id.clone());
        } else if offer.is_some_and(|offer| offer.outcome == OfferOutcome::Refused) {
            query.refused.push(key.id.clone());
        } else {
            query.not_answered.push(key.id.clone());
        }
        query.asked.push(key.id);
    }
    query.complete = query.not_answered.is_empty();
    query.timed_out = !query.complete && timed_out;
    query.cut_short = !query.complete && !timed_out && !matches!(log.outcome, Outcome::Refused | Outcome::RefusedOther);
    query.into()
}

fn was_accepted(offer: &Offer) -> bool {
    offer.accepted
}

/// The file and its folder: Windows' ssh writes its backslashes twice.
fn place(path: &str) -> Vec<&str> {
    path.rsplit(['/', '\\']).filter(|part| !part.is_empty()).take(2).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{probes::query::Candidate, ssh::log::Parser};

    fn of(log: &str, by_agent: bool) -> Query {
        let gate = Gate::default();
        let key = |name: &str| Candidate { id: name.into(), blob: name.into() };
        gate.open(vec![key("a"), key("b"), key("c")], None);
        let mut parser = Parser::new();
        let mut attempt = Attempt::new("the key query");
        for line in log.lines() {
            attempt.apply(&parser.line(line.as_bytes()));
        }
        attempt.finish();
        let name = |index| Path::new("/tmp/s").join(format!("candidate-{}", index + 1));
        read(&gate, by_agent, &attempt, false, name).known().cloned().unwrap_or_default()
    }

    const GREETED: &str = "debug1: Connecting to 127.0.0.1 [127.0.0.1] port 22.\n\
        debug1: Connection established.\ndebug1: Remote protocol version 2.0, remote software version Go\n\
        debug1: Authenticating to 127.0.0.1:22 as 'ana'\ndebug1: SSH2_MSG_SERVICE_ACCEPT received\n\
        debug1: Authentications that can continue: publickey\ndebug1: Next authentication method: publickey\n";

    #[test]
    fn copies_are_answered_in_the_log() {
        let old = "debug1: Offering ED25519 public key: /tmp/s/candidate-1\n\
            debug1: Authentications that can continue: publickey\n\
            debug1: Offering RSA public key: /tmp/s/candidate-2\n\
            debug1: Server accepts key: pkalg rsa-sha2-512 blen 279\n\
            Load key \"/tmp/s/candidate-2\": invalid format\n\
            debug1: Offering ED25519 public key: /tmp/s/candidate-3\n\
            debug1: Authentications that can continue: publickey\n\
            debug1: No more authentication methods to try.\nana@127.0.0.1: Permission denied (publickey).\n";
        let new = "debug1: Offering public key: /tmp/s/candidate-1 ED25519-CERT SHA256:x explicit\n\
            debug1: Authentications that can continue: publickey\n\
            debug1: Offering public key: /tmp/s/candidate-2 ED25519 SHA256:x explicit\n\
            debug1: Server accepts key: /tmp/s/candidate-2 ED25519 SHA256:x explicit\n\
            Load key \"/tmp/s/candidate-2\": error in libcrypto\n\
            debug1: Offering public key: /tmp/s/candidate-3 RSA SHA256:y explicit\n\
            debug1: Authentications that can continue: publickey\n\
            debug1: No more authentication methods to try.\nana@127.0.0.1: Permission denied (publickey).\n";
        for log in [old, new] {
            let query = of(&format!("{GREETED}{log}"), false);
            assert_eq!((query.accepted, query.refused), (vec!["b".into()], vec!["a".into(), "c".into()]), "{log}");
            assert!(query.complete && !query.cut_short && query.shown == 3);
        }
    }

    #[test]
    fn a_server_that_hangs_up_has_refused_nothing_more() {
        let log = "debug1: Offering public key: /tmp/s/candidate-1 ED25519 SHA256:x explicit\n\
            debug1: Authentications that can continue: publickey\n\
            debug1: Offering public key: /tmp/s/candidate-2 ED25519 SHA256:y explicit\n\
            Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures\n\
            Disconnected from 127.0.0.1 port 22\n";
        let query = of(&format!("{GREETED}{log}"), false);
        // It hangs up over a key that it does not take either.
        assert_eq!(query.refused, ["a", "b"]);
        assert_eq!(query.not_answered, ["c"]);
        assert!(query.cut_short && !query.complete && query.shown == 2);
    }

    #[test]
    fn words_of_others_are_no_answers() {
        let log = "debug1: Offering public key: /tmp/s/candidate-1 ED25519 SHA256:x explicit\n\
            debug1: Server accepts key: /home/ana/candidate-1 ED25519 SHA256:x explicit\n\
            debug1: Authentications that can continue: publickey\n\
            ana@127.0.0.1: Permission denied (publickey).\n";
        assert_eq!(of(&format!("{GREETED}{log}"), false).accepted, Vec::<String>::new());
    }
}
