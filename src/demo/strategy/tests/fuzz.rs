//! Nothing that is sent ends the process.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::*;
use super::{exchanges, kind_of};

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z0-9.%/:@ -]{0,12}".prop_map(Value::from),
        Just(json!({})),
        Just(json!([])),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,8}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Replaces what stands at a place in an object, counted from the outside in.
fn replace(value: &mut Value, at: &mut usize, with: &Value) {
    if *at == 0 {
        *value = with.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Object(map) => map.values_mut().for_each(|one| replace(one, at, with)),
        Value::Array(list) => list.iter_mut().for_each(|one| replace(one, at, with)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn nothing_panics(which in 0_usize..200, at in 0_usize..60, with in anything(), sub in "|status|scale") {
        let all = exchanges();
        let exchange = &all[which % all.len()];
        let kind = kind_of(exchange);
        let whole = if exchange["code"] == 201 { &exchange["output"] } else { &exchange["input"] };
        let (mut new, mut at) = (whole.clone(), at);
        replace(&mut new, &mut at, &with);
        // Validation also meets what no step before it has seen.
        validate::create(&kind, &new);
        validate::update(&kind, &sub, whole, &new);
        let mut raw = new.clone();
        defaults::apply(&kind, &mut raw);
        normalize(&kind, &mut new);
        defaults::apply(&kind, &mut new);
        let mut changed = new.clone();
        prepare_create(&kind, &mut new);
        allocate(&kind, &mut new, &mut String::new);
        prepare_update(&kind, &sub, whole, &mut changed);
        validate::create(&kind, &new);
        validate::update(&kind, &sub, &changed, &new);
        warnings(&kind, &new);
        default_grace(&kind, &new);
        for field in selectable_fields(&kind).0 {
            selectable(&kind, &new, field);
        }
    }
}
