//! Hosts: which face of Síndico, or which tenant, a request's host names (contract section 3,
//! tenancy.md section 6).

use crate::names::Subdomain;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A host in its one normal form: lower case, no port, no trailing dot, IDNA to ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host(String);

impl Host {
    /// The host as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Host {
    type Err = String;

    /// Reads a `Host` header or a configured host (RFC 9110, 7.2; RFC 3986, 3.2.2).
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "Not a valid host name.".to_owned();
        let (name, port) = if let Some(end) = text.strip_prefix('[').and_then(|t| t.find(']')) {
            text.split_at(end + 2)
        } else {
            text.split_at(text.find(':').unwrap_or(text.len()))
        };
        let port_ok = port.is_empty()
            || port.strip_prefix(':').is_some_and(|p| {
                p.is_empty() || (p.bytes().all(|b| b.is_ascii_digit()) && p.parse::<u16>().is_ok())
            });
        // A percent sign would be decoded by the URL rules, and so hide a name within a name.
        if !port_ok || name.contains('%') || name.len() > 1000 {
            return Err(wrong());
        }
        let name = name.strip_suffix('.').unwrap_or(name);
        let host = url::Host::parse(name).map_err(|_| wrong())?.to_string();
        let host = host.strip_suffix('.').unwrap_or(&host).to_owned();
        if host.is_empty() || host.len() > 253 {
            return Err(wrong());
        }
        Ok(Self(host))
    }
}

/// What a host stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The control plane's own host.
    ControlPlane,
    /// A public host, or a reserved subdomain: never a tenant.
    Public,
    /// One label under the base domain or under `localhost`: perhaps a tenant's.
    Tenant(Subdomain),
    /// One label there that no tenant can have.
    Nobody,
    /// None of these: perhaps a tenant's custom domain.
    Other(Host),
}

/// The configured hosts and domains.
#[derive(Debug, Clone, Default)]
pub struct Zones {
    /// `TENANT_BASE_DOMAIN`.
    pub base_domain: Option<Host>,
    /// `CONTROL_PLANE_HOST`.
    pub control_plane_host: Option<Host>,
    /// `TENANT_RESERVED_SUBDOMAINS`, with the control plane's own.
    pub reserved: BTreeSet<String>,
    /// `TENANT_PUBLIC_HOSTS`.
    pub public: BTreeSet<Host>,
    /// `CONTROL_PLANE_ALLOWED_HOSTS`; empty means any.
    pub allowed: BTreeSet<Host>,
}

impl Zones {
    /// What `host` stands for.
    pub fn place(&self, host: &Host) -> Place {
        if self.control_plane_host.as_ref() == Some(host) {
            return Place::ControlPlane;
        }
        if self.public.contains(host) || Some(host) == self.base_domain.as_ref() {
            return Place::Public;
        }
        let base = self.base_domain.as_ref().map(Host::as_str);
        for zone in base.into_iter().chain(["localhost"]) {
            let label = host
                .as_str()
                .strip_suffix(zone)
                .and_then(|rest| rest.strip_suffix('.'));
            let Some(label) = label.filter(|label| !label.contains('.')) else {
                continue;
            };
            return match Subdomain::from_str(label) {
                Ok(label) if self.is_reserved(&label) => Place::Public,
                Ok(label) => Place::Tenant(label),
                Err(_) => Place::Nobody,
            };
        }
        Place::Other(host.clone())
    }

    /// Whether no tenant may have this subdomain.
    pub fn is_reserved(&self, subdomain: &Subdomain) -> bool {
        self.reserved.contains(subdomain.as_str())
    }

