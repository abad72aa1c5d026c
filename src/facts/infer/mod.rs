//! Facts that follow from facts: pure functions, each with unit tests.
//!
//! Everything that needs a loop, a join or arithmetic lives here, so that a check's condition stays one line of
//! comparisons.

mod config;
pub mod failure;
mod greeting;
mod jump;
mod left_out;
mod negotiation;
mod protocol_error;
mod registration;
mod session;
mod sha1;
mod wanted;

use super::Facts;

/// Fills every inferred field of `facts`, in the order in which they build on each other.
pub fn all(facts: &mut Facts) {
    failure::fill(facts);
    config::fill(facts);
    left_out::fill(facts);
    wanted::fill(facts);
}
