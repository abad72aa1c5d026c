//! The options that keep a probing ssh harmless, whatever the configuration says.
//!
//! A probe may not ask anything, open a session, reuse or leave a master connection, run a local command, forward
//! anything, change an agent or write to known_hosts. Options given first win (ssh_config(5)), so these come before the
//! user's own.

use std::{
    ffi::{OsStr, OsString},
    io::ErrorKind::NotFound,
    path::Path,
    time::Duration,
};

use crate::{
    facts::{Config, Fact, Version},
    system::{Account, System},
};

/// Since when ssh knows `accept-new`.
pub(super) const ACCEPT_NEW: Version = Version { major: 7, minor: 6 };
/// Since when ssh can be told in the configuration to go to the background.
const FORK_OPTION: Version = Version { major: 8, minor: 7 };
/// Since when the log can be asked for more of some lines, all of which then begin in another way.
const LOG_VERBOSE: Version = Version { major: 8, minor: 5 };
/// Since when a known_hosts file's name may have tokens in it.
const KNOWN_HOSTS_TOKENS: Version = Version { major: 8, minor: 4 };
/// Since when a configuration may name a remote command.
const REMOTE_COMMAND: Version = Version { major: 7, minor: 6 };

/// Since when SSH_ASKPASS_REQUIRE keeps ssh from asking on the terminal.
const ASKPASS_REQUIRE: Version = Version { major: 8, minor: 4 };

/// The environment in which ssh can ask nobody: BatchMode does not keep it from showing on a screen that a security key
/// waits, or from asking for that key's PIN (sshconnect2.c `identity_sign`). What ssh asks then gets no answer, which no
/// token counts as a wrong PIN.
///
/// A proxy program of the user's own may have to ask, and inherits all this, so its ssh is left as it is.
pub(super) fn environment(config: &Config, jumps: bool) -> Vec<(&'static str, Option<OsString>)> {
    let mut all = vec![("LC_ALL", Some("C".into()))];
    if jumps || config.proxied.is(&false) {
        all.push(("SSH_ASKPASS", Some(OsStr::new("").to_owned())));
        all.push(("SSH_ASKPASS_REQUIRE", Some("force".into())));
    }
    all
}

/// Since when ssh makes no `~/.ssh` unless it has something to put there.
const NO_FOLDER: Version = Version { major: 8, minor: 4 };

/// The file for `-F` that keeps an old ssh from making a `~/.ssh` where there is none: the one that it reads anyway. A
/// configuration that was named is enough for it to leave the home alone.
pub fn file_instead_of_a_folder(
    system: &dyn System,
    account: &Account,
    version: &Fact<Version>,
    config: &Config,
) -> Option<String> {
    let makes_it = version.known().is_some_and(|version| *version < NO_FOLDER);
    let folder = account.home.as_ref()?.join(".ssh");
    let missing = matches!(system.metadata(&folder), Err(error) if error.kind() == NotFound);
    (makes_it && missing).then(|| config.files.first().cloned().unwrap_or_else(|| "none".to_owned()))
}

/// A known_hosts file's name as an option's value has it; ssh looks for tokens in it.
pub(super) fn known_hosts_word(file: &str, version: &Fact<Version>) -> String {
    let tokens = version.known().is_none_or(|version| *version >= KNOWN_HOSTS_TOKENS);
    format!("\"{}\"", if tokens { file.replace('%', "%%") } else { file.to_owned() })
}

/// What the options depend on.
pub(super) struct Quiet<'a> {
    /// The client's version.
    pub(super) version: &'a Fact<Version>,
    /// The effective configuration.
    pub(super) config: &'a Config,
    /// A file of ours: ssh adds new host keys to it, instead of the user's.
    pub(super) known_hosts: &'a Path,
    /// The user's known_hosts has an entry for this host.
    pub(super) host_is_known: bool,
    /// How long connecting and greeting may take.
    pub(super) connect_timeout: Duration,
    /// The environment is [`environment`]'s, so that nobody can be asked whatever the options say.
    pub(super) nobody_to_ask: bool,
}

