//! The agent protocol (draft-ietf-sshm-ssh-agent): what a client asks and an agent answers, both ways.
//!
//! Only the messages that list keys and ask for signatures: the doctor never adds, removes or uses a key. Everything here
//! is encoding; sockets and time limits are the caller's.

use super::public_key::{PublicKey, PublicKeyError};
use super::wire::{Reader, put_string};

/// The longest message taken, as OpenSSH's AGENT_MAX_LEN (authfd.h).
pub const MAX_MESSAGE: usize = 256 * 1024;
/// The most identities taken, as OpenSSH's MAX_AGENT_IDENTITIES.
pub const MAX_IDENTITIES: usize = 2048;

const FAILURE: u8 = 5;
const SUCCESS: u8 = 6;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const EXTENSION: u8 = 27;
const EXTENSION_FAILURE: u8 = 28;
/// `SSH_MSG_USERAUTH_REQUEST` (RFC 4252 section 6).
const USERAUTH_REQUEST: u8 = 50;

/// Why bytes are not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// Longer than any agent sends.
    #[error("the agent announces a message of {0} bytes; whatever listens on this socket is no SSH agent")]
    TooLong(usize),
    /// The message has no type.
    #[error("the agent sent an empty message; whatever listens on this socket is no SSH agent")]
    Empty,
    /// It ends early or has bytes left over.
    #[error("the agent's answer is damaged; restart the agent")]
    Damaged,
    /// More keys than OpenSSH takes.
    #[error("the agent has {0} keys, more than ssh takes; remove some with `ssh-add -d`")]
    TooManyKeys(usize),
    /// Another type than the question asks for.
    #[error("the agent answered with message type {0}, which is no answer to the question; restart the agent")]
    Unexpected(u8),
}

/// A key an agent has.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The public key as sent.
    pub blob: Vec<u8>,
    /// Its comment; often a path or a name, control characters are still in it.
    pub comment: String,
}

impl Identity {
    /// The key in the blob.
    ///
    /// # Errors
    /// When the blob is damaged.
    pub fn public_key(&self) -> Result<PublicKey, PublicKeyError> {
        let mut key = PublicKey::from_blob(&self.blob)?;
        key.comment = Some(self.comment.clone()).filter(|comment| !comment.is_empty());
        Ok(key)
    }
}

/// What an agent answers to [`request_identities`].
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Its keys, in its order, which is the order in which ssh offers them. A locked agent sends none.
    Identities(Vec<Identity>),
    /// It refuses.
    Failure,
}

/// What a client asks an agent.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// List the keys.
    Identities,
    /// Sign `data` with the key of this blob.
    Sign {
        /// The key's blob.
        blob: Vec<u8>,
        /// What to sign.
        data: Vec<u8>,
        /// 2 asks an RSA key for SHA-256, 4 for SHA-512.
        flags: u32,
    },
    /// An extension, by name: `session-bind@openssh.com`, `query`.
    Extension(String),
    /// A message of another type, which the agent answers with failure.
    Other(u8),
}

/// Splits one message off the front of what has been received: its content, and how many bytes it took. `None` if it is not
/// complete yet.
///
/// # Errors
/// When the announced length is none an agent would send.
pub fn next_message(received: &[u8]) -> Result<Option<(&[u8], usize)>, AgentError> {
    let mut reader = Reader::new(received);
    let Some(length) = reader.uint32() else { return Ok(None) };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    match length {
        0 => Err(AgentError::Empty),
        length if length > MAX_MESSAGE => Err(AgentError::TooLong(length)),
        length => Ok(reader.bytes(length).map(|message| (message, length + 4))),
    }
}

fn message(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 5);
    put_string(&mut out, &[&[kind], content].concat());
    out
}

/// The question for the keys, framed.
pub fn request_identities() -> Vec<u8> {
    message(REQUEST_IDENTITIES, &[])
}

