//! The syntax of schedules, as robfig's `cron/v3` reads it.

const BOUNDS: [(i64, i64); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The sentence about a schedule that cannot be read.
pub(super) fn fault(schedule: &str) -> Option<String> {
    if let Some(word) = schedule.strip_prefix('@') {
        let known = ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
        let is_known = known.contains(&word) || word.starts_with("every ");
        return (!is_known).then(|| format!("unrecognized descriptor: {schedule}"));
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() != 5 {
        return Some(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
    }
    fields.iter().zip(BOUNDS).enumerate().find_map(|(at, (field, bounds))| {
        field.split(',').filter(|part| !part.is_empty()).find_map(|part| part_fault(part, bounds, at))
    })
}

fn part_fault(part: &str, (least, most): (i64, i64), at: usize) -> Option<String> {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let (low, high) = if matches!(range, "*" | "?") {
        (least, most)
    } else {
        let (low, high) = range.split_once('-').map_or((range, None), |(low, high)| (low, Some(high)));
        let low = match number(low, at) {
            Ok(low) => low,
            Err(says) => return Some(says),
        };
        let high = match high.map(|high| number(high, at)) {
            None => {
                if step.is_some() {
                    most
                } else {
                    low
                }
            }
            Some(Ok(high)) => high,
            Some(Err(says)) => return Some(says),
        };
        (low, high)
    };
    if let Some(step) = step {
        match number(step, 0) {
            Ok(0) => return Some(format!("step of range should be a positive number: {part}")),
            Ok(_) => {}
            Err(says) => return Some(says),
        }
    }
    if low < least {
        return Some(format!("beginning of range ({low}) below minimum ({least}): {part}"));
    }
    if high > most {
        return Some(format!("end of range ({high}) above maximum ({most}): {part}"));
    }
    (low > high).then(|| format!("beginning of range ({low}) beyond end of range ({high}): {part}"))
}

fn number(text: &str, at: usize) -> Result<i64, String> {
    let word = text.to_lowercase();
    let named = match at {
        3 => MONTHS.iter().position(|name| *name == word).map(|month| month + 1),
        4 => DAYS.iter().position(|name| *name == word),
        _ => None,
    };
    if let Some(number) = named {
        return Ok(number as i64);
    }
    match text.parse::<i64>() {
        Ok(number) if number < 0 => Err(format!("negative number ({number}) not allowed: {text}")),
        Ok(number) => Ok(number),
        Err(_) => Err(format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax")),
    }
}
