//! Who looks at a person's record: gathered in memory, so that a read costs no write, and written down a few seconds
//! later. A program that dies loses what it gathered since.

use crate::App;
use crate::portal::crm::Crm;
use jiff::Timestamp;
use sindico_crm::privacy::{Look, keep};
use sindico_db::TenantConnection;
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::Kind;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often what was gathered is written down.
pub(super) const EVERY: Duration = Duration::from_secs(5);

/// So many looks of a company are kept until they can be written down; further ones are dropped, and counted.
const MOST: usize = 10_000;

type Key = (Kind, i64, i64, jiff::civil::Date);

/// What was gathered, by company.
#[derive(Default)]
pub struct Looks(Mutex<BTreeMap<i64, BTreeMap<Key, Look>>>);

impl Looks {
    fn add(&self, company: i64, look: Look) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = all.entry(company).or_default();
        let key = (look.kind, look.record_id, look.user_id, look.day);
        if let Some(known) = of.get_mut(&key) {
            known.times += look.times;
            known.first_at = known.first_at.min(look.first_at);
            known.last_at = known.last_at.max(look.last_at);
        } else if of.len() < MOST {
            of.insert(key, look);
        } else {
            metrics::counter!("sindico_access_log_dropped_total").increment(1);
        }
    }

    fn take(&self) -> BTreeMap<i64, BTreeMap<Key, Look>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Somebody reads this record, one by one: that of a customer or a lead is written down.
pub(crate) fn looked(crm: &Crm, kind: Kind, id: i64) {
    if !matches!(kind, Kind::Customer | Kind::Lead) {
        return;
    }
    let user = &crm.caller.user;
    let day = crm.now.to_zoned(crm.zone()).date();
    let look = Look {
        kind,
        record_id: id,
        user_id: user.id,
        username: crm.caller.actor.name.clone(),
        day,
        times: 1,
        first_at: crm.now,
        last_at: crm.now,
    };
    crm.app().looks().add(crm.tenant.company.id, look);
}

/// Writes down what was gathered. What can't be written now is kept for the next time.
pub(crate) async fn write(app: &App) {
    for (company_id, looks) in app.looks().take() {
        let looks: Vec<Look> = looks.into_values().collect();
        if let Err(error) = write_of(app, company_id, &looks).await {
            tracing::debug!(%error, company_id, "who looked can't be written down; trying again");
            for look in looks {
                app.looks().add(company_id, look);
            }
        }
    }
}

async fn write_of(app: &App, company_id: i64, looks: &[Look]) -> sindico_db::Result<()> {
    match data(app, company_id)? {
        Some((data, _)) => keep(&data, looks).await,
        // It is gone, or moves: nobody looks there now.
        None => Ok(()),
    }
}

/// A tenant's data, for the program's own work, if it is served; and its code.
pub(super) fn data(
    app: &App,
    company_id: i64,
) -> sindico_db::Result<Option<(TenantConnection, Timestamp)>> {
    let company = app.directory().by_id(company_id)?;
    let target = sindico_store::migrate::tenant::target();
    let served = company.filter(|company| {
        company.is_served()
            && company
                .schema_version
                .is_none_or(|version| version >= target)
    });
    let route = served.and_then(|company| company.route.clone());
    Ok(route.map(|route| (app.pools().tenant(route, Sight::whole()), app.now())))
}
