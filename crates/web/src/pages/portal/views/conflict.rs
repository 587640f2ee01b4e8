//! Somebody has saved a view meanwhile: both are shown, and nothing is overwritten unseen.

use super::{filter_said, for_team, hidden, list_of, seen_by};
use crate::pages::kit::{
    Choice, PageHeader, Tone, button, card, description_list, link_button, notice as told_notice,
};
use crate::pages::page::Page;
use crate::pages::portal::records::{condition, sent};
use crate::pages::words::views as w;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde_json::{Map, Value};
use sindico_domain::crm::view::{Density, Shown, View};

/// Somebody was faster: both, side by side, and nothing done yet.
pub(super) fn stuck(
    page: &Page,
    members: &[Choice],
    now: &View,
    yours: &Shown,
    body: &Map<String, Value>,
) -> Response {
    let language = page.language();
    let told = |shown: &Shown| {
        let columns: Vec<&str> = shown
            .columns
            .iter()
            .map(|name| condition::label(page, now.kind, name))
            .collect();
        let density = page.t(match shown.density {
            Density::Comfortable => w::COMFORTABLE,
            Density::Compact => w::COMPACT,
        });
        let rows = [
            (w::VIEW_NAME, shown.name.clone()),
            (w::WHO_SEES, seen_by(page, shown)),
            (w::FILTER, filter_said(page, members, now.kind, shown)),
            (w::ORDER, shown.sort.clone()),
            (w::COLUMNS, columns.join(", ")),
            (w::DENSITY, density.to_owned()),
        ];
        let rows = rows.map(|(word, text)| {
            let told = (!text.is_empty()).then(|| html! { (text) });
            (page.t(word), told)
        });
        description_list(language, &rows)
    };
    let content = html! {
        (PageHeader { title: page.t(w::VIEW_STUCK).to_owned(), ..PageHeader::default() }.render(language))
        (told_notice(Tone::Warn, page.t(w::VIEW_STUCK_DETAIL), None))
        (card(page.t(w::THEIRS), None, told(&now.shown)))
        (card(page.t(w::YOURS), None, told(yours)))
        form method="post" class="row" action={ "/views/" (now.id) "/edit/" } {
            (page.proof())
            (sent::version_field(now.version))
            input type="hidden" name="kind" value=(now.kind);
            input type="hidden" name="name" value=(yours.name);
            input type="hidden" name="visibility" value=(yours.team.map_or_else(|| yours.visibility.to_string(), for_team));
            (hidden(body))
            @if body.contains_key("roles_asked") {
                input type="hidden" name="roles_asked" value="1";
                @for role in &yours.default_for { input type="hidden" name={ "role." (role) } value="1"; }
            }
            (button(page.t(w::SAVE_OVER)).danger())
            (link_button(page.t(w::DISCARD), list_of(now)).quiet())
        }
    };
    page.show_as(StatusCode::CONFLICT, page.t(w::VIEW_STUCK), content)
}
