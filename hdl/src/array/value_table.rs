//! A table in LUT RAM: the values of the ledger's counters, or the prices of a budget.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::DistributedRam;

/// 256 or fewer words of W bits in banks of 16. Without `read` the word that is read is 0.
///
/// ```text
/// clock         _/~\_/~\_
/// read          _/~~~\___
/// read_address  -< A >---
/// read_word     -----< A's >
/// ```
#[derive(LogicBlock)]
pub struct ValueTable<const W: usize> {
    pub clock: Signal<In, Clock>,
    pub write: Signal<In, Bit>,
    pub write_address: Signal<In, Bits<8>>,
    pub write_word: Signal<In, Bits<W>>,
    pub read: Signal<In, Bit>,
    pub read_address: Signal<In, Bits<8>>,
    pub read_word: Signal<Out, Bits<W>>,
    banks: Vec<DistributedRam<W, 4>>,
    /// The word of a bank that is not read is 0, by the registers' own reset.
    words: Vec<DFF<Bits<W>>>,
    gathered: Signal<Local, Bits<W>>,
    nothing: Constant<Bits<W>>,
    _banks: usize,
}

impl<const W: usize> ValueTable<W> {
    /// A table of at least this many words, at most 256.
    pub fn new(words: usize) -> Self {
        let banks = words.div_ceil(16);
        Self {
            clock: Default::default(),
            write: Default::default(),
            write_address: Default::default(),
            write_word: Default::default(),
            read: Default::default(),
            read_address: Default::default(),
            read_word: Default::default(),
            banks: (0..banks).map(|_| Default::default()).collect(),
            words: (0..banks).map(|_| Default::default()).collect(),
            gathered: Default::default(),
            nothing: Constant::new(0u64.into()),
            _banks: banks,
        }
    }
}

impl<const W: usize> Logic for ValueTable<W> {
    #[hdl_gen]
    fn update(&mut self) {
        self.gathered.next = self.nothing.val();
        for i in 0..self._banks {
            self.banks[i].clock.next = self.clock.val();
            self.banks[i].write_enable.next =
                self.write.val() & (self.write_address.val().get_bits::<4>(4) == i.to_bits());
            self.banks[i].write_address.next = bit_cast::<4, 8>(self.write_address.val());
            self.banks[i].write_data.next = self.write_word.val();
            self.banks[i].read_address.next = bit_cast::<4, 8>(self.read_address.val());
            self.words[i].clock.next = self.clock.val();
            self.words[i].d.next = self.nothing.val();
            if self.read.val() & (self.read_address.val().get_bits::<4>(4) == i.to_bits()) {
                self.words[i].d.next = self.banks[i].read_data.val();
            }
            self.gathered.next = self.gathered.val() | self.words[i].q.val();
        }
        self.read_word.next = self.gathered.val();
    }
}
