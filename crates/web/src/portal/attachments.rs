//! `/api/attachments/`, and the files of each kind of record: `/api/customers/{id}/attachments/`.

mod content;
pub(crate) mod sweeper;
pub(crate) mod upload;

use super::crm::Crm;
use super::records::left;
use crate::contract::error::{ApiResult, field, not_found};
use crate::contract::resource::{self, Id};
use crate::contract::{Body, Query};
use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use sindico_crm::attachments::{self as files, Attachment};
use sindico_domain::Refusal;
use sindico_domain::access::capability::Method;
use sindico_domain::attachment::{FileName, Preview};
use sindico_domain::crm::Kind;
use sindico_domain::input::{Fields, text};

/// The name of a file as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"name": "proposta-final.pdf"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct AttachmentPatch {
    #[schema(max_length = 200)]
    name: String,
}

/// A file, as far as the caller may read what it is at.
///
/// # Errors
/// `404` for none.
pub(crate) async fn found(crm: &Crm, id: i64) -> ApiResult<Attachment> {
    let file = files::find(&crm.data, id).await?.ok_or_else(not_found)?;
    match crm.may(file.kind, Method::Get) {
        true => Ok(file),
        false => Err(not_found()),
    }
}

/// The same, for who is about to change it: as one changes its record.
///
/// # Errors
/// As [`found`]; `403`.
pub(crate) async fn mine(crm: &Crm, id: i64) -> ApiResult<Attachment> {
    let file = found(crm, id).await?;
    crm.tenant.require(file.kind.resource(), Method::Patch)?;
    Ok(file)
}

/// Calls a file otherwise, and tells it with its change set.
///
/// # Errors
/// As [`mine`]; a name that is none, or that contradicts the content.
pub(crate) async fn call(crm: &Crm, id: i64, name: &str) -> ApiResult<files::Attached> {
    let file = mine(crm, id).await?;
    let name = FileName::typed(name).map_err(|told| field("name", told))?;
    let condition = crm.precondition();
    let renamed = files::rename(&crm.data, crm.by(), &file, &name, &condition).await?;
    renamed.ok_or_else(not_found)
}

pub(super) async fn index(kind: Kind, crm: Crm, id: i64) -> ApiResult {
    let found = files::list(&crm.data, (kind, id)).await?;
    Ok(Json(found.ok_or_else(not_found)?).into_response())
}

pub(super) async fn create(
    kind: Kind,
    crm: Crm,
    id: i64,
    query: Query,
    request: Request,
) -> ApiResult {
    let made = upload::receive(&crm, (kind, id), &query, request).await?;
    let response = (StatusCode::CREATED, Json(&made.files)).into_response();
    Ok(left(response, made.change_set))
}

/// Read about a file
#[utoipa::path(get, path = "/api/attachments/{id}/", tag = "attachments",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = Attachment),
        (status = 304, description = "`If-None-Match` names the current version"),
        (status = 404, description = "Not in this tenant, removed, or at a record in the bin"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let file = found(&crm, id).await?;
    Ok(resource::read(&crm.headers, &file, file.version))
}

