//! What stands around a log: the prompt of the shell, the name of the system, the text of the Enable SSH step.
//!
//! Only what stands before the login counts: behind it the same kinds of lines are the job's.

use crate::{
    facts::Os,
    ssh::log::{Beginnings, Logged},
};

/// Lines kept of an Enable SSH step's text.
const STEP_LINES: usize = 30;
/// Characters kept of a line of it.
const STEP_LINE: usize = 300;
/// Longest line in which a prompt is looked for, in characters.
const LONGEST_PROMPT: usize = 1000;

/// The shell that the log was copied from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// `ana@box:~$`, `[ana@box ~]$`, `/ #`.
    Posix,
    /// `ana@mbp ~ %`, as macOS sets it up.
    Mac,
    /// `ana@PC MINGW64 ~`: Git for Windows, MSYS2.
    GitBash,
    /// `PS C:\Users\ana>`.
    Powershell,
    /// `C:\Users\ana>`.
    Cmd,
}

/// What the lines around ssh's own say of the machine.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The shell, by its prompt.
    pub shell: Option<Shell>,
    /// The user, by the prompt.
    pub user: Option<String>,
    /// The system, where a line names it.
    pub os: Option<Os>,
    /// Its name, where a line has it.
    pub os_name: Option<String>,
    /// A path of Windows' drives as WSL shows them.
    pub wsl: bool,
    /// The text of an Enable SSH step, line by line, with their numbers in the log.
    pub step: Vec<(u64, String)>,
    step_open: bool,
}

impl Around {
    /// Takes in one line.
    pub fn hear(&mut self, logged: &Logged) {
        let text = logged.text.as_str();
        if logged.level > 0 || text.is_empty() || text.len() > LONGEST_PROMPT {
            return;
        }
        let prompt = prompt(text);
        self.step_line(logged, prompt.as_ref().is_some_and(|(_, user)| user.is_some()));
        self.system(text);
        if let Some((shell, user)) = prompt {
            self.wsl |= text.contains("/mnt/c/") || text.contains(":/mnt/c");
            self.shell = Some(shell);
            self.user = user.or(self.user.take());
        }
    }

    /// The step's text begins with one of its sentences and ends at the next prompt.
    fn step_line(&mut self, logged: &Logged, at_prompt: bool) {
        let text = logged.text.as_str();
        const FIRST: [&str; 6] = [
            "you can now ssh into",
            "no ssh key is found",
            "failed to enable ssh",
            "this box will stay up",
            "this job will stay up",
            "if your ssh public key is added",
        ];
        static WORDS: Beginnings = Beginnings::new(&[b"ssh", b"sta"]);
        if !self.step_open && WORDS.any_in(text) {
            let lower = text.to_lowercase();
            self.step_open = FIRST.iter().any(|start| lower.contains(start));
        }
        if at_prompt || text.starts_with("OpenSSH_") {
            self.step_open = false;
        }
        if self.step_open && self.step.len() < STEP_LINES {
            self.step.push((logged.line, text.chars().take(STEP_LINE).collect()));
        }
    }

    fn system(&mut self, text: &str) {
        let quoted = |text: &str| text.trim_matches(['"', '\'']).chars().take(80).collect::<String>();
        let name = if let Some(name) = text.strip_prefix("PRETTY_NAME=").or_else(|| text.strip_prefix("NAME=")) {
            Some((quoted(name), Os::Linux))
        } else if text.contains("/etc/alpine-release") {
            Some(("Alpine Linux".to_owned(), Os::Linux))
        } else if text.starts_with("Microsoft Windows [Version") {
            Some(("Windows".to_owned(), Os::Windows))
        } else if text.starts_with("Command 'ssh' not found, but can be installed with") {
            Some(("Debian or Ubuntu".to_owned(), Os::Linux))
        } else if text.starts_with("Install package 'openssh-clients'") {
            Some(("Fedora".to_owned(), Os::Linux))
        } else if text.starts_with("Darwin ") {
            Some(("macOS".to_owned(), Os::Macos))
        } else {
            image(text).map(|name| (name.to_owned(), Os::Linux))
        };
        if let Some((name, os)) = name {
            (self.os_name, self.os) = (Some(name), Some(os));
        }
    }
}

