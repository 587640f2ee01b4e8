//! `/platform/settings/`: the settings as the program read them. Secrets are never among the values.

use super::list;
use crate::App;
use crate::ToldSetting;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::kit::{
    Choice, Column, Field, PageHeader, Row, Tone, badge, card, data_table, empty_state, filter_bar,
};
use crate::pages::page::Page;
use crate::pages::words::{console as c, fleet as w};
use axum::extract::State;
use maud::{Markup, html};
use sindico_domain::fold::fold;

const PATH: &str = "/platform/settings/";

/// `GET /platform/settings/`.
pub(super) async fn show(State(app): State<App>, page: Page, query: Query) -> ApiResult {
    let language = page.language();
    let wanted = fold(&list::sent(&query, "q"));
    let only_set = list::sent(&query, "set") == "true";
    let found: Vec<&ToldSetting> = app
        .config()
        .settings
        .iter()
        .filter(|setting| {
            let text = fold(&format!("{} {}", setting.name, setting.meaning));
            text.contains(wanted.trim()) && (setting.is_set || !only_set)
        })
        .collect();
    let mut topics: Vec<&str> = found.iter().map(|setting| setting.topic).collect();
    topics.dedup();
    let fields = html! {
        (Field::search("q", page.t(c::SEARCH)).value(list::sent(&query, "q"))
            .attr("placeholder", page.t(w::FIND)).render(language))
        (Field::select("set", page.t(w::FROM)).value(list::sent(&query, "set"))
            .choices([Choice::new("true", page.t(w::ONLY_SET))]).or_none(page.t(c::ANY)).render(language))
    };
    let clear = list::is_filtered(&query).then_some(PATH);
    let header = PageHeader {
        title: page.t(w::SETTINGS).to_owned(),
        subtitle: Some(html! {
            (page.t(w::SETTINGS_TEXT)) " " (page.t(w::DOCTOR_TEXT)) " " code class="mono" { "sindico doctor" }
        }),
        ..PageHeader::default()
    };
    let content = html! {
        (header.render(language))
        (filter_bar(language, PATH, fields, clear))
        @if found.is_empty() {
            (empty_state("settings", page.t(c::NO_RESULTS), page.t(w::NO_SETTINGS), None))
        }
        div class="stack" {
            @for topic in topics {
                @let of_topic: Vec<_> = found.iter().filter(|setting| setting.topic == topic).copied().collect();
                (card(super::meanings::topic(language, topic), None, table(&page, &of_topic, topic)))
            }
        }
    };
    Ok(page.show(page.t(w::SETTINGS), content))
}

fn table(page: &Page, settings: &[&ToldSetting], topic: &str) -> Markup {
    let language = page.language();
    let columns = [
        Column::new(page.t(w::NAME)),
        Column::new(page.t(w::VALUE)),
        Column::new(page.t(w::FROM)).shrink(),
    ];
    let rows: Vec<Row> = settings
        .iter()
        .map(|setting| {
            let (meaning, tag) = super::meanings::meaning(language, setting);
            Row::of([
                html! {
                    span class="mono" { (setting.name) }
                    span class="table-sub" lang=[tag] { (meaning) }
                },
                value(page, setting),
                match setting.is_set {
                    true => badge(Tone::Info, page.t(w::FROM_ENV)),
                    false => badge(Tone::Neutral, page.t(w::FROM_DEFAULT)),
                },
            ])
        })
        .collect();
    data_table(
        language,
        super::meanings::topic(language, topic),
        &columns,
        &rows,
    )
}

fn value(page: &Page, setting: &ToldSetting) -> Markup {
    let quiet = |word| html! { span class="quiet" { (page.t(word)) } };
    match &setting.value {
        None if setting.is_set => quiet(w::SECRET_SET),
        None => quiet(w::SECRET_UNSET),
        Some(value) if value.is_empty() => quiet(w::EMPTY),
        // A long list breaks behind its commas.
        Some(value) => html! {
            span class="mono" {
                @for (index, part) in value.split(',').enumerate() { @if index > 0 { "," wbr; } (part) }
            }
        },
    }
}
