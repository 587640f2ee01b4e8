//! Who does not belong to a tenant can't tell it from one that does not exist.

use super::{Chance, DEDICATED, House, PATH, SHARED, call, print, start};
use serde_json::json;
use sindico_domain::access::Role;
use sindico_testkit::{Client, TestApp};

/// The paths of all routes that need a tenant.
fn paths() -> Vec<String> {
    let table = sindico_web::table();
    let rows = table.rows().iter().filter(|row| row.access.needs_tenant());
    let mut paths: Vec<String> = rows.map(|row| row.path.clone()).collect();
    paths.dedup();
    paths
}

/// Strangers: nobody's member, another tenant's owner, somebody who was a member, platform staff.
async fn strangers(app: &TestApp, of: &House, other: &Client) -> Vec<Client> {
    let former = app.member(&of.tenant, Role::Owner).await;
    let sql = "UPDATE company_membership SET is_active = false
        WHERE id = (SELECT max(id) FROM company_membership)";
    app.database.sql().await.execute(sql, &[]).await.unwrap();
    vec![app.plain().await, other.clone(), former, app.staff().await]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_what_nobodys_name_gets() {
    let (app, houses) = start(&[DEDICATED, SHARED, DEDICATED, SHARED]).await;
    let paths = paths();
    assert!(paths.iter().any(|path| path == "/api/customers/{id}/"));
    let mut chance = Chance(20);
    let mut tried = 0;
    for (index, house) in houses.iter().enumerate() {
        let other = &houses[(index + 1) % houses.len()];
        for stranger in strangers(&app, house, &other.owner).await {
            for path in &paths {
                for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                    let ids = [1, 2, i64::MAX, i64::try_from(chance.next() >> 40).unwrap()];
                    let path = path.replace("{id}", &chance.one(&ids).to_string());
                    let bodies = [None, Some(json!({})), Some(json!({"name": "x"}))];
                    let body = chance.one(&bodies).as_ref();
                    let missing = format!("no-{}", house.code());
                    let (theirs, nobodys) = if chance.next().is_multiple_of(2) {
                        (stranger.tenant(house.code()), stranger.tenant(&missing))
                    } else {
                        // Without the header that some of them come with.
                        let bare = stranger.without("x-tenant-id");
                        let on = |code: &str| bare.on(&format!("{code}.mksbrasil.com"));
                        (on(house.code()), on(&missing))
                    };
                    let found = call(&theirs, method, &path, body).await;
                    let expected = call(&nobodys, method, &path, body).await;
                    assert_eq!(found, expected, "{method} {path} {body:?}");
                    assert!(
                        found.starts_with("404 ") || found.starts_with("405 "),
                        "{method} {path}: {found}"
                    );
                    tried += 1;
                }
            }
        }
        // The same question, asked by who belongs there, has another answer.
        house.owner.get(PATH).await.expect(200);
    }
    assert!(tried >= 4 * 4 * 7 * paths.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inactive_tenant_is_one_that_does_not_exist() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    let staff = app.staff().await;
    for house in &houses {
        let path = format!("/platform/api/tenants/{}/", house.id());
        let change = json!({"is_active": false});
        staff.patch(&path, change).await.expect(200);
        for path in paths() {
            let path = path.replace("{id}", "1");
            let found = call(&house.owner, "GET", &path, None).await;
            let nobodys = house.owner.tenant("no-such-tenant");
            assert_eq!(found, call(&nobodys, "GET", &path, None).await, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_customer_is_not_there() {
    let (_app, houses) = start(&[DEDICATED, SHARED, DEDICATED, SHARED]).await;
    let mut chance = Chance(7);
    let mut ids: Vec<Vec<i64>> = Vec::new();
    for (index, house) in houses.iter().enumerate() {
        let mut own = Vec::new();
        // Different numbers, so that ids of one are not those of another.
        for n in 0..(3 + 4 * index) {
            own.push(house.customer(&format!("c{n}")).await);
        }
        ids.push(own);
    }
    let before = rows(&houses).await;
    let mut tried = 0;
    for _ in 0..60 {
        let pair: Vec<usize> = (0..houses.len()).collect();
        let (mine, theirs) = (*chance.one(&pair), *chance.one(&pair));
        let id = *chance.one(&ids[theirs]);
        // In databases of their own two tenants may have the same id.
        if houses[mine].names_of(id).await.is_some() {
            continue;
        }
        let path = format!("{PATH}{id}/");
        let body = json!({"name": "taken", "email": "taken@example.com"});
        let nowhere = format!("{PATH}{}/", i64::MAX);
        let missing = print(&houses[mine].owner.get(&nowhere).await);
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let found = call(&houses[mine].owner, method, &path, Some(&body)).await;
            assert_eq!(found, missing, "{method} {path}");
            tried += 1;
        }
    }
    assert!(tried > 40, "only {tried} tries");
    assert_eq!(before, rows(&houses).await);
}

async fn rows(houses: &[House]) -> Vec<String> {
    let mut all = Vec::new();
    for house in houses {
        let rows = house.rows().await;
        assert!(!rows.is_empty());
        all.push(rows);
    }
    all
}

impl House {
    /// The name of its own customer with this id.
    async fn names_of(&self, id: i64) -> Option<String> {
        let rows = self.rows().await;
        let head = format!("({},{id},", self.id());
        rows.lines()
            .find(|line| line.starts_with(&head))
            .map(str::to_owned)
    }
}
