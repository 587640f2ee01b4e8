//! `/platform/users/{id}/`: an account, what it may do, and whether it can be used.

use super::list::badges;
use crate::App;
use crate::auth::reset::link;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::mail::Mail;
use crate::pages::console::form::{Form, refusal};
use crate::pages::kit::{
    Field, PageHeader, Tone, button, card, danger_card, description_list, format, notice,
};
use crate::pages::language::Word;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common, navigation, platform as w};
use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sindico_domain::access::{Actor, Membership};
use sindico_domain::input::{Fields, boolean};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::control::accounts::{self, Account, AccountChanges};
use sindico_store::control::{resets, users};

const FIELDS: &[(&str, Word)] = &[
    ("email", w::EMAIL),
    ("is_staff", w::STAFF),
    ("is_superuser", w::SUPERUSER),
    ("is_active", w::DEACTIVATE_USER),
];

/// `GET /platform/users/{id}/`.
pub(in crate::pages::console) async fn show(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
) -> ApiResult {
    let account = found(&app, id).await?;
    let form = Form::new(page.language(), values(&account));
    answer(&app, &page, &account, &form, StatusCode::OK).await
}

/// `POST /platform/users/{id}/`: rights and address; or activity, with the name typed when it goes.
pub(in crate::pages::console) async fn submit(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    let account = found(&app, id).await?;
    let text = |name: &str| body.0.get(name).and_then(Value::as_str).unwrap_or_default();
    let read = match text("act") {
        "deactivate" if text("confirm").trim() != account.username => {
            let wrong = FieldErrors::one("is_active", "Type exactly the user name.");
            Err(wrong)
        }
        "deactivate" => Ok(activity(false)),
        "activate" => Ok(activity(true)),
        _ => rights(&body),
    };
    let changed = match read {
        Err(errors) => Err(Refusal::Fields(errors)),
        Ok(changes) => {
            let version = text("version").parse().ok();
            let condition = version.map_or(Precondition::None, |v| Precondition::OneOf(vec![v]));
            let actor = &page.caller.actor;
            match accounts::change(app.store(), actor, id, &changes, &condition).await {
                Ok(changed) => Ok(changed.ok_or_else(not_found)?),
                Err(error) => Err(refusal(error)?),
            }
        }
    };
    match changed {
        Ok(_) => {
            let path = format!("/platform/users/{id}/");
            Ok(page.done(&path, &Notice::new("saved", None)))
        }
        Err(refusal) => {
            // What was not in the form that was sent stays as it is.
            let mut values = values(&account);
            values.extend(body.0.clone());
            let form = Form::new(page.language(), values).refused(&refusal);
            answer(&app, &page, &account, &form, StatusCode::BAD_REQUEST).await
        }
    }
}

fn activity(is_active: bool) -> AccountChanges {
    AccountChanges {
        is_active: Some(is_active),
        ..AccountChanges::default()
    }
}

fn rights(body: &Body) -> Result<AccountChanges, FieldErrors> {
    let mut f = Fields::new(&body.0);
    let changes = AccountChanges {
        email: f.read("email", |value| {
            sindico_domain::account::email(value.as_str().unwrap_or_default())
        }),
        is_staff: f.read("is_staff", boolean),
        is_superuser: f.read("is_superuser", boolean),
        is_active: None,
    };
    f.finish().check(changes)
}

/// `POST /platform/users/{id}/reset/`: a link for a new password, by mail.
pub(in crate::pages::console) async fn reset(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    _: Body,
) -> ApiResult {
    accounts::require_superuser(app.store(), &page.caller.actor).await?;
    let account = found(&app, id).await?;
    send_link(&app, &page.caller.actor, &account.username);
    let path = format!("/platform/users/{id}/");
    Ok(page.done(&path, &Notice::new("reset_sent", None)))
}

/// Sends the link for a new password, in the background, as for somebody who forgot theirs.
pub(super) fn send_link(app: &App, actor: &Actor, username: &str) {
    let (task, actor, username) = (app.clone(), actor.clone(), username.to_owned());
    app.config().mail.post(async move {
        match resets::request(task.store(), &actor, &username).await {
            Ok(made) => made.map(|(user, secret)| {
                let begin = &task.config().public_url;
                Mail::password_reset(&user, &link(begin, secret.expose_secret()))
            }),
            Err(error) => {
                tracing::error!(%error, "the reset of a password was not prepared");
                None
            }
        }
    });
}

async fn found(app: &App, id: i64) -> ApiResult<Account> {
    accounts::find(app.store(), id).await?.ok_or_else(not_found)
}

fn values(account: &Account) -> serde_json::Map<String, Value> {
    let values = json!({
        "email": account.email,
        "is_staff": account.is_staff,
        "is_superuser": account.is_superuser,
        "version": account.version().to_string(),
    });
    values.as_object().cloned().unwrap_or_default()
}

