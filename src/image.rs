//! What the image that a job runs in does to the environment of whoever logs in.
//!
//! A job's own commands get the environment that the image sets (`ENV` in its Dockerfile). A login shell reads
//! `/etc/profile` and the start files of the home besides, and these may set a variable anew. This module knows which files
//! those are ([`login_shell`]) and words the line of a Dockerfile that puts a variable right for login shells
//! ([`dockerfile_line`]), and reads what a start file does to the environment ([`profile`]). It is pure: text in, text out.

pub mod base;
pub mod blame;
pub mod dockerfile;
pub mod dockerfile_line;
pub mod environment;
pub mod family;
pub mod login_shell;
pub mod profile;
pub mod showable;
