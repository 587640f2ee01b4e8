//! `/`: to the face whose host this is.

use super::page::see_other;
use crate::App;
use crate::gate::host;
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use sindico_domain::host::{Host, Place};
use sindico_store::tenant::directory::Company;
use std::sync::Arc;

/// Whose pages a host shows.
#[derive(Debug, Clone)]
pub enum Face {
    /// The platform's.
    Console,
    /// This tenant's.
    Portal(Arc<Company>),
    /// Nobody's: no tenant that is served has this host.
    Nobody,
}

/// The face of a request's host.
pub fn face(app: &App, parts: &Parts) -> Face {
    match host::read(parts) {
        Ok(Some(host)) => of_host(app, &host),
        _ => Face::Nobody,
    }
}

/// The face of a host.
pub fn of_host(app: &App, host: &Host) -> Face {
    let zones = &app.rules().zones;
    let company = match zones.place(host) {
        Place::Tenant(subdomain) => app.directory().by_subdomain(subdomain.as_str()),
        Place::Other(host) => app.directory().by_host(host.as_str()),
        Place::ControlPlane | Place::Public => Ok(None),
        Place::Nobody => return Face::Nobody,
    };
    match company {
        Ok(Some(company)) if company.is_active => Face::Portal(company),
        Ok(_)
            if zones.serves_control_plane(host)
                && !matches!(zones.place(host), Place::Tenant(_)) =>
        {
            Face::Console
        }
        _ => Face::Nobody,
    }
}

/// Where each face begins.
pub fn start(face: &Face) -> &'static str {
    match face {
        Face::Console => "/platform/",
        Face::Portal(_) => "/today/",
        Face::Nobody => "/",
    }
}

/// `GET /`.
pub(super) async fn show(State(app): State<App>, parts: Parts) -> Response {
    match face(&app, &parts) {
        Face::Nobody => super::error::not_found(&super::page::View::of(&parts)),
        face => see_other(start(&face)),
    }
}
