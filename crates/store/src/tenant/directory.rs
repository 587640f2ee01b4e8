//! All tenants in memory: which one a host or a header names, and where its data are. A request
//! reaches no database for it, and a name that nobody has is answered from memory as well.
//!
//! The map is complete. It is kept fresh by notifications of each changed company, by reading all
//! again every few seconds, and at once when notifications may have been missed.

mod load;

pub use load::Company;
pub(crate) use load::all_statements as statements;

use crate::listen::{TenantChange, Wakeups};
use crate::{Error, Result, Store};
use sindico_domain::access::capability::RoleMatrix;
use sindico_domain::access::overrides::Overrides;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep, timeout};

/// How often all is read again, should a notification be missed.
const RESCAN: Duration = Duration::from_secs(5);

/// How old the map may be while the control database is away. Older, it answers nothing: a suspended
/// tenant must not be served for ever because nobody could tell.
const STALE: Duration = Duration::from_secs(60);

/// The tenants. Clones are the same directory.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    store: Store,
    common: load::Common,
    map: RwLock<Map>,
    read_at: Mutex<Instant>,
    /// One reader at a time, lest an older look overwrite a newer one.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Map {
    by_id: HashMap<i64, Arc<Company>>,
    by_subdomain: HashMap<String, i64>,
    by_code: HashMap<String, i64>,
    by_host: HashMap<String, i64>,
}

impl Directory {
    /// Reads all tenants, and keeps them fresh for as long as somebody has the directory. `roles` are
    /// the overrides for all tenants (`TENANT_ROLE_MATRICES`).
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn start(store: Store, wakeups: &Wakeups, roles: Overrides) -> Result<Self> {
        // Listening begins before the first look, so that no change can fall between them.
        let mut changes = wakeups.subscribe_tenants();
        let installation = crate::control::places::installation(&store).await?;
        let directory = Self(Arc::new(Inner {
            store,
            common: load::Common {
                installation,
                roles,
            },
            map: RwLock::default(),
            read_at: Mutex::new(Instant::now()),
            reading: tokio::sync::Mutex::default(),
        }));
        directory.refresh_all().await?;
        let inner = Arc::downgrade(&directory.0);
        tokio::spawn(async move {
            let mut scanned = Instant::now();
            loop {
                let rest = RESCAN.saturating_sub(scanned.elapsed());
                let told = match timeout(rest, changes.recv()).await {
                    Ok(Ok(TenantChange(0))) | Ok(Err(RecvError::Lagged(_))) | Err(_) => None,
                    Ok(Ok(TenantChange(id))) => Some(id),
                    Ok(Err(RecvError::Closed)) => return,
                };
                if !Self::keep(&inner, told, &mut scanned).await {
                    return;
                }
            }
        });
        Ok(directory)
    }

    /// One turn of the keeper; false when nobody has the directory any more.
    async fn keep(inner: &Weak<Inner>, told: Option<i64>, scanned: &mut Instant) -> bool {
        let Some(inner) = inner.upgrade() else {
            return false;
        };
        let directory = Self(inner);
        let read = match told {
            Some(id) => directory.refresh(id).await,
            None => {
                let read = directory.refresh_all().await;
                *scanned = Instant::now();
                read
            }
        };
        metrics::gauge!("sindico_tenants_age_seconds").set(directory.age().as_secs_f64());
        if let Err(error) = read {
            tracing::warn!(%error, "can't read the tenants; trying again");
            sleep(Duration::from_millis(500)).await;
            // Whatever was to be read: all is, next.
            *scanned = Instant::now() - RESCAN;
        }
        true
    }

    /// The company with this subdomain, in lower case.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the map is too old to be believed.
    pub fn by_subdomain(&self, subdomain: &str) -> Result<Option<Arc<Company>>> {
        self.look(|map| map.by_subdomain.get(subdomain).copied())
    }

    /// The company with this tenant code, whatever its letter case.
    ///
    /// # Errors
    /// As [`Directory::by_subdomain`].
    pub fn by_code(&self, code: &str) -> Result<Option<Arc<Company>>> {
        let code = code.to_ascii_lowercase();
        self.look(|map| map.by_code.get(&code).copied())
    }

    /// The company with this custom domain, once that is verified.
    ///
    /// # Errors
    /// As [`Directory::by_subdomain`].
    pub fn by_host(&self, host: &str) -> Result<Option<Arc<Company>>> {
        self.look(|map| map.by_host.get(host).copied())
    }

    /// The company with this id.
    ///
    /// # Errors
    /// As [`Directory::by_subdomain`].
    pub fn by_id(&self, id: i64) -> Result<Option<Arc<Company>>> {
        self.look(|_| Some(id))
    }

    fn look(&self, find: impl FnOnce(&Map) -> Option<i64>) -> Result<Option<Arc<Company>>> {
        self.fresh()?;
        let map = self.0.map.read().unwrap_or_else(PoisonError::into_inner);
        let id = find(&map);
        Ok(id.and_then(|id| map.by_id.get(&id).cloned()))
    }

    /// What each role may do in a company that says this.
    pub fn role_matrix(&self, company: &Overrides) -> RoleMatrix {
        RoleMatrix::effective(&self.0.common.roles, company)
    }