impl Quiet<'_> {
    /// The words after `ssh`.
    pub(super) fn options(&self) -> Vec<OsString> {
        let mut words = self.options_reusing_a_master();
        words.extend(["-N", "-T", "-o", "ControlPath=none"].map(OsString::from));
        words
    }

    /// The same for a command in a session, without a terminal and without a log: no master connection is used.
    pub(super) fn options_of_a_session(&self) -> Vec<OsString> {
        let mut words = self.options_reusing_a_master();
        words.retain(|word| word != "-v");
        words.extend(["-T", "-o", "ControlPath=none"].map(OsString::from));
        if self.at_least(FORK_OPTION) {
            // Both of them may be switched off in the configuration.
            words.extend(["-o", "SessionType=default", "-o", "StdinNull=yes"].map(OsString::from));
        }
        words
    }

    /// The same for a jump host, whose master connection may be used, though none is left behind.
    pub(super) fn options_reusing_a_master(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["-v".into()];
        let mut set = |option: &str, value: &str| {
            words.push("-o".into());
            words.push(format!("{option}={value}").into());
        };
        set("BatchMode", if self.shows_token_keys() { "no" } else { "yes" });
        set("ConnectionAttempts", "1");
        set("ConnectTimeout", &self.connect_timeout.as_secs().max(1).to_string());
        set("ControlMaster", "no");
        set("PermitLocalCommand", "no");
        set("ClearAllForwardings", "yes");
        set("ForwardAgent", "no");
        set("ForwardX11", "no");
        set("Tunnel", "no");
        set("UpdateHostKeys", "no");
        set("AddKeysToAgent", "no");
        set("NumberOfPasswordPrompts", "0");
        if self.at_least(REMOTE_COMMAND) {
            set("RemoteCommand", "none");
        }
        if self.at_least(LOG_VERBOSE) {
            set("LogVerbose", "none");
        }
        if self.at_least(FORK_OPTION) {
            set("ForkAfterAuthentication", "no");
        }
        set("UserKnownHostsFile", &self.known_hosts_files());
        if let Some(policy) = self.host_key_policy() {
            set("StrictHostKeyChecking", policy);
        }
        words
    }

    /// BatchMode hides the keys of a token that has a PIN, although their public halves need none (ssh-pkcs11.c
    /// `pkcs11_open_session`). It may go where everything that it forbids is forbidden otherwise.
    fn shows_token_keys(&self) -> bool {
        self.nobody_to_ask
            && self.config.pkcs11_provider.is_some()
            && !self.config.batch_mode.is(&true)
            && self.version.known().is_some_and(|known| *known >= ASKPASS_REQUIRE)
    }

    /// An old ssh that is not to ask goes on whatever the host's key is, where a person would be shown a warning and
    /// nothing else.
    pub(super) fn takes_any_host_key(&self) -> bool {
        self.host_key_policy() == Some("no")
    }

    fn at_least(&self, version: Version) -> bool {
        self.version.known().is_none_or(|known| *known >= version)
    }

    /// Ours first, since ssh writes to the first and reads them all.
    fn known_hosts_files(&self) -> String {
        let ours = self.known_hosts.display().to_string();
        let users = self.config.user_known_hosts.known().cloned().unwrap_or_default();
        let files = std::iter::once(ours).chain(users.into_iter().filter(|file| file != "none" && file != "/dev/null"));
        // ssh told the names with their tokens replaced.
        files.map(|file| known_hosts_word(&file, self.version)).collect::<Vec<_>>().join(" ")
    }

    /// Where a person would be asked about a new host, the probe goes on without being asked; every other policy is
    /// the user's. A changed key still ends the attempt, and so does a new one where BatchMode forbids the question.
    fn host_key_policy(&self) -> Option<&'static str> {
        if self.config.batch_mode.is(&true) {
            return None;
        }
        match self.config.strict_host_key_checking.known().map(String::as_str) {
            Some("ask") | None if self.at_least(ACCEPT_NEW) => Some("accept-new"),
            Some("ask") | None if self.host_is_known => Some("yes"),
            Some("ask") | None => Some("no"),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(version: Version, strict: &str, host_is_known: bool) -> String {
        let config = Config {
            strict_host_key_checking: strict.to_owned().into(),
            user_known_hosts: vec!["/home/ana/my hosts".to_owned()].into(),
            ..Config::default()
        };
        let quiet = Quiet {
            version: &version.into(),
            config: &config,
            known_hosts: Path::new("/tmp/s/known_hosts"),
            host_is_known,
            connect_timeout: Duration::from_secs(8),
            nobody_to_ask: true,
        };
        quiet.options().iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_new_host_is_written_to_our_file_only() {
        let words = words(Version { major: 9, minor: 2 }, "ask", false);
        assert!(words.contains(r#"UserKnownHostsFile="/tmp/s/known_hosts" "/home/ana/my hosts""#), "{words}");
        assert!(words.contains("StrictHostKeyChecking=accept-new"), "{words}");
    }

    #[test]
    fn a_strict_user_stays_strict() {
        assert!(!words(Version { major: 9, minor: 2 }, "yes", false).contains("StrictHostKeyChecking"));
    }

    #[test]
    fn where_nobody_may_be_asked_a_new_host_is_the_end() {
        let config = Config { batch_mode: true.into(), ..Config::default() };
        let quiet = Quiet {
            version: &Version { major: 9, minor: 2 }.into(),
            config: &config,
            known_hosts: Path::new("/tmp/s/known_hosts"),
            host_is_known: false,
            connect_timeout: Duration::from_secs(8),
            nobody_to_ask: true,
        };
        assert_eq!(quiet.host_key_policy(), None);
    }

    #[test]
    fn an_old_client_gets_no_option_it_does_not_know() {
        let words = words(Version { major: 7, minor: 4 }, "ask", true);
        assert!(!words.contains("accept-new") && !words.contains("ForkAfter") && !words.contains("RemoteCommand"));
        assert!(words.contains("StrictHostKeyChecking=yes"), "{words}");
        assert!(!words.contains("LogVerbose"), "{words}");
    }

    #[test]
    fn a_percent_sign_in_a_file_name_stays_one() {
        let config = Config { user_known_hosts: vec!["/home/ana/100%".to_owned()].into(), ..Config::default() };
        let files = |minor| {
            let version = Version { major: 8, minor }.into();
            let known_hosts = Path::new("/tmp/s/known_hosts");
            let connect_timeout = Duration::from_secs(8);
            Quiet {
                version: &version,
                config: &config,
                known_hosts,
                host_is_known: false,
                connect_timeout,
                nobody_to_ask: true,
            }
            .known_hosts_files()
        };
        assert!(files(4).ends_with(r#" "/home/ana/100%%""#), "{}", files(4));
        assert!(files(3).ends_with(r#" "/home/ana/100%""#), "{}", files(3));
    }

    #[test]
    fn a_token_shows_its_keys_where_its_pin_cannot_be_asked_for() {
        let provider = || Config { pkcs11_provider: Some("/usr/lib/opensc.so".into()), ..Config::default() };
        let batch = |config: Config, minor, nobody_to_ask| {
            let quiet = Quiet {
                version: &Version { major: 8, minor }.into(),
                config: &config,
                known_hosts: Path::new("/tmp/s/known_hosts"),
                host_is_known: true,
                connect_timeout: Duration::from_secs(8),
                nobody_to_ask,
            };
            quiet.options().contains(&"BatchMode=yes".into())
        };
        assert!(!batch(provider(), 4, true));
        assert!(batch(provider(), 3, true), "it would ask on the terminal");
        assert!(batch(provider(), 4, false));
        assert!(batch(Config { batch_mode: true.into(), ..provider() }, 4, true), "the user's own word");
        assert!(batch(Config::default(), 4, true));
    }

    #[test]
    fn a_proxy_program_of_the_users_may_ask() {
        let named = |proxied: bool, jumps| {
            let config = Config { proxied: proxied.into(), ..Config::default() };
            environment(&config, jumps).iter().any(|(name, _)| *name == "SSH_ASKPASS_REQUIRE")
        };
        assert!(named(false, false) && named(true, true) && !named(true, false));
    }
}
