//! Visits of the platform's operators in a tenant: for a reason that the tenant's owners can read, and for
//! a time. Without one, a superuser who is no member sees none of its pages; and everything done during one
//! is recorded as such.

use super::audit::{self, NewEvent};
use super::tenants;
use crate::statement::{self, statements};
use crate::{Result, Store};
use jiff::Timestamp;
use serde_json::json;
use sindico_domain::access::{Actor, User};
use sindico_domain::{FieldErrors, Refusal};
use tokio_postgres::Row;

/// How long a visit may last, in minutes.
pub const MINUTES: [i64; 3] = [15, 60, 240];
/// How long a reason may be.
pub const REASON_MAX: usize = 200;
/// How much of a reason stands beside the name in a tenant's history.
const NAMED: usize = 60;

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Id.
    pub id: i64,
    /// The tenant.
    pub company_id: i64,
    /// Who.
    pub username: String,
    /// Why.
    pub reason: String,
    /// From when.
    pub created_at: Timestamp,
    /// Until when at the latest.
    pub until: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
}

impl Visit {
    /// Whether it goes on.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.until > now
    }

    /// The name under which changes are recorded: whose they are, and that they are the platform's.
    pub fn signature(&self) -> String {
        let reason = match self.reason.char_indices().nth(NAMED) {
            Some((end, _)) => format!("{}…", &self.reason[..end]),
            None => self.reason.clone(),
        };
        format!("{} (support: {reason})", self.username)
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT v.id, v.company_id, u.username, v.reason, v.created_at, v.until, v.ended_at
            FROM support_visit v JOIN app_user u ON u.id = v.user_id ",
            $rest
        )
    };
}

statements! { "support":
    BEGIN = "INSERT INTO support_visit (company_id, user_id, reason, until)
        VALUES ($1, $2, $3, now() + make_interval(mins => $4)) RETURNING id, created_at, until";
    // Another visit takes the place of one that is still open.
    CLOSE = "UPDATE support_visit SET ended_at = now()
        WHERE user_id = $1 AND company_id = $2 AND ended_at IS NULL AND until > now()
        RETURNING id, reason";
    OPEN = select!("WHERE v.user_id = $1 AND v.company_id = $2 AND v.ended_at IS NULL AND v.until > now()
        ORDER BY v.id DESC LIMIT 1");
    OF_COMPANY = select!("WHERE v.company_id = $1 ORDER BY v.id DESC LIMIT $2");
}

/// Begins a visit, for so many [`MINUTES`].
///
/// # Errors
/// Refused: who is no superuser ([`Refusal::Forbidden`]), an empty or long `reason`, other `minutes`, and a
/// tenant that is not there ([`Refusal::NotFound`]); or the database can't be reached.
pub async fn begin(
    store: &Store,
    actor: &Actor,
    user: &User,
    company_id: i64,
    reason: &str,
    minutes: i64,
) -> Result<Visit> {
    if !user.is_superuser {
        return Err(Refusal::Forbidden("Only superusers enter tenants.".to_owned()).into());
    }
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut errors = FieldErrors::new();
    if reason.is_empty() {
        errors.add("reason", "This field may not be blank.");
    }
    if reason.chars().count() > REASON_MAX {
        errors.add("reason", format!("Use at most {REASON_MAX} characters."));
    }
    if reason.contains(char::is_control) {
        errors.add("reason", "Null characters are not allowed.");
    }
    if !MINUTES.contains(&minutes) {
        errors.add("minutes", "Choose one of the times.");
    }
    errors.check(())?;
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let tenant = tenants::lock(&tx, company_id)
        .await?
        .ok_or(Refusal::NotFound)?;
    statement::rows(&tx, &CLOSE, &[&user.id, &company_id]).await?;
    let minutes = i32::try_from(minutes).unwrap_or_default();
    let row = statement::one(&tx, &BEGIN, &[&company_id, &user.id, &reason, &minutes]).await?;
    let visit = Visit {
        id: row.get(0),
        company_id,
        username: user.username.clone(),
        reason,
        created_at: row.get(1),
        until: row.get(2),
        ended_at: None,
    };
    let event = NewEvent {
        action: "support.begin",
        company_id: Some(company_id),
        subject: format!("tenant {}", tenant.tenant_code),
        before: None,
        after: Some(json!({
            "visit_id": visit.id, "reason": visit.reason, "until": visit.until.to_string(),
        })),
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    Ok(visit)
}

/// Ends a user's visit in this tenant; whether there was one.
///
/// # Errors
/// When the database can't be reached.
pub async fn end(
    store: &Store,
    actor: &Actor,
    user_id: i64,
    (company_id, code): (i64, &str),
) -> Result<bool> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(row) = statement::row(&tx, &CLOSE, &[&user_id, &company_id]).await? else {
        return Ok(false);
    };
    let event = NewEvent {
        action: "support.end",
        company_id: Some(company_id),
        subject: format!("tenant {code}"),
        before: Some(json!({ "visit_id": row.get::<_, i64>(0), "reason": row.get::<_, &str>(1) })),
        after: None,
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    Ok(true)
}

/// The visit of a user in a tenant that goes on right now. It is asked for anew by each request, so that
/// an end counts at once.
///
/// # Errors
/// When the database can't be reached.
pub async fn open(store: &Store, user_id: i64, company_id: i64) -> Result<Option<Visit>> {
    let client = store.client().await?;
    let row = statement::row(&client, &OPEN, &[&user_id, &company_id]).await?;
    Ok(row.as_ref().map(read))
}

/// The latest visits in a tenant, newest first.
///
/// # Errors
/// When the database can't be reached.
pub async fn of_company(store: &Store, company_id: i64, limit: i64) -> Result<Vec<Visit>> {
    let client = store.client().await?;
    let rows = statement::rows(&client, &OF_COMPANY, &[&company_id, &limit]).await?;
    Ok(rows.iter().map(read).collect())
}

fn read(row: &Row) -> Visit {
    Visit {
        id: row.get(0),
        company_id: row.get(1),
        username: row.get(2),
        reason: row.get(3),
        created_at: row.get(4),
        until: row.get(5),
        ended_at: row.get(6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_stand_in_the_history() {
        let at = Timestamp::UNIX_EPOCH;
        let mut visit = Visit {
            id: 1,
            company_id: 7,
            username: "ana".to_owned(),
            reason: "chamado 42".to_owned(),
            created_at: at,
            until: at,
            ended_at: None,
        };
        assert_eq!(visit.signature(), "ana (support: chamado 42)");
        visit.reason = "é".repeat(REASON_MAX);
        assert_eq!(
            visit.signature(),
            format!("ana (support: {}…)", "é".repeat(NAMED))
        );
        assert!(!visit.is_open(at));
    }
}
