//! The saved view that a list or a board shows, and what its address has made of it.

use super::place;
use crate::contract::error::ApiResult;
use crate::pages::kit::{MenuItem, Tone, badge, icon, link_button, menu, notice as told_notice};
use crate::pages::page::Page;
use crate::pages::words::views as w;
use crate::portal::crm::Crm;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::views;
use sindico_domain::crm::Kind;
use sindico_domain::crm::filter::{Filter, simple};
use sindico_domain::crm::view::{Density, View, Visibility, columns};

/// No view, where a role begins with one.
const ALL: &str = "all";

/// What is shown.
pub struct Viewing {
    kind: Kind,
    views: Vec<View>,
    current: Option<View>,
    has_default: bool,
    /// Whether the view narrows by custom fields that are not there any more.
    gone: bool,
    /// Names of the columns; none for the kind's own.
    pub columns: Vec<String>,
    /// How much room a row takes.
    pub density: Density,
}

/// What an address says besides.
pub struct Now<'a> {
    /// Its conditions, but for what is searched.
    pub filters: &'a [Filter],
    /// What is searched.
    pub q: &'a str,
    /// The order.
    pub sort: &'a str,
}

/// Finds the view that an address means, the one that the role begins with when it says nothing at all,
/// and puts what the view says into the parameters that are not there.
pub async fn resolve(
    crm: &Crm,
    page: &Page,
    kind: Kind,
    raw: &mut Map<String, Value>,
) -> ApiResult<Viewing> {
    let views = views::list(&crm.data, crm.caller.user.id, &[kind]).await?;
    let role = crm.tenant.role;
    let default = views
        .iter()
        .find(|view| role.is_some_and(|role| view.shown.default_for.contains(&role)));
    let current = match raw.get("view").and_then(Value::as_str) {
        None if raw.is_empty() => default,
        Some(id) => views.iter().find(|view| view.id.to_string() == id),
        None => None,
    };
    let mut current = current.cloned();
    let mut gone = false;
    if let Some(view) = &mut current
        && let Some(filter) = &view.shown.filter
    {
        // A field that it narrows by may be deleted by now: the rest is shown, and that is told.
        let (rest, without) = Filter::without_gone((kind, page.customs()), filter);
        gone = without;
        view.shown.filter = rest;
    }
    if let Some(view) = &current {
        let mut fill = |name: &str, text: String| {
            if !text.is_empty() && !raw.contains_key(name) {
                raw.insert(name.to_owned(), text.into());
            }
        };
        fill("view", view.id.to_string());
        let filter = view.shown.filter.as_ref().map(Value::to_string);
        fill(simple::FILTER, filter.unwrap_or_default());
        fill("sort", view.shown.sort.clone());
        fill("columns", view.shown.columns.join(","));
        fill("density", view.shown.density.to_string());
    }
    let text = |name: &str| raw.get(name).and_then(Value::as_str).unwrap_or_default();
    let known = offered(page, kind);
    let chosen = text("columns").split(',').map(str::trim);
    let chosen = chosen.filter(|name| known.iter().any(|known| known == name));
    Ok(Viewing {
        kind,
        columns: chosen.map(str::to_owned).collect(),
        density: text("density").parse().unwrap_or(Density::Comfortable),
        has_default: default.is_some(),
        gone,
        current,
        views,
    })
}

/// The columns that this reader can choose.
pub fn offered(page: &Page, kind: Kind) -> Vec<String> {
    let customs = page.customs().of(kind).map(|field| field.name());
    let own = columns(kind).into_iter().map(str::to_owned);
    own.chain(customs)
        .filter(|name| page.shows(kind, name))
        .collect()
}

/// All conditions as one tree; `None` when there are none.
pub fn whole(filters: &[Filter]) -> Option<Filter> {
    let mut parts = Vec::new();
    for filter in filters {
        match filter {
            Filter::All(inner) => parts.extend(inner.iter().cloned()),
            other => parts.push(other.clone()),
        }
    }
    (!parts.is_empty()).then(|| Filter::all_of(parts))
}

/// The same as it stands in an address: nothing is said as well, over a view that filters.
pub fn told(filters: &[Filter]) -> String {
    whole(filters)
        .unwrap_or(Filter::All(Vec::new()))
        .to_string()
}

impl Viewing {
    /// The address of all records, whatever a role begins with.
    pub fn everything(&self, path: &str) -> String {
        match self.has_default {
            true => format!("{path}?view={ALL}"),
            false => path.to_owned(),
        }
    }

