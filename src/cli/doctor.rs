//! `cci-ssh doctor`: names the cause and prints the command that mends it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Console, FINE, FOUND, Failure, Format, examine};
use crate::{
    doctor::Diagnosis,
    findings::{Finding, Severity},
    report::{Model, json, text},
    system::System,
};

/// Find out why the login fails, and what mends it
///
/// Looks at this machine, the way to the job and the login, names the one cause, and prints the command that mends it. It
/// changes nothing, asks for no passphrase, opens no session unless --inspect-session says so, and makes at most two
/// connections with your own ssh otherwise.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cci-ssh doctor -p 64535 203.0.113.7
  cci-ssh doctor ssh -t -p 54782 203.0.113.7 -- bash.exe
  cci-ssh doctor 057f0065-7e6d-4912-921b-50917ff046a3-0@ssh.circleci.com
  pbpaste | cci-ssh doctor - --format json
  ssh -v -p 64535 203.0.113.7 2>&1 | cci-ssh doctor --log -
  cci-ssh doctor --log works.log --log fails.log
  cci-ssh doctor --inspect-session -p 64535 203.0.113.7")]
pub(super) struct Arguments {
    #[command(flatten)]
    examine: examine::Examine,
    /// Exit with 1 from this severity on
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    fail_on: FailOn,
    /// Exit with 0 whatever is found
    #[arg(long)]
    exit_zero: bool,
    /// Put the facts into the JSON report
    #[arg(long)]
    with_facts: bool,
    /// A folder with checks of your own; may be given more than once
    #[arg(long, value_name = "DIR")]
    checks: Vec<PathBuf>,
    /// Say everything, also what usually does not matter
    #[arg(long)]
    verbose: bool,
}

/// From which severity on findings fail the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    Info,
    Warning,
    Error,
    Never,
}

/// Looks, reports, and says in the exit code whether anything was found.
pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<u8, Failure> {
    let diagnosis = arguments.examine.run(&arguments.checks, system, console)?;
    let Diagnosis { findings, faults, .. } = &diagnosis;
    let model = model(&diagnosis);
    match format {
        Format::Text => console.print(&text::render(&model, console.look(system, arguments.verbose)))?,
        Format::Json => {
            json::write(&json::report(&model, arguments.with_facts), &mut *console.output)?;
            console.output.flush()?;
        }
    }
    for fault in faults {
        console.complain(&format!("the check {} was left out: {}", fault.check, fault.what))?;
    }
    let found = !arguments.exit_zero && fails(findings, arguments.fail_on);
    Ok(if found { FOUND } else { FINE })
}

/// What a report is made from.
pub(super) fn model(diagnosis: &Diagnosis) -> Model<'_> {
    let Diagnosis { document, steps, findings, ruled_out, verdict, .. } = diagnosis;
    Model { document, steps, findings, ruled_out, verdict: *verdict }
}

pub(super) fn fails(findings: &[Finding], from: FailOn) -> bool {
    let least = match from {
        FailOn::Info => Severity::Info,
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
        FailOn::Never => return false,
    };
    findings.iter().any(|finding| finding.severity >= least)
}
