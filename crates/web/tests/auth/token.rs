//! Tokens, the caller, and change of the password.

use crate::support::{PASSWORD, Site};
use axum::http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn a_token_opens_and_is_revoked() {
    let site = Site::new("token").await;
    let ana = site.user("ana").await;
    let answer = site.sign_in("ana", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let key = answer.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(answer.json(), json!({ "token": key }));
    // As a form too, and under both schemes.
    let form = "username=ANA&password=correct+horse+battery";
    let other = site.post("/api/auth/token/", &[], form).await;
    assert_eq!(other.status, StatusCode::OK);
    let other = format!("Bearer {}", other.json()["token"].as_str().unwrap());

    let token = format!("Token {key}");
    let me = site
        .get("/api/auth/me/", &[("authorization", &token)])
        .await;
    assert_eq!(
        me.json(),
        json!({
            "id": ana.id, "username": "ana", "email": "ana@example.com", "is_staff": false,
            "is_superuser": false, "platform_admin": false, "memberships": [],
        })
    );
    let session = site
        .get("/api/auth/session/", &[("authorization", &token)])
        .await;
    assert_eq!(session.status, StatusCode::NOT_FOUND);

    let out = site
        .post("/api/auth/logout/", &[("authorization", &token)], "")
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let me = site
        .get("/api/auth/me/", &[("authorization", &token)])
        .await;
    assert_eq!(me.status, StatusCode::UNAUTHORIZED);
    assert_eq!(me.headers["www-authenticate"], "Token");
    let me = site
        .get("/api/auth/me/", &[("authorization", &other)])
        .await;
    assert_eq!(me.status, StatusCode::OK);
    assert_eq!(
        site.get("/api/auth/me/", &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn wrong_credentials_get_one_answer() {
    let site = Site::new("wrong").await;
    site.user("ana").await;
    let wrong = json!({ "non_field_errors": ["Unable to sign in with these credentials."] });
    // A blank at its end belongs to a password.
    let spaced = format!("{PASSWORD} ");
    for (name, password) in [
        ("ana", "wrong"),
        ("ana", &spaced),
        ("bia", PASSWORD),
        ("a\0b", "x"),
    ] {
        let answer = site.sign_in(name, password).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        if !name.contains('\0') {
            assert_eq!(answer.json(), wrong);
        }
    }
    let empty = site.post("/api/auth/token/", &[], "{}").await;
    let required = json!(["This field is required."]);
    assert_eq!(
        empty.json(),
        json!({ "username": required, "password": required })
    );
    for odd in [
        r#"{"username": 1, "password": 2}"#,
        r#"{"username": null, "password": null}"#,
        r#"{"username": {}, "password": []}"#,
    ] {
        assert_eq!(
            site.post("/api/auth/token/", &[], odd).await.status,
            StatusCode::BAD_REQUEST
        );
    }
}

#[tokio::test]
async fn failures_are_limited() {
    let site = Site::new("limited").await;
    for _ in 0..10 {
        assert_eq!(
            site.sign_in("ana", "x").await.status,
            StatusCode::BAD_REQUEST
        );
    }
    let answer = site.sign_in("ana", "x").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    // The address as our proxy tells it has a limit of its own.
    let far = [("x-forwarded-for", "203.0.113.9")];
    let answer = site
        .post("/api/auth/token/", &far, "username=bia&password=x")
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_password_is_changed_by_its_owner() {
    let site = Site::new("changed").await;
    site.user("ana").await;
    let token = site.sign_in("ana", PASSWORD).await.json()["token"].clone();
    let token = format!("Token {}", token.as_str().unwrap());
    let change = async |body: serde_json::Value| {
        let headers = [("authorization", token.as_str())];
        site.post("/api/auth/password-change/", &headers, &body.to_string())
            .await
    };
    let new = "another horse";
    for (body, field) in [
        (json!({}), "old_password"),
        (json!({}), "new_password"),
        (
            json!({ "old_password": "wrong", "new_password": new }),
            "old_password",
        ),
        (
            json!({ "old_password": PASSWORD, "new_password": "short" }),
            "new_password",
        ),
        (
            json!({ "old_password": PASSWORD, "new_password": "a\0bcdefgh" }),
            "new_password",
        ),
    ] {
        let answer = change(body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.json()[field].is_array(), "{answer:?}");
    }
    let done = change(json!({ "old_password": PASSWORD, "new_password": new })).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT);
    assert_eq!(
        site.sign_in("ana", PASSWORD).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(site.sign_in("ana", new).await.status, StatusCode::OK);
}
