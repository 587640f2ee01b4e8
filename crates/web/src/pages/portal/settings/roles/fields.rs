//! Which fields of a kind a role reads and writes, in the form of what each role may do.

use super::Marked;
use crate::pages::kit::disclosure;
use crate::pages::page::Page;
use crate::pages::words::{fields as f, navigation, settings as w};
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_domain::access::Role;
use sindico_domain::access::capability::{Resource, RoleMatrix};
use sindico_domain::access::fields::{FieldAccess, protectable};
use sindico_domain::crm::Kind;
use std::collections::BTreeSet;

/// Owners see and write every field.
const ROLES: [Role; 2] = [Role::Member, Role::Manager];

fn now(matrix: &RoleMatrix, resource: Resource, name: &str, role: Role) -> FieldAccess {
    let fields = matrix.fields().get(&resource);
    let said = fields.and_then(|fields| fields.get(name)?.get(&role));
    said.copied().unwrap_or(FieldAccess::Write)
}

/// What may be kept of a kind, with what it is called.
fn offered(page: &Page, kind: Kind) -> Vec<(String, String)> {
    let own = protectable(kind).iter().map(|name| {
        let label = page.t(f::label(kind, name));
        ((*name).to_owned(), label.to_owned())
    });
    let customs = page.customs().of(kind);
    own.chain(customs.map(|field| (field.name(), field.label.clone())))
        .collect()
}

/// A line that opens to one for each field.
pub(super) fn lines(
    page: &Page,
    matrix: &RoleMatrix,
    marked: Option<&Marked<'_>>,
    owner: bool,
    (resource, kind): (Resource, Kind),
) -> Markup {
    let area = page.t(w::resource(resource));
    let fields = offered(page, kind);
    let kept = fields.iter().filter(|(name, _)| {
        let open = |role: &Role| now(matrix, resource, name, *role) == FieldAccess::Write;
        !ROLES.iter().all(open)
    });
    let kept = kept.count();
    let summary = match kept {
        0 => page.t(w::FIELDS).to_owned(),
        n => format!(
            "{} · {}",
            page.t(w::FIELDS),
            w::fields_kept(page.language(), n)
        ),
    };
    let table = html! {
        table.matrix {
            caption { span.visually-hidden { (page.t(w::FIELDS)) ": " (area) } }
            thead { tr {
                th scope="col" { (page.t(w::FIELD)) }
                @for role in ROLES { th.center scope="col" { (page.t(navigation::role(role))) } }
            } }
            tbody { @for (name, label) in &fields { tr {
                th scope="row" { (label) }
                @for role in ROLES {
                    @let access = marked.and_then(|marked| marked.field(resource, name, role))
                        .unwrap_or_else(|| now(matrix, resource, name, role));
                    td.center {
                        select class="input" name={ (resource) ".FIELDS." (role) "." (name) } disabled[!owner]
                            aria-label=(w::box_of(page.language(), page.t(navigation::role(role)), label, area)) {
                            @for choice in FieldAccess::ALL.iter().copied() {
                                option value=(choice) selected[choice == access] { (page.t(word(choice))) }
                            }
                        }
                    }
                }
            } } }
        }
    };
    html! {
        tr id={ "cell-" (resource) "-fields" } { td colspan="4" {
            (disclosure(&summary, marked.is_some() && kept > 0, &table))
        } }
    }
}

fn word(access: FieldAccess) -> crate::pages::language::Word {
    match access {
        FieldAccess::Write => w::FIELD_WRITE,
        FieldAccess::Read => w::FIELD_READ,
        FieldAccess::None => w::FIELD_NONE,
    }
}

/// What the company says of a kind's fields by a form: what differs from what would be without it. What the form does
/// not name stays.
pub(super) fn said(
    marked: &Marked<'_>,
    resource: Resource,
    base: &RoleMatrix,
    before: &RoleMatrix,
) -> Map<String, Value> {
    let mut names: BTreeSet<String> = marked.fields(resource).collect();
    for matrix in [base, before] {
        let fields = matrix.fields().get(&resource).into_iter();
        names.extend(fields.flat_map(|fields| fields.keys().cloned()));
    }
    let mut all = Map::new();
    for name in names {
        let mut roles = Map::new();
        for role in ROLES {
            let access = marked.field(resource, &name, role);
            let access = access.unwrap_or_else(|| now(before, resource, &name, role));
            if access != now(base, resource, &name, role) {
                roles.insert(role.to_string(), json!(access));
            }
        }
        if !roles.is_empty() {
            all.insert(name, Value::Object(roles));
        }
    }
    all
}

impl Marked<'_> {
    /// What is chosen of a field for a role; `None` when the form does not say.
    fn field(&self, resource: Resource, name: &str, role: Role) -> Option<FieldAccess> {
        let boxes = self.0.get(resource.as_str())?.as_object()?;
        let chosen = boxes.get(&format!("FIELDS.{role}.{name}"))?;
        chosen.as_str()?.parse().ok()
    }

    /// The fields that the form names.
    fn fields(&self, resource: Resource) -> impl Iterator<Item = String> {
        let boxes = self.0.get(resource.as_str()).and_then(Value::as_object);
        let names = boxes.into_iter().flatten().filter_map(|(name, _)| {
            let rest = name.strip_prefix("FIELDS.")?;
            Some(rest.split_once('.')?.1.to_owned())
        });
        names.collect::<Vec<_>>().into_iter()
    }
}
