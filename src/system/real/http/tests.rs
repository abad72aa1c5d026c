//! Requests to servers on 127.0.0.1: good ones, slow ones, and such that lie.

mod answers;
mod certificates;
mod limits;
mod proxies;
mod refusals;
mod server;

use std::path::PathBuf;

use super::*;
use server::Server;

/// A folder with an authority of the tests' own, and what it has signed; its `make` makes it anew.
fn tls(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/support/tls", name].iter().collect()
}

/// A client that believes the tests' authority, with these variables and no others.
fn client(variables: &[(&str, &str)]) -> Box<dyn Http> {
    let settings = HttpSettings { ca_certificates: Some(tls("authority.pem")), user_agent: "tests/1".to_owned() };
    open(&settings, &environment(variables)).expect("the authority can be read")
}

fn environment(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
    |name| variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| OsString::from(value))
}

fn get(url: &str) -> HttpRequest<'_> {
    let headers = vec![("circle-token", "the-token".to_owned())];
    HttpRequest { method: Method::Get, url, headers, body: None, limit: Duration::from_secs(20), cap: 1000 }
}

fn fault(client: &dyn Http, request: &HttpRequest<'_>) -> (HttpFault, String) {
    let error = client.send(request).expect_err("there is no answer");
    assert!(!error.text.contains("the-token") && !error.text.chars().any(char::is_control), "{error}");
    (error.fault, error.text)
}
