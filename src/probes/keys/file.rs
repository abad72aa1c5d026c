//! One private key file, with what lies beside it.

use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use super::{
    certificate,
    folder::{self, Read, Scan},
};
use crate::{
    facts::{Fact, Key, KeyOrigin, PublicFile, Seen},
    probes::text,
    ssh::{
        drives::is_mounted,
        key_file::{KeyFault, KeyFile, KeyFormat},
        public_key::{Family, PublicKey},
    },
    system::{Account, Kind, Metadata, System},
};

/// Bytes read of a private key; the longest real ones (RSA of 16384 bits) are under 13 kB.
pub(super) const CAP: u64 = 128 * 1024;

/// Reads key files for one user.
pub(super) struct Files<'s> {
    pub(super) system: &'s dyn System,
    pub(super) account: &'s Account,
    pub(super) wsl: bool,
}

impl Files<'_> {
    /// The facts about one path; `None` for a built-in name where neither the key nor its public half exists.
    pub(super) fn key(&self, path: &Path, origin: KeyOrigin, scan: &Scan) -> Option<Key> {
        let mut key = Key { path: text::path(path), origin, ..Key::default() };
        key.seen.source = key.path.clone();
        let fresh;
        let read = match scan.read(path) {
            Some(read) => Some(read),
            None => {
                fresh = folder::read(self.system, path);
                fresh.as_ref()
            }
        };
        match read {
            Some(read) => self.present(&mut key, path, read),
            None => self.absent(&mut key, path),
        }
        self.public_file(&mut key, path);
        self.certificate(&mut key, path);
        let beside = key.public_file.is_some() || key.certificate.is_some();
        let something = key.exists || beside || !matches!(origin, KeyOrigin::Default | KeyOrigin::Found);
        something.then_some(key)
    }

    fn absent(&self, key: &mut Key, path: &Path) {
        key.readable = false.into();
        let why = match self.system.metadata(path) {
            Ok(found) if found.kind == Kind::Directory => {
                key.exists = true;
                key.readable = true.into();
                key.fault = Some("directory".to_owned());
                "it is a folder".to_owned()
            }
            // A pipe gives what it holds only once, and that is ssh's.
            Ok(_) => {
                key.exists = true;
                key.readable = Fact::unknown("it is not a regular file");
                "it is not a regular file".to_owned()
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            Err(error) => text::clean(error.to_string()),
        };
        unlearnt(key, &why);
        key.seen.text = why;
    }

    fn present(&self, key: &mut Key, path: &Path, read: &Read) {
        key.exists = true;
        key.mode = read.metadata.mode.map(octal);
        key.owned = owned(&read.metadata, self.account);
        key.on_windows_drive =
            self.wsl && is_mounted(&self.system.canonical(path).unwrap_or_else(|_| path.into()).to_string_lossy());
        match &read.key {
            Ok(file) => {
                key.readable = true.into();
                contents(key, file);
                // authfile.c, sshkey_perm_ok: only the user's own files are looked at. A public file is nobody's secret.
                let ours = read.metadata.uid.is_some() && read.metadata.uid == self.account.uid;
                let open = read.metadata.mode.is_some_and(|mode| mode & 0o077 != 0);
                key.mode_too_open = ours && open && key.fault.as_deref() != Some("public");
            }
            Err(why) => {
                key.readable = false.into();
                unlearnt(key, &format!("the file cannot be read: {why}"));
            }
        }
        key.seen.text = match (&key.fault, &key.mode) {
            (Some(fault), _) => match marker(&read.first_line) {
                Some(marker) => format!("{fault}: {marker}"),
                None => fault.clone(),
            },
            (None, Some(mode)) => format!("mode {mode}"),
            (None, None) => marker(&read.first_line).unwrap_or_default().to_owned(),
        };
    }

    fn public_file(&self, key: &mut Key, path: &Path) {
        let beside = with_suffix(path, ".pub");
        let Ok(bytes) = self.system.read(&beside, certificate::CAP) else { return };
        let line = String::from_utf8_lossy(&bytes);
        let public = line.lines().find_map(|line| PublicKey::from_line(line).ok());
        let mut facts = PublicFile { path: text::path(&beside), valid: public.is_some(), ..PublicFile::default() };
        facts.matches = match &public {
            None => false.into(),
            Some(public) => key.fingerprint.map(|own| *own == public.fingerprint.to_string()),
        };
        if let Some(public) = public {
            facts.fingerprint = Some(public.fingerprint.to_string());
            if facts.matches.is(&false) {
                facts.other_blob = Some(BASE64.encode(&public.blob));
                facts.other_algorithm = Some(text::clean(&public.algorithm));
                facts.other_bits = public.bits;
            }
            if key.fingerprint.known().is_none() {
                identity(key, &public);
            }
            if key.comment.is_none() {
                key.comment = public.comment.as_deref().map(text::clean).filter(|comment| !comment.is_empty());
            }
        }
        key.public_file = Some(facts);
    }

    fn certificate(&self, key: &mut Key, path: &Path) {
        let Some(mut facts) = certificate::read(self.system, &with_suffix(path, "-cert.pub")) else { return };
        if let Some(own) = key.fingerprint.known() {
            facts.matches = (*own == facts.key).into();
        }
        key.certificate = Some(facts);
    }
}

