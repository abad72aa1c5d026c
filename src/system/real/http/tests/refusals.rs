//! What is not sent at all, and what nobody takes.

use super::*;

#[test]
fn nothing_goes_over_plain_http_to_another_machine() {
    for url in [
        "http://circleci.com/",
        "http://192.0.2.1/",
        "http://localhost.example/",
        "http://127.0.0.1.example/",
        "http://[2001:db8::1]/",
    ] {
        let (fault, text) = fault(&*client(&[]), &get(url));
        assert_eq!(fault, HttpFault::Other, "{url}: {text}");
        assert!(text.contains("https://"), "{text}");
    }
}

#[test]
fn this_machine_has_several_names() {
    let server = Server::answering(None, "HTTP/1.1 204 No Content\r\n\r\n");
    let port = server.address.port();
    for url in [
        format!("http://127.0.0.1:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://LOCALHOST:{port}/x"),
    ] {
        match client(&[]).send(&get(&url)) {
            Ok(answer) => assert_eq!(answer.status, 204),
            // Without /etc/hosts and a resolver that answers for it, as in the smallest of containers.
            Err(error) => assert!(error.fault == HttpFault::Resolve && url.contains("LOCALHOST"), "{url}: {error}"),
        }
    }
}

#[test]
fn an_address_is_a_host_and_nothing_secret() {
    for url in [
        "https://ana:secret@127.0.0.1/",
        "https://secret@127.0.0.1/",
        "https://",
        "https:///secret",
        "/secret",
        "secret",
        "",
        "ftp://127.0.0.1/secret",
        "https://127.0.0.1/a b secret",
        "https://127.0.0.1:99999/secret",
    ] {
        let (fault, text) = fault(&*client(&[]), &get(url));
        assert_eq!(fault, HttpFault::Other, "{url}: {text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn a_header_that_would_be_two_is_not_sent() {
    let server = Server::answering(None, "HTTP/1.1 204 No Content\r\n\r\n");
    let url = server.url("http", "/");
    let headers = vec![("circle-token", "the-token\r\nx: y".to_owned())];
    assert_eq!(fault(&*client(&[]), &HttpRequest { headers, ..get(&url) }).0, HttpFault::Other);
    assert_eq!(fault(&*client(&[]), &HttpRequest { body: Some(Vec::new()), ..get(&url) }).0, HttpFault::Other);
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_port_nobody_listens_on_is_a_fault_of_the_connection() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).expect("a free port");
    for scheme in ["http", "https"] {
        let (fault, text) = fault(&*client(&[]), &get(&format!("{scheme}://{address}/")));
        assert_eq!(fault, HttpFault::Connect, "{text}");
        assert!(text.contains(&address.to_string()) && text.contains("refused"), "{text}");
    }
}

#[test]
fn a_name_without_an_address_is_told() {
    let (fault, text) = fault(&*client(&[]), &get("https://no-such-name.invalid/"));
    // A resolver without a network answers late; that is told too.
    assert!(fault == HttpFault::Resolve || fault == HttpFault::Timeout && text.contains("was not resolved"), "{text}");
    assert!(text.contains("no-such-name.invalid"), "{text}");
}
