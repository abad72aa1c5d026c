//! The API token, and where it was found.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt, path::PathBuf};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use thiserror::Error;

/// The longest text that is taken for a token, in bytes.
pub const LONGEST: usize = 4096;
/// Stands where a token stood; the same mark that the facts use.
const MASK: &str = "<hidden>";
/// How project tokens begin since July 2023 (CircleCI's changelog, "New format for API Access Tokens").
const PROJECT: &str = "CCIPRJ_";
/// How personal tokens begin since then.
const PERSONAL: &str = "CCIPAT_";

/// An API token. It can be sent and it can be hidden; it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Why a text is no token. None of these repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// More than [`LONGEST`].
    #[error("it is longer than any token ({LONGEST} bytes)")]
    TooLong,
    /// Quotes that a shell would have taken away.
    #[error("it stands in quotation marks; leave them out")]
    Quoted,
    /// A whole `export CIRCLE_TOKEN=…` line.
    #[error("it is a whole line that sets a variable; give only what stands behind the =")]
    Assignment,
    /// `Circle-Token: …`, `Bearer …`, `token: …`.
    #[error("it is a whole line of a header or a settings file; give only the token")]
    Line,
    /// `$CIRCLE_TOKEN`.
    #[error("it is the name of a variable, which nothing has replaced by its value")]
    Reference,
    /// `<your token>`, `{"token": …}`.
    #[error("it is a placeholder or a document; give only the token")]
    Placeholder,
    /// `****1234`.
    #[error("it is masked with asterisks; only the whole token works")]
    Masked,
    /// A blank, a line end or a control character in it.
    #[error("it has blanks, line ends or control characters in it; a token is one word on one line")]
    Blank,
    /// What PowerShell's `>` writes.
    #[error("it is text in UTF-16; write it as plain ASCII")]
    Utf16,
    /// Letters beyond ASCII.
    #[error("it has letters beyond ASCII in it, which no token has")]
    NotAscii,
}

impl Token {
    /// Takes a text for a token, blanks and line ends around it left out.
    ///
    /// # Errors
    /// When it is plainly something else.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
        let mut words = text.split_whitespace();
        let first = words.next().ok_or(TokenError::Empty)?;
        let alone = words.next().is_none();
        let lower = first.to_ascii_lowercase();
        if text.contains('\0') {
            Err(TokenError::Utf16)
        } else if text.len() > LONGEST {
            Err(TokenError::TooLong)
        } else if text.starts_with(['"', '\'', '`', '\u{2018}', '\u{201c}']) {
            Err(TokenError::Quoted)
        } else if is_assignment(first) || (!alone && matches!(&*lower, "export" | "set" | "setx" | "declare" | "env")) {
            Err(TokenError::Assignment)
        } else if lower.starts_with("circle-token:") || (!alone && (lower == "bearer" || lower.ends_with(':'))) {
            Err(TokenError::Line)
        } else if text.starts_with(['$', '%']) {
            Err(TokenError::Reference)
        } else if text.starts_with(['<', '[', '{']) {
            Err(TokenError::Placeholder)
        } else if text.contains("**") {
            Err(TokenError::Masked)
        } else if !text.is_ascii() {
            Err(TokenError::NotAscii)
        } else if text.bytes().any(|byte| !byte.is_ascii_graphic()) {
            Err(TokenError::Blank)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The header that carries it, name and value. Versions 1.1, 2 and 3 of the API take it alike.
    #[must_use]
    pub fn header(&self) -> (&'static str, &str) {
        ("Circle-Token", &self.0)
    }

    /// Whether it says of itself that it is a personal token. Tokens made before July 2023 say nothing.
    #[must_use]
    pub fn says_personal(&self) -> bool {
        self.0.starts_with(PERSONAL)
    }

    /// Whether it says of itself that it is a project's token, with which version 2 of the API does not work.
    #[must_use]
    pub fn says_project(&self) -> bool {
        self.0.starts_with(PROJECT)
    }

    /// The text with the token, as it is or encoded, replaced by `<hidden>`. For errors and answers from elsewhere, before
    /// anything cuts them short.
    #[must_use]
    pub fn hide_in<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for form in self.forms() {
            if text.contains(&form) {
                text = Cow::Owned(text.replace(&form, MASK));
            }
        }
        text
    }

    /// How the token may stand in a text, the longest first, so that none is left half hidden.
    fn forms(&self) -> Vec<String> {
        // HTTP's Basic login takes the token as a user name without a password.
        let login = format!("{}:", self.0);
        let mut forms = vec![self.0.clone(), percent_encoded(&self.0, false), percent_encoded(&self.0, true)];
        for plain in [&self.0, &login] {
            forms.extend([STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].map(|engine| engine.encode(plain)));
        }
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        forms
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({MASK})")
    }
}

/// Whether a text is certainly a token by its form: the one since July 2023, or the 40 digits before it.
pub(super) fn is_token(text: &str) -> bool {
    let old = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    old || text.starts_with(PERSONAL) || text.starts_with(PROJECT)
}

/// `CIRCLE_TOKEN=…`; a token itself may end in `=`.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, value)| {
        !value.is_empty()
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.to_ascii_lowercase().contains("token")
    })
}

fn percent_encoded(text: &str, small: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let code = format!("%{byte:02X}");
            encoded.push_str(&if small { code.to_ascii_lowercase() } else { code });
        }
    }
    encoded
}

/// Where a token was found; its `Display` is for reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// `--token-file`.
    Flag(PathBuf),
    /// A variable of the environment.
    Variable(&'static str),
    /// A file of CircleCI's CLI, in the shape that the user knows it by (`~/.circleci/cli.yml`).
    File(PathBuf),
    /// The system's keyring, where CircleCI's CLI keeps it.
    Keyring,
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(path) => write!(f, "{} (--token-file)", path.display()),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Keyring => write!(f, "the system's keyring, where the CircleCI CLI keeps it"),
        }
    }
}
