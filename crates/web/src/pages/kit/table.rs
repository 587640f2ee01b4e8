//! Lists: table, pager, filters.

use super::button::{button, link_button};
use super::icon::{icon, icon_of};
use crate::pages::language::Language;
use crate::pages::words::kit as words;
use maud::{Markup, html};

/// How a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The smallest first.
    Ascending,
    /// The largest first.
    Descending,
}

/// A column of a table.
#[derive(Debug, Clone, Default)]
pub struct Column {
    label: String,
    numeric: bool,
    shrink: bool,
    silent: bool,
    spare: bool,
    sort: Option<(String, Option<Order>)>,
}

impl Column {
    /// A column of text.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    /// Of numbers: at the end of their place, digits below digits.
    pub fn numeric(mut self) -> Self {
        self.numeric = true;
        self
    }

    /// No wider than it must be.
    pub fn shrink(mut self) -> Self {
        self.shrink = true;
        self
    }

    /// Its name is only read aloud, as of a column of buttons.
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// Left out where all of them do not fit.
    pub fn spare(mut self) -> Self {
        self.spare = true;
        self
    }

    /// It can be sorted by this link; and whether the list is sorted by it now.
    pub fn sorted_by(mut self, href: impl Into<String>, now: Option<Order>) -> Self {
        self.sort = Some((href.into(), now));
        self
    }

    fn class(&self) -> Option<&'static str> {
        match (self.numeric, self.shrink) {
            (true, true) => Some("numeric shrink"),
            (true, false) => Some("numeric"),
            // What can be done with a row stays in sight, however wide the row is.
            (false, true) if self.silent => Some("shrink end"),
            (false, true) => Some("shrink"),
            (false, false) => self.spare.then_some("spare"),
        }
    }

    fn head(&self, language: Language) -> Markup {
        let now = self.sort.as_ref().and_then(|(_, now)| *now);
        let sort = now.map(|order| match order {
            Order::Ascending => "ascending",
            Order::Descending => "descending",
        });
        html! {
            th scope="col" role="columnheader" class=[self.class()] aria-sort=[sort] {
                @if let Some((href, now)) = &self.sort {
                    a href=(href) {
                        (self.label)
                        @match now {
                            Some(Order::Ascending) => { (icon("chevron-up")) }
                            Some(Order::Descending) => { (icon("chevron-down")) }
                            None => { (icon_of("chevrons-up-down", "icon faint")) span class="visually-hidden" { " (" (words::SORT.in_(language)) ")" } }
                        }
                    }
                } @else if self.silent {
                    span class="visually-hidden" { (self.label) }
                } @else { (self.label) }
            }
        }
    }
}

/// The id of the form that the boxes of rows belong to, wherever it stands in the page.
pub const SELECTION: &str = "selection";

/// A row of a table.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Its id in the page.
    pub id: Option<String>,
    /// Where its first cell leads; the whole row can be clicked.
    pub href: Option<String>,
    /// A box to select it: name, value, and the record's name. It belongs to the form [`SELECTION`].
    pub select: Option<(String, String, String)>,
    /// One cell a column.
    pub cells: Vec<Markup>,
}

impl Row {
    /// A row that leads somewhere.
    pub fn to(href: impl Into<String>, cells: impl IntoIterator<Item = Markup>) -> Self {
        Self {
            href: Some(href.into()),
            cells: cells.into_iter().collect(),
            ..Self::default()
        }
    }

    /// A row that is only read.
    pub fn of(cells: impl IntoIterator<Item = Markup>) -> Self {
        Self {
            cells: cells.into_iter().collect(),
            ..Self::default()
        }
    }

    /// With this id.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }
}

/// A table. In a narrow place each row becomes a card. `caption` is read aloud.
///
/// The roles are said again because a browser forgets them when CSS turns rows into blocks.
pub fn data_table(language: Language, caption: &str, columns: &[Column], rows: &[Row]) -> Markup {
    let selectable = rows.iter().any(|row| row.select.is_some());
    html! {
        div class="table-frame" { div class="table-scroll" {
            table class="table" role="table" {
                caption { span class="visually-hidden" { (caption) } }
                thead role="rowgroup" { tr role="row" {
                    @if selectable { td role="cell" class="shrink" {} }
                    @for column in columns { (column.head(language)) }
                } }
                tbody role="rowgroup" { @for row in rows { (row.render(language, columns, selectable)) } }
            }
        } }
    }
}

