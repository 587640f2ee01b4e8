//! Values as people write them: `1.234,56` and `23/11/2026` in Portuguese, `1,234.56` and `23 Nov 2026` in
//! English. `11/12/2026` means two days in English, so that it says the month in letters.

use crate::pages::language::Language;
use crate::pages::words::kit as words;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use maud::{Markup, html};
use rust_decimal::Decimal;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A whole number, with its thousands apart.
pub fn count(language: Language, number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!(
        "{sign}{}",
        grouped(&number.unsigned_abs().to_string(), thousands(language))
    )
}

/// A count that was not finished: `10.000+`.
pub fn capped_count(language: Language, number: i64, more: bool) -> String {
    format!("{}{}", count(language, number), if more { "+" } else { "" })
}

fn thousands(language: Language) -> char {
    match language {
        Language::Portuguese => '.',
        Language::English => ',',
    }
}

fn point(language: Language) -> char {
    match language {
        Language::Portuguese => ',',
        Language::English => '.',
    }
}

fn grouped(digits: &str, mark: char) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// A number with so many places, as `12,5`.
pub fn decimal(language: Language, number: Decimal, places: u32) -> String {
    let rounded =
        number.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    let text = format!("{:.*}", places as usize, rounded.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() {
        "-"
    } else {
        ""
    };
    let whole = grouped(whole, thousands(language));
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}{}{fraction}", point(language))
    }
}

/// An amount in reais, without its sign: as a field or a column of amounts shows it.
pub fn amount(language: Language, number: Decimal) -> String {
    decimal(language, number, 2)
}

/// An amount in reais: `R$ 1.234,56`. Its parts are not torn apart at the end of a line.
pub fn money(language: Language, number: Decimal) -> String {
    let text = amount(language, number);
    match text.strip_prefix('-') {
        Some(text) => format!("-R$\u{a0}{text}"),
        None => format!("R$\u{a0}{text}"),
    }
}

/// A large amount at a glance: `R$ 12,3 mil`, `R$ 4,5 mi`.
pub fn money_short(language: Language, number: Decimal) -> String {
    let thousand = Decimal::from(1_000);
    let million = Decimal::from(1_000_000);
    let (value, unit) = if number.abs() >= million {
        (
            number / million,
            match language {
                Language::Portuguese => "\u{a0}mi",
                Language::English => "M",
            },
        )
    } else if number.abs() >= Decimal::from(10_000) {
        (
            number / thousand,
            match language {
                Language::Portuguese => "\u{a0}mil",
                Language::English => "k",
            },
        )
    } else {
        return format!("R$\u{a0}{}", decimal(language, number, 0));
    };
    format!("R$\u{a0}{}{unit}", decimal(language, value, 1))
}

/// A share, as `12,5%`.
pub fn percent(language: Language, number: Decimal, places: u32) -> String {
    format!("{}%", decimal(language, number, places))
}

/// A day. A day is no instant: no zone can shift it.
pub fn date_text(language: Language, date: Date) -> String {
    match language {
        Language::Portuguese => format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()),
        Language::English => {
            let month = MONTHS[usize::from(date.month().unsigned_abs()).clamp(1, 12) - 1];
            format!("{} {month} {}", date.day(), date.year())
        }
    }
}

/// A day, for machines as well.
pub fn date(language: Language, date: Date) -> Markup {
    html! { time datetime=(date) { (date_text(language, date)) } }
}

/// An instant, in a zone.
pub fn datetime_text(language: Language, at: Timestamp, zone: &TimeZone) -> String {
    let at = at.to_zoned(zone.clone());
    format!(
        "{} {:02}:{:02}",
        date_text(language, at.date()),
        at.hour(),
        at.minute()
    )
}

/// An instant, for machines as well.
pub fn datetime(language: Language, at: Timestamp, zone: &TimeZone) -> Markup {
    html! { time datetime=(at) { (datetime_text(language, at, zone)) } }
}

/// What `<input type="datetime-local">` takes.
pub fn datetime_value(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M")
        .to_string()
}

