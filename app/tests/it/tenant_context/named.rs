//! Requests with any host and any header, against a small model of contract section 3.

use super::{ME, code, ready};
use crate::begin;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{TestApp, token};
use std::collections::HashSet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a host or a header says, as the model understands it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// It stands for no tenant.
    Nothing,
    /// An active tenant.
    Tenant(&'static str),
    /// A name of a tenant that is not there, or not active.
    Unknown,
    /// It is there more than once, or is no host and no code.
    Odd,
}

use Says::{Nothing, Odd, Tenant, Unknown};

/// Header lines, with what they say.
type Lines = (Vec<Vec<u8>>, Says);

fn line(name: &str, value: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b": ", value, b"\r\n"].concat()
}

/// Any mixture of upper and lower case.
fn in_any_case(text: String) -> impl Strategy<Value = String> {
    let upper = proptest::collection::vec(any::<bool>(), text.len());
    upper.prop_map(move |upper| {
        let letters = text.chars().zip(upper);
        let letters = letters.map(|(c, up)| if up { c.to_ascii_uppercase() } else { c });
        letters.collect()
    })
}

fn label() -> impl Strategy<Value = (String, Says)> {
    let known = select(vec![
        ("acme", Tenant("acme")),
        ("other", Tenant("other")),
        ("dead", Unknown),
        ("www", Nothing),
        ("sistema", Nothing),
        // No subdomain can be this, and it is one label all the same.
        ("a_b", Unknown),
        ("-acme", Unknown),
        ("a.acme", Nothing),
    ]);
    prop_oneof![
        4 => known.prop_map(|(label, says)| (label.to_owned(), says)),
        1 => "nobody-[0-9a-z]{1,20}".prop_map(|label| (label, Unknown)),
    ]
}

fn host() -> impl Strategy<Value = Lines> {
    let in_zone = (label(), select(vec!["mksbrasil.com", "localhost"]))
        .prop_map(|((label, says), zone)| (format!("{label}.{zone}"), says));
    let elsewhere = select(vec![
        ("localhost", Nothing),
        ("127.0.0.1", Nothing),
        ("mksbrasil.com", Nothing),
        ("evilmksbrasil.com", Nothing),
        ("acme.mksbrasil.com.example.org", Nothing),
        ("crm.acme.example", Tenant("acme")),
        ("crm.other.example", Nothing),
    ])
    .prop_map(|(host, says)| (host.to_owned(), says));
    let fine = prop_oneof![3 => in_zone, 2 => elsewhere]
        .prop_flat_map(|(host, says)| (in_any_case(host), Just(says)));
    let dressed = (fine, any::<bool>(), any::<Option<u16>>()).prop_map(|(fine, dot, port)| {
        let dot = if dot { "." } else { "" };
        let port = port.map_or(String::new(), |port| format!(":{port}"));
        let text = format!("{}{dot}{port}", fine.0);
        (vec![line("Host", text.as_bytes())], fine.1)
    });
    let odd = select(vec![
        vec![
            line("Host", b"acme.localhost"),
            line("Host", b"acme.localhost"),
        ],
        vec![line("Host", b"acme.localhost:99999")],
        vec![line("Host", b"acme%2elocalhost")],
        vec![line("Host", b"acme .localhost")],
    ]);
    prop_oneof![
        8 => dressed,
        1 => odd.prop_map(|lines| (lines, Odd)),
        1 => Just((vec![line("Host", b"")], Nothing)),
    ]
}

fn header() -> impl Strategy<Value = Lines> {
    let codes = select(vec![
        ("acme", Tenant("acme")),
        ("other", Tenant("other")),
        ("dead", Unknown),
        ("nobody", Unknown),
        ("acme,other", Unknown),
    ]);
    let fine = (
        codes,
        select(vec!["X-Tenant-ID", "x-tenant-id"]),
        select(vec!["", "  "]),
    )
        .prop_flat_map(|((code, says), name, space)| {
            in_any_case(code.to_owned()).prop_map(move |code| {
                let value = format!("{space}{code}{space}");
                (vec![line(name, value.as_bytes())], says)
            })
        });
    let odd = select(vec![
        vec![line("X-Tenant-ID", b"")],
        vec![line("X-Tenant-ID", b"   ")],
        vec![line("X-Tenant-ID", b"acme\xff")],
        vec![line("X-Tenant-ID", b"acme"), line("x-tenant-id", b"acme")],
    ]);
    prop_oneof![
        3 => Just((Vec::new(), Nothing)),
        5 => fine,
        1 => odd.prop_map(|lines| (lines, Odd)),
    ]
}

