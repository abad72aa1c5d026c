//! Key exchange: algorithm lists (RFC 4253 section 7.1), `curve25519-sha256` (RFC 8731), the strict mode of OpenSSH's
//! PROTOCOL section 1.10, and the keys that come out of it (RFC 4253 section 7.2).

use std::io;

use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

use super::host_key::HostKey;
use super::message;
use super::options::{Fault, Options};
use super::transport::{CIPHER_KEY_LENGTH, PacketReader, PacketWriter};
use super::wire::{Reader, Writer, malformed};

const KEX: [&str; 2] = ["curve25519-sha256", "curve25519-sha256@libssh.org"];
const CIPHER: &str = "chacha20-poly1305@openssh.com";
const STRICT_SERVER: &str = "kex-strict-s-v00@openssh.com";
const STRICT_CLIENT: &str = "kex-strict-c-v00@openssh.com";

/// What the two sides have agreed on.
pub(crate) struct Agreed {
    /// The exchange hash, which names the session in signatures.
    pub(crate) session_id: Vec<u8>,
    /// The client wants SSH_MSG_EXT_INFO (RFC 8308 section 2.1).
    pub(crate) ext_info: bool,
}

/// The ten name lists of SSH_MSG_KEXINIT that matter here: ours or theirs.
struct Proposal {
    kex: Vec<String>,
    host_key: Vec<String>,
    cipher_in: Vec<String>,
    cipher_out: Vec<String>,
    guess_follows: bool,
}

/// The greetings of both sides, which are part of the exchange hash.
pub(crate) struct Greetings<'a> {
    pub(crate) client: &'a str,
    pub(crate) server: &'a str,
}

