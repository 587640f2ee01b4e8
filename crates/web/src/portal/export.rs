//! A list as a file: CSV or XLSX, sent while it is read, so that its size costs no memory.

use super::crm::Crm;
use super::records;
use crate::contract::Query;
use crate::contract::error::{ApiError, ApiResult};
use crate::pages::language::Language;
use crate::pages::page::language;
use crate::pages::words::{fields as f, records as w};
use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::tz::TimeZone;
use serde_json::Value;
use sindico_crm::list::{Export, Exported, ListQuery, PIECE, log, logged};
use sindico_crm::names::Names;
use sindico_crm::pipelines;
use sindico_domain::Refusal;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::custom::{CustomType, Customs};
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{Datum, Field, FieldType, Kind, Record};
use sindico_sheet::{Cell, CsvWriter, XlsxWriter};
use sindico_store::Error;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long somebody may take to take a piece: their cursor holds a connection.
const PATIENCE: Duration = Duration::from_secs(60);

/// `GET /api/customers/export/`.
pub(super) async fn export(kind: Kind, crm: Crm, query: Query) -> ApiResult {
    crm.tenant.require(kind.resource(), Method::Get)?;
    let mut fields = query.fields();
    let xlsx = fields.read("format", |value| match value.as_str() {
        Some("csv") => Ok(false),
        Some("xlsx") => Ok(true),
        _ => Err("Use csv or xlsx.".to_owned()),
    });
    let customs = crm.customs().await?;
    let known = (kind, &*customs);
    let columns = fields.read("columns", |value| columns(known, value.as_str()));
    let asked = records::asked(kind, &crm, &query).await;
    let mut errors = fields.finish();
    let asked = match asked {
        Ok(asked) => errors.check(asked)?,
        Err(wrong) => {
            let wrong = match wrong.into_inner() {
                Error::Refused(Refusal::Fields(wrong)) => wrong,
                other => return Err(other.into()),
            };
            errors.merge(wrong);
            return Err(errors.into());
        }
    };
    let language = language(&crm.headers);
    let out = Out {
        language,
        zone: crm.zone(),
        columns: columns.unwrap_or_else(|| all(known)),
        customs: customs.clone(),
        kind,
        setup: match kind {
            Kind::Opportunity => pipelines::read(&crm.data).await?,
            _ => Pipelines::contract().clone(),
        },
    };
    let xlsx = xlsx.unwrap_or_default();
    respond(crm, &query, asked, out, xlsx).await
}

