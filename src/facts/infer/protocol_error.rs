//! What kind of packet error ended an attempt (packet.c, ssherr.c).

use crate::{
    facts::ProtocolError,
    ssh::log::{Attempt, Outcome, SessionEnd},
};

/// The packet error that ended the attempt or its session.
pub(super) fn protocol_error(attempt: &Attempt) -> Option<ProtocolError> {
    let session = attempt.session.as_ref().filter(|session| session.ended == Some(SessionEnd::Lost));
    let ended = attempt.decisive.as_ref().filter(|_| attempt.outcome == Outcome::ClientError);
    let candidates = ended.into_iter().chain(session.and_then(|session| session.seen.as_ref())).chain(
        // The first line may be a consequence: `Bad packet length` comes before `Connection corrupted`.
        attempt.notes.iter().filter(|_| ended.is_some()),
    );
    candidates.into_iter().find_map(|line| {
        let kind = kind(&line.text)?;
        Some(ProtocolError { kind: kind.to_owned(), seen: line.clone() })
    })
}

fn kind(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    let has = |words: &str| text.contains(words);
    if let Some((_, rest)) = text.split_once("bad packet length ") {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let spells = digits.parse::<u32>().is_ok_and(|length| length.to_be_bytes().iter().all(is_letter));
        Some(if spells { "plain-text" } else { "corrupt-packet" })
    } else if has("corrupted mac")
        || has("message authentication code incorrect")
        || has("padding error")
        || has("packet corrupt")
        || has("connection corrupted")
    {
        Some("corrupt-packet")
    } else if has("group out of range") {
        Some("group")
    } else if has("incorrect signature") || has("error in libcrypto") || has("unexpected internal error") {
        Some("signature")
    } else {
        has("dispatch_run_fatal").then_some("other")
    }
}

fn is_letter(byte: &u8) -> bool {
    byte.is_ascii_graphic() || matches!(byte, b' ' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssh::log::Events;

    #[test]
    fn kinds() {
        for (text, wanted) in [
            ("Corrupted MAC on input.", Some("corrupt-packet")),
            (
                "ssh_dispatch_run_fatal: Connection to 1.2.3.4 port 5: message authentication code incorrect",
                Some("corrupt-packet"),
            ),
            ("Bad packet length 1349676916.", Some("plain-text")),
            ("Bad packet length 3735928559.", Some("corrupt-packet")),
            ("ssh_dispatch_run_fatal: Connection to 1.2.3.4 port 5: error in libcrypto", Some("signature")),
            ("ssh_dispatch_run_fatal: Connection to 1.2.3.4 port 5: DH GEX group out of range", Some("group")),
            ("Permission denied (publickey).", None),
        ] {
            assert_eq!(kind(text), wanted, "{text}");
        }
    }

    #[test]
    fn only_what_ended_the_attempt() {
        let mut attempt = Attempt::new("ssh -v");
        let log = "debug1: Connection established.\nBad packet length 3735928559.\n";
        for logged in Events::new(log.as_bytes()) {
            attempt.apply(&logged.expect("a slice can always be read"));
        }
        assert_eq!(protocol_error(&attempt).map(|error| error.kind).as_deref(), Some("corrupt-packet"));
        assert_eq!(protocol_error(&Attempt::new("ssh -v")), None);
    }
}
