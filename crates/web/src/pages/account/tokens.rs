//! `/account/tokens/`: keys for programs that use the API in one's name.

use super::{Own, TOKENS, frame, wrong};
use crate::App;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::contract::resource::Id;
use crate::pages::kit::{
    Column, Field, Row, Tone, button, card, data_table, empty_state, format, link_button, notice,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::account as w;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use secrecy::ExposeSecret;
use sindico_domain::input::{Fields, text};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::control::tokens::{self, NAME_MAX, OwnToken};

/// `GET /account/tokens/`.
pub(super) async fn show(State(app): State<App>, Own(page): Own) -> ApiResult {
    respond(&app, &page, StatusCode::OK, "", &FieldErrors::new()).await
}

async fn respond(
    app: &App,
    page: &Page,
    status: StatusCode,
    typed: &str,
    errors: &FieldErrors,
) -> ApiResult {
    let own = tokens::of_user(app.store(), page.caller.user.id).await?;
    let name = Field::text("name", page.t(w::TOKEN_NAME))
        .hint(page.t(w::TOKEN_NAME_HINT))
        .value(typed)
        .errors(wrong(page, errors, "name"))
        .attr("maxlength", NAME_MAX.to_string())
        .required();
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::TOKENS_LEAD)) }
            (card(page.t(w::NEW_TOKEN), None, html! {
                form.form.narrow method="post" action=(TOKENS) {
                    (page.proof())
                    (name.render(page.language()))
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
        Column::new(page.t(w::LAST_USED)),
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
        match token.last_used_at {
            Some(at) => format::relative(language, at, &page.now.to_zoned(page.zone.clone())),
            None => html! { span.quiet { (page.t(w::NEVER)) } },
        },
        html! {
            form method="post" action={ "/account/tokens/" (token.id) "/revoke/" } {
                (page.proof())
                (button(page.t(w::REVOKE)).small().danger().attr("aria-label", w::revoke_of(language, name)))
            }
        },
    ])
}

/// `POST /account/tokens/`: the answer shows the token, this once; so it is no redirect.
pub(super) async fn create(State(app): State<App>, Own(page): Own, body: Body) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let name = f.require("name", text(1..=NAME_MAX));
    let errors = f.finish();
    let Some(name) = name.filter(|_| errors.is_empty()) else {
        let typed = body.0.get("name").and_then(|value| value.as_str());
        let typed = typed.unwrap_or_default();
        return respond(&app, &page, StatusCode::BAD_REQUEST, typed, &errors).await;
    };
    let caller = &page.caller;
    let token = tokens::create_named(app.store(), &caller.actor, caller.user.id, &name).await?;
    Ok(once(&page, &name, token.expose_secret()))
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
