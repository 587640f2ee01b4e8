//! The connection to one tenant's data, the same for both isolation models.
//!
//! In a database of the tenant's own the session belongs to the tenant, from its start. In the
//! shared schema each transaction says whose it is (`SET LOCAL`, never `SET`: a setting that stays
//! on a pooled connection would be the next tenant's), a read says it in its one statement, and
//! row-level security does the rest. Either way a read takes one round trip.
//!
//! Whoever gets a connection says whose eyes it reads with ([`Sight`]), and the database hides what those do not
//! see, from every statement (docs/adr/0022-sight.md). Only what is written is not looked at in this way: a record
//! may be given to somebody beyond ([`TenantTransaction::write`]). Of whom fields are kept, reads find views in the place
//! of the tables (docs/adr/0030-veil.md).

use crate::eyes::{UNVEILED, VEILED, kept_from, seen_by, under};
use crate::statement::{Params, count_on_tenant};
use crate::{Error, Result, Statement, naming_its_tenant};
use deadpool_postgres::ClientWrapper;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join3, try_join_all};
use sindico_domain::access::sight::Sight;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement as Prepared};

/// How long a server may take to answer one message. Longer than any `statement_timeout` of a place:
/// what comes to it is no slow statement but a server that hangs.
pub const ANSWER: Duration = Duration::from_secs(12);

/// How many prepared statements a connection keeps. Filters can be put together in more ways than a
/// server should remember.
const PREPARED: usize = 300;

/// How the tenant's rows are kept apart on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The session is the tenant's; it was opened with its `sindico.company_id`.
    Session,
    /// Each transaction names the tenant, and each read that needs none.
    Transaction,
}

/// A physical connection that was handed out; it goes back when this is dropped.
pub trait Held: Send + Sync {
    /// The connection.
    fn client(&self) -> &ClientWrapper;

    /// It did not answer within the deadline: nobody may use it any more.
    fn hung(&self);
}

/// Where a tenant's physical connections come from.
pub trait Connections: Send + Sync {
    /// Hands one out, or says why there is none: within a deadline, never later.
    fn acquire(&self) -> BoxFuture<'_, Result<Box<dyn Held>>>;
}

/// The way to one tenant's data and to no other. It takes a physical connection for as long as a
/// statement or a transaction lasts.
#[derive(Clone)]
pub struct TenantConnection {
    company_id: i64,
    scope: Scope,
    sight: Sight,
    reader: String,
    veil: String,
    connections: Arc<dyn Connections>,
}

impl TenantConnection {
    /// For those who own connections; the CRM is given one.
    pub fn new(
        company_id: i64,
        scope: Scope,
        sight: Sight,
        connections: Arc<dyn Connections>,
    ) -> Self {
        Self {
            company_id,
            scope,
            reader: sight.setting(),
            veil: sight.veil().setting(),
            sight,
            connections,
        }
    }

    /// Whose eyes it reads with.
    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    /// Whose data these are.
    pub fn company_id(&self) -> i64 {
        self.company_id
    }

    /// All rows of a statement that only reads, in one round trip.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the tenant's place can't be reached in time.
    pub async fn rows(&self, statement: &Statement, params: Params<'_>) -> Result<Vec<Row>> {
        let mut all = self.read(&[(statement, params)]).await?;
        Ok(all.pop().unwrap_or_default())
    }

    /// The one row of a statement that only reads, if it is there.
    ///
    /// # Errors
    /// As [`TenantConnection::rows`].
    pub async fn row(&self, statement: &Statement, params: Params<'_>) -> Result<Option<Row>> {
        Ok(self.rows(statement, params).await?.pop())
    }

