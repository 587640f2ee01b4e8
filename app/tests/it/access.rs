//! Who may do what: a table that must name every route of the OpenAPI document.

mod table;

use crate::begin;
use serde_json::json;
use sindico_domain::access::Role;
use sindico_domain::access::capability::RoleMatrix;
use sindico_testkit::{Answer, Client, Options, TestApp};
use sindico_web::Access::{Anyone, May, Of, Owner, PlatformAdmin};
use sindico_web::gate::tenant::NO_SUCH_TENANT;
use std::collections::BTreeMap;
use table::TABLE;

type Routes = BTreeMap<(String, String), String>;

/// The routes of the document as it is served, with the access that each states.
async fn documented(app: &TestApp) -> Routes {
    let document = app
        .anonymous()
        .get("/api/docs/openapi.json")
        .await
        .expect(200)
        .json;
    let mut routes = Routes::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if ["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                let access = operation["x-access"].as_str().unwrap().to_owned();
                routes.insert((method.to_uppercase(), path.clone()), access);
            }
        }
    }
    routes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_has_its_row() {
    begin();
    let app = TestApp::start().await;
    let documented = documented(&app).await;
    let table: Routes = TABLE
        .iter()
        .map(|(method, path, access)| {
            (
                ((*method).to_owned(), (*path).to_owned()),
                access.as_str().to_owned(),
            )
        })
        .collect();
    assert_eq!(documented, table);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_keeps_its_row() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    app.execute(&admin, &tenant).await.expect(200);
    for (method, template, access) in TABLE.iter().filter(|row| !row.2.needs_tenant()) {
        let path = template
            .replace("{company_id}", "1")
            .replace("{operation_id}", "1");
        // Each caller is new for each call, since one of the calls is the logout.
        let callers: [(&str, Client); 6] = [
            ("anonymous", app.anonymous()),
            ("bad token", app.anonymous().token(&"0".repeat(64))),
            ("plain", app.plain().await),
            ("staff", app.staff().await),
            ("superuser", app.superuser().await),
            (
                "staff on a tenant's host",
                app.staff().await.on("acme.mksbrasil.com"),
            ),
        ];
        for (who, caller) in callers {
            // One that is there, whoever removed it before.
            let body = json!({"host": "crm.example.net"});
            let claim = admin.post("/platform/api/tenants/1/domains/", body).await;
            let path = path.replace("{id}", &claim.expect(201).json["id"].to_string());
            let answer = caller.call(method, &path).await;
            let expected = match (access, who) {
                (Anyone, _) => None,
                (_, "anonymous" | "bad token") => Some(401),
                (PlatformAdmin, "plain" | "staff on a tenant's host") => Some(403),
                _ => None,
            };
            // Behind the gate, a key may name nothing.
            if path.contains("{key}") {
                assert_eq!(
                    (answer.status, &answer.json["detail"]),
                    (404, &json!("Not found."))
                );
                continue;
            }
            check(&answer, expected, &format!("{method} {path} as {who}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_a_tenant_keeps_its_row() {
    begin();
    let app = TestApp::start_with(Options::local_postgres().await).await;
    let staff = app.staff().await;
    let acme = app.ready(&staff, "acme", "SHARED_SCHEMA").await;
    let zeta = app.ready(&staff, "zeta", "SHARED_SCHEMA").await;
    let code = acme["tenant_code"].as_str().unwrap();
    let owner = app.member(&acme, Role::Owner).await;
    app.user("bia", false, false).await;
    let bia = owner.post("/api/auth/tenant-members/", json!({"username": "bia"}));
    let bia = bia.await.expect(201).json["id"].to_string();

    let roles = [Role::Member, Role::Manager, Role::Owner];
    let mut callers = vec![
        ("anonymous", app.anonymous().tenant(code), None),
        (
            "bad token",
            app.anonymous().token(&"0".repeat(64)).tenant(code),
            None,
        ),
        ("plain", app.plain().await.tenant(code), None),
        ("staff", staff.tenant(code), None),
        (
            "another's owner",
            app.member(&zeta, Role::Owner).await.tenant(code),
            None,
        ),
        ("superuser", app.superuser().await.tenant(code), None),
        (
            "owner in no tenant",
            app.member(&acme, Role::Owner).await.without("x-tenant-id"),
            None,
        ),
    ];
    for role in roles {
        callers.push((role.as_str(), app.member(&acme, role).await, Some(role)));
    }
    let matrix = RoleMatrix::default();
    for (method, template, access) in TABLE.iter().filter(|row| row.2.needs_tenant()) {
        let path = template.replace("{member_id}", &bia).replace("{id}", "1");
        for (who, caller, role) in &callers {
            let answer = caller.call(method, &path).await;
            let what = format!("{method} {path} as {who}");
            let expected = match (access, role, *who) {
                (_, _, "anonymous" | "bad token") => Some(401),
                (_, _, "plain" | "staff" | "another's owner") => Some(404),
                (_, _, "owner in no tenant") => Some(400),
                (Owner, Some(Role::Member | Role::Manager), _) => Some(403),
                (May(resource, method), Some(role), _) => {
                    let allowed = matrix.allows(Some(*role), false, *resource, *method);
                    (!allowed).then_some(403)
                }
                (Of(resource), Some(role), _) => {
                    let method = method.parse().unwrap();
                    let allowed = matrix.allows(Some(*role), false, *resource, method);
                    (!allowed).then_some(403)
                }
                _ => None,
            };
            if expected == Some(404) {
                assert_eq!(answer.json["detail"], NO_SUCH_TENANT, "{what}");
            }
            // Behind the gate, an id may name nothing.
            if expected.is_none() && answer.status == 404 {
                assert_eq!(answer.json["detail"], "Not found.", "{what}");
                continue;
            }
            check(&answer, expected, &what);
        }
    }
}

fn check(answer: &Answer, expected: Option<u16>, what: &str) {
    match expected {
        Some(status) => {
            assert_eq!(answer.status, status, "{what}: {}", answer.text);
            assert!(answer.json["detail"].is_string(), "{what}: {}", answer.text);
            let challenge = answer.header("www-authenticate");
            assert_eq!(challenge == "Token", status == 401, "{what}");
        }
        None => {
            assert!(
                ![401, 403, 404, 405].contains(&answer.status),
                "{what}: {} {}",
                answer.status,
                answer.text
            );
            assert!(answer.status < 500, "{what}: {}", answer.text);
        }
    }
    assert!(!answer.header("x-request-id").is_empty(), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_api_answers_on_its_hosts_only() {
    begin();
    let app = TestApp::start().await;
    let admin = app.superuser().await;
    for (host, status) in [
        ("sistema.mksbrasil.com", 200),
        ("SISTEMA.mksbrasil.com:443", 200),
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("mksbrasil.com", 403),
        ("acme.mksbrasil.com", 403),
        ("sistema.mksbrasil.com.evil.com", 403),
        ("evil.com", 403),
        ("a b", 403),
    ] {
        let answer = admin.on(host).get("/platform/api/tenants/").await;
        assert_eq!(answer.status, status, "{host}");
    }
    let mut options = sindico_testkit::Options::default();
    options.zones.allowed.clear();
    let open = TestApp::start_with(options).await;
    let admin = open.staff().await;
    admin
        .on("anything.example")
        .get("/platform/api/tenants/")
        .await
        .expect(200);
}

/// Where every host may be the platform's, a tenant's is still that tenant's: its cookie opens no console.
#[tokio::test(flavor = "multi_thread")]
async fn the_console_is_on_no_tenants_host() {
    begin();
    let mut options = sindico_testkit::Options::default();
    options.zones.allowed.clear();
    let app = TestApp::start_with(options).await;
    let admin = app.superuser().await;
    app.tenant(&admin, "acme").await;
    for (host, status) in [
        ("sistema.mksbrasil.com", 200),
        ("anything.example", 200),
        ("acme.mksbrasil.com", 404),
        ("acme.localhost", 404),
        ("nobody.mksbrasil.com", 404),
    ] {
        for page in ["/platform/", "/platform/tenants/"] {
            let answer = admin.on(host).get(page).await;
            assert_eq!(answer.status, status, "{host}{page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_header_changes_nothing_on_the_platform() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await.with("x-tenant-id", "no-such-tenant");
    admin.get("/platform/api/tenants/").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_made_inactive_is_out_at_once() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    admin.get("/platform/api/tenants/").await.expect(200);
    app.database
        .sql()
        .await
        .execute("UPDATE app_user SET is_active = false", &[])
        .await
        .unwrap();
    // A write asks the database; a read may go by what was true until the notification comes.
    let body = serde_json::json!({});
    admin.post("/platform/api/tenants/", body).await.expect(401);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(1);
    while admin.get("/platform/api/tenants/").await.status != 401 {
        assert!(std::time::Instant::now() < end, "still in after a second");
    }
}

#[test]
fn the_document_is_as_it_was() {
    let document = sindico_web::openapi::document(sindico_web::table().api().clone());
    insta::assert_json_snapshot!("openapi", document);
}
