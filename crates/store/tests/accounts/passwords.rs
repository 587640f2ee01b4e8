//! Creation of accounts, and change of passwords.

use crate::support::{Db, PASSWORD, assert_refused, browser, refusal, secret, shell};
use secrecy::ExposeSecret;
use sindico_domain::Refusal;
use sindico_domain::account::NewUser;
use sindico_store::control::{resets, sign_in, users};

const NEW: &str = "another horse, another battery";

#[tokio::test]
async fn names_and_addresses_are_taken_whatever_their_case() {
    let db = Db::new("taken").await;
    let create = async |name: &str, email: &str| {
        let new = NewUser::parse(name, email, PASSWORD, true, false).unwrap();
        users::create(&db.store, &shell(), &new, &secret(PASSWORD)).await
    };
    let elis = create("Élis", "elis@example.com").await.unwrap();
    assert!(elis.is_staff && !elis.is_superuser);
    assert_refused(create("éLIS", "other@example.com").await, "username");
    assert_refused(create("other", "ELIS@Example.com").await, "email");
    let found = users::find_by_username(&db.store, " éLiS ").await.unwrap();
    assert_eq!(found, Some(elis.clone()));
    assert_eq!(users::find(&db.store, elis.id).await.unwrap(), Some(elis));
    for odd in ["", "nobody", "a\0b", "o'neil", &"x".repeat(1000)] {
        let found = users::find_by_username(&db.store, odd).await.unwrap();
        assert_eq!(found, None, "{odd:?}");
    }

    // The constraint answers when two come at the same time.
    let both = tokio::join!(
        create("bia", "a@example.com"),
        create("BIA", "b@example.com")
    );
    match both {
        (Ok(_), refused) | (refused, Ok(_)) => assert_refused(refused, "username"),
        neither => panic!("{neither:?}"),
    }
}

#[tokio::test]
async fn an_account_needs_a_good_password() {
    let db = Db::new("weak").await;
    let new = NewUser::parse("ana", "ana@example.com", PASSWORD, false, false).unwrap();
    let weak = users::create(&db.store, &shell(), &new, &secret("password")).await;
    assert_refused(weak, "password");
    assert_eq!(db.audited().await, [""; 0]);
}

#[tokio::test]
async fn a_change_ends_the_other_sessions() {
    let db = Db::new("change").await;
    let ana = db.user("ana").await;
    let bia = db.user("bia").await;
    let (here, session) = db.session(&ana).await;
    let (elsewhere, _) = db.session(&ana).await;
    let (of_bia, _) = db.session(&bia).await;
    let token = db.token(&ana).await;
    let link = db.reset(&ana).await;
    let change = async |old: &str, new: &str| {
        let (old, new) = (secret(old), secret(new));
        let actor = browser(&ana);
        users::change_password(&db.store, &actor, ana.id, &old, &new, Some(session.id)).await
    };
    assert_refused(change("wrong", NEW).await, "old_password");
    assert_refused(change(PASSWORD, "short").await, "new_password");
    assert_refused(change(PASSWORD, "ana@example.com").await, "new_password");
    assert!(db.is_open(&elsewhere).await);

    change(PASSWORD, NEW).await.unwrap();
    assert!(db.is_open(&here).await);
    assert!(!db.is_open(&elsewhere).await);
    assert!(db.is_open(&of_bia).await);
    assert_eq!(db.authenticate(&token).await, Some(ana.clone()));
    let used = resets::confirm(
        &db.store,
        &browser(&ana),
        link.expose_secret(),
        &secret(NEW),
    )
    .await;
    assert_refused(used, "token");
    assert!(
        sign_in(&db.store, "ana", &secret(PASSWORD), None)
            .await
            .is_err()
    );
    sign_in(&db.store, "ANA", &secret(NEW), None).await.unwrap();
    assert_eq!(db.audited().await.last().unwrap(), "user.change_password");
}

#[tokio::test]
async fn guesses_of_the_old_password_are_limited() {
    let db = Db::new("guesses").await;
    let ana = db.user("ana").await;
    let (guess, new) = (secret("a guess"), secret(NEW));
    let mut limited = 0;
    for _ in 0..12 {
        let outcome =
            users::change_password(&db.store, &browser(&ana), ana.id, &guess, &new, None).await;
        limited += i32::from(matches!(refusal(outcome), Refusal::TooManyRequests(1..=30)));
    }
    assert_eq!(limited, 2);
}

#[tokio::test]
async fn an_operators_password_ends_all_sessions() {
    let db = Db::new("set").await;
    let ana = db.user("ana").await;
    let (cookie, _) = db.session(&ana).await;
    let set =
        async |id: i64, new: &str| users::set_password(&db.store, &shell(), id, &secret(new)).await;
    assert_refused(set(ana.id, "12345678").await, "new_password");
    assert_eq!(refusal(set(999, NEW).await), Refusal::NotFound);
    set(ana.id, NEW).await.unwrap();
    assert!(!db.is_open(&cookie).await);
    sign_in(&db.store, "ana", &secret(NEW), None).await.unwrap();
}
