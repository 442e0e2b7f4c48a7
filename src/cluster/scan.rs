//! Cuts objects out of an HTTP body while it arrives, so that no body is ever held whole and the first rows show at once.
//!
//! A list is `{"kind":"…List","metadata":{"resourceVersion":"…"},"items":[{…},{…}]}`; custom resources put `items` before
//! `metadata`; a table has `rows`. [`ListCutter`] hands out each item's bytes and keeps what stands around them; [`LineCutter`] does the same for
//! the lines of a watch. Neither parses: they track strings and depth, and leave the JSON to `serde_json`.

use memchr::{memchr, memchr2};
use serde::Deserialize;

/// An object or a line longer than this is refused: etcd stores at most 1.5 MiB, so it is not from a Kubernetes API.
const LONGEST: usize = 32 << 20;

/// What was wrong with a body, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    /// The body ended inside a list.
    #[error("the list broke off before its end")]
    BrokenOff,
    /// One object is larger than any Kubernetes object can be.
    #[error("one object of the answer is longer than 32 MiB")]
    TooLong,
    /// The body is not a list.
    #[error("the answer is not a Kubernetes list: {0}")]
    NotAList(String),
}

/// What stands around the items of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEnd {
    /// The version from which a watch goes on.
    pub resource_version: String,
    /// The token of the next page, if this was not the last one.
    pub next: Option<String>,
}

/// Cuts the items out of the body of a list.
#[derive(Debug, Default)]
pub struct ListCutter {
    /// Everything outside the items: at the end a small JSON document of its own.
    around: Vec<u8>,
    /// The beginning of an item whose end has not arrived yet.
    begun: Vec<u8>,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Inside the top-level array that is called `items`, or `rows`.
    in_items: bool,
}

/// What the array of the objects is called: in lists, and in tables.
const KEYS: [&[u8]; 2] = [b"\"items\"", b"\"rows\""];

impl ListCutter {
    /// Takes the next piece of the body and calls `item` with the bytes of each item that is complete now.
    pub fn push(&mut self, chunk: &[u8], mut item: impl FnMut(&[u8])) -> Result<(), CutError> {
        // Where, in this chunk, the item (or the text around the items) begins that is not put away yet.
        let mut from = 0;
        let mut at = 0;
        while at < chunk.len() {
            if self.in_string {
                at = self.skip_string(chunk, at);
                continue;
            }
            let byte = chunk[at];
            at += 1;
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.in_items && self.depth == 3 {
                        from = at - 1;
                    } else if byte == b'[' && self.depth == 2 && !self.in_items {
                        self.around.extend_from_slice(&chunk[from..at]);
                        from = at;
                        self.in_items = ends_with_items_key(&self.around);
                    }
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.in_items && self.depth == 2 {
                        if self.begun.is_empty() {
                            item(&chunk[from..at]);
                        } else {
                            self.begun.extend_from_slice(&chunk[from..at]);
                            item(&self.begun);
                            self.begun.clear();
                        }
                        from = at;
                    } else if self.in_items && self.depth == 1 {
                        self.in_items = false;
                        from = at - 1;
                    }
                }
                _ => {}
            }
        }
        let rest = &chunk[from..];
        if !self.in_items {
            self.around.extend_from_slice(rest);
        } else if self.depth >= 3 {
            self.begun.extend_from_slice(rest);
        }
        if self.begun.len().max(self.around.len()) > LONGEST { Err(CutError::TooLong) } else { Ok(()) }
    }

    /// Skips over the inside of a string from `at`; returns where to go on.
    fn skip_string(&mut self, chunk: &[u8], at: usize) -> usize {
        if self.escaped {
            self.escaped = false;
            return at + 1;
        }
        match memchr2(b'"', b'\\', &chunk[at..]) {
            None => chunk.len(),
            Some(found) => {
                if chunk[at + found] == b'"' {
                    self.in_string = false;
                } else {
                    self.escaped = true;
                }
                at + found + 1
            }
        }
    }

    /// What stands around the items, as far as it has come.
    pub fn around(&self) -> &[u8] {
        &self.around
    }

    /// The body has ended: what stood around the items.
    pub fn finish(self) -> Result<ListEnd, CutError> {
        #[derive(Deserialize)]
        struct Around {
            metadata: Metadata,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Metadata {
            #[serde(default)]
            resource_version: String,
            #[serde(default, rename = "continue")]
            next: String,
        }
        if self.depth != 0 || self.in_string {
            return Err(CutError::BrokenOff);
        }
        let around: Around = serde_json::from_slice(&self.around).map_err(|e| CutError::NotAList(e.to_string()))?;
        if !KEYS.iter().any(|key| memchr::memmem::find(&self.around, key).is_some()) {
            return Err(CutError::NotAList("it has no items".to_owned()));
        }
        let next = Some(around.metadata.next).filter(|token| !token.is_empty());
        Ok(ListEnd { resource_version: around.metadata.resource_version, next })
    }
}

/// Whether what has been read so far ends in the key of the objects and its opening bracket.
fn ends_with_items_key(around: &[u8]) -> bool {
    let text = around.strip_suffix(b"[").unwrap_or(around).trim_ascii_end();
    let key = text.strip_suffix(b":").map(<[u8]>::trim_ascii_end);
    key.is_some_and(|text| KEYS.iter().any(|key| text.ends_with(key)))
}