    /// Whether the platform API answers on this host (seed: `CONTROL_PLANE_ALLOWED_HOSTS`).
    pub fn serves_control_plane(&self, host: &Host) -> bool {
        self.allowed.is_empty()
            || self.allowed.contains(host)
            || self.control_plane_host.as_ref() == Some(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn host(text: &str) -> Host {
        text.parse().unwrap()
    }

    fn zones() -> Zones {
        Zones {
            base_domain: Some(host("mksbrasil.com")),
            control_plane_host: Some(host("sistema.mksbrasil.com")),
            reserved: ["sistema", "www"].map(str::to_owned).into(),
            public: ["localhost", "127.0.0.1"].map(host).into(),
            allowed: ["localhost", "127.0.0.1"].map(host).into(),
        }
    }

    #[test]
    fn one_normal_form() {
        for text in [
            "Acme.MKSBrasil.com",
            "acme.mksbrasil.com:8000",
            "acme.mksbrasil.com.",
            "ACME.mksbrasil.com.:80",
        ] {
            assert_eq!(host(text).as_str(), "acme.mksbrasil.com", "{text}");
        }
        assert_eq!(host("açaí.com.br").as_str(), "xn--aa-4iaz.com.br");
        assert_eq!(host("[::1]:8000").as_str(), "[::1]");
        for text in [
            "", ".", "a b", "a/b", "a@b", "a%2eb", "a:b", "a:99999", "[::1", "a..b:1:2", "\0",
        ] {
            assert!(text.parse::<Host>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn places() {
        let zones = zones();
        let place = |text: &str| zones.place(&host(text));
        assert_eq!(place("sistema.mksbrasil.com:443"), Place::ControlPlane);
        assert_eq!(place("www.mksbrasil.com"), Place::Public);
        assert_eq!(place("mksbrasil.com"), Place::Public);
        assert_eq!(place("localhost:8000"), Place::Public);
        assert_eq!(place("sistema.localhost"), Place::Public);
        assert_eq!(
            place("acme.localhost"),
            Place::Tenant("acme".parse().unwrap())
        );
        assert_eq!(
            place("ACME.mksbrasil.com"),
            Place::Tenant("acme".parse().unwrap())
        );
        assert_eq!(place("a_b.mksbrasil.com"), Place::Nobody);
        assert_eq!(place("-a.localhost:80"), Place::Nobody);
        // Exactly one label; a look-alike domain is nobody's.
        assert!(matches!(place("a.acme.mksbrasil.com"), Place::Other(_)));
        assert!(matches!(place("evilmksbrasil.com"), Place::Other(_)));
        assert!(matches!(
            place("acme.mksbrasil.com.evil.com"),
            Place::Other(_)
        ));
    }

    #[test]
    fn the_control_plane_is_where_it_is_allowed() {
        let mut zones = zones();
        assert!(zones.serves_control_plane(&host("sistema.mksbrasil.com")));
        assert!(zones.serves_control_plane(&host("127.0.0.1:8000")));
        assert!(!zones.serves_control_plane(&host("acme.mksbrasil.com")));
        zones.allowed.clear();
        assert!(zones.serves_control_plane(&host("acme.mksbrasil.com")));
    }

    proptest! {
        /// Any text is either refused, or normalised to something that normalises to itself.
        #[test]
        fn normal_form_is_stable(text in "\\PC{0,60}") {
            if let Ok(h) = text.parse::<Host>() {
                prop_assert_eq!(h.as_str().parse::<Host>().unwrap(), h);
            }
        }

        #[test]
        fn letter_case_port_and_dot_do_not_matter(label in "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", port in any::<u16>(), dot in any::<bool>()) {
            let plain = format!("{label}.mksbrasil.com");
            prop_assume!(plain.parse::<Host>().is_ok());
            let odd = format!("{}{}:{port}", plain.to_uppercase(), if dot { "." } else { "" });
            prop_assert_eq!(zones().place(&host(&odd)), zones().place(&host(&plain)));
        }

        /// A reserved or public host never names a tenant, whatever surrounds it.
        #[test]
        fn reserved_never_names_a_tenant(upper in any::<bool>()) {
            for name in ["sistema.mksbrasil.com", "www.mksbrasil.com", "localhost", "127.0.0.1"] {
                let name = if upper { name.to_uppercase() } else { name.to_owned() };
                prop_assert!(!matches!(zones().place(&host(&name)), Place::Tenant(_)));
            }
        }
    }
}
