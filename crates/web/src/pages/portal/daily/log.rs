//! `/activities/log/`: what was just talked about, written down in one go, with what comes next.

use super::log_about::{About, find, read_about};
use super::names;
use super::support::{local_instant, text};
use crate::contract::error::ApiResult;
use crate::contract::{Body, Query};
use crate::pages::kit::{Button, Choice, Field, PageHeader, button, error_summary, icon};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::records::many;
use crate::pages::words::{common as c, work as w};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::{activities, records};
use sindico_db::Error;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::{ActivityKind, Datum, Kind, Record, UserRef};
use sindico_domain::{FieldErrors, Refusal};

const PATH: &str = "/activities/log/";

/// What can be logged: what two people do together.
const KINDS: [ActivityKind; 5] = [
    ActivityKind::Call,
    ActivityKind::Whatsapp,
    ActivityKind::Email,
    ActivityKind::Meeting,
    ActivityKind::Note,
];

/// The form, as it was filled in so far.
pub struct Form {
    /// Before every id, so that it can stand on a page with others.
    prefix: &'static str,
    kind: ActivityKind,
    q: String,
    about: Option<String>,
    found: Option<Vec<About>>,
    values: Map<String, Value>,
    errors: FieldErrors,
}

impl Form {
    /// An empty one, for a call.
    pub fn call(prefix: &'static str) -> Self {
        Self {
            prefix,
            kind: ActivityKind::Call,
            q: String::new(),
            about: None,
            found: None,
            values: Map::new(),
            errors: FieldErrors::new(),
        }
    }

    fn of(values: Map<String, Value>) -> Self {
        let kind = text(&values, "kind").parse();
        let about = text(&values, "about");
        Self {
            kind: kind.unwrap_or(ActivityKind::Call),
            q: text(&values, "q").to_owned(),
            about: (!about.is_empty()).then(|| about.to_owned()),
            values,
            ..Self::call("log")
        }
    }

