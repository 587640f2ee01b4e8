//! Reset of a password by link.

use crate::support::{Db, PASSWORD, anonymous, assert_refused, refusal, secret};
use secrecy::{ExposeSecret, SecretString};
use sindico_domain::Refusal;
use sindico_domain::access::User;
use sindico_store::Result;
use sindico_store::control::{resets, sign_in};

const NEW: &str = "another horse, another battery";

async fn confirm(db: &Db, link: &SecretString, password: &str) -> Result<User> {
    let new = secret(password);
    resets::confirm(&db.store, &anonymous(), link.expose_secret(), &new).await
}

#[tokio::test]
async fn a_link_is_good_once() {
    let db = Db::new("link").await;
    let ana = db.user("ana").await;
    let (cookie, _) = db.session(&ana).await;
    let link = db.reset(&ana).await;
    // A weak password doesn't use it up.
    assert_refused(confirm(&db, &link, "ana").await, "new_password");
    assert!(db.is_open(&cookie).await);

    assert_eq!(confirm(&db, &link, NEW).await.unwrap(), ana);
    assert!(!db.is_open(&cookie).await);
    assert_refused(confirm(&db, &link, PASSWORD).await, "token");
    sign_in(&db.store, "ana", &secret(NEW), None).await.unwrap();
    let by_ana = "SELECT count(*) FROM audit_event
        WHERE action = 'user.set_password' AND actor = 'ana' AND request_id = 'request-2'";
    assert_eq!(db.count(by_ana).await, 1);
}

#[tokio::test]
async fn of_many_at_once_one_is_taken() {
    let db = Db::new("race").await;
    let ana = db.user("ana").await;
    let link = db.reset(&ana).await;
    let all = (0..8).map(|i| {
        let (db, link) = (&db, &link);
        async move { confirm(db, link, &format!("password number {i}")).await }
    });
    let outcomes = futures_util::future::join_all(all).await;
    let taken = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(taken, 1, "{outcomes:?}");
}

#[tokio::test]
async fn only_the_newest_link_is_good_and_only_for_an_hour() {
    let db = Db::new("newest").await;
    let ana = db.user("ana").await;
    let old = db.reset(&ana).await;
    let new = db.reset(&ana).await;
    assert_refused(confirm(&db, &old, NEW).await, "token");
    assert_refused(confirm(&db, &secret("junk"), NEW).await, "token");
    assert_refused(confirm(&db, &secret(&"0".repeat(64)), NEW).await, "token");
    let hour = "SELECT count(*) FROM password_reset WHERE expires_at > now() + interval '1 hour'";
    assert_eq!(db.count(hour).await, 0);
    db.run("UPDATE password_reset SET expires_at = now() - interval '1 second'")
        .await;
    assert_refused(confirm(&db, &new, NEW).await, "token");
}

#[tokio::test]
async fn links_are_for_active_accounts_by_name_or_address() {
    let db = Db::new("who").await;
    let ana = db.user("ana").await;
    let request = async |who: &str| {
        let found = resets::request(&db.store, &anonymous(), who).await.unwrap();
        found.map(|(user, _)| user.username)
    };
    assert_eq!(request("ANA").await.as_deref(), Some("ana"));
    assert_eq!(request(" Ana@Example.COM ").await.as_deref(), Some("ana"));
    for nobody in [
        "",
        "bia",
        "bia@example.com",
        "a\0b",
        "%",
        "ana@example.com\r\nBcc: x@x.br",
    ] {
        assert_eq!(request(nobody).await, None, "{nobody:?}");
    }
    // The third mail in a moment is the last for now, and the caller is not told.
    assert!(request("ana").await.is_some());
    assert_eq!(request("ana").await, None);

    let bia = db.user("bia").await;
    let link = db.reset(&bia).await;
    db.run("UPDATE app_user SET is_active = false").await;
    assert_eq!(request("bia").await, None);
    assert_refused(confirm(&db, &link, NEW).await, "token");
    assert_eq!(ana.username, "ana");
}

#[tokio::test]
async fn requests_are_limited_by_address() {
    let db = Db::new("admit").await;
    for _ in 0..10 {
        resets::admit(&db.store, &anonymous()).await.unwrap();
    }
    let refused = refusal(resets::admit(&db.store, &anonymous()).await);
    assert!(
        matches!(refused, Refusal::TooManyRequests(1..=60)),
        "{refused:?}"
    );
}