    /// The ids of all companies, in their order.
    ///
    /// # Errors
    /// As [`Directory::by_subdomain`].
    pub fn ids(&self) -> Result<Vec<i64>> {
        self.fresh()?;
        let map = self.0.map.read().unwrap_or_else(PoisonError::into_inner);
        let mut ids: Vec<i64> = map.by_id.keys().copied().collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// How many tenants there are.
    pub fn len(&self) -> usize {
        let map = self.0.map.read().unwrap_or_else(PoisonError::into_inner);
        map.by_id.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads one company again: whoever changed it calls this, so that its own program sees the change
    /// at once.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn refresh(&self, id: i64) -> Result<()> {
        let _one = self.0.reading.lock().await;
        let found = load::one(&self.0.store, &self.0.common, id).await?;
        let mut map = self.0.map.write().unwrap_or_else(PoisonError::into_inner);
        map.remove(id);
        if let Some(company) = found {
            map.insert(company);
        }
        Ok(())
    }

    async fn refresh_all(&self) -> Result<()> {
        let _one = self.0.reading.lock().await;
        let mut new = Map::default();
        let asked = Instant::now();
        for company in load::all(&self.0.store, &self.0.common).await? {
            new.insert(company);
        }
        metrics::gauge!("sindico_tenants_known").set(new.by_id.len() as f64);
        *self.0.map.write().unwrap_or_else(PoisonError::into_inner) = new;
        *self
            .0
            .read_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = asked;
        Ok(())
    }

    /// How long ago all tenants were read.
    fn age(&self) -> Duration {
        let read_at = self.0.read_at.lock();
        read_at.unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    fn fresh(&self) -> Result<()> {
        if self.age() > STALE {
            return Err(Error::Unavailable(
                "the tenants could not be read for a minute".to_owned(),
            ));
        }
        Ok(())
    }
}

impl Map {
    fn insert(&mut self, company: Company) {
        let id = company.id;
        self.by_subdomain.insert(company.subdomain.clone(), id);
        self.by_code.insert(company.tenant_code.clone(), id);
        for host in &company.hosts {
            self.by_host.insert(host.clone(), id);
        }
        self.by_id.insert(id, Arc::new(company));
    }

    fn remove(&mut self, id: i64) {
        let Some(company) = self.by_id.remove(&id) else {
            return;
        };
        // Another company may have taken a name over meanwhile.
        let forget = |map: &mut HashMap<String, i64>, name: &String| {
            if map.get(name) == Some(&id) {
                map.remove(name);
            }
        };
        forget(&mut self.by_subdomain, &company.subdomain);
        forget(&mut self.by_code, &company.tenant_code);
        for host in &company.hosts {
            forget(&mut self.by_host, host);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::DatabaseConfig;

    /// A directory without a keeper, on a database that is not there.
    fn kept_by_nobody() -> Directory {
        let config = DatabaseConfig::parse("postgresql://nobody@127.0.0.1:1/nothing").unwrap();
        Directory(Arc::new(Inner {
            store: Store::new(config, 1).unwrap(),
            common: load::Common {
                installation: String::new(),
                roles: Overrides::default(),
            },
            map: RwLock::default(),
            read_at: Mutex::new(Instant::now()),
            reading: tokio::sync::Mutex::default(),
        }))
    }

    fn company(id: i64, subdomain: &str, host: &str) -> Company {
        Company {
            id,
            name: String::new(),
            tenant_code: format!("c{id}"),
            subdomain: subdomain.to_owned(),
            hosts: vec![host.to_owned()],
            is_active: true,
            contract: sindico_domain::tenant::ContractStatus::Active,
            provisioning: sindico_domain::tenant::ProvisioningStatus::Ready,
            role_overrides: Overrides::default(),
            roles: RoleMatrix::default(),
            route: None,
            schema_version: None,
        }
    }

    #[tokio::test]
    async fn a_map_too_old_to_be_believed_answers_nothing() {
        let directory = kept_by_nobody();
        directory
            .0
            .map
            .write()
            .unwrap()
            .insert(company(1, "a", "a.example"));
        assert_eq!(directory.by_code("C1").unwrap().unwrap().id, 1);
        assert!(directory.by_code("c2").unwrap().is_none());
        // What can't be read is no answer either, and takes no name away.
        directory.refresh(1).await.unwrap_err();
        assert!(directory.by_id(1).unwrap().is_some());

        let old = Instant::now() - STALE - Duration::from_secs(1);
        *directory.0.read_at.lock().unwrap() = old;
        for looked in [
            directory.by_code("c1"),
            directory.by_subdomain("a"),
            directory.by_host("a.example"),
            directory.by_id(1),
            // No name is free for all that is known.
            directory.by_code("c2"),
        ] {
            assert!(matches!(looked, Err(Error::Unavailable(_))));
        }
    }

    #[test]
    fn a_name_that_was_taken_over_stays_with_its_new_company() {
        let mut map = Map::default();
        map.insert(company(1, "a", "a.example"));
        // Heard of the other way round than it was: 2 has it before 1 has given it up.
        map.insert(company(2, "a", "a.example"));
        map.remove(1);
        map.insert(company(1, "b", "b.example"));
        assert_eq!(map.by_subdomain.get("a"), Some(&2));
        assert_eq!(map.by_subdomain.get("b"), Some(&1));
        assert_eq!(map.by_host.get("a.example"), Some(&2));
        map.remove(2);
        assert_eq!(map.by_subdomain.get("a"), None);
        assert_eq!(map.by_code.len(), 1);
    }
}
