//! What can be done with a record beside editing it: buttons of its page, and the forms behind them, each
//! in a dialog there and on a page of its own.

use super::control::Setting;
use super::{place, sent, twins, typed, value};
use crate::pages::kit::{
    Button, Choice, Field as Control, MenuItem, button, form_actions, link_button, more_menu,
    wide_dialog,
};
use crate::pages::page::Page;
use crate::pages::portal::settings::privacy::person;
use crate::pages::portal::setup;
use crate::pages::words::{common as c, fields as f, privacy as p, records as w, twins as t};
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::names::Names;
use sindico_domain::FieldErrors;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::pipeline::{LOST, PipelineStage, WON, is_final};
use sindico_domain::crm::{Field, Kind, LeadStatus, Record};
use std::collections::HashMap;

/// An act that is told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A lead is not worth it.
    Disqualify,
    /// A lead becomes a sale.
    Convert,
    /// A sale is lost.
    Lose,
    /// An activity is done.
    Complete,
}

impl Act {
    /// The part of its address, also its dialog's id.
    pub fn name(self) -> &'static str {
        match self {
            Self::Disqualify => "disqualify",
            Self::Convert => "convert",
            Self::Lose => "stage",
            Self::Complete => "complete",
        }
    }

    /// Of which kind of record.
    pub fn kind(self) -> Kind {
        match self {
            Self::Disqualify | Self::Convert => Kind::Lead,
            Self::Lose => Kind::Opportunity,
            Self::Complete => Kind::Activity,
        }
    }

    /// What its form is called.
    pub fn title(self, page: &Page) -> &'static str {
        page.t(match self {
            Self::Disqualify => w::DISQUALIFY_TITLE,
            Self::Convert => w::CONVERT_TITLE,
            Self::Lose => w::LOSE_TITLE,
            Self::Complete => w::COMPLETE_TITLE,
        })
    }

    fn verb(self, page: &Page) -> &'static str {
        page.t(match self {
            Self::Disqualify => w::DISQUALIFY,
            Self::Convert => w::CONVERT,
            Self::Lose => w::LOSE,
            Self::Complete => w::COMPLETE,
        })
    }

    /// The field that tells whether it is open.
    pub fn state(self) -> &'static str {
        match self {
            Self::Lose => "stage",
            _ => "status",
        }
    }

    /// The kind of record that it is told something of.
    pub fn told_of(self) -> Kind {
        self.fields().0
    }

    /// Whether a record in this state can be done so.
    pub fn can(self, page: &Page, record: &Record) -> bool {
        match self {
            Self::Disqualify => leads_to(record, LeadStatus::Disqualified),
            Self::Convert => leads_to(record, LeadStatus::Converted),
            Self::Lose => next_stages(page, record)
                .iter()
                .any(|stage| stage.code == LOST),
            Self::Complete => record.text("status") == "PENDING",
        }
    }

    /// The fields that it is told, of the kind of record that they are a part of.
    fn fields(self) -> (Kind, &'static [&'static str]) {
        match self {
            Self::Disqualify => (Kind::Lead, &["disqualification_reason"]),
            Self::Convert => (
                Kind::Opportunity,
                &[
                    "title",
                    "customer",
                    "stage",
                    "amount",
                    "expected_close_date",
                ],
            ),
            Self::Lose => (Kind::Opportunity, &["loss_reason"]),
            Self::Complete => (Kind::Activity, &["outcome", "duration_minutes"]),
        }
    }

    /// What its form begins with.
    pub fn typed(self, page: &Page, record: &Record, names: &Names) -> Map<String, Value> {
        if self != Self::Convert {
            return typed::of_record(page, record, names);
        }
        let mut typed = Map::new();
        typed.insert("title".to_owned(), json!(record.title()));
        typed.insert("stage".to_owned(), json!(page.setup().first().first().code));
        let lead = typed::of_record(page, record, names);
        for (from, to) in [("budget", "amount"), ("customer", "customer")] {
            typed.insert(to.to_owned(), lead.get(from).cloned().unwrap_or_default());
        }
        typed
    }
}