    /// Whether the address says something else than the view that it names.
    fn is_changed(&self, now: &Now<'_>, view: &View) -> bool {
        let default = self.kind.default_sort();
        let or = |sort: &str| match sort.is_empty() {
            true => default.to_owned(),
            false => sort.to_owned(),
        };
        let saved = view.shown.filter.as_ref().map(Value::to_string);
        let told = whole(now.filters).map(|filter| filter.to_string());
        let empty = Filter::All(Vec::new()).to_string();
        saved.filter(|text| *text != empty) != told
            || !now.q.is_empty()
            || or(&view.shown.sort) != or(now.sort)
            || view.shown.columns != self.columns
            || view.shown.density != self.density
    }

    /// What a form that narrows further carries along.
    pub fn hidden(&self, now: &Now<'_>) -> Markup {
        let mut state = self.state(now);
        state.retain(|(name, _)| *name != "q");
        html! { @for (name, value) in &state { input type="hidden" name=(name) value=(value); } }
    }

    /// What is shown now, as parameters.
    fn state(&self, now: &Now<'_>) -> Vec<(&'static str, String)> {
        let mut state = vec![(simple::FILTER, told(now.filters))];
        let texts = [
            (
                "view",
                self.current.as_ref().map(|view| view.id.to_string()),
            ),
            ("sort", Some(now.sort.to_owned())),
            ("columns", Some(self.columns.join(","))),
            ("density", Some(self.density.to_string())),
            ("q", Some(now.q.to_owned())),
        ];
        for (name, text) in texts {
            state.extend(
                text.filter(|text| !text.is_empty())
                    .map(|text| (name, text)),
            );
        }
        state
    }

    fn address(&self, path: &str, state: &[(&str, String)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(state);
        format!("{path}?{}", query.finish())
    }

    /// The views to choose from, and what can be done with the one that is shown. `path` is the list or the
    /// board that is looked at.
    pub fn bar(&self, page: &Page, now: &Now<'_>, path: &str) -> Markup {
        let state = self.state(now);
        let named = |view: &View| view.shown.name.clone();
        let name = self
            .current
            .as_ref()
            .map_or_else(|| page.t(w::EVERYTHING).to_owned(), named);
        let mut items = vec![MenuItem::Link {
            href: self.everything(path),
            label: page.t(w::EVERYTHING).to_owned(),
            icon: None,
            key: None,
        }];
        items.extend(self.views.iter().map(|view| MenuItem::Link {
            href: format!("{path}?view={}", view.id),
            label: named(view),
            icon: (view.shown.visibility != Visibility::Private).then_some("users"),
            key: None,
        }));
        items.push(MenuItem::Line);
        items.push(MenuItem::Link {
            href: "/views/".to_owned(),
            label: page.t(w::MANAGE).to_owned(),
            icon: Some("settings"),
            key: None,
        });
        let summary = html! {
            summary class="button" { (icon("layers")) (page.t(w::VIEW)) ": " (name) (icon("chevron-down")) }
        };
        let changed = self
            .current
            .as_ref()
            .filter(|view| self.is_changed(now, view));
        let something =
            whole(now.filters).is_some() || !now.sort.is_empty() || !self.columns.is_empty();
        let mut adjusting = state.clone();
        if Some(path) == place::board(self.kind) {
            adjusting.push(("board", "1".to_owned()));
        }
        let mut saving = state.clone();
        saving.retain(|(name, _)| !matches!(*name, "view" | "q"));
        saving.push(("kind", self.kind.to_string()));
        html! {
            @if self.gone { div data-field-gone { (told_notice(Tone::Warn, page.t(w::FIELD_GONE), None)) } }
            div class="view-bar row" {
                (menu(summary, &items))
                (link_button(page.t(w::ADJUST), self.address(&format!("{}adjust/", place::base(self.kind)), &adjusting)).quiet().icon("filter"))
                @if let Some(view) = changed {
                    (badge(Tone::Warn, page.t(w::CHANGED)))
                    (link_button(page.t(w::SAVE_CHANGES), self.address(&format!("/views/{}/edit/", view.id), &saving)).small().icon("save"))
                    (link_button(page.t(w::DISCARD), format!("{path}?view={}", view.id)).small().quiet().icon("undo-2"))
                }
                @if changed.is_some() || (self.current.is_none() && something) {
                    (link_button(page.t(w::SAVE_AS), self.address("/views/new/", &saving)).small().quiet().icon("plus"))
                }
            }
        }
    }
}
