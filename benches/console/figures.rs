//! Figures, and whether they are what they should be.

use std::fmt;
use std::time::Duration;

/// The same thing, measured several times.
#[derive(Debug, Clone, Copy)]
pub struct Series {
    pub median: f64,
    least: f64,
    most: f64,
}

impl Series {
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        let last = values.len().saturating_sub(1);
        Self { median: f64::midpoint(at(last / 2), at(last.div_ceil(2))), least: at(0), most: at(last) }
    }

    pub fn line(&self, what: &str, unit: &str) -> String {
        let range = format!("{:.1} - {:.1} {unit}", self.least, self.most);
        format!("{what:<52} {:>9.1} {range:>21}", self.median)
    }
}

/// Whether a bound holds.
#[derive(Debug, Clone)]
pub struct Verdict {
    what: String,
    found: String,
    bound: String,
    pub held: bool,
}

impl Verdict {
    pub fn new(what: &str, found: String, bound: String, held: bool) -> Self {
        Self { what: what.to_owned(), found, bound, held }
    }

    pub fn time(what: &str, found: f64, bound: Duration) -> Self {
        Self::new(what, format!("{found:.1} ms"), format!("{:.0} ms", millis(bound)), found <= millis(bound))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, found, bound, held } = self;
        write!(f, "{} {what:<28} {found:<36} at most {bound}", if *held { "ok    " } else { "missed" })
    }
}

pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
