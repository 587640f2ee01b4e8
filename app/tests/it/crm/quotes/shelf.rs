//! Products that were deleted and come back, and the list of them as a file.

use super::super::{Tenant, at, ids, refused_on, start, walk};
use super::{PRODUCTS, pages::send};
use reqwest::Method;
use serde_json::{Value, json};
use sindico_sheet::{Cell, Limits, read};
use sindico_testkit::{Client, TestDatabase};
use std::io::Cursor;

async fn bin(caller: &Client) -> Vec<Value> {
    let bin = caller.get("/api/bin/").await.expect(200).json;
    bin.as_array().unwrap().clone()
}

async fn restore(caller: &Client, product: &Value) -> sindico_testkit::Answer {
    let path = format!("{}restore/", at(PRODUCTS, product));
    caller.post(&path, json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_products_are_in_the_bin_and_come_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let body = json!({"name": "Pão <b>", "code": "P-1", "price": "1.50", "unit": "kg", "active": false});
        let bread = t.make(PRODUCTS, body).await;
        let cake = t.make(PRODUCTS, json!({"name": "Bolo"})).await;
        let lead = t.lead(json!({"company": "Padaria"})).await;
        assert_eq!(restore(&t.owner, &bread).await.status, 404, "it is there");
        t.delete(PRODUCTS, &bread).await;
        t.delete(super::super::LEADS, &lead).await;
        t.delete(PRODUCTS, &cake).await;
        let told = bin(&t.member).await;
        let shown = |one: &Value| json!([one["kind"], one["id"], one["title"]]);
        let told: Vec<Value> = told.iter().map(shown).collect();
        let wanted = [
            json!(["product", cake["id"], "Bolo"]),
            json!(["lead", lead["id"], "Padaria"]),
            json!(["product", bread["id"], "Pão <b>"]),
        ];
        assert_eq!(told, wanted, "the latest first");
        let binned = json!(bin(&t.member).await);
        assert_eq!(walk(&t.member, "/api/bin/?limit=1").await, ids(&binned));

        // While another has its code, it does not come back; on pages, too.
        let other = json!({"name": "Outro", "code": "p-1"});
        let other = t.make(PRODUCTS, other).await;
        refused_on(&restore(&t.owner, &bread).await, "code", "taken meanwhile");
        let act = format!("/products/{}/restore/", bread["id"]);
        let stuck = send(&t.owner, &act, &[("next", "/bin/")]).await.expect(400);
        assert!(
            stuck.text.contains("Outro produto já tem este código"),
            "{}",
            stuck.text
        );
        t.delete(PRODUCTS, &other).await;
        // Whoever may make products brings them back; members read.
        let page = t.member.get("/bin/").await.expect(200).text;
        assert!(
            page.contains("Pão &lt;b&gt;") && page.contains("Produto"),
            "{page}"
        );
        assert!(!page.contains(&act));
        restore(&t.member, &bread).await.expect(403);
        send(&t.member, &act, &[]).await.expect(403);
        let page = t.manager.get("/bin/").await.expect(200).text;
        assert!(page.contains(&act), "{page}");
        let back = send(&t.manager, &act, &[("next", "/bin/")])
            .await
            .expect(303);
        assert!(back.header("location").starts_with("/bin/"));
        let found = t.read(PRODUCTS, &bread).await;
        for part in ["name", "code", "price", "unit", "active"] {
            assert_eq!(found[part], bread[part], "{part}");
        }
        let back = restore(&t.owner, &cake).await.expect(200);
        assert_eq!(back.json["name"], "Bolo");
        restore(&t.owner, &cake).await.expect(404);
        let history = format!("{}history/", at(PRODUCTS, &cake));
        let history = t.owner.get(&history).await.expect(200).json;
        assert_eq!(history[0]["action"], "restore");
        // To undo that is to have it in the bin again.
        let undo = format!("{}undo/", at(PRODUCTS, &cake));
        t.owner.post(&undo, json!({})).await.expect(204);
        assert_eq!(bin(&t.member).await[0]["id"], cake["id"]);
        // Nobody is told of what they may not read.
        let roles = json!({"products": {"GET": ["OWNER"]}});
        t.owner
            .put("/api/auth/tenant-rbac/", roles)
            .await
            .expect(200);
        let rest: Vec<Value> = bin(&t.member).await;
        assert!(rest.iter().all(|one| one["kind"] != "product"), "{rest:?}");
        let page = t.member.get("/bin/").await.expect(200).text;
        assert!(!page.contains("Bolo"), "{page}");
    }
}

