//! `/settings/pipelines/7/`: a pipeline's stages; `.../stages/3/`: one of them.

use super::pipelines::{delete_form, may, of, refusal};
use super::{PIPELINES, frame};
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::{Id, Ids};
use crate::pages::kit::{
    Choice, Column, Field, PageHeader, Row, Tone, badge, button, card, data_table, link_button,
    notice as told_notice,
};
use crate::pages::language::Word;
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::{condition, sent};
use crate::pages::portal::setup;
use crate::pages::words::pipelines as w;
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::pipelines;
use sindico_domain::FieldErrors;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::Kind;
use sindico_domain::crm::pipeline::{
    Color, FIRST, Outlook, Pipeline, PipelineStage, StageDraft, StageKind, may_require,
};

/// How a form went: a status, what is wrong, and what there is to say.
type Refused = (StatusCode, FieldErrors, Option<String>);

fn fine() -> Refused {
    (StatusCode::OK, FieldErrors::new(), None)
}

/// `GET /settings/pipelines/7/`.
pub(super) async fn show(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    pipeline(page, &crm, id, fine()).await
}

async fn read(page: Page, crm: &Crm) -> ApiResult<Page> {
    let setup = pipelines::read(&crm.data).await?;
    page.knowing(setup).with_customs(crm).await
}

/// The page of a pipeline.
pub(super) async fn pipeline(
    page: Page,
    crm: &Crm,
    id: i64,
    (status, errors, refused): Refused,
) -> ApiResult {
    let page = read(page, crm).await?;
    let language = page.language();
    let found = page.setup().find(id).ok_or_else(not_found)?;
    let wrong: Vec<String> = errors
        .messages("name")
        .iter()
        .map(|text| translate(language, text))
        .collect();
    let changes = may(&page, Method::Patch);
    let columns = [
        Column::new(page.t(w::EDIT_STAGE)),
        Column::new(page.t(w::PROBABILITY)).numeric(),
        Column::new(page.t(w::FORECAST_AS)).spare(),
        Column::new(page.t(w::ROTS)).numeric().spare(),
        Column::new(page.t(w::REQUIRED)).spare(),
        Column::new(page.t(w::ACTIONS)).silent().shrink(),
    ];
    let open = found
        .stages
        .iter()
        .filter(|stage| !stage.is_final())
        .count();
    let rows: Vec<Row> = found
        .stages
        .iter()
        .enumerate()
        .map(|(n, stage)| row(&page, found, (n, open), stage))
        .collect();
    let name = setup::pipeline_name(&page, found);
    let board = match id {
        FIRST => "/opportunities/".to_owned(),
        id => format!("/opportunities/?pipeline={id}"),
    };
    let content = html! {
        (PageHeader {
            breadcrumbs: vec![(page.t(super::w::PIPELINES).to_owned(), PIPELINES.to_owned())],
            title: name.clone(),
            actions: Some(html! { (link_button(page.t(w::OPEN_BOARD), board).icon("columns-3")) }),
            ..PageHeader::default()
        }.render(language))
        div.stack {
            @if let Some(refused) = &refused { (told_notice(Tone::Danger, refused, None)) }
            (data_table(language, page.t(w::STAGES), &columns, &rows))
            @if changes {
                div.row { (link_button(page.t(w::ADD_STAGE), format!("{}stages/new/", of(id))).icon("plus")) }
                (card(page.t(super::w::PIPELINES), None, html! {
                    form.form method="post" action=(of(id)) {
                        (page.proof())
                        input type="hidden" name=(sent::VERSION) value=(found.version);
                        div class="form-grid" {
                            (Field::text("name", page.t(w::NAME)).value(name.clone()).errors(wrong).attr("maxlength", "60").required().render(language))
                            (Field::checkbox("strict", page.t(w::STRICT)).hint(page.t(w::STRICT_HINT)).checked(found.strict).render(language))
                        }
                        div.row { (button(page.t(w::SAVE)).primary()) }
                    }
                }))
            }
            (delete_form(&page, found))
        }
    };
    Ok(page.show_as(status, &name, frame(&page, PIPELINES, &content)))
}

