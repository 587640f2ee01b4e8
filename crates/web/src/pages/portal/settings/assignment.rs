//! `/settings/assignment/`: who gets new leads that nobody was named for. A rule made here is for all leads, or for
//! those of a source; one with a filter of the API keeps it.

use super::{ASSIGNMENT, frame};
use crate::contract::error::{ApiError, ApiResult, not_found};
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::gate::access::Access::May;
use crate::pages::kit::{
    Choice, Field, Tone, badge, button, card, empty_state, format, notice as told_notice,
};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::assignment as w;
use crate::portal::assignment as api;
use crate::portal::crm::Crm;
use crate::table::{Table, show as shows, submit};
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::assignment::{self, Rules, RulesChange};
use sindico_crm::teams;
use sindico_domain::access::capability::Method::{Get, Post, Put};
use sindico_domain::access::capability::Resource::AssignmentRules;
use sindico_domain::assignment::Rule;
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::members;
use std::collections::HashMap;

/// Its pages.
pub(super) fn routes(table: Table) -> Table {
    let may = May(AssignmentRules, Put);
    table
        .page(
            ASSIGNMENT,
            shows(May(AssignmentRules, Get), show).submit(may, add),
        )
        .page("/settings/assignment/{rule}/up/", submit(may, up))
        .page("/settings/assignment/{rule}/switch/", submit(may, switch))
        .page("/settings/assignment/{rule}/remove/", submit(may, remove))
        .page(
            "/settings/assignment/undo/",
            submit(May(AssignmentRules, Post), undo),
        )
}

/// What was typed and is wrong.
#[derive(Default)]
struct Typed {
    sent: Map<String, Value>,
    errors: FieldErrors,
}

/// Who can be named: people and teams by their ids.
struct Names {
    people: Vec<(i64, String)>,
    teams: Vec<(i64, String)>,
}

impl Names {
    async fn read(crm: &Crm) -> ApiResult<Self> {
        let people = members::all_active(crm.app().store(), crm.tenant.company.id).await?;
        let mut people: Vec<_> = people.into_iter().map(|(id, name, _)| (id, name)).collect();
        people.sort_by(|a, b| a.1.cmp(&b.1));
        let teams = teams::list(&crm.data).await?.into_iter();
        let teams = teams.map(|team| (team.id, team.name)).collect();
        Ok(Self { people, teams })
    }
}

async fn show(page: Page, crm: Crm, _: Query) -> ApiResult {
    respond(&page, &crm, StatusCode::OK, &Typed::default()).await
}

async fn respond(page: &Page, crm: &Crm, status: StatusCode, typed: &Typed) -> ApiResult {
    let rules = assignment::list(&crm.data).await?;
    let history = assignment::history(&crm.data).await?;
    let names = Names::read(crm).await?;
    let may = page.may(AssignmentRules, Put);
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::LEAD)) }
            @if rules.rules.is_empty() { (empty_state("users", page.t(w::NONE), page.t(w::NONE_TEXT), None)) }
            @for (n, rule) in rules.rules.iter().enumerate() { (one(page, &names, &rules, n, rule, may)) }
            @if may { (card(page.t(w::NEW), None, form(page, &names, &rules, typed))) }
            @if !history.is_empty() { (card(page.t(w::HISTORY), None, changes(page, &history))) }
        }
    };
    Ok(page.show_as(status, page.t(w::TITLE), frame(page, ASSIGNMENT, &content)))
}

