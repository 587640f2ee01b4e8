//! The second factor: set up, used, lost and turned off.

use crate::support::{Db, PASSWORD, anonymous, assert_refused, browser, refusal, secret, shell};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sindico_domain::Refusal;
use sindico_domain::access::User;
use sindico_secrets::{Keyring, Sources, totp as generator};
use sindico_store::control::{challenges, totp};
use sindico_store::tenant::vault::Vault;
use std::sync::Arc;

fn vault(db: &Db, current: &str, older: &[&str]) -> Vault {
    let older: Vec<SecretString> = older.iter().map(|key| (*key).into()).collect();
    let keyring = Keyring::new(&current.into(), &older).unwrap();
    Vault::new(db.store.clone(), keyring, Sources::new(Arc::new(|_| None)))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn code(key: &SecretString, seconds: i64) -> String {
    generator::code(key, at(seconds).as_second()).unwrap()
}

/// A user with a second factor, confirmed at second 0; its key and recovery codes.
async fn set_up(db: &Db, vault: &Vault, name: &str) -> (User, SecretString, Vec<SecretString>) {
    let user = db.user(name).await;
    totp::begin(&db.store, vault, user.id).await.unwrap();
    let key = totp::pending(&db.store, vault, user.id)
        .await
        .unwrap()
        .unwrap();
    let first = code(&key, 0);
    let codes = totp::confirm(&db.store, vault, &browser(&user), &user, &first, at(0)).await;
    (user, key, codes.unwrap())
}

async fn pass(
    db: &Db,
    vault: &Vault,
    user: &User,
    code: Option<&str>,
    seconds: i64,
) -> sindico_store::Result<()> {
    totp::require(&db.store, vault, &browser(user), user, code, at(seconds)).await
}

#[tokio::test]
async fn a_code_is_good_once_and_none_before_it_is_confirmed() {
    let db = Db::new("two_step_codes").await;
    let vault = vault(&db, "a key", &[]);
    let ana = db.user("ana").await;
    pass(&db, &vault, &ana, None, 0).await.unwrap();
    totp::begin(&db.store, &vault, ana.id).await.unwrap();
    pass(&db, &vault, &ana, None, 0).await.unwrap();
    let wrong = totp::confirm(&db.store, &vault, &browser(&ana), &ana, "000000", at(0)).await;
    assert_refused(wrong, "otp");
    assert!(totp::state(&db.store, ana.id).await.unwrap().pending);

    let (bia, key, _) = set_up(&db, &vault, "bia").await;
    assert_refused(pass(&db, &vault, &bia, None, 0).await, "otp");
    assert_refused(pass(&db, &vault, &bia, Some(" "), 0).await, "otp");
    // The one that confirmed it is used already.
    assert_refused(
        pass(&db, &vault, &bia, Some(&code(&key, 0)), 0).await,
        "otp",
    );
    let next = code(&key, 30);
    let spaced = format!(" {} {}", &next[..3], &next[3..]);
    pass(&db, &vault, &bia, Some(&spaced), 30).await.unwrap();
    assert_refused(pass(&db, &vault, &bia, Some(&next), 30).await, "otp");
    assert_eq!(db.occurrences(key.expose_secret()).await, 0);
    let again = totp::begin(&db.store, &vault, bia.id).await;
    assert!(matches!(refusal(again), Refusal::Conflict { .. }));
    assert!(
        totp::pending(&db.store, &vault, bia.id)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn of_many_with_one_code_at_once_one_passes() {
    let db = Db::new("two_step_once").await;
    let vault = vault(&db, "a key", &[]);
    let (ana, key, codes) = set_up(&db, &vault, "ana").await;
    for code in [code(&key, 60), codes[0].expose_secret().to_owned()] {
        let tries = (0..4).map(|_| pass(&db, &vault, &ana, Some(&code), 60));
        let passed = futures_util::future::join_all(tries).await;
        assert_eq!(passed.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        db.run("DELETE FROM throttle").await;
    }
}

#[tokio::test]
async fn recovery_codes_are_good_once_each() {
    let db = Db::new("two_step_recovery").await;
    let vault = vault(&db, "a key", &[]);
    let (ana, _, codes) = set_up(&db, &vault, "ana").await;
    assert_eq!(codes.len(), totp::CODES);
    let first = codes[0].expose_secret();
    // As somebody types it who has it on paper.
    let typed = first.to_uppercase().replace('-', " ");
    pass(&db, &vault, &ana, Some(&typed), 0).await.unwrap();
    assert_refused(pass(&db, &vault, &ana, Some(first), 0).await, "otp");
    assert_eq!(
        totp::state(&db.store, ana.id).await.unwrap().recovery_codes,
        9
    );
    assert_eq!(db.occurrences(first).await, 0);

    let wrong = totp::renew_recovery_codes(&db.store, &browser(&ana), &ana, &secret("wrong")).await;
    assert_refused(wrong, "password");
    let by = browser(&ana);
    let new = totp::renew_recovery_codes(&db.store, &by, &ana, &secret(PASSWORD))
        .await
        .unwrap();
    assert_refused(
        pass(&db, &vault, &ana, Some(codes[1].expose_secret()), 0).await,
        "otp",
    );
    pass(&db, &vault, &ana, Some(new[1].expose_secret()), 0)
        .await
        .unwrap();
}

#[tokio::test]
async fn wrong_codes_are_counted_and_right_ones_are_not() {
    let db = Db::new("two_step_throttle").await;
    let vault = vault(&db, "a key", &[]);
    let (ana, key, _) = set_up(&db, &vault, "ana").await;
    for step in 1..=8 {
        let right = code(&key, 30 * step);
        pass(&db, &vault, &ana, Some(&right), 30 * step)
            .await
            .unwrap();
    }
    for _ in 0..5 {
        assert_refused(pass(&db, &vault, &ana, Some("000000"), 0).await, "otp");
    }
    let right = code(&key, 900);
    let limited = pass(&db, &vault, &ana, Some(&right), 900).await;
    assert!(matches!(refusal(limited), Refusal::TooManyRequests(_)));
}

#[tokio::test]
async fn it_is_turned_off_by_the_password_or_by_an_operator() {
    let db = Db::new("two_step_off").await;
    let vault = vault(&db, "a key", &[]);
    let (ana, ..) = set_up(&db, &vault, "ana").await;
    let (bia, ..) = set_up(&db, &vault, "bia").await;
    let by = browser(&ana);
    assert_refused(
        totp::turn_off(&db.store, &by, &ana, &secret("wrong")).await,
        "password",
    );
    totp::turn_off(&db.store, &by, &ana, &secret(PASSWORD))
        .await
        .unwrap();
    pass(&db, &vault, &ana, None, 0).await.unwrap();
    assert!(totp::reset(&db.store, &shell(), &bia).await.unwrap());
    assert!(!totp::reset(&db.store, &shell(), &bia).await.unwrap());
    pass(&db, &vault, &bia, None, 0).await.unwrap();
    assert_eq!(db.count("SELECT count(*) FROM recovery_code").await, 0);
    let audited = db.audited().await;
    for action in ["totp.on", "totp.off", "totp.reset"] {
        assert!(audited.iter().any(|known| known == action), "{action}");
    }
}

#[tokio::test]
async fn the_second_step_ends_by_its_code_its_time_and_a_new_password() {
    let db = Db::new("two_step_challenge").await;
    let vault = vault(&db, "a key", &[]);
    let plain = db.user("plain").await;
    assert!(
        challenges::begin(&db.store, &plain)
            .await
            .unwrap()
            .is_none()
    );
    let (ana, key, _) = set_up(&db, &vault, "ana").await;
    let answer = async |step: &SecretString, seconds: i64| {
        let right = code(&key, seconds);
        let who = |_: &User| anonymous();
        let step = step.expose_secret();
        challenges::answer(&db.store, &vault, who, step, &right, at(seconds))
            .await
            .unwrap()
    };
    let step = challenges::begin(&db.store, &ana).await.unwrap().unwrap();
    let who = |_: &User| anonymous();
    let wrong = challenges::answer(&db.store, &vault, who, step.expose_secret(), "1", at(30)).await;
    assert_refused(wrong, "otp");
    assert_eq!(answer(&step, 30).await, Some(ana.clone()));
    assert_eq!(answer(&step, 60).await, None);
    assert_eq!(answer(&secret("nothing"), 60).await, None);

    let old = challenges::begin(&db.store, &ana).await.unwrap().unwrap();
    db.run("UPDATE sign_in_challenge SET expires_at = now() - interval '1 second'")
        .await;
    assert_eq!(answer(&old, 90).await, None);
    let before = challenges::begin(&db.store, &ana).await.unwrap().unwrap();
    let new = secret("another good phrase");
    sindico_store::control::users::set_password(&db.store, &shell(), ana.id, &new)
        .await
        .unwrap();
    assert_eq!(answer(&before, 120).await, None);
}

#[tokio::test]
async fn keys_move_to_a_new_secret_key() {
    let db = Db::new("two_step_rewrap").await;
    let old = vault(&db, "old key", &[]);
    let (ana, key, _) = set_up(&db, &old, "ana").await;
    let both = vault(&db, "new key", &["old key"]);
    assert_eq!(both.rewrap().await.unwrap(), 1);
    assert_eq!(both.rewrap().await.unwrap(), 0);
    let new = vault(&db, "new key", &[]);
    pass(&db, &new, &ana, Some(&code(&key, 30)), 30)
        .await
        .unwrap();
    assert!(
        pass(&db, &old, &ana, Some(&code(&key, 60)), 60)
            .await
            .is_err()
    );
}
