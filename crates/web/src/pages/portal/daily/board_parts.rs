//! What both boards have in common: what is asked for, the way to the list, and dialogs that ask something
//! before a card enters a column.

use super::support::{address, choices};
use crate::contract::Query;
use crate::pages::kit::{Button, Choice, Field, Tab, button, tabs as tab_bar};
use crate::pages::page::Page;
use crate::pages::portal::records::viewing::Now;
use crate::pages::words::{common as c, work as w};
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::board::CARDS;
use sindico_domain::crm::UserRef;
use sindico_domain::crm::filter::Filter;
use sindico_domain::input::{Fields, integer};

/// The most cards of a column on a board; beyond them a list is the better place.
const MOST: usize = 300;

/// What of a board is wanted.
#[derive(Default)]
pub struct Asked {
    /// Conditions on its cards.
    pub filters: Vec<Filter>,
    /// How many days of what is closed.
    pub days: i64,
    /// How many cards of each column.
    pub cards: usize,
    /// Of which pipeline, on the board of sales; the first one unless told.
    pub pipeline: Option<i64>,
    /// The same as they stand in the address.
    pub pairs: Vec<(String, String)>,
}

/// The parameters of an address.
pub fn raw(query: &Query) -> Map<String, Value> {
    let pairs = query.without("").into_iter();
    pairs.map(|(name, value)| (name, value.into())).collect()
}

/// The same as pairs again, but for where a card comes from.
pub fn pairs(raw: &Map<String, Value>) -> Vec<(String, String)> {
    let pairs = raw.iter().filter(|(name, _)| *name != "from");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    pairs
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// Reads how many cards of each column are wanted.
pub fn cards(fields: &mut Fields<'_>) -> usize {
    let range = 1..=i64::try_from(MOST).unwrap_or(i64::MAX);
    let read = fields.read("cards", integer(range));
    let read = read.and_then(|cards| usize::try_from(cards).ok());
    read.unwrap_or(CARDS).max(CARDS)
}

impl Asked {
    /// What a parameter of the address says.
    pub fn value(&self, name: &str) -> &str {
        let found = self.pairs.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// The conditions but for what is searched, which is the last of them.
    pub fn now(&self) -> Now<'_> {
        let q = self.value("q");
        let searched = usize::from(!q.is_empty()).min(self.filters.len());
        Now {
            filters: &self.filters[..self.filters.len() - searched],
            q,
            sort: self.value("sort"),
        }
    }

    /// Whether not all cards are wanted.
    pub fn is_filtered(&self) -> bool {
        const FREE: [&str; 7] = [
            "cards", "pipeline", "view", "filter", "sort", "columns", "density",
        ];
        !self.filters.iter().all(Filter::is_everything)
            || self
                .pairs
                .iter()
                .any(|(name, _)| !FREE.contains(&name.as_str()))
    }

    /// An address with these filters and these parameters, which have the say.
    pub fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let kept = self.pairs.iter().map(|(name, value)| (&**name, &**value));
        let kept = kept.filter(|(name, _)| more.iter().all(|(other, _)| other != name));
        let pairs: Vec<(&str, &str)> = kept.chain(more.iter().copied()).collect();
        address(path, &pairs)
    }

    /// The same board with more cards; `None` when it shows as many as it may.
    pub fn more(&self, path: &str) -> Option<String> {
        let cards = (self.cards + CARDS).to_string();
        (self.cards < MOST).then(|| self.address(path, &[("cards", &cards)]))
    }
}

/// Board and list: the same records.
pub fn tabs(page: &Page, board: &str, list: &str) -> Markup {
    let tab = |href: &str, word, current| Tab {
        href: href.to_owned(),
        label: page.t(word).to_owned(),
        count: None,
        current,
    };
    let all = [tab(board, c::BOARD, true), tab(list, c::LIST, false)];
    tab_bar(page.language(), &all)
}

/// Whose cards.
pub fn owner_field(page: &Page, asked: &Asked, owners: &[UserRef]) -> Markup {
    let mut all = choices(owners);
    all.push(Choice::new("none", page.t(w::NOBODY)));
    Field::select("owner", page.t(w::OWNER))
        .choices(all)
        .or_none(page.t(w::ANYBODY))
        .value(asked.value("owner"))
        .render(page.language())
}

/// A dialog that asks something before a card enters its column (`board.ts` sends it with the move).
pub fn gate(page: &Page, id: &str, title: &str, fields: Markup, submit: Button) -> Markup {
    html! {
        dialog class="dialog" id=(id) aria-labelledby={ (id) "-title" } data-gate-dialog {
            form method="dialog" class="stack" {
                div class="dialog-head" { h2 id={ (id) "-title" } { (title) } }
                div class="dialog-body stack" {
                    p class="quiet" data-gate-card {}
                    (fields)
                    div class="row" {
                        (submit.attr("value", "send"))
                        (button(page.t(c::CANCEL)).quiet().attr("value", "cancel").attr("formnovalidate", ""))
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_the_filters() {
        let asked = Asked {
            cards: 60,
            pairs: vec![
                ("q".to_owned(), "pão".to_owned()),
                ("cards".to_owned(), "60".to_owned()),
            ],
            ..Asked::default()
        };
        assert_eq!(
            asked.more("/o/").as_deref(),
            Some("/o/?q=p%C3%A3o&cards=90")
        );
        assert!(asked.is_filtered());
        let all = Asked {
            cards: MOST,
            ..Asked::default()
        };
        assert_eq!(all.more("/o/"), None);
        assert!(!all.is_filtered());
    }
}
