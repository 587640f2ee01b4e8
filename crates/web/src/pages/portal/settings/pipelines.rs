//! `/settings/pipelines/`: the company's pipelines, and why its sales are lost.

use super::{PIPELINES, frame};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::kit::{
    Choice, Column, Field, MenuItem, Row, Tone, badge, button, card, data_table, format,
    link_button, more_menu, notice as told_notice,
};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::sent;
use crate::pages::portal::setup;
use crate::pages::words::pipelines as w;
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::pipelines::{self, SetupChange};
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::pipeline::{FIRST, Pipeline, PipelineDraft, Pipelines, ReasonDraft};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

/// How many changes are shown.
const CHANGES: usize = 10;

/// What was typed into one of the page's forms, and what is wrong with it.
#[derive(Default)]
pub(super) struct Typed {
    /// Which form: `pipeline`, or the reason's id, 0 for a new one.
    form: String,
    values: Map<String, Value>,
    errors: FieldErrors,
    refused: Option<String>,
}

impl Typed {
    fn text(&self, form: &str, name: &str) -> String {
        let value = self.values.get(name).filter(|_| self.form == form);
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn wrong(&self, page: &Page, form: &str, name: &str) -> Vec<String> {
        let messages = self
            .errors
            .messages(name)
            .iter()
            .filter(|_| self.form == form);
        messages
            .map(|text| translate(page.language(), text))
            .collect()
    }
}

/// Whether the caller's role may do this here.
pub(super) fn may(page: &Page, method: Method) -> bool {
    page.may(Resource::Pipelines, method)
}

/// The address of a pipeline's page.
pub(super) fn of(id: i64) -> String {
    format!("{PIPELINES}{id}/")
}

/// `GET /settings/pipelines/`; with `?reason=` the form that renames one.
pub(super) async fn show(page: Page, crm: Crm, query: Query) -> ApiResult {
    let pairs = query.without("");
    let asked = pairs.into_iter().find(|(name, _)| name == "reason");
    let form = asked.map(|(_, id)| id).unwrap_or_default();
    let typed = Typed {
        form,
        ..Typed::default()
    };
    respond(page, &crm, StatusCode::OK, &typed).await
}

async fn respond(page: Page, crm: &Crm, status: StatusCode, typed: &Typed) -> ApiResult {
    let (setup, history) = pipelines::with_history(&crm.data).await?;
    let page = page.knowing(setup);
    let all = page.setup();
    let language = page.language();
    let columns = [
        Column::new(page.t(w::NAME)),
        Column::new(page.t(w::MOVES)),
        Column::new(page.t(w::STAGES)),
    ];
    let row = |one: &Pipeline| {
        let stages: Vec<String> = one
            .stages
            .iter()
            .map(|stage| setup::name(language, stage))
            .collect();
        let moves = page.t(if one.strict { w::STRICT } else { w::FREE });
        Row::to(
            of(one.id),
            [
                html! { (setup::pipeline_name(&page, one)) },
                html! { (moves) },
                html! { (stages.join(", ")) },
            ],
        )
    };
    let rows: Vec<Row> = all.all.iter().map(row).collect();
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::LEAD)) }
            @if let Some(refused) = &typed.refused { (told_notice(Tone::Danger, refused, None)) }
            (data_table(language, page.t(super::w::PIPELINES), &columns, &rows))
            @if may(&page, Method::Post) { (card(page.t(w::ADD_PIPELINE), None, new_form(&page, typed))) }
            (card(page.t(w::REASONS), None, reasons(&page, all, typed)))
            (changes(&page, &history))
        }
    };
    Ok(page.show_as(
        status,
        page.t(super::w::PIPELINES),
        frame(&page, PIPELINES, &content),
    ))
}

fn new_form(page: &Page, typed: &Typed) -> Markup {
    html! {
        form.form method="post" action=(PIPELINES) {
            (page.proof())
            div class="form-grid" {
                (Field::text("name", page.t(w::NAME)).id("new-pipeline").value(typed.text("pipeline", "name")).errors(typed.wrong(page, "pipeline", "name"))
                    .attr("maxlength", "60").required().render(page.language()))
            }
            div.row { (button(page.t(w::ADD)).primary()) }
        }
    }
}

