//! Pages of records: lists, a record's page, forms, and what is done to records. All kinds have the same
//! ones, made of their tables of fields ([`Kind::fields`](sindico_domain::crm::Kind::fields)); what is a
//! kind's own is in `actions` and `columns`.

mod act;
mod actions;
mod adjust;
mod columns;
pub mod condition;
mod control;
mod filters;
mod form;
mod inline;
mod list;
mod many;
pub mod place;
mod quick;
mod related;
mod rows;
pub mod sent;
mod sheet;
pub mod timeline;
mod twins;
mod typed;
pub mod value;
pub mod viewing;

pub use typed::{day, named};

use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::gate::access::Access::May;
use crate::pages::page::Page;
use crate::portal::crm::Crm;
use crate::table::{Table, show, submit};
use actions::Act;
use axum::extract::Path;
use sindico_domain::access::capability::Method::{Delete, Get, Patch, Post};
use sindico_domain::access::capability::Resource::{
    Activities, Customers, Leads, Opportunities, SalesGoals,
};
use sindico_domain::crm::Kind;

type FieldPath = Path<(String, String)>;

/// The pages that every kind has.
macro_rules! pages {
    ($table:expr, $kind:expr, $resource:expr, $list:literal, $base:literal) => {
        $table
            .page(
                $list,
                show(May($resource, Get), |page: Page, crm: Crm, query: Query| {
                    list::show($kind, page, crm, query)
                }),
            )
            .page(
                concat!($base, "adjust/"),
                show(May($resource, Get), |page: Page, crm: Crm, query: Query| {
                    adjust::show($kind, page, crm, query)
                }),
            )
            .page(
                concat!($base, "bulk/"),
                submit(May($resource, Patch), |page: Page, crm: Crm, body: Body| {
                    many::submit($kind, page, crm, body)
                }),
            )
            .page(
                concat!($base, "new/"),
                show(
                    May($resource, Post),
                    |page: Page, crm: Crm, query: Query| form::new($kind, page, crm, query),
                )
                .submit(May($resource, Post), |page: Page, crm: Crm, body: Body| {
                    form::create($kind, page, crm, body)
                }),
            )
            .page(
                concat!($base, "{id}/"),
                show(
                    May($resource, Get),
                    |page: Page, crm: Crm, Id(id): Id, query: Query| {
                        sheet::show($kind, page, crm, id, query)
                    },
                ),
            )
            .page(
                concat!($base, "{id}/edit/"),
                show(May($resource, Patch), |page: Page, crm: Crm, Id(id): Id| {
                    form::edit($kind, page, crm, id)
                })
                .submit(
                    May($resource, Patch),
                    |page: Page, crm: Crm, Id(id): Id, body: Body| {
                        form::update($kind, page, crm, id, body)
                    },
                ),
            )
            .page(
                concat!($base, "{id}/field/{name}/"),
                show(
                    May($resource, Patch),
                    |page: Page, crm: Crm, path: FieldPath| inline::show($kind, page, crm, path),
                )
                .submit(
                    May($resource, Patch),
                    |page: Page, crm: Crm, path: FieldPath, body: Body| {
                        inline::save($kind, page, crm, path, body)
                    },
                ),
            )
            .page(
                concat!($base, "{id}/delete/"),
                submit(
                    May($resource, Delete),
                    |page: Page, crm: Crm, Id(id): Id, body: Body| {
                        act::delete($kind, page, crm, id, body)
                    },
                ),
            )
            .page(
                concat!($base, "{id}/restore/"),
                submit(
                    May($resource, Post),
                    |page: Page, crm: Crm, Id(id): Id, body: Body| {
                        act::restore($kind, page, crm, id, body)
                    },
                ),
            )
    };
}

/// A page of an act, and its form.
macro_rules! act {
    ($table:expr, $act:expr, $resource:expr, $path:literal) => {
        $table.page(
            $path,
            show(May($resource, Post), |page: Page, crm: Crm, Id(id): Id| {
                act::show($act, page, crm, id)
            })
            .submit(
                May($resource, Post),
                |page: Page, crm: Crm, Id(id): Id, body: Body| {
                    act::submit($act, page, crm, id, body)
                },
            ),
        )
    };
}

/// The pages of a kind that can be there twice.
macro_rules! twins {
    ($table:expr, $kind:expr, $resource:expr, $base:literal) => {
        $table
            .page(
                concat!($base, "similar/"),
                show(May($resource, Get), |page: Page, crm: Crm, query: Query| {
                    twins::similar($kind, page, crm, query)
                }),
            )
            .page(
                concat!($base, "duplicates/"),
                show(May($resource, Get), |page: Page, crm: Crm| {
                    twins::list($kind, page, crm)
                }),
            )
            .page(
                concat!($base, "{id}/merge/"),
                show(
                    May($resource, Delete),
                    |page: Page, crm: Crm, Id(id): Id, query: Query| {
                        twins::compare($kind, page, crm, id, query)
                    },
                )
                .submit(
                    May($resource, Delete),
                    |page: Page, crm: Crm, Id(id): Id, body: Body| {
                        twins::submit($kind, page, crm, id, body)
                    },
                ),
            )
    };
}

/// All of them.
#[rustfmt::skip]
pub(in crate::pages) fn routes(table: Table) -> Table {
    let table = pages!(table, Kind::Customer, Customers, "/customers/", "/customers/");
    let table = pages!(table, Kind::Lead, Leads, "/leads/", "/leads/");
    let table = pages!(table, Kind::Opportunity, Opportunities, "/opportunities/list/", "/opportunities/");
    let table = pages!(table, Kind::Activity, Activities, "/activities/", "/activities/");
    let table = pages!(table, Kind::SalesGoal, SalesGoals, "/goals/", "/goals/");

    let table = twins!(table, Kind::Customer, Customers, "/customers/");
    let table = twins!(table, Kind::Lead, Leads, "/leads/");

    let table = act!(table, Act::Disqualify, Leads, "/leads/{id}/disqualify/");
    let table = act!(table, Act::Convert, Leads, "/leads/{id}/convert/");
    let table = act!(table, Act::Lose, Opportunities, "/opportunities/{id}/stage/");
    let table = act!(table, Act::Complete, Activities, "/activities/{id}/complete/");
    table
        .page("/leads/{id}/qualify/", submit(May(Leads, Post), |page: Page, crm: Crm, Id(id): Id, body: Body| act::qualify(page, crm, id, body)))
        .page("/activities/{id}/reopen/", submit(May(Activities, Post), |page: Page, crm: Crm, Id(id): Id, body: Body| act::reopen(page, crm, id, body)))
}
