//! What has happened to a record and to what belongs to it, and the way back from each step.

use super::{custom, place, value};
use crate::pages::kit::format;
use crate::pages::kit::record::{Change as Line, TimelineEntry, timeline};
use crate::pages::kit::{Tone, button, link_button};
use crate::pages::page::Page;
use crate::pages::support;
use crate::pages::words::{
    attachments as files, common as c, fields as f, privacy as p, quotes, records as w,
};
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::attachments::FIELD;
use sindico_crm::changes::Change;
use sindico_crm::names::Names;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::custom::PREFIX;
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
            // A customer, as they called themselves.
            None if change.action.starts_with("quote.") && !change.username.is_empty() => {
                change.username.clone()
            }
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
        ("attachment.add" | "attachment.rename", _) => ("paperclip", Tone::Info),
        ("attachment.remove", _) => ("paperclip", Tone::Warn),
        ("quote.accept", _) => ("check", Tone::Ok),
        ("quote.reject" | "quote.cancel", _) => ("ban", Tone::Warn),
        (action, _) if action.starts_with("quote.") => ("file-text", Tone::Info),
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
    // A file: no field of the record's own.
    let of = |side: &serde_json::Map<String, Value>| {
        let name = side.get(FIELD).map(|file| file["name"].as_str());
        name.map(|name| name.map(str::to_owned))
    };
    if let (Some(before), Some(after)) = (of(&change.before), of(&change.after)) {
        return vec![Line {
            field: page.t(files::FILE).to_owned(),
            before,
            after,
        }];
    }
    // Nor is a quote.
    let of = |side: &serde_json::Map<String, Value>| {
        let told = side.get(sindico_crm::quotes::FIELD)?;
        Some((!told.is_null()).then(|| quote_of(page, told)))
    };
    if let (Some(before), Some(after)) = (of(&change.before), of(&change.after)) {
        return vec![Line {
            field: page.t(quotes::QUOTE).to_owned(),
            before,
            after,
        }];
    }
    let customs = change.after.iter().filter_map(|(name, after)| {
        let key = name.strip_prefix(PREFIX)?;
        let field = page.customs().find(change.kind, key);
        let read = |value: Option<&Value>| {
            let value = value.filter(|value| !value.is_null())?;
            // Of a field that is deleted its value is not shown.
            Some(custom::text(page, field?, value)).filter(|text| !text.is_empty())
        };
        field.map(|field| Line {
            field: field.label.clone(),
            before: read(change.before.get(name)),
            after: read(Some(after)),
        })
    });
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
        .chain(customs)
        .collect()
}

/// A quote as a history tells it: its number, how far it was, what it came to, and who has answered.
fn quote_of(page: &Page, told: &Value) -> String {
    let status = told["status"].as_str().unwrap_or_default().parse();
    let total = told["total"].as_str().and_then(|total| total.parse().ok());
    let parts = [
        told["label"].as_str().unwrap_or_default().to_owned(),
        status.map_or(String::new(), |status| {
            page.t(quotes::status(status)).to_owned()
        }),
        total.map_or(String::new(), |total| format::money(page.language(), total)),
        told["decided_by"].as_str().unwrap_or_default().to_owned(),
    ];
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(" · ")
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
