//! TRELLIS_DPR16X4: 16 words of 4 bits, written at the clock edge, read at any time.

use super::edge::{Edge, Slot};

/// All lanes of one cell: 16 words of 4 planes.
pub(super) struct DistributedRam {
    pub(super) data: [Edge; 4],
    pub(super) write_address: [Edge; 4],
    pub(super) write: Edge,
    pub(super) read_address: [Edge; 4],
    /// Outputs that are connected.
    pub(super) outputs: [Option<Slot>; 4],
    words: [[u64; 4]; 16],
    /// The address that was read last, and whether nothing was written since.
    read: Option<[u64; 4]>,
}

/// The lanes in which an address is `word`.
fn lanes_at(address: &[u64; 4], word: usize) -> u64 {
    address.iter().enumerate().fold(!0, |lanes, (k, plane)| lanes & if word >> k & 1 == 1 { *plane } else { !plane })
}

impl DistributedRam {
    /// `contents` holds the 16 words, the first in its low bits.
    pub(super) fn new(contents: u64, data: [Edge; 4], write_address: [Edge; 4], write: Edge) -> Self {
        let bit = |word: usize, bit: usize| super::lanes::broadcast(contents >> (4 * word + bit) & 1 == 1);
        let words = std::array::from_fn(|word| std::array::from_fn(|k| bit(word, k)));
        let (read_address, outputs) = ([Edge::ZERO; 4], [None; 4]);
        Self { data, write_address, write, read_address, outputs, words, read: None }
    }

    /// Puts what the address asks for on the outputs.
    pub(super) fn settle(&mut self, values: &mut [u64]) {
        let address = self.read_address.map(|edge| edge.value(values));
        if self.read == Some(address) {
            return;
        }
        self.read = Some(address);
        let mut read = [0; 4];
        for (word, planes) in self.words.iter().enumerate() {
            let lanes = lanes_at(&address, word);
            (0..4).for_each(|k| read[k] |= planes[k] & lanes);
        }
        for (output, plane) in self.outputs.iter().zip(read) {
            if let Some(slot) = output {
                values[*slot as usize] = plane;
            }
        }
    }

    /// The clock's edge.
    pub(super) fn clock(&mut self, values: &[u64]) {
        let write = self.write.value(values);
        if write == 0 {
            return;
        }
        let address = self.write_address.map(|edge| edge.value(values));
        let data = self.data.map(|edge| edge.value(values));
        for (word, planes) in self.words.iter_mut().enumerate() {
            let lanes = write & lanes_at(&address, word);
            (0..4).for_each(|k| planes[k] ^= (planes[k] ^ data[k]) & lanes);
        }
        self.read = None;
    }
}
