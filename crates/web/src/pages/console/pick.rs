//! Filters by which people pick a tenant, somebody who acts, and what was done: by the names that they know.

use super::list;
use crate::App;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::kit::{Choice, Field, Tone, notice};
use crate::pages::page::Page;
use crate::pages::words::{audit, console as c, platform as w};
use maud::{Markup, html};
use sindico_domain::page::PageRequest;
use sindico_domain::tenant::{TenantFilter, TenantSort};
use sindico_store::control::accounts::{self, AccountFilter};
use sindico_store::control::tenants;

/// How many are suggested: who has more types a name.
const SUGGESTED: i64 = 200;

/// A tenant that a list is narrowed to.
pub(super) enum Picked {
    /// Of all.
    Any,
    /// Of this one.
    One(i64),
    /// Nobody has this name or code.
    Unknown,
    /// Several have a name that is like it.
    Several,
}

impl Picked {
    /// The id that a filter has, when there is something to show.
    pub(super) fn id(&self) -> Option<i64> {
        match self {
            Self::One(id) => Some(*id),
            Self::Any | Self::Unknown | Self::Several => None,
        }
    }

    /// Whether there is nothing to show, whatever the filter.
    pub(super) fn is_nobody(&self) -> bool {
        matches!(self, Self::Unknown | Self::Several)
    }
}

fn some(limit: i64) -> PageRequest {
    PageRequest {
        limit,
        ..PageRequest::default()
    }
}

/// The tenant whose code, or a part of whose name, is in `tenant`.
pub(super) async fn tenant(app: &App, query: &Query) -> ApiResult<Picked> {
    let typed = list::sent(query, "tenant").trim().to_owned();
    if typed.is_empty() {
        return Ok(Picked::Any);
    }
    if typed.contains(char::is_control) {
        return Ok(Picked::Unknown);
    }
    if let Some(tenant) = tenants::find_by_code(app.store(), &typed).await? {
        return Ok(Picked::One(tenant.id));
    }
    let filter = TenantFilter {
        q: Some(typed.clone()),
        ..TenantFilter::default()
    };
    let found = tenants::list(app.store(), &filter, TenantSort::Name, &some(SUGGESTED)).await?;
    let exact = found.items.iter().find(|tenant| tenant.name == typed);
    Ok(match (exact, found.items.as_slice()) {
        (Some(tenant), _) => Picked::One(tenant.id),
        (None, []) => Picked::Unknown,
        (None, [tenant]) => Picked::One(tenant.id),
        (None, _) => Picked::Several,
    })
}

/// What is wrong with what was typed there: below the filters, which are one line.
pub(super) fn told(page: &Page, picked: &Picked) -> Markup {
    let wrong = match picked {
        Picked::Any | Picked::One(_) => None,
        Picked::Unknown => Some(w::NO_SUCH_TENANT),
        Picked::Several => Some(w::SEVERAL_TENANTS),
    };
    html! { @if let Some(wrong) = wrong { (notice(Tone::Warn, page.t(wrong), None)) } }
}

/// The field of [`tenant`].
pub(super) async fn tenant_field(app: &App, page: &Page, query: &Query) -> ApiResult<Markup> {
    let filter = TenantFilter::default();
    let all = tenants::list(app.store(), &filter, TenantSort::Name, &some(SUGGESTED)).await?;
    let all = all.items.into_iter();
    let options = all.map(|tenant| Choice::new(tenant.tenant_code, tenant.name));
    let field = Field::text("tenant", page.t(c::TENANT));
    Ok(suggested(page, query, field, "tenant", options.collect()))
}

/// The name under which somebody acts is recorded; people read the program's own name in their language.
pub(super) fn actor(page: &Page, typed: &str) -> String {
    match typed.eq_ignore_ascii_case(page.t(audit::SYSTEM)) {
        true => "system".to_owned(),
        false => typed.to_owned(),
    }
}

/// The field of [`actor`].
pub(super) async fn actor_field(app: &App, page: &Page, query: &Query) -> ApiResult<Markup> {
    let all = accounts::list(app.store(), &AccountFilter::default(), &some(SUGGESTED)).await?;
    let mut options = vec![Choice::new(page.t(audit::SYSTEM), "")];
    options.extend(
        all.items
            .into_iter()
            .map(|account| Choice::new(account.username, account.email)),
    );
    let field = Field::text("actor", page.t(w::WHO));
    Ok(suggested(page, query, field, "actor", options))
}

/// What can be done, in the words of the audit.
pub(super) fn actions(page: &Page) -> Vec<Choice> {
    let word = |word: &str| {
        let word = word.trim_end_matches(':');
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect::<String>()
    };
    let mut all: Vec<_> = audit::ACTIONS
        .iter()
        .map(|(name, told)| Choice::new(*name, word(page.t(*told))))
        .collect();
    all.sort_by(|a, b| a.label.cmp(&b.label));
    all
}

/// A field in which something is typed, or chosen of what is suggested.
fn suggested(page: &Page, query: &Query, field: Field, name: &str, options: Vec<Choice>) -> Markup {
    let id = format!("f-{name}-options");
    let field = field
        .value(list::sent(query, name))
        .attr("list", id.clone())
        .attr("autocomplete", "off")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false");
    html! {
        (field.render(page.language()))
        datalist id=(id) { @for option in options { option value=(option.value) { (option.label) } } }
    }
}
