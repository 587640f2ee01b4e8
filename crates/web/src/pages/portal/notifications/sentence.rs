//! What a notification says, and where it leads: the same in the portal and in a mail.

use crate::pages::language::Language;
use crate::pages::portal::records::{place, value};
use crate::pages::words::{notifications as w, records};
use sindico_crm::notifications::Notification;
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::import::State;
use sindico_domain::notification::Topic;

/// One line.
pub(crate) fn sentence(language: Language, one: &Notification) -> String {
    let data = |name: &str| one.data[name].as_str().unwrap_or_default();
    let title = match (one.kind, one.record) {
        (Some(_), Some(id)) if one.title.is_empty() => records::number(language, id),
        (Some(kind), _) => value::title_of(language, kind, &one.title),
        (None, _) => String::new(),
    };
    match one.topic {
        Topic::Reminder => w::reminder(language, title),
        Topic::Overdue => w::overdue(language, title),
        Topic::SlaBreached => w::sla(language, title),
        Topic::LeadArrived if one.count > 1 => w::leads_arrived(language, one.count),
        Topic::LeadArrived => w::lead_arrived(language, title),
        Topic::Assigned => assigned(language, one, &title, data("by")),
        Topic::ImportDone => {
            let import = one.data["import"].as_i64().unwrap_or_default();
            match data("state").parse() {
                Ok(State::Failed) => w::import_failed(language, import),
                Ok(State::Undone) => w::import_undone(language, import),
                _ => w::import_done(language, import),
            }
        }
        Topic::WebhookStopped => w::webhook_stopped(language, data("name")),
    }
}

fn assigned(language: Language, one: &Notification, title: &str, by: &str) -> String {
    let Some(kind) = one.kind.filter(|_| one.record.is_none()) else {
        return match by {
            "" => w::assigned(language, title),
            by => w::assigned_by(language, by, title),
        };
    };
    let what = records::many(kind).in_(language).to_lowercase();
    match by {
        "" => w::assigned_many(language, one.count, what),
        by => w::assigned_many_by(language, by, one.count, what),
    }
}

/// Where it leads, for the one whom it is for.
pub(crate) fn target(one: &Notification, user: i64) -> String {
    let id = |name: &str| one.data[name].as_i64();
    match (one.kind, one.record) {
        (Some(kind), Some(record)) => place::of(kind, record),
        (Some(kind), None) => format!("{}?{}={user}", place::list(kind), Sight::owner(kind)),
        (None, _) => match (id("import"), id("webhook")) {
            (Some(import), _) => format!("/imports/{import}/"),
            (_, Some(webhook)) => format!("/settings/webhooks/{webhook}/"),
            _ => "/notifications/".to_owned(),
        },
    }
}
