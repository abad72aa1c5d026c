//! HTTP as the door gives it: one request, one answer, no surprises.
//!
//! A redirect comes back as the answer it is, a status is never an error, and the limit is for the whole request. What goes
//! wrong is told as a [`HttpFault`], for its cause decides what mends it. Nothing here shows a header's value: there is the
//! token. To add a method: its variant here, and its name in [`Method::name`].

use std::{fmt, path::PathBuf, time::Duration};

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// To be told something.
    Get,
    /// To have something done.
    Post,
}

impl Method {
    /// As it is written in a request.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// One request.
#[derive(Clone)]
pub struct HttpRequest<'a> {
    /// What it asks for.
    pub method: Method,
    /// Where: `https://…`, or `http://…` to this machine itself. Never with a user or a password in it.
    pub url: &'a str,
    /// Headers; their values are never shown.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent along; only with [`Method::Post`].
    pub body: Option<Vec<u8>>,
    /// The time for all of it: name, connection, TLS, headers and the body's last byte.
    pub limit: Duration,
    /// Bytes kept of the answer's body.
    pub cap: usize,
}

impl fmt::Debug for HttpRequest<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &without_user(self.url))
            .field("headers", &names)
            .field("body", &self.body.as_ref().map(Vec::len))
            .field("limit", &self.limit)
            .field("cap", &self.cap)
            .finish()
    }
}

/// An address without the user and the password that stand before its host.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.rsplit_once('@').map_or(url, |(_, rest)| rest).to_owned();
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// What came back.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status; three digits.
    pub status: u16,
    /// Headers in the order they came, names in lower case. They are the server's words: not for a terminal as they are.
    pub headers: Vec<(String, String)>,
    /// The body, up to the request's cap.
    pub body: Vec<u8>,
    /// The body is all there is: the other side did not close early, and it was no longer than the cap.
    pub complete: bool,
}

impl HttpResponse {
    /// The first header of that name; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("headers", &names)
            .field("body", &self.body.len())
            .field("complete", &self.complete)
            .finish()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpFault {
    /// The name has no address.
    Resolve,
    /// Nobody takes the connection: refused, or no way there.
    Connect,
    /// The limit was reached, in whatever part of the request.
    Timeout,
    /// The certificate is not trusted, or is another host's.
    Certificate,
    /// The other side does not speak TLS, or none that suits both.
    Tls,
    /// The proxy does not let us through, or is not to be reached itself.
    Proxy,
    /// The connection ended before the answer, or the answer is no HTTP.
    Broken,
    /// Anything else; a request that this program does not send, above all.
    Other,
}

/// A request without an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct HttpError {
    /// What kind of fault it is.
    pub fault: HttpFault,
    /// The same for people, without any secret and without control characters.
    pub text: String,
}

/// What holds for every request of an [`Http`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpSettings {
    /// A file of certificates (PEM) that are trusted besides those the machine trusts.
    pub ca_certificates: Option<PathBuf>,
    /// What the program calls itself.
    pub user_agent: String,
}

/// Sends requests; keeps connections open between them, and may be used by several threads at once.
pub trait Http: Send + Sync {
    /// Sends a request and waits for its answer, no longer than its limit.
    ///
    /// # Errors
    /// When there is no answer; a status of 400 and more is an answer.
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let request = HttpRequest {
            method: Method::Post,
            url: "https://ana:secret@circleci.com/api?x=a@b",
            headers: vec![("circle-token", "secret".to_owned())],
            body: Some(b"secret".to_vec()),
            limit: Duration::from_secs(1),
            cap: 1,
        };
        let shown = format!("{request:?}");
        assert!(!shown.contains("secret") && !shown.contains("ana"), "{shown}");
        assert!(shown.contains("https://circleci.com/api?x=a@b") && shown.contains("circle-token"), "{shown}");
        let answer = HttpResponse {
            headers: vec![("set-cookie".to_owned(), "secret".to_owned())],
            body: b"secret".to_vec(),
            ..HttpResponse::default()
        };
        assert!(!format!("{answer:?}").contains("secret"));
        assert_eq!(answer.header("set-cookie"), Some("secret"));
    }

    #[test]
    fn a_user_is_taken_out_of_any_address() {
        for (url, shown) in [
            ("https://u:p@h:1/x@y", "https://h:1/x@y"),
            ("u:p@h", "h"),
            ("https://u:p@q@h?a", "https://h?a"),
            ("https://h", "https://h"),
        ] {
            assert_eq!(without_user(url), shown);
        }
    }
}
