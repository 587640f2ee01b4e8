//! A company's overrides of the role matrix.

use crate::support::{Db, browser, refusal, shell};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sindico_domain::Refusal;
use sindico_domain::access::Role;
use sindico_domain::access::member::NewMember;
use sindico_domain::access::overrides::Overrides;
use sindico_domain::precondition::Precondition;
use sindico_store::Result;
use sindico_store::control::members;
use sindico_store::control::role_matrix::{self, Stored, Write};

fn overrides(json: &Value) -> Overrides {
    Overrides::parse(json.as_object().unwrap()).unwrap()
}

impl Db {
    async fn roles(&self, company: i64, how: Write, json: &Value) -> Result<Option<Stored>> {
        let none = Precondition::None;
        role_matrix::write(&self.store, &shell(), company, how, &overrides(json), &none).await
    }
}

#[tokio::test]
async fn overrides_are_replaced_and_merged() {
    let db = Db::new("role_matrix").await;
    let acme = db.company("acme", "Acme", 3).await;
    let zeta = db.company("zeta", "Zeta", 3).await;
    let found = async |id| role_matrix::find(&db.store, id).await.unwrap();
    assert_eq!(found(acme).await, Stored::default());
    // Nothing in place of nothing is no change.
    db.roles(acme, Write::Replace, &json!({})).await.unwrap();
    assert!(!db.audited().await.contains(&"rbac.change".to_owned()));

    let first = json!({"leads": {"GET": ["owner"], "POST": ["member"]}});
    let one = db
        .roles(acme, Write::Replace, &first)
        .await
        .unwrap()
        .unwrap();
    let more = json!({"leads": {"POST": ["owner"]}, "metrics": {"*": ["owner"]}});
    let two = db.roles(acme, Write::Merge, &more).await.unwrap().unwrap();
    assert!(two.version > one.version);
    let expected =
        json!({"leads": {"GET": ["OWNER"], "POST": ["OWNER"]}, "metrics": {"*": ["OWNER"]}});
    assert_eq!(two.overrides.to_json(), expected);
    assert_eq!(found(acme).await, two);
    let same = db.roles(acme, Write::Merge, &more).await.unwrap().unwrap();
    assert_eq!(same, two);
    let none = db
        .roles(acme, Write::Replace, &json!({}))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(none.overrides, Overrides::default());
    // The version goes on, so that an old one is never current again.
    assert!(none.version > two.version);
    assert_eq!(found(zeta).await, Stored::default());
    assert_eq!(
        db.roles(zeta + 1, Write::Replace, &first).await.unwrap(),
        None
    );

    let told = "SELECT count(*) FROM audit_event WHERE action = 'rbac.change'
        AND subject = 'roles of acme' AND actor = 'shell:root'";
    assert_eq!(db.count(told).await, 3);
    let told = "SELECT count(*) FROM audit_event WHERE action = 'rbac.change'
        AND before->'leads'->>'POST' = '[\"MEMBER\"]' AND after->'leads'->>'POST' = '[\"OWNER\"]'";
    assert_eq!(db.count(told).await, 1);
}

#[tokio::test]
async fn merges_at_once_lose_nothing() {
    let db = Db::new("merges").await;
    let acme = db.company("acme", "Acme", 3).await;
    let resources = [
        "customers",
        "leads",
        "opportunities",
        "activities",
        "sales_goals",
    ];
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let parts: Vec<Value> = resources
        .iter()
        .flat_map(|resource| {
            methods
                .iter()
                .map(move |m| json!({*resource: {*m: ["OWNER"]}}))
        })
        .collect();
    let written = join_all(parts.iter().map(|json| db.roles(acme, Write::Merge, json))).await;
    let mut versions: Vec<i64> = written
        .into_iter()
        .map(|written| written.unwrap().unwrap().version)
        .collect();
    let found = role_matrix::find(&db.store, acme).await.unwrap();
    for part in &parts {
        let merged = found.overrides.clone().merge(overrides(part));
        assert_eq!(merged, found.overrides, "{part} was lost");
    }
    versions.sort_unstable();
    versions.dedup();
    assert_eq!(versions.len(), parts.len(), "each change has its version");
}

#[tokio::test]
async fn only_an_owner_writes_and_only_over_what_they_read() {
    let db = Db::new("matrix_owner").await;
    let acme = db.company("acme", "Acme", 3).await;
    let ana = db.user("ana").await;
    let new = overrides(&json!({"leads": {"*": ["OWNER"]}}));
    let write = async |version: Option<i64>| {
        let condition = version.map_or(Precondition::None, |v| Precondition::OneOf(vec![v]));
        role_matrix::write(
            &db.store,
            &browser(&ana),
            acme,
            Write::Replace,
            &new,
            &condition,
        )
        .await
    };
    let place = |role| NewMember {
        username: "ana".to_owned(),
        role: Some(role),
        is_active: true,
    };
    assert!(matches!(refusal(write(None).await), Refusal::Forbidden(_)));
    for role in [Role::Member, Role::Manager] {
        members::add(&db.store, &shell(), acme, &place(role), None)
            .await
            .unwrap();
        assert!(matches!(refusal(write(None).await), Refusal::Forbidden(_)));
    }
    members::add(&db.store, &shell(), acme, &place(Role::Owner), None)
        .await
        .unwrap();
    assert_eq!(refusal(write(Some(7)).await), Refusal::PreconditionFailed);
    let one = write(Some(0)).await.unwrap().unwrap();
    assert_eq!(refusal(write(Some(0)).await), Refusal::PreconditionFailed);
    write(Some(one.version)).await.unwrap().unwrap();
}
