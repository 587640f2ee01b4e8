//! Domains of a tenant's own (contract section 3): claimed by anybody, served once the claimant has put a
//! word of ours into the domain's DNS.

use crate::FieldErrors;
use crate::host::{Host, Place, Zones};
use crate::input::{Fields, parsed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::net::IpAddr;
use utoipa::ToSchema;

/// A domain that a tenant claims, or has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomDomain {
    /// Its id.
    pub id: i64,
    /// The host, in lower case.
    #[schema(example = "crm.padaria.com.br")]
    pub host: String,
    /// The name of the TXT record that proves whose it is.
    #[schema(example = "_sindico.crm.padaria.com.br")]
    pub record_name: String,
    /// What the record has to say.
    #[schema(example = "sindico-verify=4f0c")]
    pub record_value: String,
    /// Since when the tenant is served there; null as long as that is not proved.
    pub verified_at: Option<Timestamp>,
    /// When it was claimed.
    pub created_at: Timestamp,
}

/// The TXT record of a host and a token.
pub fn record(host: &str, token: &str) -> (String, String) {
    (
        format!("_sindico.{host}"),
        format!("sindico-verify={token}"),
    )
}

/// Reads `{host}`.
///
/// # Errors
/// A host that is no name, or that is the platform's own.
pub fn parse(body: &Map<String, Value>, zones: &Zones) -> Result<Host, FieldErrors> {
    let mut f = Fields::new(body);
    let host = f.require("host", |value| {
        let host = parsed::<Host>(1..=253)(value)?;
        check(&host, zones).map(|()| host)
    });
    let errors = f.finish();
    match host {
        Some(host) => errors.check(host),
        None => Err(errors),
    }
}

fn check(host: &Host, zones: &Zones) -> Result<(), String> {
    let text = host.as_str();
    if text.starts_with('[') || text.parse::<IpAddr>().is_ok() {
        return Err("Use a name, not an address.".into());
    }
    if !text.contains('.') {
        return Err("Use a whole name, such as crm.padaria.com.br.".into());
    }
    let base = zones.base_domain.as_ref().map(Host::as_str);
    let below = |zone: &str| {
        text.strip_suffix(zone)
            .is_some_and(|rest| rest.ends_with('.'))
    };
    let ours = base.into_iter().chain(["localhost"]).any(below);
    if ours || !matches!(zones.place(host), Place::Other(_)) {
        return Err("This name belongs to the platform. Use a domain of the tenant's own.".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn zones() -> Zones {
        let host = |text: &str| -> Host { text.parse().unwrap() };
        Zones {
            base_domain: Some(host("mksbrasil.com")),
            control_plane_host: Some(host("painel.example.org")),
            public: ["www.example.org"].map(host).into(),
            ..Zones::default()
        }
    }

    fn read(host: &str) -> Result<String, FieldErrors> {
        let body = json!({ "host": host });
        parse(body.as_object().unwrap(), &zones()).map(|host| host.to_string())
    }

    #[test]
    fn hosts_are_brought_to_one_form() {
        assert_eq!(
            read(" CRM.Padaria.com.br.:443 ").unwrap(),
            "crm.padaria.com.br"
        );
        assert_eq!(read("açaí.com.br").unwrap(), "xn--aa-4iaz.com.br");
    }

    #[test]
    fn what_is_the_platforms_or_no_name_is_refused() {
        for host in [
            "mksbrasil.com",
            "acme.mksbrasil.com",
            "a.b.mksbrasil.com",
            "localhost",
            "acme.localhost",
            "a.b.localhost",
            "painel.example.org",
            "www.example.org",
            "10.0.0.1",
            "[::1]",
            "intranet",
            "",
            "a b.com",
        ] {
            assert!(read(host).unwrap_err().has("host"), "{host}");
        }
        assert!(read("evilmksbrasil.com").is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
            if let Ok(host) = read(&text) {
                prop_assert_eq!(read(&host).unwrap(), host);
            }
        }
    }
}
