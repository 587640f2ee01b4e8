//! `/changes/`: all that was changed, and taking it back.

use super::records::{custom, place, sent, timeline, value};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page as page_of;
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::kit::{
    self, Choice, Column, Field as Control, PageHeader, Row, Tone, card, data_table, empty_state,
    filter_bar, link_button, notice as told_notice, pager,
};
use crate::pages::language::Language;
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{attachments as files, common as c, fields as f, records as w, settings};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use axum::http::header::REFERER;
use axum::response::Response;
use jiff::Timestamp;
use maud::html;
use serde_json::{Map, Value};
use sindico_crm::attachments::FIELD;
use sindico_crm::changes::{self, Change, Conflict, Looked, Reader, Undone};
use sindico_crm::names::Names;
use sindico_domain::Refusal;
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::{Datum, Kind};
use sindico_domain::input::Fields;

/// Rows a page.
const ROWS: i64 = 50;

/// `GET /changes/`.
pub async fn index(page: Page, crm: Crm, query: Query) -> ApiResult {
    let page = page.with_setup(&crm).await?;
    let raw: Map<String, Value> = query
        .without("")
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    let text = |name: &str| raw.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut f = Fields::new(&raw);
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = ROWS;
    let readable = crm.readable();
    let kinds: Vec<Kind> = match text("kind").parse::<Kind>() {
        Ok(kind) => readable.into_iter().filter(|one| *one == kind).collect(),
        Err(_) => readable,
    };
    let looked = Looked {
        user: text("user").parse().ok(),
        from: edge(&page, text("from"), false),
        before: edge(&page, text("to"), true),
        op: w::OPS
            .iter()
            .find(|(op, _)| *op == text("op"))
            .map(|(op, _)| (*op).to_owned()),
    };
    let reader = Reader {
        kinds,
        ..crm.reader()
    };
    let found = changes::audit(&crm.data, &reader, &looked, &request).await?;
    let members = sent::people(&crm).await?;
    let language = page.language();
    let kinds = crm
        .readable()
        .into_iter()
        .map(|kind| Choice::new(kind.as_str(), page.t(w::one(kind))));
    let ops = w::OPS
        .iter()
        .map(|(op, word)| Choice::new(*op, page.t(*word)));
    let all = page.t(c::ANY);
    let bar = html! {
        (Control::select("kind", page.t(w::RECORD)).choices(kinds).or_none(all).value(text("kind")).render(language))
        (Control::select("user", page.t(w::WHO)).choices(members).or_none(all).value(text("user")).render(language))
        (Control::select("op", page.t(w::OP)).choices(ops).or_none(all).value(text("op")).render(language))
        (Control::date("from", page.t(w::FROM_DAY)).value(text("from")).render(language))
        (Control::date("to", page.t(w::TO_DAY)).value(text("to")).render(language))
    };
    let narrowed = ["kind", "user", "op", "from", "to"]
        .iter()
        .any(|name| !text(name).is_empty());
    let address = |cursor: Option<String>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(
            raw.iter()
                .filter(|(name, _)| *name != "cursor")
                .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())),
        );
        if let Some(cursor) = cursor {
            query.append_pair("cursor", &cursor);
        }
        match query.finish() {
            query if query.is_empty() => "/changes/".to_owned(),
            query => format!("/changes/?{query}"),
        }
    };
    let next = found.next.as_ref().map(|next| address(Some(next.encode())));
    let first = request.after.is_some().then(|| address(None));
    let header = PageHeader {
        title: page.t(w::HISTORY).to_owned(),
        subtitle: Some(html! { (page.t(w::HISTORY_DETAIL)) }),
        ..PageHeader::default()
    };
    let shown = kit::format::count(
        language,
        i64::try_from(found.items.len()).unwrap_or_default(),
    );
    let content = html! {
        (header.render(language))
        (filter_bar(language, "/changes/", bar, narrowed.then_some("/changes/")))
        @if found.items.is_empty() {
            (empty_state("history", page.t(w::NO_HISTORY), page.t(w::NO_HISTORY_DETAIL), None))
        } @else {
            section class="card" { div class="card-body" { (timeline::entries(&page, &found.items, &Names::new(), None)) } }
            (pager(language, &shown, first.as_deref(), next.as_deref()))
        }
    };
    Ok(page.show(page.t(w::HISTORY), content))
}

/// Where a day begins, or the next one.
fn edge(page: &Page, text: &str, after: bool) -> Option<Timestamp> {
    let day: jiff::civil::Date = super::records::day(text).parse().ok()?;
    let day = if after { day.tomorrow().ok()? } else { day };
    Some(day.to_zoned(page.zone.clone()).ok()?.timestamp())
}

/// `POST /changes/7/undo/`.
pub async fn undo(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    // Where to go depends on what there was: the page of a record that goes to the bin is no place.
    let changed = changes::find(&crm.data, id, &crm.reader()).await?;
    let changed = changed.unwrap_or_default();
    let may = |resource: Resource, method: Method| crm.tenant.allows(resource, method);
    match changes::undo(&crm.data, crm.by(), id, &may, None).await? {
        Undone::Missing => Err(not_found()),
        Undone::NotAllowed(resource, _) => {
            let words = w::undo_forbidden(page.language(), page.t(settings::resource(resource)));
            Err(Refusal::Forbidden(words).into())
        }
        Undone::Already(_) => Ok(already(&page, &crm, &body)),
        Undone::Conflicts(conflicts) => {
            let page = page.with_setup(&crm).await?;
            Ok(stuck(&page, &crm, &body, &conflicts))
        }
        Undone::Done(once) => {
            crm.fields_were_set_up().await?;
            let change = once.value["change_set"].as_i64();
            let to = after(&back(&crm, &body), &changed);
            Ok(page.done(&to, &Notice::new("undone", change)))
        }
    }
}

