//! `/api/imports/`: files of records, from their upload to taking them back.

mod errors;
pub(crate) mod upload;
mod vocabulary;
pub(crate) mod worker;

use super::crm::Crm;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page;
use crate::contract::resource::Id;
use crate::contract::{Query, list};
use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use serde_json::Value;
use sindico_crm::imports::{self, Job, Options, StagedRow, State, Verb};
use sindico_domain::access::capability::Method;
use sindico_domain::input::Fields;
use sindico_store::control::chores;

pub(crate) use vocabulary::words;

const PATH: &str = "/api/imports/";

/// The import, as far as the caller may read what its rows are.
///
/// # Errors
/// `404` for none.
pub(crate) async fn found(crm: &Crm, id: i64) -> ApiResult<Job> {
    let job = imports::find(&crm.data, id).await?.ok_or_else(not_found)?;
    match crm.may(job.kind, Method::Get) {
        true => Ok(job),
        false => Err(not_found()),
    }
}

/// Has programs go on with it, if the caller may do that to such records.
///
/// # Errors
/// As [`found`]; `403`; an import that is not where that can begin.
pub(crate) async fn ask(crm: &Crm, id: i64, to: State) -> ApiResult<Job> {
    let job = found(crm, id).await?;
    let resource = job.kind.resource();
    let wrote = |what: &str| job.counts.get(what).and_then(Value::as_i64).unwrap_or(0) > 0;
    let needed: Vec<Method> = match to {
        State::Undoing => [("CREATED", Method::Delete), ("UPDATED", Method::Patch)]
            .into_iter()
            .filter(|(what, _)| wrote(what))
            .map(|(_, method)| method)
            .collect(),
        _ if job.options.verb() == Verb::Update => vec![Method::Post, Method::Patch],
        _ => vec![Method::Post],
    };
    for method in needed {
        crm.tenant.require(resource, method)?;
    }
    // Asked for first: what is written down then is found, whatever happens here.
    chores::ask(crm.app().store(), crm.tenant.company.id).await?;
    let asked = imports::ask(&crm.data, crm.by(), id, to).await?;
    worker::nudge();
    asked.ok_or_else(not_found)
}

/// Has a program look after what waits in the tenant's data.
pub(super) async fn look_after(crm: &Crm) -> ApiResult<()> {
    chores::ask(crm.app().store(), crm.tenant.company.id).await?;
    worker::nudge();
    Ok(())
}

/// List imports
///
/// The newest first; those of records that the caller may read.
#[utoipa::path(get, path = "/api/imports/", tag = "imports",
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses(
        (status = 200, description = "Imports; `Link` names the next page", body = Vec<Job>),
        (status = 403, description = "The caller's role may not"),
    ))]
pub async fn index(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let request = page(&mut f);
    f.finish().check(())?;
    let mut page = imports::list(&crm.data, &request).await?;
    page.items.retain(|job| crm.may(job.kind, Method::Get));
    Ok(list::respond(PATH, &query, &page))
}

/// Upload a file
///
/// CSV (UTF-8, UTF-16 or Windows-1252; `,` `;` `|` or tab) or XLSX, at most 50 MiB and 200,000 rows. Its first
/// row names the columns; what they mean is guessed.
#[utoipa::path(post, path = "/api/imports/", tag = "imports",
    request_body(content = upload::Upload, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "It is there, and nothing is written yet", body = Job),
        (status = 400, description = "It can't be read; the error says where"),
        (status = 403, description = "The caller's role may not create such records"),
        (status = 413, description = "It is too large"),
    ))]
