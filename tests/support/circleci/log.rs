//! What the fake was asked.

use super::http::Request;

#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) method: String,
    /// As it was sent, without the query.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// In small letters, in their order.
    pub(crate) header_names: Vec<String>,
    /// Whose token came with it: a login, or `unknown`. Never the token.
    pub(crate) token_of: Option<String>,
    pub(crate) body: String,
    pub(crate) status: u16,
}

impl Logged {
    pub(crate) fn new(request: &Request, token_of: Option<String>, status: u16) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            header_names: request.headers.iter().map(|(name, _)| name.clone()).collect(),
            token_of,
            body: String::from_utf8_lossy(&request.body).into_owned(),
            status,
        }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }
}

/// Whether `METHOD /path` fits a pattern, in which each `*` stands for any text.
pub(crate) fn fits(pattern: &str, method: &str, path: &str) -> bool {
    let line = format!("{method} {path}");
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Headers in which a token travels.
pub(crate) fn token_header(request: &Request) -> Option<&str> {
    let names = ["circle-token", "authorization", "cookie"];
    request.headers.iter().map(|(name, _)| name.as_str()).find(|name| names.contains(name))
}

/// Whether any of these secrets is in the request, wherever.
pub(crate) fn carries<'a>(request: &Request, secrets: impl IntoIterator<Item = &'a String>) -> bool {
    let text = format!("{request:?} {}", String::from_utf8_lossy(&request.body));
    token_header(request).is_some() || secrets.into_iter().any(|secret| text.contains(secret.as_str()))
}
