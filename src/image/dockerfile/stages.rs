//! Stages of a Dockerfile, and which of them make up the image that is shipped.

use std::collections::BTreeMap;

use super::{
    parse::{Keyword, ParseError, Parsed},
    value::Value,
    words,
};

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stage {
    /// Its name, where it has one.
    pub(super) name: Option<String>,
    /// The image or stage that it begins with.
    pub(super) from: Value,
    /// Place of its FROM among the instructions.
    pub(super) first: usize,
    /// Place behind its last instruction.
    pub(super) end: usize,
}

/// All stages, and the arguments in front of them.
pub(super) struct Stages {
    pub(super) all: Vec<Stage>,
    pub(super) globals: BTreeMap<String, Value>,
}

/// Cuts the instructions into stages.
pub(super) fn stages(parsed: &Parsed, build_args: &BTreeMap<String, String>) -> Result<Stages, ParseError> {
    let mut globals: BTreeMap<String, Value> = BTreeMap::new();
    let mut all: Vec<Stage> = Vec::new();
    for (place, instruction) in parsed.instructions.iter().enumerate() {
        match instruction.keyword {
            Keyword::Arg if all.is_empty() => {
                for (name, value, _) in words::pairs(&instruction.body, parsed.escape, false) {
                    let default = value
                        .map(|value| words::expand(&value, parsed.escape, &|name| globals.get(name).cloned()))
                        .unwrap_or_else(|| Value::default().unknown());
                    let given = build_args.get(&name).map(|given| Value::from(given.as_str()));
                    globals.insert(name, given.unwrap_or(default));
                }
            }
            Keyword::From => {
                if let Some(before) = all.last_mut() {
                    before.end = place;
                }
                // What the builder itself sets for FROM is not known here.
                let lookup =
                    |name: &str| Some(globals.get(name).cloned().unwrap_or_else(|| Value::default().unknown()));
                let parts = words::expanded_words(&instruction.body, parsed.escape, &lookup);
                let name = match parts.as_slice() {
                    [_] => None,
                    [_, as_, name] if as_.known().is_some_and(|word| word.eq_ignore_ascii_case("as")) => {
                        name.known().map(str::to_owned)
                    }
                    _ => return Err(ParseError::From { line: instruction.line }),
                };
                let from = parts.into_iter().next().unwrap_or_default();
                all.push(Stage { name, from, first: place, end: parsed.instructions.len() });
            }
            _ => {}
        }
    }
    Ok(Stages { all, globals })
}

impl Stages {
    /// The place of the stage that is shipped: the last, or the one with this name or number.
    pub(super) fn shipped(&self, wanted: Option<&str>) -> Option<usize> {
        match wanted {
            None => self.all.len().checked_sub(1),
            Some(name) => self.named(name, self.all.len()).or_else(|| {
                let number: usize = name.parse().ok()?;
                (number < self.all.len()).then_some(number)
            }),
        }
    }

    /// The stages that `shipped` is made of, the oldest first.
    pub(super) fn chain(&self, shipped: usize) -> Vec<&Stage> {
        let mut chain = Vec::new();
        let mut next = Some(shipped);
        while let Some(place) = next {
            let Some(stage) = self.all.get(place) else { break };
            chain.insert(0, stage);
            next = stage.from.known().and_then(|from| self.named(from, place));
        }
        chain
    }

    /// The last stage of this name before `before`.
    fn named(&self, name: &str, before: usize) -> Option<usize> {
        let is_it = |stage: &Stage| stage.name.as_ref().is_some_and(|other| other.eq_ignore_ascii_case(name));
        self.all.iter().take(before).rposition(is_it)
    }

    /// What a person can say for `--stage`.
    pub(super) fn names(&self) -> Vec<String> {
        self.all
            .iter()
            .enumerate()
            .map(|(number, stage)| stage.name.clone().unwrap_or_else(|| number.to_string()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::parse::parse, *};

    fn of(text: &str, args: &[(&str, &str)]) -> Stages {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        stages(&parse(text).expect(text), &args).expect(text)
    }

    #[test]
    fn the_shipped_stage_and_what_it_is_made_of() {
        let text = "ARG TAG=12\nFROM debian:$TAG AS Base\nENV A=b\nFROM golang AS build\nRUN x\nFROM base\nUSER x\n";
        let found = of(text, &[]);
        assert_eq!(found.all[0].from.known(), Some("debian:12"));
        let shipped = found.shipped(None).expect("one");
        let chain: Vec<usize> = found.chain(shipped).iter().map(|stage| stage.first).collect();
        assert_eq!(chain, [1, 5]);
        assert_eq!(found.shipped(Some("BUILD")), Some(1));
        assert_eq!(found.shipped(Some("0")), Some(0));
        assert_eq!(found.shipped(Some("none")), None);
        assert_eq!(found.names(), ["Base", "build", "2"]);
        assert_eq!(of(text, &[("TAG", "11")]).all[0].from.known(), Some("debian:11"));
    }

    #[test]
    fn names_that_name_themselves_make_no_circle() {
        let found = of("FROM debian AS debian\nFROM debian AS debian\n", &[]);
        assert_eq!(found.chain(1).len(), 2);
        assert_eq!(of("FROM --platform=$BUILDPLATFORM $IMAGE\n", &[]).all[0].from.known(), None);
        assert!(stages(&parse("FROM a b\n").expect("parses"), &BTreeMap::new()).is_err());
    }
}
