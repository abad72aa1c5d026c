//! Keys: which are tried, offered, accepted, left out, unreadable. sshconnect2.c, authfile.c, ssh.c.

use crate::ssh::log::event::{Event, KeyDescription};
use crate::ssh::log::line::Line;
use crate::ssh::log::reason::{LoadReason, ProviderReason, SignReason, SkipReason};
use crate::ssh::log::text::{MAX_LINE, between, cap, cut, has, name, quoted};

pub(super) fn debug1(line: &Line) -> Option<Event> {
    let body = line.body();
    if let Some(rest) = body.strip_prefix("identity file ") {
        return identity_file(rest);
    }
    if let Some(rest) = body.strip_prefix("Will attempt key: ") {
        return Some(Event::WillAttempt { key: describe(rest) });
    }
    if let Some(rest) = body.strip_prefix("Offering ") {
        return offering(rest);
    }
    if let Some(rest) = body.strip_prefix("Server accepts key: ") {
        return Some(Event::Accepted { key: accepted(rest) });
    }
    if let Some(path) = body.strip_prefix("Trying private key: ") {
        return Some(Event::TryingPrivateKey { path: name(path) });
    }
    skipping(line)
        .or_else(|| cannot_sign(line))
        .or_else(|| cannot_ask(line))
        .or_else(|| provider(line))
        .or_else(|| security_key(line))
}

/// `-vv` and `-vvv` say some things that matter only when nothing louder does.
pub(super) fn deeper(line: &Line) -> Option<Event> {
    let body = line.body();
    match body.as_bytes().first()? {
        b'n' if body.starts_with("no such identity: ") => missing_identity(body, false),
        b'n' if body.starts_with("no passphrase given") => Some(Event::PassphraseBad),
        b'b' if body.starts_with("bad passphrase given") => Some(Event::PassphraseBad),
        b'L' if body.starts_with("Load key ") => load_failed(line),
        b'B' if body.starts_with("Bad permissions. Try removing permissions for user: ") => {
            let (user, file) = cut(body, "user: ")?.1.rsplit_once(" on file ")?;
            Some(Event::WindowsPermissions { user: name(user), file: name(file.trim_end_matches('.')) })
        }
        _ => None,
    }
}

pub(super) fn plain(line: &Line) -> Option<Event> {
    let body = line.body();
    if body.starts_with("no such identity: ") || line.has("Identity file ") {
        return missing_identity(body, true);
    }
    if let Some(rest) = body.strip_prefix("Permissions ") {
        // `Permissions 0644 for 'PATH' are too open.`; `Permissions for 'PATH' are too open.` on Windows.
        let path = between(body, "for '", "' are too open")?;
        let mode = rest.split(' ').next().filter(|mode| !mode.is_empty() && mode.bytes().all(|b| b.is_ascii_digit()));
        return Some(Event::UnprotectedKey { path: name(path), mode: mode.map(str::to_owned) });
    }
    if let Some(path) = body.strip_prefix("bad permissions: ignore key: ") {
        return Some(Event::KeyLoadFailed {
            path: name(path),
            reason: LoadReason::BadPermissions,
            text: "bad permissions".to_owned(),
        });
    }
    if let Some(at) = line.find("Enter passphrase for key '") {
        let (path, rest) = body[at..].split_once('\'')?.1.rsplit_once("':")?;
        // Terminals show what came next on the same line.
        return match rest.trim() {
            "" => Some(Event::PassphrasePrompt { path: name(path) }),
            next => plain(&Line::clean(next.as_bytes())),
        };
    }
    if line.message().starts_with("Confirm user presence for key") {
        return Some(Event::ConfirmUserPresence);
    }
    load_failed(line).or_else(|| cannot_sign(line)).or_else(|| cannot_ask(line)).or_else(|| provider(line))
}

