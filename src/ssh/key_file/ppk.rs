//! The public half in a file of PuTTY's own format, which shows it even where the private one is encrypted
//! (PuTTY's manual, appendix C).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::PublicKey;

/// Lines of a public half; the longest real ones (RSA of 16384 bits) have 43.
const MOST_LINES: usize = 200;

/// The key after `Public-Lines: N`, with the file's comment.
pub(super) fn public(text: &[u8]) -> Option<PublicKey> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().map(str::trim_end);
    let mut comment = None;
    let count = loop {
        let line = lines.next()?;
        if let Some(text) = line.strip_prefix("Comment: ") {
            comment = Some(text.to_owned());
        }
        if let Some(count) = line.strip_prefix("Public-Lines: ") {
            break count.trim().parse::<usize>().ok().filter(|count| *count <= MOST_LINES)?;
        }
    };
    let letters: String = lines.take(count).collect();
    let mut key = PublicKey::from_blob(&STANDARD.decode(letters).ok()?).ok()?;
    key.comment = comment;
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::public;

    #[test]
    fn the_public_half_is_never_encrypted() {
        for file in [
            &include_bytes!("../../../tests/ssh/zoo/putty.ppk")[..],
            include_bytes!("../../../tests/ssh/zoo/putty-encrypted.ppk"),
        ] {
            let key = public(file).expect("it has one");
            assert_eq!((key.algorithm.as_str(), key.comment.as_deref()), ("ssh-ed25519", Some("zoo@putty")));
        }
    }

    #[test]
    fn what_is_cut_short_or_boundless_has_none() {
        for text in ["PuTTY-User-Key-File-3: ssh-rsa\n", "Public-Lines: 99999999999\nAAAA\n", "Public-Lines: 1\n!!\n"] {
            assert!(public(text.as_bytes()).is_none(), "{text}");
        }
    }
}
