//! The company's own mail server, and what is sent by e-mail. What is done to the settings is written down in the
//! transaction that does it, without the password.

mod outbox;

pub use outbox::{Claimed, Logged, Outcome, claim, drop_unsendable, forget_old, log, record};

use crate::settings;
use crate::work::By;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::mail::Wish;
use sindico_domain::precondition::Precondition;
use sindico_domain::setting::Setting;
use utoipa::ToSchema;

macro_rules! columns {
    () => {
        "host, port, security, username, secret, from_address, from_name, reply_to, enabled, version, updated_at"
    };
}

sindico_db::statements! { "mail":
    FIND = concat!("SELECT ", columns!(), " FROM mail_settings");
    LOCK = concat!("SELECT ", columns!(), " FROM mail_settings FOR UPDATE");
    INSERT = concat!("INSERT INTO mail_settings
            (host, port, security, username, secret, from_address, from_name, reply_to, enabled)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING ", columns!());
    UPDATE = concat!("UPDATE mail_settings SET host = $1, port = $2, security = $3, username = $4, secret = $5,
            from_address = $6, from_name = $7, reply_to = $8, enabled = $9, version = version + 1, updated_at = now()
        RETURNING ", columns!());
    DELETE = "DELETE FROM mail_settings";
}

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, outbox::STATEMENTS].concat()
}

/// A company's mail server, as its owners see it: never its password.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailSettings {
    /// As somebody wanted them.
    #[serde(flatten)]
    pub wish: Wish,
    /// Whether there is a password.
    pub has_password: bool,
    /// Names it.
    #[serde(skip)]
    pub secret: String,
    /// Their version, as in the `ETag`.
    #[serde(skip)]
    pub version: i64,
    /// When they were changed.
    pub updated_at: Timestamp,
}

impl MailSettings {
    fn read(row: &Row) -> Result<Self> {
        let secret: String = row.get(4);
        Ok(Self {
            wish: Wish {
                host: row.get(0),
                port: u16::try_from(row.get::<_, i64>(1)).unwrap_or_default(),
                security: row.get::<_, &str>(2).parse().map_err(Error::Internal)?,
                username: row.get(3),
                from_address: row.get(5),
                from_name: row.get(6),
                reply_to: row.get(7),
                enabled: row.get(8),
            },
            has_password: !secret.is_empty(),
            secret,
            version: row.get(9),
            updated_at: row.get(10),
        })
    }

    fn told(&self) -> Value {
        let mut told = json!(self.wish);
        told["has_password"] = json!(self.has_password);
        told
    }
}

/// The company's mail server, if it has one.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn find(data: &TenantConnection) -> Result<Option<MailSettings>> {
    let row = data.row(&FIND, &[]).await?;
    row.as_ref().map(MailSettings::read).transpose()
}

/// Sets it, with the password that is kept under this name already; as it is then, and the name of a password that
/// nobody needs any more.
///
/// # Errors
/// `412` over another version.
pub async fn set(
    data: &TenantConnection,
    by: By<'_>,
    condition: &Precondition,
    wish: &Wish,
    secret: Option<&str>,
) -> Result<(MailSettings, Option<String>)> {
    let tx = data.begin().await?;
    let before = lock(&tx, condition).await?;
    let kept = before.as_ref().map_or("", |before| before.secret.as_str());
    let secret = secret.unwrap_or(kept);
    if let Some(before) = before.as_ref().filter(|before| before.wish == *wish)
        && before.secret == secret
    {
        return Ok((before.clone(), None));
    }
    let port = i64::from(wish.port);
    let params: [&(dyn ToSql + Sync); 9] = [
        &wish.host,
        &port,
        &wish.security.as_str(),
        &wish.username,
        &secret,
        &wish.from_address,
        &wish.from_name,
        &wish.reply_to,
        &wish.enabled,
    ];
    let statement = if before.is_some() { &UPDATE } else { &INSERT };
    let Some(row) = tx.row(statement, &params).await? else {
        // Somebody else was first: they are to be seen before they are changed.
        condition.check(0)?;
        return Err(Error::Unavailable(
            "mail settings were set at once".to_owned(),
        ));
    };
    let after = MailSettings::read(&row)?;
    let action = match &before {
        None => "create",
        Some(before) if before.secret != after.secret => "password",
        Some(_) => "update",
    };
    note(&tx, by, action, before.as_ref(), Some(&after)).await?;
    tx.commit().await?;
    let old = before.map(|before| before.secret);
    let unused = old.filter(|old| !old.is_empty() && *old != after.secret);
    Ok((after, unused))
}

/// As it was before somebody edited it last, to be set again; its password, which is not written down, stays.
///
/// # Errors
/// One that was never edited has nothing to be taken back.
pub async fn before_edit(data: &TenantConnection) -> Result<Map<String, Value>> {
    settings::before_edit(data, Setting::Mail, 0).await
}

/// Forgets the company's mail server; as it was, or `None` when there was none.
///
/// # Errors
/// As [`set`].
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    condition: &Precondition,
) -> Result<Option<MailSettings>> {
    let tx = data.begin().await?;
    let Some(before) = lock(&tx, condition).await? else {
        return Ok(None);
    };
    tx.execute(&DELETE, &[]).await?;
    note(&tx, by, "delete", Some(&before), None).await?;
    tx.commit().await?;
    Ok(Some(before))
}

async fn lock(tx: &TenantTransaction, condition: &Precondition) -> Result<Option<MailSettings>> {
    let row = tx.row(&LOCK, &[]).await?;
    let found = row.as_ref().map(MailSettings::read).transpose()?;
    if let Some(found) = &found {
        condition.check(found.version)?;
    }
    Ok(found)
}

async fn note(
    tx: &TenantTransaction,
    by: By<'_>,
    action: &str,
    before: Option<&MailSettings>,
    after: Option<&MailSettings>,
) -> Result<()> {
    let (before, after) = (
        before.map(MailSettings::told),
        after.map(MailSettings::told),
    );
    settings::note(tx, by, (Setting::Mail, 0, action), before, after).await
}