/// A library for tokens that cannot be used, or has no card (ssh-pkcs11.c, ssh-sk.c, misc.c `lib_contains_symbol`).
fn provider(line: &Line) -> Option<Event> {
    use ProviderReason::{Failed, NoToken, NotALibrary, NotFound, PermissionDenied, PinRequired};
    let message = line.message();
    let failed = |path: Option<&str>, security_key, reason| {
        Some(Event::ProviderFailed { path: path.map(name), security_key, reason })
    };
    if matches!(line.function(), Some("lib_contains_symbol")) {
        // `open PATH: REASON`, `PATH does not contain expected string SYMBOL`
        if let Some((path, why)) = message.strip_prefix("open ").and_then(|rest| rest.rsplit_once(": ")) {
            let reason = match LoadReason::read(why) {
                LoadReason::NotFound => NotFound,
                LoadReason::PermissionDenied => PermissionDenied,
                _ => Failed,
            };
            return failed(Some(path), false, reason);
        }
        let (path, symbol) = cut(message, " does not contain expected string ").unwrap_or(("", message));
        return failed(Some(path).filter(|path| !path.is_empty()), has(symbol, "sk_api"), NotALibrary);
    }
    if message == "pin required" {
        return failed(None, false, PinRequired);
    }
    if let Some(rest) = message.strip_prefix("provider ").or_else(|| message.strip_prefix("Provider ")) {
        let rest = rest.trim_start_matches('"');
        for (words, security_key, reason) in [
            ("is not a PKCS11 library", false, NotALibrary),
            ("is not an OpenSSH FIDO library", true, NotALibrary),
            ("does not implement", true, NotALibrary),
            ("dlopen failed", true, Failed),
            ("dlsym(", true, NotALibrary),
            ("implements unsupported version", true, Failed),
            ("returned no slots", false, NoToken),
            ("returned no keys", false, NoToken),
        ] {
            if let Some(at) = rest.find(words) {
                return failed(Some(rest[..at].trim_matches([' ', '"', ':'])), security_key, reason);
            }
        }
    }
    if let Some(rest) = message.strip_prefix("dlopen ") {
        // `dlopen PATH failed: REASON`, where older clients say all that later ones find out beforehand.
        let (path, why) = cut(rest, " failed").unwrap_or((rest, ""));
        // The reason may be about another library that this one needs.
        let of_itself = why.trim_start_matches([':', ' ']).strip_prefix(path).and_then(|why| why.rsplit_once(": "));
        let reason = match of_itself.map(|(_, why)| LoadReason::read(why)) {
            Some(LoadReason::NotFound) => NotFound,
            Some(LoadReason::PermissionDenied) => PermissionDenied,
            _ => Failed,
        };
        return failed(Some(path), false, reason);
    }
    // `C_Initialize for provider PATH failed: NUMBER`
    let (_, rest) = message.strip_prefix("C_").and_then(|rest| cut(rest, " for provider "))?;
    failed(cut(rest, " failed").map(|(path, _)| path), false, Failed)
}

/// The helper that talks to security keys says at `debug1` how far it is.
fn security_key(line: &Line) -> Option<Event> {
    let message = line.message();
    if message.starts_with("0 device(s) detected") || message == "failed to find sk" {
        return Some(Event::SecurityKeyMissing);
    }
    let asked = match line.function()? {
        "sk_select_by_cred" | "find_device" | "sk_probe" => {
            message.starts_with("found key") || message.starts_with("selecting sk by touch")
        }
        // A key that wants to know its person is asked for its PIN at once (PROTOCOL.u2f, flag 0x04).
        "sshsk_sign" => {
            let flags = cut(message, ", flags 0x").map(|(_, flags)| flags.trim());
            let flags = flags.and_then(|flags| u8::from_str_radix(flags.get(..2).unwrap_or(flags), 16).ok());
            has(message, "provider \"internal\"") && flags.is_some_and(|flags| flags & 0x04 != 0)
        }
        "sshsk_open" => has(message, " implements version "),
        _ => false,
    };
    asked.then_some(Event::SecurityKeyAsked)
}

/// `PATH type N`; a certificate without its key says `PATH-cert type 7 with no matching private key`.
fn identity_file(rest: &str) -> Option<Event> {
    let (path, number) = rest.rsplit_once(" type ")?;
    if has(number, "no matching private key") {
        return Some(Event::Skipping { path: name(path), algorithm: None, reason: SkipReason::UnusableCertificate });
    }
    let number: i64 = number.split(' ').next()?.parse().ok()?;
    Some(Event::IdentityFile { path: name(path), loaded: number >= 0 })
}

