//! What people may ask for whose data are kept, and what is promised to them.

mod columns;
mod erasure;

use super::{ACTIVITIES, CUSTOMERS, LEADS, start};
use reqwest::Method;
use serde_json::{Value, json};
use sindico_crm::privacy;
use sindico_domain::access::sight::Sight;
use sindico_testkit::Client;
use std::time::{Duration, Instant};

const REQUESTS: &str = "/api/privacy/requests/";
const RULES: &str = "/api/privacy/retention/";

async fn until(caller: &Client, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let now = caller.get(path).await.expect(200).json;
        if wanted(&now) {
            return now;
        }
        assert!(Instant::now() < end, "{now:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_written_down_answered_once_and_in_time() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t
            .lead(json!({"name": "Rita Prado", "email": "rita@example.com"}))
            .await;
        let path = format!("{LEADS}{}/", lead["id"]);
        t.owner
            .patch(&path, json!({"notes": "gosta de café"}))
            .await
            .expect(200);
        t.manager.get(REQUESTS).await.expect(403);
        let about = json!({"kind": "EXPORT", "leads": [lead["id"]], "received_on": "2026-01-10", "note": "Por telefone"});
        let made = t.make(REQUESTS, about).await;
        assert_eq!(
            (&made["state"], &made["due_on"]),
            (&json!("OPEN"), &json!("2026-01-25"))
        );
        let path = format!("{REQUESTS}{}/", made["id"]);
        let copy = t.owner.get(&format!("{path}report/")).await.expect(200);
        assert!(copy.header("content-disposition").contains("attachment"));
        assert_eq!(copy.json["leads"][0]["email"], "rita@example.com");
        assert_eq!(copy.json["history"].as_array().unwrap().len(), 2);
        for (body, field) in [
            (json!({"kind": "EXPORT", "leads": [999_999]}), "leads"),
            (json!({"kind": "X", "leads": [1]}), "kind"),
            (json!({"kind": "ERASURE"}), "non_field_errors"),
        ] {
            assert!(t.owner.post(REQUESTS, body).await.expect(400).json[field].is_array());
        }
        t.owner
            .post(&format!("{path}refuse/"), json!({}))
            .await
            .expect(400);
        // Of two who answer at once one does.
        let (done, refused) = (format!("{path}execute/"), format!("{path}refuse/"));
        let (a, b) = tokio::join!(
            t.owner.post(&done, json!({})),
            t.owner.post(&refused, json!({"reason": "Não é a pessoa"}))
        );
        let mut codes = [a.status, b.status];
        codes.sort_unstable();
        assert_eq!(codes, [200, 409], "{} {}", a.text, b.text);
        let open = t
            .owner
            .get(&format!("{REQUESTS}?state=OPEN"))
            .await
            .expect(200)
            .json;
        assert_eq!(open, json!([]));
        t.owner
            .get(&format!("{REQUESTS}?state=LATE"))
            .await
            .expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_sees_everything_or_nothing() {
    let (_app, tenants) = start().await;
    let t = &tenants[0];
    let lead = t.lead(json!({"name": "Rita"})).await;
    let own = json!({"leads": {"SCOPE": {"OWNER": "OWN"}}});
    t.owner
        .patch("/api/auth/tenant-rbac/", own)
        .await
        .expect(200);
    let about = json!({"kind": "ERASURE", "leads": [lead["id"]]});
    t.owner.post(REQUESTS, about).await.expect(403);
    t.owner
        .get(&format!("/api/privacy/person/?leads={}", lead["id"]))
        .await
        .expect(403);
    t.owner
        .post(RULES, json!({"kind": "lead", "name": "a", "months": 1}))
        .await
        .expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_at_a_person_is_written_down() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({"name": "Rita"})).await;
        let path = format!("{LEADS}{}/", lead["id"]);
        for _ in 0..3 {
            t.member.get(&path).await.expect(200);
        }
        let log = format!("/api/privacy/accesses/?kind=lead&record={}", lead["id"]);
        let looks = until(&t.owner, &log, |now| now[0]["times"] == 3).await;
        assert_eq!(looks.as_array().unwrap().len(), 1);
        let page = t
            .member
            .send(
                t.member
                    .request(Method::GET, &format!("/leads/{}/", lead["id"])),
            )
            .await;
        assert_eq!(page.status, 200);
        until(&t.owner, &log, |now| now[0]["times"] == 4).await;
        t.member.get(&log).await.expect(403);
        t.owner
            .get("/api/privacy/accesses/?kind=lead")
            .await
            .expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grounds_are_added_and_never_changed() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let path = format!("{CUSTOMERS}{}/consents/", customer["id"]);
        t.member
            .post(&path, json!({"purpose": "Newsletter"}))
            .await
            .expect(403);
        t.manager
            .post(
                &path,
                json!({"purpose": "Newsletter", "source": "telefone"}),
            )
            .await
            .expect(201);
        t.manager
            .post(&path, json!({"purpose": "Newsletter", "state": "REVOKED"}))
            .await
            .expect(201);
        let all = t.member.get(&path).await.expect(200).json;
        assert_eq!(
            (&all[0]["state"], &all[1]["state"]),
            (&json!("REVOKED"), &json!("GRANTED"))
        );
        for (body, field) in [
            (json!({}), "purpose"),
            (json!({"purpose": "x", "basis": "BECAUSE"}), "basis"),
        ] {
            assert!(t.manager.post(&path, body).await.expect(400).json[field].is_array());
        }
        t.manager
            .post(
                &format!("{CUSTOMERS}999999/consents/"),
                json!({"purpose": "x"}),
            )
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_for_long_enough_is_erased() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let old = t
            .lead(json!({"name": "Velha Guarda", "status": "DISQUALIFIED"}))
            .await;
        let busy = t
            .lead(json!({"name": "Velha Pressa", "status": "DISQUALIFIED"}))
            .await;
        let new = t
            .lead(json!({"name": "Nova Era", "status": "DISQUALIFIED"}))
            .await;
        let open = t.lead(json!({"name": "Velha Aberta"})).await;
        t.make(ACTIVITIES, json!({"title": "Ligar", "lead": busy["id"]}))
            .await;
        t.sql("UPDATE lead SET updated_at = now() - interval '25 months' WHERE company_id = $1 AND name LIKE 'Velha%'").await;
        let filter = json!({"field": "status", "op": "is", "value": "DISQUALIFIED"});
        let told = json!({"kind": "lead", "name": "Perdidos", "filter": filter, "months": 24});
        let due = t
            .owner
            .post(&format!("{RULES}preview/"), told.clone())
            .await
            .expect(200)
            .json;
        assert_eq!(due["count"], 1, "{due}");
        assert_eq!(due["due"][0]["id"], old["id"]);
        let rule = t.make(RULES, told).await;
        let path = format!("{RULES}{}/", rule["id"]);
        // Not before somebody has it so.
        t.owner
            .post(&format!("{path}run/"), json!({}))
            .await
            .expect(409);
        t.owner
            .patch(&path, json!({"active": true}))
            .await
            .expect(200);
        let ran = t
            .owner
            .post(&format!("{path}run/"), json!({}))
            .await
            .expect(200)
            .json;
        assert_eq!(ran["erased"], 1);
        let name = async |lead: &Value| {
            t.owner
                .get(&format!("{LEADS}{}/", lead["id"]))
                .await
                .expect(200)
                .json["name"]
                .clone()
        };
        assert_eq!(name(&old).await, "");
        for (lead, named) in [
            (&busy, "Velha Pressa"),
            (&new, "Nova Era"),
            (&open, "Velha Aberta"),
        ] {
            assert_eq!(name(lead).await, named);
        }
        assert_eq!(
            t.owner
                .post(&format!("{path}run/"), json!({}))
                .await
                .expect(200)
                .json["erased"],
            0
        );
        // Its turn comes once a day, in one program alone.
        let company = app.directory.by_id(t.company).unwrap().unwrap();
        let data = app
            .pools
            .tenant(company.route.clone().unwrap(), Sight::whole());
        let now: jiff::Timestamp = "2030-01-01T12:00:00Z".parse().unwrap();
        let (a, b) = tokio::join!(privacy::turn(&data, now), privacy::turn(&data, now));
        let mut turns = [a.unwrap(), b.unwrap()];
        turns.sort();
        assert_eq!(turns, [vec![], vec![rule["id"].as_i64().unwrap()]]);
        let hours = |n: i64| now + jiff::SignedDuration::from_hours(n);
        assert!(privacy::turn(&data, hours(19)).await.unwrap().is_empty());
        assert_eq!(privacy::turn(&data, hours(21)).await.unwrap().len(), 1);
        assert_eq!(t.owner.get(&path).await.expect(200).json["erased"], 1);
        // Changed, deleted, and had again.
        t.owner.call("DELETE", &path).await.expect(204);
        t.owner.get(&path).await.expect(404);
        assert_eq!(
            t.owner
                .post(&format!("{path}undo/"), json!({}))
                .await
                .expect(200)
                .json["active"],
            true
        );
        for (body, field) in [
            (
                json!({"kind": "activity", "name": "x", "months": 1}),
                "kind",
            ),
            (json!({"kind": "lead", "name": "x", "months": 0}), "months"),
            (
                json!({"kind": "lead", "name": "x", "months": 1, "filter": {"field": "none", "op": "is", "value": 1}}),
                "filter",
            ),
        ] {
            assert!(t.owner.post(RULES, body).await.expect(400).json[field].is_array());
        }
        // At most twenty, also when many are made at once.
        let some = (0..25).map(|n| {
            t.owner.post(
                RULES,
                json!({"kind": "lead", "name": format!("r{n}"), "months": 240}),
            )
        });
        let codes: Vec<u16> = futures_util::future::join_all(some)
            .await
            .into_iter()
            .map(|answer| answer.status)
            .collect();
        assert_eq!(
            codes.iter().filter(|code| **code == 201).count(),
            19,
            "{codes:?}"
        );
    }
}
