//! `/settings/custom-fields/`: a company's own fields, by the kind of record that has them.

mod form;
mod list;

pub(super) use form::{create, edit, new, update};
pub(super) use list::{delete, put, show};

use super::CUSTOM_FIELDS;
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::KINDS;

/// The address of a field's page.
fn of(id: i64) -> String {
    format!("{CUSTOM_FIELDS}{id}/")
}

/// The list of a kind.
fn list_of(kind: Kind) -> String {
    format!("{CUSTOM_FIELDS}?kind={kind}")
}

/// The kind of this name, if it has custom fields; else the first that has.
fn kind_of(name: &str) -> Kind {
    let kind = name.parse().ok().filter(|kind| KINDS.contains(kind));
    kind.unwrap_or(KINDS[0])
}