/// The distribution in an image's name: `docker run --rm -it node:20-alpine sh`.
fn image(text: &str) -> Option<&'static str> {
    if !(text.contains("docker ") || text.contains("podman ") || text.starts_with("FROM ")) {
        return None;
    }
    let names = [
        ("alpine", "Alpine Linux"),
        ("debian", "Debian"),
        ("ubuntu", "Ubuntu"),
        ("fedora", "Fedora"),
        ("rockylinux", "Rocky Linux"),
        ("almalinux", "AlmaLinux"),
        ("amazonlinux", "Amazon Linux"),
        ("archlinux", "Arch Linux"),
        ("opensuse", "openSUSE"),
    ];
    names.into_iter().find(|(word, _)| text.contains(word)).map(|(_, name)| name)
}

/// The shell whose prompt begins the line, and the user in it.
fn prompt(text: &str) -> Option<(Shell, Option<String>)> {
    let drive = |text: &str| matches!(text.as_bytes(), [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic());
    if let Some(rest) = text.strip_prefix("PS ") {
        return (rest.contains('>') && (drive(rest) || rest.starts_with('/'))).then_some((Shell::Powershell, None));
    }
    if drive(text) && text.contains('>') {
        return Some((Shell::Cmd, None));
    }
    if ["/ #", "~ #", "/ $", "~ $"].iter().any(|start| text.starts_with(start)) {
        return Some((Shell::Posix, text.contains(" #").then(|| "root".to_owned())));
    }
    let (user, rest) = text.trim_start_matches('[').split_once('@')?;
    let is_name = !user.is_empty() && user.chars().all(|c| c.is_alphanumeric() || "._-+".contains(c));
    if !is_name {
        return None;
    }
    // Git for Windows puts the prompt's sign into a line of its own.
    if [" MINGW64 ", " MINGW32 ", " UCRT64 ", " CLANG64 ", " MSYS "].iter().any(|name| text.contains(name)) {
        return Some((Shell::GitBash, Some(user.to_owned())));
    }
    let end = rest.find(['$', '#', '%', '>'])?;
    let between = &rest[..end];
    let sane = between.len() < 120 && !between.contains(": ") && !between.contains('(');
    let behind = &rest[end + 1..];
    let ends = behind.is_empty() || behind.starts_with(' ');
    let mac = rest[end..].starts_with('%') && between.ends_with(' ') && text.contains(" %");
    (sane && ends).then(|| (if mac { Shell::Mac } else { Shell::Posix }, Some(user.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts() {
        for (text, shell, user) in [
            ("ana@box:~$ ssh x", Shell::Posix, Some("ana")),
            ("[ana@f42 ~]$ ssh x", Shell::Posix, Some("ana")),
            ("root@4f1c2a:/# ssh x", Shell::Posix, Some("root")),
            ("ana@mbp ~ % ssh x", Shell::Mac, Some("ana")),
            ("/ # ssh x", Shell::Posix, Some("root")),
            ("PS C:\\Users\\ana> ssh x", Shell::Powershell, None),
            ("C:\\Users\\ana>ssh x", Shell::Cmd, None),
        ] {
            assert_eq!(prompt(text), Some((shell, user.map(str::to_owned))), "{text}");
        }
        for text in ["ana@203.0.113.7: Permission denied (publickey).", "git@github.com: x", "Connection to x closed."]
        {
            assert_eq!(prompt(text), None, "{text}");
        }
    }

    #[test]
    fn systems_by_what_stands_around() {
        let of = |text: &str| {
            let mut around = Around::default();
            around.system(text);
            around.os_name
        };
        assert_eq!(of("$ docker run --rm -it node:20-alpine sh").as_deref(), Some("Alpine Linux"));
        assert_eq!(
            of("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"").as_deref(),
            Some("Debian GNU/Linux 12 (bookworm)")
        );
        assert_eq!(of("Connection closed."), None);
    }
}
