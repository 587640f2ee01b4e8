//! What people see and end of their own: sessions, tokens, how the pages look.

use crate::support::{Db, browser};
use secrecy::ExposeSecret;
use sindico_domain::access::scopes::Wish;
use sindico_store::control::preferences::{self, Preferences};
use sindico_store::control::{sessions, tokens, users};

/// A token of this name, without limits.
fn named(name: &str) -> Wish {
    Wish {
        name: name.to_owned(),
        ..Wish::default()
    }
}

#[tokio::test]
async fn people_end_their_own_sessions_and_nobody_elses() {
    let db = Db::new("own_sessions").await;
    let (ana, bia) = (db.user("ana").await, db.user("bia").await);
    let (first, one) = db.session(&ana).await;
    let (second, two) = db.session(&ana).await;
    let (third, _) = db.session(&ana).await;
    let (foreign, theirs) = db.session(&bia).await;
    let seen = sessions::of_user(&db.store, ana.id).await.unwrap();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|session| session.user_agent == "Firefox"));
    assert_eq!(seen[0].address.as_deref(), Some("192.0.2.7"));

    let by = browser(&ana);
    let end = async |id| {
        sessions::revoke_own(&db.store, &by, ana.id, id)
            .await
            .unwrap()
    };
    assert!(!end(theirs.id).await);
    assert!(db.is_open(&foreign).await);
    assert!(end(one.id).await);
    assert!(!end(one.id).await);
    assert!(!db.is_open(&first).await);
    let ended = sessions::end_others(&db.store, &by, &ana, Some(two.id))
        .await
        .unwrap();
    assert_eq!(ended, 1);
    assert!(db.is_open(&second).await && !db.is_open(&third).await && db.is_open(&foreign).await);
}

#[tokio::test]
async fn people_revoke_their_own_tokens_and_nobody_elses() {
    let db = Db::new("own_tokens").await;
    let (ana, bia) = (db.user("ana").await, db.user("bia").await);
    let by = browser(&ana);
    let token = tokens::create_with(&db.store, &by, ana.id, &named("planilha"))
        .await
        .unwrap();
    let theirs = db.token(&bia).await;
    let own = tokens::of_user(&db.store, ana.id).await.unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(
        (own[0].name.as_str(), own[0].last_used_at),
        ("planilha", None)
    );
    let foreign = tokens::of_user(&db.store, bia.id).await.unwrap()[0].id;
    let revoke = async |id| {
        tokens::revoke_own(&db.store, &by, ana.id, id)
            .await
            .unwrap()
    };
    assert!(!revoke(foreign).await);
    assert!(db.authenticate(&theirs).await.is_some());
    assert!(db.authenticate(&token).await.is_some());
    assert!(revoke(own[0].id).await);
    assert!(!revoke(own[0].id).await);
    assert!(db.authenticate(&token).await.is_none());
    assert!(tokens::of_user(&db.store, ana.id).await.unwrap().is_empty());
    assert_eq!(db.occurrences(token.expose_secret()).await, 0);
}

#[tokio::test]
async fn how_pages_look_is_kept_with_the_user() {
    let db = Db::new("preferences").await;
    let ana = db.user("ana").await;
    let find = async || preferences::find(&db.store, ana.id).await.unwrap();
    assert_eq!(find().await, Preferences::default());
    let chosen = Preferences {
        language: Some("en".to_owned()),
        theme: Some("dark".to_owned()),
    };
    preferences::save(&db.store, ana.id, &chosen).await.unwrap();
    assert_eq!(find().await, chosen);
    preferences::save(&db.store, ana.id, &Preferences::default())
        .await
        .unwrap();
    assert_eq!(find().await, Preferences::default());
    assert!(users::places(&db.store, ana.id).await.unwrap().is_empty());
}
