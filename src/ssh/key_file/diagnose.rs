//! Says why a text that OpenSSH refuses is refused, and undoes the fault where nothing is lost.
//!
//! The order matters: the fault that hides the others comes first (an encoding before line ends, line ends before markers).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::openssh::{BEGIN, is_space};
use super::{Encryption, KeyFault, KeyFormat, PublicKey, Refusal, is_certificate, pem};

/// One fault, what the file is meant to be, and the text without that fault if it can be undone.
pub(super) struct Diagnosis {
    pub(super) fault: KeyFault,
    pub(super) format: KeyFormat,
    pub(super) mended: Option<Vec<u8>>,
}

/// Names one fault of a text that no reader took.
pub(super) fn diagnose(text: &[u8], refusal: Refusal) -> Diagnosis {
    let (fault, mended) = encoding(text)
        .or_else(|| other_file(text).map(|(fault, _)| (fault, None)))
        .or_else(|| markers(text))
        .unwrap_or_else(|| (by_refusal(refusal), None));
    Diagnosis { fault, format: format_of(text), mended }
}

fn by_refusal(refusal: Refusal) -> KeyFault {
    match refusal {
        Refusal::Framing => KeyFault::MarkerLine,
        Refusal::Base64 => KeyFault::DamagedBase64,
        Refusal::Body => KeyFault::DamagedBody,
        Refusal::Cipher => KeyFault::UnknownCipher,
        Refusal::Type => KeyFault::UnknownType,
    }
}

type Fault = (KeyFault, Option<Vec<u8>>);

/// Faults of the whole text, before any line can be looked at.
fn encoding(text: &[u8]) -> Option<Fault> {
    if text.iter().all(|byte| is_space(*byte) || *byte == 0) {
        return Some((KeyFault::Empty, None));
    }
    if let Some(decoded) = utf16(text) {
        return Some((KeyFault::Utf16, Some(decoded.into_bytes())));
    }
    if let Some(decoded) = base64(text) {
        return Some((KeyFault::Base64Encoded, Some(decoded)));
    }
    if let Some(plain) = without_entities(text) {
        return Some((KeyFault::HtmlEscaped, Some(plain)));
    }
    // OpenSSL skips the mark, so in front of PEM it is not the fault.
    let rest = text.strip_prefix(b"\xef\xbb\xbf")?;
    (!is_pem(text)).then(|| (KeyFault::ByteOrderMark, Some(rest.to_vec())))
}

/// Text in UTF-16 with or without its mark: every other byte of ASCII is NUL.
fn utf16(text: &[u8]) -> Option<String> {
    let (little, body) = match text {
        [0xff, 0xfe, body @ ..] => (true, body),
        [0xfe, 0xff, body @ ..] => (false, body),
        [first, 0, second, 0, ..] if first.is_ascii() && second.is_ascii() => (true, text),
        [0, first, 0, second, ..] if first.is_ascii_graphic() && second.is_ascii_graphic() => (false, text),
        _ => return None,
    };
    let units = body.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    });
    Some(char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// A text whose base64 stands in the file: `LS0tLS1CRUdJTi` is how `-----BEGIN ` begins in it.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.iter().copied().filter(|byte| !is_space(*byte)).collect();
    letters.starts_with(b"LS0tLS1CRUdJTi").then(|| STANDARD.decode(letters).ok()).flatten()
}

/// What HTML writes for the three letters of base64 that are neither letters nor digits, and for `&` itself.
const ENTITIES: [(&[u8], &[u8]); 13] = [
    (b"&amp;", b"&"),
    (b"&#43;", b"+"),
    (b"&#x2b;", b"+"),
    (b"&#x2B;", b"+"),
    (b"&plus;", b"+"),
    (b"&#47;", b"/"),
    (b"&#x2f;", b"/"),
    (b"&#x2F;", b"/"),
    (b"&sol;", b"/"),
    (b"&#61;", b"="),
    (b"&#x3d;", b"="),
    (b"&#x3D;", b"="),
    (b"&equals;", b"="),
];

