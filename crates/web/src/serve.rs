//! The listener, and a stop that lets running requests finish.

use crate::App;
use crate::front::Front;
use crate::portal::imports::worker::Imports;
use crate::portal::notifications::worker::Notifications;
use crate::portal::privacy::looks;
use crate::portal::webhooks::worker::Calls;
use crate::tending;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long mails on their way are waited for at the end.
const MAIL_GRACE: Duration = Duration::from_secs(5);

/// The pause after a connection that could not be taken: there are too many open files.
const TAKE_AGAIN: Duration = Duration::from_secs(1);

/// Where connections come in.
pub enum Listener {
    /// An address and port.
    Tcp(TcpListener),
    /// A socket file, for a proxy on the same machine.
    Unix(UnixListener),
}

/// A connection that came in.
enum Connection {
    Tcp(TcpStream, IpAddr),
    Unix(UnixStream),
}

/// Who speaks through a socket file is on this machine.
const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl Listener {
    async fn accept(&self) -> std::io::Result<Connection> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // What is written is meant to go at once.
                let _ = stream.set_nodelay(true);
                Ok(Connection::Tcp(stream, peer.ip()))
            }
            Self::Unix(listener) => Ok(Connection::Unix(listener.accept().await?.0)),
        }
    }
}

/// Serves until `stop` ends, then takes no new connections and lets running requests finish, for
/// at most `grace`.
///
/// # Errors
/// None for now: a listener that fails is tried again.
pub async fn serve(
    app: App,
    listener: Listener,
    stop: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> std::io::Result<()> {
    let stopping = app.stopping().clone();
    let mail = app.config().mail.clone();
    let chores = tending::start::<Imports>(&app);
    let calls = tending::start_watching::<Calls>(&app);
    let telling = tending::start_watching::<Notifications>(&app);
    let promises = crate::portal::privacy::worker::start(&app);
    let sweeps = crate::portal::attachments::sweeper::start(&app);
    let front = Front::new(app.clone());
    let connections = TaskTracker::new();
    let taking = async {
        loop {
            let (front, stopping) = (front.clone(), stopping.clone());
            match take(&listener).await {
                Connection::Tcp(stream, peer) => {
                    connections.spawn(attend(front, stream, peer, stopping));
                }
                Connection::Unix(stream) => {
                    connections.spawn(attend(front, stream, LOCAL, stopping));
                }
            }
        }
    };
    tokio::select! {
        () = stop => {}
        () = taking => {}
    }
    drop(listener);
    stopping.cancel();
    connections.close();
    if tokio::time::timeout(grace, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time");
    }
    // A piece that is being written is finished, or was never begun.
    if tokio::time::timeout(grace, chores.wait()).await.is_err() {
        tracing::warn!("some imports did not stop in time; another program goes on with them");
    }
    if tokio::time::timeout(grace, calls.wait()).await.is_err() {
        tracing::warn!("some webhooks did not answer in time; another program calls them again");
    }
    if tokio::time::timeout(grace, sweeps.wait()).await.is_err() {
        tracing::warn!("files were still being swept; that is done again");
    }
    if tokio::time::timeout(grace, telling.wait()).await.is_err() {
        tracing::warn!("some notifications did not end in time; another program goes on with them");
    }
    let last = async {
        promises.wait().await;
        // Behind the requests: who looked in the last of them is written down, too.
        looks::write(&app).await;
    };
    if tokio::time::timeout(grace, last).await.is_err() {
        tracing::warn!("not all who looked at people's records could be written down");
    }
    mail.finish(MAIL_GRACE).await;
    Ok(())
}

async fn take(listener: &Listener) -> Connection {
    loop {
        match listener.accept().await {
            Ok(connection) => return connection,
            Err(error) => match error.kind() {
                // The client's fault, and over.
                ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionReset => {}
                _ => {
                    tracing::error!(%error, "can't take a connection; trying again");
                    tokio::time::sleep(TAKE_AGAIN).await;
                }
            },
        }
    }
}

/// Answers the requests of one connection, one after another.
async fn attend(
    front: Front,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: IpAddr,
    stopping: CancellationToken,
) {
    let service = service_fn(move |request| {
        let answer = front.clone().answer(peer, request);
        async { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        // Whatever went wrong on it: the client knows.
        _ = connection.as_mut() => return,
        () = stopping.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
