//! Behind the wall PostgreSQL looks up in an index only what it knows to be leakproof; all else it compares
//! row by row. Whatever is to be quick at any size must not be among that.

use super::attachments::data;
use super::start;
use sindico_crm::{forecast, list, metrics};
use sindico_db::Statement;
use sindico_domain::crm::Kind;
use sindico_testkit::{Sql, TestDatabase};

/// How a statement is run as a tenant's role, if it can be run by an index at all.
async fn plan(inside: &Sql, sql: &str) -> String {
    let rows = inside.query(&format!("EXPLAIN {sql}"), &[]).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    lines.join("\n")
}

/// The tables whose rows are compared one by one, but for the rule of who sees them: of who sees everything that is
/// one look at what was asked once (docs/adr/0022-sight.md).
fn compared(plan: &str) -> Vec<&str> {
    let (mut table, mut found) = ("", Vec::new());
    for line in plan.lines() {
        if line.contains("Scan") && line.contains(" on ") {
            let name = line.split(" on ").nth(1).unwrap_or_default();
            table = name.split_whitespace().next().unwrap_or_default();
        } else if line.trim_start().starts_with("Filter:") && !is_sight(line) {
            found.push(table);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_pages_are_looked_up_behind_the_wall() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let inside = TestDatabase::superuser(&t.database).await;
        let company = t.company;
        let sql = format!(
            "SET ROLE sindico_tenant; SET sindico.company_id = '{company}'; SET enable_seqscan = off;
             SET enable_bitmapscan = off; SET enable_sort = off"
        );
        inside.batch_execute(&sql).await.unwrap();
        for &kind in Kind::ALL {
            for order in kind.sorts() {
                let key = match order.sql_type {
                    "bigint" => "7",
                    "date" => "2026-11-23",
                    "timestamptz" => "2026-11-23T12:00:00Z",
                    _ => "m",
                };
                for sort in [order.name.to_owned(), format!("-{}", order.name)] {
                    // A rank stands for itself in the column of its stage only.
                    if matches!(order.name, "rank" | "closed_at") {
                        continue;
                    }
                    let (_, page) = list::benchmark_sql(kind, &sort, 50, Some((key, 7)));
                    let plan = plan(&inside, &page).await;
                    // Whether a sale rots is asked of its activities, which are looked up as well.
                    let rest = compared(&plan)
                        .into_iter()
                        .filter(|table| *table != "activity");
                    let found = plan.contains("Index Cond") && rest.count() == 0;
                    assert!(found, "{} {kind} {sort}:\n{plan}", t.model);
                }
            }
        }
    }
}

fn is_sight(line: &str) -> bool {
    line.trim_start().starts_with("Filter: (($") && line.contains(" IS NOT NULL) OR ")
}

/// Of the large tables metrics read an index and nothing else: what they count is in it.
#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_counted_by_indexes_alone() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let inside = TestDatabase::superuser(&t.database).await;
        let company = t.company;
        for sql in [
            // No triggers, no keys.
            "SET session_replication_role = replica".to_owned(),
            format!(
                "INSERT INTO lead (company_id, source, status, notes, search_text)
                 SELECT {company}, 'site', (ARRAY['NEW', 'CONVERTED'])[1 + n % 2], repeat('x', 1500), '' FROM generate_series(1, 4000) n"
            ),
            format!(
                "INSERT INTO opportunity (company_id, customer_id, title, stage, rank, notes, search_text)
                 SELECT {company}, 1, 'x', (ARRAY['PROPOSAL', 'WON', 'LOST'])[1 + n % 3], 'i', repeat('x', 1500), ''
                 FROM generate_series(1, 4000) n"
            ),
            format!(
                "INSERT INTO activity (company_id, lead_id, title, status, description, search_text)
                 SELECT {company}, 1, 'x', (ARRAY['PENDING', 'DONE', 'DONE', 'DONE'])[1 + n % 4], repeat('x', 1500), '' FROM generate_series(1, 4000) n"
            ),
        ] {
            inside.batch_execute(&sql).await.unwrap();
        }
        // What others on this server have begun may hold it back for a moment.
        let hidden = "SELECT count(*) FROM pg_class WHERE relname IN ('lead', 'opportunity', 'activity') AND relallvisible = 0";
        for _ in 0..100 {
            let vacuum = "VACUUM ANALYZE lead, opportunity, activity";
            inside.batch_execute(vacuum).await.unwrap();
            if inside.query(hidden, &[]).await.unwrap()[0].get::<_, i64>(0) == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let role = format!("SET ROLE sindico_tenant; SET sindico.company_id = '{company}'");
        inside.batch_execute(&role).await.unwrap();
        let (funnels, activities) = metrics::benchmark_sql();
        let [open, _] = forecast::benchmark_sql();
        let activities = (1..=3).fold(activities, |sql, n| sql.replace(&format!("${n}"), "now()"));
        for (sql, scans) in [(funnels, 2), (activities, 1), (open, 1)] {
            let plan = plan(&inside, &sql).await;
            // What an activity is about is looked at for those alone who do not see everything.
            let plan = plan.split("SubPlan").next().unwrap_or_default();
            // A company's stages are few.
            let rest = compared(plan)
                .into_iter()
                .filter(|table| *table != "pipeline_stage");
            let scanned = plan.lines().filter(|line| line.contains("Index Only Scan"));
            let scanned = scanned.filter(|line| !line.contains(" on pipeline"));
            let only = scanned.count() == scans && rest.count() == 0;
            assert!(only, "{}:\n{plan}", t.model);
        }
    }
}

