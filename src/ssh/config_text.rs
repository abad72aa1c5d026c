//! Reads ssh_config text to say *where* a value comes from: file, line, the block around it. What applies is never decided
//! here: that is what `ssh -v -G` reports ([`super::effective`]), and where its report leaves a block open, so do we.

mod include;
mod provenance;
mod words;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use provenance::{Activity, DeadInclude, Origin, PlacedLine, Sources};
pub use words::{arguments, canonical_option};

/// What opens a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// `Host patterns`.
    Host,
    /// `Match conditions`.
    Match,
}

/// The line that opens a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Block {
    /// `Host` or `Match`.
    pub kind: BlockKind,
    /// Its line, from 1.
    pub line: usize,
    /// What follows the keyword, as written.
    pub text: String,
}

/// A line with a keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigLine {
    /// Counted from 1.
    pub number: usize,
    /// In lower case.
    pub keyword: String,
    /// Without their quotes.
    pub arguments: Vec<String>,
    /// The line as written, without blanks around it.
    pub text: String,
    /// What follows the keyword, as written.
    pub rest: String,
    /// The block the line stands in; `None` before the first.
    pub block: Option<Block>,
}

impl ConfigLine {
    /// The block this line opens.
    pub fn opens(&self) -> Option<Block> {
        let kind = match self.keyword.as_str() {
            "host" => BlockKind::Host,
            "match" => BlockKind::Match,
            _ => return None,
        };
        Some(Block { kind, line: self.number, text: self.rest.clone() })
    }
}

/// Reads a file's lines; blank lines and comments are left out. Never fails: what ssh would refuse, it says itself.
pub fn parse(text: &str) -> Vec<ConfigLine> {
    let mut block = None;
    let mut lines = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        let Some((keyword, rest)) = words::keyword(trimmed) else { continue };
        let mut line = ConfigLine {
            number: index + 1,
            keyword: keyword.to_ascii_lowercase(),
            arguments: words::arguments(rest),
            text: trimmed.to_owned(),
            rest: rest.to_owned(),
            block: None,
        };
        if let Some(opened) = line.opens() {
            block = Some(opened);
        } else {
            line.block.clone_from(&block);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests;