/// `no such identity: PATH: No such file or directory`, `Warning: Identity file PATH not accessible: …`.
fn missing_identity(body: &str, explicit: bool) -> Option<Event> {
    let path = match body.strip_prefix("no such identity: ") {
        Some(rest) => rest.rsplit_once(": ").map_or(rest, |(path, _)| path),
        None => between(body, "Identity file ", " not accessible")?,
    };
    let warned = explicit && !body.starts_with("no such identity");
    Some(Event::IdentityMissing { path: name(path), explicit, warned })
}

/// A key in any of the three wordings: `PATH TYPE FINGERPRINT [explicit] [agent]` (7.9 and later), `TYPE FINGERPRINT PATH`
/// (7.6 to 7.8), or a path alone.
fn describe(text: &str) -> KeyDescription {
    let mut key = KeyDescription::default();
    let mut rest = text.trim();
    while let Some((before, word)) = rest.rsplit_once(' ') {
        match word {
            "explicit" => key.explicit = true,
            "agent" => key.agent = true,
            "token" => key.token = true,
            "authenticator" => {}
            _ => break,
        }
        rest = before.trim_end();
    }
    let Some((before, fingerprint, after)) = split_at_fingerprint(rest) else {
        key.path = name(rest);
        return key;
    };
    key.fingerprint = Some(name(fingerprint));
    let (path, algorithm) = match before.rsplit_once(' ') {
        Some((path, algorithm)) => (path, algorithm),
        None => (after, before),
    };
    key.path = name(path);
    key.algorithm = Some(name(algorithm)).filter(|algorithm| !algorithm.is_empty());
    key
}

/// The last word that is a fingerprint, with what stands before and after it. A comment may hold anything.
fn split_at_fingerprint(text: &str) -> Option<(&str, &str, &str)> {
    let at = [" SHA256:", " MD5:", " SHA512:", " SHA1:"].iter().filter_map(|hash| text.rfind(hash)).max()?;
    let (before, rest) = (&text[..at], &text[at + 1..]);
    let (fingerprint, after) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((before.trim(), fingerprint, after.trim()))
}

/// `Offering public key: …`; to 7.5 `Offering RSA public key: PATH`.
fn offering(rest: &str) -> Option<Event> {
    let (kind, text) = cut(rest, "public key: ")?;
    let mut key = describe(text);
    let kind = kind.trim();
    if !kind.is_empty() {
        key.algorithm = Some(name(kind));
    }
    Some(Event::Offering { key })
}

/// To 7.8 the acceptance says `pkalg ALGORITHM blen N` and not which key.
fn accepted(rest: &str) -> KeyDescription {
    match rest.strip_prefix("pkalg ") {
        Some(rest) => KeyDescription { algorithm: rest.split(' ').next().map(name), ..KeyDescription::default() },
        None => describe(rest),
    }
}

fn skipping(line: &Line) -> Option<Event> {
    let message = line.message();
    if let Some(rest) = message.strip_prefix("Skipping ") {
        if let Some(rest) = rest.strip_prefix("key ") {
            // `Skipping key PATH: Invalid key length` (load_identity_file, since 9.1)
            let (path, why) = rest.rsplit_once(": ")?;
            let reason =
                if LoadReason::read(why) == LoadReason::TooShort { SkipReason::TooShort } else { SkipReason::Other };
            return Some(Event::Skipping { path: name(path), algorithm: None, reason });
        }
        let (algorithm, rest) = cut(rest, " key ")?;
        let (path, why) = rest.rsplit_once(" - ").unwrap_or((rest, ""));
        let reason = match why {
            why if has(why, "not in Hostbased") => SkipReason::NotInHostbasedAlgorithms,
            why if has(why, "not in ") => SkipReason::NotInAcceptedAlgorithms,
            why if has(why, "by server") => SkipReason::NotSupportedByServer,
            _ => SkipReason::Other,
        };
        return Some(Event::Skipping { path: name(path), algorithm: Some(name(algorithm)), reason });
    }
    if let Some(rest) = message.strip_prefix("ignoring authenticator-hosted key ") {
        let path = cut(rest, " as no ").map_or(rest, |(path, _)| path);
        return Some(Event::Skipping {
            path: name(path.trim_start_matches("certificate ")),
            algorithm: None,
            reason: SkipReason::NoSecurityKeyProvider,
        });
    }
    if message.starts_with("key \"") && has(message, "is an authenticator-hosted key, but no provider") {
        return Some(Event::Skipping {
            path: name(quoted(message)?),
            algorithm: None,
            reason: SkipReason::NoSecurityKeyProvider,
        });
    }
    if let Some(rest) = message.strip_prefix("ignoring certificate ") {
        let path = cut(rest, ": ").map_or(rest, |(path, _)| path);
        return Some(Event::Skipping { path: name(path), algorithm: None, reason: SkipReason::UnusableCertificate });
    }
    if let Some(rest) = message.strip_prefix("ignoring ") {
        // `ignoring ssh-rsa agent key: Invalid key length` (pubkey_prepare, since 9.1)
        let (algorithm, _) = cut(rest, " agent key")?;
        return Some(Event::Skipping {
            path: String::new(),
            algorithm: Some(name(algorithm)),
            reason: SkipReason::TooShort,
        });
    }
    None
}

