//! The values of the ledger's counters, in LUT RAM.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::DistributedRam;

/// 192 or fewer words of 24 bits in banks of 16.
///
/// ```text
/// clock         _/~\_/~\_
/// read_address  -< A >---
/// read_word     -----< A's >
/// ```
#[derive(LogicBlock)]
pub struct ValueTable {
    pub clock: Signal<In, Clock>,
    pub write: Signal<In, Bit>,
    pub write_address: Signal<In, Bits<8>>,
    pub write_word: Signal<In, Bits<24>>,
    pub read_address: Signal<In, Bits<8>>,
    pub read_word: Signal<Out, Bits<24>>,
    banks: Vec<DistributedRam<24, 4>>,
    words: Vec<DFF<Bits<24>>>,
    chosen: Vec<DFF<Bit>>,
    gathered: Signal<Local, Bits<24>>,
    _banks: usize,
}

impl ValueTable {
    /// A table of at least this many words, at most 192.
    pub fn new(words: usize) -> Self {
        let banks = words.div_ceil(16);
        Self {
            clock: Default::default(),
            write: Default::default(),
            write_address: Default::default(),
            write_word: Default::default(),
            read_address: Default::default(),
            read_word: Default::default(),
            banks: (0..banks).map(|_| Default::default()).collect(),
            words: (0..banks).map(|_| Default::default()).collect(),
            chosen: (0..banks).map(|_| Default::default()).collect(),
            gathered: Default::default(),
            _banks: banks,
        }
    }
}

impl Logic for ValueTable {
    #[hdl_gen]
    fn update(&mut self) {
        self.gathered.next = bits::<24>(0);
        for i in 0..self._banks {
            self.banks[i].clock.next = self.clock.val();
            self.banks[i].write_enable.next =
                self.write.val() & (self.write_address.val().get_bits::<4>(4) == i.to_bits());
            self.banks[i].write_address.next = bit_cast::<4, 8>(self.write_address.val());
            self.banks[i].write_data.next = self.write_word.val();
            self.banks[i].read_address.next = bit_cast::<4, 8>(self.read_address.val());
            self.words[i].clock.next = self.clock.val();
            self.words[i].d.next = self.banks[i].read_data.val();
            self.chosen[i].clock.next = self.clock.val();
            self.chosen[i].d.next = self.read_address.val().get_bits::<4>(4) == i.to_bits();
            if self.chosen[i].q.val() {
                self.gathered.next = self.gathered.val() | self.words[i].q.val();
            }
        }
        self.read_word.next = self.gathered.val();
    }
}
