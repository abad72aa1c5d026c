//! The first binary message of both sides, SSH_MSG_KEXINIT (RFC 4253 section 7.1), in its unencrypted packet (section 6),
//! and what the two lists agree on.
//!
//! The lists are the server's word about what it can do; no library shows them. To judge them is the checks' affair.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::wire::{Reader, put_string};

/// The longest packet taken, as OpenSSH's PACKET_MAX_SIZE.
pub const MAX_PACKET: usize = 256 * 1024;

/// SSH_MSG_KEXINIT.
pub const MSG_KEXINIT: u8 = 20;
/// SSH_MSG_DISCONNECT.
pub const MSG_DISCONNECT: u8 = 1;

/// Why bytes are not a packet or not a KEXINIT.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KexError {
    /// `Bad packet length` in ssh's words: text or another protocol after the greeting.
    #[error(
        "a packet of {0} bytes is announced, which is not SSH; something between here and the server alters the traffic"
    )]
    PacketLength(u32),
    /// The padding is longer than the packet.
    #[error("the server's first packet is damaged; something between here and the server alters the traffic")]
    Padding,
    /// Another message.
    #[error("the server sent message {0} where its key-exchange offer should be")]
    NotKexInit(u8),
    /// The offer ends early or is no text.
    #[error("the server's key-exchange offer is damaged; something between here and the server alters the traffic")]
    Damaged,
}

/// Splits one unencrypted packet off the front of what has been received: its payload, and how many bytes it took. `None` if
/// it is not complete yet.
///
/// # Errors
/// When the length or the padding cannot be SSH's.
pub fn next_packet(received: &[u8]) -> Result<Option<(&[u8], usize)>, KexError> {
    let mut reader = Reader::new(received);
    let Some(announced) = reader.uint32() else { return Ok(None) };
    let length = usize::try_from(announced).unwrap_or(usize::MAX);
    // The smallest packet is 16 bytes with its length field; OpenSSH does not take shorter ones.
    if !(5..=MAX_PACKET).contains(&length) {
        return Err(KexError::PacketLength(announced));
    }
    let Some(packet) = reader.bytes(length) else { return Ok(None) };
    let padding = usize::from(packet[0]);
    let payload = length.checked_sub(1 + padding).filter(|payload| *payload > 0).ok_or(KexError::Padding)?;
    Ok(Some((&packet[1..=payload], length + 4)))
}

/// Frames a payload as an unencrypted packet: padded with zeros to a multiple of eight, at least four bytes.
pub fn packet(payload: &[u8]) -> Vec<u8> {
    let unpadded = 4 + 1 + payload.len();
    let padding = match 8 - unpadded % 8 {
        short if short < 4 => short + 8,
        enough => enough,
    };
    let mut content = vec![u8::try_from(padding).expect("padding is below twelve")];
    content.extend_from_slice(payload);
    content.resize(content.len() + padding, 0);
    let mut out = Vec::with_capacity(content.len() + 4);
    put_string(&mut out, &content);
    out
}

/// A pair of lists, one for each direction.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Directions<T> {
    /// From the client to the server.
    pub to_server: T,
    /// From the server to the client.
    pub to_client: T,
}

/// One side's offer: ten name-lists, each in order of preference.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct KexInit {
    /// Key exchange methods, and pseudo methods such as `ext-info-c` and `kex-strict-s-v00@openssh.com`.
    pub kex: Vec<String>,
    /// Host key algorithms.
    pub host_key: Vec<String>,
    /// Ciphers.
    pub ciphers: Directions<Vec<String>>,
    /// Message authentication codes.
    pub macs: Directions<Vec<String>>,
    /// Compression methods.
    pub compression: Directions<Vec<String>>,
    /// Languages; always empty in practice.
    pub languages: Directions<Vec<String>>,
    /// Whether a guessed key-exchange packet follows at once.
    pub first_kex_packet_follows: bool,
}

impl KexInit {
    /// Reads a payload.
    ///
    /// # Errors
    /// When it is another message or damaged.
    pub fn parse(payload: &[u8]) -> Result<Self, KexError> {
        match payload.first() {
            Some(&MSG_KEXINIT) => Self::lists(&payload[1..]).ok_or(KexError::Damaged),
            Some(other) => Err(KexError::NotKexInit(*other)),
            None => Err(KexError::Damaged),
        }
    }

