//! The runs that a CronJob has missed while it was suspended, and whether one will start as soon as it is not.
//!
//! The controller (kubernetes `pkg/controller/cronjob/utils.go`) looks back to the last run, or to `startingDeadlineSeconds` ago
//! where that is later, and starts the latest run that it finds there.

use cronexpr::parse_crontab;
use jiff::Timestamp;
use serde_json::Value;

/// As many are counted; the controller itself gives up at 100.
const MOST: usize = 100;

/// What has been missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// How many runs, up to 100.
    pub runs: usize,
    /// One of them starts as soon as the CronJob is let go.
    pub starts: bool,
}

impl Missed {
    /// `missed 12 runs; one starts at once`.
    pub fn words(self) -> String {
        let runs = match self.runs {
            1 => "1 run".to_owned(),
            MOST => format!("{MOST} runs or more"),
            runs => format!("{runs} runs"),
        };
        let then = if self.starts { "one starts at once" } else { "none is made up for" };
        format!("missed {runs}; {then}")
    }
}

/// What a CronJob has missed between two times (Unix seconds); `None` if that is nothing, or its schedule cannot be read.
pub fn missed(cron_job: &Value, since: i64, now: i64) -> Option<Missed> {
    let schedule = spelled_out(cron_job.pointer("/spec/schedule")?.as_str()?)?;
    // Without a zone the controller's own holds, which is UTC in most clusters.
    let zone = cron_job.pointer("/spec/timeZone").and_then(Value::as_str).unwrap_or("UTC");
    let schedule = parse_crontab(&format!("{schedule} {zone}")).ok()?;
    let (since, now) = (Timestamp::from_second(since).ok()?, Timestamp::from_second(now).ok()?);
    let runs: Vec<Timestamp> = schedule
        .iter_after(since)
        .ok()?
        .map_while(Result::ok)
        .map(|run| run.timestamp())
        .take_while(|run| *run <= now)
        .take(MOST)
        .collect();
    let last = runs.last()?;
    let deadline = cron_job.pointer("/spec/startingDeadlineSeconds").and_then(Value::as_i64);
    // Of a hundred and more the latest is near enough for any deadline.
    let starts = deadline.is_none_or(|seconds| runs.len() == MOST || now.as_second() - last.as_second() <= seconds);
    Some(Missed { runs: runs.len(), starts })
}

/// `@hourly` and the like in five fields; `None` for what has none (`@every 1h`).
fn spelled_out(schedule: &str) -> Option<&str> {
    Some(match schedule.trim() {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        other if other.starts_with('@') || other.contains("TZ=") => return None,
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// 2026-11-30 07:30 UTC
    const NOW: i64 = 1_796_023_800;
    const HOUR: i64 = 3600;

    fn of(spec: &Value) -> Option<Missed> {
        missed(&json!({ "spec": spec }), NOW - 12 * HOUR, NOW)
    }

    #[test]
    fn missed_runs_are_counted() {
        assert_eq!(of(&json!({"schedule": "0 * * * *"})), Some(Missed { runs: 12, starts: true }));
        assert_eq!(of(&json!({"schedule": "@hourly"})), Some(Missed { runs: 12, starts: true }));
        assert_eq!(
            of(&json!({"schedule": "0 3 * * *", "timeZone": "Europe/Berlin"})),
            Some(Missed { runs: 1, starts: true })
        );
        assert_eq!(of(&json!({"schedule": "0 12 1 1 *"})), None);
        assert_eq!(of(&json!({"schedule": "* * * * *"})), Some(Missed { runs: 100, starts: true }));
        assert_eq!(of(&json!({"schedule": "every day"})), None);
    }

    #[test]
    fn a_deadline_keeps_old_runs_from_starting() {
        let late = json!({"schedule": "0 3 * * *", "startingDeadlineSeconds": 60});
        assert_eq!(of(&late), Some(Missed { runs: 1, starts: false }));
        let near = json!({"schedule": "0 * * * *", "startingDeadlineSeconds": 3600});
        assert_eq!(of(&near), Some(Missed { runs: 12, starts: true }));
        assert_eq!(Missed { runs: 1, starts: false }.words(), "missed 1 run; none is made up for");
    }
}
