//! Inside the shared database: rows are their company's, whatever the SQL says.

use super::{DEDICATED, PATH, SHARED, houses, refusal, start};
use serde_json::json;
use sindico_db::Statement;
use sindico_domain::access::sight::Sight;
use sindico_testkit::{Options, Sql, TestDatabase};

async fn count(client: &Sql, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

async fn set(client: &Sql, company: i64) {
    let sql = format!("SET sindico.company_id = '{company}'");
    client.batch_execute(&sql).await.unwrap();
}

fn insert(company: &str) -> String {
    format!(
        "INSERT INTO customer (company_id, name, email, search_text) VALUES ({company}, 'x', 'x@example.com', 'x')"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_company_there_are_no_rows() {
    let (app, houses) = start(&[SHARED, SHARED]).await;
    let client = houses[0].inside(&app).await;
    let all = "SELECT count(*) FROM customer";
    // Never set, empty as after a rollback, and nobody's.
    for setting in [
        "",
        "SET sindico.company_id = ''",
        "SET sindico.company_id = '0'",
    ] {
        client.batch_execute(setting).await.unwrap();
        assert_eq!(count(&client, all).await, 0, "{setting}");
        for company in [houses[0].id(), houses[1].id()] {
            let sql = insert(&company.to_string());
            assert_eq!(refusal(&client, &sql).await, "42501", "{setting}");
        }
        let touched = client.execute("UPDATE customer SET phone = 'x'", &[]).await;
        assert_eq!(touched.unwrap(), 0);
        let touched = client.execute("DELETE FROM customer", &[]).await;
        assert_eq!(touched.unwrap(), 0);
    }
    let sql = "INSERT INTO customer (name, email, search_text) VALUES ('x', 'x', 'x')";
    client.batch_execute("RESET ALL").await.unwrap();
    assert_ne!(refusal(&client, sql).await, "");
    for house in &houses {
        assert_eq!(house.rows().await.lines().count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_companys_session_reaches_no_row_of_another() {
    let (app, houses) = start(&[SHARED, SHARED]).await;
    let (a, b) = (&houses[0], &houses[1]);
    let theirs = b.customer("theirs").await;
    let before = b.rows().await;
    let client = a.inside(&app).await;
    set(&client, a.id()).await;
    assert_eq!(count(&client, "SELECT count(*) FROM customer").await, 1);
    let b_id = b.id().to_string();
    for sql in [
        insert(&b_id),
        format!("UPDATE customer SET company_id = {b_id}"),
        format!("INSERT INTO idempotency_key (company_id, caller, key, fingerprint) VALUES ({b_id}, 1, 'x', '')"),
        // Whether it would meet another's row or not.
        format!("INSERT INTO customer (company_id, id, name, email, search_text) OVERRIDING SYSTEM VALUE
            VALUES ({b_id}, {theirs}, 'x', 'x', 'x') ON CONFLICT (company_id, id) DO UPDATE SET name = 'x'"),
        format!("MERGE INTO customer c USING (SELECT {theirs} AS id) n ON c.id = n.id
            WHEN NOT MATCHED THEN INSERT (company_id, name, email, search_text) VALUES ({b_id}, 'x', 'x', 'x')"),
    ] {
        assert_eq!(refusal(&client, &sql).await, "42501", "{sql}");
    }
    for sql in [
        format!("UPDATE customer SET phone = 'x' WHERE company_id = {b_id}"),
        format!("UPDATE customer SET phone = 'x' WHERE id = {theirs}"),
        format!("DELETE FROM customer WHERE id = {theirs}"),
        format!("SELECT FROM customer WHERE id = {theirs} FOR UPDATE"),
    ] {
        assert_eq!(client.execute(&sql, &[]).await.unwrap(), 0, "{sql}");
    }
    assert_eq!(before, b.rows().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_cant_refer_to_another_companys() {
    let (app, houses) = start(&[SHARED, SHARED]).await;
    let (a, b) = (&houses[0], &houses[1]);
    let (ours, theirs) = (a.customer("ours").await, b.customer("theirs").await);
    let client = a.inside(&app).await;
    set(&client, a.id()).await;
    let lead = |company: i64, customer: i64| {
        format!(
            "INSERT INTO lead (company_id, source, customer_id, search_text) VALUES ({company}, 'x', {customer}, 'x')"
        )
    };
    assert_eq!(refusal(&client, &lead(a.id(), ours)).await, "");
    assert_eq!(refusal(&client, &lead(a.id(), theirs)).await, "23503");
    assert_eq!(refusal(&client, &lead(b.id(), theirs)).await, "42501");
    let sql = format!("UPDATE lead SET customer_id = {theirs}");
    assert_eq!(refusal(&client, &sql).await, "23503");
}

/// The search has no forced policy: its functions themselves must know whose documents they tell.
#[tokio::test(flavor = "multi_thread")]
async fn the_search_tells_a_companys_documents_to_that_company_only() {
    let (app, houses) = start(&[SHARED, SHARED]).await;
    let (a, b) = (&houses[0], &houses[1]);
    b.customer("theirs").await;
    let client = a.inside(&app).await;
    let docs =
        "SELECT count(*) FROM search_docs('{customer,lead,opportunity,activity}', '{%of-%}', 100)";
    let alike = "SELECT count(*) FROM search_alike('{customer}', 'theirs', 100)";
    for setting in [
        "",
        "SET sindico.company_id = ''",
        "SET sindico.company_id = '0'",
    ] {
        client.batch_execute(setting).await.unwrap();
        assert_eq!(count(&client, docs).await, 0, "{setting}");
        assert_eq!(count(&client, alike).await, 0, "{setting}");
    }
    set(&client, a.id()).await;
    assert_eq!(count(&client, docs).await, 1);
    assert_eq!(count(&client, alike).await, 0);
    for sql in [
        "SELECT FROM search_doc",
        "DELETE FROM search_doc",
        "INSERT INTO search_doc VALUES (1, 'customer', 1, '', '', '')",
        "CALL make_searchable('customer', 'NEW.name', 'NEW.name')",
        "SELECT customer_searchable()",
    ] {
        assert_ne!(refusal(&client, sql).await, "", "{sql}");
    }
    // What comes in as a part of a pattern stays one.
    let sly = "SELECT count(*) FROM search_docs('{customer}', ARRAY['x'' OR true --'], 100)";
    assert_eq!(count(&client, sly).await, 0);
    set(&client, b.id()).await;
    assert_eq!(count(&client, alike).await, 1);
}

/// What may take words out of the history takes them out of its own company's, and puts none in.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_reaches_no_other_companys_history() {
    let (app, houses) = start(&[SHARED, SHARED]).await;
    let (a, b) = (&houses[0], &houses[1]);
    let (ours, theirs) = (a.customer("ours").await, b.customer("theirs").await);
    let view = json!({"kind": "customer", "name": "theirs"});
    b.owner.post("/api/views/", view).await.expect(201);
    let client = a.inside(&app).await;
    let history =
        |id: i64| format!("SELECT erase_history('customer', '{{{id}}}', '{{name,email}}', 'x')");
    let views = "SELECT erase_views('theirs', 'x')";
    for setting in ["", "SET sindico.company_id = ''"] {
        client.batch_execute(setting).await.unwrap();
        assert_eq!(count(&client, &history(theirs)).await, 0, "{setting}");
        assert_eq!(count(&client, views).await, 0, "{setting}");
    }
    set(&client, a.id()).await;
    assert_eq!(count(&client, &history(theirs)).await, 0);
    assert_eq!(count(&client, views).await, 0);
    assert_eq!(count(&client, &history(ours)).await, 1);
    let told = b.owner.get("/api/changes/").await.expect(200).json;
    assert!(told.to_string().contains("theirs@example.com"), "{told}");
    let told = a.owner.get("/api/changes/").await.expect(200).json;
    assert!(!told.to_string().contains("ours@example.com"), "{told}");
    // The history itself can't be written by who lives there.
    assert_eq!(
        refusal(&client, "UPDATE change SET after = '{}'").await,
        "42501"
    );
    assert_eq!(
        refusal(&client, "UPDATE setting_change SET after = '{}'").await,
        "42501"
    );
}

/// Every table, also those to come: behind the wall, and with the company in every key.
#[tokio::test(flavor = "multi_thread")]
async fn every_table_has_its_wall_and_its_company() {
    let (_app, houses) = start(&[SHARED, DEDICATED]).await;
    for house in &houses {
        let inside = TestDatabase::superuser(house.place("database_name")).await;
        let tables = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p')
            AND relnamespace = 'public'::regnamespace";
        assert!(count(&inside, tables).await >= 4);
        for (what, sql) in [
            (
                "tables without a wall",
                "SELECT c.relname::text FROM pg_class c
                    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                    AND c.relname NOT IN ('identity', 'schema_migration')
                    AND NOT (c.relrowsecurity AND (c.relforcerowsecurity OR c.relname = 'search_doc')
                        AND (SELECT count(*) = 1 FROM pg_policy p WHERE p.polrelid = c.oid
                            AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL
                            AND p.polcmd = '*' AND p.polroles = '{0}'
                            AND pg_get_expr(p.polqual, c.oid) LIKE '(company_id = ( SELECT %sindico.company_id%'
                            AND pg_get_expr(p.polqual, c.oid) = pg_get_expr(p.polwithcheck, c.oid))
                        AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polname <> 'company'))",
            ),
            (
                "unique keys without the company in front",
                "SELECT i.indexrelid::regclass::text FROM pg_index i
                    JOIN pg_class c ON c.oid = i.indrelid
                    WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique
                    AND c.relname NOT IN ('identity', 'schema_migration')
                    AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid
                        AND a.attnum = i.indkey[0] AND a.attname = 'company_id')",
            ),
            (
                "foreign keys without the company on both sides",
                "SELECT k.conname::text FROM pg_constraint k
                    WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
                    AND NOT EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS pair (here, there)
                        JOIN pg_attribute h ON h.attrelid = k.conrelid AND h.attnum = here
                        JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = there
                        WHERE h.attname = 'company_id' AND t.attname = 'company_id')",
            ),
            (
                "things of others than the migrator",
                "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
                    AND relowner <> 'sindico_migrator'::regrole",
            ),
            (
                "views that do not ask as their caller",
                "SELECT relname::text FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'veil'::regnamespace)
                    AND (relkind = 'm' OR relkind = 'v' AND NOT
                        coalesce(reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on'])",
            ),
            (
                "columns that are not there under the veil",
                "SELECT format('%s.%s', v.relname, a.attname) FROM pg_class v
                    JOIN pg_class t ON t.relname = v.relname AND t.relnamespace = 'public'::regnamespace
                    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                    WHERE v.relnamespace = 'veil'::regnamespace AND NOT EXISTS (SELECT FROM pg_attribute o
                        WHERE o.attrelid = v.oid AND o.attname = a.attname AND o.atttypid = a.atttypid)",
            ),
            (
                "rights on the one table whose policy does not bind its owner",
                "SELECT r.rolname::text FROM pg_roles r
                    WHERE has_table_privilege(r.oid, 'search_doc', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
                    AND NOT r.rolsuper AND NOT pg_has_role(r.oid, 'sindico_migrator', 'MEMBER')
                    AND NOT starts_with(r.rolname, 'pg_')",
            ),
            (
                "functions that do not ask as their caller, beside those of the search and of erasures",
                "SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
                    AND NOT coalesce(proconfig @> ARRAY['search_path=public, pg_temp']
                        AND (proname IN ('search_docs', 'search_alike', 'erase_history', 'erase_views')
                            OR right(proname, 11) = '_searchable' AND prorettype = 'trigger'::regtype), false)",
            ),
            (
                "functions of an owner's rights that everybody may call",
                "SELECT proname::text FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prosecdef
                    AND has_function_privilege('public', p.oid, 'EXECUTE')",
            ),
        ] {
            let rows = inside.query(sql, &[]).await.unwrap();
            let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            assert!(found.is_empty(), "{what}: {found:?}");
        }
    }
}

const COMMIT: Statement = Statement {
    name: "test.COMMIT",
    sql: "COMMIT",
};
const SETTING: Statement = Statement {
    name: "test.SETTING",
    sql: "SELECT current_setting('sindico.company_id', true), pg_backend_pid(),
        (SELECT count(*) FROM customer)",
};

/// One physical connection serves all of the shared database; between the requests it is nobody's.
#[tokio::test(flavor = "multi_thread")]
async fn no_setting_stays_on_a_pooled_connection() {
    crate::begin();
    let mut options = Options::local_postgres().await;
    options.server_connections = 1;
    let (app, houses) = houses(options, &[SHARED, SHARED]).await;
    let mut sessions = std::collections::BTreeSet::new();
    for round in 0..6 {
        let house = &houses[round % 2];
        // All ways through a request: done, refused in the middle, and given up by the caller.
        let email = format!("of-{}@example.com", house.id());
        let id = house.customer(&format!("n{round}")).await;
        house.owner.get(PATH).await.expect(200);
        let twin = json!({"name": "twin", "email": email});
        house.owner.post(PATH, twin).await.expect(400);
        let stale = house.owner.with("if-match", "\"99\"");
        stale
            .call("DELETE", &format!("{PATH}{id}/"))
            .await
            .expect(412);
        let slow = house
            .owner
            .post(PATH, json!({"name": "n", "email": "n@n.n"}));
        let _ = tokio::time::timeout(std::time::Duration::from_micros(700), slow).await;

        let company = app
            .directory
            .by_id(houses[1 - round % 2].id())
            .unwrap()
            .unwrap();
        let data = app
            .pools
            .tenant(company.route.clone().unwrap(), Sight::whole());
        let tx = data.begin().await.unwrap();
        let row = tx.one(&SETTING, &[]).await.unwrap();
        assert_eq!(row.get::<_, &str>(0), company.id.to_string());
        // Now outside of any transaction, on the session itself.
        tx.execute(&COMMIT, &[]).await.unwrap();
        let row = tx.one(&SETTING, &[]).await.unwrap();
        assert_eq!(row.get::<_, Option<&str>>(0).unwrap_or_default(), "");
        assert_eq!(row.get::<_, i64>(2), 0, "rows without a company");
        sessions.insert(row.get::<_, i32>(1));
        drop(tx);
    }
    assert_eq!(sessions.len(), 1, "all went through one session");
    for house in &houses {
        let own = format!("of-{}", house.id());
        let names = house.names().await;
        assert!(names.contains(&own) && names.iter().filter(|n| n.starts_with("of-")).count() == 1);
    }
}
