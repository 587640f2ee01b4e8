//! Wake-ups by `LISTEN`/`NOTIFY`, with a connection of their own that is made again whenever it
//! is lost. A wake-up may be missed; whoever waits also looks by itself now and then.

use crate::connect::DatabaseConfig;
use futures_util::{StreamExt, stream};
use sindico_domain::operation::OperationStatus;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio_postgres::AsyncMessage;

/// The channel on which changes of operations are told; the payload is `<id> <status>`.
pub const OPERATION_CHANNEL: &str = "sindico_operation";

/// An operation has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Its id; 0 when some may have changed unheard.
    pub id: i64,
    /// Its state now, if that was told.
    pub status: Option<OperationStatus>,
}

impl Change {
    /// Something may have been missed: everybody looks again.
    const ANY: Self = Self {
        id: 0,
        status: None,
    };

    fn read(payload: &str) -> Self {
        let (id, status) = payload.split_once(' ').unwrap_or((payload, ""));
        Self {
            id: id.parse().unwrap_or(0),
            status: status.parse().ok(),
        }
    }
}

/// The channel on which changes of tenants are told; the payload is the company's id.
pub const TENANT_CHANNEL: &str = "sindico_tenant";

/// A tenant has changed: its company's id; 0 when any may have changed unheard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantChange(pub i64);

/// The channel on which changes of users, tokens, sessions and memberships are told.
pub const ACCESS_CHANNEL: &str = "sindico_access";

/// What is heard of who may do what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// From now on, changes are heard.
    Heard,
    /// Something has changed.
    Changed,
    /// Changes are not heard any more.
    Deaf,
}

/// The channel on which changes of tenants' own data are told; the payload is the company's id.
pub const DATA_CHANNEL: &str = "sindico_data";

/// Something in a tenant's own data has changed: its company's id; 0 when any may have changed unheard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataChange(pub i64);

/// Tells of what has changed, over one connection.
#[derive(Clone)]
pub struct Wakeups {
    operations: broadcast::Sender<Change>,
    tenants: broadcast::Sender<TenantChange>,
    access: broadcast::Sender<Access>,
    data: broadcast::Sender<DataChange>,
}

impl Wakeups {
    fn new() -> Self {
        Self {
            operations: broadcast::channel(1024).0,
            tenants: broadcast::channel(1024).0,
            access: broadcast::channel(1024).0,
            data: broadcast::channel(1024).0,
        }
    }

    /// Starts to listen, until the last handle of the runtime's task is aborted.
    pub fn start(config: DatabaseConfig) -> (Self, tokio::task::JoinHandle<()>) {
        let wakeups = Self::new();
        let told = wakeups.clone();
        let task = tokio::spawn(async move {
            loop {
                let lost = listen(&config, &told).await;
                let _ = told.access.send(Access::Deaf);
                if let Err(error) = lost {
                    tracing::warn!(%error, "lost the connection that listens; making it again");
                }
                told.tell_all();
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        (wakeups, task)
    }

    /// Changes of operations from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.operations.subscribe()
    }

    /// Changes of tenants from now on.
    pub fn subscribe_tenants(&self) -> broadcast::Receiver<TenantChange> {
        self.tenants.subscribe()
    }

    /// Changes of tenants' own data from now on.
    pub fn subscribe_data(&self) -> broadcast::Receiver<DataChange> {
        self.data.subscribe()
    }

    /// Wakes those who wait in this program; the others are told by [`DATA_CHANNEL`].
    pub(crate) fn tell_data(&self, company_id: i64) {
        let _ = self.data.send(DataChange(company_id));
    }

    /// Changes of who may do what, from now on.
    pub(crate) fn subscribe_access(&self) -> broadcast::Receiver<Access> {
        self.access.subscribe()
    }

    /// Something may have been missed: everybody looks again.
    fn tell_all(&self) {
        let _ = self.operations.send(Change::ANY);
        let _ = self.tenants.send(TenantChange(0));
        let _ = self.data.send(DataChange(0));
    }

    fn tell(&self, channel: &str, payload: &str) {
        match channel {
            OPERATION_CHANNEL => {
                let _ = self.operations.send(Change::read(payload));
            }
            TENANT_CHANNEL => {
                let company = payload.parse().unwrap_or(0);
                let _ = self.tenants.send(TenantChange(company));
            }
            ACCESS_CHANNEL => {
                let _ = self.access.send(Access::Changed);
            }
            DATA_CHANNEL => {
                let _ = self.data.send(DataChange(payload.parse().unwrap_or(0)));
            }
            // Nothing else is listened to.
            _ => {}
        }
    }
}

async fn listen(config: &DatabaseConfig, told: &Wakeups) -> crate::Result<()> {
    let (client, mut connection) = config.connect("sindico-listen").await?;
    let mut messages = stream::poll_fn(move |cx| connection.poll_message(cx));
    let channels = [
        OPERATION_CHANNEL,
        TENANT_CHANNEL,
        ACCESS_CHANNEL,
        DATA_CHANNEL,
    ];
    let sql = channels
        .map(|channel| format!("LISTEN {channel}"))
        .join("; ");
    let start = client.batch_execute(&sql);
    tokio::pin!(start);
    let mut listening = false;
    loop {
        tokio::select! {
            done = &mut start, if !listening => {
                done?;
                listening = true;
                let _ = told.access.send(Access::Heard);
                told.tell_all();
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(note))) => {
                    told.tell(note.channel(), note.payload());
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::broadcast::error::TryRecvError;

    #[test]
    fn each_channel_is_told_to_who_waits_for_it() {
        let wakeups = Wakeups::new();
        let mut operations = wakeups.subscribe();
        let mut tenants = wakeups.subscribe_tenants();
        let mut access = wakeups.subscribe_access();

        wakeups.tell(ACCESS_CHANNEL, "");
        assert_eq!(access.try_recv(), Ok(Access::Changed));
        // Every sign-out would else have all programs read all tenants.
        assert_eq!(tenants.try_recv(), Err(TryRecvError::Empty));

        wakeups.tell(TENANT_CHANNEL, "7");
        assert_eq!(tenants.try_recv(), Ok(TenantChange(7)));
        wakeups.tell(TENANT_CHANNEL, "odd");
        assert_eq!(tenants.try_recv(), Ok(TenantChange(0)));

        wakeups.tell(OPERATION_CHANNEL, "3 FAILED");
        let status = Some(OperationStatus::Failed);
        assert_eq!(operations.try_recv(), Ok(Change { id: 3, status }));

        let mut data = wakeups.subscribe_data();
        wakeups.tell(DATA_CHANNEL, "9");
        assert_eq!(data.try_recv(), Ok(DataChange(9)));

        wakeups.tell("somebody_elses", "1");
        assert_eq!(operations.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(tenants.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(access.try_recv(), Err(TryRecvError::Empty));
    }
}
