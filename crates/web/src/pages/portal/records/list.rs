//! `/customers/`, `/opportunities/list/` and the other lists: filtered, sorted, page by page.

use super::condition::Telling;
use super::filters::{self, Asked};
use super::viewing::Now;
use super::{columns, many, place, sent, viewing};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::contract::query::page_or_some;
use crate::pages::kit::{
    MenuItem, Order, PageHeader, Tab, Tone, chips, data_table, empty_state, filter_bar, format,
    icon, link_button, menu, notice as told_notice, pager, tabs,
};
use crate::pages::language::Word;
use crate::pages::page::Page;
use crate::pages::words::{common as c, records as w, sheets, twins as t};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::list::{Filter, ListQuery, Listing};
use sindico_crm::names;
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::Kind;
use sindico_domain::crm::filter::simple;
use sindico_domain::crm::merge::is_mergeable;
use sindico_domain::crm::view::Density;
use sindico_domain::input::{Fields, text};

/// Rows a page.
const ROWS: i64 = 50;

/// `GET /customers/`.
pub async fn show(kind: Kind, page: Page, crm: Crm, query: Query) -> ApiResult {
    let mut raw: Map<String, Value> = query
        .without("")
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    let viewing = viewing::resolve(&crm, &page, kind, &mut raw).await?;
    let asked = filters::read(&page, kind, raw);
    let mut f = Fields::new(&asked.raw);
    let (mut request, _) = page_or_some(&mut f);
    request.limit = ROWS;
    let q = f.read("q", text(1..=200));
    let known = |sort: &String| {
        let name = sort.strip_prefix('-').unwrap_or(sort);
        kind.sorts().iter().any(|key| key.name == name)
    };
    let sort = Some(asked.text("sort").to_owned()).filter(known);
    let mut wrong = f.finish();
    wrong.merge(asked.errors.clone());
    let listed = ListQuery {
        kind,
        filters: Filter::all(&asked.filters, &crm.viewpoint()),
        q,
        sort: sort.unwrap_or_else(|| kind.default_sort().to_owned()),
        page: request,
        count_some: true,
    };
    let listing = sindico_crm::list::list(&crm.data, &listed).await?;
    let readable = crm.readable();
    let known = names::of(&crm.data, &listing.page.items, &readable).await?;
    let members = sent::people(&crm).await?;
    let list = List {
        page: &page,
        kind,
        asked: &asked,
        sort: &listed.sort,
        listing: &listing,
    };
    let on = asked.chips(&page, kind, &members, &known);
    let mut on: Vec<(String, String)> = on
        .into_iter()
        .map(|(text, name)| (text, list.address(&[&name, "cursor"], None)))
        .collect();
    let telling = Telling {
        page: &page,
        kind,
        members: &members,
        names: &known,
    };
    let conditions = asked.conditions(&telling).into_iter();
    on.extend(conditions.map(|(text, rest)| {
        let name = simple::FILTER;
        (text, list.address(&[name, "cursor"], Some((name, &rest))))
    }));
    let narrowed = asked.is_narrowed(&page, kind);
    // The board of goals tells what was won: to those alone who may read sales.
    let sees = kind != Kind::SalesGoal || page.may(Resource::Opportunities, Method::Get);
    let board = place::board(kind).filter(|_| sees);
    let everything = viewing.everything(place::list(kind));
    let clear = narrowed.then_some(everything.as_str());
    let fields: Vec<&str> = match viewing.columns.is_empty() {
        true => {
            let usual = columns::usual(kind).iter().copied();
            usual.filter(|name| page.shows(kind, name)).collect()
        }
        false => viewing.columns.iter().map(String::as_str).collect(),
    };
    let now = Now {
        filters: &asked.filters,
        q: asked.text("q"),
        sort: asked.text("sort"),
    };
    let compact = viewing.density == Density::Compact;
    let content = html! {
        (list.header(&fields))
        @if let Some(board) = board { (views(&page, kind, board)) }
        @if kind == Kind::Activity { (states(&page, &asked)) }
        (viewing.bar(&page, &now, place::list(kind)))
        (filter_bar(page.language(), place::list(kind), asked.bar(&page, kind, &members), clear))
        (chips(page.language(), &on))
        @if !wrong.is_empty() { (told_notice(Tone::Warn, page.t(w::WRONG_FILTER), None)) }
        @if page.may(kind.resource(), Method::Patch) && !listing.page.items.is_empty() {
            (many::selection(&page, kind, &asked, listing.page.total, listing.capped))
        }
        div id="records" class=[compact.then_some("compact")] data-live=(kind) {
        @if listing.page.items.is_empty() { (list.empty(narrowed)) } @else {
            (data_table(page.language(), page.t(w::many(kind)), &columns::heads(&page, kind, &fields, &|name| list.sorted_by(name)),
                &columns::rows(&page, kind, &fields, &listing.page.items, &known)))
            (list.pager())
        } }
    };
    let status = match wrong.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    Ok(page.show_as(status, page.t(w::many(kind)), content))
}

/// The ways to see the same records.
fn views(page: &Page, kind: Kind, board: &str) -> Markup {
    let tab = |href: &str, label: &str, current| Tab {
        href: href.to_owned(),
        label: label.to_owned(),
        count: None,
        current,
    };
    let board = tab(board, page.t(c::BOARD), false);
    let list = tab(place::list(kind), page.t(c::LIST), true);
    tabs(page.language(), &[board, list])
}