/// `Load key "PATH": REASON`, `load pubkey "PATH": Invalid key length`.
fn load_failed(line: &Line) -> Option<Event> {
    let body = line.message();
    if !(body.starts_with("Load key \"") || body.starts_with("load pubkey \"")) {
        return None;
    }
    let (place, text) = body.rsplit_once("\": ")?;
    let path = place.split_once('"')?.1;
    Some(Event::KeyLoadFailed { path: name(path), reason: LoadReason::read(text), text: cap(text, MAX_LINE) })
}

/// After `Server accepts key`: no signature could be made. Printed at different levels by different versions.
fn cannot_sign(line: &Line) -> Option<Event> {
    let message = line.message();
    if message.starts_with("no mutual signature") {
        return Some(Event::NoMutualSignature);
    }
    let failed = |path: Option<&str>, reason: &str| Event::SigningFailed {
        path: path.map(name),
        reason: SignReason::read(reason),
        agent: has(message, " from agent") || reason.contains("agent"),
        text: cap(line.body(), MAX_LINE),
    };
    if message.starts_with("agent key ") && has(message, "returned incorrect signature type") {
        // `agent key RSA SHA256:… returned incorrect signature type` (sshconnect2.c `identity_sign`), since 7.8
        return Some(failed(None, message));
    }
    if message.starts_with("signing failed") {
        // `signing failed for TYPE "NAME" from agent: REASON` (8.2), `signing failed: REASON` before.
        let reason = message.rsplit_once(": ")?.1;
        return Some(failed(quoted(message), reason));
    }
    if message.starts_with("Agent admitted failure to sign") {
        return Some(failed(None, "agent admitted failure"));
    }
    if let Some(rest) = message.strip_prefix("private key ") {
        let path = cut(rest, " contents do not match public")?.0;
        return Some(failed(Some(path), "contents do not match"));
    }
    message
        .starts_with("no separate private key for certificate")
        .then(|| failed(quoted(message), "no separate private key"))
}

