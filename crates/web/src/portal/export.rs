//! A list as a file: CSV or XLSX, sent while it is read, so that its size costs no memory.

pub(super) mod products;
pub(super) mod records;

use super::crm::Crm;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::language::Language;
use crate::pages::words::records as w;
use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use futures_util::stream;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use sindico_crm::list::{Exported, PIECE, log, logged};
use sindico_domain::fold::fold;
use sindico_domain::input::Fields;
use sindico_sheet::{Cell, CsvWriter, XlsxWriter};
use sindico_store::Error;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long somebody may take to take a piece: their cursor holds a connection.
const PATIENCE: Duration = Duration::from_secs(60);

/// A list that is taken out.
pub(super) struct Taken {
    /// What it is of, as it is written down.
    pub(super) kind: &'static str,
    /// What people call it.
    pub(super) title: &'static str,
    /// The heads of its columns.
    pub(super) head: Vec<Cell>,
    /// In which language, and so with which signs.
    pub(super) language: Language,
    /// Whether it is a workbook.
    pub(super) xlsx: bool,
}

/// What has the rows of a list, piece by piece.
pub(super) trait Pieces: Send + 'static {
    /// The next rows; fewer than [`PIECE`] at the end.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Vec<Cell>>, String>> + Send;
}

/// Reads which kind of file is wanted: a workbook, or else CSV.
pub(super) fn format(fields: &mut Fields<'_>) -> bool {
    let xlsx = fields.read("format", |value| match value.as_str() {
        Some("csv") => Ok(false),
        Some("xlsx") => Ok(true),
        _ => Err("Use csv or xlsx.".to_owned()),
    });
    xlsx.unwrap_or_default()
}

/// The columns that are wanted, among those that there are.
pub(super) fn columns(known: &[String], value: &Value) -> Result<Vec<String>, String> {
    let names = value.as_str().unwrap_or_default().split(',').map(str::trim);
    let found: Option<Vec<String>> = names
        .map(|name| known.iter().find(|known| *known == name).cloned())
        .collect();
    found.ok_or_else(|| format!("Use names of: {}.", known.join(", ")))
}

/// Sends a list, once it has begun.
pub(super) async fn respond<P: Pieces>(
    crm: &Crm,
    query: &Query,
    taken: Taken,
    begin: impl Future<Output = Result<P, Error>>,
) -> ApiResult {
    let (format, media) = match taken.xlsx {
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
        kind: taken.kind,
        format,
        query: &told,
    };
    // Begun before it is written down: what is refused was not taken out.
    let pieces = begin.await?;
    let id = log(&crm.data, crm.by(), &what).await?;
    let name = fold(taken.title).replace(' ', "-");
    let name = format!("{name}-{}.{format}", crm.app().today());
    let (to, from) = mpsc::channel(2);
    let data = crm.data.clone();
    tokio::spawn(async move {
        let _open = open;
        let sent = send(pieces, &taken, &to).await;
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
    mut pieces: impl Pieces,
    taken: &Taken,
    to: &mpsc::Sender<io::Result<Bytes>>,
) -> Result<Option<i64>, String> {
    let piece = Piece::default();
    let wrong = |error: io::Error| error.to_string();
    let mut writer = Writer::begin(piece.clone(), taken).map_err(wrong)?;
    let mut rows = 0_i64;
    loop {
        let found = pieces.next().await?;
        for row in &found {
            writer.row(row).map_err(wrong)?;
        }
        let last = found.len() < PIECE as usize;
        rows += i64::try_from(found.len()).unwrap_or_default();
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
    fn begin(piece: Piece, taken: &Taken) -> io::Result<Self> {
        let (delimiter, decimal) = csv_signs(taken.language);
        let mut writer = match taken.xlsx {
            true => Self::Xlsx(Box::new(XlsxWriter::new(piece, taken.title)?)),
            false => Self::Csv(CsvWriter::new(piece, delimiter, decimal)?),
        };
        writer.row(&taken.head)?;
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

/// As clocks show it where the installation's people are, to the second.
fn instant(zone: &TimeZone, at: Timestamp) -> Cell {
    let shown = at.to_zoned(zone.clone()).datetime();
    let whole = shown.with().subsec_nanosecond(0).build();
    Cell::When(whole.unwrap_or(shown))
}

fn yes_or_no(language: Language, yes: bool) -> Cell {
    let word = if yes { w::YES } else { w::NO };
    Cell::Text(word.in_(language).to_owned())
}
