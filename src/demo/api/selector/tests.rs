//! Selectors, as apimachinery's `pkg/labels/selector_test.go` and `pkg/fields/selector_test.go` have them.

use serde_json::json;

use super::parse;

fn labels(text: &str) -> Result<String, String> {
    parse::labels(text).map(|all| format!("{all:?}"))
}

#[test]
fn values_that_are_left_out_are_empty() {
    for (text, values) in [
        ("x in ()", json!([""])),
        ("x in (,)", json!([""])),
        ("x in (a,)", json!(["", "a"])),
        ("x in (,a)", json!(["", "a"])),
        ("x in (b,,a)", json!(["", "a", "b"])),
        ("x in (b,a,b)", json!(["a", "b"])),
        ("x in (in,notin)", json!(["in", "notin"])),
        ("x=", json!([""])),
        ("x=in", json!(["in"])),
    ] {
        assert_eq!(
            labels(text),
            Ok(format!("[In(\"x\", {values})]").replace(',', ", ").replace(",  ", ", ")),
            "{text}"
        );
    }
    assert_eq!(labels(" in , !notin,x>1 ").unwrap(), r#"[Exists("in"), Missing("notin"), Greater("x", 1)]"#);
    assert_eq!(labels("").unwrap(), "[]");
}

#[test]
fn what_is_no_selector_is_refused_in_the_words_of_the_server() {
    for (text, what) in [
        ("=", "found '=', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a==!", "unable to parse requirement: found '!', expected: identifier"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("a in (b=c)", "unable to parse requirement: found '=', expected: ',' or ')'"),
        ("a in (,", "unable to parse requirement: found '', expected: ',', or identifier"),
        (
            "a>b",
            "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer",
        ),
    ] {
        assert_eq!(labels(text), Err(what.to_owned()), "{text}");
    }
    assert!(
        labels("é")
            .unwrap_err()
            .starts_with("unable to parse requirement: <nil>: Invalid value: \"é\": name part must")
    );
}

#[test]
fn fields_are_cut_at_the_first_operator_and_unescaped() {
    let read = |text: &str| parse::fields(text).map(|all| json!(all).to_string());
    assert_eq!(read("b!=x,a==y,,c=").unwrap(), r#"[["a","y",true],["b","x",false],["c","",true]]"#);
    assert_eq!(read(r"a=b\,c\=d\\").unwrap(), r#"[["a","b,c=d\\",true]]"#);
    for (text, what) in [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
        (r"a=b\x", r"invalid field selector: invalid escape sequence: \x"),
        ("a=b\\", "invalid field selector: invalid escape sequence: \\"),
    ] {
        assert_eq!(read(text), Err(what.to_owned()), "{text}");
    }
}
