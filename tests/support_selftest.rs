//! x
#![cfg(unix)]
mod support;
