//! The attempts of a log before the last one: what they came to, and what the last one does otherwise.

use crate::{
    facts::{Attempt, Before, Seen},
    ssh::log::{Earlier, Offer, Outcome, place},
};

/// One line for each attempt that is kept, the oldest first.
pub(super) fn before(attempt: &Attempt) -> Vec<Before> {
    attempt.earlier.iter().map(|earlier| one(earlier, attempt)).collect()
}

fn one(earlier: &Earlier, last: &Attempt) -> Before {
    let mut words = came_to(earlier);
    let here = last.destination().map(|(host, port)| place(host, Some(port)));
    let there = earlier.host.as_deref().filter(|host| !host.is_empty()).map(|host| place(host, earlier.port));
    if let Some(place) = there.filter(|there| Some(there) != here.as_ref()) {
        words = format!("{words}, at {place}");
    }
    let seen = earlier.decisive.clone().unwrap_or_else(|| Seen {
        source: last.source.clone(),
        line: earlier.last_line.or(earlier.first_line),
        text: String::new(),
    });
    Before { number: earlier.number, what: words, seen }
}

fn came_to(earlier: &Earlier) -> String {
    match earlier.outcome {
        Outcome::Authenticated => match &earlier.accepted {
            Some(key) => format!("let in with {}", key.path),
            None => "let in".to_owned(),
        },
        Outcome::Refused | Outcome::RefusedOther => format!("denied{}", with(&earlier.offers)),
        Outcome::TooManyFailures => format!("cut off for too many tries{}", with(&earlier.offers)),
        Outcome::ConnectFailed => "no connection".to_owned(),
        Outcome::ResolveFailed => "the name has no address".to_owned(),
        Outcome::HostKeyRejected => "the host key was not taken".to_owned(),
        Outcome::NoAlgorithmMatch => "no algorithm in common".to_owned(),
        Outcome::ConfigError | Outcome::ClientError => "ssh did not begin".to_owned(),
        Outcome::ProxyFailed => "the way through the jump host or proxy failed".to_owned(),
        Outcome::Closed | Outcome::Reset | Outcome::TimedOut | Outcome::NotSsh => {
            "the connection ended before the login".to_owned()
        }
        Outcome::Stopped | Outcome::Unknown => "it stopped without an end".to_owned(),
    }
}

fn with(offers: &[Offer]) -> String {
    let names: Vec<&str> = offers.iter().map(|offer| offer.path.as_str()).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!(" with {one}"),
        [one, other] => format!(" with {one} and {other}"),
        [one, rest @ ..] => format!(" with {one} and {} other keys", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssh::log::Events;

    fn of(text: &str) -> Vec<(u64, Option<usize>, String)> {
        let mut attempt = Attempt::new("ssh.log");
        for logged in Events::new(text.as_bytes()) {
            attempt.apply(&logged.expect("a slice can always be read"));
        }
        attempt.finish();
        before(&attempt).into_iter().map(|before| (before.number, before.seen.line, before.what)).collect()
    }

    #[test]
    fn attempts_before_the_last_are_told_by_what_is_other() {
        let first = "OpenSSH_9.6p1\n\
                     debug1: Connecting to 203.0.113.7 [203.0.113.7] port 22.\n\
                     debug1: connect to address 203.0.113.7 port 22: Connection refused\n\
                     ssh: connect to host 203.0.113.7 port 22: Connection refused\n";
        let denied = |key: &str| {
            format!(
                "OpenSSH_9.6p1\n\
                 debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.\n\
                 debug1: Connection established.\n\
                 debug1: Authenticating to 203.0.113.7:64535 as 'ana'\n\
                 debug1: Offering public key: {key} RSA SHA256:AAAA\n\
                 debug1: Authentications that can continue: publickey\n\
                 debug1: No more authentication methods to try.\n\
                 ana@203.0.113.7: Permission denied (publickey).\n"
            )
        };
        assert_eq!(
            of(&[first, &denied("/h/a"), &denied("/h/b")].concat()),
            [
                (1, Some(4), "no connection, at 203.0.113.7 port 22".to_owned()),
                (2, Some(12), "denied with /h/a".to_owned()),
            ]
        );
        assert!(of(&denied("/h/a")).is_empty());
    }
}
