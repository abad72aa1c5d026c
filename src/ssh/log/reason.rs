//! Reasons, read by what they mean: libraries and platforms word them differently, some users' systems translate them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::has as found;

/// Why a TCP connection was not made: the text of errno(3), by meaning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectReason {
    /// `ECONNREFUSED`: the host answered that nothing listens there.
    Refused,
    /// `ETIMEDOUT`: nobody answered. `Connection timed out` (Linux, Windows), `Operation timed out` (macOS, musl).
    TimedOut,
    /// `EHOSTUNREACH`, `EHOSTDOWN`: a router or the local network says there is no way to the host.
    NoRoute,
    /// `ENETUNREACH`, `ENETDOWN`: this machine has no route at all.
    NetworkUnreachable,
    /// Windows prints `Unknown error` for both kinds of unreachable (its socketio.c maps neither).
    Unreachable,
    /// `EACCES`, `EPERM`: a local firewall or policy forbids the connection.
    PermissionDenied,
    /// `EAFNOSUPPORT`: IPv4 address with IPv6 only, or the other way round.
    AddressFamily,
    /// The local address could not be bound (BindAddress, BindInterface); ssh itself only says `failure`.
    BindFailed,
    /// `ECONNRESET`, `ECONNABORTED` while connecting.
    Reset,
    /// Anything else; the text says it.
    #[default]
    Other,
}

impl ConnectReason {
    pub(super) fn read(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let has = |needle: &str| found(&text, needle);
        if has("refused") {
            ConnectReason::Refused
        } else if has("timed out") || has("timeout") {
            ConnectReason::TimedOut
        } else if has("network is unreachable") || has("network unreachable") || has("network is down") {
            ConnectReason::NetworkUnreachable
        } else if has("no route") || has("unreachable") || has("host is down") {
            ConnectReason::NoRoute
        } else if has("permission denied") || has("not permitted") {
            ConnectReason::PermissionDenied
        } else if has("address family") {
            ConnectReason::AddressFamily
        } else if has("assign requested address")
            || has("address not available")
            || has("address in use")
            || text.trim() == "failure"
        {
            ConnectReason::BindFailed
        } else if has("reset") || has("abort") {
            ConnectReason::Reset
        } else if has("unknown error") {
            ConnectReason::Unreachable
        } else {
            ConnectReason::Other
        }
    }
}

/// Why a host name has no address: the text of gai_strerror(3), by meaning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ResolveReason {
    /// No such name: `Name or service not known` (glibc), `Name does not resolve` (musl), `nodename nor servname
    /// provided, or not known` (macOS), `No such host is known.` (Windows).
    UnknownName,
    /// The resolver could not be asked: `Temporary failure in name resolution`, `Try again`, `Non-recoverable failure`.
    Temporary,
    /// The name exists without an address of a usable kind.
    NoAddress,
    /// A literal address that AddressFamily excludes.
    AddressFamily,
    /// Anything else; the text says it.
    #[default]
    Other,
}

/// The word for unknown in languages into which Windows translates this one message.
const UNKNOWN: [&str; 7] = ["unbekannt", "inconnu", "desconocid", "desconhecid", "sconosciut", "onbekend", "nieznan"];

impl ResolveReason {
    pub(super) fn read(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let has = |needle: &str| found(&text, needle);
        if has("address family") {
            ResolveReason::AddressFamily
        } else if has("no address") || has("no data") {
            ResolveReason::NoAddress
        } else if has("temporary")
            || has("try again")
            || has("non-recoverable")
            || has("nonrecoverable")
            || has("timed out")
            || has("-65554")
            || has("-65563")
            || has("-65568")
            || has("zeitweilig")
        {
            ResolveReason::Temporary
        } else if has("not known")
            || has("not resolve")
            || has("no such host")
            || has("unknown host")
            || has("not found")
            || has("no such name")
            || has("-65538")
            || UNKNOWN.iter().any(|word| has(word))
        {
            ResolveReason::UnknownName
        } else {
            ResolveReason::Other
        }
    }
}

/// Why a private key could not be used (ssherr.c, `ssh_err`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LoadReason {
    /// Others can read the file; ssh ignores it.
    BadPermissions,
    /// Damaged, or another program's format (LibreSSL, OpenSSL 1.1).
    InvalidFormat,
    /// The same damage, as OpenSSL 3 reports it.
    Libcrypto,
    /// The user may not read the file (`EACCES`).
    PermissionDenied,
    /// There is no such file.
    NotFound,
    /// The passphrase was wrong, or none was given.
    Passphrase,
    /// A type this ssh does not know or no longer has (DSA since 9.8).
    UnknownType,
    /// An RSA key shorter than ssh or RequiredRSASize allows.
    TooShort,
    /// The file holds another key than the .pub beside it.
    ContentsMismatch,
    /// It is a folder.
    Directory,
    /// Anything else; the text says it.
    #[default]
    Other,
}

