//! Which values of a job's environment may be shown to anybody.
//!
//! The environment of a job may hold secrets, and there is no telling which. So a value is shown only where its form leaves
//! room for none (absolute paths, locales, versions) and its variable is not called like a secret; of all others there is
//! the name and nothing else.

use super::environment::is_list;

/// The longest folder that is shown.
const LONGEST: usize = 200;

/// Parts of the names of variables that hold secrets.
const SECRET: [&str; 30] = [
    "TOKEN",
    "SECRET",
    "PASS",
    "PWD",
    "PASSWD",
    "PASSWORD",
    "PASSPHRASE",
    "KEY",
    "KEYS",
    "APIKEY",
    "AUTH",
    "CRED",
    "CREDS",
    "CREDENTIAL",
    "CREDENTIALS",
    "PRIVATE",
    "PIN",
    "COOKIE",
    "SIGNATURE",
    "DSN",
    "URL",
    "URI",
    "WEBHOOK",
    "JWT",
    "OIDC",
    "SALT",
    "CERT",
    "LICENSE",
    "ACCESS",
    "CODE",
];

/// Whether a variable is called like one that holds a secret.
pub fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let known = |part: &str| SECRET.contains(&part);
    let endings = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "APIKEY"];
    upper.split('_').any(known) || endings.iter().any(|ending| upper.contains(ending))
}

/// A folder that may be shown, and stands in a shell's double quotes as it is.
pub fn is_folder(folder: &str) -> bool {
    folder.len() <= LONGEST && folder.starts_with('/') && folder.chars().all(of_a_path)
}

fn of_a_path(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "/._+-@,~=%".contains(letter)
}

/// Whether the value of this variable may be shown.
pub fn may_be_shown(name: &str, value: &str) -> bool {
    if is_secret_name(name) {
        return false;
    }
    is_folder(value)
        || (is_list(name, value) && value.split(':').all(|folder| folder.is_empty() || is_folder(folder)))
        || is_locale(value)
        || is_version(value)
}

/// `C.UTF-8`, `en_US.UTF-8`, `POSIX`, `de_DE@euro`
fn is_locale(value: &str) -> bool {
    let (language, rest) = value.split_at(value.find(['.', '@']).unwrap_or(value.len()));
    let country = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let tongue = |text: &str| (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let known = matches!(language, "C" | "POSIX")
        || language.split_once('_').is_some_and(|(language, place)| tongue(language) && country(place));
    known && rest.len() <= 16 && rest.chars().all(|letter| letter.is_ascii_alphanumeric() || ".@-".contains(letter))
}

/// `21.0.4`, `v20.11.1`, `3`
fn is_version(value: &str) -> bool {
    let numbers: Vec<&str> = value.strip_prefix('v').unwrap_or(value).split('.').collect();
    let short = |number: &&str| (1..=4).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    (2..=4).contains(&numbers.len()) && numbers.iter().all(short)
}

/// The assignment of a start file as it may be shown: its value only where that is of folders, a locale or a version, with
/// `$HOME`, `$PATH` and the variable's own name among them.
pub fn assignment(text: &str) -> String {
    let Some((name, value)) = text.split_once('=') else { return text.to_owned() };
    let bare: String = value.chars().filter(|letter| !matches!(letter, '"' | '\'')).collect();
    let named = name.trim_end_matches('+');
    let mut plain = bare.clone();
    for known in ["HOME", "PATH", "USER", named] {
        plain = plain.replace(&format!("${{{known}}}"), "/x").replace(&format!("${known}"), "/x");
    }
    let plain = plain.replace("~/", "/x/");
    let list = plain.split(':').all(|folder| folder.is_empty() || is_folder(folder));
    let may = !is_secret_name(named) && (list || is_locale(&plain) || is_version(&plain));
    if may && bare.len() <= LONGEST * 4 { format!("{name}={bare}") } else { format!("{name}=…") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_locales_and_versions_are_shown() {
        for (name, value) in [
            ("PATH", "/usr/local/bin:/usr/bin:/opt/a b".split(' ').next().expect("one")),
            ("JAVA_HOME", "/usr/lib/jvm/java-21"),
            ("LANG", "en_US.UTF-8"),
            ("LC_ALL", "C"),
            ("NODE_VERSION", "20.11.1"),
        ] {
            assert!(may_be_shown(name, value), "{name}={value}");
        }
    }

    #[test]
    fn everything_else_stays_hidden() {
        for (name, value) in [
            ("GITHUB_TOKEN", "/looks/like/a/path"),
            ("SSH_KEY", "/root/key"),
            ("DB_PASS", "1.2.3"),
            ("MYAPITOKEN", "/x"),
            ("GREETING", "hello"),
            ("PIN_CODE", "1234"),
            ("NUMBER", "12345678"),
            ("DATABASE", "postgres://user:pass@host/db"),
            ("PATH", "/usr/bin:$(cat /secret)"),
            ("CONFIG", "{\"a\":1}"),
            ("X", "abc_secret"),
            ("X", ""),
        ] {
            assert!(!may_be_shown(name, value), "{name}={value}");
        }
    }

    #[test]
    fn assignments_are_cut() {
        assert_eq!(assignment("PATH=\"/usr/bin:/bin\""), "PATH=/usr/bin:/bin");
        assert_eq!(assignment("PATH=$HOME/bin:${PATH}"), "PATH=$HOME/bin:${PATH}");
        assert_eq!(assignment("LANG='C.UTF-8'"), "LANG=C.UTF-8");
        assert_eq!(assignment("API_TOKEN=/abc"), "API_TOKEN=…");
        assert_eq!(assignment("PATH=$(curl https://me:pw@x)"), "PATH=…");
        assert_eq!(assignment("GREETING=s3cret"), "GREETING=…");
        assert_eq!(assignment("unset PATH"), "unset PATH");
    }
}
