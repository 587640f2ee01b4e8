//! `/settings/privacy/accesses/`: who saw whose data.

use super::super::{PRIVACY, frame};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::contract::query::page as page_of;
use crate::pages::kit::{Column, Row, data_table, empty_state, format, pager, person};
use crate::pages::page::Page;
use crate::pages::portal::records::place;
use crate::pages::words::{privacy as w, records};
use crate::portal::crm::Crm;
use maud::html;
use sindico_crm::privacy;
use sindico_domain::crm::{Kind, draft};
use sindico_domain::input::choice;

pub(super) async fn show(page: Page, crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let kind = f.read("kind", choice::<Kind>);
    let record = f.read("record", draft::id);
    let request = page_of(&mut f);
    f.finish().check(())?;
    let found = privacy::accesses(&crm.data, kind.zip(record), None, &request).await?;
    let language = page.language();
    let columns = [
        Column::new(page.t(w::USER)),
        Column::new(page.t(w::RECORD)),
        Column::new(page.t(w::DAY)),
        Column::new(page.t(w::TIMES)).numeric(),
        Column::new(page.t(w::LAST)).spare(),
    ];
    let rows = found.items.iter().map(|one| {
        Row::of([
            person(&one.username),
            html! { a href=(place::of(one.kind, one.record)) { (page.t(records::one(one.kind))) " " (one.record) } },
            format::date(language, one.day),
            html! { (format::count(language, one.times)) },
            format::datetime(language, one.last_at, &page.zone),
        ])
    });
    let rows: Vec<Row> = rows.collect();
    let next = found.next.as_ref().map(|next| {
        let mut pairs = query.without("cursor");
        pairs.push(("cursor".to_owned(), next.encode()));
        let asked = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        format!("{PRIVACY}accesses/?{asked}")
    });
    let first = query.without("").iter().any(|(name, _)| name == "cursor");
    let first = first.then(|| format!("{PRIVACY}accesses/"));
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::ACCESSES_TEXT)) " " (page.t(w::NO_ACCESSES_TEXT)) }
            @if rows.is_empty() { (empty_state("eye", page.t(w::NO_ACCESSES), page.t(w::NO_ACCESSES_TEXT), None)) }
            @else {
                (data_table(language, page.t(w::ACCESSES), &columns, &rows))
                (pager(language, "", first.as_deref(), next.as_deref()))
            }
        }
    };
    Ok(page.show(page.t(w::ACCESSES), frame(&page, PRIVACY, &content)))
}
