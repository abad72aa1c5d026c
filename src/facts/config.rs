//! The configuration in force for the target: what `ssh -v -G` says, and where its lines stand.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Seen};

/// A command that ssh waited for in vain.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HungCommand {
    /// The command, as `Match exec` has it, tokens replaced.
    pub command: String,
    /// ssh's words when it started it.
    pub seen: Seen,
}

/// A line for this very host that ssh did not take, since an earlier line gave the option a value for more hosts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OverruledLine {
    /// The option in lower case.
    pub option: String,
    /// What the line says.
    pub value: String,
    /// The line.
    pub seen: Seen,
    /// The earlier line, whose value counts (ssh_config(5): the first obtained value is used).
    pub by: Seen,
}

/// An IdentityFile line in a block for other hosts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeyForOthers {
    /// The file it names, tokens replaced.
    pub path: String,
    /// The line.
    pub seen: Seen,
    /// The `Host` or `Match` line above it.
    pub block: Seen,
}

/// An Include in a block that does not fit this host, with lines that would fit it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeadInclude {
    /// The included file.
    pub file: String,
    /// The Include line.
    pub seen: Seen,
    /// The `Host` or `Match` line above it.
    pub block: Seen,
    /// Key files that its lines for this host name, tokens replaced.
    pub keys: Vec<String>,
    /// It has a `Host` line with exactly this host's name.
    pub names_host: bool,
    /// Where a copy of the file with the Include line can lie.
    pub backup: String,
}

/// What ssh would do, by its own account (ssh(1), -G).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The destination that ssh was asked about: the target's host, or `ssh.circleci.com` when there is no target.
    pub asked_for: String,
    /// Configuration files read, in order.
    pub files: Vec<String>,
    /// Lines that ssh refuses; with one of them it never connects.
    pub errors: Vec<ConfigError>,
    /// Commands of `Match exec` that ssh ran to decide.
    pub executed: Vec<String>,
    /// A command of `Match exec` that had not ended when ssh's time to tell its configuration was up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hung_command: Option<HungCommand>,
    /// HostName, after rewriting and canonicalisation.
    pub hostname: Fact<String>,
    /// HostName differs from what was asked for.
    pub hostname_rewritten: Fact<bool>,
    /// Port.
    pub port: Fact<u16>,
    /// User.
    pub user: Fact<String>,
    /// IdentityFile as configured, tokens unexpanded, in order; ssh's built-in names included.
    pub identity_files: Fact<Vec<String>>,
    /// IdentityFile lines of the user's or system's files, or `-i`: at least one exists, so the default names are off.
    pub identity_files_configured: Fact<bool>,
    /// CertificateFile as configured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificate_files: Vec<String>,
    /// IdentitiesOnly.
    pub identities_only: Fact<bool>,
    /// IdentityAgent, when it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_agent: Option<String>,
    /// PubkeyAuthentication; OpenSSH's words: `true`, `no`, `unbound`, `host-bound` become a yes or no.
    pub pubkey_authentication: Fact<bool>,
    /// PreferredAuthentications leaves out `publickey`.
    pub publickey_not_preferred: Fact<bool>,
    /// PubkeyAcceptedAlgorithms (PubkeyAcceptedKeyTypes before 8.5).
    pub pubkey_algorithms: Fact<Vec<String>>,
    /// HostKeyAlgorithms.
    pub host_key_algorithms: Fact<Vec<String>>,
    /// KexAlgorithms.
    pub kex_algorithms: Fact<Vec<String>>,
    /// Ciphers.
    pub ciphers: Fact<Vec<String>>,
    /// MACs.
    pub macs: Fact<Vec<String>>,
    /// RequiredRSASize in bits (since 9.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_rsa_size: Option<u32>,
    /// StrictHostKeyChecking: `ask`, `yes`, `no`, `accept-new`.
    pub strict_host_key_checking: Fact<String>,
    /// UserKnownHostsFile, expanded.
    pub user_known_hosts: Fact<Vec<String>>,
    /// GlobalKnownHostsFile.
    pub global_known_hosts: Fact<Vec<String>>,
    /// HostKeyAlias, when it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_key_alias: Option<String>,
    /// BatchMode: ssh asks for nothing.
    pub batch_mode: Fact<bool>,
    /// ProxyCommand, when it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_command: Option<String>,
    /// ProxyJump, when it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_jump: Option<String>,
    /// The jump host to which the way leads by way of itself, where this ssh does not notice that it goes in a circle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_jump_loop: Option<String>,
    /// The connection goes through a proxy command or a jump host.
    pub proxied: Fact<bool>,
    /// RemoteCommand, when it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_command: Option<String>,
    /// The first word of RemoteCommand: the program it asks for (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_program: Option<String>,
    /// A job of the direct form runs RemoteCommand without a shell, and its program is none that jobs have (inferred).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub remote_command_fails: bool,
    /// RequestTTY.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_tty: Option<String>,
    /// SessionType, when it is not `default`: `none`, `subsystem` (since 8.7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_type: Option<String>,
    /// StdinNull: the session's input is empty (since 8.7).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stdin_null: bool,
    /// ForkAfterAuthentication: ssh goes to the background after the login (since 8.7).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forks: bool,
    /// LocalForward, RemoteForward or DynamicForward is set.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forwards: bool,
    /// ControlPath, expanded, when it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_path: Option<String>,
    /// Why no socket can be made at ControlPath: `too-long` (inferred), `no-folder`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_path_fault: Option<String>,
    /// The folder of ControlPath, when there is none of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_path_folder: Option<String>,
    /// ControlMaster, when it is not `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_master: Option<String>,
    /// A socket stands at ControlPath, so ssh would try to go through it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub control_socket_exists: bool,
    /// The process behind that socket took a connection and said nothing, not even the greeting that ssh waits for
    /// (PROTOCOL.mux section 2): ssh would wait for it for ever.
    pub control_master_silent: bool,
    /// That process greeted: ssh would go through its connection, which was let in before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub control_master_live: bool,
    /// AddressFamily, when it is not `any`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_family: Option<String>,
    /// BindAddress or BindInterface, when it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind_address: Option<String>,
    /// PKCS11Provider, when it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pkcs11_provider: Option<String>,
    /// SecurityKeyProvider, when ssh has one: without it, it passes over security keys in files. A `$NAME` is looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_key_provider: Option<String>,
    /// LogLevel as a configuration file has it, in lower case; `-v` takes its place in what is asked here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_level: Option<String>,
    /// The system-wide crypto policy of Fedora and RHEL, when it was among the files read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crypto_policy: Option<String>,
    /// Where options stand that matter, by option name in lower case: the line whose value ssh took.
    pub from: BTreeMap<String, Seen>,
    /// Options of the command line, port and user included, by name in lower case; they win over every file.
    pub typed: BTreeMap<String, Seen>,
    /// Lines for this very host that an earlier, wider line overrules: User, Port, HostName and the proxies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overruled: Vec<OverruledLine>,
    /// IdentityFile lines in blocks for other hosts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys_for_others: Vec<KeyForOthers>,
    /// Includes in blocks that do not fit this host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dead_includes: Vec<DeadInclude>,
}

