//! `/password-reset/`: the page behind the link in the mail. Opening it uses nothing up, since mail
//! scanners open links too; only the form does.

use super::{nobody, secret};
use crate::App;
use crate::contract::{ApiResult, Body, Query};
use crate::gate::trace::RequestInfo;
use axum::Extension;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, REFERRER_POLICY, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sindico_domain::account::PASSWORD_MIN;
use sindico_domain::input::Fields;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::resets;
use std::sync::LazyLock;

const STYLE: &str = "\
:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}\
main{max-width:26rem;margin:10vh auto;padding:0 1rem}\
label{display:block;margin-top:1rem;font-weight:600}\
input{box-sizing:border-box;width:100%;padding:.6rem;font:inherit}\
button{margin-top:1.5rem;padding:.6rem 1.2rem;font:inherit}\
[role=alert]{border-left:.25rem solid #c62828;padding-left:.75rem}";

/// Nothing is loaded, the one style is named by its hash, and the form comes back here.
#[expect(
    clippy::expect_used,
    reason = "base64 and fixed words are visible ASCII"
)]
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("visible ASCII")
});

/// What the page says, in one language.
struct Words {
    lang: &'static str,
    title: &'static str,
    password: &'static str,
    again: &'static str,
    rule: String,
    save: &'static str,
    different: &'static str,
    invalid: &'static str,
    done: &'static str,
}

/// The page for choosing a new password
#[utoipa::path(get, path = "/password-reset/", tag = "pages",
    params(("token" = Option<String>, Query, description = "From the link in the mail")),
    responses(
        (status = 200, description = "The form", content_type = "text/html"),
        (status = 400, description = "The link is not whole", content_type = "text/html"),
    ))]
pub async fn show(headers: HeaderMap, query: Query) -> Response {
    let words = words(&headers);
    let token = query.fields().read("token", secret);
    match token {
        Some(token) => form(&words, StatusCode::OK, &token, None),
        None => notice(&words, StatusCode::BAD_REQUEST, words.invalid),
    }
}

/// Set the new password from the page
#[utoipa::path(post, path = "/password-reset/", tag = "pages",
    responses(
        (status = 200, description = "Set", content_type = "text/html"),
        (status = 400, description = "The form again, with what is wrong", content_type = "text/html"),
    ))]
pub async fn submit(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let words = words(&headers);
    let mut fields = Fields::new(&body.0);
    let token = fields.read("token", secret).unwrap_or_default();
    let new = fields.read("new_password", secret).unwrap_or_default();
    let again = fields
        .read("new_password_again", secret)
        .unwrap_or_default();
    let wrong = StatusCode::BAD_REQUEST;
    if new.expose_secret() != again.expose_secret() {
        return Ok(form(&words, wrong, &token, Some(words.different)));
    }
    match resets::confirm(app.store(), &nobody(&info), token.expose_secret(), &new).await {
        Ok(_) => Ok(notice(&words, StatusCode::OK, words.done)),
        Err(Error::Refused(Refusal::Fields(errors))) if FieldErrors::has(&errors, "token") => {
            Ok(notice(&words, wrong, words.invalid))
        }
        // The only other field is the password.
        Err(Error::Refused(Refusal::Fields(_))) => {
            Ok(form(&words, wrong, &token, Some(&words.rule)))
        }
        Err(error) => Err(error.into()),
    }
}

fn form(words: &Words, status: StatusCode, token: &SecretString, error: Option<&str>) -> Response {
    let main = html! {
        @if let Some(error) = error {
            p #error role="alert" { (error) }
        }
        form method="post" action="/password-reset/" {
            input type="hidden" name="token" value=(token.expose_secret());
            label for="new_password" { (words.password) }
            input #new_password type="password" name="new_password" required autofocus
                minlength=(PASSWORD_MIN) autocomplete="new-password" aria-describedby="rule"
                aria-invalid=[error.map(|_| "true")];
            p #rule { (words.rule) }
            label for="new_password_again" { (words.again) }
            input #new_password_again type="password" name="new_password_again" required
                autocomplete="new-password";
            button type="submit" { (words.save) }
        }
    };
    page(words, status, &main)
}

fn notice(words: &Words, status: StatusCode, text: &str) -> Response {
    let role = if status.is_success() {
        "status"
    } else {
        "alert"
    };
    page(words, status, &html! { p role=(role) { (text) } })
}

fn page(words: &Words, status: StatusCode, main: &Markup) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang=(words.lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (words.title) " · Síndico" }
                style { (PreEscaped(STYLE)) }
            }
            body { main { h1 { (words.title) } (main) } }
        }
    };
    let mut response = (status, Html(document.into_string())).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(words.lang));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    // The address holds the link's secret.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// English when the browser prefers it, else Portuguese.
fn words(headers: &HeaderMap) -> Words {
    let accepted = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    if prefers_english(accepted.unwrap_or_default()) {
        return Words {
            lang: "en",
            title: "New password",
            password: "New password",
            again: "New password, once more",
            rule: format!(
                "At least {PASSWORD_MIN} characters. Not a common password, nor your name or e-mail address."
            ),
            save: "Save",
            different: "The two passwords are not the same.",
            invalid: "This link is not valid any more. Ask for a new one.",
            done: "Your password has been changed. You can sign in with it now.",
        };
    }
    Words {
        lang: "pt-BR",
        title: "Nova senha",
        password: "Nova senha",
        again: "Nova senha, mais uma vez",
        rule: format!(
            "Pelo menos {PASSWORD_MIN} caracteres. Nada de senhas comuns, nem o seu nome ou e-mail."
        ),
        save: "Salvar",
        different: "As duas senhas não são iguais.",
        invalid: "Este link não vale mais. Peça um novo.",
        done: "Sua senha foi alterada. Você já pode entrar com ela.",
    }
}

/// Weighs the languages as RFC 9110, 12.5.4 has it; of equal weight the first counts.
fn prefers_english(accepted: &str) -> bool {
    let mut best = (0.0, false);
    for range in accepted.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
        let english = match tag.split('-').next() {
            Some("en") => true,
            Some("pt") => false,
            _ => continue,
        };
        if weight > best.0 {
            best = (weight, english);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::prefers_english;

    #[test]
    fn the_browser_chooses_the_language() {
        for (accepted, english) in [
            ("", false),
            ("pt-BR,pt;q=0.9,en;q=0.8", false),
            ("en-US,en;q=0.9,pt;q=0.8", true),
            ("en;q=0.2,pt;q=0.3", false),
            ("de,en;q=0.5", true),
            ("de", false),
            ("en;q=0", false),
            ("EN", true),
            (",;q=x,;;", false),
        ] {
            assert_eq!(prefers_english(accepted), english, "{accepted}");
        }
    }
}
