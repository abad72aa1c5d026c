//! Walks the files in the order ssh does and says for each line whether ssh took it.
//!
//! The rules (ssh_config(5)): the first obtained value counts, except for options that gather; a file starts in the state of
//! the place that includes it, so an Include inside a block that did not apply is dead; after an Include the block around
//! it goes on.

use std::collections::{BTreeMap, BTreeSet};

use super::super::effective::{Effective, Place};
use super::words::canonical_option;
use super::{Block, BlockKind, ConfigLine, include, parse};

/// Deeper Includes are an error for ssh (READCONF_MAX_DEPTH); more files than this are a loop of many.
const MAX_DEPTH: usize = 16;
const MAX_FILES: usize = 1024;

/// Options whose lines all count, in order.
const GATHERING: &[&str] =
    &["identityfile", "certificatefile", "sendenv", "localforward", "remoteforward", "dynamicforward"];

/// Whether ssh took a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity {
    /// Its block did not apply.
    No,
    /// It stands in a `Match` block of which ssh's report does not tell.
    Unknown,
    /// Its block applied, or it stands in none.
    Yes,
}

/// A line in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedLine {
    /// The file as ssh names it.
    pub file: String,
    /// The line.
    pub line: ConfigLine,
    /// Whether ssh took it.
    pub activity: Activity,
    /// The Include that brought its file in, where that one stands in a block that did not apply.
    pub dead_include: Option<DeadInclude>,
}

/// An Include in a block that did not apply: what it names does not count, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadInclude {
    /// The file it stands in.
    pub file: String,
    /// Its line.
    pub line: usize,
    /// The line as written.
    pub text: String,
    /// The block it stands in.
    pub block: Option<Block>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// File and line.
    pub place: Place,
    /// The line as written.
    pub text: String,
    /// Its arguments, joined by blanks.
    pub value: String,
    /// The block it stands in.
    pub block: Option<Block>,
    /// Whether it is sure that this line gave the value; if not, a `Match` block of unknown outcome is involved.
    pub certain: bool,
}

/// The files of one configuration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sources {
    /// Texts by file, named as in [`Effective::files_read`].
    pub texts: BTreeMap<String, String>,
    /// The user's home directory, for `~` and for relative Includes.
    pub home: Option<String>,
}

impl Sources {
    /// Every line of every file in the order in which ssh came by it. A file included twice is there twice.
    pub fn walk(&self, effective: &Effective) -> Vec<PlacedLine> {
        let mut walk = Walk { sources: self, effective, lines: Vec::new(), seen: BTreeSet::new(), files: 0 };
        for file in &effective.files_read {
            // What no earlier file has included is one that ssh reads by itself.
            if !walk.seen.contains(file.as_str()) {
                walk.file(file, &self.folder_of(file), Activity::Yes, None, 0);
            }
        }
        walk.lines
    }

    /// The lines an option's effective value comes from: one, or for options that gather all of them in order. Empty if it is
    /// a default or comes from the command line.
    pub fn origins(&self, option: &str, effective: &Effective) -> Vec<Origin> {
        Self::origins_among(&self.walk(effective), option, effective)
    }

    /// The same among lines that [`Self::walk`] gave.
    pub fn origins_among(lines: &[PlacedLine], option: &str, effective: &Effective) -> Vec<Origin> {
        let option = canonical_option(option);
        let is_it =
            |line: &&PlacedLine| line.activity != Activity::No && canonical_option(&line.line.keyword) == option;
        let candidates: Vec<&PlacedLine> = lines.iter().filter(is_it).collect();
        let values: Vec<&str> = effective
            .options
            .iter()
            .filter(|(name, _)| canonical_option(name) == option)
            .flat_map(|(_, values)| values)
            .map(String::as_str)
            .collect();
        let effective_value = |line: &&&PlacedLine| values.iter().any(|value| same_value(value, &line.line.arguments));
        if GATHERING.contains(&option.as_str()) {
            let taken = |line: &&&PlacedLine| line.activity == Activity::Yes || effective_value(line);
            return candidates.iter().filter(taken).map(|line| origin(line, line.activity == Activity::Yes)).collect();
        }
        let sure = candidates.iter().find(|line| line.activity == Activity::Yes);
        let chosen = match candidates.first() {
            Some(first) if first.activity == Activity::Yes => Some(first),
            // What stands in an open block before it counts only if it is the value that ssh reports.
            _ => candidates.iter().find(effective_value).or(sure),
        };
        chosen
            .map(|line| origin(line, line.activity == Activity::Yes && Some(line) == candidates.first()))
            .into_iter()
            .collect()
    }