fn one(page: &Page, names: &Names, rules: &Rules, n: usize, rule: &Rule, may: bool) -> Markup {
    let people: HashMap<i64, &str> = names
        .people
        .iter()
        .map(|(id, name)| (*id, name.as_str()))
        .collect();
    let named = |id: &i64| people.get(id).copied().unwrap_or(page.t(w::GONE));
    let users: Vec<&str> = rule.users.iter().map(named).collect();
    let team = rule
        .team
        .and_then(|team| names.teams.iter().find(|(id, _)| *id == team));
    let source = rule.filter["value"]
        .as_str()
        .filter(|_| rule.filter["field"] == "source");
    let everything = rule.tree().is_everything();
    let act = |act: &str, word, symbol| {
        html! {
            form method="post" action={ (ASSIGNMENT) (rule.id) "/" (act) "/" } {
                (page.proof())
                input type="hidden" name="version" value=(rules.version);
                (button(page.t(word)).small().icon(symbol).attr("aria-label", format!("{}: {}", page.t(word), rule.name)))
            }
        }
    };
    let acts = html! {
        @if may {
            @if n > 0 { (act("up", w::UP, "chevron-up")) }
            @if rule.active { (act("switch", w::OFF, "pause")) } @else { (act("switch", w::ON, "play")) }
            (act("remove", w::REMOVE, "trash-2"))
        }
    };
    let title = format!("{}. {}", n + 1, rule.name);
    card(
        &title,
        None,
        html! {
            p {
                @if !rule.active { (badge(Tone::Neutral, page.t(w::IS_OFF))) " " }
                @match source {
                    Some(source) => (w::of_source(page.language(), source)),
                    None if everything => (page.t(w::ALL)),
                    None => (page.t(w::FILTERED)),
                }
                " → " (users.join(", "))
                @if let Some((_, team)) = team { " " (w::of_team(page.language(), team)) }
                @if let Some(fallback) = &rule.fallback { " · " (w::else_to(page.language(), named(fallback))) }
            }
            div.row { (acts) }
        },
    )
}

