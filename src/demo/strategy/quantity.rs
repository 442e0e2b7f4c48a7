//! Quantities such as `1500m` and `1Gi`: reading, comparing, and the one form in which Go writes each
//! (apimachinery's `pkg/api/resource`).

use std::cmp::Ordering;

/// An amount, in thousand-millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

/// How an amount was written, and will be again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// `k`, `M`, `m`.
    Decimal,
    /// `Ki`, `Mi`.
    Binary,
    /// `e3`.
    Exponent,
}

const NANO: i128 = 1_000_000_000;
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.nanos.cmp(&other.nanos))
    }
}

impl Quantity {
    /// Reads one; nothing if it is none, or larger than what fits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (sign, rest) = match text.as_bytes().first()? {
            b'-' => (-1, text.get(1..)?),
            b'+' => (1, text.get(1..)?),
            _ => (1, text),
        };
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && part.is_empty()) || part.contains('.') {
            return None;
        }
        let (factor, exponent, format) = scale(suffix)?;
        let digits = format!("{whole}{part}");
        let digits = digits.trim_start_matches('0');
        let value = if digits.is_empty() { 0 } else { digits.parse::<i128>().ok()? };
        let value = value.checked_mul(factor)?;
        let shift = 9 + exponent - i32::try_from(part.len()).ok()?;
        let nanos = shift_up(value, shift)?;
        Some(Self { nanos: sign * nanos, format })
    }

    /// Rounded away from zero to thousandths, as `SetDefaults_ResourceList` does with what containers and quotas ask for.
    #[must_use]
    pub fn milli(mut self) -> Self {
        const STEP: i128 = NANO / 1000;
        let rest = self.nanos % STEP;
        if rest != 0 {
            self.nanos += if rest > 0 { STEP - rest } else { -STEP - rest };
        }
        self
    }

    /// Less than zero.
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// Nothing at all.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Without a part smaller than one.
    pub fn is_whole(self) -> bool {
        self.nanos % NANO == 0
    }
}

/// What a suffix multiplies with: a factor and a power of ten.
fn scale(suffix: &str) -> Option<(i128, i32, Format)> {
    if let Some((_, exponent)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Some((1, *exponent, Format::Decimal));
    }
    if let Some(at) = BINARY.iter().position(|name| *name == suffix) {
        return Some((1 << (10 * (at + 1)), 0, Format::Binary));
    }
    let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    (-30..=30).contains(&exponent).then_some((1, exponent, Format::Exponent))
}

/// Times ten to a power, rounded up where digits are lost.
fn shift_up(value: i128, power: i32) -> Option<i128> {
    let factor = 10_i128.checked_pow(power.unsigned_abs());
    if power >= 0 {
        return if value == 0 { Some(0) } else { value.checked_mul(factor?) };
    }
    match factor {
        Some(factor) => Some(value / factor + i128::from(value % factor != 0)),
        None => Some(i128::from(value != 0)),
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        let is_small = self.nanos.abs() < 1024 * NANO;
        if self.format == Format::Binary && !is_small && self.is_whole() {
            let (mut value, mut times) = (self.nanos / NANO, 0);
            while value % 1024 == 0 && times < BINARY.len() {
                value /= 1024;
                times += 1;
            }
            let suffix = times.checked_sub(1).and_then(|at| BINARY.get(at)).unwrap_or(&"");
            return write!(f, "{value}{suffix}");
        }
        let (mut value, mut exponent) = (self.nanos, -9);
        while value % 1000 == 0 && exponent < 18 {
            value /= 1000;
            exponent += 3;
        }
        match self.format {
            Format::Exponent if exponent == 0 => write!(f, "{value}"),
            Format::Exponent => write!(f, "{value}e{exponent}"),
            _ => {
                let suffix = DECIMAL.iter().find(|(_, power)| *power == exponent).map_or("", |(name, _)| name);
                write!(f, "{value}{suffix}")
            }
        }
    }
}

/// The one form in which Go writes an amount; what is none stays as it is.
pub fn canonical(text: &str) -> String {
    Quantity::parse(text).map_or_else(|| text.to_owned(), |amount| amount.to_string())
}
