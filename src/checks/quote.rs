//! Turns a rendered command into one that can be pasted: every value from the facts becomes exactly one word.
//!
//! The template engine marks each value; here the marks become quotes, for the shell that the command is for. Values
//! are data for ever: nothing in them is expanded, and what cannot be quoted beyond doubt is refused.

use crate::facts::CommandShell;

/// Stands before a value.
pub(super) const VALUE: char = '\u{e000}';
/// Stands before a value of a list: an argument as it was given, which may begin with a dash.
pub(super) const ARGUMENT: char = '\u{e001}';
/// Stands after both.
pub(super) const END: char = '\u{e002}';

/// Why a command is not printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// The author quoted it, and the engine would quote it again.
    #[error("a value stands inside the author's own quotes; write it without, it is quoted for the shell")]
    Quoted,
    /// It would be read as an option.
    #[error("a value begins with a dash and would be read as an option")]
    Dash,
    /// This shell has no sure way to say it.
    #[error("a value cannot be quoted for this shell beyond doubt")]
    Unquotable,
    /// A mark without its partner: the template printed one.
    #[error("the command holds a character that is reserved for marking values")]
    Marks,
}

#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Value { text: &'a str, argument: bool },
}

/// The command with its marked values quoted for `shell`.
pub(super) fn assemble(marked: &str, shell: CommandShell) -> Result<String, Refused> {
    let mut command = String::new();
    let mut starts_command = true;
    no_tokens_in_identity_files(marked)?;
    for part in words(marked, shell)? {
        match part {
            Part::Blank(blank) => command.push_str(blank),
            Part::Word(pieces) => {
                let word = word(&pieces, shell, starts_command)?;
                starts_command = matches!(word.as_str(), "|" | ";" | "&&" | "||");
                command.push_str(&word);
            }
        }
    }
    Ok(command)
}

/// ssh looks for tokens in the path after `-i`, once it has found the file by the very same words (ssh.c `main`): there is
/// no way to write a percent sign or `${` there.
fn no_tokens_in_identity_files(marked: &str) -> Result<(), Refused> {
    let option = format!(" -i {VALUE}");
    for path in marked.split(option.as_str()).skip(1).filter_map(|rest| rest.split(END).next()) {
        if path.contains('%') || path.contains("${") {
            return Err(Refused::Unquotable);
        }
    }
    Ok(())
}

enum Part<'a> {
    Blank(&'a str),
    Word(Vec<Piece<'a>>),
}

/// Splits at the blanks that are neither in a value nor in the author's quotes.
fn words(marked: &str, shell: CommandShell) -> Result<Vec<Part<'_>>, Refused> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut quote: Option<char> = None;
    let mut rest = marked;
    while let Some(first) = rest.chars().next() {
        if first == VALUE || first == ARGUMENT {
            let inner = &rest[first.len_utf8()..];
            let end = inner.find(END).ok_or(Refused::Marks)?;
            if quote.is_some() {
                return Err(Refused::Quoted);
            }
            let text = &inner[..end];
            push(&mut parts, Piece::Value { text, argument: first == ARGUMENT });
            rest = &inner[end + END.len_utf8()..];
        } else if first == END {
            return Err(Refused::Marks);
        } else if first == ' ' && quote.is_none() {
            let length = rest.find(|c| c != ' ').unwrap_or(rest.len());
            parts.push(Part::Blank(&rest[..length]));
            rest = &rest[length..];
        } else {
            let length = text_length(rest, shell, &mut quote);
            push(&mut parts, Piece::Text(&rest[..length]));
            rest = &rest[length..];
        }
    }
    Ok(parts)
}

fn push<'a>(parts: &mut Vec<Part<'a>>, piece: Piece<'a>) {
    match parts.last_mut() {
        Some(Part::Word(pieces)) => pieces.push(piece),
        _ => parts.push(Part::Word(vec![piece])),
    }
}

/// The length of the author's text up to the next value, or to the next blank outside quotes.
fn text_length(text: &str, shell: CommandShell, quote: &mut Option<char>) -> usize {
    let mut escaped = false;
    let escape = if shell == CommandShell::Posix { '\\' } else { '`' };
    for (at, character) in text.char_indices() {
        if matches!(character, VALUE | ARGUMENT | END) || (character == ' ' && quote.is_none() && !escaped) {
            return at;
        }
        if escaped {
            escaped = false;
        } else if character == escape && *quote != Some('\'') {
            escaped = true;
        } else if *quote == Some(character) {
            *quote = None;
        } else if quote.is_none() && (character == '"' || character == '\'') {
            *quote = Some(character);
        }
    }
    text.len()
}

