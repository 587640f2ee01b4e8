//! What was done to a setting, and the way back: a card on its page.

use crate::contract::error::ApiResult;
use crate::pages::kit::record::{Change as Line, changes};
use crate::pages::kit::{button, card, format};
use crate::pages::page::Page;
use crate::pages::words::setting_history as w;
use crate::portal::crm::Crm;
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::settings::{SettingChange, history};
use sindico_domain::setting::Setting;

/// How many changes are shown.
const SHOWN: i64 = 20;

/// The card. `undo` is where the last edit is taken back, if it can be.
pub(super) async fn of(
    page: &Page,
    crm: &Crm,
    what: (Setting, i64),
    undo: Option<String>,
) -> ApiResult<Markup> {
    let all = history(&crm.data, what, SHOWN).await?;
    let edited = all.iter().any(|change| change.action == "update");
    let back = undo.filter(|_| edited).map(|action| {
        html! {
            form method="post" action=(action) {
                (page.proof())
                (button(page.t(w::UNDO)).small().icon("undo-2"))
            }
        }
    });
    let body = html! {
        ul.stack {
            @for change in &all {
                li {
                    p {
                        strong { (page.t(w::done(&change.action))) } " "
                        span.quiet { (change.username) ", " (format::datetime(page.language(), change.at, &page.zone)) }
                    }
                    @let lines = lines(page, change);
                    @if !lines.is_empty() { (changes(page.language(), &lines)) }
                }
            }
        }
    };
    Ok(card(page.t(w::TITLE), back, body))
}

/// What differs, by its name.
fn lines(page: &Page, change: &SettingChange) -> Vec<Line> {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (&change.before, &change.after)
    else {
        return Vec::new();
    };
    let differing = after
        .iter()
        .filter(|(name, value)| before.get(*name) != Some(value));
    differing
        .filter_map(|(name, value)| {
            Some(Line {
                field: page.t(w::field(name)?).to_owned(),
                before: before.get(name).and_then(|value| text(page, value)),
                after: text(page, value),
            })
        })
        .collect()
}

fn text(page: &Page, value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(page.t(if *yes { w::YES } else { w::NO }).to_owned()),
        Value::Array(all) => {
            let all = all.iter().filter_map(|one| text(page, one));
            Some(all.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
        }
        other => Some(other.to_string()),
    }
}
