//! Facts that follow from facts: pure functions, each with unit tests.
//!
//! Everything that needs a loop, a join or arithmetic lives here, so that a check's condition stays one line of
//! comparisons. To add one: a field with a doc comment that ends in "(inferred)", a function here in the file of its
//! subject, its tests beneath it, and a line in [`all`] behind the facts it builds on.

mod asking;
mod auth;
mod config;
pub mod failure;
mod greeting;
mod jump;
mod keys;
mod left_out;
mod login;
mod negotiation;
mod offers;
mod protocol_error;
mod registration;
mod same_file;
mod session;
mod sha1;
mod target;
mod tokens;
mod unlisted;
mod wanted;
mod way;

pub use auth::{Candidate, candidates};
pub use way::way;

use super::Facts;

/// Fills every inferred field of `facts`, in the order in which they build on each other.
pub fn all(facts: &mut Facts) {
    target::fill(facts);
    keys::infer(facts);
    offers::infer(facts);
    asking::fill(facts);
    login::infer(facts);
    auth::infer(facts);
    failure::fill(facts);
    config::fill(facts);
    left_out::fill(facts);
    wanted::fill(facts);
    tokens::fill(facts);
}
