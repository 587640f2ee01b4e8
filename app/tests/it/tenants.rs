//! The platform API's tenants (contract section 4).

use crate::begin;
use serde_json::json;
use sindico_testkit::{Options, TestApp};

const TENANTS: &str = "/platform/api/tenants/";

#[tokio::test(flavor = "multi_thread")]
async fn defaults_are_those_of_the_contract() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let body = json!({"name": "  Açaí & Cia ", "tenant_code": "Acai-1", "subdomain": "ACAI"});
    let answer = admin.post(TENANTS, body).await.expect(201);
    let t = &answer.json;
    assert_eq!(t["name"], "Açaí & Cia");
    assert_eq!(t["tenant_code"], "acai-1");
    assert_eq!(t["subdomain"], "acai");
    assert_eq!(t["is_active"], true);
    for (field, value) in [
        ("plan", json!("STARTER")),
        ("status", json!("TRIAL")),
        ("seats", json!(3)),
        ("monthly_fee", json!("0.00")),
        ("start_date", json!("2026-11-23")),
        ("end_date", json!(null)),
        ("auto_renew", json!(true)),
        ("notes", json!("")),
    ] {
        assert_eq!(t["contract"][field], value, "{field}");
    }
    for (field, value) in [
        ("isolation_model", json!("DATABASE_PER_TENANT")),
        ("status", json!("PENDING")),
        ("database_alias", json!("acai_1")),
        ("database_name", json!("crm_acai_1")),
        ("database_user", json!("acai_1_user")),
        ("database_host", json!("127.0.0.1")),
        ("database_port", json!(5432)),
        ("database_password_secret", json!("")),
        ("portal_url", json!("")),
        ("provisioned_at", json!(null)),
        ("last_error", json!("")),
    ] {
        assert_eq!(t["provisioning"][field], value, "{field}");
    }
    let read = admin.get(answer.header("location")).await.expect(200);
    assert_eq!(read.json, answer.json);
    assert_eq!(read.header("etag"), answer.header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_wrong_fields_are_told_at_once() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    app.tenant(&admin, "acme").await;
    let body = json!({
        "tenant_code": "ACME", "subdomain": "sistema", "is_active": "maybe",
        "contract": {"plan": "FREE", "seats": 0, "monthly_fee": "-1", "start_date": "2026-02-01", "end_date": "2026-01-31"},
        "provisioning": {"database_name": "postgres", "database_port": 0, "database_password_secret": "hunter2", "portal_url": "ftp://x"},
    });
    let answer = admin.post(TENANTS, body).await.expect(400);
    let fields = |value: &serde_json::Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        fields(&answer.json),
        [
            "contract",
            "is_active",
            "name",
            "provisioning",
            "subdomain",
            "tenant_code"
        ]
    );
    assert_eq!(
        fields(&answer.json["contract"]),
        ["end_date", "monthly_fee", "plan", "seats"]
    );
    assert_eq!(
        fields(&answer.json["provisioning"]),
        [
            "database_name",
            "database_password_secret",
            "database_port",
            "portal_url"
        ]
    );
    assert!(!answer.text.contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_taken_are_refused_on_their_fields() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    app.tenant(&admin, "acme").await;
    let body = json!({
        "name": "B", "tenant_code": "acme", "subdomain": "Acme",
        "provisioning": {"database_alias": "acme", "database_name": "crm_acme", "database_user": "acme_user"},
    });
    let answer = admin.post(TENANTS, body).await.expect(400).json;
    for field in ["tenant_code", "subdomain"] {
        assert!(answer[field].is_array(), "{answer}");
    }
    for field in ["database_alias", "database_name", "database_user"] {
        assert!(answer["provisioning"][field].is_array(), "{answer}");
    }
    // On another server the same database and role are free.
    let body = json!({
        "name": "B", "tenant_code": "b", "subdomain": "b",
        "provisioning": {"database_host": "db2.example", "database_name": "crm_acme", "database_user": "acme_user"},
    });
    admin.post(TENANTS, body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_look_alike_get_distinct_places() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let long = "a".repeat(60);
    let mut names = std::collections::BTreeSet::new();
    let codes = [
        "a-b",
        "a_b",
        &format!("{long}bc"),
        &format!("{long}bd"),
        "pg_x",
        "template",
        "postgres",
    ];
    for code in codes {
        let subdomain = code.replace('_', "-x");
        let body = json!({"name": code, "tenant_code": code, "subdomain": subdomain});
        let tenant = admin.post(TENANTS, body).await.expect(201).json;
        let place = &tenant["provisioning"];
        for field in ["database_alias", "database_name", "database_user"] {
            let name = place[field].as_str().unwrap();
            assert!(name.len() <= 63, "{name}");
            assert!(
                names.insert((field, name.to_owned())),
                "{field} {name} twice"
            );
        }
        app.execute(&admin, &tenant).await.expect(200);
    }
    assert_eq!(names.len(), codes.len() * 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_schema_tenants_share_their_database() {
    begin();
    let options = Options {
        shared_database: "crm_shared".to_owned(),
        ..Options::default()
    };
    let app = TestApp::start_with(options).await;
    let admin = app.staff().await;
    for code in ["a", "b"] {
        let body = json!({"name": code, "tenant_code": code, "subdomain": code,
            "provisioning": {"isolation_model": "SHARED_SCHEMA"}});
        let tenant = admin.post(TENANTS, body).await.expect(201).json;
        assert_eq!(tenant["provisioning"]["database_name"], "crm_shared");
    }
    let body = json!({"name": "c", "tenant_code": "c", "subdomain": "c",
        "provisioning": {"database_name": "crm_shared"}});
    let answer = admin.post(TENANTS, body).await.expect(400);
    assert!(answer.json["provisioning"]["database_name"].is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_touches_only_what_was_sent() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let before = app.tenant(&admin, "acme").await;
    let path = format!("{TENANTS}{}/", before["id"]);
    // What clients read they may send back; what they may not change is ignored.
    let mut echo = before.clone();
    echo["tenant_code"] = json!("other");
    echo["provisioning"]["status"] = json!("READY");
    let same = admin.patch(&path, echo).await.expect(200);
    assert_eq!(same.json, before);
    let answer = admin
        .patch(
            &path,
            json!({"contract": {"seats": "12", "end_date": "2027-01-01"}}),
        )
        .await
        .expect(200);
    assert_eq!(answer.json["contract"]["seats"], 12);
    assert_eq!(answer.json["contract"]["plan"], "STARTER");
    assert_eq!(answer.json["name"], before["name"]);
    // The dates are checked against what is there already.
    let refused = admin
        .patch(&path, json!({"contract": {"start_date": "2027-02-01"}}))
        .await
        .expect(400);
    assert!(refused.json["contract"]["end_date"].is_array());
    admin
        .patch(&path, json!({"contract": {"end_date": null}}))
        .await
        .expect(200);
    let refused = admin.patch(&path, json!({})).await.expect(400);
    assert!(refused.json["non_field_errors"].is_array());
    admin
        .patch("/platform/api/tenants/999/", json!({"name": "x"}))
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_and_if_none_match() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    app.tenant(&admin, "acme").await;
    let path = "/platform/api/tenants/1/";
    let tag = admin.get(path).await.header("etag").to_owned();
    admin
        .with("if-none-match", &tag)
        .get(path)
        .await
        .expect(304);
    admin
        .with("if-match", &tag)
        .patch(path, json!({"name": "Nova"}))
        .await
        .expect(200);
    admin
        .with("if-match", &tag)
        .patch(path, json!({"name": "Outra"}))
        .await
        .expect(412);
    admin
        .with("if-none-match", &tag)
        .get(path)
        .await
        .expect(200);
    admin
        .with("if-match", "*")
        .patch(path, json!({"name": "Outra"}))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_filter_sort_and_go_on_by_cursor() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    for (name, code) in [
        ("Zé", "ze"),
        ("Ácido", "acido"),
        ("Bar 100%", "bar"),
        ("açaí", "acai"),
        ("Bar", "bar2"),
    ] {
        let body = json!({"name": name, "tenant_code": code, "subdomain": code});
        admin.post(TENANTS, body).await.expect(201);
    }
    admin
        .patch(
            "/platform/api/tenants/1/",
            json!({"contract": {"plan": "PRO", "status": "ACTIVE"}, "is_active": false}),
        )
        .await
        .expect(200);
    let names = async |query: &str| -> Vec<String> {
        let answer = admin.get(&format!("{TENANTS}?{query}")).await.expect(200);
        answer
            .json
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("").await, ["açaí", "Ácido", "Bar", "Bar 100%", "Zé"]);
    assert_eq!(
        names("sort=-name").await,
        ["Zé", "Bar 100%", "Bar", "Ácido", "açaí"]
    );
    assert_eq!(names("sort=created_at&limit=2").await, ["Zé", "Ácido"]);
    assert_eq!(names("q=ACAI").await, ["açaí"]);
    assert_eq!(names("q=%C3%A1cid").await, ["Ácido"]);
    assert_eq!(names("q=100%25").await, ["Bar 100%"]);
    assert_eq!(names("q=bar2").await, ["Bar"]);
    assert_eq!(names("plan=PRO").await, ["Zé"]);
    assert_eq!(
        names("contract_status=ACTIVE&is_active=false").await,
        ["Zé"]
    );
    assert_eq!(names("is_active=true").await.len(), 4);
    assert_eq!(names("status=READY").await, Vec::<String>::new());
    assert_eq!(names("isolation_model=DATABASE_PER_TENANT").await.len(), 5);

    for sort in ["name", "-name", "created_at", "-created_at"] {
        let all = names(&format!("sort={sort}")).await;
        let mut walked = Vec::new();
        let mut path = format!("{TENANTS}?sort={sort}&limit=2&count=exact");
        loop {
            let answer = admin.get(&path).await.expect(200);
            assert_eq!(answer.header("x-total-count"), "5");
            walked.extend(
                answer
                    .json
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|t| t["name"].as_str().unwrap().to_owned()),
            );
            let link = answer.header("link");
            match link
                .strip_prefix('<')
                .and_then(|l| l.strip_suffix(">; rel=\"next\""))
            {
                Some(next) => next.clone_into(&mut path),
                None => break,
            }
        }
        assert_eq!(walked, all, "{sort}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_do_the_same_as_json() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let pairs = [
        ("name", "A"),
        ("tenant_code", "a"),
        ("subdomain", "a"),
        ("contract.seats", "7"),
        ("is_active", "on"),
    ];
    let request = admin.request(reqwest::Method::POST, TENANTS).form(&pairs);
    let tenant = admin.send(request).await.expect(201).json;
    assert_eq!(tenant["contract"]["seats"], 7);
    let form = reqwest::multipart::Form::new()
        .text("name", "Ação")
        .text("contract.monthly_fee", "1299.9");
    let request = admin
        .request(reqwest::Method::PATCH, "/platform/api/tenants/1/")
        .multipart(form);
    let tenant = admin.send(request).await.expect(200).json;
    assert_eq!(tenant["name"], "Ação");
    assert_eq!(tenant["contract"]["monthly_fee"], "1299.90");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_in_the_audit() {
    begin();
    let app = TestApp::start().await;
    let admin = app
        .user("ana", true, false)
        .await
        .with("x-request-id", "req-7");
    app.tenant(&admin, "acme").await;
    admin
        .patch("/platform/api/tenants/1/", json!({"name": "Nova"}))
        .await
        .expect(200);
    let events = admin
        .get("/platform/api/audit/?company_id=1&actor=ANA&request_id=req-7")
        .await
        .expect(200)
        .json;
    let events = events.as_array().unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["action"], "tenant.change");
    assert_eq!(events[0]["before"]["name"], "Tenant acme");
    assert_eq!(events[0]["after"]["name"], "Nova");
    assert_eq!(events[0]["address"], "127.0.0.1");
    assert_eq!(events[1]["action"], "tenant.create");
    assert_eq!(events[1]["before"], json!(null));
    // Nobody changes the record, not even with SQL.
    let sql = app.database.sql().await;
    assert!(
        sql.execute("UPDATE audit_event SET actor = 'x'", &[])
            .await
            .is_err()
    );
    assert!(sql.execute("DELETE FROM audit_event", &[]).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_leaves_no_audit() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    app.tenant(&admin, "acme").await;
    let count = async || {
        app.database
            .sql()
            .await
            .query_one("SELECT count(*) FROM audit_event", &[])
            .await
            .unwrap()
            .get::<_, i64>(0)
    };
    let before = count().await;
    let body = json!({"name": "B", "tenant_code": "acme", "subdomain": "b"});
    admin.post(TENANTS, body).await.expect(400);
    admin
        .patch("/platform/api/tenants/1/", json!({"subdomain": "www"}))
        .await
        .expect(400);
    assert_eq!(count().await, before);
}
