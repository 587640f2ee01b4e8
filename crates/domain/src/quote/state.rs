//! What becomes of a quote, and how long its link lives.

use crate::words::words;
use jiff::Span;
use jiff::civil::Date;

/// The most days for which a link opens a quote, however long that is good for.
pub const LINK_DAYS: i64 = 90;

words! {
    /// How far a quote has come, as it is kept.
    Status { /// It is being written.
        Draft = "DRAFT", /// The customer has it.
        Sent = "SENT", /// The customer takes it.
        Accepted = "ACCEPTED", /// The customer does not.
        Rejected = "REJECTED", /// It was taken back.
        Canceled = "CANCELED" }
}

words! {
    /// How far a quote has come, as it is told.
    Shown { /// It is being written.
        Draft = "DRAFT", /// The customer has it.
        Sent = "SENT", /// The customer takes it.
        Accepted = "ACCEPTED", /// The customer does not.
        Rejected = "REJECTED", /// It was taken back.
        Canceled = "CANCELED", /// Its last day is over, and nobody has answered.
        Expired = "EXPIRED", /// Another one stands in its place.
        Revised = "REVISED" }
}

impl Status {
    /// As it is told on this day.
    pub fn shown(self, valid_until: Option<Date>, revised: bool, today: Date) -> Shown {
        match self {
            Self::Draft => Shown::Draft,
            Self::Accepted => Shown::Accepted,
            Self::Rejected => Shown::Rejected,
            Self::Canceled => Shown::Canceled,
            Self::Sent if revised => Shown::Revised,
            Self::Sent if valid_until.is_some_and(|day| day < today) => Shown::Expired,
            Self::Sent => Shown::Sent,
        }
    }
}

/// The last day of a link that is made today.
pub fn link_until(valid_until: Date, today: Date) -> Date {
    let most = today
        .checked_add(Span::new().days(LINK_DAYS))
        .unwrap_or(Date::MAX);
    valid_until.min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_quote_is_over_after_its_day() {
        let until = Some(day("2026-11-23"));
        let shown = |status: Status, revised, today| status.shown(until, revised, day(today));
        assert_eq!(shown(Status::Sent, false, "2026-11-23"), Shown::Sent);
        assert_eq!(shown(Status::Sent, false, "2026-11-24"), Shown::Expired);
        assert_eq!(shown(Status::Sent, true, "2026-11-23"), Shown::Revised);
        assert_eq!(
            shown(Status::Accepted, false, "2027-01-01"),
            Shown::Accepted
        );
        assert_eq!(shown(Status::Draft, false, "2027-01-01"), Shown::Draft);
    }

    #[test]
    fn a_link_lives_no_longer_than_it_should() {
        assert_eq!(
            link_until(day("2026-12-01"), day("2026-11-23")),
            day("2026-12-01")
        );
        assert_eq!(
            link_until(day("2030-01-01"), day("2026-11-23")),
            day("2027-02-21")
        );
    }
}
