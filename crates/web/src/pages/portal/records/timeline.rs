//! What has happened to a record and to what belongs to it, and the way back from each step.

use super::{place, value};
use crate::pages::kit::format;
use crate::pages::kit::record::{Change as Line, TimelineEntry, timeline};
use crate::pages::kit::{Tone, button, link_button};
use crate::pages::page::Page;
use crate::pages::support;
use crate::pages::words::{common as c, fields as f, privacy as p, records as w};
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::changes::Change;
use sindico_crm::names::Names;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::{Datum, Kind};

/// What takes a change back; a form offers it to who may do that.
pub fn opposite(op: &str) -> Method {
    match op {
        "CREATE" | "RESTORE" => Method::Delete,
        "DELETE" => Method::Post,
        _ => Method::Patch,
    }
}

/// Changes as a timeline. `of` is the record whose page this is: its own name is not said again.
pub fn entries(page: &Page, changes: &[Change], names: &Names, of: Option<(Kind, i64)>) -> Markup {
    let entries: Vec<TimelineEntry> = changes
        .iter()
        .map(|change| entry(page, change, names, of))
        .collect();
    timeline(page.language(), &entries)
}

fn entry(page: &Page, change: &Change, names: &Names, of: Option<(Kind, i64)>) -> TimelineEntry {
    let language = page.language();
    let (icon, tone) = look(change);
    let now = page.now.to_zoned(page.zone.clone());
    let own = of == Some((change.kind, change.record));
    let title = value::title_of(language, change.kind, &change.title);
    let name = match title.is_empty() {
        true => w::number(language, change.record),
        false => title,
    };
    TimelineEntry {
        icon,
        tone,
        who: match change.user {
            Some(_) => support::who(language, &change.username, change.support.as_ref()),
            None => page.t(w::SOMEBODY).to_owned(),
        },
        what: html! {
            (page.t(w::action(change.kind, &change.action, &change.op)))
            @if !own { " " a href=(place::of(change.kind, change.record)) { (name) } }
            (support::why(change.support.as_ref()))
        },
        when: format::relative(language, change.at, &now),
        changes: lines(page, change, names),
        body: change
            .erased
            .then(|| html! { span class="quiet" { (page.t(p::ERASED_CHANGE)) } }),
        undo: Some(ways(page, change, own)),
    }
}

fn look(change: &Change) -> (&'static str, Tone) {
    match (change.action.as_str(), change.op.as_str()) {
        ("undo", _) => ("undo-2", Tone::Neutral),
        ("lead.qualify" | "activity.complete", _) => ("check", Tone::Ok),
        ("lead.convert", _) => ("handshake", Tone::Ok),
        ("lead.disqualify", _) => ("ban", Tone::Warn),
        ("opportunity.stage" | "opportunity.move", _) => ("arrow-right-left", Tone::Info),
        (_, "CREATE") => ("plus", Tone::Accent),
        (_, "DELETE") => ("trash-2", Tone::Danger),
        (_, "RESTORE") => ("rotate-ccw", Tone::Info),
        _ => ("pencil", Tone::Neutral),
    }
}

/// The fields that changed, in words. Of a creation nothing stood there before: it says what it was.
pub fn lines(page: &Page, change: &Change, names: &Names) -> Vec<Line> {
    if change.op != "UPDATE" {
        return Vec::new();
    }
    let fields = change.kind.fields().iter();
    let changed =
        fields.filter(|field| field.name != "rank" && change.after.contains_key(field.name));
    changed
        .map(|field| {
            let read = |value: Option<&Value>| {
                let datum = Datum::from_json(field.ty, value?)?;
                value::text(page, change.kind, field, &datum, names)
            };
            Line {
                field: page.t(f::label(change.kind, field.name)).to_owned(),
                before: read(change.before.get(field.name)),
                after: read(change.after.get(field.name)),
            }
        })
        .collect()
}

fn ways(page: &Page, change: &Change, own: bool) -> Markup {
    let may = page.may(change.kind.resource(), opposite(&change.op));
    html! {
        span class="row end" {
            @if own && change.op == "UPDATE" {
                (link_button(page.t(w::AS_IT_STOOD), format!("{}?at={}", place::of(change.kind, change.record), change.id)).quiet().small())
            }
            @if change.undone_by.is_some() {
                span class="quiet" { (page.t(w::UNDONE)) }
            } @else if may && !change.erased {
                form method="post" action={ "/changes/" (change.change_set) "/undo/" } {
                    (page.proof())
                    (super::sent::next_field(&page.view.path))
                    (button(page.t(c::UNDO)).quiet().small().icon("undo-2"))
                }
            }
        }
    }
}
