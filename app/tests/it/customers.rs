//! `/api/customers/`: each test for a database of the tenant's own and for the shared schema.

use crate::begin;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, Options, TestApp, TestDatabase};

const PATH: &str = "/api/customers/";
const MODELS: [&str; 2] = ["DATABASE_PER_TENANT", "SHARED_SCHEMA"];

async fn start() -> (TestApp, Client) {
    begin();
    let app = TestApp::start_with(Options::local_postgres().await).await;
    let staff = app.staff().await;
    (app, staff)
}

fn ana() -> Value {
    json!({"name": "Ana Conceição", "email": "Ana@example.com", "phone": "(11) 98765-4321", "document": "123.456.789-09"})
}

fn one(customer: &Value) -> String {
    format!("{PATH}{}/", customer["id"])
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter().map(|c| c["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_created_read_changed_and_removed() {
    let (app, staff) = start().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let created = owner.post(PATH, ana()).await.expect(201);
        let customer = &created.json;
        assert_eq!(created.header("location"), one(customer));
        assert_eq!(customer["email"], "Ana@example.com");
        let read = owner.get(&one(customer)).await.expect(200);
        assert_eq!(read.json, *customer);
        assert_eq!(read.header("etag"), created.header("etag"));
        owner
            .with("if-none-match", read.header("etag"))
            .get(&one(customer))
            .await
            .expect(304);

        let changed = owner
            .patch(&one(customer), json!({"phone": "1"}))
            .await
            .expect(200);
        assert_eq!(
            (&changed.json["phone"], &changed.json["name"]),
            (&json!("1"), &customer["name"])
        );
        assert_ne!(changed.header("etag"), created.header("etag"));
        let stale = owner.with("if-match", created.header("etag"));
        stale
            .patch(&one(customer), json!({"phone": "2"}))
            .await
            .expect(412);
        stale.call("DELETE", &one(customer)).await.expect(412);

        let put = |body: Value| {
            owner.send(
                owner
                    .request(reqwest::Method::PUT, &one(customer))
                    .json(&body),
            )
        };
        let wrong = put(json!({"phone": "3"})).await.expect(400).json;
        assert!(
            wrong["name"].is_array() && wrong["email"].is_array(),
            "{wrong}"
        );
        put(json!({"name": "Bia", "email": "bia@example.com"}))
            .await
            .expect(200);

        owner.call("DELETE", &one(customer)).await.expect(204);
        for method in ["GET", "DELETE"] {
            owner.call(method, &one(customer)).await.expect(404);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_input_is_named_field_by_field() {
    let (app, staff) = start().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        for (body, field) in [
            (json!({}), "name"),
            (json!({}), "email"),
            (json!({"name": " ", "email": "a@b.c"}), "name"),
            (json!({"name": "x".repeat(256), "email": "a@b.c"}), "name"),
            (json!({"name": "a\u{0}b", "email": "a@b.c"}), "name"),
            (json!({"name": "Ana", "email": "nobody"}), "email"),
            (
                json!({"name": "Ana", "email": "a@b.c", "phone": {}}),
                "phone",
            ),
            (
                json!({"name": "Ana", "email": "a@b.c", "document": "9".repeat(41)}),
                "document",
            ),
        ] {
            let answer = owner.post(PATH, body.clone()).await.expect(400);
            assert!(answer.json[field].is_array(), "{body}: {}", answer.text);
        }
        owner.post(PATH, ana()).await.expect(201);
        let twin = json!({"name": "Outra", "email": "aNA@EXAMPLE.com"});
        let answer = owner.post(PATH, twin).await.expect(400);
        assert!(answer.json["email"].is_array(), "{}", answer.text);
        for query in [
            "?sort=phone",
            "?limit=0",
            "?limit=501",
            "?cursor=x",
            "?count=1",
        ] {
            owner.get(&format!("{PATH}{query}")).await.expect(400);
        }
        for id in ["0", "-1", "x", "99999999999999999999", "1%00"] {
            owner.get(&format!("{PATH}{id}/")).await.expect(404);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_sorted_found_and_paged() {
    let (app, staff) = start().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        for (name, phone) in [
            ("Érica", "11 90000-0001"),
            ("Ana", "11 90000-0002"),
            ("eduardo", ""),
            ("Zé", ""),
            ("Bia", ""),
        ] {
            let email = format!(
                "{}@example.com",
                name.len() + phone.len() * 10 + usize::from(name.as_bytes()[0]) * 1000
            );
            owner
                .post(PATH, json!({"name": name, "email": email, "phone": phone}))
                .await
                .expect(201);
        }
        let all = owner.get(PATH).await.expect(200);
        assert_eq!(names(&all.json), ["Ana", "Bia", "eduardo", "Érica", "Zé"]);
        let newest = owner
            .get(&format!("{PATH}?sort=-created_at"))
            .await
            .expect(200);
        assert_eq!(
            names(&newest.json),
            ["Bia", "Zé", "eduardo", "Ana", "Érica"]
        );
        let found = owner
            .get(&format!("{PATH}?q=erica&count=exact"))
            .await
            .expect(200);
        assert_eq!(
            (names(&found.json), found.header("x-total-count")),
            (vec!["Érica"], "1")
        );
        let by_phone = owner.get(&format!("{PATH}?q=1190000000")).await.expect(200);
        assert_eq!(names(&by_phone.json), ["Ana", "Érica"]);
        let nothing = owner.get(&format!("{PATH}?q=%25")).await.expect(200);
        assert_eq!(nothing.json, json!([]));

        for (sort, expected) in [
            ("name", ["Ana", "Bia", "eduardo", "Érica", "Zé"]),
            ("-name", ["Zé", "Érica", "eduardo", "Bia", "Ana"]),
            ("created_at", ["Érica", "Ana", "eduardo", "Zé", "Bia"]),
            ("-created_at", ["Bia", "Zé", "eduardo", "Ana", "Érica"]),
        ] {
            let mut seen = Vec::new();
            let mut next = format!("{PATH}?sort={sort}&limit=2");
            loop {
                let page = owner.get(&next).await.expect(200);
                seen.extend(names(&page.json).iter().map(|name| (*name).to_owned()));
                match page.header("link").split(['<', '>']).nth(1) {
                    Some(link) => next = link.to_owned(),
                    None => break,
                }
            }
            assert_eq!(seen, expected, "{sort}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_decide_who_may_do_what() {
    let (app, staff) = start().await;
    let tenant = app.ready(&staff, "acme", MODELS[1]).await;
    let owner = app.member(&tenant, Role::Owner).await;
    let customer = owner.post(PATH, ana()).await.expect(201).json;
    let path = one(&customer);
    for (role, create, delete) in [
        (Role::Member, 403, 403),
        (Role::Manager, 201, 403),
        (Role::Owner, 201, 204),
    ] {
        let caller = app.member(&tenant, role).await;
        caller.get(PATH).await.expect(200);
        caller.get(&path).await.expect(200);
        let body = json!({"name": "x", "email": format!("{role}@example.com")});
        caller.post(PATH, body).await.expect(create);
        let change = if create == 201 { 200 } else { 403 };
        caller
            .patch(&path, json!({"phone": role.as_str()}))
            .await
            .expect(change);
        caller.call("DELETE", &path).await.expect(delete);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_creates_one_customer() {
    let (app, staff) = start().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let keyed = owner.with("idempotency-key", "abc");
        let tries = (0..8).map(|_| keyed.post(PATH, ana()));
        let answers = futures_util::future::join_all(tries).await;
        let first = &answers[0].clone().expect(201).json;
        for answer in &answers {
            assert_eq!(
                (answer.status, &answer.json),
                (201, first),
                "{}",
                answer.text
            );
        }
        assert_eq!(owner.get(PATH).await.json.as_array().unwrap().len(), 1);
        keyed
            .post(PATH, json!({"name": "B", "email": "b@example.com"}))
            .await
            .expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_one_statement_a_counted_list_too() {
    let (app, staff) = start().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let customer = owner.post(PATH, ana()).await.expect(201).json;
        for (path, statements) in [
            (one(&customer), 1),
            (PATH.to_owned(), 1),
            (format!("{PATH}?q=ana&sort=-created_at"), 1),
            (format!("{PATH}?count=exact"), 1),
        ] {
            // What this program does besides counts as well: the least of several is the number.
            let mut least = u64::MAX;
            for _ in 0..20 {
                let before = sindico_store::executed();
                owner.get(&path).await.expect(200);
                least = least.min(sindico_store::executed() - before);
            }
            assert_eq!(least, statements, "{model} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_of_the_crm_suits_the_schema() {
    let (app, staff) = start().await;
    let tenant = app.ready(&staff, "acme", MODELS[0]).await;
    let database = tenant["provisioning"]["database_name"].as_str().unwrap();
    let inside = TestDatabase::superuser(database).await;
    let statements = sindico_crm::statements();
    assert!(statements.len() > 50);
    let mut wrong = Vec::new();
    for statement in statements {
        if let Err(error) = inside.prepare(statement.sql).await {
            let words = error.as_db_error().map(|error| error.message().to_owned());
            wrong.push(format!("{}: {words:?}\n{}", statement.name, statement.sql));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
