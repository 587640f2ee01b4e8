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

use crate::eyes::{kept_from, seen_by};
use crate::statement::{Params, count_on_tenant};
use crate::transaction::TenantTransaction;
use crate::{Error, Result, Statement, naming_its_tenant};
use deadpool_postgres::ClientWrapper;
use futures_util::future::{BoxFuture, try_join_all};
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
        match tx.read_each(reads).await {
            // A read may be repeated, as those that nothing is kept from.
            Err(Error::Unavailable(_)) if tx.was_worn() => {}
            read => return read,
        }
        drop(tx);
        self.begin().await?.read_each(reads).await
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

/// Waits for an answer, for as long as a server that works may take.
pub(crate) async fn within<T>(held: &dyn Held, answer: impl Future<Output = T>) -> Result<T> {
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
pub(crate) fn is_stale_plan(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|error| {
        error.code() == &tokio_postgres::error::SqlState::FEATURE_NOT_SUPPORTED
            && error.message().contains("cached plan")
    })
}
