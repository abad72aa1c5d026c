//! The catalogue: loads the checks, holds them against the facts, puts what fired into words.
//!
//! A check is a file in `checks/<stage>/`; checks/README.md teaches how to write one. Nothing here looks at the machine,
//! and nothing here knows a particular check. The parts: [`Check`] is a parsed file, `outline` the part of it that is ready
//! before anything fires, [`condition`] decides, `wording` and `quote` speak, `pasted` sees to it that no
//! printed command meets the next trap, [`Catalogue::judge`] does it for all checks and
//! keeps the engine's own rules, [`test()`](test()) holds checks to what the README promises, [`explain()`] shows one to a
//! person.
//!
//! To change what a check may say: a new key in `document`, its meaning in `judge` or `hit`, its rule in `lint`, a line in the
//! README; and where it is asked of checks that did not fire, a field of `outline`, which build.rs fills.

mod catalog;
pub mod condition;
mod document;
mod embedded;
mod examples;
mod explain;
mod hit;
mod judge;
mod lint;
mod outline;
mod pasted;
mod quote;
mod ruled_out;
mod schema;
mod wording;

pub use catalog::Catalogue;
pub use document::{Check, Place, Seed};
pub use examples::{Failure, healthy, test, test_own};
pub use explain::explain;
pub use judge::{CheckFault, Judgement, NotKnown, RuledOut, outcome};

/// A check file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {what}; {hint}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct CheckError {
    /// The file as it was named.
    pub file: String,
    /// Line in it, from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}
