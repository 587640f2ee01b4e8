//! `/settings/audit/`: who changed the team and its permissions, and who of the platform was here. Changes of
//! records have a page of their own.

use super::{AUDIT, company_id, frame};
use crate::App;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::contract::query::page as requested;
use crate::pages::kit::{Column, Row, data_table, empty_state, format, link_button, pager};
use crate::pages::page::Page;
use crate::pages::support;
use crate::pages::words::{navigation, settings as w};
use axum::extract::State;
use maud::html;
use serde_json::Value;
use sindico_domain::access::Role;
use sindico_store::control::audit::{self, AuditEvent};

/// `GET /settings/audit/`.
pub(super) async fn show(State(app): State<App>, page: Page, query: Query) -> ApiResult {
    let mut f = query.fields();
    let mut request = requested(&mut f);
    f.finish().check(())?;
    request.limit = request.limit.min(50);
    let events = audit::of_company(app.store(), company_id(&page), &request).await?;
    let language = page.language();
    let columns = [
        Column::new(page.t(w::WHAT)),
        Column::new(page.t(w::WHO)),
        Column::new(page.t(w::WHEN)).shrink(),
    ];
    let rows: Vec<_> = events.items.iter().map(|event| row(&page, event)).collect();
    let next = events
        .next
        .map(|next| format!("{AUDIT}?cursor={}", next.encode()));
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::AUDIT_LEAD)) }
            div.row {
                span.quiet { (page.t(w::AUDIT_RECORDS)) }
                (link_button(page.t(w::TO_CHANGES), "/changes/").small().icon("history"))
            }
            @if rows.is_empty() {
                (empty_state("shield", page.t(w::NO_EVENTS), page.t(w::NO_EVENTS_TEXT), None))
            } @else {
                (data_table(language, page.t(w::AUDIT), &columns, &rows))
                @if next.is_some() || request.after.is_some() {
                    (pager(language, "", request.after.is_some().then_some(AUDIT), next.as_deref()))
                }
            }
        }
    };
    Ok(page.show(page.t(w::AUDIT), frame(&page, AUDIT, &content)))
}

fn row(page: &Page, event: &AuditEvent) -> Row {
    let who = match event.actor.as_str() {
        "system" => page.t(w::SYSTEM),
        // The login of a machine is nothing that a company's owner knows.
        name if name.starts_with("shell:") => page.t(w::SYSTEM),
        name => name,
    };
    let support = event.support.as_ref();
    let who = support::who(page.language(), who, support);
    Row::of([
        html! { (what(page, event)) (support::why(support)) },
        html! { (who) },
        format::datetime(page.language(), event.at, &page.zone),
    ])
}

/// What happened, in words; the action's own name for one that has none.
fn what(page: &Page, event: &AuditEvent) -> String {
    let language = page.language();
    let text = |side: &Option<Value>, key: &str| {
        let value = side.as_ref().and_then(|side| side[key].as_str());
        value.unwrap_or_default().to_owned()
    };
    let role = |side: &Option<Value>| {
        let word = text(side, "role")
            .parse::<Role>()
            .ok()
            .map(navigation::role);
        word.map_or("", |word| page.t(word))
    };
    let (before, after) = (&event.before, &event.after);
    let name = text(after, "username");
    match event.action.as_str() {
        "member.add" => w::member_add(language, name, role(after)),
        "member.change" => w::member_role(language, name, role(before), role(after)),
        "member.remove" => w::member_remove(language, name),
        "rbac.change" => page.t(w::RBAC_CHANGE).to_owned(),
        "tenant.enter" => page.t(w::TENANT_ENTER).to_owned(),
        "support.begin" => w::support_begin(language, text(after, "reason")),
        "support.end" => page.t(w::SUPPORT_END).to_owned(),
        other => other.to_owned(),
    }
}