    /// The rows of several statements that only read, in one round trip together.
    ///
    /// # Errors
    /// As [`TenantConnection::rows`].
    pub async fn read(&self, reads: &[(&Statement, Params<'_>)]) -> Result<Vec<Vec<Row>>> {
        let reads: Vec<(&str, Params<'_>)> = reads.iter().map(|(s, p)| (s.sql, *p)).collect();
        self.read_sql(&reads).await
    }

    /// The same for texts that are put together of this program's own pieces, as lists with filters
    /// are: values go into the parameters, never into the text.
    ///
    /// # Errors
    /// As [`TenantConnection::rows`].
    pub async fn read_sql(&self, reads: &[(&str, Params<'_>)]) -> Result<Vec<Vec<Row>>> {
        if !self.veil.is_empty() {
            return self.read_veiled(reads).await;
        }
        // A read may be repeated: once, on another connection, when this one turns out to be dead
        // or to know the tables as they were before a migration.
        for _ in 0..2 {
            let held = self.connections.acquire().await?;
            match within(&*held, self.read_on(held.client(), reads)).await? {
                Ok(rows) => return Ok(rows),
                Err(error) if held.client().is_closed() || error.is_closed() => {}
                Err(error) if is_stale_plan(&error) => held.client().statement_cache.clear(),
                Err(error) => return Err(error.into()),
            }
        }
        let held = self.connections.acquire().await?;
        Ok(within(&*held, self.read_on(held.client(), reads)).await??)
    }

    /// The same where fields are kept from who reads: names lead to other things then, which one statement can't say of
    /// itself.
    async fn read_veiled(&self, reads: &[(&str, Params<'_>)]) -> Result<Vec<Vec<Row>>> {
        let tx = self.begin().await?;
        let mut answers = Vec::with_capacity(reads.len());
        for (sql, params) in reads {
            answers.push(tx.rows_sql(sql, params).await?);
        }
        tx.commit().await?;
        Ok(answers)
    }

    async fn read_on(
        &self,
        client: &ClientWrapper,
        reads: &[(&str, Params<'_>)],
    ) -> Result<Vec<Vec<Row>>, tokio_postgres::Error> {
        if client.statement_cache.size() > PREPARED {
            client.statement_cache.clear();
        }
        match self.scope {
            Scope::Session if self.reader.is_empty() => read_all(client, reads).await,
            Scope::Session | Scope::Transaction => {
                let named: Vec<(String, Vec<&(dyn ToSql + Sync)>)> = reads
                    .iter()
                    .map(|(sql, params)| {
                        let mut params = params.to_vec();
                        let sql = naming_its_tenant(sql, params.len());
                        params.push(&self.company_id);
                        params.push(&self.reader);
                        (sql, params)
                    })
                    .collect();
                let reads: Vec<(&str, Params<'_>)> = named
                    .iter()
                    .map(|(sql, params)| (sql.as_str(), params.as_slice()))
                    .collect();
                read_all(client, &reads).await
            }
        }
    }

    /// Begins a transaction, in which the tenant's rows can be changed.
    ///
    /// # Errors
    /// As [`TenantConnection::rows`].
    pub async fn begin(&self) -> Result<TenantTransaction> {
        let sql = self.begin_sql();
        let mut second = false;
        loop {
            let held = self.connections.acquire().await?;
            // Made before the message is sent: whoever drops this takes the transaction back.
            let transaction = TenantTransaction {
                held,
                open: true,
                sight: self.sight.clone(),
                reader: self.reader.clone(),
                veil: self.veil.clone(),
            };
            let begun = transaction.held.client().batch_execute(&sql);
            match within(&*transaction.held, begun).await? {
                Ok(()) => return Ok(transaction),
                // Nothing was done yet.
                Err(error) if error.is_closed() && !second => second = true,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn begin_sql(&self) -> String {
        let mut sql = match self.scope {
            Scope::Session => "BEGIN".to_owned(),
            Scope::Transaction => {
                // A number: there is nothing to quote.
                format!(
                    "BEGIN; SET LOCAL sindico.company_id = '{}'",
                    self.company_id
                )
            }
        };
        if !self.reader.is_empty() {
            sql.push_str("; ");
            sql.push_str(&seen_by(&self.reader));
        }
        if !self.veil.is_empty() {
            sql.push_str("; ");
            sql.push_str(&kept_from(&self.veil, self.sight.reader()));
        }
        sql
    }
}

/// The answers to these statements, which are all sent before any is waited for.
async fn read_all(
    client: &ClientWrapper,
    reads: &[(&str, Params<'_>)],
) -> Result<Vec<Vec<Row>>, tokio_postgres::Error> {
    if let [(sql, params)] = reads {
        count_on_tenant();
        let prepared = client.prepare_cached(sql).await?;
        return Ok(vec![client.query(&prepared, params).await?]);
    }
    let mut prepared: Vec<(Prepared, Params<'_>)> = Vec::with_capacity(reads.len());
    for (sql, params) in reads {
        count_on_tenant();
        prepared.push((client.prepare_cached(sql).await?, params));
    }
    let queries = prepared
        .iter()
        .map(|(sql, params)| client.query(sql, params));
    try_join_all(queries).await
}

/// A transaction on one tenant's data; taken back unless it is committed.
pub struct TenantTransaction {
    held: Box<dyn Held>,
    open: bool,
    sight: Sight,
    reader: String,
    veil: String,
}

impl TenantTransaction {
    /// Whose eyes it reads with.
    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    /// All rows of a statement that writes what was found before. What it writes may be beyond what its reader
    /// sees: a record that they give to somebody else, or what else refers to one that they merge.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn write(&self, statement: &Statement, params: Params<'_>) -> Result<Vec<Row>> {
        self.write_sql(statement.sql, params).await
    }

    /// The one row that such a statement must answer with.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn write_one(&self, statement: &Statement, params: Params<'_>) -> Result<Row> {
        let mut rows = self.write(statement, params).await?;
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(row),
            _ => Err(Error::Internal(format!("{}: not one row", statement.name))),
        }
    }

    /// The same as [`TenantTransaction::write`] for a text that is put together of this program's own pieces.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn write_sql(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        count_on_tenant();
        let client = self.held.client();
        self.unveil().await?;
        let prepared = within(&*self.held, client.prepare_cached(sql)).await??;
        let written = client.query(&prepared, params);
        Ok(within(&*self.held, self.beyond(written)).await??)
    }

    /// Has names lead to the tables for the write that follows, which ends it ([`TenantTransaction::beyond`]).
    async fn unveil(&self) -> Result<()> {
        if self.veil.is_empty() {
            return Ok(());
        }
        let unveiled = self.held.client().batch_execute(UNVEILED);
        Ok(within(&*self.held, unveiled).await??)
    }

    /// All rows of a statement that finds what is to be written, as it is: those in sight, with every field. What is told
    /// of them goes through [`sindico_domain::access::fields::Veil::over`].
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn found(&self, statement: &Statement, params: Params<'_>) -> Result<Vec<Row>> {
        if self.veil.is_empty() {
            return self.rows(statement, params).await;
        }
        count_on_tenant();
        let client = self.held.client();
        self.unveil().await?;
        let prepared = within(&*self.held, client.prepare_cached(statement.sql)).await??;
        let answer = client.query(&prepared, params);
        let rows = within(&*self.held, answer).await??;
        within(&*self.held, client.batch_execute(VEILED)).await??;
        Ok(rows)
    }

    /// Runs this with everything in sight, all in one round trip; what comes after it sees what the reader does.
    async fn beyond<T>(
        &self,
        written: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, tokio_postgres::Error> {
        if self.reader.is_empty() && self.veil.is_empty() {
            return written.await;
        }
        let client = self.held.client();
        let (before, mut after) = (seen_by(""), seen_by(&self.reader));
        if !self.veil.is_empty() {
            after = format!("{after}; {VEILED}");
        }
        // Sent in this order. One that fails takes the transaction with it, and the setting.
        let (before, written, after) = join3(
            client.batch_execute(&before),
            written,
            client.batch_execute(&after),
        )
        .await;
        before?;
        let written = written?;
        after?;
        Ok(written)
    }

    /// All rows.
    ///
    /// # Errors
    /// As PostgreSQL or the connection has them; a known constraint is refused on its field.
    pub async fn rows(&self, statement: &Statement, params: Params<'_>) -> Result<Vec<Row>> {
        let prepared = self.prepared(statement.sql).await?;
        let answer = self.held.client().query(&prepared, params);
        Ok(within(&*self.held, answer).await??)
    }

    /// All rows of a text that is put together of this program's own pieces: values go into the
    /// parameters, never into the text.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn rows_sql(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        let prepared = self.prepared(sql).await?;
        let answer = self.held.client().query(&prepared, params);
        Ok(within(&*self.held, answer).await??)
    }

    /// The one row, if it is there.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn row(&self, statement: &Statement, params: Params<'_>) -> Result<Option<Row>> {
        let prepared = self.prepared(statement.sql).await?;
        let answer = self.held.client().query_opt(&prepared, params);
        Ok(within(&*self.held, answer).await??)
    }

    /// The one row that must be there.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn one(&self, statement: &Statement, params: Params<'_>) -> Result<Row> {
        let prepared = self.prepared(statement.sql).await?;
        let answer = self.held.client().query_one(&prepared, params);
        Ok(within(&*self.held, answer).await??)
    }

    /// How many rows a statement that writes touched, in sight or not, as with [`TenantTransaction::write`].
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn execute(&self, statement: &Statement, params: Params<'_>) -> Result<u64> {
        count_on_tenant();
        self.unveil().await?;
        let prepared = self.held.client().prepare_cached(statement.sql);
        let prepared = within(&*self.held, prepared).await??;
        let written = self.held.client().execute(&prepared, params);
        Ok(within(&*self.held, self.beyond(written)).await??)
    }

    /// Begins to read the rows of this text in pieces ([`TenantTransaction::fetch`]), all as they are now.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn declare(&self, sql: &str, params: Params<'_>) -> Result<()> {
        count_on_tenant();
        let sql = format!("DECLARE pieces NO SCROLL CURSOR FOR {sql}");
        let client = self.held.client();
        let prepared = within(&*self.held, client.prepare(&sql)).await??;
        within(&*self.held, client.execute(&prepared, params)).await??;
        Ok(())
    }

    /// The next so many of the rows; fewer at their end.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn fetch(&self, most: u32) -> Result<Vec<Row>> {
        count_on_tenant();
        let sql = format!("FETCH FORWARD {most} FROM pieces");
        Ok(within(&*self.held, self.held.client().query(&sql, &[])).await??)
    }

    async fn prepared(&self, sql: &str) -> Result<Prepared> {
        count_on_tenant();
        let veiled = under(&self.veil, sql);
        let prepared = self
            .held
            .client()
            .prepare_cached(veiled.as_deref().unwrap_or(sql));
        Ok(within(&*self.held, prepared).await??)
    }

    /// Makes it last.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`]. When the connection is lost meanwhile, nobody knows whether
    /// it lasts.
    pub async fn commit(mut self) -> Result<()> {
        self.open = false;
        let answer = self.held.client().batch_execute("COMMIT");
        Ok(within(&*self.held, answer).await??)
    }
}

impl Drop for TenantTransaction {
    fn drop(&mut self) {
        if self.open {
            // Sends the message, and does not wait: what is sent after it is done after it.
            let _ = self.held.client().batch_execute("ROLLBACK").now_or_never();
        }
    }
}

/// Waits for an answer, for as long as a server that works may take.
async fn within<T>(held: &dyn Held, answer: impl Future<Output = T>) -> Result<T> {
    match timeout(ANSWER, answer).await {
        Ok(answer) => Ok(answer),
        Err(_) => {
            held.hung();
            Err(Error::Unavailable(
                "a tenant's server does not answer".to_owned(),
            ))
        }
    }
}

/// Whether the answer's shape changed under a prepared statement (a migration went by).
fn is_stale_plan(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|error| {
        error.code() == &tokio_postgres::error::SqlState::FEATURE_NOT_SUPPORTED
            && error.message().contains("cached plan")
    })
}
