//! What must be removed from one sequence and inserted to get the other: Myers, "An O(ND) Difference Algorithm and Its
//! Variations" (1986), the greedy form, up to a bound.

/// One step from the old sequence to the new one. Numbers count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// The old item with the first number is the new item with the second.
    Keep(usize, usize),
    /// The old item with this number is gone.
    Remove(usize),
    /// The new item with this number was not there.
    Insert(usize),
}

/// With more differences than these, everything between what is the same at both ends counts as another. Bounds time
/// (items * LIMIT) and memory (LIMIT * LIMIT / 2 numbers).
const LIMIT: usize = 800;

/// The steps from `old` to `new`, in order. Swapped arguments give swapped steps.
pub(super) fn script<T: Ord>(old: &[T], new: &[T]) -> Vec<Op> {
    // Of several shortest ways always the same one, whichever side it is asked from.
    if (old.len(), old) > (new.len(), new) {
        return ordered(script_of(new, old).into_iter().map(swapped).collect());
    }
    ordered(script_of(old, new))
}

fn swapped(op: Op) -> Op {
    match op {
        Op::Keep(old, new) => Op::Keep(new, old),
        Op::Remove(at) => Op::Insert(at),
        Op::Insert(at) => Op::Remove(at),
    }
}

/// Between what is kept: first all that goes, then all that comes.
fn ordered(ops: Vec<Op>) -> Vec<Op> {
    let (mut out, mut coming) = (Vec::with_capacity(ops.len()), Vec::new());
    for op in ops {
        match op {
            Op::Insert(_) => coming.push(op),
            Op::Remove(_) => out.push(op),
            Op::Keep(..) => {
                out.append(&mut coming);
                out.push(op);
            }
        }
    }
    out.append(&mut coming);
    out
}

fn script_of<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Op> {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (rest_old, rest_new) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = rest_old.iter().rev().zip(rest_new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (n, m) = (rest_old.len() - tail, rest_new.len() - tail);
    let (inner_old, inner_new) = (rest_old.get(..n).unwrap_or_default(), rest_new.get(..m).unwrap_or_default());
    let inner =
        myers(inner_old, inner_new).unwrap_or_else(|| (0..n).map(Op::Remove).chain((0..m).map(Op::Insert)).collect());
    let shifted = inner.into_iter().map(|op| match op {
        Op::Keep(old, new) => Op::Keep(old + head, new + head),
        Op::Remove(at) => Op::Remove(at + head),
        Op::Insert(at) => Op::Insert(at + head),
    });
    let ends = (0..tail).map(|at| Op::Keep(head + n + at, head + m + at));
    (0..head).map(|at| Op::Keep(at, at)).chain(shifted).chain(ends).collect()
}

/// How far each diagonal was followed with a number of differences. Diagonal `k` of `d` differences stands at `(k + d) / 2`.
type Reach = Vec<Option<usize>>;

/// From where diagonal number `at` is entered with one difference more than `before`: the place in the old sequence, and
/// whether an old item was removed for it.
fn enter(before: &Reach, at: usize, (n, m): (usize, usize)) -> Option<(usize, bool)> {
    let right = at.checked_sub(1).and_then(|at| *before.get(at)?).filter(|x| *x < n).map(|x| (x + 1, true));
    // y = x - k, and k = 2 * at - d with d = before.len().
    let fits = |x: &usize| (*x + before.len()).checked_sub(2 * at).is_some_and(|y| y <= m);
    let down = before.get(at).copied().flatten().filter(fits).map(|x| (x, false));
    right.max(down)
}

fn myers<T: PartialEq>(old: &[T], new: &[T]) -> Option<Vec<Op>> {
    let size @ (n, m) = (old.len(), new.len());
    let mut trace: Vec<Reach> = Vec::new();
    for d in 0..=LIMIT.min(n + m) {
        let mut reach = Vec::with_capacity(d + 1);
        for at in 0..=d {
            let entered = trace.last().map_or(Some((0, false)), |before| enter(before, at, size));
            let followed = entered.and_then(|(x, _)| {
                let y = (x + d).checked_sub(2 * at)?;
                let same = old.iter().skip(x).zip(new.iter().skip(y)).take_while(|(old, new)| old == new).count();
                Some((x + same, y + same))
            });
            if followed == Some(size) {
                return Some(back(&trace, d, at, size));
            }
            reach.push(followed.map(|(x, _)| x));
        }
        trace.push(reach);
    }
    None
}

/// The way back from the end, turned around.
fn back(trace: &[Reach], d: usize, at: usize, size: (usize, usize)) -> Vec<Op> {
    let (mut x, mut y) = size;
    let (mut d, mut at) = (d, at);
    let mut ops = Vec::with_capacity(x.max(y) + d);
    while let Some((start, removed)) =
        d.checked_sub(1).and_then(|before| trace.get(before)).and_then(|before| enter(before, at, size))
    {
        while x > start && y > 0 {
            (x, y) = (x - 1, y - 1);
            ops.push(Op::Keep(x, y));
        }
        d -= 1;
        if removed {
            (x, at) = (x.saturating_sub(1), at.saturating_sub(1));
            ops.push(Op::Remove(x));
        } else {
            y = y.saturating_sub(1);
            ops.push(Op::Insert(y));
        }
    }
    while x > 0 && y > 0 {
        (x, y) = (x - 1, y - 1);
        ops.push(Op::Keep(x, y));
    }
    ops.reverse();
    ops
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn applied(old: &[u8], new: &[u8], ops: &[Op]) -> Vec<u8> {
        let of = |op: &Op| match op {
            Op::Keep(at, to) => {
                assert_eq!(old[*at], new[*to]);
                Some(old[*at])
            }
            Op::Insert(at) => Some(new[*at]),
            Op::Remove(_) => None,
        };
        ops.iter().filter_map(of).collect()
    }

    #[test]
    fn an_item_that_is_inserted_leaves_the_later_ones_alone() {
        assert_eq!(script(b"ab", b"axb"), [Op::Keep(0, 0), Op::Insert(1), Op::Keep(1, 2)]);
        assert_eq!(script(b"abc", b"adc"), [Op::Keep(0, 0), Op::Remove(1), Op::Insert(1), Op::Keep(2, 2)]);
    }

    #[test]
    fn sequences_that_share_nothing_are_not_searched_for_long() {
        let (old, new): (Vec<u32>, Vec<u32>) = ((0..50_000).collect(), (50_000..100_000).collect());
        assert_eq!(script(&old, &new).len(), 100_000);
    }

    proptest! {
        #[test]
        fn the_steps_lead_from_one_to_the_other(old in prop::collection::vec(0u8..4, 0..24), new in prop::collection::vec(0u8..4, 0..24)) {
            let ops = script(&old, &new);
            prop_assert_eq!(applied(&old, &new, &ops), new.clone());
            let gone = ops.iter().filter_map(|op| match op { Op::Keep(at, _) | Op::Remove(at) => Some(*at), Op::Insert(_) => None });
            prop_assert_eq!(gone.collect::<Vec<_>>(), (0..old.len()).collect::<Vec<_>>());
            prop_assert_eq!(script(&new, &old), ordered(ops.into_iter().map(swapped).collect()));
        }
    }
}
