//! Accounts against a real database: one private PostgreSQL for this program, one database a test.
#![allow(clippy::unwrap_used, reason = "a test may end at once")]

mod members;
mod own;
mod passwords;
mod resets;
mod role_matrix;
mod secrets;
mod sign_in;
mod support;
mod support_visits;
mod two_step;
mod vault;

use sindico_store::control;
use support::Db;

/// Not a test: what the private PostgreSQL's guardian starts in.
#[test]
#[ignore = "the guardian's entry"]
fn guardian() {
    // The harness has begun a line that the program must not take for the guardian's.
    println!();
    let args = std::env::args_os().skip_while(|arg| arg != "--").skip(1);
    std::process::exit(sindico_embedded::guardian_main(args));
}

#[tokio::test]
async fn every_statement_prepares() {
    let db = Db::new("statements").await;
    let wrong = control::check_statements(&db.store).await.unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_is_over_is_purged() {
    let db = Db::new("purge").await;
    let user = db.user("ana").await;
    let (_, live) = db.session(&user).await;
    let (_, old) = db.session(&user).await;
    let token = db.token(&user).await;
    db.reset(&user).await;
    control::throttle::reserve(&db.store, &control::throttle::RESET_ADDRESS, "192.0.2.1")
        .await
        .map(drop)
        .unwrap();
    assert_eq!(
        control::purge(&db.store).await.unwrap(),
        control::Purged::default()
    );

    let id = old.id;
    db.run(&format!(
        "UPDATE auth_session SET expires_at = now() - interval '1 second' WHERE id = {id};
         UPDATE auth_token SET revoked_at = now() - interval '31 days';
         UPDATE password_reset SET expires_at = now() - interval '2 days';
         UPDATE throttle SET next_at = now() - interval '1 second'"
    ))
    .await;
    let purged = control::purge(&db.store).await.unwrap();
    assert_eq!(
        (purged.sessions, purged.tokens, purged.resets),
        (1, 1, 1),
        "{purged:?}"
    );
    // That of the address, and that of the account, which asked for a link.
    assert_eq!(purged.throttle, 2);
    assert_eq!(
        db.count("SELECT count(*) FROM auth_session").await,
        1,
        "session {} is still open",
        live.id
    );
    assert!(db.authenticate(&token).await.is_none());
}
