//! What all kinds of records have in common over HTTP. Each kind's own file names its addresses and
//! documents them; the handlers are these.

use super::assignment::assigning;
use super::crm::Crm;
use super::privacy::looks::looked;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::{page, page_or_some};
use crate::contract::{Body, Query, list, repeat, resource};
use axum::http::header::LOCATION;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use sindico_crm::list::{Filter, ListQuery};
use sindico_crm::{changes, records};
use sindico_db::idempotency::{Key, Once};
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::filter::simple;
use sindico_domain::crm::{Datum, Kind, Record, UserRef};
use sindico_domain::input::text;

/// What a list is asked for.
pub(super) async fn asked(kind: Kind, crm: &Crm, query: &Query) -> ApiResult<ListQuery> {
    let customs = crm.customs_named(query).await?;
    let mut f = query.fields();
    let filters = simple::read((kind, &*customs), &mut f);
    let q = f.read("q", text(1..=200));
    let sort = f.read("sort", |value| {
        let sort = value.as_str().unwrap_or_default().to_owned();
        let name = sort.strip_prefix('-').unwrap_or(&sort);
        let known: Vec<&str> = kind.sorts().iter().map(|key| key.name).collect();
        if known.contains(&name) {
            return Ok(sort);
        }
        Err(format!(
            "Use one of: {}; with a minus sign for the other way round.",
            known.join(", ")
        ))
    });
    let (request, count_some) = page_or_some(&mut f);
    Ok(f.finish().check(ListQuery {
        kind,
        filters: Filter::all(&filters, &crm.viewpoint()),
        q,
        sort: sort.unwrap_or_else(|| kind.default_sort().to_owned()),
        page: request,
        count_some,
    })?)
}

pub(super) async fn index(kind: Kind, crm: Crm, query: Query) -> ApiResult {
    let asked = asked(kind, &crm, &query).await?;
    let listing = sindico_crm::list::list(&crm.data, &asked).await?;
    let mut response = list::respond(kind.path(), &query, &listing.page);
    if listing.capped {
        let headers = response.headers_mut();
        headers.insert("x-total-capped", HeaderValue::from_static("true"));
    }
    Ok(response)
}

pub(super) async fn create(kind: Kind, crm: Crm, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    let customs = crm.customs_told(&body.0).await?;
    let draft = Draft::parse((kind, &customs), &body.0, Whole::Yes)?;
    let members = crm.members(&draft).await?;
    let mut record = Record::new(kind, crm.now);
    draft.apply(&mut record, &members)?;
    let once = make(&crm, &draft, record, key.as_ref()).await?;
    Ok(created(kind, once))
}

/// Makes a record. Whoever writes it down looks after it, unless another, or nobody, is named; a lead is first of whom
/// the company's rules say.
pub(crate) async fn make(
    crm: &Crm,
    draft: &Draft,
    mut record: Record,
    key: Option<&Key>,
) -> ApiResult<Once<Value>> {
    let kind = record.kind;
    let open = kind.position("owner").is_some() && !draft.tells(kind, "owner");
    let user = &crm.caller.user;
    let me = crm.tenant.role.filter(|_| open).map(|_| UserRef {
        id: user.id,
        username: user.username.clone(),
    });
    if open && kind == Kind::Lead {
        let assigning = assigning(crm.app(), &crm.data, me).await?;
        let made = records::create_open(&crm.data, crm.by(), record, &assigning, key);
        return Ok(made.await?);
    }
    if let Some(me) = me {
        record.set("owner", Datum::User(me));
    }
    Ok(records::create(&crm.data, crm.by(), record, key).await?)
}

fn created(kind: Kind, once: Once<Value>) -> Response {
    let mut response = resource::respond(StatusCode::CREATED, &once.value, once.version);
    let location = format!("{}{}/", kind.path(), once.value["id"]);
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    left(repeat::mark(response, once.replayed), once.change_set)
}

pub(super) async fn show(kind: Kind, crm: Crm, id: i64) -> ApiResult {
    let record = records::find(&crm.data, kind, id)
        .await?
        .ok_or_else(not_found)?;
    looked(&crm, kind, id);
    Ok(resource::read(&crm.headers, &record, record.version()))
}

pub(super) async fn change(kind: Kind, crm: Crm, id: i64, body: Body, whole: Whole) -> ApiResult {
    let customs = crm.customs_told(&body.0).await?;
    let mut told = body.0;
    crm.data.sight().veil().strip(kind, &mut told);
    let draft = Draft::parse((kind, &customs), &told, whole)?;
    let members = crm.members(&draft).await?;
    let condition = crm.precondition();
    let changed = records::change(
        &crm.data,
        crm.by(),
        (kind, id),
        &draft,
        &members,
        &condition,
    )
    .await?;
    acted(changed)
}

