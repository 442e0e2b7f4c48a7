//! What a template has put into a text: values that are filled in once the text has been read, so that none of them can be
//! anything but a value, whatever it holds; and which line of the template each line is of.

use serde_json::Value;

/// What stands for a value: its number between these two, which are no characters of any text (Unicode's private use).
const BEGIN: char = '\u{e000}';
const END: char = '\u{e001}';

/// What the text of a template is filled with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filling {
    /// The values, by number.
    pub values: Vec<Value>,
    /// Of each line of the text the line of the template, from 1; none: lines are what they are.
    pub lines: Vec<usize>,
}

impl Filling {
    /// What stands for the value of this number.
    pub fn mark(number: usize) -> String {
        format!("{BEGIN}{number}{END}")
    }

    /// Whether a text holds what could be taken for the place of a value.
    pub fn is_in(text: &str) -> bool {
        text.contains([BEGIN, END])
    }

    /// The line of the template that a line of the text is of.
    pub fn line(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().or_else(|| self.lines.last().copied()).unwrap_or(line)
    }

    /// The value, if the text is nothing but the place of one.
    pub fn whole(&self, text: &str) -> Option<&Value> {
        let number = text.strip_prefix(BEGIN)?.strip_suffix(END)?;
        self.values.get(number.parse::<usize>().ok()?)
    }

    /// The text with the values in their places; or why one of them can be in no text.
    pub fn text(&self, text: &str) -> Result<String, String> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once(BEGIN) {
            out.push_str(before);
            let (number, after) = after.split_once(END).ok_or("a value has lost its place in the text")?;
            let value = number.parse::<usize>().ok().and_then(|number| self.values.get(number));
            match value.ok_or("a value has lost its place in the text")? {
                Value::Null => {}
                Value::String(value) => out.push_str(value),
                value @ (Value::Bool(_) | Value::Number(_)) => out.push_str(&value.to_string()),
                Value::Array(_) => return Err("a list cannot stand within a text".to_owned()),
                Value::Object(_) => return Err("a map cannot stand within a text".to_owned()),
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::plan::manifest::node;

    fn filled(text: &str, values: Vec<Value>) -> Result<Value, String> {
        let filling = Filling { values, lines: Vec::new() };
        let documents = node::filled(text, &filling).map_err(|wrong| wrong.what)?;
        Ok(documents.first().map(|node| node.value()).unwrap_or_default())
    }

    #[test]
    fn a_value_alone_is_itself_and_within_a_text_it_is_text() {
        let mark = Filling::mark;
        let text = format!(
            "a: {}\nb: {}-web\nc: \"{}\"\n{}: [{}, x{}]\nd: |\n  server {};\n",
            mark(0),
            mark(1),
            mark(0),
            mark(1),
            mark(2),
            mark(0),
            mark(1)
        );
        let values = vec![json!(8080), json!("yes"), json!(["p", "q"])];
        let wanted =
            json!({"a": 8080, "b": "yes-web", "c": "8080", "yes": [["p", "q"], "x8080"], "d": "server yes;\n"});
        assert_eq!(filled(&text, values).unwrap(), wanted);
        let within = format!("a: x{}", mark(0));
        assert_eq!(filled(&within, vec![json!([])]).unwrap_err(), "a list cannot stand within a text");
        let twice = format!("{}: 1\n{}: 2\n", mark(0), mark(0));
        assert_eq!(filled(&twice, vec![json!("k")]).unwrap_err(), "k is set twice: here and on line 1");
    }

    proptest! {
        #[test]
        fn no_value_breaks_out(value in "\\PC{0,40}|[\\n:{}\\[\\]\"',&*!|>%@#-]{0,20}") {
            let mark = Filling::mark(0);
            let text = format!("a: {mark}\nb: [x, {mark}]\nc: \"p {mark} q\"\nd: {{e: {mark}}}\nf: |\n  {mark}\ng: 1\n");
            let got = filled(&text, vec![json!(value.clone())]).unwrap();
            let wanted = json!({
                "a": value.clone(), "b": ["x", value.clone()], "c": format!("p {value} q"), "d": {"e": value.clone()},
                "f": format!("{value}\n"), "g": 1,
            });
            prop_assert_eq!(got, wanted);
        }
    }
}
