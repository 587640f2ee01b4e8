//! References, driven by the tables of fields: to what is not there, in the bin or another tenant's,
//! and to people who are not active members, each is an error on its field.

use super::{
    ACTIVITIES, CUSTOMERS, GOALS, LEADS, OPPORTUNITIES, Tenant, at, merged, refused_on, start,
    tenant, user_id,
};
use serde_json::{Value, json};
use sindico_domain::crm::{Access, FieldType, Kind};

/// A record of this kind.
async fn make(t: &Tenant, kind: Kind) -> Value {
    let body = whole(t, kind).await;
    t.make(kind.path(), body).await
}

/// All that a record of this kind must have.
async fn whole(t: &Tenant, kind: Kind) -> Value {
    static MONTHS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let n = MONTHS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    match kind {
        Kind::Customer => json!({"name": "Ana", "email": format!("ana{n}@example.com")}),
        Kind::Lead => json!({"source": "site"}),
        Kind::Opportunity => json!({"title": "Venda", "customer": t.customer().await["id"]}),
        Kind::Activity => json!({"title": "Ligar", "lead": t.lead(json!({})).await["id"]}),
        Kind::SalesGoal => json!({"year": 2000 + n / 12, "month": n % 12 + 1, "amount": "1"}),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_leads_to_a_record_of_this_tenant_that_is_there() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let other = tenant(&app, t.model).await;
        let mut tried = 0;
        for &kind in Kind::ALL {
            let record = make(t, kind).await;
            for field in kind
                .fields()
                .iter()
                .filter(|field| field.access == Access::Input)
            {
                let FieldType::Ref(to) = field.ty else {
                    continue;
                };
                // In a database of its own the other tenant's ids are the same: take one that is not here.
                let theirs = loop {
                    let theirs = make(&other, to).await;
                    if t.owner.get(&at(to.path(), &theirs)).await.status == 404 {
                        break theirs;
                    }
                };
                let gone = make(t, to).await;
                t.delete(to.path(), &gone).await;
                for wrong in [json!(999_999_999), gone["id"].clone(), theirs["id"].clone()] {
                    let what = format!("{} {kind}.{} = {wrong}", t.model, field.name);
                    let change = json!({ field.name: wrong });
                    let created = merged(whole(t, kind).await, change.clone());
                    refused_on(&t.owner.post(kind.path(), created).await, field.name, &what);
                    let path = at(kind.path(), &record);
                    refused_on(
                        &t.owner.patch(&path, change.clone()).await,
                        field.name,
                        &what,
                    );
                    refused_on(
                        &t.owner.put(&path, merged(record.clone(), change)).await,
                        field.name,
                        &what,
                    );
                    tried += 1;
                }
                let right = make(t, to).await;
                let path = at(kind.path(), &record);
                let changed = t
                    .owner
                    .patch(&path, json!({ field.name: right["id"] }))
                    .await
                    .expect(200);
                assert_eq!(changed.json[field.name], right["id"]);
            }
        }
        assert!(tried >= 15, "only {tried}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_named_in_a_record_is_active_in_this_tenant() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let other = tenant(&app, t.model).await;
        let stranger = user_id(&other.owner).await;
        let (active, leaving) = (user_id(&t.manager).await, user_id(&t.member).await);
        let mut before = Vec::new();
        let users = |kind: Kind| {
            let fields = kind.fields().iter();
            fields.filter(|field| field.ty == FieldType::User && field.access == Access::Input)
        };
        for &kind in Kind::ALL {
            for field in users(kind) {
                let record = make(t, kind).await;
                let path = at(kind.path(), &record);
                let kept = t
                    .owner
                    .patch(&path, json!({ field.name: leaving }))
                    .await
                    .expect(200)
                    .json;
                before.push((path, field.name, kept));
            }
        }
        assert_eq!(
            before.len(),
            5,
            "customers, leads, opportunities, activities, goals"
        );
        let members = t.owner.get("/api/auth/tenant-members/").await.json;
        let members = members["results"].as_array().unwrap().clone();
        let membership = members.iter().find(|m| m["user_id"] == leaving).unwrap();
        t.owner
            .call(
                "DELETE",
                &format!("/api/auth/tenant-members/{}/", membership["id"]),
            )
            .await
            .expect(204);
        for &kind in Kind::ALL {
            for field in users(kind) {
                for wrong in [999_999_999, stranger, leaving] {
                    let what = format!("{} {kind}.{} = {wrong}", t.model, field.name);
                    let body = merged(whole(t, kind).await, json!({ field.name: wrong }));
                    refused_on(&t.owner.post(kind.path(), body).await, field.name, &what);
                }
            }
        }
        for (path, field, kept) in before {
            // Who has left stays where they are, until somebody else comes.
            let same = t.owner.put(&path, kept.clone()).await.expect(200).json;
            assert_eq!((&same[field], &same), (&json!(leaving), &kept));
            let next = t
                .owner
                .patch(&path, json!({ field: active }))
                .await
                .expect(200)
                .json;
            assert!(
                next[format!("{field}_username")]
                    .as_str()
                    .unwrap()
                    .starts_with("manager-")
            );
            refused_on(
                &t.owner.patch(&path, json!({ field: leaving })).await,
                field,
                "back again",
            );
        }
    }
}

#[test]
fn every_kind_has_its_address() {
    let paths = Kind::ALL.iter().map(|kind| kind.path());
    assert!(paths.eq([CUSTOMERS, LEADS, OPPORTUNITIES, ACTIVITIES, GOALS]));
}

/// What is about a customer in the bin still says so, can be worked on, and finds it again.
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_may_go_to_the_bin_before_its_sales_and_comes_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let sale = json!({"title": "Venda", "customer": customer["id"]});
        let sale = t.make(OPPORTUNITIES, sale).await;
        let lead = t.lead(json!({"customer": customer["id"]})).await;
        t.delete(CUSTOMERS, &customer).await;
        t.owner.get(&at(CUSTOMERS, &customer)).await.expect(404);

        // The same reference wherever the record is read.
        assert_eq!(t.read(OPPORTUNITIES, &sale).await, sale, "{}", t.model);
        assert_eq!(t.read(LEADS, &lead).await, lead, "{}", t.model);
        let of = |path: &str| format!("{path}?customer={}", customer["id"]);
        for (path, record) in [(OPPORTUNITIES, &sale), (LEADS, &lead)] {
            let listed = t.member.get(&of(path)).await.expect(200).json;
            assert_eq!(listed, json!([record]), "{} {path}", t.model);
        }
        let board = t.member.get("/api/opportunities/board/").await.expect(200);
        let on_board = board
            .text
            .contains(&format!("\"customer\":{}", customer["id"]));
        assert!(on_board, "{}", board.text);
        let history = format!("{}history/", at(OPPORTUNITIES, &sale));
        let history = t.member.get(&history).await.expect(200).json;
        assert_eq!(history["opportunity"], sale);
        let bin = t.owner.get("/api/bin/").await.expect(200).json;
        assert_eq!(bin[0]["kind"], "customer");

        // Work goes on; only new references to it are refused.
        let moved = json!({"stage": "PROPOSAL", "customer": customer["id"]});
        let moved = t.owner.patch(&at(OPPORTUNITIES, &sale), moved).await;
        let moved = moved.expect(200).json;
        assert_eq!(moved["customer"], customer["id"]);
        let another = json!({"title": "Outra", "customer": customer["id"]});
        let another = t.owner.post(OPPORTUNITIES, another).await;
        refused_on(&another, "customer", t.model);

        let back = format!("{}restore/", at(CUSTOMERS, &customer));
        t.owner.post(&back, json!({})).await.expect(200);
        let read = t.read(CUSTOMERS, &customer).await;
        assert_eq!(
            (&read["id"], &read["email"]),
            (&customer["id"], &customer["email"])
        );
        assert_eq!(t.read(OPPORTUNITIES, &sale).await, moved);
        t.make(
            OPPORTUNITIES,
            json!({"title": "Outra", "customer": customer["id"]}),
        )
        .await;
    }
}
