//! TLS as libpq has it (PostgreSQL manual 34.19): six modes, and a file of root certificates.
//!
//! It is rustls with *ring*. One connector serves all modes, so that a connection has the same type
//! with TLS and without.

mod verify;

use crate::connect::Driver;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ConfigBuilder, WantsVerifier};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use tokio_postgres::config::{Host, SslMode as Negotiation};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;
use verify::{Roots, ServerVerifier};

/// How well a connection is protected (PostgreSQL manual, table 34.1). The order is by strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS only where the server insists on it.
    Allow,
    /// TLS where it can be had; libpq's default, and ours.
    #[default]
    Prefer,
    /// TLS or nothing. Whoever answers is believed, unless there are root certificates.
    Require,
    /// And the server's certificate is signed by one of the root certificates.
    VerifyCa,
    /// And it was given to the host that is asked for.
    VerifyFull,
}

impl SslMode {
    /// All of them, the weakest first.
    pub const ALL: [Self; 6] = [
        Self::Disable,
        Self::Allow,
        Self::Prefer,
        Self::Require,
        Self::VerifyCa,
        Self::VerifyFull,
    ];

    /// libpq's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

impl fmt::Display for SslMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SslMode {
    type Err = TlsError;

    fn from_str(word: &str) -> Result<Self, TlsError> {
        let mut all = Self::ALL.into_iter();
        all.find(|mode| mode.as_str() == word).ok_or(TlsError::Mode)
    }
}

/// Why TLS can't be used as it is set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// Not one of libpq's words.
    #[error("sslmode is one of disable, allow, prefer, require, verify-ca, verify-full")]
    Mode,
    /// The mode checks certificates, and there is nothing to check them against.
    #[error(
        "sslmode={0} needs sslrootcert: the path of a PEM file with the certificates of the authority"
    )]
    NoRootCert(SslMode),
    /// The file of root certificates is of no use.
    #[error("sslrootcert {}: {problem}", path.display())]
    RootCert {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// How connections to a server are protected. Root certificates are read once: a new file needs a new
/// start.
#[derive(Clone)]
pub struct TlsSettings {
    mode: SslMode,
    root_cert: Option<PathBuf>,
    connector: MakeRustlsConnect,
}

impl fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSettings")
            .field("mode", &self.mode)
            .field("root_cert", &self.root_cert)
            .finish_non_exhaustive()
    }
}

impl Default for TlsSettings {
    /// `prefer`, without root certificates.
    fn default() -> Self {
        Self::with_roots(SslMode::default(), None, None)
    }
}

impl TlsSettings {
    /// A mode, and a PEM file with the certificates of the authorities that may sign a server's. As
    /// libpq does it, the file counts in every mode in which TLS is spoken: `require` with it is
    /// `verify-ca`.
    ///
    /// # Errors
    /// When the file can't be used, or the mode needs one and there is none.
    pub fn new(mode: SslMode, root_cert: Option<PathBuf>) -> Result<Self, TlsError> {
        let roots = root_cert.as_deref().map(read_roots).transpose()?;
        if roots.is_none() && mode >= SslMode::VerifyCa {
            return Err(TlsError::NoRootCert(mode));
        }
        Ok(Self::with_roots(mode, root_cert, roots))
    }

    fn with_roots(mode: SslMode, root_cert: Option<PathBuf>, roots: Option<Roots>) -> Self {
        let provider = Arc::new(ring::default_provider());
        let verifier = ServerVerifier {
            roots,
            name: mode == SslMode::VerifyFull,
            algorithms: provider.signature_verification_algorithms,
        };
        let mut client = builder(provider)
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        // What libpq 17 sends; a server that is asked for TLS from the first byte insists on it.
        client.alpn_protocols = vec![b"postgresql".to_vec()];
        Self {
            mode,
            root_cert,
            connector: MakeRustlsConnect::new(client),
        }
    }

    /// The mode.
    pub fn mode(&self) -> SslMode {
        self.mode
    }

    /// The file of root certificates.
    pub fn root_cert(&self) -> Option<&Path> {
        self.root_cert.as_deref()
    }

    /// Whether nobody can pose as the server: whether TLS is a must, and certificates are checked.
    pub fn authenticates(&self) -> bool {
        self.mode >= SslMode::Require && self.root_cert.is_some()
    }