fn leads_to(record: &Record, to: LeadStatus) -> bool {
    let now = record.word::<LeadStatus>("status");
    now.is_some_and(|now| now.next().contains(&to))
}

/// The stages where a sale can go.
fn next_stages<'a>(page: &'a Page, record: &Record) -> Vec<&'a PipelineStage> {
    if record.kind != Kind::Opportunity {
        return Vec::new();
    }
    let pipeline = record.int("pipeline").and_then(|id| page.setup().find(id));
    pipeline.map_or_else(Vec::new, |pipeline| pipeline.next(record.text("stage")))
}

/// A form of an act, as it is shown.
pub struct Shown<'a> {
    /// The page.
    pub page: &'a Page,
    /// The record.
    pub record: &'a Record,
    /// What stands in it.
    pub typed: &'a Map<String, Value>,
    /// What is wrong.
    pub errors: &'a FieldErrors,
    /// Records that a name may mean.
    pub options: &'a HashMap<String, Vec<String>>,
    /// Begins the ids of its controls.
    pub prefix: &'a str,
    /// Where to go back to.
    pub next: Option<&'a str>,
}

impl Shown<'_> {
    /// The form.
    pub fn form(&self, act: Act) -> Markup {
        let page = self.page;
        let (kind, names) = act.fields();
        let setting = Setting {
            page,
            kind,
            typed: self.typed,
            errors: self.errors,
            members: &[],
            options: self.options,
            record: None,
            prefix: self.prefix,
            found: None,
        };
        let fields: Vec<&Field> = names
            .iter()
            .filter_map(|name| kind.fields().iter().find(|field| field.name == *name))
            .collect();
        // The lead's own customer can't be another.
        let fixed = act == Act::Convert && !self.record.get("customer").is_empty();
        html! {
            form class="form" method="post" action=(place::act(act.kind(), self.record.id, act.name())) {
                (page.proof())
                (sent::key_field())
                (sent::version_field(self.record.version))
                @if let Some(next) = self.next { (sent::next_field(next)) }
                @if act == Act::Lose { input type="hidden" name="stage" value="LOST"; }
                @if act == Act::Disqualify { p class="quiet" { (page.t(w::DISQUALIFY_DETAIL)) } }
                div class="form-grid" {
                    @for field in fields {
                        @if !(fixed && field.name == "customer") { (self.field(act, &setting, field)) }
                    }
                }
                (form_actions(html! {
                    @let verb = button(act.verb(page));
                    @if matches!(act, Act::Disqualify | Act::Lose) { (verb.danger()) } @else { (verb.primary()) }
                    (link_button(page.t(c::CANCEL), place::of(act.kind(), self.record.id)).quiet().attr("data-close-dialog", ""))
                }))
            }
        }
    }

    fn field(&self, act: Act, setting: &Setting<'_>, field: &Field) -> Markup {
        let page = self.page;
        let label = page.t(f::label(setting.kind, field.name));
        let text = self
            .typed
            .get(field.name)
            .and_then(Value::as_str)
            .unwrap_or_default();
        match (act, field.name) {
            // A lead becomes a sale that is under way.
            (Act::Convert, "stage") => {
                let open = page.setup().first().open();
                let choices = open.map(|stage| {
                    Choice::new(stage.code.clone(), setup::name(page.language(), stage))
                });
                Control::select("stage", label)
                    .id(setting.id("stage"))
                    .choices(choices)
                    .value(text)
                    .errors(setting.wrong("stage"))
                    .render(page.language())
            }
            (Act::Convert, "customer") => html! {
                (setting.control(&Field { default: sindico_domain::crm::Default::Empty, ..copy(field) }))
                p class="field-hint field-wide" { (page.t(w::CONVERT_CUSTOMER)) }
            },
            (Act::Disqualify | Act::Lose, _) => Control::textarea(field.name, label)
                .id(setting.id(field.name))
                .value(text)
                .attr("maxlength", "500")
                .wide()
                .required()
                .errors(setting.wrong(field.name))
                .render(page.language()),
            _ => setting.control(field),
        }
    }
}

/// A field's description once more, to be changed for one form.
fn copy(field: &Field) -> Field {
    Field {
        name: field.name,
        ty: field.ty,
        default: field.default,
        access: field.access,
        filter: field.filter,
        pii: field.pii,
        about: field.about,
    }
}

