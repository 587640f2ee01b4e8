//! What may be done to a server that holds tenants' places: roles, databases, templates. Each
//! function looks before it acts, so that running it twice is harmless, and touches nothing that
//! does not carry our mark.
//!
//! All of it works for an administrator with `CREATEROLE` and `CREATEDB` and without superuser
//! rights, as Cloud SQL gives one (tenancy.md section 2). DDL takes no parameters: names are
//! [`Identifier`]s, from a strict allow-list, and texts go through [`literal`].

mod blank;
mod database;
mod error;
mod inside;
mod lock;
mod role;
mod template;

pub use database::{Found, Limits};
pub use error::ServerError;
pub(crate) use inside::too_much;
pub use inside::{Inside, SignedIn, sign_in};
pub use lock::LockKey;

use crate::connect::DatabaseConfig;
use sindico_db::{ClientWrapper, Params};
use sindico_domain::names::Identifier;
use tokio_postgres::{Client, Row};
use tokio_util::task::AbortOnDropHandle;

/// Owns the tables of every place; nobody can sign in as it.
pub(crate) const MIGRATOR: &str = "sindico_migrator";
/// May read and write the rows of every table, as far as the walls allow; tenants' roles are its
/// members.
pub(crate) const GROUP: &str = "sindico_tenant";

/// A session of the administrator on a server.
pub struct Server {
    config: DatabaseConfig,
    /// Its driver ends with this value, and with it the session and its locks.
    client: ClientWrapper,
}

/// What an administrator can do, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// `server_version_num`: 150004.
    pub version: i32,
    /// Its name.
    pub user: String,
    /// Whether it passes every check of the server.
    pub superuser: bool,
    /// Whether it may make roles.
    pub create_role: bool,
    /// Whether it may make databases.
    pub create_db: bool,
}

impl Capabilities {
    /// Whether it can make a tenant's role and database.
    pub fn suffice(&self) -> bool {
        self.superuser || (self.create_role && self.create_db)
    }
}

impl Server {
    /// Signs in as the administrator.
    ///
    /// # Errors
    /// [`ServerError::Unreachable`] or the server's refusal; neither repeats the password.
    pub async fn connect(config: &DatabaseConfig, application: &str) -> Result<Self, ServerError> {
        let (client, driver) = open(config, application).await?;
        Ok(Self {
            config: config.clone(),
            client: ClientWrapper::new(client, driver.detach()),
        })
    }

    /// Whether the session is known to have ended.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The same server, in another database.
    ///
    /// # Errors
    /// As [`Server::connect`].
    pub async fn connect_to(&self, database: &Identifier) -> Result<Inside, ServerError> {
        let config = self.config.with_dbname(database.as_str());
        let (client, driver) = open(&config, "sindico-setup").await?;
        Ok(Inside::new(client, driver))
    }

    /// Looks what the administrator can do.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn capabilities(&self) -> Result<Capabilities, ServerError> {
        let sql = "SELECT current_setting('server_version_num')::integer, rolname::text, rolsuper,
                rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user";
        let row = self.query_one(sql, &[]).await?;
        Ok(Capabilities {
            version: row.get(0),
            user: row.get(1),
            superuser: row.get(2),
            create_role: row.get(3),
            create_db: row.get(4),
        })
    }
}

/// The same questions are asked of each place: a session prepares each of them once.
impl Server {
    async fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, ServerError> {
        let prepared = self.client.prepare_cached(sql).await?;
        Ok(self.client.query(&prepared, params).await?)
    }

    async fn query_opt(&self, sql: &str, params: Params<'_>) -> Result<Option<Row>, ServerError> {
        let prepared = self.client.prepare_cached(sql).await?;
        Ok(self.client.query_opt(&prepared, params).await?)
    }

    async fn query_one(&self, sql: &str, params: Params<'_>) -> Result<Row, ServerError> {
        let prepared = self.client.prepare_cached(sql).await?;
        Ok(self.client.query_one(&prepared, params).await?)
    }
}

async fn open(
    config: &DatabaseConfig,
    application: &str,
) -> Result<(Client, AbortOnDropHandle<()>), ServerError> {
    let (client, connection) = config
        .connect(application)
        .await
        .map_err(ServerError::connecting)?;
    let driver = tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok((client, AbortOnDropHandle::new(driver)))
}

/// The end of a name that nothing else has.
fn random() -> Result<String, ServerError> {
    let mut bytes = [0u8; 6];
    getrandom::fill(&mut bytes)
        .map_err(|error| ServerError::Wrong(format!("No randomness: {error}.")))?;
    Ok(hex::encode(bytes))
}

/// A name, quoted. The allow-list of [`Identifier`] has no quotation mark.
pub(crate) fn quoted(name: &Identifier) -> String {
    format!("\"{name}\"")
}

/// A text, quoted: for comments and for SCRAM verifiers. With `standard_conforming_strings`, which is
/// on since PostgreSQL 9.1, only the quotation mark itself has a meaning.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn literals_end_where_they_should() {
        assert_eq!(literal("a'b"), "'a''b'");
        assert_eq!(literal(r"a\'; DROP"), r"'a\''; DROP'");
    }

    proptest! {
        /// Whatever is accepted as a name stays within its quotation marks.
        #[test]
        fn names_stay_within_their_quotation_marks(text in "\\PC{0,70}") {
            if let Ok(name) = text.parse::<Identifier>() {
                let quoted = quoted(&name);
                prop_assert_eq!(quoted.matches('"').count(), 2);
                prop_assert!(quoted.starts_with('"') && quoted.ends_with('"') && quoted.len() <= 65);
            }
        }
    }
}
