//! Private keys, public keys and certificates on disk.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Seen};

/// The folder ssh keeps its files in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeyFolder {
    /// `~/.ssh` of the password database's home.
    pub path: String,
    /// It exists.
    pub exists: bool,
    /// It is a symbolic link.
    pub symlink: bool,
    /// Mode in octal, `0700`; not on Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Others than the owner may write to it.
    pub writable_by_others: bool,
    /// It belongs to this user.
    pub owned: Fact<bool>,
    /// Files in it; more than the doctor reads are counted, not examined.
    pub files: usize,
    /// Files that were not examined because there were too many.
    pub not_examined: usize,
    /// Folders below it that were not entered, because there were too many or they lie too deep.
    pub folders_not_entered: usize,
    /// User certificates in it that ssh does not find by itself: not `KEY-cert.pub` of the key they certify, and no
    /// CertificateFile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<Certificate>,
}

/// Why ssh knows of a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyOrigin {
    /// One of ssh's built-in names.
    Default,
    /// An IdentityFile of the configuration.
    Configured,
    /// `-i` on the command line.
    CommandLine,
    /// Seen in the folder; ssh does not look at it.
    #[default]
    Found,
}

/// One private key file, or the place where one is expected.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Key {
    /// Absolute path; a relative one of the command line or the configuration as it stands there.
    pub path: String,
    /// How ssh comes to it.
    pub origin: KeyOrigin,
    /// ssh would look at this file for this target (inferred).
    pub tried: bool,
    /// The file exists.
    pub exists: bool,
    /// `-i` names it and it does not exist: ssh passes over it before it looks for anything beside it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub passed_over: bool,
    /// This user can read it.
    pub readable: Fact<bool>,
    /// Mode in octal, `0600`; not on Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// ssh ignores the file for its mode: the user owns it and others have any right to it (authfile.c), or ssh said so
    /// in the attempt, as it does on Windows when the access list names others.
    pub mode_too_open: bool,
    /// The file belongs to this user.
    pub owned: Fact<bool>,
    /// The path lies on a Windows drive mounted in WSL, where chmod may do nothing.
    pub on_windows_drive: bool,
    /// By its bytes: `openssh`, `pem`, `pkcs8`, `ppk`, `public`, `certificate`, `rfc4716`, `other`.
    pub format: Fact<String>,
    /// What makes ssh refuse the bytes: `crlf`, `no-final-newline`, `leading-text`, `byte-order-mark`, `utf-16`,
    /// `single-line`, `escaped-newlines`, `html-escaped`, `base64`, `marker-line`, `truncated`, `damaged`,
    /// `unknown-cipher`, `unknown-type`, `needs-newer-ssh`, `foreign-format`, `ppk`, `public`, `empty`, `not-a-key`,
    /// `directory`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// It is a public key where a private one belongs: by its bytes, or by its name where nobody read them (inferred).
    pub is_public: bool,
    /// Nothing of the key is lost: undoing what happened to its text makes it a key again.
    pub mendable: bool,
    /// A passphrase protects it.
    pub encrypted: Fact<bool>,
    /// Algorithm name of the public key: `ssh-ed25519`, `ssh-rsa`, `sk-ssh-ed25519@openssh.com`.
    pub algorithm: Fact<String>,
    /// Family: `rsa`, `dsa`, `ecdsa`, `ed25519`, `ecdsa-sk`, `ed25519-sk`, `other`.
    pub family: Fact<String>,
    /// Size in bits.
    pub bits: Fact<u32>,
    /// `SHA256:…` of the public key.
    pub fingerprint: Fact<String>,
    /// The public key's blob in base64, as in a public line.
    pub blob: Fact<String>,
    /// Comment, from the public file or the unencrypted private one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// `PATH.pub`, when it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_file: Option<PublicFile>,
    /// `PATH-cert.pub`, or the CertificateFile that belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// This client will not use it for its type (DSA since 7.0 by default, since 9.8 at all).
    pub type_unsupported: bool,
    /// This client will not use it for its size (RSA under 1024 bits, or under RequiredRSASize).
    pub too_small: bool,
    /// PubkeyAcceptedAlgorithms has no algorithm for it (inferred).
    pub excluded_by_config: bool,
    /// The agent holds it (inferred).
    pub in_agent: Fact<bool>,
    /// ssh offers it for this target (inferred): by the attempt's log, or where there is none, by [`super::Plan`].
    pub offered: Fact<bool>,
    /// The server was asked and would accept it, or said so in the attempt (inferred).
    pub accepted: Fact<bool>,
    /// The server has not said no to it (inferred).
    pub may_serve: bool,
    /// Whether ssh can use this file may decide the login (inferred): the login got as far as keys or was not tried, ssh
    /// looks at the file, the agent does not stand in for it, the server has not refused it, and no other key is known to
    /// do.
    pub wanted: bool,
    /// For a public key where a private one belongs: the private key beside it (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_file: Option<String>,
    /// Nothing about the file keeps ssh from loading it (inferred): mode, bytes, owner, size and type are fine.
    pub loadable: Fact<bool>,
    /// The file as evidence: path, and its mode, or its fault and the marker it begins with; never anything of its contents.
    pub seen: Seen,
}

/// The public half beside a private key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PublicFile {
    /// Absolute path.
    pub path: String,
    /// It holds a public key that parses.
    pub valid: bool,
    /// It is the public half of the private key; unknown when the private file does not show its own.
    pub matches: Fact<bool>,
    /// `SHA256:…` of the key in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The key in it, where it is not the private key's: its blob in base64, as in a public line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_blob: Option<String>,
    /// The same key's algorithm name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_algorithm: Option<String>,
    /// The same key's size in bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_bits: Option<u32>,
    /// The server would accept the key in it (inferred); for a file that does not match its private key.
    pub accepted: Fact<bool>,
}

/// A user certificate (PROTOCOL.certkeys).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Certificate {
    /// Absolute path.
    pub path: String,
    /// Key id.
    pub id: String,
    /// Serial number.
    pub serial: u64,
    /// Principals. None means any where an authorized_keys file names the authority, and nobody where the server itself
    /// trusts it (sshd_config(5), TrustedUserCAKeys).
    pub principals: Vec<String>,
    /// Start of validity, `2026-11-22 16:00 UTC`.
    pub valid_from: String,
    /// End of validity, or `forever`.
    pub valid_to: String,
    /// Its end lies in the past.
    pub expired: bool,
    /// Its start lies in the future.
    pub not_yet_valid: bool,
    /// It certifies this key.
    pub matches: Fact<bool>,
    /// A CertificateFile of the configuration names it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub configured: bool,
    /// It is made for hosts, so ssh does not log in with it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub for_hosts: bool,
    /// Algorithm name: `ssh-ed25519-cert-v01@openssh.com`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub algorithm: String,
    /// Size in bits of the key that it certifies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bits: Option<u32>,
    /// `SHA256:…` of the key that it certifies.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Its blob in base64, as in a public line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub blob: String,
    /// `SHA256:…` of the authority.
    pub authority: String,
    /// Critical options: `force-command`, `source-address`, `verify-required`; a server refuses those it does not know.
    pub critical_options: Vec<String>,
    /// Algorithm of the authority's signature: `ssh-ed25519`, `rsa-sha2-512`, `ssh-rsa` (SHA-1).
    pub signature: String,
}
