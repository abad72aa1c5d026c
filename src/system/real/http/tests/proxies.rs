//! The way through a proxy, and past it.

use std::{io::Write as _, net::TcpStream};

use super::{
    server::{Requests, Talk, read_request},
    *,
};

const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

/// A proxy that wants `user:pass@word` and connects to this machine only.
fn tunnel(stream: &mut dyn Talk, requests: &Requests) -> io::Result<()> {
    let request = read_request(stream, requests)?;
    // base64 of `user:pass@word`.
    if !request.contains("Proxy-Authorization: Basic dXNlcjpwYXNzQHdvcmQ=\r\n") {
        return stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    }
    let port = request.split([':', ' ']).nth(2).and_then(|port| port.parse::<u16>().ok());
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    pass_on(stream, port.expect("a port in CONNECT"))
}

/// Passes bytes on in turns, which is enough for a client that waits for its answer.
fn pass_on(stream: &mut dyn Talk, port: u16) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    let mut back = server.try_clone()?;
    back.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut buffer = [0; 16384];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => server.write_all(&buffer[..count])?,
        }
        while let Ok(count) = back.read(&mut buffer) {
            if count == 0 {
                return Ok(());
            }
            stream.write_all(&buffer[..count])?;
        }
    }
}

#[test]
fn a_request_goes_through_the_proxy_and_the_token_is_not_seen_there() {
    let server = Server::answering(Some("server"), FINE);
    let proxy = Server::new(None, tunnel);
    let url = server.url("https", "/");
    let value = format!("http://user:pass%40word@{}", proxy.address);
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        let client = client(&[(variable, &value)]);
        for _ in 0..2 {
            assert_eq!(client.send(&get(&url)).expect(variable).body, b"fine");
        }
    }
    let seen = proxy.requests();
    assert_eq!(seen.len(), 4, "a tunnel is kept like any connection");
    assert!(seen.iter().all(|seen| seen.starts_with(&format!("CONNECT {} HTTP/1.1\r\n", server.address))), "{seen:?}");
    assert!(!seen.concat().contains("token"));
    assert!(server.requests().iter().all(|request| !request.to_lowercase().contains("proxy-authorization")));
}

#[test]
fn no_proxy_leads_past_it() {
    let server = Server::answering(Some("server"), FINE);
    let value = "http://user:secret@127.0.0.1:9";
    let client = client(&[("https_proxy", value), ("no_proxy", "example.com, 127.0.0.0/8")]);
    assert_eq!(client.send(&get(&server.url("https", "/"))).expect("an answer").body, b"fine");
}

#[test]
fn plain_http_to_this_machine_never_sees_a_proxy() {
    let server = Server::answering(None, FINE);
    let proxy = Server::answering(None, FINE);
    let value = format!("http://{}", proxy.address);
    let variables =
        ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"].map(|name| (name, value.as_str()));
    client(&variables).send(&get(&server.url("http", "/"))).expect("an answer");
    assert_eq!((server.connections(), proxy.connections()), (1, 0));
}

#[test]
fn a_proxy_that_refuses_is_the_fault_and_its_password_stays_hidden() {
    let server = Server::answering(Some("server"), FINE);
    let wants_other = Server::new(None, tunnel);
    let forbids = Server::once(None, "HTTP/1.1 403 Forbidden\r\n\r\n");
    let hangs_up = Server::new(None, |_, _| Ok(()));
    let speaks_ssh = Server::once(None, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
    for (address, why) in [
        (wants_other.address.to_string(), "407"),
        (forbids.address.to_string(), "403"),
        (hangs_up.address.to_string(), "proxy"),
        (speaks_ssh.address.to_string(), "not HTTP"),
        ("127.0.0.1:9".to_owned(), "refused"),
        ("no-such-proxy.invalid:3128".to_owned(), "resolved"),
    ] {
        let value = format!("http://ana:secret@{address}");
        let (fault, text) = fault(&*client(&[("HTTPS_PROXY", &value)]), &get(&server.url("https", "/")));
        if text.contains("not resolved within") {
            continue;
        }
        assert_eq!(fault, HttpFault::Proxy, "{address}: {text}");
        assert!(text.contains(why) && text.contains(&address), "{text}");
        assert!(!text.contains("secret") && !text.contains("ana"), "{text}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_fault_behind_the_proxy_is_not_the_proxys() {
    let server = Server::answering(Some("elsewhere"), FINE);
    let proxy = Server::new(None, tunnel);
    let value = format!("http://user:pass%40word@{}", proxy.address);
    let (fault, text) = fault(&*client(&[("https_proxy", &value)]), &get(&server.url("https", "/")));
    assert_eq!(fault, HttpFault::Certificate, "{text}");
}

#[test]
fn an_address_that_is_no_proxy_is_said_and_not_passed_over() {
    for value in ["gopher://ana:secret@127.0.0.1:70", "http://", "http://ana:secret@:80:80", "http://a b"] {
        let (fault, text) = fault(&*client(&[("https_proxy", value)]), &get("https://127.0.0.1:9/"));
        assert_eq!(fault, HttpFault::Proxy, "{text}");
        assert!(text.contains("https_proxy") && !text.contains("secret"), "{text}");
    }
}

#[test]
fn a_socks_proxy_is_one_too() {
    let server = Server::answering(Some("server"), FINE);
    let proxy = Server::new(None, |stream, _| {
        let mut greeting = [0; 2];
        stream.read_exact(&mut greeting)?;
        stream.read_exact(&mut vec![0; greeting[1].into()])?;
        stream.write_all(&[5, 0])?;
        // Version, connect, IPv4 address and port.
        let mut request = [0; 10];
        stream.read_exact(&mut request)?;
        stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, request[8], request[9]])?;
        pass_on(stream, u16::from_be_bytes([request[8], request[9]]))
    });
    let client = client(&[("ALL_PROXY", &format!("socks5://{}", proxy.address))]);
    assert_eq!(client.send(&get(&server.url("https", "/"))).expect("an answer").body, b"fine");
    assert_eq!(proxy.connections(), 1);
    let value = "socks5://ana:secret@127.0.0.1:9";
    let (fault, text) = fault_of(&server.url("https", "/"), value);
    assert_eq!(fault, HttpFault::Proxy, "{text}");
    assert!(!text.contains("secret"), "{text}");
    // This kind of proxy is told an address, so the name is the machine's own affair.
    let (fault, text) = fault_of("https://no-such-name.invalid/", value);
    assert!(fault == HttpFault::Resolve || text.contains("was not resolved"), "{text}");
}

fn fault_of(url: &str, proxy: &str) -> (HttpFault, String) {
    fault(&*client(&[("ALL_PROXY", proxy)]), &get(url))
}
