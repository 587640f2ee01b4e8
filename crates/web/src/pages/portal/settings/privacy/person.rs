//! `/settings/privacy/person/?leads=5`: what is kept of a person, who else may be them, and the form that writes
//! their request down.

use super::super::{PRIVACY, frame};
use super::places;
use crate::contract::error::ApiResult;
use crate::contract::{Body, Query};
use crate::pages::account::wrong;
use crate::pages::kit::{Choice, Field, Tone, badge, button, card, notice};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::place;
use crate::pages::words::{privacy as w, records};
use crate::portal::crm::Crm;
use crate::portal::privacy::{ids, whole};
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::privacy::{self, Found, Survey};
use sindico_domain::crm::Kind;
use sindico_domain::privacy::{Request, RequestKind};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

/// Records by their ids: customers and leads.
type Ids = (Vec<i64>, Vec<i64>);

pub(super) async fn show(page: Page, crm: Crm, query: Query) -> ApiResult {
    whole(&crm)?;
    let mut f = query.fields();
    let mut found: Ids = (
        f.read("customers", ids).unwrap_or_default(),
        f.read("leads", ids).unwrap_or_default(),
    );
    f.finish().check(())?;
    // Those that were ticked: `also.lead-7`.
    for (name, _) in query.without("") {
        let ticked = name
            .strip_prefix("also.")
            .and_then(|name| name.split_once('-'));
        match ticked.and_then(|(kind, id)| Some((kind, id.parse::<i64>().ok()?))) {
            Some(("customer", id)) => found.0.push(id),
            Some(("lead", id)) => found.1.push(id),
            _ => {}
        }
    }
    if found.0.is_empty() && found.1.is_empty() {
        return Ok(page.redirect(PRIVACY));
    }
    respond(
        &page,
        &crm,
        StatusCode::OK,
        found,
        (&Map::new(), &FieldErrors::new()),
    )
    .await
}

async fn respond(
    page: &Page,
    crm: &Crm,
    status: StatusCode,
    (customers, leads): Ids,
    (typed, errors): (&Map<String, Value>, &FieldErrors),
) -> ApiResult {
    let survey = privacy::survey(&crm.data, crm.by(), &customers, &leads).await?;
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::PERSON_LEAD)) }
            div.columns {
                div.stack {
                    (card(page.t(w::RECORDS), None, records_of(page, &survey)))
                    (card(page.t(w::ALIKE), None, alike(page, &survey, (&customers, &leads))))
                    @if !survey.mentions.is_empty() {
                        (card(page.t(w::MENTIONS), None, html! {
                            p.quiet { (page.t(w::MENTIONS_TEXT)) }
                            ul.stack-tight { @for one in &survey.mentions { li { (title(page, one)) } } }
                        }))
                    }
                }
                div.stack {
                    (card(page.t(w::WOULD), None, would(page, &survey)))
                    (card(page.t(w::REGISTER), None, form(page, (&customers, &leads), typed, errors)))
                }
            }
        }
    };
    Ok(page.show_as(status, page.t(w::PERSON), frame(page, PRIVACY, &content)))
}

fn title(page: &Page, one: &Found) -> Markup {
    html! {
        a href=(place::of(one.kind, one.id)) { (one.title) } " "
        span.quiet { (page.t(records::one(one.kind))) }
        @if one.in_bin { " " (badge(Tone::Neutral, page.t(w::IN_BIN))) }
    }
}

fn records_of(page: &Page, survey: &Survey) -> Markup {
    html! { ul.stack-tight { @for one in &survey.records { li { (title(page, one)) } } } }
}

/// Others, to tick and look again.
fn alike(page: &Page, survey: &Survey, (customers, leads): (&[i64], &[i64])) -> Markup {
    if survey.alike.is_empty() {
        return html! { p.quiet { (page.t(w::NO_ALIKE)) } };
    }
    html! {
        form.stack method="get" action={ (PRIVACY) "person/" } {
            (hidden(customers, leads))
            @for one in &survey.alike {
                div.row {
                    (Field::checkbox(format!("also.{}-{}", one.kind, one.id), one.title.clone()).value("on").render(page.language()))
                    span.quiet { (page.t(records::one(one.kind))) }
                    @if let Some(why) = one.why { (badge(Tone::Info, page.t(w::why(why)))) }
                    @if one.in_bin { (badge(Tone::Neutral, page.t(w::IN_BIN))) }
                    a href=(place::of(one.kind, one.id)) { (page.t(w::RECORD)) }
                }
            }
            div.row { (button(page.t(w::LOOK_AGAIN)).icon("search")) }
        }
    }
}

