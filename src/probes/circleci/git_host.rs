//! Which public keys an account has at its git host, which GitHub and GitLab tell everybody.

use std::time::Duration;

use crate::{
    facts::{Fact, circleci::GitHost},
    ssh::public_key::PublicKey,
    system::{HttpRequest, HttpSettings, Method, System},
};

/// Longest answer that is read, in bytes.
const ANSWER: usize = 1 << 20;

/// An account at a git host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Where it is: `https://github.com`.
    pub host: String,
    /// Its name.
    pub name: String,
}

/// Reads the page `HOST/NAME.keys`; nothing of this machine is sent.
pub(super) fn look(system: &dyn System, account: &Account, limit: Duration) -> Fact<GitHost> {
    let url = format!("{}/{}.keys", account.host, account.name);
    let http = match system.http(&HttpSettings { user_agent: "cci-ssh".into(), ..HttpSettings::default() }) {
        Ok(http) => http,
        Err(error) => return Fact::unknown(error.to_string()),
    };
    let request = HttpRequest { method: Method::Get, url: &url, headers: Vec::new(), body: None, limit, cap: ANSWER };
    let answer = match http.send(&request) {
        Ok(answer) => answer,
        Err(error) => return Fact::unknown(format!("{url} cannot be read: {error}")),
    };
    let text = String::from_utf8_lossy(&answer.body);
    match answer.status {
        404 => Fact::unknown(format!("{url} is not there (404); is {} the account's name?", account.name)),
        // Nothing at all is an account without keys where the host says so, and it would accuse where a network does.
        200 if text.trim().is_empty()
            && !answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")) =>
        {
            Fact::unknown(format!("what {url} answers is no list of keys"))
        }
        200 if answer.complete => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let keys: Result<Vec<String>, _> =
                lines.map(|line| PublicKey::from_line(line).map(|key| key.fingerprint.to_string())).collect();
            match keys {
                Ok(keys) => GitHost { url, account: account.name.clone(), keys, ..GitHost::default() }.into(),
                Err(_) => Fact::unknown(format!("what {url} answers is no list of keys")),
            }
        }
        status => Fact::unknown(format!("{url} answers with {status}")),
    }
}
