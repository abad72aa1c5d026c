//! What follows from CircleCI's facts, alone and beside those of this machine.
//!
//! A file for each subject; what keeps everybody out of a job is decided in one place, `standing`, so that the checks about
//! it can never contradict each other.

mod clock;
mod contexts;
mod executions;
mod job;
mod keys;
mod now;
mod people;
mod standing;

pub(super) use executions::meant;
pub(super) use people::name;

use crate::facts::{CircleCi, Facts};

/// Fills what is inferred of the section `circleci`, and what it says about the keys.
pub(super) fn fill(facts: &mut Facts) {
    let Some(mut side) = facts.circleci.take() else { return };
    job::fill(&mut side);
    people::fill(&mut side);
    keys::fill(&mut side, facts);
    contexts::fill(&mut side);
    executions::fill(&mut side, facts);
    clock::fill(&mut side);
    standing::fill(&mut side, facts);
    now::fill(&mut side);
    if let Some(auth) = facts.auth.known_mut() {
        auth.own_job = side.job.known().is_some_and(|job| job.mine.is(&true));
    }
    facts.circleci = Some(side);
}

/// What evidence about the job is called.
fn source(side: &CircleCi) -> String {
    match side.job.known().and_then(|job| job.number) {
        Some(number) => format!("CircleCI, job {number}"),
        None => "CircleCI".to_owned(),
    }
}
