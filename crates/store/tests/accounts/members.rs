//! Members of a tenant: seats, owners, and what a user sees of their places.

use crate::support::{Db, assert_refused, shell};
use sindico_domain::access::{Membership, Role};
use sindico_store::Result;
use sindico_store::control::{members, users};

impl Db {
    async fn company(&self, code: &str, name: &str, seats: i32) {
        self.run(&format!(
            "WITH c AS (INSERT INTO company (name, tenant_code, subdomain, search_text)
                VALUES ('{name}', '{code}', '{code}', '{code}') RETURNING id)
            INSERT INTO tenant_contract (company_id, plan, status, seats, monthly_fee, start_date, auto_renew, notes)
            SELECT id, 'PRO', 'ACTIVE', {seats}, 0, '2026-01-01', true, '' FROM c"
        ))
        .await;
    }

    async fn add(&self, code: &str, name: &str, role: Role) -> Result<Membership> {
        members::add(&self.store, &shell(), code, name, role).await
    }
}

#[tokio::test]
async fn a_member_is_added_and_changed() {
    let db = Db::new("members").await;
    let ana = db.user("ana").await;
    db.user("bia").await;
    db.company("acme", "Acme", 3).await;
    db.company("zeta", "Ágil", 3).await;
    db.company("shut", "Shut", 3).await;

    let added = db.add(" ACME ", "Ana", Role::Owner).await.unwrap();
    assert_eq!(
        (added.tenant_code.as_str(), added.role),
        ("acme", Role::Owner)
    );
    db.add("acme", "ana", Role::Owner).await.unwrap();
    db.add("acme", "bia", Role::Owner).await.unwrap();
    db.add("acme", "ana", Role::Member).await.unwrap();
    // What changes nothing is not recorded.
    let recorded = "SELECT count(*) FROM audit_event WHERE action = 'member.add'
        AND company_id = (SELECT id FROM company WHERE tenant_code = 'acme')";
    assert_eq!(db.count(recorded).await, 3);

    db.add("zeta", "ana", Role::Manager).await.unwrap();
    db.add("shut", "ana", Role::Owner).await.unwrap();
    db.run("UPDATE company SET is_active = false WHERE tenant_code = 'shut'")
        .await;
    let places = users::memberships(&db.store, ana.id).await.unwrap();
    let names: Vec<_> = places
        .iter()
        .map(|m| (m.company_name.as_str(), m.role))
        .collect();
    // By name, as people sort.
    assert_eq!(names, [("Acme", Role::Member), ("Ágil", Role::Manager)]);
    db.run("UPDATE company_membership SET is_active = false")
        .await;
    assert_eq!(users::memberships(&db.store, ana.id).await.unwrap(), []);
}

#[tokio::test]
async fn unknown_tenants_and_users_are_named_at_once() {
    let db = Db::new("unknown").await;
    db.user("ana").await;
    db.company("acme", "Acme", 3).await;
    for (code, name, fields) in [
        ("nope", "ana", vec!["tenant"]),
        ("acme", "nobody", vec!["username"]),
        ("a\0b", "a\0b", vec!["tenant", "username"]),
    ] {
        for field in fields {
            assert_refused(db.add(code, name, Role::Member).await, field);
        }
    }
    db.run("UPDATE app_user SET is_active = false").await;
    assert_refused(db.add("acme", "ana", Role::Member).await, "username");
}

#[tokio::test]
async fn nobody_gets_a_seat_too_many() {
    let db = Db::new("seats").await;
    for i in 0..6 {
        db.user(&format!("user{i}")).await;
    }
    db.company("acme", "Acme", 3).await;
    let all = (0..6).map(|i| {
        let db = &db;
        async move { db.add("acme", &format!("user{i}"), Role::Member).await }
    });
    let outcomes = futures_util::future::join_all(all).await;
    let mut seated = 0;
    for outcome in outcomes {
        match outcome {
            Ok(_) => seated += 1,
            refused => assert_refused(refused, "non_field_errors"),
        }
    }
    assert_eq!(seated, 3);

    // Whoever has a seat may change in it; whoever left needs one again.
    let one = db
        .count("SELECT user_id FROM company_membership ORDER BY id LIMIT 1")
        .await;
    let name = users::find(&db.store, one).await.unwrap().unwrap().username;
    db.add("acme", &name, Role::Owner).await.unwrap();
    db.run(&format!(
        "UPDATE company_membership SET is_active = false WHERE user_id = {one};
         UPDATE tenant_contract SET seats = 2"
    ))
    .await;
    assert_refused(db.add("acme", &name, Role::Owner).await, "non_field_errors");
    db.run("UPDATE tenant_contract SET seats = 3").await;
    db.add("acme", &name, Role::Owner).await.unwrap();
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let db = Db::new("owners").await;
    db.user("ana").await;
    db.user("bia").await;
    db.company("acme", "Acme", 3).await;
    db.add("acme", "ana", Role::Owner).await.unwrap();
    assert_refused(db.add("acme", "ana", Role::Manager).await, "role");
    db.add("acme", "bia", Role::Owner).await.unwrap();
    // An owner who can't sign in doesn't count.
    db.run("UPDATE app_user SET is_active = false WHERE username = 'bia'")
        .await;
    assert_refused(db.add("acme", "ana", Role::Member).await, "role");
    db.run("UPDATE app_user SET is_active = true").await;

    // Of two who leave at the same time, one stays.
    let (ana, bia) = tokio::join!(
        db.add("acme", "ana", Role::Member),
        db.add("acme", "bia", Role::Member)
    );
    match (ana, bia) {
        (Ok(_), refused) | (refused, Ok(_)) => assert_refused(refused, "role"),
        neither => panic!("{neither:?}"),
    }
}
