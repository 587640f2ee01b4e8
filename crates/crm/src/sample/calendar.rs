//! When things happened: at office hours, in the order in which they are written.

use super::chance::Chance;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// How far back the sample goes.
pub(super) const SPAN: SignedDuration = SignedDuration::from_hours(24 * 730);

/// Office hours, from and to.
const OFFICE: (i64, i64) = (8, 18);

/// Now, and where it is.
pub(super) struct Calendar {
    pub(super) now: Timestamp,
    pub(super) zone: TimeZone,
}

impl Calendar {
    /// When number `n` of so many was made, and how far back that is, from 1 (the whole span) to 0: the
    /// later the number, the later the time. A `curve` above 1 puts more of them close to now.
    pub(super) fn past(
        &self,
        chance: &mut Chance,
        (n, all): (u64, u64),
        curve: f64,
    ) -> (Timestamp, f64) {
        let back = 1.0 - (n as f64 + chance.unit()) / all.max(1) as f64;
        let seconds = SPAN.as_secs() as f64 * back.powf(curve);
        let at = self.now - SignedDuration::from_secs(seconds as i64);
        (self.office(at), back)
    }

    /// The instant, moved into the office hours of its day without changing the order of instants, and
    /// not after now.
    pub(super) fn office(&self, at: Timestamp) -> Timestamp {
        let local = at.to_zoned(self.zone.clone());
        let time = local.time();
        let second = i64::from(time.hour()) * 3600
            + i64::from(time.minute()) * 60
            + i64::from(time.second());
        let second = OFFICE.0 * 3600 + second * (OFFICE.1 - OFFICE.0) / 24;
        let moved = self.on(local.date(), second);
        moved.min(self.now - SignedDuration::from_mins(1))
    }

    /// So many days from today, at an office hour.
    pub(super) fn day(&self, chance: &mut Chance, days: i64) -> Timestamp {
        let quarter = chance.between(OFFICE.0 * 4, OFFICE.1 * 4);
        self.on(self.date(days), quarter * 900)
    }

    /// So many days from today.
    pub(super) fn date(&self, days: i64) -> Date {
        let today = self.now.to_zoned(self.zone.clone()).date();
        today.saturating_add(days.days())
    }

    /// An instant of this span, which may be empty.
    pub(super) fn within(
        &self,
        chance: &mut Chance,
        from: Timestamp,
        until: Timestamp,
    ) -> Timestamp {
        let span = until.duration_since(from).as_secs().max(0);
        from + SignedDuration::from_secs(chance.between(0, span))
    }

    fn on(&self, date: Date, second: i64) -> Timestamp {
        let part = |number: i64| i8::try_from(number).unwrap_or_default();
        let time = Time::new(
            part(second / 3600),
            part(second / 60 % 60),
            part(second % 60),
            0,
        );
        let local = date.to_datetime(time.unwrap_or_default());
        let zoned = local.to_zoned(self.zone.clone());
        // A day that is not in the zone's calendar: no time of the sample is near one.
        zoned.map_or(self.now, |zoned| zoned.timestamp())
    }
}
