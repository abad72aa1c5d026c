//! What comes back, whole and otherwise.

use super::*;

const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Name: value\r\n\r\nfine";

#[test]
fn a_request_arrives_and_its_answer_comes_back() {
    let server = Server::answering(Some("server"), FINE);
    let url = server.url("https", "/api/v2/me?a=b");
    let client = client(&[]);
    let answer = client.send(&get(&url)).expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice(), answer.complete), (200, &b"fine"[..], true));
    assert_eq!(answer.header("x-name"), Some("value"));
    let post = HttpRequest { method: Method::Post, body: Some(b"{\"a\":1}".to_vec()), ..get(&url) };
    client.send(&post).expect("an answer");
    client.send(&HttpRequest { body: None, ..post }).expect("an answer");
    let requests = server.requests();
    assert!(requests[0].starts_with("GET /api/v2/me?a=b HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(requests[0].contains("circle-token: the-token\r\n") && requests[0].contains("user-agent: tests/1\r\n"));
    assert!(requests[1].starts_with("POST ") && requests[1].ends_with("\r\n\r\n{\"a\":1}"), "{}", requests[1]);
    assert!(requests[2].contains("content-length: 0\r\n"), "{}", requests[2]);
    assert_eq!(server.connections(), 1, "the connection is kept");
}

#[test]
fn a_connection_that_was_closed_in_the_meantime_is_made_anew() {
    let server = Server::once(Some("server"), FINE);
    let client = client(&[]);
    for _ in 0..3 {
        let url = server.url("https", "/");
        assert_eq!(client.send(&get(&url)).expect("an answer").body, b"fine");
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.connections(), 3);
}

#[test]
fn several_threads_ask_at_once() {
    let server = Server::answering(Some("server"), FINE);
    let client = client(&[]);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..3 {
                    assert_eq!(client.send(&get(&server.url("https", "/"))).expect("an answer").body, b"fine");
                }
            });
        }
    });
    assert_eq!(server.requests().len(), 18);
    assert!(server.connections() <= 18);
}

#[test]
fn every_status_is_an_answer_and_no_redirect_is_followed() {
    let elsewhere = Server::answering(None, FINE);
    for head in [
        format!("302 Found\r\nLocation: {}", elsewhere.url("http", "/")),
        "302 Found".to_owned(),
        "307 Temporary Redirect\r\nLocation: ::not an address::".to_owned(),
        "401 Unauthorized\r\nWWW-Authenticate: Basic".to_owned(),
        "404 Not Found".to_owned(),
        "407 Proxy Authentication Required".to_owned(),
        "429 Too Many Requests\r\nRetry-After: 1".to_owned(),
        "503 Service Unavailable".to_owned(),
    ] {
        let server = Server::answering(None, format!("HTTP/1.1 {head}\r\nContent-Length: 4\r\n\r\nbody"));
        let answer = client(&[]).send(&get(&server.url("http", "/"))).expect(&head);
        assert_eq!(answer.status.to_string(), head[..3]);
        assert_eq!(answer.body, b"body", "{head}");
    }
    for head in ["204 No Content", "304 Not Modified"] {
        let server = Server::answering(None, format!("HTTP/1.1 {head}\r\n\r\n"));
        let answer = client(&[]).send(&get(&server.url("http", "/"))).expect(head);
        assert_eq!((answer.status.to_string().as_str(), answer.complete), (&head[..3], true));
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn a_body_is_kept_up_to_the_cap() {
    for (length, complete) in [(0, true), (999, true), (1000, true), (1001, false), (300_000, false)] {
        let body = "x".repeat(length);
        let delimited = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
        let chunk = if length == 0 { String::new() } else { format!("{length:x}\r\n{body}\r\n") };
        let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n");
        let to_the_end = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}");
        for whole in [delimited, chunked, to_the_end] {
            let server = Server::once(None, whole);
            let answer = client(&[]).send(&get(&server.url("http", "/"))).expect("an answer");
            assert_eq!((answer.body.len(), answer.complete), (length.min(1000), complete));
        }
    }
}

#[test]
fn an_answer_that_breaks_off_is_not_complete() {
    for certificate in [None, Some("server")] {
        for cut in [
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nfine",
        ] {
            let server = Server::once(certificate, cut);
            let scheme = if certificate.is_some() { "https" } else { "http" };
            let answer = client(&[]).send(&get(&server.url(scheme, "/"))).expect("an answer");
            assert_eq!((answer.body.as_slice(), answer.complete), (&b"fine"[..], false), "{cut}");
        }
    }
}

#[test]
fn an_answer_in_damaged_pieces_is_not_complete() {
    let server = Server::once(None, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\nno number\r\n");
    assert!(!client(&[]).send(&get(&server.url("http", "/"))).expect("an answer").complete);
}

#[test]
fn an_answer_without_a_whole_head_is_a_broken_connection() {
    let long = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(200_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(5000));
    for cut in ["", "HTTP/1.1 200 OK\r\nConte", "SSH-2.0-OpenSSH_9.2\r\n", "\0\x01\x02\r\n\r\n", &long, &many] {
        for certificate in [None, Some("server")] {
            let server = Server::once(certificate, cut);
            let scheme = if certificate.is_some() { "https" } else { "http" };
            let (fault, text) = fault(&*client(&[]), &get(&server.url(scheme, "/")));
            assert_eq!(fault, HttpFault::Broken, "{text}");
            assert!(text.contains(&server.address.to_string()), "{text}");
        }
    }
}

#[test]
fn hostile_headers_do_no_harm() {
    for header in
        [&b"X-A: \xff\xfe\x80"[..], b"X-A: \x1b[31m", b"X-A: \x07", b"X A: b", b": b", b"X-A", b"Content-Length: -1"]
    {
        let whole = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n", header, b"\r\n\r\nfine"].concat();
        let server = Server::once(None, whole);
        // Either is good; what must not be is a panic, which would be `Other`.
        match client(&[]).send(&get(&server.url("http", "/"))) {
            Ok(answer) => assert_eq!(answer.status, 200),
            Err(error) => assert_eq!(error.fault, HttpFault::Broken, "{error}"),
        }
    }
}
