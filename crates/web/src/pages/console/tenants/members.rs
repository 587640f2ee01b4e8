//! `/platform/tenants/{id}/members/`: who has a place in a tenant.

use super::frame::{self, Part, Standing};
use super::summary::seats;
use crate::App;
use crate::contract::Body;
use crate::contract::Query;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page as page_of;
use crate::contract::resource::{Id, Ids};
use crate::pages::console::form::{Form, choices, refusal};
use crate::pages::console::list;
use crate::pages::kit::{
    Column, Field, Row, Tone, badge, button, card, data_table, empty_state, notice, person,
};
use crate::pages::language::Word;
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{navigation, tenants as w};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Map;
use sindico_domain::Refusal;
use sindico_domain::access::Role;
use sindico_domain::access::member::{Member, MemberChanges, NewMember};
use sindico_domain::precondition::Precondition;
use sindico_store::control::members;

const FIELDS: &[(&str, Word)] = &[("username", w::USERNAME), ("role", w::MEMBER_ROLE)];

/// `GET /platform/tenants/{id}/members/`.
pub(in crate::pages::console) async fn show(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    query: Query,
) -> ApiResult {
    let form = Form::new(page.language(), Map::new());
    answer(&app, &page, id, &query, StatusCode::OK, &form, None).await
}

/// `POST /platform/tenants/{id}/members/`.
pub(in crate::pages::console) async fn submit(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    let added = match NewMember::parse(&body.0) {
        Err(errors) => Err(Refusal::Fields(errors)),
        Ok(new) => match members::add(app.store(), &page.caller.actor, id, &new, None).await {
            Ok(_) => Ok(()),
            Err(error) => Err(refusal(error)?),
        },
    };
    match added {
        Ok(()) => Ok(page.done(
            &frame::path(id, Part::Members),
            &Notice::new("member_added", None),
        )),
        Err(refusal) => {
            let form = Form::new(page.language(), body.0).refused(&refusal);
            let query = Query::default();
            answer(
                &app,
                &page,
                id,
                &query,
                StatusCode::BAD_REQUEST,
                &form,
                None,
            )
            .await
        }
    }
}

/// `POST /platform/tenants/{id}/members/{member_id}/`: role, or activity.
pub(in crate::pages::console) async fn change(
    State(app): State<App>,
    page: Page,
    Ids(company, member): Ids,
    body: Body,
) -> ApiResult {
    let changes = MemberChanges::parse(&body.0)?;
    let changed = members::change(
        app.store(),
        &page.caller.actor,
        company,
        member,
        changes,
        &Precondition::None,
    )
    .await;
    match changed {
        Ok(found) => {
            found.ok_or_else(not_found)?;
            let path = frame::path(company, Part::Members);
            Ok(page.done(&path, &Notice::new("saved", None)))
        }
        Err(error) => {
            let refusal = refusal(error)?;
            let (form, query) = (Form::new(page.language(), Map::new()), Query::default());
            let status = StatusCode::BAD_REQUEST;
            answer(&app, &page, company, &query, status, &form, Some(&refusal)).await
        }
    }
}

async fn answer(
    app: &App,
    page: &Page,
    id: i64,
    query: &Query,
    status: StatusCode,
    form: &Form,
    refused: Option<&Refusal>,
) -> ApiResult<Response> {
    let mut f = query.fields();
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = list::ROWS;
    request.count = true;
    let standing = frame::find(app, id).await?;
    let found = members::list(app.store(), id, &request).await?;
    let may = page.caller.user.is_superuser;
    let path = frame::path(id, Part::Members);
    let content = html! {
        (frame::head(page, &standing, Part::Members))
        div class="stack" {
            div class="stack-tight" {
                @if let Some(refusal) = refused { (notice(Tone::Danger, &first(page, refusal), None)) }
                @if found.items.is_empty() {
                    (empty_state("users-round", page.t(w::NO_MEMBERS), page.t(w::NO_MEMBERS_TEXT), None))
                } @else {
                    (table(page, id, &found.items, may))
                    (list::end(page, &path, query, &found))
                }
            }
            div class="grid" {
                @if may { (adding(page, &standing, form)) }
                @else { (notice(Tone::Info, page.t(w::SUPERUSERS_ONLY), None)) }
            }
        }
    };
    Ok(page.show_as(status, &standing.tenant.name, content))
}

