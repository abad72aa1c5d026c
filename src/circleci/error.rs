//! Why CircleCI gave no answer that can be used.

use std::time::Duration;

use crate::system::{HttpError, HttpFault};

/// No answer, or one that says no. The words complete "unknown, because …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// Nobody to ask as.
    #[error("there is no API token to ask CircleCI with")]
    NoToken,
    /// 401, by CircleCI itself.
    #[error("CircleCI does not accept the API token (401)")]
    Rejected,
    /// 403, by CircleCI itself.
    #[error("CircleCI does not let this token's owner see it (403{})", said(.0))]
    Forbidden(String),
    /// 404, by CircleCI itself: not there, or not for this token.
    #[error("CircleCI has nothing there, or nothing that this token's owner may see (404)")]
    NotFound,
    /// Another answer of the 400s.
    #[error("CircleCI refused the request ({status}{})", said(.message))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// CircleCI's own words.
        message: String,
    },
    /// 429, and the time to wait is longer than there is.
    #[error("CircleCI answers no more requests for now (429){}", .0.map(after).unwrap_or_default())]
    Limited(Option<Duration>),
    /// 5xx, at every try.
    #[error(
        "CircleCI, or a proxy on the way to it, has a fault ({0}); https://status.circleci.com tells of CircleCI's own"
    )]
    Down(u16),
    /// Something else than the API answered: a captive portal, a proxy's page.
    #[error(
        "what answered at {host} was not CircleCI's API but {what} ({status}); a proxy or a sign-in page may be in the way"
    )]
    NotTheApi {
        /// The host that was asked.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What came instead: `a web page`.
        what: &'static str,
    },
    /// It sends somewhere else, where the token is not sent.
    #[error("{host} sends the request on to {to}, which was not followed, so that the token stays here")]
    Redirected {
        /// The host that was asked.
        host: String,
        /// Host or path that it names.
        to: String,
    },
    /// The answer broke off, at every try.
    #[error("CircleCI's answer broke off")]
    BrokenOff,
    /// Longer than any such answer, or pages without end.
    #[error("CircleCI's answer about {0} does not come to an end")]
    Endless(&'static str),
    /// JSON, and not what was asked for.
    #[error("CircleCI's answer about {0} has a form that is not known here")]
    Form(&'static str),
    /// The time is up.
    #[error("CircleCI did not answer in time")]
    TooLate,
    /// No connection.
    #[error("{host} cannot be reached: {}", .error.text)]
    Unreachable {
        /// The host that was asked.
        host: String,
        /// The system's words.
        error: HttpError,
    },
}

impl ApiError {
    /// CircleCI itself has said it.
    pub(super) fn is_its_own(&self) -> bool {
        matches!(
            self,
            Self::Rejected
                | Self::Forbidden(_)
                | Self::NotFound
                | Self::Refused { .. }
                | Self::Limited(_)
                | Self::Form(_)
        )
    }

    /// Whoever waits for something may ask again later: it says nothing about what was asked for.
    pub(super) fn may_pass(&self) -> bool {
        self.passes()
            || matches!(self, Self::Limited(_) | Self::Form(_))
            || matches!(self, Self::Unreachable { error, .. } if error.fault == HttpFault::Timeout)
    }

    /// Another try may end better.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Down(_) | Self::BrokenOff | Self::TooLate => true,
            Self::Unreachable { error, .. } => matches!(error.fault, HttpFault::Connect | HttpFault::Broken),
            _ => false,
        }
    }
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn after(wait: Duration) -> String {
    match wait.as_secs() {
        0 | 1 => "; in a second it does again".to_owned(),
        seconds => format!("; in {seconds} seconds it does again"),
    }
}
