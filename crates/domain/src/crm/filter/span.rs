//! Days that are told by where today is.

use super::Op;
use jiff::ToSpan;
use jiff::civil::Date;

/// The most days of a span.
pub(super) const MOST: i64 = 3_660;

/// Days, seen from today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Today.
    Today,
    /// From Monday to Sunday.
    ThisWeek,
    /// From the first to the last day of the month.
    ThisMonth,
    /// So many days, today the last of them.
    Last(i64),
    /// So many days, today the first of them.
    Next(i64),
}

impl Span {
    /// Its first and its last day.
    pub fn days(self, today: Date) -> (Date, Date) {
        match self {
            Self::Today => (today, today),
            Self::ThisWeek => {
                let before = i64::from(today.weekday().to_monday_zero_offset());
                (
                    today.saturating_sub(before.days()),
                    today.saturating_add((6 - before).days()),
                )
            }
            Self::ThisMonth => (today.first_of_month(), today.last_of_month()),
            Self::Last(n) => (today.saturating_sub((n - 1).days()), today),
            Self::Next(n) => (today, today.saturating_add((n - 1).days())),
        }
    }

    pub(super) fn op(self) -> Op {
        match self {
            Self::Today => Op::Today,
            Self::ThisWeek => Op::ThisWeek,
            Self::ThisMonth => Op::ThisMonth,
            Self::Last(_) => Op::LastNDays,
            Self::Next(_) => Op::NextNDays,
        }
    }

    pub(super) fn number(self) -> Option<i64> {
        match self {
            Self::Last(n) | Self::Next(n) => Some(n),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_hold_today() {
        // A Friday.
        let today: Date = "2026-11-27".parse().unwrap();
        for (span, from, to) in [
            (Span::Today, "2026-11-27", "2026-11-27"),
            (Span::ThisWeek, "2026-11-23", "2026-11-29"),
            (Span::ThisMonth, "2026-11-01", "2026-11-30"),
            (Span::Last(7), "2026-11-21", "2026-11-27"),
            (Span::Next(1), "2026-11-27", "2026-11-27"),
            (Span::Next(5), "2026-11-27", "2026-12-01"),
        ] {
            let days = (from.parse().unwrap(), to.parse().unwrap());
            assert_eq!(span.days(today), days, "{span:?}");
        }
    }
}
