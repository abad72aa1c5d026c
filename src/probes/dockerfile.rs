//! Dockerfiles, and the files of their build's context that they copy.

use std::path::{Path, PathBuf};

use super::text;
use crate::{
    facts::{Dockerfile, Fact, LostVariable, Seen},
    image::{
        dockerfile::{self, Addition, Context, DockerfileError, Loss, Outcome, Question, Source, StageFacts},
        login_shell::LoginShell,
        profile_line::{Restore, profile_line},
    },
    system::{Kind, System},
};

/// Largest file of a context that is read, in bytes.
const FILE: u64 = 256 << 10;
/// Names of one folder of a context that are looked at.
const NAMES: usize = 1_000;

/// A Dockerfile that was read.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Its path, or what stands for it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The folder that its COPY and ADD take files from, where there is one.
    pub context: Option<PathBuf>,
}

/// What the Dockerfile says.
///
/// # Errors
/// When it is none, or has no such stage.
pub fn look(system: &dyn System, given: &Given, question: &Question) -> Result<Dockerfile, DockerfileError> {
    let context = Folder { system, root: given.context.as_deref() };
    let answer = dockerfile::read(&given.text, question, &context)?;
    Ok(facts(given, answer.stage, answer.outcome))
}

fn facts(given: &Given, stage: StageFacts, outcome: Outcome) -> Dockerfile {
    let file = text::clean(&given.name);
    let mut facts = Dockerfile {
        stage: stage.name.map(text::clean),
        stage_line: stage.line,
        base: text::clean(&stage.base),
        base_line: stage.base_line,
        family: stage.family.map(|family| family.name().to_owned()),
        user: stage.user.map(text::clean),
        home: stage.home.map(text::clean),
        login_shell: stage.shell.map(|shell| shell_name(shell).to_owned()),
        loses: false.into(),
        file,
        ..Dockerfile::default()
    };
    match outcome {
        Outcome::Kept(why) => facts.keeps_because = Some(text::clean(why)),
        Outcome::Unknown(why) => facts.loses = Fact::unknown(text::clean(why)),
        Outcome::Loses(loss) => lost(&mut facts, given, loss),
    }
    facts
}

fn shell_name(shell: LoginShell) -> &'static str {
    match shell {
        LoginShell::Bash => "bash",
        LoginShell::Posix => "sh",
        LoginShell::Zsh => "zsh",
    }
}

fn lost(facts: &mut Dockerfile, given: &Given, loss: Loss) {
    facts.loses = true.into();
    facts.by = Some(loss.by.to_owned());
    facts.certain = loss.is_certain;
    facts.tried_environment = loss.tried_environment;
    // What the base image sets stands on the line that names it.
    let line = |line: usize| if line == 0 { facts.base_line } else { line };
    let all: Vec<usize> = loss.variables.iter().flat_map(|lost| lost.lines.iter().copied()).collect();
    let (base, own): (Vec<usize>, Vec<usize>) = all.into_iter().partition(|line| *line == 0);
    let mut lines: Vec<usize> = Vec::new();
    for number in own.into_iter().chain(base).map(line) {
        if !lines.contains(&number) {
            lines.push(number);
        }
    }
    facts.set_by_base = loss.variables.iter().flat_map(|lost| &lost.lines).all(|line| *line == 0);
    facts.seen = (lines.iter())
        .map(|number| Seen {
            source: facts.file.clone(),
            line: Some(*number),
            text: text::clean(dockerfile::line_of(&given.text, *number)),
        })
        .collect();
    facts.set_at = lines.first().map(|number| format!("{}:{number}", facts.file));
    for lost in &loss.variables {
        let values: Vec<String> = lost.lost.iter().map(text::clean).collect();
        if lost.name == "PATH" {
            facts.folders.clone_from(&values);
        }
        facts.names.push(lost.name.clone());
        facts.variables.push(LostVariable { name: lost.name.clone(), lost: values, instead: lost.instead.clone() });
    }
    if let Some(addition) = loss.addition {
        add(facts, &addition);
    }
}

/// The line to add, unless it holds what no line can.
fn add(facts: &mut Dockerfile, addition: &Addition) {
    let lines: Vec<String> = addition.restore.iter().filter_map(profile_line).collect();
    if addition.file.chars().chain(lines.iter().flat_map(|line| line.chars())).any(char::is_control) {
        return;
    }
    let as_built = addition.restore.iter().any(|restore| matches!(restore, Restore::AsBuilt { .. }));
    let how = match lines.as_slice() {
        _ if as_built => "as-built",
        _ if addition.begins_line => "new-line",
        [line] if !line.contains('\\') => "echo",
        _ => "printf",
    };
    facts.write_with = Some(how.to_owned());
    facts.profile_file = Some(addition.file.clone());
    facts.profile_lines = lines;
    facts.behind_line = Some(addition.behind);
    facts.place = Some(format!("{}:{}", facts.file, addition.behind));
}

