//! Whom the gateway trusts when it is the client: a broker, a webhook's endpoint.
//!
//! rustls with ring, versions 1.2 and 1.3 as its defaults have them. What the door trusts is in door/tls.rs. Before: the
//! configuration. Next: broker.rs, webhook/post.rs.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Whose certificates the other side's must be signed by.
#[derive(Clone, Debug)]
pub struct Authority(Arc<RootCertStore>);

impl PartialEq for Authority {
    fn eq(&self, other: &Self) -> bool {
        self.0.roots == other.0.roots
    }
}

impl Authority {
    /// Reads certificates from a PEM file.
    ///
    /// # Errors
    /// Says why when it holds none that can be used.
    pub fn read(path: &Path) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(path)? {
            roots.add(certificate).map_err(|error| unreadable(path, &error))?;
        }
        Ok(Self(Arc::new(roots)))
    }

    /// Those that the system trusts. A system without any is said; nothing is trusted then.
    #[must_use]
    pub fn of_the_system() -> Self {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            tracing::warn!("this system trusts no certificate authority: nobody is spoken to under TLS");
        }
        Self(Arc::new(roots))
    }

    /// No certificate is good enough: for who never meets one.
    pub(crate) fn nobody() -> Self {
        Self(Arc::new(RootCertStore::empty()))
    }

    /// A client's side of TLS, which shows `identity` where it is asked for one.
    ///
    /// # Errors
    /// Says why when the identity cannot be shown.
    pub fn client(&self, identity: Option<Identity>) -> Result<ClientConfig, String> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(Arc::clone(&self.0));
        match identity {
            None => Ok(config.with_no_client_auth()),
            Some(Identity { chain, key }) => {
                config.with_client_auth_cert(chain, key).map_err(|error| error.to_string())
            }
        }
    }
}

/// A certificate of the gateway's own, with its key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads both from PEM files.
    ///
    /// # Errors
    /// Says which of them holds nothing of use.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, String> {
        let chain = certificates(certificate)?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
        Ok(Self { chain, key })
    }
}

/// The certificates of a PEM file: at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let found = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(path, &error))?;
    let found = found.collect::<Result<Vec<_>, _>>().map_err(|error| unreadable(path, &error))?;
    if found.is_empty() { Err(unreadable(path, &"there is no certificate in it")) } else { Ok(found) }
}

fn unreadable(path: &Path, why: &dyn fmt::Display) -> String {
    format!("cannot read `{}`: {why}", path.display())
}
