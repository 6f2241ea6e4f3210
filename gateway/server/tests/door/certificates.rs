//! An authority of the test's own, and what it signs, as PEM files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use turnpage_gateway_server::door::{Tls, TlsFiles};

/// Signs certificates, and keeps them in a directory.
pub(crate) struct Authority {
    dir: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, in files.
#[derive(Clone)]
pub(crate) struct Paper {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "the park's authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let authority = Self { dir: TempDir::new().unwrap(), issuer };
        fs::write(authority.root(), authority.issuer.pem()).unwrap();
        authority
    }

    /// Its own certificate.
    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().join("root.pem")
    }

    /// A certificate of `common_name`, and of each of `others` as an alternative name.
    pub(crate) fn sign(&self, common_name: &str, others: &[&str]) -> Paper {
        let others: Vec<_> = others.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(others).unwrap();
        params.distinguished_name.push(DnType::CommonName, common_name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let path = |ending| self.dir.path().join(format!("{common_name}.{ending}"));
        let paper = Paper { certificate: path("pem"), key: path("key") };
        fs::write(&paper.certificate, certificate.pem()).unwrap();
        fs::write(&paper.key, key.serialize_pem()).unwrap();
        paper
    }

    /// A door of this machine that takes this authority's certificates.
    pub(crate) fn door(&self) -> Tls {
        let Paper { certificate, key } = self.sign("door", &["localhost", "127.0.0.1"]);
        Tls::read(TlsFiles { certificate, key, clients: Some(self.root()) }).unwrap()
    }

    /// A client that trusts this authority, and shows `paper` if it has one.
    pub(crate) fn client(&self, paper: Option<&Paper>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(certificate(&self.root())).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        Arc::new(match paper {
            None => builder.with_no_client_auth(),
            Some(paper) => {
                let key = PrivateKeyDer::from_pem_file(&paper.key).unwrap();
                builder.with_client_auth_cert(vec![certificate(&paper.certificate)], key).unwrap()
            }
        })
    }
}

fn certificate(path: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(path).unwrap()
}
