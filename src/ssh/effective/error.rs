//! How OpenSSH words what it does not like in a configuration (readconf.c, 7.4 to 10.x, and PowerShell/openssh-portable).
//!
//! Most lines are `FILE line N: MESSAGE` or `FILE: line N: MESSAGE`. Only the few messages that mean something else than
//! "bad value" are told apart by words, so a new wording of a value error needs nothing here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Place, place_of};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConfigErrorKind {
    /// A keyword this ssh does not have.
    BadOption,
    /// A value it does not take, or none, or too many.
    BadValue,
    /// Owner or permissions of the file.
    BadPermissions,
    /// A list names an algorithm this build does not have.
    BadAlgorithm,
    /// A `Match` line.
    BadMatch,
    /// The file cannot be read.
    Unreadable,
    /// The user name on the command line has letters that ssh takes from a configuration only.
    BadUser,
    /// An option it passes over: deprecated or not built in. No error.
    IgnoredOption,
    /// Something else.
    Other,
}

/// An error in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigError {
    /// The file as ssh names it, `command-line` for `-o`; left out where ssh does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    /// The line, from 1; left out where the error is about a whole file or an `-o`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<usize>,
    /// The option in lower case, where ssh says it. Bytes that are no ASCII stand as ssh prints them: `\357\273\277host`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub option: Option<String>,
    /// What is wrong.
    pub kind: ConfigErrorKind,
    /// The line as ssh printed it.
    pub text: String,
    /// The reason, where ssh prints it as a line of its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

impl ConfigError {
    /// Whether it counts although it is printed as debug output only, as some remarks are.
    pub(super) fn in_debug_too(&self) -> bool {
        matches!(self.kind, ConfigErrorKind::IgnoredOption | ConfigErrorKind::BadPermissions)
    }
}

/// Lines that only give the reason for the error in the line after them.
pub(super) fn is_hint(line: &str) -> bool {
    ["Unsupported Match attribute", "Missing Match criteria", "Unsupported KEX algorithm", "Match "]
        .iter()
        .any(|start| line.starts_with(start))
        || line.contains("percent_expand: ")
        || line.contains("dollar_percent_expand: ")
}

/// `FILE: terminating, N bad configuration options`, which adds nothing.
pub(super) fn is_summary(line: &str) -> bool {
    line.contains(": terminating, ") && line.contains(" bad configuration option")
}

/// Reads one line of stderr, its debug prefix taken off; `None` if it is no error about the configuration.
pub(super) fn parse(line: &str) -> Option<ConfigError> {
    user_name(line).or_else(|| whole_file(line)).or_else(|| in_line(line)).or_else(|| expansion(line))
}

/// ssh.c, before it reads any file: since 9.6 for quotes and the like, in 10.6 for `$` and backslashes too.
fn user_name(line: &str) -> Option<ConfigError> {
    line.starts_with("remote username contains invalid").then(|| ConfigError {
        file: Some("command-line".to_owned()),
        line: None,
        option: Some("user".to_owned()),
        kind: ConfigErrorKind::BadUser,
        text: line.to_owned(),
        detail: None,
    })
}

fn whole_file(line: &str) -> Option<ConfigError> {
    let error = |kind, file: &str| {
        let file = Some(file.trim()).filter(|file| !file.is_empty()).map(str::to_owned);
        Some(ConfigError { file, line: None, option: None, kind, text: line.to_owned(), detail: None })
    };
    for start in ["Bad owner or permissions on ", "Bad owner on "] {
        if let Some(file) = line.strip_prefix(start) {
            return error(ConfigErrorKind::BadPermissions, file);
        }
    }
    if line.starts_with("Bad permissions. Try removing permissions for user") {
        let file = line.rsplit_once(" on file ").map_or("", |(_, file)| file.trim_end_matches('.'));
        return error(ConfigErrorKind::BadPermissions, file);
    }
    if let Some(rest) = line
        .strip_prefix("Can't open user config file ")
        .or_else(|| line.strip_prefix("Can't open user configuration file "))
    {
        return error(ConfigErrorKind::Unreadable, rest.rsplit_once(": ").map_or(rest, |(file, _)| file));
    }
    None
}

/// `FILE line N: MESSAGE` and `FILE: line N: MESSAGE`.
fn in_line(line: &str) -> Option<ConfigError> {
    let start = line.find(" line ")?;
    let (place, message) =
        (line[start + 6..].find(": ")).map(|end| (&line[..start + 6 + end], &line[start + 8 + end..]))?;
    let Place { file, line: number } = place_of(place)?;
    let (kind, option) = classify(message);
    // Only this message has a colon after the file; shells word their own errors so.
    if place[..start].ends_with(':') && kind != ConfigErrorKind::BadOption {
        return None;
    }
    Some(ConfigError {
        file: Some(file),
        line: (number > 0).then_some(number),
        option: option.map(|option| option.trim_matches(['"', '\'', '.']).to_ascii_lowercase()),
        kind,
        text: line.to_owned(),
        detail: None,
    })
}

fn classify(message: &str) -> (ConfigErrorKind, Option<&str>) {
    use ConfigErrorKind::{BadAlgorithm, BadMatch, BadOption, BadValue, IgnoredOption, Other};
    let after = |start: &str| message.strip_prefix(start);
    // With a capital it is the option, without one the value that is unsupported.
    for start in ["Deprecated option ", "Unsupported option ", "Ignored unknown option "] {
        if let Some(option) = after(start) {
            return (IgnoredOption, Some(option));
        }
    }
    if let Some(option) = after("Bad configuration option: ") {
        (BadOption, Some(option))
    } else if let Some(option) = after("no argument after keyword ") {
        (BadValue, Some(option))
    } else if let Some(rest) = after("keyword ") {
        (BadValue, rest.split(' ').next())
    } else if message.contains("Match") {
        (BadMatch, None)
    } else if message.contains("recursive") || message.contains("Include") {
        (Other, None)
    } else if message.starts_with("Bad SSH2 ") || message.starts_with("Bad key types") || message.contains("lgorithms")
    {
        let option = ["KexAlgorithms", "Mac", "MAC", "cipher"].iter().find(|word| message.contains(**word));
        (
            BadAlgorithm,
            option.map(|word| {
                if *word == "cipher" {
                    "ciphers"
                } else if word.len() == 3 {
                    "macs"
                } else {
                    word
                }
            }),
        )
    } else {
        (BadValue, option_in(message))
    }
}

/// The option a value's error names in passing: `Bad port '22x'.`, `Invalid ProxyJump "a:b:c"`.
fn option_in(message: &str) -> Option<&str> {
    if message.contains("log level") {
        return Some("loglevel");
    }
    let named =
        ["port", "ProxyJump", "ProxyCommand", "SetEnv", "IPQoS", "ControlPersist", "RekeyLimit", "IdentityAgent"];
    message.split([' ', '.']).find(|word| named.contains(word))
}

/// Tokens and variables that cannot be expanded; ssh does not say in which line.
fn expansion(line: &str) -> Option<ConfigError> {
    let failed = line.contains("percent_dollar_expand: failed")
        || line.contains("unknown key %")
        || line.contains("dollar_expand: env var ")
        || line.starts_with("Invalid environment expansion")
        || (line.contains("tilde_expand") && line.contains("No such user"));
    failed.then(|| ConfigError {
        file: None,
        line: None,
        option: None,
        kind: ConfigErrorKind::BadValue,
        text: line.to_owned(),
        detail: None,
    })
}
