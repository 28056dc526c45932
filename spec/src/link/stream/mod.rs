//! Spikes and ticks as a stream of bits, the same code in both directions.
//!
//! ## Raster
//! What a tick may hold is a row of places, one for each input line (to the board) or neuron (to the host), and ticks stand one
//! behind the other. A spike is coded as its *gap*: how many places there are between it and the spike before, whatever ends of ticks lie in
//! between. So a silent place costs a fraction of a bit wherever it is, and the end of a tick costs nothing. A gap is a Golomb-Rice code
//! (Golomb 1966, Rice 1979) whose parameter follows the gaps, in the manner of Malvar 2006 ("Adaptive run-length / Golomb-Rice
//! encoding"); at its ends the parameter makes the code a bitmap (0: a bit for each place) or a list of addresses (that of a
//! whole tick). For trains in which every place is silent or not by chance, the code takes within 5 % of their entropy (rates of 1 to 50 %).
//!
//! ## Bits
//! The bits of a payload are taken from its first byte on, from the lowest bit of each byte. The last byte's highest 1 is no bit of the code: it
//! tells where the code ends.
//!
//! ```text
//! payload   exponent (4 bits) | code | code | ... | 1 | 0 to 7 times 0
//! code      0 ... 0 | 1 | rest (as many bits as the exponent, highest first)
//! ```
//! A reader has a *position* in the row, at first 0, and an *exponent* `e`. In a code each `0` moves the position on by `2^e`; with the eighth `0` of
//! a code and each further one, `e` then grows by 1 for the rest of the code. The `1` and the rest `r` move it on by `r`. That is the place of a spike, and the position of
//! the next code is the one behind it. Whenever a position that was moved on is not less than the places of a row, a row of places is taken off it: *the
//! row ends*.
//!
//! The exponent at the start of a code is an eighth of a number, rounded down, that begins as `8 x exponent + 4` with each
//! payload; after a code without a `0` the number falls by 1 (not below 0), after one with `z > 1` of them it grows by `min(z - 1, 3)`.
//! An exponent is never above the largest for which `2^e` is at most the places of a row; with that exponent the number doesn't grow, and a larger one in a payload counts as
//! that.
//!
//! A payload may end within a code: then the position is 0 again. So silence up to the end of a tick is written as so many zeros
//! that the row ends. Otherwise the position is kept from one payload to the next.
//!
//! ## To the board
//! Places are input lines, ascending. Where a row ends, a tick runs. A line has one spike in a tick at most. When a payload is
//! refused, or membranes are reset, the position is 0 again.
//!
//! ## To the host
//! Places are neurons in the [order of turns](crate::ArrayConfig::turn_of), in which the array puts them out core by core. Cores put them out at the same time: where a
//! spike's place is before the one of the spike before, the row ends and begins again in the same tick. So behind
//! the bits with which a row ends there is one more: 1, a tick has ended; 0, the tick goes on. Where a row that began within a tick ends without a spike, nothing went on:
//! it says that the tick began *late* (see [`crate::pace`]). Frames of one `Stream` command are read one
//! after the other; the last ends with the last tick.

mod adaptation;
mod bits;
mod decoder;
mod encoder;

pub use adaptation::{Adaptation, GROWING, MAX_EXPONENT};
pub use decoder::Decoder;
pub use encoder::{CUT, Encoder, encode, payloads};

use crate::ArrayConfig;

/// What happens in a train, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A spike at this place of the tick's row.
    Spike(u16),
    /// The tick whose end comes next began later than it should have. From the board only.
    Late,
    /// A tick ends: to the board, it is run with the spikes before.
    Tick,
}

/// Spikes in one direction of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Train {
    /// Places of a tick's row, 1 to 4,096.
    pub places: usize,
    /// Spikes of a tick come in any order.
    pub unordered: bool,
}

impl Train {
    /// To a board with this array: places are input lines.
    pub fn to_board(config: &ArrayConfig) -> Self {
        Self { places: config.inputs, unordered: false }
    }
    /// From it: places are neurons in the order of turns.
    pub fn to_host(config: &ArrayConfig) -> Self {
        Self { places: config.neurons(), unordered: true }
    }
}

#[cfg(test)]
mod tests;
