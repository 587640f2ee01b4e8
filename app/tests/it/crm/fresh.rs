//! Metrics are remembered for a moment, and nobody is told what is older than what they wrote, or what is
//! another tenant's.

use super::{Tenant, merged, start, tenant};
use futures_util::future::join_all;
use serde_json::json;
use sindico_testkit::{Client, Options, Sql, TestApp, TestDatabase};

async fn leads(caller: &Client) -> i64 {
    let told = caller.get("/api/sales/metrics/").await.expect(200).json;
    told["lead_funnel"]["NEW"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_again_is_answered_by_one_look_at_what_changed() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        leads(&t.owner).await;
        // What this program does besides counts as well: the least of several is the number.
        let (mut least, mut first) = (u64::MAX, u64::MAX);
        for _ in 0..8 {
            t.lead(json!({})).await;
            let before = sindico_store::executed();
            leads(&t.owner).await;
            first = first.min(sindico_store::executed() - before);
            let before = sindico_store::executed();
            leads(&t.owner).await;
            least = least.min(sindico_store::executed() - before);
        }
        assert_eq!((first, least), (3, 1), "{}", t.model);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_is_told_of_it_at_once_by_every_program() {
    let (app, tenants) = start().await;
    let beside = TestApp::start_on(app.database.clone(), Options::local_postgres().await).await;
    for t in &tenants {
        beside.directory.refresh(t.company).await.unwrap();
        let callers = [t.owner.clone(), t.owner.at(&beside.base)];
        let mut written = 0;
        for n in 0..30 {
            let writer = &callers[n % 2];
            writer
                .post("/api/leads/", json!({"source": "site"}))
                .await
                .expect(201);
            written += 1;
            for reader in &callers {
                assert_eq!(leads(reader).await, written, "{}", t.model);
            }
        }
        // Many at once: each is told of their own at least.
        let writers = (0..8i64).map(|n| {
            let caller = callers[usize::from(n % 2 == 0)].clone();
            async move {
                caller
                    .post("/api/leads/", json!({"source": "site"}))
                    .await
                    .expect(201);
                leads(&caller).await
            }
        });
        let told = join_all(writers).await;
        assert!(told.iter().all(|told| *told > written), "{told:?}");
        for reader in &callers {
            assert_eq!(leads(reader).await, written + 8, "{}", t.model);
        }
    }
}

/// A lead written as another program would, up to its commit.
async fn begin_a_lead(t: &Tenant) -> Sql {
    let inside = TestDatabase::superuser(&t.database).await;
    let sql = format!(
        "BEGIN; SET LOCAL ROLE sindico_tenant; SET LOCAL sindico.company_id = '{}';
         INSERT INTO lead (source, search_text) VALUES ('site', 'site');
         WITH one AS (INSERT INTO change_set (action, username, request_id) VALUES ('lead.create', 'x', 'x') RETURNING id)
         INSERT INTO change (change_set_id, kind, record_id, op, title, before, after)
            SELECT id, 'lead', 1, 'CREATE', 'x', '{{}}', '{{}}' FROM one",
        t.company
    );
    inside.batch_execute(&sql).await.unwrap();
    inside
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_begun_earlier_and_ends_later_counts_when_it_ends() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let long = begin_a_lead(t).await;
        t.lead(json!({})).await;
        // Remembered, with a newer change set than the one that is still to come.
        for _ in 0..3 {
            assert_eq!(leads(&t.owner).await, 1, "{}", t.model);
        }
        long.batch_execute("COMMIT").await.unwrap();
        assert_eq!(leads(&t.owner).await, 2, "{}", t.model);
        let taken_back = begin_a_lead(t).await;
        assert_eq!(leads(&t.owner).await, 2, "{}", t.model);
        taken_back.batch_execute("ROLLBACK").await.unwrap();
        assert_eq!(leads(&t.owner).await, 2, "{}", t.model);
    }
}

/// What was restored from a copy of another server has that server's numbers.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_another_server_are_no_news() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.lead(json!({})).await;
        t.sql("UPDATE change SET xid = xid + 1000000000000 WHERE company_id = $1")
            .await;
        let mut least = u64::MAX;
        for written in 2..8 {
            t.lead(json!({})).await;
            assert_eq!(leads(&t.owner).await, written, "{}", t.model);
            let before = sindico_store::executed();
            assert_eq!(leads(&t.owner).await, written, "{}", t.model);
            least = least.min(sindico_store::executed() - before);
        }
        assert_eq!(least, 1, "{}", t.model);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_are_never_told_each_others_numbers() {
    let (app, mut tenants) = start().await;
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        tenants.push(tenant(&app, model).await);
    }
    for (t, number) in tenants.iter().zip(1..) {
        for n in 0..number {
            let more = merged(json!({}), json!({"name": format!("{n}")}));
            t.lead(more).await;
        }
    }
    for _ in 0..20 {
        let asking = tenants.iter().zip(1i64..).map(async |(t, number)| {
            for caller in [&t.owner, &t.member] {
                let told = caller.get("/api/sales/metrics/").await.expect(200).json;
                assert_eq!(told["tenant_code"], t.code.as_str());
                assert_eq!(told["lead_funnel"]["NEW"], number, "{} {}", t.model, t.code);
            }
        });
        join_all(asking).await;
    }
}