fn hidden(customers: &[i64], leads: &[i64]) -> Markup {
    let list = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    html! {
        input type="hidden" name="customers" value=(list(customers));
        input type="hidden" name="leads" value=(list(leads));
    }
}

fn would(page: &Page, survey: &Survey) -> Markup {
    let all = survey.erasure.0.iter().map(|(place, n)| (*place, *n));
    html! {
        @if survey.open_sales > 0 { (notice(Tone::Warn, &w::open_sales(page.language(), survey.open_sales), None)) }
        @if survey.erasure.0.is_empty() { p.quiet { (page.t(w::WOULD_NOTHING)) } } @else { (places(page, all)) }
    }
}

fn form(
    page: &Page,
    (customers, leads): (&[i64], &[i64]),
    typed: &Map<String, Value>,
    errors: &FieldErrors,
) -> Markup {
    let language = page.language();
    let text = |name: &str| typed.get(name).and_then(Value::as_str).unwrap_or_default();
    let kinds = RequestKind::ALL.iter();
    let kinds = kinds.map(|kind| Choice::new(kind.as_str(), page.t(w::kind(*kind))));
    let today = page.now.to_zoned(page.zone.clone()).date().to_string();
    let kind = match text("kind") {
        "" => RequestKind::Export.as_str(),
        told => told,
    };
    let received = match text("received_on") {
        "" => today.as_str(),
        told => told,
    };
    html! {
        form.form method="post" action={ (PRIVACY) "requests/" } {
            (page.proof())
            (hidden(customers, leads))
            @for name in ["customers", "leads", "non_field_errors"] {
                @for message in wrong(page, errors, name) { (notice(Tone::Danger, &message, None)) }
            }
            (Field::select("kind", page.t(w::CHOOSE)).choices(kinds).value(kind).errors(wrong(page, errors, "kind")).render(language))
            (Field::date("received_on", page.t(w::RECEIVED)).value(received).errors(wrong(page, errors, "received_on")).render(language))
            (Field::textarea("note", page.t(w::NOTE)).hint(page.t(w::NOTE_HINT)).value(text("note")).attr("maxlength", "1000")
                .errors(wrong(page, errors, "note")).render(language))
            div.row { (button(page.t(w::REGISTER)).primary()) }
        }
    }
}

/// `POST /settings/privacy/requests/`.
pub(super) async fn create(page: Page, crm: Crm, body: Body) -> ApiResult {
    whole(&crm)?;
    let mut told = body.0.clone();
    let mut found: Ids = Default::default();
    for (name, list) in [("customers", &mut found.0), ("leads", &mut found.1)] {
        let text = told.get(name).filter(|text| text.as_str() != Some(""));
        *list = text
            .map(ids)
            .transpose()
            .unwrap_or_default()
            .unwrap_or_default();
        told.insert(name.to_owned(), json!(list));
    }
    let made = match Request::parse(&told, crm.app().today()) {
        Ok(request) => privacy::request(&crm.data, crm.by(), &request, None).await,
        Err(errors) => Err(errors.into()),
    };
    match made {
        Ok(once) => {
            let to = format!("{PRIVACY}requests/{}/", once.value["id"]);
            Ok(page.done(&to, &Notice::new("saved", None)))
        }
        Err(Error::Refused(Refusal::Fields(errors))) => {
            if errors.has("customers") || errors.has("leads") || found == Ids::default() {
                return Err(errors.into());
            }
            let sent = (&body.0, &errors);
            respond(&page, &crm, StatusCode::BAD_REQUEST, found, sent).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Where a person's page is, as seen from a record of theirs.
pub fn of(kind: Kind, id: i64) -> String {
    let list = match kind {
        Kind::Customer => "customers",
        _ => "leads",
    };
    format!("{PRIVACY}person/?{list}={id}")
}
