//! `/settings/roles/`: what each role may do, as boxes to mark. What is as it would be without the company's
//! own word is not kept, so that the installation's word counts there.

mod fields;

use super::{ROLES, company_id, frame, is_owner};
use crate::App;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::pages::kit::{Tone, badge, button, error_summary, form_actions, notice};
use crate::pages::language::Word;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common as c, navigation, settings as w};
use crate::portal::crm::Crm;
use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_domain::Refusal;
use sindico_domain::access::Role;
use sindico_domain::access::capability::{Method, Resource, RoleMatrix, Roles};
use sindico_domain::access::overrides::Overrides;
use sindico_domain::access::sight::Scope;
use sindico_domain::precondition::Precondition;
use sindico_store::Error;
use sindico_store::control::role_matrix::{self, Write};

/// What is marked, and what would be without the company's own word.
struct Grid {
    now: RoleMatrix,
    base: RoleMatrix,
    version: i64,
}

/// `GET /settings/roles/`.
pub(super) async fn show(State(app): State<App>, page: Page, crm: Crm) -> ApiResult {
    let page = page.with_customs(&crm).await?;
    respond(&app, &page, StatusCode::OK, None, html! {}).await
}

async fn respond(
    app: &App,
    page: &Page,
    status: StatusCode,
    marked: Option<&Marked<'_>>,
    told: Markup,
) -> ApiResult {
    let stored = role_matrix::find(app.store(), company_id(page)).await?;
    let grid = Grid {
        now: app.directory().role_matrix(&stored.overrides),
        base: app.directory().role_matrix(&Overrides::default()),
        version: stored.version,
    };
    let owner = is_owner(page);
    let table = table(page, &grid, marked, owner);
    let content = html! {
        div.stack {
            (told)
            p.quiet { (page.t(w::ROLES_LEAD)) @if !owner { " " (page.t(w::ONLY_OWNERS)) } }
            p.quiet { (mark(page)) " " (page.t(w::CHANGED_LEGEND)) }
            @if owner {
                form.form method="post" action=(ROLES) {
                    (page.proof())
                    input type="hidden" name="version" value=(grid.version);
                    (table)
                    (form_actions(html! { (button(page.t(c::SAVE)).primary()) }))
                }
                form method="post" action="/settings/roles/reset/" {
                    (page.proof())
                    (button(page.t(w::RESET)).quiet().icon("rotate-ccw"))
                }
            } @else { (table) }
        }
    };
    Ok(page.show_as(status, page.t(w::ROLES), frame(page, ROLES, &content)))
}

fn mark(page: &Page) -> Markup {
    badge(Tone::Warn, page.t(w::CHANGED))
}

/// One line an area and a method; a box for each role.
fn table(page: &Page, grid: &Grid, marked: Option<&Marked<'_>>, owner: bool) -> Markup {
    html! {
        div.table-frame { div.table-scroll {
            table.matrix {
                caption { span.visually-hidden { (page.t(w::ROLES)) } }
                thead { tr {
                    th scope="col" { (page.t(w::RESOURCE)) }
                    @for role in Role::ALL { th.center scope="col" { (page.t(navigation::role(*role))) } }
                } }
                @for resource in Resource::ALL.iter().copied() {
                    tbody {
                        tr.matrix-area { th scope="rowgroup" colspan="4" { (page.t(w::resource(resource))) } }
                        @for method in resource.methods().iter().copied() {
                            (line(page, grid, marked, owner, (resource, method)))
                        }
                        @if let Some(kind) = resource.kind() {
                            (sees(page, grid, marked, owner, resource))
                            (fields::lines(page, &grid.now, marked, owner, (resource, kind)))
                        }
                    }
                }
            }
        } }
    }
}

fn line(
    page: &Page,
    grid: &Grid,
    marked: Option<&Marked<'_>>,
    owner: bool,
    (resource, method): (Resource, Method),
) -> Markup {
    let now = grid.now.roles(resource, method);
    let differs = now != grid.base.roles(resource, method);
    let shown = marked.map_or(now, |marked| marked.roles(resource, method));
    let (area, verb) = (page.t(w::resource(resource)), page.t(verb_word(method)));
    html! {
        tr id={ "cell-" (resource) "-" (method) } {
            th scope="row" { (verb) @if differs { " " (mark(page)) } }
            @for role in Role::ALL.iter().copied() {
                @let label = w::box_of(page.language(), page.t(navigation::role(role)), verb, area);
                td.center {
                    label.matrix-box {
                        input type="checkbox" name={ (resource) "." (method) "." (role) } value="on"
                            checked[shown.contains(role)] disabled[!owner] aria-label=(label);
                    }
                }
            }
        }
    }
}

