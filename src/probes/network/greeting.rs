//! What the server says before anybody logs in: its greeting, then its key-exchange offer.

use std::{
    io,
    time::{Duration, Instant},
};

use crate::{
    facts::{Fact, Seen, Server, ServerOffers},
    probes::text,
    ssh::{
        greeting::{self, Greeting, MAX_BYTES, Notice, Spoke},
        kex::{self, KexInit},
    },
    system::Stream,
};

/// Names of one algorithm list that are kept.
const MOST_NAMES: usize = 200;
/// How long the offer may take once the greeting is there, if the deadline leaves that much.
const OFFER_LIMIT: Duration = Duration::from_secs(3);

/// Greets and listens until the offer is there, then says good-bye.
pub(super) fn listen(mut stream: Box<dyn Stream>, deadline: Instant) -> Server {
    let mut received = Vec::new();
    // A server that has hung up already shows that when it is read.
    let _ = stream.write_all(our_greeting().as_bytes()).and_then(|()| stream.flush());
    let whole = |received: &[u8]| greeting::end_of_greeting(received).is_some() || received.len() >= MAX_BYTES;
    let end = read_until(stream.as_mut(), &mut received, deadline, whole);
    let greeting = greeting::classify(&received);
    let mut server = facts(&greeting, &received);
    server.greeting_end = match end {
        End::Enough => "complete",
        End::Closed => "closed",
        End::Reset => "reset",
        End::Silent => "silent",
    }
    .to_owned();
    server.offers = match greeting::end_of_greeting(&received) {
        Some(start) => {
            let deadline = deadline.min(Instant::now() + OFFER_LIMIT);
            offers(stream.as_mut(), &mut received, start, deadline)
        }
        None => Fact::unknown("the server did not greet as an SSH server does"),
    };
    if server.offers.known().is_some() {
        let _ = stream.write_all(&good_bye()).and_then(|()| stream.flush());
    }
    server
}

fn our_greeting() -> String {
    // RFC 4253 section 4.2: the software version holds no blank and no minus sign.
    format!("SSH-2.0-cci_ssh_{}\r\n", env!("CARGO_PKG_VERSION").replace('-', "_"))
}

/// SSH_MSG_DISCONNECT, SSH_DISCONNECT_BY_APPLICATION (RFC 4253 section 11.1).
fn good_bye() -> Vec<u8> {
    let words = b"looked at the key exchange offer";
    let length = u32::try_from(words.len()).unwrap_or_default().to_be_bytes();
    let payload = [&[kex::MSG_DISCONNECT, 0, 0, 0, 11][..], &length, words, &[0, 0, 0, 0]].concat();
    kex::packet(&payload)
}

#[derive(PartialEq)]
enum End {
    Enough,
    Closed,
    Reset,
    Silent,
}

fn read_until(
    stream: &mut dyn Stream,
    received: &mut Vec<u8>,
    deadline: Instant,
    enough: impl Fn(&[u8]) -> bool,
) -> End {
    let mut buffer = [0; 8 * 1024];
    while !enough(received) {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_timeout(left).is_err() {
            return End::Silent;
        }
        match stream.read(&mut buffer) {
            Ok(0) => return End::Closed,
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return End::Silent;
            }
            Err(_) => return End::Reset,
        }
    }
    End::Enough
}

fn facts(greeting: &Greeting, received: &[u8]) -> Server {
    let spoke = match greeting.spoke {
        Spoke::Ssh2 => "ssh2",
        Spoke::Ssh1 => "ssh1",
        Spoke::Http => "http",
        Spoke::Tls => "tls",
        Spoke::Text => "text",
        Spoke::Binary => "binary",
        Spoke::Nothing => "nothing",
    };
    let is_ssh = matches!(greeting.spoke, Spoke::Ssh2 | Spoke::Ssh1);
    let line = greeting.protocol.as_deref().filter(|_| is_ssh).map(|protocol| {
        let software = greeting.software.as_deref().unwrap_or_default();
        let comments = greeting.comments.as_deref().map(|comments| format!(" {comments}")).unwrap_or_default();
        text::clean(format!("SSH-{protocol}-{software}{comments}"))
    });
    let first_line = greeting.lines.iter().map(text::clean).find(|line| !line.is_empty()).filter(|_| !is_ssh);
    let words = match (&line, &first_line) {
        (Some(line), _) | (None, Some(line)) => line.clone(),
        (None, None) if received.is_empty() => "nothing".to_owned(),
        (None, None) => hexadecimal(received),
    };
    Server {
        spoke: spoke.to_owned(),
        software: greeting.software.as_deref().filter(|_| is_ssh).map(text::clean),
        redirect: greeting.http.as_ref().and_then(|http| http.location.as_deref()).map(text::clean),
        turned_away: match greeting.notice {
            Some(Notice::MaxStartups) => Some("max-startups".to_owned()),
            Some(Notice::NotAllowedNow) => Some("not-allowed".to_owned()),
            Some(Notice::MailOrFtp | Notice::OtherService) | None => None,
        },
        seen: Seen { source: "the server".to_owned(), line: None, text: words },
        greeting: line,
        first_line,
        ..Server::default()
    }
}

/// The first bytes of what is no text.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn offers(stream: &mut dyn Stream, received: &mut Vec<u8>, start: usize, deadline: Instant) -> Fact<ServerOffers> {
    // A damaged packet is enough, too: more will not mend it.
    let whole = |received: &[u8]| !matches!(kex::next_packet(&received[start..]), Ok(None));
    let end = read_until(stream, received, deadline, whole);
    let offer = match kex::next_packet(&received[start..]) {
        Ok(Some((payload, _))) => KexInit::parse(payload),
        Ok(None) => {
            return Fact::unknown(match end {
                End::Closed => "the server closed the connection after its greeting",
                End::Reset => "the connection was reset after the server's greeting",
                _ => "the server sent its greeting and then nothing",
            });
        }
        Err(error) => Err(error),
    };
    let names = |list: &[String]| list.iter().take(MOST_NAMES).map(text::clean).collect();
    match offer {
        Ok(offer) => Fact::Known(ServerOffers {
            kex: names(&offer.kex),
            host_key: names(&offer.host_key),
            ciphers: names(&offer.ciphers.to_client),
            macs: names(&offer.macs.to_client),
            no_match: Vec::new(),
        }),
        Err(error) => Fact::unknown(error.to_string()),
    }
}
