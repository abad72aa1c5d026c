//! HTTP, with what libraries do best: `ureq` for the protocol and the connections, `rustls` with `ring` for TLS.
//!
//! [`trust`] says whose certificates are believed, [`proxy`] which way a request goes, [`connect`] tells what failed while
//! connecting, [`fault`] puts every failure into words. Redirects are not followed, for a token goes with each request.

mod connect;
mod fault;
mod proxy;
mod trust;

use std::{
    ffi::OsString,
    io::{self, Read as _},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use rustls::crypto::ring;
use ureq::{
    Agent,
    config::Config,
    http::{Request, Response, Uri},
    tls::TlsConfig,
};

use self::{
    connect::Resolve,
    fault::Place,
    proxy::{Proxies, Way},
};
use crate::system::{Http, HttpError, HttpFault, HttpRequest, HttpResponse, HttpSettings, Method};

/// How much longer than its limit a request is waited for: `ureq` keeps the limit too and knows better which part was slow.
/// It does not where a proxy answers a byte at a time, nor where the system's own verifier asks the network.
const GRACE: Duration = Duration::from_millis(50);
/// The longest limit there is, for a clock cannot count without end.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

struct Client {
    /// For `http://` to this machine: no proxy, for it would see the token, and no other machine.
    loopback: Agent,
    /// Past any proxy.
    direct: Agent,
    /// Through the proxy; or why there is no way through it.
    proxied: Result<Option<Agent>, String>,
    proxies: Proxies,
}

pub(super) fn open(settings: &HttpSettings, env: &dyn Fn(&str) -> Option<OsString>) -> io::Result<Box<dyn Http>> {
    let tls = TlsConfig::builder()
        .root_certs(trust::roots(settings.ca_certificates.as_deref(), env)?)
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build();
    let agent = |proxy: Option<ureq::Proxy>, loopback_only: bool| {
        let proxied = proxy.is_some();
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy)
            .user_agent(settings.user_agent.as_str())
            .tls_config(tls.clone())
            .build();
        Agent::with_parts(config, connect::connector(proxied), Resolve { loopback_only })
    };
    let proxies = Proxies::from_env(env);
    let proxied = proxies.proxy().map(|proxy| proxy.map(|proxy| agent(Some(proxy), false)));
    Ok(Box::new(Client { loopback: agent(None, true), direct: agent(None, false), proxied, proxies }))
}

impl Http for Client {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        let other = |text: &str| HttpError { fault: HttpFault::Other, text: text.to_owned() };
        let uri: Uri = request.url.parse().map_err(|_| other("the address of the request is not a valid one"))?;
        let (agent, proxy) = self.way(&uri)?;
        let limit = request.limit.min(LONGEST);
        let place = Place::new(&uri, proxy, limit);
        if request.method == Method::Get && request.body.is_some() {
            return Err(other("a GET takes no body"));
        }
        let mut built = Request::builder().method(request.method.name()).uri(uri);
        for (name, value) in &request.headers {
            built = built.header(*name, value);
        }
        let body = request.body.clone().unwrap_or_default();
        // Its text could hold the header's value in a later version.
        let built = built.body(body).map_err(|_| other("a header of the request cannot be sent as it is"))?;

        let (answer, answered) = mpsc::sync_channel(1);
        let (agent, method, cap) = (agent.clone(), request.method, request.cap);
        thread::Builder::new()
            .name("http".to_owned())
            .spawn(move || {
                // Nobody listens any more after the limit.
                let _ = answer.send(exchange(&agent, method, built, limit, cap));
            })
            .map_err(|error| other(&format!("no thread for the request: {error}")))?;
        match answered.recv_timeout(limit + GRACE) {
            Ok(result) => result.map_err(|error| place.explain(error)),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(place.explain(ureq::Error::Timeout(ureq::Timeout::Global))),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(other("the request failed inside the program")),
        }
    }
}

impl Client {
    /// Who takes a request there, and the proxy it goes through.
    fn way(&self, uri: &Uri) -> Result<(&Agent, Option<String>), HttpError> {
        let refuse = |fault, text: String| Err(HttpError { fault, text });
        let host = uri.host().unwrap_or_default();
        if host.is_empty() || !uri.authority().is_some_and(proxy::is_host_and_port) {
            return refuse(HttpFault::Other, "the address of a request is a host, and a port at most".to_owned());
        }
        match uri.scheme_str() {
            Some("http") if proxy::is_loopback(host) => Ok((&self.loopback, None)),
            Some("http") => refuse(
                HttpFault::Other,
                format!("http:// to {} would show the token to everybody on the way: use https://", fault::plain(host)),
            ),
            Some("https") => match (self.proxies.way(uri), &self.proxied) {
                (Way::Direct, _) | (_, Ok(None)) => Ok((&self.direct, None)),
                (Way::Proxied, Ok(Some(agent))) => Ok((agent, self.proxies.place())),
                (Way::Proxied, Err(text)) => refuse(HttpFault::Proxy, text.clone()),
            },
            _ => refuse(HttpFault::Other, "the address of a request begins with https://".to_owned()),
        }
    }
}

fn exchange(
    agent: &Agent,
    method: Method,
    request: Request<Vec<u8>>,
    limit: Duration,
    cap: usize,
) -> Result<HttpResponse, ureq::Error> {
    let response = match method {
        Method::Get => {
            let request = agent.configure_request(request.map(|_| ())).timeout_global(Some(limit)).build();
            agent.run(request)?
        }
        Method::Post => agent.run(agent.configure_request(request).timeout_global(Some(limit)).build())?,
    };
    read(response, cap)
}

fn read(response: Response<ureq::Body>, cap: usize) -> Result<HttpResponse, ureq::Error> {
    let (parts, body) = response.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let mut answer = HttpResponse { status: parts.status.as_u16(), headers, body: Vec::new(), complete: true };
    let mut reader = body.into_reader();
    let limited = reader.by_ref().take(u64::try_from(cap).unwrap_or(u64::MAX)).read_to_end(&mut answer.body);
    // One more read tells whether that was all, and gives the connection back for the next request.
    let ended = limited.and_then(|_| reader.read(&mut [0]));
    match ended.map_err(ureq::Error::from) {
        Ok(more) => answer.complete = more == 0,
        Err(ureq::Error::Io(_) | ureq::Error::Protocol(_)) => answer.complete = false,
        Err(error) => return Err(error),
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
