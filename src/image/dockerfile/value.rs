//! A text of which parts may be unknown.

/// Stands for a part that is not known. It is taken out of whatever is read.
const UNKNOWN: char = '\u{e000}';

/// Longest value in bytes; `ENV A=$A$A` doubles with every line.
const LONGEST: usize = 64 << 10;

/// A text, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Value(String);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(text.chars().filter(|letter| *letter != UNKNOWN).collect())
    }
}

impl Value {
    /// The same with an unknown end.
    pub(super) fn unknown(mut self) -> Self {
        self.0.push(UNKNOWN);
        self
    }

    /// Adds a letter.
    pub(super) fn push(&mut self, letter: char) {
        if letter != UNKNOWN {
            self.0.push(letter);
        }
    }

    /// Adds another value.
    pub(super) fn append(&mut self, other: &Self) {
        if self.0.len() + other.0.len() > LONGEST {
            self.0.push(UNKNOWN);
        } else {
            self.0.push_str(&other.0);
        }
    }

    /// The text, where all of it is known.
    pub(super) fn known(&self) -> Option<&str> {
        (!self.0.contains(UNKNOWN)).then_some(self.0.as_str())
    }

    /// Whether it is more than nothing; `None` where that is not known.
    pub(super) fn is_something(&self) -> Option<bool> {
        match self.0.chars().all(|letter| letter == UNKNOWN) {
            true if self.0.is_empty() => Some(false),
            true => None,
            false => Some(true),
        }
    }

    /// The same with other words in the place of some.
    pub(super) fn replaced(&self, old: &str, new: &str) -> Self {
        Self(self.0.replace(old, new))
    }

    /// Its parts between colons.
    pub(super) fn folders(&self) -> Vec<Self> {
        self.0.split(':').filter(|folder| !folder.is_empty()).map(|folder| Self(folder.to_owned())).collect()
    }

    /// For people: what is not known is `…`.
    pub(super) fn shown(&self) -> String {
        self.0.replace(UNKNOWN, "…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_may_be_unknown() {
        let mut path = Value::from("/a/");
        path.append(&Value::default().unknown());
        path.append(&"/bin::/b".into());
        let folders = path.folders();
        assert_eq!(folders.iter().map(Value::known).collect::<Vec<_>>(), [None, Some("/b")]);
        assert_eq!(folders[0].shown(), "/a/…/bin");
        assert_eq!(Value::default().is_something(), Some(false));
        assert_eq!(Value::default().unknown().is_something(), None);
        assert_eq!(Value::from("\u{e000}x").known(), Some("x"));
        let mut long = Value::from("x");
        for _ in 0..64 {
            long.append(&long.clone());
        }
        assert_eq!(long.known(), None);
    }
}
