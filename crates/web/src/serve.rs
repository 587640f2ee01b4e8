//! The listener, and a stop that lets running requests finish.

use crate::{App, router};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long mails on their way are waited for at the end.
const MAIL_GRACE: Duration = Duration::from_secs(5);

/// Serves until `stop` ends, then takes no new connections and lets running requests finish, for
/// at most `grace`.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> std::io::Result<()> {
    let stopping = app.stopping().clone();
    let mail = app.config().mail.clone();
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let (told, tell) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        stopping.cancel();
        let _ = told.send(());
    });
    let result = tokio::select! {
        result = server => result,
        () = async {
            if tell.await.is_ok() {
                tokio::time::sleep(grace).await;
            } else {
                std::future::pending::<()>().await;
            }
        } => {
            tracing::warn!("some requests did not finish in time");
            Ok(())
        }
    };
    mail.finish(MAIL_GRACE).await;
    result
}
