//! What is left of a group once somebody said of some of them that they are not one.

use std::collections::{BTreeMap, BTreeSet};

/// Into how many parts a group falls at the most: what is left shows when these are done.
pub(super) const MOST: usize = 10;

/// The parts of a group in which nobody is together with whom they are known to be apart from. Every pair of which
/// nothing was said is in one of them, up to [`MOST`] parts; the ids come in their order.
pub(super) fn parts(ids: &[i64], apart: &[(i64, i64)]) -> Vec<Vec<i64>> {
    let of = apart.iter().flat_map(|&(a, b)| [(a, b), (b, a)]);
    let mut from: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for (a, b) in of {
        from.entry(a).or_default().insert(b);
    }
    // Those who are apart from nobody are in every part.
    let (some, rest): (Vec<i64>, Vec<i64>) = ids.iter().partition(|id| from.contains_key(id));
    let mut parts = Vec::new();
    let mut together: BTreeSet<(i64, i64)> = BTreeSet::new();
    let mut placed: BTreeSet<i64> = BTreeSet::new();
    for (n, &one) in some.iter().enumerate() {
        let others = some.iter().skip(n + 1).map(|&other| Some(other));
        for other in others.chain([None]) {
            let new = match other {
                Some(other) => !from[&one].contains(&other) && !together.contains(&(one, other)),
                None => !placed.contains(&one),
            };
            if !new || parts.len() == MOST {
                continue;
            }
            let mut part: Vec<i64> = std::iter::once(one).chain(other).collect();
            for &next in &some {
                if !part.contains(&next) && part.iter().all(|id| !from[&next].contains(id)) {
                    part.push(next);
                }
            }
            part.sort_unstable();
            for (n, &a) in part.iter().enumerate() {
                placed.insert(a);
                together.extend(part.iter().skip(n + 1).map(|&b| (a, b)));
            }
            part.extend(&rest);
            part.sort_unstable();
            // Whoever is apart from everybody is left alone.
            if part.len() > 1 {
                parts.push(part);
            }
        }
    }
    if some.is_empty() {
        parts.push(rest);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_left_of_a_group_is_still_told() {
        assert_eq!(parts(&[1, 2, 3], &[]), [[1, 2, 3]]);
        assert_eq!(parts(&[1, 2], &[(1, 2)]), Vec::<Vec<i64>>::new());
        assert_eq!(parts(&[1, 2, 3], &[(1, 2)]), [[1, 3], [2, 3]]);
        assert_eq!(parts(&[1, 2, 3], &[(1, 2), (1, 3)]), [[2, 3]]);
        let all = [(1, 2), (1, 3), (2, 3)];
        assert_eq!(parts(&[1, 2, 3], &all), Vec::<Vec<i64>>::new());
        assert_eq!(parts(&[1, 2, 3, 4], &all), [[1, 4], [2, 4], [3, 4]]);
        assert_eq!(parts(&[1, 2, 3, 4], &[(1, 2), (3, 4)]).len(), 4);
    }

    proptest! {
        #[test]
        fn nobody_is_together_with_whom_they_are_apart_from(pairs in proptest::collection::btree_set((1..8i64, 1..8i64), 0..12)) {
            let apart: Vec<(i64, i64)> = pairs.into_iter().filter(|(a, b)| a < b).collect();
            let ids: Vec<i64> = (1..8).collect();
            let found = parts(&ids, &apart);
            let mut seen = BTreeSet::new();
            for part in &found {
                prop_assert!(part.len() > 1 && part.is_sorted());
                for (n, &a) in part.iter().enumerate() {
                    for &b in &part[n + 1..] {
                        prop_assert!(!apart.contains(&(a, b)));
                        seen.insert((a, b));
                    }
                }
            }
            prop_assert!(found.len() <= MOST);
            if found.len() < MOST {
                for a in 1..8 {
                    for b in a + 1..8 {
                        prop_assert!(seen.contains(&(a, b)) || apart.contains(&(a, b)), "{a} {b}");
                    }
                }
            }
        }
    }
}