impl Config {
    /// Whether a CertificateFile counts for this host: then ssh does not look for certificates beside its keys
    /// (ssh_config(5), CertificateFile). An ssh that does not print it has it in a line all the same.
    pub fn names_certificates(&self) -> bool {
        let written = |lines: &BTreeMap<String, Seen>| lines.contains_key("certificatefile");
        !self.certificate_files.is_empty() || written(&self.from) || written(&self.typed)
    }
}

/// A line that ssh refuses.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConfigError {
    /// The file, or `command-line`.
    pub file: String,
    /// Line, from 1; not for faults of the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The option's name in lower case, where the message has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    /// `bad-option`, `bad-value`, `bad-permissions`, `bad-algorithm`, `bad-match`, `bad-user` (of the command line), `encoding` (inferred), `canonical-name` (no name
    /// was left after canonicalisation), `stopped` (ssh ended
    /// in words that name no line), `other`.
    pub kind: String,
    /// For `bad-value` and `bad-algorithm`: the value, where the message has it (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The nearest value, or for `bad-option` the nearest name, that ssh takes (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meant: Option<String>,
    /// The file is the user's own (inferred).
    pub of_user: bool,
    /// The file is the system's, for every user (inferred).
    pub of_system: bool,
    /// For `encoding`: `byte-order-mark` or `utf-16` (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// For `bad-option`: a later OpenSSH than this one knows the name.
    pub newer_option: bool,
    /// For `bad-option`: the first OpenSSH that knows the name: `8.5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// For `bad-option`: the older name of the same option that this client does know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub older_name: Option<String>,
    /// For `bad-option`: the name is one of Apple's own.
    pub apple_option: bool,
    /// For `bad-permissions`: the file belongs neither to this user nor to root, so that changing its mode is not enough.
    pub foreign_owner: bool,
    /// Where a copy of the file can lie: beside it, under a hidden name, which no pattern of an Include line fits
    /// (glob(7)); for files (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
    /// ssh's own line.
    pub seen: Seen,
}
