//! Whether a server's certificate is to be trusted: libpq's three answers (PostgreSQL manual 34.19.1).

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// The certificates that a server's may be signed by.
#[derive(Debug)]
pub(super) struct Roots {
    anchors: RootCertStore,
    certificates: Vec<CertificateDer<'static>>,
}

impl Roots {
    pub(super) fn new(certificates: Vec<CertificateDer<'static>>) -> Result<Self, Error> {
        let mut anchors = RootCertStore::empty();
        for certificate in &certificates {
            anchors.add(certificate.clone())?;
        }
        Ok(Self {
            anchors,
            certificates,
        })
    }
}

/// Checks the chain when there are root certificates, and the name when it is to.
#[derive(Debug)]
pub(super) struct ServerVerifier {
    pub(super) roots: Option<Roots>,
    pub(super) name: bool,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

impl ServerVerifier {
    fn check_chain(
        &self,
        roots: &Roots,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let checked = verify_server_cert_signed_by_trust_anchor(
            &ParsedCertificate::try_from(certificate)?,
            &roots.anchors,
            intermediates,
            now,
            self.algorithms.all,
        );
        match checked {
            // The server's own certificate is the root, as `openssl req -x509` makes one, and openssl
            // trusts it. Its time was checked before its kind.
            Err(error) if is_authority(&error) && roots.certificates.contains(certificate) => {
                Ok(())
            }
            other => other,
        }
    }
}

/// Whether the fault is that an authority's certificate is used as a server's.
fn is_authority(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(why) => format!("{why:?}").contains("CaUsedAsEndEntity"),
        _ => false,
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(roots) = &self.roots {
            self.check_chain(roots, end_entity, intermediates, now)?;
        }
        if self.name {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    // The signatures are always checked. With an unchecked certificate that still proves that the
    // server has its key, on which SCRAM's channel binding rests.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
    use rustls::crypto::ring::default_provider;

    /// As `openssl req -x509` makes it: signed by itself, and an authority's.
    fn own(last_year: i32) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(vec!["db.example.com".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_after = date_time_ymd(last_year, 12, 31);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().clone()
    }

    fn check(root: &CertificateDer<'static>, certificate: &CertificateDer<'_>, name: &str) -> bool {
        let verifier = ServerVerifier {
            roots: Some(Roots::new(vec![root.clone()]).unwrap()),
            name: true,
            algorithms: default_provider().signature_verification_algorithms,
        };
        let name = name.to_owned().try_into().unwrap();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_795_000_000));
        verifier
            .verify_server_cert(certificate, &[], &name, &[], now)
            .is_ok()
    }

    #[test]
    fn the_servers_own_certificate_may_be_the_root() {
        let mine = own(2090);
        assert!(check(&mine, &mine, "db.example.com"));
        assert!(!check(&mine, &mine, "other.example.com"));
        assert!(!check(&mine, &own(2090), "db.example.com"));
        let expired = own(2020);
        assert!(!check(&expired, &expired, "db.example.com"));
    }
}
