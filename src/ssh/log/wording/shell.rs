//! What stands in a log in ssh's place: words of shells, loaders and other programs that wanted to start ssh.
//!
//! Shells translate these, so what is matched is the program's name and the place where it stands, and of the words
//! around it as little as tells them from others.

use crate::ssh::log::event::Event;
use crate::ssh::log::line::Line;
use crate::ssh::log::text::{MAX_LINE, cap, strip_ci};

pub(super) fn plain(line: &Line) -> Option<Event> {
    let body = line.body();
    if mis_pasted(body) {
        return Some(Event::MisPasted { text: cap(body, MAX_LINE) });
    }
    if library(body) {
        return Some(Event::LibraryMismatch { text: cap(body, MAX_LINE) });
    }
    if !body.contains("ssh") {
        return None;
    }
    is_missing(body).then(|| Event::ClientMissing { text: cap(body, MAX_LINE) })
}

/// Programs that say of another program that it is not there, by the name they put in front.
const SAYERS: [&str; 21] = [
    "bash", "sh", "dash", "ash", "busybox", "ksh", "ksh93", "mksh", "zsh", "tcsh", "csh", "rbash", "xonsh", "sudo",
    "doas", "env", "make", "gmake", "xargs", "nohup", "timeout",
];

/// `not found` in the languages and words in which programs say it.
const NOT_FOUND: [&str; 32] = [
    "not found",
    "not recognized",
    "no such file",
    "not installed",
    "unknown command",
    "not in your path",
    "enoent",
    "error=2,",
    "nicht gefunden",
    "falsch geschrieben",
    "nicht als name",
    "introuvable",
    "pas reconnu",
    "aucun fichier",
    "no encontrad",
    "no se reconoce",
    "no se encontró",
    "no existe el",
    "non trovato",
    "riconosciuto",
    "reconhecido",
    "não encontrado",
    "herkend",
    "niet gevonden",
    "rozpoznawan",
    "nie znaleziono",
    "не является",
    "не найдена",
    "内部",
    "見つかりません",
    "未找到",
    "내부",
];

/// Whether a shell, or another program, says that there is no program ssh.
fn is_missing(body: &str) -> bool {
    // A proxy command's shell says `exec: ssh: not found`; a job says what it could not start by `Error: exec: "ssh"`.
    if body.starts_with("Error: exec:") || body.contains("exec: ssh:") || body.contains("(ssh:String)") {
        return body.contains("(ssh:String)");
    }
    if occurrences(body).next().is_none() {
        return false;
    }
    let lower = body.to_lowercase();
    let said = NOT_FOUND.iter().any(|words| lower.contains(words));
    let named = occurrences(body).any(|(before, after)| stands_alone(before, after, said));
    named && !is_sshs_own(body)
}

/// What stands before and behind each `ssh` that is a whole name, its path and `.exe` taken off.
fn occurrences(body: &str) -> impl Iterator<Item = (&str, &str)> {
    body.match_indices("ssh").filter_map(|(at, name)| {
        let after = &body[at + name.len()..];
        let after = after.strip_prefix(".exe").unwrap_or(after);
        let start = body[..at]
            .rfind(|c: char| !(c.is_alphanumeric() || "/\\_-.:".contains(c)))
            .map_or(0, |space| space + body[space..].chars().next().map_or(1, char::len_utf8));
        let path = &body[start..at];
        let whole = path.is_empty() || (path.ends_with(['/', '\\']) && !path.contains(".ssh"));
        let ends = after.chars().next().is_none_or(|c| !(c.is_alphanumeric() || "_-./@".contains(c)));
        (whole && ends).then_some((&body[..start], after))
    })
}

