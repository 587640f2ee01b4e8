//! One search over all kinds (portal.md 4.4): candidates by their folded text, capped, then ranked here.

use serde::Serialize;
use sindico_db::{Result, Row, Statement, TenantConnection, pattern};
use sindico_domain::crm::Kind;
use sindico_domain::crm::search::{parts_of, score};
use utoipa::ToSchema;

/// How many candidates are ranked; beyond them a search is told to be more exact.
pub const CANDIDATES: i32 = 300;

/// The shortest word that is compared with others alike.
const SHORTEST: usize = 4;

sindico_db::statements! { "search":
    FIND = "SELECT kind, record_id, title, subtitle, text FROM search_docs($1, $2, $3)";
    ALIKE = "SELECT kind, record_id, title, subtitle, text FROM search_alike($1, $2, $3)";
}

pub(crate) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// The text of the first statement, for the benchmark.
pub fn benchmark_sql() -> &'static str {
    FIND.sql
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hit {
    /// The kind of record.
    pub kind: Kind,
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub title: String,
    /// What tells it from others of that name.
    pub subtitle: String,
    /// Where it is.
    #[schema(example = "/api/customers/7/")]
    pub url: String,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found {
    /// The best first.
    pub results: Vec<Hit>,
    /// More fit than were looked at: a longer query finds better.
    pub capped: bool,
    /// Nothing fits as it was typed; these are spelled alike.
    pub approximate: bool,
}

/// Searches these kinds: one statement, a second one when nothing was found.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn search(
    data: &TenantConnection,
    kinds: &[Kind],
    q: &str,
    limit: usize,
) -> Result<Found> {
    let kinds: Vec<&str> = kinds
        .iter()
        .filter(|kind| kind.is_searched())
        .map(|kind| kind.as_str())
        .collect();
    let parts = parts_of(q);
    let mut found = Found {
        results: Vec::new(),
        capped: false,
        approximate: false,
    };
    if parts.is_empty() || kinds.is_empty() {
        return Ok(found);
    }
    let patterns: Vec<String> = parts.iter().map(|part| pattern::containing(part)).collect();
    let mut rows = data
        .rows(&FIND, &[&kinds, &patterns, &(CANDIDATES + 1)])
        .await?;
    let most = usize::try_from(CANDIDATES).unwrap_or_default();
    found.capped = rows.len() > most;
    if let (true, Some(longest)) = (rows.is_empty(), parts.first())
        && longest.chars().count() >= SHORTEST
        // Another number is no other spelling of this one.
        && longest.chars().any(char::is_alphabetic)
    {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        rows = data.rows(&ALIKE, &[&kinds, longest, &limit]).await?;
        found.approximate = !rows.is_empty();
    }
    let mut scored: Vec<(u32, Hit)> = rows
        .iter()
        .take(most)
        .map(|row| rated(row, &parts))
        .collect();
    if !found.approximate {
        // What fits the same comes newest first.
        scored.sort_by_key(|(score, hit)| (std::cmp::Reverse(*score), std::cmp::Reverse(hit.id)));
    }
    found.results = scored.into_iter().map(|(_, hit)| hit).take(limit).collect();
    Ok(found)
}

fn rated(row: &Row, parts: &[String]) -> (u32, Hit) {
    // The table has no other words in it.
    let kind: Kind = row.get::<_, &str>(0).parse().unwrap_or(Kind::Customer);
    let id: i64 = row.get(1);
    let title: &str = row.get(2);
    let hit = Hit {
        kind,
        id,
        title: title.to_owned(),
        subtitle: row.get(3),
        url: format!("{}{id}/", kind.path()),
    };
    (score(parts, title, row.get(4)), hit)
}
