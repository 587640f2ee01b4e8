//! `/settings/members/`: who works here, and as what.

use super::{MEMBERS, company_id, frame, is_owner};
use crate::App;
use crate::contract::error::ApiResult;
use crate::contract::query::page as requested;
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::account::wrong;
use crate::pages::kit::{
    Choice, Column, Field, Row, Tone, badge, button, card, data_table, format, notice, pager,
    person,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{navigation, settings as w};
use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::Value;
use sindico_domain::access::Role;
use sindico_domain::access::member::{Member, MemberChanges, NewMember};
use sindico_domain::error::NON_FIELD_ERRORS;
use sindico_domain::page::PageRequest;
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::{members, tenants};

/// `GET /settings/members/`.
pub(super) async fn show(State(app): State<App>, page: Page, query: Query) -> ApiResult {
    let mut f = query.fields();
    let request = requested(&mut f);
    f.finish().check(())?;
    respond(
        &app,
        &page,
        request,
        StatusCode::OK,
        "",
        &FieldErrors::new(),
    )
    .await
}

async fn respond(
    app: &App,
    page: &Page,
    mut request: PageRequest,
    status: StatusCode,
    typed: &str,
    errors: &FieldErrors,
) -> ApiResult {
    request.count = true;
    let id = company_id(page);
    let language = page.language();
    let tenant = tenants::find(app.store(), id)
        .await?
        .ok_or(Refusal::NotFound)?;
    let taken = members::seats_taken(app.store(), id).await?;
    let list = members::list(app.store(), id, &request).await?;
    let owner = is_owner(page);
    let columns = [
        Column::new(page.t(w::PERSON)),
        Column::new(page.t(w::EMAIL)),
        Column::new(page.t(w::ROLE)),
        Column::new(page.t(w::STATE)),
        Column::new(page.t(w::ACTIONS)).silent().shrink(),
    ];
    let rows: Vec<_> = list
        .items
        .iter()
        .map(|member| row(page, member, owner))
        .collect();
    let next = list
        .next
        .map(|next| format!("{MEMBERS}?cursor={}", next.encode()));
    let shown = match list.total.unwrap_or_default() {
        1 => page.t(w::COUNT_ONE).to_owned(),
        total => w::count(language, format::count(language, total)),
    };
    let seats = i64::from(tenant.contract.seats);
    let whole = ["role", "is_active", NON_FIELD_ERRORS].map(|field| wrong(page, errors, field));
    let content = html! {
        div.stack {
            @for message in whole.iter().flatten().take(1) {
                (notice(Tone::Danger, page.t(w::NOT_CHANGED), Some(html! { (message) })))
            }
            p.quiet {
                (page.t(w::SEATS)) ": "
                (w::seats_of(language, format::count(language, taken), format::count(language, seats))) ". "
                @if !owner { (page.t(w::ONLY_OWNERS)) }
            }
            (data_table(language, page.t(w::MEMBERS), &columns, &rows))
            (pager(language, &shown, request.after.is_some().then_some(MEMBERS), next.as_deref()))
            @if owner { (add_form(page, typed, errors, taken >= seats)) }
        }
    };
    Ok(page.show_as(status, page.t(w::MEMBERS), frame(page, MEMBERS, &content)))
}

fn roles(page: &Page) -> Vec<Choice> {
    let all = Role::ALL.iter();
    all.map(|role| Choice::new(role.as_str(), page.t(navigation::role(*role))))
        .collect()
}

fn row(page: &Page, member: &Member, owner: bool) -> Row {
    let language = page.language();
    let name = &member.username;
    let own = member.user_id == page.caller.user.id;
    let role = if owner && member.is_active && !own {
        let select = Attr { page, member };
        html! {
            form.row method="post" action={ (MEMBERS) (member.id) "/" } {
                (page.proof())
                (select.select())
                (button(page.t(w::CHANGE)).small().attr("aria-label", w::change_of(language, name)))
            }
        }
    } else {
        html! { (page.t(navigation::role(member.role))) }
    };
    let (label, active, aria) = match member.is_active {
        true => (w::DEACTIVATE, "false", w::deactivate_of(language, name)),
        false => (w::ACTIVATE, "true", w::activate_of(language, name)),
    };
    let end = html! { @if owner && !own {
        form method="post" action={ (MEMBERS) (member.id) "/" } {
            (page.proof())
            @let push = button(page.t(label)).small().sends("is_active", active).attr("aria-label", aria);
            @if member.is_active { (push.quiet()) } @else { (push) }
        }
    } };
    Row::of([
        html! { (person(name)) @if own { " " span.quiet { "(" (page.t(w::YOU)) ")" } } },
        html! { (member.email) },
        role,
        match member.is_active {
            true => badge(Tone::Ok, page.t(w::STATE_ACTIVE)),
            false => badge(Tone::Neutral, page.t(w::STATE_INACTIVE)),
        },
        end,
    ])
    .id(format!("member-{}", member.id))
}

/// The choice of a role within a row.
struct Attr<'a> {
    page: &'a Page,
    member: &'a Member,
}

