//! Facts that follow from facts: pure functions, each with unit tests.
//!
//! Everything that needs a loop, a join or arithmetic lives here, so that a check's condition stays one line of
//! comparisons. To add one: a field with a doc comment that ends in "(inferred)", a function here in the file of its
//! subject, its tests beneath it, and a line in [`all`] behind the facts it builds on.

mod answers;
mod asking;
mod auth;
mod before;
mod candidates;
mod certificates;
mod circleci;
mod cleared;
mod config;
mod contrast;
mod correction;
pub mod failure;
mod greeting;
mod identity;
mod inspection;
mod jump;
mod keys;
mod known_hosts;
mod left_out;
mod log;
mod login;
mod named_offers;
mod negotiation;
mod offers;
mod plan;
mod protocol_error;
mod registration;
mod same_file;
mod sender;
mod session;
mod session_end;
mod session_needs;
mod sha1;
mod strangers;
mod target;
mod tokens;
mod unlisted;
mod unseen;
mod wanted;
mod way;
mod withheld;
mod witness;
mod wrapper;

pub use candidates::{Candidate, candidates};
pub use identity::{Identity, identity};
pub use way::{count, way};

use super::Facts;

/// The candidates that the attempt left without an answer, likely ones first.
pub fn unanswered(facts: &Facts) -> Vec<Candidate<'_>> {
    let open = |candidate: &Candidate<'_>| answers::in_attempt(facts, candidate).is_none();
    candidates(facts).into_iter().filter(open).collect()
}

/// Fills every inferred field of `facts`, in the order in which they build on each other.
pub fn all(facts: &mut Facts) {
    target::fill(facts);
    named_offers::fill(facts);
    keys::infer(facts);
    offers::infer(facts);
    asking::fill(facts);
    sender::fill(facts);
    plan::infer(facts);
    login::infer(facts);
    withheld::fill(facts);
    contrast::fill(facts);
    auth::infer(facts);
    failure::fill(facts);
    config::fill(facts);
    left_out::fill(facts);
    wanted::fill(facts);
    tokens::fill(facts);
    certificates::fill(facts);
    witness::fill(facts);
    known_hosts::fill(facts);
    cleared::fill(facts);
    circleci::fill(facts);
    log::fill(facts);
    session_needs::fill(facts);
    inspection::fill(facts);
    session_end::fill(facts);
}
