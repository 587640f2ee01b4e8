//! Visits of support, and ways between hosts.

use crate::support::{Db, assert_refused, browser, refusal};
use secrecy::{ExposeSecret, SecretString};
use sindico_domain::Refusal;
use sindico_domain::access::User;
use sindico_store::control::support::{self, Asked, Visit};
use sindico_store::control::{hand_overs, sessions};

async fn superuser(db: &Db, name: &str) -> User {
    let user = db.user(name).await;
    db.run(&format!(
        "UPDATE app_user SET is_superuser = true WHERE id = {}",
        user.id
    ))
    .await;
    User {
        is_superuser: true,
        ..user
    }
}

/// What somebody asks for who comes of the platform's own.
fn asked(reason: &str, minutes: i64) -> Asked<'_> {
    Asked {
        reason,
        minutes,
        behalf_of: None,
    }
}

#[tokio::test]
async fn a_visit_has_a_reason_and_an_end() {
    let db = Db::new("visits").await;
    let company = db.company("acme", "Acme", 3).await;
    let other = db.company("other", "Other", 3).await;
    let ana = superuser(&db, "ana").await;
    let plain = db.user("plain").await;
    let begin = async |user: &User, company, asked: &Asked<'_>| {
        support::begin(&db.store, &browser(user), user, company, asked).await
    };
    for reason in ["", " \n ", "a\0b", &"x".repeat(support::REASON_MAX + 1)] {
        assert_refused(begin(&ana, company, &asked(reason, 15)).await, "reason");
    }
    for minutes in [0, -15, 16, 1440] {
        assert_refused(
            begin(&ana, company, &asked("ticket 1", minutes)).await,
            "minutes",
        );
    }
    let outcome = begin(&plain, company, &asked("ticket 1", 15)).await;
    assert!(matches!(refusal(outcome), Refusal::Forbidden(_)));
    assert_eq!(
        refusal(begin(&ana, 999_999, &asked("ticket 1", 15)).await),
        Refusal::NotFound
    );

    let first = begin(&ana, company, &asked("ticket 1", 15)).await.unwrap();
    assert_eq!(
        first.until.as_second() - first.created_at.as_second(),
        15 * 60
    );
    let found = async |visit: &Visit| support::find(&db.store, visit.id).await.unwrap().unwrap();
    assert_eq!(found(&first).await, first);
    // Another one takes its place.
    let second = begin(&ana, company, &asked(" ticket \n 2 ", 60))
        .await
        .unwrap();
    assert_eq!(second.reason, "ticket 2");
    assert!(found(&first).await.ended_at.is_some());
    assert_eq!(found(&second).await, second);
    db.run("UPDATE support_visit SET until = now() WHERE ended_at IS NULL")
        .await;

    begin(&ana, company, &asked("ticket 3", 240)).await.unwrap();
    let end = async || support::end(&db.store, &browser(&ana), ana.id, (company, "acme")).await;
    assert!(end().await.unwrap());
    assert!(!end().await.unwrap());
    let all = support::of_company(&db.store, company, 10).await.unwrap();
    let reasons: Vec<_> = all.iter().map(|visit| visit.reason.as_str()).collect();
    assert_eq!(reasons, ["ticket 3", "ticket 2", "ticket 1"]);
    assert!(
        support::of_company(&db.store, other, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let audited = db.audited().await;
    let count = |action: &str| audited.iter().filter(|known| *known == action).count();
    assert_eq!((count("support.begin"), count("support.end")), (3, 1));
}

#[tokio::test]
async fn who_asked_for_a_visit_is_an_active_member() {
    let db = Db::new("visit_for").await;
    let company = db.company("acme", "Acme", 3).await;
    let ana = superuser(&db, "ana").await;
    let bia = db.user("bia").await;
    let begin = async |user_id| {
        let asked = Asked {
            behalf_of: Some(user_id),
            ..asked("ticket 1", 15)
        };
        support::begin(&db.store, &browser(&ana), &ana, company, &asked).await
    };
    for stranger in [bia.id, 0, 999_999] {
        assert_refused(begin(stranger).await, "behalf_of");
    }
    db.run(&format!(
        "INSERT INTO company_membership (company_id, user_id, role) VALUES ({company}, {}, 'MEMBER')",
        bia.id
    ))
    .await;
    let visit = begin(bia.id).await.unwrap();
    let told = visit.support();
    assert_eq!(
        (told.visit, told.behalf_of.as_str(), told.reason.as_str()),
        (visit.id, "bia", "ticket 1")
    );
    db.run("UPDATE company_membership SET is_active = false")
        .await;
    assert_refused(begin(bia.id).await, "behalf_of");
}

#[tokio::test]
async fn nobody_enters_a_tenant_that_is_not_served() {
    let db = Db::new("visit_served").await;
    let company = db.company("acme", "Acme", 3).await;
    let ana = superuser(&db, "ana").await;
    let begin =
        async || support::begin(&db.store, &browser(&ana), &ana, company, &asked("t", 15)).await;
    for (shut, open) in [
        (
            "UPDATE tenant_provisioning SET status = 'PENDING'",
            "UPDATE tenant_provisioning SET status = 'READY'",
        ),
        (
            "UPDATE company SET is_active = false",
            "UPDATE company SET is_active = true",
        ),
        (
            "UPDATE tenant_contract SET status = 'SUSPENDED'",
            "UPDATE tenant_contract SET status = 'TRIAL'",
        ),
    ] {
        db.run(shut).await;
        let refused = refusal(begin().await);
        assert!(matches!(refused, Refusal::Conflict { .. }), "{shut}");
        db.run(open).await;
        begin().await.unwrap();
    }
}

#[tokio::test]
async fn a_visits_session_is_good_in_its_tenant_and_no_longer_than_the_visit() {
    let db = Db::new("visit_session").await;
    let company = db.company("acme", "Acme", 3).await;
    let other = db.company("other", "Other", 3).await;
    let ana = superuser(&db, "ana").await;
    let begin = async || {
        let visit = support::begin(&db.store, &browser(&ana), &ana, company, &asked("t", 15)).await;
        let visit = visit.unwrap().id;
        let (secret, session) =
            sessions::create(&db.store, &browser(&ana), ana.id, "Firefox", Some(visit))
                .await
                .unwrap();
        assert_eq!(session.visit_id, Some(visit));
        secret
    };
    let good = async |secret: &SecretString, company| {
        let known = sessions::authenticate(&db.store, secret.expose_secret(), company).await;
        known.unwrap().is_some()
    };
    let end = async || support::end(&db.store, &browser(&ana), ana.id, (company, "acme")).await;

    let first = begin().await;
    assert!(good(&first, Some(company)).await);
    assert!(good(&first, None).await);
    assert!(!good(&first, Some(other)).await);
    // The next visit has a session of its own.
    let second = begin().await;
    assert!(!good(&first, Some(company)).await);
    assert!(good(&second, Some(company)).await);
    assert!(end().await.unwrap());
    assert!(!good(&second, Some(company)).await);
    assert!(!good(&second, None).await);
    let third = begin().await;
    db.run("UPDATE support_visit SET until = now() WHERE ended_at IS NULL")
        .await;
    assert!(!good(&third, Some(company)).await);
}

#[tokio::test]
async fn a_way_is_good_once_for_its_user_and_place() {
    let db = Db::new("ways").await;
    let company = db.company("acme", "Acme", 3).await;
    let ana = db.user("ana").await;
    let begin = async || {
        let way =
            hand_overs::begin(&db.store, ana.id, Some(company), "sistema.example", None).await;
        way.unwrap()
    };
    let way = begin().await;
    let way = way.expose_secret();
    let arrival = hand_overs::find(&db.store, way).await.unwrap().unwrap();
    assert_eq!(
        (arrival.user.id, arrival.company_id),
        (ana.id, Some(company))
    );
    assert_eq!(arrival.origin, "sistema.example");
    assert_eq!(db.occurrences(way).await, 0);
    assert!(hand_overs::finish(&db.store, way).await.unwrap());
    assert!(!hand_overs::finish(&db.store, way).await.unwrap());
    assert_eq!(hand_overs::find(&db.store, way).await.unwrap(), None);

    let late = begin().await;
    let sql = "SELECT count(*) FROM hand_over WHERE expires_at <= now() + interval '30 seconds'";
    assert_eq!(db.count(sql).await, 1);
    db.run("UPDATE hand_over SET expires_at = now()").await;
    assert_eq!(
        hand_overs::find(&db.store, late.expose_secret())
            .await
            .unwrap(),
        None
    );
    let gone = begin().await;
    db.run("UPDATE app_user SET is_active = false").await;
    assert_eq!(
        hand_overs::find(&db.store, gone.expose_secret())
            .await
            .unwrap(),
        None
    );
    for junk in ["", "abc", &"0".repeat(64)] {
        assert_eq!(hand_overs::find(&db.store, junk).await.unwrap(), None);
    }
}
