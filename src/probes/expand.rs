//! Paths of the configuration with their `~`, `%` and `${}` replaced (ssh_config(5), TOKENS and ENVIRONMENT VARIABLES).
//!
//! `ssh -G` prints IdentityFile, CertificateFile and IdentityAgent as they are written; before OpenSSH 8 also the others.
//! A token whose value is not known here makes the path unknown, never wrong.

use std::path::Path;

use sha1::{Digest as _, Sha1};

use super::text;
use crate::{
    facts::{Config, Fact},
    system::{Account, System},
};

/// What the tokens stand for on this machine and for this target.
#[derive(Clone)]
pub struct Tokens<'s> {
    system: &'s dyn System,
    home: Fact<String>,
    user: Fact<String>,
    uid: Option<u32>,
    local_host: Option<String>,
    original: String,
    host: Fact<String>,
    port: Fact<String>,
    remote_user: Fact<String>,
    alias: Option<String>,
    jump: Option<String>,
}

impl<'s> Tokens<'s> {
    /// The tokens for a configuration; without one, those that depend on the target are unknown.
    pub fn new(system: &'s dyn System, account: &Account, config: &Fact<Config>) -> Self {
        let part = |pick: fn(&Config) -> Fact<String>| match config {
            Fact::Known(config) => pick(config),
            Fact::Unknown(why) => Fact::unknown(why.clone()),
        };
        let known = config.known();
        Self {
            system,
            home: match &account.home {
                Some(home) => text::path(home).into(),
                None => Fact::unknown("the password database has no home"),
            },
            user: super::machine::name(account),
            uid: account.uid,
            local_host: system.host_name(),
            original: known.map(|config| config.asked_for.clone()).unwrap_or_default(),
            host: part(|config| config.hostname.clone()),
            port: part(|config| config.port.map(u16::to_string)),
            remote_user: part(|config| config.user.clone()),
            alias: known.and_then(|config| config.host_key_alias.clone()),
            jump: known.and_then(|config| config.proxy_jump.clone()),
        }
    }

    /// A path with everything replaced.
    pub fn path(&self, written: &str) -> Fact<String> {
        let tilded = match self.tilde(written) {
            Fact::Known(tilded) => tilded,
            unknown => return unknown,
        };
        let mut out = String::with_capacity(tilded.len());
        let mut rest = tilded.as_str();
        while let Some(at) = rest.find(['%', '$']) {
            out.push_str(&rest[..at]);
            let (replaced, after) = match self.one(&rest[at..]) {
                Ok(found) => found,
                Err(why) => return Fact::Unknown(why),
            };
            out.push_str(&replaced);
            rest = after;
        }
        out.push_str(rest);
        out.into()
    }

    /// `~/` is the password database's home, whatever `$HOME` says.
    fn tilde(&self, written: &str) -> Fact<String> {
        let Some(rest) = written.strip_prefix('~') else { return written.to_owned().into() };
        if rest.is_empty() || rest.starts_with(['/', '\\']) {
            return self.home.map(|home| format!("{}{rest}", home.trim_end_matches('/')));
        }
        let user = rest.split('/').next().unwrap_or_default();
        if self.user.known().is_some_and(|own| own == user) {
            return self.home.map(|home| format!("{home}{}", &rest[user.len()..]));
        }
        Fact::unknown(format!("the home of the user {} was not looked up", text::clean(user)))
    }

    /// Replaces what stands at the start of `rest`, a token or a lone sign.
    fn one<'t>(&self, rest: &'t str) -> Result<(String, &'t str), String> {
        if let Some(variable) = rest.strip_prefix("${") {
            let (name, after) = variable.split_once('}').ok_or("a `${` has no end")?;
            let value = self.system.env(name).ok_or_else(|| format!("${{{}}} is not set", text::clean(name)))?;
            return Ok((value.to_string_lossy().into_owned(), after));
        }
        if let Some(after) = rest.strip_prefix('$') {
            return Ok(("$".into(), after));
        }
        let mut letters = rest[1..].chars();
        let token = letters.next().ok_or("a `%` has no letter after it")?;
        Ok((self.token(token)?, letters.as_str()))
    }

    fn token(&self, token: char) -> Result<String, String> {
        let known = |fact: &Fact<String>| match fact {
            Fact::Known(value) => Ok(value.clone()),
            Fact::Unknown(why) => Err(why.clone()),
        };
        match token {
            '%' => Ok("%".into()),
            'd' => known(&self.home),
            'u' => known(&self.user),
            'i' => self.uid.map(|uid| uid.to_string()).ok_or_else(|| "there are no user ids here".into()),
            'l' => self.local_host(),
            'L' => Ok(self.local_host()?.split('.').next().unwrap_or_default().to_owned()),
            'n' => Ok(self.original.clone()),
            'h' => known(&self.host),
            'p' => known(&self.port),
            'r' => known(&self.remote_user),
            'k' => Ok(self.alias.clone().unwrap_or_else(|| self.original.clone())),
            'j' => Ok(self.jump.clone().unwrap_or_default()),
            // With a jump host, its name is part of the hash since 9.6 and not before.
            'C' if self.jump.is_some() => Err("%C means different things to different OpenSSH versions here".into()),
            'C' => {
                let parts = [self.local_host()?, known(&self.host)?, known(&self.port)?, known(&self.remote_user)?];
                let hash = Sha1::digest(parts.concat());
                Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
            }
            other => Err(format!("the token %{other} is not known here")),
        }
    }

    fn local_host(&self) -> Result<String, String> {
        self.local_host.clone().ok_or_else(|| "this machine's name is not known".into())
    }

    /// The home, which ssh takes from the password database.
    pub fn home(&self) -> Option<&Path> {
        self.home.known().map(Path::new)
    }
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
            ("~", "/home/me"),
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
