//! The history of option names (ssh_config(5), OpenSSH's release notes): since when a name is known, and what it was called
//! before. For one who reads `Bad configuration option`.
//!
//! To add an option: a line in [`NAMES`], in lower case, with the first release that takes it, and in [`SPELLED`] where people
//! write it.

use super::version::Version;

/// An option that did not always exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// The name in lower case.
    pub name: &'static str,
    /// The first OpenSSH that knows it.
    pub since: Version,
    /// What the same option was called before, and is still called for those who know only that.
    pub older: Option<&'static str>,
}

const fn new(name: &'static str, major: u32, minor: u32) -> Name {
    Name { name, since: Version::new(major, minor), older: None }
}

const fn renamed(name: &'static str, major: u32, minor: u32, older: &'static str) -> Name {
    Name { name, since: Version::new(major, minor), older: Some(older) }
}

/// Options that people write (ssh_config(5)), as the manual spells them.
pub const SPELLED: [&str; 62] = [
    "AddKeysToAgent",
    "AddressFamily",
    "BatchMode",
    "BindAddress",
    "BindInterface",
    "CanonicalDomains",
    "CanonicalizeHostname",
    "CertificateFile",
    "CheckHostIP",
    "Ciphers",
    "Compression",
    "ConnectionAttempts",
    "ConnectTimeout",
    "ControlMaster",
    "ControlPath",
    "ControlPersist",
    "DynamicForward",
    "EscapeChar",
    "ExitOnForwardFailure",
    "ForwardAgent",
    "ForwardX11",
    "ForwardX11Trusted",
    "GatewayPorts",
    "GlobalKnownHostsFile",
    "GSSAPIAuthentication",
    "HashKnownHosts",
    "Host",
    "HostKeyAlgorithms",
    "HostKeyAlias",
    "HostName",
    "IdentitiesOnly",
    "IdentityAgent",
    "IdentityFile",
    "IgnoreUnknown",
    "Include",
    "IPQoS",
    "KexAlgorithms",
    "LocalForward",
    "LogLevel",
    "MACs",
    "Match",
    "NumberOfPasswordPrompts",
    "PasswordAuthentication",
    "PKCS11Provider",
    "Port",
    "PreferredAuthentications",
    "ProxyCommand",
    "ProxyJump",
    "PubkeyAcceptedAlgorithms",
    "PubkeyAuthentication",
    "RemoteCommand",
    "RemoteForward",
    "RequestTTY",
    "RequiredRSASize",
    "SendEnv",
    "ServerAliveCountMax",
    "ServerAliveInterval",
    "SetEnv",
    "StrictHostKeyChecking",
    "TCPKeepAlive",
    "User",
    "UserKnownHostsFile",
];

/// Options newer than OpenSSH 6.2.
pub const NAMES: [Name; 49] = [
    new("ignoreunknown", 6, 3),
    new("canonicaldomains", 6, 5),
    new("canonicalizefallbacklocal", 6, 5),
    new("canonicalizehostname", 6, 5),
    new("canonicalizemaxdots", 6, 5),
    new("canonicalizepermittedcnames", 6, 5),
    new("match", 6, 5),
    new("proxyusefdpass", 6, 5),
    new("streamlocalbindmask", 6, 7),
    new("streamlocalbindunlink", 6, 7),
    new("fingerprinthash", 6, 8),
    new("hostbasedkeytypes", 6, 8),
    new("revokedhostkeys", 6, 8),
    new("updatehostkeys", 6, 8),
    new("pubkeyacceptedkeytypes", 7, 0),
    new("addkeystoagent", 7, 2),
    new("certificatefile", 7, 2),
    new("identityagent", 7, 3),
    new("include", 7, 3),
    new("proxyjump", 7, 3),
    new("syslogfacility", 7, 5),
    new("remotecommand", 7, 6),
    new("bindinterface", 7, 7),
    new("setenv", 7, 8),
    new("casignaturealgorithms", 7, 9),
    new("securitykeyprovider", 8, 2),
    new("knownhostscommand", 8, 5),
    new("logverbose", 8, 5),
    new("permitremoteopen", 8, 5),
    renamed("hostbasedacceptedalgorithms", 8, 5, "hostbasedkeytypes"),
    renamed("pubkeyacceptedalgorithms", 8, 5, "pubkeyacceptedkeytypes"),
    new("forkafterauthentication", 8, 7),
    new("sessiontype", 8, 7),
    new("stdinnull", 8, 7),
    new("requiredrsasize", 9, 1),
    new("enableescapecommandline", 9, 2),
    new("tag", 9, 4),
    new("obscurekeystroketiming", 9, 5),
    new("channeltimeout", 9, 6),
    new("versionaddendum", 10, 0),
    new("refuseconnection", 10, 1),
    new("warnweakcrypto", 10, 1),
    // Older than this table's reach; listed for the names they replaced.
    renamed("kbdinteractiveauthentication", 3, 0, "challengeresponseauthentication"),
    new("challengeresponseauthentication", 2, 3),
    new("controlpersist", 5, 6),
    new("kexalgorithms", 5, 7),
    new("ipqos", 5, 7),
    new("pkcs11provider", 5, 4),
    new("requesttty", 5, 9),
];

/// What is known about a name, whatever its letter case.
pub fn find(name: &str) -> Option<Name> {
    NAMES.into_iter().find(|option| option.name.eq_ignore_ascii_case(name))
}

/// Whether only Apple's own ssh knows the name (apple-oss-distributions/OpenSSH, readconf.c).
pub fn is_apples(name: &str) -> bool {
    ["usekeychain", "keychainintegration", "askpassgui"].iter().any(|apple| apple.eq_ignore_ascii_case(name))
}

/// The older name of an option that a client of this version does know, where the name given is too new for it.
pub fn older_name(name: &str, client: Version) -> Option<&'static str> {
    let option = find(name).filter(|option| option.since > client)?;
    option.older.filter(|older| find(older).is_none_or(|older| older.since <= client))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lower_case() {
        for (index, option) in NAMES.iter().enumerate() {
            assert_eq!(option.name, option.name.to_ascii_lowercase());
            assert!(NAMES[..index].iter().all(|other| other.name != option.name), "{}", option.name);
            assert!(option.older.is_none_or(|older| find(older).is_none_or(|older| older.since <= option.since)));
        }
    }

    #[test]
    fn a_client_is_told_the_name_it_knows() {
        assert_eq!(older_name("PubkeyAcceptedAlgorithms", Version::new(8, 4)), Some("pubkeyacceptedkeytypes"));
        assert_eq!(older_name("PubkeyAcceptedAlgorithms", Version::new(8, 5)), None);
        assert_eq!(older_name("PubkeyAcceptedAlgorithms", Version::new(6, 9)), None);
        assert_eq!(older_name("Tag", Version::new(8, 5)), None);
        assert!(is_apples("UseKeychain") && !is_apples("AddKeysToAgent"));
    }
}
