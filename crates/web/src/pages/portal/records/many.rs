//! `/leads/bulk/`: many records at once. Rows are selected in a list, or all that fit its filter; then it is
//! said what to do, shown what would change, and done. Each step is a form that carries the ones before.

use super::filters::Asked;
use super::sent::{self, Sent};
use super::viewing::whole;
use super::{condition, control, custom, place, value};
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::pages::kit::{
    Choice, Column, Field as Control, PageHeader, Row, SELECTION, Tone, button, card, danger_card,
    data_table, disclosure, error_summary, format, link_button, notice as told_notice,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{fields as f, records as r, views as w};
use crate::portal::bulk::{Ready, Told};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::bulk::{Preview, SHOWN};
use sindico_crm::names::Names;
use sindico_db::Error;
use sindico_domain::access::capability::Method;
use sindico_domain::access::fields::FieldAccess;
use sindico_domain::crm::bulk::{Action, is_offered, keeper};
use sindico_domain::crm::filter::{Filter, Operand, Test, simple};
use sindico_domain::crm::{Datum, FieldType, Kind};
use sindico_domain::{FieldErrors, Refusal};
use std::collections::HashMap;

/// Above a list: what is done to the rows that are ticked, or to all.
pub fn selection(
    page: &Page,
    kind: Kind,
    asked: &Asked,
    total: Option<i64>,
    capped: bool,
) -> Markup {
    let mut filters = asked.filters.clone();
    let q = asked.text("q");
    filters.extend((!q.is_empty()).then(|| simple::matching(kind, q)).flatten());
    let all = whole(&filters).unwrap_or(Filter::All(Vec::new()));
    let language = page.language();
    let total = format::capped_count(language, total.unwrap_or_default(), capped);
    html! {
        form id=(SELECTION) class="selection" method="post" action=(path(kind)) {
            (page.proof())
            input type="hidden" name=(simple::FILTER) value=(all);
            (sent::next_field(&page.view.path))
            label class="choice" data-select-all hidden {
                input type="checkbox" autocomplete="off";
                span { (page.t(w::SELECT_PAGE)) }
            }
            (button(page.t(w::SELECTED)).small().icon("pencil").sends("which", "ids"))
            (button(w::all_that_fit(language, total)).small().quiet().sends("which", "all"))
        }
    }
}

fn path(kind: Kind) -> String {
    format!("{}bulk/", place::base(kind))
}

/// What all steps carry.
struct Step<'a> {
    kind: Kind,
    page: &'a Page,
    crm: &'a Crm,
    target: Filter,
    back: String,
}

/// `POST /leads/bulk/`.
pub async fn submit(kind: Kind, page: Page, crm: Crm, body: Body) -> ApiResult {
    let text = |name: &str| body.0.get(name).and_then(Value::as_str).unwrap_or_default();
    let back = sent::next(&body.0).unwrap_or(place::list(kind)).to_owned();
    let target = match text("which") {
        "ids" => ticked(kind, &body.0),
        _ => match Filter::read((kind, page.customs()), text(simple::FILTER)) {
            Ok(filter) => Some(filter),
            Err(errors) => {
                let mut wrong = FieldErrors::new();
                errors.iter().for_each(|e| wrong.add(simple::FILTER, e));
                return Err(wrong.into());
            }
        },
    };
    let Some(target) = target else {
        let content = html! {
            (header(&page, kind, page.t(w::CHANGE_MANY)))
            (told_notice(Tone::Warn, page.t(w::NONE_SELECTED), None))
            p { (page.t(w::SELECT_HINT)) }
            p { (link_button(page.t(w::BACK_TO_LIST), back)) }
        };
        let title = page.t(w::CHANGE_MANY);
        return Ok(page.show_as(StatusCode::BAD_REQUEST, title, content));
    };
    let step = Step {
        kind,
        page: &page,
        crm: &crm,
        target,
        back,
    };
    let Ok(action) = text("action").parse::<Action>() else {
        return step.choose(&Map::new(), &FieldErrors::new()).await;
    };
    let values = match text("values") {
        "" => match step.values(action, &body.0).await? {
            Ok(values) => values,
            Err(errors) => return step.choose(&body.0, &errors).await,
        },
        told => serde_json::from_str(told).unwrap_or(json!({})),
    };
    let token = text("token");
    let mut asked = json!({"filter": step.target.to_json(), "action": action, "values": values, "preview": token.is_empty()});
    if !token.is_empty() {
        asked["token"] = json!(token);
    }
    let asked = asked.as_object().cloned().unwrap_or_default();
    let told = match Told::parse((kind, page.customs()), &asked) {
        Ok(told) => told,
        Err(errors) => {
            let flat = flat(&page, kind, errors);
            return step.choose(&body.0, &flat).await;
        }
    };
    let ready = Ready::new(&crm, &told).await?;
    if told.preview {
        return match ready.preview(&crm).await {
            Ok(preview) => Ok(step.preview(action, &values, &preview, false)),
            Err(error) => match error.into_inner() {
                // More than can be changed at once.
                Error::Refused(Refusal::Fields(errors)) => step.choose(&body.0, &errors).await,
                other => Err(other.into()),
            },
        };
    }
    let key = sent::key(&crm, &body.0, &asked, &path(kind));
    match ready.run(&crm, key.as_ref()).await {
        Ok(once) => {
            let change = once.value["change_set"].as_i64();
            Ok(page.done(&step.back, &Notice::new("many_changed", change)))
        }
        Err(error) => match error.into_inner() {
            Error::Refused(Refusal::Conflict { .. }) => {
                let preview = ready.preview(&crm).await?;
                Ok(step.preview(action, &values, &preview, true))
            }
            Error::Refused(Refusal::Fields(errors)) => step.choose(&body.0, &errors).await,
            other => Err(other.into()),
        },
    }
}