fn row(page: &Page, pipeline: &Pipeline, (n, open): (usize, usize), stage: &PipelineStage) -> Row {
    let language = page.language();
    let name = setup::name(language, stage);
    let path = format!("{}stages/{}/", of(pipeline.id), stage.id);
    let asks: Vec<String> = stage
        .required_fields
        .iter()
        .map(|field| condition::label(page, Kind::Opportunity, field))
        .collect();
    let to = |position: usize, icon, label: String| {
        html! {
            form method="post" action={ (path) "move/" } {
                (page.proof())
                input type="hidden" name="position" value=(position);
                (button(label).small().quiet().icon_only(icon))
            }
        }
    };
    Row::of([
        html! {
            (badge(setup::tone_of(stage), &name))
            @if stage.archived { " " (badge(Tone::Neutral, page.t(w::ARCHIVED))) }
        },
        html! { (stage.probability) "%" },
        html! { @if !stage.is_final() { (page.t(outlook(stage.forecast))) } },
        html! { @if let Some(days) = stage.rots_after_days { (days) } },
        html! { (asks.join(", ")) },
        html! {
            @if may(page, Method::Patch) {
                div class="row" {
                    @if !stage.is_final() {
                        @if n > 0 { (to(n, "chevron-up", w::up_of(language, &name))) }
                        @if n + 1 < open { (to(n + 2, "chevron-down", w::down_of(language, &name))) }
                    }
                    (link_button(w::edit_of(language, &name), path.clone()).small().quiet().icon_only("pencil"))
                }
            }
        },
    ])
}

/// What a stage counts as, in words.
pub(super) fn outlook(outlook: Outlook) -> Word {
    match outlook {
        Outlook::Pipeline => w::PIPELINE,
        Outlook::BestCase => w::BEST_CASE,
        Outlook::Committed => w::COMMITTED,
    }
}

fn color(color: Color) -> Word {
    match color {
        Color::Neutral => w::NEUTRAL,
        Color::Info => w::INFO,
        Color::Accent => w::ACCENT,
        Color::Warning => w::WARNING,
        Color::Ok => w::OK,
        Color::Danger => w::DANGER,
    }
}

/// A form that deletes something whose sales may have to go elsewhere.
pub(super) fn removal(
    page: &Page,
    title: Word,
    action: &str,
    version: i64,
    choices: Vec<Choice>,
) -> Markup {
    card(
        page.t(title),
        None,
        html! {
            form.form method="post" action=(action) {
                (page.proof())
                input type="hidden" name=(sent::VERSION) value=(version);
                div class="form-grid" {
                    (Field::select("move_to", page.t(w::MOVE_SALES)).choices(choices).or_none(page.t(w::MOVE_NOWHERE)).render(page.language()))
                }
                div.row { (button(page.t(title)).danger()) }
            }
        },
    )
}

/// The id in a field of a form, if one was chosen.
pub(super) fn id_of(body: &Body, name: &str) -> Option<i64> {
    body.0.get(name).and_then(Value::as_str)?.parse().ok()
}

/// What a stage's form shows.
fn values(stage: &PipelineStage, name: String) -> Map<String, Value> {
    let mut values = Map::new();
    let mut put = |name: &str, value: String| values.insert(name.to_owned(), value.into());
    put("name", name);
    put("probability", stage.probability.to_string());
    put("color", stage.color.to_string());
    put("forecast", stage.forecast.to_string());
    put(
        "rots_after_days",
        stage
            .rots_after_days
            .map(|days| days.to_string())
            .unwrap_or_default(),
    );
    if stage.archived {
        put("archived", "true".to_owned());
    }
    let asks = stage.required_fields.iter();
    let asks = asks.map(|field| (field.clone(), "1".into()));
    values.insert("asks".to_owned(), Value::Object(asks.collect()));
    values
}

/// The body of a stage's form, as the rules read it.
fn told(body: &Map<String, Value>) -> Map<String, Value> {
    let mut told = body.clone();
    // A dot in a name goes one object deeper.
    let asks = body.get("asks").and_then(Value::as_object);
    let asks: Vec<Value> = asks
        .into_iter()
        .flat_map(Map::keys)
        .cloned()
        .map(Value::from)
        .collect();
    told.insert("required_fields".to_owned(), Value::Array(asks));
    told.entry("archived").or_insert_with(|| "false".into());
    told
}

struct Form<'a> {
    pipeline: &'a Pipeline,
    stage: Option<&'a PipelineStage>,
    values: Map<String, Value>,
    refused: Refused,
}

