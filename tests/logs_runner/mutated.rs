//! Real logs, damaged at random: nothing panics, and nothing else becomes certain.

use std::collections::BTreeSet;

use cci_ssh::{
    doctor::Capture,
    findings::{Verdict, is_hidden},
    ssh::log::Line,
};

use super::{
    dice::Dice,
    label::Log,
    pipeline::{ALL, SOURCE, everything, judge, sample, share, some},
};

/// Logs that go through the whole pipeline when damaged.
const JUDGED: usize = 100;
/// Damaged logs that are only read.
const READ: usize = 2000;

const PARTS: [&[u8]; 18] = [
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff\xfe",
    b"\x1b[31m",
    b"\x1b]0;",
    b"debug1: ",
    b"debug3: ",
    b"debug9: ",
    b": ",
    b"'",
    b"\"",
    b" port 65535",
    b"SHA256:",
    b"\xe2\x80\xae",
    b"99999999999999999999",
    b"(publickey).",
];

/// Damages one place; whether a line stands in another place now.
fn damage(log: &mut Vec<u8>, dice: &mut Dice) -> bool {
    if log.is_empty() {
        return false;
    }
    let at = dice.below(log.len());
    let how = dice.below(8);
    match how {
        0 => log[at] ^= 1 << dice.below(8),
        1 => drop(log.remove(at)),
        2 => {
            let end = (at + dice.below(40)).min(log.len());
            log.drain(at..end);
        }
        3 => {
            let part = PARTS[dice.below(PARTS.len())];
            log.splice(at..at, part.iter().copied());
        }
        4 => {
            // A line moves, or comes twice.
            let lines: Vec<Vec<u8>> = log.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            let line = lines[dice.below(lines.len())].clone();
            let to: usize = lines[..dice.below(lines.len())].iter().map(Vec::len).sum();
            log.splice(to..to, line);
        }
        5 => log.truncate(at),
        6 => drop(log.drain(..at)),
        _ => {
            let to = dice.below(log.len());
            log.swap(at, to);
        }
    }
    how == 4
}

fn damaged(log: &Log, times: usize, dice: &mut Dice) -> (Vec<u8>, bool) {
    let (mut bytes, mut moved) = (log.bytes.clone(), false);
    for _ in 0..times {
        moved |= damage(&mut bytes, dice);
    }
    (bytes, moved)
}

#[test]
fn damage_makes_nobody_certain_of_something_else() {
    let each = if everything() { 20 } else { 3 };
    share(&some(JUDGED), |(log, _), complaints| {
        let mut dice = Dice::new(log.bytes.len() as u64 + 5 + 1000 * sample());
        let lines: Vec<Line> = log.lines().into_iter().map(Line::clean).collect();
        let whole: BTreeSet<&str> = lines.iter().map(Line::text).collect();
        for _ in 0..each {
            let times = 1 + dice.below(4);
            let (bytes, moved) = damaged(log, times, &mut dice);
            let Ok(said) = judge(&bytes) else { continue };
            let shown = || format!("{}: {}", log.name, said.brief());
            for fault in &said.faults {
                complaints.add(format!("{} has no words: {}", fault.check, fault.what), shown());
            }
            for finding in &said.findings {
                let commands = finding.fixes.iter().flat_map(|fix| &fix.commands);
                for text in commands.chain([&finding.title]).chain(finding.evidence.iter().map(|seen| &seen.text)) {
                    if text.chars().any(is_hidden) {
                        complaints.add("a control character", format!("{}: {text:?}", shown()));
                    }
                }
            }
            for claim in said.certainties().filter(|claim| !log.allows(&claim.check)) {
                // A line that is damaged itself, or stands where ssh did not say it, may say anything.
                let evidence: Vec<&str> = claim.evidence.iter().map(|seen| seen.text.as_str()).collect();
                if !moved && evidence.iter().all(|text| whole.contains(*text)) {
                    complaints.add(format!("{} for certain", claim.check), format!("{}: {evidence:?}", shown()));
                }
            }
            let session = log.label.cause.starts_with("session-");
            if said.verdict == Verdict::Healthy && !log.is_healthy() && !session && !moved {
                complaints.add("healthy", shown());
            }
        }
    })
    .expect_none();
}

#[test]
fn whatever_is_read_is_read_to_its_end() {
    let mut dice = Dice::new(1);
    for _ in 0..(READ / ALL.len()).max(1) {
        for (log, _) in ALL.iter() {
            let times = 1 + dice.below(30);
            let (bytes, _) = damaged(log, times, &mut dice);
            if let Ok(capture) = Capture::read(&bytes[..], SOURCE) {
                assert!(capture.lines >= 1 && capture.attempt.attempts >= 1, "{}", log.name);
            }
        }
    }
}
