//! Tokens and sessions: nothing of a secret is kept, and none opens anything once it is over.

use crate::support::{Db, PASSWORD, browser, shell};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use sindico_store::control::{sessions, tokens};
use std::time::Duration;

#[tokio::test]
async fn no_secret_is_in_the_database() {
    let db = Db::new("no_secret").await;
    let ana = db.user("ana").await;
    let token = db.token(&ana).await;
    let (cookie, session) = db.session(&ana).await;
    let link = db.reset(&ana).await;
    for secret in [&token, &cookie, &link] {
        let secret = secret.expose_secret();
        assert_eq!(db.occurrences(secret).await, 0);
        // What is kept is found this way, so the search would have found the secret.
        let digest = hex::encode(Sha256::digest(secret));
        assert_eq!(db.occurrences(&digest).await, 1);
    }
    assert_eq!(db.occurrences(PASSWORD).await, 0);
    assert_eq!(db.occurrences(&session.csrf_token).await, 0);
    assert_eq!(db.occurrences("$argon2id$").await, 1);
}

#[tokio::test]
async fn a_token_is_its_users_until_revoked() {
    let db = Db::new("token").await;
    let ana = db.user("ana").await;
    let token = db.token(&ana).await;
    let other = db.token(&ana).await;
    let presented = token.expose_secret();
    assert_eq!(db.authenticate(&token).await, Some(ana.clone()));
    for wrong in [
        "",
        "x",
        &presented.to_uppercase(),
        &presented.replace(&presented[..1], "z"),
    ] {
        assert_eq!(
            tokens::authenticate(&db.store, wrong, None).await.unwrap(),
            None
        );
    }

    assert!(
        tokens::revoke(&db.store, &browser(&ana), presented)
            .await
            .unwrap()
    );
    assert!(
        !tokens::revoke(&db.store, &browser(&ana), presented)
            .await
            .unwrap()
    );
    assert_eq!(db.authenticate(&token).await, None);
    assert_eq!(db.authenticate(&other).await, Some(ana));

    db.run("UPDATE app_user SET is_active = false").await;
    assert_eq!(db.authenticate(&other).await, None);
    assert!(tokens::create(&db.store, &shell(), 1).await.is_err());
    assert!(tokens::create(&db.store, &shell(), 999).await.is_err());
    assert_eq!(
        db.audited().await,
        [
            "user.create",
            "token.create",
            "token.create",
            "token.revoke"
        ]
    );
}

#[tokio::test]
async fn the_use_of_a_token_is_noted_once_a_minute() {
    let db = Db::new("token_use").await;
    let ana = db.user("ana").await;
    let token = db.token(&ana).await;
    let used = "SELECT count(*) FROM auth_token WHERE last_used_at > now() - interval '5 seconds'";
    assert_eq!(db.count(used).await, 0);
    db.authenticate(&token).await.unwrap();
    eventually(&db, used, 1).await;

    // Half a minute later: too early. A minute later: again.
    for (age, noted) in [("30 seconds", 0), ("61 seconds", 1)] {
        let sql = format!("UPDATE auth_token SET last_used_at = now() - interval '{age}'");
        db.run(&sql).await;
        db.authenticate(&token).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        eventually(&db, used, noted).await;
    }
}

#[tokio::test]
async fn a_session_ends() {
    let db = Db::new("session").await;
    let ana = db.user("ana").await;
    let (cookie, session) = db.session(&ana).await;
    let (user, found, _) = sessions::authenticate(&db.store, cookie.expose_secret(), None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((user, &found), (ana.clone(), &session));
    assert!(found.accepts_csrf(&session.csrf_token));
    // A token is no session, nor a session a token.
    assert!(!db.is_open(&db.token(&ana).await).await);
    assert_eq!(db.authenticate(&cookie).await, None);

    for over in [
        "expires_at = now() - interval '1 second'",
        "last_used_at = now() - interval '7 days 1 second'",
        "revoked_at = now()",
    ] {
        let (cookie, session) = db.session(&ana).await;
        assert!(db.is_open(&cookie).await);
        let id = session.id;
        db.run(&format!("UPDATE auth_session SET {over} WHERE id = {id}"))
            .await;
        assert!(!db.is_open(&cookie).await, "{over}");
    }

    assert!(
        sessions::revoke(&db.store, &browser(&ana), session.id)
            .await
            .unwrap()
    );
    assert!(
        !sessions::revoke(&db.store, &browser(&ana), session.id)
            .await
            .unwrap()
    );
    assert!(!db.is_open(&cookie).await);

    let (cookie, _) = db.session(&ana).await;
    db.run("UPDATE app_user SET is_active = false").await;
    assert!(!db.is_open(&cookie).await);
    let month = "SELECT count(*) FROM auth_session WHERE expires_at > now() + interval '31 days'
        OR host(address) <> '192.0.2.7' OR user_agent <> 'Firefox'";
    assert_eq!(db.count(month).await, 0);
}

async fn eventually(db: &Db, sql: &str, expected: i64) {
    for _ in 0..100 {
        if db.count(sql).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{sql}: never {expected}");
}
