//! skeleton

pub mod ssh;
