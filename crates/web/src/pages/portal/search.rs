//! `/search/`: one search over all kinds; also what the command palette and the fields for records ask.

use super::records::{named, place, value};
use super::setup;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::kit::{
    Field as Control, Tone, button, card, empty_state, icon, notice as told_notice, page_header,
    palette_result,
};
use crate::pages::page::Page;
use crate::pages::words::{common as c, records as w};
use crate::portal::crm::Crm;
use maud::{Markup, html};
use sindico_crm::search::{self, Found, Hit};
use sindico_domain::crm::Kind;
use sindico_domain::crm::search::parts_of;
use sindico_domain::fold::fold;

/// How many are found for the palette, for a field, and for the page.
const FEW: usize = 8;
const MANY: usize = 100;

/// The longest query that is looked for, in characters.
const LONGEST: usize = 200;

/// `GET /search/?q=`.
pub async fn show(page: Page, crm: Crm, query: Query) -> ApiResult {
    let asked = query.without("");
    let text = |name: &str| {
        let mut found = asked.iter().filter(|(key, _)| key == name);
        found
            .next()
            .map(|(_, value)| value.trim())
            .unwrap_or_default()
    };
    let fragment = text("fragment");
    // A field of a form sends what is typed under its own name.
    let field = text("in");
    let q = match (text("q"), field) {
        ("", field) if !field.is_empty() => text(field),
        (q, _) => q,
    };
    let q: String = q.chars().take(LONGEST).collect();
    let kind = text("kind").parse::<Kind>().ok();
    let kinds: Vec<Kind> = crm
        .readable()
        .into_iter()
        .filter(|one| kind.is_none_or(|kind| kind == *one))
        .collect();
    let page = page.with_setup(&crm).await?;
    let limit = if fragment.is_empty() { MANY } else { FEW };
    let found = search::search(&crm.data, &kinds, &q, limit).await?;
    match fragment {
        "palette" => Ok(page.fragment(palette(&page, &found))),
        "options" => Ok(page.fragment(options(&page, &found))),
        _ => Ok(page.show(page.t(w::SEARCH_TITLE), results(&page, &q, &found))),
    }
}

/// Results, as the palette lists them.
fn palette(page: &Page, found: &Found) -> Markup {
    html! { @for hit in &found.results {
        (palette_result(&place::of(hit.kind, hit.id), place::icon(hit.kind), &called(page, hit), page.t(w::one(hit.kind))))
    } }
}

/// Records to be chosen in a field.
fn options(page: &Page, found: &Found) -> Markup {
    html! { @for hit in &found.results {
        option value=(named(&hit.title, hit.id)) { (beside(page, hit)) }
    } }
}

fn called(page: &Page, hit: &Hit) -> String {
    match hit.title.as_str() {
        "" => w::number(page.language(), hit.id),
        title => title.to_owned(),
    }
}

/// What tells a hit from others of its name; a sale's is its stage.
pub(super) fn beside(page: &Page, hit: &Hit) -> String {
    match hit.kind {
        Kind::Opportunity => setup::stage(page, &hit.subtitle),
        _ => value::word_of(page.language(), hit.kind, "stage", &hit.subtitle),
    }
}

fn results(page: &Page, q: &str, found: &Found) -> Markup {
    let language = page.language();
    let parts = parts_of(q);
    html! {
        (page_header(language, page.t(w::SEARCH_TITLE), None))
        form class="filter-bar" method="get" action="/search/" role="search" {
            (Control::search("q", page.t(c::SEARCH)).value(q).attr("maxlength", LONGEST.to_string()).attr("placeholder", page.t(w::SEARCH_HINT)).render(language))
            (button(page.t(c::SEARCH)).primary().icon("search"))
        }
        @if q.is_empty() {
            (empty_state("search", page.t(w::SEARCH_START), page.t(w::SEARCH_START_DETAIL), None))
        } @else if found.results.is_empty() {
            (empty_state("search", &w::nothing_found(language, q), page.t(w::NOTHING_FOUND_DETAIL), None))
        } @else {
            @if found.approximate { (told_notice(Tone::Info, page.t(w::APPROXIMATE), None)) }
            @if found.capped { (told_notice(Tone::Info, page.t(w::CAPPED), None)) }
            div class="stack" {
                @for kind in Kind::ALL {
                    @let hits: Vec<&Hit> = found.results.iter().filter(|hit| hit.kind == *kind).collect();
                    @if !hits.is_empty() {
                        (card(page.t(w::many(*kind)), None, html! {
                            ul class="related" { @for hit in hits { (line(page, hit, &parts)) } }
                        }))
                    }
                }
            }
        }
    }
}

fn line(page: &Page, hit: &Hit, parts: &[String]) -> Markup {
    let beside = beside(page, hit);
    html! {
        li class="related-line" {
            (icon(place::icon(hit.kind)))
            a class="related-name" href=(place::of(hit.kind, hit.id)) { (marked(&called(page, hit), parts)) }
            @if !beside.is_empty() { span class="quiet" { (marked(&beside, parts)) } }
        }
    }
}

/// A text with what was looked for marked in it, whatever its accents and case.
fn marked(text: &str, parts: &[String]) -> Markup {
    // Where each folded character comes from.
    let mut folded = String::new();
    let mut origins: Vec<(usize, usize)> = Vec::new();
    for (at, c) in text.char_indices() {
        let piece = fold(&c.to_string());
        origins.extend(piece.bytes().map(|_| (at, at + c.len_utf8())));
        folded.push_str(&piece);
    }
    let mut spans: Vec<(usize, usize)> = parts
        .iter()
        .filter(|part| !part.is_empty())
        .flat_map(|part| folded.match_indices(part.as_str()))
        .filter_map(|(at, part)| Some((origins.get(at)?.0, origins.get(at + part.len() - 1)?.1)))
        .collect();
    spans.sort_unstable();
    let mut at = 0;
    let mut pieces: Vec<(bool, &str)> = Vec::new();
    for (begin, end) in spans {
        let begin = begin.max(at);
        if begin >= end {
            continue;
        }
        pieces.push((false, &text[at..begin]));
        pieces.push((true, &text[begin..end]));
        at = end;
    }
    pieces.push((false, &text[at..]));
    html! { @for (hit, piece) in pieces { @if hit { mark { (piece) } } @else { (piece) } } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_looked_for_is_marked() {
        let marked = |text: &str, q: &str| super::marked(text, &parts_of(q)).0;
        assert_eq!(
            marked("Ana Conceição", "CONCEICAO"),
            "Ana <mark>Conceição</mark>"
        );
        assert_eq!(
            marked("Ana Ana", "ana"),
            "<mark>Ana</mark> <mark>Ana</mark>"
        );
        assert_eq!(marked("<b>", "x"), "&lt;b&gt;");
        assert_eq!(marked("ﬁm", "fi"), "<mark>ﬁ</mark>m");
    }

    proptest! {
        /// Whatever is looked for in whatever text: all of it is there, and nothing breaks.
        #[test]
        fn nothing_is_lost(text in "\\PC{0,40}", q in "\\PC{0,10}") {
            let html = marked(&text, &parts_of(&q)).0;
            let bare = html.replace("<mark>", "").replace("</mark>", "");
            prop_assert_eq!(bare, html! { (text) }.0);
        }
    }
}
