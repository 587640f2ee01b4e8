//! Webhooks: where a company has its changes told. What is done to them is written down in the transaction that
//! does it.

mod deliveries;
mod feed;

pub use deliveries::{
    Delivery, Sending, Sent, Try, claim, deliveries, delivery, forget_old, next_due, record,
    replay, replay_failed, test,
};
pub use feed::fetch;

use crate::events;
use crate::settings;
use crate::work::By;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::Refusal;
use sindico_domain::precondition::Precondition;
use sindico_domain::setting::Setting;
use sindico_domain::webhook::{MOST, State, Wish};
use utoipa::ToSchema;

macro_rules! columns {
    () => {
        "id, name, url, events, secret, state, reason, failures, worked_at, failed_at, username, version,
         created_at, updated_at"
    };
}

sindico_db::statements! { "webhooks":
    LIST = concat!("SELECT ", columns!(), " FROM webhook ORDER BY id");
    FIND = concat!("SELECT ", columns!(), " FROM webhook WHERE id = $1");
    LOCK = concat!("SELECT ", columns!(), " FROM webhook WHERE id = $1 FOR UPDATE");
    COUNT = "SELECT count(*) FROM webhook";
    INSERT = concat!("INSERT INTO webhook (name, url, events, secret, seen_xid, seen_id, user_id, username)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ", columns!());
    UPDATE = concat!("UPDATE webhook SET name = $2, url = $3, events = $4, version = version + 1, updated_at = now()
        WHERE id = $1 RETURNING ", columns!());
    // Who goes on begins without a grudge.
    SET_STATE = concat!("UPDATE webhook SET state = $2, reason = $3, failures = 0, hold_until = '-infinity',
            version = version + 1, updated_at = now()
        WHERE id = $1 RETURNING ", columns!());
    SKIP = "UPDATE webhook SET seen_xid = $2, seen_id = $3 WHERE id = $1";
    DELETE = "DELETE FROM webhook WHERE id = $1";
}

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, feed::STATEMENTS, deliveries::STATEMENTS].concat()
}

/// A webhook, as its owners see it: never its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Webhook {
    /// Its id.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Where it leads.
    #[schema(example = "https://example.com/hooks/sindico")]
    pub url: String,
    /// What it is told.
    #[schema(example = json!(["lead.created", "opportunity.updated"]))]
    pub events: Vec<String>,
    /// Names its secrets.
    #[serde(skip)]
    pub secret: String,
    /// Whether it is called.
    pub state: State,
    /// Why the program stopped it.
    pub reason: String,
    /// Failures since it last worked.
    pub failures: i64,
    /// When the receiver last took something.
    pub worked_at: Option<Timestamp>,
    /// When it last failed.
    pub failed_at: Option<Timestamp>,
    /// Who made it.
    pub created_by_username: String,
    /// Its version, as in the `ETag`.
    #[serde(skip)]
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

impl Webhook {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0),
            name: row.get(1),
            url: row.get(2),
            events: row.get(3),
            secret: row.get(4),
            state: row.get::<_, &str>(5).parse().map_err(Error::Internal)?,
            reason: row.get(6),
            failures: row.get(7),
            worked_at: row.get(8),
            failed_at: row.get(9),
            created_by_username: row.get(10),
            version: row.get(11),
            created_at: row.get(12),
            updated_at: row.get(13),
        })
    }

    /// What somebody wanted of it.
    pub fn wish(&self) -> Wish {
        Wish {
            name: self.name.clone(),
            url: self.url.clone(),
            events: self.events.clone(),
        }
    }

    fn told(&self) -> Value {
        json!({ "name": self.name, "url": self.url, "events": self.events, "state": self.state })
    }
}

/// All webhooks, the oldest first.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn list(data: &TenantConnection) -> Result<Vec<Webhook>> {
    data.rows(&LIST, &[])
        .await?
        .iter()
        .map(Webhook::read)
        .collect()
}

/// A webhook.
///
/// # Errors
/// See [`list`].
pub async fn find(data: &TenantConnection, id: i64) -> Result<Option<Webhook>> {
    data.row(&FIND, &[&id])
        .await?
        .as_ref()
        .map(Webhook::read)
        .transpose()
}

