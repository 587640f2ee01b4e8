//! Roles and capabilities of a tenant: `/api/auth/capabilities/` and `/api/auth/tenant-rbac/`
//! (contract section 5).

use crate::begin;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, Options, TestApp};
use std::time::{Duration, Instant};

const RBAC: &str = "/api/auth/tenant-rbac/";
const CAPABILITIES: &str = "/api/auth/capabilities/";
const RESOURCES: [&str; 8] = [
    "customers",
    "leads",
    "opportunities",
    "activities",
    "sales_goals",
    "metrics",
    "dashboard",
    "views",
];

async fn start() -> (TestApp, Value, Client) {
    begin();
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", "DATABASE_PER_TENANT").await;
    let owner = app.member(&tenant, Role::Owner).await;
    (app, tenant, owner)
}

/// `list, retrieve, create, update, partial_update, delete` of a resource.
fn actions(capabilities: &Value, resource: &str) -> [bool; 6] {
    let of = &capabilities["capabilities"][resource];
    assert_eq!(of.as_object().unwrap().len(), 6, "{of}");
    [
        "list",
        "retrieve",
        "create",
        "update",
        "partial_update",
        "delete",
    ]
    .map(|action| of[action].as_bool().unwrap())
}

async fn capabilities(caller: &Client) -> Value {
    caller.get(CAPABILITIES).await.expect(200).json
}