/// The acts that are open to this record and this caller, each with its dialog.
pub fn open(page: &Page, record: &Record) -> Vec<Act> {
    let all = [Act::Convert, Act::Complete, Act::Disqualify, Act::Lose];
    let may = page.may(record.kind.resource(), Method::Post);
    // A conversion makes a sale: who may make none is not offered it.
    let makes =
        |act: &Act| *act != Act::Convert || page.may(Kind::Opportunity.resource(), Method::Post);
    let fits = |act: &Act| may && makes(act) && act.kind() == record.kind && act.can(page, record);
    all.into_iter().filter(fits).collect()
}

/// The buttons of a record's page, the main one first.
pub fn buttons(page: &Page, record: &Record) -> Markup {
    let kind = record.kind;
    let may = |method| page.may(kind.resource(), method);
    let acts = open(page, record);
    html! {
        @if may(Method::Post) {
            @if kind == Kind::Lead && leads_to(record, LeadStatus::Qualified) {
                (simple(page, record, "qualify", &[], button(page.t(w::QUALIFY)).primary().icon("check")))
            }
            @if let Some(next) = next_stage(page, record) {
                @let word = setup::name(page.language(), next);
                @let label = if next.code == WON { page.t(w::WIN).to_owned() } else { w::move_to(page.language(), word) };
                (simple(page, record, "stage", &[("stage", &next.code)], button(label).primary().icon("arrow-right")))
            }
            @if kind == Kind::Activity && record.text("status") != "PENDING" {
                (simple(page, record, "reopen", &[], button(page.t(w::REOPEN)).icon("rotate-ccw")))
            }
        }
        @for act in &acts { (opener(page, record, *act)) }
        @if may(Method::Patch) {
            (link_button(page.t(w::EDIT), place::act(kind, record.id, "edit")).icon("pencil").key("e"))
        }
        (more_menu(page.language(), &value::title(page.language(), record), &menu(page, record)))
    }
}

fn opener(page: &Page, record: &Record, act: Act) -> Button {
    let href = place::act(act.kind(), record.id, act.name());
    let opener = link_button(act.verb(page), href).opens(format!("act-{}", act.name()));
    match act {
        Act::Convert => opener.primary().icon("handshake"),
        Act::Complete => opener.primary().icon("check"),
        Act::Disqualify | Act::Lose => opener.icon("ban"),
    }
}

/// A form of one button.
fn simple(
    page: &Page,
    record: &Record,
    act: &str,
    values: &[(&str, &str)],
    button: Button,
) -> Markup {
    html! {
        form method="post" action=(place::act(record.kind, record.id, act)) {
            (page.proof())
            (sent::version_field(record.version))
            @for (name, value) in values { input type="hidden" name=(name) value=(value); }
            (button)
        }
    }
}

fn menu(page: &Page, record: &Record) -> Vec<MenuItem> {
    let kind = record.kind;
    let mut items = vec![MenuItem::Link {
        href: format!("/changes/?kind={kind}"),
        label: page.t(w::HISTORY).to_owned(),
        icon: Some("history"),
        key: None,
    }];
    if matches!(kind, Kind::Customer | Kind::Lead) {
        items.push(MenuItem::Link {
            href: place::act(kind, record.id, "consents"),
            label: page.t(p::GROUNDS).to_owned(),
            icon: Some("check"),
            key: None,
        });
        if page.tenant.as_ref().is_some_and(|tenant| tenant.is_owner()) {
            items.push(MenuItem::Link {
                href: person::of(kind, record.id),
                label: page.t(p::TITLE).to_owned(),
                icon: Some("shield"),
                key: None,
            });
        }
    }
    if twins::may(page, kind) {
        items.push(MenuItem::Link {
            href: place::act(kind, record.id, "merge"),
            label: page.t(t::MERGE_TITLE).to_owned(),
            icon: Some("merge"),
            key: None,
        });
    }
    if page.may(kind.resource(), Method::Delete) {
        items.push(MenuItem::Line);
        items.push(delete(page, record, place::list(kind)));
    }
    items
}

