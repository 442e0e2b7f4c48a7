//! Merging lists, and bringing them into the order that a patch asks for.

use std::mem::{Discriminant, discriminant};

use serde_json::Value;

use super::meta::Meta;
use super::{DIRECTIVE, Failure, Fields, SET_ORDER, broken, format, without_directives};
use crate::demo::go;

/// `$setElementOrder/x`: merges the list and orders it. The directive and its list leave the patch.
pub fn set_order(original: &mut Fields, patch: &mut Fields, meta: &Meta<'_>) -> Result<(), Failure> {
    let directives: Vec<String> = patch.keys().filter(|key| key.starts_with(SET_ORDER)).cloned().collect();
    for directive in directives {
        let order = items(patch.remove(&directive))?.unwrap_or_default();
        let Some((SET_ORDER, key)) = directive.split_once('/') else { return format("setElementOrder") };
        let here = items(original.get(key).cloned())?;
        let there = items(patch.get(key).cloned())?;
        let of_list = meta.of_list(key)?;
        check_order(there.as_deref().unwrap_or_default(), &order, &of_list.key)?;
        let merged = match (&here, &there) {
            (None, None) => continue,
            (Some(here), None) => here.clone(),
            (None, Some(there)) => match without_directives(Value::Array(there.clone())) {
                Some(Value::Array(kept)) => kept,
                _ => continue,
            },
            (Some(here), Some(there)) if of_list.merges => merge(here.clone(), there.clone(), &of_list, false)?,
            (Some(_), Some(there)) => there.clone(),
        };
        let here = here.unwrap_or_default();
        let sort = sort_of(&[&here, there.as_deref().unwrap_or_default()])?;
        let (patched, server) = partition(merged, &order, &of_list.key)?;
        let both = interleave(patched, server, &order, &here, &of_list.key, sort)?;
        original.insert(key.to_owned(), Value::Array(both));
        patch.remove(key);
    }
    Ok(())
}

fn items(value: Option<Value>) -> Result<Option<Vec<Value>>, Failure> {
    match value {
        None => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(other) => broken(format!("expected a []interface {{}}, but received a {}", typed(&other))),
    }
}

/// The type of a value as `%s` prints what `reflect.TypeOf` says, which has nothing to say of nil.
fn typed(value: &Value) -> &'static str {
    if value.is_null() { "%!s(<nil>)" } else { go::type_name(value) }
}

/// What sort of items the lists have: all must be of one.
fn sort_of(lists: &[&[Value]]) -> Result<Sort, Failure> {
    let mut all = lists.iter().flat_map(|list| list.iter());
    let Some(first) = all.next() else { return broken("no elements in any of the given slices") };
    match first {
        Value::Null => return Err(Failure::Panic),
        Value::Array(_) => return Err(Failure::Unprocessable),
        _ => {}
    }
    let sort = |value: &Value| -> (Discriminant<Value>, bool) { (discriminant(value), value.is_f64()) };
    if all.any(|item| sort(item) != sort(first)) {
        let lists = Value::Array(lists.iter().map(|list| Value::Array(list.to_vec())).collect());
        return broken(format!("list element types are not identical: {}", go::plain(&lists)));
    }
    Ok(if first.is_object() { Sort::Maps } else { Sort::Scalars })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Maps,
    Scalars,
}

/// Merges a patch's list into a list (`mergeSlice`).
pub fn merge(
    original: Vec<Value>,
    patch: Vec<Value>,
    meta: &Meta<'_>,
    delete_from: bool,
) -> Result<Vec<Value>, Failure> {
    if original.is_empty() && patch.is_empty() {
        return Ok(original);
    }
    let sort = sort_of(&[&original, &patch])?;
    let (merged, original, patch) = match sort {
        Sort::Scalars if delete_from => {
            return Ok(original.into_iter().filter(|item| !patch.contains(item)).collect());
        }
        Sort::Scalars => {
            let both = original.iter().chain(&patch).cloned().collect();
            (deduplicated(both), original, patch)
        }
        Sort::Maps if meta.key.is_empty() => return broken("cannot merge lists without merge key for struct"),
        Sort::Maps => {
            let (original, patch) = directives(original, patch, &meta.key)?;
            (merge_maps(original.clone(), &patch, meta)?, original, patch)
        }
    };
    let (patched, server) = partition(merged, &patch, &meta.key)?;
    interleave(patched, server, &patch, &original, &meta.key, sort)
}

