//! Odd input on every address of the CRM, driven by the table of routes: never a `5xx`, errors on
//! fields, and what is taken comes back unchanged.

use super::{ACTIVITIES, CUSTOMERS, GOALS, LEADS, OPPORTUNITIES, Tenant, at, start};
use reqwest::Method;
use serde_json::{Value, json};
use sindico_domain::crm::Kind;
use sindico_testkit::Answer;

/// Method, address and names of query parameters of each route that belongs to a tenant's data.
fn routes() -> Vec<(String, String, Vec<String>)> {
    let api = serde_json::to_value(sindico_web::table().api()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in api["paths"].as_object().unwrap() {
        // The stream of events does not end; it has tests of its own.
        if !path.starts_with("/api/") || path.starts_with("/api/auth/") || path == "/api/events/" {
            continue;
        }
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let query = parameters.iter().filter(|p| p["in"] == "query");
            let names = query
                .map(|p| p["name"].as_str().unwrap().to_owned())
                .collect();
            routes.push((method.to_uppercase(), path.clone(), names));
        }
    }
    assert!(routes.len() > 50, "only {}", routes.len());
    routes
}

/// What the actions read.
const NAMES: [&str; 12] = [
    "customer",
    "title",
    "stage",
    "amount",
    "expected_close_date",
    "create_customer_if_missing",
    "after",
    "before",
    "loss_reason",
    "disqualification_reason",
    "outcome",
    "duration_minutes",
];

/// One record of each kind: addresses with `{id}` lead to these.
async fn filled(t: &Tenant) -> Vec<(&'static str, Value)> {
    let customer = t.customer().await;
    let lead = t.lead(json!({"customer": customer["id"]})).await;
    let sale = t.sale(json!({})).await;
    let activity = t
        .make(ACTIVITIES, json!({"title": "x", "lead": lead["id"]}))
        .await;
    let goal = t
        .make(GOALS, json!({"year": 2026, "month": 1, "amount": "1"}))
        .await;
    vec![
        (CUSTOMERS, customer),
        (LEADS, lead),
        (OPPORTUNITIES, sale),
        (ACTIVITIES, activity),
        (GOALS, goal),
    ]
}

