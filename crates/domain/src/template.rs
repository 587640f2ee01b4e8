//! The template of portal addresses (seed: `CONTROL_PLANE_PORTAL_URL_TEMPLATE`).

/// The variables that a template may use.
pub const VARIABLES: [&str; 3] = ["subdomain", "tenant_code", "company_id"];

/// What can be wrong with a template; the message names the culprit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A variable that does not exist.
    #[error(
        "CONTROL_PLANE_PORTAL_URL_TEMPLATE uses the unknown variable {{{0}}}. Use {{subdomain}}, {{tenant_code}} or {{company_id}}."
    )]
    UnknownVariable(String),
    /// A brace without its partner.
    #[error(
        "CONTROL_PLANE_PORTAL_URL_TEMPLATE has a brace without its partner. Write {{{{ or }}}} for a plain brace."
    )]
    Unbalanced,
    /// What came out is not an http(s) address.
    #[error(
        "CONTROL_PLANE_PORTAL_URL_TEMPLATE makes {0:?}, which is not an http or https address."
    )]
    NotAnAddress(String),
}

/// The values for one tenant.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// The tenant's subdomain.
    pub subdomain: &'a str,
    /// The tenant's code.
    pub tenant_code: &'a str,
    /// The company's id.
    pub company_id: i64,
}

/// Fills in a template: `{name}` is a variable, `{{` and `}}` are plain braces.
pub fn render(template: &str, values: Values<'_>) -> Result<String, TemplateError> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if let Some(after) = tail.strip_prefix("{{") {
            out.push('{');
            rest = after;
        } else if let Some(after) = tail.strip_prefix("}}") {
            out.push('}');
            rest = after;
        } else if let Some((name, after)) = tail.strip_prefix('{').and_then(|t| t.split_once('}')) {
            match name {
                "subdomain" => out.push_str(values.subdomain),
                "tenant_code" => out.push_str(values.tenant_code),
                "company_id" => out.push_str(&values.company_id.to_string()),
                other => return Err(TemplateError::UnknownVariable(other.to_owned())),
            }
            rest = after;
        } else {
            return Err(TemplateError::Unbalanced);
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The portal address of a tenant (contract section 4): the one it has, else from the template,
/// else `https://{subdomain}.{base_domain}`, else empty.
pub fn portal_url(
    current: &str,
    template: &str,
    base_domain: Option<&str>,
    values: Values<'_>,
) -> Result<String, TemplateError> {
    if !current.is_empty() {
        return Ok(current.to_owned());
    }
    if !template.is_empty() {
        let url = render(template, values)?;
        return web_address(&url).map_err(|_| TemplateError::NotAnAddress(url));
    }
    Ok(base_domain.map_or_else(String::new, |base| {
        format!("https://{}.{base}", values.subdomain)
    }))
}

/// An `http` or `https` address of at most 500 characters, kept as it was written.
pub fn web_address(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text)
        .map_err(|_| "Expected an address such as https://acme.example.com.".to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("Expected an address that begins with http:// or https://.".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Leave user name and password out of the address.".into());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VALUES: Values<'_> = Values {
        subdomain: "acme",
        tenant_code: "acme-br",
        company_id: 7,
    };

    #[test]
    fn the_order_of_sources() {
        let url = |current, template, base| portal_url(current, template, base, VALUES).unwrap();
        assert_eq!(
            url("https://x.example", "https://{subdomain}.y", Some("z")),
            "https://x.example"
        );
        assert_eq!(
            url("", "https://{tenant_code}.y/{company_id}", Some("z")),
            "https://acme-br.y/7"
        );
        assert_eq!(
            url("", "", Some("mksbrasil.com")),
            "https://acme.mksbrasil.com"
        );
        assert_eq!(url("", "", None), "");
    }

    #[test]
    fn errors_name_the_culprit() {
        let error = render("https://{sub_domain}.x", VALUES).unwrap_err();
        assert!(error.to_string().contains("{sub_domain}"), "{error}");
        assert_eq!(render("{", VALUES), Err(TemplateError::Unbalanced));
        assert_eq!(render("a}", VALUES), Err(TemplateError::Unbalanced));
        assert_eq!(render("{{{subdomain}}}", VALUES).unwrap(), "{acme}");
        let error = portal_url("", "{subdomain}.x", None, VALUES).unwrap_err();
        assert!(matches!(error, TemplateError::NotAnAddress(_)));
    }

    proptest! {
        #[test]
        fn any_template_ends_well(template in "\\PC{0,80}") {
            let _ = render(&template, VALUES);
        }

        /// Text without braces comes out as it went in.
        #[test]
        fn plain_text_is_kept(text in "[^{}]{0,80}") {
            prop_assert_eq!(render(&text, VALUES).unwrap(), text);
        }

        /// Doubling every brace makes any text plain.
        #[test]
        fn doubled_braces_are_plain(text in "[a-z{}]{0,40}") {
            let doubled = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(render(&doubled, VALUES).unwrap(), text);
        }

        #[test]
        fn unknown_variables_are_named(name in "[a-z_]{1,12}") {
            prop_assume!(!VARIABLES.contains(&name.as_str()));
            let error = render(&format!("https://{{{name}}}"), VALUES).unwrap_err();
            prop_assert_eq!(error, TemplateError::UnknownVariable(name));
        }
    }
}
