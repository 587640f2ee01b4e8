//! `/password-reset/`: the page behind the link of a mail. It has no script at all: its address has a
//! secret.

use super::anonymous;
use super::input::new_secret;
use super::words::DIFFERENT;
use crate::App;
use crate::auth::wire::ResetForm;
use crate::contract::error::ApiResult;
use crate::contract::{ApiError, Body, Query};
use crate::gate::trace::RequestInfo;
use crate::pages::document::still;
use crate::pages::kit::{Tone, button, notice};
use crate::pages::language::Language;
use crate::pages::page::View;
use crate::pages::words::sign_in::{FORGOT, TITLE as SIGN_IN};
use axum::Extension;
use axum::extract::State;
use axum::http::header::{
    CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};
use secrecy::ExposeSecret;
use sindico_domain::account::PASSWORD_MIN;
use sindico_domain::input::{Fields, text};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::resets;

/// The page's path.
pub(super) const PATH: &str = "/password-reset/";
const POLICY: &str = "default-src 'self'; form-action 'self'; frame-ancestors 'none'";
const PASSWORD: &str = "new_password";
const AGAIN: &str = "new_password_again";

/// Page for a new password
///
/// Where the link of a mail leads: a form for a person. Opening it does not use the link up.
#[utoipa::path(get, path = "/password-reset/", tag = "auth",
    params(("token" = Option<String>, Query, description = "From the link in the mail")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub async fn show(query: Query, parts: Parts) -> Response {
    let mut f = query.fields();
    let content = match f.read("token", text(1..=200)) {
        Some(token) => Content::Form(token, FieldErrors::new()),
        None => Content::NoLink,
    };
    respond(StatusCode::OK, &View::of(&parts), &content)
}

/// Send the page's form
///
/// Answers with a page: what is wrong, or that the password is set.
#[utoipa::path(post, path = "/password-reset/", tag = "auth",
    request_body(content = ResetForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Set", body = String, content_type = "text/html"),
        (status = 400, description = "What is wrong", body = String, content_type = "text/html"),
    ))]
pub async fn submit(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    parts: Parts,
    body: Body,
) -> ApiResult {
    let view = View::of(&parts);
    let wrong = |content: Content| Ok(respond(StatusCode::BAD_REQUEST, &view, &content));
    let mut f = Fields::new(&body.0);
    let Some(token) = f.read("token", text(1..=200)) else {
        return wrong(Content::NoLink);
    };
    let new = f.require(PASSWORD, new_secret);
    let again = body.0.get(AGAIN).and_then(|value| value.as_str());
    if let Some(new) = &new
        && again != Some(new.expose_secret())
    {
        f.error(AGAIN, DIFFERENT);
    }
    let errors = f.finish();
    let Some(new) = new.filter(|_| errors.is_empty()) else {
        return wrong(Content::Form(token, errors));
    };
    match resets::confirm(app.store(), &anonymous(&info), &token, &new).await {
        Ok(_) => Ok(respond(StatusCode::OK, &view, &Content::Done)),
        Err(Error::Refused(Refusal::Fields(errors))) if errors.has("token") => {
            wrong(Content::OldLink)
        }
        Err(Error::Refused(Refusal::Fields(errors))) => wrong(Content::Form(token, errors)),
        Err(error) => {
            // The status, the log line and `Retry-After` as everywhere, but words for a person.
            let answer = ApiError::from(error).into_response();
            let mut response = respond(answer.status(), &view, &Content::Trouble(token));
            for (name, value) in answer.headers() {
                if name != CONTENT_TYPE {
                    response.headers_mut().insert(name, value.clone());
                }
            }
            Ok(response)
        }
    }
}

enum Content {
    /// The form, with its token and what is wrong with what was typed.
    Form(String, FieldErrors),
    /// The form once more, after a fault that isn't the sender's.
    Trouble(String),
    NoLink,
    OldLink,
    Done,
}

