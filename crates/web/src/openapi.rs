//! The OpenAPI 3.1 document, made from the routes, and its browser, served from the program.

use axum::Router;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{ContactBuilder, InfoBuilder, OpenApi};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The document of the whole API.
pub fn document(mut api: OpenApi) -> OpenApi {
    api.info = InfoBuilder::new()
        .title("Síndico")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Control plane and tenant portal. Errors are `{\"detail\": ...}` for a request as a whole \
             and `{\"field\": [...]}` for its fields; every answer carries `X-Request-Id`.",
        ))
        .contact(Some(ContactBuilder::new().name(Some("Síndico")).build()))
        .build();
    let components = api.components.get_or_insert_default();
    let token = ApiKeyValue::with_description("Authorization", "`Token <key>`, or `Bearer <key>`");
    let session = ApiKeyValue::with_description(
        "sindico_session",
        "unsafe methods also need `X-CSRF-Token`; over https the cookie is named `__Host-sindico_session`",
    );
    components.add_security_scheme("token", SecurityScheme::ApiKey(ApiKey::Header(token)));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    api
}

/// `/api/docs/`, with the document beside it; nothing is fetched from elsewhere.
pub fn browser<S: Clone + Send + Sync + 'static>(document: OpenApi) -> Router<S> {
    let config = Config::default().try_it_out_enabled(true);
    SwaggerUi::new("/api/docs")
        .config(config)
        .url("/api/docs/openapi.json", document)
        .into()
}
