//! Ages as kubectl and k9s write them, but no finer than a minute, so that a screen at rest stays at rest.

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// An age of `seconds`, in at most six columns: `<1m`, `42m`, `3h12m`, `2d4h`, `97d`, `3y40d`. A negative age (clocks
/// differ) reads as `<1m`.
pub fn age(seconds: i64) -> String {
    let two = |big: i64, big_unit: char, small: i64, small_unit: char| {
        if small == 0 { format!("{big}{big_unit}") } else { format!("{big}{big_unit}{small}{small_unit}") }
    };
    match seconds {
        s if s < MINUTE => "<1m".to_owned(),
        s if s < HOUR => format!("{}m", s / MINUTE),
        s if s < 10 * HOUR => two(s / HOUR, 'h', s % HOUR / MINUTE, 'm'),
        s if s < DAY => format!("{}h", s / HOUR),
        s if s < 8 * DAY => two(s / DAY, 'd', s % DAY / HOUR, 'h'),
        s if s < 2 * YEAR => format!("{}d", s / DAY),
        s => two(s / YEAR, 'y', s % YEAR / DAY, 'd'),
    }
}

/// How many seconds pass until [`age`] of a thing that is `seconds` old reads differently. At least 1.
pub fn next_change(seconds: i64) -> i64 {
    let step = match seconds {
        s if s < 10 * HOUR => MINUTE,
        s if s < 8 * DAY => HOUR,
        _ => DAY,
    };
    step - seconds.rem_euclid(step)
}

/// A time span that lies ahead, in words: `in 12 d`, `in 3 h`, `now`, or `2 d ago` when it is over.
pub fn until(seconds: i64) -> String {
    let span = |s: i64| match s {
        s if s < HOUR => format!("{} min", (s / MINUTE).max(1)),
        s if s < 2 * DAY => format!("{} h", s / HOUR),
        s if s < 2 * YEAR => format!("{} d", s / DAY),
        s => format!("{} y", s / YEAR),
    };
    if seconds >= 0 { format!("in {}", span(seconds)) } else { format!("{} ago", span(-seconds)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_read_as_in_kubectl() {
        for (seconds, text) in [
            (-5, "<1m"),
            (59, "<1m"),
            (60, "1m"),
            (3599, "59m"),
            (3 * 3600 + 12 * 60, "3h12m"),
            (3 * 3600, "3h"),
            (11 * 3600 + 12 * 60, "11h"),
            (2 * 86400 + 4 * 3600, "2d4h"),
            (97 * 86400, "97d"),
            (3 * 365 * 86400 + 40 * 86400, "3y40d"),
        ] {
            assert_eq!(age(seconds), text, "{seconds} s");
        }
    }

    #[test]
    fn an_age_stays_the_same_until_it_is_said_to_change() {
        for seconds in (0..20 * DAY).step_by(977) {
            let wait = next_change(seconds);
            assert!(wait >= 1);
            assert_eq!(age(seconds), age(seconds + wait - 1), "{seconds} s changes too late");
        }
    }
}
