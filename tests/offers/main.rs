//! What the doctor expects ssh to offer, held against what ssh really offers.
//!
//! Each case is a scratch home with a random set of keys, certificates, an agent and a configuration. The doctor works out,
//! without the network, which keys ssh would offer and in which order; then the real ssh goes to a server that refuses
//! every key and notes what it hears. Both lists, and the one that ssh prints itself since 7.9, have to be the same.
//!
//! The cases come from a number, so a failure names the number that makes it again:
//!
//! ```text
//! OFFERS_FIRST=1234 OFFERS_CASES=1 cargo test --test offers
//! ```
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make real files and processes; only the program goes through System"
)]

mod case;
mod dice;
#[path = "../support/mod.rs"]
mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use case::Case;

/// Cases of an ordinary run: a tenth of a second each.
const CASES: u64 = 80;

/// What became of a case.
enum Verdict {
    /// ssh offered so many keys, and those were expected.
    Same(usize),
    /// The doctor did not claim to know, or ssh refused its configuration.
    NotCompared,
    /// The whole story.
    Different(String),
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

#[test]
fn ssh_offers_what_is_expected_of_it() {
    let (first, cases) = (number("OFFERS_FIRST", 0), number("OFFERS_CASES", CASES));
    let next = AtomicU64::new(first);
    let verdicts: Vec<Verdict> = thread::scope(|scope| {
        let work = || {
            let mut verdicts = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= first + cases {
                    return verdicts;
                }
                verdicts.push(Case::new(number).compare());
            }
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    let (mut offers, mut compared, mut wrong) = (0_usize, 0, Vec::new());
    for verdict in verdicts {
        match verdict {
            Verdict::Same(keys) => (offers, compared) = (offers + keys, compared + 1),
            Verdict::NotCompared => {}
            Verdict::Different(story) => wrong.push(story),
        }
    }
    assert!(wrong.is_empty(), "{} of {cases} cases differ\n\n{}", wrong.len(), wrong.join("\n\n"));
    // A test that compares nothing would be happy with anything.
    let enough = compared * 2 >= cases && offers as u64 * 2 >= compared;
    assert!(enough || cases < CASES, "only {compared} of {cases} cases were compared, with {offers} keys");
}
