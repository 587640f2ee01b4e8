//! What stands in a field, as people read it.

use super::place;
use crate::pages::kit::{Tone, badge, format, person};
use crate::pages::language::Language;
use crate::pages::page::Page;
use crate::pages::portal::setup;
use crate::pages::words::{fields as f, records as w};
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::names::Names;
use sindico_domain::brazil::{Phone, TaxId};
use sindico_domain::crm::{Datum, Field, FieldType, Kind, Record};

/// As text of one line; `None` when nothing is there.
pub fn text(
    page: &Page,
    kind: Kind,
    field: &Field,
    value: &Datum,
    names: &Names,
) -> Option<String> {
    if value.is_empty() {
        return None;
    }
    let language = page.language();
    Some(match (field.ty, value) {
        (FieldType::Choice(_), Datum::Text(word)) => word_of(language, kind, field.name, word),
        (FieldType::Stage, Datum::Text(code)) => setup::stage(page, code),
        (FieldType::Pipeline, Datum::Int(id)) => setup::pipeline(page, *id),
        (FieldType::Phone, Datum::Text(text)) => phone(text),
        (FieldType::TaxId, Datum::Text(text)) => match text.parse::<TaxId>() {
            Ok(id) => id.to_string(),
            Err(_) => text.clone(),
        },
        (_, Datum::Text(text)) => text.clone(),
        (FieldType::Ref(to), Datum::Int(id)) => match names.get(&(to, *id)) {
            Some(name) => name.clone(),
            None => w::number(language, id),
        },
        (_, Datum::Int(number)) => whole(language, field.name, *number),
        (_, Datum::Money(amount)) => format::money(language, *amount),
        (_, Datum::Date(date)) => format::date_text(language, *date),
        (_, Datum::Instant(at)) => format::datetime_text(language, *at, &page.zone),
        (_, Datum::Flag(flag)) => page.t(if *flag { w::YES } else { w::NO }).to_owned(),
        (_, Datum::User(user)) => user.username.clone(),
        (_, Datum::Tags(tags)) => tags.join(", "),
        (FieldType::Contacts, Datum::List(list)) => lines(list, |one| contact(language, one)),
        (_, Datum::List(list)) => lines(list, address),
        // Each by its own name.
        (_, Datum::Custom(_)) => return None,
        (_, Datum::Null) => return None,
    })
}

/// As it stands on a page. `links` is false where a link would stand in another.
pub fn shown(
    page: &Page,
    kind: Kind,
    field: &Field,
    value: &Datum,
    names: &Names,
    links: bool,
) -> Option<Markup> {
    let text = text(page, kind, field, value, names)?;
    Some(match (field.ty, value) {
        (FieldType::Choice(_), Datum::Text(word)) => badge(tone(kind, field.name, word), &text),
        (FieldType::Stage, Datum::Text(code)) => badge(setup::tone(page, code), &text),
        (FieldType::Email, _) if links => html! { a href={ "mailto:" (text) } { (text) } },
        (FieldType::Phone, Datum::Text(number)) if links => match number.parse::<Phone>() {
            Ok(phone) => html! { a href={ "tel:" (phone.e164()) } { (text) } },
            Err(_) => html! { (text) },
        },
        (FieldType::Ref(to), Datum::Int(id)) if links => {
            html! { a href=(place::of(to, *id)) { (text) } }
        }
        (FieldType::User, _) => person(&text),
        (FieldType::Tags, Datum::Tags(tags)) => html! {
            span class="row" { @for tag in tags { (badge(Tone::Neutral, tag)) } }
        },
        (FieldType::Instant, Datum::Instant(at)) => {
            html! { time datetime=(at) { (text) } }
        }
        (FieldType::Date, Datum::Date(date)) => format::date(page.language(), *date),
        (FieldType::Addresses | FieldType::Contacts, Datum::List(list)) => html! {
            span class="stack-tight" { @for one in list.as_array().into_iter().flatten() {
                span { @match field.ty {
                    FieldType::Contacts => { (contact(page.language(), one)) }
                    _ => { (address(one)) }
                } }
            } }
        },
        (FieldType::Text(most), _) if most > 500 => html! { span class="prose" { (text) } },
        _ => html! { (text) },
    })
}

/// What a record is called: a goal by its month in words.
pub fn title(language: Language, record: &Record) -> String {
    title_of(language, record.kind, &record.title())
}

/// The same for a title that the history or the bin tells.
pub fn title_of(language: Language, kind: Kind, title: &str) -> String {
    if kind == Kind::SalesGoal
        && let Some((year, month)) = title.split_once('-')
        && let (Ok(year), Ok(month)) = (year.parse(), month.parse())
        && w::month(month).is_some()
    {
        return w::month_of(language, month, year);
    }
    title.to_owned()
}

