//! PEM keys (`BEGIN RSA PRIVATE KEY`, PKCS#8) as OpenSSL 3's `PEM_read_bio` reads them for OpenSSH, which is far more
//! forgiving than OpenSSH is with its own format: text before BEGIN, CRLF, a byte order mark and a missing last newline
//! are all taken. LibreSSL and OpenSSL 1.1 do not skip the byte order mark.

use super::openssh::is_space;
use super::{Encryption, KeyFormat, Loaded, Refusal, der};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The names between `BEGIN ` and the dashes that can be a private key; other blocks are passed over.
pub(super) const NAMES: &[(&str, KeyFormat)] = &[
    ("RSA PRIVATE KEY", KeyFormat::PemRsa),
    ("EC PRIVATE KEY", KeyFormat::PemEc),
    ("DSA PRIVATE KEY", KeyFormat::PemDsa),
    ("PRIVATE KEY", KeyFormat::Pkcs8),
    ("ENCRYPTED PRIVATE KEY", KeyFormat::Pkcs8Encrypted),
];

/// Encrypted PEM may not be wrapped at another width.
const ENCRYPTED_WIDTH: usize = 64;

struct Block {
    format: KeyFormat,
    headers: Vec<String>,
    base64: Vec<u8>,
}

/// Reads the first private key in a file.
pub(super) fn load(text: &[u8]) -> Result<Loaded, Refusal> {
    let block = first_block(text)?;
    let base64: Vec<u8> = block.base64.iter().copied().filter(|byte| !is_space(*byte)).collect();
    let der = STANDARD.decode(base64).map_err(|_| Refusal::Base64)?;
    let legacy = block.headers.iter().any(|header| header.starts_with("Proc-Type:") && header.contains("ENCRYPTED"));
    if legacy && block.format != KeyFormat::Pkcs8Encrypted {
        let encryption = legacy_encryption(&block.headers).ok_or(Refusal::Body)?;
        let whole = !der.is_empty() && der.len() % 8 == 0;
        let algorithm = legacy_algorithm(block.format);
        let loaded =
            Loaded { format: block.format, encryption: Some(encryption), public: None, algorithm, comment: None };
        return if whole { Ok(loaded) } else { Err(Refusal::Body) };
    }
    let mut encryption = None;
    let key = match block.format {
        KeyFormat::PemRsa => der::rsa(&der),
        KeyFormat::PemEc => der::ec(&der, None),
        KeyFormat::PemDsa => der::dsa(&der),
        KeyFormat::Pkcs8 => der::pkcs8(&der),
        _ => {
            encryption = Some(der::pkcs8_encryption(&der).ok_or(Refusal::Body)?);
            Some(der::DerKey { algorithm: None, public: None })
        }
    };
    let key = key.ok_or(Refusal::Body)?;
    if encryption.is_none() && key.algorithm.is_none() {
        return Err(Refusal::Type);
    }
    Ok(Loaded { format: block.format, encryption, public: key.public, algorithm: key.algorithm, comment: None })
}

/// PEM_bytes_read_bio: from block to block until one is a private key.
fn first_block(text: &[u8]) -> Result<Block, Refusal> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut lines = text.split(|byte| *byte == b'\n').map(trim_end);
    loop {
        let name = lines.by_ref().find_map(begin_name).ok_or(Refusal::Framing)?;
        let (headers, base64) = read_block(&mut lines, &name)?;
        if let Some((_, format)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(Block { format: *format, headers, base64 });
        }
    }
}

fn trim_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| *byte > b' ').map_or(0, |last| last + 1);
    &line[..end]
}

fn begin_name(line: &[u8]) -> Option<String> {
    let name = line.strip_prefix(b"-----BEGIN ")?.strip_suffix(b"-----")?;
    String::from_utf8(name.to_vec()).ok()
}

/// get_header_and_data of pem_lib.c: headers end at a blank line, and after one the lines must be whole.
fn read_block<'a>(lines: &mut impl Iterator<Item = &'a [u8]>, name: &str) -> Result<(Vec<String>, Vec<u8>), Refusal> {
    let end = format!("-----END {name}-----");
    let (mut headers, mut base64) = (Vec::new(), Vec::new());
    let mut blank_seen = false;
    let mut last_line = false;
    for line in lines {
        if line.starts_with(b"-----END ") {
            return if line == end.as_bytes() { Ok((headers, base64)) } else { Err(Refusal::Framing) };
        }
        if line.is_empty() {
            if blank_seen {
                return Err(Refusal::Base64);
            }
            blank_seen = true;
            headers = header_lines(&std::mem::take(&mut base64));
            continue;
        }
        if last_line || (blank_seen && line.len() > ENCRYPTED_WIDTH) {
            return Err(Refusal::Base64);
        }
        last_line = blank_seen && line.len() < ENCRYPTED_WIDTH;
        // Not known yet whether these are headers; if no blank line comes, they are the key.
        base64.extend_from_slice(line);
        base64.push(b'\n');
    }
    Err(Refusal::Framing)
}

fn header_lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
}

/// `DEK-Info: AES-128-CBC,IV` (RFC 1421 section 4.6.1.3); the key is derived by one round of MD5.
fn legacy_encryption(headers: &[String]) -> Option<Encryption> {
    let info = headers.iter().find_map(|header| header.strip_prefix("DEK-Info:"))?;
    let (cipher, vector) = info.trim().split_once(',')?;
    if cipher.is_empty() || vector.is_empty() || !vector.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some(Encryption { cipher: Some(cipher.to_owned()), kdf: Some("md5".to_owned()), rounds: Some(1) })
}

fn legacy_algorithm(format: KeyFormat) -> Option<String> {
    match format {
        KeyFormat::PemRsa => Some("ssh-rsa".to_owned()),
        KeyFormat::PemDsa => Some("ssh-dss".to_owned()),
        _ => None,
    }
}