/// Activities by what is left to do.
fn states(page: &Page, asked: &Asked) -> Markup {
    let list = place::list(Kind::Activity);
    let now = asked.text("status");
    let tabs_of = [
        ("", list.to_owned(), w::ALL_F),
        ("PENDING", format!("{list}?status=PENDING"), w::TO_DO),
        ("DONE", format!("{list}?status=DONE&sort=-id"), w::DONE),
    ];
    let all: Vec<Tab> = tabs_of
        .into_iter()
        .map(|(status, href, word)| Tab {
            href,
            label: page.t(word).to_owned(),
            count: None,
            current: now == status,
        })
        .collect();
    tabs(page.language(), &all)
}

struct List<'a> {
    page: &'a Page,
    kind: Kind,
    asked: &'a Asked,
    sort: &'a str,
    listing: &'a Listing,
}

impl List<'_> {
    fn header(&self, fields: &[&str]) -> Markup {
        let page = self.page;
        let may = page.may(self.kind.resource(), Method::Post);
        let header = PageHeader {
            title: page.t(w::many(self.kind)).to_owned(),
            actions: Some(html! {
                (self.tools(fields))
                @if may { (self.new_button()) }
            }),
            ..PageHeader::default()
        };
        header.render(page.language())
    }

    /// What takes the list out as a file: as it is shown, and with all that there is.
    /// What is done to a list as a whole.
    fn tools(&self, fields: &[&str]) -> Markup {
        let page = self.page;
        let exports = page.may(Resource::Exports, Method::Get);
        let imports = page.may(Resource::Imports, Method::Post)
            && page.may(self.kind.resource(), Method::Post);
        let columns = columns::exported(self.kind, fields).join(",");
        let link = |format: &str, columns: Option<&str>, label: Word| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in &self.asked.raw {
                if name != "cursor" {
                    query.append_pair(name, value.as_str().unwrap_or_default());
                }
            }
            query.append_pair("format", format);
            if let Some(columns) = columns {
                query.append_pair("columns", columns);
            }
            MenuItem::Link {
                href: format!("{}export/?{}", self.kind.path(), query.finish()),
                label: page.t(label).to_owned(),
                icon: Some("download"),
                key: None,
            }
        };
        let import = MenuItem::Link {
            href: format!("/imports/new/?kind={}", self.kind),
            label: page.t(sheets::IMPORT).to_owned(),
            icon: Some("upload"),
            key: None,
        };
        let mut items = Vec::new();
        if is_mergeable(self.kind) {
            items.push(MenuItem::Link {
                href: place::duplicates(self.kind),
                label: page.t(t::DUPLICATES).to_owned(),
                icon: Some("copy"),
                key: None,
            });
        }
        items.extend(imports.then_some(import));
        let ways = [
            link("csv", Some(&columns), w::EXPORT_CSV),
            link("xlsx", Some(&columns), w::EXPORT_XLSX),
            MenuItem::Line,
            link("csv", None, w::EXPORT_ALL_CSV),
            link("xlsx", None, w::EXPORT_ALL_XLSX),
        ];
        if exports {
            items.push(MenuItem::Title(page.t(w::EXPORT).to_owned()));
            items.extend(ways);
        }
        if items.is_empty() {
            return html! {};
        }
        let summary =
            html! { summary class="button" { (page.t(w::TOOLS)) (icon("chevron-down")) } };
        menu(summary, &items)
    }

    fn new_button(&self) -> Markup {
        let label = self.page.t(w::new_one(self.kind));
        html! { (link_button(label, format!("{}new/", place::base(self.kind))).primary().icon("plus").key("c")) }
    }

    /// The list's address without these parameters, and with this one.
    fn address(&self, without: &[&str], with: Option<(&str, &str)>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.asked.raw {
            if !without.contains(&name.as_str()) {
                query.append_pair(name, value.as_str().unwrap_or_default());
            }
        }
        if let Some((name, value)) = with {
            query.append_pair(name, value);
        }
        match query.finish() {
            query if query.is_empty() => place::list(self.kind).to_owned(),
            query => format!("{}?{query}", place::list(self.kind)),
        }
    }

    /// The link that sorts by this, and whether the list is sorted by it.
    fn sorted_by(&self, name: &str) -> (String, Option<Order>) {
        let (now, down) = match self.sort.strip_prefix('-') {
            Some(now) => (now, true),
            None => (self.sort, false),
        };
        let order = (now == name).then_some(match down {
            true => Order::Descending,
            false => Order::Ascending,
        });
        let other = match order {
            Some(Order::Ascending) => format!("-{name}"),
            _ => name.to_owned(),
        };
        (
            self.address(&["sort", "cursor"], Some(("sort", &other))),
            order,
        )
    }

    fn empty(&self, narrowed: bool) -> Markup {
        let page = self.page;
        let may = page.may(self.kind.resource(), Method::Post);
        if narrowed {
            let clear = html! { (link_button(page.t(crate::pages::words::kit::CLEAR), place::list(self.kind))) };
            return empty_state(
                "search",
                page.t(w::NOTHING_FITS),
                page.t(w::NOTHING_FITS_DETAIL),
                Some(clear),
            );
        }
        let (title, text) = w::none_yet(self.kind);
        empty_state(
            place::icon(self.kind),
            page.t(title),
            page.t(text),
            may.then(|| self.new_button()),
        )
    }

    fn pager(&self) -> Markup {
        let page = self.page;
        let language = page.language();
        let shown = i64::try_from(self.listing.page.items.len()).unwrap_or_default();
        let all = self.listing.page.total.unwrap_or(shown);
        let all = format::capped_count(language, all, self.listing.capped);
        let text = c::count_of(language, format::count(language, shown), all);
        let next = self
            .listing
            .page
            .next
            .as_ref()
            .map(|next| self.address(&["cursor"], Some(("cursor", &next.encode()))));
        let began = self.asked.text("cursor").is_empty();
        let first = (!began).then(|| self.address(&["cursor"], None));
        pager(language, &text, first.as_deref(), next.as_deref())
    }
}