impl Form<'_> {
    fn render(&self, page: &Page) -> axum::response::Response {
        let language = page.language();
        let (status, errors, refused) = &self.refused;
        let text = |name: &str| {
            self.values
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let wrong = |name: &str| -> Vec<String> {
            errors
                .messages(name)
                .iter()
                .map(|text| translate(language, text))
                .collect()
        };
        let colors = Color::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), page.t(color(*one))));
        let outlooks = Outlook::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), page.t(outlook(*one))));
        let fields = Kind::Opportunity
            .fields()
            .iter()
            .filter(|field| may_require(field.name));
        let kind = self.stage.map_or(StageKind::Open, |stage| stage.kind);
        let fields = fields.filter(|field| {
            field.name != "customer" && (kind == StageKind::Lost || field.name != "loss_reason")
        });
        let customs = page.customs().of(Kind::Opportunity);
        let names: Vec<String> = fields
            .map(|field| field.name.to_owned())
            .chain(customs.map(|field| field.name()))
            .collect();
        let asked = self.values.get("asks").and_then(Value::as_object);
        let asks = |name: &str| asked.is_some_and(|asked| asked.contains_key(name));
        let name = self.stage.map(|stage| setup::name(language, stage));
        let title = name
            .clone()
            .unwrap_or_else(|| page.t(w::ADD_STAGE).to_owned());
        let action = match self.stage {
            Some(stage) => format!("{}stages/{}/", of(self.pipeline.id), stage.id),
            None => format!("{}stages/new/", of(self.pipeline.id)),
        };
        let others = self
            .pipeline
            .open()
            .filter(|other| self.stage.is_some_and(|stage| stage.id != other.id));
        let others: Vec<Choice> = others
            .map(|other| Choice::new(other.id.to_string(), setup::name(language, other)))
            .collect();
        let content = html! {
            (PageHeader {
                breadcrumbs: vec![
                    (page.t(super::w::PIPELINES).to_owned(), PIPELINES.to_owned()),
                    (setup::pipeline_name(page, self.pipeline), of(self.pipeline.id)),
                ],
                title: title.clone(),
                subtitle: self.stage.map(|stage| html! { (page.t(w::CODE)) ": " (stage.code) }),
                ..PageHeader::default()
            }.render(language))
            div.stack {
                @if let Some(refused) = refused { (told_notice(Tone::Danger, refused, None)) }
                form.form method="post" action=(action) {
                    (page.proof())
                    input type="hidden" name=(sent::VERSION) value=(self.pipeline.version);
                    div class="form-grid" {
                        (Field::text("name", page.t(w::NAME)).value(text("name")).errors(wrong("name")).attr("maxlength", "60").required().render(language))
                        @if kind == StageKind::Open {
                            (Field::number("probability", page.t(w::PROBABILITY)).hint(page.t(w::PROBABILITY_HINT)).value(text("probability")).errors(wrong("probability")).render(language))
                            (Field::select("forecast", page.t(w::FORECAST_AS)).choices(outlooks).value(text("forecast")).errors(wrong("forecast")).render(language))
                            (Field::number("rots_after_days", page.t(w::ROTS)).hint(page.t(w::ROTS_HINT)).value(text("rots_after_days")).errors(wrong("rots_after_days")).render(language))
                        }
                        (Field::select("color", page.t(w::COLOR)).choices(colors).value(text("color")).errors(wrong("color")).render(language))
                        @if kind == StageKind::Open && self.stage.is_some() {
                            (Field::checkbox("archived", page.t(w::ARCHIVED)).hint(page.t(w::ARCHIVED_HINT)).checked(text("archived") == "true" || text("archived") == "on").errors(wrong("archived")).render(language))
                        }
                    }
                    fieldset class="field" {
                        legend class="field-label" { (page.t(w::REQUIRED)) }
                        p class="field-hint" { (page.t(w::REQUIRED_HINT)) }
                        div class="choices-line" {
                            @for name in &names {
                                label class="choice" {
                                    input type="checkbox" name={ "asks." (name) } value="1" checked[asks(name)];
                                    span { (condition::label(page, Kind::Opportunity, name)) }
                                }
                            }
                        }
                        @for wrong in wrong("required_fields") { p class="field-error" { (wrong) } }
                    }
                    div.row {
                        (button(page.t(if self.stage.is_some() { w::SAVE } else { w::ADD })).primary())
                        (link_button(page.t(w::CANCEL), of(self.pipeline.id)).quiet())
                    }
                }
                @if kind == StageKind::Open && self.stage.is_some() && may(page, Method::Delete) {
                    (removal(page, w::DELETE_STAGE, &format!("{action}delete/"), self.pipeline.version, others))
                }
            }
        };
        page.show_as(*status, &title, frame(page, PIPELINES, &content))
    }
}

