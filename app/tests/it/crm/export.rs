//! Lists as files: what the list has, in its order, harmless, for who may, and written down.

use super::{CUSTOMERS, Tenant, start};
use serde_json::json;
use sindico_sheet::{Cell, Limits, read};
use sindico_testkit::TestDatabase;
use std::io::Cursor;

fn rows(bytes: &[u8]) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    read(Cursor::new(bytes), &Limits::default(), &mut |row| {
        rows.push(row.cells.to_vec());
        true
    })
    .unwrap();
    rows
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

async fn customers(t: &Tenant) {
    for (name, email) in [
        ("=1+1", "a@example.com"),
        ("João", "b@example.com"),
        ("Ana; \"Lia\"", "c@example.com"),
    ] {
        t.make(
            CUSTOMERS,
            json!({"name": name, "email": email, "tags": ["vip", "sp"]}),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_what_the_list_has() {
    let (app, tenants) = start().await;
    for t in &tenants {
        customers(t).await;
        let query = "columns=name,email,tags&sort=-name";
        for format in ["csv", "xlsx"] {
            let path = format!("{CUSTOMERS}export/?format={format}&{query}");
            let request = t.manager.request("GET".parse().unwrap(), &path);
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
            assert!(
                name.contains("clientes-") && name.contains(format),
                "{name}"
            );
            let bytes = answer.bytes().await.unwrap();
            let found = rows(&bytes);
            assert_eq!(found[0], [text("Nome"), text("E-mail"), text("Etiquetas")]);
            assert_eq!(found[1][0], text("João"), "{found:?}");
            assert_eq!(
                found[2],
                [text("Ana; \"Lia\""), text("c@example.com"), text("vip, sp")]
            );
            assert_eq!(found[3][0], text("=1+1"));
            if format == "csv" {
                let shown = String::from_utf8(bytes.to_vec()).unwrap();
                assert!(shown.contains("\r\n'=1+1;"), "{shown}");
            }
        }
        let one = t
            .owner
            .get(&format!("{CUSTOMERS}export/?email=b@example.com"))
            .await;
        assert_eq!(rows(one.expect(200).text.as_bytes()).len(), 2);
        // More than one piece of the cursor.
        let many = "INSERT INTO customer (company_id, name, email, phone, document, search_text)
             SELECT $1, 'n' || n, n || '@many.example', '', '', '' FROM generate_series(1, 1234) n";
        t.sql(many).await;
        for format in ["csv", "xlsx"] {
            let path = format!("{CUSTOMERS}export/?format={format}&columns=email&sort=name");
            let answer = t
                .owner
                .request("GET".parse().unwrap(), &path)
                .send()
                .await
                .unwrap();
            assert_eq!(rows(&answer.bytes().await.unwrap()).len(), 1238);
        }
        let inside = TestDatabase::superuser(&t.database).await;
        let sql = "SELECT format, query, rows, username FROM export_log WHERE company_id = $1 ORDER BY id";
        // The last line is written once the answer is sent.
        for _ in 0..50 {
            let logged = inside.query(sql, &[&t.company]).await.unwrap();
            assert_eq!(logged.len(), 5);
            assert!(logged[0].get::<_, String>(1).contains("columns=name"));
            if logged
                .iter()
                .all(|row| row.get::<_, Option<i64>>(2).is_some())
            {
                assert_eq!(logged[0].get::<_, Option<i64>>(2), Some(3));
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    drop(app);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_export_or_read_gets_nothing() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let path = format!("{CUSTOMERS}export/");
        t.member.get(&path).await.expect(403);
        let overrides = json!({"customers": {"GET": ["OWNER"]}});
        t.owner
            .put("/api/auth/tenant-rbac/", overrides)
            .await
            .expect(200);
        t.manager.get(&path).await.expect(403);
        t.owner.get(&path).await.expect(200);
        for (query, field) in [
            ("format=pdf", "format"),
            ("columns=name,secret", "columns"),
            ("sort=x", "sort"),
        ] {
            let wrong = t.owner.get(&format!("{path}?{query}")).await.expect(400);
            assert!(
                wrong.json["errors"][field].is_array() || wrong.json[field].is_array(),
                "{}",
                wrong.text
            );
        }
    }
}