/// Whoever may be there already is looked up by each of their signs, while somebody types and when a lead is
/// converted.
#[tokio::test(flavor = "multi_thread")]
async fn duplicates_are_looked_up_behind_the_wall() {
    let (_app, tenants) = start().await;
    let all = sindico_crm::statements();
    let looks: Vec<&str> = all
        .iter()
        .filter(|one| one.name == "duplicates.alike" || one.sql.contains("AS rank, 'document'"))
        .map(|one| one.sql)
        .collect();
    assert_eq!(looks.len(), 3, "customers, leads, conversion");
    for t in &tenants {
        let inside = TestDatabase::superuser(&t.database).await;
        let company = t.company;
        let sql = format!(
            "SET session_replication_role = replica;
             INSERT INTO customer (company_id, name, email, document_key, phone_key, name_key, search_text)
             SELECT {company}, 'n' || n, n || '@example.com', n, n, n, '' FROM generate_series(1, 5000) n;
             INSERT INTO lead (company_id, source, email, document_key, phone_key, name_key, search_text)
             SELECT {company}, 'x', n || '@example.com', n, n, n, '' FROM generate_series(1, 5000) n;
             INSERT INTO not_duplicate (company_id, kind, one_id, other_id, reasons, username)
             SELECT {company}, kind, n, n + d, 15, 'x' FROM generate_series(1, 2000) n, generate_series(1, 3) d,
                unnest('{{customer,lead}}'::text[]) kind;
             ANALYZE customer, lead, not_duplicate;
             SET ROLE sindico_tenant; SET sindico.company_id = '{company}'"
        );
        inside.batch_execute(&sql).await.unwrap();
        // What was said of two is looked up by the two, and listed by an index.
        for (name, least) in [("dismissed.among", 2), ("dismissed.list", 2)] {
            let said = all.iter().filter(|one| one.name == name);
            let said: Vec<&str> = said.map(|one| one.sql).collect();
            assert_eq!(said.len(), least, "customers, leads");
            for sql in said {
                let bound = match name {
                    "dismissed.among" => sql.replace("$1", "'{7,8,9}'::bigint[]"),
                    _ => sql.replace("$1", "NULL").replace("$2", "50"),
                };
                let plan = plan(&inside, &bound).await;
                assert!(
                    !plan.contains("Seq Scan on not_duplicate"),
                    "{name} {}:\n{plan}",
                    t.model
                );
            }
        }
        for look in &looks {
            let bound = (1..=4).fold(look.replace("$5", "7::bigint"), |sql, n| {
                sql.replace(&format!("${n}"), "'x'::text")
            });
            let plan = plan(&inside, &bound).await;
            let by = |key: &str| {
                let mut conditions = plan.lines().filter(|line| line.contains("Index Cond"));
                conditions.any(|line| line.contains(&format!("{key} = ")))
            };
            for key in ["document_key", "email_key", "phone_key"] {
                assert!(by(key), "{} {key}:\n{plan}", t.model);
            }
            assert!(by("name_key") || !look.contains("name_key"), "{plan}");
            let said =
                plan.contains("not_duplicate_pair") && plan.contains("not_duplicate_of_other");
            assert!(said || !look.contains("not_duplicate"), "{plan}");
            assert!(!plan.contains("Seq Scan on not_duplicate"), "{plan}");
        }
    }
}

