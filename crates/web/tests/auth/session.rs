//! Sessions of browsers.

use crate::support::{PASSWORD, Site};
use axum::http::{Method, StatusCode, header};

const CREDENTIALS: &str = "username=ana&password=correct+horse+battery";
const PATH: &str = "/api/auth/session/";

#[tokio::test]
async fn a_session_is_a_cookie_and_a_csrf_token() {
    let site = Site::new("session").await;
    site.user("ana").await;
    let wrong = site.post(PATH, &[], "username=ana&password=x").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(!wrong.headers.contains_key(header::SET_COOKIE));

    let https = [("x-forwarded-proto", "https")];
    let open = site.post(PATH, &https, CREDENTIALS).await;
    assert_eq!(open.status, StatusCode::OK, "{open:?}");
    let set = open.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("__Host-sindico_session="), "{set}");
    for attribute in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    let (cookie, csrf) = (open.cookie().to_owned(), open.json()["csrf_token"].clone());
    let csrf = csrf.as_str().unwrap();

    // The cookie reads; to change anything it needs the proof.
    let known = ("cookie", cookie.as_str());
    let shown = site.get(PATH, &[known]).await;
    assert_eq!(shown.json(), open.json());
    let logout = "/api/auth/logout/";
    for proof in [
        ("accept", "*/*"),
        ("x-csrf-token", "wrong"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let answer = site.post(logout, &[known, proof], "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{proof:?}");
    }
    let out = site
        .post(logout, &[known, https[0], ("x-csrf-token", csrf)], "")
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(
        out.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(
        site.get("/api/auth/me/", &[known]).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn without_tls_the_cookie_is_plain() {
    let site = Site::new("plain").await;
    site.user("ana").await;
    let first = site.post(PATH, &[], CREDENTIALS).await;
    let set = first.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        set.starts_with("sindico_session=") && !set.contains("Secure"),
        "{set}"
    );

    // Signing in once more ends the session that the browser had.
    let known = ("cookie", first.cookie());
    let second = site.post(PATH, &[known], CREDENTIALS).await;
    assert_eq!(second.status, StatusCode::OK);
    assert_eq!(
        site.get("/api/auth/me/", &[known]).await.status,
        StatusCode::UNAUTHORIZED
    );
    let known = ("cookie", second.cookie());
    assert_eq!(
        site.get("/api/auth/me/", &[known]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn another_site_signs_nobody_in() {
    let site = Site::new("csrf").await;
    site.user("ana").await;
    for (from, status) in [
        (("sec-fetch-site", "cross-site"), StatusCode::FORBIDDEN),
        (("sec-fetch-site", "same-site"), StatusCode::FORBIDDEN),
        (
            ("origin", "https://evil.example.com"),
            StatusCode::FORBIDDEN,
        ),
        (("origin", "https://sistema.example.com"), StatusCode::OK),
        (("sec-fetch-site", "same-origin"), StatusCode::OK),
    ] {
        let answer = site.post(PATH, &[from], CREDENTIALS).await;
        assert_eq!(answer.status, status, "{from:?}");
    }
}

#[tokio::test]
async fn a_change_of_password_keeps_this_session_only() {
    let site = Site::new("kept").await;
    site.user("ana").await;
    let here = site.post(PATH, &[], CREDENTIALS).await;
    let there = site.post(PATH, &[], CREDENTIALS).await;
    let headers = [("cookie", here.cookie()), ("sec-fetch-site", "same-origin")];
    let body = format!("old_password={PASSWORD}&new_password=another+horse");
    let done = site
        .post("/api/auth/password-change/", &headers, &body)
        .await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{done:?}");
    for (answer, status) in [(here, StatusCode::OK), (there, StatusCode::UNAUTHORIZED)] {
        let known = ("cookie", answer.cookie());
        assert_eq!(site.get("/api/auth/me/", &[known]).await.status, status);
    }
}

#[tokio::test]
async fn each_method_is_known_with_its_slash() {
    let site = Site::new("methods").await;
    let answer = site.send(Method::DELETE, PATH, &[], "").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    let allowed = answer.headers[header::ALLOW].to_str().unwrap();
    assert!(
        allowed.contains("GET") && allowed.contains("POST"),
        "{allowed}"
    );
    let answer = site.post("/api/auth/session", &[], CREDENTIALS).await;
    assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT);
    // Both stand in the document, each with who may use it.
    let document = site.get("/api/docs/openapi.json", &[]).await.json();
    let item = &document["paths"][PATH];
    assert_eq!(item["get"]["x-access"], "signed-in");
    assert_eq!(item["post"]["x-access"], "anyone");
}
