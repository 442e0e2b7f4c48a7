//! Durations for people, as `k8s.io/apimachinery/pkg/util/duration` writes them.

use jiff::SignedDuration;

/// Two or three significant figures of a duration, as `HumanDuration`: `45s`, `3m5s`, `5h10m`, `2d3h`, `1y20d`.
/// What lies more than a second in the future is `<invalid>`.
pub(super) fn human(duration: SignedDuration) -> String {
    // Go's durations end at 2^63 nanoseconds.
    let seconds = duration.as_secs().clamp(-9_223_372_036, 9_223_372_036);
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let (days, years) = (hours / 24, hours / 24 / 365);
    match () {
        () if seconds < -1 => "<invalid>".to_owned(),
        () if seconds < 0 => "0s".to_owned(),
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, "m", seconds % 60, "s"),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 24 * 8 => two(days, "d", hours % 24, "h"),
        () if hours < 24 * 365 * 2 => format!("{days}d"),
        () if hours < 24 * 365 * 8 => two(years, "y", days % 365, "d"),
        () => format!("{years}y"),
    }
}

/// The larger unit, and the smaller one unless it is zero.
fn two(large: i64, unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 { format!("{large}{unit}") } else { format!("{large}{unit}{small}{small_unit}") }
}
