//! Staging: the rows of a file, as they came, in one transaction with their import. A program that dies
//! meanwhile leaves nothing.

use super::cells::{Style, Vocabulary};
use super::guess::guess;
use super::job::Options;
use crate::work::By;
use serde_json::{Value, json};
use sindico_db::{Result, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::crm::Kind;

sindico_db::statements! { "imports.stage":
    NEW = "INSERT INTO import_job (kind, file_name, headers, mapping, options, user_id, username, address, request_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
    ROWS = "INSERT INTO import_row (job_id, line, cells)
        SELECT $1, r.line, r.cells FROM jsonb_to_recordset($2) AS r (line bigint, cells jsonb)";
    READY = "UPDATE import_job SET state = 'READY', rows = $2, format = $3 WHERE id = $1";
}

/// A file that is to come.
pub struct NewJob<'a> {
    /// What its rows are.
    pub kind: Kind,
    /// Its name.
    pub file_name: &'a str,
    /// The heads of its columns.
    pub headers: Vec<String>,
    /// How it likely writes numbers.
    pub style: Style,
}

/// A file that is coming.
pub struct Stage {
    tx: TenantTransaction,
    id: i64,
    rows: i64,
}

/// One that has come.
pub struct Staged {
    /// The import's id.
    pub id: i64,
}

impl Stage {
    /// Begins.
    ///
    /// # Errors
    /// When the tenant's place can't be reached; so with the others.
    pub async fn begin(
        data: &TenantConnection,
        by: By<'_>,
        job: &NewJob<'_>,
        words: &Vocabulary,
    ) -> Result<Self> {
        let tx = data.begin().await?;
        let customs = crate::customs::read_in(&tx).await?;
        let mapping = guess((job.kind, &customs), &job.headers, words);
        let options = crate::records::json(&Options::of(job.kind, job.style))?;
        let actor = by.actor;
        let address = actor.address.map(|address| address.to_string());
        let params: [&(dyn ToSql + Sync); 9] = [
            &job.kind.as_str(),
            &job.file_name,
            &job.headers,
            &mapping,
            &options,
            &actor.user_id,
            &actor.name,
            &address,
            &actor.request_id,
        ];
        let id = tx.one(&NEW, &params).await?.get(0);
        Ok(Self { tx, id, rows: 0 })
    }

    /// Takes rows: each its line and its cells.
    ///
    /// # Errors
    /// See [`Stage::begin`].
    pub async fn rows(&mut self, rows: &[(u64, Vec<Value>)]) -> Result<()> {
        let all: Vec<Value> = rows
            .iter()
            .map(|(line, cells)| json!({"line": line, "cells": cells}))
            .collect();
        let written = self
            .tx
            .execute(&ROWS, &[&self.id, &Value::Array(all)])
            .await?;
        self.rows += i64::try_from(written).unwrap_or_default();
        Ok(())
    }

    /// All have come.
    ///
    /// # Errors
    /// See [`Stage::begin`].
    pub async fn finish(self, format: &Value) -> Result<Staged> {
        self.tx
            .execute(&READY, &[&self.id, &self.rows, format])
            .await?;
        self.tx.commit().await?;
        Ok(Staged { id: self.id })
    }
}
