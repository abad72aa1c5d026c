//! The formats and the protocol of SSH, pure: bytes in, types out.

pub mod certificate;
pub mod key_file;
pub mod log;
pub mod public_key;
pub mod seen;
pub mod version;
mod wire;
