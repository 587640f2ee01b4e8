//! Behind the wall PostgreSQL looks up in an index only what it knows to be leakproof; all else it compares
//! row by row. Whatever is to be quick at any size must not be among that.

use super::start;
use sindico_crm::list;
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
                    let found = plan.contains("Index Cond") && !plan.contains("Filter:");
                    assert!(found, "{} {kind} {sort}:\n{plan}", t.model);
                }
            }
        }
    }
}
