//! Which SSH program this is, from what `ssh -V`, the first line of `ssh -v`, or a server's greeting says.
//!
//! Forms seen: `OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.22 25 Aug 2026`, `debug1: OpenSSH_10.2p1, ...` (from 10.0),
//! `OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2`, `SSH-2.0-OpenSSH_9.0 FreeBSD-20220413`. A new vendor is a variant of
//! [`Vendor`] and an arm in `Vendor::from_suffix`; a new program that is not OpenSSH is an arm in `other_program`.
//!
//! Which version has what stands in [`Ability`].

mod ability;

use std::fmt;

use schemars::JsonSchema;
use semver::VersionReq;
use serde::{Deserialize, Serialize};

pub use ability::Ability;

/// A version of OpenSSH, ordered as released: 7.4 < 7.4p1 < 8.0 < 10.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(from = "VersionForm", into = "VersionForm")]
#[schemars(with = "VersionForm")]
pub struct Version {
    /// 9 in 9.2p1.
    pub major: u32,
    /// 2 in 9.2p1.
    pub minor: u32,
    /// 1 in 9.2p1; not there where the program leaves out the portable patch level.
    pub patch: Option<u32>,
}

/// The serialised form: numbers to compare with, and the text as the program prints it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Version")]
struct VersionForm {
    /// 9 in 9.2p1.
    major: u32,
    /// 2 in 9.2p1.
    minor: u32,
    /// The version as printed, `9.2p1`.
    #[serde(default)]
    text: String,
}

impl From<Version> for VersionForm {
    fn from(version: Version) -> Self {
        Self { major: version.major, minor: version.minor, text: version.to_string() }
    }
}

impl From<VersionForm> for Version {
    fn from(form: VersionForm) -> Self {
        // The numbers are what people edit in a saved document, so they win over the text.
        let patch = Version::parse_prefix(&form.text).and_then(|(version, _)| version.patch);
        Self { major: form.major, minor: form.minor, patch }
    }
}

impl Version {
    /// `major.minor` without a patch level, to compare with: `version >= Version::new(8, 8)`.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor, patch: None }
    }

    /// `9.2.0` for 9.2p1, since OpenSSH does not number by the rules of semver.org: the portable patch level changes no
    /// behaviour, and as a pre-release it would be left out by every requirement.
    pub fn semver(&self) -> semver::Version {
        semver::Version::new(self.major.into(), self.minor.into(), 0)
    }

    /// Whether this is one of the versions required, such as `>=8.2` or `>=7.2, <8.8`.
    pub fn satisfies(&self, requirement: &VersionReq) -> bool {
        requirement.matches(&self.semver())
    }

    /// Whether this version has an ability.
    pub fn has(&self, ability: Ability) -> bool {
        self.satisfies(&ability.requirement())
    }

    /// Reads `9.2p1` from the front of `text` and gives what follows.
    fn parse_prefix(text: &str) -> Option<(Self, &str)> {
        let (major, rest) = number(text)?;
        let (minor, rest) = number(rest.strip_prefix('.')?)?;
        // Some very old releases had a third number (3.7.1p2); it orders nothing that matters here.
        let rest = rest.strip_prefix('.').and_then(number).map_or(rest, |(_, rest)| rest);
        let patch = rest.strip_prefix('p').and_then(number);
        let (patch, rest) = patch.map_or((None, rest), |(patch, rest)| (Some(patch), rest));
        Some((Self { major, minor, patch }, rest))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(out, "p{patch}"))
    }
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// Who built an OpenSSH, as far as its banner says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// No mark: upstream, Fedora, Alpine, Homebrew, Git for Windows and Apple all print the plain form.
    Openssh,
    /// `Debian-…`.
    Debian,
    /// `Ubuntu-…`.
    Ubuntu,
    /// `Raspbian-…`.
    Raspbian,
    /// `FreeBSD-…` or `FreeBSD` with a port's name.
    Freebsd,
    /// Apple's own build; never told by the banner, see [`OpenSsh::vendor_on_macos`].
    Apple,
    /// `OpenSSH_for_Windows_…`.
    Windows,
    /// A mark that is not known here; the suffix has it.
    Other,
}

impl Vendor {
    fn from_suffix(suffix: Option<&str>) -> Self {
        let Some(suffix) = suffix else { return Self::Openssh };
        let name = suffix.split(['-', '_', ' ', '+']).next().unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "debian" => Self::Debian,
            "ubuntu" => Self::Ubuntu,
            "raspbian" => Self::Raspbian,
            "freebsd" => Self::Freebsd,
            _ => Self::Other,
        }
    }
}

/// The family of the library that does the cryptography; damaged keys are worded differently by each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CryptoLibrary {
    /// `OpenSSL 3.0.22 25 Aug 2026`.
    Openssl,
    /// `LibreSSL 3.3.6` (Apple, Windows, OpenBSD).
    Libressl,
    /// `AWS-LC …` or `BoringSSL`.
    OpensslFork,
    /// `without OpenSSL`.
    None,
    /// Another name.
    Other,
}