impl LoadReason {
    pub(super) fn read(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let has = |needle: &str| found(&text, needle);
        if has("bad permissions") || has("too open") {
            LoadReason::BadPermissions
        } else if has("passphrase") {
            LoadReason::Passphrase
        } else if has("unknown or unsupported") || has("unsupported key type") || has("unknown key type") {
            LoadReason::UnknownType
        } else if has("invalid key length") || has("too short") {
            LoadReason::TooShort
        } else if has("not match") {
            LoadReason::ContentsMismatch
        } else if has("invalid format") {
            LoadReason::InvalidFormat
        } else if has("libcrypto") {
            LoadReason::Libcrypto
        } else if has("permission denied") || has("not permitted") {
            LoadReason::PermissionDenied
        } else if has("no such file") || has("not found") {
            LoadReason::NotFound
        } else if has("is a directory") {
            LoadReason::Directory
        } else {
            LoadReason::Other
        }
    }
}

/// Why a signature was not made although the server accepted the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignReason {
    /// The agent said no: locked, not confirmed, removed card (draft-miller-ssh-agent SSH_AGENT_FAILURE).
    AgentRefused,
    /// The security key is not plugged in.
    DeviceNotFound,
    /// The agent hung up.
    Communication,
    /// The private key is not that of the .pub beside it.
    ContentsMismatch,
    /// A wrong PIN or passphrase, or the key was not touched in time.
    Passphrase,
    /// The security key or library lacks something (`requested feature not supported`).
    Unsupported,
    /// A certificate without its private key.
    NoPrivateKey,
    /// The library that talks to the security key cannot be used.
    Provider,
    /// The security key waited, and was not touched in time or refused otherwise.
    NotTouched,
    /// The agent signed another way than it was asked to: with SHA-1 where SHA-2 was wanted (RFC 8332).
    OtherSignature,
    /// Anything else; the text says it.
    #[default]
    Other,
}

impl SignReason {
    pub(super) fn read(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let has = |needle: &str| found(&text, needle);
        if has("refused") || has("admitted failure") {
            SignReason::AgentRefused
        } else if has("device not found") {
            SignReason::DeviceNotFound
        } else if has("communication with agent") {
            SignReason::Communication
        } else if has("not match") {
            SignReason::ContentsMismatch
        } else if has("passphrase") || has("pin required") {
            SignReason::Passphrase
        } else if has("not supported") || has("unsupported") {
            SignReason::Unsupported
        } else if has("incorrect signature type") {
            SignReason::OtherSignature
        } else if has("no separate private key") {
            SignReason::NoPrivateKey
        } else {
            SignReason::Other
        }
    }
}

/// Why a library for PKCS#11 tokens or security keys did not serve.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderReason {
    /// It could not be loaded or started; the text says more.
    #[default]
    Failed,
    /// It has no token: none is plugged in, or none has been set up.
    NoToken,
    /// The file is no such library.
    NotALibrary,
    /// There is no such file.
    NotFound,
    /// The user may not read the file.
    PermissionDenied,
    /// The token shows its keys only for its PIN, and nobody could be asked for it.
    PinRequired,
}

/// Why the client left a key out before asking the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// The client's own PubkeyAcceptedAlgorithms (before 8.5 PubkeyAcceptedKeyTypes) excludes its type.
    NotInAcceptedAlgorithms,
    /// HostbasedAcceptedAlgorithms excludes it: a host key for host-based authentication, not the user's key.
    NotInHostbasedAlgorithms,
    /// The server's server-sig-algs (RFC 8308) has no signature algorithm for it.
    NotSupportedByServer,
    /// Shorter than RequiredRSASize.
    TooShort,
    /// A security-key type, and this ssh has no SecurityKeyProvider.
    NoSecurityKeyProvider,
    /// A certificate whose private key is missing, or that is no user certificate.
    UnusableCertificate,
    /// Anything else; the text says it.
    #[default]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_reasons_of_all_platforms() {
        use ConnectReason::*;
        for (text, reason) in [
            ("Connection refused", Refused),
            ("Connection timed out", TimedOut),
            ("Operation timed out", TimedOut),
            ("No route to host", NoRoute),
            ("Host is unreachable", NoRoute),
            ("Host is down", NoRoute),
            ("Network is unreachable", NetworkUnreachable),
            ("Network unreachable", NetworkUnreachable),
            ("Network is down", NetworkUnreachable),
            ("Unknown error", Unreachable),
            ("Permission denied", PermissionDenied),
            ("Operation not permitted", PermissionDenied),
            ("Address family not supported by protocol", AddressFamily),
            ("Cannot assign requested address", BindFailed),
            ("Can't assign requested address", BindFailed),
            ("Address not available", BindFailed),
            ("failure", BindFailed),
            ("Connection reset by peer", Reset),
            ("Invalid argument", Other),
        ] {
            assert_eq!(ConnectReason::read(text), reason, "{text}");
        }
    }

    #[test]
    fn resolve_reasons_of_all_platforms() {
        use ResolveReason::*;
        for (text, reason) in [
            ("Name or service not known", UnknownName),
            ("Name does not resolve", UnknownName),
            ("nodename nor servname provided, or not known", UnknownName),
            ("No such host is known. ", UnknownName),
            ("Temporary failure in name resolution", Temporary),
            ("Try again", Temporary),
            ("Non-recoverable failure in name resolution", Temporary),
            ("No address associated with hostname", NoAddress),
            ("Address family for hostname not supported", AddressFamily),
            ("System error", Other),
        ] {
            assert_eq!(ResolveReason::read(text), reason, "{text}");
        }
    }
}
