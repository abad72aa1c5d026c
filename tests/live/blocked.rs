//! What is expected of a report about a blocked login, and the proof that its fixes work.

use std::collections::BTreeSet;

use crate::report::{Finding, Fix, Report};
use crate::scene::{INSIDE, Scene};
use crate::support::snapshot::Snapshot;

/// A report that names the expected check as the one root cause.
pub(crate) struct Blocked<'a> {
    scene: &'a Scene,
    pub(crate) report: Report,
}

impl<'a> Blocked<'a> {
    #[track_caller]
    pub(crate) fn expect(scene: &'a Scene, report: Report, check: &str) -> Self {
        assert_eq!(report.root_errors(), [check], "{report}");
        let first = report.first().map(|finding| finding.text("check"));
        assert_eq!(first, Some(check), "the cause that blocks the login comes first\n{report}");
        // Where the login itself works, it is what comes after it, or the command, that does not.
        let verdict = if report.stage("authentication") == "ok" { "problems" } else { "blocked" };
        assert_eq!(report.verdict(), verdict, "{report}");
        let this = Self { scene, report };
        let evidence = this.finding().0["evidence"].as_array().map_or(0, Vec::len);
        assert!(evidence > 0, "no evidence\n{}", this.report);
        this
    }

    #[track_caller]
    fn finding(&self) -> Finding<'_> {
        self.report.first().expect("a blocked login has a finding")
    }

    /// The finding's evidence contains this.
    #[track_caller]
    pub(crate) fn shows(self, text: &str) -> Self {
        let evidence = &self.finding().0["evidence"];
        let lines = || evidence.as_array().into_iter().flatten();
        let found = lines().any(|line| {
            let place = match line["line"].as_u64() {
                Some(number) => format!("{}:{number}", line["source"].as_str().unwrap_or_default()),
                None => String::new(),
            };
            [line["text"].as_str().unwrap_or_default(), &place].iter().any(|part| part.contains(text))
        });
        assert!(found, "expected {text:?} in the evidence\n{}", self.report);
        self
    }

    /// The finding's title contains this.
    #[track_caller]
    pub(crate) fn titled(self, text: &str) -> Self {
        assert!(self.finding().text("title").contains(text), "expected {text:?} in the title\n{}", self.report);
        self
    }

    /// The control experiment: what the person typed fails, in these words of ssh's.
    #[track_caller]
    pub(crate) fn while_ssh_says(self, text: &str) -> Self {
        let line = self.scene.ssh_line();
        self.while_ssh_says_to(&line, text)
    }

    /// The same for a command of its own.
    #[track_caller]
    pub(crate) fn while_ssh_says_to(self, line: &str, text: &str) -> Self {
        // The ssh of a jump host makes the terminal that both write to non-blocking, so ssh's last line gets lost at times.
        let mut seen = self.scene.person(line, &[]);
        for _ in 0..2 {
            if !seen.output.contains(text) && seen.code != Some(0) {
                seen = self.scene.person(line, &[]);
            }
        }
        assert!(seen.output.contains(text), "expected ssh to say {text:?}\n{seen:#?}\n{}", self.report);
        assert_ne!(seen.code, Some(0), "{seen:#?}");
        self
    }

    /// Nothing can be pasted on this machine: the remedy is elsewhere.
    #[track_caller]
    pub(crate) fn with_nothing_to_paste(self) {
        let fixes = &self.finding().0["fixes"];
        assert!(self.finding().pasteable().is_empty(), "{fixes:#}");
        assert!(fixes.as_array().is_some_and(|fixes| !fixes.is_empty()), "no word about what to do\n{}", self.report);
    }

    /// Every fix that can be pasted logs in, and loses nothing.
    #[track_caller]
    pub(crate) fn mended(self) {
        self.mended_with(&[]);
    }

    /// The same where a pasted command asks something.
    #[track_caller]
    pub(crate) fn mended_with(self, answers: &[(&str, &str)]) {
        self.mended_by(|_| true, answers);
    }

    /// Only the fixes with such a title: a test installs no packages.
    #[track_caller]
    pub(crate) fn mended_by(self, title: impl Fn(&str) -> bool, answers: &[(&str, &str)]) {
        let fixes = self.finding().pasteable();
        let mut fixes = fixes.into_iter().filter(|fix| title(fix.text("title"))).peekable();
        assert!(fixes.peek().is_some(), "nothing to paste\n{}", self.report);
        for fix in fixes {
            self.proves(fix, answers);
        }
    }

    #[track_caller]
    fn proves(&self, fix: Fix<'_>, answers: &[(&str, &str)]) {
        let kept = Kept::of(self.scene);
        let logins = self.scene.logins();
        let commands = fix.commands();
        let pasted = self.scene.person(&commands.join("\n"), answers);
        assert_eq!(pasted.code, Some(0), "{}: {commands:#?}\n{pasted:#?}", fix.text("title"));
        // A fix that mends without logging in is followed by what the person typed before.
        if !commands.iter().any(|command| logs_in(command)) {
            let again = self.scene.person(&self.scene.ssh_line(), answers);
            assert!(again.output.contains(INSIDE), "{}: {commands:#?}\n{pasted:#?}\n{again:#?}", fix.text("title"));
        } else {
            assert!(pasted.output.contains(INSIDE), "{}: {commands:#?}\n{pasted:#?}", fix.text("title"));
        }
        assert!(self.scene.logins() > logins, "{}: {commands:#?}\nnobody logged in", fix.text("title"));
        kept.assert_nothing_lost(self.scene, &commands);
        kept.restore_changes(self.scene);
    }
}

