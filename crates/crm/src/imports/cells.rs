//! A row of a file as the body that a request would send.

use super::Desk;
use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sindico_domain::FieldErrors;
use sindico_domain::crm::custom::{self, CustomField, CustomType};
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{FieldType, Kind, Rules};
use sindico_domain::fold::fold;
use std::collections::HashMap;
use utoipa::ToSchema;

/// How a file writes numbers and days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Style {
    /// `1.234,56` and `23/11/2026`.
    #[default]
    #[serde(rename = "pt-BR")]
    Brazilian,
    /// `1,234.56` and `11/23/2026`.
    #[serde(rename = "en")]
    American,
}

/// Words that files use, folded.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Heads of columns, by kind: the field's name.
    pub heads: HashMap<(Kind, String), &'static str>,
    /// Words of choices, by kind and field: the word that is kept.
    pub choices: HashMap<(Kind, &'static str, String), &'static str>,
}

/// What a row says.
pub(super) struct Said {
    /// By field, as a request would have it.
    pub(super) body: Map<String, Value>,
    /// Records that are named rather than numbered: by field, their kind and the text.
    pub(super) named: Vec<(&'static str, Kind, String)>,
    /// The record's own id, if a column has it.
    pub(super) id: Option<i64>,
    pub(super) errors: FieldErrors,
}

/// Reads a row. Empty cells say nothing.
pub(super) fn read(
    kind: Kind,
    mapping: &[String],
    style: Style,
    cells: &[Value],
    (desk, rules): (&Desk<'_>, Rules<'_>),
) -> Said {
    let mut customs = Map::new();
    let mut said = Said {
        body: Map::new(),
        named: Vec::new(),
        id: None,
        errors: FieldErrors::new(),
    };
    for (name, cell) in mapping.iter().zip(cells) {
        let text = text_of(cell);
        if text.is_empty() || name.is_empty() {
            continue;
        }
        if name == "id" {
            match text.parse() {
                Ok(id) => said.id = Some(id),
                Err(_) => said.errors.add("id", "Expected an id: a whole number."),
            }
            continue;
        }
        if let Some(field) = rules.customs.named(kind, name) {
            match custom_cell(field, cell, &text, style) {
                Ok(value) => {
                    customs.insert(field.key.clone(), value);
                }
                Err(message) => said.errors.add(&custom::path(&field.key), message),
            }
            continue;
        }
        let Some(field) = kind.position(name).map(|n| &kind.fields()[n]) else {
            continue;
        };
        let typed = !cell.is_string();
        let value = match field.ty {
            FieldType::Choice(_) => {
                let known = desk.words.choices.get(&(kind, field.name, fold(&text)));
                Ok(json!(known.copied().map_or(text.as_str(), |word| word)))
            }
            FieldType::Stage => Ok(json!(stage(&text, rules.pipelines, desk))),
            FieldType::Pipeline => pipeline(&text, rules.pipelines),
            FieldType::Integer(..) if typed => Ok(json!(text)),
            FieldType::Integer(..) => {
                let word = desk.words.choices.get(&(kind, field.name, fold(&text)));
                Ok(json!(
                    word.copied()
                        .map_or_else(|| digits(&text, style), str::to_owned)
                ))
            }
            FieldType::Money if typed => Ok(json!(text)),
            FieldType::Money => Ok(json!(decimal(&text, style))),
            FieldType::Date => day(&text, style).map(|day| json!(day.to_string())),
            FieldType::Instant => instant(&text, style, desk),
            FieldType::Flag => flag(&text),
            FieldType::Ref(_) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                if let FieldType::Ref(to) = field.ty {
                    said.named.push((field.name, to, text));
                }
                continue;
            }
            FieldType::Ref(to) => {
                said.named.push((field.name, to, text));
                continue;
            }
            FieldType::User => match desk.members.get(&text.to_lowercase()) {
                Some(user) => Ok(json!(user.id)),
                None => Err(format!("There is no active member called {text:?}.")),
            },
            FieldType::Tags => {
                let tags = text.split([',', ';', '|']).map(str::trim);
                Ok(json!(
                    tags.filter(|tag| !tag.is_empty()).collect::<Vec<_>>()
                ))
            }
            FieldType::Addresses | FieldType::Contacts => {
                serde_json::from_str(&text).map_err(|_| "Expected a list as JSON.".to_owned())
            }
            // Each by its own name, above.
            FieldType::Custom => continue,
            _ => Ok(json!(text)),
        };
        match value {
            Ok(value) => {
                said.body.insert(field.name.to_owned(), value);
            }
            Err(message) => said.errors.add(field.name, message),
        }
    }
    if !customs.is_empty() {
        said.body.insert(custom::FIELDS.to_owned(), customs.into());
    }
    said
}

