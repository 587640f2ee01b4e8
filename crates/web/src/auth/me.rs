//! `/api/auth/me/`.

use crate::App;
use crate::auth::wire::Me;
use crate::contract::error::ApiResult;
use crate::gate::actor::Caller;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use sindico_store::control::users;

/// Who am I
///
/// The caller, and their places in active companies, by company name.
#[utoipa::path(get, path = "/api/auth/me/", tag = "auth",
    responses(
        (status = 200, description = "The caller", body = Me),
        (status = 401, description = "Nobody is known"),
    ))]
pub async fn show(State(app): State<App>, caller: Caller) -> ApiResult {
    let user = caller.user;
    let memberships = users::memberships(app.store(), user.id).await?;
    let me = Me {
        platform_admin: user.is_platform_admin(),
        id: user.id,
        username: user.username,
        email: user.email,
        is_staff: user.is_staff,
        is_superuser: user.is_superuser,
        memberships,
    };
    Ok(Json(me).into_response())
}
