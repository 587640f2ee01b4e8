//! `/api/auth/me/`.

use super::wire::Me;
use crate::App;
use crate::contract::ApiResult;
use crate::gate::actor::Caller;
use axum::Json;
use axum::extract::State;
use sindico_store::control::users;

/// Who am I?
#[utoipa::path(get, path = "/api/auth/me/", tag = "auth",
    responses((status = 200, description = "The caller and their places", body = Me)))]
pub async fn show(State(app): State<App>, caller: Caller) -> ApiResult<Json<Me>> {
    let memberships = users::memberships(app.store(), caller.user.id).await?;
    Ok(Json(Me::new(caller.user, memberships)))
}
