//! The way through jump hosts, without the traces that ssh's own ProxyJump leaves.
//!
//! For ProxyJump ssh starts itself with the user's configuration (ssh.c `main`), and options of our command line do not
//! reach that process: it may ask, add a host key, or learn new ones by UpdateHostKeys. So a probe names the same command as
//! a ProxyCommand, with the options of [`Quiet`] in it. The jump host itself is still logged in to with the user's keys.

use std::{
    ffi::OsString,
    path::Path,
    time::{Duration, Instant},
};

use super::{config, quiet_ssh::Quiet};
use crate::{
    facts::{Config, Fact, Target, Version},
    system::{Account, System},
};

/// Jump hosts behind jump hosts that are followed; ssh itself finds a loop sooner (8.3 and later).
const DEPTH: usize = 4;
/// Since when ssh notices that it goes in a circle.
const NOTICES_LOOPS: Version = Version { major: 8, minor: 3 };

/// What the command depends on.
pub struct Jumps<'a> {
    /// The machine.
    pub system: &'a dyn System,
    /// The user.
    pub account: &'a Account,
    /// The ssh program.
    pub program: &'a Path,
    /// Its version.
    pub version: &'a Fact<Version>,
    /// The user's own `-F`.
    pub config_file: Option<&'a str>,
    /// When all this has to be over.
    pub deadline: Instant,
}

/// A way through jump hosts: what each of them is configured as, nearest to the target first.
#[derive(Debug, Clone, Default)]
pub struct Way {
    hops: Vec<Hop>,
}

#[derive(Debug, Clone)]
struct Hop {
    /// Words that name it: `-p`, a port, the destination.
    words: Vec<String>,
    config: Config,
}

/// Where ProxyJump leads.
#[derive(Debug)]
pub enum Found {
    /// Through these hosts.
    Way(Way),
    /// Nowhere, or ssh has to be left to sort it out (a configuration that it refuses).
    None,
    /// By way of this host to itself.
    Loop(String),
}

impl Jumps<'_> {
    /// Looks up the jump hosts of a configuration.
    pub fn look(&self, config: &Config) -> Found {
        match self.follow(config) {
            Some(Ok(way)) => Found::Way(way),
            Some(Err(host)) => Found::Loop(host),
            None => Found::None,
        }
    }

    /// Whether ssh would start itself again and again where jump hosts lead in a circle, until the machine is full.
    pub fn never_ends(&self) -> bool {
        self.version.known().is_some_and(|version| *version < NOTICES_LOOPS)
    }

    fn follow(&self, config: &Config) -> Option<Result<Way, String>> {
        let mut way = Way::default();
        let mut list = config.proxy_jump.clone()?;
        while list != "none" {
            let (before, last) = match list.rsplit_once(',') {
                Some((before, last)) => (Some(before.to_owned()), last),
                None => (None, list.as_str()),
            };
            let words = words(last)?;
            if way.hops.iter().any(|hop| hop.words == words) {
                return Some(Err(last.to_owned()));
            }
            if way.hops.len() >= DEPTH {
                return None;
            }
            let config = self.ask(&words)?;
            let own = config.proxy_jump.clone().filter(|_| config.proxy_command.is_none());
            way.hops.push(Hop { words, config });
            match before.or(own) {
                Some(next) => list = next,
                None => break,
            }
        }
        (!way.hops.is_empty()).then_some(Ok(way))
    }

    fn ask(&self, words: &[String]) -> Option<Config> {
        let file = self.config_file.into_iter().flat_map(|file| ["-F".to_owned(), file.to_owned()]);
        let target = Target { ssh_args: file.chain(words.iter().cloned()).collect(), ..Target::default() };
        let limit = self.deadline.saturating_duration_since(Instant::now());
        let asked = config::ask(self.system, Some(self.program), Some(&target), limit);
        let config = config::look(self.system, self.account, Some(&target), &asked).known().cloned()?;
        (config.errors.is_empty() && config.hostname.known().is_some()).then_some(config)
    }

    /// The command for `ProxyCommand`; with `verbose` the jump hosts' clients write their log beside ours.
    pub fn command(&self, way: &Way, known_hosts: &Path, verbose: bool) -> String {
        let limit = self.deadline.saturating_duration_since(Instant::now());
        way.hops.iter().rev().fold(String::new(), |behind, hop| {
            let mut command = vec![self.program.as_os_str().to_owned()];
            command.extend(self.config_file.into_iter().flat_map(|file| ["-F".into(), file.into()]));
            command.extend(self.quiet(hop, known_hosts, limit).into_iter().skip(usize::from(!verbose)));
            if !behind.is_empty() {
                command.extend(["-o".into(), format!("ProxyCommand={behind}").into()]);
            }
            command.extend(hop.words.iter().map(OsString::from));
            let quoted: Vec<String> = command.iter().map(|word| quote(&word.to_string_lossy())).collect();
            // ssh expands the command before a shell sees it, so a `%` in it has to stay one; `-W` first, since words
            // after the destination would be a command.
            let mut words = quoted.iter().map(|word| word.replace('%', "%%"));
            let program = words.next().unwrap_or_default();
            format!("{program} -W '[%h]:%p' {}", words.collect::<Vec<_>>().join(" "))
        })
    }

    fn quiet(&self, hop: &Hop, known_hosts: &Path, limit: Duration) -> Vec<OsString> {
        let quiet = Quiet {
            version: self.version,
            config: &hop.config,
            known_hosts,
            host_is_known: true,
            connect_timeout: limit,
            nobody_to_ask: false,
        };
        quiet.options_reusing_a_master()
    }
}