/// A custom field's cell, as a request would have it.
fn custom_cell(
    field: &CustomField,
    cell: &Value,
    text: &str,
    style: Style,
) -> Result<Value, String> {
    let typed = !cell.is_string();
    Ok(match field.ty {
        CustomType::Integer | CustomType::Decimal if typed => json!(text),
        CustomType::Integer => json!(digits(text, style)),
        CustomType::Decimal => json!(decimal(text, style)),
        CustomType::Date => json!(day(text, style)?.to_string()),
        CustomType::Boolean => flag(text)?,
        CustomType::Choice => json!(option(field, text)),
        CustomType::MultiChoice => {
            // A label may have a comma, and nothing else that stands between two.
            let known = field.option(&option(field, text)).is_some();
            let parts: Vec<&str> = match text.contains([';', '|']) {
                true => text.split([';', '|']).collect(),
                false if known => vec![text],
                false => text.split(',').collect(),
            };
            let parts = parts.into_iter().map(str::trim);
            let parts = parts.filter(|part| !part.is_empty());
            Value::from_iter(parts.map(|part| option(field, part)))
        }
        _ => json!(text),
    })
}

/// The option that is meant: by its label, or by itself.
fn option(field: &CustomField, text: &str) -> String {
    let wanted = fold(text);
    let mut options = field.options.iter();
    let named = options.find(|option| fold(&option.label) == wanted);
    named
        .map_or(text, |option| option.value.as_str())
        .to_owned()
}

/// The code of the stage that is meant: by its name, by a word for a stage of the contract, or by itself.
fn stage(text: &str, rules: &Pipelines, desk: &Desk<'_>) -> String {
    let wanted = fold(text);
    let mut stages = rules.all.iter().flat_map(|pipeline| &pipeline.stages);
    let named = stages.find(|stage| !stage.name.is_empty() && fold(&stage.name) == wanted);
    if let Some(named) = named {
        return named.code.clone();
    }
    let known = (Kind::Opportunity, "stage", wanted);
    match desk.words.choices.get(&known) {
        Some(code) => (*code).to_owned(),
        None => text.to_ascii_uppercase(),
    }
}

/// The pipeline that is meant: by its name, or by its id.
fn pipeline(text: &str, rules: &Pipelines) -> Result<Value, String> {
    let wanted = fold(text);
    let mut all = rules.all.iter();
    let named = all.find(|one| !one.name.is_empty() && fold(&one.name) == wanted);
    match (named, text.parse::<i64>()) {
        (Some(named), _) => Ok(json!(named.id)),
        (None, Ok(id)) => Ok(json!(id)),
        (None, Err(_)) => Err(format!("There is no pipeline called {text:?}.")),
    }
}

fn text_of(cell: &Value) -> String {
    match cell {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// `R$ 1.234,56` as `1234.56`; what is no number stays as it is, and is refused as such.
fn decimal(text: &str, style: Style) -> String {
    let bare: String = text
        .replace("R$", "")
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '\u{a0}')
        .collect();
    match style {
        Style::Brazilian => bare.replace('.', "").replace(',', "."),
        Style::American => bare.replace(',', ""),
    }
}

fn digits(text: &str, style: Style) -> String {
    let text = decimal(text.trim_end_matches('%'), style);
    match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole.to_owned(),
        _ => text,
    }
}