/// What rots is looked up by its day; a stage's column of the board with its sum by an index alone, WON and LOST
/// of one pipeline as well.
#[tokio::test(flavor = "multi_thread")]
async fn what_rots_and_columns_are_looked_up_behind_the_wall() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let inside = TestDatabase::superuser(&t.database).await;
        let company = t.company;
        let sql = format!(
            "SET session_replication_role = replica;
             INSERT INTO opportunity (company_id, customer_id, title, stage, rank, search_text, rots_at)
             SELECT {company}, 1, 'x', (ARRAY['PROPOSAL', 'WON', 'DEMO'])[1 + n % 3], 'i', '',
                CASE WHEN n % 100 = 0 THEN now() - n * interval '1 day' END FROM generate_series(1, 5000) n;
             ANALYZE opportunity;
             SET ROLE sindico_tenant; SET sindico.company_id = '{company}'"
        );
        inside.batch_execute(&sql).await.unwrap();
        let rots = "SELECT id FROM opportunity t WHERE deleted_at IS NULL AND rots_at < now() - interval '4000 days'";
        let found = plan(&inside, rots).await;
        assert!(
            found.contains("opportunity_rots") && compared(&found).is_empty(),
            "{found}"
        );
        for sql in [
            "RESET ROLE",
            "VACUUM ANALYZE opportunity",
            "SET ROLE sindico_tenant; SET enable_seqscan = off; SET enable_bitmapscan = off",
        ] {
            inside.batch_execute(sql).await.unwrap();
        }
        for column in ["stage = 'PROPOSAL'", "stage = 'WON' AND pipeline = 1"] {
            let sums = format!(
                "SELECT count(*), sum(amount_cents) FROM opportunity WHERE {column} AND deleted_at IS NULL"
            );
            let found = plan(&inside, &sums).await;
            let wanted = [
                "Index Only Scan using opportunity_totals",
                "Index Only Scan using opportunity_closed",
            ];
            assert!(
                wanted.iter().any(|index| found.contains(index)),
                "{column}:\n{found}"
            );
        }
    }
}