pub async fn create(crm: Crm, sent: upload::Sent) -> ApiResult {
    let job = upload::stage(&crm, sent).await?;
    let mut response = (StatusCode::CREATED, Json(&job)).into_response();
    if let Ok(location) = HeaderValue::try_from(format!("{PATH}{}/", job.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Read an import
///
/// Also while it is under way: `position` is the line that was done last, `counts` its rows by verdict.
#[utoipa::path(get, path = "/api/imports/{id}/", tag = "imports",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "The import", body = Job),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    Ok(Json(found(&crm, id).await?).into_response())
}

/// Say what the columns mean, and what to do with duplicates
///
/// `mapping`: for each column the name of its field, `id`, or `""`. `options`: `duplicates` (`skip`, `update`,
/// `create`), `keys` (by what a row is known to be there), `style` (`pt-BR`, `en`).
#[utoipa::path(patch, path = "/api/imports/{id}/", tag = "imports",
    params(("id" = i64, Path, description = "Its id")),
    request_body(content = Object),
    responses(
        (status = 200, description = "Changed; earlier verdicts count no more", body = Job),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    found(&crm, id).await?;
    let mut f = Fields::new(&body.0);
    let mapping = f.read("mapping", |value| {
        serde_json::from_value::<Vec<String>>(value.clone())
            .map_err(|_| "Expected a list of names of fields.".to_owned())
    });
    let options = f.read("options", |value| {
        serde_json::from_value::<Options>(value.clone())
            .map_err(|_| "Expected duplicates, keys and style.".to_owned())
    });
    f.finish().check(())?;
    let job = imports::choose(&crm.data, id, mapping, options).await?;
    Ok(Json(job.ok_or_else(not_found)?).into_response())
}

/// Forget an import
///
/// Its rows go; what it wrote stays, and can't be taken back as a whole any more.
#[utoipa::path(delete, path = "/api/imports/{id}/", tag = "imports",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 204, description = "Forgotten"),
        (status = 400, description = "It is under way"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn remove(crm: Crm, Id(id): Id) -> ApiResult {
    found(&crm, id).await?;
    match imports::delete(&crm.data, id).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(not_found()),
    }
}

macro_rules! asks {
    ($name:ident, $path:literal, $to:expr, $title:literal, $text:literal) => {
        #[doc = $title]
        ///
        #[doc = $text]
        #[utoipa::path(post, path = $path, tag = "imports",
            params(("id" = i64, Path, description = "Its id")),
            responses(
                (status = 202, description = "It is being done", body = Job),
                (status = 400, description = "The import is not where that can begin"),
                (status = 403, description = "The caller's role may not do that to such records"),
                (status = 404, description = "Not in this tenant"),
            ))]
        pub async fn $name(crm: Crm, Id(id): Id) -> ApiResult {
            let job = ask(&crm, id, $to).await?;
            Ok((StatusCode::ACCEPTED, Json(job)).into_response())
        }
    };
}

asks!(
    dry_run,
    "/api/imports/{id}/dry-run/",
    State::Checking,
    "Judge every row",
    "Nothing is written. Asking again once it is done judges anew."
);
asks!(
    commit,
    "/api/imports/{id}/commit/",
    State::Committing,
    "Write the rows",
    "Those that the dry run found good, in the background. Also goes on with one that failed."
);
asks!(
    undo,
    "/api/imports/{id}/undo/",
    State::Undoing,
    "Take an import back",
    "What it made goes to the bin, what it changed is set back; what was changed since stays, and is counted."
);

/// Stop an import
///
/// After the piece that is being done. What was written stays until the import is taken back.
#[utoipa::path(post, path = "/api/imports/{id}/cancel/", tag = "imports",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 202, description = "It will stop", body = Job),
        (status = 400, description = "It is not under way"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn cancel(crm: Crm, Id(id): Id) -> ApiResult {
    found(&crm, id).await?;
    let job = imports::cancel(&crm.data, id).await?;
    Ok((StatusCode::ACCEPTED, Json(job.ok_or_else(not_found)?)).into_response())
}

/// Rows with their verdicts
#[utoipa::path(get, path = "/api/imports/{id}/rows/", tag = "imports",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("verdict" = Option<String>, Query, description = "Only these, with commas: `NEW`, `UPDATE`, `SKIP`, `ERROR`, `CREATED`, `UPDATED`, `SKIPPED`, `FAILED`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses(
        (status = 200, description = "Rows; `Link` names the next page", body = Vec<StagedRow>),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn rows(crm: Crm, Id(id): Id, query: Query) -> ApiResult {
    found(&crm, id).await?;
    let mut f = query.fields();
    let request = page(&mut f);
    let verdicts = f.read("verdict", |value| {
        Ok(verdicts(value.as_str().unwrap_or_default()))
    });
    f.finish().check(())?;
    let page = imports::rows(&crm.data, id, verdicts.as_deref(), &request).await?;
    Ok(list::respond(&format!("{PATH}{id}/rows/"), &query, &page))
}

/// The words of `?verdict=`.
pub(crate) fn verdicts(text: &str) -> Vec<String> {
    text.split(',')
        .map(|word| word.trim().to_uppercase())
        .collect()
}

/// The rows that were not taken, as a file
///
/// With the line and what is wrong behind their own columns: mend it, and upload it again.
#[utoipa::path(get, path = "/api/imports/{id}/errors.csv/", tag = "imports",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "The file", content_type = "text/csv"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn errors(crm: Crm, Id(id): Id) -> ApiResult {
    let job = found(&crm, id).await?;
    errors::file(crm, job).await
}
