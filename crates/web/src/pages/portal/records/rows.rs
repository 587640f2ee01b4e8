//! Fields that hold lists, as rows of a form: an empty one is always there to be filled, and further ones
//! come and go by buttons that send the form, so that it works the same without script.

use super::control::Setting;
use crate::pages::kit::{Choice, Field as Control, button};
use crate::pages::language::Word;
use crate::pages::words::{fields as f, records as w};
use maud::{Markup, html};
use serde_json::Value;
use sindico_domain::crm::{Field, FieldType};

/// The rows of a list, in a group of their own.
pub fn fieldset(setting: &Setting<'_>, field: &Field) -> Markup {
    let page = setting.page;
    let name = field.name;
    let empty = Vec::new();
    let entries = setting
        .typed
        .get(name)
        .and_then(Value::as_array)
        .unwrap_or(&empty);
    let addresses = field.ty == FieldType::Addresses;
    let wrong = setting.wrong(name);
    let label = page.t(f::label(setting.kind, name));
    let add = page.t(if addresses {
        w::ADD_ADDRESS
    } else {
        w::ADD_CONTACT
    });
    html! {
        fieldset class="field field-wide rows" id=(setting.id(name)) tabindex="-1"
            aria-describedby=[(!wrong.is_empty()).then(|| format!("{}-error", setting.id(name)))] {
            legend class="field-label" { (label) }
            @if !wrong.is_empty() {
                div id={ (setting.id(name)) "-error" } {
                    @for error in &wrong { p class="field-error" { (crate::pages::kit::icon("circle-alert")) span { (error) } } }
                }
            }
            @for (n, entry) in entries.iter().enumerate() {
                (row(setting, field, n, Some(entry)))
            }
            (row(setting, field, entries.len(), None))
            p class="field-hint" { (page.t(w::EMPTY_ROW)) }
            div class="row" {
                (button(add).small().icon("plus").sends("add", name).attr("formnovalidate", ""))
            }
            @if let Some(now) = setting.found.and_then(|found| found.get(name)) {
                p class="notice tone-warn" { (w::now_there(page.language(), rest(setting, now, addresses))) }
            }
        }
    }
}

fn rest(setting: &Setting<'_>, now: &Value, addresses: bool) -> String {
    let entries = now.as_array().into_iter().flatten();
    let line = |one: &Value| match addresses {
        true => super::value::address(one),
        false => one["value"].as_str().unwrap_or_default().to_owned(),
    };
    let lines: Vec<String> = entries.map(line).collect();
    match lines.is_empty() {
        true => setting.page.t(w::GONE).to_owned(),
        false => lines.join("; "),
    }
}

fn row(setting: &Setting<'_>, field: &Field, n: usize, entry: Option<&Value>) -> Markup {
    let page = setting.page;
    let language = page.language();
    let addresses = field.ty == FieldType::Addresses;
    let number = n + 1;
    let name = match addresses {
        true => w::address_number(language, number),
        false => w::contact_number(language, number),
    };
    let parts: &[(&str, Word)] = if addresses { &f::ADDRESS } else { &f::CONTACT };
    html! {
        fieldset class="rows-row" {
            legend class="visually-hidden" { (name) }
            div class="form-grid" {
                @for (part, word) in parts { (control(setting, field, n, (part, page.t(*word)), entry)) }
            }
            @if entry.is_some() {
                (button(page.t(w::REMOVE_ROW)).small().quiet().icon("trash-2")
                    .sends("drop", format!("{}.{n}", field.name)).attr("formnovalidate", "")
                    .attr("aria-label", format!("{}: {name}", page.t(w::REMOVE_ROW))))
            }
        }
    }
}

fn control(
    setting: &Setting<'_>,
    field: &Field,
    n: usize,
    (part, label): (&str, &'static str),
    entry: Option<&Value>,
) -> Markup {
    let page = setting.page;
    let name = format!("{}.{n}.{part}", field.name);
    let told = entry
        .and_then(|entry| entry[part].as_str())
        .unwrap_or_default();
    let value = match part {
        "kind" if told.is_empty() => "PHONE",
        _ => told,
    };
    let control = match part {
        "kind" => {
            let kinds = ["EMAIL", "PHONE", "WHATSAPP"]
                .into_iter()
                .filter_map(|word| Some(Choice::new(word, page.t(f::contact_kind(word)?))));
            Control::select(name, label).choices(kinds)
        }
        "cep" => Control::cep(name, label),
        "state" => Control::text(name, label)
            .attr("maxlength", "2")
            .attr("autocapitalize", "characters"),
        _ => Control::text(name, label).attr("maxlength", "254"),
    };
    let id = format!("{}-{n}-{part}", setting.id(field.name));
    control
        .id(id)
        .value(value)
        .attr("autocomplete", "off")
        .render(page.language())
}

/// A button of a list was pressed, and the form is to be shown again: with a row more, or without one.
pub fn pressed(
    body: &serde_json::Map<String, Value>,
    typed: &mut serde_json::Map<String, Value>,
) -> bool {
    if let Some((name, n)) = text(body, "drop").split_once('.') {
        if let (Some(list), Ok(n)) = (
            typed.get_mut(name).and_then(Value::as_array_mut),
            n.parse::<usize>(),
        ) && n < list.len()
        {
            list.remove(n);
        }
        return true;
    }
    // The empty row is filled by now, or there is still one: either way the form has one more.
    !text(body, "add").is_empty()
}

fn text<'a>(body: &'a serde_json::Map<String, Value>, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_goes_and_the_others_stay() {
        let body = |text: Value| text.as_object().cloned().unwrap();
        let mut typed = body(json!({"contacts": [{"value": "a"}, {"value": "b"}]}));
        assert!(pressed(&body(json!({"drop": "contacts.0"})), &mut typed));
        assert_eq!(typed["contacts"], json!([{"value": "b"}]));
        for odd in ["contacts.9", "contacts.x", "nothing.0", "name.0"] {
            assert!(pressed(&body(json!({"drop": odd})), &mut typed), "{odd}");
        }
        assert_eq!(typed["contacts"], json!([{"value": "b"}]));
        assert!(pressed(&body(json!({"add": "addresses"})), &mut typed));
        assert!(!pressed(&body(json!({})), &mut typed));
    }
}
