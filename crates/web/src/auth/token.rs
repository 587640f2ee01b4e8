//! `/api/auth/token/`.

use super::{known, prove};
use crate::App;
use crate::auth::wire::{Token, TokenInput};
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::gate::trace::RequestInfo;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use secrecy::ExposeSecret;
use sindico_domain::access::scopes::Wish;
use sindico_store::control::tokens;

/// Get a token
///
/// The token is shown this once, and works as `Authorization: Token <key>` until it is revoked or ends. With
/// `scopes` it may be used for those alone, whatever its user may do.
#[utoipa::path(post, path = "/api/auth/token/", tag = "auth",
    request_body(content = TokenInput),
    responses(
        (status = 200, description = "A new token", body = Token),
        (status = 400, description = "A field is missing, name and password don't match (`non_field_errors`), or the account has a second factor and its code is missing or wrong (`otp`)"),
        (status = 429, description = "Too many wrong passwords of this account or address"),
    ))]
pub async fn create(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    body: Body,
) -> ApiResult {
    let wish = Wish::parse(&body.0)?;
    let user = prove(&app, &info, &body).await?;
    let token = tokens::create_with(app.store(), &known(&info, &user), user.id, &wish).await?;
    let token = token.expose_secret().to_owned();
    Ok(Json(Token { token }).into_response())
}
