//! Damage to the bytes of a file.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// A file, and which of its bytes say something.
pub struct Seed {
    bytes: Vec<u8>,
    said: Vec<usize>,
}

impl Seed {
    pub fn new(bytes: Vec<u8>) -> Self {
        let said = (0..bytes.len()).filter(|place| bytes[*place] != 0).collect();
        Self { bytes, said }
    }

    /// The file with one to eight kinds of damage.
    pub fn damaged(&self, random: &mut StdRng) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        for _ in 0..random.random_range(1..=8) {
            self.damage(&mut bytes, random);
        }
        bytes
    }

    fn damage(&self, bytes: &mut Vec<u8>, random: &mut StdRng) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        // What is not zero says something, and what stands near it is a size, a flag or an address.
        let near = match self.said.choose(random) {
            Some(said) if random.random_ratio(9, 10) => said.saturating_sub(random.random_range(0..8)).min(length - 1),
            _ => random.random_range(0..length),
        };
        match random.random_range(0..10) {
            0 | 1 => bytes[near] ^= 1 << random.random_range(0..8),
            2 => bytes[near] = *[0, 1, 0x7f, 0x80, 0xff].choose(random).unwrap_or(&0),
            3..=5 => {
                // Sizes, counts and addresses in all widths, among them those of the file itself.
                let (length, near64) = (length as u64, near as u64);
                let numbers = [
                    0,
                    1,
                    2,
                    0x7fff_ffff,
                    0x8000_0000,
                    0xffff_ffff,
                    1 << 40,
                    u64::MAX,
                    u64::MAX - 1,
                    length,
                    near64,
                    1 << 31,
                ];
                let number = numbers.choose(random).copied().unwrap_or(0).wrapping_add(random.random_range(0..3));
                let width = *[2, 4, 8].choose(random).unwrap_or(&8);
                write(bytes, near, &number.to_le_bytes()[..width]);
            }
            // One address, size or whole structure in the place of another.
            6 | 7 => {
                let (from, size) = (random.random_range(0..length), *[2, 4, 8, 40, 200].choose(random).unwrap_or(&8));
                let piece = bytes[from..length.min(from + size)].to_vec();
                write(bytes, near, &piece);
            }
            8 if random.random_ratio(1, 4) => bytes.truncate(near),
            9 if random.random_ratio(1, 4) => {
                let end = length.min(near + random.random_range(1..64));
                bytes.drain(near..end);
            }
            _ => bytes[near] = random.random(),
        }
    }
}

fn write(bytes: &mut [u8], at: usize, piece: &[u8]) {
    let end = bytes.len().min(at + piece.len());
    bytes[at..end].copy_from_slice(&piece[..end - at]);
}
