//! Signing in and out, and passwords (contract section 2).

use crate::begin;
use reqwest::Method;
use serde_json::{Value, json};
use sindico_testkit::{Answer, Client, PASSWORD, TestApp};
use std::time::{Duration, Instant};

const TOKEN: &str = "/api/auth/token/";
const SESSION: &str = "/api/auth/session/";
const ME: &str = "/api/auth/me/";

async fn sign_in(app: &TestApp, path: &str, username: &str, password: &str) -> Answer {
    let body = json!({"username": username, "password": password});
    app.anonymous().post(path, body).await
}

/// A caller with the session's cookie, and its CSRF token.
async fn session(app: &TestApp, username: &str) -> (Client, String) {
    let answer = sign_in(app, SESSION, username, PASSWORD).await.expect(200);
    let cookie = answer
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let csrf = answer.json["csrf_token"].as_str().unwrap().to_owned();
    (app.anonymous().with("cookie", &cookie), csrf)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_given_used_and_revoked() {
    begin();
    let app = TestApp::start().await;
    app.user("ana", true, false).await;
    let token = sign_in(&app, TOKEN, "Ana", PASSWORD).await.expect(200).json;
    let token = token["token"].as_str().unwrap();
    for scheme in ["Token", "token", "Bearer"] {
        let caller = app
            .anonymous()
            .with("authorization", &format!("{scheme} {token}"));
        caller.get(ME).await.expect(200);
    }
    let caller = app.anonymous().token(token);
    let me = caller.get(ME).await.expect(200).json;
    assert_eq!(
        me,
        json!({"id": me["id"], "username": "ana", "email": "ana@example.com", "is_staff": true,
            "is_superuser": false, "platform_admin": true, "memberships": []})
    );
    caller.call("POST", "/api/auth/logout/").await.expect(204);
    caller.get(ME).await.expect(401);
    caller.call("POST", "/api/auth/logout/").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_sign_in_as_json_does() {
    begin();
    let app = TestApp::start().await;
    app.user("ana", false, false).await;
    let anyone = app.anonymous();
    let form = anyone
        .request(Method::POST, TOKEN)
        .form(&[("username", "ana"), ("password", PASSWORD)]);
    anyone.send(form).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_tell_nothing() {
    begin();
    let app = TestApp::start().await;
    app.user("ana", false, false).await;
    app.user("bia", false, false).await;
    let sql = app.database.sql().await;
    sql.execute(
        "UPDATE app_user SET is_active = false WHERE username = 'bia'",
        &[],
    )
    .await
    .unwrap();
    let mut answers = Vec::new();
    for (name, password) in [
        ("ana", "wrong-password"),
        ("nobody", PASSWORD),
        ("bia", PASSWORD),
        ("a\u{0}b", "x"),
    ] {
        let answer = sign_in(&app, TOKEN, name, password).await.expect(400);
        assert!(
            answer.json["non_field_errors"].is_array() || name.contains('\0'),
            "{}",
            answer.text
        );
        answers.push(answer.text);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    let missing = app
        .anonymous()
        .post(TOKEN, json!({}))
        .await
        .expect(400)
        .json;
    assert!(missing["username"].is_array() && missing["password"].is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_not_trimmed() {
    begin();
    let app = TestApp::start().await;
    app.user("ana", false, false).await;
    sign_in(&app, TOKEN, "ana", &format!(" {PASSWORD}"))
        .await
        .expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_database() {
    begin();
    let app = TestApp::start().await;
    app.user("ana", false, false).await;
    let token = sign_in(&app, TOKEN, "ana", PASSWORD).await.json["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let (caller, _) = session(&app, "ana").await;
    caller.get(ME).await.expect(200);
    let cookie = sign_in(&app, SESSION, "ana", PASSWORD).await;
    let cookie = cookie
        .header("set-cookie")
        .split([';', '='])
        .nth(1)
        .unwrap()
        .to_owned();
    let sql = app.database.sql().await;
    let tables = sql
        .query(
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'",
            &[],
        )
        .await
        .unwrap();
    assert!(tables.len() > 10);
    for secret in [token.as_str(), cookie.as_str(), PASSWORD] {
        assert!(secret.len() > 8);
        for table in &tables {
            let table: &str = table.get(0);
            let found = sql
                .query_one(
                    &format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%' || $1 || '%'"),
                    &[&secret],
                )
                .await
                .unwrap();
            assert_eq!(found.get::<_, i64>(0), 0, "{table}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_needs_its_proof_for_unsafe_methods() {
    begin();
    let app = TestApp::start().await;
    app.user("ana", true, false).await;
    let (caller, csrf) = session(&app, "ana").await;
    caller.get(ME).await.expect(200);
    let body = |code: &str| json!({"name": code, "tenant_code": code, "subdomain": code});
    let tenants = "/platform/api/tenants/";
    caller.post(tenants, body("a")).await.expect(403);
    caller
        .with("x-csrf-token", "wrong")
        .post(tenants, body("a"))
        .await
        .expect(403);
    caller
        .with("sec-fetch-site", "same-site")
        .post(tenants, body("a"))
        .await
        .expect(403);
    caller
        .with("sec-fetch-site", "cross-site")
        .post(tenants, body("a"))
        .await
        .expect(403);
    caller
        .with("x-csrf-token", &csrf)
        .post(tenants, body("a"))
        .await
        .expect(201);
    caller
        .with("sec-fetch-site", "same-origin")
        .post(tenants, body("b"))
        .await
        .expect(201);
    let again = caller.get(SESSION).await.expect(200).json;
    assert_eq!(again["csrf_token"], csrf.as_str());
    caller
        .with("x-csrf-token", &csrf)
        .call("POST", "/api/auth/logout/")
        .await
        .expect(204);
    caller.get(ME).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_for_this_host_and_for_no_script() {
    begin();
    let app = TestApp::start().await;
    app.user("ana", false, false).await;
    let answer = sign_in(&app, SESSION, "ana", PASSWORD).await.expect(200);
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["sindico_session=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        !cookie.contains("Domain") && !cookie.contains("Secure"),
        "{cookie}"
    );
    // Another site can't sign somebody in.
    let body = json!({"username": "ana", "password": PASSWORD});
    let foreign = app.anonymous().with("sec-fetch-site", "cross-site");
    foreign.post(SESSION, body).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_throttled_and_successes_are_not() {
    begin();
    let app = TestApp::start().await;
    app.user("ana", false, false).await;
    app.user("bia", false, false).await;
    for _ in 0..15 {
        sign_in(&app, TOKEN, "ana", PASSWORD).await.expect(200);
    }
    let tries = (0..40).map(|_| sign_in(&app, TOKEN, "ana", "wrong-password"));
    let answers = futures_util::future::join_all(tries).await;
    let refused = answers.iter().filter(|answer| answer.status == 400).count();
    let told: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.status == 429)
        .collect();
    assert!(
        (5..=12).contains(&refused),
        "{refused} of 40 guesses got through"
    );
    assert_eq!(refused + told.len(), 40);
    assert!(told[0].header("retry-after").parse::<u64>().unwrap() >= 1);
    // Even the right password waits now; another account does not.
    sign_in(&app, TOKEN, "ana", PASSWORD).await.expect(429);
    sign_in(&app, TOKEN, "bia", PASSWORD).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_who_knows_it() {
    begin();
    let app = TestApp::start().await;
    let caller = app.user("ana", false, false).await;
    let change = |old: &str, new: &str| json!({"old_password": old, "new_password": new});
    let path = "/api/auth/password-change/";
    let (other, _) = session(&app, "ana").await;
    let answer = caller
        .post(path, change("wrong-password", "outra-senha-boa"))
        .await
        .expect(400);
    assert!(answer.json["old_password"].is_array(), "{}", answer.text);
    let answer = caller.post(path, change(PASSWORD, "ana")).await.expect(400);
    assert!(answer.json["new_password"].is_array(), "{}", answer.text);
    let answer = caller.post(path, change(PASSWORD, "outra-senha-boa")).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text);
    other.get(ME).await.expect(401);
    sign_in(&app, TOKEN, "ana", PASSWORD).await.expect(400);
    sign_in(&app, TOKEN, "ana", "outra-senha-boa")
        .await
        .expect(200);
}

async fn ask_reset(app: &TestApp, email: &str) -> Answer {
    app.anonymous()
        .post("/api/auth/password-reset/request/", json!({"email": email}))
        .await
}

/// The text of the one mail, decoded from quoted-printable.
async fn mail(app: &TestApp) -> String {
    let end = Instant::now() + Duration::from_secs(10);
    while Instant::now() < end {
        if let Some(entry) = std::fs::read_dir(app.mails.path()).unwrap().next() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            if !text.is_empty() {
                return text
                    .replace("=\r\n", "")
                    .replace("=\n", "")
                    .replace("=3D", "=");
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no mail came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_reset_by_the_link_in_a_mail() {
    begin();
    let app = TestApp::start().await;
    app.user("ana", false, false).await;
    let (other, _) = session(&app, "ana").await;
    let known = ask_reset(&app, "ana@example.com").await;
    let unknown = ask_reset(&app, "nobody@example.com").await;
    assert!((200..300).contains(&known.status), "{}", known.text);
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));

    let mail = mail(&app).await;
    let token = mail.split("token=").nth(1).unwrap();
    let token: String = token
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    assert!(token.len() >= 32, "{mail}");
    let page = app
        .anonymous()
        .get(&format!("/password-reset/?token={token}"))
        .await
        .expect(200);
    assert!(page.text.contains("<form"), "{}", page.text);

    let confirm = async |token: &str, password: &str| {
        let body = json!({"token": token, "new_password": password});
        app.anonymous()
            .post("/api/auth/password-reset/confirm/", body)
            .await
    };
    confirm("wrong", "outra-senha-boa").await.expect(400);
    let weak = confirm(&token, "short").await.expect(400);
    assert!(weak.json["new_password"].is_array(), "{}", weak.text);
    let done = confirm(&token, "outra-senha-boa").await;
    assert!((200..300).contains(&done.status), "{}", done.text);
    confirm(&token, "mais-uma-senha").await.expect(400);
    other.get(ME).await.expect(401);
    sign_in(&app, TOKEN, "ana", "outra-senha-boa")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_in_is_audited_without_secrets() {
    begin();
    let app = TestApp::start().await;
    let admin = app.user("ana", true, false).await;
    sign_in(&app, TOKEN, "ana", PASSWORD).await.expect(200);
    session(&app, "ana").await;
    let events: Value = admin.get("/platform/api/audit/").await.expect(200).json;
    let actions: Vec<&str> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    for action in ["user.create", "token.create", "session.create"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
    assert!(!events.to_string().contains("argon2"));
}
