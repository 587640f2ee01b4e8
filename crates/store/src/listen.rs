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

/// Tells of changed operations.
#[derive(Clone)]
pub struct Wakeups(broadcast::Sender<Change>);

impl Wakeups {
    /// Starts to listen, until the last handle of the runtime's task is aborted.
    pub fn start(config: DatabaseConfig) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, _) = broadcast::channel(1024);
        let wakeups = Self(sender.clone());
        let task = tokio::spawn(async move {
            loop {
                if let Err(error) = listen(&config, &sender).await {
                    tracing::warn!(%error, "lost the connection that listens; making it again");
                }
                // Whatever was missed meanwhile: everybody looks again.
                let _ = sender.send(Change::ANY);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        (wakeups, task)
    }

    /// Changes from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }
}

async fn listen(config: &DatabaseConfig, sender: &broadcast::Sender<Change>) -> crate::Result<()> {
    let (client, mut connection) = config.dedicated("sindico-listen").await?;
    let mut messages = stream::poll_fn(move |cx| connection.poll_message(cx));
    let sql = format!("LISTEN {OPERATION_CHANNEL}");
    let start = client.batch_execute(&sql);
    tokio::pin!(start);
    let mut listening = false;
    loop {
        tokio::select! {
            done = &mut start, if !listening => {
                done?;
                listening = true;
                let _ = sender.send(Change::ANY);
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(note))) => {
                    let _ = sender.send(Change::read(note.payload()));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            }
        }
    }
}
