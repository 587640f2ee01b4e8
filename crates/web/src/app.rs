//! What every handler can reach.

use crate::dns::TxtLookup;
use crate::gate::address::Proxies;
use crate::gate::entry::Entries;
use crate::gate::tenant::TenantRules;
use crate::mail::Mailer;
use crate::portal::privacy::looks::Looks;
use crate::portal::streams::Streams;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sindico_crm::Remembered;
use sindico_crm::metrics::Memory;
use sindico_domain::attachment::Limits;
use sindico_domain::crm::custom::Customs;
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::input::kept;
use sindico_domain::tenant::Rules;
use sindico_outbound::Outbound;
use sindico_provisioning::Engine;
use sindico_store::Store;
use sindico_store::tenant::directory::Directory;
use sindico_store::tenant::news::News;
use sindico_store::tenant::pool::Pools;
use sindico_store::tenant::route::Target;
use sindico_store::tenant::vault::Vault;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Settings of the web side.
pub struct Config {
    /// Hosts, domains and reserved names.
    pub rules: Rules,
    /// Where "today" is, for default dates.
    pub time_zone: TimeZone,
    /// The largest body that is read, in bytes.
    pub body_limit: usize,
    /// How much room files at records may take.
    pub files: Limits,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub proxies: Proxies,
    /// How long an execute call waits for its operation before it answers `202`.
    pub execute_wait: Duration,
    /// Sends mails.
    pub mail: Mailer,
    /// What links in mails begin with, without a slash at its end.
    pub public_url: String,
    /// Looks up TXT records, which prove whose a domain is.
    pub dns: TxtLookup,
    /// Calls addresses that tenants name.
    pub outbound: Outbound,
    /// How requests name their tenant.
    pub tenants: TenantRules,
    /// The settings as the program read them, for the console.
    pub settings: Vec<ToldSetting>,
    /// The most connections to each server of tenants' data that this program keeps.
    pub server_connections: usize,
    /// Tells the time; tests bring their own.
    pub clock: fn() -> Timestamp,
}

/// A setting as it may be told: a secret has no value here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldSetting {
    /// The topic it belongs to.
    pub topic: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Its value; `None` for a secret.
    pub value: Option<String>,
    /// Whether somebody gave it a value.
    pub is_set: bool,
}

/// The state of the application, shared by all requests.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: Store,
    engine: Engine,
    directory: Directory,
    pools: Pools,
    news: News,
    config: Config,
    entries: Entries,
    streams: Streams,
    looks: Looks,
    numbers: Memory<Option<Arc<Target>>>,
    setups: Remembered<Option<Arc<Target>>, Pipelines>,
    custom_fields: Remembered<Option<Arc<Target>>, Customs>,
    stopping: CancellationToken,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        engine: Engine,
        directory: Directory,
        pools: Pools,
        news: News,
        config: Config,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            engine,
            directory,
            pools,
            news,
            config,
            entries: Entries::default(),
            streams: Streams::default(),
            looks: Looks::default(),
            numbers: Memory::default(),
            setups: Remembered::default(),
            custom_fields: Remembered::default(),
            stopping: CancellationToken::new(),
        }))
    }

    /// The control database.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The operations engine.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Where secrets are sealed.
    pub fn vault(&self) -> &Vault {
        self.0.engine.vault()
    }

    /// The instant that counts as now.
    pub fn now(&self) -> Timestamp {
        kept((self.0.config.clock)())
    }

    /// All tenants, in memory.
    pub fn directory(&self) -> &Directory {
        &self.0.directory
    }

    /// Has this program see a changed tenant at once; the others are told by notification, and so is
    /// this one, should it fail here.
    pub async fn tenant_changed(&self, company_id: i64) {
        if let Err(error) = self.0.directory.refresh(company_id).await {
            tracing::warn!(%error, company_id, "can't read a changed tenant; it is read again soon");
        }
    }

    /// The ways to tenants' data.
    pub fn pools(&self) -> &Pools {
        &self.0.pools
    }

    /// Nudges those who watch tenants' data.
    pub fn news(&self) -> &News {
        &self.0.news
    }

    /// Superusers inside of tenants.
    pub fn entries(&self) -> &Entries {
        &self.0.entries
    }

    /// Streams of events that are open.
    pub fn streams(&self) -> &Streams {
        &self.0.streams
    }

    /// Who looked at people's records, until it is written down.
    pub fn looks(&self) -> &Looks {
        &self.0.looks
    }

    /// What companies have set up for their sales, as pages have read it a moment ago.
    pub fn setups(&self) -> &Remembered<Option<Arc<Target>>, Pipelines> {
        &self.0.setups
    }

    /// Companies' custom fields, as lists and pages have read them a moment ago.
    pub fn custom_fields(&self) -> &Remembered<Option<Arc<Target>>, Customs> {
        &self.0.custom_fields
    }

    /// Tenants' metrics of a moment ago, by their places.
    pub fn numbers(&self) -> &Memory<Option<Arc<Target>>> {
        &self.0.numbers
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The rules of this installation.
    pub fn rules(&self) -> &Rules {
        &self.0.config.rules
    }

    /// Today, where the installation's people are.
    pub fn today(&self) -> Date {
        let now = self.now();
        now.to_zoned(self.0.config.time_zone.clone()).date()
    }

    /// Set when the program stops: streams end, readiness says no.
    pub fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }
}
