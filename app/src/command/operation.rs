//! `sindico operation ...`.

use super::actor;
use crate::database::with_store;
use crate::output;
use crate::settings::Settings;
use anyhow::Context;
use clap::Subcommand;
use sindico_domain::operation::{Operation, OperationFilter};
use sindico_domain::page::PageRequest;
use sindico_domain::precondition::Precondition;
use sindico_store::control::operations;
use std::process::ExitCode;

/// Operations.
#[derive(Subcommand)]
pub enum OperationCommand {
    /// List the newest operations
    List {
        /// QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELED
        #[arg(long)]
        status: Option<String>,
        /// How many, at most 500
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=500))]
        limit: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show an operation with its steps
    Show {
        /// Its id
        id: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Cancel an operation
    Cancel {
        /// Its id
        id: i64,
    },
}

/// Runs the command.
pub fn run(settings: Settings, command: OperationCommand) -> anyhow::Result<ExitCode> {
    with_store(&settings, async |store| {
        let unknown = |id: i64| format!("there is no operation {id}");
        match command {
            OperationCommand::List {
                status,
                limit,
                json,
            } => {
                let status = status.map(|word| word.to_ascii_uppercase().parse());
                let filter = OperationFilter {
                    status: status
                        .transpose()
                        .map_err(|e: String| anyhow::anyhow!("--status: {e}"))?,
                    ..OperationFilter::default()
                };
                let request = PageRequest {
                    limit,
                    ..PageRequest::default()
                };
                let page = operations::list(&store, &filter, &request).await?;
                if json {
                    return output::json(&page.items);
                }
                let rows = page.items.iter().map(row).collect();
                output::table(
                    &[
                        "ID", "TENANT", "PROVIDER", "STATUS", "BY", "CREATED", "ERROR",
                    ],
                    rows,
                )
            }
            OperationCommand::Show { id, json } => {
                let found = operations::find(&store, id)
                    .await?
                    .with_context(|| unknown(id))?;
                if json {
                    output::json(&found)
                } else {
                    show(&found)
                }
            }
            OperationCommand::Cancel { id } => {
                let canceled = operations::cancel(&store, &actor(), id, &Precondition::None)
                    .await?
                    .with_context(|| unknown(id))?;
                let word = if canceled.status.is_final() {
                    "is canceled"
                } else {
                    "ends before its next step"
                };
                output::text(&format!("Operation {id} {word}."))
            }
        }
    })
}

fn row(operation: &Operation) -> Vec<String> {
    vec![
        operation.id.to_string(),
        operation.tenant_code.clone(),
        operation.provider.clone(),
        operation.status.to_string(),
        operation.requested_by.clone(),
        format!("{:.0}", operation.created_at),
        operation.error.clone(),
    ]
}

fn show(operation: &Operation) -> anyhow::Result<ExitCode> {
    output::pairs(&[
        ("operation", operation.id.to_string()),
        ("tenant", operation.tenant_code.clone()),
        ("provider", operation.provider.clone()),
        ("status", operation.status.to_string()),
        ("asked by", operation.requested_by.clone()),
        ("created", format!("{:.0}", operation.created_at)),
        ("error", operation.error.clone()),
        ("hint", operation.hint.clone()),
    ])?;
    let rows = operation.steps.iter().map(|step| {
        let time = match (step.started_at, step.finished_at) {
            (Some(from), Some(to)) => {
                format!("{:.1} ms", to.duration_since(from).as_secs_f64() * 1000.0)
            }
            _ => String::new(),
        };
        let told = if step.error.is_empty() {
            &step.outcome
        } else {
            &step.error
        };
        vec![
            step.name.clone(),
            step.status.to_string(),
            time,
            told.clone(),
        ]
    });
    output::table(&["STEP", "STATUS", "TIME", "OUTCOME"], rows.collect())
}