    fn id(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    fn errors(&self, page: &Page, name: &str) -> Vec<String> {
        let all = self.errors.messages(name).iter();
        all.map(|message| translate(page.language(), message))
            .collect()
    }

    fn field(&self, page: &Page, name: &'static str, field: Field) -> Field {
        field
            .id(self.id(name))
            .value(text(&self.values, name))
            .errors(self.errors(page, name))
    }
}

/// `GET /activities/log/`: the page for those without scripts, and for a link to it.
pub(super) async fn show(crm: Crm, page: Page, query: Query) -> ApiResult {
    let values = query.without("csrf_token");
    let values = values
        .into_iter()
        .map(|(name, value)| (name, Value::from(value)));
    let mut form = Form::of(values.collect());
    form.found = find(&crm, &page, (form.about.as_deref(), &form.q)).await?;
    Ok(page.show(page.t(w::LOG), shown(&page, &form)))
}

fn shown(page: &Page, sent: &Form) -> Markup {
    let errors: Vec<(String, String)> = [
        "about",
        "outcome",
        "note",
        "duration_minutes",
        "next_title",
        "next_due",
    ]
    .iter()
    .flat_map(|name| {
        let id = sent.id(name);
        sent.errors(page, name)
            .into_iter()
            .map(move |error| (id.clone(), error))
    })
    .collect();
    html! {
        (PageHeader {
            breadcrumbs: vec![(page.t(many(Kind::Activity)).to_owned(), "/activities/".to_owned())],
            title: page.t(w::LOG).to_owned(),
            ..PageHeader::default()
        }.render(page.language()))
        div class="card card-body log-page" {
            (error_summary(page.language(), &errors))
            (form(page, sent))
        }
    }
}

/// The form. Looking something up keeps what was typed: without scripts the whole form comes back.
pub fn form(page: &Page, form: &Form) -> Markup {
    let language = page.language();
    let kinds = KINDS.map(|kind| Choice::new(kind.as_str(), page.t(names::activity(kind))));
    let outcomes = [
        w::OUTCOME_REACHED,
        w::OUTCOME_MISSED,
        w::OUTCOME_BACK,
        w::OUTCOME_PROPOSAL,
    ];
    let list = form.id("outcomes");
    let look = |look: Button| {
        look.attr("formaction", PATH)
            .attr("formmethod", "get")
            .attr("formnovalidate", "")
    };
    html! {
        form method="post" action=(PATH) class="stack log-form" id=(form.id("form")) {
            (page.proof())
            div class="row log-search" {
                (Field::search("q", page.t(w::LOG_ABOUT)).hint(page.t(w::LOG_ABOUT_HINT)).id(form.id("q")).value(form.q.clone())
                    .attr("autocomplete", "off").attr("autofocus", "")
                    .attr("hx-get", "/activities/log/about/").attr("hx-trigger", "input changed delay:250ms, search")
                    .attr("hx-target", format!("#{}", form.id("about"))).attr("hx-swap", "outerHTML")
                    .attr("hx-include", "this").attr("hx-vals", json!({"prefix": form.prefix}).to_string())
                    .attr("hx-push-url", "false").render(language))
                noscript { (look(button(page.t(c::SEARCH)).icon("search"))) }
            }
            (choices(page, form))
            (Field::radio("kind", page.t(w::LOG_KIND)).id(form.id("kind")).choices(kinds).value(form.kind.as_str()).render(language))
            div class="form-grid" {
                (form.field(page, "outcome", Field::text("outcome", page.t(w::LOG_OUTCOME)))
                    .attr("list", list.clone()).attr("maxlength", "500").attr("autocomplete", "off").render(language))
                (form.field(page, "duration_minutes", Field::number("duration_minutes", page.t(w::LOG_DURATION)))
                    .attr("maxlength", "5").render(language))
            }
            datalist id=(list) { @for outcome in outcomes { option value=(page.t(outcome)) {} } }
            (form.field(page, "note", Field::textarea("note", page.t(w::LOG_NOTE))).render(language))
            div class="form-grid" {
                (form.field(page, "next_title", Field::text("next_title", page.t(w::LOG_NEXT)))
                    .hint(page.t(w::LOG_NEXT_HINT)).attr("maxlength", "255").render(language))
                (form.field(page, "next_due", Field::datetime("next_due", page.t(w::LOG_NEXT_DUE))).render(language))
            }
            div class="row" { (button(page.t(w::LOG_SAVE)).primary().icon("check")) }
        }
    }
}

/// What was found, to choose one of.
fn choices(page: &Page, form: &Form) -> Markup {
    let id = form.id("about");
    let errors = form.errors(page, "about");
    html! {
        div id=(id) class="log-about" tabindex="-1" {
            @match &form.found {
                Some(found) if !found.is_empty() => {
                    fieldset {
                        legend class="field-label" { (page.t(w::LOG_FOUND)) }
                        div class="log-choices" {
                            @for (n, one) in found.iter().enumerate() {
                                label class="choice log-choice" {
                                    input type="radio" name="about" value=(one.value)
                                        checked[form.about.as_deref().map_or(n == 0, |about| about == one.value)];
                                    span { span class="log-title" { (one.title) } span class="quiet" { (one.detail) } }
                                }
                            }
                        }
                    }
                }
                Some(_) => { p class="quiet" role="status" { (page.t(w::LOG_NOTHING)) } }
                None => {}
            }
            @for error in errors { p class="field-error" { (icon("circle-alert")) span { (error) } } }
        }
    }
}

/// `GET /activities/log/about/`: what is found while somebody types.
pub(super) async fn about(crm: Crm, page: Page, query: Query) -> ApiResult {
    let values = query.without("csrf_token");
    let values = values
        .into_iter()
        .map(|(name, value)| (name, Value::from(value)));
    let mut form = Form::of(values.collect());
    if text(&form.values, "prefix") == "dialog" {
        form.prefix = "dialog";
    }
    form.found = find(&crm, &page, (form.about.as_deref(), &form.q)).await?;
    Ok(page.fragment(choices(&page, &form)))
}

/// `POST /activities/log/`.
pub(super) async fn submit(crm: Crm, page: Page, body: Body) -> ApiResult {
    let mut form = Form::of(body.0);
    match write(&crm, &page, &form).await {
        Ok(change_set) => Ok(page.done("/today/", &Notice::new("logged", change_set))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            form.errors = told(errors);
            form.found = find(&crm, &page, (form.about.as_deref(), &form.q)).await?;
            Ok(page.show_as(StatusCode::BAD_REQUEST, page.t(w::LOG), shown(&page, &form)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Errors of the record's fields, at the fields of the form.
fn told(errors: FieldErrors) -> FieldErrors {
    let mut told = FieldErrors::new();
    for (name, at) in [
        ("about", "about"),
        ("lead", "about"),
        ("outcome", "outcome"),
        ("description", "note"),
        ("duration_minutes", "duration_minutes"),
        ("next_title", "next_title"),
        ("next_due", "next_due"),
        ("opportunity", "about"),
    ] {
        for message in errors.messages(name) {
            if told.messages(at).is_empty() {
                told.add(at, message.clone());
            }
        }
    }
    if told.is_empty() { errors } else { told }
}

async fn write(crm: &Crm, page: &Page, form: &Form) -> Result<Option<i64>, Error> {
    let field = |name: &str| text(&form.values, name);
    let mut errors = FieldErrors::new();
    let Some((kind, id)) = form.about.as_deref().and_then(read_about) else {
        return Err(FieldErrors::one("about", page.t(w::LOG_CHOOSE)).into());
    };
    let about = records::find(&crm.data, kind, id)
        .await?
        .filter(|_| crm.may(kind, Method::Get));
    let Some(about) = about.map(|row| row.record()) else {
        return Err(FieldErrors::one("about", page.t(w::LOG_CHOOSE)).into());
    };
    let title = w::log_title(
        page.language(),
        page.t(names::activity(form.kind)),
        about.title(),
    );
    let mut told = json!({
        "kind": form.kind.as_str(), "title": title.chars().take(255).collect::<String>(), "status": "DONE",
        "outcome": field("outcome"), "description": field("note"), "duration_minutes": field("duration_minutes"),
    });
    told[kind.as_str()] = id.into();
    let done = record(crm, &told).map_err(|wrong| errors.merge(wrong));
    let (next, due) = (field("next_title"), field("next_due"));
    let mut follow_up = None;
    if !next.is_empty() || !due.is_empty() {
        let at = local_instant(due, &page.zone);
        match (at, due.is_empty()) {
            (None, true) => errors.add("next_due", page.t(w::LOG_NEXT_DUE_NEEDED)),
            (None, false) => errors.add("next_due", page.t(w::WRONG_TIME)),
            (Some(at), _) => {
                let title = match next.is_empty() {
                    true => w::log_title(
                        page.language(),
                        page.t(names::activity(ActivityKind::FollowUp)),
                        about.title(),
                    ),
                    false => next.to_owned(),
                };
                let mut told = json!({
                    "kind": ActivityKind::FollowUp.as_str(), "title": title.chars().take(255).collect::<String>(),
                    "due_at": at.to_string(),
                });
                told[kind.as_str()] = id.into();
                follow_up = record(crm, &told).map_err(|wrong| errors.merge(wrong)).ok();
            }
        }
    }
    errors.check(())?;
    let Ok(done) = done else {
        return Err(FieldErrors::one("about", page.t(w::LOG_CHOOSE)).into());
    };
    let once = activities::log(&crm.data, crm.by(), done, follow_up, None).await?;
    Ok(once.change_set)
}

/// An activity of the caller's.
fn record(crm: &Crm, told: &Value) -> Result<Record, FieldErrors> {
    let empty = Map::new();
    let body = told.as_object().unwrap_or(&empty);
    let draft = Draft::parse(Kind::Activity, body, Whole::Yes)?;
    let mut record = Record::new(Kind::Activity, crm.now);
    draft.apply(&mut record, &std::collections::HashMap::new())?;
    // Somebody of the platform is no member, and does not get the tenant's work.
    if crm.tenant.role.is_some() {
        let user = &crm.caller.user;
        let (id, username) = (user.id, user.username.clone());
        record.set("assigned_to", Datum::User(UserRef { id, username }));
    }
    Ok(record)
}