async fn respond(
    crm: Crm,
    query: &Query,
    asked: ListQuery,
    out: Out,
    xlsx: bool,
) -> Result<Response, ApiError> {
    let (format, media) = match xlsx {
        true => (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        false => ("csv", "text/csv; charset=utf-8"),
    };
    let open = crm
        .app()
        .streams()
        .open(crm.tenant.company.id, crm.caller.user.id)?;
    let told = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query.without("format"))
        .finish();
    let what = Exported {
        kind: asked.kind,
        format,
        query: &told,
    };
    // Begun before it is written down: what is refused was not taken out.
    let export = Export::begin(&crm.data, &asked).await?;
    let id = log(&crm.data, crm.by(), &what).await?;
    let name = format!("{}-{}.{format}", out.file_name(), crm.app().today());
    let (to, from) = mpsc::channel(2);
    let (readable, data) = (crm.readable(), crm.data.clone());
    tokio::spawn(async move {
        let _open = open;
        let sent = send(export, &readable, &out, xlsx, &to).await;
        let told = match sent {
            Ok(Some(rows)) => logged(&data, id, rows).await.map_err(|e| e.to_string()),
            // Whoever asked went away.
            Ok(None) => Ok(()),
            Err(error) => {
                // The answer breaks off, so that nobody takes a part for the whole.
                let broken = io::Error::other("the export broke off");
                let _ = timeout(PATIENCE, to.send(Err(broken))).await;
                Err(error)
            }
        };
        if let Err(error) = told {
            tracing::warn!(error, "an export broke off");
        }
    });
    let pieces = stream::unfold(from, |mut from| async move {
        from.recv()
            .await
            .map(|piece: io::Result<Bytes>| (piece, from))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Sends all rows; how many, or `None` when nobody takes them any more.
async fn send(
    mut export: Export,
    readable: &[Kind],
    out: &Out,
    xlsx: bool,
    to: &mpsc::Sender<io::Result<Bytes>>,
) -> Result<Option<i64>, String> {
    let piece = Piece::default();
    let wrong = |error: io::Error| error.to_string();
    let mut writer = Writer::begin(piece.clone(), out, xlsx).map_err(wrong)?;
    let mut rows = 0_i64;
    loop {
        let (records, names) = export.next(readable).await.map_err(|e| e.to_string())?;
        for record in &records {
            writer.row(&out.row(record, &names)).map_err(wrong)?;
        }
        let last = records.len() < PIECE as usize;
        rows += i64::try_from(records.len()).unwrap_or_default();
        if last {
            writer.finish().map_err(wrong)?;
            let sent = timeout(PATIENCE, to.send(Ok(piece.take()))).await;
            return Ok(matches!(sent, Ok(Ok(()))).then_some(rows));
        }
        if !matches!(
            timeout(PATIENCE, to.send(Ok(piece.take()))).await,
            Ok(Ok(()))
        ) {
            return Ok(None);
        }
    }
}

/// What was written and has not gone yet.
#[derive(Clone, Default)]
struct Piece(Arc<Mutex<Vec<u8>>>);

impl Piece {
    fn take(&self) -> Bytes {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *written).into()
    }
}

impl Write for Piece {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Writer {
    Csv(CsvWriter<Piece>),
    Xlsx(Box<XlsxWriter<Piece>>),
}

impl Writer {
    fn begin(piece: Piece, out: &Out, xlsx: bool) -> io::Result<Self> {
        let (delimiter, decimal) = csv_signs(out.language);
        let mut writer = match xlsx {
            true => Self::Xlsx(Box::new(XlsxWriter::new(
                piece,
                w::many(out.kind).in_(out.language),
            )?)),
            false => Self::Csv(CsvWriter::new(piece, delimiter, decimal)?),
        };
        writer.row(&out.head())?;
        Ok(writer)
    }

    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        match self {
            Self::Csv(writer) => writer.row(cells),
            Self::Xlsx(writer) => writer.row(cells),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Csv(writer) => writer.finish().map(|_| ()),
            Self::Xlsx(writer) => writer.finish().map(|_| ()),
        }
    }
}

/// What Excel expects in a country: where the comma is before the decimals, it is not between cells.
pub(super) fn csv_signs(language: Language) -> (char, char) {
    match language {
        Language::Portuguese => (';', ','),
        Language::English => (',', '.'),
    }
}

/// How records are written.
struct Out {
    language: Language,
    zone: TimeZone,
    columns: Vec<String>,
    kind: Kind,
    setup: Pipelines,
    customs: Arc<Customs>,
}

impl Out {
    fn file_name(&self) -> String {
        let name = w::many(self.kind).in_(self.language);
        sindico_domain::fold::fold(name).replace(' ', "-")
    }

    fn head(&self) -> Vec<Cell> {
        let label = |name: &str| match name {
            "id" => "ID".to_owned(),
            "created_at" => w::CREATED_AT.in_(self.language).to_owned(),
            "updated_at" => w::UPDATED_AT.in_(self.language).to_owned(),
            name => match self.customs.named(self.kind, name) {
                Some(field) => field.label.clone(),
                None => f::label(self.kind, name).in_(self.language).to_owned(),
            },
        };
        self.columns
            .iter()
            .map(|name| Cell::Text(label(name)))
            .collect()
    }

    fn row(&self, record: &Record, names: &Names) -> Vec<Cell> {
        let cell = |name: &String| match name.as_str() {
            "id" => Cell::Number(record.id.into()),
            "created_at" => self.instant(record.created_at),
            "updated_at" => self.instant(record.updated_at),
            name => match record.kind.position(name) {
                Some(n) => self.cell(&record.kind.fields()[n], &record.values[n], names),
                None => self.custom(record, name),
            },
        };
        self.columns.iter().map(cell).collect()
    }

    /// The value of a custom field, as an import reads it.
    fn custom(&self, record: &Record, name: &str) -> Cell {
        let field = self.customs.named(self.kind, name);
        let value = field.and_then(|field| Some((field, record.customs()?.get(&field.key)?)));
        let Some((field, value)) = value else {
            return Cell::Empty;
        };
        let label = |word: &str| {
            let option = field.option(word);
            option
                .map_or(word, |option| option.label.as_str())
                .to_owned()
        };
        match (field.ty, value) {
            (CustomType::Boolean, Value::Bool(yes)) => {
                let word = if *yes { w::YES } else { w::NO };
                Cell::Text(word.in_(self.language).to_owned())
            }
            (CustomType::Integer, value) => value
                .as_i64()
                .map_or(Cell::Empty, |number| Cell::Number(number.into())),
            (CustomType::Decimal, Value::String(text)) => match text.parse() {
                Ok(number) => Cell::Number(number),
                Err(_) => Cell::Text(text.clone()),
            },
            (CustomType::Date, Value::String(text)) => match text.parse::<jiff::civil::Date>() {
                Ok(day) => Cell::When(day.at(0, 0, 0, 0)),
                Err(_) => Cell::Text(text.clone()),
            },
            (CustomType::Choice, Value::String(word)) => Cell::Text(label(word)),
            (CustomType::MultiChoice, Value::Array(words)) => {
                let words = words.iter().filter_map(Value::as_str).map(label);
                Cell::Text(words.collect::<Vec<_>>().join("; "))
            }
            (_, Value::String(text)) => Cell::Text(text.clone()),
            (_, other) => Cell::Text(other.to_string()),
        }
    }

    fn cell(&self, field: &Field, value: &Datum, names: &Names) -> Cell {
        if value.is_empty() {
            return Cell::Empty;
        }
        match (field.ty, value) {
            (FieldType::Choice(_), Datum::Text(word)) => {
                let shown = f::value(self.kind, field.name, word);
                Cell::Text(
                    shown
                        .map_or(word.as_str(), |word| word.in_(self.language))
                        .to_owned(),
                )
            }
            (FieldType::Stage, Datum::Text(code)) => {
                let named = self
                    .setup
                    .stage(code)
                    .filter(|stage| !stage.name.is_empty());
                let word = f::value(self.kind, field.name, code);
                let word = word.map_or(code.as_str(), |word| word.in_(self.language));
                Cell::Text(named.map_or(word, |stage| stage.name.as_str()).to_owned())
            }
            (FieldType::Pipeline, Datum::Int(id)) => {
                let named = self.setup.find(*id).filter(|one| !one.name.is_empty());
                match named {
                    Some(named) => Cell::Text(named.name.clone()),
                    None => Cell::Number((*id).into()),
                }
            }
            (_, Datum::Text(text)) => Cell::Text(text.clone()),
            (FieldType::Ref(to), Datum::Int(id)) => match names.get(&(to, *id)) {
                Some(name) => Cell::Text(name.clone()),
                None => Cell::Number((*id).into()),
            },
            (_, Datum::Int(number)) => Cell::Number((*number).into()),
            (_, Datum::Money(amount)) => Cell::Number(*amount),
            (_, Datum::Date(day)) => Cell::When(day.at(0, 0, 0, 0)),
            (_, Datum::Instant(at)) => self.instant(*at),
            (_, Datum::Flag(flag)) => {
                let word = if *flag { w::YES } else { w::NO };
                Cell::Text(word.in_(self.language).to_owned())
            }
            (_, Datum::User(user)) => Cell::Text(user.username.clone()),
            (_, Datum::Tags(tags)) => Cell::Text(tags.join(", ")),
            (_, Datum::List(list)) => Cell::Text(list.to_string()),
            // Each is a column of its own.
            (_, Datum::Custom(_)) => Cell::Empty,
            (_, Datum::Null) => Cell::Empty,
        }
    }

    /// As clocks show it where the installation's people are, to the second.
    fn instant(&self, at: jiff::Timestamp) -> Cell {
        let shown = at.to_zoned(self.zone.clone()).datetime();
        let whole = shown.with().subsec_nanosecond(0).build();
        Cell::When(whole.unwrap_or(shown))
    }
}

/// All that there is of a kind.
fn all((kind, customs): (Kind, &Customs)) -> Vec<String> {
    let fields = kind.fields().iter();
    let fields = fields.filter(|field| field.ty != FieldType::Custom);
    let mut all = vec!["id".to_owned()];
    all.extend(fields.map(|field| field.name.to_owned()));
    all.extend(customs.of(kind).map(|field| field.name()));
    all.extend(["created_at", "updated_at"].map(str::to_owned));
    all
}

fn columns(of: (Kind, &Customs), text: Option<&str>) -> Result<Vec<String>, String> {
    let known = all(of);
    let names = text.unwrap_or_default().split(',').map(str::trim);
    let found: Option<Vec<String>> = names
        .map(|name| known.iter().find(|known| *known == name).cloned())
        .collect();
    found.ok_or_else(|| format!("Use names of: {}.", known.join(", ")))
}
