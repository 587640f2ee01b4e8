//! The template: an immutable database with all tenant migrations, of which places are cloned. Its
//! name is the digest of the migrations, so a new schema is a new template, built beside the old one.

use super::{GROUP, LockKey, MIGRATOR, Server, ServerError};
use crate::migrate::tenant;
use sindico_domain::names::Identifier;
use std::time::Duration;

/// All templates.
pub(super) const PREFIX: &str = "sindico_template_";
/// Templates that are being built.
const BUILDING: &str = "sindico_building_";

/// The template of this program's schema.
pub(super) fn name() -> String {
    format!("{PREFIX}{:04}_{}", tenant::target(), tenant::digest())
}

impl Server {
    /// Sees to it that the template of this program's schema is there. Of several programs one
    /// builds it and the others wait.
    ///
    /// # Errors
    /// As PostgreSQL has it; [`ServerError::Busy`] when a builder takes more than a minute.
    pub async fn ensure_template(&self) -> Result<(), ServerError> {
        if self.has_template().await? {
            return Ok(());
        }
        let key = LockKey::of_templates();
        self.lock(key, Duration::from_secs(60), true).await?;
        let outcome = if self.has_template().await? {
            Ok(())
        } else {
            self.build_template().await
        };
        let unlocked = self.unlock(key).await;
        outcome.and(unlocked)
    }

    async fn has_template(&self) -> Result<bool, ServerError> {
        // It got its name when it was done; a name is all there is to check.
        let sql = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)";
        Ok(self.query_one(sql, &[&name()]).await?.get(0))
    }

    /// Builds under another name, and renames when it is done: a template that has its name is whole.
    async fn build_template(&self) -> Result<(), ServerError> {
        // Whoever built these is no more: this session has the lock.
        let sql = "SELECT datname::text FROM pg_database
            WHERE starts_with(datname, $1) AND pg_has_role(datdba, 'MEMBER')";
        for row in self.query(sql, &[&BUILDING]).await? {
            let sql = format!("DROP DATABASE {} (FORCE)", row.get::<_, &str>(0));
            self.client.batch_execute(&sql).await?;
        }
        self.ensure_groups().await?;
        let building: Identifier = format!("{BUILDING}{}", super::random()?)
            .parse()
            .map_err(ServerError::Wrong)?;
        // Of template0, which nobody has changed, with a locale that no operating system's update
        // changes; names are sorted by ICU where people read them.
        let sql =
            format!("CREATE DATABASE {building} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
        self.client.batch_execute(&sql).await?;
        // Before anything is in it, and before anybody else could be.
        let sql = format!("REVOKE ALL ON DATABASE {building} FROM PUBLIC");
        self.client.batch_execute(&sql).await?;
        let inside = self.connect_to(&building).await?;
        inside.prepare_schema().await?;
        inside.migrate(60_000).await?;
        // Frozen rows are not written again in each clone.
        inside.batch("VACUUM (FREEZE)").await?;
        inside.close().await;
        let sql = format!(
            "ALTER DATABASE {building} RENAME TO {name}; ALTER DATABASE {name} ALLOW_CONNECTIONS false IS_TEMPLATE true",
            name = name()
        );
        self.client.batch_execute(&sql).await?;
        tracing::info!(
            template = name(),
            "built the template of tenants' databases"
        );
        Ok(())
    }
}

/// What the schema `public` of a place allows: the migrator makes tables, the group uses them.
pub(super) fn schema_sql() -> String {
    format!(
        "REVOKE ALL ON SCHEMA public FROM PUBLIC;
         GRANT USAGE, CREATE ON SCHEMA public TO {MIGRATOR};
         GRANT USAGE ON SCHEMA public TO {GROUP}"
    )
}
