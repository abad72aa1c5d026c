//! Parse, run, exit code; nothing else.

use std::{
    ffi::OsString,
    io::{self, IsTerminal as _},
    process::ExitCode,
};

use anstream::{AutoStream, ColorChoice};
use cci_ssh::{
    cli::{self, Console},
    system::{
        System,
        real::{Real, on_interrupt},
    },
};
use terminal_size::{Width, terminal_size_of};

#[allow(dead_code, reason = "the plug-in has a main of its own, and runs the same")]
fn main() -> ExitCode {
    on_interrupt(|| std::process::exit(INTERRUPTED));
    run(cli::run)
}

/// 128 and the number of SIGINT, as shells count.
pub(crate) const INTERRUPTED: i32 = 130;

/// Runs a command line on this machine and its terminal.
pub(crate) fn run(cli: impl FnOnce(Vec<OsString>, &dyn System, &mut Console<'_>) -> u8) -> ExitCode {
    let (input, output, errors) = (io::stdin(), io::stdout(), io::stderr());
    let colours = [AutoStream::choice(&output), AutoStream::choice(&errors)];
    let mut console = Console {
        input_is_terminal: input.is_terminal(),
        colours: colours.map(|choice| choice != ColorChoice::Never),
        columns: terminal_size_of(&output).map(|(Width(columns), _)| columns.into()),
        error_columns: terminal_size_of(&errors).map(|(Width(columns), _)| columns.into()),
        input: &mut input.lock(),
        // Old consoles of Windows have colours translated; the console itself decides whether there are any.
        output: &mut AutoStream::always(output),
        errors: &mut AutoStream::always(errors),
    };
    cli(std::env::args_os().collect(), &Real, &mut console).into()
}