fn stands_alone(before: &str, after: &str, said: bool) -> bool {
    let quote = before.chars().next_back().filter(|c| "'\"`\u{2018}\u{201c}\u{201e}«".contains(*c));
    let quoted = quote.is_some() && after.starts_with(['\'', '"', '`', '\u{2019}', '\u{201d}', '\u{201c}', '»']);
    let colon = after.trim_start().starts_with([':', '：']);
    if quoted {
        return said;
    }
    if colon {
        // `bash: line 3: ssh: …`: the words that follow may be in any language.
        let sayer = before.trim_end().trim_end_matches(':').split(": ").next().unwrap_or_default().trim();
        let name = sayer.rsplit('/').next().unwrap_or_default().trim_start_matches('-');
        let words = after.trim_start().trim_start_matches([':', '：']).trim_start().to_lowercase();
        let by_sayer = SAYERS.contains(&name) && before.trim_end().ends_with(':') && !words.contains("denied");
        let at_once = NOT_FOUND.iter().any(|not_found| words.starts_with(not_found))
            || words.starts_with("command not found")
            || words.starts_with("the term 'ssh'");
        return by_sayer || at_once;
    }
    let before = before.trim_end().to_lowercase();
    let named_last = after.trim().trim_matches(['.', '…']).is_empty()
        && (before.ends_with("command not found:") || before.ends_with("unknown command:"));
    named_last
        || (said && (before.ends_with("spawn") || before.ends_with("cannot run") || before.ends_with("failed to exec")))
        || (said && before.ends_with("the program"))
}

/// Beginnings of ssh's own sentences, which may speak of files that are not there.
fn is_sshs_own(body: &str) -> bool {
    ["ssh: connect to", "ssh: Could not", "Warning: Identity file", "Load key ", "no such identity"]
        .iter()
        .any(|start| body.starts_with(start))
}

/// ssh is there and its libraries are not (glibc, musl, dyld; OpenSSH's own check in openssl-compat.c).
fn library(body: &str) -> bool {
    body.starts_with("OpenSSL version mismatch.")
        || (body.starts_with("dyld") && body.contains("Library not loaded"))
        || (occurrences(body).next().is_some()
            && ["error while loading shared libraries", "symbol lookup error", "Error relocating", "required by"]
                .iter()
                .any(|words| body.contains(words)))
        || (body.starts_with("Error loading shared library") && body.contains("/ssh)"))
}

