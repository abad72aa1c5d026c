//! The start files of shells, read as text: what they do to the environment, and where.
//!
//! A start file is a script, and only a shell can run it. What matters here is little of that: which variables it sets
//! without regard to what they were, which it keeps and extends, which it takes away, what it reads besides, and whether it
//! ends the shell. [`Profile::read`] takes the text apart, and [`Follow`] goes through it as a shell would, with every branch
//! that it cannot decide taken and left out: so a variable has a few [`Outcome`]s, of which one is true.
//!
//! It is pure, and made for any bytes: text that is no shell script gives no statements or wrong ones, and never a panic or
//! a loop. Sources: POSIX.1-2024 XCU 2 (grammar, quoting, expansion), bash(1).

mod follow;
mod lexer;
mod parser;
mod tree;
mod word;

pub use follow::{End, Files, Folder, Follow, Outcome, Piece, Place, folders};
pub use tree::{Action, Profile, Statement};
