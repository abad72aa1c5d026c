//! Paths of the configuration with their `~`, `%` and `${}` replaced, for this machine and this target.
//!
//! `ssh -G` prints IdentityFile, CertificateFile and IdentityAgent as they are written. The rules are
//! [`crate::ssh::tokens`]'; here is what the tokens stand for. A token whose value is not known makes the path unknown,
//! never wrong.

use sha1::{Digest as _, Sha1};

use super::text;
use crate::{
    facts::{Config, Fact},
    ssh::tokens::{self, TokenContext},
    system::{Account, System},
};

/// What the tokens stand for on this machine and for this target.
#[derive(Clone)]
pub struct Tokens<'s> {
    system: &'s dyn System,
    context: TokenContext,
    /// Why the target's tokens are not known.
    config_unknown: Option<String>,
}

impl<'s> Tokens<'s> {
    /// The tokens for a configuration; without one, those that depend on the target are unknown.
    pub fn new(system: &'s dyn System, account: &Account, config: &Fact<Config>) -> Self {
        let home = account.home.as_deref().map(text::path);
        let own = account.name.clone().zip(home.clone());
        let mut context = TokenContext {
            home,
            homes: own.into_iter().collect(),
            local_user: account.name.clone(),
            local_uid: account.uid,
            local_host: system.host_name(),
            ..TokenContext::default()
        };
        let config_unknown = match config {
            Fact::Known(config) => {
                target_tokens(&mut context, config);
                config.hostname.known().is_none().then(|| "ssh did not print its configuration".to_owned())
            }
            Fact::Unknown(why) => Some(why.clone()),
        };
        Self { system, context, config_unknown }
    }

    /// A path with everything replaced.
    pub fn path(&self, written: &str) -> Fact<String> {
        let mut context = self.context.clone();
        for name in variables(written) {
            if let Some(value) = self.system.env(name) {
                context.environment.insert(name.to_owned(), value.to_string_lossy().into_owned());
            }
        }
        match (tokens::expand(written, &context), &self.config_unknown) {
            (Ok(path), _) => path.into(),
            (Err(tokens::TokenError::NotKnownHere { .. }), Some(why)) => Fact::Unknown(why.clone()),
            (Err(error), _) => Fact::unknown(text::clean(error.to_string())),
        }
    }
}

fn target_tokens(context: &mut TokenContext, config: &Config) {
    context.host = config.hostname.known().cloned();
    context.original_host = Some(config.asked_for.clone());
    context.host_key_alias = Some(config.host_key_alias.clone().unwrap_or_else(|| config.asked_for.clone()));
    context.port = config.port.known().copied();
    context.remote_user = config.user.known().cloned();
    context.jump_host = Some(config.proxy_jump.clone().unwrap_or_default());
    // With a jump host, its name is part of the hash since 9.6 and was not before.
    if config.proxy_jump.is_none()
        && let (Some(local), Some(host), Some(port), Some(user)) =
            (&context.local_host, &context.host, context.port, &context.remote_user)
    {
        let hash = Sha1::digest(format!("{local}{host}{port}{user}"));
        context.connection_hash = Some(hash.iter().map(|byte| format!("{byte:02x}")).collect());
    }
}

/// Names between `${` and `}`.
fn variables(written: &str) -> impl Iterator<Item = &str> {
    written.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{Platform, recorded::Recorded};

    fn config() -> Fact<Config> {
        Fact::Known(Config {
            asked_for: "box".into(),
            hostname: "box.example".to_owned().into(),
            port: 2222.into(),
            user: "ana".to_owned().into(),
            ..Config::default()
        })
    }

    fn expand(written: &str) -> Fact<String> {
        let machine = Recorded::new(Platform::Linux).user("me", "/home/me").variable("KEYS", "/keys");
        Tokens::new(&machine, &machine.account(), &config()).path(written)
    }

    #[test]
    fn every_token_that_can_be_known() {
        for (written, path) in [
            ("~/.ssh/id_rsa", "/home/me/.ssh/id_rsa"),
            ("~me/x", "/home/me/x"),
            ("%d/%u/%i", "/home/me/me/1000"),
            ("/k/%r@%h:%p-%n", "/k/ana@box.example:2222-box"),
            ("/k/%k/%j/%l/%L/100%%", "/k/box//recorded.example/recorded/100%"),
            ("${KEYS}/a$b", "/keys/a$b"),
            ("/plain", "/plain"),
        ] {
            assert_eq!(expand(written), Fact::Known(path.to_owned()), "{written}");
        }
    }

    #[test]
    fn what_is_not_known_is_said() {
        for written in ["~other/x", "${UNSET}/x", "/a/%q", "/a/%", "${KEYS"] {
            assert!(expand(written).known().is_none(), "{written}");
        }
        let machine = Recorded::new(Platform::Linux).user("me", "/home/me");
        let tokens = Tokens::new(&machine, &machine.account(), &Fact::unknown("ssh did not answer"));
        assert_eq!(tokens.path("~/%h"), Fact::unknown("ssh did not answer"));
        assert!(tokens.path("~/x").known().is_some());
    }
}