/// Whether a command is a login, as against one that mends something before it.
pub(crate) fn logs_in(command: &str) -> bool {
    let words = shlex::split(command).unwrap_or_default();
    words.iter().any(|word| word == "ssh" || word.ends_with("/ssh")) && !words.iter().any(|word| word == "-O")
}

/// `~/.ssh` before a fix.
struct Kept {
    copy: tempfile::TempDir,
    contents: BTreeSet<String>,
    snapshot: Snapshot,
}

impl Kept {
    fn of(scene: &Scene) -> Self {
        let copy = tempfile::tempdir().expect("a temporary folder");
        let to = copy.path().display().to_string();
        scene.home.run("cp", ["-a", ".ssh/.", &to]).expect_code(0);
        Self { copy, contents: contents(scene), snapshot: scene.home.snapshot() }
    }

    /// Every text that was in the home is still there, under whatever name.
    #[track_caller]
    fn assert_nothing_lost(&self, scene: &Scene, commands: &[&str]) {
        let after = contents(scene);
        let lost: Vec<_> = self.contents.difference(&after).collect();
        assert!(lost.is_empty(), "{commands:#?}\nlost {lost:#?}");
        for text in &scene.keeps {
            // The copies that ssh-keygen leaves behind are looked at by nobody.
            let kept = scene.home.run("grep", ["-rqF", "--exclude=*.old", "--", text, ".ssh"]).success();
            assert!(kept, "{commands:#?}\ntook out {text}");
        }
    }

    /// The fault is back, for the next fix.
    fn restore_changes(&self, scene: &Scene) {
        if scene.home.snapshot() == self.snapshot {
            return;
        }
        let from = format!("{}/.", self.copy.path().display());
        scene.home.run("sh", ["-c", "rm -rf .ssh/..?* .ssh/.[!.]* .ssh/*"]).expect_code(0);
        scene.home.run("cp", ["-a", &from, ".ssh"]).expect_code(0);
    }
}

/// What the files of the home hold, names and modes aside; known_hosts grows by itself and is looked at elsewhere.
fn contents(scene: &Scene) -> BTreeSet<String> {
    let files = scene.home.snapshot();
    let lasting = files.iter().filter(|(path, _)| !path.ends_with("known_hosts"));
    lasting.filter_map(|(_, what)| what.split_once(" file of ").map(|(_, content)| content.to_owned())).collect()
}