fn form(page: &Page, names: &Names, rules: &Rules, typed: &Typed) -> Markup {
    let language = page.language();
    let text = |name: &str| {
        typed
            .sent
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let wrong = |name: &str| -> Vec<String> {
        let all = typed.errors.messages(name).iter();
        all.map(|text| translate(language, text)).collect()
    };
    let choices = |of: &[(i64, String)]| -> Vec<Choice> {
        of.iter()
            .map(|(id, name)| Choice::new(id.to_string(), name.clone()))
            .collect()
    };
    let ticked = |id: i64| {
        typed
            .sent
            .get("user")
            .is_some_and(|of| of[id.to_string()] == "on")
    };
    html! {
        form.form method="post" action=(ASSIGNMENT) {
            (page.proof())
            input type="hidden" name="version" value=(rules.version);
            @for text in typed.errors.messages("non_field_errors").iter().chain(typed.errors.messages("rules")) {
                (told_notice(Tone::Danger, &translate(language, text), None))
            }
            div.form-grid {
                (Field::text("name", page.t(w::NAME)).value(text("name")).errors(wrong("name")).attr("maxlength", "60").required().render(language))
                (Field::text("source", page.t(w::SOURCE)).hint(page.t(w::SOURCE_HINT)).value(text("source")).errors(wrong("filter")).render(language))
                (Field::select("team", page.t(w::TEAM)).value(text("team")).or_none(page.t(w::NO_TEAM)).choices(choices(&names.teams)).errors(wrong("team")).render(language))
                (Field::select("fallback", page.t(w::FALLBACK)).hint(page.t(w::FALLBACK_HINT)).value(text("fallback")).or_none(page.t(w::NOBODY)).choices(choices(&names.people)).errors(wrong("fallback")).render(language))
            }
            fieldset class="stack-tight" {
                legend { (page.t(w::PEOPLE)) }
                @for text in wrong("users") { p.field-error { (text) } }
                div.row {
                    @for (id, name) in &names.people {
                        (Field::checkbox(format!("user.{id}"), name.clone()).value("on").checked(ticked(*id)).render(language))
                    }
                }
            }
            div.row { (button(page.t(w::CREATE)).primary().icon("plus")) }
        }
    }
}

fn changes(page: &Page, history: &[RulesChange]) -> Markup {
    let now = page.now.to_zoned(page.zone.clone());
    html! {
        div.stack {
            ul class="related" {
                @for one in history.iter().take(10) {
                    li class="related-line" {
                        span { (one.username) }
                        span.quiet { (page.t(if one.action == "undo" { w::UNDID } else { w::CHANGED })) }
                        span.quiet { (format::relative(page.language(), one.at, &now)) }
                    }
                }
            }
            @if page.may(AssignmentRules, Post) {
                form method="post" action="/settings/assignment/undo/" {
                    (page.proof())
                    (button(page.t(w::UNDO)).icon("undo-2"))
                }
            }
        }
    }
}

/// The rules as they are, if they are at the version that the form was made of.
async fn held(crm: &Crm, body: &Body) -> ApiResult<(Vec<Rule>, Precondition)> {
    let version = body.0.get("version").and_then(Value::as_str);
    let version = version.and_then(|version| version.parse().ok());
    let condition = version.map_or(Precondition::None, |version| {
        Precondition::OneOf(vec![version])
    });
    Ok((assignment::list(&crm.data).await?.rules, condition))
}

async fn put(page: &Page, crm: &Crm, rules: &[Rule], condition: &Precondition) -> ApiResult {
    let body = json!({ "rules": rules });
    let body = body.as_object().cloned().unwrap_or_default();
    api::set_at(crm, &body, condition).await?;
    Ok(page.done(ASSIGNMENT, &Notice::new("saved", None)))
}

async fn add(page: Page, crm: Crm, body: Body) -> ApiResult {
    let (rules, condition) = held(&crm, &body).await?;
    let text = |name: &str| {
        body.0
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
    };
    let id = |name: &str| text(name).parse::<i64>().ok();
    let users = body.0.get("user").and_then(Value::as_object);
    let users: Vec<i64> = users
        .into_iter()
        .flatten()
        .filter_map(|(id, _)| id.parse().ok())
        .collect();
    let filter = match text("source") {
        "" => json!({"all": []}),
        source => json!({"field": "source", "op": "is", "value": source}),
    };
    let mut all: Vec<Value> = rules.iter().map(|rule| json!(rule)).collect();
    all.push(json!({"name": text("name"), "filter": filter, "users": users, "team": id("team"), "fallback": id("fallback")}));
    let own = format!("rules.{}", all.len() - 1);
    let sent = json!({ "rules": all });
    let sent = sent.as_object().cloned().unwrap_or_default();
    match api::set_at(&crm, &sent, &condition)
        .await
        .map_err(ApiError::into_inner)
    {
        Ok(_) => Ok(page.done(ASSIGNMENT, &Notice::new("saved", None))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let errors = errors.nested(&own).cloned().unwrap_or(errors);
            let typed = Typed {
                sent: body.0,
                errors,
            };
            respond(&page, &crm, StatusCode::BAD_REQUEST, &typed).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Where the rule stands.
fn place(rules: &[Rule], id: i64) -> ApiResult<usize> {
    let found = rules.iter().position(|rule| rule.id == id);
    found.ok_or_else(not_found)
}

async fn up(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let (mut rules, condition) = held(&crm, &body).await?;
    let n = place(&rules, id)?;
    rules.swap(n, n.saturating_sub(1));
    put(&page, &crm, &rules, &condition).await
}

async fn switch(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let (mut rules, condition) = held(&crm, &body).await?;
    let n = place(&rules, id)?;
    rules[n].active = !rules[n].active;
    put(&page, &crm, &rules, &condition).await
}

async fn remove(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let (mut rules, condition) = held(&crm, &body).await?;
    let n = place(&rules, id)?;
    rules.remove(n);
    put(&page, &crm, &rules, &condition).await
}

async fn undo(page: Page, crm: Crm) -> ApiResult {
    assignment::undo(&crm.data, crm.by(), &Precondition::None).await?;
    Ok(page.done(ASSIGNMENT, &Notice::new("saved", None)))
}
