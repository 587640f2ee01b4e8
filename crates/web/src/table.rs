//! The table of routes: an address, who may use it, and its handlers, which bring their own
//! documentation. A route can't be added without its authorization.

use crate::gate::access::{Access, gate};
use crate::{App, pages};
use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{self, MethodRouter};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ComponentsBuilder, OpenApi};
use utoipa_axum::router::UtoipaMethodRouter;

/// Whether an address is a program's or a person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// JSON, in the OpenAPI document.
    Api,
    /// A page, for people.
    Page,
}

/// A route of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRow {
    /// The method, upper case.
    pub method: String,
    /// The path, with `{names}` of its variables.
    pub path: String,
    /// Who may use it.
    pub access: Access,
    /// Whom it is for.
    pub face: Face,
}

/// What a page answers: each method with who may use it.
#[derive(Default)]
pub struct Views(Vec<(&'static str, Access, MethodRouter<App>)>);

/// A page that is shown.
pub fn show<H: Handler<T, App>, T: 'static>(access: Access, handler: H) -> Views {
    Views(vec![("GET", access, routing::get(handler))])
}

/// An address that only takes a form.
pub fn submit<H: Handler<T, App>, T: 'static>(access: Access, handler: H) -> Views {
    Views::default().submit(access, handler)
}

impl Views {
    /// And takes this form.
    #[must_use]
    pub fn submit<H: Handler<T, App>, T: 'static>(mut self, access: Access, handler: H) -> Self {
        self.0.push(("POST", access, routing::post(handler)));
        self
    }
}

/// All routes.
#[derive(Default)]
pub struct Table {
    rows: Vec<RouteRow>,
    methods: Vec<(&'static str, Access, Face, MethodRouter<App>)>,
    api: OpenApi,
}

impl Table {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the handlers of one address.
    ///
    /// # Panics
    /// When a handler documents another address than this one: at the first start, and in every
    /// test.
    pub fn at(
        mut self,
        path: &'static str,
        access: Access,
        (schemas, mut paths, methods): UtoipaMethodRouter<App>,
    ) -> Self {
        for (documented, item) in &mut paths.paths {
            assert_eq!(documented, path, "a handler documents another address");
            for (method, operation) in operations(item) {
                self.rows.push(RouteRow {
                    method: method.to_owned(),
                    path: path.to_owned(),
                    access,
                    face: Face::Api,
                });
                operation.extensions = Some(
                    ExtensionsBuilder::new()
                        .add("x-access", access.as_str())
                        .build(),
                );
                if access != Access::Anyone {
                    operation.security = Some(vec![
                        SecurityRequirement::new("token", Vec::<String>::new()),
                        SecurityRequirement::new("session", Vec::<String>::new()),
                    ]);
                }
            }
        }
        let mut part = OpenApi::default();
        part.paths = paths;
        part.components = Some(ComponentsBuilder::new().schemas_from_iter(schemas).build());
        self.api.merge(part);
        self.methods.push((path, access, Face::Api, methods));
        self
    }

    /// Adds a page.
    pub fn page(mut self, path: &'static str, views: Views) -> Self {
        for (method, access, router) in views.0 {
            self.rows.push(RouteRow {
                method: method.to_owned(),
                path: path.to_owned(),
                access,
                face: Face::Page,
            });
            self.methods.push((path, access, Face::Page, router));
        }
        self
    }

    /// The routes, in the order of the table.
    pub fn rows(&self) -> &[RouteRow] {
        &self.rows
    }

    /// The documentation of all routes.
    pub fn api(&self) -> &OpenApi {
        &self.api
    }

    /// Whether some route has this path.
    pub fn has_path(&self, path: &str) -> bool {
        self.rows.iter().any(|row| matches(&row.path, path))
    }

    /// The router, each route behind its gate.
    pub(crate) fn into_router(self, app: &App) -> Router<App> {
        self.methods
            .into_iter()
            .fold(Router::new(), |router, (path, access, face, methods)| {
                let state = (app.clone(), access, path);
                let methods = match face {
                    Face::Api => methods.route_layer(from_fn_with_state(state, gate)),
                    Face::Page => methods.route_layer(from_fn_with_state(state, pages::gate::gate)),
                };
                router.route(path, methods)
            })
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PUT", &mut item.put),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

/// Whether a path fits a template; `{name}` fits one segment.
fn matches(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    template.split('/').all(|wanted| {
        parts
            .next()
            .is_some_and(|part| wanted == part || (wanted.starts_with('{') && !part.is_empty()))
    }) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn templates() {
        assert!(matches("/a/{id}/", "/a/7/"));
        for path in ["/a/7", "/a//", "/a/7/b/", "//a/7/", "/b/7/"] {
            assert!(!matches("/a/{id}/", path), "{path}");
        }
    }
}