/// Makes a webhook, which is told what happens from now on. Its secret is kept already, under this name.
///
/// # Errors
/// More than a company may have.
pub async fn create(
    data: &TenantConnection,
    by: By<'_>,
    wish: &Wish,
    secret: &str,
) -> Result<Webhook> {
    let from = events::now(data).await?;
    let tx = data.begin().await?;
    settings::room(&tx, Setting::Webhook, (&COUNT, MOST)).await?;
    let params: [&(dyn ToSql + Sync); 8] = [
        &wish.name,
        &wish.url,
        &wish.events,
        &secret,
        &from.xid(),
        &from.id(),
        &by.actor.user_id,
        &by.actor.name,
    ];
    let made = Webhook::read(&tx.one(&INSERT, &params).await?)?;
    note(&tx, by, "create", None, Some(&made)).await?;
    tx.commit().await?;
    Ok(made)
}

/// Changes a webhook; `None` when there is none.
///
/// # Errors
/// `412` over another version.
pub async fn change(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    wish: &Wish,
) -> Result<Option<Webhook>> {
    let tx = data.begin().await?;
    let Some(before) = lock(&tx, id, condition).await? else {
        return Ok(None);
    };
    if before.wish() == *wish {
        return Ok(Some(before));
    }
    let params: [&(dyn ToSql + Sync); 4] = [&id, &wish.name, &wish.url, &wish.events];
    let after = Webhook::read(&tx.one(&UPDATE, &params).await?)?;
    note(&tx, by, "update", Some(&before), Some(&after)).await?;
    tx.commit().await?;
    Ok(Some(after))
}

/// Sets a webhook to what it was before somebody edited it last; to do so again is to have it again. `None` when there
/// is none.
///
/// # Errors
/// One that was never edited; `412` over another version.
pub async fn undo(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<Option<Webhook>> {
    let Some(webhook) = find(data, id).await? else {
        return Ok(None);
    };
    condition.check(webhook.version)?;
    let before = settings::before_edit(data, Setting::Webhook, id).await?;
    let wish = Wish::parse(&before, Some(&webhook.wish()))?;
    // Who changes it meanwhile has changed its version.
    let condition = Precondition::OneOf(vec![webhook.version]);
    change(data, by, (id, &condition), &wish).await
}

/// Pauses a webhook, or lets it go on: with all that happened meanwhile, or with what happens from now on.
///
/// # Errors
/// See [`list`].
pub async fn set_active(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    active: bool,
    skip: bool,
) -> Result<Option<Webhook>> {
    let now = events::now(data).await?;
    let tx = data.begin().await?;
    let Some(before) = lock(&tx, id, &Precondition::None).await? else {
        return Ok(None);
    };
    let state = if active { State::Active } else { State::Paused };
    if before.state == state {
        return Ok(Some(before));
    }
    if active && skip {
        tx.execute(&SKIP, &[&id, &now.xid(), &now.id()]).await?;
        deliveries::give_up(&tx, id, by.now).await?;
    }
    let params: [&(dyn ToSql + Sync); 3] = [&id, &state.as_str(), &""];
    let after = Webhook::read(&tx.one(&SET_STATE, &params).await?)?;
    let action = if active { "resume" } else { "pause" };
    note(&tx, by, action, Some(&before), Some(&after)).await?;
    tx.commit().await?;
    Ok(Some(after))
}

/// Notes that its secret was made anew.
///
/// # Errors
/// See [`list`].
pub async fn rotated(data: &TenantConnection, by: By<'_>, webhook: &Webhook) -> Result<()> {
    let tx = data.begin().await?;
    note(&tx, by, "secret", Some(webhook), Some(webhook)).await?;
    tx.commit().await
}

/// Deletes a webhook with its log; as it was, or `None` when there is none.
///
/// # Errors
/// As [`change`].
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<Option<Webhook>> {
    let tx = data.begin().await?;
    let Some(before) = lock(&tx, id, condition).await? else {
        return Ok(None);
    };
    tx.execute(&DELETE, &[&id]).await?;
    note(&tx, by, "delete", Some(&before), None).await?;
    tx.commit().await?;
    Ok(Some(before))
}

async fn lock(
    tx: &TenantTransaction,
    id: i64,
    condition: &Precondition,
) -> Result<Option<Webhook>, Error> {
    let row = tx.row(&LOCK, &[&id]).await?;
    let found = row.as_ref().map(Webhook::read).transpose()?;
    if let Some(found) = &found {
        condition
            .check(found.version)
            .map_err(|refusal: Refusal| Error::from(refusal))?;
    }
    Ok(found)
}

async fn note(
    tx: &TenantTransaction,
    by: By<'_>,
    action: &str,
    before: Option<&Webhook>,
    after: Option<&Webhook>,
) -> Result<()> {
    let id = before.or(after).map_or(0, |webhook| webhook.id);
    let (before, after) = (before.map(Webhook::told), after.map(Webhook::told));
    settings::note(tx, by, (Setting::Webhook, id, action), before, after).await
}
