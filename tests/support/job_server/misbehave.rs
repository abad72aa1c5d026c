//! The faults that come before the key exchange: everything a client can meet on a port that is not, or not yet, a job.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;

use super::options::{Fault, Options};
use super::transport::{PacketReader, PacketWriter};

const BAD_REQUEST: &str =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request";
const REDIRECT: &str =
    "HTTP/1.0 302 Found\r\nLocation: http://login.wifi.example/?continue=1\r\nContent-Length: 0\r\n\r\n";
/// How long a client has to say its greeting.
const FIRST_WORDS: Duration = Duration::from_millis(200);
/// A fatal alert, `protocol_version`, in a TLS 1.2 record (RFC 5246 sections 6.2.1 and 7.2).
const TLS_ALERT: [u8; 7] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46];

/// Greets, or does what the fault says instead. The client's greeting, where the connection goes on after it.
pub(crate) fn greet(
    stream: &TcpStream,
    reader: &mut PacketReader,
    writer: &mut PacketWriter,
    options: &Options,
) -> io::Result<Option<String>> {
    let instead: &[u8] = match &options.fault {
        Fault::ResetBeforeGreeting => {
            // A client that speaks first is heard first: a reset sooner would hit its connect() or its write() now and then.
            stream.set_read_timeout(Some(FIRST_WORDS))?;
            let _ = stream.peek(&mut [0]);
            set_socket_linger(stream, Some(Duration::ZERO))?;
            return Ok(None);
        }
        Fault::StallBeforeGreeting => {
            reader.drain();
            return Ok(None);
        }
        Fault::CloseBeforeGreeting => b"",
        Fault::Http => BAD_REQUEST.as_bytes(),
        Fault::HttpRedirect => REDIRECT.as_bytes(),
        Fault::Tls => &TLS_ALERT,
        Fault::Ssh1 => b"SSH-1.5-1.2.27\n",
        Fault::TextGreeting(text) => &[text.as_bytes(), b"\r\n"].concat(),
        _ => return proper_greeting(reader, writer, options),
    };
    writer.raw(instead)?;
    writer.finish();
    reader.drain();
    Ok(None)
}

fn proper_greeting(
    reader: &mut PacketReader,
    writer: &mut PacketWriter,
    options: &Options,
) -> io::Result<Option<String>> {
    for line in &options.lines_before_greeting {
        writer.raw(format!("{line}\r\n").as_bytes())?;
    }
    writer.raw(format!("{}\r\n", options.greeting).as_bytes())?;
    let client = reader.greeting()?;
    match &options.fault {
        Fault::StallAfterGreeting => reader.drain(),
        Fault::CloseAfterGreeting => {
            writer.finish();
            reader.drain();
        }
        Fault::TextAfterGreeting(text) => {
            writer.raw(format!("{text}\r\n").as_bytes())?;
            writer.finish();
            reader.drain();
        }
        _ => return Ok(Some(client)),
    }
    Ok(None)
}
