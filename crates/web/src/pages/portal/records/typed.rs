//! What people type, and what the rules read: amounts as `1.234,56`, hours without a zone, records by
//! their names. The same shape holds what a form shows, whether it comes from a record or was typed.

use super::custom;
use crate::pages::kit::format;
use crate::pages::language::Language;
use crate::pages::page::Page;
use crate::pages::words::records as w;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use sindico_crm::names::Names;
use sindico_domain::FieldErrors;
use sindico_domain::crm::{Access, Datum, Field, FieldType, Kind, Record};

/// The fields that a person writes.
pub fn written(kind: Kind) -> impl Iterator<Item = &'static Field> {
    kind.fields()
        .iter()
        .filter(|field| field.access == Access::Input)
}

/// What a form with this record shows.
pub fn of_record(page: &Page, record: &Record, names: &Names) -> Map<String, Value> {
    let mut typed = Map::new();
    for (field, value) in record.kind.fields().iter().zip(&record.values) {
        if field.access == Access::Input {
            let value = match field.ty {
                FieldType::Custom => custom::typed(page, record),
                _ => of_value(page, field, value, names),
            };
            typed.insert(field.name.to_owned(), value);
        }
    }
    typed
}

/// What the control of a field shows.
pub fn of_value(page: &Page, field: &Field, value: &Datum, names: &Names) -> Value {
    match (field.ty, value) {
        (FieldType::Addresses | FieldType::Contacts, Datum::List(list)) => list.clone(),
        (_, Datum::Null) => json!(""),
        (FieldType::Ref(kind), Datum::Int(id)) => json!(option(names, kind, *id)),
        (_, Datum::Text(text)) => json!(text),
        (_, Datum::Int(number)) => json!(number.to_string()),
        (_, Datum::Money(amount)) => json!(format::amount(page.language(), *amount)),
        (_, Datum::Date(date)) => json!(date.to_string()),
        (_, Datum::Instant(at)) => json!(format::datetime_value(*at, &page.zone)),
        (_, Datum::Flag(flag)) => json!(flag.to_string()),
        (_, Datum::User(user)) => json!(user.id.to_string()),
        (_, Datum::Tags(tags)) => json!(tags.join(", ")),
        (_, Datum::List(list)) => list.clone(),
        (_, Datum::Custom(values)) => values.to_json(),
    }
}

/// How a record is chosen by its name: `Padaria São João (#7)`.
pub fn option(names: &Names, kind: Kind, id: i64) -> String {
    match names.get(&(kind, id)) {
        Some(name) => named(name, id),
        None => format!("#{id}"),
    }
}

/// The same for a name that is known.
pub fn named(name: &str, id: i64) -> String {
    format!("{name} (#{id})")
}

/// The id in a chosen name; `None` when only a name was typed.
pub fn chosen(text: &str) -> Option<i64> {
    let text = text.trim();
    let number = match text.strip_prefix('#') {
        Some(number) => number,
        None => text.strip_suffix(')')?.rsplit_once("(#")?.1,
    };
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| number.parse().ok()).flatten()
}

/// The fields of a sent form in this shape. Of lists, what is empty is left out.
pub fn of_form(kind: Kind, body: &Map<String, Value>) -> Map<String, Value> {
    let mut typed = Map::new();
    for field in written(kind) {
        let Some(value) = body.get(field.name) else {
            continue;
        };
        let value = match (field.ty, value) {
            (FieldType::Addresses | FieldType::Contacts, Value::Object(parts)) => {
                Value::Array(rows(parts))
            }
            (_, value) => value.clone(),
        };
        typed.insert(field.name.to_owned(), value);
    }
    // A form of lists alone sends nothing of one that was emptied.
    for name in body
        .get("lists")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .split(' ')
    {
        if kind.position(name).is_some() && !typed.contains_key(name) {
            typed.insert(name.to_owned(), json!([]));
        }
    }
    typed
}

/// `{"0.street": "...", "1.street": "..."}` as a list of objects. A contact's kind alone says nothing.
fn rows(parts: &Map<String, Value>) -> Vec<Value> {
    let mut rows: std::collections::BTreeMap<usize, Map<String, Value>> = Default::default();
    for (name, value) in parts {
        if let Some((index, part)) = name.split_once('.')
            && let Ok(index) = index.parse()
        {
            let row = rows.entry(index).or_default();
            row.insert(part.to_owned(), value.clone());
        }
    }
    let told = |row: &Map<String, Value>| {
        let mut texts = row.iter().filter(|(name, _)| *name != "kind");
        texts.any(|(_, value)| value.as_str().is_some_and(|text| !text.trim().is_empty()))
    };
    let rows = rows.into_values().filter(told);
    rows.map(Value::Object).collect()
}

