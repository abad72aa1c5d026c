//! `cci-ssh completions`: a completion script.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use super::{Console, FINE, Failure};

/// Print a completion script for a shell
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The shell it is for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Writes the script.
pub(super) fn run(arguments: &Arguments, cli: &mut Command, console: &mut Console<'_>) -> Result<u8, Failure> {
    // The generator panics when its writer fails, as a closed pipe does.
    let mut script = Vec::new();
    generate(arguments.shell, cli, "cci-ssh", &mut script);
    console.output.write_all(&script)?;
    console.output.flush()?;
    Ok(FINE)
}