/// Rename a file
///
/// It takes the permission for `PATCH` on its record.
#[utoipa::path(patch, path = "/api/attachments/{id}/", tag = "attachments",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = AttachmentPatch),
    responses(
        (status = 200, description = "Renamed", body = Attachment),
        (status = 400, description = "The name is none, or says that the file is something else"),
        (status = 403, description = "The caller's role may not"),
        (status = 404, description = "Not in this tenant, removed, or at a record in the bin"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    mine(&crm, id).await?;
    let mut f = Fields::new(&body.0);
    let name = f.require("name", text(1..=200));
    let name = f.finish().check(name.unwrap_or_default())?;
    let renamed = call(&crm, id, &name).await?;
    let file = renamed.files.first().ok_or_else(not_found)?;
    let response = resource::respond(StatusCode::OK, file, file.version);
    Ok(left(response, renamed.change_set))
}

/// Remove a file
///
/// It takes the permission for `PATCH` on its record. For thirty days undo has it back.
#[utoipa::path(delete, path = "/api/attachments/{id}/", tag = "attachments",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Remove only this version"),
    ),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "The caller's role may not"),
        (status = 404, description = "Not in this tenant, removed, or at a record in the bin"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn remove(crm: Crm, Id(id): Id) -> ApiResult {
    let file = mine(&crm, id).await?;
    let condition = crm.precondition();
    let removed = files::remove(&crm.data, crm.by(), &file, &condition).await?;
    let change_set = removed.ok_or_else(not_found)?;
    Ok(left(
        StatusCode::NO_CONTENT.into_response(),
        Some(change_set),
    ))
}

/// Download a file
///
/// Sent while it is read; always as a download.
#[utoipa::path(get, path = "/api/attachments/{id}/content/", tag = "attachments",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("Range" = Option<String>, Header, description = "Only these bytes; one range"),
    ),
    responses(
        (status = 200, description = "The file; its `ETag` is that of its content", content_type = "application/octet-stream"),
        (status = 206, description = "The part that was asked for"),
        (status = 304, description = "`If-None-Match` names this content"),
        (status = 404, description = "Not in this tenant, removed, or at a record in the bin"),
        (status = 416, description = "There are no such bytes in it"),
    ))]
pub async fn content(crm: Crm, Id(id): Id) -> ApiResult {
    let file = found(&crm, id).await?;
    content::respond(&crm, file, None).await
}

/// See a file in the browser
///
/// Pictures, PDF and plain texts alone.
#[utoipa::path(get, path = "/api/attachments/{id}/preview/", tag = "attachments",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 304, description = "`If-None-Match` names this content"),
        (status = 404, description = "As a download; or it can't be shown"),
    ))]
pub async fn preview(crm: Crm, Id(id): Id) -> ApiResult {
    let file = found(&crm, id).await?;
    let shown: Option<Preview> = sindico_domain::attachment::Media::preview(&file.media_type);
    let Some(shown) = shown else {
        let told = "This file can't be shown. Download it.";
        return Err(Refusal::Missing(told.to_owned()).into());
    };
    content::respond(&crm, file, Some(shown)).await
}

/// The addresses of a kind's files, with their documentation.
macro_rules! handlers {
    ($kind:expr, $tag:literal, $one:literal, $path:literal) => {
        #[doc = concat!("List the files of ", $one)]
        #[utoipa::path(get, path = $path, tag = $tag,
            params(("id" = i64, Path, description = "Its id")),
            responses(
                (status = 200, description = "The files, the oldest first", body = Vec<sindico_crm::attachments::Attachment>),
                (status = 403, description = "The caller's role may not"),
                (status = 404, description = "Not in this tenant, or in the bin"),
            ))]
        pub async fn attachments(crm: Crm, Id(id): Id) -> ApiResult {
            crate::portal::attachments::index($kind, crm, id).await
        }

        #[doc = concat!("Attach files to ", $one)]
        ///
        /// A form with up to ten files, or the bytes of one with its name as `name` in the address. What a file is,
        /// its content says: documents, pictures, texts, sound, video and ZIP are taken. All are attached, or none;
        /// `X-Change-Set` names the change that can be taken back. It takes the permission for `PATCH`.
        #[utoipa::path(post, path = $path, tag = $tag,
            params(
                ("id" = i64, Path, description = "Its id"),
                ("name" = Option<String>, Query, description = "The file's name, where the body is the file itself"),
            ),
            request_body(content = crate::portal::attachments::upload::Upload, content_type = "multipart/form-data"),
            responses(
                (status = 201, description = "Attached", body = Vec<sindico_crm::attachments::Attachment>),
                (status = 400, description = "What is wrong with a file; no room is left"),
                (status = 403, description = "The caller's role may not"),
                (status = 404, description = "Not in this tenant, or in the bin"),
                (status = 413, description = "A file is too large"),
                (status = 429, description = "Too many streams of this user are open"),
            ))]
        pub async fn attach(crm: Crm, Id(id): Id, query: Query, request: axum::extract::Request) -> ApiResult {
            crate::portal::attachments::create($kind, crm, id, query, request).await
        }
    };
}
pub(super) use handlers;
