//! `/platform/users/new/`: a new account. Without a password, its owner chooses one by a link.

use crate::App;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::pages::console::form::{Form, refusal};
use crate::pages::kit::{Field, PageHeader, Tone, button, card, link_button, notice};
use crate::pages::language::Word;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common, platform as w};
use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sindico_domain::Refusal;
use sindico_domain::account::NewUser;
use sindico_store::Error;
use sindico_store::control::accounts;

const PATH: &str = "/platform/users/new/";

const FIELDS: &[(&str, Word)] = &[
    ("username", w::USERNAME),
    ("email", w::EMAIL),
    ("password", w::PASSWORD),
];

/// `GET /platform/users/new/`.
pub(in crate::pages::console) async fn show(page: Page) -> ApiResult {
    let content = content(&page, &Form::new(page.language(), Map::new()));
    Ok(page.show(page.t(w::NEW_USER), content))
}

/// `POST /platform/users/new/`.
pub(in crate::pages::console) async fn submit(
    State(app): State<App>,
    page: Page,
    body: Body,
) -> ApiResult {
    let text = |name: &str| body.0.get(name).and_then(Value::as_str).unwrap_or_default();
    let checked = |name: &str| text(name) == "true";
    let invited = text("password").is_empty();
    let password = match invited {
        true => random()?,
        false => SecretString::from(text("password")),
    };
    let new = NewUser::parse(
        text("username"),
        text("email"),
        password.expose_secret(),
        checked("is_staff"),
        checked("is_superuser"),
    );
    let made = match new {
        Err(errors) => Err(Refusal::Fields(errors)),
        Ok(new) => {
            let actor = &page.caller.actor;
            match accounts::create(app.store(), actor, &new, &password).await {
                Ok(user) => Ok(user),
                Err(error) => Err(refusal(error)?),
            }
        }
    };
    match made {
        Ok(user) => {
            if invited {
                super::account::send_link(&app, &page.caller.actor, &user.username);
            }
            let name = if invited { "user_invited" } else { "created" };
            let path = format!("/platform/users/{}/", user.id);
            Ok(page.done(&path, &Notice::new(name, None)))
        }
        Err(refusal) => {
            let mut values = body.0;
            // A password goes into no page.
            values.remove("password");
            let form = Form::new(page.language(), values).refused(&refusal);
            let content = content(&page, &form);
            Ok(page.show_as(StatusCode::BAD_REQUEST, page.t(w::NEW_USER), content))
        }
    }
}

/// A password that nobody knows, until the account's owner chooses one.
fn random() -> Result<SecretString, Error> {
    let mut bytes = [0u8; 24];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(bytes.map(|byte| format!("{byte:02x}")).concat().into())
}

fn content(page: &Page, form: &Form) -> Markup {
    let language = page.language();
    let header = PageHeader {
        breadcrumbs: vec![(page.t(w::USERS).to_owned(), "/platform/users/".to_owned())],
        title: page.t(w::NEW_USER).to_owned(),
        ..PageHeader::default()
    };
    if !page.caller.user.is_superuser {
        return html! { (header.render(language)) (notice(Tone::Info, page.t(w::ONLY_SUPERUSERS), None)) };
    }
    let body = html! {
        div class="form-grid" {
            (form.field("username", Field::text("username", page.t(w::USERNAME))).required().hint(page.t(w::USERNAME_HINT))
                .attr("maxlength", "150").attr("autocapitalize", "none").attr("autocomplete", "off").attr("spellcheck", "false")
                .attr("autofocus", "").render(language))
            (form.field("email", Field::email("email", page.t(w::EMAIL))).required().attr("autocomplete", "off").render(language))
            (form.field("password", Field::password("password", page.t(w::PASSWORD))).hint(page.t(w::PASSWORD_HINT))
                .attr("autocomplete", "new-password").render(language))
            div class="field-wide stack-tight" {
                (form.checkbox("is_staff", Field::checkbox("is_staff", page.t(w::STAFF)).hint(page.t(w::STAFF_HINT))))
                (form.checkbox("is_superuser", Field::checkbox("is_superuser", page.t(w::SUPERUSER)).hint(page.t(w::SUPERUSER_HINT))))
            }
        }
    };
    html! {
        (header.render(language))
        form class="form" method="post" action=(PATH) {
            (page.proof())
            (form.summary(FIELDS))
            (card(page.t(w::USER), None, body))
            // Not sticky: the form is long, and the bar would lie upon its fields.
            div class="form-actions" {
                (button(page.t(w::CREATE_USER)).primary())
                (link_button(page.t(common::CANCEL), "/platform/users/").quiet())
            }
        }
    }
}
