//! HTTP/1.1 as far as a fake service needs it: a request read, a reply written, well or badly.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::clock;

/// What a client may send at most, head and body each.
const LIMIT: u64 = 1 << 20;

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As it was sent, without the query.
    pub(crate) path: String,
    /// Decoded.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The next request of a connection; none when the client is done.
    pub(crate) fn read(reader: &mut BufReader<impl Read + Write>) -> io::Result<Option<Self>> {
        let first = line(reader)?;
        if first.is_empty() {
            return Ok(None);
        }
        let mut words = first.split(' ');
        let (Some(method), Some(target), Some("HTTP/1.1")) = (words.next(), words.next(), words.next()) else {
            return Err(malformed("a request line"));
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = Vec::new();
        loop {
            let text = line(reader)?;
            if text.is_empty() {
                break;
            }
            let (name, value) = text.split_once(':').ok_or_else(|| malformed("a header"))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.split('&').filter(|pair| !pair.is_empty()).map(decoded_pair).collect(),
            headers,
            body: Vec::new(),
        };
        if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            reader.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        request.body = request.read_body(reader)?;
        Ok(Some(request))
    }

    fn read_body(&self, reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if self.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            loop {
                let size = u64::from_str_radix(line(reader)?.trim(), 16).map_err(|_| malformed("a chunk"))?;
                reader.by_ref().take(size.min(LIMIT)).read_to_end(&mut body)?;
                line(reader)?;
                if size == 0 {
                    return Ok(body);
                }
            }
        }
        let length = self.header("content-length").map_or(Ok(0), str::parse);
        let length: u64 = length.map_err(|_| malformed("Content-Length"))?;
        reader.by_ref().take(length.min(LIMIT)).read_to_end(&mut body)?;
        Ok(body)
    }

    /// A header by its name in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The path behind `prefix` in decoded segments, so that `gh%2Facme%2Fapp` and `gh/acme/app` are the same.
    pub(crate) fn segments(&self, prefix: &str) -> Option<Vec<String>> {
        let rest = self.path.strip_prefix(prefix)?.strip_prefix('/')?;
        Some(decoded(rest).split('/').map(ToOwned::to_owned).collect())
    }
}

/// How a reply is put on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Plain,
    /// Waits before the first byte.
    Slow(Duration),
    /// Waits before each byte of the body.
    Drip(Duration),
    /// Ends in the middle of the body that it announced.
    Truncated,
    /// Ends without a word.
    Closed,
}

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) manner: Manner,
    /// How far the `Date` header is off, in seconds.
    pub(crate) clock: i64,
}

impl Reply {
    pub(crate) fn bytes(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        Self { status, headers, body: body.into(), manner: Manner::Plain, clock: 0 }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, "application/json;charset=utf-8", body.to_string())
    }

    /// The documents in which v1.1 and v2 say no.
    pub(crate) fn message(status: u16, text: &str) -> Self {
        Self::json(status, &serde_json::json!({ "message": text }))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Whether the connection can go on afterwards.
    pub(crate) fn write(&self, writer: &mut impl Write) -> io::Result<bool> {
        match self.manner {
            Manner::Closed => return Ok(false),
            Manner::Slow(wait) => thread::sleep(wait),
            _ => {}
        }
        let date = clock::http_date(clock::moved(SystemTime::now(), self.clock));
        let mut head = format!("HTTP/1.1 {} {}\r\nDate: {date}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        writer.write_all(format!("{head}\r\n").as_bytes())?;
        match self.manner {
            Manner::Drip(wait) => {
                for byte in &self.body {
                    thread::sleep(wait);
                    writer.write_all(&[*byte])?;
                    writer.flush()?;
                }
            }
            Manner::Truncated => writer.write_all(&self.body[..self.body.len() / 2])?,
            _ => writer.write_all(&self.body)?,
        }
        writer.flush()?;
        Ok(self.manner != Manner::Truncated)
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        410 => "Gone",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Other",
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} was expected"))
}

/// A line without its end; empty at the end of the stream.
fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.by_ref().take(LIMIT).read_until(b'\n', &mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| malformed("text"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn decoded_pair(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
}

/// Percent-encoding undone; what is not valid stays as it is.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let code = code.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| *first == b'%');
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
