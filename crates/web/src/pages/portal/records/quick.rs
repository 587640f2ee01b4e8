//! A short form on a record's page: what was talked about, what is to be done.

use super::control::Setting;
use super::{place, sent};
use crate::pages::kit::{self, Choice, button};
use crate::pages::page::Page;
use crate::pages::words::records as w;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_domain::FieldErrors;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::{Kind, Record};
use std::collections::HashMap;

/// The fields that it asks for; the others are as for any new activity.
const FIELDS: [&str; 4] = ["kind", "title", "due_at", "description"];

/// The form, on pages of what activities can be about, for who may make some.
pub fn card(page: &Page, record: &Record, members: &[Choice]) -> Markup {
    let about = match record.kind {
        Kind::Lead => "lead",
        Kind::Opportunity => "opportunity",
        _ => return html! {},
    };
    if !page.may(Kind::Activity.resource(), Method::Post) {
        return html! {};
    }
    let mut typed: Map<String, Value> = Map::new();
    typed.insert("kind".to_owned(), json!("NOTE"));
    let setting = Setting {
        page,
        kind: Kind::Activity,
        typed: &typed,
        errors: &FieldErrors::new(),
        members,
        options: &HashMap::new(),
        record: None,
        prefix: "quick-",
        found: None,
    };
    let me = page
        .tenant
        .as_ref()
        .and_then(|tenant| tenant.role)
        .map(|_| page.caller.user.id);
    let fields = FIELDS.iter().filter_map(|name| {
        Kind::Activity
            .fields()
            .iter()
            .find(|field| field.name == *name)
    });
    kit::card(
        page.t(w::ADD_ACTIVITY),
        None,
        html! {
            form class="form" id="quick" method="post" action="/activities/new/" {
                (page.proof())
                (sent::key_field())
                (sent::next_field(&place::of(record.kind, record.id)))
                input type="hidden" name=(about) value={ "#" (record.id) };
                @if let Some(me) = me { input type="hidden" name="assigned_to" value=(me); }
                @for field in fields { (setting.control(field)) }
                div class="row" { (button(page.t(w::ADD)).primary().icon("plus")) }
            }
        },
    )
}
