//! The files of a record, on its page: seen, sent and removed. A form sends them without scripts.

use super::place;
use crate::contract::error::{ApiError, ApiResult, not_found};
use crate::contract::{Body, Query};
use crate::pages::kit::{
    Field, Tone, button, format, icon, link_button, notice as told_notice, page_header,
};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::attachments as w;
use crate::portal::attachments::{self as api, upload};
use crate::portal::crm::Crm;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::ACCEPT;
use axum::response::IntoResponse;
use maud::{Markup, html};
use sindico_crm::attachments as files;
use sindico_crm::sheet::Shown;
use sindico_domain::Refusal;
use sindico_domain::access::capability::Method;
use sindico_domain::attachment::{Media, Preview, bytes, has_files};
use sindico_domain::crm::{Kind, Record};
use sindico_store::Error;

/// The card of a record's files.
pub fn card(page: &Page, record: &Record, files: &[Shown]) -> Markup {
    let kind = record.kind;
    if !has_files(kind) {
        return html! {};
    }
    let may = page.may(kind.resource(), Method::Patch);
    html! {
        section.card #files data-drop[may] {
            div class="card-head" { h2 { (page.t(w::FILES)) } }
            div class="card-body stack" {
                @if files.is_empty() { p class="quiet" { (page.t(w::NONE)) } }
                @else { ul class="files" { @for file in files { (line(page, file, may)) } } }
                @if may { (form(page, record)) }
            }
        }
    }
}

fn line(page: &Page, file: &Shown, may: bool) -> Markup {
    let language = page.language();
    let at = format!("/api/attachments/{}/", file.id);
    let shown = Media::preview(&file.media_type);
    let now = page.now.to_zoned(page.zone.clone());
    let size = bytes(file.size);
    html! {
        li class="file" {
            @if shown == Some(Preview::Image) {
                a class="file-look" href={ (at) "preview/" } target="_blank" rel="noopener" aria-label=(w::see(language, &file.name)) {
                    img src={ (at) "preview/" } alt="" loading="lazy" decoding="async" width="44" height="44";
                }
            } @else {
                span class="file-look" { (icon("paperclip")) }
            }
            div class="file-text" {
                a class="related-name" href={ (at) "content/" } download=(file.name) { (file.name) }
                span class="quiet" { (size) " · " (file.username) " · " (format::relative(language, file.at, &now)) }
            }
            span class="row end" {
                @if shown.is_some() {
                    (link_button(w::see(language, &file.name), format!("{at}preview/")).quiet().small().icon_only("eye")
                        .attr("target", "_blank").attr("rel", "noopener"))
                }
                (link_button(w::download(language, &file.name), format!("{at}content/")).quiet().small().icon_only("download"))
                @if may {
                    form method="post" action={ "/attachments/" (file.id) "/remove/" } {
                        (page.proof())
                        (button(w::remove(language, &file.name)).quiet().small().icon_only("trash-2"))
                    }
                }
            }
        }
    }
}

/// By script it sends what was chosen or dropped at once, and shows how far it is.
fn form(page: &Page, record: &Record) -> Markup {
    let action = format!("{}attachments/", place::of(record.kind, record.id));
    html! {
        form class="files-form stack" method="post" action=(action) enctype="multipart/form-data" data-files
            data-lost=(page.t(w::LOST)) data-progress=(page.t(w::PROGRESS)) {
            // In front: the gate looks at the form's start only.
            (page.proof())
            (Field::file("file", page.t(w::CHOOSE)).hint(page.t(w::HELP)).required().attr("multiple", "multiple").render(page.language()))
            span class="row" { (button(page.t(w::ATTACH)).small().icon("upload")) }
        }
    }
}

/// `POST /customers/7/attachments/`.
pub async fn attach(
    kind: Kind,
    page: Page,
    crm: Crm,
    id: i64,
    query: Query,
    request: Request,
) -> ApiResult {
    let accepts = crm
        .headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    let by_script = accepts.is_some_and(|kinds| kinds.starts_with("application/json"));
    let to = place::of(kind, id);
    let received = upload::receive(&crm, (kind, id), &query, request).await;
    match received.map_err(ApiError::into_inner) {
        Ok(attached) => {
            let notice = Notice::new("attached", attached.change_set);
            let mut response = page.done(&format!("{to}#files"), &notice);
            if by_script {
                // A script that sends would follow a redirect, and take the notice away from who is to read it.
                *response.status_mut() = StatusCode::NO_CONTENT;
            }
            Ok(response)
        }
        Err(Error::Refused(
            refusal @ (Refusal::Fields(_) | Refusal::Invalid(_) | Refusal::TooLarge(_)),
        )) => {
            let status = match refusal {
                Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
                _ => StatusCode::BAD_REQUEST,
            };
            let told = translate(page.language(), &upload::told(&refusal));
            if by_script {
                return Ok((status, told).into_response());
            }
            let title = page.t(w::NOT_ATTACHED);
            let content = html! {
                (page_header(page.language(), title, None))
                (told_notice(Tone::Danger, &told, None))
                p { (link_button(page.t(crate::pages::words::sign_in::BACK), format!("{to}#files"))) }
            };
            Ok(page.show_as(status, title, content))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /attachments/7/remove/`.
pub async fn remove(page: Page, crm: Crm, id: i64, _: Body) -> ApiResult {
    let file = api::mine(&crm, id).await?;
    let condition = crm.precondition();
    let removed = files::remove(&crm.data, crm.by(), &file, &condition).await?;
    let change = removed.ok_or_else(not_found)?;
    let to = format!("{}#files", place::of(file.kind, file.record));
    Ok(page.done(&to, &Notice::new("file_removed", Some(change))))
}