/// Quotes a word for the user's shell, which runs a ProxyCommand (ssh_config(5)).
pub(super) fn quote(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| "''".into(), std::borrow::Cow::into_owned)
}

/// `user@host:port` or `ssh://user@host:port` as ProxyJump writes it; an IPv6 address stands in brackets (ssh_config(5)).
fn words(hop: &str) -> Option<Vec<String>> {
    let bare = hop.strip_prefix("ssh://").unwrap_or(hop).trim_end_matches('/');
    let port = bare.rsplit_once(':').filter(|(host, port)| {
        let whole = !host.contains(':') || host.ends_with(']');
        whole && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    let (destination, port) = port.map_or((bare, None), |(host, port)| (host, Some(port)));
    let destination = destination.replace(['[', ']'], "");
    if destination.is_empty() || destination.starts_with('-') {
        return None;
    }
    let port = port.into_iter().flat_map(|port| ["-p".to_owned(), port.to_owned()]);
    Some(port.chain([destination]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_as_proxy_jump_writes_them() {
        let of = |hop: &str| words(hop).map(|words| words.join(" "));
        assert_eq!(of("bastion").as_deref(), Some("bastion"));
        assert_eq!(of("ana@bastion:2222").as_deref(), Some("-p 2222 ana@bastion"));
        assert_eq!(of("ssh://ana@bastion:2222/").as_deref(), Some("-p 2222 ana@bastion"));
        assert_eq!(of("[2001:db8::1]:2222").as_deref(), Some("-p 2222 2001:db8::1"));
        assert_eq!(of("2001:db8::1").as_deref(), Some("2001:db8::1"));
        assert_eq!(of("-oProxyCommand=reboot"), None);
    }

    #[test]
    fn words_survive_two_shells() {
        let command = quote("/opt/my ssh");
        let nested = format!("ProxyCommand={command} -W '[%h]:%p' x");
        let twice = shlex::split(&quote(&nested)).expect("one word");
        assert_eq!(twice, std::slice::from_ref(&nested));
        assert_eq!(shlex::split(&twice[0]).expect("words")[0], "ProxyCommand=/opt/my ssh");
    }
}
