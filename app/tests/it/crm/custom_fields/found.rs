//! Custom fields read: in the history, in filters, in searches, and behind the wall.

use super::super::undo_path;
use super::{
    CUSTOMERS, FIELDS, LEADS, at, ids, refused_on, set_of, sizes, start, until, urlencode,
};
use serde_json::{Value, json};
use sindico_testkit::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn the_history_has_each_field_and_takes_it_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.field("lead", "Cor", "TEXT", json!({})).await;
        t.field("lead", "Peso", "DECIMAL", json!({})).await;
        let lead = t.lead(json!({"custom_fields": {"cor": "azul"}})).await;
        let made = t.latest(LEADS, &lead).await;
        let first = t
            .owner
            .get(&format!("{}timeline/", at(LEADS, &lead)))
            .await
            .expect(200)
            .json;
        assert_eq!(first[0]["after"]["custom.cor"], "azul");
        t.tell(LEADS, &lead, json!({"cor": "verde", "peso": "2"}))
            .await
            .expect(200);
        let set = t.latest(LEADS, &lead).await;
        let changes = t
            .owner
            .get(&format!("/api/changes/{set}/"))
            .await
            .expect(200)
            .json;
        assert_eq!(
            changes[0]["before"],
            json!({"custom.cor": "azul", "custom.peso": null})
        );
        assert_eq!(
            changes[0]["after"],
            json!({"custom.cor": "verde", "custom.peso": "2.00"})
        );
        // Only what was changed again is in the way.
        t.tell(LEADS, &lead, json!({"peso": "3"})).await.expect(200);
        let later = t.latest(LEADS, &lead).await;
        let stuck = t.undo(set).await.expect(409).json;
        assert_eq!(stuck["conflicts"][0]["field"], "custom.peso");
        t.undo(later).await.expect(200);
        t.undo(set).await.expect(200);
        assert_eq!(t.told(LEADS, &lead).await, json!({"cor": "azul"}));
        // As it stood after that change.
        let changes = t
            .owner
            .get(&format!("/api/changes/{set}/"))
            .await
            .expect(200)
            .json;
        let page = t
            .owner
            .get(&format!("/leads/{}/?at={}", lead["id"], changes[0]["id"]))
            .await
            .expect(200);
        assert!(
            page.text.contains("verde") && page.text.contains("Peso"),
            "{}",
            page.text
        );
        // All of it is as it was made: that can be taken back as well.
        t.undo(made).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_know_them_by_their_types() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for (label, ty) in [
            ("Texto", "TEXT"),
            ("Inteiro", "INTEGER"),
            ("Decimal", "DECIMAL"),
            ("Dia", "DATE"),
            ("Sim", "BOOLEAN"),
            ("Um", "CHOICE"),
            ("Fone", "PHONE"),
            ("Varios", "MULTI_CHOICE"),
        ] {
            let more = if ty.contains("CHOICE") {
                sizes()
            } else {
                json!({})
            };
            t.field("lead", label, ty, more).await;
        }
        let a = t.lead(json!({"custom_fields": {"texto": "Ação", "inteiro": 5, "decimal": "10.50", "dia": "2026-11-01", "sim": true, "um": "P", "fone": "(11) 98765-4321", "varios": ["P", "G"]}})).await;
        let b = t.lead(json!({"custom_fields": {"texto": "b%_", "inteiro": 40, "decimal": "9", "dia": "2026-12-24", "sim": false, "um": "G", "varios": ["G"]}})).await;
        let c = t.lead(json!({})).await;
        let [a, b, c] = [a, b, c].map(|lead| lead["id"].as_i64().unwrap());
        for (field, op, value, found) in [
            ("texto", "is", json!("Ação"), vec![a]),
            ("texto", "contains", json!("acao"), vec![a]),
            ("texto", "starts_with", json!("b%_"), vec![b]),
            ("texto", "is_empty", Value::Null, vec![c]),
            ("texto", "is_not", json!("b%_"), vec![a, c]),
            ("inteiro", "gt", json!(5), vec![b]),
            ("inteiro", "in", json!([5, 40]), vec![a, b]),
            ("decimal", "gte", json!("9.5"), vec![a]),
            ("decimal", "is", json!("9"), vec![b]),
            ("decimal", "between", json!(["9", "10.5"]), vec![a, b]),
            ("dia", "lt", json!("2026-12-01"), vec![a]),
            ("dia", "is_set", Value::Null, vec![a, b]),
            ("sim", "is", json!(false), vec![b]),
            ("sim", "is", json!(true), vec![a]),
            ("sim", "is_empty", Value::Null, vec![c]),
            ("um", "in", json!(["P"]), vec![a]),
            ("um", "not_in", json!(["P"]), vec![b, c]),
            ("fone", "is", json!("11987654321"), vec![a]),
            ("varios", "has_all", json!(["P", "G"]), vec![a]),
            ("varios", "has_any", json!(["P", "G"]), vec![a, b]),
            ("varios", "has_none", json!(["P"]), vec![b, c]),
        ] {
            let tree = json!({"field": format!("custom.{field}"), "op": op, "value": value});
            let path = format!("{LEADS}?sort=id&filter={}", urlencode(&tree));
            let answer = t.owner.get(&path).await.expect(200);
            assert_eq!(ids(&answer.json), found, "{} {tree}", t.model);
        }
        for (field, op, value) in [
            ("nada", "is_set", Value::Null),
            ("inteiro", "contains", json!("1")),
            ("um", "is", json!("M")),
            ("x'; DROP TABLE lead", "is_set", Value::Null),
        ] {
            let tree = json!({"field": format!("custom.{field}"), "op": op, "value": value});
            let answer = t
                .owner
                .get(&format!("{LEADS}?filter={}", urlencode(&tree)))
                .await;
            refused_on(&answer, "filter", field);
        }
        // The same in metrics, of a kind of its own.
        let tree = json!({"field": "custom.inteiro", "op": "gt", "value": 5});
        let numbers = t
            .owner
            .get(&format!("/api/sales/metrics/?leads={}", urlencode(&tree)))
            .await
            .expect(200);
        assert_eq!(numbers.json["lead_funnel"]["NEW"], 1, "{}", numbers.text);
        // No list has more to ask for it.
        let path = format!("{LEADS}?filter={}", urlencode(&tree));
        let mut least = u64::MAX;
        for _ in 0..20 {
            let before = sindico_store::executed_on_tenants();
            t.owner.get(&path).await.expect(200);
            least = least.min(sindico_store::executed_on_tenants() - before);
        }
        assert_eq!(least, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_follow_what_is_searchable() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let field = t
            .field("customer", "Apelido", "TEXT", json!({"searchable": true}))
            .await;
        let plain = t.field("customer", "Nota interna", "TEXT", json!({})).await;
        let body = json!({"name": "Ana", "email": "ana@a.example", "custom_fields": {"apelido": "Zecão da Sé", "nota_interna": "sigilosa"}});
        let ana = t.make(CUSTOMERS, body).await;
        let found = |q: &'static str| async move {
            let list = t
                .owner
                .get(&format!("{CUSTOMERS}?q={q}"))
                .await
                .expect(200)
                .json;
            let all = t
                .owner
                .get(&format!("/api/search/?q={q}"))
                .await
                .expect(200)
                .json;
            let hits = all["results"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|_| all["approximate"] == false)
                .count();
            (ids(&list).len(), hits)
        };
        assert_eq!(found("zecao").await, (1, 1));
        assert_eq!(found("sigilosa").await, (0, 0));
        let version = t.read(CUSTOMERS, &ana).await["version"].clone();
        // Changed definitions have what is there already made anew.
        t.owner
            .patch(&at(FIELDS, &field), json!({"searchable": false}))
            .await
            .expect(200);
        t.owner
            .patch(&at(FIELDS, &plain), json!({"searchable": true}))
            .await
            .expect(200);
        until(|| async { found("zecao").await == (0, 0) && found("sigilosa").await == (1, 1) })
            .await;
        assert_eq!(t.read(CUSTOMERS, &ana).await["version"], version);
        let gone = t
            .owner
            .call("DELETE", &at(FIELDS, &plain))
            .await
            .expect(204);
        until(|| async { found("sigilosa").await == (0, 0) }).await;
        t.undo(set_of(&gone)).await.expect(200);
        until(|| async { found("sigilosa").await == (1, 1) }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_texts_of_many_are_made_anew_in_pieces() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let field = t.field("lead", "Código", "TEXT", json!({})).await;
        t.lead(json!({})).await;
        let sql = "INSERT INTO lead (company_id, source, search_text, custom)
            SELECT $1, 'x', '', jsonb_build_object('codigo', 'cod' || n) FROM generate_series(1, 1200) n";
        t.sql(sql).await;
        t.owner
            .patch(&at(FIELDS, &field), json!({"searchable": true}))
            .await
            .expect(200);
        let inside = TestDatabase::superuser(&t.database).await;
        let sql = "SELECT count(*) FROM lead WHERE company_id = $1 AND search_text LIKE '%cod%'";
        until(|| async {
            let rows = inside.query(sql, &[&t.company]).await.unwrap();
            rows[0].get::<_, i64>(0) == 1200
        })
        .await;
        let found = t
            .owner
            .get(&format!("{LEADS}?q=cod1199"))
            .await
            .expect(200)
            .json;
        assert_eq!(ids(&found).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_company_has_none_of_it() {
    let (app, tenants) = start().await;
    let [a, b] = tenants.as_slice() else { panic!() };
    let field = a.field("lead", "Só meu", "TEXT", json!({})).await;
    b.owner.get(&at(FIELDS, &field)).await.expect(404);
    let lead = b.lead(json!({"custom_fields": {"so_meu": "x"}})).await;
    assert_eq!(lead["custom_fields"], json!({}));
    // Two companies of one schema: each has its own of one key.
    let staff = app.staff().await;
    let third = app.ready(&staff, "outra", "SHARED_SCHEMA").await;
    let owner = app
        .member(&third, sindico_domain::access::Role::Owner)
        .await;
    let mine = json!({"kind": "lead", "label": "Cor", "type": "INTEGER"});
    b.field("lead", "Cor", "TEXT", json!({})).await;
    owner.post(FIELDS, mine).await.expect(201);
    let lead = owner
        .post(LEADS, json!({"source": "x", "custom_fields": {"cor": 7}}))
        .await
        .expect(201)
        .json;
    assert_eq!(lead["custom_fields"], json!({"cor": 7}));
    b.owner
        .post(&undo_path(999_999), json!({}))
        .await
        .expect(404);
}
