//! What states are called, and how they look.

use crate::pages::kit::Tone;
use crate::pages::language::{Language, Word};
use crate::pages::words::{fields, records, work as w};
use jiff::civil::Date;
use sindico_domain::crm::{ActivityKind, Kind, LeadStatus, Priority};

/// The name of a lead's status.
pub fn status(status: LeadStatus) -> Word {
    value(Kind::Lead, "status", status.as_str())
}

/// How it looks.
pub fn status_tone(status: LeadStatus) -> Tone {
    match status {
        LeadStatus::New => Tone::Info,
        LeadStatus::Qualified => Tone::Accent,
        LeadStatus::Disqualified => Tone::Danger,
        LeadStatus::Converted => Tone::Ok,
    }
}

/// The name of a sort of activity.
pub fn activity(kind: ActivityKind) -> Word {
    value(Kind::Activity, "kind", kind.as_str())
}

/// Its icon.
pub fn activity_icon(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::Task => "square-check-big",
        ActivityKind::FollowUp => "rotate-ccw",
        ActivityKind::Note => "file-text",
        ActivityKind::Call => "phone",
        ActivityKind::Meeting => "users",
        ActivityKind::Email => "mail",
        ActivityKind::Whatsapp => "message-circle",
    }
}

/// The name of a priority.
pub fn priority(priority: Priority) -> Word {
    value(Kind::Activity, "priority", priority.as_str())
}

/// What the pages of records call it, too.
fn value(kind: Kind, field: &str, word: &str) -> Word {
    // A test of the words of fields holds that none is missing.
    fields::value(kind, field, word).unwrap_or(Word("", ""))
}

fn place(number: i8, of: usize) -> usize {
    usize::from(number.unsigned_abs()).clamp(1, of) - 1
}

/// The name of a month, 1 to 12.
pub fn month(language: Language, month: i8) -> &'static str {
    records::month(i64::from(month)).map_or("", |word| word.in_(language))
}

/// The same, short.
pub fn short_month(language: Language, month: i8) -> &'static str {
    w::SHORT_MONTHS[place(month, 12)].in_(language)
}

fn weekday(language: Language, date: Date) -> &'static str {
    w::WEEKDAYS[place(date.weekday().to_monday_one_offset(), 7)].in_(language)
}

/// `quarta-feira, 25 de novembro de 2026`.
pub fn long_date(language: Language, date: Date) -> String {
    let (day, month) = (date.day(), month(language, date.month()));
    w::long_date(language, weekday(language, date), day, month, date.year())
}

/// `quarta-feira, 25 de novembro`.
pub fn day_and_month(language: Language, date: Date) -> String {
    let month = month(language, date.month());
    w::day_and_month(language, weekday(language, date), date.day(), month)
}

/// `Novembro de 2026`, as a heading begins.
pub fn month_heading(language: Language, date: Date) -> String {
    let text = w::month_and_year(language, month(language, date.month()), date.year());
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Portuguese};

    #[test]
    fn dates_are_said_as_people_do() {
        let date: Date = "2026-11-25".parse().unwrap();
        assert_eq!(
            long_date(Portuguese, date),
            "quarta-feira, 25 de novembro de 2026"
        );
        assert_eq!(long_date(English, date), "Wednesday, 25 November 2026");
        assert_eq!(
            day_and_month(Portuguese, date),
            "quarta-feira, 25 de novembro"
        );
        assert_eq!(month_heading(Portuguese, date), "Novembro de 2026");
        let sunday: Date = "2026-03-01".parse().unwrap();
        assert_eq!(month_heading(Portuguese, sunday), "Março de 2026");
        assert!(long_date(Portuguese, sunday).starts_with("domingo, 1 de março"));
    }
}
