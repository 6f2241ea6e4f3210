//! TLS at the door: certificate and key from files, and what names a client's certificate bears.
//!
//! rustls with ring, versions 1.2 and 1.3 as its defaults have them. The files can be read again while the door is open:
//! who is connected stays on the old certificate, who comes gets the new one. There are no revocation lists: a node
//! whose account is gone from the configuration is out, whatever certificate it holds.
//! Before: the configuration. Next: greet.rs, which shakes hands.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::rustls;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use x509_cert::Certificate;
use x509_cert::der::asn1::{PrintableStringRef, Utf8StringRef};
use x509_cert::der::{Decode, Tag, Tagged};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::certificates::end_of_file;

/// Names of one certificate that are looked at: its owner has one, and perhaps a few of before.
const NAMES_MAX: usize = 16;

/// Where the door's certificate is, and whose certificates it takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// PEM: the door's certificate first, then those between it and a root.
    pub certificate: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
    /// PEM: authorities whose certificates let clients in. Without it, no client is asked for one.
    pub clients: Option<PathBuf>,
}

/// One of [`TlsFiles`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TlsFile {
    /// The door's certificate.
    Certificate,
    /// Its private key.
    Key,
    /// Authorities for clients.
    Clients,
}

/// Why there is no TLS with these files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be opened or holds no such PEM.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// Which of the files.
        file: TlsFile,
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// It can be read and not used.
    #[error("cannot use `{}`: {why}", path.display())]
    Unusable {
        /// Which of the files.
        file: TlsFile,
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl Error {
    /// Which of the files is to blame.
    #[must_use]
    pub fn file(&self) -> TlsFile {
        match self {
            Self::Unreadable { file, .. } | Self::Unusable { file, .. } => *file,
        }
    }
}

/// The door's side of TLS. Cheap to clone; all clones change together.
#[derive(Clone)]
pub struct Tls {
    files: Arc<TlsFiles>,
    config: Arc<RwLock<(Arc<ServerConfig>, Option<u64>)>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When one of them cannot be read, holds nothing of use, or the key is not the certificate's.
    pub fn read(files: TlsFiles) -> Result<Self, Error> {
        let config = (Arc::new(config(&files)?), end_of_file(&files.certificate));
        Ok(Self { files: Arc::new(files), config: Arc::new(RwLock::new(config)) })
    }

    /// Reads the files again, for whoever comes from now on.
    ///
    /// # Errors
    /// As [`Tls::read`]; what was read before stays in use.
    pub fn renew(&self) -> Result<(), Error> {
        let renewed = (Arc::new(config(&self.files)?), end_of_file(&self.files.certificate));
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }

    /// What a connection that comes now is served with.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner).0)
    }

    /// Until when the certificate in use is good, in seconds since 1970; `None` where it does not say.
    pub(crate) fn ends(&self) -> Option<u64> {
        self.config.read().unwrap_or_else(PoisonError::into_inner).1
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.fmt(f)
    }
}

fn config(files: &TlsFiles) -> Result<ServerConfig, Error> {
    let certificates = certificates(TlsFile::Certificate, &files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| Error::Unreadable {
        file: TlsFile::Key,
        path: files.key.clone(),
        source,
    })?;
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(TlsFile::Certificate, &files.certificate, &error))?;
    let builder = match &files.clients {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for authority in self::certificates(TlsFile::Clients, path)? {
                roots.add(authority).map_err(|error| unusable(TlsFile::Clients, path, &error))?;
            }
            // Without a certificate a client still has its password.
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .allow_unauthenticated()
                .build()
                .map_err(|error| unusable(TlsFile::Clients, path, &error))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    builder.with_single_cert(certificates, key).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            unusable(TlsFile::Key, &files.key, &"it is not the key of the certificate")
        }
        error => unusable(TlsFile::Certificate, &files.certificate, &error),
    })
}

/// All certificates of a PEM file, of which there is one at least.
fn certificates(file: TlsFile, path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let unreadable = |source| Error::Unreadable { file, path: path.to_owned(), source };
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .map_err(unreadable)?
        .map(|found| found.map_err(unreadable))
        .collect();
    let found = found?;
    if found.is_empty() { Err(unusable(file, path, &"it holds no certificate")) } else { Ok(found) }
}

fn unusable(file: TlsFile, path: &Path, why: &dyn fmt::Display) -> Error {
    Error::Unusable { file, path: path.to_owned(), why: why.to_string() }
}

/// The names that a verified certificate bears: the DNS names among its alternative names, and the common names of its
/// subject. One that cannot be read bears none.
pub(super) fn names(certificate: &[u8]) -> Vec<String> {
    let Ok(certificate) = Certificate::from_der(certificate) else { return Vec::new() };
    let certificate = certificate.tbs_certificate();
    let alternatives = certificate.get_extension::<SubjectAltName>().ok().flatten();
    let alternatives = alternatives.iter().flat_map(|(_, names)| &names.0).filter_map(|name| match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
        _ => None,
    });
    let subject = certificate.subject().iter().filter(|attribute| attribute.oid == COMMON_NAME);
    let common = subject.filter_map(|attribute| {
        let value = &attribute.value;
        match value.tag() {
            Tag::Utf8String => {
                value.decode_as::<Utf8StringRef<'_>>().ok().map(|text| text.as_str().to_owned())
            }
            Tag::PrintableString => {
                value.decode_as::<PrintableStringRef<'_>>().ok().map(|text| text.as_str().to_owned())
            }
            _ => None,
        }
    });
    alternatives.chain(common).take(NAMES_MAX).collect()
}

/// The attribute `CN` of a subject (RFC 4519, section 2.3).
const COMMON_NAME: x509_cert::der::oid::ObjectIdentifier =
    x509_cert::der::oid::ObjectIdentifier::new_unwrap("2.5.4.3");