pub(super) async fn remove(kind: Kind, crm: Crm, id: i64) -> ApiResult {
    let removed = records::remove(&crm.data, crm.by(), (kind, id), &crm.precondition()).await?;
    let change_set = removed.ok_or_else(not_found)?;
    Ok(left(
        StatusCode::NO_CONTENT.into_response(),
        Some(change_set),
    ))
}

pub(super) async fn restore(kind: Kind, crm: Crm, id: i64, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    acted(records::restore(&crm.data, crm.by(), (kind, id), key.as_ref()).await?)
}

pub(super) async fn timeline(kind: Kind, crm: Crm, id: i64, query: Query) -> ApiResult {
    let mut f = query.fields();
    let request = page(&mut f);
    f.finish().check(())?;
    let page = changes::timeline(&crm.data, (kind, id), &crm.reader(), &request).await?;
    let Some(page) = page else {
        return Err(not_found());
    };
    Ok(list::respond(
        &format!("{}{id}/timeline/", kind.path()),
        &query,
        &page,
    ))
}

/// The answer to an act on one record.
pub(super) fn acted(once: Option<Once<Value>>) -> ApiResult {
    let once = once.ok_or_else(not_found)?;
    let response = resource::respond(StatusCode::OK, &once.value, once.version);
    Ok(left(repeat::mark(response, once.replayed), once.change_set))
}

/// Tells the change set that a write left, which can be undone.
pub(super) fn left(mut response: Response, change_set: Option<i64>) -> Response {
    if let Some(id) = change_set {
        let name = HeaderName::from_static("x-change-set");
        response.headers_mut().insert(name, HeaderValue::from(id));
    }
    response
}

