//! What the image that a job runs in does to the environment of whoever logs in.
//!
//! A job's own commands get the environment that the image sets (`ENV` in its Dockerfile). A login shell reads
//! `/etc/profile` and the start files of the home besides, and these may set a variable anew. This module is pure, text in
//! and types out:
//!
//! - which start files a login shell reads ([`login_shell`]), and what a text of one does to the environment ([`profile`]);
//! - two environments compared ([`environment`]), and the line that made the difference ([`blame`]), as far as values may be
//!   shown at all ([`showable`]);
//! - what a Dockerfile sets that a login shell of its image loses ([`dockerfile`]), by what is known of base images ([`base`])
//!   and of the stock profiles of their families ([`family`]);
//! - the line of a start file that gives it back ([`profile_line`]).

pub mod base;
pub mod blame;
pub mod dockerfile;
pub mod environment;
pub mod family;
pub mod login_shell;
pub mod profile;
pub mod profile_line;
pub mod showable;
