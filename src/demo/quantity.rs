//! Quantities such as `100m`, `1Gi`, `2e3`: arithmetic and canonical form, as apimachinery's `api/resource`.

use std::fmt;

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

const BINARY: [(&str, u32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
const DECIMAL: [(&str, i32); 9] =
    [("n", -9), ("u", -6), ("m", -3), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

impl Quantity {
    /// Nothing, written in powers of 1000.
    pub const ZERO: Self = Self { nanos: 0, form: Form::Decimal };

    /// A whole number.
    pub fn of(count: i64) -> Self {
        Self { nanos: i128::from(count) * UNIT, form: Form::Decimal }
    }

    /// Reads a quantity; nothing if it is none. What is finer than a billionth is rounded up, as upstream does.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|letter: char| !matches!(letter, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
        let (number, suffix) = text.split_at(digits);
        let (factor_ten, factor_two, form) = match suffix {
            "" => (0, 0, Form::Decimal),
            _ if suffix.starts_with(['e', 'E']) && suffix.len() > 1 => {
                (suffix[1..].parse::<i32>().ok()?, 0, Form::Exponent)
            }
            _ => match BINARY.iter().find(|(name, _)| *name == suffix) {
                Some((_, power)) => (0, *power, Form::Binary),
                None => (DECIMAL.iter().find(|(name, _)| *name == suffix)?.1, 0, Form::Decimal),
            },
        };
        let (negative, number) = match number.as_bytes().first()? {
            b'-' => (true, &number[1..]),
            b'+' => (false, &number[1..]),
            _ => (false, number),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty())
            || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
        {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        if digits.len() > 30 {
            return None;
        }
        let mut value: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        value = value.checked_mul(1_i128.checked_shl(factor_two)?)?;
        let exponent = 9_i32.checked_add(factor_ten)?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        let scale = 10_i128.checked_pow(exponent.unsigned_abs())?;
        let nanos =
            if exponent >= 0 { value.checked_mul(scale)? } else { value / scale + i128::from(value % scale != 0) };
        Some(Self { nanos: if negative { -nanos } else { nanos }, form })
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Whether it is below nothing.
    pub fn is_negative(self) -> bool {
        self.nanos < 0
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

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.nanos.cmp(&other.nanos))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        let is_whole = self.nanos % UNIT == 0;
        if self.form == Form::Binary && is_whole && (self.nanos / UNIT).abs() >= 1024 {
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
            Form::Exponent if exponent != 0 => write!(f, "{value}e{exponent}"),
            _ => {
                let name = DECIMAL.iter().find(|(_, power)| *power == exponent).map_or("", |(name, _)| name);
                write!(f, "{value}{name}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(text: &str) -> String {
        Quantity::parse(text).map_or_else(|| "none".to_owned(), |quantity| quantity.to_string())
    }

    #[test]
    fn canonical_forms_are_upstreams() {
        for (text, canonical) in [
            ("0", "0"),
            ("100m", "100m"),
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1Gi", "1Gi"),
            ("1024Mi", "1Gi"),
            ("1025Mi", "1025Mi"),
            ("0.5Gi", "512Mi"),
            ("1000", "1k"),
            ("1500", "1500"),
            ("2e3", "2e3"),
            ("-5", "-5"),
            (".5", "500m"),
            ("512Ki", "512Ki"),
        ] {
            assert_eq!(again(text), canonical, "{text}");
        }
        for text in ["", "x", "1GiB", "1 Gi", "--1", ".", "1e", "9999999999999999999999999999999999"] {
            assert_eq!(again(text), "none", "{text}");
        }
    }

    #[test]
    fn sums_keep_the_form_of_what_is_there() {
        let sum = |left: &str, right: &str| {
            Quantity::parse(left)
                .unwrap_or(Quantity::ZERO)
                .plus(Quantity::parse(right).unwrap_or(Quantity::ZERO))
                .to_string()
        };
        assert_eq!(sum("0", "64Mi"), "64Mi");
        assert_eq!(sum("1Gi", "512Mi"), "1536Mi");
        assert_eq!(sum("100m", "900m"), "1");
    }
}
