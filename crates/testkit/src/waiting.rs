//! What others do in a database at this moment.

use std::time::{Duration, Instant};
use tokio::time::sleep;
use tokio_postgres::Client;

const LIMIT: Duration = Duration::from_secs(20);

/// Until a statement with this text waits for a lock in this connection's database.
///
/// # Panics
/// When there is none within 20 seconds.
pub async fn until_locked(sql: &Client, text: &str) {
    until(sql, "wait_event_type = 'Lock'", text, true).await;
}

/// Until nobody executes a statement with this text in this connection's database: a server goes on for a while
/// after the program that asked is gone.
///
/// # Panics
/// When somebody still does after 20 seconds.
pub async fn until_given_up(sql: &Client, text: &str) {
    until(sql, "state <> 'idle'", text, false).await;
}

async fn until(sql: &Client, state: &str, text: &str, there: bool) {
    let found = format!(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND pid <> pg_backend_pid() AND {state} AND query LIKE '%' || $1 || '%')"
    );
    let end = Instant::now() + LIMIT;
    loop {
        // Within a transaction the view stays as it was seen first (PostgreSQL manual, 27.2.2).
        let anew = sql.batch_execute("SELECT pg_stat_clear_snapshot()");
        anew.await.unwrap();
        let found = sql.query_one(&found, &[&text]).await.unwrap();
        if found.get::<_, bool>(0) == there {
            return;
        }
        let what = if there { "never waited" } else { "did not end" };
        assert!(Instant::now() < end, "{text} {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
