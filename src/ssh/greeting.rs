//! What a server says first, before any encryption (RFC 4253 section 4.2), and what it is when it is no SSH server.
//!
//! A server may send lines of text before its `SSH-` line. Many of the faults of a login show here: a proxy or a captive
//! portal that speaks HTTP, a TLS port, a throttled sshd. To recognise another protocol: a variant of [`Spoke`] or
//! [`Notice`] and an arm in `classify_text`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// More bytes than this before the `SSH-` line are not looked at (OpenSSH gives up after 1024 lines of 8192 bytes).
pub const MAX_BYTES: usize = 64 * 1024;

/// What the other side speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spoke {
    /// SSH 2 (also announced as 1.99).
    Ssh2,
    /// Only SSH 1, which no current client speaks.
    Ssh1,
    /// HTTP: a web server, a proxy, a captive portal.
    Http,
    /// TLS.
    Tls,
    /// Another text protocol, or a refusal in words.
    Text,
    /// Bytes that are no text.
    Binary,
    /// Nothing at all.
    Nothing,
}

/// A text with a known meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// `Exceeded MaxStartups`: too many logins under way at once (sshd 8.2 to 9.7).
    MaxStartups,
    /// `Not allowed at this time`: this address is shut out for a while (sshd 9.8 and later, PerSourcePenalties or MaxStartups).
    NotAllowedNow,
    /// `220 …`, `* OK …`, `+OK …`: a mail or FTP server.
    MailOrFtp,
    /// A database or VNC server's greeting.
    OtherService,
}

/// The first lines of an HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Http {
    /// The status number; not there if only HTML came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// Where a redirect leads: a captive portal's log-in page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub location: Option<String>,
    /// `Server` header.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub server: Option<String>,
}

/// What a server said first. All texts are as sent, control characters included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Greeting {
    /// What it speaks.
    pub spoke: Spoke,
    /// `2.0` or `1.99` or `1.5`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub protocol: Option<String>,
    /// `OpenSSH_9.6p1`, `Go`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub software: Option<String>,
    /// What follows the software version after a blank: `Ubuntu-3ubuntu13.5`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comments: Option<String>,
    /// Lines before the `SSH-` line; all lines where there is none.
    pub lines: Vec<String>,
    /// Whether the last line was whole; if not, more may come.
    pub complete: bool,
    /// A known meaning of the text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notice: Option<Notice>,
    /// The HTTP answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub http: Option<Http>,
}

/// Where the `SSH-` line ends in what has been received: the key exchange starts there. `None` if it has not come whole.
pub fn end_of_greeting(received: &[u8]) -> Option<usize> {
    let mut start = 0;
    for line in received.split_inclusive(|byte| *byte == b'\n') {
        start += line.len();
        if line.starts_with(b"SSH-") {
            return line.ends_with(b"\n").then_some(start);
        }
    }
    None
}

/// Classifies the first bytes a server has sent, as many as there are.
pub fn classify(received: &[u8]) -> Greeting {
    let received = &received[..received.len().min(MAX_BYTES)];
    let mut greeting = Greeting {
        spoke: Spoke::Nothing,
        protocol: None,
        software: None,
        comments: None,
        lines: Vec::new(),
        complete: false,
        notice: None,
        http: None,
    };
    if received.is_empty() {
        return greeting;
    }
    if let Some(spoke) = not_text(received) {
        greeting.spoke = spoke;
        return greeting;
    }
    for line in received.split_inclusive(|byte| *byte == b'\n') {
        greeting.complete = line.ends_with(b"\n");
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches(['\r', '\n']);
        if let Some(version) = text.strip_prefix("SSH-") {
            ssh_line(&mut greeting, version);
            return greeting;
        }
        greeting.lines.push(text.to_owned());
    }
    classify_text(&mut greeting);
    greeting
}

/// `SSH-protoversion-softwareversion SP comments`.
fn ssh_line(greeting: &mut Greeting, version: &str) {
    let (protocol, software) = version.split_once('-').unwrap_or((version, ""));
    let (software, comments) = software.split_once(' ').unwrap_or((software, ""));
    let given = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    // 1.99 is SSH 2 that also takes old clients (RFC 4253 section 5.1).
    let old = protocol.starts_with("1.") && protocol != "1.99";
    greeting.spoke = if old { Spoke::Ssh1 } else { Spoke::Ssh2 };
    greeting.protocol = given(protocol);
    greeting.software = given(software);
    greeting.comments = given(comments);
}

/// TLS records (RFC 8446 section 5.1: alert 21, handshake 22) and bytes that no text has. What comes after an `SSH-` line is
/// binary anyway and not looked at.
fn not_text(received: &[u8]) -> Option<Spoke> {
    if matches!(received, [0x15 | 0x16, 0x03, 0x00..=0x04, ..]) {
        return Some(Spoke::Tls);
    }
    if has_ssh_line(received) {
        return None;
    }
    let controls = received.iter().any(|byte| *byte < 0x20 && !matches!(*byte, b'\r' | b'\n' | b'\t' | 0x1b));
    // Text in an old encoding has few high bytes; what is cut off within a letter is text still.
    let high = received.iter().filter(|byte| **byte >= 0x80).count();
    let no_text =
        high * 4 > received.len() && std::str::from_utf8(received).is_err_and(|error| error.error_len().is_some());
    (controls || no_text).then_some(Spoke::Binary)
}

