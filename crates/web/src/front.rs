//! Around every answer, whatever its route: the trace, the headers, and a panic that harms no other
//! request. These are plain calls around the router and no layers of it: a layer is made anew for each
//! request, on the heap, together with all layers inside of it.

use crate::contract::ApiError;
use crate::gate::{headers, trace};
use crate::{App, router};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use hyper::body::Incoming;
use std::any::Any;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use tower_service::Service;

/// Answers requests. Clones are the same.
#[derive(Clone)]
pub struct Front {
    app: App,
    router: Router,
}

impl Front {
    /// Before all routes.
    pub fn new(app: App) -> Self {
        let router = router(app.clone());
        Self { app, router }
    }

    /// Answers a request that came from this address.
    pub async fn answer(self, peer: IpAddr, request: hyper::Request<Incoming>) -> Response {
        let Self { app, mut router } = self;
        let request = request.map(|body| match body.is_end_stream() {
            true => Body::empty(),
            false => Body::new(body),
        });
        let docs = request.uri().path().starts_with("/api/docs/");
        let proxies = &app.config().proxies;
        trace::trace(proxies, peer, request, |request: Request| async move {
            let answer = AssertUnwindSafe(router.call(request)).catch_unwind().await;
            let mut response = match answer {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                Err(cause) => panicked(cause),
            };
            headers::secure(docs, &mut response);
            response
        })
        .await
    }
}

fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let message = cause
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    let error = sindico_store::Error::Internal(format!("a handler panicked: {message}"));
    ApiError::from(error).into_response()
}
