//! How instructions name values.

/// Place of a word of 64 lanes in the simulator's state.
pub(super) type Slot = u32;

/// The value in a slot, or its inverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Edge(u32);

impl Edge {
    /// Slot 0 is 0 in all lanes, always.
    pub(super) const ZERO: Edge = Edge(0);
    pub(super) const ONE: Edge = Edge(1);

    pub(super) fn new(slot: Slot) -> Self {
        Self(slot << 1)
    }

    pub(super) fn constant(bit: bool) -> Self {
        if bit { Self::ONE } else { Self::ZERO }
    }

    pub(super) fn slot(self) -> Slot {
        self.0 >> 1
    }

    pub(super) fn inverted(self) -> bool {
        self.0 & 1 == 1
    }

    pub(super) fn invert_if(self, invert: bool) -> Self {
        Self(self.0 ^ u32::from(invert))
    }

    pub(super) fn value(self, values: &[u64]) -> u64 {
        values[self.slot() as usize] ^ 0u64.wrapping_sub(u64::from(self.0 & 1))
    }
}

impl std::ops::Not for Edge {
    type Output = Edge;

    fn not(self) -> Edge {
        self.invert_if(true)
    }
}
