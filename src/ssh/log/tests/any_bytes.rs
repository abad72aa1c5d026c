//! Nothing panics, and nothing grows.

use proptest::prelude::*;

use super::logs::*;
use super::*;

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        invariants::hold(&bytes);
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

/// Numbers that are the same in every run (Numerical Recipes' generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// Damages a log in one of the ways in which logs get damaged, or in one that nobody has thought of.
fn damage(log: &mut Vec<u8>, dice: &mut Dice) {
    let (at, length) = (dice.below(log.len()), dice.below(400));
    let end = (at + length).min(log.len());
    match dice.below(9) {
        0 => log.truncate(at),
        1 => drop(log.drain(..at)),
        2 => drop(log.drain(at..end)),
        3 if !log.is_empty() => log[at] ^= 1 << dice.below(8),
        4 => {
            let copy = log[at..end].to_vec();
            let to = dice.below(log.len());
            log.splice(to..to, copy);
        }
        5 => {
            let mut lines: Vec<&[u8]> = log.split_inclusive(|byte| *byte == b'\n').collect();
            let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
            lines.swap(one, other);
            *log = lines.concat();
        }
        6 => {
            let prefixes = [
                "debug1: ",
                "debug3: ",
                "> ",
                "12: ",
                "ana@home:~$ ",
                "ssh.exe : ",
                "<br>",
                "\u{1b}[2;1H",
                "\0\0",
                "&lt;",
            ];
            let prefix = prefixes[dice.below(prefixes.len())];
            log.splice(at..at, prefix.bytes());
        }
        7 => *log = log.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] }).collect(),
        _ => {
            let columns = 30 + dice.below(100);
            *log = log.chunks(columns).collect::<Vec<_>>().join(&b'\n');
        }
    }
}

#[test]
fn damaged_logs_hold_what_must_hold() {
    let refused = "ssh: connect to host 203.0.113.7 port 64535: Connection refused\n";
    let logs = [
        [START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN].concat(),
        [START, KEX, NEW_KEYS, OFFERS, REFUSED, refused, START, KEX, CHANGED].concat(),
        [JUMP, START, KEX, "ana@home:~$ ssh -v x\n", NEW_KEYS, OFFERS, REFUSED].concat(),
        [refused, "Hi ana! You've successfully authenticated, but GitHub does not provide shell access.\n"]
            .concat()
            .repeat(9),
    ];
    let mut dice = Dice(4);
    for round in 0..200 {
        let mut log = logs[round % logs.len()].clone().into_bytes();
        for _ in 0..=dice.below(6) {
            damage(&mut log, &mut dice);
        }
        if round % 10 == 0 {
            log = String::from_utf8_lossy(&log).encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        invariants::hold(&log);
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
