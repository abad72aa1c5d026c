//! `cci-ssh explain`: one check as a page.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Console, FINE, Failure, Format, catalogue};
use crate::{
    report::{catalogue::page, json},
    system::System,
};

/// Explain a check: what it means, how to see it, what mends it
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The check's id, as reports name it
    #[arg(value_name = "ID")]
    id: String,
    /// A folder with checks of your own; may be given more than once
    #[arg(long, value_name = "DIR")]
    checks: Vec<PathBuf>,
}

/// Shows the page, or says what the id was close to.
pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<u8, Failure> {
    let entries = catalogue::entries(&catalogue::own(&arguments.checks, system)?)?;
    let asked = arguments.id.rsplit(['/', '\\']).next().unwrap_or_default();
    let asked = asked.strip_suffix(".md").unwrap_or(asked).trim().to_lowercase();
    let Some(entry) = entries.iter().find(|entry| entry.id == asked) else {
        let mut near: Vec<(usize, &str)> =
            (entries.iter()).filter_map(|entry| Some((distance(&asked, &entry.id)?, entry.id.as_str()))).collect();
        near.sort_unstable();
        let near = near.into_iter().take(3).map(|(_, id)| id.to_owned()).collect();
        return Err(Failure::NoCheck { id: arguments.id.clone(), near });
    };
    match format {
        Format::Text => console.print(&page(entry, console.look(system, false)))?,
        Format::Json => {
            let value = json!({
                "version": 1, "check": entry.id, "stage": entry.stage, "severity": entry.severity, "title": entry.title,
                "page": entry.page,
            });
            json::write(&value, &mut *console.output)?;
        }
    }
    Ok(FINE)
}

/// How far an id is from what was asked for: parts of it that are missing; `None` when they have nothing in common.
fn distance(asked: &str, id: &str) -> Option<usize> {
    if asked.len() >= 3 && id.contains(asked) {
        return Some(0);
    }
    let parts: Vec<&str> = id.split('-').collect();
    let common = asked.split(['-', '_', ' ']).filter(|part| part.len() > 2 && parts.contains(part)).count();
    (common > 0).then(|| 1 + asked.split(['-', '_', ' ']).count().saturating_sub(common))
}
