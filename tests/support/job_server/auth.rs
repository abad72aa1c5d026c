//! Authentication (RFC 4252) the way Go's x/crypto/ssh server does it: the first `none` is free, every other failure
//! counts, and the failure that reaches the limit is answered with a disconnect instead of SSH_MSG_USERAUTH_FAILURE.

use std::io;

use super::Shared;
use super::host_key::fingerprint;
use super::kex::Agreed;
use super::message;
use super::options::{Fault, Options, Users};
use super::record::{Login, Offer};
use super::transport::{PacketReader, PacketWriter};
use super::verify;
use super::wire::{Reader, Writer, malformed};

/// What became of one request.
enum Answer {
    Success(Login),
    /// The key would do; the client is to sign.
    KeyOk {
        algorithm: String,
        key: Vec<u8>,
    },
    Failure,
    HangUp,
}

/// Serves requests until a client is in (`true`) or has to go (`false`).
pub(crate) fn authenticate(
    reader: &mut PacketReader,
    writer: &mut PacketWriter,
    agreed: &Agreed,
    shared: &Shared,
) -> io::Result<bool> {
    let options = &shared.options;
    if agreed.ext_info && options.rsa_sha2 {
        let algorithms = options.accepted().join(",");
        let info = Writer::message(message::EXT_INFO).u32(1).string("server-sig-algs").string(algorithms);
        writer.packet(&info.finish())?;
    }
    start_service(reader, writer)?;

    shared.note(|record| record.attempts += 1);
    let mut failures = 0;
    let mut free_none = true;
    let mut banner = options.auth_banner.as_deref();
    loop {
        let packet = reader.packet()?;
        if packet[0] != message::USERAUTH_REQUEST {
            return Err(malformed("expected SSH_MSG_USERAUTH_REQUEST"));
        }
        if let Some(text) = banner.take() {
            writer.packet(&Writer::message(message::USERAUTH_BANNER).string(text).string("").finish())?;
        }
        let mut fields = Reader::new(&packet[1..]);
        let (user, service, method) = (fields.text()?, fields.text()?, fields.text()?);
        shared.note(|record| {
            record.users.push(user.clone());
            record.methods.push(method.clone());
        });
        if service != "ssh-connection" {
            return Err(malformed("only the service ssh-connection is known"));
        }
        let answer = match method.as_str() {
            "none" if std::mem::take(&mut free_none) => {
                send_failure(writer, options)?;
                continue;
            }
            "publickey" if options.fault == Fault::CloseDuringAuth => Answer::HangUp,
            "publickey" if enough_offers(shared) => match options.fault {
                Fault::ResetAtOffer(_) => return Err(std::io::ErrorKind::ConnectionReset.into()),
                _ => {
                    reader.drain();
                    Answer::HangUp
                }
            },
            "publickey" => public_key(&user, &mut fields, agreed, shared)?,
            _ => Answer::Failure,
        };
        match answer {
            Answer::Success(login) => {
                shared.note(|record| record.logins.push(login));
                writer.packet(&[message::USERAUTH_SUCCESS])?;
                return Ok(true);
            }
            Answer::KeyOk { algorithm, key } => {
                let ok = Writer::message(message::USERAUTH_PK_OK).string(algorithm).string(key);
                writer.packet(&ok.finish())?;
            }
            Answer::Failure => {
                failures += 1;
                if failures >= options.max_auth_tries {
                    writer.disconnect(message::REASON_PROTOCOL_ERROR, "too many authentication failures")?;
                    return Ok(false);
                }
                send_failure(writer, options)?;
            }
            Answer::HangUp => return Ok(false),
        }
    }
}

/// Whether the server has had as many offers as its fault allows.
fn enough_offers(shared: &Shared) -> bool {
    let mut offers = 0;
    shared.note(|record| offers = record.offers.len());
    matches!(shared.options.fault, Fault::StallAtOffer(most) | Fault::ResetAtOffer(most) if offers >= most)
}

fn start_service(reader: &mut PacketReader, writer: &mut PacketWriter) -> io::Result<()> {
    loop {
        let packet = reader.packet()?;
        match packet[0] {
            message::EXT_INFO => {}
            message::SERVICE_REQUEST if Reader::new(&packet[1..]).string()? == b"ssh-userauth" => {
                return writer.packet(&Writer::message(message::SERVICE_ACCEPT).string("ssh-userauth").finish());
            }
            _ => return Err(malformed("expected a request for the service ssh-userauth")),
        }
    }
}

fn send_failure(writer: &mut PacketWriter, options: &Options) -> io::Result<()> {
    let failure = Writer::message(message::USERAUTH_FAILURE).name_list(&options.methods).bool(false);
    writer.packet(&failure.finish())
}

/// The method `publickey` (RFC 4252 section 7): a question, or a signature.
fn public_key(user: &str, fields: &mut Reader<'_>, agreed: &Agreed, shared: &Shared) -> io::Result<Answer> {
    let options = &shared.options;
    let (signed, algorithm, key) = (fields.bool()?, fields.text()?, fields.string()?);
    let shows_off = options.fault == Fault::AcceptEveryQuestion;
    let allowed = !options.refuse_all
        && options.methods.iter().any(|method| method == "publickey")
        && options.accepted().contains(&algorithm)
        && Reader::new(key).text()? == verify::key_type(&algorithm)
        && (options.users == Users::Any || is_session_name(user))
        && (options.authorized.iter().any(|authorized| authorized == key) || shows_off && !signed);
    let accepted = if signed {
        let signature = fields.string()?;
        let signed_data = Writer::new()
            .string(&agreed.session_id)
            .raw(&[message::USERAUTH_REQUEST])
            .string(user)
            .string("ssh-connection")
            .string("publickey")
            .bool(true)
            .string(&algorithm)
            .string(key)
            .finish();
        verify::verify(&algorithm, key, signature, &signed_data)? && allowed && !shows_off
    } else {
        allowed
    };
    let fingerprint = fingerprint(key);
    shared.note(|record| {
        record.offers.push(Offer {
            user: user.to_owned(),
            fingerprint: fingerprint.clone(),
            key: key.to_vec(),
            algorithm: algorithm.clone(),
            signed,
            accepted,
        });
    });
    Ok(match (accepted, signed) {
        (false, _) => Answer::Failure,
        (true, false) => Answer::KeyOk { algorithm, key: key.to_vec() },
        (true, true) => Answer::Success(Login { user: user.to_owned(), fingerprint }),
    })
}

/// Whether a user name has the proxy's form: the job's UUID, a hyphen and the number of the execution.
fn is_session_name(user: &str) -> bool {
    let Some((uuid, execution)) = user.rsplit_once('-') else { return false };
    let groups: Vec<&str> = uuid.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.chars().all(|digit| digit.is_ascii_hexdigit()))
        && !execution.is_empty()
        && execution.chars().all(|digit| digit.is_ascii_digit())
}