/// An OpenSSH program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenSsh {
    /// Its version.
    pub version: Version,
    /// Who built it, by the banner alone.
    pub vendor: Vendor,
    /// What stands between the version and the comma: `Debian-2+deb12u10`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suffix: Option<String>,
    /// The cryptographic library's family; a server's greeting does not show it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub crypto: Option<CryptoLibrary>,
    /// The library as printed: `LibreSSL 3.3.6`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub crypto_text: Option<String>,
    /// The line without prefixes: `OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.22 25 Aug 2026`.
    pub text: String,
}

impl OpenSsh {
    /// The vendor of a program found on macOS: Apple builds against LibreSSL, Homebrew and MacPorts against OpenSSL.
    pub fn vendor_on_macos(&self) -> Vendor {
        match (self.vendor, self.crypto) {
            (Vendor::Openssh, Some(CryptoLibrary::Libressl)) => Vendor::Apple,
            (vendor, _) => vendor,
        }
    }
}

/// Why a banner is not OpenSSH's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOpenSsh {
    /// Another SSH program, named.
    #[error("this ssh is {name}, not OpenSSH: its options and messages differ; install the OpenSSH client")]
    Other {
        /// `Dropbear`, `PuTTY plink`, `Sun SSH`, …
        name: &'static str,
        /// The line that says so.
        text: String,
    },
    /// An OpenSSH line whose numbers cannot be read.
    #[error("the OpenSSH version in {text:?} cannot be read; run `ssh -V` and look at what it prints")]
    Unreadable {
        /// The line.
        text: String,
    },
    /// Nothing of any SSH program.
    #[error("no SSH version in what the program printed; run `ssh -V` and look at what it prints")]
    Unknown,
}

/// Reads the first version line in `text`, which may be the whole output of `ssh -V` or `ssh -v`, or a greeting.
///
/// # Errors
/// When no line is OpenSSH's; the error names the program where it is a known one.
pub fn parse(text: &str) -> Result<OpenSsh, NotOpenSsh> {
    text.lines()
        .find_map(openssh_line)
        .unwrap_or_else(|| Err(text.lines().find_map(other_program).unwrap_or(NotOpenSsh::Unknown)))
}

/// Reads one line; `None` if it is not about OpenSSH.
fn openssh_line(line: &str) -> Option<Result<OpenSsh, NotOpenSsh>> {
    let line = bare(line);
    let rest = line.strip_prefix("OpenSSH_")?;
    let (windows, rest) = rest.strip_prefix("for_Windows_").map_or((false, rest), |rest| (true, rest));
    let Some((version, rest)) = Version::parse_prefix(rest) else {
        return Some(Err(NotOpenSsh::Unreadable { text: line.to_owned() }));
    };
    let (suffix, library) =
        rest.split_once(',').map_or((rest, None), |(suffix, library)| (suffix, Some(library.trim())));
    let suffix = Some(suffix.trim()).filter(|suffix| !suffix.is_empty());
    Some(Ok(OpenSsh {
        version,
        vendor: if windows { Vendor::Windows } else { Vendor::from_suffix(suffix) },
        suffix: suffix.map(str::to_owned),
        crypto: library.map(crypto_library),
        crypto_text: library.map(str::to_owned),
        text: line.to_owned(),
    }))
}

/// Takes off what logs and the protocol put in front: `debug1: `, `SSH-2.0-`.
fn bare(line: &str) -> &str {
    let line = line.trim();
    let line = line.strip_prefix("debug1: ").unwrap_or(line);
    ["SSH-2.0-", "SSH-1.99-"].iter().find_map(|prefix| line.strip_prefix(prefix)).unwrap_or(line)
}

fn crypto_library(text: &str) -> CryptoLibrary {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("without") {
        CryptoLibrary::None
    } else if lower.starts_with("libressl") {
        CryptoLibrary::Libressl
    } else if lower.starts_with("openssl") {
        CryptoLibrary::Openssl
    } else if lower.starts_with("aws-lc") || lower.starts_with("boringssl") {
        CryptoLibrary::OpensslFork
    } else {
        CryptoLibrary::Other
    }
}