    /// Connects as the mode says. There is no TLS over a Unix socket.
    pub(crate) async fn connect(
        &self,
        config: &Config,
    ) -> Result<(Client, Driver), tokio_postgres::Error> {
        if config.get_hosts().iter().all(is_socket) {
            return self.attempt(config, Negotiation::Disable).await;
        }
        match self.mode {
            SslMode::Disable => self.attempt(config, Negotiation::Disable).await,
            SslMode::Allow => self.allow(config).await,
            SslMode::Prefer => self.prefer(config).await,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                self.attempt(config, Negotiation::Require).await
            }
        }
    }

    /// First without TLS; with it when the server lets nobody in without.
    async fn allow(&self, config: &Config) -> Result<(Client, Driver), tokio_postgres::Error> {
        let first = match self.attempt(config, Negotiation::Disable).await {
            Err(error) if is_turned_away(&error) => error,
            outcome => return outcome,
        };
        let second = self.attempt(config, Negotiation::Require).await;
        // Of a server without TLS, its first answer tells more.
        second.map_err(|second| {
            if is_without_tls(&second) {
                first
            } else {
                second
            }
        })
    }

    /// First with TLS, if the server offers it; without when that fails, or when the server lets nobody
    /// in with it.
    async fn prefer(&self, config: &Config) -> Result<(Client, Driver), tokio_postgres::Error> {
        let first = match self.attempt(config, Negotiation::Prefer).await {
            Err(error) if is_handshake(&error) || is_turned_away(&error) => error,
            outcome => return outcome,
        };
        tracing::debug!(
            error = sindico_db::describe(&first),
            "no connection with TLS; trying without, as sslmode=prefer has it"
        );
        let second = self.attempt(config, Negotiation::Disable).await;
        // A server that wants TLS says so in its second answer; why there is none is in the first.
        second.map_err(|second| match second.as_db_error() {
            Some(_) if !is_turned_away(&second) => second,
            _ => first,
        })
    }

    async fn attempt(
        &self,
        config: &Config,
        negotiation: Negotiation,
    ) -> Result<(Client, Driver), tokio_postgres::Error> {
        let mut config = config.clone();
        config.ssl_mode(negotiation);
        config.connect(self.connector.clone()).await
    }
}

/// The beginning of a configuration of rustls, with what the provider can do named explicitly: that
/// of the process belongs to nobody.
fn builder(provider: Arc<CryptoProvider>) -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .expect("ring has cipher suites for TLS 1.2 and 1.3")
}

fn read_roots(path: &Path) -> Result<Roots, TlsError> {
    let wrong = |problem: String| TlsError::RootCert {
        path: path.to_owned(),
        problem,
    };
    // libpq 16's word for the certificates of the operating system.
    if path == Path::new("system") {
        return Err(wrong(
            "the system's certificates are not used; name a PEM file".to_owned(),
        ));
    }
    let text = std::fs::read(path).map_err(|error| wrong(format!("can't be read: {error}")))?;
    let certificates = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(format!("is no PEM file: {error}")))?;
    if certificates.is_empty() {
        return Err(wrong("has no certificate in PEM form".to_owned()));
    }
    Roots::new(certificates).map_err(|error| wrong(format!("a certificate is wrong: {error}")))
}

pub(crate) fn is_socket(host: &Host) -> bool {
    matches!(host, Host::Unix(_))
}

/// Whether the server lets nobody in on this way: "no pg_hba.conf entry ... no encryption". Unlike
/// libpq, a wrong password is not tried a second time on the other way.
fn is_turned_away(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

/// Whether the way to TLS ended it. The driver tells its kinds of errors by their text alone; the
/// tests of the modes hold it to that.
fn is_handshake(error: &tokio_postgres::Error) -> bool {
    error
        .to_string()
        .starts_with("error performing TLS handshake")
}

fn is_without_tls(error: &tokio_postgres::Error) -> bool {
    is_handshake(error) && sindico_db::describe(error).contains("server does not support TLS")
}

/// Whether the server is not protected as it must be: it has no TLS, or its certificate is not to be
/// trusted. Trying again can't help, unlike after a connection that broke in the handshake.
pub(crate) fn is_untrusted(error: &tokio_postgres::Error) -> bool {
    let cause = std::error::Error::source(error);
    let cause = cause.and_then(|cause| cause.downcast_ref::<std::io::Error>());
    let refused = cause.and_then(std::io::Error::get_ref);
    is_without_tls(error)
        || is_handshake(error) && refused.is_some_and(|refused| refused.is::<rustls::Error>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_libpq() {
        for mode in SslMode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        for word in ["", "Require", "verify_ca", "on"] {
            assert_eq!(word.parse::<SslMode>(), Err(TlsError::Mode), "{word}");
        }
        assert_eq!(TlsSettings::default().mode(), SslMode::Prefer);
    }

    #[test]
    fn who_checks_needs_something_to_check_against() {
        for mode in SslMode::ALL {
            let made = TlsSettings::new(mode, None).map(|tls| tls.mode());
            let checks = matches!(mode, SslMode::VerifyCa | SslMode::VerifyFull);
            let expected = if checks {
                Err(TlsError::NoRootCert(mode))
            } else {
                Ok(mode)
            };
            assert_eq!(made, expected);
        }
    }

    #[test]
    fn a_wrong_file_is_named() {
        let dir = std::env::temp_dir().join(format!("sindico-roots-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let cut = "-----BEGIN CERTIFICATE-----\nMIIB\n";
        let no_certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        for (text, problem) in [
            ("", "has no certificate"),
            ("rubbish", "has no certificate"),
            (cut, "is no PEM file"),
            (no_certificate, "a certificate is wrong"),
        ] {
            let path = dir.join("root.pem");
            std::fs::write(&path, text).unwrap();
            let error = TlsSettings::new(SslMode::Prefer, Some(path.clone())).unwrap_err();
            let line = error.to_string();
            assert!(line.contains(problem), "{line}");
            assert!(line.contains(path.to_str().unwrap()), "{line}");
        }
        for missing in [dir.join("missing.pem"), dir.clone(), "system".into()] {
            let error = TlsSettings::new(SslMode::Disable, Some(missing)).unwrap_err();
            assert!(matches!(error, TlsError::RootCert { .. }), "{error}");
        }
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