fn word(pieces: &[Piece<'_>], shell: CommandShell, starts_command: bool) -> Result<String, Refused> {
    if let Some(Piece::Value { text, argument: false }) = pieces.first()
        && text.starts_with('-')
    {
        return Err(Refused::Dash);
    }
    let whole: String = pieces.iter().map(|piece| piece.text()).collect();
    let has_values = pieces.iter().any(|piece| matches!(piece, Piece::Value { .. }));
    let plain_text = pieces.iter().all(|piece| matches!(piece, Piece::Value { .. }) || is_bare(piece.text(), shell));
    match shell {
        CommandShell::Posix if !has_values => Ok(whole),
        // `NAME=value` before a command must keep its name bare.
        CommandShell::Posix
            if plain_text && !pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains('='))) =>
        {
            Ok(posix(&whole))
        }
        CommandShell::Posix => Ok(pieces.iter().map(Piece::posix).collect()),
        CommandShell::Powershell => {
            let splits = plain_text && whole.starts_with('-') && whole.contains(['.', ':']);
            let bare =
                !splits && pieces.iter().all(|piece| matches!(piece, Piece::Text(_)) || is_bare(piece.text(), shell));
            if bare && !whole.is_empty() {
                return Ok(whole);
            }
            if !plain_text {
                return Err(Refused::Unquotable);
            }
            Ok(format!("{}{}", if starts_command { "& " } else { "" }, powershell(&whole)?))
        }
    }
}

impl Piece<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Value { text, .. } => text,
        }
    }

    fn posix(&self) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Value { text, .. } => posix(text),
        }
    }
}

/// Nothing in it means anything to the shell, wherever in a word it stands.
fn is_bare(text: &str, shell: CommandShell) -> bool {
    text.chars().all(|character| {
        character.is_ascii_alphanumeric()
            || matches!(character, '_' | '-' | '.' | '/' | ':' | '=' | '+')
            || (shell == CommandShell::Posix && matches!(character, '@' | ',' | '%'))
            || (shell == CommandShell::Powershell && character == '\\')
    })
}

/// One word for sh, bash, zsh and fish. A leading `~/` stays bare, or it would not mean the home.
///
/// Quotes and backslashes stand in double quotes of their own: fish reads a backslash before the closing single quote
/// as an escape, sh does not.
fn posix(text: &str) -> String {
    // zsh expands a word that begins with `=`.
    if !text.is_empty() && is_bare(text, CommandShell::Posix) && !text.starts_with('=') {
        return text.to_owned();
    }
    let (home, rest) = match text.strip_prefix("~/") {
        Some(rest) => ("~/", rest),
        None => ("", text),
    };
    if !home.is_empty() && is_bare(rest, CommandShell::Posix) {
        return text.to_owned();
    }
    let mut quoted = String::from(home);
    let mut inside = false;
    for character in rest.chars() {
        let special = matches!(character, '\'' | '\\');
        if special == inside {
            quoted.push('\'');
            inside = !inside;
        }
        match character {
            '\'' => quoted.push_str("\"'\""),
            '\\' => quoted.push_str("\"\\\\\""),
            other => quoted.push(other),
        }
    }
    if inside || rest.is_empty() {
        quoted.push_str(if inside { "'" } else { "''" });
    }
    quoted
}

