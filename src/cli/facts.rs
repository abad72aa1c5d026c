//! `cci-ssh facts`: what was seen, as a document that `--from` reads again.

use clap::Args;

use super::{Console, FINE, Failure, examine};
use crate::{report::json, system::System};

/// Print the facts as JSON, for doctor --from
///
/// The document names files, hosts, users and public keys of this machine; it holds no private key and no passphrase.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    examine: examine::Examine,
}

/// Looks, and writes the document.
pub(super) fn run(arguments: &Arguments, system: &dyn System, console: &mut Console<'_>) -> Result<u8, Failure> {
    let document = arguments.examine.observe(system, console)?;
    json::write(&document, &mut *console.output)?;
    console.output.flush()?;
    Ok(FINE)
}
