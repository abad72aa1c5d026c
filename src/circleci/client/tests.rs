//! The client against recorded servers: what is tried again, what is believed, and what the token goes with.

use super::*;
use crate::{
    circleci::{
        Slug,
        api::v2::{Context, User, WorkflowJob},
        token::TokenSource,
    },
    system::{Platform, recorded::Recorded},
};

mod answers;
mod documents;
mod tries;

const TOKEN: &str = "CCIPAT_0123456789abcdefghijkl_0123456789abcdef0123456789abcdef01234567";
const ME: &str = "GET https://circleci.com/api/v2/me";
const RERUN: &str = "POST https://circleci.com/api/v2/workflow/w/rerun";

/// A machine whose servers are to be recorded.
fn cloud() -> Recorded {
    Recorded::new(Platform::Linux)
}

/// Ana's token for the cloud.
fn credentials() -> Credentials {
    let token = Token::new(TOKEN).expect("a token");
    Credentials { token: Some((token, TokenSource::Variable("CIRCLE_TOKEN"))), ..Credentials::sample() }
}

/// A client with this time for everything.
fn client(system: &Recorded, limit: Duration) -> Client<'_> {
    Client::new(system, &credentials(), limit).expect("a client")
}

/// Seconds enough for every try.
fn patient(system: &Recorded) -> Client<'_> {
    client(system, Duration::from_secs(20))
}

fn ana() -> Result<User, ApiError> {
    Ok(User { id: Some("u".into()), login: Some("ana".into()), ..User::default() })
}

/// What CircleCI answers when all is well.
fn me(system: Recorded) -> Recorded {
    system.http(ME, 200, &[], r#"{"id": "u", "login": "ana"}"#)
}

fn slug() -> Slug {
    Slug::parse("gh/acme/web").expect("a slug")
}
