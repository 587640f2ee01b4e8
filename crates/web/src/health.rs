//! Whether the program lives, and whether it can serve (contract section 7).

use crate::App;
use crate::contract::error::detail;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sindico_store::migrate::{self, State as Schema};

/// The process lives
///
/// Always `200` while the process answers at all; asks nothing of the database.
#[utoipa::path(get, path = "/healthz/", tag = "health",
    responses((status = 200, description = "It lives", example = json!({"status": "ok"}))))]
pub async fn live() -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}

/// The program can serve
///
/// `200` only when the control database is reached, its migrations are current, and the program is
/// not about to stop.
#[utoipa::path(get, path = "/readyz/", tag = "health",
    responses((status = 200, description = "It can serve", example = json!({"status": "ok"})),
              (status = 503, description = "It can't, and `detail` says why")))]
pub async fn ready(State(app): State<App>) -> Response {
    let no = |why: &str| detail(StatusCode::SERVICE_UNAVAILABLE, why);
    if app.stopping().is_cancelled() {
        return no("The program is stopping.");
    }
    match migrate::state(app.store()).await {
        Ok(Schema::Current) => Json(json!({"status": "ok"})).into_response(),
        Ok(Schema::Behind) => no("The control database lacks migrations. Run: sindico migrate"),
        Ok(Schema::Ahead) => no("The control database belongs to a newer program."),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            no("The control database can't be reached.")
        }
    }
}
