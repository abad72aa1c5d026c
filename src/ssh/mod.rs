//! Formats and protocol of SSH, pure: bytes in, types out.

pub mod log;
