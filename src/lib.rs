//! cci-ssh: the doctor for SSH into CircleCI jobs.

pub mod checks;
pub mod cli;
pub mod doctor;
pub mod facts;
pub mod findings;
pub mod probes;
pub mod report;
pub mod ssh;
pub mod system;
pub mod target;
