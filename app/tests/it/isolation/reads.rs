//! Reads in the shared schema name their tenant for themselves, and for nothing after them.

use super::{House, SHARED, start};
use futures_util::future::BoxFuture;
use sindico_db::{
    ClientWrapper, Connections, Held, Result, Row, Scope, Statement, TenantConnection,
    naming_its_tenant,
};
use sindico_domain::access::sight::Sight;
use sindico_testkit::{Sql, TestApp};
use std::sync::Arc;

const NAMES: Statement = Statement {
    name: "test.names",
    sql: "SELECT name FROM customer ORDER BY name",
};
const BROKEN: Statement = Statement {
    name: "test.broken",
    sql: "SELECT 1 / (SELECT count(*) - 1 FROM customer)",
};
const SETTING: &str = "SELECT coalesce(current_setting('sindico.company_id', true), '')";

/// One connection for all tenants, which is handed out again and again.
#[derive(Clone)]
struct Only(Arc<ClientWrapper>);

impl Held for Only {
    fn client(&self) -> &ClientWrapper {
        &self.0
    }

    fn hung(&self) {}
}

impl Connections for Only {
    fn acquire(&self) -> BoxFuture<'_, Result<Box<dyn Held>>> {
        Box::pin(async { Ok(Box::new(self.clone()) as Box<dyn Held>) })
    }
}

impl Only {
    async fn of(house: &House, app: &TestApp) -> Self {
        let client = house.inside(app).await;
        Self(Arc::new(ClientWrapper::new(client, tokio::spawn(async {}))))
    }

    fn tenant(&self, house: &House) -> TenantConnection {
        TenantConnection::new(
            house.id(),
            Scope::Transaction,
            Sight::whole(),
            Arc::new(self.clone()),
        )
    }

    /// Nothing of the last read is left.
    async fn is_nobodys(&self) {
        let client: &Sql = &self.0;
        let setting: String = client.query_one(SETTING, &[]).await.unwrap().get(0);
        assert_eq!(setting, "");
        assert!(client.query(NAMES.sql, &[]).await.unwrap().is_empty());
    }
}

/// The first column of each row.
fn values(rows: &[Row]) -> Vec<String> {
    let value = |row: &Row| match row.try_get::<_, i64>(0) {
        Ok(number) => number.to_string(),
        Err(_) => row.get(0),
    };
    rows.iter().map(value).collect()
}

async fn names(of: &TenantConnection) -> Vec<String> {
    let rows = of.rows(&NAMES, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_leaves_no_tenant_behind() {
    let (app, houses) = start(&[SHARED, SHARED]).await;
    let only = Only::of(&houses[0], &app).await;
    only.is_nobodys().await;
    // Often enough for plans that PostgreSQL keeps.
    for _ in 0..8 {
        for house in &houses {
            let of = only.tenant(house);
            let own = [format!("of-{}", house.id())];
            assert_eq!(names(&of).await, own);
            only.is_nobodys().await;
            // Several at once, one of which is another read's text.
            let both = of.read(&[(&NAMES, &[]), (&NAMES, &[])]).await.unwrap();
            assert!(both.iter().all(|rows| rows.len() == 1));
            only.is_nobodys().await;
            // One that fails, alone and beside one that doesn't.
            of.rows(&BROKEN, &[]).await.unwrap_err();
            only.is_nobodys().await;
            of.read(&[(&BROKEN, &[]), (&NAMES, &[])]).await.unwrap_err();
            only.is_nobodys().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_given_up_leaves_no_tenant_behind() {
    let (app, houses) = start(&[SHARED, SHARED]).await;
    let only = Only::of(&houses[0], &app).await;
    let (a, b) = (only.tenant(&houses[0]), only.tenant(&houses[1]));
    let own = |house: &House| vec![format!("of-{}", house.id())];
    names(&a).await;
    for _ in 0..50 {
        // Sent, and nobody waits for its answer.
        let read = a.read(&[(&NAMES, &[]), (&NAMES, &[])]);
        tokio::select! {
            biased;
            _ = read => {}
            () = std::future::ready(()) => {}
        }
        assert_eq!(names(&b).await, own(&houses[1]));
        only.is_nobodys().await;
        // A write that is given up is taken back before the next read.
        let begun = a.begin().await.unwrap();
        drop(begun);
        assert_eq!(names(&b).await, own(&houses[1]));
        only.is_nobodys().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenant_is_named_before_the_first_row_is_looked_for() {
    let (app, houses) = start(&[SHARED]).await;
    let client = houses[0].inside(&app).await;
    let id = houses[0].id();
    for sql in [
        "SELECT name FROM customer",
        "SELECT name FROM customer WHERE id > 0 ORDER BY id DESC LIMIT 5",
        "SELECT count(*) FROM customer",
        "WITH c AS MATERIALIZED (SELECT * FROM customer) SELECT name FROM c UNION ALL SELECT name FROM c",
        "SELECT name FROM customer WHERE company_id = (SELECT max(company_id) FROM customer)",
        "SELECT current_company()",
        "SELECT a.name FROM customer a JOIN customer b USING (id) WHERE b.id = ANY (ARRAY(SELECT id FROM customer))",
    ] {
        let alone = naming_its_tenant(sql, 0);
        // Kept plans, of either kind.
        for plans in ["force_custom_plan", "force_generic_plan"] {
            let set = format!("SET plan_cache_mode = {plans}");
            client.batch_execute(&set).await.unwrap();
            let rows = client.query(&alone, &[&id, &""]).await.unwrap();
            client
                .batch_execute(&format!("BEGIN; SET LOCAL sindico.company_id = '{id}'"))
                .await
                .unwrap();
            let same = client.query(sql, &[]).await.unwrap();
            client.batch_execute("COMMIT").await.unwrap();
            assert!(!same.is_empty(), "{sql}");
            assert_eq!(values(&rows), values(&same), "{sql}");
        }
    }
}
