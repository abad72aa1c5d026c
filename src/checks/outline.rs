//! What judging asks of every check: enough to know whether it fires, and what it is when it does not.
//!
//! The outlines of the program's own checks are constants that build.rs makes (`embedded`), so that a start reads no file of
//! the catalogue; the words, fixes and examples of a check are read when it has something to say. A test holds the two
//! readings of each file together.

use std::borrow::Cow;

use super::{Check, condition::Condition, document::Each, ruled_out::Excuse};
use crate::findings::Severity;

/// The part of a [`Check`] that is held against the facts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outline {
    pub(super) id: Cow<'static, str>,
    pub(super) stage: Cow<'static, str>,
    pub(super) severity: Severity,
    pub(super) symptom: bool,
    pub(super) explains: Cow<'static, [Cow<'static, str>]>,
    pub(super) each: Option<Each>,
    pub(super) when: Condition,
    pub(super) excuse: Option<Excuse>,
}

impl Outline {
    /// Of a check that was read whole.
    pub(super) fn of(check: &Check) -> Self {
        Self {
            id: check.id.clone().into(),
            stage: check.stage.clone().into(),
            severity: check.severity,
            symptom: check.symptom,
            explains: check.explains.iter().cloned().map(Cow::Owned).collect(),
            each: check.each.clone(),
            when: check.when.clone(),
            excuse: check.excuse.clone(),
        }
    }
}
