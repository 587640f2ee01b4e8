//! Places in a column of the board: texts of the digits 0-9 and a-z, compared byte by byte, between any
//! two of which there is another. So a move writes one row.

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The longest rank that is made; a column in which so many moves met in one place is long overdue for
/// new ranks, and takes this one's neighbours' as it is.
const LONGEST: usize = 180;

/// A rank after `above` and before `below`; each may be missing. `None` when there is no room: the two
/// are the same, or in the wrong order.
pub fn between(above: Option<&str>, below: Option<&str>) -> Option<String> {
    let low = above.unwrap_or("").as_bytes();
    let high = below.map(str::as_bytes);
    if high.is_some_and(|high| low >= high) || low.len() > LONGEST {
        return None;
    }
    let mut rank = Vec::new();
    let mut bounded = high;
    for n in 0.. {
        let floor = low.get(n).map_or(0, |digit| value(*digit));
        let ceiling = match bounded {
            Some(high) => value(*high.get(n)?),
            None => 36,
        };
        if ceiling > floor + 1 {
            rank.push(DIGITS[(floor + ceiling) / 2]);
            break;
        }
        rank.push(DIGITS[floor]);
        if ceiling > floor {
            // Whatever follows is below the upper bound.
            bounded = None;
        }
    }
    String::from_utf8(rank).ok()
}

fn value(digit: u8) -> usize {
    DIGITS.iter().position(|d| *d == digit).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_room_is_said() {
        assert_eq!(between(Some("b"), Some("b")), None);
        assert_eq!(between(Some("c"), Some("b")), None);
    }

    proptest! {
        /// However cards are moved, each finds its place between its neighbours.
        #[test]
        fn moves_keep_the_order(moves in proptest::collection::vec(any::<prop::sample::Index>(), 1..120)) {
            let mut column = vec!["9999999999998i".to_owned()];
            for place in moves {
                let at = place.index(column.len() + 1);
                let above = at.checked_sub(1).map(|n| column[n].as_str());
                let below = column.get(at).map(String::as_str);
                let rank = between(above, below).unwrap();
                prop_assert!(!rank.ends_with('0'));
                column.insert(at, rank);
            }
            prop_assert!(column.windows(2).all(|pair| pair[0] < pair[1]), "{column:?}");
        }
    }
}
