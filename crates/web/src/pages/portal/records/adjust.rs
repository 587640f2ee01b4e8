//! `/leads/adjust/`: the filter of a list condition by condition, its order, its columns. All of it is a form
//! that asks for itself, with a condition more or less, and at last for the list.

use super::condition::{self, Telling};
use super::filters;
use super::viewing::{offered, whole};
use super::{place, sent};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::kit::{
    Choice, Field as Control, PageHeader, Tone, button, card, form_actions, link_button,
    notice as told_notice,
};
use crate::pages::page::Page;
use crate::pages::words::{common as c, records as r, views as w};
use crate::portal::crm::Crm;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::names::Names;
use sindico_domain::crm::Kind;
use sindico_domain::crm::filter::{Filter, Op, Subject, simple};
use sindico_domain::crm::view::Density;
use std::collections::BTreeSet;

/// Parameters that go through the form as they are.
const KEPT: [&str; 3] = ["view", "q", "board"];

/// A condition as it stands in the form.
struct Line {
    json: Value,
    wrong: Vec<String>,
}

/// `GET /leads/adjust/`.
pub async fn show(kind: Kind, page: Page, crm: Crm, query: Query) -> ApiResult {
    let pairs = query.without("");
    let text = |name: &str| {
        let mut found = pairs.iter().filter(|(key, _)| key == name);
        found.next_back().map_or("", |(_, value)| value.as_str())
    };
    let began = text("match").is_empty();
    let mut any = text("match") == "any";
    let mut lines = match began {
        false => sent_lines(&page, kind, &pairs),
        true => {
            let raw: Map<String, Value> = pairs
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            let asked = filters::read(&page, kind, raw);
            let tree = whole(&asked.filters);
            any = matches!(tree, Some(Filter::Any(_)));
            tree.map(parts).unwrap_or_default()
        }
    };
    let drop = text("drop").parse::<usize>();
    if let Ok(n) = drop
        && n < lines.len()
    {
        lines.remove(n);
    }
    let added =
        condition::fresh((kind, page.customs()), text("new")).filter(|_| text("do") == "add");
    lines.extend(added.map(|filter| Line {
        json: filter.to_json(),
        wrong: Vec::new(),
    }));
    let right = lines.iter().all(|line| line.wrong.is_empty());
    if text("do") == "apply" && right {
        return Ok(page.redirect(&address(&page, kind, &pairs, &lines, any)));
    }
    let members = sent::people(&crm).await?;
    let names = Names::new();
    let telling = Telling {
        page: &page,
        kind,
        members: &members,
        names: &names,
    };
    let chosen: Vec<String> = match began {
        true => text("columns").split(',').map(str::to_owned).collect(),
        false => picked(&pairs, "c."),
    };
    let content = html! {
        (PageHeader {
            breadcrumbs: vec![(page.t(r::many(kind)).to_owned(), place::list(kind).to_owned())],
            title: page.t(w::ADJUST).to_owned(),
            ..PageHeader::default()
        }.render(page.language()))
        @if began && !text(simple::FILTER).is_empty() && Filter::read((kind, page.customs()), text(simple::FILTER)).is_err() {
            (told_notice(Tone::Warn, page.t(r::WRONG_FILTER), None))
        }
        form method="get" class="stack" action={ (place::base(kind)) "adjust/" } {
            @for name in KEPT { @if !text(name).is_empty() { input type="hidden" name=(name) value=(text(name)); } }
            // The first button is what Enter presses.
            button type="submit" name="do" value="apply" class="visually-hidden" tabindex="-1" { (page.t(w::SHOW)) }
            (card(page.t(w::CONDITIONS), None, conditions(&telling, &lines, any)))
            (card(page.t(w::COLUMNS), None, layout(&page, kind, &chosen, text("sort"), text("density"))))
            (form_actions(html! {
                (button(page.t(w::SHOW)).primary().sends("do", "apply"))
                (link_button(page.t(c::CANCEL), place::list(kind)).quiet())
            }))
        }
    };
    Ok(page.show(page.t(w::ADJUST), content))
}

/// The conditions of a tree that a form can show one below the other.
fn parts(tree: Filter) -> Vec<Line> {
    let parts = match tree {
        Filter::All(parts) | Filter::Any(parts) => parts,
        one => vec![one],
    };
    let line = |filter: Filter| Line {
        json: filter.to_json(),
        wrong: Vec::new(),
    };
    parts.into_iter().map(line).collect()
}

/// What stands behind a beginning in the names of boxes that are ticked.
fn picked(pairs: &[(String, String)], begin: &str) -> Vec<String> {
    let names = pairs
        .iter()
        .filter_map(|(name, _)| name.strip_prefix(begin));
    names.map(str::to_owned).collect()
}

fn sent_lines(page: &Page, kind: Kind, pairs: &[(String, String)]) -> Vec<Line> {
    let numbers: BTreeSet<usize> = pairs
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("f.")?.split('.').next()?.parse().ok())
        .collect();
    let line = |n: usize| {
        let part = |name: &str| {
            let name = format!("f.{n}.{name}");
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let json = match Subject::find((kind, page.customs()), &part("field")) {
            Some(field) => {
                let op = part("op").parse::<Op>().unwrap_or(Op::IsSet);
                condition::read(
                    page,
                    &field,
                    op,
                    &part,
                    &picked(pairs, &format!("f.{n}.pick.")),
                )
            }
            None => serde_json::from_str(&part("tree")).unwrap_or(json!(part("tree"))),
        };
        let wrong = Filter::parse((kind, page.customs()), &json)
            .err()
            .unwrap_or_default();
        let wrong = wrong.iter().map(|error| {
            let told = error
                .split_once(": ")
                .filter(|(path, _)| !path.contains(' '));
            super::control::told(page, told.map_or(error.as_str(), |(_, told)| told))
        });
        Line {
            wrong: wrong.collect(),
            json,
        }
    };
    numbers.into_iter().map(line).collect()
}

