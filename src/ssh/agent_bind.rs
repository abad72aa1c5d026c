//! Questions that tell a locked OpenSSH agent from an empty one: the extensions `query` (which the agent of 10.6 knows) and
//! `session-bind@openssh.com` (PROTOCOL.agent section 1, OpenSSH 8.9).
//!
//! A locked agent lists no keys and refuses everything else (ssh-agent.c, process_message), but for the binding, which newer
//! agents agree to all the same. To bind changes nothing but what the agent notes about the connection it came by, which
//! ends with it; but it wants a signature that holds. So here is one for good, by a key that was made for it and thrown
//! away.

use base64::Engine as _;

use super::{public_key::Fingerprint, wire::Reader};

const EXTENSION: u8 = 27;
const NAME: &[u8] = b"session-bind@openssh.com";
const ALGORITHM: &[u8] = b"ssh-ed25519";
const SESSION: &[u8; 32] = b"cci-ssh asks whether it is locke";
const KEY: &str = "ojM2Pf1EoMImzjYvtIygn10/auquAXufaQ5k/VRgP4Q=";
const SIGNATURE: &str = "6J6WQ+HHS/MucawUqHP15/MmC9FrABI0KsBflxC+4BM6xElPffNsAb2BcRspYOlbKMQRQOigIagqcxpNNR/9CA==";

fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("these are short");
    [&length.to_be_bytes(), bytes].concat()
}

/// Asks which extensions there are: an open agent that knows this request answers it, a locked one refuses. Framed.
pub fn query() -> Vec<u8> {
    string(&[vec![EXTENSION], string(b"query")].concat())
}

/// A request to bind that says nothing: only an agent that knows `query` refuses it in words of its own. Framed.
pub fn broken_request() -> Vec<u8> {
    string(&[vec![EXTENSION], string(NAME)].concat())
}

/// Whether the content of an answer is one to an extension (SSH_AGENT_EXTENSION_RESPONSE).
pub fn answered(content: &[u8]) -> bool {
    content.first() == Some(&29)
}

/// Whether the content of an answer says that an extension failed (SSH_AGENT_EXTENSION_FAILURE), as only an agent does that
/// knows `query`.
pub fn knows_query(content: &[u8]) -> bool {
    content.first() == Some(&28)
}

/// Asks for the binding. Framed.
pub fn request() -> Vec<u8> {
    let decode =
        |text: &str| base64::engine::general_purpose::STANDARD.decode(text).expect("constants of this file are base64");
    let key = [string(ALGORITHM), string(&decode(KEY))].concat();
    let signature = [string(ALGORITHM), string(&decode(SIGNATURE))].concat();
    let content = [vec![EXTENSION], string(NAME), string(&key), string(SESSION), string(&signature), vec![0]].concat();
    string(&content)
}

/// The fingerprint (`SHA256:…`) of the host key that a client's request to bind is about: the host that it is logging in to.
/// `None` for another request, and for a host certificate, which has two fingerprints.
pub fn host_key(content: &[u8]) -> Option<String> {
    let mut reader = Reader::new(content);
    let bind = reader.byte()? == EXTENSION && reader.string()? == NAME;
    let blob = reader.string().filter(|_| bind)?;
    let algorithm = Reader::new(blob).string()?;
    let plain = !algorithm.windows(6).any(|part| part == b"-cert-");
    plain.then(|| Fingerprint::sha256(blob).to_string())
}

/// Whether the content of an answer is a yes (SSH_AGENT_SUCCESS).
pub fn agreed(content: &[u8]) -> bool {
    content == [6]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_to_bind_tells_the_host() {
        let framed = request();
        assert!(host_key(&framed[4..]).is_some_and(|host| host.starts_with("SHA256:")));
        assert_eq!(host_key(&query()[4..]), None);
        assert_eq!(host_key(&broken_request()[4..]), None);
        assert_eq!(host_key(&[]), None);
    }
}
