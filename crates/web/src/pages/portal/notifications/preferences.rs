//! `/notifications/preferences/`: what one wants to be told of, and where.

use super::{LIST, PREFERENCES};
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::pages::kit::{Field, PageHeader, button, form_actions};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common as c, notifications as w};
use crate::portal::crm::Crm;
use maud::{Markup, html};
use sindico_crm::notifications;
use sindico_domain::notification::{Topic, Ways};
use std::collections::BTreeMap;

/// `GET /notifications/preferences/`.
pub(super) async fn show(page: Page, crm: Crm) -> ApiResult {
    let now = notifications::preferences(&crm.data, crm.caller.user.id).await?;
    let header = PageHeader {
        breadcrumbs: vec![(page.t(w::TITLE).to_owned(), LIST.to_owned())],
        title: page.t(w::PREFERENCES).to_owned(),
        subtitle: Some(html! { (page.t(w::PREFERENCES_TEXT)) }),
        ..PageHeader::default()
    };
    let topics = now
        .iter()
        .filter(|(topic, _)| crm.tenant.is_owner() || !topic.is_for_owners());
    let content = html! {
        (header.render(page.language()))
        form.form method="post" action=(PREFERENCES) {
            (page.proof())
            @for (topic, ways) in topics { (one(&page, *topic, *ways)) }
            (form_actions(html! { (button(page.t(c::SAVE)).primary()) }))
        }
    };
    Ok(page.show(page.t(w::PREFERENCES), content))
}

fn one(page: &Page, topic: Topic, ways: Ways) -> Markup {
    let tick = |way: &str, word, on: bool| {
        Field::checkbox(format!("{way}.{topic}"), page.t(word))
            .value("on")
            .checked(on)
            .render(page.language())
    };
    html! {
        fieldset class="stack-tight" {
            legend { (page.t(w::topic(topic))) }
            div.row { (tick("portal", w::PORTAL, ways.portal)) (tick("mail", w::MAIL, ways.mail)) }
        }
    }
}

/// `POST /notifications/preferences/`: a box that is not ticked is not sent.
pub(super) async fn submit(page: Page, crm: Crm, body: Body) -> ApiResult {
    let ticked = |way: &str, topic: Topic| {
        let boxes = body.0.get(way).and_then(|boxes| boxes.as_object());
        boxes.is_some_and(|boxes| boxes.contains_key(topic.as_str()))
    };
    let shown = |topic: &&Topic| crm.tenant.is_owner() || !topic.is_for_owners();
    let wanted = Topic::ALL.iter().filter(shown).map(|&topic| {
        let (portal, mail) = (ticked("portal", topic), ticked("mail", topic));
        (topic, Ways { portal, mail })
    });
    let wanted: BTreeMap<Topic, Ways> = wanted.collect();
    notifications::prefer(&crm.data, crm.caller.user.id, &wanted).await?;
    Ok(page.done(PREFERENCES, &Notice::new("saved", None)))
}