#[tokio::test(flavor = "multi_thread")]
async fn capabilities_are_those_of_the_role() {
    let (app, tenant, _) = start().await;
    for (role, written, deleted) in [
        (Role::Member, false, false),
        (Role::Manager, true, false),
        (Role::Owner, true, true),
    ] {
        let caller = app.member(&tenant, role).await;
        let told = capabilities(&caller).await;
        assert_eq!(told["tenant_code"], tenant["tenant_code"]);
        assert_eq!(told["role"], role.as_str());
        let all = told["capabilities"].as_object().unwrap();
        assert_eq!(all.len(), RESOURCES.len() + 6);
        for resource in ["imports", "exports"] {
            assert_eq!(
                all[resource]["list"],
                json!(role != Role::Member),
                "{role} {resource}"
            );
        }
        for resource in RESOURCES {
            let (written, deleted) = match resource {
                "metrics" | "dashboard" => (false, false),
                // Views are nobody's data: who may change one may delete it.
                "views" => (written, written),
                _ => (written, deleted),
            };
            let expected = [true, true, written, written, written, deleted];
            assert_eq!(actions(&told, resource), expected, "{role} {resource}");
        }
    }
    let code = tenant["tenant_code"].as_str().unwrap();
    let superuser = app.superuser().await.tenant(code);
    let told = capabilities(&superuser).await;
    assert_eq!(told["role"], Value::Null);
    for resource in RESOURCES {
        assert_eq!(actions(&told, resource), [true; 6], "{resource}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn overrides_are_replaced_merged_and_shown() {
    let (app, tenant, owner) = start().await;
    let member = app.member(&tenant, Role::Member).await;
    let read = member.get(RBAC).await.expect(200).json;
    assert_eq!(read.as_object().unwrap().len(), 5, "{read}");
    assert_eq!(read["effective_scopes"]["leads"]["MEMBER"], "ALL");
    assert_eq!(read["tenant_code"], tenant["tenant_code"]);
    assert_eq!(read["rbac_overrides"], json!({}));
    let effective = read["effective_role_matrices"].as_object().unwrap();
    assert_eq!(effective.len(), RESOURCES.len() + 6);
    assert_eq!(
        effective["leads"],
        json!({
            "GET": ["MANAGER", "MEMBER", "OWNER"],
            "POST": ["MANAGER", "OWNER"],
            "PUT": ["MANAGER", "OWNER"],
            "PATCH": ["MANAGER", "OWNER"],
            "DELETE": ["OWNER"],
        })
    );

    // Bare, in any letter case; what is not named is as it was.
    let body = json!({"leads": {"delete": ["owner", "Manager"]}, "METRICS": {"*": ["OWNER"]}});
    let put = owner.put(RBAC, body).await.expect(200).json;
    assert_eq!(
        put["rbac_overrides"],
        json!({"leads": {"DELETE": ["MANAGER", "OWNER"]}, "metrics": {"*": ["OWNER"]}})
    );
    let effective = &put["effective_role_matrices"];
    assert_eq!(effective["leads"]["DELETE"], json!(["MANAGER", "OWNER"]));
    assert_eq!(effective["leads"]["POST"], json!(["MANAGER", "OWNER"]));
    assert_eq!(effective["metrics"], json!({"GET": ["OWNER"]}));
    assert_eq!(member.get(RBAC).await.expect(200).json, put);
    // At once, for whoever asks next.
    assert!(!actions(&capabilities(&member).await, "metrics")[0]);

    // Under its name, merged by resource and method.
    let body =
        json!({"rbac_overrides": {"leads": {"POST": ["MEMBER"]}, "customers": {"PUT": ["OWNER"]}}});
    let patched = owner.patch(RBAC, body).await.expect(200).json;
    assert_eq!(
        patched["rbac_overrides"],
        json!({
            "customers": {"PUT": ["OWNER"]},
            "leads": {"DELETE": ["MANAGER", "OWNER"], "POST": ["MEMBER"]},
            "metrics": {"*": ["OWNER"]},
        })
    );
    // What was read may be sent back.
    let again = owner.put(RBAC, patched.clone()).await.expect(200).json;
    assert_eq!(again, patched);
    let effective = json!({"rbac_overrides": patched["effective_role_matrices"]});
    let whole = owner.put(RBAC, effective).await.expect(200).json;
    assert_eq!(
        whole["effective_role_matrices"],
        patched["effective_role_matrices"]
    );

    let none = owner.put(RBAC, json!({})).await.expect(200).json;
    assert_eq!(none["rbac_overrides"], json!({}));
    assert!(actions(&capabilities(&member).await, "metrics")[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_told_by_resource_and_nothing_is_changed() {
    let (_app, _, owner) = start().await;
    let before = json!({"leads": {"GET": ["OWNER"]}});
    owner.put(RBAC, before.clone()).await.expect(200);
    let wrong = json!({
        "pizza": {"GET": ["OWNER"]},
        "customers": {"FETCH": ["OWNER"], "GET": ["BOSS"]},
        "leads": {"POST": []},
        "activities": "OWNER",
        "opportunities": {"GET": "OWNER"},
        "dashboard": {"POST": ["OWNER"]},
        "sales_goals": {"GET": ["OWNER"]},
    });
    let wrapped = json!({"rbac_overrides": wrong});
    for (method, body) in [("PUT", &wrong), ("PATCH", &wrong), ("PUT", &wrapped)] {
        let answer = match method {
            "PUT" => owner.put(RBAC, body.clone()).await,
            _ => owner.patch(RBAC, body.clone()).await,
        };
        let errors = answer.expect(400).json;
        assert_eq!(errors.as_object().unwrap().len(), 1, "{errors}");
        let named: Vec<_> = errors["detail"].as_object().unwrap().keys().collect();
        assert_eq!(
            named,
            [
                "activities",
                "customers",
                "dashboard",
                "leads",
                "opportunities",
                "pizza"
            ]
        );
        let customers = errors["detail"]["customers"].as_array().unwrap();
        assert_eq!(customers.len(), 2, "{errors}");
    }
    for body in [
        json!({"rbac_overrides": null}),
        json!({"rbac_overrides": ["x"]}),
    ] {
        let errors = owner.put(RBAC, body).await.expect(400).json;
        assert!(errors["detail"]["rbac_overrides"].is_array(), "{errors}");
    }
    owner.put(RBAC, json!([])).await.expect(400);
    let request = |kind: &str, body: &'static str| {
        let request = owner.request(reqwest::Method::PUT, RBAC);
        owner.send(request.header("content-type", kind).body(body))
    };
    request("application/json", "{").await.expect(400);
    request("text/plain", "leads").await.expect(415);
    // A form has no lists; its words are not taken for some.
    let form = request("application/x-www-form-urlencoded", "leads.GET=OWNER");
    assert!(form.await.expect(400).json["detail"]["leads"].is_array());
    let read = owner.get(RBAC).await.expect(200).json;
    assert_eq!(read["rbac_overrides"], before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_word_counts_over_the_settings() {
    begin();
    let setting = r#"{"leads": {"DELETE": ["manager"], "GET": ["owner"]}}"#;
    let options = Options {
        roles: setting.parse().unwrap(),
        ..Options::default()
    };
    let app = TestApp::start_with(options).await;
    let staff = app.staff().await;
    let acme = app.ready(&staff, "acme", "DATABASE_PER_TENANT").await;
    let zeta = app.ready(&staff, "zeta", "DATABASE_PER_TENANT").await;
    let owner = app.member(&acme, Role::Owner).await;
    let read = owner.get(RBAC).await.expect(200).json;
    assert_eq!(read["rbac_overrides"], json!({}));
    let body = json!({"leads": {"GET": ["MEMBER"]}});
    let put = owner.put(RBAC, body.clone()).await.expect(200).json;
    let leads = &put["effective_role_matrices"]["leads"];
    assert_eq!(leads["GET"], json!(["MEMBER"]));
    assert_eq!(leads["DELETE"], json!(["MANAGER"]));
    assert_eq!(leads["POST"], json!(["MANAGER", "OWNER"]));
    assert_eq!(put["rbac_overrides"], body);
    assert!(!actions(&capabilities(&owner).await, "leads")[0]);
    // Another tenant has the setting's.
    let other = app.member(&zeta, Role::Owner).await;
    let read = other.get(RBAC).await.expect(200).json;
    assert_eq!(read["rbac_overrides"], json!({}));
    assert_eq!(
        read["effective_role_matrices"]["leads"]["GET"],
        json!(["OWNER"])
    );
    let told = capabilities(&other).await;
    assert_eq!(
        actions(&told, "leads"),
        [true, true, true, true, true, false]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gate_keeps_to_the_overrides() {
    begin();
    let app = TestApp::start_with(Options::local_postgres().await).await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", "SHARED_SCHEMA").await;
    let owner = app.member(&tenant, Role::Owner).await;
    let member = app.member(&tenant, Role::Member).await;
    let code = tenant["tenant_code"].as_str().unwrap();
    let superuser = app.superuser().await.tenant(code);
    let path = "/api/customers/";
    let new = json!({"name": "Ana", "email": "ana@example.com"});
    let refused = member.post(path, new.clone()).await.expect(403);
    let detail = refused.json["detail"].as_str().unwrap();
    assert!(
        detail.contains("MEMBER") && detail.contains("customers"),
        "{detail}"
    );

    let body = json!({"customers": {"*": ["OWNER"], "POST": ["MEMBER"]}});
    owner.put(RBAC, body).await.expect(200);
    member.post(path, new).await.expect(201);
    owner.post(path, json!({})).await.expect(403);
    for method in ["GET", "HEAD"] {
        member.call(method, path).await.expect(403);
        owner.call(method, path).await.expect(200);
        superuser.call(method, path).await.expect(200);
    }
    superuser.post(path, json!({})).await.expect(400);
    // Nobody is locked out of the way back.
    owner.put(RBAC, json!({})).await.expect(200);
    member.get(path).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_see_a_change_within_a_second() {
    let (app, tenant, owner) = start().await;
    let beside = TestApp::start_on(app.database.clone(), Options::default()).await;
    let code = tenant["tenant_code"].as_str().unwrap();
    let there = beside.superuser().await.tenant(code);
    // A member of the same company, by the other program.
    let member = beside.member(&tenant, Role::Member).await;
    there.get(CAPABILITIES).await.expect(200);
    assert!(actions(&capabilities(&member).await, "leads")[0]);
    let asked = Instant::now();
    owner
        .put(RBAC, json!({"leads": {"*": ["OWNER"]}}))
        .await
        .expect(200);
    while actions(&capabilities(&member).await, "leads")[0] {
        assert!(asked.elapsed() < Duration::from_secs(2), "nobody was told");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_version_is_412_and_two_at_once_lose_nothing() {
    let (_app, _, owner) = start().await;
    let read = owner.get(RBAC).await.expect(200);
    let tag = read.header("etag").to_owned();
    let first = owner.with("if-match", &tag);
    let written = first
        .patch(RBAC, json!({"leads": {"GET": ["OWNER"]}}))
        .await
        .expect(200);
    assert_ne!(written.header("etag"), tag);
    first
        .patch(RBAC, json!({"leads": {"GET": ["MEMBER"]}}))
        .await
        .expect(412);
    first.put(RBAC, json!({})).await.expect(412);
    let second = owner.with("if-match", written.header("etag"));
    second
        .patch(RBAC, json!({"leads": {"POST": ["OWNER"]}}))
        .await
        .expect(200);

    let parts = ["PUT", "PATCH", "DELETE"].map(|method| json!({"leads": {method: ["OWNER"]}}));
    let calls = parts.into_iter().map(|part| owner.patch(RBAC, part));
    for answer in futures_util::future::join_all(calls).await {
        answer.expect(200);
    }
    let read = owner.get(RBAC).await.expect(200).json;
    assert_eq!(
        read["rbac_overrides"]["leads"].as_object().unwrap().len(),
        5,
        "{read}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_owners_and_superusers_write_and_it_is_recorded() {
    let (app, tenant, owner) = start().await;
    let code = tenant["tenant_code"].as_str().unwrap();
    let body = json!({"leads": {"GET": ["OWNER"]}});
    for role in [Role::Member, Role::Manager] {
        let caller = app.member(&tenant, role).await;
        caller.put(RBAC, body.clone()).await.expect(403);
        caller.patch(RBAC, body.clone()).await.expect(403);
    }
    let root = app.user("root", false, true).await.tenant(code);
    let by_root = root.with("x-request-id", "by-root");
    by_root.put(RBAC, body.clone()).await.expect(200);
    // The same once more is no change.
    by_root.put(RBAC, body).await.expect(200);
    let by_owner = owner.with("x-request-id", "by-owner");
    by_owner.put(RBAC, json!({})).await.expect(200);

    let staff = app.staff().await;
    let list = format!(
        "/platform/api/audit/?company_id={}&action=rbac.change",
        tenant["id"]
    );
    let events = staff.get(&list).await.expect(200).json;
    let events = events.as_array().unwrap();
    assert_eq!(events.len(), 2, "{events:#?}");
    let (last, first) = (&events[0], &events[1]);
    assert_eq!(
        (&first["actor"], &first["request_id"]),
        (&json!("root"), &json!("by-root"))
    );
    assert_eq!(first["before"], json!({}));
    assert_eq!(first["after"], json!({"leads": {"GET": ["OWNER"]}}));
    assert_eq!(first["subject"], format!("roles of {code}"));
    assert_eq!(last["request_id"], "by-owner");
    assert_eq!(
        (&last["before"], &last["after"]),
        (&first["after"], &json!({}))
    );
    // A superuser's way in is recorded as well.
    let entry = staff
        .get("/platform/api/audit/?actor=root&request_id=by-root")
        .await;
    let entry = entry.expect(200).json;
    assert!(entry.as_array().unwrap().len() >= 2, "{entry:#}");
}