/// A word of a state: a stage by the name that the company has given it.
pub fn state_of(page: &Page, kind: Kind, field: &str, word: &str) -> String {
    match (kind, field) {
        (Kind::Opportunity, "stage") => setup::stage(page, word),
        _ => word_of(page.language(), kind, field, word),
    }
}

/// How a state looks.
pub fn state_tone(page: &Page, kind: Kind, field: &str, word: &str) -> Tone {
    match (kind, field) {
        (Kind::Opportunity, "stage") => setup::tone(page, word),
        _ => tone(kind, field, word),
    }
}

/// A word of a closed set in the page's language.
pub fn word_of(language: Language, kind: Kind, field: &str, word: &str) -> String {
    f::value(kind, field, word)
        .map_or_else(|| word.to_owned(), |word| word.in_(language).to_owned())
}

/// The colour of a state.
pub fn tone(kind: Kind, field: &str, word: &str) -> Tone {
    match (kind, field, word) {
        (_, _, "NEW" | "PROPOSAL" | "PENDING") => Tone::Info,
        (_, _, "QUALIFIED") => Tone::Accent,
        (_, _, "NEGOTIATION" | "HIGH") => Tone::Warn,
        (_, _, "CONVERTED" | "WON" | "DONE") => Tone::Ok,
        (_, _, "LOST" | "URGENT") => Tone::Danger,
        _ => Tone::Neutral,
    }
}

/// A telephone as Brazil writes it, if it is one.
pub fn phone(text: &str) -> String {
    text.parse::<Phone>()
        .map_or_else(|_| text.to_owned(), |phone| phone.to_string())
}

fn whole(language: Language, field: &str, number: i64) -> String {
    match field {
        "month" => w::month(number)
            .map_or_else(|| number.to_string(), |word| word.in_(language).to_owned()),
        // A year has no thousands.
        "year" => number.to_string(),
        "probability" => w::per_cent(language, number),
        "sla_hours" => w::hours(language, number),
        "duration_minutes" => w::minutes(language, number),
        _ => format::count(language, number),
    }
}

fn lines(list: &Value, line: impl Fn(&Value) -> String) -> String {
    let entries = list.as_array().into_iter().flatten();
    entries.map(line).collect::<Vec<_>>().join("; ")
}

/// `Loja: Av. Paulista, 1000, sala 5 - Bela Vista, São Paulo/SP, 01310-100`.
pub fn address(entry: &Value) -> String {
    let part = |name: &str| {
        let text = entry[name].as_str().unwrap_or_default();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let joined = |parts: Vec<Option<String>>, mark: &str| {
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(mark))
    };
    let street = joined(
        vec![part("street"), part("number"), part("complement")],
        ", ",
    );
    let city = joined(vec![part("city"), part("state")], "/");
    let rest = joined(
        vec![part("district"), city, part("cep"), part("country")],
        ", ",
    );
    let whole = joined(vec![street, rest], " - ").unwrap_or_default();
    match part("label") {
        Some(label) if whole.is_empty() => label,
        Some(label) => format!("{label}: {whole}"),
        None => whole,
    }
}

/// `WhatsApp: +55 11 98765-4321 (compras)`.
fn contact(language: Language, entry: &Value) -> String {
    let part = |name: &str| entry[name].as_str().unwrap_or_default();
    let kind = f::contact_kind(part("kind")).map_or(part("kind"), |word| word.in_(language));
    let value = match part("kind") {
        "EMAIL" => part("value").to_owned(),
        _ => phone(part("value")),
    };
    match part("label") {
        "" => format!("{kind}: {value}"),
        label => format!("{kind}: {value} ({label})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_reads_as_on_an_envelope() {
        let all = json!({"label": "Loja", "street": "Av. Paulista", "number": "1000",
            "district": "Bela Vista", "city": "São Paulo", "state": "SP", "cep": "01310-100"});
        assert_eq!(
            address(&all),
            "Loja: Av. Paulista, 1000 - Bela Vista, São Paulo/SP, 01310-100"
        );
        assert_eq!(address(&json!({"city": "Santos"})), "Santos");
        assert_eq!(address(&json!({"label": "x"})), "x");
        assert_eq!(address(&json!({})), "");
    }

    #[test]
    fn a_goal_is_called_by_its_month() {
        let title = |text| title_of(Language::Portuguese, Kind::SalesGoal, text);
        assert_eq!(title("2026-11"), "novembro de 2026");
        assert_eq!(title("2026-13"), "2026-13");
        assert_eq!(title("x"), "x");
        assert_eq!(
            title_of(Language::English, Kind::Lead, "2026-11"),
            "2026-11"
        );
    }
}
