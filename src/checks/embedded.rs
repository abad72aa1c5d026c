//! The checks that come with the program, as build.rs wrote them down.

use std::borrow::Cow::Borrowed;

use super::{
    condition::{Comparison, Condition, Expression, Literal, Operand, Part, Path, Step},
    document::Each,
    outline::Outline,
    ruled_out::Excuse,
};
use crate::findings::Severity;

/// A file of `checks/`.
#[derive(Debug)]
pub(super) struct Embedded {
    /// `keys/key-crlf.md`.
    pub(super) name: &'static str,
    /// The file; where `head` has its block on top, empty lines stand in the place of that.
    pub(super) text: &'static str,
    /// The block on top of it as JSON, which is read ten times as fast; empty where the build could not read it.
    pub(super) head: &'static str,
    /// None where the build could not read that much: reading all of the file says what is wrong with it.
    pub(super) outline: Option<Outline>,
}

/// All of them, sorted by name.
pub(super) static EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
