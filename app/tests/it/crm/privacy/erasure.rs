//! Nothing is left of who was erased, wherever it stood.

use super::super::{ACTIVITIES, CUSTOMERS, LEADS, OPPORTUNITIES, Tenant, start};
use super::{REQUESTS, RULES, until};
use reqwest::Method;
use serde_json::json;
use sindico_testkit::{TestApp, TestDatabase};
use std::collections::BTreeSet;

/// What tells who somebody is, in the ways in which it is left behind: folded and without what stands between.
const CANARIES: [&str; 6] = [
    "zuleica",
    "canarinho",
    "antigona",
    "11977771234",
    "52998224725",
    "ruadopassaro",
];

fn bare(text: &str) -> String {
    let folded = sindico_domain::fold::fold(text);
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Where a canary is left: `table: row`.
async fn found(database: &str) -> Vec<String> {
    let inside = TestDatabase::superuser(database).await;
    let tables =
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1";
    let mut found = Vec::new();
    for table in inside.query(tables, &[]).await.unwrap() {
        let table: String = table.get(0);
        let rows = inside
            .query(&format!("SELECT t::text FROM {table} t"), &[])
            .await
            .unwrap();
        for row in rows {
            let text: String = row.get(0);
            let told = bare(&text);
            if CANARIES.iter().any(|canary| told.contains(canary)) {
                found.push(format!("{table}: {text}"));
            }
        }
    }
    found
}

/// Leaves a person wherever the program keeps something; the customer, and the lead.
async fn spread(app: &TestApp, t: &Tenant) -> (i64, i64) {
    let person = json!({
        "name": "Antígona Canarinho", "email": "zuleica@canarinho.example", "phone": "(11) 97777-1234",
        "document": "529.982.247-25", "notes": "Zuleica prefere manhãs", "tags": ["zuleica", "vip"],
        "addresses": [{"street": "Rua do Pássaro", "city": "Recife", "state": "PE"}],
        "contacts": [{"kind": "WHATSAPP", "value": "+55 11 97777-1234"}],
    });
    let customer = t.make(CUSTOMERS, person).await;
    let id = customer["id"].as_i64().unwrap();
    let path = format!("{CUSTOMERS}{id}/");
    t.owner
        .patch(&path, json!({"name": "Zuleica Canarinho"}))
        .await
        .expect(200);
    // Sent twice under one key.
    let lead = json!({"source": "Indicada por Zuleica", "name": "Zuleica Canarinho", "email": "zuleica@canarinho.example",
        "customer": id, "disqualification_reason": "", "budget": "1500.00"});
    let request = t
        .owner
        .request(Method::POST, LEADS)
        .header("idempotency-key", "abc")
        .json(&lead);
    let lead = t.owner.send(request).await.expect(201).json["id"]
        .as_i64()
        .unwrap();
    let sale = json!({"customer": id, "source_lead": lead, "title": "Forno da Zuleica", "amount": "900.00",
        "next_step": "ligar para a Zuleica", "notes": "Canarinho"});
    let sale = t.make(OPPORTUNITIES, sale).await["id"].as_i64().unwrap();
    let todo = json!({"title": "Ligar: Canarinho", "description": "cpf 529.982.247-25", "outcome": "Zuleica pensou",
        "opportunity": sale, "lead": lead});
    t.make(ACTIVITIES, todo).await;
    let file = format!("{OPPORTUNITIES}{sale}/attachments/?name=Contrato%20Zuleica.txt");
    let request = t
        .owner
        .request(Method::POST, &file)
        .body("Zuleica Canarinho");
    t.owner.send(request).await.expect(201);
    let quote = json!({"notes": "Olá Zuleica", "terms": "Zuleica paga", "valid_until": "2026-12-31",
        "lines": [{"name": "Forno da Zuleica", "quantity": 1, "price": "900.00"}]});
    let quote = t
        .make(&format!("{OPPORTUNITIES}{sale}/quotes/"), quote)
        .await;
    let send = format!("/api/quotes/{}/send/", quote["id"]);
    let sent = t.owner.post(&send, json!({})).await.expect(200).json;
    let customer = app.anonymous().tenant(&t.code);
    let link = sent["link"].as_str().unwrap();
    let answer = [
        ("name", "Zuleica Canarinho"),
        ("confirm", "on"),
        ("decision", "accept"),
    ];
    let answer = customer.request(Method::POST, link).form(&answer);
    customer.send(answer).await.expect(303);
    // In the bin, and found all the same.
    let gone = t
        .make(ACTIVITIES, json!({"title": "Zuleica", "lead": lead}))
        .await;
    t.owner
        .call("DELETE", &format!("{ACTIVITIES}{}/", gone["id"]))
        .await
        .expect(204);
    // A row that came in, and one that could not.
    let file = "nome,e-mail,origem,observacoes\r\nZuleica Canarinho,zuleica@canarinho.example,lista,de novo\r\nZuleica Canarinho,nada,lista,\r\n";
    let job = t.owner.send_sheet("lead", file).await.expect(201).json;
    let path = format!("/api/imports/{}/", job["id"]);
    until(&t.owner, &path, |now| now["state"] != "LOADING").await;
    let mapping = json!({"mapping": ["name", "email", "source", "notes"]});
    t.owner.patch(&path, mapping).await.expect(200);
    for (act, state) in [("dry-run/", "CHECKED"), ("commit/", "DONE")] {
        t.owner
            .post(&format!("{path}{act}"), json!({}))
            .await
            .expect(202);
        until(&t.owner, &path, |now| now["state"] == state).await;
    }
    let view = json!({"kind": "lead", "name": "De Zuleica Canarinho",
        "filter": {"field": "email", "op": "is", "value": "Zuleica@Canarinho.example"}});
    let view = t.make("/api/views/", view).await;
    let view = format!("/api/views/{}/", view["id"]);
    t.owner
        .patch(&view, json!({"density": "COMPACT"}))
        .await
        .expect(200);
    t.owner
        .get("/api/leads/export/?q=zuleica%40canarinho.example")
        .await
        .expect(200);
    // What a form was sent too fast waits for somebody to look.
    let form = json!({"title": "Contato", "fields": ["email"], "source": "site", "consent": "Podem ligar."});
    let form = t.make("/api/lead-forms/", form).await;
    let visitor = app.anonymous().on(&format!("{}.mksbrasil.com", t.code));
    let form = format!("/f/{}/", form["key"].as_str().unwrap());
    let page = visitor.get(&form).await.expect(200).text;
    let proof = page
        .split_once("name=\"proof\" value=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap();
    let sent = [
        ("proof", proof),
        ("name", "Zuleica Canarinho"),
        ("email", "zuleica@canarinho.example"),
        ("consent", "on"),
    ];
    visitor
        .send(visitor.request(Method::POST, &form).form(&sent))
        .await
        .expect(200);
    let hook = json!({"name": "Site", "url": "http://127.0.0.1:9/", "events": ["lead.created"]});
    let hook = t.make("/api/webhooks/", hook).await;
    t.owner
        .post(&format!("/api/webhooks/{}/test/", hook["id"]), json!({}))
        .await;
    t.sql("UPDATE webhook_delivery SET answer = 'hello zuleica@canarinho.example', tries = '[{\"error\": \"Zuleica Canarinho\"}]' WHERE company_id = $1").await;
    let rule = json!({"kind": "lead", "name": "Um", "months": 24,
        "filter": {"field": "email", "op": "is", "value": "zuleica@canarinho.example"}});
    t.make(RULES, rule).await;
    let ground =
        json!({"purpose": "Newsletter", "source": "telefone", "evidence": "Zuleica disse sim"});
    t.owner
        .post(&format!("{LEADS}{lead}/consents/"), ground)
        .await
        .expect(201);
    (id, lead)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_tells_who_it_was_after_an_erasure() {
    let (app, tenants) = start().await;
    for t in &tenants {
        // Somebody else, whose name has a word in common.
        let other = t
            .make(
                CUSTOMERS,
                json!({"name": "Maria Zulmira", "email": "maria@example.com"}),
            )
            .await;
        let (customer, lead) = spread(&app, t).await;
        // They are no duplicates: written by hand, since who shares a telephone has it for good.
        let id = &other["id"];
        let pair =
            "INSERT INTO not_duplicate (company_id, kind, one_id, other_id, reasons, username)";
        t.sql(&format!(
            "{pair} SELECT $1, 'customer', {id}, {customer}, 4, 'x'"
        ))
        .await;
        let before = found(&t.database).await;
        let places: BTreeSet<&str> = before
            .iter()
            .map(|at| at.split(':').next().unwrap())
            .collect();
        for table in [
            "customer",
            "lead",
            "opportunity",
            "activity",
            "change",
            "search_doc",
            "import_row",
            "lead_form_entry",
            "saved_view",
            "saved_view_change",
            "export_log",
            "idempotency_key",
            "webhook_delivery",
            "consent",
            "retention_rule",
            "setting_change",
            "attachment",
            "quote",
            "change_set",
        ] {
            assert!(
                places.contains(table),
                "{table} holds nothing to erase: {places:?}"
            );
        }
        let metrics = t.owner.get("/api/sales/metrics/").await.expect(200).json;

        let survey = format!("/api/privacy/person/?customers={customer}");
        let survey = t.owner.get(&survey).await.expect(200).json;
        assert_eq!(survey["open_sales"], 1);
        let alike = survey["alike"].as_array().unwrap();
        assert!(
            alike
                .iter()
                .any(|one| one["kind"] == "lead" && one["id"] == lead && one["why"] == "BELONGS"),
            "{survey:#}"
        );
        let leads: Vec<i64> = alike
            .iter()
            .filter(|one| one["kind"] == "lead")
            .map(|one| one["id"].as_i64().unwrap())
            .collect();
        assert_eq!(leads, [lead], "{survey:#}");
        assert_eq!(
            found(&t.database).await.len(),
            before.len(),
            "a survey changed something"
        );

        let body = json!({"kind": "ERASURE", "customers": [customer], "leads": leads, "note": "Zuleica escreveu"});
        let request = t.make(REQUESTS, body).await;
        let path = format!("{REQUESTS}{}/", request["id"]);
        let refused = t
            .owner
            .post(&format!("{path}execute/"), json!({}))
            .await
            .expect(400);
        assert!(refused.json["confirm"].is_array());
        let done = t
            .owner
            .post(&format!("{path}execute/"), json!({"confirm": true}))
            .await
            .expect(200);
        let set = done.header("x-change-set").to_owned();
        assert_eq!(done.json["state"], "DONE");
        for what in [
            "customer",
            "lead",
            "opportunity",
            "activity",
            "changes",
            "import_rows",
            "form_entries",
            "views",
            "export_log",
            "repeated_requests",
            "webhook_answers",
            "consents",
            "files",
            "quotes",
            "dismissed",
        ] {
            assert!(
                done.json["erased"][what].as_i64().unwrap_or(0) > 0,
                "{what}: {}",
                done.text
            );
        }
        let left = found(&t.database).await;
        assert!(left.is_empty(), "{}: {left:#?}", t.model);
        let inside = TestDatabase::superuser(&t.database).await;
        let chunks = "SELECT (SELECT count(*) FROM file_chunk WHERE company_id = $1)
            + (SELECT count(*) FROM not_duplicate WHERE company_id = $1)";
        let chunks: i64 = inside
            .query_one(chunks, &[&t.company])
            .await
            .unwrap()
            .get(0);
        assert_eq!(chunks, 0, "what was in files");

        // What is counted stays, and so does whoever it was not about.
        assert_eq!(
            t.owner.get("/api/sales/metrics/").await.expect(200).json,
            metrics
        );
        let same = t
            .owner
            .get(&format!("{CUSTOMERS}{}/", other["id"]))
            .await
            .expect(200)
            .json;
        assert_eq!(same["name"], "Maria Zulmira");
        let now = t
            .owner
            .get(&format!("{CUSTOMERS}{customer}/"))
            .await
            .expect(200)
            .json;
        assert_eq!(now["name"], format!("Anonimizado {customer}"));
        assert_eq!(now["tags"], json!(["vip"]));
        assert!(
            t.owner.get("/api/search/?q=zuleica").await.expect(200).json["results"]
                .as_array()
                .is_none_or(Vec::is_empty)
        );
        // It can't be taken back, nor can what was changed before.
        let undone = t
            .owner
            .post(&format!("/api/changes/{set}/undo/"), json!({}))
            .await
            .expect(409);
        assert!(undone.text.contains("erased"), "{}", undone.text);
        let history = t
            .owner
            .get(&format!("{CUSTOMERS}{customer}/timeline/"))
            .await
            .expect(200)
            .json;
        let earlier = history
            .as_array()
            .unwrap()
            .iter()
            .find(|change| change["action"] == "customer.update")
            .unwrap()
            .clone();
        assert_eq!(
            (&earlier["erased"], &earlier["after"]),
            (&json!(true), &json!({}))
        );
        t.owner
            .post(
                &format!("/api/changes/{}/undo/", earlier["change_set"]),
                json!({}),
            )
            .await
            .expect(409);
        // Whoever repeats a request is told no more than that it was done.
        let request = json!({"source": "Indicada por Zuleica", "name": "Zuleica Canarinho", "email": "zuleica@canarinho.example",
            "customer": customer, "disqualification_reason": "", "budget": "1500.00"});
        let again = t
            .owner
            .request(Method::POST, LEADS)
            .header("idempotency-key", "abc")
            .json(&request);
        assert_eq!(
            t.owner.send(again).await.expect(201).json,
            json!({"erased": true})
        );
        // A second time there is nothing to do.
        t.owner
            .post(&format!("{path}execute/"), json!({"confirm": true}))
            .await
            .expect(409);
        let again = t
            .make(
                REQUESTS,
                json!({"kind": "ERASURE", "customers": [customer]}),
            )
            .await;
        let done = t
            .owner
            .post(
                &format!("{REQUESTS}{}/execute/", again["id"]),
                json!({"confirm": true}),
            )
            .await
            .expect(200);
        assert!(
            done.json["erased"].get("customer").is_none(),
            "{}",
            done.text
        );
    }
}
