//! Rules of retention, on the page of privacy and on pages of their own.

use super::super::{PRIVACY, frame};
use super::respond;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::pages::account::wrong;
use crate::pages::kit::{
    Choice, Column, Field, Row, Tone, badge, button, card, danger_card, data_table, empty_state,
    format, notice,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::condition::Telling;
use crate::pages::portal::records::place;
use crate::pages::words::{privacy as w, records};
use crate::portal::crm::Crm;
use crate::portal::privacy::retention::{self, DueNow, SHOWN};
use crate::portal::privacy::whole;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::names::Names;
use sindico_crm::privacy::{self, Rule};
use sindico_crm::views;
use sindico_domain::crm::Kind;
use sindico_domain::crm::filter::Filter;
use sindico_domain::crm::view::View;
use sindico_domain::precondition::Precondition;
use sindico_domain::privacy::RuleDraft;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

/// A form that was sent and refused.
#[derive(Default)]
pub(super) struct Sent {
    typed: Map<String, Value>,
    errors: FieldErrors,
    stale: bool,
    gone: Option<i64>,
}

impl Sent {
    /// Nothing was; perhaps a rule was deleted a moment ago.
    pub(super) fn gone(gone: Option<i64>) -> Self {
        Self {
            gone,
            ..Self::default()
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.typed.get(name).and_then(Value::as_str)
    }
}

/// The kinds that have rules.
const KINDS: [Kind; 2] = [Kind::Lead, Kind::Customer];

/// All rules, and the form of a new one.
pub(super) async fn list(page: &Page, crm: &Crm, sent: &Sent) -> ApiResult<Markup> {
    let rules = privacy::rules(&crm.data).await?;
    let views = views::list(&crm.data, crm.caller.user.id, &KINDS).await?;
    let columns = [
        Column::new(page.t(w::RULE_NAME)),
        Column::new(page.t(w::RULE_KIND)),
        Column::new(page.t(w::RULE_FILTER)).spare(),
        Column::new(page.t(w::RULE_MONTHS)).numeric(),
        Column::new(page.t(w::STATE)),
    ];
    let rows: Vec<Row> = rules.iter().map(|rule| row(page, rule)).collect();
    Ok(card(
        page.t(w::RETENTION),
        None,
        html! {
            div.stack {
                p.quiet { (page.t(w::RETENTION_TEXT)) }
                @if let Some(id) = sent.gone { (deleted(page, id)) }
                @if rows.is_empty() { (empty_state("clock", page.t(w::NO_RULES), "", None)) }
                @else { (data_table(page.language(), page.t(w::RETENTION), &columns, &rows)) }
                h3 { (page.t(w::NEW_RULE)) }
                (form(page, None, &views, sent))
            }
        },
    ))
}

fn row(page: &Page, rule: &Rule) -> Row {
    let (tone, word) = match rule.active {
        true => (Tone::Ok, w::RULE_ACTIVE),
        false => (Tone::Neutral, w::RULE_OFF),
    };
    Row::to(
        of(rule.id, ""),
        [
            html! { (rule.name) },
            html! { (page.t(records::many(rule.kind))) },
            html! { (said(page, rule)) },
            html! { (rule.months) },
            badge(tone, page.t(word)),
        ],
    )
}

fn of(id: i64, act: &str) -> String {
    format!("{PRIVACY}retention/{id}/{act}")
}

/// Its filter in words.
fn said(page: &Page, rule: &Rule) -> String {
    let tree = rule
        .filter
        .as_ref()
        .and_then(|told| Filter::parse((rule.kind, page.customs()), told).ok());
    match tree {
        None => page.t(w::RULE_ALL).to_owned(),
        Some(tree) => {
            let names = Names::default();
            let telling = Telling {
                page,
                kind: rule.kind,
                members: &[],
                names: &names,
            };
            telling.said(&tree)
        }
    }
}

/// The form of a rule. Which records it is of is all, or those of a saved view as it is now.
fn form(page: &Page, rule: Option<&Rule>, views: &[View], sent: &Sent) -> Markup {
    let language = page.language();
    let errors = |name: &str| wrong(page, &sent.errors, name);
    let name = sent
        .text("name")
        .or(rule.map(|rule| rule.name.as_str()))
        .unwrap_or_default();
    let months = rule.map(|rule| rule.months.to_string()).unwrap_or_default();
    let kind = sent.text("kind").unwrap_or(Kind::Lead.as_str());
    let mut which = vec![Choice::new("all", page.t(w::RULE_ALL))];
    if let Some(rule) = rule.filter(|rule| rule.filter.is_some()) {
        which.insert(
            0,
            Choice::new(
                "",
                format!("{}: {}", page.t(w::RULE_KEEP), said(page, rule)),
            ),
        );
    }
    let fitting = views.iter().filter(|view| view.shown.filter.is_some());
    let fitting = fitting.filter(|view| rule.is_none_or(|rule| rule.kind == view.kind));
    which.extend(fitting.map(|view| {
        let name = format!("{}: {}", page.t(records::many(view.kind)), view.shown.name);
        Choice::new(view.id.to_string(), name)
    }));
    let usual = match rule {
        Some(rule) if rule.filter.is_some() => "",
        _ => "all",
    };
    let active = rule.is_some_and(|rule| rule.active);
    let action = rule.map_or_else(|| PRIVACY.to_owned(), |rule| of(rule.id, ""));
    html! {
        form.form method="post" action=(action) {
            (page.proof())
            @if let Some(rule) = rule { input type="hidden" name="version" value=(rule.version); }
            @for message in errors("non_field_errors") { (notice(Tone::Danger, &message, None)) }
            div.form-grid {
                (Field::text("name", page.t(w::RULE_NAME)).value(name).errors(errors("name")).attr("maxlength", "60").required().render(language))
                @if rule.is_none() {
                    (Field::select("kind", page.t(w::RULE_KIND)).choices(KINDS.map(|kind| Choice::new(kind.as_str(), page.t(records::many(kind)))))
                        .value(kind).errors(errors("kind")).render(language))
                }
                (Field::select("which", page.t(w::RULE_FILTER)).choices(which).value(sent.text("which").unwrap_or(usual))
                    .errors(errors("filter")).render(language))
                (Field::number("months", page.t(w::RULE_MONTHS)).value(sent.text("months").unwrap_or(&months)).errors(errors("months"))
                    .attr("min", "1").attr("max", "240").required().render(language))
            }
            (Field::checkbox("active", page.t(w::RULE_ACTIVE)).value("on").hint(page.t(w::RULE_ACTIVE_HINT)).checked(active).render(language))
            div.row { (button(page.t(if rule.is_some() { crate::pages::words::common::SAVE } else { w::ADD_RULE })).primary()) }
        }
    }
}

fn deleted(page: &Page, id: i64) -> Markup {
    let again = html! {
        form method="post" action=(of(id, "undo/")) {
            (page.proof())
            (button(page.t(w::RESTORE)).small().icon("undo-2"))
        }
    };
    notice(Tone::Info, page.t(w::RULE_DELETED), Some(again))
}

/// What the form says, as the API reads it.
fn told(body: &Body, views: &[View], kind: Option<Kind>) -> Map<String, Value> {
    let mut told = body.0.clone();
    told.insert("active".to_owned(), json!(body.0.contains_key("active")));
    let which = body
        .0
        .get("which")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let view = views.iter().find(|view| view.id.to_string() == which);
    match (which, view) {
        ("", _) => {}
        ("all", _) => {
            told.insert("filter".to_owned(), Value::Null);
        }
        (_, Some(view)) if kind.is_none_or(|kind| kind == view.kind) => {
            told.insert(
                "filter".to_owned(),
                view.shown.filter.clone().unwrap_or_default(),
            );
        }
        // Refused on its field, as any filter that is none.
        _ => {
            told.insert("filter".to_owned(), json!(which));
        }
    }
    told
}

/// `POST /settings/privacy/`.
pub(super) async fn create(page: Page, crm: Crm, body: Body) -> ApiResult {
    let page = page.with_customs(&crm).await?;
    whole(&crm)?;
    let views = views::list(&crm.data, crm.caller.user.id, &KINDS).await?;
    let made = match RuleDraft::kind(&body.0) {
        Err(errors) => Err(errors.into()),
        Ok(kind) => match RuleDraft::parse(
            (kind, page.customs()),
            &told(&body, &views, Some(kind)),
            true,
        ) {
            Err(errors) => Err(errors.into()),
            Ok(draft) => privacy::create_rule(&crm.data, crm.by(), kind, draft).await,
        },
    };
    match made {
        Ok(rule) => Ok(page.done(&of(rule.id, ""), &Notice::new("saved", None))),
        Err(error) => {
            let (status, sent) = refused(body, error)?;
            respond(&page, &crm, status, &sent).await
        }
    }
}

fn refused(body: Body, error: Error) -> ApiResult<(StatusCode, Sent)> {
    let mut sent = Sent {
        typed: body.0,
        ..Sent::default()
    };
    match error {
        Error::Refused(Refusal::Fields(errors)) => {
            sent.errors = errors;
            Ok((StatusCode::BAD_REQUEST, sent))
        }
        Error::Refused(Refusal::PreconditionFailed) => {
            sent.stale = true;
            sent.typed.clear();
            Ok((StatusCode::PRECONDITION_FAILED, sent))
        }
        error => Err(error.into()),
    }
}

/// `GET /settings/privacy/retention/5/`.
pub(super) async fn show(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let page = page.with_customs(&crm).await?;
    one(&page, &crm, StatusCode::OK, id, &Sent::default()).await
}

async fn one(page: &Page, crm: &Crm, status: StatusCode, id: i64, sent: &Sent) -> ApiResult {
    let rule = privacy::rule(&crm.data, id).await?.ok_or_else(not_found)?;
    let views = views::list(&crm.data, crm.caller.user.id, &[rule.kind]).await?;
    let tree = rule
        .filter
        .as_ref()
        .and_then(|told| Filter::parse((rule.kind, page.customs()), told).ok());
    let due = retention::now(crm, rule.kind, tree.as_ref(), rule.months).await?;
    let language = page.language();
    let content = html! {
        div.stack {
            @if sent.stale { (notice(Tone::Warn, page.t(w::STALE), None)) }
            div.columns {
                div.stack {
                    (card(&rule.name, None, form(page, Some(&rule), &views, sent)))
                    (card(page.t(w::RULE_RAN), None, html! {
                        p {
                            @match rule.ran_at {
                                Some(at) => (format::datetime(language, at, &page.zone)),
                                None => (page.t(w::NEVER)),
                            }
                            ". " (page.t(w::RULE_ERASED)) ": " (format::count(language, rule.erased))
                        }
                    }))
                    (danger_card(page.t(w::REMOVE), html! {
                        form method="post" action=(of(id, "delete/")) {
                            (page.proof())
                            input type="hidden" name="version" value=(rule.version);
                            (button(page.t(w::REMOVE)).danger().icon("trash-2"))
                        }
                    }))
                }
                div.stack { (card(page.t(w::RULE_DUE), None, due_now(page, &rule, &due))) }
            }
        }
    };
    Ok(page.show_as(status, page.t(w::RETENTION), frame(page, PRIVACY, &content)))
}

fn due_now(page: &Page, rule: &Rule, due: &DueNow) -> Markup {
    let language = page.language();
    html! {
        div.stack {
            @if due.due.is_empty() { p.quiet { (page.t(w::RULE_NOBODY)) } }
            @if due.count > due.due.len() { p { (w::more_than(language, SHOWN)) } }
            ul.stack-tight {
                @for one in &due.due {
                    li {
                        a href=(place::of(rule.kind, one.id)) { (one.title) } " "
                        span.quiet { (format::date(language, one.updated_at.to_zoned(page.zone.clone()).date())) }
                    }
                }
            }
            @if rule.active && !due.due.is_empty() {
                form.form method="post" action=(of(rule.id, "run/")) {
                    (page.proof())
                    (Field::checkbox("confirm", page.t(w::CONFIRM)).value("on").attr("required", "").render(language))
                    div.row { (button(page.t(w::RULE_RUN)).danger().icon("trash-2")) }
                }
            }
        }
    }
}

fn version(body: &Body) -> Precondition {
    let version = body
        .0
        .get("version")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Precondition::OneOf(vec![version.parse().unwrap_or_default()])
}

/// `POST /settings/privacy/retention/5/`.
pub(super) async fn change(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let page = page.with_customs(&crm).await?;
    whole(&crm)?;
    let kind = privacy::rule(&crm.data, id)
        .await?
        .ok_or_else(not_found)?
        .kind;
    let views = views::list(&crm.data, crm.caller.user.id, &[kind]).await?;
    let done = match RuleDraft::parse(
        (kind, page.customs()),
        &told(&body, &views, Some(kind)),
        true,
    ) {
        Err(errors) => Err(errors.into()),
        Ok(draft) => {
            let at = (id, &version(&body));
            privacy::change_rule(&crm.data, crm.by(), at, draft).await
        }
    };
    match done {
        Ok(Some(_)) => Ok(page.done(&of(id, ""), &Notice::new("saved", None))),
        Ok(None) => Err(not_found()),
        Err(error) => {
            let (status, sent) = refused(body, error)?;
            one(&page, &crm, status, id, &sent).await
        }
    }
}

/// `POST /settings/privacy/retention/5/run/`.
pub(super) async fn run(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult<Response> {
    if !body.0.contains_key("confirm") {
        return one(&page, &crm, StatusCode::BAD_REQUEST, id, &Sent::default()).await;
    }
    retention::run(crm, Id(id)).await?;
    Ok(page.done(&of(id, ""), &Notice::new("saved", None)))
}

/// `POST /settings/privacy/retention/5/delete/`.
pub(super) async fn remove(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let at = (id, &version(&body));
    match privacy::remove_rule(&crm.data, crm.by(), at).await {
        Ok(true) => Ok(page.redirect(&format!("{PRIVACY}?deleted={id}"))),
        Ok(false) => Err(not_found()),
        Err(error) => {
            let (status, sent) = refused(body, error)?;
            one(&page, &crm, status, id, &sent).await
        }
    }
}

/// `POST /settings/privacy/retention/5/undo/`.
pub(super) async fn undo(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    whole(&crm)?;
    let undone = privacy::undo_rule(&crm.data, crm.by(), (id, &Precondition::None)).await?;
    undone.ok_or_else(not_found)?;
    Ok(page.done(PRIVACY, &Notice::new("restored", None)))
}
