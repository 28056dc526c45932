//! Small changes of training images.

use crate::data::Random;

/// The square image, with probability `share` moved by a pixel up, down, left or right; what comes in is 0.
pub(super) fn shift(pixels: &[u8], share: f32, random: &mut Random) -> Vec<u8> {
    if share == 0.0 || (random.symmetric() + 1.0) / 2.0 >= share {
        return pixels.to_vec();
    }
    let side = pixels.len().isqrt();
    let (dx, dy) = [(0, 1), (0, -1), (1, 0), (-1, 0)][random.below(4)];
    let pixel = |place: usize| {
        let (x, y) = ((place % side).checked_add_signed(dx)?, (place / side).checked_add_signed(dy)?);
        (x < side).then(|| pixels.get(y * side + x).copied())?
    };
    (0..pixels.len()).map(|place| pixel(place).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_move_by_one_pixel() {
        let image: Vec<u8> = (1..=9).collect();
        let mut random = Random::new(0);
        let mut seen: Vec<Vec<u8>> = (0..100).map(|_| shift(&image, 1.0, &mut random)).collect();
        seen.sort();
        seen.dedup();
        let expected = [
            [0, 0, 0, 1, 2, 3, 4, 5, 6],
            [0, 1, 2, 0, 4, 5, 0, 7, 8],
            [2, 3, 0, 5, 6, 0, 8, 9, 0],
            [4, 5, 6, 7, 8, 9, 0, 0, 0],
        ];
        assert_eq!(seen, expected);
        assert_eq!(shift(&image, 0.0, &mut random), image);
    }
}
