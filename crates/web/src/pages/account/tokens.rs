//! `/account/tokens/`: keys for programs that use the API in one's name.

use super::{Own, TOKENS, frame, wrong};
use crate::App;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::contract::resource::Id;
use crate::pages::kit::{
    Choice, Column, Field, Row, Tone, badge, button, card, data_table, disclosure, empty_state,
    format, link_button, notice,
};
use crate::pages::language::Word;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{account as w, settings, tokens as t};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use secrecy::ExposeSecret;
use sindico_domain::access::scopes::{DAYS, NAME_MAX, Need, REMINDER_DAYS, Wish};
use sindico_domain::input::{Fields, text};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::control::tokens::{self, OwnToken};

/// `GET /account/tokens/`.
pub(super) async fn show(State(app): State<App>, Own(page): Own) -> ApiResult {
    let typed = Typed {
        days: DAYS.to_string(),
        ..Typed::default()
    };
    respond(&app, &page, StatusCode::OK, &typed).await
}

async fn respond(app: &App, page: &Page, status: StatusCode, typed: &Typed) -> ApiResult {
    let own = tokens::of_user(app.store(), page.caller.user.id).await?;
    let name = Field::text("name", page.t(w::TOKEN_NAME))
        .hint(page.t(w::TOKEN_NAME_HINT))
        .value(&typed.name)
        .errors(wrong(page, &typed.errors, "name"))
        .attr("maxlength", NAME_MAX.to_string())
        .required();
    let end = |days: i64| Choice::new(days.to_string(), t::days(page.language(), days));
    let days = Field::select("expires_in_days", page.t(t::TOKEN_END))
        .choices([end(7), end(30), end(DAYS), end(365)])
        .or_none(page.t(t::TOKEN_NO_END))
        .value(&typed.days)
        .errors(wrong(page, &typed.errors, "expires_in_days"));
    let limited = !typed.scopes.is_empty() || typed.errors.has("scopes");
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::TOKENS_LEAD)) }
            (card(page.t(w::NEW_TOKEN), None, html! {
                form.form.narrow method="post" action=(TOKENS) {
                    (page.proof())
                    (name.render(page.language()))
                    (days.render(page.language()))
                    (disclosure(page.t(t::TOKEN_LIMITS), limited, &scopes(page, typed)))
                    div.row { (button(page.t(w::CREATE_TOKEN)).primary().icon("key-round")) }
                }
            }))
            (list(page, &own))
        }
    };
    Ok(page.show_as(status, page.t(w::TOKENS), frame(page, TOKENS, &content)))
}

fn list(page: &Page, own: &[OwnToken]) -> Markup {
    if own.is_empty() {
        return empty_state(
            "key-round",
            page.t(w::NO_TOKENS),
            page.t(w::NO_TOKENS_TEXT),
            None,
        );
    }
    let columns = [
        Column::new(page.t(w::TOKEN_NAME)),
        Column::new(page.t(w::CREATED)),
        Column::new(page.t(t::TOKEN_SCOPES)),
        Column::new(page.t(w::LAST_USED)),
        Column::new(page.t(t::TOKEN_UNTIL)),
        Column::new(page.t(w::REVOKE)).silent().shrink(),
    ];
    let rows: Vec<_> = own.iter().map(|token| row(page, token)).collect();
    data_table(page.language(), page.t(w::TOKENS), &columns, &rows)
}

fn row(page: &Page, token: &OwnToken) -> Row {
    let language = page.language();
    let name = match token.name.as_str() {
        "" => page.t(w::UNNAMED),
        name => name,
    };
    Row::of([
        html! { (name) },
        format::datetime(language, token.created_at, &page.zone),
        match token.scopes.names() {
            None => html! { (page.t(t::TOKEN_FULL)) },
            Some(names) => html! { span.mono { (names.join(", ")) } },
        },
        match token.last_used_at {
            Some(at) => format::relative(language, at, &page.now.to_zoned(page.zone.clone())),
            None => html! { span.quiet { (page.t(w::NEVER)) } },
        },
        until(page, token),
        html! {
            form method="post" action={ "/account/tokens/" (token.id) "/revoke/" } {
                (page.proof())
                (button(page.t(w::REVOKE)).small().danger().attr("aria-label", w::revoke_of(language, name)))
            }
        },
    ])
}

