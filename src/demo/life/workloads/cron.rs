//! Schedules such as `*/5 8-18 * * 1-5`, as robfig/cron's standard parser reads them.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// When something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether the day of the month, or of the week, was left open: then only the other one counts.
    is_any_day: bool,
    is_any_weekday: bool,
    /// `@every 1h`.
    every: Option<SignedDuration>,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Schedule {
    /// Reads a schedule; nothing if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(every) = text.strip_prefix("@every ") {
            let every: SignedDuration = every.parse().ok()?;
            return Some(Self { every: Some(every), ..Self::parse("* * * * *")? });
        }
        let fields = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            text => text,
        };
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let open = |field: &str| field.starts_with('*') || field.starts_with('?');
        Some(Self {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, &MONTHS)?,
            weekdays: field(weekdays, 0, 6, &WEEKDAYS)?,
            is_any_day: open(days),
            is_any_weekday: open(weekdays),
            every: None,
        })
    }

    /// The first time after another, in UTC unless a zone is given; nothing within five years means never.
    pub fn after(&self, time: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        if let Some(every) = self.every {
            return time.checked_add(every).ok();
        }
        let start = time.to_zoned(zone.clone()).datetime();
        let mut at = start.checked_add(1.minute()).ok()?.with().second(0).subsec_nanosecond(0).build().ok()?;
        let end = start.checked_add(5.years()).ok()?;
        while at < end {
            if self.months & (1 << at.month()) == 0 || !self.is_day(at.date()) {
                at = at.date().tomorrow().ok()?.at(0, 0, 0, 0);
            } else if self.hours & (1 << at.hour()) == 0 {
                at = at.with().minute(0).build().ok()?.checked_add(1.hour()).ok()?;
            } else if self.minutes & (1 << at.minute()) == 0 {
                at = at.checked_add(1.minute()).ok()?;
            } else {
                return at.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
            }
        }
        None
    }

    fn is_day(&self, date: jiff::civil::Date) -> bool {
        let number = match date.weekday() {
            Weekday::Sunday => 0,
            day => day.to_monday_one_offset(),
        };
        let day = self.days & (1 << date.day()) != 0;
        let weekday = self.weekdays & (1 << number) != 0;
        if self.is_any_day || self.is_any_weekday { day && weekday } else { day || weekday }
    }
}

/// One field as a set of bits.
fn field(text: &str, low: u32, high: u32, names: &[&str]) -> Option<u64> {
    text.split(',').try_fold(0, |bits, part| Some(bits | range(part, low, high, names)?))
}

fn range(text: &str, low: u32, high: u32, names: &[&str]) -> Option<u64> {
    let (span, step) = match text.split_once('/') {
        Some((span, step)) => (span, step.parse::<u32>().ok().filter(|step| *step > 0)?),
        None => (text, 1),
    };
    let number = |text: &str| {
        let text = text.to_ascii_lowercase();
        let found = match names.iter().position(|name| *name == text) {
            Some(at) => low + at as u32,
            None => text.parse().ok()?,
        };
        (low..=high).contains(&found).then_some(found)
    };
    let (from, to) = match span.split_once('-') {
        _ if span == "*" || span == "?" => (low, high),
        Some((from, to)) => (number(from)?, number(to)?),
        // `5/15` means from five on.
        None => (number(span)?, if text.contains('/') { high } else { number(span)? }),
    };
    if from > to {
        return None;
    }
    Some((from..=to).step_by(step as usize).fold(0, |bits, at| bits | 1 << at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str) -> String {
        let at = after.parse().unwrap();
        Schedule::parse(schedule).unwrap().after(at, &TimeZone::UTC).unwrap().to_string()
    }

    #[test]
    fn schedules_come_round() {
        assert_eq!(next("*/5 * * * *", "2026-11-23T10:02:30Z"), "2026-11-23T10:05:00Z");
        assert_eq!(next("0 3 * * *", "2026-11-23T10:02:30Z"), "2026-11-24T03:00:00Z");
        assert_eq!(next("0 0 1 1 *", "2026-11-23T10:02:30Z"), "2027-01-01T00:00:00Z");
        assert_eq!(next("30 8 * * mon-fri", "2026-11-27T09:00:00Z"), "2026-11-30T08:30:00Z");
        // A day of the month or a day of the week, when both are named.
        assert_eq!(next("0 0 13 * 5", "2026-11-23T00:00:00Z"), "2026-11-27T00:00:00Z");
        assert_eq!(next("@hourly", "2026-11-23T10:00:00Z"), "2026-11-23T11:00:00Z");
        assert_eq!(next("0 0 29 2 *", "2026-11-23T00:00:00Z"), "2028-02-29T00:00:00Z");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in ["", "* * * *", "60 * * * *", "* 24 * * *", "*/0 * * * *", "5-1 * * * *", "x * * * *", "@often"] {
            assert_eq!(Schedule::parse(text), None, "{text}");
        }
        assert!(Schedule::parse("0 0 31 2 *").unwrap().after(Timestamp::UNIX_EPOCH, &TimeZone::UTC).is_none());
    }
}
