//! `cci-ssh checks`: the catalogue's list and its tests.

use std::{fmt::Write as _, path::PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Console, FINE, FOUND, Failure, Format, catalogue};
use crate::{
    report::{catalogue::list, json, safe},
    system::System,
};

/// List the checks, or test them
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Every check with its stage, severity and title (the default)
    List {
        /// A folder with checks of your own; may be given more than once
        #[arg(long, value_name = "DIR")]
        checks: Vec<PathBuf>,
    },
    /// Run the examples of checks: of the program's own, or of a folder or file
    Test {
        /// A folder laid out as STAGE/ID.md, or one such file
        #[arg(value_name = "DIR|FILE")]
        path: Option<PathBuf>,
    },
}

/// Lists or tests.
pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<u8, Failure> {
    match &arguments.action {
        None => show(&[], format, system, console),
        Some(Action::List { checks }) => show(checks, format, system, console),
        Some(Action::Test { path }) => test(path.as_ref(), format, system, console),
    }
}

fn show(folders: &[PathBuf], format: Format, system: &dyn System, console: &mut Console<'_>) -> Result<u8, Failure> {
    let entries = catalogue::entries(&catalogue::own(folders, system)?)?;
    match format {
        Format::Text => console.print(&list(&entries, console.look(system, false)))?,
        Format::Json => {
            let checks: Vec<_> = (entries.iter())
                .map(|entry| json!({"check": entry.id, "stage": entry.stage, "severity": entry.severity, "title": entry.title}))
                .collect();
            json::write(&json!({"version": 1, "checks": checks}), &mut *console.output)?;
        }
    }
    Ok(FINE)
}

fn test(path: Option<&PathBuf>, format: Format, system: &dyn System, console: &mut Console<'_>) -> Result<u8, Failure> {
    let own = path.map(|path| catalogue::own(std::slice::from_ref(path), system)).transpose()?;
    let (count, failures) = catalogue::test(own.as_deref());
    match format {
        Format::Text => {
            let mut text = String::new();
            for failure in &failures {
                let (check, what, hint) =
                    (safe::line(&failure.check), safe::lines(&failure.what), safe::line(&failure.hint));
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{check}: {what}\n  {hint}");
            }
            let checks = if count == 1 { "1 check".to_owned() } else { format!("{count} checks") };
            let _ = match failures.len() {
                0 => writeln!(text, "{checks} tested: all are as they should be"),
                1 => writeln!(text, "{checks} tested: 1 fault"),
                faults => writeln!(text, "{checks} tested: {faults} faults"),
            };
            console.print(&text)?;
        }
        Format::Json => {
            let faults: Vec<_> = (failures.iter())
                .map(|failure| json!({"check": failure.check, "what": failure.what, "hint": failure.hint}))
                .collect();
            json::write(&json!({"version": 1, "tested": count, "faults": faults}), &mut *console.output)?;
        }
    }
    Ok(if failures.is_empty() { FINE } else { FOUND })
}