/// A question without anybody to ask (readpass.c); `debug1` or plain, by version.
fn cannot_ask(line: &Line) -> Option<Event> {
    let asked = matches!(line.function(), Some("read_passphrase")) && line.message().starts_with("can't open ");
    let askpass = matches!(line.function(), Some("ssh_askpass")) && line.message().starts_with("exec(");
    (asked || askpass).then(|| Event::CannotAsk { text: cap(line.body(), MAX_LINE) })
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;

    fn key(path: &str, algorithm: &str, fingerprint: &str) -> KeyDescription {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        KeyDescription {
            path: path.to_owned(),
            algorithm: some(algorithm),
            fingerprint: some(fingerprint),
            ..KeyDescription::default()
        }
    }

    #[test]
    fn offers_in_three_wordings() {
        let offered = key("/home/u/.ssh/id_rsa", "RSA", "SHA256:abc");
        assert_eq!(
            of("debug1: Offering public key: /home/u/.ssh/id_rsa RSA SHA256:abc"),
            Event::Offering { key: offered.clone() }
        );
        assert_eq!(
            of("debug1: Offering public key: RSA SHA256:abc /home/u/.ssh/id_rsa"),
            Event::Offering { key: offered }
        );
        assert_eq!(
            of("debug1: Offering RSA public key: /home/u/.ssh/id_rsa"),
            Event::Offering { key: key("/home/u/.ssh/id_rsa", "RSA", "") }
        );
        let marked =
            KeyDescription { explicit: true, agent: true, ..key("/home/my user/k y", "ED25519", "SHA256:abc") };
        assert_eq!(
            of("debug1: Offering public key: /home/my user/k y ED25519 SHA256:abc explicit agent"),
            Event::Offering { key: marked }
        );
        let windows = KeyDescription { explicit: true, ..key("C:\\Users\\u/.ssh/id_rsa", "RSA", "SHA256:abc") };
        assert_eq!(
            of("debug1: Offering public key: C:\\\\Users\\\\u/.ssh/id_rsa RSA SHA256:abc explicit"),
            Event::Offering { key: windows }
        );
        let comment = KeyDescription { agent: true, ..key("Work GitHub", "ED25519", "SHA256:abc") };
        assert_eq!(
            of("debug1: Offering public key: Work GitHub ED25519 SHA256:abc agent"),
            Event::Offering { key: comment }
        );
        let sneaky = KeyDescription { agent: true, ..key("x RSA SHA256:zzz agent", "ED25519", "SHA256:abc") };
        assert_eq!(
            of("debug1: Offering public key: x RSA SHA256:zzz agent ED25519 SHA256:abc agent"),
            Event::Offering { key: sneaky }
        );
    }

    #[test]
    fn attempts_without_a_public_half() {
        assert_eq!(
            of("debug1: Will attempt key: /home/u/.ssh/id_rsa "),
            Event::WillAttempt { key: key("/home/u/.ssh/id_rsa", "", "") }
        );
        let explicit = KeyDescription { explicit: true, ..key("/home/u/keys/work", "", "") };
        assert_eq!(of("debug1: Will attempt key: /home/u/keys/work  explicit"), Event::WillAttempt { key: explicit });
    }

    #[test]
    fn acceptance_in_both_wordings() {
        assert_eq!(
            of("debug1: Server accepts key: pkalg rsa-sha2-512 blen 279"),
            Event::Accepted { key: key("", "rsa-sha2-512", "") }
        );
        assert_eq!(
            of("debug1: Server accepts key: /home/u/.ssh/id_rsa RSA SHA256:abc"),
            Event::Accepted { key: key("/home/u/.ssh/id_rsa", "RSA", "SHA256:abc") }
        );
    }

    #[test]
    fn identity_files() {
        for (text, loaded) in [("type -1", false), ("type 0", true), ("type 3", true)] {
            assert_eq!(
                of(&format!("debug1: identity file /home/u/.ssh/id {text}")),
                Event::IdentityFile { path: "/home/u/.ssh/id".to_owned(), loaded }
            );
        }
        let missing =
            |explicit, warned| Event::IdentityMissing { path: "/home/u/.ssh/work".to_owned(), explicit, warned };
        assert_eq!(of("no such identity: /home/u/.ssh/work: No such file or directory"), missing(true, false));
        assert_eq!(of("debug3: no such identity: /home/u/.ssh/work: No such file or directory"), missing(false, false));
        assert_eq!(
            of("Warning: Identity file /home/u/.ssh/work not accessible: No such file or directory."),
            missing(true, true)
        );
    }

    #[test]
    fn skipped_keys() {
        let skipped = |path: &str, algorithm: Option<&str>, reason| Event::Skipping {
            path: path.to_owned(),
            algorithm: algorithm.map(str::to_owned),
            reason,
        };
        for why in [
            "not in PubkeyAcceptedKeyTypes",
            "corresponding algo not in PubkeyAcceptedAlgorithms",
            "corresponding algorithm not in PubkeyAcceptedAlgorithms",
        ] {
            assert_eq!(
                of(&format!("debug1: Skipping ssh-dss key /k/a - b - {why}")),
                skipped("/k/a - b", Some("ssh-dss"), SkipReason::NotInAcceptedAlgorithms),
                "{why}"
            );
        }
        assert_eq!(
            of("debug1: Skipping ssh-rsa key /k - corresponding algorithm not supported by server"),
            skipped("/k", Some("ssh-rsa"), SkipReason::NotSupportedByServer)
        );
        assert_eq!(
            of("debug1: load_identity_file: Skipping key /k: Invalid key length"),
            skipped("/k", None, SkipReason::TooShort)
        );
        assert_eq!(
            of(
                "debug1: pubkey_prepare: ignoring authenticator-hosted key /k as no SecurityKeyProvider has been specified"
            ),
            skipped("/k", None, SkipReason::NoSecurityKeyProvider)
        );
        assert_eq!(
            of("debug1: key \"/k\" is an authenticator-hosted key, but no provider specified"),
            skipped("/k", None, SkipReason::NoSecurityKeyProvider)
        );
        assert_eq!(
            of("debug1: identity file /k-cert type 7 with no matching private key"),
            skipped("/k-cert", None, SkipReason::UnusableCertificate)
        );
        assert_eq!(of("debug1: Authenticator provider $SSH_SK_PROVIDER did not resolve; disabling"), Event::Other);
    }

    #[test]
    fn keys_that_do_not_load() {
        use LoadReason::*;
        for (text, reason) in [
            ("bad permissions", BadPermissions),
            ("invalid format", InvalidFormat),
            ("error in libcrypto", Libcrypto),
            ("Permission denied", PermissionDenied),
            ("incorrect passphrase supplied to decrypt private key", Passphrase),
            ("unknown or unsupported key type", UnknownType),
            ("Invalid key length", TooShort),
            ("Is a directory", Directory),
            ("Input/output error", Other),
        ] {
            assert_eq!(
                of(&format!("Load key \"/home/u/.ssh/k\": {text}")),
                Event::KeyLoadFailed { path: "/home/u/.ssh/k".to_owned(), reason, text: text.to_owned() }
            );
        }
        assert_eq!(
            of("Permissions 0777 for '/mnt/c/k' are too open."),
            Event::UnprotectedKey { path: "/mnt/c/k".to_owned(), mode: Some("0777".to_owned()) }
        );
        assert_eq!(
            of("Permissions for 'C:\\\\Users\\\\u\\\\key' are too open."),
            Event::UnprotectedKey { path: "C:\\Users\\u\\key".to_owned(), mode: None }
        );
    }

    #[test]
    fn signatures_that_fail() {
        use SignReason::*;
        for (text, path, reason, agent) in [
            (
                "sign_and_send_pubkey: signing failed for ED25519 \"ana@home\" from agent: agent refused operation",
                Some("ana@home"),
                AgentRefused,
                true,
            ),
            ("sign_and_send_pubkey: signing failed: agent refused operation", None, AgentRefused, true),
            ("Agent admitted failure to sign using the key.", None, AgentRefused, true),
            ("sign_and_send_pubkey: signing failed: communication with agent failed", None, Communication, true),
            (
                "sign_and_send_pubkey: signing failed for ED25519-SK \"/k\": device not found",
                Some("/k"),
                DeviceNotFound,
                false,
            ),
            (
                "sign_and_send_pubkey: signing failed for ED25519-SK \"/k\": requested feature not supported",
                Some("/k"),
                Unsupported,
                false,
            ),
            ("identity_sign: private key /k contents do not match public", Some("/k"), ContentsMismatch, false),
        ] {
            let expected = Event::SigningFailed { path: path.map(str::to_owned), reason, agent, text: text.to_owned() };
            assert_eq!(of(text), expected);
        }
        assert_eq!(of("debug1: send_pubkey_test: no mutual signature algorithm"), Event::NoMutualSignature);
        assert_eq!(of("sign_and_send_pubkey: no mutual signature supported"), Event::NoMutualSignature);
        assert_eq!(of("Confirm user presence for key ED25519-SK SHA256:abc"), Event::ConfirmUserPresence);
    }

    #[test]
    fn providers() {
        for text in [
            "lib_contains_symbol: open /usr/lib/opensc-pkcs11.so: No such file or directory",
            "provider /usr/lib/opensc-pkcs11.so is not a PKCS11 library",
            "debug1: pkcs11_register_provider: provider /usr/lib/opensc-pkcs11.so returned no slots",
        ] {
            assert!(matches!(of(text), Event::ProviderFailed { .. }), "{text}");
        }
    }

    #[test]
    fn questions() {
        assert_eq!(
            of("Enter passphrase for key '/home/u/.ssh/k':"),
            Event::PassphrasePrompt { path: "/home/u/.ssh/k".to_owned() }
        );
        assert!(matches!(
            of("debug1: read_passphrase: can't open /dev/tty: No such device or address"),
            Event::CannotAsk { .. }
        ));
        assert!(matches!(
            of("ssh_askpass: exec(/usr/libexec/ssh-askpass): No such file or directory"),
            Event::CannotAsk { .. }
        ));
        assert_eq!(of("debug2: bad passphrase given, try again..."), Event::PassphraseBad);
    }
}
