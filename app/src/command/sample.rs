//! `sindico sample`: fills a tenant with data to look at, or to measure with.

use super::{actor, serve, tenant};
use crate::database::{Database, vault, with_database};
use crate::output;
use crate::settings::Settings;
use anyhow::Context;
use clap::{Args, value_parser};
use sindico_crm::By;
use sindico_crm::sample::{Amounts, Filled, Plan, Progress, Trade, domain, fill};
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::UserRef;
use sindico_domain::crm::custom::Writer;
use sindico_domain::page::{MAX_LIMIT, PageRequest};
use sindico_domain::tenant::ProvisioningStatus;
use sindico_store::control::members;
use sindico_store::listen::Wakeups;
use sindico_store::migrate;
use sindico_store::tenant::directory::{Company, Directory};
use sindico_store::tenant::news;
use sindico_store::tenant::pool::{Places, Pools};
use sindico_store::tenant::route::Route;
use sindico_store::{Error, Store};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The most of each.
const MOST: u64 = 2_000_000;

/// How often the progress is told.
const TELL: Duration = Duration::from_secs(1);

/// What is to be added to a tenant.
#[derive(Args)]
pub struct SampleArgs {
    /// The tenant's code
    #[arg(long)]
    tenant: String,
    /// How many customers
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(0..=MOST))]
    customers: u64,
    /// How many opportunities, one in six of many open
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(0..=MOST))]
    opportunities: u64,
    /// How many activities, one in twenty of many pending
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(0..=MOST))]
    activities: u64,
    /// How many leads; a quarter of the customers when left out
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(0..=MOST))]
    leads: Option<u64>,
    /// The same seed gives an empty tenant the same data
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Runs the command.
pub fn run(settings: Settings, args: SampleArgs) -> anyhow::Result<ExitCode> {
    with_database(&settings, async |database, store| {
        add(&settings, database, &store, &args).await
    })
}

async fn add(
    settings: &Settings,
    database: &Database,
    store: &Store,
    args: &SampleArgs,
) -> anyhow::Result<ExitCode> {
    let id = tenant::find(store, &args.tenant).await?.id;
    let (wakeups, listening) = Wakeups::start(database.config.clone());
    let roles = settings.role_matrices.clone();
    let directory = Directory::start(store.clone(), &wakeups, roles).await?;
    let company = directory.by_id(id)?.context("the tenant vanished")?;
    let route = place(&company)?;
    let vault = vault(settings, database.server.is_some(), store)?;
    let servers = serve::engine_config(settings, database).servers();
    let pools = Pools::new(Places::new(vault).with_tls(servers), 1);
    let data = pools.tenant(route, Sight::whole());
    let members = members_of(store, id).await?;
    let plan = Plan {
        amounts: Amounts {
            customers: args.customers,
            leads: args.leads.unwrap_or(args.customers / 4),
            opportunities: args.opportunities,
            activities: args.activities,
        },
        seed: args.seed,
        trade: Trade::of(args.seed),
        domain: &domain(&company.tenant_code),
        zone: &settings.time_zone,
        members: &members,
    };
    let actor = actor();
    let now = serve::now();
    let mut told = Instant::now();
    let mut written = false;
    let mut tell = |Progress { kind, done, all }: Progress| {
        written = true;
        if told.elapsed() >= TELL {
            told = Instant::now();
            output::note(&format!("{kind}: {done} of {all}"));
        }
    };
    let by = By {
        actor: &actor,
        now,
        writer: Writer::Exempt,
    };
    let filled = fill(&data, by, &plan, &mut tell).await;
    // What was written before a failure is there, too.
    let heard = match written {
        true => news::tell(store, &[id]).await,
        false => Ok(()),
    };
    listening.abort();
    let filled = filled?;
    heard?;
    output::text(&format!(
        "{} has more now: {}.",
        company.tenant_code,
        said(&filled)
    ))
}

/// The way to the tenant's data, once they can be written by this program.
fn place(company: &Company) -> anyhow::Result<Route> {
    let code = &company.tenant_code;
    anyhow::ensure!(
        company.provisioning == ProvisioningStatus::Ready,
        "{code} is {}, not READY; see: sindico tenant provision {code}",
        company.provisioning
    );
    let version = company.schema_version;
    anyhow::ensure!(
        version.is_none_or(|version| version >= migrate::tenant::target()),
        "the data of {code} are older than this program; run first: sindico migrate"
    );
    let route = company.route.clone();
    route.with_context(|| format!("{code} has no place for its data"))
}

/// The active members of a tenant.
pub(super) async fn members_of(store: &Store, company_id: i64) -> Result<Vec<UserRef>, Error> {
    let mut found = Vec::new();
    let mut request = PageRequest {
        limit: MAX_LIMIT,
        ..PageRequest::default()
    };
    loop {
        let page = members::list(store, company_id, &request).await?;
        let active = page.items.into_iter().filter(|member| member.is_active);
        found.extend(active.map(|member| UserRef {
            id: member.user_id,
            username: member.username,
        }));
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    // An account that is not active any more owns nothing new.
    let ids: Vec<i64> = found.iter().map(|user| user.id).collect();
    let active = members::active(store, company_id, &ids).await?;
    found.retain(|user| active.contains_key(&user.id));
    Ok(found)
}

fn said(filled: &Filled) -> String {
    let Filled { amounts, goals } = filled;
    format!(
        "{} customers, {} leads, {} opportunities, {} activities, {goals} sales goals",
        amounts.customers, amounts.leads, amounts.opportunities, amounts.activities
    )
}
