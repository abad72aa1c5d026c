//! The login as a line to paste.

use crate::doctor::Login;

/// Stands for the folder of the login's files; no word of a command has it in it.
const FOLDER: &str = "\u{1}";

/// One line for the shell. Where ssh needs files, a POSIX shell makes them and takes them away again; for another shell
/// they are left out, and ssh asks what it always asks. `replaced`: there the word ssh is a function or an alias.
pub(super) fn script(login: &Login, posix: bool, replaced: bool) -> String {
    let words = login.words(|name| posix.then(|| format!("{FOLDER}/{name}")));
    let variables = login.env.iter().map(|(name, value)| format!("{name}={} ", quote(value)));
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    let program = if replaced && posix { "command ssh" } else { "ssh" };
    let ssh = format!("{}{program} {}", variables.collect::<String>(), words.join(" "));
    if login.files.is_empty() || !posix {
        return format!("{ssh}\n");
    }
    let file = |(name, text): &(String, String)| {
        format!("printf '%s\\n' {} >\"$folder\"/{} && ", quote(text.trim_end()), quote(name))
    };
    let files: String = login.files.iter().map(file).collect();
    format!("(folder=$(mktemp -d) && {files}{ssh}; code=$?; rm -rf \"$folder\"; exit $code)\n")
}

/// Quotes a word in which the folder may stand.
fn quoted(word: &str) -> String {
    if !word.contains(FOLDER) {
        return quote(word);
    }
    let parts = word.split(FOLDER).map(|part| if part.is_empty() { String::new() } else { quote(part) });
    parts.collect::<Vec<_>>().join("\"$folder\"")
}

fn quote(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| "''".into(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_named_where_something_else_has_its_name() {
        let mut login = Login::default();
        login.env.push(("SSH_AUTH_SOCK", "/a b".into()));
        assert_eq!(script(&login, true, true), "SSH_AUTH_SOCK='/a b' command ssh \n");
        assert_eq!(script(&login, false, true), "SSH_AUTH_SOCK='/a b' ssh \n");
    }

    #[test]
    fn the_folder_is_the_shells() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("IdentityFile=\"\u{1}/a b.pub\""), "'IdentityFile=\"'\"$folder\"'/a b.pub\"'");
        assert_eq!(quoted("\u{1}/k"), "\"$folder\"/k");
    }
}