/// Runs the whole exchange and switches both halves to the new keys.
pub(crate) fn exchange(
    reader: &mut PacketReader,
    writer: &mut PacketWriter,
    greetings: &Greetings<'_>,
    host_key: &HostKey,
    options: &Options,
) -> io::Result<Agreed> {
    let our_init = our_proposal(host_key, options)?;
    writer.packet(&our_init)?;
    // A strict client sends nothing before its KEXINIT and nothing out of turn, so noise is not skipped here.
    let their_init = reader.any_packet()?;
    let theirs = parse(&their_init)?;
    let ours = parse(&our_init)?;
    let strict = options.strict_kex && theirs.kex.iter().any(|name| name == STRICT_CLIENT);

    let kex = choose("key exchange", &theirs.kex, &ours.kex)?;
    let host_key_algorithm = choose("host key", &theirs.host_key, &ours.host_key)?;
    let ciphers = [
        choose("cipher (client to server)", &theirs.cipher_in, &ours.cipher_in)?,
        choose("cipher (server to client)", &theirs.cipher_out, &ours.cipher_out)?,
    ];
    if !KEX.contains(&kex.as_str()) || ciphers.iter().any(|cipher| cipher != CIPHER) {
        return Err(malformed("the advertised algorithms were changed to some this server does not have"));
    }
    if theirs.guess_follows
        && (theirs.kex.first() != ours.kex.first() || theirs.host_key.first() != ours.host_key.first())
    {
        reader.any_packet()?;
    }

    let init = reader.any_packet()?;
    if init[0] != message::KEX_ECDH_INIT {
        return Err(malformed("expected SSH_MSG_KEX_ECDH_INIT"));
    }
    if options.fault == Fault::StallAfterKexinit {
        reader.drain();
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    let their_share = Reader::new(&init[1..]).string()?.to_vec();
    let (our_share, secret) = agree(&their_share)?;
    let host_key_blob = host_key.blob();
    let hash_input = Writer::new()
        .string(greetings.client)
        .string(greetings.server)
        .string(&their_init)
        .string(&our_init)
        .string(&host_key_blob)
        .string(&their_share)
        .string(&our_share)
        .unsigned(&secret)
        .finish();
    let hash = digest(&SHA256, &hash_input);
    let mut signature = host_key.sign(&host_key_algorithm, hash.as_ref())?;
    if options.fault == Fault::WrongHostSignature
        && let Some(last) = signature.last_mut()
    {
        *last ^= 0x01;
    }
    let reply = Writer::message(message::KEX_ECDH_REPLY).string(&host_key_blob).string(&our_share).string(&signature);
    writer.packet(&reply.finish())?;

    writer.packet(&[message::NEWKEYS])?;
    writer.use_key(&derive(b'D', &secret, hash.as_ref()), strict);
    if reader.any_packet()?[0] != message::NEWKEYS {
        return Err(malformed("expected SSH_MSG_NEWKEYS"));
    }
    reader.use_key(&derive(b'C', &secret, hash.as_ref()), strict);
    Ok(Agreed { session_id: hash.as_ref().to_vec(), ext_info: theirs.kex.iter().any(|name| name == "ext-info-c") })
}

fn our_proposal(host_key: &HostKey, options: &Options) -> io::Result<Vec<u8>> {
    let strings = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut kex = options.kex_algorithms.clone().unwrap_or_else(|| strings(&KEX));
    if options.strict_kex {
        kex.push(STRICT_SERVER.to_owned());
    }
    let host_keys = options.host_key_algorithms.clone().unwrap_or_else(|| host_key.algorithms());
    // The cipher carries its own code, so a list of MACs is only looked at beside a cipher that has none.
    let usual_cipher = if options.macs.is_some() { "aes128-ctr" } else { CIPHER };
    let ciphers = options.ciphers.clone().unwrap_or_else(|| strings(&[usual_cipher]));
    let macs = options.macs.clone().unwrap_or_else(|| strings(&["hmac-sha2-256-etm@openssh.com", "hmac-sha2-256"]));
    let mut cookie = [0; 16];
    SystemRandom::new().fill(&mut cookie).map_err(|_| io::Error::other("the system has no random numbers"))?;
    let compression = strings(&["none"]);
    let proposal = Writer::message(message::KEXINIT)
        .raw(&cookie)
        .name_list(&kex)
        .name_list(&host_keys)
        .name_list(&ciphers)
        .name_list(&ciphers)
        .name_list(&macs)
        .name_list(&macs)
        .name_list(&compression)
        .name_list(&compression)
        .name_list(&[])
        .name_list(&[])
        .bool(false)
        .u32(0);
    Ok(proposal.finish())
}

fn parse(packet: &[u8]) -> io::Result<Proposal> {
    let mut fields = Reader::new(packet);
    if fields.u8()? != message::KEXINIT {
        return Err(malformed("expected SSH_MSG_KEXINIT"));
    }
    fields.take(16)?;
    let (kex, host_key, cipher_in, cipher_out) =
        (fields.name_list()?, fields.name_list()?, fields.name_list()?, fields.name_list()?);
    for _ in 0..6 {
        fields.string()?;
    }
    Ok(Proposal { kex, host_key, cipher_in, cipher_out, guess_follows: fields.bool()? })
}

/// RFC 4253 section 7.1: the first of the client's that the server has too.
fn choose(what: &str, theirs: &[String], ours: &[String]) -> io::Result<String> {
    let common = theirs.iter().find(|name| ours.contains(name));
    common.cloned().ok_or_else(|| malformed(&format!("no common algorithm for {what}")))
}

fn agree(their_share: &[u8]) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let failed = |_| malformed("the Curve25519 exchange failed");
    let private = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).map_err(failed)?;
    let share = private.compute_public_key().map_err(failed)?.as_ref().to_vec();
    let peer = UnparsedPublicKey::new(&X25519, their_share);
    let secret = agree_ephemeral(private, &peer, <[u8]>::to_vec).map_err(failed)?;
    Ok((share, secret))
}

fn derive(letter: u8, secret: &[u8], hash: &[u8]) -> [u8; CIPHER_KEY_LENGTH] {
    let start = Writer::new().unsigned(secret).raw(hash).finish();
    let first = digest(&SHA256, &[&start[..], &[letter], hash].concat());
    let second = digest(&SHA256, &[&start[..], first.as_ref()].concat());
    let mut key = [0; CIPHER_KEY_LENGTH];
    key[..32].copy_from_slice(first.as_ref());
    key[32..].copy_from_slice(second.as_ref());
    key
}
