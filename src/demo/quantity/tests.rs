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
        ("0.5Ki", "512"),
        ("1000", "1k"),
        ("1500", "1500"),
        ("2e3", "2e3"),
        ("-5", "-5"),
        (".5", "500m"),
        ("512Ki", "512Ki"),
        ("1E", "1E"),
        ("1e-3", "1e-3"),
        ("0.0000000001", "1n"),
        ("1000000000000000000000000000000000000000", "9223372036854775807"),
        ("1e99", "9223372036854775807"),
        ("0.00000000000000000000000000000000000000001", "1n"),
    ] {
        assert_eq!(again(text), canonical, "{text}");
    }
    for text in ["", "x", "1GiB", "1 Gi", " 1", "--1", ".", "1e", "1.2.3", "+"] {
        assert_eq!(again(text), "none", "{text}");
    }
}

#[test]
fn sums_keep_the_form_of_what_is_there() {
    let sum =
        |left: &str, right: &str| Quantity::parse(left).unwrap().plus(Quantity::parse(right).unwrap()).to_string();
    assert_eq!(sum("0", "64Mi"), "64Mi");
    assert_eq!(sum("1Gi", "512Mi"), "1536Mi");
    assert_eq!(sum("100m", "900m"), "1");
}

#[test]
fn values_are_rounded_up() {
    let value = |text: &str| Quantity::parse(text).unwrap().value();
    assert_eq!((value("1500m"), value("1"), value("-1500m")), (2, 1, -1));
    assert_eq!(Quantity::parse("1500u").unwrap().milli().to_string(), "2m");
}