/// The `$` of a page was pasted along with the command, or a manual's `<port>`.
fn mis_pasted(body: &str) -> bool {
    // All of these have one of the signs.
    if !body.contains(['$', '<', '`']) && !body.contains("redirection") {
        return false;
    }
    let not_found =
        ["$: command not found", "command not found: $", "'$' is not recognized", "(.:String) [$]", "$: not found"];
    let text = strip_ci(body, "ssh: ").unwrap_or(body);
    let prompt = not_found.iter().any(|words| text.starts_with(words) || text.contains(&format!(": {words}")))
        || body == "zsh: command not found: $"
        || body.contains("The term '$' is not recognized");
    let placeholder = [
        "syntax error near unexpected token `<'",
        "syntax error near unexpected token `newline'",
        "parse error near `<'",
        "parse error near `\\n'",
        "The '<' operator is reserved for future use",
        "< was unexpected at this time",
        "syntax error: unexpected redirection",
    ];
    prompt || placeholder.iter().any(|words| body.contains(words))
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;

    #[test]
    fn no_ssh_in_the_words_of_every_program() {
        for text in [
            "bash: ssh: command not found",
            "-bash: ssh: command not found",
            "build.sh: line 3: ssh: command not found",
            "/usr/bin/bash: line 1: ssh: command not found",
            "bash: ssh: Kommando nicht gefunden.",
            "bash: ssh : commande introuvable",
            "bash: ssh: orden no encontrada",
            "bash: ssh: コマンドが見つかりません",
            "bash: Zeile 1: ssh: Befehl nicht gefunden.",
            "sh: ssh: not found",
            "sh: 1: ssh: not found",
            "/bin/sh: /usr/bin/ssh: not found",
            "bash: /usr/bin/ssh: No such file or directory",
            "zsh: command not found: ssh",
            "fish: Unknown command: ssh",
            "fish: Unknown command 'ssh'",
            "ssh: Command not found.",
            "bash: ssh: command not found...",
            "Command 'ssh' not found, but can be installed with:",
            "The program 'ssh' is currently not installed.",
            "'ssh' is not recognized as an internal or external command,",
            "Der Befehl \"ssh\" ist entweder falsch geschrieben oder",
            "'ssh' n\u{2019}est pas reconnu en tant que commande interne",
            "\"ssh\" no se reconoce como un comando interno o externo,",
            "'ssh' \u{306f}、内部コマンドまたは外部コマンド、",
            "ssh : The term 'ssh' is not recognized as the name of a cmdlet, function, script file, or operable program.",
            "    + CategoryInfo : ObjectNotFound: (ssh:String) [], CommandNotFoundException",
            "env: \u{2018}ssh\u{2019}: No such file or directory",
            "env: can't execute 'ssh': No such file or directory",
            "/usr/bin/env: ssh: No such file or directory",
            "sudo: ssh: command not found",
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"ssh\": executable file not found in $PATH: unknown",
            "error: cannot run ssh: No such file or directory",
            "make: ssh: No such file or directory",
            "make: ssh: Command not found",
            "FileNotFoundError: [Errno 2] No such file or directory: 'ssh'",
            "Error: spawn ssh ENOENT",
            "java.io.IOException: Cannot run program \"ssh\": error=2, No such file or directory",
            "rsync: [Receiver] Failed to exec ssh: No such file or directory (2)",
        ] {
            assert!(matches!(of(text), Event::ClientMissing { .. }), "{text}");
        }
        for text in [
            "bash: autossh: command not found",
            "zsh: command not found: ssh-copy-id",
            "ssh: connect to host x port 1: Connection refused",
            "ssh: Could not resolve hostname ssh: Name or service not known",
            "Warning: Identity file ssh not accessible: No such file or directory.",
            "bash: /usr/bin/ssh: Permission denied",
            "/bin/bash: line 1: exec: ssh: not found",
            "Error: exec: \"ssh\": executable file not found in $PATH",
            "ls: /root/.ssh: No such file or directory",
            "cat: /home/ana/.ssh: No such file or directory",
            "the ssh host was not found in known_hosts",
            "git@ssh.example.com: not found",
        ] {
            assert!(!matches!(of(text), Event::ClientMissing { .. }), "{text}");
        }
    }

    #[test]
    fn libraries() {
        for text in [
            "OpenSSL version mismatch. Built against 30000070, you have 30200020",
            "ssh: error while loading shared libraries: libcrypto.so.1.1: cannot open shared object file: No such file or directory",
            "dyld[4711]: Library not loaded: /opt/homebrew/opt/openssl@1.1/lib/libcrypto.1.1.dylib",
            "Error relocating /usr/bin/ssh: EVP_MD_CTX_free: symbol not found",
            "Error loading shared library libcrypto.so.3: No such file or directory (needed by /usr/bin/ssh)",
            "ssh: symbol lookup error: ssh: undefined symbol: EVP_KDF_ctrl, version OPENSSL_1_1_1b",
            "ssh: /lib/x86_64-linux-gnu/libcrypto.so.3: version `OPENSSL_3.0.9' not found (required by ssh)",
        ] {
            assert!(matches!(of(text), Event::LibraryMismatch { .. }), "{text}");
        }
        assert!(!matches!(of("python: error while loading shared libraries: x.so"), Event::LibraryMismatch { .. }));
    }

    #[test]
    fn what_came_along_with_the_command() {
        for text in [
            "bash: $: command not found",
            "zsh: command not found: $",
            "'$' is not recognized as an internal or external command,",
            "bash: syntax error near unexpected token `<'",
            "bash: syntax error near unexpected token `newline'",
            "The '<' operator is reserved for future use.",
        ] {
            assert!(matches!(of(text), Event::MisPasted { .. }), "{text}");
        }
        assert_eq!(of("bash: poetry: command not found"), Event::Other);
    }
}