/// As upstream: the last item takes the place of each that is there again.
fn deduplicated(mut items: Vec<Value>) -> Vec<Value> {
    let mut at = 0;
    while at + 1 < items.len() {
        let mut other = at + 1;
        while other < items.len() {
            if items.get(at) == items.get(other) {
                items.swap_remove(other);
            } else {
                other += 1;
            }
        }
        at += 1;
    }
    items
}

fn no_merge_key<T>(map: &Value, key: &str) -> Result<T, Failure> {
    broken(format!("map: {} does not contain declared merge key: {key}", go::plain(map)))
}

/// Carries out `$patch` directives of items; returns the list, and the patch without them.
fn directives(mut original: Vec<Value>, patch: Vec<Value>, key: &str) -> Result<(Vec<Value>, Vec<Value>), Failure> {
    let mut plain = Vec::new();
    let mut replace = false;
    for item in patch {
        match item.get(DIRECTIVE) {
            None => plain.push(item),
            Some(Value::String(directive)) if directive == "delete" => match item.get(key) {
                Some(value) => original.retain(|here| here.get(key) != Some(value)),
                None => return no_merge_key(&item, key),
            },
            Some(Value::String(directive)) if directive == "replace" => replace = true,
            Some(Value::String(directive)) if directive == "merge" => {
                return broken("merging lists cannot yet be specified in the patch");
            }
            Some(other) => {
                return broken(format!("unknown patch type: {} in map: {}", super::bad_verb(other), go::plain(&item)));
            }
        }
    }
    Ok(if replace { (plain, Vec::new()) } else { (original, plain) })
}

fn merge_maps(mut original: Vec<Value>, patch: &[Value], meta: &Meta<'_>) -> Result<Vec<Value>, Failure> {
    for item in patch {
        let Some(value) = item.get(&meta.key) else { return no_merge_key(item, &meta.key) };
        let found = original.iter_mut().find(|here| here.get(&meta.key) == Some(value));
        match (found, item) {
            (Some(here), Value::Object(patch)) => {
                let before = here.as_object().cloned().unwrap_or_default();
                *here = Value::Object(super::merge(before, patch.clone(), meta)?);
            }
            _ => original.push(item.clone()),
        }
    }
    Ok(original)
}

/// The items that the order names, and the others.
fn partition(list: Vec<Value>, order: &[Value], key: &str) -> Result<(Vec<Value>, Vec<Value>), Failure> {
    if key.is_empty() {
        return Ok(list.into_iter().partition(|item| order.contains(item)));
    }
    if let Some(wrong) = list.iter().find(|item| !item.is_object()) {
        return broken(format!("expected a map[string]interface {{}}, but received a {}", typed(wrong)));
    }
    if let Some(wrong) = list.iter().find(|item| item.get(key).is_none()) {
        return no_merge_key(wrong, key);
    }
    if let (Some(at), false) = (order.iter().position(|item| !item.is_object()), list.is_empty()) {
        return broken(format!("value for key {at} is not a map"));
    }
    Ok(list.into_iter().partition(|item| order.iter().any(|named| named.get(key) == item.get(key))))
}