/// Reads the answer to [`request_identities`], without its length.
///
/// # Errors
/// When it is damaged or another message.
pub fn parse_identities(content: &[u8]) -> Result<Answer, AgentError> {
    let mut reader = Reader::new(content);
    match reader.byte().ok_or(AgentError::Empty)? {
        IDENTITIES_ANSWER => identities(&mut reader).map(Answer::Identities),
        // 102 is SSH_COM_AGENT2_FAILURE, which OpenSSH takes for a failure too.
        FAILURE | EXTENSION_FAILURE | 102 => Ok(Answer::Failure),
        other => Err(AgentError::Unexpected(other)),
    }
}

fn identities(reader: &mut Reader<'_>) -> Result<Vec<Identity>, AgentError> {
    let count = reader.uint32().ok_or(AgentError::Damaged)?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > MAX_IDENTITIES {
        return Err(AgentError::TooManyKeys(count));
    }
    let one = |_| {
        let blob = reader.string()?.to_vec();
        let comment = String::from_utf8_lossy(reader.string()?).into_owned();
        Some(Identity { blob, comment })
    };
    (0..count).map(one).collect::<Option<_>>().ok_or(AgentError::Damaged)
}

/// Reads what a client asks, without its length.
///
/// # Errors
/// When it is empty, or a request of a known type is damaged.
pub fn parse_request(content: &[u8]) -> Result<Request, AgentError> {
    let mut reader = Reader::new(content);
    let request = match reader.byte().ok_or(AgentError::Empty)? {
        REQUEST_IDENTITIES => Some(Request::Identities),
        SIGN_REQUEST => sign_request(&mut reader),
        EXTENSION => reader.string().map(|name| Request::Extension(String::from_utf8_lossy(name).into_owned())),
        other => Some(Request::Other(other)),
    };
    request.ok_or(AgentError::Damaged)
}

fn sign_request(reader: &mut Reader<'_>) -> Option<Request> {
    let blob = reader.string()?.to_vec();
    let data = reader.string()?.to_vec();
    // Very old clients leave out the flags.
    let flags = reader.uint32().unwrap_or(0);
    Some(Request::Sign { blob, data, flags })
}

/// The public key, as offered to the server, that a signature over `data` would prove (RFC 4252 section 7). For a certificate
/// it is the certificate, while the request may name the plain key inside it. `None` where the data are for something else.
pub fn authenticated_key(data: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(data);
    let _session = reader.string()?;
    let request = reader.byte()?;
    let (_user, _service, method) = (reader.string()?, reader.string()?, reader.string()?);
    let signed = reader.byte()?;
    let _algorithm = reader.string()?;
    // `publickey-hostbound-v00@openssh.com` has the host key behind (PROTOCOL).
    let known = request == USERAUTH_REQUEST && method.starts_with(b"publickey") && signed == 1;
    reader.string().filter(|_| known)
}

/// An agent's list of keys, framed; the order is kept.
pub fn identities_answer(identities: &[Identity]) -> Vec<u8> {
    let count = u32::try_from(identities.len()).expect("no list of ours reaches four thousand million keys");
    let mut content = count.to_be_bytes().to_vec();
    for identity in identities {
        put_string(&mut content, &identity.blob);
        put_string(&mut content, identity.comment.as_bytes());
    }
    message(IDENTITIES_ANSWER, &content)
}

/// An agent's refusal, framed; the right answer to everything it does not do.
pub fn failure() -> Vec<u8> {
    message(FAILURE, &[])
}