/// The page that the form was on.
fn back(crm: &Crm, body: &Body) -> String {
    let told = sent::next(&body.0).map(str::to_owned);
    let from = || {
        let from = crm.headers.get(REFERER)?.to_str().ok()?;
        let path = url::Url::parse(from).ok()?;
        let path = match path.query() {
            Some(query) => format!("{}?{query}", path.path()),
            None => path.path().to_owned(),
        };
        place::ours(&path).map(str::to_owned)
    };
    told.or_else(from).unwrap_or_else(|| "/changes/".to_owned())
}

/// Where to go once these changes were taken back.
fn after(back: &str, changed: &[Change]) -> String {
    let path = back.split('?').next().unwrap_or_default();
    let here = |change: &&Change| path.starts_with(&place::of(change.kind, change.record));
    let Some(change) = changed.iter().find(here) else {
        return back.to_owned();
    };
    match change.op.as_str() {
        // What was made is in the bin; the sale that a lead became leads back to the lead.
        "CREATE" | "RESTORE" => changed
            .iter()
            .find(|other| other.op == "UPDATE")
            .map_or_else(
                || place::list(change.kind).to_owned(),
                |other| place::of(other.kind, other.record),
            ),
        _ => place::of(change.kind, change.record),
    }
}

fn already(page: &Page, crm: &Crm, body: &Body) -> Response {
    let title = page.t(w::ALREADY_UNDONE);
    let content = html! {
        (kit::page_header(page.language(), title, None))
        (told_notice(Tone::Info, page.t(w::ALREADY_UNDONE_DETAIL), None))
        p { (link_button(page.t(crate::pages::words::sign_in::BACK), back(crm, body))) " " (link_button(page.t(w::HISTORY), "/changes/").quiet()) }
    };
    page.show_as(StatusCode::CONFLICT, title, content)
}

/// What stands in the way, field by field.
fn stuck(page: &Page, crm: &Crm, body: &Body, conflicts: &[Conflict]) -> Response {
    let language = page.language();
    let title = page.t(w::UNDO_STUCK);
    let heads =
        [w::RECORD, w::FIELD, w::LEFT, w::FOUND, w::OBSTACLE].map(|word| Column::new(page.t(word)));
    let rows: Vec<Row> = conflicts
        .iter()
        .map(|conflict| row(page, language, conflict))
        .collect();
    let content = html! {
        (kit::page_header(language, title, None))
        (told_notice(Tone::Warn, page.t(w::UNDO_STUCK_DETAIL), None))
        (card(page.t(w::OBSTACLE), None, data_table(language, title, &heads, &rows)))
        p { (link_button(page.t(crate::pages::words::sign_in::BACK), back(crm, body))) " " (link_button(page.t(w::HISTORY), "/changes/").quiet()) }
    };
    page.show_as(StatusCode::CONFLICT, title, content)
}

fn row(page: &Page, language: Language, conflict: &Conflict) -> Row {
    let kind = conflict.kind;
    let field = conflict
        .field
        .as_deref()
        .and_then(|name| kind.fields().iter().find(|field| field.name == name));
    let named = conflict.field.as_deref().unwrap_or_default();
    let custom = page.customs().named(kind, named);
    // No field of the record's own: what is told of a file is its name.
    let file = conflict.field.as_deref() == Some(FIELD);
    let said = |value: &Value| {
        if let Some(custom) = custom {
            return match custom::text(page, custom, value) {
                text if text.is_empty() => page.t(w::GONE).to_owned(),
                text => text,
            };
        }
        let Some(field) = field else {
            return value
                .as_str()
                .filter(|_| file)
                .unwrap_or_default()
                .to_owned();
        };
        let datum = Datum::from_json(field.ty, value).unwrap_or(Datum::Null);
        value::text(page, kind, field, &datum, &Names::new())
            .unwrap_or_else(|| page.t(w::GONE).to_owned())
    };
    let title = value::title_of(language, kind, &conflict.title);
    let cells = [
        html! { (title) },
        html! {
            @if let Some(field) = field { (page.t(f::label(kind, field.name))) }
            @else if let Some(custom) = custom { (custom.label) }
            @else if file { (page.t(files::FILE)) }
        },
        html! { (said(&conflict.left)) },
        html! { (said(&conflict.found)) },
        html! { (translate(language, &conflict.detail)) },
    ];
    Row::to(place::of(kind, conflict.record), cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(kind: Kind, record: i64, op: &str) -> Change {
        Change {
            change_set: 1,
            id: 1,
            action: String::new(),
            kind,
            record,
            title: String::new(),
            op: op.to_owned(),
            before: Map::new(),
            after: Map::new(),
            at: Timestamp::UNIX_EPOCH,
            user: None,
            username: String::new(),
            undoes: None,
            undone_by: None,
            support: None,
            address: None,
            request_id: String::new(),
            erased: false,
            assigned: None,
        }
    }

    #[test]
    fn nobody_is_led_to_what_is_gone() {
        let made = [change(Kind::Customer, 7, "CREATE")];
        assert_eq!(after("/customers/7/?a=1", &made), "/customers/");
        assert_eq!(after("/leads/?q=a", &made), "/leads/?q=a");
        let converted = [
            change(Kind::Lead, 3, "UPDATE"),
            change(Kind::Opportunity, 9, "CREATE"),
        ];
        assert_eq!(after("/opportunities/9/", &converted), "/leads/3/");
        assert_eq!(after("/leads/3/", &converted), "/leads/3/");
    }
}