/// The tenant, or the status that refuses the request.
fn model(host: Says, header: Says) -> Result<&'static str, u16> {
    match (host, header) {
        (Odd, _) => Err(400),
        (Unknown, _) => Err(404),
        (_, Odd) => Err(400),
        (_, Unknown) => Err(404),
        (Nothing, Nothing) => Err(400),
        (Tenant(code), Nothing) | (Nothing, Tenant(code)) => Ok(code),
        (Tenant(host), Tenant(header)) if host == header => Ok(host),
        (Tenant(_), Tenant(_)) => Err(400),
    }
}

/// Sends these lines as they are; returns the status and the body.
async fn send(app: &TestApp, token: Option<&str>, lines: &[Vec<u8>]) -> (u16, String) {
    let address = app.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut request = format!("GET {ME} HTTP/1.1\r\nConnection: close\r\n").into_bytes();
    if let Some(token) = token {
        request.extend(line("Authorization", format!("Token {token}").as_bytes()));
    }
    request.extend(lines.concat());
    request.extend(b"\r\n");
    stream.write_all(&request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_host_and_header_are_understood_as_the_contract_says() {
    begin();
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let acme = ready(&app, &staff, "acme").await;
    let other = ready(&app, &staff, "other").await;
    let dead = ready(&app, &staff, "dead").await;
    let path = format!("/platform/api/tenants/{}/", dead["id"]);
    let change = json!({"is_active": false});
    staff.patch(&path, change).await.expect(200);
    domain(&app, &acme, "crm.acme.example", "now()").await;
    domain(&app, &other, "crm.other.example", "NULL").await;
    // A member of one of them only.
    let key = token(&app.store, "ana", false, false).await;
    sindico_testkit::join(&app.store, "acme", "ana", Role::Member).await;

    let mut runner = TestRunner::default();
    let mut refusals = HashSet::new();
    let mut met = HashSet::new();
    for _ in 0..800 {
        let case = (host(), header()).new_tree(&mut runner).unwrap().current();
        let ((hosts, by_host), (headers, by_header)) = case;
        let lines = [hosts, headers].concat();
        let shown = String::from_utf8_lossy(&lines.concat()).into_owned();
        let (status, body) = send(&app, Some(&key), &lines).await;
        let (unknown, _) = send(&app, None, &lines).await;
        match model(by_host, by_header) {
            Ok("acme") => {
                let me: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(
                    (status, &me["tenant_code"]),
                    (200, &json!("acme")),
                    "{shown}"
                );
                assert_eq!(unknown, 401, "{shown}");
            }
            // Not hers.
            Ok(_) => assert_eq!((status, unknown), (404, 401), "{shown}{body}"),
            Err(expected) => assert_eq!((status, unknown), (expected, expected), "{shown}{body}"),
        }
        if status == 404 {
            refusals.insert(body);
        }
        met.insert((status, unknown));
    }
    // Unknown, inactive and another's are one answer.
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    for kind in [(200, 401), (400, 400), (404, 404), (404, 401)] {
        assert!(met.contains(&kind), "{kind:?} was never met");
    }
}

/// Gives a tenant a domain, verified at that time.
async fn domain(app: &TestApp, tenant: &Value, host: &str, verified: &str) {
    let id = tenant["id"].as_i64().unwrap();
    let sql = format!(
        "INSERT INTO tenant_domain (company_id, host, token, verified_at)
        VALUES ({id}, '{host}', 'x', {verified})"
    );
    app.database.sql().await.batch_execute(&sql).await.unwrap();
    app.directory.refresh(id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inactive_tenant_is_told_by_no_pair_of_host_and_header() {
    begin();
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let acme = ready(&app, &staff, "acme").await;
    let dead = ready(&app, &staff, "dead").await;
    let ana = app.member(&acme, Role::Member).await;
    let path = format!("/platform/api/tenants/{}/", dead["id"]);
    let change = json!({"is_active": false});
    staff.patch(&path, change).await.expect(200);
    for caller in [&ana, &app.anonymous()] {
        let acme = caller.on("acme.localhost");
        let theirs = acme.tenant("dead").get(ME).await.expect(404);
        let nobodys = acme.tenant("nobody").get(ME).await.expect(404);
        assert_eq!(theirs.text, nobodys.text);
        let theirs = caller.on("dead.localhost").tenant("acme").get(ME).await;
        let nobodys = caller.on("nobody.localhost").tenant("acme").get(ME).await;
        assert_eq!(theirs.expect(404).text, nobodys.expect(404).text);
    }
    assert_eq!(code(&ana.get(ME).await.expect(200)), "acme");
}
