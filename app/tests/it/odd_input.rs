//! Odd input never gives a `5xx`, and never half a row.

use crate::begin;
use reqwest::Method;
use serde_json::{Value, json};
use sindico_testkit::{Answer, Client, TestApp};

const TENANTS: &str = "/platform/api/tenants/";

fn fine(answer: &Answer, what: &str) {
    let status = answer.status;
    assert!(
        (400..500).contains(&status),
        "{what}: {status} {}",
        answer.text
    );
    assert!(answer.json.is_object(), "{what}: {}", answer.text);
    assert!(
        answer.text.len() < 5_000,
        "{what}: an error repeats its input"
    );
}

async fn raw(
    caller: &Client,
    method: Method,
    path: &str,
    kind: Option<&str>,
    body: Vec<u8>,
) -> Answer {
    let mut request = caller.request(method, path).body(body);
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    caller.send(request).await
}

/// Every address that reads a body.
const WRITES: &[(&str, &str)] = &[
    ("POST", "/platform/api/tenants/"),
    ("PATCH", "/platform/api/tenants/1/"),
    ("POST", "/platform/api/tenants/1/provision/"),
    ("POST", "/api/auth/token/"),
    ("POST", "/api/auth/session/"),
    ("POST", "/api/auth/password-change/"),
    ("POST", "/api/auth/password-reset/request/"),
    ("POST", "/api/auth/password-reset/confirm/"),
];

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_bodies() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    app.tenant(&admin, "acme").await;
    let json = Some("application/json");
    let form = Some("application/x-www-form-urlencoded");
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let deep_object = [br#"{"a":"#.repeat(50_000), b"1".to_vec()].concat();
    let bodies: Vec<(&str, Option<&str>, Vec<u8>)> = vec![
        ("no JSON", json, b"{".to_vec()),
        ("an array", json, b"[]".to_vec()),
        ("a string", json, b"\"x\"".to_vec()),
        ("null", json, b"null".to_vec()),
        ("a huge number", json, b"1e99999".to_vec()),
        ("broken UTF-8", json, b"{\"name\": \"\xff\xfe\"}".to_vec()),
        ("a lone surrogate", json, br#"{"name": "\ud800"}"#.to_vec()),
        ("deep arrays", json, deep),
        ("deep objects", json, deep_object),
        ("a NUL byte", json, b"{\"name\": \"a\0b\"}".to_vec()),
        (
            "an escaped NUL",
            json,
            br#"{"name": "a\u0000b", "username": "a\u0000", "tenant_code": "\u0000"}"#.to_vec(),
        ),
        ("another type", Some("text/plain"), b"{}".to_vec()),
        ("XML", Some("application/xml"), b"<a/>".to_vec()),
        (
            "another charset",
            Some("application/json; charset=utf-16"),
            b"{}".to_vec(),
        ),
        ("a type that is no type", Some("???"), b"{}".to_vec()),
        ("no type", None, b"{}".to_vec()),
        ("a broken form", form, b"name=%ff%fe".to_vec()),
        ("a form without names", form, b"=&=&&&".to_vec()),
        (
            "multipart without a boundary",
            Some("multipart/form-data"),
            b"x".to_vec(),
        ),
        (
            "broken multipart",
            Some("multipart/form-data; boundary=x"),
            b"--x\r\nbroken".to_vec(),
        ),
    ];
    for (method, path) in WRITES {
        for (what, kind, body) in &bodies {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = raw(&admin, method, path, *kind, body.clone()).await;
            // A reset request tells nobody anything, and a form can name no field at all.
            let quiet = path.ends_with("request/") && answer.status < 300;
            let empty_form = what.contains("form") && answer.status < 300;
            if !quiet && !empty_form {
                fine(&answer, &format!("{path} with {what}"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_are_no_values() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    app.tenant(&admin, "acme").await;
    let long = "x".repeat(1_000_000);
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(9_223_372_036_854_775_807_u64),
        json!(18_446_744_073_709_551_615_u64),
        json!(""),
        json!("   "),
        json!("\u{0}"),
        json!("a\u{202e}b"),
        json!("'; DROP TABLE company; --"),
        json!("💥"),
        json!("0000-00-00"),
        json!("-0001-01-01"),
        json!("9999-99-99"),
        json!("NaN"),
        json!("Infinity"),
        json!("1e400"),
        json!(long),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"a": {"b": {}}}),
    ];
    let contract = [
        "plan",
        "status",
        "seats",
        "monthly_fee",
        "start_date",
        "end_date",
        "auto_renew",
        "notes",
    ];
    let place = [
        "isolation_model",
        "database_alias",
        "database_name",
        "database_host",
        "database_port",
        "database_user",
        "database_password_secret",
        "portal_url",
    ];
    let mut bodies = Vec::new();
    for value in &odd {
        for field in ["name", "subdomain", "is_active", "contract", "provisioning"] {
            bodies.push(json!({ field: value }));
        }
        bodies.extend(contract.map(|field| json!({"contract": { field: value }})));
        bodies.extend(place.map(|field| json!({"provisioning": { field: value }})));
    }
    let version = admin
        .get("/platform/api/tenants/1/")
        .await
        .header("etag")
        .to_owned();
    let mut refused = 0;
    for body in bodies {
        let answer = admin.patch("/platform/api/tenants/1/", body.clone()).await;
        let text = body.to_string().chars().take(100).collect::<String>();
        assert!(answer.status < 500, "{text}: {}", answer.text);
        assert!(
            answer.text.len() < 20_000,
            "{text}: an error repeats its input"
        );
        refused += u32::from(answer.status == 400);
    }
    assert!(refused > 300, "only {refused} were refused");
    assert_ne!(
        admin.get("/platform/api/tenants/1/").await.header("etag"),
        version
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_are_no_addresses() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    for id in [
        "0",
        "-1",
        "99999999999999999999999999",
        "9223372036854775807",
        "abc",
        "1e3",
        "%00",
        "%ff",
        "+1",
        "١",
        "1%20",
    ] {
        for path in [
            format!("/platform/api/tenants/{id}/"),
            format!("/platform/api/operations/{id}/"),
            format!("/platform/api/operations/{id}/events/"),
        ] {
            let answer = admin.get(&path).await;
            assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        }
    }
    for query in [
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=99999999999999999999",
        "cursor=x",
        "cursor=%00",
        "cursor=W10",
        "count=maybe",
        "status=READ",
        "status=%00",
        "is_active=maybe",
        "sort=id",
        "plan=FREE",
        "q=%ff",
        "q=%00",
        "isolation_model=x",
        "contract_status=x",
    ] {
        let answer = admin.get(&format!("{TENANTS}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
    for query in [
        "since=yesterday",
        "since=-9999-01-01T00:00:00Z",
        "company_id=x",
        "company_id=0",
        "until=%00",
        "limit=-1",
    ] {
        let answer = admin.get(&format!("/platform/api/audit/?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
    // A cursor of one list on another.
    for code in ["a", "b", "c"] {
        app.tenant(&admin, code).await;
    }
    let link = admin
        .get(&format!("{TENANTS}?limit=1"))
        .await
        .header("link")
        .to_owned();
    let cursor = link
        .split("cursor=")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap()
        .to_owned();
    for path in [
        format!("{TENANTS}?sort=created_at&cursor={cursor}"),
        format!("/platform/api/audit/?cursor={cursor}"),
        format!("/platform/api/operations/?cursor={cursor}"),
    ] {
        assert_eq!(admin.get(&path).await.status, 400, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_are_no_headers() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let body = |code: &str| json!({"name": code, "tenant_code": code, "subdomain": code});
    for key in ["", " ", "a b", &"k".repeat(256)] {
        let answer = admin
            .with("idempotency-key", key)
            .post(TENANTS, body("x"))
            .await;
        assert_eq!(answer.status, 400, "{key:?}");
    }
    for value in [
        "Token",
        "Token ",
        "Basic YTpi",
        "Token a b c",
        "Bearer \u{7f}x",
        &"x".repeat(5_000),
    ] {
        let Ok(header) = reqwest::header::HeaderValue::from_str(value) else {
            continue;
        };
        let request = app
            .anonymous()
            .request(Method::GET, TENANTS)
            .header("authorization", header);
        assert_eq!(app.anonymous().send(request).await.status, 401, "{value}");
    }
    app.tenant(&admin, "acme").await;
    for value in ["1", "\"x\"", "W/\"1\"", "\"1", ""] {
        let answer = admin
            .with("if-match", value)
            .patch("/platform/api/tenants/1/", json!({"name": "N"}))
            .await;
        assert_eq!(answer.status, 412, "{value:?}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_413_and_one_below_is_read() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let body = |size: usize| json!({"name": "x".repeat(size)}).to_string().into_bytes();
    let json = Some("application/json");
    raw(&admin, Method::POST, TENANTS, json, body(3 << 20))
        .await
        .expect(413);
    let answer = raw(&admin, Method::POST, TENANTS, json, body(1 << 20))
        .await
        .expect(400);
    assert!(answer.json["name"].is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_repeated_key_the_last_counts_and_unknown_ones_are_ignored() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let body = br#"{"name": "First", "name": "Last", "tenant_code": "a", "subdomain": "a", "id": 99, "nonsense": {"x": 1}}"#;
    let answer = raw(
        &admin,
        Method::POST,
        TENANTS,
        Some("application/json"),
        body.to_vec(),
    )
    .await
    .expect(201);
    assert_eq!(answer.json["name"], "Last");
    assert_eq!(answer.json["id"], Value::from(1));
}
