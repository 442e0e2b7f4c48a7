//! What a scalar without quotes is: as kubectl reads it (`sigs.k8s.io/yaml` over go-yaml v2: YAML 1.1 with Go's numbers).

use serde_json::{Number, Value};

/// The value of a plain scalar; in the error why JSON, and so Kubernetes, has none for it.
pub fn resolve(text: &str) -> Result<Value, &'static str> {
    Ok(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        ".nan" | ".NaN" | ".NAN" => return Err("it is no number that an object can hold"),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" => {
            return Err("infinity is no number that an object can hold");
        }
        _ => number(text).map_or_else(|| Value::from(text), Value::Number),
    })
}

fn number(text: &str) -> Option<Number> {
    match text.as_bytes().first()? {
        // Straight to Go's ParseFloat, which takes `_` only between digits.
        b'.' => spaced_well(text).then(|| float(&text.replace('_', "")))?,
        b'0'..=b'9' | b'+' | b'-' if is_timestamp(text) => None,
        b'0'..=b'9' | b'+' | b'-' => {
            let plain = text.replace('_', "");
            integer(&plain).or_else(|| float(&plain))
        }
        _ => None,
    }
}

/// Go's `ParseInt(…, 0, 64)`, then `ParseUint`: with `0x`, `0o`, `0b`, or a mere `0` for octal numbers.
fn integer(plain: &str) -> Option<Number> {
    let (negative, digits) = match plain.as_bytes().first()? {
        b'-' => (true, &plain[1..]),
        b'+' => (false, &plain[1..]),
        _ => (false, plain),
    };
    let small = digits.to_ascii_lowercase();
    let (radix, digits) = match small.as_bytes() {
        [b'0', b'x', ..] => (16, &small[2..]),
        [b'0', b'o', ..] => (8, &small[2..]),
        [b'0', b'b', ..] => (2, &small[2..]),
        [b'0', _, ..] => (8, &small[1..]),
        _ => (10, small.as_str()),
    };
    if !digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
        return signed_binary(plain);
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    let number = if negative {
        0_i64.checked_sub_unsigned(size)?
    } else if let Ok(number) = i64::try_from(size) {
        number
    } else {
        // A sign takes what is this large to a float.
        return (!plain.starts_with('+')).then(|| size.into());
    };
    Some(number.into())
}

/// go-yaml's own attempt at binary numbers takes a sign behind the prefix.
fn signed_binary(plain: &str) -> Option<Number> {
    i64::from_str_radix(plain.strip_prefix("0b")?, 2).ok().map(Number::from)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, if it is finite. What has no fraction is an integer to JSON.
fn float(plain: &str) -> Option<Number> {
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let fits = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    if !fits || !exponent.is_none_or(digits) {
        return None;
    }
    let value: f64 = plain.parse().ok()?;
    // Every integer below this is one float and no other.
    let is_whole = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
    if is_whole { Some((value as i64).into()) } else { Number::from_f64(value) }
}

fn spaced_well(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    bytes.iter().enumerate().all(|(at, byte)| *byte != b'_' || is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)))
}

/// Whether go-yaml takes it for a time, which stays a text. None of them could be a number, but for a date's look of one.
fn is_timestamp(text: &str) -> bool {
    let year = text.bytes().take_while(u8::is_ascii_digit).count();
    year == 4 && text.as_bytes().get(4) == Some(&b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What `sigs.k8s.io/yaml` v1.6.0 made of each; `!` where it refused.
    const TABLE: &str = include_str!("scalars.tsv");

    #[test]
    fn scalars_are_what_kubectl_takes_them_for() {
        for line in TABLE.lines() {
            let (text, wanted) = line.split_once('\t').unwrap();
            let found = resolve(text);
            if wanted == "!" {
                assert!(found.is_err(), "{text} is {found:?}");
                continue;
            }
            let wanted: Value = serde_json::from_str(wanted).unwrap();
            let found = found.unwrap();
            // Go writes large floats without an exponent.
            let same = found == wanted || (found.is_number() && found.as_f64() == wanted.as_f64());
            assert!(same, "{text} is {found}, and should be {wanted}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_something(text in "\\PC{0,20}|[-+0-9._eExob]{0,12}") {
            let _ = resolve(&text);
        }
    }
}
