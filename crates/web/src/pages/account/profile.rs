//! `/account/`: who one is, and how the pages are to look.

use super::{Own, PROFILE, frame, mirror};
use crate::App;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::gate::trace::RequestInfo;
use crate::pages::kit::record::description_list;
use crate::pages::kit::{Choice, Field, button, card, form_actions};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{account as w, common as c};
use axum::Extension;
use axum::extract::State;
use maud::{Markup, html};
use sindico_domain::input::Fields;
use sindico_store::control::preferences::{self, Preferences};

/// `GET /account/`.
pub(super) async fn show(State(app): State<App>, Own(page): Own) -> ApiResult {
    let chosen = preferences::find(app.store(), page.caller.user.id).await?;
    let user = &page.caller.user;
    let mut facts = vec![
        (page.t(w::USERNAME), Some(html! { (user.username) })),
        (
            page.t(w::EMAIL),
            (!user.email.is_empty()).then(|| html! { (user.email) }),
        ),
    ];
    if !page.places.is_empty() {
        let places =
            html! { ul.plain { @for place in page.places.iter() { li { (place.company_name) } } } };
        facts.push((page.t(w::PLACES), Some(places)));
    }
    let content = html! {
        div.stack {
            (card(page.t(w::ABOUT_YOU), None, description_list(page.language(), &facts)))
            (card(page.t(w::LOOK), None, look(&page, &chosen)))
        }
    };
    Ok(page.show(page.t(w::TITLE), frame(&page, PROFILE, &content)))
}

fn look(page: &Page, chosen: &Preferences) -> Markup {
    let language = Field::select("language", page.t(w::LANGUAGE))
        .value(chosen.language.clone().unwrap_or_default())
        .or_none(page.t(w::OF_BROWSER))
        .choices([
            Choice::new("pt-BR", page.t(w::PORTUGUESE)),
            Choice::new("en", page.t(w::ENGLISH)),
        ]);
    let theme = Field::select("theme", page.t(w::THEME))
        .value(chosen.theme.clone().unwrap_or_default())
        .or_none(page.t(w::OF_SYSTEM))
        .choices([
            Choice::new("light", page.t(w::LIGHT)),
            Choice::new("dark", page.t(w::DARK)),
        ]);
    html! {
        // The document's language and theme stand outside of what scripts exchange.
        form.form method="post" action=(PROFILE) hx-boost="false" {
            (page.proof())
            p.quiet { (page.t(w::LOOK_HINT)) }
            div.form-grid {
                (language.render(page.language()))
                (theme.render(page.language()))
            }
            (form_actions(html! { (button(page.t(c::SAVE)).primary()) }))
        }
    }
}

/// `POST /account/`.
pub(super) async fn submit(
    State(app): State<App>,
    Own(page): Own,
    Extension(info): Extension<RequestInfo>,
    body: Body,
) -> ApiResult {
    let one_of = |known: &'static [&'static str]| {
        move |value: &serde_json::Value| match value.as_str().unwrap_or_default() {
            "" => Ok(None),
            word if known.contains(&word) => Ok(Some(word.to_owned())),
            _ => Err(format!("Choose one of: {}.", known.join(", "))),
        }
    };
    let mut f = Fields::new(&body.0);
    let language = f.read("language", one_of(&["pt-BR", "en"]));
    let theme = f.read("theme", one_of(&["light", "dark"]));
    f.finish().check(())?;
    let chosen = Preferences {
        language: language.flatten(),
        theme: theme.flatten(),
    };
    preferences::save(app.store(), page.caller.user.id, &chosen).await?;
    let mut response = page.done(PROFILE, &Notice::new("saved", None));
    mirror(&mut response, &chosen, info.secure);
    Ok(response)
}
