//! Logs that have lost something: the doctor may know less, never something else for certain.

use cci_ssh::findings::Verdict;

use super::{
    dice::Dice,
    label::Log,
    pipeline::{Complaints, Said, everything, faults_of_evidence, judge, meaning, sample, share, some},
};

/// Variants of one log that are tried, unless all of them are.
const SAMPLE: usize = 12;
/// Logs of which variants are tried, unless all of them are.
const LOGS: usize = 80;

/// A log with something taken away.
struct Less {
    /// What was taken.
    what: String,
    /// Lines that are left, by their number in the whole log, from 1.
    left: Vec<usize>,
}

/// Everything that is taken from a log of `count` lines.
fn removals(log: &Log, whole: &Said, dice: &mut Dice) -> Vec<Less> {
    let lines = log.lines();
    let count = lines.len();
    let mut all = Vec::new();
    let mut without = |what: String, gone: &dyn Fn(usize) -> bool| {
        all.push(Less { what, left: (1..=count).filter(|number| !gone(*number)).collect() });
    };
    let evidence = whole.evidence_lines();
    without(format!("without its evidence {evidence:?}"), &|number| evidence.contains(&number));
    without("with nothing but its evidence".into(), &|number| !evidence.contains(&number));
    for level in 1..=3 {
        let mark = |number: usize| (level..=3).any(|level| is_of_level(lines[number - 1], level));
        without(format!("without debug{level} and above"), &mark);
    }
    for number in 1..=count {
        without(format!("without line {number} `{}`", shown(lines[number - 1])), &|other| other == number);
    }
    // Every beginning and every end.
    for number in 1..count {
        if is_last_attempt(log, number) {
            without(format!("up to line {number} `{}`", shown(lines[number - 1])), &|other| other > number);
        }
        without(format!("from line {} on `{}`", number + 1, shown(lines[number])), &|other| other <= number);
    }
    for _ in 0..count.min(30) {
        let (one, other) = (1 + dice.below(count), 1 + dice.below(count));
        without(format!("without lines {one} and {other}"), &|number| number == one || number == other);
        let (from, length) = (1 + dice.below(count), 2 + dice.below(8));
        without(format!("without lines {from} to {}", from + length - 1), &|number| {
            (from..from + length).contains(&number)
        });
        let each = 3 + dice.below(5);
        let kept: Vec<bool> = (0..=count).map(|_| dice.below(each) > 0).collect();
        let gone: Vec<usize> = (1..=count).filter(|number| !kept[*number]).collect();
        without(format!("without lines {gone:?}"), &|number| !kept[number]);
    }
    all
}

fn is_of_level(line: &[u8], level: usize) -> bool {
    let mark = format!("debug{level}: ");
    line.windows(mark.len()).any(|part| part == mark.as_bytes())
}

fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim().chars().filter(|c| !c.is_control()).take(100).collect()
}

/// Whether a log that is cut behind this line still ends in the attempt that the label is about.
fn is_last_attempt(log: &Log, number: usize) -> bool {
    let rest: Vec<u8> = log.lines()[number..].concat();
    let whole = attempts(&log.bytes);
    whole <= 1 || attempts(&[&log.lines()[..number].concat()[..], b""].concat()) == whole || attempts(&rest) == 0
}

fn attempts(log: &[u8]) -> u64 {
    cci_ssh::doctor::Capture::read(log, "").map_or(0, |capture| capture.attempt.attempts)
}

/// A login that worked, and the lines that say what became of it are gone: nobody can know.
fn may_be_healthy(log: &Log, whole: &Said, less: &Less) -> bool {
    let session = log.label.cause.starts_with("session-") || whole.document.facts["login"]["works"] == true;
    let evidence = whole.evidence_lines();
    session && (evidence.is_empty() || evidence.iter().any(|line| !less.left.contains(line)))
}

fn hold(log: &Log, whole: &Said, less: &Less, bytes: &[u8], complaints: &mut Complaints) {
    let Ok(said) = judge(bytes) else { return };
    let name = || format!("{} {}: {}", log.name, less.what, said.brief());
    for fault in &said.faults {
        complaints.add(format!("{} has no words: {}", fault.check, fault.what), name());
    }
    for claim in said.certainties() {
        if !log.allows(&claim.check) {
            complaints.add(format!("{} instead of {}, for certain", claim.check, log.label.cause), name());
        }
        for fault in faults_of_evidence(claim, bytes) {
            complaints.add(format!("{} is certain without evidence", claim.check), format!("{}; {fault}", name()));
        }
    }
    if said.verdict == Verdict::Healthy && !log.is_healthy() && !may_be_healthy(log, whole, less) {
        complaints.add(format!("{} becomes healthy", log.label.cause), name());
    }
}

#[test]
fn what_is_missing_makes_nobody_certain_of_something_else() {
    let variants = if everything() { usize::MAX } else { SAMPLE };
    share(&some(LOGS), |(log, diagnosis), complaints| {
        let Ok(diagnosis) = diagnosis else { return };
        if !log.is_in_bytes() {
            return;
        }
        let whole = Said::from(diagnosis);
        let lines = log.lines();
        let mut dice = Dice::new(log.bytes.len() as u64 + 1000 * sample());
        let all = removals(log, &whole, &mut dice);
        // What says the same as the whole, or as another, needs no second judgement.
        let mut known = vec![meaning(&log.bytes)];
        let mut fresh: Vec<(Less, Vec<u8>)> = Vec::new();
        for less in all {
            let bytes: Vec<u8> = less.left.iter().flat_map(|number| lines[number - 1]).copied().collect();
            let meaning = meaning(&bytes);
            if !known.contains(&meaning) {
                known.push(meaning);
                fresh.push((less, bytes));
            }
        }
        // The first are the ones that have to be held in every run.
        let fixed = 5.min(fresh.len());
        dice.shuffle(&mut fresh[fixed..]);
        for (less, bytes) in fresh.iter().take(variants) {
            hold(log, &whole, less, bytes, complaints);
        }
    })
    .expect_none();
}
