//! `/account/password/`: another password.

use super::{Own, PASSWORD, frame, wrong};
use crate::App;
use crate::auth::input::{new_secret, secret};
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::gate::actor::Credential;
use crate::pages::kit::{Field, button, card, form_actions};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::account as w;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use secrecy::ExposeSecret;
use sindico_domain::input::Fields;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::users;

const AGAIN: &str = "new_password_again";
/// The message when the two passwords differ.
const DIFFERENT: &str = "The two passwords are not the same.";

/// `GET /account/password/`.
pub(super) async fn show(Own(page): Own) -> ApiResult {
    Ok(respond(&page, StatusCode::OK, &FieldErrors::new()))
}

/// `POST /account/password/`.
pub(super) async fn submit(State(app): State<App>, Own(page): Own, body: Body) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let old = f.require("old_password", secret);
    let new = f.require("new_password", new_secret);
    let again = body.0.get(AGAIN).and_then(|value| value.as_str());
    if let Some(new) = &new
        && again != Some(new.expose_secret())
    {
        f.error(AGAIN, DIFFERENT);
    }
    let errors = f.finish();
    let Some((old, new)) = old.zip(new).filter(|_| errors.is_empty()) else {
        return Ok(respond(&page, StatusCode::BAD_REQUEST, &errors));
    };
    let current = match &page.caller.credential {
        Credential::Session(session) => Some(session.id),
        Credential::Token(_) => None,
    };
    let caller = &page.caller;
    let changed = users::change_password(
        app.store(),
        &caller.actor,
        caller.user.id,
        &old,
        &new,
        current,
    );
    match changed.await {
        Ok(()) => Ok(page.done(PASSWORD, &Notice::new("password_changed", None))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            Ok(respond(&page, StatusCode::BAD_REQUEST, &errors))
        }
        Err(error) => Err(error.into()),
    }
}

/// Passwords are never sent back: they are typed anew after an error.
fn respond(page: &Page, status: StatusCode, errors: &FieldErrors) -> Response {
    let field = |name: &'static str, word| {
        Field::password(name, page.t(word))
            .errors(wrong(page, errors, name))
            .required()
    };
    let new = |name, word| field(name, word).attr("autocomplete", "new-password");
    let language = page.language();
    let content = card(
        page.t(w::CHANGE_PASSWORD),
        None,
        html! {
            form.form.narrow method="post" action=(PASSWORD) {
                (page.proof())
                // Lets a password manager know whose password this is.
                input.visually-hidden type="text" name="username" value=(page.caller.user.username)
                    autocomplete="username" tabindex="-1" aria-hidden="true" readonly;
                (field("old_password", w::OLD_PASSWORD).render(language))
                (new("new_password", w::NEW_PASSWORD).hint(page.t(w::NEW_PASSWORD_HINT)).render(language))
                (new(AGAIN, w::AGAIN).render(language))
                p.quiet { (page.t(w::PASSWORD_ENDS)) }
                (form_actions(html! { (button(page.t(w::CHANGE_PASSWORD)).primary()) }))
            }
        },
    );
    page.show_as(status, page.t(w::PASSWORD), frame(page, PASSWORD, &content))
}
