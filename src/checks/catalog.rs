//! All checks, embedded and the user's own.

use std::{collections::BTreeSet, sync::OnceLock};

use super::{
    Check, CheckError,
    embedded::{EMBEDDED, Embedded},
    outline::Outline,
};
use crate::findings::STAGES;

/// The checks in the order of their stages, then of their ids.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    entries: Vec<Entry>,
    /// Files of which not even the outline can be told.
    broken: Vec<CheckError>,
}

/// A check, read as far as it was asked about.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    Read(Box<(Outline, Check)>),
    /// Comes with the program: its outline is there, and the rest is read when somebody asks for it.
    Embedded(&'static Outline, &'static Embedded, OnceLock<Box<Result<Check, CheckError>>>),
}

impl Entry {
    fn read(check: Check) -> Self {
        Self::Read(Box::new((Outline::of(&check), check)))
    }

    fn embedded(file: &'static Embedded) -> Result<Self, CheckError> {
        match &file.outline {
            Some(outline) => Ok(Self::Embedded(outline, file, OnceLock::new())),
            None => Check::embedded(file).map(Self::read),
        }
    }

    /// As much of it as judging needs.
    pub(super) fn outline(&self) -> &Outline {
        match self {
            Self::Read(read) => &read.0,
            Self::Embedded(outline, ..) => outline,
        }
    }

    /// The whole check.
    ///
    /// # Errors
    /// When a file of the program's own has a mistake that its outline does not show, which the catalogue's tests forbid.
    pub(super) fn whole(&self) -> Result<&Check, &CheckError> {
        match self {
            Self::Read(read) => Ok(&read.1),
            Self::Embedded(_, file, whole) => (**whole.get_or_init(|| Box::new(Check::embedded(file)))).as_ref(),
        }
    }
}

impl Catalogue {
    /// The checks that come with the program.
    pub fn embedded() -> Self {
        let mut catalogue = Self::default();
        for file in EMBEDDED {
            match Entry::embedded(file) {
                Ok(entry) => catalogue.entries.push(entry),
                Err(error) => catalogue.broken.push(error),
            }
        }
        catalogue.sort();
        catalogue
    }

    /// The same, with the user's own checks: names (`keys/our-key-name.md`) and texts, as read by the caller.
    ///
    /// All of each file is read at once; files that cannot be used are in [`Self::broken`].
    #[must_use]
    pub fn with_folder<N: AsRef<str>, T: AsRef<str>>(mut self, files: impl IntoIterator<Item = (N, T)>) -> Self {
        for (name, text) in files {
            match Check::parse_strange(name.as_ref(), text.as_ref()) {
                Ok(check) if self.outline(&check.id).is_some() => self.broken.push(CheckError {
                    file: name.as_ref().to_owned(),
                    line: None,
                    what: format!("there is a check called {} already", check.id),
                    hint: "give the file another name".to_owned(),
                }),
                Ok(check) => self.entries.push(Entry::read(Check { own: true, ..check })),
                Err(error) => self.broken.push(error),
            }
        }
        self.sort();
        self
    }

    /// Every check, in order.
    pub fn checks(&self) -> Vec<&Check> {
        self.entries.iter().filter_map(|entry| entry.whole().ok()).collect()
    }

    /// The check called `id`.
    pub fn get(&self, id: &str) -> Option<&Check> {
        self.entry(id)?.whole().ok()
    }

    /// Files that are no checks, and why.
    pub fn broken(&self) -> Vec<&CheckError> {
        self.broken.iter().chain(self.entries.iter().filter_map(|entry| entry.whole().err())).collect()
    }

    /// Every check, in order, as far as judging needs it.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Those of [`Self::broken`] that are known without reading more.
    pub(super) fn unreadable(&self) -> &[CheckError] {
        &self.broken
    }

    /// The outline of the check called `id`.
    pub(super) fn outline(&self, id: &str) -> Option<&Outline> {
        self.entry(id).map(Entry::outline)
    }

    /// Everything that the check called `id` explains, through checks that may not have fired themselves, sorted.
    pub fn explained(&self, id: &str) -> Vec<&str> {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&Outline> = self.outline(id).into_iter().collect();
        while let Some(outline) = open.pop() {
            for id in outline.explains.iter() {
                if reached.insert(id) {
                    open.extend(self.outline(id));
                }
            }
        }
        reached.into_iter().collect()
    }

