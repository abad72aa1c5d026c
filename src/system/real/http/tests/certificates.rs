//! Whom TLS believes.

use super::*;

const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

fn settings(path: Option<PathBuf>) -> HttpSettings {
    HttpSettings { ca_certificates: path, user_agent: "tests".to_owned() }
}

#[test]
fn an_authority_that_nobody_knows_is_not_believed() {
    let server = Server::answering(Some("server"), FINE);
    let client = open(&settings(None), &|_| None).expect("nothing to read");
    let (fault, text) = fault(&*client, &get(&server.url("https", "/")));
    assert_eq!(fault, HttpFault::Certificate, "{text}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_certificate_for_another_name_or_time_is_not_believed() {
    for (certificate, why) in [("elsewhere", "another name"), ("expired", "expired")] {
        let server = Server::answering(Some(certificate), FINE);
        let (fault, text) = fault(&*client(&[]), &get(&server.url("https", "/")));
        assert_eq!(fault, HttpFault::Certificate, "{text}");
        assert!(text.contains(why), "{text}");
        assert!(server.requests().is_empty());
    }
}

#[test]
fn the_environment_says_whom_to_believe_and_the_settings_add_to_it() {
    let server = Server::answering(Some("server"), FINE);
    let url = server.url("https", "/");
    let (authority, other) = (tls("authority.pem"), tls("elsewhere.pem"));
    let (authority, other) = (authority.to_str().expect("text"), other.to_str().expect("text"));
    let scratch = crate::system::System::scratch(&crate::system::real::Real).expect("a folder");
    scratch.write("authority.pem", &std::fs::read(authority).expect("it is there")).expect("writes");
    let folder = scratch.path().to_str().expect("text");
    for variables in [
        vec![("SSL_CERT_FILE", authority)],
        vec![("SSL_CERT_DIR", folder)],
        vec![("SSL_CERT_FILE", other), ("SSL_CERT_DIR", folder)],
    ] {
        let client = open(&settings(None), &environment(&variables)).expect("can be read");
        client.send(&get(&url)).expect("believed");
    }
    let only_other = [("SSL_CERT_FILE", other)];
    let client = open(&settings(None), &environment(&only_other)).expect("can be read");
    assert_eq!(fault(&*client, &get(&url)).0, HttpFault::Certificate);
    let client = open(&settings(Some(authority.into())), &environment(&only_other)).expect("can be read");
    client.send(&get(&url)).expect("believed");
    let client = open(&settings(Some(authority.into())), &environment(&[("SSL_CERT_FILE", "")])).expect("can be read");
    client.send(&get(&url)).expect("believed");
}

#[test]
fn a_file_without_certificates_is_said_at_once() {
    let scratch = crate::system::System::scratch(&crate::system::real::Real).expect("a folder");
    let whole = std::fs::read_to_string(tls("authority.pem")).expect("it is there");
    let missing = scratch.path().join("missing");
    let empty = scratch.write("empty", b"").expect("writes");
    let key = tls("server.key");
    let cut = scratch.write("cut", &whole.as_bytes()[..200]).expect("writes");
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let damaged = scratch.write("damaged", format!("{whole}{no_certificate}").as_bytes()).expect("writes");
    for (path, why) in [
        (&missing, "No such file"),
        (&empty, "no certificate"),
        (&key, "no certificate"),
        (&cut, "damaged"),
        (&damaged, "damaged"),
        (&scratch.path().to_owned(), "not a regular file"),
    ] {
        let error = open(&settings(Some(path.clone())), &|_| None).err().expect("it is no file of certificates");
        let text = error.to_string();
        assert!(text.contains(why) && text.contains(path.to_str().expect("text")), "{text}");
    }
    let variables = [("SSL_CERT_FILE", empty.to_str().expect("text"))];
    let error = open(&settings(None), &environment(&variables)).err().expect("nobody would be believed");
    assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
}

#[test]
fn what_speaks_no_tls_is_told_apart() {
    for answer in ["HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"] {
        let server = Server::new(None, move |stream, _| {
            // As such servers do: at the first bytes that make no sense.
            stream.read_exact(&mut [0; 5])?;
            stream.write_all(answer.as_bytes())?;
            thread::sleep(Duration::from_millis(200));
            Ok(())
        });
        let (fault, text) = fault(&*client(&[]), &get(&server.url("https", "/")));
        assert_eq!(fault, HttpFault::Tls, "{text}");
    }
}

#[test]
fn a_handshake_that_is_refused_is_a_fault_of_tls() {
    // An alert instead of a handshake, as from a server with versions that are too old.
    let server = Server::new(None, |stream, _| {
        stream.read_exact(&mut [0; 5])?;
        stream.write_all(&[21, 3, 1, 0, 2, 2, 70])?;
        thread::sleep(Duration::from_millis(200));
        Ok(())
    });
    let (fault, text) = fault(&*client(&[]), &get(&server.url("https", "/")));
    assert_eq!(fault, HttpFault::Tls, "{text}");
}