    fn lists(content: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(content);
        reader.bytes(16)?; // the cookie
        Some(Self {
            kex: reader.name_list()?,
            host_key: reader.name_list()?,
            ciphers: Directions { to_server: reader.name_list()?, to_client: reader.name_list()? },
            macs: Directions { to_server: reader.name_list()?, to_client: reader.name_list()? },
            compression: Directions { to_server: reader.name_list()?, to_client: reader.name_list()? },
            languages: Directions { to_server: reader.name_list()?, to_client: reader.name_list()? },
            first_kex_packet_follows: reader.byte()? != 0,
        })
    }

    /// The payload of this offer. The cookie should be random; for looking at a server's offer any will do.
    pub fn encode(&self, cookie: [u8; 16]) -> Vec<u8> {
        let mut out = vec![MSG_KEXINIT];
        out.extend_from_slice(&cookie);
        let pairs = [&self.ciphers, &self.macs, &self.compression, &self.languages];
        let lists = [&self.kex, &self.host_key]
            .into_iter()
            .chain(pairs.into_iter().flat_map(|pair| [&pair.to_server, &pair.to_client]));
        for list in lists {
            put_string(&mut out, list.join(",").as_bytes());
        }
        out.push(u8::from(self.first_kex_packet_follows));
        out.extend_from_slice(&[0; 4]);
        out
    }
}

/// What two offers agree on; `None` is the "no matching … found" of that list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Negotiated {
    /// Key exchange method.
    pub kex: Option<String>,
    /// Host key algorithm.
    pub host_key: Option<String>,
    /// Cipher.
    pub ciphers: Directions<Option<String>>,
    /// MAC; `<implicit>` where the cipher authenticates by itself.
    pub macs: Directions<Option<String>>,
    /// Compression.
    pub compression: Directions<Option<String>>,
}

impl Negotiated {
    /// Whether the key exchange can go on.
    pub fn complete(&self) -> bool {
        let both = |pair: &Directions<Option<String>>| pair.to_server.is_some() && pair.to_client.is_some();
        self.kex.is_some()
            && self.host_key.is_some()
            && both(&self.ciphers)
            && both(&self.macs)
            && both(&self.compression)
    }
}

/// Names in the key-exchange list that announce features and can never be chosen (RFC 8308, PROTOCOL of OpenSSH).
pub fn is_pseudo_method(name: &str) -> bool {
    name.starts_with("ext-info-") || name.starts_with("kex-strict-")
}

/// Chooses as RFC 4253 section 7.1 says: the first of the client's names that the server has too.
pub fn negotiate(client: &KexInit, server: &KexInit) -> Negotiated {
    let ciphers = both_ways(&client.ciphers, &server.ciphers);
    let mut macs = both_ways(&client.macs, &server.macs);
    for (mac, cipher) in [(&mut macs.to_server, &ciphers.to_server), (&mut macs.to_client, &ciphers.to_client)] {
        if cipher.as_deref().is_some_and(authenticates_itself) {
            *mac = Some("<implicit>".to_owned());
        }
    }
    let methods: Vec<String> = client.kex.iter().filter(|name| !is_pseudo_method(name)).cloned().collect();
    Negotiated {
        kex: first_common(&methods, &server.kex),
        host_key: first_common(&client.host_key, &server.host_key),
        compression: both_ways(&client.compression, &server.compression),
        ciphers,
        macs,
    }
}

fn first_common(client: &[String], server: &[String]) -> Option<String> {
    client.iter().find(|name| server.contains(name)).cloned()
}

fn both_ways(client: &Directions<Vec<String>>, server: &Directions<Vec<String>>) -> Directions<Option<String>> {
    Directions {
        to_server: first_common(&client.to_server, &server.to_server),
        to_client: first_common(&client.to_client, &server.to_client),
    }
}

