//! A client of one connection: writes a request, reads an answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

pub(super) struct Client {
    base: String,
    headers: String,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// The body that was announced came whole.
    pub(super) whole: bool,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(super) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text());
        self.json()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Client {
    pub(super) fn new(base: &str, token: &str) -> Self {
        Self { base: base.to_owned(), headers: format!("Circle-Token: {token}\r\n") }
    }

    /// With these header lines and no others.
    pub(super) fn with_headers(base: &str, headers: &str) -> Self {
        Self { base: base.to_owned(), headers: headers.to_owned() }
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "").expect("an answer")
    }

    pub(super) fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, body).expect("an answer")
    }

    /// None where the connection ends without an answer.
    pub(super) fn send(&self, method: &str, path: &str, body: &str) -> Option<Answer> {
        let mut stream = connect(&self.base);
        write!(stream, "{}", self.request(method, path, body)).expect("a request can be sent");
        read(&mut BufReader::new(stream))
    }

    pub(super) fn request(&self, method: &str, path: &str, body: &str) -> String {
        let Self { headers, .. } = self;
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}{kind}Content-Length: {}\r\n\r\n{body}", body.len())
    }
}

#[allow(clippy::disallowed_methods, reason = "only the program itself goes through System")]
pub(super) fn connect(base: &str) -> TcpStream {
    let address = base.strip_prefix("http://").expect("plain HTTP");
    let stream = TcpStream::connect(address).expect("somebody listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("our own socket");
    stream
}

/// The next answer of a connection.
pub(super) fn read(reader: &mut BufReader<impl Read>) -> Option<Answer> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new(), whole: true };
    let length: u64 = answer.header("Content-Length").and_then(|value| value.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut answer.body).ok()?;
    answer.whole = answer.body.len() as u64 == length;
    Some(answer)
}
