//! Whose certificates are believed.
//!
//! What the system believes, decided by the system's own verifier where it has one (macOS, Windows). `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` stand in for it on every system, as they do for OpenSSL. A file named in the settings comes on top of
//! either: a company whose CircleCI has a certificate of its own still has a proxy that the system knows. With such files
//! rustls judges alone, by the roots that the system lists.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use ureq::tls::{Certificate, RootCerts};

use crate::system::real::files;

/// More than any bundle of certificates needs.
const LARGEST: u64 = 16 * 1024 * 1024;

pub(super) fn roots(extra: Option<&Path>, env: &dyn Fn(&str) -> Option<OsString>) -> io::Result<RootCerts> {
    let named = |name: &str| env(name).filter(|value| !value.is_empty());
    let (file, folders) = (named("SSL_CERT_FILE").map(PathBuf::from), named("SSL_CERT_DIR"));
    let instead = file.is_some() || folders.is_some();
    if extra.is_none() && !instead {
        return Ok(RootCerts::PlatformVerifier);
    }
    let mut certificates = match extra {
        Some(path) => own(path)?,
        None => Vec::new(),
    };
    if instead {
        certificates.extend(rustls_native_certs::load_certs_from_paths(file.as_deref(), None).certs);
        for folder in folders.iter().flat_map(std::env::split_paths) {
            certificates.extend(rustls_native_certs::load_certs_from_paths(None, Some(&folder)).certs);
        }
    } else {
        certificates.extend(rustls_native_certs::load_native_certs().certs);
    }
    if certificates.is_empty() {
        let text =
            "SSL_CERT_FILE or SSL_CERT_DIR is set, and there is no certificate where it points: mend or unset it";
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    Ok(certificates.iter().map(|der| Certificate::from_der(der).to_owned()).into())
}

/// The certificates in a file of the user, each of which must be one.
fn own(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let wrong = |kind, what: String| io::Error::new(kind, format!("the CA file {}: {what}", path.display()));
    let bytes = files::read(path, LARGEST).map_err(|error| wrong(error.kind(), error.to_string()))?;
    let mut certificates = Vec::new();
    let mut store = RootCertStore::empty();
    for item in CertificateDer::pem_slice_iter(&bytes) {
        let invalid = |_| wrong(io::ErrorKind::InvalidData, "a certificate in it is damaged".to_owned());
        let certificate = item.map_err(|_| invalid(()))?;
        store.add(certificate.clone()).map_err(|_| invalid(()))?;
        certificates.push(certificate);
    }
    if certificates.is_empty() {
        let text = "there is no certificate in it; it needs the text form, -----BEGIN CERTIFICATE-----".to_owned();
        return Err(wrong(io::ErrorKind::InvalidData, text));
    }
    Ok(certificates)
}
