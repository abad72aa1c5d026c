//! The formats and the protocol of SSH, pure: bytes in, types out.

pub mod log;
pub mod seen;
