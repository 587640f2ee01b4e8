//! Pages of records: lists, a record's page, forms, and what is done to records. All kinds have the same
//! ones, made of their tables of fields ([`Kind::fields`](sindico_domain::crm::Kind::fields)); what is a
//! kind's own is in `actions` and `columns`.

mod act;
mod actions;
mod adjust;
mod apart;
mod columns;
pub mod condition;
mod control;
pub mod custom;
mod files;
mod filters;
mod form;
mod grounds;
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

pub use control::Setting;
pub use typed::{day, money, named, of_record, to_input};

use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::gate::access::Access::{May, Member};
use crate::pages::page::Page;
use crate::portal::crm::Crm;
use crate::table::{Table, show, submit};
use actions::Act;
use axum::extract::{Path, Request};
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
                show(
                    May($resource, Get),
                    |page: Page, crm: Crm, query: Query| async move {
                        list::show($kind, page.with_setup_of($kind, &crm).await?, crm, query).await
                    },
                ),
            )
            .page(
                concat!($base, "adjust/"),
                show(
                    May($resource, Get),
                    |page: Page, crm: Crm, query: Query| async move {
                        adjust::show($kind, page.with_setup_of($kind, &crm).await?, crm, query)
                            .await
                    },
                ),
            )
            .page(
                concat!($base, "bulk/"),
                submit(
                    May($resource, Patch),
                    |page: Page, crm: Crm, body: Body| async move {
                        many::submit($kind, page.with_setup_of($kind, &crm).await?, crm, body).await
                    },
                ),
            )
            .page(
                concat!($base, "new/"),
                show(
                    May($resource, Post),
                    |page: Page, crm: Crm, query: Query| async move {
                        form::new($kind, page.with_setup_of($kind, &crm).await?, crm, query).await
                    },
                )
                .submit(
                    May($resource, Post),
                    |page: Page, crm: Crm, body: Body| async move {
                        form::create($kind, page.with_setup_of($kind, &crm).await?, crm, body).await
                    },
                ),
            )
            .page(
                concat!($base, "{id}/"),
                show(
                    May($resource, Get),
                    |page: Page, crm: Crm, Id(id): Id, query: Query| async move {
                        sheet::show($kind, page.with_setup(&crm).await?, crm, id, query).await
                    },
                ),
            )
            .page(
                concat!($base, "{id}/edit/"),
                show(
                    May($resource, Patch),
                    |page: Page, crm: Crm, Id(id): Id| async move {
                        form::edit($kind, page.with_setup_of($kind, &crm).await?, crm, id).await
                    },
                )
                .submit(
                    May($resource, Patch),
                    |page: Page, crm: Crm, Id(id): Id, body: Body| async move {
                        form::update($kind, page.with_setup_of($kind, &crm).await?, crm, id, body)
                            .await
                    },
                ),
            )
            .page(
                concat!($base, "{id}/field/{name}/"),
                show(
                    May($resource, Patch),
                    |page: Page, crm: Crm, path: FieldPath| async move {
                        inline::show($kind, page.with_setup_of($kind, &crm).await?, crm, path).await
                    },
                )
                .submit(
                    May($resource, Patch),
                    |page: Page, crm: Crm, path: FieldPath, body: Body| async move {
                        inline::save(
                            $kind,
                            page.with_setup_of($kind, &crm).await?,
                            crm,
                            path,
                            body,
                        )
                        .await
                    },
                ),
            )
            .page(
                concat!($base, "{id}/delete/"),
                submit(
                    May($resource, Delete),
                    |page: Page, crm: Crm, Id(id): Id, body: Body| async move {
                        act::delete($kind, page.with_setup_of($kind, &crm).await?, crm, id, body)
                            .await
                    },
                ),
            )
            .page(
                concat!($base, "{id}/restore/"),
                submit(
                    May($resource, Post),
                    |page: Page, crm: Crm, Id(id): Id, body: Body| async move {
                        act::restore($kind, page.with_setup_of($kind, &crm).await?, crm, id, body)
                            .await
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
            show(
                May($resource, Post),
                |page: Page, crm: Crm, Id(id): Id| async move {
                    act::show(
                        $act,
                        page.with_setup_of($act.told_of(), &crm).await?,
                        crm,
                        id,
                    )
                    .await
                },
            )
            .submit(
                May($resource, Post),
                |page: Page, crm: Crm, Id(id): Id, body: Body| async move {
                    act::submit(
                        $act,
                        page.with_setup_of($act.told_of(), &crm).await?,
                        crm,
                        id,
                        body,
                    )
                    .await
                },
            ),
        )
    };
}