/// The list that was asked for.
fn address(
    page: &Page,
    kind: Kind,
    pairs: &[(String, String)],
    lines: &[Line],
    any: bool,
) -> String {
    let parts: Vec<Filter> = lines
        .iter()
        .filter_map(|line| Filter::parse((kind, page.customs()), &line.json).ok())
        .collect();
    let filter = match (parts.len(), any) {
        (0, _) => Filter::All(Vec::new()),
        (1, _) => Filter::all_of(parts),
        (_, true) => Filter::Any(parts),
        (_, false) => Filter::All(parts),
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair(simple::FILTER, &filter.to_string());
    for (name, value) in pairs {
        let kept = name != "board" && KEPT.contains(&name.as_str());
        if kept || matches!(name.as_str(), "sort" | "density") {
            query.append_pair(name, value);
        }
    }
    let columns = picked(pairs, "c.");
    if !columns.is_empty() {
        query.append_pair("columns", &columns.join(","));
    }
    let board = pairs.iter().any(|(name, _)| name == "board");
    let path = place::board(kind).filter(|_| board);
    format!("{}?{}", path.unwrap_or(place::list(kind)), query.finish())
}

fn conditions(telling: &Telling<'_>, lines: &[Line], any: bool) -> Markup {
    let page = telling.page;
    let language = page.language();
    let known = (telling.kind, page.customs());
    let fields = Subject::all(known).into_iter();
    let fields = fields.filter(|field| page.shows(telling.kind, &field.name));
    let fields = fields.map(|field| {
        let label = condition::label(page, telling.kind, &field.name);
        Choice::new(field.name, label)
    });
    let both = [
        Choice::new("all", page.t(w::ALL_HOLD)),
        Choice::new("any", page.t(w::ANY_HOLDS)),
    ];
    html! {
        div class="stack" {
            (Control::radio("match", page.t(w::MATCH)).choices(both).value(if any { "any" } else { "all" }).render(language))
            @if lines.is_empty() { p class="quiet" { (page.t(w::NO_CONDITIONS)) } }
            @for (n, line) in lines.iter().enumerate() { (row(telling, n, line)) }
            div class="row foot" {
                (Control::select("new", page.t(w::NEW_CONDITION)).choices(fields).render(language))
                (button(page.t(w::ADD_CONDITION)).icon("plus").sends("do", "add"))
            }
        }
    }
}

fn row(telling: &Telling<'_>, n: usize, line: &Line) -> Markup {
    let page = telling.page;
    let field = line.json["field"].as_str().unwrap_or_default();
    let field = Subject::find((telling.kind, page.customs()), field);
    let op = line.json["op"]
        .as_str()
        .and_then(|op| op.parse::<Op>().ok());
    let name = match &field {
        Some(field) => condition::label(page, telling.kind, &field.name),
        None => w::condition_number(page.language(), n + 1),
    };
    html! {
        fieldset class="rows-row" {
            legend { (name) }
            @for wrong in &line.wrong { p class="field-error" { (crate::pages::kit::icon("circle-alert")) span { (wrong) } } }
            div class="form-grid" {
                @match (&field, op) {
                    (Some(field), Some(op)) => { (telling.row(n, field, op, &line.json["value"])) }
                    _ => { (Control::textarea(format!("f.{n}.tree"), page.t(w::RAW)).wide().value(line.json.to_string()).render(page.language())) }
                }
            }
            (button(page.t(w::REMOVE_CONDITION)).small().quiet().icon("trash-2").sends("drop", n.to_string())
                .attr("aria-label", format!("{}: {name}", page.t(w::REMOVE_CONDITION))))
        }
    }
}

fn layout(page: &Page, kind: Kind, chosen: &[String], sort: &str, density: &str) -> Markup {
    let language = page.language();
    let orders = kind.sorts().iter();
    let orders = orders.filter(|key| page.shows(kind, key.name));
    let orders = orders.flat_map(|key| {
        let label = condition::label(page, kind, key.name);
        let label = match key.name {
            "period" => page.t(r::many(Kind::SalesGoal)),
            _ => &label,
        };
        [
            Choice::new(key.name, w::ascending(language, label)),
            Choice::new(format!("-{}", key.name), w::descending(language, label)),
        ]
    });
    let densities = [
        (Density::Comfortable, w::COMFORTABLE),
        (Density::Compact, w::COMPACT),
    ];
    let densities = densities.map(|(density, word)| Choice::new(density.as_str(), page.t(word)));
    let density = match density.is_empty() {
        true => Density::Comfortable.as_str(),
        false => density,
    };
    let sort = match sort.is_empty() {
        true => kind.default_sort(),
        false => sort,
    };
    html! {
        div class="stack" {
            fieldset class="field" {
                legend class="field-label" { (page.t(w::COLUMNS)) }
                p class="field-hint" { (page.t(w::COLUMNS_HINT)) }
                div class="choices-line" {
                    @for name in &offered(page, kind) {
                        label class="choice" {
                            input type="checkbox" name={ "c." (name) } value="1" checked[chosen.contains(name)];
                            span { (condition::label(page, kind, name)) }
                        }
                    }
                }
            }
            div class="form-grid" {
                (Control::select("sort", page.t(w::ORDER)).choices(orders).value(sort).render(language))
                (Control::radio("density", page.t(w::DENSITY)).choices(densities).value(density).render(language))
            }
        }
    }
}
