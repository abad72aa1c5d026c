//! ssh formats.

pub mod certificate;
pub mod key_file;
pub mod public_key;
pub mod version;
mod wire;
