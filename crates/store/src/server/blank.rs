//! Blank databases: clones of the template, closed and without a mark, waiting to become a tenant's.
//! The catalog alone says how many there are: nothing can be out of step with it.

use super::{Server, ServerError, template};
use crate::migrate::tenant;

/// All blank databases, of whatever schema.
const PREFIX: &str = "sindico_blank_";

/// Those of this program's schema.
fn prefix() -> String {
    format!("{PREFIX}{:04}_{}_", tenant::target(), tenant::digest())
}

impl Server {
    /// Makes a blank database; returns its name.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn make_blank(&self) -> Result<String, ServerError> {
        self.ensure_template().await?;
        let blank = format!("{}{}", prefix(), super::random()?);
        // WAL_LOG has the lower latency: no checkpoint (measured in tenancy.md section 3).
        let sql = format!(
            "CREATE DATABASE {blank} TEMPLATE {} STRATEGY WAL_LOG ALLOW_CONNECTIONS false",
            template::name()
        );
        self.client.batch_execute(&sql).await?;
        Ok(blank)
    }

    /// The blank databases of this program's schema that this administrator may give away, in any
    /// order, so that two who look at once seldom reach for the same.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn blanks(&self) -> Result<Vec<String>, ServerError> {
        let sql = "SELECT datname::text FROM pg_database
            WHERE starts_with(datname, $1) AND datconnlimit <> -2 AND NOT datallowconn
              AND shobj_description(oid, 'pg_database') IS NULL AND pg_has_role(datdba, 'MEMBER')
            ORDER BY random()";
        let rows = self.query(sql, &[&prefix()]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Removes blank databases of older schemas, and templates that nobody needs any more. Those of a
    /// newer schema stay: a newer program runs beside this one. Says how many were removed.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn retire(&self) -> Result<usize, ServerError> {
        let sql = "SELECT datname::text, datistemplate FROM pg_database
            WHERE datname ~ $1 AND substring(datname FROM '_(\\d{4})_')::integer < $2
              AND pg_has_role(datdba, 'MEMBER')
            ORDER BY datistemplate";
        let pattern = format!("^({PREFIX}|{})\\d{{4}}_", template::PREFIX);
        let target = tenant::target();
        let rows = self.query(sql, &[&pattern, &target]).await?;
        for row in &rows {
            let name: &str = row.get(0);
            if row.get(1) {
                let sql = format!("ALTER DATABASE {name} IS_TEMPLATE false");
                self.client.batch_execute(&sql).await?;
            }
            let sql = format!("DROP DATABASE IF EXISTS {name}");
            self.client.batch_execute(&sql).await?;
            tracing::info!(database = name, "removed: it is of an older schema");
        }
        Ok(rows.len())
    }
}
