//! The second witness: libssh2, where the user's own ssh is missing or will not sign.
//!
//! It is no judge of what OpenSSH would do, since it signs SHA-1 where OpenSSH refuses; it follows no configuration and
//! no proxy. The pair of both is the proof: "the server knows your key; your ssh will not sign SHA-1 for it". It is given
//! public keys only. Its agent client waits for ever on an agent that does not answer, so it gets no agent either.

use std::{net::SocketAddr, time::Duration};

use super::query::Candidate;
use crate::{
    facts::{Fact, Witness},
    system::System,
};

/// What the witness needs to know.
pub struct Asked<'a> {
    /// Addresses of the server, in order.
    pub addresses: &'a [SocketAddr],
    /// The user to ask for.
    pub user: &'a str,
    /// Public keys to ask about, likely ones first.
    pub candidates: &'a [Candidate],
    /// Fingerprints of the server's key that known_hosts has; with another one, no key is shown.
    pub known_fingerprints: &'a [String],
    /// Fingerprints that the Enable SSH step prints; the same.
    pub printed_fingerprints: &'a [String],
    /// Fingerprints that known_hosts has as revoked.
    pub revoked_fingerprints: &'a [String],
    /// All the time there is.
    pub limit: Duration,
}

/// Looks with libssh2.
#[cfg(feature = "ssh2")]
pub fn look(system: &dyn System, asked: &Asked<'_>) -> Fact<Witness> {
    match imp::look(system, asked) {
        Ok(witness) => witness.into(),
        Err(why) => Fact::unknown(why),
    }
}

/// This build has no libssh2.
#[cfg(not(feature = "ssh2"))]
pub fn look(_: &dyn System, _: &Asked<'_>) -> Fact<Witness> {
    Fact::unknown("this build has no second ssh implementation (libssh2) to compare with")
}

#[cfg(feature = "ssh2")]
mod imp {
    use base64::{Engine, engine::general_purpose::STANDARD as BASE64, engine::general_purpose::STANDARD_NO_PAD};
    use ssh2::{ErrorCode, HashType, Session};

    use super::{Asked, Candidate, System, Witness};

    /// Refusals after which a server of the usual kind hangs up (sshd_config(5), MaxAuthTries 6); one is left for luck.
    const REFUSALS: usize = 5;
    /// `LIBSSH2_ERROR_AUTHENTICATION_FAILED`: the server does not know the key.
    const AUTHENTICATION_FAILED: i32 = -18;
    /// `LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED`: the server knows it, and the signature could not be made.
    const PUBLICKEY_UNVERIFIED: i32 = -19;

    pub(super) fn look(system: &dyn System, asked: &Asked<'_>) -> Result<Witness, String> {
        let stream = asked
            .addresses
            .iter()
            .find_map(|address| system.tcp(*address, asked.limit).ok())
            .ok_or("libssh2 found no address to connect to")?;
        let mut session = Session::new().map_err(|error| error.to_string())?;
        session.set_timeout(u32::try_from(asked.limit.as_millis()).unwrap_or(u32::MAX));
        session.set_tcp_stream(stream);
        let mut witness = Witness::default();
        if let Err(error) = session.handshake() {
            witness.greeting = session.banner().map(str::to_owned);
            witness.failure = Some(error.message().to_owned());
            return Ok(witness);
        }
        witness.greeting = session.banner().map(str::to_owned);
        witness.host_key =
            session.host_key_hash(HashType::Sha256).map(|hash| format!("SHA256:{}", STANDARD_NO_PAD.encode(hash)));
        if let Some(why) = witness.host_key.as_deref().and_then(|seen| contradiction(seen, asked)) {
            witness.failure = Some(why.into());
            return Ok(witness);
        }
        match session.auth_methods(asked.user) {
            Ok(methods) => witness.methods = methods.split(',').map(str::to_owned).collect(),
            Err(error) => witness.failure = Some(error.message().to_owned()),
        }
        ask(&session, asked, &mut witness);
        // A server that lingers is not worth waiting for.
        let _ = session.disconnect(None, "done", None);
        Ok(witness)
    }

    /// Why a server with this host key is shown no key.
    fn contradiction(seen: &str, asked: &Asked<'_>) -> Option<&'static str> {
        let is_in = |list: &[String]| list.iter().any(|fingerprint| fingerprint.trim_end_matches('=') == seen);
        if is_in(asked.revoked_fingerprints) {
            Some("the host key is revoked in known_hosts, so no key was shown")
        } else if !asked.known_fingerprints.is_empty() && !is_in(asked.known_fingerprints) {
            Some("the host key is not the one in known_hosts, so no key was shown")
        } else if !asked.printed_fingerprints.is_empty() && !is_in(asked.printed_fingerprints) {
            Some("the host key is not the one that the Enable SSH step prints, so no key was shown")
        } else {
            None
        }
    }

    fn ask(session: &Session, asked: &Asked<'_>, witness: &mut Witness) {
        for candidate in asked.candidates {
            if witness.refused.len() >= REFUSALS {
                return;
            }
            // libssh2 sends the query before it reads the private key, so a key that cannot be read is enough.
            let answer = session.userauth_pubkey_memory(asked.user, Some(&line(candidate)), "not a key", None);
            match answer.map_err(|error| (error.code(), error.message().to_owned())) {
                Err((ErrorCode::Session(AUTHENTICATION_FAILED), _)) => {
                    witness.refused.push(candidate.id.clone());
                }
                Err((ErrorCode::Session(PUBLICKEY_UNVERIFIED), message)) if message.contains("Callback") => {
                    witness.accepted.push(candidate.id.clone());
                }
                Err((_, message)) => {
                    witness.failure = Some(message);
                    return;
                }
                Ok(()) => return,
            }
        }
    }

    /// The public line of a blob, whose first string is the algorithm's name (RFC 4253 section 6.6).
    fn line(candidate: &Candidate) -> String {
        let blob = &candidate.blob;
        let length =
            blob.get(..4).map_or(0, |bytes| bytes.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)));
        let algorithm = blob.get(4..4 + length).unwrap_or_default();
        format!("{} {}", String::from_utf8_lossy(algorithm), BASE64.encode(blob))
    }
}
