//! The second command: a script for `sh -c` that tells about the account, its start files, and the environment that its login
//! shell ends up with.
//!
//! It may be read by a shell or by a lexer that only knows quotes, so it stands between single quotes and holds none, nor a
//! backslash or a line end, about which shells differ; an exclamation mark has a blank behind it, with which csh leaves it
//! alone. It writes nothing, and what it starts reads nothing.

/// Bytes of each file that are read.
const FILE: usize = 32 * 1024;

/// The commands, as they are handed to ssh in one word each; `mark` is a word that nobody else can know, `seconds` is how
/// long the login shell may take.
pub(super) fn command(mark: &str, seconds: u64) -> String {
    // A start file may have made something else of `echo`, and of whatever stands at the beginning of a command.
    let say = "command echo";
    let steps = [
        // The marks stand on a line of their own whatever came before.
        format!("m() {{ echo; echo \"{mark} $*\"; }}"),
        "u=$(command -v env)".into(),
        "n() { $u -0 2>/dev/null || $u; }".into(),
        "m env; n".into(),
        "i=$(id -un 2>/dev/null)".into(),
        "e=$(getent passwd \"$(id -u)\" 2>/dev/null || grep \"^$i:\" /etc/passwd 2>/dev/null)".into(),
        "d=$(dscl . -read \"/Users/$i\" UserShell 2>/dev/null)".into(),
        "h=${HOME:-$(echo \"$e\" | cut -d: -f6)}".into(),
        "s=${e##*:}".into(),
        "[ -n \"$s\" ] || s=${d##* }".into(),
        "[ -n \"$s\" ] || s=${SHELL:-/bin/sh}".into(),
        "m user \"$i\"; m home \"$h\"; m shell \"$s\"".into(),
        "m bashenv; [ -n \"$BASH_ENV\" ] && [ -r \"$BASH_ENV\" ] && echo yes".into(),
        "m os; cat /etc/os-release 2>/dev/null || uname -s".into(),
        format!(
            "for f in {START_FILES}; do if [ -f \"$f\" ]; then if [ -r \"$f\" ]; then m file \"$f\"; head -c {FILE} \"$f\"; \
             else m unreadable \"$f\"; fi; fi; done"
        ),
        "m login".into(),
        format!(
            "if [ -x \"$s\" ]; then \
             case ${{s##*/}} in bash|zsh|sh|dash|ash|ksh|mksh) \
             \"$s\" -i -l -c \"{say}; {say} {mark} start; $u -0 2>/dev/null || $u; {say}; {say} {mark} end\" </dev/null 2>&1 & p=$! ; \
             (sleep {seconds} & t=$! ; trap \"kill $t\" TERM; wait $t && kill -9 $p) >/dev/null 2>&1 & w=$! ; \
             wait $p; c=$?; kill $w 2>/dev/null; m status $c;; \
             *) m other;; esac; else m missing; fi"
        ),
        "m over".into(),
    ];
    format!("sh -c '{}'", steps.join("; "))
}

/// Start files of the shells that are known, whichever system they are of.
const START_FILES: &str = "/etc/profile /etc/profile.d/*.sh /etc/profile.d/sh.local /etc/profile.local /etc/bash.bashrc \
                           /etc/bashrc /etc/bash/bashrc /etc/bash/*.sh /etc/zshenv /etc/zprofile /etc/zshrc /etc/zlogin \
                           /etc/zsh/zshenv /etc/zsh/zprofile /etc/zsh/zshrc /etc/zsh/zlogin \"$h/.bash_profile\" \
                           \"$h/.bash_login\" \"$h/.profile\" \"$h/.bashrc\" \"$h/.bash_aliases\" \"$h/.zshenv\" \
                           \"$h/.zprofile\" \"$h/.zshrc\" \"$h/.zlogin\" \"$h/.kshrc\"";

/// Those without a star, for a home: what is not among the answers is not there.
pub(super) fn start_files(home: &str) -> Vec<String> {
    let names = START_FILES.split_whitespace().filter(|name| !name.contains('*'));
    names.map(|name| name.trim_matches('"').replace("$h", home.trim_end_matches('/'))).collect()
}

/// The line with which the answer ends.
pub(super) fn last_line(mark: &str) -> String {
    format!("{mark} over")
}

/// Whether a file's last line has no end. One that is read in part may go on.
pub(super) fn is_open_ended(body: &[u8]) -> bool {
    body.len() < FILE && body.last().is_some_and(|byte| *byte != b'\n')
}

/// One part of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section<'a> {
    /// `env`, `user ana`, `file /etc/profile`.
    pub(super) title: &'a str,
    /// What stands below it.
    pub(super) body: &'a [u8],
}

/// The parts of an answer.
pub(super) fn sections<'a>(answer: &'a [u8], mark: &str) -> Vec<Section<'a>> {
    let needle = format!("\n{mark} ");
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(at) = find(answer.get(from..).unwrap_or_default(), needle.as_bytes()) {
        places.push(from + at);
        from += at + needle.len();
    }
    let end_of = |place: usize| places.get(place + 1).copied().unwrap_or(answer.len());
    let section = |(place, at): (usize, &usize)| {
        let text = answer.get(at + needle.len()..end_of(place)).unwrap_or_default();
        let length = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
        let title = std::str::from_utf8(text.get(..length)?).ok()?;
        Some(Section { title: title.trim_end_matches('\r'), body: text.get(length + 1..).unwrap_or_default() })
    };
    places.iter().enumerate().filter_map(section).collect()
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_and_a_lexer_read_the_same() {
        let command = command("w0", 5);
        let words = shlex::split(&command).expect("quotes are closed");
        assert_eq!(words.len(), 3);
        assert_eq!(&words[..2], ["sh", "-c"]);
        assert_eq!(command, format!("sh -c '{}'", words[2]));
        assert!(!words[2].contains(['\'', '\\', '\n']));
        assert!(words[2].split('!').skip(1).all(|rest| rest.starts_with(' ')));
    }

    #[test]
    fn the_answer_is_cut_at_its_marks() {
        let answer = b"noise\n\nw0 user ana\n\nw0 file /etc/profile\nw1 user eve\nA=1\n\nw0 over\n";
        let titles: Vec<(&str, &[u8])> =
            sections(answer, "w0").into_iter().map(|section| (section.title, section.body)).collect();
        let profile: &[u8] = b"w1 user eve\nA=1\n";
        assert_eq!(titles, [("user ana", &b""[..]), ("file /etc/profile", profile), ("over", &b""[..])]);
        assert!(sections(b"w1 user eve\n", "w0").is_empty());
    }

    #[test]
    fn files_of_the_home_are_in_the_home() {
        let files = start_files("/root/");
        assert!(files.contains(&"/root/.profile".to_owned()) && files.contains(&"/etc/profile".to_owned()));
        assert!(files.iter().all(|file| !file.contains(['"', '$', '*'])));
    }
}
