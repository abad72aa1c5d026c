//! What judging asks of every check: enough to know whether it fires, and what it is when it does not.
//!
//! At every start this much of each file of the program's own catalogue is made ready, out of what build.rs wrote down;
//! the rest of a file (words, fixes, examples) is read when the check has something to say. A test holds the two readings
//! of each file together.

use super::{
    Check,
    condition::{Condition, ConditionError},
    document::{Each, place},
    ruled_out::Excuse,
};
use crate::findings::Severity;

/// A file of `checks/`, as build.rs embeds it.
#[derive(Debug)]
pub(super) struct Embedded {
    /// `keys/key-crlf.md`.
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    /// The block on top of it as JSON; empty where the build could not read it.
    pub(super) head: &'static str,
    /// The same in part; none where the build could not read it, or something in it that it has to know.
    pub(super) written: Option<Written>,
}

/// The keys of the block on top that an [`Outline`] is made of, as they are written there.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) severity: Severity,
    pub(super) symptom: bool,
    pub(super) explains: &'static [&'static str],
    pub(super) each: Option<&'static str>,
    pub(super) when: &'static str,
    /// `ruled_out` and `ruled_out_when`.
    pub(super) ruled_out: Option<(&'static str, &'static str)>,
}

/// The part of a [`Check`] that is held against the facts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outline {
    pub(super) id: String,
    pub(super) stage: String,
    pub(super) severity: Severity,
    pub(super) symptom: bool,
    pub(super) explains: Vec<String>,
    pub(super) each: Option<Each>,
    pub(super) when: Condition,
    pub(super) excuse: Option<Excuse>,
}

impl Outline {
    /// Of a check that was read whole.
    pub(super) fn of(check: &Check) -> Self {
        Self {
            id: check.id.clone(),
            stage: check.stage.clone(),
            severity: check.severity,
            symptom: check.symptom,
            explains: check.explains.clone(),
            each: check.each.clone(),
            when: check.when.clone(),
            excuse: check.excuse.clone(),
        }
    }

    /// Of a file that comes with the program; `None` where only reading all of it can say what is wrong with it.
    pub(super) fn embedded(file: &Embedded) -> Option<Self> {
        let Written { severity, symptom, explains, each, when, ruled_out } = file.written.as_ref()?;
        let (stage, id) = place(file.name).ok()?;
        let excuse = |(words, when): &(&str, &str)| -> Result<Excuse, ConditionError> {
            Ok(Excuse { words: (*words).to_owned(), when: Condition::parse(when)? })
        };
        Some(Self {
            id,
            stage,
            severity: *severity,
            symptom: *symptom,
            explains: explains.iter().map(|id| (*id).to_owned()).collect(),
            each: each.map(Each::parse).transpose().ok()?,
            when: Condition::parse(when).ok()?,
            excuse: ruled_out.as_ref().map(excuse).transpose().ok()?,
        })
    }
}
