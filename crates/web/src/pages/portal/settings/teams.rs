//! `/settings/teams/`: the company's teams, each with who is in it.

use super::{TEAMS, frame, is_owner};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::account::wrong;
use crate::pages::kit::{
    Choice, Field, Tone, button, card, disclosure, empty_state, notice as told_notice,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common as c, kit as k, teams as w};
use crate::portal::crm::Crm;
use crate::portal::teams::known;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::teams;
use sindico_domain::access::team::{Team, TeamDraft};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::members;

/// A form that was sent and refused: of which team (none: of a new one), what stood in it, and what is wrong.
#[derive(Default)]
struct Sent {
    team: Option<i64>,
    typed: Map<String, Value>,
    errors: FieldErrors,
    stale: bool,
    /// A team that was just deleted.
    gone: Option<i64>,
}

/// A person who can be in a team: their user's id and name.
type Person = (i64, String);

/// `GET /settings/teams/`.
pub(super) async fn show(page: Page, crm: Crm, query: Query) -> ApiResult {
    let asked = query.without("");
    let gone = asked.iter().find(|(name, _)| name == "deleted");
    let sent = Sent {
        gone: gone.and_then(|(_, id)| id.parse().ok()),
        ..Sent::default()
    };
    respond(&page, &crm, StatusCode::OK, &sent).await
}

async fn respond(page: &Page, crm: &Crm, status: StatusCode, sent: &Sent) -> ApiResult {
    let all = teams::list(&crm.data).await?;
    let owner = is_owner(page);
    let mut people: Vec<Person> = Vec::new();
    if owner {
        let active = members::all_active(crm.app().store(), crm.tenant.company.id).await?;
        people.extend(active.into_iter().map(|(id, name, _)| (id, name)));
        people.sort_by(|a, b| a.1.cmp(&b.1));
    }
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::LEAD)) @if !owner { " " (page.t(w::ONLY_OWNERS)) } }
            @if sent.stale { (told_notice(Tone::Warn, page.t(w::STALE), None)) }
            @if let Some(gone) = sent.gone.filter(|_| owner) { (deleted(page, gone)) }
            @if all.is_empty() { (empty_state("users", page.t(w::NONE), page.t(w::NONE_TEXT), None)) }
            @for team in &all { (one(page, team, owner.then_some(&people), sent)) }
            @if owner { (card(page.t(w::NEW), None, form(page, None, &people, sent))) }
        }
    };
    Ok(page.show_as(status, page.t(w::TITLE), frame(page, TEAMS, &content)))
}

/// Who is in a team; for owners with the form that changes it.
fn one(page: &Page, team: &Team, people: Option<&Vec<Person>>, sent: &Sent) -> Markup {
    let language = page.language();
    let names = team.members.iter().map(|member| match member.leads {
        true => w::leader(language, &member.username),
        false => member.username.clone(),
    });
    let names: Vec<String> = names.collect();
    let body = html! {
        p { @if names.is_empty() { span.quiet { (page.t(w::NOBODY)) } } @else { (names.join(", ")) } }
        @if let Some(people) = people {
            (disclosure(page.t(k::EDIT), sent.team == Some(team.id), &form(page, Some(team), people, sent)))
        }
    };
    card(&team.name, None, body)
}

/// What a person is in a team, in the words of the form.
fn place(team: Option<&Team>, user: i64) -> &'static str {
    let member = team.and_then(|team| team.members.iter().find(|member| member.user == user));
    match member {
        Some(member) if member.leads => "leads",
        Some(_) => "in",
        None => "",
    }
}

fn form(page: &Page, team: Option<&Team>, people: &[Person], sent: &Sent) -> Markup {
    let language = page.language();
    let id = team.map(|team| team.id);
    let own = sent.team == id && !sent.stale && !sent.typed.is_empty();
    let none = FieldErrors::new();
    let errors = if own { &sent.errors } else { &none };
    let typed = |name: &str| sent.typed.get(name).filter(|_| own);
    let name = match typed("name").and_then(Value::as_str) {
        Some(name) => name,
        None => team.map_or("", |team| team.name.as_str()),
    };
    let chosen = |user: i64| match typed("member") {
        Some(of) => of[user.to_string()].as_str().unwrap_or_default(),
        None => place(team, user),
    };
    let places = [("", w::OUT), ("in", w::IN), ("leads", w::LEADS)];
    let places = places.map(|(value, word)| Choice::new(value, page.t(word)));
    let prefix = id.map_or_else(|| "team-new".to_owned(), |id| format!("team-{id}"));
    let action = id.map_or_else(|| TEAMS.to_owned(), |id| format!("{TEAMS}{id}/"));
    html! {
        form.form method="post" action=(action) {
            (page.proof())
            @if let Some(team) = team { input type="hidden" name="version" value=(team.version); }
            (Field::text("name", page.t(w::NAME)).id(format!("{prefix}-name")).value(name)
                .errors(wrong(page, errors, "name")).attr("maxlength", "60").required().render(language))
            fieldset.stack-tight {
                legend.field-label { (page.t(w::MEMBERS)) }
                @for message in wrong(page, errors, "members") { p.field-error { (message) } }
                div.form-grid {
                    @for (user, name) in people {
                        (Field::select(format!("member.{user}"), name.clone()).id(format!("{prefix}-{user}"))
                            .choices(places.clone()).value(chosen(*user)).render(language))
                    }
                }
            }
            div.row {
                @match team {
                    Some(team) => {
                        (button(page.t(c::SAVE)).primary())
                        (button(page.t(w::REMOVE)).quiet().icon("trash-2")
                            .attr("formaction", format!("{TEAMS}{}/remove/", team.id))
                            .attr("formnovalidate", "").attr("aria-label", format!("{}: {}", page.t(w::REMOVE), team.name)))
                    }
                    None => (button(page.t(w::ADD)).primary().icon("plus"))
                }
            }
        }
    }
}