/// Which records of a kind each role sees.
fn sees(
    page: &Page,
    grid: &Grid,
    marked: Option<&Marked<'_>>,
    owner: bool,
    resource: Resource,
) -> Markup {
    let area = page.t(w::resource(resource));
    let differs = |role: &Role| grid.now.scope(resource, *role) != grid.base.scope(resource, *role);
    html! {
        tr id={ "cell-" (resource) "-scope" } {
            th scope="row" { (page.t(w::SCOPE)) @if Role::ALL.iter().any(differs) { " " (mark(page)) } }
            @for role in Role::ALL.iter().copied() {
                @let now = grid.now.scope(resource, role);
                @let shown = marked.and_then(|marked| marked.scope(resource, role)).unwrap_or(now);
                @let label = w::box_of(page.language(), page.t(navigation::role(role)), page.t(w::SCOPE), area);
                td.center {
                    select class="input" name={ (resource) ".SCOPE." (role) } disabled[!owner] aria-label=(label) {
                        @for scope in Scope::ALL.iter().copied() {
                            option value=(scope) selected[scope == shown] { (page.t(scope_word(scope))) }
                        }
                    }
                }
            }
        }
    }
}

/// The boxes of a sent form.
struct Marked<'a>(&'a Map<String, Value>);

impl Marked<'_> {
    fn roles(&self, resource: Resource, method: Method) -> Roles {
        let boxes = self.0.get(resource.as_str()).and_then(Value::as_object);
        let on = |role: &Role| {
            boxes.is_some_and(|boxes| boxes.contains_key(&format!("{method}.{role}")))
        };
        Role::ALL.iter().copied().filter(on).collect()
    }

    /// Which records are chosen for a role; `None` when the form does not say.
    fn scope(&self, resource: Resource, role: Role) -> Option<Scope> {
        let boxes = self.0.get(resource.as_str())?.as_object()?;
        boxes.get(&format!("SCOPE.{role}"))?.as_str()?.parse().ok()
    }

    /// What the company says by these boxes: what differs from what would be without it. Lines without
    /// any box, which nobody could use again, come apart.
    fn overrides(
        &self,
        base: &RoleMatrix,
        now: &RoleMatrix,
    ) -> Result<Map<String, Value>, Vec<(Resource, Method)>> {
        let mut said = Map::new();
        let mut empty = Vec::new();
        for resource in Resource::ALL.iter().copied() {
            let mut methods = Map::new();
            for method in resource.methods().iter().copied() {
                let roles = self.roles(resource, method);
                if roles == base.roles(resource, method) {
                    continue;
                }
                if roles == Roles::default() {
                    empty.push((resource, method));
                }
                methods.insert(method.to_string(), json!(roles));
            }
            let mut scopes = Map::new();
            for role in Role::ALL
                .iter()
                .copied()
                .filter(|_| resource.kind().is_some())
            {
                // A form that was open since before there were scopes leaves them as they are.
                let scope = self.scope(resource, role);
                let scope = scope.unwrap_or_else(|| now.scope(resource, role));
                if scope != base.scope(resource, role) {
                    scopes.insert(role.to_string(), json!(scope));
                }
            }
            if !scopes.is_empty() {
                methods.insert("SCOPE".to_owned(), Value::Object(scopes));
            }
            let fields = fields::said(self, resource, base, now);
            if !fields.is_empty() {
                methods.insert("FIELDS".to_owned(), Value::Object(fields));
            }
            if !methods.is_empty() {
                said.insert(resource.to_string(), Value::Object(methods));
            }
        }
        if empty.is_empty() {
            Ok(said)
        } else {
            Err(empty)
        }
    }
}

/// `POST /settings/roles/`.
pub(super) async fn submit(State(app): State<App>, page: Page, crm: Crm, body: Body) -> ApiResult {
    let page = page.with_customs(&crm).await?;
    let marked = Marked(&body.0);
    let base = app.directory().role_matrix(&Overrides::default());
    let stored = role_matrix::find(app.store(), company_id(&page)).await?;
    let now = app.directory().role_matrix(&stored.overrides);
    let said = match marked.overrides(&base, &now) {
        Ok(said) => said,
        Err(empty) => {
            let errors: Vec<_> = empty
                .into_iter()
                .map(|(resource, method)| {
                    let (area, verb) = (w::resource(resource), verb_word(method));
                    let text = w::nobody_for(page.language(), page.t(verb), page.t(area));
                    (format!("cell-{resource}-{method}"), text)
                })
                .collect();
            let told = error_summary(page.language(), &errors);
            return respond(&app, &page, StatusCode::BAD_REQUEST, Some(&marked), told).await;
        }
    };
    let overrides = Overrides::parse(&said)?;
    let version = body.0.get("version").and_then(Value::as_str);
    let version = version
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    write(
        &app,
        &page,
        &overrides,
        &Precondition::OneOf(vec![version]),
        "roles_saved",
    )
    .await
}

