//! `/api/auth/session/`.

use super::wire::{Credentials, OpenSession};
use super::{cookie, credentials, signed_in};
use crate::App;
use crate::contract::error::ApiResult;
use crate::contract::{ApiError, Body};
use crate::gate::actor::{Caller, Credential, session_cookie};
use crate::gate::trace::RequestInfo;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN, USER_AGENT};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use secrecy::ExposeSecret;
use sindico_domain::Refusal;
use sindico_domain::input::Fields;
use sindico_store::Error;
use sindico_store::control::{self, sessions};

/// Open a session
///
/// For browsers: sets an HttpOnly cookie, valid for 30 days, or for 7 days without use.
#[utoipa::path(post, path = "/api/auth/session/", tag = "auth",
    request_body(content = Credentials),
    responses(
        (status = 200, description = "Open; `Set-Cookie`", body = OpenSession),
        (status = 400, description = "Wrong name or password, under `non_field_errors`"),
        (status = 403, description = "The request comes from another site"),
        (status = 429, description = "Too many failures; `Retry-After`"),
    ))]
pub async fn create(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    refuse_other_sites(&headers)?;
    let mut fields = Fields::new(&body.0);
    let (username, password) = credentials(&mut fields);
    fields.finish().check(())?;
    let user = control::sign_in(app.store(), &username, &password, Some(info.client)).await?;
    let actor = signed_in(&user, &info);
    let browser = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let (secret, session) =
        sessions::create(app.store(), &actor, user.id, browser.unwrap_or_default()).await?;
    // The cookie takes the place of the one before, whose session nobody could end any more.
    if let Some(old) = session_cookie(&headers)
        && let Some((_, old)) = sessions::authenticate(app.store(), old).await?
    {
        sessions::revoke(app.store(), &actor, old.id).await?;
    }
    let mut response = Json(OpenSession {
        id: user.id,
        username: user.username,
        csrf_token: session.csrf_token,
    })
    .into_response();
    cookie::set(&mut response, secret.expose_secret(), info.secure)
        .map_err(|_| Error::Internal("the session does not fit into a cookie".to_owned()))?;
    Ok(response)
}

/// Read the session
///
/// For pages that lost the CSRF token, as on a reload.
#[utoipa::path(get, path = "/api/auth/session/", tag = "auth",
    responses(
        (status = 200, description = "The session", body = OpenSession),
        (status = 404, description = "The request came with a token instead"),
    ))]
pub async fn show(caller: Caller) -> ApiResult<Json<OpenSession>> {
    let Credential::Session(session) = caller.credential else {
        return Err(Refusal::NotFound.into());
    };
    Ok(Json(OpenSession {
        id: caller.user.id,
        username: caller.user.username,
        csrf_token: session.csrf_token,
    }))
}

/// Another site could sign a visitor in under an account of its own, and watch what they type
/// there. Browsers tell by Fetch Metadata where a request comes from; older ones by `Origin`.
/// Programs send neither.
fn refuse_other_sites(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let ours = match text("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match text(ORIGIN.as_str()) {
            Some(origin) => {
                let authority = origin.split_once("://").map(|(_, authority)| authority);
                authority.is_some() && authority == text(HOST.as_str())
            }
            None => true,
        },
    };
    if ours {
        return Ok(());
    }
    Err(Refusal::Forbidden("Sign in from our own pages.".to_owned()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_and_programs_sign_in() {
        for (name, value, ours) in [
            ("accept", "*/*", true),
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "none", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
            ("sec-fetch-site", "", false),
            ("origin", "https://sistema.example.com", true),
            ("origin", "https://evil.example.com", false),
            ("origin", "null", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, "sistema.example.com".parse().unwrap());
            headers.insert(name, value.parse().unwrap());
            assert_eq!(
                refuse_other_sites(&headers).is_ok(),
                ours,
                "{name}: {value}"
            );
        }
    }
}
