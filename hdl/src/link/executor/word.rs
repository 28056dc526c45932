//! A word of the array and its five bytes.

use rust_hdl::prelude::*;

/// One word. It comes from the array as a whole or from the host byte by byte, and leaves in both ways, too.
///
/// ```text
/// clock     _/~\_/~\_/~\_/~\_/~\_
/// load      _/~~~\_______________
/// shift     _____/~~~~~~~~~~~~\__     the bytes that come enter above
/// leaving   -----<b0 ><b1 ><b2 >-     those that go leave below
/// ```
/// Latency 1 clock.
#[derive(LogicBlock, Default)]
pub struct WordShifter {
    pub clock: Signal<In, Clock>,
    /// Takes a whole word; wins over `shift`.
    pub load: Signal<In, Bit>,
    pub load_low: Signal<In, Bits<32>>,
    pub load_high: Signal<In, Bits<4>>,
    /// Drops the lowest byte and takes in a highest one: the fifth byte completes a word.
    pub shift: Signal<In, Bit>,
    pub entering: Signal<In, Bits<8>>,
    pub leaving: Signal<Out, Bits<8>>,
    pub low: Signal<Out, Bits<32>>,
    pub high: Signal<Out, Bits<4>>,

    lower: DFF<Bits<32>>,
    upper: DFF<Bits<8>>,
}

impl Logic for WordShifter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, lower, upper);
        if self.shift.val() {
            self.lower.d.next = (self.lower.q.val() >> 8) | (bit_cast::<32, 8>(self.upper.q.val()) << 24);
            self.upper.d.next = self.entering.val();
        }
        if self.load.val() {
            self.lower.d.next = self.load_low.val();
            self.upper.d.next = bit_cast::<8, 4>(self.load_high.val());
        }
        self.leaving.next = self.lower.q.val().get_bits::<8>(0);
        self.low.next = self.lower.q.val();
        self.high.next = self.upper.q.val().get_bits::<4>(0);
    }
}