    /// Where relative Includes start in a file that ssh reads by itself: the system's is called ssh_config.
    fn folder_of(&self, file: &str) -> String {
        let home = self.home.as_deref().unwrap_or_default();
        match file.rsplit_once(['/', '\\']) {
            Some((folder, "ssh_config")) if home.is_empty() || !file.starts_with(home) => folder.to_owned(),
            _ => format!("{home}/.ssh"),
        }
    }
}

struct Walk<'a> {
    sources: &'a Sources,
    effective: &'a Effective,
    lines: Vec<PlacedLine>,
    seen: BTreeSet<&'a str>,
    files: usize,
}

impl<'a> Walk<'a> {
    fn file(&mut self, file: &str, folder: &str, start: Activity, dead: Option<&DeadInclude>, depth: usize) {
        let sources = self.sources;
        let Some((file, text)) = sources.texts.get_key_value(file) else { return };
        self.files += 1;
        if depth > MAX_DEPTH || self.files > MAX_FILES {
            return;
        }
        self.seen.insert(file);
        let mut activity = start;
        for line in parse(text) {
            if let Some(block) = line.opens() {
                activity = start.min(self.block(file, &block, &line));
            }
            let includes = if line.keyword == "include" { line.arguments.clone() } else { Vec::new() };
            let inner = (activity == Activity::No && !includes.is_empty()).then(|| DeadInclude {
                file: file.clone(),
                line: line.number,
                text: line.text.clone(),
                block: line.block.clone(),
            });
            self.lines.push(PlacedLine { file: file.clone(), line, activity, dead_include: dead.cloned() });
            let inner = dead.or(inner.as_ref());
            for argument in includes {
                let known = sources.texts.keys().map(String::as_str);
                for included in include::resolve(&argument, sources.home.as_deref(), folder, known) {
                    self.file(included, folder, activity, inner, depth + 1);
                }
            }
        }
    }

    /// Whether a block applied, by ssh's own report.
    fn block(&self, file: &str, block: &Block, line: &ConfigLine) -> Activity {
        let here = |place: &Place| place.file == file && place.line == block.line;
        let yes = |applied: bool| if applied { Activity::Yes } else { Activity::No };
        if block.kind == BlockKind::Host {
            return yes(self.effective.hosts.iter().any(|applied| here(&applied.place)));
        }
        if line.arguments == ["all"] {
            return Activity::Yes;
        }
        let matches = &self.effective.matches;
        let mut placed = matches.iter().filter(|evaluated| evaluated.place.as_ref().is_some_and(here)).peekable();
        if placed.peek().is_some() {
            return yes(placed.any(|evaluated| evaluated.applied));
        }
        let mut same_text = matches
            .iter()
            .filter(|evaluated| evaluated.place.is_none() && evaluated.condition.trim() == block.text)
            .peekable();
        if same_text.peek().is_some() {
            return yes(same_text.any(|evaluated| evaluated.applied));
        }
        Activity::Unknown
    }
}

fn origin(placed: &PlacedLine, certain: bool) -> Origin {
    Origin {
        place: Place { file: placed.file.clone(), line: placed.line.number },
        text: placed.line.text.clone(),
        value: placed.line.arguments.join(" "),
        block: placed.line.block.clone(),
        certain,
    }
}

/// `ssh -G` prints flags as words of its own and algorithm lists in full, so this is only good to find a value, not to refuse one.
fn same_value(effective: &str, arguments: &[String]) -> bool {
    let written = arguments.join(" ");
    let word = |text: &str| match text.to_ascii_lowercase().as_str() {
        "yes" => "true".to_owned(),
        "no" => "false".to_owned(),
        other => other.to_owned(),
    };
    word(effective.trim_matches('"')) == word(&written)
}
