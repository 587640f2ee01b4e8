//! `/views/`: saved views, made from what a list shows, changed, deleted, and had back. What everybody sees
//! is never overwritten unseen: a form names the version that it was made of, and a conflict shows both.

mod conflict;

use super::records::{condition, place, sent};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::kit::{
    Choice, Column, Field as Control, PageHeader, Row, Tone, button, card, csrf_field, data_table,
    empty_state, error_summary, form_actions, link_button, notice as told_notice,
};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common as c, navigation as n, records as r, views as w};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::names::Names;
use sindico_crm::{teams, views};
use sindico_db::Error;
use sindico_domain::access::Role;
use sindico_domain::access::capability::Method;
use sindico_domain::access::team::Team;
use sindico_domain::crm::Kind;
use sindico_domain::crm::filter::Filter;
use sindico_domain::crm::view::{Density, Draft, Shown, View, Visibility};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};

/// What a form carries of what the list shows.
const STATE: [&str; 4] = ["filter", "sort", "columns", "density"];

/// `GET /views/`.
pub async fn index(page: Page, crm: Crm) -> ApiResult {
    let user = crm.caller.user.id;
    let (all, gone) = views::with_deleted(&crm.data, user, &crm.readable()).await?;
    let members = sent::people(&crm).await?;
    let language = page.language();
    let header = PageHeader {
        title: page.t(w::VIEWS).to_owned(),
        subtitle: Some(html! { (page.t(w::VIEWS_DETAIL)) }),
        ..PageHeader::default()
    };
    let table = |views: &[View], deleted: bool| {
        let heads = [w::VIEW_NAME, c::LIST, w::FILTER, w::WHO_SEES]
            .map(|word| Column::new(page.t(word)))
            .into_iter()
            .chain([Column::new(page.t(r::EDIT)).silent().shrink()]);
        let rows = views.iter().map(|view| {
            let cells = [
                html! { (view.shown.name) },
                html! { (page.t(r::many(view.kind))) },
                html! { (filter_said(&page, &members, view.kind, &view.shown)) },
                html! { (seen_by(&page, &view.shown)) span class="table-sub" { (view.owner_username) } },
                acts(&page, &crm, view, deleted),
            ];
            match deleted {
                true => Row::of(cells),
                false => Row::to(format!("{}?view={}", place::list(view.kind), view.id), cells),
            }
        });
        let heads: Vec<Column> = heads.collect();
        data_table(
            language,
            page.t(w::VIEWS),
            &heads,
            &rows.collect::<Vec<_>>(),
        )
    };
    let content = html! {
        (header.render(language))
        @if all.is_empty() { (empty_state("layers", page.t(w::NO_VIEWS), page.t(w::NO_VIEWS_DETAIL), None)) }
        @else { (table(&all, false)) }
        @if !gone.is_empty() { (card(page.t(r::BIN), None, table(&gone, true))) }
    };
    Ok(page.show(page.t(w::VIEWS), content))
}

fn may_change(crm: &Crm, view: &View, method: Method) -> bool {
    view.shown.visibility == Visibility::Private || crm.may_share(method)
}

fn acts(page: &Page, crm: &Crm, view: &View, deleted: bool) -> Markup {
    let post = |act: &str, label: &str, danger: bool| {
        let plain = button(label.to_owned()).small();
        html! {
            form method="post" action={ "/views/" (view.id) "/" (act) "/" } {
                (csrf_field(&page.csrf)) (sent::version_field(view.version))
                (if danger { plain.danger() } else { plain.quiet() })
            }
        }
    };
    html! {
        div class="row above" {
            @if deleted {
                @if may_change(crm, view, Method::Post) { (post("undo", page.t(c::UNDO), false)) }
            } @else {
                @if may_change(crm, view, Method::Patch) {
                    (link_button(page.t(r::EDIT), format!("/views/{}/edit/", view.id)).small())
                    @if view.version > 1 { (post("undo", page.t(w::UNDO_VIEW), false)) }
                }
                @if may_change(crm, view, Method::Delete) { (post("delete", page.t(w::DELETE_VIEW), true)) }
            }
        }
    }
}

