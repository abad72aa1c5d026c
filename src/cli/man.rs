//! `cci-ssh man`: the manual page.

use clap::{Args, Command};
use clap_mangen::Man;

use super::{Console, FINE, Failure};

/// Print the manual page, for man -l -
#[derive(Debug, Args)]
pub(super) struct Arguments {}

/// Writes the page of the program, then those of its commands.
pub(super) fn run(cli: Command, console: &mut Console<'_>) -> Result<u8, Failure> {
    let mut cli = cli;
    cli.build();
    let mut page = Vec::new();
    Man::new(cli.clone()).render(&mut page)?;
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        let command = command.clone();
        let man = Man::new(command.clone());
        page.extend_from_slice(format!(".SH {}\n", command.get_name().to_uppercase()).as_bytes());
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    console.output.write_all(&page)?;
    console.output.flush()?;
    Ok(FINE)
}