fn reasons(page: &Page, all: &Pipelines, typed: &Typed) -> Markup {
    let language = page.language();
    let columns = [
        Column::new(page.t(w::NAME)),
        Column::new(page.t(w::ACTIONS)).silent().shrink(),
    ];
    let renaming = all
        .reasons
        .iter()
        .find(|one| one.id.to_string() == typed.form);
    let row = |one: &sindico_domain::crm::pipeline::LossReason| {
        let items = [
            MenuItem::Link {
                href: format!("{PIPELINES}?reason={}", one.id),
                label: page.t(w::RENAME).to_owned(),
                icon: Some("pencil"),
                key: None,
            },
            MenuItem::Post {
                action: format!("/settings/reasons/{}/delete/", one.id),
                label: page.t(w::REMOVE).to_owned(),
                icon: Some("trash-2"),
                csrf: page.csrf.clone(),
                values: Vec::new(),
                danger: true,
            },
        ];
        let items = match may(page, Method::Delete) {
            true => &items[..],
            false => &items[..1],
        };
        Row::of([
            html! { (one.name) },
            html! { @if may(page, Method::Patch) { (more_menu(language, &one.name, items)) } },
        ])
    };
    let rows: Vec<Row> = all.reasons.iter().map(row).collect();
    let form = |action: String, form: &str, label, value: String, submit| {
        html! {
            form.form method="post" action=(action) {
                (page.proof())
                div class="form-grid" {
                    (Field::text("name", page.t(label)).id("reason-name").value(value).errors(typed.wrong(page, form, "name"))
                        .attr("maxlength", "60").required().render(language))
                }
                div.row {
                    (button(page.t(submit)).primary())
                    @if renaming.is_some() { (link_button(page.t(w::CANCEL), PIPELINES).quiet()) }
                }
            }
        }
    };
    html! {
        p.quiet { (page.t(w::REASONS_LEAD)) }
        @if rows.is_empty() { p { (page.t(w::NO_REASONS)) } } @else {
            (data_table(language, page.t(w::REASONS), &columns, &rows))
        }
        @match renaming {
            Some(one) if may(page, Method::Patch) => {
                @let id = one.id.to_string();
                @let typed = typed.text(&id, "name");
                (form(format!("/settings/reasons/{id}/"), &id, w::RENAME, if typed.is_empty() { one.name.clone() } else { typed }, w::RENAME))
            }
            _ => @if may(page, Method::Post) {
                (form("/settings/reasons/".to_owned(), "0", w::ADD_REASON, typed.text("0", "name"), w::ADD))
            }
        }
    }
}

fn changes(page: &Page, history: &[SetupChange]) -> Markup {
    if history.is_empty() {
        return html! {};
    }
    let language = page.language();
    let columns = [
        Column::new(page.t(w::WHAT)),
        Column::new(page.t(w::WHO)),
        Column::new(page.t(w::WHEN)).spare(),
        Column::new(page.t(w::ACTIONS)).silent().shrink(),
    ];
    let row = |one: &SetupChange| {
        let name = one.after.as_ref().or(one.before.as_ref());
        let name = name
            .and_then(|state| state["name"].as_str())
            .unwrap_or_default();
        let name = match (name, one.what.as_str()) {
            ("", "pipeline") => setup::pipeline(page, one.record),
            (name, _) => name.to_owned(),
        };
        let what = format!("{}: {name}", page.t(action(&one.action)));
        let when = format::datetime_text(language, one.at, &page.zone);
        let label = w::undo_of(language, &what, &when);
        Row::of([
            html! { (what) },
            html! { (one.username) },
            html! { (when) },
            html! {
                @if one.undone_by.is_some() { (badge(Tone::Neutral, page.t(w::UNDONE))) }
                @else if may(page, Method::Patch) {
                    form method="post" action={ "/changes/" (one.change_set) "/undo/" } {
                        (page.proof())
                        input type="hidden" name=(sent::NEXT) value=(PIPELINES);
                        (button(page.t(w::UNDO)).small().quiet().attr("aria-label", label))
                    }
                }
            },
        ])
    };
    let rows: Vec<Row> = history.iter().take(CHANGES).map(row).collect();
    card(
        page.t(w::HISTORY),
        None,
        data_table(language, page.t(w::HISTORY), &columns, &rows),
    )
}

fn action(action: &str) -> crate::pages::language::Word {
    match action {
        "pipeline.create" => w::DID_CREATE,
        "pipeline.delete" => w::DID_DELETE,
        "pipeline.stage_add" => w::DID_STAGE_ADD,
        "pipeline.stage_update" => w::DID_STAGE_UPDATE,
        "pipeline.stage_delete" => w::DID_STAGE_DELETE,
        "loss_reason.create" => w::DID_REASON_CREATE,
        "loss_reason.update" => w::DID_REASON_UPDATE,
        "loss_reason.delete" => w::DID_REASON_DELETE,
        "undo" => w::DID_UNDO,
        _ => w::DID_UPDATE,
    }
}

/// A refusal as the page shows it; what is no fault of the form goes on.
pub(super) fn refusal(
    page: &Page,
    error: Error,
) -> ApiResult<(StatusCode, FieldErrors, Option<String>)> {
    let language = page.language();
    Ok(match error {
        Error::Refused(Refusal::Fields(errors)) => {
            let whole = ["non_field_errors", "stages", "move_to"];
            let mut whole = whole.iter().flat_map(|name| errors.messages(name));
            let told = whole.next().map(|text| translate(language, text));
            (StatusCode::BAD_REQUEST, errors, told)
        }
        Error::Refused(Refusal::PreconditionFailed) => (
            StatusCode::PRECONDITION_FAILED,
            FieldErrors::new(),
            Some(page.t(w::STALE).to_owned()),
        ),
        Error::Refused(Refusal::Conflict { detail, .. }) => (
            StatusCode::CONFLICT,
            FieldErrors::new(),
            Some(translate(language, &detail)),
        ),
        error => return Err(error.into()),
    })
}