fn filter_said(page: &Page, members: &[Choice], kind: Kind, shown: &Shown) -> String {
    let Some(told) = &shown.filter else {
        return page.t(w::EVERYTHING).to_owned();
    };
    let names = Names::new();
    let telling = condition::Telling {
        page,
        kind,
        members,
        names: &names,
    };
    match Filter::parse(kind, told) {
        Ok(Filter::All(parts)) if parts.is_empty() => page.t(w::EVERYTHING).to_owned(),
        Ok(Filter::All(parts)) => {
            let parts: Vec<String> = parts.iter().map(|part| telling.said(part)).collect();
            parts.join(" · ")
        }
        Ok(one) => telling.said(&one),
        Err(_) => told.to_string(),
    }
}

fn seen_by(page: &Page, shown: &Shown) -> String {
    let seen = page.t(match shown.visibility {
        Visibility::Private => w::ONLY_ME,
        Visibility::Team => w::ONE_TEAM,
        Visibility::Tenant => w::WHOLE_COMPANY,
    });
    match shown.default_for.is_empty() {
        true => seen.to_owned(),
        false => format!(
            "{seen} ({}: {})",
            page.t(w::DEFAULT_FOR),
            roles_said(page, shown)
        ),
    }
}

fn roles_said(page: &Page, shown: &Shown) -> String {
    let roles = shown.default_for.iter().map(|role| page.t(n::role(*role)));
    roles.collect::<Vec<_>>().join(", ")
}

/// What stands in the form.
struct Typed {
    kind: Kind,
    map: Map<String, Value>,
    errors: FieldErrors,
}

