//! A transaction on one tenant's data.

use crate::eyes::{UNVEILED, VEILED, seen_by, under, writes};
use crate::statement::{Params, count_on_tenant};
use crate::tenant::{Held, is_stale_plan, within};
use crate::{Error, Result, Statement};
use futures_util::FutureExt;
use futures_util::future::join3;
use sindico_domain::access::sight::Sight;
use tokio_postgres::{Row, Statement as Prepared};

/// A transaction on one tenant's data; taken back unless it is committed.
pub struct TenantTransaction {
    pub(crate) held: Box<dyn Held>,
    pub(crate) open: bool,
    pub(crate) sight: Sight,
    pub(crate) reader: String,
    pub(crate) veil: String,
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
        let prepared = self.answer(client.prepare_cached(sql)).await?;
        let written = client.query(&prepared, params);
        self.answer(self.beyond(written)).await
    }

    /// Has names lead to the tables for the write that follows, which ends it ([`TenantTransaction::beyond`]).
    async fn unveil(&self) -> Result<()> {
        if self.veil.is_empty() {
            return Ok(());
        }
        let unveiled = self.held.client().batch_execute(UNVEILED);
        self.answer(unveiled).await
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
        self.on_tables(statement.sql, params).await
    }

    /// All rows of a text whose names lead to the tables, whatever is kept from its reader.
    async fn on_tables(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        count_on_tenant();
        let client = self.held.client();
        self.unveil().await?;
        let prepared = self.answer(client.prepare_cached(sql)).await?;
        let rows = self.answer(client.query(&prepared, params)).await?;
        self.answer(client.batch_execute(VEILED)).await?;
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

    /// All rows: what is read, as its reader sees it; what is written, of the tables, where it is in sight.
    ///
    /// # Errors
    /// As PostgreSQL or the connection has them; a known constraint is refused on its field.
    pub async fn rows(&self, statement: &Statement, params: Params<'_>) -> Result<Vec<Row>> {
        self.rows_sql(statement.sql, params).await
    }

    /// All rows of a text that is put together of this program's own pieces: values go into the
    /// parameters, never into the text.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn rows_sql(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        if !self.veil.is_empty() && writes(sql) {
            return self.on_tables(sql, params).await;
        }
        let prepared = self.prepared(sql).await?;
        let answer = self.held.client().query(&prepared, params);
        self.answer(answer).await
    }

    /// The one row, if it is there.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn row(&self, statement: &Statement, params: Params<'_>) -> Result<Option<Row>> {
        let mut rows = self.rows(statement, params).await?;
        match (rows.pop(), rows.is_empty()) {
            (row, true) => Ok(row),
            _ => Err(Error::Internal(format!("{}: many rows", statement.name))),
        }
    }

    /// The one row that must be there.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn one(&self, statement: &Statement, params: Params<'_>) -> Result<Row> {
        let row = self.row(statement, params).await?;
        row.ok_or_else(|| Error::Internal(format!("{}: no row", statement.name)))
    }

    /// How many rows a statement that writes touched, in sight or not, as with [`TenantTransaction::write`].
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn execute(&self, statement: &Statement, params: Params<'_>) -> Result<u64> {
        count_on_tenant();
        self.unveil().await?;
        let prepared = self.held.client().prepare_cached(statement.sql);
        let prepared = self.answer(prepared).await?;
        let written = self.held.client().execute(&prepared, params);
        self.answer(self.beyond(written)).await
    }

    /// Begins to read the rows of this text in pieces ([`TenantTransaction::fetch`]), all as they are now.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn declare(&self, sql: &str, params: Params<'_>) -> Result<()> {
        count_on_tenant();
        let sql = format!("DECLARE pieces NO SCROLL CURSOR FOR {sql}");
        let client = self.held.client();
        let prepared = self.answer(client.prepare(&sql)).await?;
        self.answer(client.execute(&prepared, params)).await?;
        Ok(())
    }

    /// The next so many of the rows; fewer at their end.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`].
    pub async fn fetch(&self, most: u32) -> Result<Vec<Row>> {
        count_on_tenant();
        let sql = format!("FETCH FORWARD {most} FROM pieces");
        self.answer(self.held.client().query(&sql, &[])).await
    }

    /// The rows of several texts, one after the other; what was begun for them goes back.
    pub(crate) async fn read_each(&self, reads: &[(&str, Params<'_>)]) -> Result<Vec<Vec<Row>>> {
        let mut answers = Vec::with_capacity(reads.len());
        for (sql, params) in reads {
            answers.push(self.rows_sql(sql, params).await?);
        }
        Ok(answers)
    }

    async fn prepared(&self, sql: &str) -> Result<Prepared> {
        count_on_tenant();
        let veiled = under(&self.veil, sql);
        let prepared = self
            .held
            .client()
            .prepare_cached(veiled.as_deref().unwrap_or(sql));
        self.answer(prepared).await
    }

    /// Whether what went wrong was this connection's, and another, or this one once more, may do better: it is closed, or
    /// it knew the tables as they were before a migration and has forgotten that ([`TenantTransaction::answer`]).
    pub(crate) fn was_worn(&self) -> bool {
        self.held.client().is_closed() || self.held.client().statement_cache.size() == 0
    }

    /// Waits for an answer. A connection that knows the tables as they were before a migration forgets that, and what was
    /// asked may be asked again.
    async fn answer<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        match within(&*self.held, answer).await? {
            Err(error) if is_stale_plan(&error) => {
                self.held.client().statement_cache.clear();
                Err(Error::Unavailable(
                    "a migration has just gone by".to_owned(),
                ))
            }
            answer => Ok(answer?),
        }
    }

    /// Makes it last.
    ///
    /// # Errors
    /// As [`TenantTransaction::rows`]. When the connection is lost meanwhile, nobody knows whether
    /// it lasts.
    pub async fn commit(mut self) -> Result<()> {
        self.open = false;
        let answer = self.held.client().batch_execute("COMMIT");
        self.answer(answer).await
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