/// What the rules read of what was typed; names of records are resolved before.
pub fn to_input(
    page: &Page,
    kind: Kind,
    typed: &Map<String, Value>,
) -> (Map<String, Value>, FieldErrors) {
    let mut input = Map::new();
    let mut errors = FieldErrors::new();
    for field in written(kind) {
        let Some(value) = typed.get(field.name) else {
            continue;
        };
        let text = value.as_str().map(str::trim);
        let value = match (field.ty, text) {
            (FieldType::Custom, _) => custom::input(page, kind, value, &mut errors),
            // What nobody chose, the rules tell.
            (FieldType::Choice(_) | FieldType::Stage | FieldType::Pipeline, Some("")) => continue,
            (_, Some("")) => json!(""),
            (FieldType::Money, Some(text)) => match money(page.language(), text) {
                Some(amount) => json!(amount),
                None => {
                    errors.add(field.name, page.t(w::WRONG_MONEY));
                    continue;
                }
            },
            (FieldType::Instant, Some(text)) => match instant(text, &page.zone) {
                Some(at) => json!(at),
                None => {
                    errors.add(field.name, page.t(w::WRONG_INSTANT));
                    continue;
                }
            },
            (FieldType::Date, Some(text)) => json!(day(text)),
            (FieldType::Ref(_), Some(text)) => match chosen(text) {
                Some(id) => json!(id.to_string()),
                None => json!(text),
            },
            _ => value.clone(),
        };
        input.insert(field.name.to_owned(), value);
    }
    (input, errors)
}

/// An amount as it is typed in this language, as a decimal number; `None` when it is none.
pub fn money(language: Language, text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches("R$");
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-');
    if text.is_empty() || !text.chars().all(plain) {
        return None;
    }
    let (comma, dot) = (text.rfind(','), text.rfind('.'));
    let grouped = |mark: char| {
        let mut parts = text.trim_start_matches('-').split(mark);
        let first = parts.next().unwrap_or_default();
        (1..=3).contains(&first.len()) && parts.all(|part| part.len() == 3)
    };
    let point = match (comma, dot, language) {
        (Some(comma), Some(dot), _) => Some(if comma > dot { ',' } else { '.' }),
        // `1.234` is a thousand here, and `1.5` one and a half: somebody types a phone's point.
        (None, Some(_), Language::Portuguese) => (!grouped('.')).then_some('.'),
        (Some(_), None, Language::Portuguese) => Some(','),
        (None, Some(_), Language::English) => Some('.'),
        (Some(_), None, Language::English) => (!grouped(',')).then_some(','),
        (None, None, _) => None,
    };
    let mut number = String::new();
    for c in text.chars() {
        match c {
            c if Some(c) == point => number.push('.'),
            ',' | '.' => {}
            c => number.push(c),
        }
    }
    Some(number)
}

/// An hour without a zone, in the page's.
pub fn instant(text: &str, zone: &TimeZone) -> Option<String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.to_string());
    }
    let at: DateTime = text.parse().ok()?;
    let at = at.to_zoned(zone.clone()).ok()?.timestamp();
    Some(at.to_string())
}

/// `23/11/2026` as the rules read it; anything else as it was typed.
pub fn day(text: &str) -> String {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [day, month, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_as_they_are_typed() {
        use Language::{English, Portuguese};
        for (language, text, expected) in [
            (Portuguese, "1.234,56", Some("1234.56")),
            (Portuguese, "R$ 1.234", Some("1234")),
            (Portuguese, "1.5", Some("1.5")),
            (Portuguese, "1299.90", Some("1299.90")),
            (Portuguese, "12,5", Some("12.5")),
            (Portuguese, "1.234.567,00", Some("1234567.00")),
            (English, "1,234.56", Some("1234.56")),
            (English, "1,234", Some("1234")),
            (English, "12,5", Some("12.5")),
            (English, "1299.90", Some("1299.90")),
            (Portuguese, "abc", None),
            (Portuguese, "", None),
        ] {
            assert_eq!(money(language, text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn hours_are_of_the_pages_zone() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let at = instant("2026-11-23T10:00", &zone).unwrap();
        assert_eq!(at, "2026-11-23T13:00:00Z");
        assert_eq!(instant("amanhã", &zone), None);
        assert_eq!(day("23/11/2026"), "2026-11-23");
        assert_eq!(day("2026-11-23"), "2026-11-23");
    }

    #[test]
    fn a_record_is_chosen_by_the_number_behind_its_name() {
        assert_eq!(chosen("Padaria (#7)"), Some(7));
        assert_eq!(chosen("X (#5) (#12)"), Some(12));
        assert_eq!(chosen(" #3 "), Some(3));
        for none in ["Padaria", "Padaria (7)", "(#)", "#x", ""] {
            assert_eq!(chosen(none), None, "{none}");
        }
    }

    #[test]
    fn empty_rows_are_no_rows() {
        let body = json!({"contacts": {"0.kind": "EMAIL", "0.value": " ", "2.kind": "PHONE", "2.value": "1"},
            "addresses": {"0.city": "Santos", "1.city": ""}, "lists": "addresses contacts"});
        let typed = of_form(Kind::Customer, body.as_object().unwrap());
        assert_eq!(typed["contacts"], json!([{"kind": "PHONE", "value": "1"}]));
        assert_eq!(typed["addresses"], json!([{"city": "Santos"}]));
        let emptied = json!({"lists": "addresses rank"});
        let typed = of_form(Kind::Customer, emptied.as_object().unwrap());
        assert_eq!(Value::Object(typed), json!({"addresses": []}));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            for language in [Language::Portuguese, Language::English] {
                let _ = money(language, &text);
            }
            let _ = (instant(&text, &TimeZone::UTC), day(&text), chosen(&text));
        }

        /// What a page shows of an amount is read as the same amount.
        #[test]
        fn amounts_round_trip(cents in 0i64..=99_999_999_999_999) {
            let number = rust_decimal::Decimal::new(cents, 2);
            for language in [Language::Portuguese, Language::English] {
                let read = money(language, &format::amount(language, number)).unwrap();
                prop_assert_eq!(read.parse::<rust_decimal::Decimal>().unwrap(), number);
            }
        }
    }
}
