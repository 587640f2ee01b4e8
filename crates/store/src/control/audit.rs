//! The audit: who did what, from where, when, with before and after, written in the
//! transaction of the change itself.

use crate::statement::{self, statements};
use crate::{Result, Store};
use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sindico_domain::access::{Actor, Support};
use sindico_domain::page::{Cursor, Page, PageRequest};
use tokio_postgres::Row;

/// One event as the platform API reads it.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct AuditEvent {
    /// Id, growing with time.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The user, if one acted.
    pub actor_id: Option<i64>,
    /// The user's name then, or `system`, or `shell:<login>`.
    pub actor: String,
    /// Where the request came from.
    pub address: Option<String>,
    /// The request, as in `X-Request-Id`.
    pub request_id: String,
    /// `noun.verb`.
    pub action: String,
    /// The tenant, if one is concerned.
    pub company_id: Option<i64>,
    /// What was changed: `tenant acme`, `user ana`.
    pub subject: String,
    /// As it was; nothing for what is new.
    pub before: Option<Value>,
    /// As it is now; nothing for what is gone.
    pub after: Option<Value>,
    /// For whom and why, when it was done during a visit of support.
    pub support: Option<Support>,
}

/// Which events a list shows; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditFilter {
    /// Of this tenant.
    pub company_id: Option<i64>,
    /// By this actor.
    pub actor: Option<String>,
    /// This action.
    pub action: Option<String>,
    /// Of this request.
    pub request_id: Option<String>,
    /// Not before this instant.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// The order of [`list`], as its cursor names it.
const SORT: &str = "-id";

/// An event to be written.
pub(crate) struct NewEvent<'a> {
    pub(crate) action: &'a str,
    pub(crate) company_id: Option<i64>,
    pub(crate) subject: String,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

statements! { "audit":
    INSERT = "INSERT INTO audit_event (actor_id, actor, address, request_id, action, company_id, subject, before, after, support)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LIST = "SELECT id, at, actor_id, actor, host(address) AS address, request_id, action, company_id, subject, before, after, support
        FROM audit_event
        WHERE ($1::bigint IS NULL OR company_id = $1)
          AND ($2::text IS NULL OR lower(actor) = lower($2))
          AND ($3::text IS NULL OR action = $3)
          AND ($4::text IS NULL OR request_id = $4)
          AND ($5::timestamptz IS NULL OR at >= $5)
          AND ($6::timestamptz IS NULL OR at < $6)
          AND ($7::bigint IS NULL OR id < $7)
        ORDER BY id DESC LIMIT $8";
    OF_COMPANY = "SELECT id, at, actor_id, actor, host(address) AS address, request_id, action, company_id, subject, before, after, support
        FROM audit_event WHERE company_id = $1 AND action = ANY ($2) AND ($3::bigint IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4";
    COUNT = "SELECT count(*) FROM audit_event
        WHERE ($1::bigint IS NULL OR company_id = $1)
          AND ($2::text IS NULL OR lower(actor) = lower($2))
          AND ($3::text IS NULL OR action = $3)
          AND ($4::text IS NULL OR request_id = $4)
          AND ($5::timestamptz IS NULL OR at >= $5)
          AND ($6::timestamptz IS NULL OR at < $6)";
}

/// Writes an event in the caller's transaction.
pub(crate) async fn record(
    tx: &impl GenericClient,
    actor: &Actor,
    event: NewEvent<'_>,
) -> Result<()> {
    let support = actor.support.as_ref().map(|support| json!(support));
    statement::execute(
        tx,
        &INSERT,
        &[
            &actor.user_id,
            &actor.name,
            &actor.address,
            &actor.request_id,
            &event.action,
            &event.company_id,
            &event.subject,
            &event.before,
            &event.after,
            &support,
        ],
    )
    .await?;
    Ok(())
}

/// Records that somebody who is no member of a tenant enters it.
///
/// # Errors
/// When the database can't be reached.
pub async fn enter(store: &Store, actor: &Actor, company_id: i64, code: &str) -> Result<()> {
    let event = NewEvent {
        action: "tenant.enter",
        company_id: Some(company_id),
        subject: format!("tenant {code}"),
        before: None,
        after: None,
    };
    record(&store.client().await?, actor, event).await
}

/// Events, newest first.
///
/// # Errors
/// When the database can't be reached.
pub async fn list(
    store: &Store,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditEvent>> {
    let client = store.client().await?;
    let after = page.after_id(SORT)?;
    let f = filter;
    let rows = statement::rows(
        &client,
        &LIST,
        &[
            &f.company_id,
            &f.actor,
            &f.action,
            &f.request_id,
            &f.since,
            &f.until,
            &after,
            &(page.limit + 1),
        ],
    )
    .await?;
    let total = if page.count {
        let row = statement::one(
            &client,
            &COUNT,
            &[
                &f.company_id,
                &f.actor,
                &f.action,
                &f.request_id,
                &f.since,
                &f.until,
            ],
        )
        .await?;
        Some(row.get(0))
    } else {
        None
    };
    let events = rows.iter().map(read).collect();
    Ok(Page::of(events, page, total, |event: &AuditEvent| Cursor {
        sort: SORT.to_owned(),
        key: String::new(),
        id: event.id,
    }))
}

/// What a tenant's owners are told of: who came and went, what roles may do, who of the platform was here.
pub const TOLD_TO_OWNERS: [&str; 7] = [
    "member.add",
    "member.change",
    "member.remove",
    "rbac.change",
    "tenant.enter",
    "support.begin",
    "support.end",
];

/// Events of a tenant that its owners are told of, newest first.
///
/// # Errors
/// A cursor of another list is refused; or the database can't be reached.
pub async fn of_company(
    store: &Store,
    company_id: i64,
    page: &PageRequest,
) -> Result<Page<AuditEvent>> {
    let after = page.after_id(SORT)?;
    let limit = page.limit + 1;
    let actions = TOLD_TO_OWNERS.as_slice();
    let params: statement::Params<'_> = &[&company_id, &actions, &after, &limit];
    let rows = statement::rows(&store.client().await?, &OF_COMPANY, params).await?;
    let events = rows.iter().map(read).collect();
    Ok(Page::of(events, page, None, |event: &AuditEvent| Cursor {
        sort: SORT.to_owned(),
        key: String::new(),
        id: event.id,
    }))
}

fn read(row: &Row) -> AuditEvent {
    AuditEvent {
        id: row.get("id"),
        at: row.get("at"),
        actor_id: row.get("actor_id"),
        actor: row.get("actor"),
        address: row.get("address"),
        request_id: row.get("request_id"),
        action: row.get("action"),
        company_id: row.get("company_id"),
        subject: row.get("subject"),
        before: row.get("before"),
        after: row.get("after"),
        support: row
            .get::<_, Option<Value>>("support")
            .and_then(|told| serde_json::from_value(told).ok()),
    }
}
