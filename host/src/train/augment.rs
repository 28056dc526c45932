//! Small changes of training images.

use crate::data::{MAX_VALUE, Random};

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

/// Every pixel that is not dark, with probability `share`, brighter or darker by one.
pub(super) fn noise(pixels: &mut [u8], share: f32, random: &mut Random) {
    if share == 0.0 {
        return;
    }
    for pixel in pixels.iter_mut().filter(|pixel| **pixel > 0) {
        let draw = random.symmetric();
        if draw.abs() < share {
            *pixel = if draw < 0.0 { *pixel - 1 } else { (*pixel + 1).min(MAX_VALUE) };
        }
    }
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

    #[test]
    fn noise_moves_lit_pixels_by_one() {
        let mut random = Random::new(0);
        let mut pixels = [[0u8, 1, 8, 16]; 50].concat();
        noise(&mut pixels, 1.0, &mut random);
        for (place, allowed) in [&[0][..], &[0, 2], &[7, 9], &[15, 16]].iter().enumerate() {
            let seen: Vec<u8> = pixels.iter().skip(place).step_by(4).copied().collect();
            assert!(
                allowed.iter().all(|value| seen.contains(value)) && seen.iter().all(|value| allowed.contains(value))
            );
        }
        noise(&mut pixels, 0.0, &mut random);
    }
}