/// The rows that are ticked; `None` when none is.
fn ticked(kind: Kind, body: &Map<String, Value>) -> Option<Filter> {
    let ids = body.get("id")?.as_object()?.keys();
    let ids: Vec<Operand> = ids
        .filter_map(|id| Some(Operand::Int(id.parse().ok()?)))
        .collect();
    let some = !ids.is_empty() && ids.len() <= sindico_domain::crm::filter::VALUES;
    some.then(|| Filter::on(kind, "id", Test::In(ids)))
        .flatten()
}

/// Errors of values stand at their fields, those of the rest as a whole.
fn flat(page: &Page, kind: Kind, errors: FieldErrors) -> FieldErrors {
    let mut flat = FieldErrors::new();
    for field in page.customs().of(kind) {
        let name = custom::name(field);
        for message in errors.at(&format!("values.{name}")) {
            flat.add(&name, message);
        }
    }
    for field in kind.fields() {
        for message in errors.at(&format!("values.{}", field.name)) {
            flat.add(field.name, message);
        }
    }
    for name in [
        "values.non_field_errors",
        "non_field_errors",
        "action",
        "filter",
    ] {
        for message in errors.at(name) {
            flat.add("filter", message);
        }
    }
    flat
}

fn header(page: &Page, kind: Kind, title: &str) -> Markup {
    let header = PageHeader {
        breadcrumbs: vec![(
            page.t(r::many(kind)).to_owned(),
            place::list(kind).to_owned(),
        )],
        title: title.to_owned(),
        ..PageHeader::default()
    };
    header.render(page.language())
}

