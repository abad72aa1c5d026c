//! The limit is for all of a request, whoever is slow.

use std::time::Instant;

use super::{
    server::{Talk, drip, read_request},
    *,
};

const LIMIT: Duration = Duration::from_millis(600);
/// Far longer than the limit on a busy machine, far shorter than the servers' patience.
const AT_MOST: Duration = Duration::from_secs(5);

fn too_late(client: &dyn Http, url: &str) -> String {
    let start = Instant::now();
    let (fault, text) = fault(client, &HttpRequest { limit: LIMIT, ..get(url) });
    assert_eq!(fault, HttpFault::Timeout, "{text}");
    assert!(start.elapsed() >= LIMIT - Duration::from_millis(50), "after {:?}: {text}", start.elapsed());
    assert!(start.elapsed() < AT_MOST, "after {:?}: {text}", start.elapsed());
    text
}

fn silent(_: &mut dyn Talk, _: &server::Requests) -> io::Result<()> {
    thread::sleep(AT_MOST);
    Ok(())
}

#[test]
fn silence() {
    let server = Server::new(None, silent);
    assert!(too_late(&*client(&[]), &server.url("https", "/")).contains("no connection"));
    assert!(too_late(&*client(&[]), &server.url("http", "/")).contains("no complete answer"));
    let proxy = format!("http://{}", server.address);
    let text = too_late(&*client(&[("https_proxy", &proxy)]), "https://127.0.0.1:9/");
    assert!(text.contains(&format!("through the proxy {}", server.address)), "{text}");
}

#[test]
fn silence_after_the_request_and_in_the_body() {
    for start in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine"] {
        let server = Server::new(Some("server"), move |stream, requests| {
            read_request(stream, requests)?;
            stream.write_all(start.as_bytes())?;
            stream.flush()?;
            silent(stream, requests)
        });
        assert!(too_late(&*client(&[]), &server.url("https", "/")).contains("no complete answer"));
    }
}

#[test]
fn a_head_in_drops() {
    for certificate in [None, Some("server")] {
        let server = Server::new(certificate, |stream, requests| {
            read_request(stream, requests)?;
            drip(stream, b"HTTP/1.1 200 OK\r\nX-A: b\r\nX-C: d\r\nX-E: f\r\nX-G: h\r\nX-I: j\r\n")
        });
        let scheme = if certificate.is_some() { "https" } else { "http" };
        too_late(&*client(&[]), &server.url(scheme, "/"));
    }
}

#[test]
fn a_body_in_drops() {
    for certificate in [None, Some("server")] {
        let server = Server::new(certificate, |stream, requests| {
            read_request(stream, requests)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")?;
            drip(stream, b"x")
        });
        let scheme = if certificate.is_some() { "https" } else { "http" };
        too_late(&*client(&[]), &server.url(scheme, "/"));
    }
}

#[test]
fn a_handshake_in_drops() {
    // A record of the longest kind that is allowed, never to be complete.
    let server = Server::new(None, |stream, _| {
        stream.write_all(&[22, 3, 3, 0x40, 0])?;
        stream.write_all(&[2, 0, 0x3f, 0xf0])?;
        drip(stream, &[0])
    });
    too_late(&*client(&[]), &server.url("https", "/"));
}

#[test]
fn a_proxy_in_drops() {
    let server = Server::new(None, |stream, requests| {
        read_request(stream, requests)?;
        drip(stream, b"HTTP/1.1 200 OK\r\nX-A: b\r\nX-C: d\r\nX-E: f\r\nX-G: h\r\nX-I: j\r\n")
    });
    let proxy = format!("http://{}", server.address);
    too_late(&*client(&[("https_proxy", &proxy)]), "https://127.0.0.1:9/");
}

#[test]
fn a_limit_without_end_is_one() {
    let server = Server::answering(None, "HTTP/1.1 204 No Content\r\n\r\n");
    let answer = client(&[]).send(&HttpRequest { limit: Duration::MAX, ..get(&server.url("http", "/")) });
    assert_eq!(answer.expect("an answer").status, 204);
}
