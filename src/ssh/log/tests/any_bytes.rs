//! Nothing panics, and nothing grows.

use proptest::prelude::*;

use super::logs::*;
use super::*;

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        attempt_of(&bytes);
    }

    #[test]
    fn torn_logs(cuts in proptest::collection::vec((0usize..6000, any::<u8>(), 0usize..40), 1..12)) {
        let mut bytes = [JUMP, START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN, CHANGED, REFUSED].concat().into_bytes();
        for (at, byte, length) in cuts {
            let at = at % bytes.len();
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, [byte]);
            if bytes.is_empty() {
                bytes.push(byte);
            }
        }
        attempt_of(&bytes);
    }

    #[test]
    fn shuffled_lines(order in proptest::collection::vec(0usize..200, 0..300)) {
        let log = [JUMP, START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN, CHANGED, REFUSED, "Connection closed by UNKNOWN port 65535\n"].concat();
        let lines: Vec<&str> = log.lines().collect();
        let shuffled: Vec<&str> = order.iter().map(|at| lines[at % lines.len()]).collect();
        let attempt = attempt(&shuffled.join("\n"));
        prop_assert!(serde_json::to_string(&attempt).is_ok());
    }

    #[test]
    fn shown_text_is_clean(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let logged = Parser::new().line(&bytes);
        prop_assert!(logged.text.chars().all(|c| !c.is_control()));
        prop_assert!(logged.text.chars().count() <= 301);
    }
}

#[test]
fn an_attempt_stays_small() {
    let mut log = [JUMP, START, KEX, NEW_KEYS].concat();
    let long = "x".repeat(30_000);
    for n in 0..2_000 {
        log.push_str(&format!("debug1: Offering public key: /home/ana/{n}/{long} ED25519 SHA256:{n}\n"));
        log.push_str("debug1: Authentications that can continue: publickey\nPermissions 0644 for '/k' are too open.\n");
        log.push_str(&format!(
            "Load key \"/k{n}\": invalid format\ndebug1: kex_exchange_identification: banner line 0: {n}\n"
        ));
    }
    log.push_str(REFUSED);
    let attempt = attempt(&log);
    assert_eq!(attempt.outcome, Outcome::Refused);
    assert!(serde_json::to_string(&attempt).expect("serialises").len() < 200_000);
}

#[test]
fn lines_without_end_are_cut() {
    let mut log = vec![b'a'; 3_000_000];
    log.extend_from_slice(b"\nana@203.0.113.7: Permission denied (publickey).");
    let logged: Vec<_> = Events::new(&log[..]).map(|logged| logged.expect("readable")).collect();
    assert_eq!(logged.len(), 2);
    assert!(logged[0].text.len() < 400);
    assert_eq!((logged[1].line, attempt_of(&log).outcome), (2, Outcome::Refused));
}