/// One word for PowerShell, which takes four more characters for single quotes, and hands double quotes and a
/// backslash before its own closing quote to native programs in ways that differ by version.
fn powershell(text: &str) -> Result<String, Refused> {
    if text.contains('"') || (text.ends_with('\\') && text.contains(' ')) {
        return Err(Refused::Unquotable);
    }
    if text.is_empty() {
        // Windows PowerShell drops an empty argument on its way to a native program.
        return Err(Refused::Unquotable);
    }
    let mut quoted = String::from("'");
    for character in text.chars() {
        if matches!(character, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(character);
        }
        quoted.push(character);
    }
    quoted.push('\'');
    Ok(quoted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `{x}` is a value, `[x]` an argument.
    fn quoted(marked: &str, shell: CommandShell) -> Result<String, Refused> {
        let marks: String = marked
            .chars()
            .map(|c| match c {
                '{' => VALUE,
                '[' => ARGUMENT,
                '}' | ']' => END,
                other => other,
            })
            .collect();
        assemble(&marks, shell)
    }

    fn sh(marked: &str) -> String {
        quoted(marked, CommandShell::Posix).expect(marked)
    }

    fn ps(marked: &str) -> String {
        quoted(marked, CommandShell::Powershell).expect(marked)
    }

    #[test]
    fn plain_values_stay_bare() {
        assert_eq!(
            sh("ssh -i {/home/ana/.ssh/id_ed25519} [-p] [64535] [203.0.113.7]"),
            "ssh -i /home/ana/.ssh/id_ed25519 -p 64535 203.0.113.7"
        );
        assert_eq!(ps("ssh -i {C:\\Users\\ana\\.ssh\\id} [-p] [64535]"), "ssh -i C:\\Users\\ana\\.ssh\\id -p 64535");
    }

    #[test]
    fn ssh_finds_no_token_in_a_path() {
        for path in ["/100%d", "/$${HOME"] {
            let marked = format!("ssh {VALUE}50%{END} -i {VALUE}{path}{END}.repaired");
            assert_eq!(assemble(&marked, CommandShell::Posix), Err(Refused::Unquotable));
        }
    }

    #[test]
    fn values_are_inert() {
        assert_eq!(sh("cat {/a b}"), "cat '/a b'");
        assert_eq!(sh("cat {$(reboot)}"), "cat '$(reboot)'");
        assert_eq!(sh("cat {it's}"), "cat 'it'\"'\"'s'");
        assert_eq!(sh("cat {a\\}"), "cat 'a'\"\\\\\"");
        assert_eq!(sh("cat {}"), "cat ''");
        assert_eq!(sh("cat {=ls}"), "cat '=ls'");
        assert_eq!(ps("cat {$env:X`a%}"), "cat '$env:X`a%'");
        assert_eq!(ps("cat {it's ’q}"), "cat 'it''s ’’q'");
    }

    #[test]
    fn a_value_in_a_word_is_quoted_with_its_word() {
        assert_eq!(sh("mv {/a b}.pub x"), "mv '/a b.pub' x");
        assert_eq!(ps("mv {C:\\a b}.pub x"), "mv 'C:\\a b.pub' x");
        let bracketed = format!("ssh-keygen -R {VALUE}[h]:22{END}");
        assert_eq!(assemble(&bracketed, CommandShell::Posix).expect("quotes"), "ssh-keygen -R '[h]:22'");
        assert_eq!(sh("SSH_AUTH_SOCK={/a b} ssh-add -l"), "SSH_AUTH_SOCK='/a b' ssh-add -l");
        assert_eq!(sh("echo $HOME/{a b}"), "echo $HOME/'a b'");
        assert_eq!(quoted("echo $HOME/{a b}", CommandShell::Powershell), Err(Refused::Unquotable));
    }

    #[test]
    fn the_home_stays_the_home() {
        assert_eq!(sh("chmod 600 {~/.ssh/id}"), "chmod 600 ~/.ssh/id");
        assert_eq!(sh("chmod 600 {~/.ssh/my key}"), "chmod 600 ~/'.ssh/my key'");
        assert_eq!(sh("cat {~root}"), "cat '~root'");
    }

    #[test]
    fn powershell_has_its_own_traps() {
        assert_eq!(ps("{C:\\Program Files\\ssh.exe} -V"), "& 'C:\\Program Files\\ssh.exe' -V");
        assert_eq!(ps("ssh {203.0.113.7}"), "ssh 203.0.113.7");
        assert_eq!(ps("ssh [-oPort=2.5]"), "ssh '-oPort=2.5'");
        assert_eq!(quoted("cat {a\"b}", CommandShell::Powershell), Err(Refused::Unquotable));
        assert_eq!(quoted("cat {a b\\}", CommandShell::Powershell), Err(Refused::Unquotable));
    }

    #[test]
    fn what_would_be_an_option_or_is_quoted_twice_is_refused() {
        assert_eq!(quoted("ssh {-oProxyCommand=x}", CommandShell::Posix), Err(Refused::Dash));
        assert_eq!(quoted("cat \"{x}\"", CommandShell::Posix), Err(Refused::Quoted));
        assert_eq!(sh("cat \"a b\" {x y}"), "cat \"a b\" 'x y'");
        assert_eq!(sh("sh -c 'a  b'"), "sh -c 'a  b'");
    }

    proptest! {
        #[test]
        fn a_value_is_one_word_of_a_posix_shell(value in "[^\\x00-\\x1f\\x7f\u{e000}-\u{e002}]{0,12}", suffix in "[a-z.]{0,3}") {
            prop_assume!(!value.starts_with('-') && !value.starts_with("~/"));
            let command = assemble(&format!("cat {VALUE}{value}{END}{suffix} x"), CommandShell::Posix).expect("quotes");
            let words = shlex::split(&command).expect("parses");
            prop_assert_eq!(words, vec!["cat".to_owned(), format!("{value}{suffix}"), "x".to_owned()]);
        }
    }
}
