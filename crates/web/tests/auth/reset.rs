//! Reset of a password over the API.

use crate::support::{PASSWORD, Site};
use axum::http::StatusCode;
use serde_json::json;

const REQUEST: &str = "/api/auth/password-reset/request/";
const CONFIRM: &str = "/api/auth/password-reset/confirm/";

#[tokio::test]
async fn a_mail_brings_a_link_that_works_once() {
    let site = Site::new("reset").await;
    site.user("ana").await;
    // A forged host gets nowhere: the link begins with the configured address.
    let forged = [("x-forwarded-host", "evil.example.com")];
    let answer = site
        .post(REQUEST, &forged, r#"{"email": "Ana@example.com"}"#)
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let token = site.link().await;
    let mail = site.mails().await.remove(0);
    assert!(mail.contains("To: ana@example.com"), "{mail}");
    assert!(
        mail.contains("Hello ana") && mail.contains("dentro de uma hora"),
        "{mail}"
    );

    let confirm = async |token: &str, new: &str| {
        let body = json!({ "token": token, "new_password": new }).to_string();
        site.post(CONFIRM, &[], &body).await
    };
    let weak = confirm(&token, "12345678").await;
    assert!(weak.json()["new_password"].is_array(), "{weak:?}");
    assert_eq!(
        confirm(&token, "another horse").await.status,
        StatusCode::NO_CONTENT
    );
    let again = confirm(&token, "a third horse").await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.json()["token"].is_array(), "{again:?}");
    assert_eq!(
        site.sign_in("ana", PASSWORD).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        site.sign_in("ana", "another horse").await.status,
        StatusCode::OK
    );
    let missing = site.post(CONFIRM, &[], "{}").await.json();
    assert!(missing["token"].is_array() && missing["new_password"].is_array());
}

#[tokio::test]
async fn the_answer_tells_nothing() {
    let site = Site::new("silent").await;
    site.user("ana").await;
    let known = site.post(REQUEST, &[], "username=ana").await;
    let unknown = site.post(REQUEST, &[], "email=bia@example.com").await;
    let odd = site.post(REQUEST, &[], "email=%25").await;
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    assert_eq!((known.status, &known.text), (odd.status, &odd.text));
    let names = |answer: &crate::support::Answer| {
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(names(&known), names(&unknown));
    assert_eq!(site.mails().await.len(), 1);
    let neither = site.post(REQUEST, &[], "{}").await;
    assert_eq!(
        neither.json(),
        json!({ "email": ["This field is required."] })
    );

    for _ in 0..7 {
        assert_eq!(
            site.post(REQUEST, &[], "username=x").await.status,
            StatusCode::OK
        );
    }
    let answer = site.post(REQUEST, &[], "username=x").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}
