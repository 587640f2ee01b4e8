//! Tenants: company, contract and provisioning, written together.
//!
//! Whoever changes a tenant locks its `company` row first, then anything else of it (operation,
//! steps), so that no two can wait for each other.

pub(crate) mod rows;
mod write;

pub(crate) use rows::word;
pub use write::{change, create, report_state, taken};
pub(crate) use write::{lock, record, save, touch};

use crate::statement::{self, statements};
use crate::{Result, Statement, Store};
use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use rows::read;
use sindico_domain::fold::fold;
use sindico_domain::page::{Cursor, Page, PageRequest, wrong_cursor};
use sindico_domain::tenant::{ContractStatus, Tenant, TenantFilter, TenantSort};
use tokio_postgres::types::ToSql;

/// The filters that all lists share: `$1` to `$6`.
macro_rules! filtered {
    () => {
        " WHERE ($1::text IS NULL OR c.search_text LIKE $1)
            AND ($2::text IS NULL OR p.status = $2)
            AND ($3::text IS NULL OR p.isolation_model = $3)
            AND ($4::text IS NULL OR k.plan = $4)
            AND ($5::text IS NULL OR k.status = $5)
            AND ($6::boolean IS NULL OR c.is_active = $6)"
    };
}

macro_rules! list {
    ($key:literal, $type:literal, $comparison:literal, $direction:literal) => {
        concat!(
            rows::select!(),
            filtered!(),
            " AND ($8::bigint IS NULL OR (",
            $key,
            ", c.id) ",
            $comparison,
            " ($7::",
            $type,
            ", $8))",
            " ORDER BY ",
            $key,
            " ",
            $direction,
            ", c.id ",
            $direction,
            " LIMIT $9"
        )
    };
}

statements! { "tenants":
    FIND = concat!(rows::select!(), " WHERE c.id = $1");
    FIND_BY_CODE = concat!(rows::select!(), " WHERE c.tenant_code = $1");
    RESUMES_TO = "SELECT coalesce(resumes_to, 'ACTIVE') FROM tenant_contract WHERE company_id = $1";
    BY_NAME = list!("c.name", "text COLLATE \"und-x-icu\"", ">", "ASC");
    BY_NAME_DESC = list!("c.name", "text COLLATE \"und-x-icu\"", "<", "DESC");
    BY_CREATED = list!("c.created_at", "timestamptz", ">", "ASC");
    BY_CREATED_DESC = list!("c.created_at", "timestamptz", "<", "DESC");
    COUNT = concat!("SELECT count(*)", rows::from!(), filtered!());
}

/// Every statement of this noun.
pub(crate) fn all_statements() -> Vec<Statement> {
    [STATEMENTS, write::STATEMENTS].concat()
}

/// The tenant with this id.
///
/// # Errors
/// When the database can't be reached.
pub async fn find(store: &Store, id: i64) -> Result<Option<Tenant>> {
    find_on(&store.client().await?, id).await
}

pub(crate) async fn find_on(client: &impl GenericClient, id: i64) -> Result<Option<Tenant>> {
    let row = statement::row(client, &FIND, &[&id]).await?;
    Ok(row.as_ref().map(read))
}

/// The tenant with this code, whatever its letter case.
///
/// # Errors
/// When the database can't be reached.
pub async fn find_by_code(store: &Store, code: &str) -> Result<Option<Tenant>> {
    let code = code.to_ascii_lowercase();
    let row = statement::row(&store.client().await?, &FIND_BY_CODE, &[&code]).await?;
    Ok(row.as_ref().map(read))
}

/// What the contract of this tenant is again when it is resumed: what it was before it was suspended or
/// canceled.
///
/// # Errors
/// When the database can't be reached.
pub async fn resumes_to(store: &Store, id: i64) -> Result<ContractStatus> {
    let row = statement::row(&store.client().await?, &RESUMES_TO, &[&id]).await?;
    Ok(row.map_or(ContractStatus::Active, |row| word(&row, 0)))
}

/// Tenants in the given order.
///
/// # Errors
/// A cursor of another list is refused; or the database can't be reached.
pub async fn list(
    store: &Store,
    filter: &TenantFilter,
    sort: TenantSort,
    page: &PageRequest,
) -> Result<Page<Tenant>> {
    let after = page.after(sort.as_str())?;
    let by_name = matches!(sort, TenantSort::Name | TenantSort::NameDesc);
    let name = after.map(|cursor| cursor.key.clone());
    let created = match after {
        Some(cursor) if !by_name => Some(
            cursor
                .key
                .parse::<Timestamp>()
                .map_err(|_| wrong_cursor())?,
        ),
        _ => None,
    };
    let id = after.map(|cursor| cursor.id);

    let q = filter
        .q
        .as_deref()
        .filter(|q| !q.trim().is_empty())
        .map(sindico_db::pattern::containing);
    let status = filter.status.map(|v| v.as_str());
    let isolation = filter.isolation_model.map(|v| v.as_str());
    let plan = filter.plan.map(|v| v.as_str());
    let contract = filter.contract_status.map(|v| v.as_str());
    let limit = page.limit + 1;
    let filters: [&(dyn ToSql + Sync); 6] =
        [&q, &status, &isolation, &plan, &contract, &filter.is_active];
    let key: &(dyn ToSql + Sync) = if by_name { &name } else { &created };
    let mut params = filters.to_vec();
    params.extend([key, &id, &limit]);

    let client = store.client().await?;
    let statement = match sort {
        TenantSort::Name => &BY_NAME,
        TenantSort::NameDesc => &BY_NAME_DESC,
        TenantSort::Created => &BY_CREATED,
        TenantSort::CreatedDesc => &BY_CREATED_DESC,
    };
    let rows = statement::rows(&client, statement, &params).await?;
    let total = if page.count {
        Some(statement::one(&client, &COUNT, &filters).await?.get(0))
    } else {
        None
    };
    Ok(Page::of(
        rows.iter().map(read).collect(),
        page,
        total,
        |tenant: &Tenant| Cursor {
            sort: sort.as_str().to_owned(),
            key: if by_name {
                tenant.name.clone()
            } else {
                tenant.created_at.to_string()
            },
            id: tenant.id,
        },
    ))
}

/// The SQL of one tenant and of the first page, for the benchmark that runs the same statement
/// in `pgbench`.
pub fn benchmark_sql() -> (&'static str, &'static str) {
    (FIND.sql, BY_NAME.sql)
}

/// What `?q=` looks in.
fn search_text(name: &str, code: &str, subdomain: &str) -> String {
    fold(&format!("{name}\n{code}\n{subdomain}"))
}