/// A key without the entities that a template or a web form has put into it, if there are any.
fn without_entities(text: &[u8]) -> Option<Vec<u8>> {
    private_name(text)?;
    let plain =
        ENTITIES.iter().fold(text.to_vec(), |text, (entity, letter)| replace(&text, entity, letter).into_owned());
    (plain != text).then_some(plain)
}

/// Files that are something else than an OpenSSH private key.
fn other_file(text: &[u8]) -> Option<(KeyFault, KeyFormat)> {
    let lossy = String::from_utf8_lossy(text);
    let has = |mark: &str| lossy.contains(mark);
    if private_name(text).is_some() {
        None
    } else if lossy.trim_start().starts_with("PuTTY-User-Key-File-") {
        Some((KeyFault::Putty, KeyFormat::Ppk))
    } else if has("---- BEGIN SSH2 PUBLIC KEY ----") {
        Some((KeyFault::PublicKey, KeyFormat::Ssh2Public))
    } else if has("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----") {
        Some((KeyFault::ForeignFormat, KeyFormat::Ssh2Private))
    } else if has("-----BEGIN PUBLIC KEY-----") || has("-----BEGIN RSA PUBLIC KEY-----") {
        Some((KeyFault::PublicKey, KeyFormat::PemPublic))
    } else if let Some(key) = public_line(text) {
        let format = if is_certificate(&key.algorithm) { KeyFormat::CertificateLine } else { KeyFormat::PublicLine };
        Some((KeyFault::PublicKey, format))
    } else if remains_of_a_key(&lossy) {
        None
    } else {
        Some((KeyFault::NotAKey, KeyFormat::NotAKey))
    }
}

/// The key of a file that is one public line, comments and blank lines aside.
pub(super) fn public_line(text: &[u8]) -> Option<PublicKey> {
    let text = std::str::from_utf8(text).ok()?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    PublicKey::from_line(lines.next()?).ok()
}

/// The key between the markers of RFC 4716 section 3.2: headers, whose lines may go on behind a backslash, then base64.
pub(super) fn ssh2_public(text: &[u8]) -> Option<PublicKey> {
    let text = std::str::from_utf8(text).ok()?;
    let (_, inside) = text.split_once("---- BEGIN SSH2 PUBLIC KEY ----")?;
    let (inside, _) = inside.split_once("---- END SSH2 PUBLIC KEY ----")?;
    let mut letters = String::new();
    let mut continued = false;
    for line in inside.lines().map(str::trim) {
        let header = continued || line.contains(':');
        continued = header && line.ends_with('\\');
        if !header {
            letters.push_str(line);
        }
    }
    PublicKey::from_blob(&STANDARD.decode(letters).ok()?).ok()
}

/// A private key that has lost its BEGIN line, or whose dashes a word processor has replaced.
fn remains_of_a_key(text: &str) -> bool {
    (text.contains("PRIVATE KEY") && !text.contains("PRIVATE KEY BLOCK"))
        || text.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric()).starts_with("b3BlbnNzaC1rZXktdjE")
}

/// The name in the first BEGIN marker of a private key, wherever in the text it stands, and its place.
fn private_name(text: &[u8]) -> Option<(usize, &'static str)> {
    let names = pem::NAMES.iter().map(|(name, _)| *name).chain(["OPENSSH PRIVATE KEY"]);
    names.filter_map(|name| Some((find(text, format!("-----BEGIN {name}-----").as_bytes())?, name))).min()
}

fn is_pem(text: &[u8]) -> bool {
    private_name(text).is_some_and(|(_, name)| name != "OPENSSH PRIVATE KEY")
}

