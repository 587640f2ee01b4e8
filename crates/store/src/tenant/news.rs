//! Tells everybody who watches a tenant's data that there is something new: in this program at once, in
//! all others by a notification of the control database. That is only a nudge: what has changed is read
//! from the tenant's own place, and whoever misses a nudge looks by themself a little later.

use crate::listen::{DATA_CHANNEL, DataChange, Wakeups};
use crate::statement::{self, statements};
use crate::{Result, Store};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};

/// For how long nudges are gathered, so that a burst of writes costs one statement.
const GATHER: Duration = Duration::from_millis(20);

statements! { "news":
    TELL = "SELECT pg_notify($1, id::text) FROM unnest($2::bigint[]) id";
}

pub(crate) fn all_statements() -> &'static [crate::Statement] {
    STATEMENTS
}

/// Nudges those who watch. Clones are the same.
#[derive(Clone)]
pub struct News {
    wakeups: Wakeups,
    told: mpsc::UnboundedSender<i64>,
}

impl News {
    /// Begins to pass nudges on, for as long as somebody has this.
    pub fn start(store: Store, wakeups: &Wakeups) -> Self {
        let (told, mut heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(first) = heard.recv().await {
                tokio::time::sleep(GATHER).await;
                let mut ids = BTreeSet::from([first]);
                while let Ok(id) = heard.try_recv() {
                    ids.insert(id);
                }
                let ids: Vec<i64> = ids.into_iter().collect();
                if let Err(error) = tell(&store, &ids).await {
                    tracing::debug!(%error, "other programs were not told of new data");
                }
            }
        });
        Self {
            wakeups: wakeups.clone(),
            told,
        }
    }

    /// There is something new in this tenant's data.
    pub fn tell(&self, company_id: i64) {
        self.wakeups.tell_data(company_id);
        let _ = self.told.send(company_id);
    }

    /// What is new from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<DataChange> {
        self.wakeups.subscribe_data()
    }
}

/// Tells all programs that there is something new in these tenants' data.
///
/// # Errors
/// When the control database can't be reached.
pub async fn tell(store: &Store, companies: &[i64]) -> Result<()> {
    let client = store.client().await?;
    statement::rows(&client, &TELL, &[&DATA_CHANNEL, &companies]).await?;
    Ok(())
}