impl Row {
    fn render(&self, language: Language, columns: &[Column], selectable: bool) -> Markup {
        html! {
            tr role="row" id=[self.id.as_deref()] {
                @if selectable { td role="cell" class="shrink select" data-label="" {
                    @if let Some((name, value, of)) = &self.select {
                        label class="row-check-box" {
                            input class="row-check" type="checkbox" form=(SELECTION) name=(name) value=(value) aria-label=(words::select_row(language, of));
                        }
                    }
                } }
                @for (index, (column, cell)) in columns.iter().zip(&self.cells).enumerate() {
                    td role="cell" class=[cell_class(column, index)] data-label=(if column.silent { "" } else { &column.label }) {
                        @match (&self.href, index) {
                            (Some(href), 0) => { a class="row-link" href=(href) { (cell) } }
                            _ => { (cell) }
                        }
                    }
                }
            }
        }
    }
}

fn cell_class(column: &Column, index: usize) -> Option<&'static str> {
    if index == 0 {
        Some("title")
    } else {
        column.class()
    }
}

/// The way through a list: how much is shown, back to its first page, and on.
pub fn pager(language: Language, shown: &str, first: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        nav class="pager" aria-label=(words::PAGES.in_(language)) {
            span class="number" { (shown) }
            span class="pager-links" {
                @if let Some(href) = first { (link_button(words::FIRST_PAGE.in_(language), href.to_owned()).small().icon("arrow-left").attr("rel", "first")) }
                @if let Some(href) = next { (link_button(words::NEXT.in_(language), href.to_owned()).small().icon("chevron-right").attr("rel", "next")) }
            }
        }
    }
}

/// The filters of a list, as a form that asks the page anew: by script at each change, by its button without.
pub fn filter_bar(language: Language, action: &str, fields: Markup, clear: Option<&str>) -> Markup {
    html! {
        form class="filter-bar" method="get" action=(action) role="search" aria-label=(words::FILTERS.in_(language)) data-filter {
            (fields)
            (button(words::APPLY.in_(language)).icon("filter"))
            @if let Some(href) = clear { (link_button(words::CLEAR.in_(language), href.to_owned()).quiet()) }
        }
    }
}

/// The filters that are on, each a link to the list without it.
pub fn chips(language: Language, filters: &[(String, String)]) -> Markup {
    html! { @if !filters.is_empty() {
        ul class="chips" aria-label=(words::FILTERS.in_(language)) {
            @for (text, href) in filters {
                li { a class="chip" href=(href) aria-label=(words::without(language, text)) { (text) (icon("x")) } }
            }
        }
    } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_its_order_and_its_columns() {
        let columns = [
            Column::new("Nome").sorted_by("?sort=name", Some(Order::Descending)),
            Column::new("<Valor>")
                .numeric()
                .sorted_by("?sort=value", None),
        ];
        let cells = [html! { "<Ana>" }, html! { "1,00" }];
        let rows = [Row::to("/leads/1/?a=\"", cells).id("lead-1")];
        let text = data_table(Language::English, "Leads", &columns, &rows).0;
        assert!(text.contains("aria-sort=\"descending\""), "{text}");
        assert_eq!(text.matches("aria-sort").count(), 1);
        assert!(text.contains("data-label=\"&lt;Valor&gt;\"") && text.contains("&lt;Ana&gt;"));
        assert!(text.contains("href=\"/leads/1/?a=&quot;\"") && text.contains("id=\"lead-1\""));
        assert!(text.contains("<th scope=\"col\" role=\"columnheader\" class=\"numeric\">"));
    }

    #[test]
    fn what_can_be_done_with_a_row_stays_in_sight() {
        let columns = [Column::new("Nome"), Column::new("Editar").silent().shrink()];
        let rows = [Row::of([html! { "Ana" }, html! { "…" }])];
        let text = data_table(Language::English, "Leads", &columns, &rows).0;
        assert_eq!(text.matches("class=\"shrink end\"").count(), 2, "{text}");
    }

    #[test]
    fn a_pager_shows_only_ways_that_are_there() {
        let text = pager(Language::English, "1-50", None, Some("?c=2")).0;
        assert!(
            text.contains("rel=\"next\"") && !text.contains("rel=\"first\""),
            "{text}"
        );
        let text = pager(Language::English, "51-60", Some("/leads/"), None).0;
        assert!(
            text.contains("First page") && !text.contains("rel=\"next\""),
            "{text}"
        );
    }
}