fn address(path: &str, records: &[(&'static str, Value)]) -> String {
    let of = records.iter().find(|(prefix, _)| path.starts_with(prefix));
    let id = of.map_or_else(|| "1".to_owned(), |(_, record)| record["id"].to_string());
    path.replace("{id}", &id)
}

fn fine(answer: &Answer, what: &str) {
    let what: String = what.chars().take(200).collect();
    assert!(
        answer.status < 500,
        "{what}: {} {}",
        answer.status,
        answer.text
    );
    if answer.status >= 400 {
        assert!(answer.json.is_object(), "{what}: {}", answer.text);
        assert!(
            answer.text.len() < 20_000,
            "{what}: an error repeats its input"
        );
    }
}

fn values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(1e300),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(""),
        json!("  "),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("💥 عربى \u{202e}oãs\u{202c}"),
        json!("\u{feff}"),
        json!("x".repeat(100_000)),
        json!("💥".repeat(100)),
        json!("99999999999999999999999"),
        json!("-0"),
        json!("1e400"),
        json!("NaN"),
        json!("infinity"),
        json!("9999-12-31T23:59:59.999999999Z"),
        json!("-009999-01-01T00:00:00Z"),
        json!("0001-01-01T00:00:00Z"),
        json!("9999-12-31"),
        json!("none"),
        json!("NEW"),
        json!([]),
        json!([[]]),
        json!(["a", 1, null, {}]),
        json!([{"kind": "EMAIL", "value": "x\u{0}"}]),
        json!({}),
        json!({"a": {"b": {}}}),
        json!("'; DROP TABLE lead; --"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_bodies() {
    let (_app, tenants) = start().await;
    let json = "application/json";
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let deep_in_field = [
        br#"{"tags":"#.to_vec(),
        b"[".repeat(1_000),
        b"]".repeat(1_000),
        b"}".to_vec(),
    ]
    .concat();
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        (json, b"{".to_vec()), (json, b"[]".to_vec()), (json, b"null".to_vec()), (json, b"1e99999".to_vec()), (json, b"{\"name\": \"\xff\xfe\"}".to_vec()),
        (json, br#"{"name": "\ud800", "title": "\udc00x", "source": "\ud83d"}"#.to_vec()), (json, deep), (json, deep_in_field),
        (json, br#"{"amount": 123456789012345678901234567890, "owner": 18446744073709551616, "customer": 1e400}"#.to_vec()),
        (json, br#"{"source": "\u0000", "name": "\u0000", "title": "\u0000", "stage": "\u0000", "email": "a\u0000@b.c", "q": 1}"#.to_vec()),
        ("text/plain", b"{}".to_vec()), ("application/x-www-form-urlencoded", b"name=%ff%fe&title=%00&source=%00".to_vec()), ("multipart/form-data; boundary=x", b"--x\r\nbroken".to_vec()),
    ];
    for t in &tenants {
        let records = filled(t).await;
        for (method, path, _) in routes()
            .iter()
            .filter(|(method, ..)| method != "GET" && method != "DELETE")
        {
            for (kind, body) in &bodies {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let request = t
                    .owner
                    .request(method, &address(path, &records))
                    .header("content-type", *kind)
                    .body(body.clone());
                fine(
                    &t.owner.send(request).await,
                    &format!("{path} {kind} {}", String::from_utf8_lossy(body)),
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_are_no_values_are_refused_on_their_field_or_come_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let records = filled(t).await;
        let mut refused = 0;
        for (&kind, (path, record)) in Kind::ALL.iter().zip(&records) {
            for field in kind.fields() {
                for value in values() {
                    let what = format!("{} {kind}.{} = {value}", t.model, field.name);
                    let answer = t
                        .owner
                        .patch(&at(path, record), json!({ field.name: value }))
                        .await;
                    fine(&answer, &what);
                    if answer.status == 400 {
                        // An activity without its lead has neither.
                        assert!(
                            answer.json[field.name].is_array(),
                            "{}: {}",
                            &what[..what.len().min(200)],
                            answer.text
                        );
                        refused += 1;
                    } else {
                        assert_eq!(
                            t.read(path, record).await,
                            answer.json,
                            "what was answered is what is there"
                        );
                    }
                }
            }
        }
        assert!(refused > 400, "only {refused} were refused");
        for (method, path, _) in routes()
            .iter()
            .filter(|(method, path, _)| method == "POST" && path.contains("{id}"))
        {
            for value in values() {
                let body = NAMES.map(|name| (name.to_owned(), value.clone()));
                let body = Value::Object(body.into_iter().collect());
                let answer = t.owner.post(&address(path, &records), body).await;
                fine(&answer, &format!("{method} {path} with {value}"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_are_no_parameters() {
    let (_app, tenants) = start().await;
    let odd = [
        "x",
        "-1",
        "0",
        "99999999999999999999",
        "%00",
        "%ff",
        "%F0%9F%92%A5",
        "%E2%80%AE",
        ",",
        ",,,",
        "1,x",
        "none,none",
        "null",
        "1e400",
        "NaN",
        "-0",
        "infinity",
        "%25",
        "_",
        "%5C",
        "'",
        "0001-01-01",
        "9999-12-31",
        "9999-12-31T23:59:59.999999999Z",
        "-009999-01-01T00:00:00Z",
        "W10",
        "W1wiIiwiIiwwXQ",
        "-",
        "--id",
    ];
    let long = "x".repeat(6_000);
    let many = vec!["1"; 200].join(",");
    for t in &tenants {
        let records = filled(t).await;
        let mut tried = 0;
        for (_, path, names) in routes().iter().filter(|(method, ..)| method == "GET") {
            for name in names {
                for value in odd.iter().copied().chain([long.as_str(), many.as_str()]) {
                    let path = format!("{}?{name}={value}", address(path, &records));
                    fine(&t.owner.get(&path).await, &path);
                    tried += 1;
                }
            }
        }
        assert!(tried > 1_500, "only {tried}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_no_ids_are_not_there() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for (method, path, _) in routes().iter().filter(|(_, path, _)| path.contains("{id}")) {
            for id in [
                "0",
                "-1",
                "x",
                "9223372036854775807",
                "9223372036854775808",
                "99999999999999999999999",
                "%00",
                "%ff",
                "1%20",
                "+1",
                "1e3",
                "١",
            ] {
                let body = match method.as_str() {
                    "PUT" => {
                        json!({"name": "x", "email": "x@example.com", "source": "x", "title": "x", "customer": 1, "lead": 1, "year": 2026, "month": 1, "amount": "1"})
                    }
                    _ => json!({"stage": "PROPOSAL", "other": 1}),
                };
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let path = path.replace("{id}", id);
                let answer = t
                    .owner
                    .send(t.owner.request(method, &path).json(&body))
                    .await;
                assert_eq!(answer.status, 404, "{path}: {}", answer.text);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn emoji_and_bidi_text_come_back_unchanged() {
    let (_app, tenants) = start().await;
    let text = "💥👩‍👩‍👧 عربى \u{202e}oãS\u{202c} e\u{301} ﬁm \u{200b}fim\n\tlinha";
    for t in &tenants {
        for (path, body, fields) in [
            (
                CUSTOMERS,
                json!({"name": text, "email": "x@example.com", "notes": text, "tags": [text]}),
                ["name", "notes", "tags"],
            ),
            (
                LEADS,
                json!({"source": text, "notes": text, "company": text}),
                ["source", "notes", "company"],
            ),
            (
                OPPORTUNITIES,
                json!({"customer": t.customer().await["id"], "title": text, "notes": text, "next_step": text}),
                ["title", "notes", "next_step"],
            ),
            (
                ACTIVITIES,
                json!({"lead": t.lead(json!({})).await["id"], "title": text, "description": text, "outcome": text}),
                ["title", "description", "outcome"],
            ),
        ] {
            let made = t.make(path, body.clone()).await;
            for field in fields {
                assert_eq!(made[field], body[field], "{path} {field}");
            }
            assert_eq!(t.read(path, &made).await, made);
            let told = t
                .owner
                .get(&format!("{}timeline/", at(path, &made)))
                .await
                .expect(200)
                .json;
            assert_eq!(told[0]["after"][fields[0]], body[fields[0]]);
            let found = t
                .owner
                .get(&format!("{path}?q=%F0%9F%92%A5"))
                .await
                .expect(200)
                .json;
            assert_eq!(found, json!([made]));
        }
    }
}
