//! ssh formats.

pub mod agent;
pub mod certificate;
pub mod greeting;
pub mod kex;
pub mod key_file;
pub mod known_hosts;
pub mod pattern;
pub mod public_key;
pub mod version;
mod wire;