/// A team that was deleted a moment ago can be had again.
fn deleted(page: &Page, id: i64) -> Markup {
    let again = html! {
        form method="post" action=(format!("{TEAMS}{id}/undo/")) {
            (page.proof())
            (button(page.t(w::RESTORE)).small().icon("undo-2"))
        }
    };
    told_notice(Tone::Info, page.t(w::REMOVED), Some(again))
}

/// What the form says as the API reads it, and the version that it was made of.
fn told(body: &Body) -> (Map<String, Value>, Precondition) {
    let text = |name: &str| body.0.get(name).and_then(Value::as_str).unwrap_or_default();
    let places = body.0.get("member").and_then(Value::as_object);
    let members = places.into_iter().flatten().filter_map(|(user, place)| {
        let place = place.as_str().filter(|place| !place.is_empty())?;
        let user: i64 = user.parse().ok()?;
        Some(json!({"user": user, "leads": place == "leads"}))
    });
    let members: Vec<Value> = members.collect();
    let map = Map::from_iter([
        ("name".to_owned(), text("name").into()),
        ("members".to_owned(), members.into()),
    ]);
    let version = text("version").parse().unwrap_or_default();
    (map, Precondition::OneOf(vec![version]))
}

/// `POST /settings/teams/`.
pub(super) async fn add(page: Page, crm: Crm, body: Body) -> ApiResult {
    let (map, _) = told(&body);
    let done = match TeamDraft::parse(&map, true) {
        Err(errors) => Err(errors.into()),
        Ok(draft) => {
            let known = known(&crm, &draft).await?;
            let made = teams::create(&crm.data, crm.by(), draft, &known).await;
            made.map(drop)
        }
    };
    answer(&page, &crm, (None, body), done).await
}

/// `POST /settings/teams/{id}/`.
pub(super) async fn change(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let (map, condition) = told(&body);
    let done = match TeamDraft::parse(&map, true) {
        Err(errors) => Err(errors.into()),
        Ok(draft) => {
            let known = known(&crm, &draft).await?;
            let at = (id, &condition);
            match teams::change(&crm.data, crm.by(), at, draft, &known).await {
                Ok(None) => return Err(not_found()),
                done => done.map(drop),
            }
        }
    };
    answer(&page, &crm, (Some(id), body), done).await
}

/// `POST /settings/teams/{id}/remove/`.
pub(super) async fn remove(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let (_, condition) = told(&body);
    match teams::remove(&crm.data, crm.by(), (id, &condition)).await {
        Ok(true) => Ok(page.redirect(&format!("{TEAMS}?deleted={id}"))),
        Ok(false) => Err(not_found()),
        Err(error) => answer(&page, &crm, (Some(id), body), Err(error)).await,
    }
}

/// `POST /settings/teams/{id}/undo/`.
pub(super) async fn undo(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let undone = teams::undo(&crm.data, crm.by(), (id, &Precondition::None)).await?;
    undone.ok_or_else(not_found)?;
    Ok(page.done(TEAMS, &Notice::new("restored", None)))
}

async fn answer(
    page: &Page,
    crm: &Crm,
    (team, body): (Option<i64>, Body),
    done: Result<(), Error>,
) -> ApiResult<Response> {
    let mut sent = Sent {
        team,
        typed: body.0,
        ..Sent::default()
    };
    let status = match done {
        Ok(()) => return Ok(page.done(TEAMS, &Notice::new("saved", None))),
        Err(Error::Refused(Refusal::PreconditionFailed)) => {
            sent.stale = true;
            StatusCode::PRECONDITION_FAILED
        }
        Err(Error::Refused(Refusal::Fields(errors))) => {
            sent.errors = errors;
            StatusCode::BAD_REQUEST
        }
        Err(error) => return Err(error.into()),
    };
    respond(page, crm, status, &sent).await
}