/// What is wrong, without the names of fields: they are a row's.
fn first(page: &Page, refusal: &Refusal) -> String {
    let message = match refusal {
        Refusal::Fields(errors) => ["role", "is_active", "non_field_errors"]
            .iter()
            .flat_map(|name| errors.messages(name))
            .next()
            .cloned(),
        _ => None,
    };
    translate(
        page.language(),
        &message.unwrap_or_else(|| refusal.to_line()),
    )
}

fn adding(page: &Page, standing: &Standing, form: &Form) -> Markup {
    let language = page.language();
    let roles = choices(language, Role::ALL, navigation::role);
    let body = html! {
        form class="form" method="post" action=(frame::path(standing.tenant.id, Part::Members)) {
            (page.proof())
            (form.summary(FIELDS))
            (seats(page, standing))
            (form.field("username", Field::text("username", page.t(w::USERNAME)))
                .hint(page.t(w::USERNAME_HINT)).required().attr("autocapitalize", "none")
                .attr("autocomplete", "off").attr("spellcheck", "false").render(language))
            (Field::select("role", page.t(w::MEMBER_ROLE)).choices(roles)
                .value(match form.value("role").as_str() { "" => "MEMBER".to_owned(), role => role.to_owned() })
                .errors(form.errors("role")).render(language))
            div { (button(page.t(w::ADD_MEMBER)).primary().icon("user-plus")) }
        }
    };
    card(page.t(w::ADD_MEMBER_TITLE), None, body)
}

fn table(page: &Page, company: i64, members: &[Member], may: bool) -> Markup {
    let language = page.language();
    let columns = [
        Column::new(page.t(w::USERNAME)),
        Column::new(page.t(w::EMAIL)),
        Column::new(page.t(w::MEMBER_ROLE)),
        Column::new(page.t(w::STATUS)),
        Column::new(page.t(w::REMOVE_MEMBER)).silent().shrink(),
    ];
    let rows: Vec<Row> = members
        .iter()
        .map(|member| {
            Row::of([
                person(&member.username),
                html! { (member.email) },
                match may && member.is_active {
                    true => role_form(page, company, member),
                    false => html! { (page.t(navigation::role(member.role))) },
                },
                match member.is_active {
                    true => badge(Tone::Ok, page.t(w::MEMBER_ACTIVE)),
                    false => badge(Tone::Neutral, page.t(w::MEMBER_INACTIVE)),
                },
                match may {
                    true => acts(page, company, member),
                    false => html! {},
                },
            ])
            .id(format!("member-{}", member.id))
        })
        .collect();
    data_table(language, page.t(w::MEMBERS), &columns, &rows)
}

fn role_form(page: &Page, company: i64, member: &Member) -> Markup {
    let label = w::role_of(page.language(), &member.username);
    html! {
        form class="row" method="post" action={ "/platform/tenants/" (company) "/members/" (member.id) "/" } {
            (page.proof())
            div class="field" {
                select class="input" name="role" aria-label=(label) {
                    @for role in Role::ALL {
                        option value=(role) selected[*role == member.role] { (page.t(navigation::role(*role))) }
                    }
                }
            }
            (button(page.t(w::CHANGE_ROLE)).small())
        }
    }
}

fn acts(page: &Page, company: i64, member: &Member) -> Markup {
    let action = format!("/platform/tenants/{company}/members/{}/", member.id);
    let (word, active) = match member.is_active {
        true => (w::REMOVE_MEMBER, "false"),
        false => (w::RESTORE_MEMBER, "true"),
    };
    html! {
        form method="post" action=(action) {
            (page.proof())
            (button(page.t(word)).small().quiet().sends("is_active", active))
        }
    }
}
