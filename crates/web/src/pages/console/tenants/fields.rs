//! The fields of a tenant's forms, in their order, for the summary of what is wrong. A form shows those of
//! them that it has.

use crate::pages::language::Word;
use crate::pages::words::tenants as w;

/// By their names in the API.
pub(super) const FIELDS: &[(&str, Word)] = &[
    ("name", w::NAME),
    ("tenant_code", w::CODE),
    ("subdomain", w::SUBDOMAIN),
    ("contract.plan", w::PLAN),
    ("contract.status", w::STATUS),
    ("contract.seats", w::SEATS),
    ("contract.monthly_fee", w::FEE),
    ("contract.start_date", w::START),
    ("contract.end_date", w::END),
    ("contract.notes", w::NOTES),
    ("provisioning.isolation_model", w::MODEL),
    ("provisioning.database_alias", w::ALIAS),
    ("provisioning.database_name", w::DATABASE),
    ("provisioning.database_user", w::ROLE),
    ("provisioning.database_host", w::HOST),
    ("provisioning.database_port", w::PORT),
    ("provisioning.database_password_secret", w::SECRET),
    ("provisioning.portal_url", w::PORTAL),
];