/// The folder of a build's context.
struct Folder<'a> {
    system: &'a dyn System,
    root: Option<&'a Path>,
}

impl Folder<'_> {
    /// The path below the context; a Dockerfile gets at nothing outside of it, and neither do we for it.
    fn path(&self, path: &str) -> Option<PathBuf> {
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                other if other.contains(['\0', ':']) => return None,
                other => parts.push(other),
            }
        }
        Some(parts.into_iter().fold(self.root?.to_owned(), |path, part| path.join(part)))
    }
}

impl Context for Folder<'_> {
    fn look(&self, path: &str) -> Source {
        let Some(path) = self.path(path) else { return Source::Unknown };
        match self.system.metadata(&path) {
            Ok(found) if found.kind == Kind::Directory => Source::Folder,
            Ok(found) if found.kind == Kind::File && found.size < FILE => match self.system.read(&path, FILE) {
                Ok(bytes) if !bytes.contains(&0) => Source::Text(String::from_utf8_lossy(&bytes).into_owned()),
                // A program is no start file, and no script.
                Ok(_) => Source::Text(String::new()),
                Err(_) => Source::Unknown,
            },
            _ => Source::Unknown,
        }
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let names = self.path(folder).and_then(|path| self.system.list(&path, NAMES).ok());
        names.into_iter().flat_map(|(names, _)| names).map(|name| name.to_string_lossy().into_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{Platform, recorded::Recorded};

    fn of(machine: &Recorded, text: &str) -> Dockerfile {
        let given = Given { name: "ci/Dockerfile".into(), text: text.into(), context: Some("/repo/ci".into()) };
        look(machine, &given, &Question::default()).expect(text)
    }

    #[test]
    fn lines_and_places_are_as_editors_take_them() {
        let machine = Recorded::new(Platform::Linux);
        let found = of(&machine, "FROM debian:12\nENV A=b \\\n    PATH=/opt/x:$PATH\nUSER root\n");
        assert_eq!(found.loses, true.into());
        assert_eq!(found.set_at.as_deref(), Some("ci/Dockerfile:3"));
        assert_eq!(found.seen[0].text, "PATH=/opt/x:$PATH");
        assert_eq!(found.place.as_deref(), Some("ci/Dockerfile:3"));
        assert_eq!(found.write_with.as_deref(), Some("echo"));
        assert_eq!(found.profile_lines, ["export PATH=\"/opt/x:${PATH}\""]);
        assert!(found.certain && !found.set_by_base);
        let of_base = of(&machine, "FROM golang:1.22 AS ci\n");
        assert!(of_base.set_by_base && !of_base.certain);
        assert_eq!(of_base.seen[0].text, "FROM golang:1.22 AS ci");
    }

    #[test]
    fn the_context_is_read_and_nothing_outside_of_it() {
        let text = "FROM debian\nENV PATH=/opt/x:$PATH\nCOPY ../../env.sh /etc/profile.d/\n";
        let inside = Recorded::new(Platform::Linux).file("/repo/ci/env.sh", 0o644, "PATH=/opt/x:$PATH\n");
        assert_eq!(of(&inside, text).loses, false.into());
        let outside = Recorded::new(Platform::Linux).file("/env.sh", 0o644, "alias x=y\n");
        assert!(of(&outside, text).loses.known().is_none());
        let script = "FROM debian\nENV PATH=/opt/x:$PATH\nCOPY setup.sh /tmp/\nRUN sh /tmp/setup.sh\n";
        let setup = |text: &str| Recorded::new(Platform::Linux).file("/repo/ci/setup.sh", 0o755, text);
        assert!(of(&setup("cat env >> ~/.profile"), script).loses.known().is_none());
        assert!(of(&setup("apt-get update"), script).certain);
    }

    #[test]
    fn a_line_that_cannot_be_written_is_not_printed() {
        let found = of(&Recorded::new(Platform::Linux), "FROM debian:12\nENV PATH=/opt/\u{7}x:$PATH\n");
        assert_eq!((found.loses.known(), found.profile_file), (Some(&true), None));
    }
}
