//! One model, rendered in several formats; no format decides anything.
//!
//! [`text`] is for people, [`json`] for programs; [`rerun`] and [`ssh_jobs`] have both for the commands of their names. Every string that reaches a terminal passes through [`safe`], since
//! servers, logs, file names and agents are written by strangers. To add a format: a module with a function from
//! [`Model`], and its word in the command line's `--format`.

pub mod catalogue;
pub mod json;
mod prose;
pub mod rerun;
pub mod safe;
pub mod ssh_jobs;
mod style;
pub mod text;
pub mod v1;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod schema;

use crate::{
    facts::{Document, Step},
    findings::{Finding, RuledOut, Verdict},
};

/// What a report is about.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    /// The facts.
    pub document: &'a Document,
    /// The stages of the way, in order.
    pub steps: &'a [Step],
    /// The findings, root cause first.
    pub findings: &'a [Finding],
    /// What it is not.
    pub ruled_out: &'a [RuledOut],
    /// What it all amounts to.
    pub verdict: Verdict,
}

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns to use; text is never wider than [`Look::WIDEST`].
    pub width: usize,
    /// The reader's terminal shows characters beyond ASCII.
    pub unicode: bool,
    /// Everything that is known, also what usually does not matter.
    pub verbose: bool,
}

impl Look {
    /// Lines longer than this are hard to read.
    pub const WIDEST: usize = 100;
    /// Below this, text is not made narrower.
    const NARROWEST: usize = 20;

    /// The columns that text gets.
    fn columns(&self) -> usize {
        self.width.clamp(Self::NARROWEST, Self::WIDEST)
    }
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 80, unicode: true, verbose: false }
    }
}

impl Model<'_> {
    /// A value of the facts by its JSON pointer.
    fn fact(&self, pointer: &str) -> Option<&serde_json::Value> {
        self.document.facts.pointer(pointer)
    }

    /// A yes or no of the facts; an unknown one is no.
    fn holds(&self, pointer: &str) -> bool {
        self.fact(pointer).and_then(serde_json::Value::as_bool).unwrap_or_default()
    }

    /// A string of the facts.
    fn words(&self, pointer: &str) -> Option<&str> {
        self.fact(pointer).and_then(serde_json::Value::as_str)
    }
}
