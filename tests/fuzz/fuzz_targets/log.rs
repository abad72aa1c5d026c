//! Any bytes as a log: nothing panics, nothing grows, nothing reaches a terminal that it would obey.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cci_ssh::ssh::log::invariants::hold(bytes));
