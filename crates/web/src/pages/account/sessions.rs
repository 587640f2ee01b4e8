//! `/account/sessions/`: the browsers in which one is signed in.

use super::{Own, SESSIONS, agent, frame};
use crate::App;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::contract::resource::Id;
use crate::gate::actor::Credential;
use crate::pages::kit::{Column, Row, Tone, badge, button, data_table, format};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::account as w;
use axum::extract::State;
use maud::{Markup, html};
use sindico_domain::Refusal;
use sindico_store::control::sessions::{self, OwnSession};

/// `GET /account/sessions/`.
pub(super) async fn show(State(app): State<App>, Own(page): Own) -> ApiResult {
    let open = sessions::of_user(app.store(), page.caller.user.id).await?;
    let current = current(&page);
    let columns = [
        Column::new(page.t(w::BROWSER)),
        Column::new(page.t(w::ADDRESS)),
        Column::new(page.t(w::LAST_USED)),
        Column::new(page.t(w::SINCE)),
        Column::new(page.t(w::END)).silent().shrink(),
    ];
    let rows: Vec<_> = open.iter().map(|one| row(&page, one, current)).collect();
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::SESSIONS_LEAD)) }
            (data_table(page.language(), page.t(w::SESSIONS), &columns, &rows))
            @if open.len() > 1 {
                form method="post" action="/account/sessions/end-others/" {
                    (page.proof())
                    (button(page.t(w::END_OTHERS)).danger().icon("log-out"))
                }
            }
        }
    };
    Ok(page.show(page.t(w::SESSIONS), frame(&page, SESSIONS, &content)))
}

fn row(page: &Page, session: &OwnSession, current: Option<i64>) -> Row {
    let language = page.language();
    let name = agent::name(language, &session.user_agent);
    let end: Markup = if Some(session.id) == current {
        badge(Tone::Ok, page.t(w::THIS_ONE))
    } else {
        html! {
            form method="post" action={ "/account/sessions/" (session.id) "/end/" } {
                (page.proof())
                (button(page.t(w::END)).small().attr("aria-label", w::end_of(language, &name)))
            }
        }
    };
    Row::of([
        html! { (name) },
        html! { span.mono { (session.address.as_deref().unwrap_or_default()) } },
        format::relative(
            language,
            session.last_used_at,
            &page.now.to_zoned(page.zone.clone()),
        ),
        format::datetime(language, session.created_at, &page.zone),
        end,
    ])
    .id(format!("session-{}", session.id))
}

/// `POST /account/sessions/{id}/end/`.
pub(super) async fn end(State(app): State<App>, Own(page): Own, Id(id): Id, _: Body) -> ApiResult {
    let caller = &page.caller;
    if !sessions::revoke_own(app.store(), &caller.actor, caller.user.id, id).await? {
        return Err(Refusal::NotFound.into());
    }
    Ok(page.done(SESSIONS, &Notice::new("session_ended", None)))
}

/// `POST /account/sessions/end-others/`.
pub(super) async fn end_others(State(app): State<App>, Own(page): Own, _: Body) -> ApiResult {
    let caller = &page.caller;
    sessions::end_others(app.store(), &caller.actor, &caller.user, current(&page)).await?;
    Ok(page.done(SESSIONS, &Notice::new("sessions_ended", None)))
}

fn current(page: &Page) -> Option<i64> {
    match &page.caller.credential {
        Credential::Session(session) => Some(session.id),
        Credential::Token(_) => None,
    }
}