fn authenticates_itself(cipher: &str) -> bool {
    cipher.contains("-gcm") || cipher.contains("poly1305") || cipher.starts_with("AEAD_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(text: &str) -> Vec<String> {
        text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn same(text: &str) -> Directions<Vec<String>> {
        Directions { to_server: names(text), to_client: names(text) }
    }

    fn offer(kex: &str, host_key: &str, ciphers: &str, macs: &str) -> KexInit {
        KexInit {
            kex: names(kex),
            host_key: names(host_key),
            ciphers: same(ciphers),
            macs: same(macs),
            compression: same("none"),
            ..KexInit::default()
        }
    }

    #[test]
    fn an_offer_goes_there_and_back_through_a_packet() {
        let mine = offer("curve25519-sha256,ext-info-c", "ssh-ed25519", "aes128-ctr", "hmac-sha2-256");
        let framed = packet(&mine.encode([7; 16]));
        assert_eq!(framed.len() % 8, 0);
        let (payload, taken) = next_packet(&framed).expect("a packet").expect("a whole one");
        assert_eq!(taken, framed.len());
        assert_eq!(KexInit::parse(payload), Ok(mine));
        assert_eq!(next_packet(&framed[..framed.len() - 1]), Ok(None));
    }

    #[test]
    fn the_clients_first_common_name_wins() {
        let client = offer("a,b,c", "ssh-ed25519,ssh-rsa", "aes256-ctr,aes128-ctr", "hmac-sha2-256");
        let server = offer("c,b", "rsa-sha2-256,ssh-rsa", "aes128-ctr,aes256-ctr", "hmac-sha1");
        let chosen = negotiate(&client, &server);
        assert_eq!(chosen.kex.as_deref(), Some("b"));
        assert_eq!(chosen.host_key.as_deref(), Some("ssh-rsa"));
        assert_eq!(chosen.ciphers.to_client.as_deref(), Some("aes256-ctr"));
        assert_eq!(chosen.macs.to_server, None);
        assert!(!chosen.complete());
    }

    #[test]
    fn a_cipher_that_authenticates_needs_no_mac() {
        let client = offer("a,ext-info-c", "k", "chacha20-poly1305@openssh.com", "x");
        let server = offer("a,ext-info-c", "k", "chacha20-poly1305@openssh.com", "y");
        assert!(negotiate(&client, &server).complete());
        let only_pseudo = offer("ext-info-c,kex-strict-c-v00@openssh.com", "k", "aes128-gcm@openssh.com", "x");
        assert_eq!(negotiate(&only_pseudo, &server).kex, None);
    }

    #[test]
    fn other_messages_and_text_are_told() {
        assert_eq!(next_packet(b"HTTP/1.1"), Err(KexError::PacketLength(0x4854_5450)));
        assert_eq!(KexInit::parse(&[MSG_DISCONNECT, 0]), Err(KexError::NotKexInit(1)));
        assert_eq!(KexInit::parse(&[MSG_KEXINIT, 0]), Err(KexError::Damaged));
        assert_eq!(next_packet(&[0, 0, 0, 6, 6, 1, 2, 3, 4, 5]), Err(KexError::Padding));
    }

    #[test]
    fn the_offer_of_a_real_server() {
        let sent = include_bytes!("../../tests/ssh/greetings/openssh-9.2.bin");
        let start = super::super::greeting::end_of_greeting(sent).expect("a greeting");
        let (payload, taken) = next_packet(&sent[start..]).expect("a packet").expect("a whole one");
        assert_eq!(start + taken, sent.len());
        let offer = KexInit::parse(payload).expect("an offer");
        assert_eq!(offer.host_key, ["ssh-ed25519"]);
        assert!(offer.kex.contains(&"curve25519-sha256".to_owned()));
        assert_eq!(offer.ciphers.to_client.first().map(String::as_str), Some("chacha20-poly1305@openssh.com"));
        assert_eq!(offer.compression, same("none,zlib@openssh.com"));
        assert!(negotiate(&offer, &offer).complete());
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = next_packet(&bytes);
            let _ = KexInit::parse(&bytes);
            let _ = KexInit::parse(&[&[MSG_KEXINIT][..], &bytes].concat());
        }

        #[test]
        fn every_payload_survives_its_packet(payload in proptest::collection::vec(any::<u8>(), 1..100)) {
            let framed = packet(&payload);
            let (back, _) = next_packet(&framed).expect("a packet").expect("a whole one");
            prop_assert_eq!(back, &payload[..]);
        }
    }
}
