//! The formats and the protocol of SSH, pure: bytes in, types out.

pub mod agent;
pub mod agent_bind;
pub mod certificate;
pub mod greeting;
pub mod kex;
pub mod key_file;
pub mod known_hosts;
pub mod log;
pub mod pattern;
pub mod public_key;
pub mod seen;
pub mod version;
mod wire;
