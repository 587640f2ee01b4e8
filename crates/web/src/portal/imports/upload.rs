//! An upload: kept on disk while it comes, then read row by row into the tenant's data.

use super::super::crm::Crm;
use super::words;
use crate::App;
use crate::contract::error::{ApiError, ApiResult, invalid, not_found};
use crate::pages::language::Language;
use crate::pages::page::language;
use axum::extract::multipart::Field;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use serde_json::{Value, json};
use sindico_crm::imports::{self, Job, NewJob, Stage, Style};
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::Kind;
use sindico_domain::{FieldErrors, Refusal};
use sindico_sheet::{Cell, Error, Format, Limits};
use std::collections::HashMap;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use utoipa::ToSchema;

/// The largest file that is taken.
const LARGEST: usize = 50 << 20;

/// Rows that go to the database at once.
const PIECE: usize = 1_000;

/// What a form sends.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form")]
pub struct Upload {
    /// What the rows are: `customer`, `lead`, `opportunity`, `activity`, `sales_goal`.
    kind: String,
    /// The file.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// A form whose file is on disk.
pub struct Sent {
    fields: HashMap<String, String>,
    file: Option<(String, File)>,
}

impl FromRequest<App> for Sent {
    type Rejection = ApiError;

    async fn from_request(mut request: Request, app: &App) -> ApiResult<Self> {
        DefaultBodyLimit::max(LARGEST + (1 << 20)).apply(&mut request);
        let malformed = || invalid("The body is not valid multipart/form-data.");
        let parts = Multipart::from_request(request, app).await;
        let mut parts = parts.map_err(|_| FieldErrors::one("file", "Send a form with a file."))?;
        let mut sent = Self {
            fields: HashMap::new(),
            file: None,
        };
        while let Some(mut part) = parts.next_field().await.map_err(|_| malformed())? {
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(file_name) if name == "file" && sent.file.is_none() => {
                    sent.file = Some((file_name, keep(&mut part).await?));
                }
                Some(_) => {
                    return Err(FieldErrors::one(&name, "A file is not expected here.").into());
                }
                None => {
                    let mut text = Vec::new();
                    while let Some(chunk) = part.chunk().await.map_err(|_| malformed())? {
                        text.extend_from_slice(&chunk);
                        if text.len() > 10_000 {
                            return Err(FieldErrors::one(&name, "This is too long.").into());
                        }
                    }
                    let text = String::from_utf8(text).map_err(|_| malformed())?;
                    sent.fields.insert(name, text);
                }
            }
        }
        Ok(sent)
    }
}

/// Puts a file on disk, where no name leads to it.
async fn keep(part: &mut Field<'_>) -> ApiResult<File> {
    let broken = |error: std::io::Error| {
        tracing::error!(%error, "an upload can't be kept");
        ApiError::from(Refusal::Unavailable(
            "The file can't be kept for now.".to_owned(),
        ))
    };
    let file = tempfile::tempfile().map_err(broken)?;
    let mut file = tokio::fs::File::from_std(file);
    let mut size = 0;
    loop {
        match part.chunk().await {
            Ok(Some(chunk)) => {
                size += chunk.len();
                if size > LARGEST {
                    return Err(Refusal::TooLarge(LARGEST).into());
                }
                file.write_all(&chunk).await.map_err(broken)?;
            }
            Ok(None) => break,
            Err(error) if error.status().as_u16() == 413 => {
                return Err(Refusal::TooLarge(LARGEST).into());
            }
            Err(_) => return Err(invalid("The file ended too early.")),
        }
    }
    file.flush().await.map_err(broken)?;
    let mut file = file.into_std().await;
    file.seek(SeekFrom::Start(0)).map_err(broken)?;
    Ok(file)
}

type Piece = Vec<(u64, Vec<Value>)>;