fn day(text: &str, style: Style) -> Result<Date, String> {
    if let Ok(day) = text.parse::<Date>() {
        return Ok(day);
    }
    let parts: Vec<Option<i16>> = text
        .split(['/', '.', '-'])
        .map(|part| part.parse().ok())
        .collect();
    let found = match (parts.as_slice(), style) {
        ([Some(day), Some(month), Some(year)], Style::Brazilian)
        | ([Some(month), Some(day), Some(year)], Style::American) => {
            let year = if *year < 100 { year + 2000 } else { *year };
            match (i8::try_from(*month), i8::try_from(*day)) {
                (Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
                _ => None,
            }
        }
        _ => None,
    };
    found.ok_or_else(|| match style {
        Style::Brazilian => "Not a day. Write it as 23/11/2026 or 2026-11-23.".to_owned(),
        Style::American => "Not a day. Write it as 11/23/2026 or 2026-11-23.".to_owned(),
    })
}

/// An instant as it is, or a clock's time where the installation's people are.
fn instant(text: &str, style: Style, desk: &Desk<'_>) -> Result<Value, String> {
    if text.parse::<jiff::Timestamp>().is_ok() {
        return Ok(json!(text));
    }
    let local = match text.parse::<DateTime>() {
        Ok(local) => local,
        Err(_) => {
            let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
            let time: Time = time
                .trim()
                .parse()
                .map_err(|_| "Not a time. Write it as 14:30 behind the day.".to_owned())?;
            day(date, style)?.to_datetime(time)
        }
    };
    let at = local
        .to_zoned(desk.zone.clone())
        .map_err(|_| "There is no such time.".to_owned())?;
    Ok(json!(at.timestamp().to_string()))
}

fn flag(text: &str) -> Result<Value, String> {
    match fold(text).as_str() {
        "sim" | "s" | "yes" | "y" | "true" | "verdadeiro" | "1" | "x" => Ok(json!(true)),
        "nao" | "n" | "no" | "false" | "falso" | "0" => Ok(json!(false)),
        _ => Err("Use yes or no.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn said(kind: Kind, mapping: &[&str], style: Style, cells: Value) -> Said {
        let words = Vocabulary {
            choices: HashMap::from([((Kind::Lead, "status", "novo".to_owned()), "NEW")]),
            ..Vocabulary::default()
        };
        let desk = Desk {
            words: &words,
            members: &HashMap::new(),
            zone: &TimeZone::UTC,
        };
        let mapping: Vec<String> = mapping.iter().map(|name| (*name).to_owned()).collect();
        let cells = cells.as_array().unwrap();
        read(
            kind,
            &mapping,
            style,
            cells,
            (&desk, Pipelines::contract().into()),
        )
    }

    #[test]
    fn numbers_and_days_are_read_as_the_country_writes_them() {
        let mapping = ["budget", "score", "status"];
        let brazil = said(
            Kind::Lead,
            &mapping,
            Style::Brazilian,
            json!(["R$ 1.234,56", "10,00", "Novo"]),
        );
        assert_eq!(
            Value::Object(brazil.body),
            json!({"budget": "1234.56", "score": "10", "status": "NEW"})
        );
        let us = said(
            Kind::Lead,
            &mapping,
            Style::American,
            json!(["1,234.56", "10", "x"]),
        );
        assert_eq!(
            Value::Object(us.body),
            json!({"budget": "1234.56", "score": "10", "status": "x"})
        );
        // A workbook's own numbers are what they are.
        let typed = said(
            Kind::Lead,
            &mapping,
            Style::Brazilian,
            json!([1234.56, 10, null]),
        );
        assert_eq!(
            Value::Object(typed.body),
            json!({"budget": "1234.56", "score": "10"})
        );
        for (text, style) in [
            ("23/11/2026", Style::Brazilian),
            ("11/23/26", Style::American),
            ("2026-11-23", Style::American),
        ] {
            assert_eq!(day(text, style), Ok(jiff::civil::date(2026, 11, 23)));
        }
        assert!(day("31/02/2026", Style::Brazilian).is_err());
    }

    #[test]
    fn times_are_of_the_place() {
        let mapping = ["due_at"];
        for text in [
            "23/11/2026 14:30",
            "2026-11-23T14:30:00",
            "2026-11-23T14:30:00Z",
        ] {
            let found = said(Kind::Activity, &mapping, Style::Brazilian, json!([text]));
            assert_eq!(
                found.body["due_at"].as_str().map(|at| &at[..16]),
                Some("2026-11-23T14:30")
            );
        }
        let wrong = said(
            Kind::Activity,
            &mapping,
            Style::Brazilian,
            json!(["amanhã"]),
        );
        assert!(wrong.errors.has("due_at"));
    }
}
