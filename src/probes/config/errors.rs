//! Lines that ssh refuses, with what is known about the names in them.

use std::path::Path;

use crate::{
    facts::{ConfigError, Seen},
    probes::text,
    ssh::{
        effective::{self, ConfigErrorKind, Effective},
        options,
        version::Version,
    },
    system::{Account, Ran, System},
};

pub(super) fn facts(effective: &Effective) -> Vec<ConfigError> {
    let client = effective.version.as_ref().map(|openssh| openssh.version);
    effective.errors.iter().map(|error| fact(error, client)).collect()
}

/// Sees to whom the files belong that ssh refuses for their owner or mode.
pub(super) fn owners(system: &dyn System, account: &Account, errors: &mut [ConfigError]) {
    for error in errors.iter_mut().filter(|error| error.kind == "bad-permissions") {
        let owner = system.metadata(Path::new(&error.file)).ok().and_then(|metadata| metadata.uid);
        error.foreign_owner = owner.is_some_and(|owner| owner != 0 && account.uid.is_some_and(|user| owner != user));
    }
}

/// A refusal in words that name no line, such as that of Includes in a circle. Before any file is read, ssh judges the
/// command line.
pub(super) fn unnamed(ran: &Ran, effective: &Effective) -> Option<ConfigError> {
    let words = effective.other.iter().map(text::clean).rfind(|line| !line.is_empty());
    let text = words.filter(|_| ran.code.is_some_and(|code| code != 0))?;
    let file = effective.files_read.last().cloned().unwrap_or_else(|| "command-line".to_owned());
    let seen = Seen { source: file.clone(), line: None, text };
    // Quoted and without "name" only where CanonicalizeFallbackLocal is no (ssh.c, resolve_canonicalize).
    let kind = if text_is_canonical(&seen.text) { "canonical-name" } else { "stopped" };
    Some(ConfigError { file, kind: kind.to_owned(), seen, ..ConfigError::default() })
}

fn text_is_canonical(text: &str) -> bool {
    text.contains("Could not resolve host \"")
}

fn fact(error: &effective::ConfigError, client: Option<Version>) -> ConfigError {
    let file = error.file.clone().unwrap_or_else(|| "ssh".to_owned());
    let name = error.option.as_deref().map(text::clean);
    let mut text = text::clean(&error.text);
    if let Some(detail) = &error.detail {
        text = text::clean(format!("{} ({text})", text::clean(detail)));
    }
    let bad_option = error.kind == ConfigErrorKind::BadOption;
    let known = name.as_deref().filter(|_| bad_option).and_then(options::find);
    ConfigError {
        line: error.line,
        kind: kind(error.kind).to_owned(),
        // An ssh that does not know a name which exists is older than the name, whatever its version.
        newer_option: known.is_some_and(|option| client.is_none_or(|client| option.since > client)),
        since: known.map(|option| option.since.to_string()),
        encoding: None,
        older_name: name
            .as_deref()
            .filter(|_| bad_option)
            .zip(client)
            .and_then(|(name, client)| options::older_name(name, client))
            .map(str::to_owned),
        apple_option: bad_option && name.as_deref().is_some_and(options::is_apples),
        option: name,
        foreign_owner: false,
        value: None,
        meant: None,
        of_user: false,
        of_system: false,
        backup: None,
        seen: Seen { source: file.clone(), line: error.line, text },
        file,
    }
}

fn kind(kind: ConfigErrorKind) -> &'static str {
    match kind {
        ConfigErrorKind::BadOption => "bad-option",
        ConfigErrorKind::BadValue => "bad-value",
        ConfigErrorKind::BadPermissions => "bad-permissions",
        ConfigErrorKind::BadAlgorithm => "bad-algorithm",
        ConfigErrorKind::BadMatch => "bad-match",
        ConfigErrorKind::BadUser => "bad-user",
        ConfigErrorKind::Unreadable | ConfigErrorKind::IgnoredOption | ConfigErrorKind::Other => "other",
    }
}
