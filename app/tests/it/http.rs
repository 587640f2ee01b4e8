//! What holds for every call (contract section 1): slashes, methods, request ids, documentation.

use crate::begin;
use sindico_testkit::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_final_slash_redirects_and_keeps_method_and_query() {
    begin();
    let app = TestApp::start().await;
    let anyone = app.anonymous();
    let answer = anyone
        .call("POST", "/platform/api/tenants?a=1&b=%20")
        .await
        .expect(308);
    assert_eq!(
        answer.header("location"),
        "/platform/api/tenants/?a=1&b=%20"
    );
    anyone.get("/platform/api/tenants/7").await.expect(308);
    anyone.get("/no/such/path").await.expect(404);
    // Never to another site.
    for path in [
        "//evil.com",
        "//evil.com/platform/api/tenants",
        "/platform/api/tenants//evil.com",
    ] {
        let answer = anyone.get(path).await;
        assert!(
            !answer.header("location").starts_with("//"),
            "{path}: {}",
            answer.header("location")
        );
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_405_and_names_those_that_are_allowed() {
    begin();
    let app = TestApp::start().await;
    let answer = app
        .anonymous()
        .call("DELETE", "/platform/api/tenants/")
        .await
        .expect(405);
    let mut allowed: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
    assert!(answer.json["detail"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loads_the_address_of_a_form_again_is_led_to_the_page_above_it() {
    begin();
    let app = TestApp::start().await;
    let person = app.anonymous().with("accept", "text/html,*/*;q=0.8");
    for (form, page) in [
        ("/customers/bulk/", "/customers/"),
        ("/leads/3/qualify/", "/leads/3/"),
        ("/changes/7/undo/", "/changes/"),
    ] {
        let answer = person.clone().get(form).await.expect(303);
        assert_eq!(answer.header("location"), page, "{form}");
        // A program is told what is wrong.
        app.anonymous().get(form).await.expect(405);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn request_ids_are_kept_when_sane() {
    begin();
    let app = TestApp::start().await;
    let given = app
        .anonymous()
        .with("x-request-id", "order-17.a_b")
        .get("/healthz/")
        .await;
    assert_eq!(given.header("x-request-id"), "order-17.a_b");
    let odd = app
        .anonymous()
        .with("x-request-id", "a b\"c")
        .get("/healthz/")
        .await;
    assert_eq!(odd.header("x-request-id").len(), 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_life_and_readiness() {
    begin();
    let app = TestApp::start().await;
    let live = app.anonymous().get("/healthz/").await.expect(200);
    assert_eq!(live.text, r#"{"status":"ok"}"#);
    app.anonymous().get("/readyz/").await.expect(200);
    // A program that is newer than the schema is not ready.
    let sql = app.database.sql().await;
    sql.execute("DELETE FROM schema_migration WHERE name LIKE '0003%'", &[])
        .await
        .unwrap();
    app.anonymous().get("/readyz/").await.expect(503);
    sql.execute(
        "INSERT INTO schema_migration (name, checksum) VALUES ('9999_future', '')",
        &[],
    )
    .await
    .unwrap();
    app.anonymous().get("/readyz/").await.expect(503);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_browser_is_served_from_the_program() {
    begin();
    let app = TestApp::start().await;
    let page = app.anonymous().get("/api/docs/").await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'self'")
    );
    assert!(
        !page.text.contains("//unpkg") && !page.text.contains("//cdn"),
        "{}",
        page.text
    );
    for file in [
        "swagger-ui.css",
        "swagger-ui-bundle.js",
        "swagger-initializer.js",
    ] {
        assert!(page.text.contains(file), "{file}");
        app.anonymous()
            .get(&format!("/api/docs/{file}"))
            .await
            .expect(200);
    }
    let document = app
        .anonymous()
        .get("/api/docs/openapi.json")
        .await
        .expect(200)
        .json;
    assert_eq!(document["openapi"], "3.1.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_a_record_and_a_create_need_few_statements() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    app.tenant(&admin, "acme").await;
    let count = async |path: &str| {
        let before = sindico_store::executed();
        admin.get(path).await.expect(200);
        sindico_store::executed() - before
    };
    // The list or the record itself; whose the token is, is remembered for a moment. Other tests in
    // this process count as well, so the least of several tries is the number.
    for (path, most) in [
        ("/platform/api/tenants/", 1),
        ("/platform/api/tenants/1/", 1),
    ] {
        let mut least = u64::MAX;
        for _ in 0..20 {
            least = least.min(count(path).await);
        }
        assert_eq!(least, most, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_suits_the_schema() {
    begin();
    let app = TestApp::start().await;
    let wrong = sindico_store::control::check_statements(&app.store)
        .await
        .unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(sindico_store::control::statements().len() > 40);
}