/// The pages of a kind that is about people, who can be there twice.
macro_rules! people {
    ($table:expr, $kind:expr, $resource:expr, $base:literal) => {
        $table
            .page(
                concat!($base, "similar/"),
                show(
                    May($resource, Get),
                    |page: Page, crm: Crm, query: Query| async move {
                        twins::similar($kind, page.with_setup_of($kind, &crm).await?, crm, query)
                            .await
                    },
                ),
            )
            .page(
                concat!($base, "duplicates/"),
                show(May($resource, Get), |page: Page, crm: Crm| async move {
                    twins::list($kind, page.with_setup_of($kind, &crm).await?, crm).await
                }),
            )
            .page(
                concat!($base, "duplicates/dismissed/"),
                show(
                    May($resource, Get),
                    |page: Page, crm: Crm, query: Query| async move {
                        apart::list($kind, page, crm, query).await
                    },
                )
                .submit(
                    May($resource, Patch),
                    |page: Page, crm: Crm, body: Body| async move {
                        apart::dismiss($kind, page, crm, body).await
                    },
                ),
            )
            .page(
                concat!($base, "duplicates/dismissed/undo/"),
                submit(
                    May($resource, Patch),
                    |page: Page, crm: Crm, query: Query, body: Body| async move {
                        apart::take_back($kind, page, crm, query, body).await
                    },
                ),
            )
            .page(
                concat!($base, "{id}/consents/"),
                show(
                    May($resource, Get),
                    |page: Page, crm: Crm, Id(id): Id| async move {
                        grounds::show($kind, page, crm, id).await
                    },
                )
                .submit(
                    May($resource, Post),
                    |page: Page, crm: Crm, Id(id): Id, body: Body| async move {
                        grounds::add($kind, page, crm, id, body).await
                    },
                ),
            )
            .page(
                concat!($base, "{id}/merge/"),
                show(
                    May($resource, Delete),
                    |page: Page, crm: Crm, Id(id): Id, query: Query| async move {
                        twins::compare(
                            $kind,
                            page.with_setup_of($kind, &crm).await?,
                            crm,
                            id,
                            query,
                        )
                        .await
                    },
                )
                .submit(
                    May($resource, Delete),
                    |page: Page, crm: Crm, Id(id): Id, body: Body| async move {
                        twins::submit($kind, page.with_setup_of($kind, &crm).await?, crm, id, body)
                            .await
                    },
                ),
            )
    };
}

/// Where the files of a kind's records are sent to.
macro_rules! files {
    ($table:expr, $kind:expr, $resource:expr, $path:literal) => {
        $table.page(
            $path,
            submit(
                May($resource, Patch),
                |page: Page, crm: Crm, Id(id): Id, query: Query, request: Request| {
                    files::attach($kind, page, crm, id, query, request)
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

    let table = people!(table, Kind::Customer, Customers, "/customers/");
    let table = people!(table, Kind::Lead, Leads, "/leads/");

    let table = files!(table, Kind::Customer, Customers, "/customers/{id}/attachments/");
    let table = files!(table, Kind::Lead, Leads, "/leads/{id}/attachments/");
    let table = files!(table, Kind::Opportunity, Opportunities, "/opportunities/{id}/attachments/");
    let table = files!(table, Kind::Activity, Activities, "/activities/{id}/attachments/");

    let table = act!(table, Act::Disqualify, Leads, "/leads/{id}/disqualify/");
    let table = act!(table, Act::Convert, Leads, "/leads/{id}/convert/");
    let table = act!(table, Act::Lose, Opportunities, "/opportunities/{id}/stage/");
    let table = act!(table, Act::Complete, Activities, "/activities/{id}/complete/");
    table
        .page("/attachments/{id}/remove/", submit(Member, |page: Page, crm: Crm, Id(id): Id, body: Body| files::remove(page, crm, id, body)))
        .page("/leads/{id}/qualify/", submit(May(Leads, Post), |page: Page, crm: Crm, Id(id): Id, body: Body| act::qualify(page, crm, id, body)))
        .page("/activities/{id}/reopen/", submit(May(Activities, Post), |page: Page, crm: Crm, Id(id): Id, body: Body| act::reopen(page, crm, id, body)))
}