/// The addresses that every kind has, with their documentation.
macro_rules! handlers {
    ($kind:expr, $tag:literal, $one:literal, $many:literal,
     $shown:ident, $input:ident, $patch:ident, $filters:ident,
     $path:literal, $id_path:literal, $restore:literal, $timeline:literal, $bulk:literal, $export:literal) => {
        use crate::contract::error::ApiResult;
        use crate::contract::resource::Id;
        use crate::contract::{Body, Query};
        use crate::portal::crm::Crm;
        use crate::portal::records;
        use sindico_domain::crm::draft::Whole;
        use sindico_domain::crm::Kind;

        crate::portal::schema::schemas!($kind, $shown, $input, $patch, $filters);

        #[doc = concat!("List ", $many)]
        ///
        /// Filters combine; values with commas are alternatives. `filter` takes a whole tree of conditions.
        /// `count=some` counts up to 10,000.
        #[utoipa::path(get, path = $path, tag = $tag,
            params(
                ("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant"),
                $filters,
            ),
            responses(
                (status = 200, description = "A page; `Link` names the next one", body = Vec<$shown>),
                (status = 400, description = "A parameter is wrong"),
                (status = 403, description = "The caller's role may not"),
                (status = 404, description = "No such tenant, or not the caller's"),
                (status = 503, description = "The tenant's place can't be reached for now; `Retry-After`"),
            ))]
        pub async fn index(crm: Crm, query: Query) -> ApiResult {
            records::index($kind, crm, query).await
        }

        #[doc = concat!("Export ", $many)]
        ///
        /// The whole list, with the list's own filters and order, as a file that is sent while it is read. Texts
        /// that a spreadsheet would run as formulas are made harmless. Each export is written down.
        #[utoipa::path(get, path = $export, tag = $tag,
            params(
                ("format" = Option<String>, Query, description = "`csv`, which is the default, or `xlsx`"),
                ("columns" = Option<String>, Query, description = "Names of fields, with commas; all unless told"),
                $filters,
            ),
            responses(
                (status = 200, description = "The file", content_type = "text/csv"),
                (status = 400, description = "A parameter is wrong"),
                (status = 403, description = "The caller's role may not export, or not read these"),
                (status = 429, description = "Too many streams of this user are open"),
            ))]
        pub async fn export(crm: Crm, query: Query) -> ApiResult {
            crate::portal::export::records::export($kind, crm, query).await
        }

        #[doc = concat!("Create ", $one)]
        #[utoipa::path(post, path = $path, tag = $tag,
            params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer")),
            request_body(content = $input),
            responses(
                (status = 201, description = "Created", body = $shown),
                (status = 400, description = "All wrong fields, by name"),
                (status = 403, description = "The caller's role may not"),
                (status = 422, description = "The Idempotency-Key was used with another request"),
            ))]
        pub async fn create(crm: Crm, body: Body) -> ApiResult {
            records::create($kind, crm, body).await
        }

        #[doc = concat!("Read ", $one)]
        #[utoipa::path(get, path = $id_path, tag = $tag,
            params(("id" = i64, Path, description = "Its id")),
            responses(
                (status = 200, description = "With its `ETag`", body = $shown),
                (status = 304, description = "`If-None-Match` names the current version"),
                (status = 404, description = "Not in this tenant, or in the bin"),
            ))]
        pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
            records::show($kind, crm, id).await
        }

        #[doc = concat!("Replace ", $one)]
        #[utoipa::path(put, path = $id_path, tag = $tag,
            params(
                ("id" = i64, Path, description = "Its id"),
                ("If-Match" = Option<String>, Header, description = "Change only this version"),
            ),
            request_body(content = $input),
            responses(
                (status = 200, description = "Changed", body = $shown),
                (status = 400, description = "All wrong fields, by name"),
                (status = 404, description = "Not in this tenant, or in the bin"),
                (status = 412, description = "It has changed since"),
            ))]
        pub async fn replace(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
            records::change($kind, crm, id, body, Whole::Yes).await
        }

        #[doc = concat!("Change ", $one)]
        #[utoipa::path(patch, path = $id_path, tag = $tag,
            params(
                ("id" = i64, Path, description = "Its id"),
                ("If-Match" = Option<String>, Header, description = "Change only this version"),
            ),
            request_body(content = $patch),
            responses(
                (status = 200, description = "Changed", body = $shown),
                (status = 400, description = "All wrong fields, by name"),
                (status = 404, description = "Not in this tenant, or in the bin"),
                (status = 412, description = "It has changed since"),
            ))]
        pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
            records::change($kind, crm, id, body, Whole::No).await
        }

        #[doc = concat!("Delete ", $one)]
        ///
        /// It goes to the bin, and can come back.
        #[utoipa::path(delete, path = $id_path, tag = $tag,
            params(
                ("id" = i64, Path, description = "Its id"),
                ("If-Match" = Option<String>, Header, description = "Delete only this version"),
            ),
            responses(
                (status = 204, description = "Deleted"),
                (status = 404, description = "Not in this tenant, or in the bin"),
                (status = 412, description = "It has changed since"),
            ))]
        pub async fn remove(crm: Crm, Id(id): Id) -> ApiResult {
            records::remove($kind, crm, id).await
        }

        #[doc = concat!("Take ", $one, " out of the bin")]
        #[utoipa::path(post, path = $restore, tag = $tag,
            params(
                ("id" = i64, Path, description = "Its id"),
                ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
            ),
            responses(
                (status = 200, description = "It is back", body = $shown),
                (status = 400, description = "What must be unique was taken meanwhile"),
                (status = 404, description = "Not in this tenant's bin"),
            ))]
        pub async fn restore(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
            records::restore($kind, crm, id, body).await
        }

        #[doc = concat!("The timeline of ", $one)]
        ///
        /// Changes of it and of what belongs to it, the newest first, field by field. Each names its change
        /// set, which can be undone.
        #[utoipa::path(get, path = $timeline, tag = $tag,
            params(
                ("id" = i64, Path, description = "Its id"),
                ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
                ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
            ),
            responses(
                (status = 200, description = "Changes; `Link` names the next page", body = Vec<sindico_crm::changes::Change>),
                (status = 404, description = "Never was in this tenant"),
            ))]
        pub async fn timeline(crm: Crm, Id(id): Id, query: Query) -> ApiResult {
            records::timeline($kind, crm, id, query).await
        }

        #[doc = concat!("Change many ", $many)]
        ///
        /// All that fit a filter, or those with these ids, at most 10,000, in one change set. First with
        /// `preview`, which changes nothing and gives a `token`; then with that token, which has exactly that
        /// done, or `409` when it would be something else by now. It takes the permission for `PATCH`, or for
        /// `DELETE`, besides.
        #[utoipa::path(post, path = $bulk, tag = $tag,
            params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer")),
            request_body(content = crate::portal::bulk::BulkInput),
            responses(
                (status = 200, description = "The preview; or, once it is done, `change_set`, `changed`, `unchanged` and `refused`", body = sindico_crm::bulk::Preview),
                (status = 400, description = "What is wrong, by field; more than 10,000 records under `filter`"),
                (status = 403, description = "The caller's role may not"),
                (status = 409, description = "It is not what the token's preview showed any more; nothing was done"),
            ))]
        pub async fn bulk(crm: Crm, body: Body) -> ApiResult {
            crate::portal::bulk::submit($kind, crm, body).await
        }
    };
}
pub(super) use handlers;
