//! The warm pool: blank databases that wait on the provider's server, so that a new tenant's is there
//! already (tenancy.md section 3).

use crate::config::AdminSettings;
use crate::engine::Inner;
use crate::provider::provider;
use sindico_store::server::{LockKey, Server, ServerError};
use std::sync::Arc;
use std::time::Duration;

/// How often the pool is looked at, should nobody tell that it was used.
const LOOK: Duration = Duration::from_secs(30);

/// Keeps the pool of the configured provider full, as long as the engine runs.
pub(crate) async fn keep(inner: Arc<Inner>) {
    let size = inner.config.warm_pool;
    let Ok(Some(admin)) = provider(&inner.config.provisioner, &inner.config) else {
        return;
    };
    loop {
        match fill(admin, size).await {
            Ok(0) | Err(ServerError::Busy) => {}
            Ok(made) => tracing::debug!(made, "filled the pool of blank databases"),
            Err(error) => {
                tracing::warn!(%error, "can't fill the pool of blank databases; trying again")
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = inner.pool_used.notified() => {}
            () = inner.closing.cancelled() => return,
        }
    }
}

/// Makes as many blank databases as are missing, and removes those of an older schema; says how many
/// were made. Of several programs one does it at a time.
async fn fill(admin: &AdminSettings, size: usize) -> Result<usize, ServerError> {
    let server = Server::connect(&admin.admin(), "sindico-pool").await?;
    server
        .lock(LockKey::of_pool(), Duration::ZERO, false)
        .await?;
    server.retire().await?;
    let mut made = 0;
    while server.blanks().await?.len() < size {
        server.make_blank().await?;
        made += 1;
    }
    Ok(made)
}
