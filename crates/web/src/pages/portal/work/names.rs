//! What states are called, and how they look.

use crate::pages::kit::Tone;
use crate::pages::language::{Language, Word};
use crate::pages::words::work as w;
use jiff::civil::Date;
use sindico_domain::crm::{ActivityKind, Kind, LeadStatus, Priority, Stage};

/// The name of a stage.
pub fn stage(stage: Stage) -> Word {
    match stage {
        Stage::Discovery => w::DISCOVERY,
        Stage::Proposal => w::PROPOSAL,
        Stage::Negotiation => w::NEGOTIATION,
        Stage::Won => w::STAGE_WON,
        Stage::Lost => w::STAGE_LOST,
    }
}

/// How a stage looks.
pub fn stage_tone(stage: Stage) -> Tone {
    match stage {
        Stage::Discovery => Tone::Neutral,
        Stage::Proposal => Tone::Info,
        Stage::Negotiation => Tone::Accent,
        Stage::Won => Tone::Ok,
        Stage::Lost => Tone::Danger,
    }
}

/// The name of a lead's status.
pub fn status(status: LeadStatus) -> Word {
    match status {
        LeadStatus::New => w::NEW,
        LeadStatus::Qualified => w::QUALIFIED,
        LeadStatus::Disqualified => w::DISQUALIFIED,
        LeadStatus::Converted => w::CONVERTED,
    }
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
    match kind {
        ActivityKind::Task => w::TASK,
        ActivityKind::FollowUp => w::FOLLOW_UP,
        ActivityKind::Note => w::NOTE,
        ActivityKind::Call => w::CALL,
        ActivityKind::Meeting => w::MEETING,
        ActivityKind::Email => w::EMAIL,
        ActivityKind::Whatsapp => w::WHATSAPP,
    }
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
    match priority {
        Priority::Low => w::LOW,
        Priority::Medium => w::MEDIUM,
        Priority::High => w::HIGH,
        Priority::Urgent => w::URGENT,
    }
}

/// The name of a kind of record, of many.
pub fn kind(kind: Kind) -> Word {
    match kind {
        Kind::Customer => w::CUSTOMERS,
        Kind::Lead => w::LEADS,
        Kind::Opportunity => w::OPPORTUNITIES,
        Kind::Activity => w::ACTIVITIES,
        Kind::SalesGoal => w::GOALS,
    }
}

fn place(number: i8, of: usize) -> usize {
    usize::from(number.unsigned_abs()).clamp(1, of) - 1
}

/// The name of a month, 1 to 12.
pub fn month(language: Language, month: i8) -> &'static str {
    w::MONTHS[place(month, 12)].in_(language)
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
