//! TLS for the fake, with the certificates of `tests/support/tls/`, whose authority nobody trusts.

use std::io;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the fake shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// For 127.0.0.1 and localhost.
    Right,
    /// For another name.
    Elsewhere,
    Expired,
}

fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/support/tls", name].iter().collect()
}

/// The certificate of the authority that signed them, as for `--cacert`.
pub(crate) fn authority() -> PathBuf {
    file("authority.pem")
}

pub(crate) fn config(certificate: Certificate) -> Arc<ServerConfig> {
    let name = match certificate {
        Certificate::Right => "server.pem",
        Certificate::Elsewhere => "elsewhere.pem",
        Certificate::Expired => "expired.pem",
    };
    let chain = vec![CertificateDer::from_pem_file(file(name)).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_file(file("server.key")).expect("a key");
    let versions = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has today's versions");
    Arc::new(versions.with_no_client_auth().with_single_cert(chain, key).expect("the key of the certificate"))
}

/// The other side's greeting is read with the first request.
pub(crate) fn talk(
    config: &Arc<ServerConfig>,
    stream: TcpStream,
) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
    let session = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    Ok(StreamOwned::new(session, stream))
}