/// `POST /settings/roles/reset/`.
pub(super) async fn reset(State(app): State<App>, page: Page, _: Body) -> ApiResult {
    let any = Precondition::default();
    write(&app, &page, &Overrides::default(), &any, "roles_reset").await
}

async fn write(
    app: &App,
    page: &Page,
    overrides: &Overrides,
    condition: &Precondition,
    done: &str,
) -> ApiResult {
    let (store, actor, id) = (app.store(), &page.caller.actor, company_id(page));
    match role_matrix::write(store, actor, id, Write::Replace, overrides, condition).await {
        Ok(Some(_)) => {
            app.tenant_changed(id).await;
            Ok(page.done(ROLES, &Notice::new(done, None)))
        }
        Ok(None) => Err(Refusal::NotFound.into()),
        Err(Error::Refused(Refusal::PreconditionFailed)) => {
            let told = notice(Tone::Warn, page.t(w::ROLES_STALE), None);
            respond(app, page, StatusCode::PRECONDITION_FAILED, None, told).await
        }
        Err(error) => Err(error.into()),
    }
}

fn scope_word(scope: Scope) -> Word {
    match scope {
        Scope::All => w::SCOPE_ALL,
        Scope::Team => w::SCOPE_TEAM,
        Scope::Own => w::SCOPE_OWN,
    }
}

fn verb_word(method: Method) -> Word {
    match method {
        Method::Get => w::VERB_GET,
        Method::Post => w::VERB_POST,
        Method::Put => w::VERB_PUT,
        Method::Patch => w::VERB_PATCH,
        Method::Delete => w::VERB_DELETE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxes(matrix: &RoleMatrix) -> Map<String, Value> {
        let mut all = Map::new();
        for resource in Resource::ALL.iter().copied() {
            let mut boxes = Map::new();
            for method in resource.methods().iter().copied() {
                for role in matrix.roles(resource, method).sorted() {
                    boxes.insert(format!("{method}.{role}"), json!("on"));
                }
            }
            all.insert(resource.to_string(), Value::Object(boxes));
        }
        all
    }

    #[test]
    fn only_what_differs_is_said() {
        let base = RoleMatrix::default();
        let mut sent = boxes(&base);
        assert_eq!(Marked(&sent).overrides(&base, &base).unwrap(), Map::new());
        let leads = sent["leads"].as_object_mut().unwrap();
        leads.remove("PATCH.MANAGER");
        assert_eq!(
            Value::Object(Marked(&sent).overrides(&base, &base).unwrap()),
            json!({"leads": {"PATCH": ["OWNER"]}})
        );
        let leads = sent["leads"].as_object_mut().unwrap();
        leads.remove("PATCH.OWNER");
        assert_eq!(
            Marked(&sent).overrides(&base, &base).unwrap_err(),
            [(Resource::Leads, Method::Patch)]
        );
        let mut sent = boxes(&base);
        let leads = sent["leads"].as_object_mut().unwrap();
        leads.insert("SCOPE.MEMBER".to_owned(), json!("OWN"));
        leads.insert("SCOPE.OWNER".to_owned(), json!("ALL"));
        let said = Marked(&sent).overrides(&base, &base).unwrap();
        assert_eq!(
            Value::Object(said.clone()),
            json!({"leads": {"SCOPE": {"MEMBER": "OWN"}}})
        );
        let leads = sent["leads"].as_object_mut().unwrap();
        leads.insert("FIELDS.MEMBER.custom.cpf".to_owned(), json!("NONE"));
        leads.insert("FIELDS.MANAGER.custom.cpf".to_owned(), json!("WRITE"));
        leads.insert("FIELDS.MANAGER.budget".to_owned(), json!("READ"));
        let said = Marked(&sent).overrides(&base, &base).unwrap();
        assert_eq!(
            said["leads"]["FIELDS"],
            json!({"custom.cpf": {"MEMBER": "NONE"}, "budget": {"MANAGER": "READ"}})
        );
        // Who does not say changes nothing.
        let mut now = base.clone();
        now.lay(&Overrides::parse(&said).unwrap());
        assert_eq!(Marked(&boxes(&base)).overrides(&base, &now).unwrap(), said);
    }
}