async fn form(
    page: Page,
    crm: &Crm,
    (id, stage): (i64, Option<i64>),
    typed: Option<&Body>,
    refused: Refused,
) -> ApiResult {
    let page = read(page, crm).await?;
    let pipeline = page.setup().find(id).ok_or_else(not_found)?;
    let stage = match stage {
        None => None,
        Some(stage) => Some(
            pipeline
                .stages
                .iter()
                .find(|found| found.id == stage)
                .ok_or_else(not_found)?,
        ),
    };
    let values = match (typed, stage) {
        (Some(body), _) => body.0.clone(),
        (None, Some(stage)) => values(stage, setup::name(page.language(), stage)),
        (None, None) => values(&PipelineStage::new("", StageKind::Open), String::new()),
    };
    let form = Form {
        pipeline,
        stage,
        values,
        refused,
    };
    Ok(form.render(&page))
}

/// `GET /settings/pipelines/7/stages/new/`.
pub(super) async fn new(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    form(page, &crm, (id, None), None, fine()).await
}

/// `GET /settings/pipelines/7/stages/3/`.
pub(super) async fn edit(page: Page, crm: Crm, Ids(id, stage): Ids) -> ApiResult {
    form(page, &crm, (id, Some(stage)), None, fine()).await
}

/// `POST /settings/pipelines/7/stages/new/`.
pub(super) async fn create(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let condition = sent::condition(&body.0);
    let added = match StageDraft::parse(&told(&body.0), true) {
        Ok(draft) => pipelines::add_stage(&crm.data, crm.by(), (id, &condition), &draft).await,
        Err(errors) => Err(errors.into()),
    };
    match added {
        Ok(changed) => {
            let changed = changed.ok_or_else(not_found)?;
            crm.was_set_up();
            Ok(page.done(&of(id), &Notice::new("saved", changed.change_set)))
        }
        Err(error) => {
            let refused = refusal(&page, error)?;
            form(page, &crm, (id, None), Some(&body), refused).await
        }
    }
}

/// `POST /settings/pipelines/7/stages/3/`.
pub(super) async fn update(page: Page, crm: Crm, Ids(id, stage): Ids, body: Body) -> ApiResult {
    let mut told = told(&body.0);
    // The name that a page shows for a code is not the company's own.
    let known = pipelines::read(&crm.data).await?;
    let known = known
        .find(id)
        .and_then(|pipeline| pipeline.stages.iter().find(|found| found.id == stage));
    if let Some(known) = known.filter(|known| known.name.is_empty())
        && told.get("name").and_then(Value::as_str)
            == Some(setup::name(page.language(), known).as_str())
    {
        told.remove("name");
    }
    let condition = sent::condition(&body.0);
    let changed = match StageDraft::parse(&told, false) {
        Ok(draft) => {
            pipelines::change_stage(&crm.data, crm.by(), (id, &condition), (stage, &draft)).await
        }
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
            form(page, &crm, (id, Some(stage)), Some(&body), refused).await
        }
    }
}

/// `POST /settings/pipelines/7/stages/3/move/`.
pub(super) async fn put(page: Page, crm: Crm, Ids(id, stage): Ids, body: Body) -> ApiResult {
    let mut told = body.0.clone();
    told.retain(|name, _| name == "position");
    let draft = StageDraft::parse(&told, false)?;
    let any = sindico_domain::precondition::Precondition::None;
    let changed = pipelines::change_stage(&crm.data, crm.by(), (id, &any), (stage, &draft)).await?;
    let changed = changed.ok_or_else(not_found)?;
    crm.was_set_up();
    Ok(page.done(&of(id), &Notice::new("saved", changed.change_set)))
}

/// `POST /settings/pipelines/7/stages/3/delete/`.
pub(super) async fn delete(page: Page, crm: Crm, Ids(id, stage): Ids, body: Body) -> ApiResult {
    let condition = sent::condition(&body.0);
    let to = id_of(&body, "move_to");
    match pipelines::delete_stage(&crm.data, crm.by(), (id, &condition), (stage, to)).await {
        Ok(removed) => {
            let removed = removed.ok_or_else(not_found)?;
            crm.was_set_up();
            Ok(page.done(
                &of(id),
                &Notice::new("deleted_for_good", removed.change_set),
            ))
        }
        Err(error) => {
            let refused = refusal(&page, error)?;
            form(page, &crm, (id, Some(stage)), None, refused).await
        }
    }
}