impl Typed {
    fn text(&self, name: &str) -> &str {
        self.map
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// What a form says, as the API reads it.
fn input(body: &Map<String, Value>) -> Map<String, Value> {
    let mut input = Map::new();
    let texts = STATE.iter().chain(&["name", "visibility", "kind"]);
    for name in texts {
        if let Some(value) = body.get(*name) {
            input.insert((*name).to_owned(), value.clone());
        }
    }
    let seen = body.get("visibility").and_then(Value::as_str);
    if let Some((to, team)) = seen.and_then(|seen| seen.split_once(':')) {
        input.insert("visibility".to_owned(), json!(to));
        input.insert("team".to_owned(), json!(team));
    }
    // A list that says nothing of it has room.
    if input.get("density").and_then(Value::as_str) == Some("") {
        input.insert("density".to_owned(), json!(Density::Comfortable));
    }
    if body.contains_key("roles_asked") {
        let roles = body.get("role").and_then(Value::as_object);
        let roles = roles.into_iter().flat_map(Map::keys).cloned();
        input.insert("default_for".to_owned(), Value::from_iter(roles));
    }
    input
}

fn list_of(view: &View) -> String {
    format!("{}?view={}", place::list(view.kind), view.id)
}

/// `GET /views/new/`.
pub async fn new(page: Page, crm: Crm, query: Query) -> ApiResult {
    let mut map: Map<String, Value> = query
        .without("")
        .into_iter()
        .map(|(name, value)| (name, json!(value)))
        .collect();
    let kind = kind_of(&map)?;
    map.insert("visibility".to_owned(), json!(Visibility::Private));
    let typed = Typed {
        kind,
        map,
        errors: FieldErrors::new(),
    };
    let teams = teams_of(&crm).await?;
    Ok(form(&page, &typed, (None, &teams), StatusCode::OK))
}

/// The teams that the caller is in.
async fn teams_of(crm: &Crm) -> ApiResult<Vec<Team>> {
    let mut all = teams::list(&crm.data).await?;
    let own = crm.caller.user.id;
    all.retain(|team| team.members.iter().any(|member| member.user == own));
    Ok(all)
}

fn kind_of(map: &Map<String, Value>) -> Result<Kind, Refusal> {
    let kind = map.get("kind").and_then(Value::as_str).unwrap_or_default();
    kind.parse().map_err(|_| Refusal::NotFound)
}

/// `POST /views/new/`.
pub async fn create(page: Page, crm: Crm, body: Body) -> ApiResult {
    let kind = kind_of(&body.0)?;
    if !crm.may(kind, Method::Get) {
        return Err(not_found());
    }
    let may = |method: Method| crm.may_share(method);
    let made = match Draft::parse(kind, &input(&body.0), true) {
        Ok(draft) => views::create(&crm.data, crm.by(), &crm.viewer(&may), kind, draft).await,
        Err(errors) => Err(errors.into()),
    };
    match made {
        Ok(view) => Ok(page.done(&list_of(&view), &Notice::new("view_saved", None))),
        Err(error) => again(&page, &crm, kind, body, None, error).await,
    }
}

/// The form once more, with what is wrong.
async fn again(
    page: &Page,
    crm: &Crm,
    kind: Kind,
    body: Body,
    view: Option<&View>,
    error: Error,
) -> ApiResult {
    let Error::Refused(Refusal::Fields(errors)) = error else {
        return Err(error.into());
    };
    let mut map = body.0;
    let roles = input(&map).remove("default_for").unwrap_or(json!([]));
    map.insert("default_for".to_owned(), roles);
    let typed = Typed { kind, map, errors };
    let teams = teams_of(crm).await?;
    Ok(form(page, &typed, (view, &teams), StatusCode::BAD_REQUEST))
}

async fn found(crm: &Crm, id: i64) -> ApiResult<View> {
    let may = |method: Method| crm.may_share(method);
    let view = views::find(&crm.data, &crm.viewer(&may), id).await?;
    view.ok_or_else(not_found)
}

/// A view as its form shows it.
fn of_view(view: &View) -> Map<String, Value> {
    let shown = &view.shown;
    let filter = shown
        .filter
        .as_ref()
        .map_or_else(String::new, Value::to_string);
    let seen = shown
        .team
        .map_or_else(|| shown.visibility.to_string(), for_team);
    let map = json!({"name": shown.name, "visibility": seen, "filter": filter, "sort": shown.sort,
        "columns": shown.columns.join(","), "density": shown.density, "default_for": shown.default_for});
    match map {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// `GET /views/7/edit/`: with what the list shows now, if it comes from there.
pub async fn edit(page: Page, crm: Crm, Id(id): Id, query: Query) -> ApiResult {
    let view = found(&crm, id).await?;
    let mut map = of_view(&view);
    let told = query.without("");
    if told.iter().any(|(name, _)| STATE.contains(&name.as_str())) {
        // What is not in the address is as the kind has it.
        for name in STATE {
            let value = told.iter().find(|(key, _)| key == name);
            let value = value.map(|(_, value)| value.clone()).unwrap_or_default();
            map.insert(name.to_owned(), json!(value));
        }
    }
    let typed = Typed {
        kind: view.kind,
        map,
        errors: FieldErrors::new(),
    };
    let teams = teams_of(&crm).await?;
    Ok(form(&page, &typed, (Some(&view), &teams), StatusCode::OK))
}

/// `POST /views/7/edit/`.
pub async fn update(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let view = found(&crm, id).await?;
    let draft = match Draft::parse(view.kind, &input(&body.0), true) {
        Ok(draft) => draft,
        Err(errors) => {
            return again(&page, &crm, view.kind, body, Some(&view), errors.into()).await;
        }
    };
    let may = |method: Method| crm.may_share(method);
    let at = (id, &condition_of(&body.0));
    let changed = views::change(&crm.data, crm.by(), &crm.viewer(&may), at, draft.clone()).await;
    match changed {
        Ok(Some(view)) => Ok(page.done(&list_of(&view), &Notice::new("view_saved", None))),
        Ok(None) => Err(not_found()),
        Err(Error::Refused(Refusal::PreconditionFailed)) => {
            let now = found(&crm, id).await?;
            let mut yours = now.shown.clone();
            // It was read above; what does not fit together is told when it is saved.
            let _ = draft.apply(&mut yours);
            let members = sent::people(&crm).await?;
            Ok(conflict::stuck(&page, &members, &now, &yours, &body.0))
        }
        Err(error) => again(&page, &crm, view.kind, body, Some(&view), error).await,
    }
}

/// The version that a form was made of. One that names none was made of nothing that is there.
fn condition_of(body: &Map<String, Value>) -> Precondition {
    Precondition::OneOf(sent::version(body).into_iter().collect())
}

/// `POST /views/7/delete/`.
pub async fn delete(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let may = |method: Method| crm.may_share(method);
    let at = (id, &condition_of(&body.0));
    match views::remove(&crm.data, crm.by(), &crm.viewer(&may), at).await? {
        true => Ok(page.done("/views/", &Notice::new("view_deleted", None))),
        false => Err(not_found()),
    }
}

/// `POST /views/7/undo/`.
pub async fn undo(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let may = |method: Method| crm.may_share(method);
    let at = (id, &condition_of(&body.0));
    let undone = views::undo(&crm.data, crm.by(), &crm.viewer(&may), at).await?;
    undone.ok_or_else(not_found)?;
    Ok(page.done("/views/", &Notice::new("undone", None)))
}

/// Who sees a view, in the form's one choice: a team with its number.
fn for_team(team: i64) -> String {
    format!("{}:{team}", Visibility::Team)
}

fn hidden(typed: &Map<String, Value>) -> Markup {
    html! {
        @for name in STATE {
            input type="hidden" name=(name) value=(typed.get(name).and_then(Value::as_str).unwrap_or_default());
        }
    }
}

fn form(
    page: &Page,
    typed: &Typed,
    (view, teams): (Option<&View>, &[Team]),
    status: StatusCode,
) -> Response {
    let language = page.language();
    let title = page.t(if view.is_some() {
        w::EDIT_VIEW
    } else {
        w::NEW_VIEW
    });
    let wrong = |name: &str| -> Vec<String> {
        let messages = typed.errors.messages(name).iter();
        messages
            .map(|message| translate(language, message))
            .collect()
    };
    let fields = [
        "name",
        "visibility",
        "default_for",
        "filter",
        "sort",
        "columns",
        "density",
    ];
    let summary: Vec<(String, String)> = fields
        .iter()
        .flat_map(|name| {
            wrong(name)
                .into_iter()
                .map(move |error| (format!("f-{name}"), error))
        })
        .collect();
    let shared = view.is_some_and(|view| view.shown.visibility != Visibility::Private);
    let choice = |to: Visibility, word| Choice::new(to.as_str(), page.t(word));
    let mut seen = vec![choice(Visibility::Private, w::ONLY_ME)];
    seen.extend(teams.iter().map(|team| {
        let name = w::team(language, &team.name);
        Choice::new(for_team(team.id), name)
    }));
    // A team that one has left stays as it is.
    let own = view.and_then(|view| view.shown.team);
    if let Some(left) = own.filter(|own| teams.iter().all(|team| team.id != *own)) {
        seen.push(Choice::new(for_team(left), page.t(w::ONE_TEAM)));
    }
    seen.push(choice(Visibility::Tenant, w::WHOLE_COMPANY));
    let may_share = page.may(
        sindico_domain::access::capability::Resource::Views,
        Method::Post,
    );
    if !may_share && !shared {
        seen.truncate(1);
    }
    let action = match view {
        Some(view) => format!("/views/{}/edit/", view.id),
        None => "/views/new/".to_owned(),
    };
    let back = view.map_or_else(|| place::list(typed.kind).to_owned(), list_of);
    let defaults = typed.map.get("default_for").and_then(Value::as_array);
    let on = |role: Role| defaults.is_some_and(|roles| roles.contains(&json!(role)));
    let content = html! {
        (PageHeader {
            breadcrumbs: vec![(page.t(w::VIEWS).to_owned(), "/views/".to_owned())],
            title: title.to_owned(),
            ..PageHeader::default()
        }.render(language))
        (error_summary(language, &summary))
        @if shared { (told_notice(Tone::Warn, page.t(w::REALLY_CHANGE), None)) }
        form method="post" class="stack" action=(action) {
            (page.proof())
            input type="hidden" name="kind" value=(typed.kind);
            @if let Some(view) = view { (sent::version_field(sent::version(&typed.map).unwrap_or(view.version))) }
            (hidden(&typed.map))
            (Control::text("name", page.t(w::VIEW_NAME)).required().value(typed.text("name")).errors(wrong("name"))
                .attr("maxlength", "60").attr("autocomplete", "off").render(language))
            (Control::radio("visibility", page.t(w::WHO_SEES)).choices(seen).value(typed.text("visibility"))
                .errors(wrong("visibility").into_iter().chain(wrong("team"))).render(language))
            @if may_share {
                input type="hidden" name="roles_asked" value="1";
                fieldset class="field" id="f-default_for" {
                    legend class="field-label" { (page.t(w::DEFAULT_FOR)) }
                    div class="choices-line" {
                        @for role in Role::ALL.iter().copied() {
                            label class="choice" {
                                input type="checkbox" name={ "role." (role) } value="1" checked[on(role)];
                                span { (page.t(n::role(role))) }
                            }
                        }
                    }
                    @for error in wrong("default_for") { p class="field-error" { (crate::pages::kit::icon("circle-alert")) span { (error) } } }
                }
            }
            (form_actions(html! {
                (button(page.t(c::SAVE)).primary())
                (link_button(page.t(c::CANCEL), back).quiet())
            }))
        }
    };
    page.show_as(status, title, content)
}