async fn refuse(page: Page, crm: &Crm, form: &str, body: &Body, error: Error) -> ApiResult {
    let (status, errors, refused) = refusal(&page, error)?;
    let typed = Typed {
        form: form.to_owned(),
        values: body.0.clone(),
        errors,
        refused,
    };
    respond(page, crm, status, &typed).await
}

/// `POST /settings/pipelines/`.
pub(super) async fn create(page: Page, crm: Crm, body: Body) -> ApiResult {
    let mut told = body.0.clone();
    told.retain(|name, _| name == "name");
    match pipelines::create(&crm.data, crm.by(), &told, None).await {
        Ok(once) => {
            crm.was_set_up();
            let id = once.value["id"].as_i64().unwrap_or_default();
            Ok(page.done(&of(id), &Notice::new("saved", once.change_set)))
        }
        Err(error) => refuse(page, &crm, "pipeline", &body, error).await,
    }
}

/// `POST /settings/reasons/`.
pub(super) async fn add_reason(page: Page, crm: Crm, body: Body) -> ApiResult {
    let added = match ReasonDraft::parse(&body.0) {
        Ok(draft) => pipelines::add_reason(&crm.data, crm.by(), draft).await,
        Err(errors) => Err(errors.into()),
    };
    match added {
        Ok(changed) => {
            crm.was_set_up();
            Ok(page.done(PIPELINES, &Notice::new("saved", changed.change_set)))
        }
        Err(error) => refuse(page, &crm, "0", &body, error).await,
    }
}

/// `POST /settings/reasons/7/`.
pub(super) async fn rename_reason(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let renamed = match ReasonDraft::parse(&body.0) {
        Ok(draft) => pipelines::change_reason(&crm.data, crm.by(), id, draft).await,
        Err(errors) => Err(errors.into()),
    };
    match renamed {
        Ok(changed) => {
            let changed = changed.ok_or_else(not_found)?;
            crm.was_set_up();
            Ok(page.done(PIPELINES, &Notice::new("saved", changed.change_set)))
        }
        Err(error) => refuse(page, &crm, &id.to_string(), &body, error).await,
    }
}

/// `POST /settings/reasons/7/delete/`.
pub(super) async fn delete_reason(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let removed = pipelines::remove_reason(&crm.data, crm.by(), id).await?;
    let removed = removed.ok_or_else(not_found)?;
    crm.was_set_up();
    Ok(page.done(
        PIPELINES,
        &Notice::new("deleted_for_good", removed.change_set),
    ))
}

/// `POST /settings/pipelines/7/`.
pub(super) async fn change(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let mut told = body.0.clone();
    // A box that is not ticked is not sent.
    told.entry("strict").or_insert_with(|| "false".into());
    let condition = sent::condition(&body.0);
    let changed = match PipelineDraft::parse(&told, false) {
        Ok(draft) => pipelines::change(&crm.data, crm.by(), (id, &condition), &draft).await,
        Err(errors) => Err(errors.into()),
    };
    match changed {
        Ok(changed) => {
            let changed = changed.ok_or_else(not_found)?;
            crm.was_set_up();
            Ok(page.done(&of(id), &Notice::new("saved", changed.change_set)))
        }
        Err(error) => {
            let refused = refusal(&page, error)?;
            super::stages::pipeline(page, &crm, id, refused).await
        }
    }
}

/// `POST /settings/pipelines/7/delete/`.
pub(super) async fn delete(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let condition = sent::condition(&body.0);
    let to = super::stages::id_of(&body, "move_to");
    match pipelines::remove(&crm.data, crm.by(), (id, &condition), to).await {
        Ok(removed) => {
            let removed = removed.ok_or_else(not_found)?;
            crm.was_set_up();
            Ok(page.done(
                PIPELINES,
                &Notice::new("deleted_for_good", removed.change_set),
            ))
        }
        Err(error) => {
            let refused = refusal(&page, error)?;
            super::stages::pipeline(page, &crm, id, refused).await
        }
    }
}

/// The form that deletes a pipeline, but for the first one.
pub(super) fn delete_form(page: &Page, pipeline: &Pipeline) -> Markup {
    if pipeline.id == FIRST || !may(page, Method::Delete) {
        return html! {};
    }
    let others = page
        .setup()
        .all
        .iter()
        .filter(|other| other.id != pipeline.id);
    let choices =
        others.map(|other| Choice::new(other.id.to_string(), setup::pipeline_name(page, other)));
    super::stages::removal(
        page,
        w::DELETE_PIPELINE,
        &format!("{}delete/", of(pipeline.id)),
        pipeline.version,
        choices.collect(),
    )
}
