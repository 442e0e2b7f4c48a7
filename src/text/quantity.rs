//! Quantities as Kubernetes writes them (`resource.Quantity`: `20Gi`, `1500m`, `1e3`), as far as sizes are told in them.

/// The whole bytes of a size; `None` if it is no quantity, or a negative one.
pub fn bytes(text: &str) -> Option<u128> {
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    const DECIMAL: [&str; 6] = ["k", "M", "G", "T", "P", "E"];
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.len() > 18 {
        return None;
    }
    let power = |names: &[&str], base: u128| {
        let at = names.iter().position(|name| *name == suffix)?;
        base.checked_pow(u32::try_from(at + 1).ok()?)
    };
    let (times, over) = match suffix {
        "" => (1, 1),
        "m" => (1, 1000),
        _ => {
            let exponent = || 10_u128.checked_pow(suffix.strip_prefix(['e', 'E'])?.parse().ok()?);
            (power(&BINARY, 1024).or_else(|| power(&DECIMAL, 1000)).or_else(exponent)?, 1)
        }
    };
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?.checked_mul(over)?;
    Some(digits.checked_mul(times)?.div_ceil(scale))
}

/// A number of bytes in few characters: `20 GiB`, `1.5 TiB`.
pub fn words(bytes: u128) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut unit = 0;
    let mut size = bytes as f64;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    let text = format!("{size:.1}");
    format!("{} {}", text.strip_suffix(".0").unwrap_or(&text), UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_are_read_and_told() {
        for (text, size) in [
            ("20Gi", Some(20 << 30)),
            ("1.5Ti", Some(3 << 39)),
            ("500M", Some(500_000_000)),
            ("1e3", Some(1000)),
            ("1500m", Some(2)),
            ("12", Some(12)),
            ("", None),
            ("Gi", None),
            ("-1", None),
            ("ten", None),
        ] {
            assert_eq!(bytes(text), size, "{text}");
        }
        assert_eq!(words(20 << 30), "20 GiB");
        assert_eq!(words(3 << 39), "1.5 TiB");
        assert_eq!(words(0), "0 B");
    }

    proptest! {
        #[test]
        fn reading_is_total(text in ".*") {
            let _ = bytes(&text).map(words);
        }
    }
}