/// Until when it is good, and a reminder before that.
fn until(page: &Page, token: &OwnToken) -> Markup {
    let Some(end) = token.expires_at else {
        return html! { span.quiet { (page.t(t::TOKEN_NO_END)) } };
    };
    let hours = end.duration_since(page.now).as_hours();
    let (tone, word) = match hours {
        ..0 => (Tone::Danger, t::TOKEN_ENDED),
        _ if hours < REMINDER_DAYS * 24 => (Tone::Warn, t::TOKEN_ENDS_SOON),
        _ => return format::date(page.language(), end.to_zoned(page.zone.clone()).date()),
    };
    html! {
        (badge(tone, page.t(word))) " "
        (format::date(page.language(), end.to_zoned(page.zone.clone()).date()))
    }
}

/// What was typed into the form, and what is wrong with it.
#[derive(Default)]
struct Typed {
    name: String,
    days: String,
    scopes: Vec<String>,
    errors: FieldErrors,
}

/// What a token may be used for: without a tick, whatever its user may do.
fn scopes(page: &Page, typed: &Typed) -> Markup {
    let language = page.language();
    html! {
        p.quiet { (page.t(t::TOKEN_LIMITS_HINT)) }
        @for text in wrong(page, &typed.errors, "scopes") { p.field-error { (text) } }
        @for need in Need::all().into_iter().filter(|need| !need.is_write()) {
            fieldset class="stack-tight" {
                legend { (page.t(about(need))) }
                div.row {
                    @for name in Need::all().into_iter().filter(|one| one.read() == Some(need)).filter_map(Need::name) {
                        @let word = if name.ends_with(":read") { t::SCOPE_READ } else { t::SCOPE_WRITE };
                        (Field::checkbox(format!("scopes.{name}"), page.t(word)).value("on")
                            .checked(typed.scopes.contains(&name)).render(language))
                    }
                }
            }
        }
    }
}

/// What a scope is about.
fn about(need: Need) -> Word {
    match need {
        Need::Of(resource, _) => settings::resource(resource),
        Need::Platform(_) => t::SCOPE_PLATFORM,
        _ => t::SCOPE_SETTINGS,
    }
}

/// `POST /account/tokens/`: the answer shows the token, this once; so it is no redirect.
pub(super) async fn create(State(app): State<App>, Own(page): Own, body: Body) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let name = f.require("name", text(1..=NAME_MAX));
    let mut errors = f.finish();
    // What a form sends for nothing.
    let mut sent = body.0.clone();
    sent.retain(|field, value| value != "" && field != "name");
    let wish = Wish::parse(&sent);
    if let Err(wrong) = &wish {
        errors.merge(wrong.clone());
    }
    let (Some(name), Ok(wish)) = (name, wish) else {
        let typed = |name: &str| {
            let value = body.0.get(name).and_then(|value| value.as_str());
            value.unwrap_or_default().to_owned()
        };
        let scopes = body.0.get("scopes").and_then(|value| value.as_object());
        let typed = Typed {
            name: typed("name"),
            days: typed("expires_in_days"),
            scopes: scopes
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect(),
            errors,
        };
        return respond(&app, &page, StatusCode::BAD_REQUEST, &typed).await;
    };
    let wish = Wish { name, ..wish };
    let caller = &page.caller;
    let token = tokens::create_with(app.store(), &caller.actor, caller.user.id, &wish).await?;
    Ok(once(&page, &wish.name, token.expose_secret()))
}

fn once(page: &Page, name: &str, token: &str) -> Response {
    let content = html! {
        div.stack {
            (notice(Tone::Warn, page.t(w::TOKEN_ONCE), None))
            (card(page.t(w::YOUR_TOKEN), None, html! {
                div.stack {
                    p { strong { (name) } }
                    p.secret { code id="token" { (token) } }
                    p.quiet { (page.t(w::TOKEN_USE)) }
                    p.secret { code { "Authorization: Token …" } }
                    div.row { (link_button(page.t(w::DONE_TOKEN), TOKENS).primary()) }
                }
            }))
        }
    };
    page.show(page.t(w::YOUR_TOKEN), frame(page, TOKENS, &content))
}

/// `POST /account/tokens/{id}/revoke/`.
pub(super) async fn revoke(
    State(app): State<App>,
    Own(page): Own,
    Id(id): Id,
    _: Body,
) -> ApiResult {
    let caller = &page.caller;
    if !tokens::revoke_own(app.store(), &caller.actor, caller.user.id, id).await? {
        return Err(Refusal::NotFound.into());
    }
    Ok(page.done(TOKENS, &Notice::new("token_revoked", None)))
}
