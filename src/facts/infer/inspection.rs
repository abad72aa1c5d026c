//! What follows from a look into the job: the lines that are to blame, and the line that puts it right.

use crate::{
    facts::{Fact, Facts, Inspection, Reset, Seen},
    image::{login_shell::LoginShell, showable},
};

pub(super) fn fill(facts: &mut Facts) {
    if let Some(Fact::Known(seen)) = &mut facts.inspection {
        let reset = seen.reset.known().cloned().unwrap_or_default();
        seen.reset_names = reset.iter().map(|reset| reset.name.clone()).collect();
        seen.reset_by = lines(&reset);
        seen.reset_files = files(&seen.reset_by);
        seen.reset_sure = !reset.is_empty() && reset.iter().all(|reset| reset.by.is_some() && reset.sure);
        let path = reset.iter().filter(|reset| reset.name == "PATH");
        seen.lost_folders = path.flat_map(|path| [&path.lost_before[..], &path.lost_behind[..]].concat()).collect();
        (seen.profile_line, seen.not_in_line) = profile_line(&reset);
        seen.append_to = append_to(seen);
        seen.append_to_open_ended = seen
            .append_to
            .as_ref()
            .is_some_and(|path| seen.start_files.iter().any(|file| file.path == *path && file.open_ended));
        if let Some(shadowed) = &mut seen.shadowed {
            shadowed.by_open_ended = seen.start_files.iter().any(|file| file.path == shadowed.by && file.open_ended);
        }
    }
}

/// Each line once, in order.
fn lines(reset: &[Reset]) -> Vec<Seen> {
    let mut all: Vec<Seen> = Vec::new();
    for by in reset.iter().filter_map(|reset| reset.by.as_ref()) {
        if !all.contains(by) {
            all.push(by.clone());
        }
    }
    all
}

fn files(lines: &[Seen]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in lines {
        if !all.contains(&line.source) {
            all.push(line.source.clone());
        }
    }
    all
}

/// The line for a start file, and the variables that it leaves out.
fn profile_line(reset: &[Reset]) -> (Option<String>, Vec<String>) {
    let (mut words, mut left_out) = (Vec::new(), Vec::new());
    for reset in reset {
        match assignment(reset) {
            Some(word) => words.push(word),
            None => left_out.push(reset.name.clone()),
        }
    }
    ((!words.is_empty()).then(|| format!("export {}", words.join(" "))), left_out)
}

fn assignment(reset: &Reset) -> Option<String> {
    let Reset { name, lost_before, lost_behind, was, .. } = reset;
    if reset.change == "folders-lost" {
        let mut folders = lost_before.iter().chain(lost_behind);
        let kept = format!("${{{name}}}");
        let list: Vec<&str> = lost_before.iter().chain([&kept]).chain(lost_behind).map(String::as_str).collect();
        return folders.all(|folder| showable::is_folder(folder)).then(|| format!("{name}=\"{}\"", list.join(":")));
    }
    let value = was.as_ref().filter(|value| showable::may_be_shown(name, value))?;
    Some(format!("{name}=\"{value}\""))
}

/// Where the line has to stand so that it is read, and read last.
fn append_to(seen: &Inspection) -> Option<String> {
    let (shell, home) = (seen.shell.known()?, seen.home.known()?);
    let shell = LoginShell::named(shell)?;
    let path = |name: &str| format!("{}/{name}", home.trim_end_matches('/'));
    let there = |name: &str| seen.start_files.iter().any(|file| file.path == path(name));
    let to_blame = |name: &str| seen.reset_files.iter().any(|file| file.rsplit('/').next() == Some(name));
    // zsh reads these behind ~/.zprofile.
    let later = match shell {
        LoginShell::Zsh if to_blame("zlogin") || to_blame(".zlogin") => Some(".zlogin"),
        LoginShell::Zsh if to_blame("zshrc") || to_blame(".zshrc") => Some(".zshrc"),
        _ => None,
    };
    Some(path(later.unwrap_or_else(|| shell.file_to_append_to(there)))).filter(|path| showable::is_folder(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::StartFile,
        image::profile_line::{self, Restore},
    };

    fn path_lost() -> Reset {
        Reset {
            name: "PATH".into(),
            change: "folders-lost".into(),
            lost_before: vec!["/opt/a".into()],
            lost_behind: vec!["/opt/z".into()],
            by: Some(Seen { source: "/etc/profile".into(), line: Some(4), text: "PATH=/usr/bin".into() }),
            sure: true,
            ..Reset::default()
        }
    }

    fn of(reset: Vec<Reset>, shell: &str, files: &[&str]) -> Inspection {
        let there = |path: &&str| StartFile { path: format!("/home/circleci/{path}"), ..StartFile::default() };
        let seen = Inspection {
            shell: shell.to_owned().into(),
            home: "/home/circleci".to_owned().into(),
            start_files: files.iter().map(there).collect(),
            reset: reset.into(),
            ..Inspection::default()
        };
        let mut facts = Facts { inspection: Some(seen.into()), ..Facts::default() };
        fill(&mut facts);
        facts.inspection.and_then(|seen| seen.known().cloned()).expect("it is known")
    }

    #[test]
    fn the_line_is_the_one_for_a_dockerfile() {
        let seen = of(vec![path_lost()], "/bin/bash", &[]);
        let line = seen.profile_line.expect("folders can be shown");
        let file = seen.append_to.expect("bash is known");
        let path = Restore::Path { before: vec!["/opt/a".into()], behind: vec!["/opt/z".into()] };
        assert_eq!(file, "/home/circleci/.bash_profile");
        assert_eq!(Some(line), profile_line::profile_line(&path));
        assert_eq!((seen.lost_folders, seen.reset_sure), (vec!["/opt/a".into(), "/opt/z".into()], true));
        assert_eq!((seen.reset_files, seen.reset_by.len()), (vec!["/etc/profile".into()], 1));
    }

    #[test]
    fn values_that_are_not_shown_are_left_out() {
        let java = Reset {
            name: "JAVA_HOME".into(),
            change: "gone".into(),
            was: Some("/opt/java".into()),
            ..Reset::default()
        };
        let token = Reset { name: "API_TOKEN".into(), change: "changed".into(), ..Reset::default() };
        let seen = of(vec![java, token], "/bin/sh", &[".profile"]);
        assert_eq!(seen.profile_line.as_deref(), Some("export JAVA_HOME=\"/opt/java\""));
        assert_eq!((seen.not_in_line, seen.reset_sure), (vec!["API_TOKEN".to_owned()], false));
        assert_eq!(seen.append_to.as_deref(), Some("/home/circleci/.profile"));
    }

    #[test]
    fn zsh_reads_some_files_last() {
        let by = Seen { source: "/home/circleci/.zshrc".into(), ..Seen::default() };
        let reset = Reset { by: Some(by), ..path_lost() };
        let file = |reset| of(vec![reset], "/usr/bin/zsh", &[]).append_to.expect("zsh is known");
        assert_eq!(
            (file(reset), file(path_lost())),
            ("/home/circleci/.zshrc".into(), "/home/circleci/.zprofile".into())
        );
        assert_eq!(of(vec![path_lost()], "/usr/bin/fish", &[]).append_to, None);
    }
}
