//! Customers.

mod write;

pub use write::{change, create, remove};

use jiff::Timestamp;
use sindico_db::{Result, Row, Statement, TenantConnection, ToSql, pattern};
use sindico_domain::crm::customer::{Customer, CustomerSort};
use sindico_domain::fold::fold;
use sindico_domain::page::{Cursor, Page, PageRequest, wrong_cursor};

macro_rules! select {
    ($rest:expr) => {
        concat!(
            "SELECT id, name, email, phone, document, created_at, updated_at, version FROM customer ",
            $rest
        )
    };
}
use select;

/// The first page of a list, and the pages after a place in it. They are two statements, since one
/// plan for both would read from the start each time. Whose rows they are is the wall's business:
/// its `company_id` leads the indexes.
macro_rules! pages {
    ($key:literal, $type:literal, $comparison:literal, $direction:literal) => {
        (
            select!(concat!(
                "WHERE ($1::text IS NULL OR search_text LIKE $1) ORDER BY ",
                $key,
                " ",
                $direction,
                ", id ",
                $direction,
                " LIMIT $2"
            )),
            select!(concat!(
                "WHERE ($1::text IS NULL OR search_text LIKE $1) AND (",
                $key,
                ", id) ",
                $comparison,
                " ($3::",
                $type,
                ", $4) ORDER BY ",
                $key,
                " ",
                $direction,
                ", id ",
                $direction,
                " LIMIT $2"
            )),
        )
    };
}

const NAME: (&str, &str) = pages!("name", "text COLLATE \"und-x-icu\"", ">", "ASC");
const NAME_DESC: (&str, &str) = pages!("name", "text COLLATE \"und-x-icu\"", "<", "DESC");
const CREATED: (&str, &str) = pages!("created_at", "timestamptz", ">", "ASC");
const CREATED_DESC: (&str, &str) = pages!("created_at", "timestamptz", "<", "DESC");

sindico_db::statements! { "customers":
    FIND = select!("WHERE id = $1");
    COUNT = "SELECT count(*) FROM customer WHERE ($1::text IS NULL OR search_text LIKE $1)";
    BY_NAME = NAME.0;
    BY_NAME_AFTER = NAME.1;
    BY_NAME_DESC = NAME_DESC.0;
    BY_NAME_DESC_AFTER = NAME_DESC.1;
    BY_CREATED = CREATED.0;
    BY_CREATED_AFTER = CREATED.1;
    BY_CREATED_DESC = CREATED_DESC.0;
    BY_CREATED_DESC_AFTER = CREATED_DESC.1;
}

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, write::statements()].concat()
}

/// The SQL of one customer and of the first page, for the benchmark that runs the same statements in
/// `pgbench`.
pub fn benchmark_sql() -> (&'static str, &'static str) {
    (FIND.sql, BY_NAME.sql)
}

/// The customer with this id, in one round trip.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn find(data: &TenantConnection, id: i64) -> Result<Option<Customer>> {
    Ok(data.row(&FIND, &[&id]).await?.as_ref().map(read))
}

/// Customers in the given order, in one round trip, their number included. `q` is found in name,
/// e-mail, phone and document, whatever the accents and the case; digits are found however they are
/// written.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn list(
    data: &TenantConnection,
    q: Option<&str>,
    sort: CustomerSort,
    page: &PageRequest,
) -> Result<Page<Customer>> {
    let by_name = matches!(sort, CustomerSort::Name | CustomerSort::NameDesc);
    let after = page.after(sort.as_str())?;
    let pattern = q.and_then(search_pattern);
    let limit = page.limit + 1;
    let created: Option<Timestamp> = match after {
        Some(cursor) if !by_name => Some(cursor.key.parse().map_err(|_| wrong_cursor())?),
        _ => None,
    };
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&pattern, &limit];
    if let Some(cursor) = after {
        match &created {
            Some(created) => params.push(created),
            None => params.push(&cursor.key),
        }
        params.push(&cursor.id);
    }
    let statement = match (sort, after.is_some()) {
        (CustomerSort::Name, false) => &BY_NAME,
        (CustomerSort::Name, true) => &BY_NAME_AFTER,
        (CustomerSort::NameDesc, false) => &BY_NAME_DESC,
        (CustomerSort::NameDesc, true) => &BY_NAME_DESC_AFTER,
        (CustomerSort::Created, false) => &BY_CREATED,
        (CustomerSort::Created, true) => &BY_CREATED_AFTER,
        (CustomerSort::CreatedDesc, false) => &BY_CREATED_DESC,
        (CustomerSort::CreatedDesc, true) => &BY_CREATED_DESC_AFTER,
    };
    let counting: [&(dyn ToSql + Sync); 1] = [&pattern];
    let mut reads: Vec<(&Statement, &[&(dyn ToSql + Sync)])> = vec![(statement, &params)];
    if page.count {
        reads.push((&COUNT, &counting));
    }
    let answers = data.read(&reads).await?;
    let rows = answers.first().map(Vec::as_slice).unwrap_or_default();
    let total = answers
        .get(1)
        .and_then(|rows| rows.first())
        .map(|row| row.get(0));
    let cursor = |customer: &Customer| Cursor {
        sort: sort.as_str().to_owned(),
        key: if by_name {
            customer.name.clone()
        } else {
            customer.created_at.to_string()
        },
        id: customer.id,
    };
    Ok(Page::of(
        rows.iter().map(read).collect(),
        page,
        total,
        cursor,
    ))
}

/// What `?q=` looks for; a number is looked for by its digits alone, as [`search_text`] has them.
fn search_pattern(q: &str) -> Option<String> {
    let digits: String = q.chars().filter(char::is_ascii_digit).collect();
    let number = digits.len() >= 3 && !q.chars().any(char::is_alphabetic) && !q.contains('@');
    let text = if number { digits.as_str() } else { q.trim() };
    (!text.is_empty()).then(|| pattern::containing(text))
}

/// What `?q=` looks in.
fn search_text(name: &str, email: &str, phone: &str, document: &str) -> String {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let (phone_digits, document_digits) = (digits(phone), digits(document));
    fold(
        &[
            name,
            email,
            phone,
            document,
            &phone_digits,
            &document_digits,
        ]
        .join("\n"),
    )
}

/// Reads a row of `select!`, by position.
fn read(row: &Row) -> Customer {
    Customer {
        id: row.get(0),
        name: row.get(1),
        email: row.get(2),
        phone: row.get(3),
        document: row.get(4),
        created_at: row.get(5),
        updated_at: row.get(6),
        version: row.get(7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_however_they_are_written() {
        let text = search_text(
            "Ana Conceição",
            "ana@example.com",
            "+55 (11) 98765-4321",
            "123.456.789-09",
        );
        let found = |q: &str| {
            let pattern = search_pattern(q).unwrap();
            text.contains(pattern.trim_matches('%'))
        };
        for q in [
            "conceicao",
            "CONCEIÇÃO",
            "98765-4321",
            "987654321",
            "(11) 98765",
            "123456789",
            "456.789",
            "ana@ex",
        ] {
            assert!(found(q), "{q}");
        }
        assert!(!found("98765 0000"));
        assert_eq!(search_pattern("  "), None);
    }
}
