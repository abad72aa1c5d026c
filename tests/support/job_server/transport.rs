//! The binary packet protocol (RFC 4253 section 6), in the clear and under `chacha20-poly1305@openssh.com`
//! (OpenSSH's PROTOCOL.chacha20poly1305). One half reads, the other writes, so that they can live in different threads.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

use ring::aead::chacha20_poly1305_openssh::{KEY_LEN, OpeningKey, SealingKey, TAG_LEN};
use ring::rand::{SecureRandom, SystemRandom};

use super::message;
use super::wire::{Reader, Writer, malformed};

/// RFC 4253 section 6.1 asks for 35,000; OpenSSH itself allows this much.
const LONGEST_PACKET: usize = 256 * 1024;
/// The block size that padding is measured in, without a cipher (RFC 4253 section 6) and with ChaCha20.
const BLOCK: usize = 8;
/// RFC 4253 section 4.2 allows 255 characters for the greeting.
const LONGEST_GREETING: usize = 255;

/// Length in bytes of the key material that the cipher wants for one direction.
pub(crate) const CIPHER_KEY_LENGTH: usize = KEY_LEN;

/// The reading half of a connection.
pub(crate) struct PacketReader {
    stream: BufReader<TcpStream>,
    sequence: u32,
    cipher: Option<OpeningKey>,
}

impl PacketReader {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream: BufReader::new(stream), sequence: 0, cipher: None }
    }

    /// The client's greeting (RFC 4253 section 4.2) without its line end.
    pub(crate) fn greeting(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        while line.len() < LONGEST_GREETING {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
            match byte[0] {
                b'\n' => return Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned()),
                other => line.push(other),
            }
        }
        Err(malformed("the client's greeting does not end"))
    }

    /// The payload of the next packet, whatever it is.
    pub(crate) fn any_packet(&mut self) -> io::Result<Vec<u8>> {
        let mut length_field = [0; 4];
        self.stream.read_exact(&mut length_field)?;
        let clear_length = match &self.cipher {
            Some(key) => key.decrypt_packet_length(self.sequence, length_field),
            None => length_field,
        };
        let length = u32::from_be_bytes(clear_length) as usize;
        if !(2..=LONGEST_PACKET).contains(&length) {
            return Err(malformed("the packet length makes no sense"));
        }
        let mut packet = vec![0; length_field.len() + length];
        packet[..4].copy_from_slice(&length_field);
        self.stream.read_exact(&mut packet[4..])?;
        if let Some(key) = &self.cipher {
            let mut tag = [0; TAG_LEN];
            self.stream.read_exact(&mut tag)?;
            key.open_in_place(self.sequence, &mut packet, &tag)
                .map_err(|_| malformed("the packet's authentication code is wrong"))?;
        }
        self.sequence = self.sequence.wrapping_add(1);
        let padding = usize::from(packet[4]);
        let payload_end = packet.len().checked_sub(padding).filter(|end| *end > 5);
        let payload_end = payload_end.ok_or_else(|| malformed("the packet is all padding"))?;
        Ok(packet[5..payload_end].to_vec())
    }

    /// The next packet that means something: noise (RFC 4253 section 11) is skipped, a farewell is an error that quotes it.
    pub(crate) fn packet(&mut self) -> io::Result<Vec<u8>> {
        loop {
            let packet = self.any_packet()?;
            match packet[0] {
                message::IGNORE | message::DEBUG | message::UNIMPLEMENTED => {}
                message::DISCONNECT => {
                    let mut fields = Reader::new(&packet[1..]);
                    let reason = fields.u32()?;
                    let text = fields.text()?;
                    return Err(io::Error::new(
                        io::ErrorKind::ConnectionAborted,
                        format!("client disconnected: {reason}: {text}"),
                    ));
                }
                _ => return Ok(packet),
            }
        }
    }

    /// Everything after this is encrypted; `restart` begins the sequence numbers anew, as the strict key exchange has it.
    pub(crate) fn use_key(&mut self, key: &[u8; CIPHER_KEY_LENGTH], restart: bool) {
        self.cipher = Some(OpeningKey::new(key));
        if restart {
            self.sequence = 0;
        }
    }

    /// Number of the packet that came last, for SSH_MSG_UNIMPLEMENTED.
    pub(crate) fn last_sequence(&self) -> u32 {
        self.sequence.wrapping_sub(1)
    }

    /// Reads and forgets until the client goes away or the server stops.
    pub(crate) fn drain(&mut self) {
        let _ = io::copy(&mut self.stream, &mut io::sink());
    }
}

/// The writing half of a connection.
pub(crate) struct PacketWriter {
    stream: TcpStream,
    sequence: u32,
    cipher: Option<SealingKey>,
    damage_next: bool,
    mute: bool,
    random: SystemRandom,
}

impl PacketWriter {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, sequence: 0, cipher: None, damage_next: false, mute: false, random: SystemRandom::new() }
    }

    /// Sends bytes as they are, outside any packet.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    pub(crate) fn packet(&mut self, payload: &[u8]) -> io::Result<()> {
        if self.mute {
            return Ok(());
        }
        let uncovered = if self.cipher.is_some() { 1 } else { 5 };
        let mut padding = BLOCK - (uncovered + payload.len()) % BLOCK;
        if padding < 4 {
            padding += BLOCK;
        }
        let mut filling = vec![0; padding];
        self.random.fill(&mut filling).map_err(|_| io::Error::other("the system has no random numbers"))?;
        let length = u32::try_from(1 + payload.len() + padding).map_err(|_| malformed("packet too long"))?;
        let padding = u8::try_from(padding).expect("never above twelve");
        let mut packet = [&length.to_be_bytes()[..], &[padding], payload, &filling].concat();
        if let Some(key) = &self.cipher {
            let mut tag = [0; TAG_LEN];
            key.seal_in_place(self.sequence, &mut packet, &mut tag);
            if std::mem::take(&mut self.damage_next) {
                tag[0] ^= 0xff;
            }
            packet.extend_from_slice(&tag);
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.stream.write_all(&packet)
    }

    /// SSH_MSG_DISCONNECT (RFC 4253 section 11.1).
    pub(crate) fn disconnect(&mut self, reason: u32, text: &str) -> io::Result<()> {
        self.packet(&Writer::message(message::DISCONNECT).u32(reason).string(text).string("").finish())
    }

    pub(crate) fn use_key(&mut self, key: &[u8; CIPHER_KEY_LENGTH], restart: bool) {
        self.cipher = Some(SealingKey::new(key));
        if restart {
            self.sequence = 0;
        }
    }

    /// Spoils the authentication code of the next encrypted packet.
    pub(crate) fn damage_next(&mut self) {
        self.damage_next = true;
    }

    /// Says nothing any more, as a machine whose connection is lost.
    pub(crate) fn mute(&mut self) {
        self.mute = true;
    }

    /// Says "end of stream" without the reset that closing with unread data would cause.
    pub(crate) fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }
}