impl Attr<'_> {
    fn select(&self) -> Markup {
        let Self { page, member } = self;
        html! {
            select.input.auto name="role" aria-label=(w::role_of(page.language(), &member.username)) {
                @for choice in roles(page) {
                    option value=(choice.value) selected[choice.value == member.role.as_str()] { (choice.label) }
                }
            }
        }
    }
}

fn add_form(page: &Page, typed: &str, errors: &FieldErrors, full: bool) -> Markup {
    let language = page.language();
    let name = Field::text("username", page.t(w::USERNAME))
        .hint(page.t(w::USERNAME_HINT))
        .value(typed)
        .errors(wrong(page, errors, "username"))
        .attr("autocapitalize", "none")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .required();
    let role = Field::select("role", page.t(w::ROLE))
        .value(Role::Member.as_str())
        .choices(roles(page));
    card(
        page.t(w::ADD),
        None,
        html! {
            form.form method="post" action=(MEMBERS) {
                (page.proof())
                @if full { (notice(Tone::Warn, page.t(w::SEATS_FULL), None)) }
                div.form-grid {
                    (name.render(language))
                    (role.hint(hints(page)).render(language))
                }
                div.row { (button(page.t(w::ADD_SUBMIT)).primary().icon("user-plus")) }
            }
        },
    )
}

fn hints(page: &Page) -> String {
    let all = [
        (Role::Member, w::MEMBER_HINT),
        (Role::Manager, w::MANAGER_HINT),
        (Role::Owner, w::OWNER_HINT),
    ];
    let lines =
        all.map(|(role, hint)| format!("{}: {}", page.t(navigation::role(role)), page.t(hint)));
    lines.join(" ")
}

/// `POST /settings/members/`.
pub(super) async fn add(State(app): State<App>, page: Page, body: Body) -> ApiResult {
    let typed = body
        .0
        .get("username")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let added = match NewMember::parse(&body.0) {
        Ok(new) => {
            let id = company_id(&page);
            members::add(app.store(), &page.caller.actor, id, &new, None)
                .await
                .map(drop)
        }
        Err(errors) => Err(errors.into()),
    };
    match added {
        Ok(()) => Ok(page.done(MEMBERS, &Notice::new("member_added", None))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let first = PageRequest::default();
            respond(&app, &page, first, StatusCode::BAD_REQUEST, typed, &errors).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /settings/members/{id}/`: another role, or another state.
pub(super) async fn change(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    let changed = match MemberChanges::parse(&body.0) {
        Ok(changes) => {
            let (store, actor) = (app.store(), &page.caller.actor);
            let any = Precondition::default();
            members::change(store, actor, company_id(&page), id, changes, &any).await
        }
        Err(errors) => Err(errors.into()),
    };
    match changed {
        Ok(Some(_)) => Ok(page.done(MEMBERS, &Notice::new("member_changed", None))),
        Ok(None) => Err(Refusal::NotFound.into()),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let first = PageRequest::default();
            respond(&app, &page, first, StatusCode::BAD_REQUEST, "", &errors).await
        }
        Err(error) => Err(error.into()),
    }
}
