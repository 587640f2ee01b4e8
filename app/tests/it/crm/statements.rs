//! No list, board, record, search or metrics call takes more than three SQL statements, however much
//! there is.

use super::{ACTIVITIES, CUSTOMERS, GOALS, LEADS, OPPORTUNITIES, at, start};
use serde_json::json;
use tokio::sync::Mutex;

/// Statements are counted for the whole program: the tests here take turns.
static COUNTING: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn every_read_takes_at_most_three_statements() {
    let _turn = COUNTING.lock().await;
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let lead = t
            .lead(json!({"status": "QUALIFIED", "customer": customer["id"]}))
            .await;
        let made = t
            .owner
            .post(&format!("{}convert/", at(LEADS, &lead)), json!({}))
            .await
            .expect(201)
            .json;
        let sale = &made["opportunity"];
        let mut activity = json!({});
        for n in 0..5 {
            t.sale(json!({})).await;
            let body = json!({"title": format!("{n}"), "lead": lead["id"], "opportunity": sale["id"], "reminder_at": "2026-11-23T10:00:00Z"});
            activity = t.make(ACTIVITIES, body).await;
        }
        let goal = t
            .make(GOALS, json!({"year": 2026, "month": 11, "amount": "1"}))
            .await;
        let gone = t.lead(json!({})).await;
        t.delete(LEADS, &gone).await;
        let set = t.latest(LEADS, &lead).await;
        let mut paths: Vec<String> = [
            "/api/opportunities/board/",
            "/api/opportunities/board/?amount_min=1&closed_days=60",
            "/api/activities/reminders/",
            "/api/sales/metrics/",
            "/api/sales/metrics/?from=2026-01-01&to=2026-12-31&assigned_to=1",
            "/api/dashboard/summary/",
            "/api/search/?q=cliente",
            "/api/search/?q=clixnte",
            "/api/search/?q=nada+mesmo",
            "/api/changes/",
            "/api/bin/",
            "/api/views/",
            "/api/leads/?filter=%7B%22field%22%3A%22score%22%2C%22op%22%3A%22is_empty%22%7D&count=some",
            "/api/customers/?q=cliente&count=exact",
            "/api/opportunities/?q=venda&count=some&sort=-amount&amount_min=0",
            "/api/customers/similar/?name=Cliente&email=a@example.com",
            "/api/customers/duplicates/",
            "/api/leads/duplicates/",
            "/api/customers/duplicates/dismissed/",
            "/api/leads/999999999/timeline/",
            "/api/leads/999999999/history/",
        ]
        .map(str::to_owned)
        .into();
        paths.push(format!("/api/changes/{set}/"));
        let customers = at(CUSTOMERS, &customer);
        let request = t.owner.request(
            "POST".parse().unwrap(),
            &format!("{customers}attachments/?name=a.txt"),
        );
        let file = t.owner.send(request.body("a")).await.expect(201);
        let file = format!("/api/attachments/{}/", file.json[0]["id"]);
        paths.extend([
            format!("{}quotes/", at(OPPORTUNITIES, sale)),
            "/api/quotes/".to_owned(),
            "/api/products/".to_owned(),
            format!("{customers}attachments/"),
            format!("{file}content/"),
            format!("{file}preview/"),
            file,
        ]);
        for (path, record) in [
            (CUSTOMERS, &customer),
            (LEADS, &lead),
            (OPPORTUNITIES, sale),
            (ACTIVITIES, &activity),
            (GOALS, &goal),
        ] {
            paths.extend([
                path.to_owned(),
                format!("{path}?count=exact"),
                format!("{path}?limit=2&count=some"),
                at(path, record),
                format!("{}timeline/", at(path, record)),
            ]);
        }
        for (path, record) in [(LEADS, &lead), (OPPORTUNITIES, sale)] {
            paths.push(format!("{}history/", at(path, record)));
        }
        for path in paths {
            // What this program does besides counts as well: the least of several is the number.
            let mut least = u64::MAX;
            for _ in 0..8 {
                let before = sindico_store::executed();
                let answer = t.owner.get(&path).await;
                assert!(answer.status < 500, "{path}: {}", answer.text);
                least = least.min(sindico_store::executed() - before);
            }
            assert!(
                (1..=3).contains(&least),
                "{} {path}: {least} statements",
                t.model
            );
        }
    }
}

/// The same for pages, which also ask the control database who can be chosen: three on a tenant's data.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_records_takes_at_most_three_statements() {
    let _turn = COUNTING.lock().await;
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let lead = t
            .lead(json!({"status": "QUALIFIED", "customer": customer["id"]}))
            .await;
        let made = t
            .owner
            .post(&format!("{}convert/", at(LEADS, &lead)), json!({}))
            .await
            .expect(201)
            .json;
        let sale = &made["opportunity"];
        let mut activity = json!({});
        for n in 0..5 {
            t.sale(json!({})).await;
            let body =
                json!({"title": format!("{n}"), "lead": lead["id"], "opportunity": sale["id"]});
            activity = t.make(ACTIVITIES, body).await;
        }
        let goal = t
            .make(GOALS, json!({"year": 2026, "month": 11, "amount": "1"}))
            .await;
        t.delete(LEADS, &t.lead(json!({})).await).await;
        let of = |kind: &str, record: &serde_json::Value| format!("/{kind}/{}/", record["id"]);
        let pages = [
            of("customers", &customer),
            of("leads", &lead),
            of("opportunities", sale),
            of("activities", &activity),
            of("goals", &goal),
        ];
        let mut paths: Vec<String> = [
            "/customers/",
            "/leads/?status=NEW&q=a",
            "/opportunities/list/?sort=-amount&amount_min=1",
            "/opportunities/list/?filter=%7B%22any%22%3A%5B%5D%7D&columns=customer,amount",
            "/opportunities/",
            "/leads/board/?filter=%7B%22all%22%3A%5B%5D%7D",
            "/views/",
            "/activities/?q=1",
            "/goals/",
            "/opportunities/new/?customer=1&source_lead=1",
            "/changes/?kind=lead",
            "/bin/",
            "/quotes/",
            "/products/",
            "/customers/duplicates/",
            "/customers/duplicates/dismissed/",
            "/search/?q=cliente",
            "/search/?fragment=options&kind=customer&q=clixnte",
        ]
        .map(str::to_owned)
        .into();
        for page in pages {
            paths.extend([format!("{page}edit/"), format!("{page}?cursor="), page]);
        }
        for path in paths {
            let mut least = u64::MAX;
            // Other tests of this process may run beside this one.
            for _ in 0..60 {
                let before = sindico_store::executed_on_tenants();
                let answer = t.owner.get(&path).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                assert!(
                    answer.text.contains("<main") || path.contains("fragment"),
                    "{path}"
                );
                least = least.min(sindico_store::executed_on_tenants() - before);
                if least <= 3 {
                    break;
                }
            }
            assert!(
                (1..=3).contains(&least),
                "{} {path}: {least} statements",
                t.model
            );
        }
    }
}
