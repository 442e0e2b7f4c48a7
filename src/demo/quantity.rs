//! Quantities such as `100m`, `1Gi`, `2e3`: reading, arithmetic, and the one form in which Go writes each, as apimachinery's
//! `pkg/api/resource`.

use std::cmp::Ordering;
use std::fmt;

#[cfg(test)]
mod tests;

/// An amount in billionths, and the way it likes to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    nanos: i128,
    form: Form,
}

/// How a quantity is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With powers of 1000: `m`, `k`, `M`.
    Decimal,
    /// With powers of 1024: `Ki`, `Mi`.
    Binary,
    /// With an exponent: `1e3`.
    Exponent,
}

/// One unit in billionths.
const UNIT: i128 = 1_000_000_000;

/// The most there is; what is larger is read as this (`maxAllowed`).
const MOST: i128 = i64::MAX as i128 * UNIT;

const BINARY: [(&str, u32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

impl Quantity {
    /// Nothing, written in powers of 1000.
    pub const ZERO: Self = Self { nanos: 0, form: Form::Decimal };

    /// A whole number.
    pub fn of(count: i64) -> Self {
        Self { nanos: i128::from(count) * UNIT, form: Form::Decimal }
    }

    /// Reads a quantity; nothing if it is none. What is finer than a billionth is rounded up, what is larger than a Go `int64`
    /// is cut down to it, as upstream does.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && part.is_empty()) || part.contains('.') {
            return None;
        }
        let (factor, exponent, form) = scale(suffix)?;
        let digits = format!("{whole}{part}");
        let power = 9_i64.saturating_add(exponent).saturating_sub(i64::try_from(part.len()).unwrap_or(i64::MAX));
        let nanos = magnitude(digits.trim_start_matches('0'), factor, power).min(MOST);
        // A part of a byte is no power of 1024.
        let form = if form == Form::Binary && nanos > 0 && nanos < UNIT { Form::Decimal } else { form };
        Some(Self { nanos: if is_negative { -nanos } else { nanos }, form })
    }

    /// Rounded away from zero to thousandths, as `SetDefaults_ResourceList` does with what containers and quotas ask for.
    #[must_use]
    pub fn milli(mut self) -> Self {
        const STEP: i128 = UNIT / 1000;
        let rest = self.nanos % STEP;
        if rest != 0 {
            self.nanos += if rest > 0 { STEP - rest } else { -STEP - rest };
        }
        self
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Whether it is below nothing.
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// Without a part smaller than one.
    pub fn is_whole(self) -> bool {
        self.nanos % UNIT == 0
    }

    /// The sum, written as the first is, unless that is nothing.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let form = if self.is_zero() { other.form } else { self.form };
        Self { nanos: self.nanos.saturating_add(other.nanos), form }
    }

    /// The difference.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.plus(Self { nanos: -other.nanos, ..other })
    }

    /// The whole units, rounded up.
    pub fn value(self) -> i64 {
        let up = self.nanos.div_euclid(UNIT) + i128::from(self.nanos.rem_euclid(UNIT) != 0);
        i64::try_from(up).unwrap_or(i64::MAX)
    }
}

/// What a suffix multiplies with: a power of two as a factor, and a power of ten.
fn scale(suffix: &str) -> Option<(i128, i64, Form)> {
    if let Some((_, exponent)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Some((1, i64::from(*exponent), Form::Decimal));
    }
    if let Some((_, power)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return Some((1 << power, 0, Form::Binary));
    }
    let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    Some((1, i64::from(exponent), Form::Exponent))
}

/// Digits times a factor times a power of ten, rounded up; the most there is if it does not fit.
fn magnitude(digits: &str, factor: i128, power: i64) -> i128 {
    if digits.is_empty() {
        return 0;
    }
    // Digits that cannot matter are not read: they only say that there is something.
    let cut = digits.len().saturating_sub(30);
    let (head, tail) = digits.split_at(digits.len() - cut);
    let has_more = tail.bytes().any(|digit| digit != b'0');
    let power = power.saturating_add(i64::try_from(cut).unwrap_or(i64::MAX));
    let Some(value) = head.parse::<i128>().ok().and_then(|value| value.checked_mul(factor)) else { return MOST };
    let ten = u32::try_from(power.unsigned_abs()).ok().and_then(|power| 10_i128.checked_pow(power));
    match (power >= 0, ten) {
        (true, Some(ten)) => value.checked_mul(ten).unwrap_or(MOST),
        (true, None) => MOST,
        (false, Some(ten)) => value / ten + i128::from(value % ten != 0 || has_more),
        (false, None) => 1,
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.nanos.cmp(&other.nanos))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        if self.form == Form::Binary && self.is_whole() && (self.nanos / UNIT).abs() >= 1024 {
            let value = self.nanos / UNIT;
            let power = BINARY.iter().rev().find(|(_, power)| value % (1_i128 << power) == 0);
            return match power {
                Some((name, power)) => write!(f, "{}{name}", value >> power),
                None => write!(f, "{value}"),
            };
        }
        let mut value = self.nanos;
        let mut exponent = -9;
        while value % 1000 == 0 && exponent < 18 {
            value /= 1000;
            exponent += 3;
        }
        match self.form {
            Form::Exponent if exponent == 0 => write!(f, "{value}"),
            Form::Exponent => write!(f, "{value}e{exponent}"),
            _ => {
                let name = DECIMAL.iter().find(|(_, power)| *power == exponent).map_or("", |(name, _)| name);
                write!(f, "{value}{name}")
            }
        }
    }
}

/// The one form in which Go writes an amount; what is none stays as it is.
pub fn canonical(text: &str) -> String {
    Quantity::parse(text).map_or_else(|| text.to_owned(), |amount| amount.to_string())
}
