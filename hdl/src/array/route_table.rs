//! Where spikes go: a route word for each neuron, or for each input line.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::BlockRam512x36;

/// Words of 32 bits in banks of 512, one block RAM each.
///
/// `word` is the word at `address`, 3 clocks later, and stays while the address does. `write` writes one at `write_address`,
/// `write_all` writes it at the same place of every bank; nothing is read in that clock.
///
/// ```text
/// clock    _/~\_/~\_/~\_/~\_
/// address  -< A >-----------
/// word     -------------< A's
/// ```
#[derive(LogicBlock)]
pub struct RouteTable {
    pub clock: Signal<In, Clock>,
    pub address: Signal<In, Bits<12>>,
    pub write_address: Signal<In, Bits<12>>,
    pub write: Signal<In, Bit>,
    pub write_all: Signal<In, Bit>,
    pub write_word: Signal<In, Bits<32>>,
    pub word: Signal<Out, Bits<32>>,
    banks: Vec<BlockRam512x36<1, 32>>,
    // The bank of each of the two clocks of a read.
    bank: DFF<Bits<3>>,
    bank_after: DFF<Bits<3>>,
    read_word: DFF<Bits<32>>,
    wanted: Signal<Local, Bits<3>>,
    place: Signal<Local, Bits<9>>,
    write_bank: Signal<Local, Bits<3>>,
    write_place: Signal<Local, Bits<9>>,
    gathered: Signal<Local, Bits<32>>,
    _banks: usize,
}

impl RouteTable {
    /// A table of at least this many words, at most 4,096.
    pub fn new(words: usize) -> Self {
        let banks = words.div_ceil(512);
        Self {
            clock: Default::default(),
            address: Default::default(),
            write_address: Default::default(),
            write: Default::default(),
            write_all: Default::default(),
            write_word: Default::default(),
            word: Default::default(),
            banks: (0..banks).map(|_| Default::default()).collect(),
            bank: Default::default(),
            bank_after: Default::default(),
            read_word: Default::default(),
            wanted: Default::default(),
            place: Default::default(),
            write_bank: Default::default(),
            write_place: Default::default(),
            gathered: Default::default(),
            _banks: banks,
        }
    }
}

impl Logic for RouteTable {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, bank, bank_after, read_word);
        self.wanted.next = bit_cast::<3, 12>(self.address.val() >> 9);
        self.bank.d.next = self.wanted.val();
        self.bank_after.d.next = self.bank.q.val();
        self.place.next = bit_cast::<9, 12>(self.address.val());
        self.write_bank.next = bit_cast::<3, 12>(self.write_address.val() >> 9);
        self.write_place.next = bit_cast::<9, 12>(self.write_address.val());
        self.gathered.next = bits::<32>(0);
        for i in 0..self._banks {
            self.banks[i].clock.next = self.clock.val();
            // A block RAM does not say what a read of the word that is being written gives: nothing is read then.
            self.banks[i].read_enable.next = !self.write.val() & !self.write_all.val();
            self.banks[i].read_address.next = self.place.val();
            self.banks[i].clear.next = false;
            self.banks[i].write_address.next = self.write_place.val();
            self.banks[i].write_low.next = self.write_word.val();
            self.banks[i].write_high.next = bits::<4>(0);
            self.banks[i].write_enable.next =
                self.write_all.val() | (self.write.val() & (self.write_bank.val() == i.to_bits()));
            if self.bank_after.q.val() == i.to_bits() {
                self.gathered.next = self.gathered.val() | self.banks[i].read_low.val();
            }
        }
        self.read_word.d.next = self.gathered.val();
        self.word.next = self.read_word.q.val();
    }
}
