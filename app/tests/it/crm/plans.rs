//! Behind the wall PostgreSQL looks up in an index only what it knows to be leakproof; all else it compares
//! row by row. Whatever is to be quick at any size must not be among that.

use super::start;
use sindico_crm::{list, metrics};
use sindico_domain::crm::Kind;
use sindico_testkit::{Sql, TestDatabase};

/// How a statement is run as a tenant's role, if it can be run by an index at all.
async fn plan(inside: &Sql, sql: &str) -> String {
    let rows = inside.query(&format!("EXPLAIN {sql}"), &[]).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    lines.join("\n")
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
                    let found = plan.contains("Index Cond") && !filters(&plan);
                    assert!(found, "{} {kind} {sort}:\n{plan}", t.model);
                }
            }
        }
    }
}

/// Whether rows are compared one by one, but for the rule of who sees them: of who sees everything that is one
/// look at what was asked once (docs/adr/0022-sight.md).
fn filters(plan: &str) -> bool {
    let mut filters = plan.lines().filter(|line| line.contains("Filter:"));
    filters.any(|line| {
        !line.trim_start().starts_with("Filter: (($") || !line.contains(" IS NOT NULL) OR ")
    })
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
        let activities = (1..=3).fold(activities, |sql, n| sql.replace(&format!("${n}"), "now()"));
        for (sql, scans) in [(funnels, 2), (activities, 1)] {
            let plan = plan(&inside, &sql).await;
            // What an activity is about is looked at for those alone who do not see everything.
            let plan = plan.split("SubPlan").next().unwrap_or_default();
            let only = plan.matches("Index Only Scan").count() == scans && !filters(plan);
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
             ANALYZE customer, lead;
             SET ROLE sindico_tenant; SET sindico.company_id = '{company}'"
        );
        inside.batch_execute(&sql).await.unwrap();
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
        }
    }
}
