//! Which line of which start file made a login shell's environment what it is.
//!
//! The texts give a few possible outcomes for each variable ([`Follow`]); what the shell really ended up with says which of
//! them came true. A line is sure where its own value is found in the variable, and no other line explains it as well.

use std::collections::BTreeSet;

use super::{
    environment::{self, Change, Environment},
    login_shell::LoginShell,
    profile::{Files, Folder, Follow, Outcome, Piece, Place, folders},
};

/// A login shell's start files, and what it got and made of it.
pub struct Case<'c> {
    /// The files that were seen.
    pub files: &'c Files,
    /// Those that the shell reads by itself, in order.
    pub read: &'c [&'c str],
    /// What the image set.
    pub before: &'c Environment,
    /// The home folder.
    pub home: &'c str,
}

/// What reset a variable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Culprit {
    /// The line; none where the texts do not tell.
    pub place: Option<Place>,
    /// Nothing else explains it.
    pub sure: bool,
}

impl Case<'_> {
    fn outcomes(&self, name: &str, start: &[&str]) -> Vec<Outcome> {
        let known = |variable: &str| {
            let home = (variable == "HOME").then(|| self.home.to_owned());
            home.or_else(|| self.before.get(variable).cloned())
        };
        Follow { files: self.files, known: &known }.variable(name, start)
    }

    /// What did this to the variable, which has the value `after` now.
    pub fn culprit(&self, name: &str, change: &Change, after: Option<&str>) -> Culprit {
        let all = self.outcomes(name, self.read);
        let places = |outcomes: &[&Outcome]| -> BTreeSet<Place> {
            outcomes.iter().filter_map(|outcome| outcome.by.clone()).collect()
        };
        let fits: Vec<&Outcome> = all.iter().filter(|outcome| explains(outcome, change, after)).collect();
        let told = places(&fits);
        let mut distinct = told.iter();
        if let (Some(place), None) = (distinct.next(), distinct.next()) {
            return Culprit { place: Some(place.clone()), sure: true };
        }
        // Of several, the one of which most is found again came true.
        if let Some(best) = fits.iter().max_by_key(|outcome| weight(outcome)) {
            return Culprit { place: best.by.clone(), sure: false };
        }
        let resets: Vec<&Outcome> = all.iter().filter(|outcome| outcome.resets()).collect();
        let told = places(&resets);
        Culprit { place: if told.len() == 1 { told.into_iter().next() } else { None }, sure: false }
    }

    /// What ended the shell before it was ready, and whether it ends every shell that reads these files.
    pub fn end(&self) -> (Option<Place>, bool) {
        let all = self.outcomes("PATH", self.read);
        let ends: BTreeSet<Place> =
            all.iter().filter_map(|outcome| Some(outcome.end.as_ref()?.place.clone())).collect();
        let always = all.iter().all(|outcome| outcome.end.is_some());
        if ends.len() == 1 {
            return (ends.into_iter().next(), always);
        }
        // No line says so, but one lets any failure end it.
        let strict: BTreeSet<Place> = all.iter().filter_map(|outcome| outcome.exits_on_failure.clone()).collect();
        let strict = strict.into_iter().next().filter(|_| ends.is_empty());
        (strict, false)
    }

    /// A file of the home that the shell passes over because of another one, and which of the reset variables it would have
    /// put right: the other one, this one, their names.
    pub fn shadowed(&self, shell: LoginShell, changes: &[(&str, &Change)]) -> Option<(String, String, Vec<String>)> {
        let path = |name: &&str| format!("{}/{name}", self.home.trim_end_matches('/'));
        let own: Vec<String> = shell.own_files().iter().map(path).collect();
        let there: Vec<&String> = own.iter().filter(|path| self.files.get(path).is_some()).collect();
        let (reading, passed_over) = there.split_first()?;
        for file in passed_over {
            // As it would be read from the end of the other one.
            let with: Vec<&str> = self.read.iter().copied().chain([file.as_str()]).collect();
            let helps = |name: &str, change: &Change| {
                let outcomes = self.outcomes(name, &with);
                let restored = |outcome: &Outcome| restores(outcome, name, change, self.before);
                self.files.get(file).is_some_and(|profile| profile.touches(name)) && outcomes.iter().all(restored)
            };
            let names: Vec<String> = changes
                .iter()
                .filter(|(name, change)| helps(name, change))
                .map(|(name, _)| (*name).to_owned())
                .collect();
            if !names.is_empty() {
                return Some(((*reading).clone(), (*file).clone(), names));
            }
        }
        None
    }
}

/// Whether this outcome is what came about.
fn explains(outcome: &Outcome, change: &Change, after: Option<&str>) -> bool {
    if outcome.by.is_none() {
        return false;
    }
    let (Some(value), Some(after)) = (&outcome.value, after.filter(|after| !after.is_empty())) else {
        return outcome.value.is_none() && *change == Change::Gone;
    };
    if !outcome.resets() {
        return false;
    }
    match change {
        Change::Gone => false,
        Change::Changed => value.as_slice() == [Piece::Text(after.to_owned())],
        Change::Lost { .. } => {
            let now = environment::folders(after);
            let named = names(value);
            !named.is_empty() && named.iter().all(|folder| now.contains(&folder.as_str()))
        }
    }
}