/// What the order names in its order, the others in that of the server, each at its place as well as can be
/// (`normalizeElementOrder`).
fn interleave(
    patched: Vec<Value>,
    server: Vec<Value>,
    order: &[Value],
    before: &[Value],
    key: &str,
    sort: Sort,
) -> Result<Vec<Value>, Failure> {
    let patched = sorted(patched, order, key, sort)?;
    let server = sorted(server, before, key, sort)?;
    let place = |item: &Value| index(before, item, key, sort);
    let mut patched = patched.into_iter().map(|item| (place(&item), item)).peekable();
    let mut server = server.into_iter().map(|item| (place(&item), item)).peekable();
    let mut out = Vec::new();
    loop {
        let from_server = match (server.peek(), patched.peek()) {
            (Some((Some(left), _)), Some((Some(right), _))) => left < right,
            (Some(_), None) => true,
            (None, None) => return Ok(out),
            _ => false,
        };
        let next = if from_server { server.next() } else { patched.next() };
        out.extend(next.map(|(_, item)| item));
    }
}

fn index(list: &[Value], item: &Value, key: &str, sort: Sort) -> Option<usize> {
    match sort {
        Sort::Maps => list.iter().position(|other| other.get(key) == item.get(key)),
        Sort::Scalars => list.iter().position(|other| other == item),
    }
}

/// The items in an order; those that it does not name first, the last one foremost, as Go's insertion sort leaves them.
fn sorted(list: Vec<Value>, order: &[Value], key: &str, sort: Sort) -> Result<Vec<Value>, Failure> {
    let (mut list, mut deleted) = (list, Vec::new());
    if sort == Sort::Maps {
        for item in list.iter().chain(order) {
            if !item.is_object() {
                return broken(format!("expected a map[string]interface {{}}, but received a {}", typed(item)));
            }
            if item.get(key).is_none() {
                return no_merge_key(item, key);
            }
        }
        (deleted, list) = list.into_iter().partition(is_deletion);
    }
    let mut placed: Vec<(Option<usize>, Value)> =
        list.into_iter().map(|item| (index(order, &item, key, sort), item)).collect();
    if placed.iter().all(|(place, _)| place.is_some()) {
        placed.sort_by_key(|(place, _)| *place);
    } else {
        for end in 1..placed.len() {
            let mut at = end;
            while at > 0 && is_before(&placed, at) {
                placed.swap(at, at - 1);
                at -= 1;
            }
        }
    }
    let mut out: Vec<Value> = placed.into_iter().map(|(_, item)| item).collect();
    out.append(&mut deleted);
    Ok(out)
}

fn is_before(placed: &[(Option<usize>, Value)], at: usize) -> bool {
    let place = |at: usize| placed.get(at).and_then(|(place, _)| *place);
    match (place(at), at.checked_sub(1).and_then(place)) {
        (Some(this), Some(before)) => this < before,
        _ => true,
    }
}

fn is_deletion(item: &Value) -> bool {
    item.get(DIRECTIVE).and_then(Value::as_str) == Some("delete")
}

/// Whether the patch's items come in the order that the directive gives.
fn check_order(patch: &[Value], order: &[Value], key: &str) -> Result<(), Failure> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let kept: Vec<&Value> = patch.iter().filter(|item| key.is_empty() || !is_deletion(item)).collect();
    let (mut at, mut ordered) = (0, 0);
    while let (Some(item), Some(named)) = (kept.get(at), order.get(ordered)) {
        if item.get(DIRECTIVE).is_some() {
            at += 1;
            continue;
        }
        let same = if key.is_empty() {
            *item == named
        } else {
            for map in [*item, named] {
                if !map.is_object() {
                    return broken(format!("expected a map[string]interface {{}}, but received a {}", typed(map)));
                }
                if map.get(key).is_none() {
                    return no_merge_key(map, key);
                }
            }
            item.get(key) == named.get(key)
        };
        at += usize::from(same);
        ordered += 1;
    }
    if at < kept.len() && ordered >= order.len() {
        let (patch, order) = (Value::Array(patch.to_vec()), Value::Array(order.to_vec()));
        let (patch, order) = (go::plain(&patch), go::plain(&order));
        return broken(format!("The order in patch list:\n{patch}\n doesn't match {SET_ORDER} list:\n{order}\n"));
    }
    Ok(())
}
