//! The tokens, variables and tildes that `IdentityFile` and other paths may hold (ssh_config(5), TOKENS and ENVIRONMENT
//! VARIABLES). `ssh -G` prints them unexpanded.

use std::collections::BTreeMap;

/// What the tokens stand for. What is not known here cannot be expanded, and [`expand`] says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenContext {
    /// `%d` and `~`: the home directory, from the password database as ssh takes it, not from `$HOME`.
    pub home: Option<String>,
    /// `~name`: homes of other users.
    pub homes: BTreeMap<String, String>,
    /// `%u`: the local user's name.
    pub local_user: Option<String>,
    /// `%i`: the local user's number.
    pub local_uid: Option<u32>,
    /// `%l`, and `%L` up to its first dot: this machine's name.
    pub local_host: Option<String>,
    /// `%h`: the host after `HostName`.
    pub host: Option<String>,
    /// `%n`: the host as typed.
    pub original_host: Option<String>,
    /// `%k`: `HostKeyAlias`, the typed host without one.
    pub host_key_alias: Option<String>,
    /// `%p`: the port.
    pub port: Option<u16>,
    /// `%r`: the user at the server.
    pub remote_user: Option<String>,
    /// `%j`: the last jump host; empty if there is none.
    pub jump_host: Option<String>,
    /// `%C`: the hash over host, user and port, whose making differs between versions.
    pub connection_hash: Option<String>,
    /// `${NAME}`.
    pub environment: BTreeMap<String, String>,
}

/// Why a value cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No such token: ssh ends with "unknown key".
    #[error("{value:?} holds %{token}, which ssh does not know; write %% for a percent sign")]
    UnknownToken {
        /// The whole value.
        value: String,
        /// The letter.
        token: char,
    },
    /// A `%` at the end or a `${` without `}`.
    #[error("{value:?} ends in the middle of a token; write %% for a percent sign")]
    Unfinished {
        /// The whole value.
        value: String,
    },
    /// ssh ends when a variable is not set.
    #[error("{value:?} needs the environment variable {name}, which is not set; set it or write the path out")]
    UnsetVariable {
        /// The whole value.
        value: String,
        /// The variable.
        name: String,
    },
    /// `~name/…` of a user who is not known.
    #[error("{value:?} names the home of user {user}, who is not known on this machine")]
    UnknownUser {
        /// The whole value.
        value: String,
        /// The user.
        user: String,
    },
    /// A good token whose value is not known to us; nothing is wrong with the configuration.
    #[error("{value:?} holds {token}, whose value is not known")]
    NotKnownHere {
        /// The whole value.
        value: String,
        /// The token, `%h` or `~`.
        token: String,
    },
}

