//! Looking into the job: `--inspect-session`.
