//! Files on their way in: each goes to the tenant's place while it comes.

use super::super::crm::Crm;
use crate::contract::Query;
use crate::contract::error::{ApiError, ApiResult, field, invalid, not_found};
use crate::pages::gate::CSRF_FIELD;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use futures_util::StreamExt;
use sindico_crm::attachments::{self as files, Ages, Attached, Incoming, Received};
use sindico_crm::records;
use sindico_domain::attachment::{AT_ONCE, FileName};
use sindico_domain::crm::Kind;
use sindico_domain::{FieldErrors, Refusal};
use std::time::Duration;
use tokio::time::timeout;
use utoipa::ToSchema;

/// How long a client may take to send its next bytes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a form may have beside its files, in bytes.
const BESIDE: u64 = 1 << 20;

/// What a form sends.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form")]
pub struct Upload {
    /// The files.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<String>,
}

/// Takes the files of a request, and attaches them to a record.
///
/// # Errors
/// `404` for a record that is not there; what is wrong with a file. Then none is attached.
pub(crate) async fn receive(
    crm: &Crm,
    (kind, id): (Kind, i64),
    query: &Query,
    request: Request,
) -> ApiResult<Attached> {
    // Before anything is read: nobody sends megabytes to what is not there.
    records::find(&crm.data, kind, id)
        .await?
        .ok_or_else(not_found)?;
    let _open = crm
        .app()
        .streams()
        .open(crm.tenant.company.id, crm.caller.user.id)?;
    files::sweep(&crm.data, Ages::default()).await?;
    let mut desk = Desk {
        crm,
        begun: Vec::new(),
        received: Vec::new(),
    };
    let limits = crm.app().config().files;
    let done = match desk.take(query, request).await {
        Ok(()) => files::attach(&crm.data, crm.by(), (kind, id), &desk.received, limits)
            .await
            .map_err(ApiError::from)
            .and_then(|attached| attached.ok_or_else(not_found)),
        Err(error) => Err(error),
    };
    if done.is_err()
        && !desk.begun.is_empty()
        && let Err(error) = files::forget(&crm.data, &desk.begun).await
    {
        tracing::debug!(%error, "an upload is swept away later");
    }
    done
}

/// What has come of a request.
struct Desk<'a> {
    crm: &'a Crm,
    begun: Vec<i64>,
    received: Vec<Received>,
}

impl Desk<'_> {
    async fn take(&mut self, query: &Query, request: Request) -> ApiResult<()> {
        let kind = request.headers().get(CONTENT_TYPE);
        let is_form = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
        match is_form {
            true => self.form(request).await?,
            false => self.whole(query, request).await?,
        }
        match self.received.is_empty() {
            true => Err(field("file", "Send a file.")),
            false => Ok(()),
        }
    }

    async fn begin(&mut self, name: &str) -> ApiResult<Incoming> {
        if self.begun.len() >= AT_ONCE {
            return Err(field(
                "file",
                format!("Send at most {AT_ONCE} files at once."),
            ));
        }
        let limits = self.crm.app().config().files;
        let file = Incoming::begin(&self.crm.data, FileName::sent(name), limits).await?;
        self.begun.push(file.content());
        Ok(file)
    }

    /// The body is the file.
    async fn whole(&mut self, query: &Query, request: Request) -> ApiResult<()> {
        let named = query.without("").into_iter().find(|(key, _)| key == "name");
        let Some((_, name)) = named else {
            let told = "Send a form with a file, or the file itself with its name as ?name=.";
            return Err(field("file", told));
        };
        let mut file = self.begin(&name).await?;
        let mut body = request.into_body().into_data_stream();
        while let Some(piece) = patiently(body.next()).await? {
            file.take(&piece.map_err(|_| early())?).await?;
        }
        self.received.push(file.close().await?);
        Ok(())
    }

    async fn form(&mut self, mut request: Request) -> ApiResult<()> {
        let limits = self.crm.app().config().files;
        let most = limits
            .file
            .saturating_add(BESIDE)
            .saturating_mul(AT_ONCE as u64);
        DefaultBodyLimit::max(usize::try_from(most).unwrap_or(usize::MAX)).apply(&mut request);
        let malformed = || invalid("The body is not valid multipart/form-data.");
        let parts = Multipart::from_request(request, self.crm.app()).await;
        let mut parts = parts.map_err(|_| malformed())?;
        loop {
            let next = patiently(parts.next_field()).await?;
            let Some(mut part) = next.map_err(|error| of_form(&error, malformed()))? else {
                return Ok(());
            };
            let name = part.name().unwrap_or_default().to_owned();
            let Some(file_name) = part.file_name().map(str::to_owned) else {
                let mut size = 0;
                while let Some(piece) = piece(&mut part).await? {
                    size += piece.len();
                    if size > 10_000 || name != CSRF_FIELD {
                        return Err(field(&name, "This is not expected here."));
                    }
                }
                continue;
            };
            if name != "file" {
                return Err(FieldErrors::one(&name, "A file is not expected here.").into());
            }
            let first = piece(&mut part).await?;
            // What a browser sends for a field in which no file was chosen.
            if file_name.is_empty() && first.is_none() {
                continue;
            }
            let mut file = self.begin(&file_name).await?;
            if let Some(first) = first {
                file.take(&first).await?;
            }
            while let Some(piece) = piece(&mut part).await? {
                file.take(&piece).await?;
            }
            self.received.push(file.close().await?);
        }
    }
}

async fn piece(part: &mut axum::extract::multipart::Field<'_>) -> ApiResult<Option<Bytes>> {
    let next = patiently(part.chunk()).await?;
    next.map_err(|error| of_form(&error, early()))
}

fn early() -> ApiError {
    invalid("The file ended too early.")
}

fn of_form(error: &axum::extract::multipart::MultipartError, told: ApiError) -> ApiError {
    match error.status().as_u16() {
        413 => invalid("The form is too large."),
        _ => told,
    }
}

/// Waits for what comes next, for as long as a client may take.
async fn patiently<T>(next: impl Future<Output = T>) -> ApiResult<T> {
    timeout(PATIENCE, next).await.map_err(|_| early())
}

/// How a refusal of an upload is said on a page: about its file.
pub(crate) fn told(refusal: &Refusal) -> String {
    match refusal {
        Refusal::TooLarge(limit) => {
            let limit = sindico_domain::attachment::bytes(*limit as u64);
            format!("A file may have at most {limit}.")
        }
        Refusal::Fields(errors) => match errors.messages("file").first() {
            Some(told) => told.clone(),
            None => refusal.to_line(),
        },
        _ => refusal.to_line(),
    }
}
