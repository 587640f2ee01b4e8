//! Signing in, and its limits.

use crate::support::{Db, PASSWORD, address, refusal, secret};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::control::sign_in;
use sindico_store::control::throttle::{self, Limit};
use std::time::Duration;

fn wrong() -> Refusal {
    FieldErrors::whole("Unable to sign in with these credentials.").into()
}

#[tokio::test]
async fn everybody_else_gets_one_answer() {
    let db = Db::new("one_answer").await;
    let ana = db.user("ana").await;
    let from = Some(address("192.0.2.1"));
    assert_eq!(
        sign_in(&db.store, "Ana", &secret(PASSWORD), from)
            .await
            .unwrap(),
        ana
    );
    let noted = "SELECT count(*) FROM app_user WHERE last_sign_in_at IS NOT NULL";
    assert_eq!(db.count(noted).await, 1);

    db.user("gone").await;
    db.user("locked").await;
    db.run(
        "UPDATE app_user SET is_active = false WHERE username = 'gone';
        UPDATE app_user SET password_hash = NULL WHERE username = 'locked'",
    )
    .await;
    let long = "x".repeat(100_000);
    for (name, password) in [
        ("ana", "wrong"),
        ("ana", ""),
        ("ana", &long),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("locked", PASSWORD),
        ("", PASSWORD),
        ("a\0b", PASSWORD),
        (&long, PASSWORD),
    ] {
        let outcome = sign_in(&db.store, name, &secret(password), from).await;
        assert_eq!(refusal(outcome), wrong());
    }
    assert_eq!(db.occurrences(&long).await, 0);
}

#[tokio::test]
async fn of_a_hundred_guesses_at_once_ten_are_made() {
    let db = Db::new("guesses_at_once").await;
    db.user("ana").await;
    let guesses = (0..100).map(|i| {
        let store = db.store.clone();
        async move {
            // From many addresses, in any spelling: the account is one.
            let from = Some(address(&format!("192.0.2.{i}")));
            let name = if i % 2 == 0 { "ana" } else { " ANA" };
            refusal(sign_in(&store, name, &secret("a guess"), from).await)
        }
    });
    let answers = futures_util::future::join_all(guesses).await;
    let made = answers.iter().filter(|answer| **answer == wrong()).count();
    // One more after half a minute, should the machine be that slow.
    assert!((10..=11).contains(&made), "{made}");

    // Not even the right one is tried now, and others are not concerned.
    let right = sign_in(&db.store, "ana", &secret(PASSWORD), None).await;
    assert!(matches!(refusal(right), Refusal::TooManyRequests(1..=30)));
    db.user("bia").await;
    sign_in(&db.store, "bia", &secret(PASSWORD), None)
        .await
        .unwrap();
}

#[tokio::test]
async fn success_does_not_count() {
    let db = Db::new("success").await;
    db.user("ana").await;
    let from = Some(address("2001:db8::1"));
    for _ in 0..15 {
        sign_in(&db.store, "ana", &secret(PASSWORD), from)
            .await
            .unwrap();
    }
    for _ in 0..9 {
        assert_eq!(
            refusal(sign_in(&db.store, "ana", &secret("x"), from).await),
            wrong()
        );
    }
    sign_in(&db.store, "ana", &secret(PASSWORD), from)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_address_is_limited_over_all_accounts() {
    let db = Db::new("address").await;
    let mut made = 0;
    for i in 0..60 {
        // One network, whatever address in it.
        let from = Some(address(&format!("2001:db8::{i:x}")));
        let answer = refusal(sign_in(&db.store, &format!("user{i}"), &secret("x"), from).await);
        made += i32::from(answer == wrong());
    }
    // One more every five seconds, should the machine be that slow.
    assert!((50..=53).contains(&made), "{made}");
}

#[tokio::test]
async fn a_bucket_fills_again() {
    let db = Db::new("bucket").await;
    let limit = Limit {
        scope: "test",
        burst: 2,
        interval: 1,
    };
    let reserve = async || throttle::reserve(&db.store, &limit, "x").await;
    let _ = reserve().await.unwrap();
    let second = reserve().await.unwrap();
    assert_eq!(refusal(reserve().await), Refusal::TooManyRequests(1));
    second.refund(&db.store).await.unwrap();
    let _ = reserve().await.unwrap();
    assert!(reserve().await.is_err());
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let _ = reserve().await.unwrap();
    let other = Limit {
        scope: "other",
        ..limit
    };
    let _ = throttle::reserve(&db.store, &other, "x").await.unwrap();
}