/// Cuts the lines out of the body of a watch.
#[derive(Debug, Default)]
pub struct LineCutter {
    begun: Vec<u8>,
}

impl LineCutter {
    /// Takes the next piece of the body and calls `line` with each complete line, without its newline; empty ones are skipped.
    pub fn push(&mut self, mut chunk: &[u8], mut line: impl FnMut(&[u8])) -> Result<(), CutError> {
        while let Some(end) = memchr(b'\n', chunk) {
            let (head, rest) = chunk.split_at(end);
            if self.begun.is_empty() {
                if !head.trim_ascii().is_empty() {
                    line(head);
                }
            } else {
                self.begun.extend_from_slice(head);
                line(&self.begun);
                self.begun.clear();
            }
            chunk = &rest[1..];
        }
        self.begun.extend_from_slice(chunk);
        if self.begun.len() > LONGEST { Err(CutError::TooLong) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn cut(body: &[u8], piece: usize) -> (Vec<Value>, Result<ListEnd, CutError>) {
        let mut cutter = ListCutter::default();
        let mut items = Vec::new();
        for chunk in body.chunks(piece.max(1)) {
            cutter.push(chunk, |item| items.push(serde_json::from_slice(item).unwrap())).unwrap();
        }
        (items, cutter.finish())
    }

    #[test]
    fn metadata_may_stand_before_or_after_the_items() {
        for body in [
            r#"{"kind":"NamespaceList","metadata":{"resourceVersion":"7"},"items":[{"a":"}]\"["},{"b":[1,{"c":"\\"}]}]}"#,
            r#"{"apiVersion":"v1", "items" : [ {"a":"}]\"["} , {"b":[1,{"c":"\\"}]} ] ,"metadata":{"resourceVersion":"7"}}"#,
        ] {
            for piece in 1..body.len() {
                let (items, end) = cut(body.as_bytes(), piece);
                assert_eq!(items, [json!({"a":"}]\"["}), json!({"b":[1,{"c":"\\"}]})], "pieces of {piece}");
                assert_eq!(end.unwrap(), ListEnd { resource_version: "7".into(), next: None });
            }
        }
    }

    #[test]
    fn an_array_of_another_name_is_no_list_of_items() {
        let body = br#"{"metadata":{"resourceVersion":"7","continue":"t"},"columns":[{"x":1}],"items":[{"y":2}]}"#;
        let (items, end) = cut(body, 5);
        assert_eq!(items, [json!({"y":2})]);
        assert_eq!(end.unwrap().next.as_deref(), Some("t"));
    }

    #[test]
    fn an_empty_list_and_null_items_are_lists() {
        for body in [
            r#"{"metadata":{"resourceVersion":"7"},"items":[]}"#,
            r#"{"metadata":{"resourceVersion":"7"},"items":null}"#,
        ] {
            let (items, end) = cut(body.as_bytes(), 9);
            assert!(items.is_empty());
            assert_eq!(end.unwrap().resource_version, "7");
        }
    }

    #[test]
    fn what_is_not_a_whole_list_says_so() {
        assert_eq!(cut(br#"{"metadata":{},"items":[{"a":1"#, 4).1, Err(CutError::BrokenOff));
        assert!(matches!(cut(b"<html></html>", 4).1, Err(CutError::NotAList(_))));
        assert!(matches!(cut(br#"{"metadata":{},"kind":"Pod"}"#, 4).1, Err(CutError::NotAList(_))));
    }

    #[test]
    fn lines_are_cut_wherever_the_pieces_break() {
        let body = b"{\"a\":1}\n\n{\"b\":2}\n{\"c\"";
        for piece in 1..body.len() {
            let mut cutter = LineCutter::default();
            let mut lines = Vec::new();
            for chunk in body.chunks(piece) {
                cutter.push(chunk, |line| lines.push(line.to_vec())).unwrap();
            }
            assert_eq!(lines, [b"{\"a\":1}".to_vec(), b"{\"b\":2}".to_vec()], "pieces of {piece}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[\\PC\"\\\\{}\\[\\],:\n]{0,12}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z\"{]{0,5}", inner, 0..4).prop_map(|m| json!(m))
            ]
        })
    }

    proptest! {
        #[test]
        fn every_list_comes_apart_into_its_items(
            values in proptest::collection::vec(value(), 0..6),
            piece in 1_usize..64,
        ) {
            let items: Vec<Value> = values.into_iter().map(|v| json!({ "v": v })).collect();
            let body = json!({"metadata": {"resourceVersion": "1"}, "items": items}).to_string();
            let (found, end) = cut(body.as_bytes(), piece);
            prop_assert_eq!(found, items);
            prop_assert!(end.is_ok());
        }

        #[test]
        fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200), piece in 1_usize..64) {
            let mut cutter = ListCutter::default();
            for chunk in body.chunks(piece) {
                let _ = cutter.push(chunk, |_| {});
            }
            let _ = cutter.finish();
        }
    }
}
