//! The page behind the link.

use crate::support::Site;
use axum::http::StatusCode;

const PATH: &str = "/password-reset/";

#[tokio::test]
async fn the_page_sets_the_password() {
    let site = Site::new("page").await;
    site.user("ana").await;
    site.post("/api/auth/password-reset/request/", &[], "username=ana")
        .await;
    let token = site.link().await;

    let page = site.get(&format!("{PATH}?token={token}"), &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    for (name, part) in [
        ("content-type", "text/html"),
        ("content-language", "pt-BR"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'sha256-",
        ),
        ("content-security-policy", "form-action 'self'"),
    ] {
        assert!(
            page.headers[name].to_str().unwrap().contains(part),
            "{name}: {part}"
        );
    }
    assert!(page.text.contains(r#"<html lang="pt-BR">"#) && page.text.contains("Nova senha"));
    assert!(page.text.contains(&token));

    let english = [("accept-language", "en-US,en;q=0.9")];
    let submit = async |new: &str, again: &str| {
        let body = format!("token={token}&new_password={new}&new_password_again={again}");
        site.post(PATH, &english, &body).await
    };
    for (new, again, what) in [
        ("another+horse", "another+mule", "not the same"),
        ("12345678", "12345678", "At least 8"),
        ("", "", "At least 8"),
    ] {
        let answer = submit(new, again).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let text = answer.text;
        assert!(
            text.contains(r#"role="alert""#) && text.contains(what),
            "{text}"
        );
        assert!(
            text.contains(&token) && text.contains(r#"aria-invalid="true""#),
            "{text}"
        );
        assert!(!text.contains("another horse"), "{text}");
    }
    let done = submit("another+horse", "another+horse").await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.text.contains("You can sign in"), "{}", done.text);
    let again = submit("a+third+horse", "a+third+horse").await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.text.contains("not valid any more"), "{}", again.text);
    assert_eq!(
        site.sign_in("ana", "another horse").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn what_comes_in_is_shown_as_text() {
    let site = Site::new("escaped").await;
    let page = site
        .get(&format!("{PATH}?token=%22%3E%3Cscript%3E"), &[])
        .await;
    assert!(!page.text.contains("<script"), "{}", page.text);
    let bare = site.get(PATH, &[]).await;
    assert_eq!(bare.status, StatusCode::BAD_REQUEST);
    assert!(bare.text.contains("não vale mais"), "{}", bare.text);
}
