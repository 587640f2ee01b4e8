//! `sindico tenant ...`: the platform API's verbs from a shell, by the same use cases.

use super::{actor, serve};
use crate::database::{Database, vault, with_database};
use crate::output;
use crate::settings::Settings;
use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use sindico_domain::operation::OperationStatus;
use sindico_domain::page::{MAX_LIMIT, PageRequest};
use sindico_domain::precondition::Precondition;
use sindico_domain::tenant::{
    NewTenant, StateReport, Tenant, TenantChanges, TenantFilter, TenantSort,
};
use sindico_provisioning::{Config as EngineConfig, Engine};
use sindico_store::control::{operations, tenants};
use sindico_store::listen::Wakeups;
use sindico_store::tenant::vault::Vault;
use sindico_store::{Error, Store};
use std::process::ExitCode;
use std::time::Duration;

/// Tenants.
#[derive(Subcommand)]
pub enum TenantCommand {
    /// List tenants by name
    List {
        /// Found in name, code or subdomain
        #[arg(long, short)]
        q: Option<String>,
        /// PENDING, PROVISIONING, READY or FAILED
        #[arg(long)]
        status: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Create a tenant
    Create {
        /// The company's name
        #[arg(long)]
        name: String,
        /// The tenant's code, which never changes
        #[arg(long)]
        code: String,
        /// The portal's subdomain; the code when left out
        #[arg(long)]
        subdomain: Option<String>,
        /// STARTER, PRO or ENTERPRISE
        #[arg(long)]
        plan: Option<String>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Show a tenant
    Show {
        /// Its code
        code: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a tenant
    Update {
        /// Its code
        code: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// Provision a tenant and wait for the outcome
    Provision {
        /// Its code
        code: String,
        /// The portal's address, in place of the one from the template
        #[arg(long)]
        portal_url: Option<String>,
        /// Do not wait; print the operation
        #[arg(long = "async")]
        asynchronous: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell a tenant's state: an operator's own word
    Mark {
        /// Its code
        code: String,
        /// PENDING, PROVISIONING, READY or FAILED
        #[arg(long)]
        status: String,
        /// Why it failed
        #[arg(long)]
        last_error: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Any field of the platform API.
#[derive(Args)]
pub struct Fields {
    /// A field, such as --set contract.seats=10 or --set provisioning.database_port=5433; repeatable
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write FIELD=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Runs the command.
pub fn run(settings: Settings, command: TenantCommand) -> anyhow::Result<ExitCode> {
    with_database(&settings, async |database, store| {
        dispatch(&settings, database, &store, command).await
    })
}

async fn dispatch(
    settings: &Settings,
    database: &Database,
    store: &Store,
    command: TenantCommand,
) -> anyhow::Result<ExitCode> {
    let rules = settings.rules(store.config().dbname());
    match command {
        TenantCommand::List { q, status, json } => list(store, q, status, json).await,
        TenantCommand::Create {
            name,
            code,
            subdomain,
            plan,
            fields,
        } => {
            let mut body = object(&fields.set);
            let subdomain = subdomain.unwrap_or_else(|| code.clone());
            for (key, value) in [
                ("name", name),
                ("tenant_code", code),
                ("subdomain", subdomain),
            ] {
                body.insert(key.to_owned(), value.into());
            }
            if let Some(plan) = plan {
                nested(&mut body, "contract").insert("plan".to_owned(), plan.into());
            }
            let new =
                NewTenant::parse(&body, &rules, serve::today(settings)).map_err(Error::from)?;
            let once = tenants::create(store, &actor(), &new, &rules, None).await?;
            print(&once.value, fields.json)
        }
        TenantCommand::Show { code, json } => print(&find(store, &code).await?, json),
        TenantCommand::Update { code, fields } => {
            let tenant = find(store, &code).await?;
            anyhow::ensure!(
                !fields.set.is_empty(),
                "name at least one field: --set FIELD=VALUE"
            );
            let changes =
                TenantChanges::parse(&object(&fields.set), &rules).map_err(Error::from)?;
            let condition = Precondition::None;
            let changed =
                tenants::change(store, &actor(), tenant.id, &changes, &rules, &condition).await?;
            print(&changed.with_context(|| unknown(&code))?, fields.json)
        }
        TenantCommand::Provision {
            code,
            portal_url,
            asynchronous,
            json,
        } => {
            let mut config = serve::engine_config(settings, database);
            config.workers = usize::from(!asynchronous);
            // A command that ends soon leaves the pool to the servers.
            config.warm_pool = 0;
            let vault = vault(settings, database.server.is_some(), store)?;
            provision(store, (vault, config), &code, portal_url, json).await
        }
        TenantCommand::Mark {
            code,
            status,
            last_error,
            json,
        } => {
            let tenant = find(store, &code).await?;
            let mut body = Map::from_iter([("status".to_owned(), status.into())]);
            if let Some(error) = last_error {
                body.insert("last_error".to_owned(), error.into());
            }
            let report = StateReport::parse(&body).map_err(Error::from)?;
            let condition = Precondition::None;
            let once = tenants::report_state(store, &actor(), tenant.id, &report, &condition, None)
                .await?;
            print(&once.with_context(|| unknown(&code))?.value, json)
        }
    }
}

async fn list(
    store: &Store,
    q: Option<String>,
    status: Option<String>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let status = status.map(|word| word.to_ascii_uppercase().parse());
    let filter = TenantFilter {
        q,
        status: status
            .transpose()
            .map_err(|e: String| anyhow::anyhow!("--status: {e}"))?,
        ..TenantFilter::default()
    };
    let mut all = Vec::new();
    let mut request = PageRequest {
        limit: MAX_LIMIT,
        ..PageRequest::default()
    };
    loop {
        let page = tenants::list(store, &filter, TenantSort::Name, &request).await?;
        all.extend(page.items);
        match page.next {
            Some(cursor) => request.after = Some(cursor),
            None => break,
        }
    }
    if json {
        return output::json(&all);
    }
    let rows = all.iter().map(|t| {
        let error = t.provisioning.last_error.clone();
        vec![
            t.id.to_string(),
            t.tenant_code.clone(),
            t.name.clone(),
            t.contract.plan.to_string(),
            t.contract.status.to_string(),
            t.provisioning.status.to_string(),
            if error.is_empty() {
                t.provisioning.portal_url.clone()
            } else {
                error
            },
        ]
    });
    let header = [
        "ID",
        "CODE",
        "NAME",
        "PLAN",
        "CONTRACT",
        "STATE",
        "PORTAL OR ERROR",
    ];
    output::table(&header, rows.collect())
}

async fn provision(
    store: &Store,
    (vault, config): (Vault, EngineConfig),
    code: &str,
    portal_url: Option<String>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let tenant = find(store, code).await?;
    let body = Map::from_iter(portal_url.map(|url| ("portal_url".to_owned(), url.into())));
    let portal_url = StateReport::parse_execute(&body).map_err(Error::from)?;
    // This very program works on it too, so it gets done with a server beside it and without.
    let (wakeups, listening) = Wakeups::start(store.config().clone());
    let asynchronous = config.workers == 0;
    let engine = Engine::start(store.clone(), vault, wakeups, config);
    let requested = engine
        .execute(&actor(), tenant.id, portal_url, Duration::ZERO, None)
        .await?
        .with_context(|| unknown(code))?;
    if asynchronous {
        let operation = operations::find(store, requested.operation_id).await?;
        return output::json(&operation);
    }
    let wait = Duration::from_secs(660);
    let operation = engine.wait(requested.operation_id, wait).await?;
    engine.stop(Duration::from_secs(10)).await;
    listening.abort();
    let operation = operation.context("the operation vanished")?;
    match operation.status {
        OperationStatus::Succeeded => print(&find(store, code).await?, json),
        status => anyhow::bail!(
            "operation {} {status}: {} {}",
            operation.id,
            operation.error,
            operation.hint
        ),
    }
}

/// The tenant with this code, as somebody typed it.
pub(super) async fn find(store: &Store, code: &str) -> anyhow::Result<Tenant> {
    tenants::find_by_code(store, code.trim())
        .await?
        .with_context(|| unknown(code))
}

fn unknown(code: &str) -> String {
    format!("no tenant has the code {code:?}; see: sindico tenant list")
}

fn object(set: &[(String, String)]) -> Map<String, Value> {
    let mut body = Map::new();
    for (name, value) in set {
        match name.split_once('.') {
            Some((outer, inner)) => {
                nested(&mut body, outer).insert(inner.to_owned(), json!(value));
            }
            None => {
                body.insert(name.clone(), json!(value));
            }
        }
    }
    body
}

fn nested<'a>(body: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    let entry = body.entry(name.to_owned()).or_insert_with(|| json!({}));
    if !entry.is_object() {
        *entry = json!({});
    }
    match entry {
        Value::Object(map) => map,
        _ => unreachable!("it was just made an object"),
    }
}

fn print(tenant: &Tenant, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        return output::json(tenant);
    }
    let (k, p) = (&tenant.contract, &tenant.provisioning);
    let end = k
        .end_date
        .map_or_else(|| "no end".to_owned(), |date| date.to_string());
    let mut pairs = vec![
        ("id", tenant.id.to_string()),
        ("name", tenant.name.clone()),
        ("code", tenant.tenant_code.clone()),
        ("subdomain", tenant.subdomain.clone()),
        (
            "active",
            if tenant.is_active { "yes" } else { "no" }.to_owned(),
        ),
        (
            "contract",
            format!(
                "{} {}, {} seats, R$ {} a month, {} to {end}",
                k.plan, k.status, k.seats, k.monthly_fee, k.start_date
            ),
        ),
        ("isolation", p.isolation_model.to_string()),
        (
            "database",
            format!(
                "{} at {}:{}",
                p.database_name, p.database_host, p.database_port
            ),
        ),
        ("role", p.database_user.clone()),
        ("state", p.status.to_string()),
        ("portal", p.portal_url.clone()),
    ];
    if !p.last_error.is_empty() {
        pairs.push(("error", p.last_error.clone()));
    }
    output::pairs(&pairs)
}