/// How long ago or how soon, seen from `now`; beyond a week, the day itself.
pub fn relative_text(language: Language, at: Timestamp, now: &Zoned) -> String {
    let seconds = at.as_second() - now.timestamp().as_second();
    let (minutes, past) = (seconds.abs() / 60, seconds < 0);
    let hours = minutes / 60;
    // Days are the calendar's: 23:00 is "yesterday" at one in the morning.
    let day = at.to_zoned(now.time_zone().clone()).date();
    let days = i64::from((day - now.date()).get_days());
    match (minutes, hours, days) {
        (0, ..) => words::NOW.in_(language).to_owned(),
        (n, 0, _) if past => words::minutes_ago(language, n),
        (n, 0, _) => words::in_minutes(language, n),
        (_, n, 0) if past => words::hours_ago(language, n),
        (_, n, 0) => words::in_hours(language, n),
        (.., -1) => words::YESTERDAY.in_(language).to_owned(),
        (.., 1) => words::TOMORROW.in_(language).to_owned(),
        (.., n @ -6..=-2) => words::days_ago(language, -n),
        (.., n @ 2..=6) => words::in_days(language, n),
        _ => date_text(language, day),
    }
}

/// The same, with the exact instant for machines and for those who hover.
pub fn relative(language: Language, at: Timestamp, now: &Zoned) -> Markup {
    let exact = datetime_text(language, at, now.time_zone());
    html! { time datetime=(at) title=(exact) { (relative_text(language, at, now)) } }
}

/// A day seen from today: today, yesterday, tomorrow, or itself.
pub fn day(language: Language, date: Date, today: Date) -> Markup {
    let text = match (date - today).get_days() {
        0 => words::TODAY.in_(language).to_owned(),
        -1 => words::YESTERDAY.in_(language).to_owned(),
        1 => words::TOMORROW.in_(language).to_owned(),
        _ => date_text(language, date),
    };
    html! { time datetime=(date) title=(date_text(language, date)) { (text) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Portuguese};

    #[test]
    fn amounts_are_written_as_people_do() {
        for (number, pt, en) in [
            ("0", "0,00", "0.00"),
            ("1234.5", "1.234,50", "1,234.50"),
            ("-1234567.895", "-1.234.567,90", "-1,234,567.90"),
            ("999.994", "999,99", "999.99"),
            ("-0.001", "0,00", "0.00"),
            ("100000", "100.000,00", "100,000.00"),
        ] {
            let number: Decimal = number.parse().unwrap();
            assert_eq!(amount(Portuguese, number), pt);
            assert_eq!(amount(English, number), en);
        }
        assert_eq!(money(Portuguese, Decimal::from(-5)), "-R$\u{a0}5,00");
        assert_eq!(count(Portuguese, -1_234_567), "-1.234.567");
        assert_eq!(capped_count(English, 10_000, true), "10,000+");
        assert_eq!(percent(Portuguese, "12.55".parse().unwrap(), 1), "12,6%");
        for (number, text) in [
            (980, "R$\u{a0}980"),
            (12_340, "R$\u{a0}12,3\u{a0}mil"),
            (4_560_000, "R$\u{a0}4,6\u{a0}mi"),
        ] {
            assert_eq!(money_short(Portuguese, Decimal::from(number)), text);
        }
    }

    #[test]
    fn days_are_days_and_instants_have_a_zone() {
        let day: Date = "2026-11-23".parse().unwrap();
        assert_eq!(date_text(Portuguese, day), "23/11/2026");
        assert_eq!(date_text(English, day), "23 Nov 2026");
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let at: Timestamp = "2026-11-24T01:30:00Z".parse().unwrap();
        assert_eq!(datetime_text(Portuguese, at, &zone), "23/11/2026 22:30");
        assert_eq!(datetime_value(at, &zone), "2026-11-23T22:30");
        let text = datetime(English, at, &zone).0;
        assert_eq!(
            text,
            "<time datetime=\"2026-11-24T01:30:00Z\">23 Nov 2026 22:30</time>"
        );
    }

    #[test]
    fn near_times_are_told_from_now() {
        let now: Zoned = "2026-11-23T14:00:00-03:00[America/Sao_Paulo]"
            .parse()
            .unwrap();
        for (at, pt) in [
            ("2026-11-23T16:59:40Z", "agora"),
            ("2026-11-23T16:55:00Z", "há 5 min"),
            ("2026-11-23T17:30:00Z", "em 30 min"),
            ("2026-11-23T12:00:00Z", "há 5 h"),
            ("2026-11-23T23:00:00Z", "em 6 h"),
            ("2026-11-23T02:59:00Z", "ontem"),
            ("2026-11-24T03:00:00Z", "amanhã"),
            ("2026-11-20T12:00:00Z", "há 3 dias"),
            ("2026-11-26T12:00:00Z", "em 3 dias"),
            ("2026-11-10T12:00:00Z", "10/11/2026"),
        ] {
            let at: Timestamp = at.parse().unwrap();
            assert_eq!(relative_text(Portuguese, at, &now), pt, "{at}");
        }
    }
}