fn other_program(line: &str) -> Option<NotOpenSsh> {
    let line = bare(line);
    let lower = line.to_ascii_lowercase();
    let name = [
        ("dropbear", "Dropbear"),
        ("plink", "PuTTY plink"),
        ("putty", "PuTTY"),
        ("tectia", "Tectia SSH"),
        ("sun_ssh", "Sun SSH"),
        ("libssh", "libssh"),
    ]
    .iter()
    .find_map(|(mark, name)| lower.contains(mark).then_some(*name))?;
    Some(NotOpenSsh::Other { name, text: line.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn openssh(text: &str) -> OpenSsh {
        parse(text).expect("an OpenSSH banner")
    }

    #[test]
    fn reads_the_forms_of_the_wild() {
        let cases = [
            (
                "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.22 25 Aug 2026",
                "9.2p1",
                Vendor::Debian,
                Some(CryptoLibrary::Openssl),
            ),
            ("OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2", "8.1p1", Vendor::Windows, Some(CryptoLibrary::Libressl)),
            ("OpenSSH_for_Windows_9.5p2, LibreSSL 3.8.2\r\n", "9.5p2", Vendor::Windows, Some(CryptoLibrary::Libressl)),
            (
                "debug1: OpenSSH_10.2p1, OpenSSL 3.6.0 1 Oct 2025",
                "10.2p1",
                Vendor::Openssh,
                Some(CryptoLibrary::Openssl),
            ),
            ("OpenSSH_7.4p1, OpenSSL 1.0.2k-fips  26 Jan 2017", "7.4p1", Vendor::Openssh, Some(CryptoLibrary::Openssl)),
            ("OpenSSH_8.9p1 Ubuntu-3ubuntu0.10, OpenSSL 3.0.2", "8.9p1", Vendor::Ubuntu, Some(CryptoLibrary::Openssl)),
            ("SSH-2.0-OpenSSH_9.0 FreeBSD-20220413", "9.0", Vendor::Freebsd, None),
            ("SSH-2.0-OpenSSH_for_Windows_9.5", "9.5", Vendor::Windows, None),
            ("OpenSSH_9.9p1, without OpenSSL", "9.9p1", Vendor::Openssh, Some(CryptoLibrary::None)),
            ("OpenSSH_8.0p1 SomeCorp-1, OpenSSL 1.1.1", "8.0p1", Vendor::Other, Some(CryptoLibrary::Openssl)),
        ];
        for (text, version, vendor, crypto) in cases {
            let found = openssh(text);
            assert_eq!(
                (found.version.to_string().as_str(), found.vendor, found.crypto),
                (version, vendor, crypto),
                "{text}"
            );
        }
    }

    #[test]
    fn apple_is_told_by_its_library_on_macos_only() {
        assert_eq!(openssh("OpenSSH_9.9p2, LibreSSL 3.3.6").vendor_on_macos(), Vendor::Apple);
        assert_eq!(openssh("OpenSSH_10.0p2, OpenSSL 3.5.0 8 Apr 2025").vendor_on_macos(), Vendor::Openssh);
    }

    #[test]
    fn skips_lines_before_the_version() {
        let found =
            openssh("warning: something\r\nOpenSSH_9.6p1, LibreSSL 3.3.6\r\ndebug1: Reading configuration data x\r\n");
        assert_eq!(found.version, Version { major: 9, minor: 6, patch: Some(1) });
        assert_eq!(found.text, "OpenSSH_9.6p1, LibreSSL 3.3.6");
    }

    #[test]
    fn other_programs_are_named() {
        for (text, expected) in [
            ("Dropbear v2022.83", "Dropbear"),
            ("SSH-2.0-dropbear_2022.83", "Dropbear"),
            ("plink: Release 0.78\nBuild platform: 64-bit Unix", "PuTTY plink"),
        ] {
            assert!(matches!(parse(text), Err(NotOpenSsh::Other { name, .. }) if name == expected), "{text}");
        }
        assert_eq!(parse("hello"), Err(NotOpenSsh::Unknown));
        assert!(matches!(parse("OpenSSH_x"), Err(NotOpenSsh::Unreadable { .. })));
    }

    #[test]
    fn versions_are_ordered_by_number() {
        assert!(openssh("OpenSSH_10.0p2").version > openssh("OpenSSH_9.9p2").version);
        assert!(openssh("OpenSSH_8.8p1").version >= Version::new(8, 8));
        assert!(openssh("OpenSSH_8.7p1").version < Version::new(8, 8));
    }

    #[test]
    fn requirements_are_held_against_the_numbers() {
        let required = |text: &str| VersionReq::parse(text).expect("a requirement");
        assert_eq!(openssh("OpenSSH_9.2p1 Debian-2+deb12u10").version.semver().to_string(), "9.2.0");
        assert!(openssh("OpenSSH_9.2p1").version.satisfies(&required(">=9.2")));
        assert!(openssh("OpenSSH_10.0p2").version.satisfies(&required(">=9.2")));
        assert!(openssh("SSH-2.0-OpenSSH_7.4").version.satisfies(&required(">=7.2, <8.8")));
        assert!(!openssh("OpenSSH_8.8p1").version.satisfies(&required(">=7.2, <8.8")));
    }

    #[test]
    fn serialises_as_numbers_and_text() {
        let version = Version { major: 9, minor: 2, patch: Some(1) };
        let json = serde_json::to_value(version).expect("serialises");
        assert_eq!(json, serde_json::json!({"major": 9, "minor": 2, "text": "9.2p1"}));
        assert_eq!(serde_json::from_value::<Version>(json).expect("deserialises"), version);
    }

    proptest! {
        #[test]
        fn never_panics(text in "(debug1: )?(OpenSSH_)?(for_Windows_)?\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
