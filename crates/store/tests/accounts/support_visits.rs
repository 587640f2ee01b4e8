//! Visits of support, and ways between hosts.

use crate::support::{Db, assert_refused, browser, refusal};
use secrecy::ExposeSecret;
use sindico_domain::Refusal;
use sindico_domain::access::User;
use sindico_store::control::{hand_overs, support};

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

#[tokio::test]
async fn a_visit_has_a_reason_and_an_end() {
    let db = Db::new("visits").await;
    let company = db.company("acme", "Acme", 3).await;
    let other = db.company("other", "Other", 3).await;
    let ana = superuser(&db, "ana").await;
    let plain = db.user("plain").await;
    let begin = async |user: &User, company, reason: &str, minutes| {
        support::begin(&db.store, &browser(user), user, company, reason, minutes).await
    };
    for reason in ["", " \n ", "a\0b", &"x".repeat(support::REASON_MAX + 1)] {
        assert_refused(begin(&ana, company, reason, 15).await, "reason");
    }
    for minutes in [0, -15, 16, 1440] {
        assert_refused(begin(&ana, company, "ticket 1", minutes).await, "minutes");
    }
    let outcome = begin(&plain, company, "ticket 1", 15).await;
    assert!(matches!(refusal(outcome), Refusal::Forbidden(_)));
    assert_eq!(
        refusal(begin(&ana, 999_999, "ticket 1", 15).await),
        Refusal::NotFound
    );

    let first = begin(&ana, company, "ticket 1", 15).await.unwrap();
    assert_eq!(
        first.until.as_second() - first.created_at.as_second(),
        15 * 60
    );
    assert_eq!(
        support::open(&db.store, ana.id, company)
            .await
            .unwrap()
            .unwrap(),
        first
    );
    assert_eq!(support::open(&db.store, ana.id, other).await.unwrap(), None);
    assert_eq!(
        support::open(&db.store, plain.id, company).await.unwrap(),
        None
    );
    // Another one takes its place.
    let second = begin(&ana, company, " ticket \n 2 ", 60).await.unwrap();
    assert_eq!(second.reason, "ticket 2");
    assert_eq!(
        support::open(&db.store, ana.id, company)
            .await
            .unwrap()
            .unwrap()
            .id,
        second.id
    );
    db.run("UPDATE support_visit SET until = now() WHERE ended_at IS NULL")
        .await;
    assert_eq!(
        support::open(&db.store, ana.id, company).await.unwrap(),
        None
    );

    begin(&ana, company, "ticket 3", 240).await.unwrap();
    let end = async || support::end(&db.store, &browser(&ana), ana.id, (company, "acme")).await;
    assert!(end().await.unwrap());
    assert!(!end().await.unwrap());
    assert_eq!(
        support::open(&db.store, ana.id, company).await.unwrap(),
        None
    );
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
async fn a_way_is_good_once_for_its_user_and_place() {
    let db = Db::new("ways").await;
    let company = db.company("acme", "Acme", 3).await;
    let ana = db.user("ana").await;
    let begin = async || {
        let way = hand_overs::begin(&db.store, ana.id, Some(company), "sistema.example").await;
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