/// What the first line says of the file's form. Never more: a damaged file may hold the private key in its first line.
fn marker(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("-----BEGIN ") {
        let end = rest.find("-----")?;
        return Some(&line[..line.len() - rest.len() + end + 5]);
    }
    let word = line.split_whitespace().next()?;
    let public = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|start| word.starts_with(start));
    (public || word.starts_with("PuTTY-User-Key-File-")).then_some(word).filter(|word| word.len() <= 64)
}

/// A path that could not be worked out.
pub(super) fn unknown(written: &str, origin: KeyOrigin, why: &str) -> Key {
    let mut key = Key { path: written.to_owned(), origin, ..Key::default() };
    unlearnt(&mut key, why);
    key.readable = Fact::unknown(why);
    key.seen = Seen { source: written.to_owned(), line: None, text: text::clean(why) };
    key
}

/// Everything that only the bytes would tell.
fn unlearnt(key: &mut Key, why: &str) {
    key.format = Fact::unknown(why);
    key.encrypted = Fact::unknown(why);
    key.algorithm = Fact::unknown(why);
    key.family = Fact::unknown(why);
    key.bits = Fact::unknown(why);
    key.fingerprint = Fact::unknown(why);
    key.blob = Fact::unknown(why);
    if key.owned.known().is_none() {
        key.owned = Fact::unknown(why);
    }
}

fn contents(key: &mut Key, file: &KeyFile) {
    key.format = format(file.format).to_owned().into();
    key.fault = file.fault.map(|fault| self::fault(fault).to_owned());
    key.mendable = file.mendable;
    key.encrypted = if file.encrypted() || file.fault.is_none() || file.public.is_some() && file.is_private() {
        file.encrypted().into()
    } else {
        Fact::unknown("the file cannot be read as a private key")
    };
    key.comment = file.comment.as_deref().map(text::clean).filter(|comment| !comment.is_empty());
    match (&file.public, &file.algorithm) {
        (Some(public), _) => identity(key, public),
        (None, algorithm) => {
            let why = if file.encrypted() {
                "the passphrase hides the public half, and there is no public file beside it"
            } else {
                "the file does not show its public half"
            };
            let name = |pick: fn(&str) -> String| {
                algorithm.as_deref().map_or_else(|| Fact::unknown(why), |name| pick(name).into())
            };
            key.algorithm = name(str::to_owned);
            key.family = name(|name| family(Family::of(name)).to_owned());
            key.bits = Fact::unknown(why);
            key.fingerprint = Fact::unknown(why);
            key.blob = Fact::unknown(why);
        }
    }
}

/// What a public half tells.
pub(super) fn identity(key: &mut Key, public: &PublicKey) {
    key.algorithm = text::clean(&public.algorithm).into();
    key.family = family(public.family).to_owned().into();
    key.bits = public.bits.map_or_else(|| Fact::unknown("the algorithm is not known here"), Fact::Known);
    key.fingerprint = public.fingerprint.to_string().into();
    key.blob = BASE64.encode(&public.blob).into();
}

/// The family's name in the facts.
pub(in crate::probes) fn family(family: Family) -> &'static str {
    match family {
        Family::Rsa => "rsa",
        Family::Dsa => "dsa",
        Family::Ecdsa => "ecdsa",
        Family::Ed25519 => "ed25519",
        Family::SkEcdsa => "ecdsa-sk",
        Family::SkEd25519 => "ed25519-sk",
        Family::Other => "other",
    }
}

fn format(format: KeyFormat) -> &'static str {
    match format {
        KeyFormat::Openssh => "openssh",
        KeyFormat::PemRsa | KeyFormat::PemEc | KeyFormat::PemDsa => "pem",
        KeyFormat::Pkcs8 | KeyFormat::Pkcs8Encrypted => "pkcs8",
        KeyFormat::Ppk => "ppk",
        KeyFormat::PublicLine | KeyFormat::PemPublic => "public",
        KeyFormat::CertificateLine => "certificate",
        KeyFormat::Ssh2Public => "rfc4716",
        KeyFormat::Ssh2Private | KeyFormat::Empty | KeyFormat::NotAKey => "other",
    }
}

fn fault(fault: KeyFault) -> &'static str {
    match fault {
        KeyFault::Empty => "empty",
        KeyFault::Crlf => "crlf",
        KeyFault::NoFinalNewline => "no-final-newline",
        KeyFault::LeadingText => "leading-text",
        KeyFault::ByteOrderMark => "byte-order-mark",
        KeyFault::Utf16 => "utf-16",
        KeyFault::SingleLine => "single-line",
        KeyFault::EscapedNewlines => "escaped-newlines",
        KeyFault::HtmlEscaped => "html-escaped",
        KeyFault::Base64Encoded => "base64",
        KeyFault::MarkerLine => "marker-line",
        KeyFault::Truncated => "truncated",
        KeyFault::DamagedBase64 | KeyFault::DamagedBody => "damaged",
        KeyFault::UnknownCipher => "unknown-cipher",
        KeyFault::UnknownType => "unknown-type",
        KeyFault::Putty => "ppk",
        KeyFault::PublicKey => "public",
        KeyFault::ForeignFormat => "foreign-format",
        KeyFault::NotAKey => "not-a-key",
    }
}

/// Permission bits as people write them: `0600`.
pub(super) fn octal(mode: u32) -> String {
    format!("{mode:04o}")
}

/// Whether a file belongs to the user.
pub(super) fn owned(metadata: &Metadata, account: &Account) -> Fact<bool> {
    match (metadata.uid, account.uid) {
        (Some(owner), Some(user)) => (owner == user).into(),
        _ => Fact::unknown("this system has no user ids"),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