/// Faults of the BEGIN and END lines.
fn markers(text: &[u8]) -> Option<Fault> {
    let (at, name) = private_name(text).unwrap_or((0, ""));
    if name.is_empty() {
        return Some((KeyFault::MarkerLine, None));
    }
    let begin = format!("-----BEGIN {name}-----").into_bytes();
    let end = format!("-----END {name}-----").into_bytes();
    let inside = &text[at + begin.len()..];
    let end_at = find(inside, &end);
    let (body, tail) = end_at.map_or((inside, None), |place| (&inside[..place], Some(&inside[place + end.len()..])));

    let escaped = body.starts_with(b"\\n") || body.starts_with(b"\\r\\n");
    if escaped {
        return Some((
            KeyFault::EscapedNewlines,
            Some(replace(&replace(text, b"\\r\\n", b"\n"), b"\\n", b"\n").into_owned()),
        ));
    }
    let no_lines = !body.contains(&b'\n') && !body.contains(&b'\r');
    if let (true, Some(tail)) = (no_lines, tail) {
        let mended = one_line_mended(&text[..at], &begin, body, &end, tail);
        return Some((KeyFault::SingleLine, Some(mended)));
    }
    let openssh = begin == BEGIN;
    if !body.contains(&b'\n')
        || (openssh && (body.starts_with(b"\r") || tail.is_some_and(|tail| tail.starts_with(b"\r"))))
    {
        return end_at.map_or(Some((KeyFault::Truncated, None)), |_| {
            Some((KeyFault::Crlf, Some(replace(&replace(text, b"\r\n", b"\n"), b"\r", b"\n").into_owned())))
        });
    }
    let line_start = at == 0 || text[at - 1] == b'\n';
    if (openssh && at > 0) || !line_start {
        return Some((KeyFault::LeadingText, Some(unindented(&text[at..]))));
    }
    let Some(tail) = tail else {
        return Some((if looks_like_end(body) { KeyFault::MarkerLine } else { KeyFault::Truncated }, None));
    };
    if openssh && tail.is_empty() {
        return Some((KeyFault::NoFinalNewline, Some([text, b"\n"].concat())));
    }
    let begin_exact = body.starts_with(b"\n");
    let end_exact =
        body.ends_with(b"\n") && tail.first().is_none_or(|byte| *byte == b'\n' || (!openssh && *byte <= b' '));
    if (openssh && !begin_exact) || !end_exact {
        let mended = [&begin[..], b"\n", body.trim_ascii(), b"\n", &end[..], b"\n"].concat();
        return Some((KeyFault::MarkerLine, Some(mended)));
    }
    None
}

/// An END line there is, only spelt wrong.
fn looks_like_end(body: &[u8]) -> bool {
    let last = body.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    find(last, b"END ").is_some() && find(last, b"PRIVATE KEY").is_some()
}

fn one_line_mended(before: &[u8], begin: &[u8], body: &[u8], end: &[u8], tail: &[u8]) -> Vec<u8> {
    let letters: Vec<u8> = body.iter().copied().filter(|byte| !is_space(*byte)).collect();
    let mut mended = [before, begin, b"\n"].concat();
    for line in letters.chunks(64) {
        mended.extend_from_slice(line);
        mended.push(b'\n');
    }
    mended.extend_from_slice(end);
    mended.extend_from_slice(if tail.trim_ascii().is_empty() { b"\n" } else { tail });
    mended
}

fn unindented(text: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start).collect();
    lines.join(&b"\n"[..])
}

fn format_of(text: &[u8]) -> KeyFormat {
    if encoding(text).is_some_and(|(fault, _)| fault == KeyFault::Empty) {
        return KeyFormat::Empty;
    }
    if let Some((_, name)) = private_name(text) {
        return pem::NAMES.iter().find(|(known, _)| *known == name).map_or(KeyFormat::Openssh, |(_, format)| *format);
    }
    other_file(text).map_or(KeyFormat::Openssh, |(_, format)| format)
}

/// Whether a file that cannot be read still says that it is encrypted.
pub(super) fn encryption_by_text(text: &[u8]) -> Option<Encryption> {
    let lossy = String::from_utf8_lossy(text);
    let unknown = Encryption { cipher: None, kdf: None, rounds: None };
    if let Some(cipher) = lossy.lines().find_map(|line| line.trim().strip_prefix("Encryption: ")) {
        return (cipher != "none").then(|| Encryption { cipher: Some(cipher.to_owned()), ..unknown });
    }
    let marked = lossy.contains("ENCRYPTED PRIVATE KEY") || lossy.contains("Proc-Type: 4,ENCRYPTED");
    marked.then_some(unknown)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn replace<'a>(text: &'a [u8], from: &[u8], to: &[u8]) -> Cow<'a, [u8]> {
    if find(text, from).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find(rest, from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}
