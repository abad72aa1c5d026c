//! All checks, embedded and the user's own.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, CheckError};
use crate::findings::STAGES;

/// `checks/` at build time, by build.rs: names like `keys/key-crlf.md`, and texts.
/// Name, text, and the block on top of it as JSON.
const EMBEDDED: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The checks in the order of their stages, then of their ids.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    checks: Vec<Check>,
    broken: Vec<CheckError>,
    /// For each id, everything that it explains, directly or not.
    explained: BTreeMap<String, Vec<String>>,
}

impl Catalogue {
    /// The checks that come with the program.
    pub fn embedded() -> Self {
        Self::default().add(EMBEDDED.iter().map(|(name, text, head)| (*name, Check::prepared(name, text, head))), false)
    }

    /// The same, with the user's own checks: names (`keys/our-key-name.md`) and texts, as read by the caller.
    ///
    /// Files that cannot be used are in [`Self::broken`].
    #[must_use]
    pub fn with_folder<N: AsRef<str>, T: AsRef<str>>(self, files: impl IntoIterator<Item = (N, T)>) -> Self {
        let parsed = files.into_iter().map(|(name, text)| {
            let check = Check::parse_strange(name.as_ref(), text.as_ref());
            (name, check)
        });
        self.add(parsed, true)
    }

    /// Every check, in order.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The check called `id`.
    pub fn get(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// Files that are no checks, and why.
    pub fn broken(&self) -> &[CheckError] {
        &self.broken
    }

    /// Everything that the check called `id` explains, through checks that may not have fired themselves.
    pub fn explained(&self, id: &str) -> &[String] {
        self.explained.get(id).map_or(&[], Vec::as_slice)
    }

    /// A chain of `explains` that comes back to its start, if there is one.
    pub fn circle(&self) -> Option<&str> {
        self.checks.iter().map(|check| check.id.as_str()).find(|id| self.explained(id).iter().any(|other| other == id))
    }

    fn add<N: AsRef<str>>(
        mut self,
        files: impl IntoIterator<Item = (N, Result<Check, CheckError>)>,
        own: bool,
    ) -> Self {
        for (name, check) in files {
            let name = name.as_ref();
            match check {
                Ok(check) if self.get(&check.id).is_some() => self.broken.push(CheckError {
                    file: name.to_owned(),
                    line: None,
                    what: format!("there is a check called {} already", check.id),
                    hint: "give the file another name".to_owned(),
                }),
                Ok(check) => self.checks.push(Check { own, ..check }),
                Err(error) => self.broken.push(error),
            }
        }
        let place = |check: &Check| STAGES.iter().position(|stage| *stage == check.stage);
        self.checks.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.id.cmp(&b.id)));
        self.explained = closure(&self.checks);
        self
    }
}

/// Follows `explains` to its ends.
fn closure(checks: &[Check]) -> BTreeMap<String, Vec<String>> {
    let direct: BTreeMap<&str, &[String]> =
        checks.iter().map(|check| (check.id.as_str(), check.explains.as_slice())).collect();
    checks
        .iter()
        .filter(|check| !check.explains.is_empty())
        .map(|check| {
            let mut reached: BTreeSet<&str> = BTreeSet::new();
            let mut open: Vec<&str> = check.explains.iter().map(String::as_str).collect();
            while let Some(id) = open.pop() {
                if reached.insert(id) {
                    open.extend(direct.get(id).copied().unwrap_or_default().iter().map(String::as_str));
                }
            }
            (check.id.clone(), reached.into_iter().map(str::to_owned).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_checks_hide_nothing_either() {
        for (name, text, head) in EMBEDDED {
            let check = Check::parse_strange(name, text).unwrap_or_else(|error| panic!("{error}"));
            let prepared = Check::prepared(name, text, head).unwrap_or_else(|error| panic!("{error}"));
            assert!(!head.is_empty(), "{name}: the build could not read its TOML");
            assert_eq!(format!("{check:?}"), format!("{prepared:?}"));
        }
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
