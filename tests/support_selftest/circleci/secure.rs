//! The fake over TLS, as a client with rustls meets it.

use std::io::{BufReader, Write};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::client::{connect, read};
use super::{Answer, Scene, client, scene};
use crate::support::circleci::{Certificate, FakeCircleci, authority};

/// Asks who the user is, trusting the authority of the tests alone.
fn me(certificate: Certificate) -> std::io::Result<Option<Answer>> {
    let Scene { world, ana, .. } = scene();
    let fake = FakeCircleci::start_with_tls(world, certificate);
    assert!(fake.url().starts_with("https://127.0.0.1:"), "{}", fake.url());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority()).expect("a certificate")).expect("an authority");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has today's versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").expect("an address");
    let session = ClientConnection::new(Arc::new(config), name).expect("a session");
    let mut stream = StreamOwned::new(session, connect(&fake.url().replace("https://", "http://")));
    stream.write_all(client(&fake, ana).request("GET", "/api/v2/me", "").as_bytes())?;
    Ok(read(&mut BufReader::new(stream)))
}

#[test]
fn a_certificate_for_the_name_and_others() {
    let answer = me(Certificate::Right).expect("a session").expect("an answer");
    assert_eq!(answer.ok()["login"], "ana");
    for (certificate, words) in [(Certificate::Elsewhere, "NotValidForName"), (Certificate::Expired, "Expired")] {
        let error = format!("{:?}", me(certificate).expect_err("no session"));
        assert!(error.contains(words), "{certificate:?}: {error}");
    }
}