/// Expands a path as ssh does: the tilde first, then tokens and variables in one pass, nothing twice.
///
/// # Errors
/// See [`TokenError`]; all but [`TokenError::NotKnownHere`] end ssh too.
pub fn expand(value: &str, context: &TokenContext) -> Result<String, TokenError> {
    let with_home = tilde(value, context)?;
    let unfinished = || TokenError::Unfinished { value: value.to_owned() };
    let mut out = String::with_capacity(with_home.len());
    let mut rest = with_home.as_str();
    while let Some(at) = rest.find(['%', '$']) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if rest[at..].starts_with("${") {
            let (name, tail) = after[1..].split_once('}').ok_or_else(unfinished)?;
            let unset = || TokenError::UnsetVariable { value: value.to_owned(), name: name.to_owned() };
            out.push_str(context.environment.get(name).ok_or_else(unset)?);
            rest = tail;
        } else if rest[at..].starts_with('$') {
            out.push('$');
            rest = after;
        } else {
            let letter = after.chars().next().ok_or_else(unfinished)?;
            out.push_str(&token(letter, value, context)?);
            rest = &after[letter.len_utf8()..];
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn tilde(value: &str, context: &TokenContext) -> Result<String, TokenError> {
    let Some(rest) = value.strip_prefix('~') else { return Ok(value.to_owned()) };
    let end = rest.find(['/', '\\']).unwrap_or(rest.len());
    let (user, path) = rest.split_at(end);
    let home = if user.is_empty() {
        context
            .home
            .as_ref()
            .ok_or_else(|| TokenError::NotKnownHere { value: value.to_owned(), token: "~".to_owned() })?
    } else {
        let unknown = || TokenError::UnknownUser { value: value.to_owned(), user: user.to_owned() };
        context.homes.get(user).ok_or_else(unknown)?
    };
    Ok(format!("{}{path}", home.trim_end_matches('/')))
}

fn token(letter: char, value: &str, context: &TokenContext) -> Result<String, TokenError> {
    let known = match letter {
        '%' => Some("%".to_owned()),
        'C' => context.connection_hash.clone(),
        'd' => context.home.clone(),
        'h' => context.host.clone(),
        'i' => context.local_uid.map(|number| number.to_string()),
        'j' => context.jump_host.clone(),
        'k' => context.host_key_alias.clone().or_else(|| context.original_host.clone()),
        'L' => context.local_host.as_ref().map(|name| name.split('.').next().unwrap_or_default().to_owned()),
        'l' => context.local_host.clone(),
        'n' => context.original_host.clone(),
        'p' => context.port.map(|port| port.to_string()),
        'r' => context.remote_user.clone(),
        'u' => context.local_user.clone(),
        _ => return Err(TokenError::UnknownToken { value: value.to_owned(), token: letter }),
    };
    known.ok_or_else(|| TokenError::NotKnownHere { value: value.to_owned(), token: format!("%{letter}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn context() -> TokenContext {
        TokenContext {
            home: Some("/home/ana".into()),
            homes: BTreeMap::from([("bob".into(), "/home/bob".into())]),
            local_user: Some("ana".into()),
            local_host: Some("box.example".into()),
            host: Some("203.0.113.7".into()),
            port: Some(64535),
            remote_user: Some("circleci".into()),
            environment: BTreeMap::from([("KEYS".into(), "/k".into())]),
            ..TokenContext::default()
        }
    }

    #[test]
    fn what_people_write() {
        for (value, expected) in [
            ("~/.ssh/id_rsa", "/home/ana/.ssh/id_rsa"),
            ("~", "/home/ana"),
            ("~bob/key", "/home/bob/key"),
            ("%d/.ssh/%r_%h", "/home/ana/.ssh/circleci_203.0.113.7"),
            ("${KEYS}/%u@%L:%p", "/k/ana@box:64535"),
            ("/a/100%%/$x", "/a/100%/$x"),
            ("/a/~/b", "/a/~/b"),
        ] {
            assert_eq!(expand(value, &context()).as_deref(), Ok(expected), "{value}");
        }
    }

    #[test]
    fn what_is_expanded_is_not_expanded_again() {
        let mut tricky = context();
        tricky.host = Some("%u${KEYS}".into());
        assert_eq!(expand("%h", &tricky).as_deref(), Ok("%u${KEYS}"));
    }

    #[test]
    fn faults_are_told_from_ignorance() {
        let value = |text: &str| text.to_owned();
        let cases = [
            ("/k/%q", TokenError::UnknownToken { value: value("/k/%q"), token: 'q' }),
            ("/k/%", TokenError::Unfinished { value: value("/k/%") }),
            ("/k/${X", TokenError::Unfinished { value: value("/k/${X") }),
            ("/k/${X}", TokenError::UnsetVariable { value: value("/k/${X}"), name: "X".into() }),
            ("~eve/k", TokenError::UnknownUser { value: value("~eve/k"), user: "eve".into() }),
            ("/k/%C", TokenError::NotKnownHere { value: value("/k/%C"), token: "%C".into() }),
        ];
        for (text, error) in cases {
            assert_eq!(expand(text, &context()), Err(error));
        }
    }

    proptest! {
        #[test]
        fn never_panics(value in "[~%${}a-zé/]{0,20}") {
            let _ = expand(&value, &context());
            let _ = expand(&value, &TokenContext::default());
        }
    }
}
