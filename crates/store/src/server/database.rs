//! The database of a place: found by its mark, or made of a blank one.

use super::role::foreign;
use super::{Server, ServerError, literal, quoted};
use sindico_domain::mark::Mark;
use sindico_domain::names::Identifier;

/// The database of a place, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its mark.
    pub mark: Mark,
    /// Whether it takes connections.
    pub open: bool,
}

/// Limits of a place, which PostgreSQL holds for every session there.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most connections to the database.
    pub connections: u32,
    /// How long a statement may take, in milliseconds.
    pub statement_timeout: u32,
    /// How long a transaction may stand idle, in milliseconds.
    pub idle_in_transaction_timeout: u32,
}

impl Server {
    /// The database of this name; an error when it is not of this place.
    ///
    /// # Errors
    /// [`ServerError::Foreign`]; or [`ServerError::Wrong`] for one whose removal was interrupted,
    /// which PostgreSQL refuses to use ever again.
    pub async fn find_database(
        &self,
        database: &Identifier,
        mark: &Mark,
    ) -> Result<Option<Found>, ServerError> {
        let sql = "SELECT shobj_description(oid, 'pg_database'), datallowconn, datconnlimit
            FROM pg_database WHERE datname = $1";
        let Some(row) = self.query_opt(sql, &[&database.as_str()]).await? else {
            return Ok(None);
        };
        let comment: Option<String> = row.get(0);
        match comment.as_deref().map(str::parse::<Mark>) {
            Some(Ok(_)) if row.get::<_, i32>(2) == -2 => Err(ServerError::Wrong(format!(
                "The removal of the database {database} was interrupted; it can only be removed: DROP DATABASE \"{database}\"."
            ))),
            Some(Ok(found)) if found.is_of_same_tenant(mark) => Ok(Some(Found {
                mark: found,
                open: row.get(1),
            })),
            _ => Err(foreign("database", database.as_str(), comment.as_deref())),
        }
    }

    /// Gives a blank database the name and the mark of a place, in one transaction: there is no
    /// moment in which it has one without the other. False when somebody else took that blank one.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn claim(
        &self,
        blank: &str,
        database: &Identifier,
        mark: &Mark,
    ) -> Result<bool, ServerError> {
        let sql = format!(
            "COMMENT ON DATABASE \"{blank}\" IS {}; ALTER DATABASE \"{blank}\" RENAME TO {}",
            literal(&mark.to_string()),
            quoted(database),
        );
        match self
            .client
            .batch_execute(&sql)
            .await
            .map_err(ServerError::from)
        {
            Ok(()) => Ok(true),
            Err(error) if error.is(&["3D000"]) => Ok(false),
            Err(error) if error.to_string().contains("tuple concurrently") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Brings the mark of the place's own database up to date, when it is of an older generation.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn remark(&self, database: &Identifier, mark: &Mark) -> Result<(), ServerError> {
        let sql = format!(
            "COMMENT ON DATABASE {} IS {}",
            quoted(database),
            literal(&mark.to_string())
        );
        Ok(self.client.batch_execute(&sql).await?)
    }

    /// Shuts everybody out but the administrator and the place's role. A database fresh from its
    /// template would admit everybody.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn restrict(
        &self,
        database: &Identifier,
        role: &Identifier,
    ) -> Result<(), ServerError> {
        self.soon(&restriction(database, role)).await
    }

    /// Sets the limits.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn limit(&self, database: &Identifier, limits: Limits) -> Result<(), ServerError> {
        self.soon(&limitation(database, limits)).await
    }

    /// Lets connections in, in one transaction with all that must be so before: there is no moment in
    /// which the database is open and not restricted, whatever a crash has undone.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn admit(
        &self,
        database: &Identifier,
        role: &Identifier,
        limits: Limits,
    ) -> Result<(), ServerError> {
        let sql = format!(
            "{}; {}; ALTER DATABASE {} ALLOW_CONNECTIONS true",
            restriction(database, role),
            limitation(database, limits),
            quoted(database)
        );
        Ok(self.client.batch_execute(&sql).await?)
    }

    /// Runs what [`Server::admit`] does again, so that it need not wait for the disk.
    async fn soon(&self, sql: &str) -> Result<(), ServerError> {
        let sql = format!("SET LOCAL synchronous_commit = off; {sql}");
        Ok(self.client.batch_execute(&sql).await?)
    }
}

fn restriction(database: &Identifier, role: &Identifier) -> String {
    let (database, role) = (quoted(database), quoted(role));
    format!(
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC; GRANT CONNECT ON DATABASE {database} TO {role}"
    )
}

/// No parallel queries either: many tenants share the server's cores, and two more processes for a count of
/// one of them make it a little faster and three times as dear.
fn limitation(database: &Identifier, limits: Limits) -> String {
    let name = quoted(database);
    format!(
        "ALTER DATABASE {name} CONNECTION LIMIT {};
         ALTER DATABASE {name} SET statement_timeout = {};
         ALTER DATABASE {name} SET idle_in_transaction_session_timeout = {};
         ALTER DATABASE {name} SET max_parallel_workers_per_gather = 0",
        limits.connections, limits.statement_timeout, limits.idle_in_transaction_timeout,
    )
}
