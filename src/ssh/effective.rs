//! What one `ssh -v -G HOST` tells (ssh(1)): the effective options on stdout; the version, the files read, the blocks that
//! applied and the configuration's errors on stderr. OpenSSH itself is the judge, so nothing is evaluated here.
//!
//! With `-v` ssh names the `Host` blocks that applied but not the `Match` blocks; `-vv` adds each condition and its result,
//! `-vvv` their lines. All three are read. New error wordings belong to `effective/error.rs`.

mod error;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use error::{ConfigError, ConfigErrorKind};

use super::version::{self, OpenSsh};

/// A line of a configuration file, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The file as ssh names it.
    pub file: String,
    /// The line.
    pub line: usize,
}

/// A `Host` block that applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppliedHost {
    /// Where its `Host` line stands.
    pub place: Place,
    /// The pattern that matched.
    pub pattern: String,
}

/// A `Match` line that ssh evaluated, seen from `-vv` on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvaluatedMatch {
    /// The conditions as written after `Match`.
    pub condition: String,
    /// Whether the block applied.
    pub applied: bool,
    /// Where the line stands; seen at `-vvv` and not for `Match all`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Place>,
}

/// The outcome of one `ssh -v -G`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Effective {
    /// The program, if it printed its version and is OpenSSH.
    pub version: Option<OpenSsh>,
    /// Every option in lower case with its values in order; an option given on several lines has several.
    pub options: BTreeMap<String, Vec<String>>,
    /// Files read, in order, each once; Includes among them.
    pub files_read: Vec<String>,
    /// `Host` blocks that applied, in order.
    pub hosts: Vec<AppliedHost>,
    /// `Match` lines that were evaluated, in order.
    pub matches: Vec<EvaluatedMatch>,
    /// Commands of `Match exec` that ssh ran, in order.
    pub executed: Vec<String>,
    /// Why ssh refuses the configuration; empty if it takes it.
    pub errors: Vec<ConfigError>,
    /// Options that ssh passes over with a remark: deprecated, or not built in.
    pub ignored: Vec<ConfigError>,
    /// Other lines on stderr that are no debug output: what `Match exec` commands wrote, warnings.
    pub other: Vec<String>,
}

impl Effective {
    /// Reads both outputs. Bytes that are no UTF-8 are replaced; nothing can fail, what ssh did not print is missing.
    pub fn parse(stdout: &[u8], stderr: &[u8]) -> Self {
        let mut effective = Self::default();
        for line in String::from_utf8_lossy(stdout).lines() {
            effective.option(line.trim_end());
        }
        let stderr = String::from_utf8_lossy(stderr);
        effective.version = version::parse(&stderr).ok();
        let mut hint = None;
        for line in stderr.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            effective.remark(line, &mut hint);
        }
        effective.other.extend(hint);
        effective
    }

    /// The first value of an option; the name's letter case does not count.
    pub fn first(&self, option: &str) -> Option<&str> {
        self.all(option).first().map(String::as_str)
    }

    /// All values of an option, in order.
    pub fn all(&self, option: &str) -> &[String] {
        self.options.get(&option.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    fn option(&mut self, line: &str) {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_name {
            self.options.entry(name.to_ascii_lowercase()).or_default().push(value.to_owned());
        }
    }

    /// Takes one line of stderr. Some errors are said in two lines, the reason first: `hint` carries it to the second.
    fn remark(&mut self, line: &str, hint: &mut Option<String>) {
        if let Some(debug) = without_debug(line) {
            self.debug(debug);
            return;
        }
        if line.starts_with("OpenSSH_") {
            return;
        }
        if let Some(error) = error::parse(line).filter(|error| self.is_about_our_files(error)) {
            let detail = hint.take();
            self.add_error(ConfigError { detail, ..error });
        } else if error::is_hint(line) {
            self.other.extend(hint.replace(line.to_owned()));
        } else if !error::is_summary(line) {
            self.other.push(line.to_owned());
        }
    }

    /// The commands of `Match exec` write to the same stderr: an error's line number must be one in a file that ssh has read.
    fn is_about_our_files(&self, error: &ConfigError) -> bool {
        let Some(file) = error.file.as_ref().filter(|_| error.line.is_some()) else { return true };
        self.files_read.is_empty() || self.files_read.contains(file)
    }

    fn add_error(&mut self, error: ConfigError) {
        let list = if error.kind == ConfigErrorKind::IgnoredOption { &mut self.ignored } else { &mut self.errors };
        // A second pass (CanonicalizeHostname, Match final) says everything again.
        if !list.contains(&error) {
            list.push(error);
        }
    }

    fn debug(&mut self, text: &str) {
        if let Some(file) = text.strip_prefix("Reading configuration data ") {
            if !self.files_read.iter().any(|known| known == file) {
                self.files_read.push(file.to_owned());
            }
        } else if let Some((place, pattern)) = text.split_once(": Applying options for ") {
            if let Some(place) = place_of(place) {
                let applied = AppliedHost { place, pattern: pattern.to_owned() };
                if !self.hosts.contains(&applied) {
                    self.hosts.push(applied);
                }
            }
        } else if let Some(command) = text.strip_prefix("Executing command: ") {
            self.executed.push(unquoted(command).to_owned());
        } else if let Some(rest) = text.strip_prefix("checking match for ") {
            let condition = rest.rsplit_once(" host ").map_or(rest, |(condition, _)| condition);
            self.matches.push(EvaluatedMatch {
                condition: unquoted(condition).to_owned(),
                applied: false,
                place: None,
            });
        } else if text == "match found" {
            if let Some(last) = self.matches.last_mut() {
                last.applied = true;
            }
        } else if let Some(place) = match_place(text) {
            if let Some(last) = self.matches.last_mut() {
                last.place = Some(place);
            }
        } else if let Some(error) = error::parse(text).filter(|error| error.in_debug_too()) {
            self.add_error(error);
        }
    }
}

/// The text of a `debug1: ` … `debug3: ` line.
fn without_debug(line: &str) -> Option<&str> {
    ["debug1: ", "debug2: ", "debug3: "].iter().find_map(|prefix| line.strip_prefix(prefix))
}

/// `FILE line N: matched '…'`, `not matched`, `skipped`.
fn match_place(text: &str) -> Option<Place> {
    let (place, rest) = text
        .rsplit_once(": matched ")
        .or_else(|| text.split_once(": not matched "))
        .or_else(|| text.split_once(": skipped "))?;
    (!rest.is_empty()).then(|| place_of(place))?
}

/// `FILE line N` or `FILE: line N`; the file's name may have blanks in it.
fn place_of(text: &str) -> Option<Place> {
    let (file, line) = text.rsplit_once(" line ")?;
    Some(Place { file: file.strip_suffix(':').unwrap_or(file).to_owned(), line: line.parse().ok()? })
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests;