fn has_ssh_line(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"SSH-"))
}

fn classify_text(greeting: &mut Greeting) {
    greeting.spoke = Spoke::Text;
    let first = greeting.lines.iter().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or_default();
    let lower = first.to_ascii_lowercase();
    let html = ["<!doctype html", "<html", "<head", "<?xml"].iter().any(|mark| lower.starts_with(mark));
    if first.starts_with("HTTP/") || html {
        greeting.spoke = Spoke::Http;
        greeting.http = Some(http(&greeting.lines));
        return;
    }
    let all = greeting.lines.join("\n").to_ascii_lowercase();
    let mail = ["220 ", "220-", "421 ", "554 ", "* ok", "+ok"].iter().any(|mark| lower.starts_with(mark));
    greeting.notice = if all.contains("maxstartups") {
        Some(Notice::MaxStartups)
    } else if all.contains("not allowed at this time") {
        Some(Notice::NotAllowedNow)
    } else if mail {
        Some(Notice::MailOrFtp)
    } else if lower.starts_with("rfb 0") || lower.starts_with("-err") || lower.starts_with("amqp") {
        Some(Notice::OtherService)
    } else {
        None
    };
}

fn http(lines: &[String]) -> Http {
    let status = lines.iter().find_map(|line| line.strip_prefix("HTTP/")?.split_whitespace().nth(1)?.parse().ok());
    let headers = || lines.iter().take_while(|line| !line.is_empty());
    let header = |name: &str| {
        headers().find_map(|line| {
            line.split_once(':')
                .filter(|(key, _)| key.trim().eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim().to_owned())
        })
    };
    Http { status, location: header("location"), server: header("server") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spoke(bytes: &[u8]) -> Spoke {
        classify(bytes).spoke
    }

    #[test]
    fn ssh_servers() {
        let greeting = classify(b"SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5\r\n\0\0\x05\xdc\x07\x14");
        assert_eq!(greeting.spoke, Spoke::Ssh2);
        assert_eq!(greeting.software.as_deref(), Some("OpenSSH_9.6p1"));
        assert_eq!(greeting.comments.as_deref(), Some("Ubuntu-3ubuntu13.5"));
        assert!(greeting.complete);
        let greeting = classify(b"SSH-2.0-Go\r\n");
        assert_eq!((greeting.software.as_deref(), greeting.comments), (Some("Go"), None));
        assert_eq!(spoke(b"SSH-1.99-Cisco-1.25\n"), Spoke::Ssh2);
        assert_eq!(spoke(b"SSH-1.5-OpenSSH_2.1\n"), Spoke::Ssh1);
        assert!(!classify(b"SSH-2.0-G").complete);
    }

    #[test]
    fn lines_before_the_greeting_are_allowed_even_if_they_mislead() {
        let greeting = classify("HTTP/1.1 welcome\r\nprivé: défense\r\nSSH-2.0-Go\r\n".as_bytes());
        assert_eq!(greeting.spoke, Spoke::Ssh2);
        assert_eq!(greeting.lines, ["HTTP/1.1 welcome", "privé: défense"]);
        assert_eq!(greeting.http, None);
        assert_eq!(end_of_greeting(b"hi\r\nSSH-2.0-Go\r\nrest"), Some(16));
        assert_eq!(end_of_greeting(b"hi\r\nSSH-2.0-Go"), None);
    }

    #[test]
    fn web_servers_and_captive_portals() {
        let greeting = classify(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<html>");
        assert_eq!(greeting.http.as_ref().and_then(|http| http.status), Some(400));
        assert_eq!(greeting.http.and_then(|http| http.server).as_deref(), Some("nginx"));
        let greeting = classify(b"HTTP/1.0 302 Found\r\nLOCATION: http://login.hotel.example/\r\n\r\n");
        assert_eq!(greeting.http.and_then(|http| http.location).as_deref(), Some("http://login.hotel.example/"));
        assert_eq!(spoke(b"<html>\r\n<head><title>400 Bad Request</title></head>\r\n"), Spoke::Http);
    }

    #[test]
    fn other_protocols() {
        assert_eq!(spoke(&[0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]), Spoke::Tls);
        assert_eq!(spoke(&[0x16, 0x03, 0x03]), Spoke::Tls);
        assert_eq!(spoke(b""), Spoke::Nothing);
        assert_eq!(spoke(&[0x4a, 0, 0, 0, 0x0a, b'8', b'.', 0]), Spoke::Binary);
        assert_eq!(spoke(&[0xfe; 40]), Spoke::Binary);
        assert_eq!(classify(b"220 mail.example ESMTP\r\n").notice, Some(Notice::MailOrFtp));
    }

    #[test]
    fn refusals_in_words() {
        assert_eq!(classify(b"Exceeded MaxStartups\r\n").notice, Some(Notice::MaxStartups));
        let greeting = classify(b"Not allowed at this time\r\n");
        assert_eq!((greeting.spoke, greeting.notice), (Spoke::Text, Some(Notice::NotAllowedNow)));
        assert_eq!(classify(b"go away\n").notice, None);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "(HTTP/)?(SSH-)?\\PC{0,30}\r?\n?\\PC{0,30}") {
            let _ = classify(&bytes);
            let _ = end_of_greeting(&bytes);
            let _ = classify(text.as_bytes());
        }
    }
}
