//! `/api/search/`: one search over all kinds of records.

use super::crm::Crm;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use axum::Json;
use axum::response::IntoResponse;
use sindico_crm::search::{self, Found};
use sindico_domain::crm::Kind;
use sindico_domain::crm::draft::word;
use sindico_domain::input::{integer, text};

/// Search everything
///
/// Several words in any order, any part of a word, whatever accents and case; numbers however they are
/// written. Only kinds that the caller's role may read are looked at. When nothing fits, `approximate`
/// tells that the results are spelled alike.
#[utoipa::path(get, path = "/api/search/", tag = "search",
    params(
        ("q" = String, Query, description = "What is looked for"),
        ("kind" = Option<String>, Query, description = "Only these kinds: customer, lead, opportunity, activity"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 50, description = "How many; 20 by default"),
    ),
    responses(
        (status = 200, description = "The best first", body = Found),
        (status = 400, description = "A parameter is wrong"),
    ))]
pub async fn show(crm: Crm, query: Query) -> ApiResult {
    let known: Vec<&str> = Kind::ALL
        .iter()
        .filter(|kind| kind.is_searched())
        .map(|kind| kind.as_str())
        .collect();
    let mut f = query.fields();
    let q = f.require("q", text(1..=200));
    let wanted = f.read("kind", |value| {
        let words = value.as_str().unwrap_or_default().split(',').map(str::trim);
        words
            .map(|one| word(&known, &one.into()))
            .collect::<Result<Vec<String>, String>>()
    });
    let limit = f.read("limit", integer(1..=50)).unwrap_or(20);
    f.finish().check(())?;
    let asked = |kind: &Kind| {
        wanted
            .as_ref()
            .is_none_or(|words| words.iter().any(|word| word == kind.as_str()))
    };
    let kinds: Vec<Kind> = crm.readable().into_iter().filter(asked).collect();
    let limit = usize::try_from(limit).unwrap_or_default();
    let found = search::search(&crm.data, &kinds, &q.unwrap_or_default(), limit).await?;
    Ok(Json(found).into_response())
}
