//! What the pages of daily work have in common: who works here, addresses with their filters, and what people
//! type.

use crate::App;
use crate::contract::error::ApiResult;
use crate::pages::kit::Choice;
use crate::pages::language::Language;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use sindico_domain::crm::UserRef;
use sindico_domain::page::{MAX_LIMIT, PageRequest};
use sindico_store::control::members;

/// The active members of a company, by name.
pub async fn people(app: &App, company_id: i64) -> ApiResult<Vec<UserRef>> {
    let request = PageRequest {
        limit: MAX_LIMIT,
        ..PageRequest::default()
    };
    let page = members::list(app.store(), company_id, &request).await?;
    let active = page.items.into_iter().filter(|member| member.is_active);
    Ok(active
        .map(|member| UserRef {
            id: member.user_id,
            username: member.username,
        })
        .collect())
}

/// People to choose one of.
pub fn choices(people: &[UserRef]) -> Vec<Choice> {
    let choice = |user: &UserRef| Choice::new(user.id.to_string(), user.username.clone());
    people.iter().map(choice).collect()
}

/// An address with these parameters; those without a value are left out.
pub fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The text of a form's field, without blanks around it.
pub fn text<'a>(body: &'a Map<String, Value>, name: &str) -> &'a str {
    let value = body.get(name).and_then(Value::as_str);
    value.unwrap_or_default().trim()
}

/// What `<input type="datetime-local">` sends, where the company's people are.
pub fn local_instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned(zone.clone()).ok()?.timestamp())
}

/// An amount as people write it: `1.234,56` and `1234,56` in Portuguese, `1,234.56` in English, `1234.56` and
/// `1234` in both.
pub fn money(language: Language, text: &str) -> Option<String> {
    let bare: String = text
        .trim_start_matches("R$")
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let spoken = match language {
        Language::Portuguese => ',',
        Language::English => '.',
    };
    let (commas, dots) = (bare.rfind(','), bare.rfind('.'));
    let point = match (commas, dots) {
        // The last of both is the point, in whatever language.
        (Some(comma), Some(dot)) => Some(if comma > dot { ',' } else { '.' }),
        (None, None) => None,
        (Some(at), None) | (None, Some(at)) => {
            let mark = if commas.is_some() { ',' } else { '.' };
            let ends_a_group = bare.len() - at == 4 || bare.matches(mark).count() > 1;
            (mark == spoken || !ends_a_group).then_some(mark)
        }
    };
    let mut plain: String = bare
        .chars()
        .filter(|c| !matches!(c, ',' | '.') || Some(*c) == point)
        .collect();
    if point == Some(',') {
        plain = plain.replace(',', ".");
    }
    plain.parse::<Decimal>().ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Portuguese};

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (language, text, read) in [
            (Portuguese, "1.234,56", Some("1234.56")),
            (Portuguese, "R$ 1.234", Some("1234")),
            (Portuguese, "1234.56", Some("1234.56")),
            (Portuguese, "12,5", Some("12.5")),
            (Portuguese, "1.234.567,00", Some("1234567.00")),
            (English, "1,234.56", Some("1234.56")),
            (English, "1,234", Some("1234")),
            (English, "12,5", Some("12.5")),
            (English, "1234.5", Some("1234.5")),
            (Portuguese, "", None),
            (Portuguese, "dez", None),
            (English, "1.234,50", Some("1234.50")),
            (English, "1.2.3", None),
        ] {
            assert_eq!(money(language, text).as_deref(), read, "{text}");
        }
    }

    #[test]
    fn a_local_time_is_where_the_people_are() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let at = local_instant("2026-11-25T23:30", &zone).unwrap();
        assert_eq!(at.to_string(), "2026-11-26T02:30:00Z");
        assert_eq!(local_instant("amanhã", &zone), None);
    }

    #[test]
    fn addresses_leave_out_what_is_not_set() {
        assert_eq!(address("/a/", &[("q", ""), ("x", "")]), "/a/");
        assert_eq!(
            address("/a/", &[("q", "pão & água"), ("x", "")]),
            "/a/?q=p%C3%A3o+%26+%C3%A1gua"
        );
    }
}
