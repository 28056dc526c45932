//! Numbers of 64 lanes as bit planes, and back.

/// Simulations that run at once.
pub const LANES: usize = 64;

/// A word of which every lane has the same bit.
pub(super) fn broadcast(bit: bool) -> u64 {
    if bit { !0 } else { 0 }
}

/// Bit i of row j becomes bit j of row i: 64 planes become the numbers of 64 lanes, or the other way round.
///
/// Halves of halves change places (Warren, Hacker's Delight, 7-3).
pub(super) fn transpose(rows: &mut [u64; LANES]) {
    let (mut distance, mut mask) = (32, 0x0000_0000_ffff_ffff_u64);
    while distance != 0 {
        let mut row = 0;
        while row < LANES {
            let swap = (rows[row] >> distance ^ rows[row + distance]) & mask;
            rows[row] ^= swap << distance;
            rows[row + distance] ^= swap;
            row = (row + distance + 1) & !distance;
        }
        distance >>= 1;
        mask ^= mask << distance;
    }
}

/// The lanes that are set in a word.
pub(super) fn each_lane(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = word.trailing_zeros() as usize;
        // the lowest bit that is set, or none
        word &= word.wrapping_sub(1);
        (lane < LANES).then_some(lane)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosim::Rng;

    #[test]
    fn a_transposed_matrix_has_rows_for_columns() {
        let mut rng = Rng::new(1);
        let rows: [u64; LANES] = std::array::from_fn(|_| rng.next_u64());
        let mut columns = rows;
        transpose(&mut columns);
        for (i, row) in rows.iter().enumerate() {
            for (j, column) in columns.iter().enumerate() {
                assert_eq!(row >> j & 1, column >> i & 1);
            }
        }
    }

    #[test]
    fn each_lane_comes_once() {
        assert_eq!(each_lane(0).count(), 0);
        assert_eq!(each_lane(1 << 63 | 0b101).collect::<Vec<_>>(), [0, 2, 63]);
        assert_eq!(each_lane(!0).count(), LANES);
    }
}
