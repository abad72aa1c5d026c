//! Facts that follow from facts: pure functions, each with unit tests.
//!
//! Everything that needs a loop, a join or arithmetic lives here, so that a check's condition stays one line of
//! comparisons.

pub mod failure;
mod greeting;
mod negotiation;
mod protocol_error;
mod registration;
mod session;
mod sha1;

use super::Facts;

/// Fills every inferred field of `facts`, in the order in which they build on each other.
pub fn all(facts: &mut Facts) {
    failure::fill(facts);
}
