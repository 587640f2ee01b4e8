//! What somebody typed as an address, read.

use std::net::IpAddr;
use url::{Host, Url};

/// How long an address may be.
const LONGEST: usize = 2_000;

/// Why an address is not called; for who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no address that could be called.
    #[error("Use an address such as https://example.com/hooks, without a user or a fragment.")]
    NotAnAddress,
    /// It is not protected on its way.
    #[error("Use an address that begins with https://.")]
    NotSecure,
    /// It is a mail server that would be spoken to in the clear.
    #[error(
        "Without TLS, mail goes into networks alone that the installation lists. Use STARTTLS or TLS."
    )]
    InTheClear,
    /// It is no port of mail servers.
    #[error("Mail servers are called on the ports 25, 465, 587 and 2525.")]
    Port,
    /// Nobody knows its host.
    #[error("This host can't be found.")]
    Unknown,
    /// It leads into a network that is not public.
    #[error("This address leads into a private network, where nothing is called.")]
    Private,
}

/// An address that could be called, if its host leads to a place that may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(pub(crate) Url);

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// [`Refused::NotAnAddress`].
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let odd = text.len() > LONGEST || text.chars().any(|c| c.is_whitespace() || c.is_control());
        let url = Url::parse(text).map_err(|_| Refused::NotAnAddress)?;
        let whole = matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        match whole && !odd && url.port() != Some(0) {
            true => Ok(Self(url)),
            false => Err(Refused::NotAnAddress),
        }
    }

    /// The address, as it is called.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// The host's address, where the host is one; else its name.
    pub(crate) fn host(&self) -> Result<IpAddr, String> {
        match self.0.host() {
            Some(Host::Ipv4(v4)) => Ok(v4.into()),
            Some(Host::Ipv6(v6)) => Ok(v6.into()),
            Some(Host::Domain(name)) => Err(name.to_owned()),
            None => Err(String::new()),
        }
    }

    /// As the header `Host` has it.
    pub(crate) fn authority(&self) -> &str {
        &self.0[url::Position::BeforeHost..url::Position::AfterPort]
    }

    /// Path and query.
    pub(crate) fn path(&self) -> &str {
        &self.0[url::Position::BeforePath..url::Position::AfterQuery]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_and_others() {
        for (text, host) in [
            ("https://example.com/hook?a=1", "example.com"),
            ("https://example.com:8443/", "example.com:8443"),
            // Other spellings of the same address are that address.
            ("http://2130706433/", "127.0.0.1"),
            ("http://0x7f.1/", "127.0.0.1"),
            ("http://017700000001/", "127.0.0.1"),
            ("http://[::ffff:7f00:1]:80/", "[::ffff:7f00:1]"),
            ("https://EXAMPLE.com", "example.com"),
        ] {
            assert_eq!(Target::parse(text).unwrap().authority(), host, "{text}");
        }
        for text in [
            "",
            "example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://",
            "https://a:b@example.com/",
            "https://example.com/#x",
            "gopher://example.com/",
            "https://exa mple.com/",
            "https://example.com:0/",
            "https://example.com/\r\nX-Evil: 1",
            "javascript:alert(1)",
            "https://[fe80::1%25eth0]/",
        ] {
            assert_eq!(Target::parse(text), Err(Refused::NotAnAddress), "{text}");
        }
    }

    proptest! {
        #[test]
        fn odd_text_is_no_fault(text in "\\PC{0,80}", rest in "\\PC{0,60}") {
            let _ = Target::parse(&text);
            if let Ok(target) = Target::parse(&format!("https://{rest}")) {
                prop_assert!(!target.authority().contains(['\r', '\n', ' ', '@']));
                prop_assert!(target.path().starts_with('/'));
            }
        }
    }
}
