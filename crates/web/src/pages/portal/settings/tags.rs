//! `/settings/tags/`: the company's tags, how many records have each, and one renamed or taken off all of them.

use super::{TAGS, frame};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::{Body, Query};
use crate::pages::kit::{
    Column, Field, MenuItem, Row, Tone, badge, button, card, data_table, empty_state, format,
    link_button, more_menu, notice as told_notice,
};
use crate::pages::messages::{self, translate};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::place;
use crate::pages::words::{common as c, records, settings as w};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::tags::{self, KINDS, Tag};
use sindico_domain::access::capability::Method;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

/// A tag that is to be renamed: its name, what was typed, and what is wrong.
#[derive(Default)]
struct Renaming {
    tag: String,
    typed: String,
    errors: FieldErrors,
    refused: Option<String>,
}

/// `GET /settings/tags/`; with `?tag=` the form that renames it.
pub(super) async fn show(page: Page, crm: Crm, query: Query) -> ApiResult {
    let pairs = query.without("");
    let asked = pairs.into_iter().find(|(name, _)| name == "tag");
    let tag = asked.map(|(_, tag)| tag).unwrap_or_default();
    let renaming = Renaming {
        typed: tag.clone(),
        tag,
        ..Renaming::default()
    };
    respond(&page, &crm, StatusCode::OK, &renaming).await
}

/// Whether the caller may change the tags of every kind: a tag is one, on whatever it is.
fn may(crm: &Crm) -> bool {
    KINDS.into_iter().all(|kind| crm.may(kind, Method::Patch))
}

async fn respond(page: &Page, crm: &Crm, status: StatusCode, renaming: &Renaming) -> ApiResult {
    let language = page.language();
    let kinds: Vec<_> = crm.readable();
    let all = tags::list(&crm.data, &kinds).await?;
    let shown: Vec<usize> = (0..KINDS.len())
        .filter(|n| kinds.contains(&KINDS[*n]))
        .collect();
    let may = may(crm);
    let mut columns = vec![Column::new(page.t(w::TAG))];
    columns.extend(
        shown
            .iter()
            .map(|n| Column::new(page.t(records::many(KINDS[*n]))).numeric()),
    );
    columns.push(Column::new(page.t(w::CHANGE)).silent().shrink());
    let rows: Vec<_> = all.iter().map(|tag| row(page, tag, &shown, may)).collect();
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::TAGS_LEAD)) }
            @if let Some(refused) = &renaming.refused { (told_notice(Tone::Danger, refused, None)) }
            @if may && !renaming.tag.is_empty() { (form(page, renaming)) }
            @if rows.is_empty() {
                (empty_state("tag", page.t(w::NO_TAGS), page.t(w::NO_TAGS_TEXT), None))
            } @else {
                (data_table(language, page.t(w::TAGS), &columns, &rows))
            }
        }
    };
    Ok(page.show_as(status, page.t(w::TAGS), frame(page, TAGS, &content)))
}

fn with_tag(path: &str, name: &str, tag: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair(name, tag);
    format!("{path}?{}", query.finish())
}

fn row(page: &Page, tag: &Tag, shown: &[usize], may: bool) -> Row {
    let mut cells = vec![badge(Tone::Neutral, &tag.name)];
    cells.extend(shown.iter().map(|&n| {
        let count = format::count(page.language(), tag.counts[n]);
        let list = with_tag(place::list(KINDS[n]), "tags", &tag.name);
        html! { @if tag.counts[n] > 0 { (link_button(count, list).small().quiet()) } @else { span class="quiet" { (count) } } }
    }));
    let items = [
        MenuItem::Link {
            href: with_tag(TAGS, "tag", &tag.name),
            label: page.t(w::RENAME).to_owned(),
            icon: Some("pencil"),
            key: None,
        },
        MenuItem::Post {
            action: format!("{TAGS}remove/"),
            label: page.t(w::REMOVE_TAG).to_owned(),
            icon: Some("trash-2"),
            csrf: page.csrf.clone(),
            values: vec![("tag".to_owned(), tag.name.clone())],
            danger: true,
        },
    ];
    cells.push(html! { @if may { (more_menu(page.language(), &tag.name, &items)) } });
    Row::of(cells)
}

fn form(page: &Page, renaming: &Renaming) -> Markup {
    let language = page.language();
    let wrong = renaming.errors.messages("name").iter();
    let wrong: Vec<_> = wrong.map(|text| translate(language, text)).collect();
    let body = html! {
        form.form method="post" action={ (TAGS) "rename/" } {
            (page.proof())
            input type="hidden" name="tag" value=(renaming.tag);
            div class="form-grid" {
                (Field::text("name", page.t(w::NEW_NAME)).hint(page.t(w::NEW_NAME_HINT)).value(&renaming.typed)
                    .errors(wrong).attr("maxlength", "50").required().render(language))
            }
            div.row {
                (button(page.t(w::RENAME)).primary())
                (link_button(page.t(c::CANCEL), TAGS).quiet())
            }
        }
    };
    card(&w::rename_tag(language, &renaming.tag), None, body)
}

fn sent(body: &Body, name: &str) -> String {
    let value = body.0.get(name).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

/// Refuses who may not change the tags of every kind.
fn require(crm: &Crm) -> ApiResult<()> {
    for kind in KINDS {
        crm.tenant.require(kind.resource(), Method::Patch)?;
    }
    Ok(())
}

/// `POST /settings/tags/rename/`.
pub(super) async fn rename(page: Page, crm: Crm, body: Body) -> ApiResult {
    require(&crm)?;
    let (tag, name) = (sent(&body, "tag"), sent(&body, "name"));
    let done = tags::rename(&crm.data, crm.by(), &tag, &name).await;
    answer(&page, &crm, "tag_renamed", (tag, name), done).await
}

/// `POST /settings/tags/remove/`.
pub(super) async fn remove(page: Page, crm: Crm, body: Body) -> ApiResult {
    require(&crm)?;
    let tag = sent(&body, "tag");
    let done = tags::remove(&crm.data, crm.by(), &tag).await;
    answer(&page, &crm, "tag_removed", (tag, String::new()), done).await
}

async fn answer(
    page: &Page,
    crm: &Crm,
    told: &str,
    (tag, typed): (String, String),
    done: Result<Option<i64>, Error>,
) -> ApiResult<Response> {
    let mut renaming = Renaming {
        tag,
        typed,
        ..Renaming::default()
    };
    match done {
        Ok(Some(change)) => return Ok(page.done(TAGS, &Notice::new(told, Some(change)))),
        // It is called so already.
        Ok(None) if renaming.tag == renaming.typed => return Ok(page.redirect(TAGS)),
        Ok(None) => return Err(not_found()),
        Err(Error::Refused(Refusal::Fields(errors))) if errors.has("name") => {
            renaming.errors = errors;
        }
        // A record that its own rules would not take again.
        Err(Error::Refused(Refusal::Fields(errors))) => {
            renaming.refused = Some(messages::line(page.language(), &errors));
        }
        Err(Error::Refused(Refusal::Invalid(detail))) => {
            renaming.refused = Some(translate(page.language(), &detail));
            renaming.tag.clear();
        }
        Err(error) => return Err(error.into()),
    }
    respond(page, crm, StatusCode::BAD_REQUEST, &renaming).await
}
