//! cci-ssh: the doctor for SSH into CircleCI jobs.

pub mod checks;
pub mod facts;
pub mod findings;
pub mod ssh;
pub mod system;
