//! The rows that were not taken, as a file to mend.

use super::super::crm::Crm;
use super::super::export::csv_signs;
use crate::contract::error::ApiResult;
use crate::pages::messages;
use crate::pages::page::language;
use crate::pages::words::sheets as w;
use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use futures_util::stream;
use serde_json::Value;
use sindico_crm::imports::{Job, each_wrong};
use sindico_sheet::{Cell, CsvWriter};

pub(super) async fn file(crm: Crm, job: Job) -> ApiResult {
    let language = language(&crm.headers);
    let (delimiter, decimal) = csv_signs(language);
    let mut writer = CsvWriter::new(Vec::new(), delimiter, decimal).map_err(broken)?;
    let mut heads: Vec<Cell> = job.headers.iter().cloned().map(Cell::Text).collect();
    heads.push(Cell::Text(w::LINE.in_(language).to_owned()));
    heads.push(Cell::Text(w::WHAT_IS_WRONG.in_(language).to_owned()));
    writer.row(&heads).map_err(broken)?;
    let (columns, data, id) = (job.headers.len(), crm.data, job.id);
    let state = (writer, Some(0_i64));
    let pieces = stream::try_unfold(state, move |(mut writer, after)| {
        let data = data.clone();
        async move {
            let Some(after) = after else {
                return Ok(None);
            };
            let rows = each_wrong(&data, id, after)
                .await
                .map_err(std::io::Error::other)?;
            for row in &rows {
                let mut cells: Vec<Cell> = row
                    .cells
                    .as_array()
                    .into_iter()
                    .flatten()
                    .take(columns)
                    .map(|cell| match cell {
                        Value::Null => Cell::Empty,
                        Value::String(text) => Cell::Text(text.clone()),
                        Value::Number(number) => match number.to_string().parse() {
                            Ok(number) => Cell::Number(number),
                            Err(_) => Cell::Text(number.to_string()),
                        },
                        other => Cell::Text(other.to_string()),
                    })
                    .collect();
                cells.resize(columns, Cell::Empty);
                cells.push(Cell::Number(row.line.into()));
                cells.push(Cell::Text(told(&row.notes, |text| {
                    messages::translate(language, text)
                })));
                writer.row(&cells)?;
            }
            let bytes: Bytes = std::mem::take(writer.get_mut()).into();
            let next = rows.last().map(|row| row.line);
            Ok::<_, std::io::Error>(Some((bytes, (writer, next))))
        }
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"import-{id}.csv\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// `email: ...; name: ...`.
fn told(notes: &Value, word: impl Fn(&str) -> String) -> String {
    let fields = notes.as_object().into_iter().flatten();
    let all: Vec<String> = fields
        .map(|(field, messages)| {
            let texts: Vec<String> = messages
                .as_array()
                .into_iter()
                .flatten()
                .map(|text| word(text.as_str().unwrap_or_default()))
                .collect();
            format!("{field}: {}", texts.join(" "))
        })
        .collect();
    all.join("; ")
}

fn broken(error: std::io::Error) -> crate::contract::error::ApiError {
    sindico_db::Error::Internal(error.to_string()).into()
}
