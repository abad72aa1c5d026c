//! ssh formats.

pub mod agent;
pub mod certificate;
pub mod config_text;
pub mod effective;
pub mod greeting;
pub mod kex;
pub mod key_file;
pub mod known_hosts;
pub mod pattern;
pub mod public_key;
pub mod tokens;
pub mod version;
mod wire;
