//! Visits of the platform's operators in a tenant: for a reason that the tenant's owners can read, and for
//! a time. Without one, a superuser who is no member sees none of its pages; and everything done during one
//! is recorded as such.

use super::audit::{self, NewEvent};
use super::tenants;
use crate::statement::{self, statements};
use crate::{Result, Store};
use jiff::Timestamp;
use serde_json::json;
use sindico_domain::access::{Actor, Support, User};
use sindico_domain::{FieldErrors, Refusal};
use tokio_postgres::Row;

/// How long a visit may last, in minutes.
pub const MINUTES: [i64; 3] = [15, 60, 240];
/// What is said of somebody who did not ask for a visit, not being here.
const NO_MEMBER: &str = "Choose an active member of this tenant.";
/// What is said of a tenant that nobody can enter.
pub const NOT_SERVED: &str = "Nobody can enter this tenant: it is not active, its contract rests, or its place is not ready.";
/// How long a reason may be.
pub const REASON_MAX: usize = 200;

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Id.
    pub id: i64,
    /// The tenant.
    pub company_id: i64,
    /// Who.
    pub username: String,
    /// The member of the tenant who asked for it; empty when the platform comes of its own.
    pub behalf_of: String,
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

    /// What is recorded beside the name of who acts: for whom, and why.
    pub fn support(&self) -> Support {
        Support {
            visit: self.id,
            behalf_of: self.behalf_of.clone(),
            reason: self.reason.clone(),
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT v.id, v.company_id, u.username, v.reason, v.created_at, v.until, v.ended_at,
                v.behalf_of FROM support_visit v JOIN app_user u ON u.id = v.user_id ",
            $rest
        )
    };
}

statements! { "support":
    BEGIN = "INSERT INTO support_visit (company_id, user_id, reason, until, behalf_of)
        VALUES ($1, $2, $3, now() + make_interval(mins => $4), $5) RETURNING id, created_at, until";
    MEMBER = "SELECT u.username FROM company_membership m JOIN app_user u ON u.id = m.user_id
        WHERE m.company_id = $1 AND m.user_id = $2 AND m.is_active AND u.is_active";
    // Another visit takes the place of one that is still open.
    CLOSE = "UPDATE support_visit SET ended_at = now()
        WHERE user_id = $1 AND company_id = $2 AND ended_at IS NULL AND until > now()
        RETURNING id, reason";
    FIND = select!("WHERE v.id = $1");
    OF_COMPANY = select!("WHERE v.company_id = $1 ORDER BY v.id DESC LIMIT $2");
}

/// What somebody asks for who wants to begin a visit.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Why.
    pub reason: &'a str,
    /// For how long: one of [`MINUTES`].
    pub minutes: i64,
    /// The user id of the member who asked for it, if one did.
    pub behalf_of: Option<i64>,
}

/// Begins a visit.
///
/// # Errors
/// Refused: who is no superuser ([`Refusal::Forbidden`]), an empty or long `reason`, other `minutes`,
/// a `behalf_of` who is no active member, a tenant that is not there
/// ([`Refusal::NotFound`]) and one that is not served ([`Refusal::Conflict`]); or the database can't be reached.
pub async fn begin(
    store: &Store,
    actor: &Actor,
    user: &User,
    company_id: i64,
    asked: &Asked<'_>,
) -> Result<Visit> {
    let Asked {
        reason,
        minutes,
        behalf_of,
    } = *asked;
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
    if !tenant.is_served() {
        let detail = NOT_SERVED.to_owned();
        return Err(Refusal::Conflict {
            detail,
            location: None,
        }
        .into());
    }
    let behalf_of: String = match behalf_of {
        None => String::new(),
        Some(id) => match statement::row(&tx, &MEMBER, &[&company_id, &id]).await? {
            Some(row) => row.get(0),
            None => return Err(FieldErrors::one("behalf_of", NO_MEMBER).into()),
        },
    };
    statement::rows(&tx, &CLOSE, &[&user.id, &company_id]).await?;
    let minutes = i32::try_from(minutes).unwrap_or_default();
    let params: statement::Params<'_> = &[&company_id, &user.id, &reason, &minutes, &behalf_of];
    let row = statement::one(&tx, &BEGIN, params).await?;
    let visit = Visit {
        id: row.get(0),
        company_id,
        username: user.username.clone(),
        behalf_of,
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
            "visit_id": visit.id, "behalf_of": visit.behalf_of, "reason": visit.reason,
            "until": visit.until.to_string(),
        })),
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    // The sessions of a visit whose place this one took are over.
    store.memory().forget();
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
    store.memory().forget();
    Ok(true)
}

/// The visit with this id: that of a session.
///
/// # Errors
/// When the database can't be reached.
pub async fn find(store: &Store, id: i64) -> Result<Option<Visit>> {
    let row = statement::row(&store.client().await?, &FIND, &[&id]).await?;
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
        behalf_of: row.get(7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_open_until_its_end() {
        let at = Timestamp::UNIX_EPOCH;
        let visit = Visit {
            id: 1,
            company_id: 7,
            username: "ana".to_owned(),
            behalf_of: "bia".to_owned(),
            reason: "chamado 42".to_owned(),
            created_at: at,
            until: Timestamp::from_second(60).unwrap(),
            ended_at: None,
        };
        assert!(visit.is_open(at));
        assert!(!visit.is_open(visit.until));
        let told = visit.support();
        assert_eq!(
            (told.visit, told.behalf_of.as_str(), told.reason.as_str()),
            (1, "bia", "chamado 42")
        );
        let ended = Visit {
            ended_at: Some(at),
            ..visit
        };
        assert!(!ended.is_open(at));
    }
}