fn names(value: &[Piece]) -> Vec<String> {
    let name = |folder| if let Folder::Named(name) = folder { Some(name) } else { None };
    folders(value).into_iter().filter_map(name).collect()
}

fn weight(outcome: &Outcome) -> usize {
    outcome.value.as_ref().map_or(0, |value| names(value).len())
}

/// Whether with this outcome the variable is what it was.
fn restores(outcome: &Outcome, name: &str, change: &Change, before: &Environment) -> bool {
    let Some(value) = &outcome.value else { return false };
    if outcome.keeps() {
        return true;
    }
    match change {
        Change::Lost { before, behind } => {
            let named = names(value);
            let mut own = before.iter().chain(behind).filter(|folder| !environment::is_of_root(folder)).peekable();
            own.peek().is_some() && own.all(|folder| named.contains(folder))
        }
        Change::Changed | Change::Gone => {
            before.get(name).is_some_and(|before| value.as_slice() == [Piece::Text(before.clone())])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBIAN: &str = "if [ \"$(id -u)\" -eq 0 ]; then\n PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\n\
                          else\n PATH=\"/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games\"\nfi\nexport PATH\n";

    fn files(texts: &[(&str, &str)]) -> Files {
        let mut files = Files::default();
        texts.iter().for_each(|(path, text)| files.add(path, text));
        files
    }

    fn before() -> Environment {
        let all = [("PATH", "/opt/x/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8")];
        all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn lost() -> Change {
        Change::Lost { before: vec!["/opt/x/bin".into()], behind: Vec::new() }
    }

    #[test]
    fn what_came_about_tells_which_branch_was_taken() {
        let (files, before) = (files(&[("/etc/profile", DEBIAN)]), before());
        let case = Case { files: &files, read: &["/etc/profile"], before: &before, home: "/root" };
        let line = |after: &str| {
            let culprit = case.culprit("PATH", &lost(), Some(after));
            (culprit.place.map(|place| place.line), culprit.sure)
        };
        assert_eq!(line("/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"), (Some(4), true));
        assert_eq!(line("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/new"), (Some(2), true));
        assert_eq!(line("/somewhere/else"), (None, false), "neither of the two");
    }

    #[test]
    fn values_are_found_again_or_only_likely() {
        let texts = [("/etc/profile", "unset JAVA_HOME\nLANG=en_US.UTF-8\n[ x ] && EDITOR=$(which vi)\n")];
        let (files, before) = (files(&texts), before());
        let case = Case { files: &files, read: &["/etc/profile"], before: &before, home: "/root" };
        let of = |name: &str, change, after| {
            let culprit = case.culprit(name, &change, after);
            (culprit.place.map(|place| place.line), culprit.sure)
        };
        assert_eq!(of("LANG", Change::Changed, Some("en_US.UTF-8")), (Some(2), true));
        assert_eq!(of("LANG", Change::Changed, Some("de_DE.UTF-8")), (Some(2), false));
        assert_eq!(of("JAVA_HOME", Change::Gone, None), (Some(1), true));
        assert_eq!(of("EDITOR", Change::Changed, Some("/usr/bin/vi")), (Some(3), false));
        assert_eq!(of("OTHER", Change::Changed, Some("x")), (None, false));
    }

    #[test]
    fn a_file_that_is_passed_over_is_named_where_it_would_have_helped() {
        let texts = [
            ("/etc/profile", DEBIAN),
            ("/root/.bash_profile", "PS1=x"),
            ("/root/.profile", "export PATH=/opt/x/bin:$PATH"),
        ];
        let before = before();
        let read = ["/etc/profile", "/root/.bash_profile"];
        let shadowed = |files: &Files| {
            let case = Case { files, read: &read, before: &before, home: "/root" };
            case.shadowed(LoginShell::Bash, &[("PATH", &lost())])
        };
        let found = shadowed(&files(&texts)).expect("it would");
        assert_eq!(found, ("/root/.bash_profile".into(), "/root/.profile".into(), vec!["PATH".into()]));
        assert_eq!(shadowed(&files(&texts[..2])), None);
        let useless = [texts[0], texts[1], ("/root/.profile", "export PATH=/bin:$PATH")];
        assert_eq!(shadowed(&files(&useless)), None);
    }

    #[test]
    fn what_ends_a_shell_is_told() {
        let before = before();
        let end = |text: &str| {
            let files = files(&[("/p", text)]);
            let (place, always) = Case { files: &files, read: &["/p"], before: &before, home: "/root" }.end();
            (place.map(|place| (place.line, place.text)), always)
        };
        assert_eq!(end("A=1\nexit 1"), (Some((2, "exit".into())), true));
        assert_eq!(end("a || exit 1"), (Some((1, "exit".into())), false));
        assert_eq!(end("set -e\nfalse"), (Some((1, "set -e".into())), false));
        assert_eq!(end("a || exit 1\nb || exit 2"), (None, false));
    }
}