async fn taken(t: &Tenant, query: &str) -> (String, Vec<Vec<Cell>>) {
    let request = t
        .owner
        .request(Method::GET, &format!("{PRODUCTS}export/{query}"));
    let answer = request
        .header("accept-language", "pt-BR")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let name = answer.headers()["content-disposition"]
        .to_str()
        .unwrap()
        .to_owned();
    let bytes = answer.bytes().await.unwrap();
    let mut rows = Vec::new();
    read(Cursor::new(&bytes[..]), &Limits::default(), &mut |row| {
        rows.push(row.cells.to_vec());
        true
    })
    .unwrap();
    (name, rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_products_is_a_file() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for (name, price, active) in [
            ("=1+1", "0.10", true),
            ("Pão", "1299.90", false),
            ("Bolo", "7", true),
        ] {
            let body = json!({"name": name, "code": name.to_uppercase(), "price": price, "active": active});
            t.make(PRODUCTS, body).await;
        }
        let gone = t.make(PRODUCTS, json!({"name": "Ido"})).await;
        t.delete(PRODUCTS, &gone).await;
        let text = |text: &str| Cell::Text(text.to_owned());
        for format in ["csv", "xlsx"] {
            let (name, rows) =
                taken(t, &format!("?format={format}&columns=name,code,active")).await;
            assert!(
                name.contains("produtos-") && name.contains(format),
                "{name}"
            );
            assert_eq!(rows[0][..2], [text("Nome"), text("Código")]);
            assert_eq!(rows.len(), 4);
            assert_eq!(rows[2], [text("Pão"), text("PÃO"), text("Não")]);
            assert_eq!(rows[3][0], text("=1+1"));
        }
        let (_, rows) = taken(t, "?format=xlsx&columns=price&q=P%C3%83O").await;
        assert_eq!(rows[1..], [[Cell::Number("1299.90".parse().unwrap())]]);
        let (_, rows) = taken(t, "?active=true").await;
        assert_eq!((rows.len(), rows[0].len()), (3, 9));
        let csv = t
            .owner
            .get(&format!("{PRODUCTS}export/?columns=name"))
            .await
            .expect(200);
        assert!(csv.text.contains("'=1+1"), "{}", csv.text);
        for (wrong, field) in [
            ("format=pdf", "format"),
            ("columns=name,cost", "columns"),
            ("active=perhaps", "active"),
        ] {
            let refused = t.owner.get(&format!("{PRODUCTS}export/?{wrong}")).await;
            refused_on(&refused, field, wrong);
        }
        // More than one piece of the cursor.
        t.sql("INSERT INTO product (company_id, name) SELECT $1, 'n' || n FROM generate_series(1, 600) n").await;
        let (_, rows) = taken(t, "").await;
        assert_eq!(rows.len(), 604);
        let inside = TestDatabase::superuser(&t.database).await;
        let logged =
            "SELECT kind, query, rows FROM export_log WHERE company_id = $1 ORDER BY id LIMIT 1";
        let logged = inside.query_one(logged, &[&t.company]).await.unwrap();
        assert_eq!(logged.get::<_, &str>(0), "product");
        assert!(logged.get::<_, &str>(1).contains("columns=name"));
        assert_eq!(logged.get::<_, Option<i64>>(2), Some(3));
        // By default who may export are owners and managers; whoever does not read products takes none out.
        t.member
            .get(&format!("{PRODUCTS}export/"))
            .await
            .expect(403);
        let page = t.owner.get("/products/?q=Bolo").await.expect(200).text;
        assert!(
            page.contains("/api/products/export/?q=Bolo&amp;format=xlsx"),
            "{page}"
        );
        assert!(
            !t.member
                .get("/products/")
                .await
                .expect(200)
                .text
                .contains("/export/")
        );
        let roles = json!({"products": {"GET": ["OWNER"]}});
        t.owner
            .put("/api/auth/tenant-rbac/", roles)
            .await
            .expect(200);
        t.manager
            .get(&format!("{PRODUCTS}export/"))
            .await
            .expect(403);
    }
}