/// Who each row of a file is, is looked up by itself, whatever PostgreSQL knows of the table: of one that an import
/// fills it knows nothing, and would read all rows of the company. Those of another company are not among them.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_file_are_looked_up_without_statistics() {
    const KEYS: u64 = 1_000;
    let (_app, tenants) = start().await;
    for t in &tenants {
        let inside = TestDatabase::superuser(&t.database).await;
        let company = t.company;
        let sql = format!(
            "ALTER TABLE customer SET (autovacuum_enabled = false);
             ALTER TABLE lead SET (autovacuum_enabled = false);
             SET session_replication_role = replica;
             INSERT INTO customer (company_id, name, email, document_key, phone_key, search_text)
             SELECT c, n, n, n, n, '' FROM generate_series(1, 5000) n, unnest(ARRAY[{company}, {company} + 1]) c;
             INSERT INTO lead (company_id, source, email, search_text)
             SELECT c, 'x', n, '' FROM generate_series(1, 5000) n, unnest(ARRAY[{company}, {company} + 1]) c;
             SET ROLE sindico_tenant; SET sindico.company_id = '{company}'"
        );
        inside.batch_execute(&sql).await.unwrap();
        for (table, column) in [
            ("customer", "email_key"),
            ("customer", "document_key"),
            ("customer", "phone_key"),
            ("customer", "name"),
            ("lead", "email_key"),
        ] {
            let keys = format!("ARRAY(SELECT n::text FROM generate_series(1, {KEYS}) n)");
            let sql = format!(
                "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, COSTS OFF, TIMING OFF)
                 SELECT * FROM ids_by_key('{table}', '{column}', {keys})"
            );
            let told = inside.query_one(&sql, &[]).await.unwrap();
            let told: serde_json::Value = told.get(0);
            let plan = &told[0]["Plan"];
            assert_eq!(plan["Actual Rows"], KEYS, "{} {table} {column}", t.model);
            let read = |how: &str| plan[how].as_u64().unwrap();
            let pages = read("Shared Hit Blocks") + read("Shared Read Blocks");
            // Three of the index and one of the table for each, and what planning reads.
            assert!(
                pages < 6 * KEYS,
                "{} {table} {column}: {pages} pages",
                t.model
            );
        }
    }
}

/// Those that are written: PostgreSQL is not told how many a piece has, which it would take for enough to read the
/// whole table for, and finds each by its key. Without statistics it may read the company's rows, but once a piece.
#[tokio::test(flavor = "multi_thread")]
async fn many_records_are_written_by_their_keys() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let inside = TestDatabase::superuser(&t.database).await;
        let company = t.company;
        let sql = format!(
            "ALTER TABLE lead SET (autovacuum_enabled = false);
             SET session_replication_role = replica;
             INSERT INTO lead (company_id, source, search_text) SELECT {company}, 'x', '' FROM generate_series(1, 20000);
             SET ROLE sindico_tenant; SET sindico.company_id = '{company}'"
        );
        inside.batch_execute(&sql).await.unwrap();
        let all = sindico_crm::statements();
        let of_leads = |one: &&Statement| {
            one.name == "record.update_many" && one.sql.starts_with("UPDATE lead ")
        };
        let statement = all.iter().find(of_leads).unwrap();
        let sql = format!("PREPARE many AS {}", statement.sql);
        inside.batch_execute(&sql).await.unwrap();
        let types =
            "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'many'";
        let types: Vec<String> = inside.query_one(types, &[]).await.unwrap().get(0);
        // As many as a piece has: how many they are is what a plan may not go by.
        let array = |ty: &String| {
            format!(
                "array_fill(NULL::{}, ARRAY[2000])",
                ty.trim_end_matches("[]")
            )
        };
        let arrays: Vec<String> = types.iter().map(array).collect();
        let execute = format!("EXECUTE many ({})", arrays.join(", "));
        let blind = plan(&inside, &execute).await;
        let by_key =
            |plan: &str| plan.contains("AND (id = new.new_id)") && !plan.contains("Join Filter");
        let once = blind.contains("Hash Cond: (lead.id = new.new_id)");
        assert!(once || by_key(&blind), "{}:\n{blind}", t.model);
        let analyze = format!(
            "RESET ROLE; ANALYZE lead; SET ROLE sindico_tenant; SET sindico.company_id = '{company}'"
        );
        inside.batch_execute(&analyze).await.unwrap();
        let known = plan(&inside, &execute).await;
        assert!(by_key(&known), "{}:\n{known}", t.model);
    }
}

/// A query that the planner takes for dear is not compiled: see docs/adr/0034-many-rows-are-arrays.md.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_compiled() {
    const JIT: Statement = Statement {
        name: "test.jit",
        sql: "SELECT current_setting('jit')",
    };
    let (app, tenants) = start().await;
    for t in &tenants {
        let rows = data(&app, t).rows(&JIT, &[]).await.unwrap();
        assert_eq!(rows[0].get::<_, &str>(0), "off", "{}", t.model);
    }
}