/// The entry that deletes a record, and goes to this page then.
pub fn delete(page: &Page, record: &Record, next: &str) -> MenuItem {
    MenuItem::Post {
        action: place::act(record.kind, record.id, "delete"),
        label: page.t(w::DELETE).to_owned(),
        icon: Some("trash-2"),
        csrf: page.csrf.clone(),
        values: vec![
            (sent::VERSION.to_owned(), record.version.to_string()),
            (sent::NEXT.to_owned(), next.to_owned()),
        ],
        danger: true,
    }
}

/// The menu of a row of a list.
pub fn row_menu(page: &Page, record: &Record) -> Vec<MenuItem> {
    let kind = record.kind;
    let may = |method| page.may(kind.resource(), method);
    let next = page.view.path.as_str();
    let mut items = Vec::new();
    let post = |act: &str, label: String, icon, values: &[(&str, &str)]| {
        let mut all = vec![
            (sent::VERSION.to_owned(), record.version.to_string()),
            (sent::NEXT.to_owned(), next.to_owned()),
        ];
        all.extend(
            values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        MenuItem::Post {
            action: place::act(kind, record.id, act),
            label,
            icon: Some(icon),
            csrf: page.csrf.clone(),
            values: all,
            danger: false,
        }
    };
    if may(Method::Post) {
        if kind == Kind::Lead && leads_to(record, LeadStatus::Qualified) {
            items.push(post("qualify", page.t(w::QUALIFY).to_owned(), "check", &[]));
        }
        if let Some(stage) = next_stage(page, record) {
            let label = w::move_to(page.language(), setup::name(page.language(), stage));
            items.push(post(
                "stage",
                label,
                "arrow-right",
                &[("stage", &stage.code)],
            ));
        }
        if kind == Kind::Activity && record.text("status") == "PENDING" {
            items.push(post(
                "complete",
                page.t(w::COMPLETE).to_owned(),
                "check",
                &[],
            ));
        }
        if kind == Kind::Activity && record.text("status") != "PENDING" {
            items.push(post(
                "reopen",
                page.t(w::REOPEN).to_owned(),
                "rotate-ccw",
                &[],
            ));
        }
        for act in open(page, record)
            .into_iter()
            .filter(|act| *act != Act::Complete)
        {
            items.push(MenuItem::Link {
                href: place::act(kind, record.id, act.name()),
                label: act.verb(page).to_owned(),
                icon: Some(if act == Act::Convert {
                    "handshake"
                } else {
                    "ban"
                }),
                key: None,
            });
        }
    }
    if may(Method::Patch) {
        items.push(MenuItem::Link {
            href: place::act(kind, record.id, "edit"),
            label: page.t(w::EDIT).to_owned(),
            icon: Some("pencil"),
            key: None,
        });
    }
    if may(Method::Delete) {
        items.push(MenuItem::Line);
        items.push(delete(page, record, next));
    }
    items
}

/// Where a sale goes on, unless it is over or lost.
fn next_stage<'a>(page: &'a Page, record: &Record) -> Option<&'a PipelineStage> {
    if record.kind != Kind::Opportunity || is_final(record.text("stage")) {
        return None;
    }
    let pipeline = record
        .int("pipeline")
        .and_then(|id| page.setup().find(id))?;
    let next = next_stages(page, record);
    // Of a pipeline that is not strict the one behind its own.
    let at = |code: &str| pipeline.stages.iter().position(|stage| stage.code == code);
    let now = at(record.text("stage"));
    let mut later = next.into_iter().filter(|stage| at(&stage.code) > now);
    later.find(|stage| stage.code != LOST)
}

/// The dialogs of a record's page.
pub fn dialogs(page: &Page, record: &Record, names: &Names) -> Markup {
    html! {
        @for act in open(page, record) {
            @let prefix = format!("{}-", act.name());
            @let typed = act.typed(page, record, names);
            @let shown = Shown { page, record, typed: &typed, errors: &FieldErrors::new(), options: &HashMap::new(), prefix: &prefix, next: None };
            (wide_dialog(page.language(), &format!("act-{}", act.name()), act.title(page), shown.form(act)))
        }
    }
}