impl Step<'_> {
    /// What the form of an action says, as the API reads it.
    async fn values(
        &self,
        action: Action,
        body: &Map<String, Value>,
    ) -> ApiResult<Result<Value, FieldErrors>> {
        let mut typed = body.clone();
        let ticked = body.get("set").and_then(Value::as_object);
        let wanted = |name: &str| match action {
            Action::Edit => ticked.is_some_and(|set| set.contains_key(name)),
            Action::Reassign => name == keeper(self.kind),
            Action::Tag | Action::Untag => name == "tags",
            Action::Delete => false,
        };
        for field in self.kind.fields() {
            if field.ty == FieldType::Custom {
                custom::ticked(&mut typed, ticked.filter(|_| action == Action::Edit));
                continue;
            }
            if !wanted(field.name) {
                typed.remove(field.name);
            } else if !typed.contains_key(field.name) {
                // A box that is not ticked is not sent.
                typed.insert(field.name.to_owned(), json!("false"));
            }
        }
        let sent = Sent::read(self.page, self.crm, self.kind, &typed).await?;
        Ok(sent.errors.check(Value::Object(sent.input)))
    }

    fn carried(&self) -> Markup {
        html! {
            (self.page.proof())
            input type="hidden" name=(simple::FILTER) value=(self.target);
            (sent::next_field(&self.back))
        }
    }

    /// What can be done.
    async fn choose(&self, typed: &Map<String, Value>, errors: &FieldErrors) -> ApiResult {
        let (page, kind) = (self.page, self.kind);
        let members = sent::people(self.crm).await?;
        let language = page.language();
        let summary: Vec<(String, String)> = kind
            .fields()
            .iter()
            .map(|field| field.name)
            .chain([simple::FILTER])
            .flat_map(|name| {
                let told = errors.messages(name).iter();
                told.map(move |error| (format!("f-{name}"), control::told(page, error)))
            })
            .collect();
        let mut summary = summary;
        for field in page.customs().of(kind) {
            let name = custom::name(field);
            let told = errors.at(&name).iter();
            summary.extend(told.map(|error| {
                (
                    format!("f-{name}"),
                    format!("{}: {}", field.label, control::told(page, error)),
                )
            }));
        }
        let deletes = page.may(kind.resource(), Method::Delete);
        let content = html! {
            (header(page, kind, page.t(w::CHANGE_MANY)))
            (error_summary(language, &summary))
            div class="stack" {
                (disclosure(page.t(w::FIELDS), !errors.is_empty(), &self.fields(typed, errors, &members)))
                @if Action::Reassign.fits(kind) { (card(page.t(w::REASSIGN), None, self.reassign(&members))) }
                @if Action::Tag.fits(kind) { (card(page.t(w::TAGS), None, self.tags())) }
                @if deletes { (danger_card(page.t(w::DELETE_MANY), html! {
                    form method="post" class="stack" action=(path(kind)) {
                        (self.carried())
                        p class="quiet" { (page.t(w::DELETE_HINT)) }
                        div { (button(page.t(w::PREVIEW)).danger().sends("action", Action::Delete.as_str())) }
                    }
                })) }
            }
        };
        let status = match errors.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::BAD_REQUEST,
        };
        Ok(page.show_as(status, page.t(w::CHANGE_MANY), content))
    }

    fn fields(
        &self,
        typed: &Map<String, Value>,
        errors: &FieldErrors,
        members: &[Choice],
    ) -> Markup {
        let page = self.page;
        let options = HashMap::new();
        let setting = control::Setting {
            page,
            kind: self.kind,
            typed,
            errors,
            members,
            options: &options,
            record: None,
            prefix: "",
            found: None,
        };
        let ticked = typed.get("set").and_then(Value::as_object);
        let offered = self.kind.fields().iter();
        let offered =
            offered.filter(|field| is_offered(self.kind, field) && field.name != keeper(self.kind));
        let writes = |name: &str| page.access(self.kind, name) == FieldAccess::Write;
        let offered = offered.filter(|field| writes(field.name));
        let customs = page.customs().of(self.kind);
        let customs = customs.filter(|field| writes(&field.name()));
        html! {
            form method="post" class="stack" action=(path(self.kind)) novalidate {
                (self.carried())
                p class="quiet" { (page.t(w::FIELDS_HINT)) }
                @for field in offered {
                    @let label = page.t(f::label(self.kind, field.name));
                    div class="form-grid" {
                        (Control::checkbox(format!("set.{}", field.name), w::change_this(page.language(), label))
                            .id(format!("set-{}", field.name))
                            .checked(ticked.is_some_and(|set| set.contains_key(field.name))).render(page.language()))
                        (setting.control(field))
                    }
                }
                @for field in customs {
                    @let name = custom::name(field);
                    div class="form-grid" {
                        (Control::checkbox(format!("set.{name}"), w::change_this(page.language(), &field.label))
                            .id(format!("set-{name}"))
                            .checked(ticked.is_some_and(|set| set.contains_key(&name))).render(page.language()))
                        (setting.custom(field, false))
                    }
                }
                div { (button(page.t(w::PREVIEW)).primary().sends("action", Action::Edit.as_str())) }
            }
        }
    }

    fn reassign(&self, members: &[Choice]) -> Markup {
        let page = self.page;
        let name = keeper(self.kind);
        html! {
            form method="post" class="stack" action=(path(self.kind)) {
                (self.carried())
                (Control::select(name, page.t(f::label(self.kind, name))).id("reassign").choices(members.to_vec())
                    .or_none(page.t(r::NOBODY)).render(page.language()))
                div { (button(page.t(w::PREVIEW)).primary().sends("action", Action::Reassign.as_str())) }
            }
        }
    }

    fn tags(&self) -> Markup {
        let page = self.page;
        html! {
            form method="post" class="stack" action=(path(self.kind)) {
                (self.carried())
                (Control::text("tags", page.t(w::VALUES)).id("f-tags").attr("autocomplete", "off").required().render(page.language()))
                div class="row" {
                    (button(page.t(w::TAG)).primary().sends("action", Action::Tag.as_str()))
                    (button(page.t(w::UNTAG)).sends("action", Action::Untag.as_str()))
                }
            }
        }
    }

    /// What would change.
    fn preview(&self, action: Action, values: &Value, preview: &Preview, stale: bool) -> Response {
        let (page, kind) = (self.page, self.kind);
        let language = page.language();
        let number = |n: usize| format::count(language, i64::try_from(n).unwrap_or(i64::MAX));
        let changes = number(preview.changes);
        let submit = match action {
            Action::Delete => button(w::delete_them(language, &changes)).danger(),
            _ => button(w::do_it(language, &changes)).primary(),
        };
        let content = html! {
            (header(page, kind, page.t(w::PREVIEW_TITLE)))
            @if stale { (told_notice(Tone::Warn, page.t(w::OTHER_BY_NOW), None)) }
            p { strong { (page.t(w::action(action))) } ": "
                (w::will_change(language, &changes)) " · " (w::stay(language, number(preview.unchanged))) " · "
                (w::cannot(language, number(preview.refused))) }
            @if preview.changes == 0 { (told_notice(Tone::Info, page.t(w::NOTHING_CHANGES), None)) }
            @else {
                form method="post" class="row" action=(path(kind)) {
                    (self.carried())
                    (sent::key_field())
                    input type="hidden" name="action" value=(action);
                    input type="hidden" name="values" value=(values);
                    input type="hidden" name="token" value=(preview.token);
                    (submit)
                    (link_button(page.t(w::BACK_TO_LIST), self.back.clone()).quiet())
                }
                (card(&w::first_of(language, number(preview.changes.min(SHOWN)), &changes), None, self.sample(action, preview)))
            }
            @if preview.refused > 0 { (card(page.t(w::CANNOT), None, self.refused(preview))) }
            @if preview.changes == 0 { p { (link_button(page.t(w::BACK_TO_LIST), self.back.clone())) } }
        };
        let status = if stale {
            StatusCode::CONFLICT
        } else {
            StatusCode::OK
        };
        page.show_as(status, page.t(w::PREVIEW_TITLE), content)
    }

    fn called(&self, id: i64, title: &str) -> String {
        let language = self.page.language();
        match value::title_of(language, self.kind, title) {
            title if title.is_empty() => r::number(language, id),
            title => title,
        }
    }

    fn sample(&self, action: Action, preview: &Preview) -> Markup {
        let page = self.page;
        let heads = [w::RECORD, w::BEFORE_AFTER].map(|word| Column::new(page.t(word)));
        let rows: Vec<Row> = preview
            .sample
            .iter()
            .map(|one| {
                let cells = [
                    html! { (self.called(one.id, &one.title)) },
                    html! {
                        @if action == Action::Delete { (page.t(w::GOES_TO_BIN)) }
                        @for (name, after) in &one.after {
                            div {
                                span class="quiet" { (condition::label(page, self.kind, name)) ": " }
                                del { (self.said(name, &one.before[name])) } " → " ins { (self.said(name, after)) }
                            }
                        }
                    },
                ];
                Row::to(place::of(self.kind, one.id), cells)
            })
            .collect();
        data_table(page.language(), page.t(w::PREVIEW_TITLE), &heads, &rows)
    }

    fn refused(&self, preview: &Preview) -> Markup {
        let page = self.page;
        let heads = [w::RECORD, w::WHY].map(|word| Column::new(page.t(word)));
        let rows: Vec<Row> = preview
            .refusals
            .iter()
            .map(|one| {
                let fields = self.kind.fields().iter();
                let why = fields.flat_map(|field| one.errors.messages(field.name));
                let customs = page.customs().of(self.kind);
                let why = why.cloned().chain(customs.flat_map(|field| {
                    let told = one.errors.at(&custom::name(field)).iter();
                    told.map(|message| format!("{}: {}", field.label, control::told(page, message)))
                }));
                let cells = [
                    html! { (self.called(one.id, &one.title)) },
                    html! { @for message in why { div { (control::told(page, &message)) } } },
                ];
                Row::to(place::of(self.kind, one.id), cells)
            })
            .collect();
        data_table(page.language(), page.t(w::CANNOT), &heads, &rows)
    }

    fn said(&self, name: &str, value: &Value) -> String {
        let page = self.page;
        if let Some(custom) = page.customs().named(self.kind, name) {
            let text = custom::text(page, custom, value);
            return Some(text)
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| page.t(w::NOTHING).to_owned());
        }
        let field = self.kind.fields().iter().find(|field| field.name == name);
        let told = field.and_then(|field| {
            let datum = Datum::from_json(field.ty, value)?;
            value::text(page, self.kind, field, &datum, &Names::new())
        });
        told.unwrap_or_else(|| page.t(w::NOTHING).to_owned())
    }
}