/// Reads an upload into the tenant's data.
///
/// # Errors
/// What is wrong with the form or the file; `403` for records that the caller may not create.
pub(crate) async fn stage(crm: &Crm, sent: Sent) -> ApiResult<Job> {
    let mut errors = FieldErrors::new();
    let kind = sent
        .fields
        .get("kind")
        .and_then(|text| text.trim().parse::<Kind>().ok());
    if kind.is_none() {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        errors.add("kind", format!("Use one of: {}.", known.join(", ")));
    }
    if sent.file.is_none() {
        errors.add("file", "Send a file.");
    }
    let (Some(kind), Some((file_name, file))) = (kind, sent.file) else {
        return Err(errors.into());
    };
    crm.tenant.require(Resource::Imports, Method::Post)?;
    crm.tenant.require(kind.resource(), Method::Post)?;
    let (to, mut from) = mpsc::channel::<Piece>(2);
    let reading = tokio::task::spawn_blocking(move || read(file, &to));
    let staged = receive(crm, (kind, &file_name), &mut from).await;
    drop(from);
    let format = reading.await.map_err(|error| {
        tracing::error!(%error, "a file's reader has died");
        ApiError::from(FieldErrors::one("file", "The file can't be read."))
    })?;
    // A reader that was stopped was stopped by what the other side says.
    let format = match (format, &staged) {
        (Err(error), Ok(_)) => return Err(FieldErrors::one("file", error.to_string()).into()),
        (format, _) => format.unwrap_or(Value::Null),
    };
    let stage = staged?
        .ok_or_else(|| FieldErrors::one("file", "There are no rows below the first one."))?;
    let staged = stage.finish(&format).await?;
    imports::find(&crm.data, staged.id)
        .await?
        .ok_or_else(not_found)
}

/// On a thread of its own: the rows of the file, in pieces.
fn read(file: File, to: &mpsc::Sender<Piece>) -> Result<Value, Error> {
    let mut piece = Piece::new();
    let format = sindico_sheet::read(
        std::io::BufReader::new(file),
        &Limits::default(),
        &mut |row| {
            piece.push((row.line, row.cells.iter().map(json_of).collect()));
            piece.len() < PIECE || to.blocking_send(std::mem::take(&mut piece)).is_ok()
        },
    )?;
    if !piece.is_empty() && to.blocking_send(piece).is_err() {
        return Err(Error::Stopped);
    }
    Ok(match format {
        Format::Csv {
            encoding,
            delimiter,
        } => {
            json!({"kind": "csv", "encoding": encoding, "delimiter": delimiter})
        }
        Format::Xlsx { sheet } => json!({"kind": "xlsx", "sheet": sheet}),
    })
}

fn json_of(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        // No text of PostgreSQL's can have it.
        Cell::Text(text) if text.contains('\0') => json!(text.replace('\0', "\u{fffd}")),
        Cell::Number(number) => match i64::try_from(*number) {
            Ok(whole) if number.is_integer() => json!(whole),
            _ => f64::try_from(*number).map_or(Value::Null, |number| json!(number)),
        },
        Cell::Flag(flag) => json!(flag),
        Cell::When(when) if when.time() == jiff::civil::Time::midnight() => {
            json!(when.date().to_string())
        }
        cell => json!(cell.text()),
    }
}

/// Takes the pieces; `None` when nothing stands below the first row.
async fn receive(
    crm: &Crm,
    (kind, file_name): (Kind, &str),
    from: &mut mpsc::Receiver<Piece>,
) -> ApiResult<Option<Stage>> {
    let mut stage: Option<Stage> = None;
    let mut heads: Option<Vec<Value>> = None;
    while let Some(mut piece) = from.recv().await {
        if heads.is_none() && !piece.is_empty() {
            heads = Some(piece.remove(0).1);
        }
        if piece.is_empty() {
            continue;
        }
        let stage = match &mut stage {
            Some(stage) => stage,
            None => {
                let headers = heads.iter().flatten().map(|head| match head {
                    Value::String(text) => text.trim().chars().take(200).collect(),
                    Value::Null => String::new(),
                    other => other.to_string(),
                });
                let job = NewJob {
                    kind,
                    file_name: &file_name.chars().take(200).collect::<String>(),
                    headers: headers.collect(),
                    style: match language(&crm.headers) {
                        Language::Portuguese => Style::Brazilian,
                        Language::English => Style::American,
                    },
                };
                stage.insert(Stage::begin(&crm.data, crm.by(), &job, words()).await?)
            }
        };
        stage.rows(&piece).await?;
    }
    Ok(stage)
}

impl Sent {
    /// What the form says the rows are.
    pub(crate) fn kind(&self) -> &str {
        self.fields.get("kind").map_or("", String::as_str)
    }
}
