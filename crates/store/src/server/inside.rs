//! Inside the database of a place: its identity, its schema, and a look from the tenant's side.

use super::{MIGRATOR, ServerError, open, template};
use crate::connect::DatabaseConfig;
use crate::migrate::tenant;
use sindico_domain::mark::Mark;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};
use tokio_util::task::AbortOnDropHandle;

/// A session of the administrator in the database of a place.
pub struct Inside {
    client: Client,
    driver: AbortOnDropHandle<()>,
}

/// What the tenant's role sees and may do, once it has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// What the database says whose it is.
    pub identity: Option<Mark>,
    /// What the role could do and must not; empty when the walls stand.
    pub too_much: Vec<String>,
}

impl Inside {
    pub(super) fn new(client: Client, driver: AbortOnDropHandle<()>) -> Self {
        Self { client, driver }
    }

    /// Signs in to the database of a place as the administrator.
    ///
    /// # Errors
    /// As [`Server::connect`](super::Server::connect).
    pub async fn connect(config: &DatabaseConfig, application: &str) -> Result<Self, ServerError> {
        let (client, driver) = open(config, application).await?;
        Ok(Self::new(client, driver))
    }

    /// What the database says whose it is; `None` when it says nothing.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn identity(&self) -> Result<Option<Mark>, ServerError> {
        identity(&self.client).await
    }

    /// Ends the session, and returns when it is over here.
    pub(super) async fn close(self) {
        drop(self.client);
        let _ = self.driver.await;
    }

    pub(super) async fn batch(&self, sql: &str) -> Result<(), ServerError> {
        Ok(self.client.batch_execute(sql).await?)
    }

    pub(super) async fn prepare_schema(&self) -> Result<(), ServerError> {
        self.batch(&template::schema_sql()).await
    }

    /// Writes whose the database is, unless it says so already.
    ///
    /// # Errors
    /// [`ServerError::Foreign`] when it says that it is another's.
    pub async fn ensure_identity(&self, mark: &Mark) -> Result<(), ServerError> {
        // As the migrator, which owns the table.
        let sql = format!("SET ROLE {MIGRATOR}");
        self.batch(&sql).await?;
        let rows = self
            .client
            .query_typed(
                "INSERT INTO identity AS i (tenant, generation) VALUES ($1, $2)
                 ON CONFLICT (single) DO UPDATE SET generation =
                     CASE WHEN i.tenant = excluded.tenant THEN excluded.generation ELSE i.generation END
                 RETURNING tenant, current_database()::text",
                &[
                    (&mark.tenant(), Type::TEXT),
                    (&mark.generation(), Type::INT8),
                ],
            )
            .await?;
        self.batch("RESET ROLE").await?;
        let row = only(rows)?;
        let found: &str = row.get(0);
        if found == mark.tenant() {
            return Ok(());
        }
        Err(ServerError::Foreign {
            kind: "database",
            name: row.get(1),
            found: format!("says inside that it is of the tenant {found:?}"),
        })
    }

    /// Brings the schema to this program's version; says how many migrations were run.
    ///
    /// # Errors
    /// As [`ServerError::Schema`] says, or PostgreSQL.
    pub async fn migrate(&self, lock_timeout: u32) -> Result<usize, ServerError> {
        tenant::run(&self.client, lock_timeout).await
    }
}

/// Signs in to a place as its role, and looks around.
///
/// # Errors
/// As PostgreSQL has it: `28P01` for a wrong password.
pub async fn sign_in(config: &DatabaseConfig) -> Result<SignedIn, ServerError> {
    let (client, _driver) = open(config, "sindico-check").await?;
    Ok(SignedIn {
        identity: identity(&client).await?,
        too_much: too_much(&client).await?,
    })
}

async fn identity(client: &Client) -> Result<Option<Mark>, ServerError> {
    // The administrator may read it as the migrator, whose table it is.
    let sql = "SELECT tenant, generation FROM identity";
    let row = client.query_typed(sql, &[]).await?.pop();
    Ok(row.and_then(|row| Mark::new(row.get(0), row.get(1))))
}

/// What the role of this session could do to pass the walls. A wall is one permissive policy that
/// asks for the company: PostgreSQL lets a row through that any permissive policy lets through.
pub(crate) async fn too_much(client: &Client) -> Result<Vec<String>, ServerError> {
    let sql = "SELECT array_remove(ARRAY[
            CASE WHEN r.rolsuper THEN 'it is a superuser' END,
            CASE WHEN r.rolbypassrls THEN 'it has BYPASSRLS' END,
            CASE WHEN r.rolcreaterole THEN 'it may make roles' END,
            CASE WHEN r.rolcreatedb THEN 'it may make databases' END,
            CASE WHEN has_schema_privilege('public', 'CREATE') THEN 'it may make tables' END,
            CASE WHEN has_database_privilege(current_database(), 'CREATE') THEN 'it may make schemas' END,
            CASE WHEN EXISTS (SELECT FROM pg_class c WHERE pg_has_role(c.relowner, 'MEMBER'))
                THEN 'it owns tables' END,
            (SELECT 'these tables have no wall: ' || string_agg(c.relname, ', ' ORDER BY c.relname)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
                  AND has_table_privilege(c.oid, CASE WHEN c.relname IN ('identity', 'schema_migration')
                      THEN 'INSERT, UPDATE, DELETE, TRUNCATE' ELSE 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE' END)
                  AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                      AND (SELECT count(*) = 1 AND bool_and(
                              pg_get_expr(p.polqual, c.oid) LIKE '%sindico.company_id%'
                              AND pg_get_expr(p.polwithcheck, c.oid) LIKE '%sindico.company_id%')
                          FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive)))
        ], NULL)
        FROM pg_roles r WHERE r.rolname = current_user";
    Ok(only(client.query_typed(sql, &[]).await?)?.get(0))
}

/// The one row of a question that is asked once in a session: to prepare it first would be another
/// round trip.
fn only(mut rows: Vec<Row>) -> Result<Row, ServerError> {
    rows.pop()
        .ok_or_else(|| ServerError::Wrong("The server gave no answer.".to_owned()))
}