async fn answer(
    app: &App,
    page: &Page,
    account: &Account,
    form: &Form,
    status: StatusCode,
) -> ApiResult {
    let places = users::memberships(app.store(), account.id).await?;
    let language = page.language();
    let may = page.caller.user.is_superuser;
    let header = PageHeader {
        breadcrumbs: vec![(page.t(w::USERS).to_owned(), "/platform/users/".to_owned())],
        title: account.username.clone(),
        badges: Some(badges(page, account)),
        ..PageHeader::default()
    };
    let content = html! {
        (header.render(language))
        (form.summary(FIELDS))
        div class="columns" {
            div class="stack" {
                @if may { (rights_card(page, account, form)) }
                @else { (notice(Tone::Info, page.t(w::ONLY_SUPERUSERS), None)) }
                (places_card(page, &places))
            }
            div class="stack" {
                (facts(page, account))
                @if may { (reset_card(page, account)) (activity_card(page, account, form)) }
            }
        }
    };
    Ok(page.show_as(status, &account.username, content))
}

fn rights_card(page: &Page, account: &Account, form: &Form) -> Markup {
    let language = page.language();
    let staff = Field::checkbox("is_staff", page.t(w::STAFF)).hint(page.t(w::STAFF_HINT));
    let superuser =
        Field::checkbox("is_superuser", page.t(w::SUPERUSER)).hint(page.t(w::SUPERUSER_HINT));
    let body = html! {
        form class="form" method="post" action={ "/platform/users/" (account.id) "/" } {
            (page.proof())
            input type="hidden" name="version" value=(form.value("version"));
            (form.field("email", Field::email("email", page.t(w::EMAIL))).required().attr("autocomplete", "off").render(language))
            (form.checkbox("is_staff", staff))
            (form.checkbox("is_superuser", superuser))
            div { (button(page.t(common::SAVE)).primary()) }
        }
    };
    card(page.t(w::RIGHTS), None, body)
}

fn places_card(page: &Page, places: &[Membership]) -> Markup {
    let body = html! {
        @if places.is_empty() { p class="quiet" { (page.t(w::NO_PLACES)) } }
        ul class="stack-tight" {
            @for place in places {
                li class="row" {
                    a href={ "/platform/tenants/" (place.company_id) "/" } { (place.company_name) }
                    span class="quiet" { (page.t(navigation::role(place.role))) }
                }
            }
        }
    };
    card(page.t(w::MEMBER_OF), None, body)
}

fn facts(page: &Page, account: &Account) -> Markup {
    let language = page.language();
    let at = |at: jiff::Timestamp| format::datetime(language, at, &page.zone);
    let last = match account.last_sign_in_at {
        Some(last) => at(last),
        None => html! { (page.t(w::NEVER)) },
    };
    let facts = [
        (page.t(w::EMAIL), Some(html! { (account.email) })),
        (page.t(w::LAST_SIGN_IN), Some(last)),
        (
            page.t(crate::pages::words::tenants::CREATED),
            Some(at(account.created_at)),
        ),
    ];
    card(page.t(w::USER), None, description_list(language, &facts))
}

fn reset_card(page: &Page, account: &Account) -> Markup {
    let body = html! {
        form class="form" method="post" action={ "/platform/users/" (account.id) "/reset/" } {
            (page.proof())
            p { (page.t(w::SEND_RESET_TEXT)) }
            div { (button(page.t(w::SEND_RESET)).icon("mail").disabled(!account.is_active)) }
        }
    };
    card(page.t(w::PASSWORD), None, body)
}

fn activity_card(page: &Page, account: &Account, form: &Form) -> Markup {
    let language = page.language();
    let action = format!("/platform/users/{}/", account.id);
    if !account.is_active {
        let body = html! {
            form class="form" method="post" action=(action) {
                (page.proof())
                input type="hidden" name="act" value="activate";
                p { (page.t(w::ACTIVATE_TEXT)) }
                div { (button(page.t(w::ACTIVATE_USER)).primary()) }
            }
        };
        return card(page.t(w::ACTIVATE_USER), None, body);
    }
    let confirm = Field::text("confirm", page.t(w::CONFIRM_USER))
        .hint(account.username.clone())
        .value(form.value("confirm"))
        .id("f-is_active")
        .errors(form.errors("is_active"))
        .required()
        .attr("autocomplete", "off")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false");
    let body = html! {
        form class="form" method="post" action=(action) {
            (page.proof())
            input type="hidden" name="act" value="deactivate";
            p { (page.t(w::DEACTIVATE_TEXT)) }
            (confirm.render(language))
            div { (button(page.t(w::DEACTIVATE_USER)).danger()) }
        }
    };
    danger_card(page.t(w::DEACTIVATE_USER), body)
}