/// An agent's plain yes, framed; the answer to `session-bind@openssh.com`.
pub fn success() -> Vec<u8> {
    message(SUCCESS, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = include_str!("../../tests/ssh/zoo/openssh-ed25519.public");

    fn content(framed: &[u8]) -> &[u8] {
        let (content, taken) = next_message(framed).expect("a message").expect("a whole one");
        assert_eq!(taken, framed.len());
        content
    }

    #[test]
    fn a_list_goes_there_and_back_in_order() {
        let blob = PublicKey::from_line(KEY).expect("a key").blob;
        let list = vec![
            Identity { blob: blob.clone(), comment: "b".into() },
            Identity { blob: vec![1, 2], comment: "a \u{1b}[31m".into() },
        ];
        let answer = identities_answer(&list);
        assert_eq!(parse_identities(content(&answer)), Ok(Answer::Identities(list.clone())));
        assert_eq!(list[0].public_key().expect("a key").comment.as_deref(), Some("b"));
        assert!(list[1].public_key().is_err());
    }

    #[test]
    fn requests_are_told_apart() {
        assert_eq!(parse_request(content(&request_identities())), Ok(Request::Identities));
        let mut sign = vec![SIGN_REQUEST];
        put_string(&mut sign, b"blob");
        put_string(&mut sign, b"data");
        sign.extend_from_slice(&4u32.to_be_bytes());
        assert_eq!(
            parse_request(&sign),
            Ok(Request::Sign { blob: b"blob".to_vec(), data: b"data".to_vec(), flags: 4 })
        );
        let mut extension = vec![EXTENSION];
        put_string(&mut extension, b"session-bind@openssh.com");
        assert_eq!(parse_request(&extension), Ok(Request::Extension("session-bind@openssh.com".into())));
        assert_eq!(parse_request(&[17, 1, 2]), Ok(Request::Other(17)));
        assert_eq!(parse_request(&[SIGN_REQUEST, 0]), Err(AgentError::Damaged));
    }

    #[test]
    fn the_data_to_be_signed_name_the_key_that_was_offered() {
        let data = |request: u8, method: &[u8]| {
            let mut data = Vec::new();
            put_string(&mut data, b"session");
            data.push(request);
            for part in [&b"ana"[..], b"ssh-connection", method] {
                put_string(&mut data, part);
            }
            data.push(1);
            put_string(&mut data, b"ssh-ed25519-cert-v01@openssh.com");
            put_string(&mut data, b"certificate");
            data
        };
        assert_eq!(authenticated_key(&data(50, b"publickey")), Some(&b"certificate"[..]));
        let bound = [data(50, b"publickey-hostbound-v00@openssh.com"), vec![0, 0, 0, 1, b'k']].concat();
        assert_eq!(authenticated_key(&bound), Some(&b"certificate"[..]));
        assert_eq!(authenticated_key(&data(51, b"publickey")), None);
        assert_eq!(authenticated_key(&data(50, b"hostbased")), None);
        assert_eq!(authenticated_key(&data(50, b"publickey")[..20]), None);
        assert_eq!(authenticated_key(b"SSHSIG"), None, "ssh-keygen -Y sign");
    }

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(next_message(&[0, 0, 0]), Ok(None));
        assert_eq!(next_message(&[0, 0, 0, 2, 5]), Ok(None));
        assert_eq!(next_message(b"HTTP/1.1"), Err(AgentError::TooLong(0x4854_5450)));
        assert_eq!(next_message(&[0; 4]), Err(AgentError::Empty));
        let many = [&[IDENTITIES_ANSWER][..], &[0xff; 4]].concat();
        assert!(matches!(parse_identities(&many), Err(AgentError::TooManyKeys(_))));
    }

    #[test]
    fn a_refusal_is_an_answer() {
        assert_eq!(parse_identities(content(&failure())), Ok(Answer::Failure));
        assert_eq!(parse_identities(content(&success())), Err(AgentError::Unexpected(SUCCESS)));
        assert_eq!(parse_identities(&[IDENTITIES_ANSWER, 0, 0, 0, 1]), Err(AgentError::Damaged));
    }

    #[test]
    fn comments_that_are_no_utf8_are_kept_readable() {
        let mut answer = vec![IDENTITIES_ANSWER, 0, 0, 0, 1];
        put_string(&mut answer, b"blob");
        put_string(&mut answer, b"caf\xe9");
        let Ok(Answer::Identities(list)) = parse_identities(&answer) else { panic!("a list") };
        assert_eq!(list[0].comment, "caf\u{fffd}");
    }

    proptest! {
        #[test]
        fn never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 0usize..4) {
            let _ = next_message(&bytes);
            let _ = parse_request(&bytes);
            let _ = authenticated_key(&bytes);
            if let Some(first) = bytes.first_mut() {
                *first = [IDENTITIES_ANSWER, SIGN_REQUEST, EXTENSION, FAILURE][kind];
            }
            let _ = parse_request(&bytes);
            let _ = parse_identities(&bytes);
        }
    }
}
