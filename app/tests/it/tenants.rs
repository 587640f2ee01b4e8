//! The platform API's tenants (contract section 4).

use crate::begin;
use serde_json::json;
use sindico_testkit::TestApp;

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
