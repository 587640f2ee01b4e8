//! Conversion: which customer it takes and why, what it takes over, and that it happens once.

use super::{CUSTOMERS, LEADS, OPPORTUNITIES, Tenant, at, ids, merged, refused, refused_on, start};
use serde_json::{Value, json};
use sindico_testkit::Answer;

async fn qualified(t: &Tenant, more: Value) -> Value {
    t.lead(merged(
        json!({"status": "QUALIFIED", "name": "Ana Lima"}),
        more,
    ))
    .await
}

async fn convert(t: &Tenant, lead: &Value, body: Value) -> Answer {
    t.owner
        .post(&format!("{}convert/", at(LEADS, lead)), body)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_is_the_leads_then_the_given_then_by_document_email_and_phone() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let own = t.customer().await;
        let by_document =
            json!({"name": "D", "email": "d@example.com", "document": "529.982.247-25"});
        let by_document = t.make(CUSTOMERS, by_document).await;
        let by_email = t
            .make(CUSTOMERS, json!({"name": "E", "email": "Eva@Example.com"}))
            .await;
        let by_phone = json!({"name": "P", "email": "p@example.com", "phone": "(11) 98765-4321"});
        let by_phone = t.make(CUSTOMERS, by_phone).await;
        let all = json!({"document": "52998224725", "email": "eva@example.com", "phone": "+55 11 98765 4321"});
        let without = |fields: &[&str]| {
            let mut body = all.clone();
            body.as_object_mut()
                .unwrap()
                .retain(|name, _| !fields.contains(&name.as_str()));
            body
        };
        for (lead, given, customer, reason) in [
            (
                merged(all.clone(), json!({"customer": own["id"]})),
                json!({}),
                &own,
                "lead",
            ),
            (
                merged(all.clone(), json!({"customer": own["id"]})),
                json!({"customer": own["id"]}),
                &own,
                "lead",
            ),
            (all.clone(), json!({"customer": own["id"]}), &own, "given"),
            (all.clone(), json!({}), &by_document, "document"),
            (without(&["document"]), json!({}), &by_email, "email"),
            (
                without(&["document"]),
                json!({"create_customer_if_missing": false}),
                &by_email,
                "email",
            ),
            (
                without(&["document", "email"]),
                json!({}),
                &by_phone,
                "phone",
            ),
        ] {
            let what = format!("{} {reason} {lead}", t.model);
            let lead = qualified(t, lead).await;
            let answer = convert(t, &lead, given).await.expect(201);
            let id = &customer["id"];
            assert_eq!(
                answer.json["customer_match"],
                json!({"customer": id, "reason": reason}),
                "{what}"
            );
            assert_eq!(answer.json["opportunity"]["customer"], *id, "{what}");
            assert_eq!(answer.json["lead"]["customer"], *id, "{what}");
        }
        // Nobody fits: one is made of what the lead knows.
        let lead = json!({"company": "Padaria Sol", "email": "sol@example.com", "phone": "11 3333-4444",
            "document": "11.222.333/0001-81", "tags": ["vip"]});
        let lead = qualified(t, lead).await;
        let made = convert(t, &lead, json!({})).await.expect(201).json;
        assert_eq!(made["customer_match"]["reason"], "created");
        let customer = t
            .owner
            .get(&format!("{CUSTOMERS}{}/", made["lead"]["customer"]))
            .await
            .expect(200)
            .json;
        for (field, value) in [
            ("name", json!("Padaria Sol")),
            ("email", json!("sol@example.com")),
            ("phone", json!("11 3333-4444")),
            ("document", json!("11.222.333/0001-81")),
            ("kind", json!("COMPANY")),
            ("tags", json!(["vip"])),
        ] {
            assert_eq!(customer[field], value, "{field}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_without_a_customer_to_be_had_is_refused_and_changes_nothing() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (own, other, gone) = (t.customer().await, t.customer().await, t.customer().await);
        t.delete(CUSTOMERS, &gone).await;
        let before = ids(&t.owner.get(CUSTOMERS).await.json).len();
        for (lead, body, field) in [
            (json!({}), json!({}), "customer"),
            (json!({"phone": "11 3333-4444"}), json!({}), "customer"),
            (
                json!({"email": "n@example.com"}),
                json!({"create_customer_if_missing": false}),
                "customer",
            ),
            (
                json!({"customer": own["id"]}),
                json!({"customer": other["id"]}),
                "customer",
            ),
            (json!({}), json!({"customer": 999_999_999}), "customer"),
            (json!({}), json!({"customer": gone["id"]}), "customer"),
            // One whose customer is in the bin is not made a new one behind everybody's back.
            (
                json!({"email": gone["email"]}),
                json!({"create_customer_if_missing": false}),
                "customer",
            ),
            (
                json!({"customer": own["id"]}),
                json!({"stage": "OPEN"}),
                "stage",
            ),
            (
                json!({"customer": own["id"]}),
                json!({"amount": "1.234"}),
                "amount",
            ),
            (
                json!({"customer": own["id"]}),
                json!({"title": "x".repeat(201)}),
                "title",
            ),
            (
                json!({"customer": own["id"]}),
                json!({"title": " "}),
                "title",
            ),
            (
                json!({"customer": own["id"]}),
                json!({"expected_close_date": "31/12/2026"}),
                "expected_close_date",
            ),
            (
                json!({"customer": own["id"]}),
                json!({"create_customer_if_missing": "maybe"}),
                "create_customer_if_missing",
            ),
        ] {
            let what = format!("{} {lead} {body}", t.model);
            let lead = qualified(t, lead).await;
            refused_on(&convert(t, &lead, body).await, field, &what);
            assert_eq!(t.read(LEADS, &lead).await, lead, "{what}");
        }
        assert_eq!(t.owner.get(OPPORTUNITIES).await.json, json!([]));
        assert_eq!(ids(&t.owner.get(CUSTOMERS).await.json).len(), before);
        for status in ["NEW", "DISQUALIFIED", "CONVERTED"] {
            let lead = t
                .lead(json!({"status": status, "customer": own["id"]}))
                .await;
            refused(&convert(t, &lead, json!({})).await, status);
        }
        t.member
            .post(&format!("{LEADS}1/convert/"), json!({}))
            .await
            .expect(403);
        t.owner
            .post(&format!("{LEADS}999999999/convert/"), json!({}))
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_takes_over_what_it_is_told_and_else_what_the_lead_knows() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let lead = json!({"customer": customer["id"], "budget": "1500.50", "tags": ["a", "b"]});
        let lead = qualified(t, lead).await;
        let told = json!({"title": "Contrato anual", "stage": "PROPOSAL", "amount": "999999999999.99", "expected_close_date": "2026-12-31"});
        let answer = convert(t, &lead, told).await.expect(201);
        let sale = &answer.json["opportunity"];
        for (field, value) in [
            ("title", json!("Contrato anual")),
            ("stage", json!("PROPOSAL")),
            ("amount", json!("999999999999.99")),
            ("expected_close_date", json!("2026-12-31")),
            ("source_lead", lead["id"].clone()),
            ("owner", lead["owner"].clone()),
        ] {
            assert_eq!(sale[field], value, "{field}");
        }
        assert_eq!(answer.json["lead"]["status"], "CONVERTED");
        assert_eq!(answer.header("location"), at(OPPORTUNITIES, sale));
        let read = t.owner.get(&at(OPPORTUNITIES, sale)).await.expect(200);
        assert_eq!(
            (&read.json, read.header("etag")),
            (sale, answer.header("etag"))
        );
        assert_eq!(
            answer.json.as_object().unwrap().len(),
            3,
            "lead, opportunity, customer_match"
        );

        let lead = qualified(
            t,
            json!({"customer": customer["id"], "budget": "1500.5", "tags": ["a", "b"]}),
        )
        .await;
        let nothing = json!({"title": null, "stage": null, "amount": null, "expected_close_date": null, "customer": null});
        let sale = convert(t, &lead, nothing).await.expect(201).json["opportunity"].take();
        assert_eq!(
            (&sale["title"], &sale["stage"]),
            (&json!("Ana Lima"), &json!("DISCOVERY"))
        );
        assert_eq!(
            (&sale["amount"], &sale["tags"]),
            (&json!("1500.50"), &json!(["a", "b"]))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn six_conversions_at_once_make_one_opportunity_and_five_clear_refusals() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = qualified(t, json!({"email": "ana@example.com"})).await;
        let tries = (0..6).map(|_| convert(t, &lead, json!({})));
        let answers = futures_util::future::join_all(tries).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        assert_eq!(won.len(), 1, "{answers:?}");
        lost.iter()
            .for_each(|answer| refused(answer, "a second conversion"));
        assert_eq!(ids(&t.owner.get(OPPORTUNITIES).await.json).len(), 1);
        assert_eq!(ids(&t.owner.get(CUSTOMERS).await.json).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_of_one_address_converted_at_once_share_one_customer() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mut leads = Vec::new();
        for _ in 0..4 {
            leads.push(qualified(t, json!({"email": "ana@example.com"})).await);
        }
        let tries = leads.iter().map(|lead| convert(t, lead, json!({})));
        let answers = futures_util::future::join_all(tries).await;
        let customer = &answers[0].json["lead"]["customer"];
        let mut made = 0;
        for answer in &answers {
            assert_eq!(answer.status, 201, "{}", answer.text);
            assert_eq!(answer.json["lead"]["customer"], *customer);
            made += u32::from(answer.json["customer_match"]["reason"] == "created");
        }
        assert_eq!(
            (made, ids(&t.owner.get(CUSTOMERS).await.json).len()),
            (1, 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_is_no_way_to_make_what_ones_role_may_not_make() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        // Who sells by the roles as they are, goes on to.
        let lead = qualified(t, json!({"email": "bia@example.com"})).await;
        let path = |lead: &Value| format!("{}convert/", at(LEADS, lead));
        let made = t
            .manager
            .post(&path(&lead), json!({}))
            .await
            .expect(201)
            .json;
        assert_eq!(made["customer_match"]["reason"], "created");

        let known = t.customer().await;
        for resource in ["leads", "opportunities", "customers"] {
            let roles = json!({ resource: {"POST": ["OWNER"]} });
            t.owner
                .put("/api/auth/tenant-rbac/", roles)
                .await
                .expect(200);
            let lead = qualified(t, json!({"email": format!("{resource}@example.com")})).await;
            let answer = t.manager.post(&path(&lead), json!({})).await.expect(403);
            let detail = answer.json["detail"].as_str().unwrap();
            assert!(detail.contains(&format!("POST on {resource}")), "{detail}");
            assert_eq!(t.read(LEADS, &lead).await, lead, "{} {resource}", t.model);
            // With a customer there is none to be made.
            let given = json!({"customer": known["id"]});
            let expected = if resource == "customers" { 201 } else { 403 };
            t.manager.post(&path(&lead), given).await.expect(expected);
            let lead = qualified(t, json!({"email": format!("{resource}-2@example.com")})).await;
            convert(t, &lead, json!({})).await.expect(201);
        }
        assert_eq!(ids(&t.owner.get(OPPORTUNITIES).await.json).len(), 5);
    }
}
