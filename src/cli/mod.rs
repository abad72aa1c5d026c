//! The command line as types, and a file per subcommand.
//!
//! To add a command: a file with its arguments and a `run`, and its line in [`Command`]. A command writes to the
//! [`Console`] it is handed, returns its exit code, and leaves every error to [`Failure`], which ends in one sentence on
//! standard error and exit code 2.

mod catalogue;
mod checks;
mod circleci;
mod completions;
mod connect;
mod console;
mod doctor;
mod examine;
mod explain;
mod facts;
mod failure;
mod hint;
mod hoist;
mod jobs;
mod lint;
mod man;
mod my_job;
mod plugin;
mod rerun;
#[cfg(test)]
mod tests;

use std::{ffi::OsString, io};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum, error::ErrorKind};

use crate::system::System;
pub use console::Console;
use failure::Failure;

/// It did its work, and found nothing at or above the threshold.
const FINE: u8 = 0;
/// It did its work, and found something.
const FOUND: u8 = 1;
/// It could not do its work.
const FAILED: u8 = 2;

/// Finds out why ssh into a CircleCI job fails, and prints what mends it
#[derive(Debug, Parser)]
#[command(name = "cci-ssh", version, max_term_width = 80, subcommand_required = false, arg_required_else_help = false)]
#[command(after_help = "\
Examples:
  cci-ssh doctor                           only this machine
  cci-ssh doctor -p 64535 203.0.113.7      what the Enable SSH step printed
  cci-ssh doctor ssh -p 64535 203.0.113.7  the same, with its first word
  pbpaste | cci-ssh doctor -               the whole text of the step
  cci-ssh doctor --log ssh.log             a log, from ssh -v -E ssh.log …
  cci-ssh doctor gh/acme/web/345           a job: CircleCI is asked as well
  cci-ssh rerun gh/acme/web/345 --connect  run it again with SSH, and go in
  cci-ssh lint --dockerfile Dockerfile     what a session of its image lacks

Exit codes: 0 nothing at or above --fail-on, 1 something, 2 it could not look")]
struct Cli {
    /// When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 100)]
    color: Colour,
    /// For people or for programs
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", display_order = 99)]
    format: Format,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Doctor(doctor::Arguments),
    Connect(connect::Arguments),
    Rerun(rerun::Arguments),
    Jobs(jobs::Arguments),
    Lint(lint::Arguments),
    Explain(explain::Arguments),
    Checks(checks::Arguments),
    Facts(facts::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Runs a command line, the program's name first, and returns the exit code.
pub fn run(arguments: Vec<OsString>, system: &dyn System, console: &mut Console<'_>) -> u8 {
    answered(arguments, Cli::command(), system, console)
}

/// The same as a plug-in of CircleCI's own CLI.
pub fn plugin(arguments: Vec<OsString>, system: &dyn System, console: &mut Console<'_>) -> u8 {
    let command = Cli::command().name(plugin::NAME).bin_name(plugin::NAME);
    answered(plugin::with_doctor(arguments, &command), command, system, console)
}

fn answered(arguments: Vec<OsString>, command: clap::Command, system: &dyn System, console: &mut Console<'_>) -> u8 {
    match answer(arguments, command, system, console) {
        Ok(code) => code,
        // Whoever reads has read enough.
        Err(Failure::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => FINE,
        Err(failure) => {
            // Where even standard error is closed, the exit code has to do.
            let _ = console.complain(&failure.to_string());
            FAILED
        }
    }
}

fn answer(
    arguments: Vec<OsString>,
    // Made once, for it takes longer than to read the words.
    mut command: clap::Command,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<u8, Failure> {
    let meant = hint::doctor(&arguments, &command);
    let words = hoist::hoist(arguments, &command);
    let matches = command.try_get_matches_from_mut(words);
    let cli = match matches.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches)) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error.format(&mut command), meant, console),
    };
    console.colour(cli.color);
    match cli.command {
        None => {
            console.print(&Cli::command().render_help().ansi().to_string())?;
            Ok(FINE)
        }
        Some(Command::Doctor(arguments)) => doctor::run(&arguments, cli.format, system, console),
        Some(Command::Connect(arguments)) => connect::run(&arguments, cli.format, system, console),
        Some(Command::Rerun(arguments)) => rerun::run(&arguments, cli.format, system, console),
        Some(Command::Jobs(arguments)) => jobs::run(&arguments, cli.format, system, console),
        Some(Command::Lint(arguments)) => lint::run(&arguments, cli.format, system, console),
        Some(Command::Explain(arguments)) => explain::run(&arguments, cli.format, system, console),
        Some(Command::Checks(arguments)) => checks::run(&arguments, cli.format, system, console),
        Some(Command::Facts(arguments)) => facts::run(&arguments, system, console),
        Some(Command::Completions(arguments)) => completions::run(&arguments, &mut Cli::command(), console),
        Some(Command::Man(_)) => man::run(Cli::command(), console),
    }
}

/// Help and version are answers; anything else is a fault of the command line.
fn refuse(error: &clap::Error, meant: Option<String>, console: &mut Console<'_>) -> Result<u8, Failure> {
    let text = error.render().ansi().to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        console.print(&text)?;
        return Ok(FINE);
    }
    match meant {
        Some(command) => console.complain(&format!("to examine a login, put doctor before it: {command}"))?,
        None => console.print_error(&text)?,
    }
    Ok(FAILED)
}
