//! The framing of OpenSSH's own private-key format: `private2_uudecode` of sshkey.c, byte for byte.

use super::body::{self, Body};
use super::{KeyFormat, Loaded, Refusal};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) const BEGIN: &[u8] = b"-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &[u8] = b"-----END OPENSSH PRIVATE KEY-----";

/// Reads a file as OpenSSH does.
pub(super) fn load(text: &[u8]) -> Result<Loaded, Refusal> {
    let decoded = decode(text)?;
    let body = Body::read(&decoded)?;
    body.check()?;
    Ok(loaded(&body))
}

/// What can be read of a key whose private part is damaged.
pub(super) fn partial(text: &[u8]) -> Option<Loaded> {
    let decoded = decode(text).ok()?;
    Body::read(&decoded).ok().map(|body| loaded(&body))
}

fn loaded(body: &Body<'_>) -> Loaded {
    Loaded {
        format: KeyFormat::Openssh,
        encryption: body.encryption(),
        public: Some(body.public.clone()),
        algorithm: None,
        comment: body.comment(),
    }
}

/// BEGIN at byte 0 with LF, END at the start of a line with LF; all CR and LF between them are dropped.
pub(super) fn decode(text: &[u8]) -> Result<Vec<u8>, Refusal> {
    let rest = text.strip_prefix(BEGIN).and_then(|rest| rest.strip_prefix(b"\n")).ok_or(Refusal::Framing)?;
    let end = end_of_body(rest).ok_or(Refusal::Framing)?;
    let base64 = &rest[..end];
    // b64_pton works on a C string and skips what isspace() calls blank.
    let base64 = base64.split(|byte| *byte == 0).next().unwrap_or_default();
    let base64: Vec<u8> = base64.iter().copied().filter(|byte| !is_space(*byte)).collect();
    let decoded = STANDARD.decode(base64).map_err(|_| Refusal::Base64)?;
    if decoded.starts_with(body::MAGIC) { Ok(decoded) } else { Err(Refusal::Body) }
}

fn end_of_body(rest: &[u8]) -> Option<usize> {
    let line_starts = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| index + 1);
    line_starts.into_iter().find(|start| rest[*start..].strip_prefix(END).is_some_and(|tail| tail.starts_with(b"\n")))
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}