    /// A chain of `explains` that comes back to its start, if there is one.
    pub fn circle(&self) -> Option<&str> {
        self.entries.iter().map(|entry| &*entry.outline().id).find(|id| self.explained(id).contains(id))
    }

    fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.outline().id == id)
    }

    fn sort(&mut self) {
        let stage = |outline: &Outline| STAGES.iter().position(|stage| *stage == outline.stage);
        self.entries.sort_by_cached_key(|entry| {
            let outline = entry.outline();
            (stage(outline), outline.id.clone())
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_checks_hide_nothing_either() {
        for Embedded { name, .. } in EMBEDDED {
            Check::parse_strange(name, &whole(name)).unwrap_or_else(|error| panic!("{error}"));
        }
    }

    /// The file as it was written, with its TOML.
    #[expect(clippy::disallowed_methods, reason = "a test reads the files of this repository")]
    fn whole(name: &str) -> String {
        let file = format!("{}/checks/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    #[test]
    fn what_the_build_made_of_a_file_is_what_the_file_says() {
        for file in EMBEDDED {
            let Embedded { name, head, .. } = file;
            let check = Check::parse(name, &whole(name)).unwrap_or_else(|error| panic!("{error}"));
            assert!(!head.is_empty(), "{name}: the build could not read its TOML");
            let prepared = Check::embedded(file).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(format!("{check:?}"), format!("{prepared:?}"));
            assert_eq!(file.outline, Some(Outline::of(&check)), "{name}");
        }
    }

    #[test]
    fn our_own_ids_are_taken_once() {
        let catalogue = Catalogue::embedded();
        let ids: BTreeSet<&str> = catalogue.entries.iter().map(|entry| &*entry.outline().id).collect();
        assert_eq!(ids.len(), EMBEDDED.len());
    }

    #[test]
    fn a_mistake_that_no_outline_shows_is_found_when_the_check_is_read() {
        let text = "```toml\nseverity = \"error\"\nwhen = \"login.works\"\n```\n# x\n";
        let outline = Outline::of(&Check::parse("keys/a.md", text).expect("reads"));
        let text = text.replace("when", "certain = \"or\"\nwhen");
        let file = Embedded { name: "keys/a.md", text: text.leak(), head: "", outline: Some(outline) };
        let entry = Entry::embedded(Box::leak(Box::new(file))).expect("the outline is sound");
        let catalogue = Catalogue { entries: vec![entry], broken: Vec::new() };
        let works = serde_json::json!({"login": {"works": true, "outcome": "x"}});
        let judgement = catalogue.judge(&crate::facts::Document { facts_version: 1, facts: works, unknown: vec![] });
        assert!(judgement.findings.is_empty());
        assert!(judgement.faults[0].what.contains("`certain`"), "{:?}", judgement.faults);
        assert!(catalogue.checks().is_empty() && catalogue.broken()[0].to_string().contains("keys/a.md: `certain`"));
    }

    fn check(explains: &str) -> String {
        format!("```toml\nseverity = \"error\"\nwhen = \"login.works\"\nexplains = {explains}\n```\n# x\n")
    }

    #[test]
    fn explains_is_followed_to_its_ends() {
        let files = [("keys/a.md", check("['b']")), ("keys/b.md", check("['c', 'd']")), ("agent/c.md", check("[]"))];
        let catalogue = Catalogue::default().with_folder(files);
        assert_eq!(catalogue.explained("a"), ["b", "c", "d"]);
        assert_eq!(catalogue.circle(), None);
        let circle = Catalogue::default().with_folder([("keys/a.md", check("['b']")), ("keys/b.md", check("['a']"))]);
        assert_eq!(circle.circle(), Some("a"));
    }

    #[test]
    fn an_id_is_taken_once() {
        let files = [("keys/a.md", check("[]")), ("agent/a.md", check("[]")), ("agent/b.md", "x".into())];
        let catalogue = Catalogue::default().with_folder(files);
        assert_eq!(catalogue.checks().len(), 1);
        assert!(catalogue.broken()[0].to_string().contains("already"));
        assert!(catalogue.broken()[1].to_string().contains("agent/b.md"));
    }

    #[test]
    fn stages_give_the_order() {
        let files = [("session/a.md", check("[]")), ("client/z.md", check("[]")), ("keys/k.md", check("[]"))];
        let catalogue = Catalogue::default().with_folder(files);
        let ids: Vec<&str> = catalogue.checks().iter().map(|check| check.id.as_str()).collect();
        assert_eq!(ids, ["z", "k", "a"]);
    }
}