fn respond(status: StatusCode, view: &View, content: &Content) -> Response {
    let body = Html(page(view, content).into_string());
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (CONTENT_LANGUAGE, view.language.tag()),
        (REFERRER_POLICY, "no-referrer"),
        (VARY, "accept-language, cookie"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn page(view: &View, content: &Content) -> Markup {
    let language = view.language;
    let words = language.words();
    let failed = match content {
        Content::Form(_, errors) => !errors.is_empty(),
        Content::Done => false,
        Content::Trouble(_) | Content::NoLink | Content::OldLink => true,
    };
    let title = match failed {
        true => format!("{}: {}", words.error, words.title),
        false => words.title.to_owned(),
    };
    let body = html! {
        h1 { (words.title) }
        @match content {
            Content::Form(token, errors) => {
                @if failed { (notice(Tone::Danger, words.wrong_fields, None)) }
                (form(language, token, errors))
            }
            Content::Trouble(token) => {
                (notice(Tone::Danger, words.trouble, None))
                (form(language, token, &FieldErrors::new()))
            }
            Content::NoLink => (notice(Tone::Danger, words.no_link, None)),
            Content::OldLink => {
                (notice(Tone::Danger, words.old_link, None))
                p { a href="/forgot-password/" { (FORGOT.in_(language)) } }
            }
            Content::Done => {
                (notice(Tone::Ok, words.done, None))
                p { a href="/sign-in/" { (SIGN_IN.in_(language)) } }
            }
        }
    };
    still(view, &title, &body)
}

/// Passwords are never sent back, so they are typed anew after an error.
fn form(language: Language, token: &str, errors: &FieldErrors) -> Markup {
    let words = language.words();
    html! {
        form.form method="post" action=(PATH) {
            input type="hidden" name="token" value=(token);
            div.field {
                label.field-label for=(PASSWORD) { (words.password) }
                p.field-hint id="hint" { (words.hint) }
                input.input type="password" id=(PASSWORD) name=(PASSWORD) autocomplete="new-password"
                    minlength=(PASSWORD_MIN) required autofocus
                    aria-invalid=[invalid(PASSWORD, errors)]
                    aria-describedby={ "hint" @if errors.has(PASSWORD) { " " (PASSWORD) "_error" } };
                (messages(language, PASSWORD, errors))
            }
            div.field {
                label.field-label for=(AGAIN) { (words.again) }
                input.input type="password" id=(AGAIN) name=(AGAIN) autocomplete="new-password" required
                    aria-invalid=[invalid(AGAIN, errors)]
                    aria-describedby=[errors.has(AGAIN).then(|| format!("{AGAIN}_error"))];
                (messages(language, AGAIN, errors))
            }
            (button(words.submit).primary().wide())
        }
    }
}

fn messages(language: Language, field: &str, errors: &FieldErrors) -> Markup {
    html! {
        @if errors.has(field) {
            p.field-error id={ (field) "_error" } {
                @for message in errors.messages(field) { (language.message(message)) " " }
            }
        }
    }
}

fn invalid(field: &str, errors: &FieldErrors) -> Option<&'static str> {
    errors.has(field).then_some("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(language: Language) -> View {
        let request = axum::http::Request::builder()
            .uri(PATH)
            .header("accept-language", language.tag());
        View::of(&request.body(()).unwrap().into_parts().0)
    }

    fn text_of(content: &Content) -> String {
        page(&view(Language::Portuguese), content).into_string()
    }

    #[test]
    fn the_token_is_escaped() {
        let token = "\"><script>alert(1)</script>&".to_owned();
        for content in [
            Content::Form(token.clone(), FieldErrors::new()),
            Content::Trouble(token),
        ] {
            let page = text_of(&content);
            assert!(!page.contains("<script"), "{page}");
            let escaped = "value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;\"";
            assert!(page.contains(escaped), "{page}");
        }
    }

    #[test]
    fn errors_stand_at_their_fields_in_the_language_of_the_page() {
        let mut errors = FieldErrors::one(PASSWORD, "Use at least 8 characters.");
        errors.add(AGAIN, DIFFERENT);
        let page = text_of(&Content::Form("abc".to_owned(), errors));
        for part in [
            "<html lang=\"pt-BR\">",
            "<title>Erro: Nova senha",
            "id=\"new_password_error\">Use pelo menos 8 caracteres.",
            "id=\"new_password_again_error\">As duas senhas não são iguais.",
            "role=\"alert\"",
            "value=\"abc\"",
        ] {
            assert!(page.contains(part), "{part} is not in\n{page}");
        }
        assert_eq!(page.matches("aria-invalid=\"true\"").count(), 2);
    }

    #[test]
    fn without_a_good_link_there_is_no_form() {
        for content in [Content::NoLink, Content::OldLink, Content::Done] {
            assert!(!text_of(&content).contains("<form"));
        }
    }

    #[test]
    fn nothing_needs_a_script_or_an_inline_style() {
        let form = Content::Form("abc".to_owned(), FieldErrors::new());
        let page = text_of(&form);
        for part in ["<script", "<style", " style=", "aria-invalid"] {
            assert!(!page.contains(part), "{part}");
        }
        let response = respond(StatusCode::OK, &view(Language::English), &form);
        let policy = &response.headers()[CONTENT_SECURITY_POLICY];
        assert!(!policy.to_str().unwrap().contains("unsafe"));
        assert_eq!(response.headers()[REFERRER_POLICY], "no-referrer");
        assert_eq!(response.headers()[CONTENT_LANGUAGE], "en");
    }
}
