//! Where spikes go: a route word for each neuron and for each input line.

use nernst_spec::geometry::{ROUTE_BANK, route_banks};
use nernst_spec::memory::route_word::{self, CORES_SHIFT};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cast::unsigned_cast_ext;
use rust_hdl_bsp_ecp5::primitives::BlockRam2048x9;

/// Bits of a column: those of a block RAM of bytes.
const COLUMN: usize = 9;

const _: () = assert!(ROUTE_BANK == 2048, "places that 11 bits tell apart");
const _: () = assert!(CORES_SHIFT == 16, "the half of a word that the kernel moves");

/// Words of an array's routes: of their 32 bits the low ones and those of the cores that there are, side by side in block RAMs of
/// 2,048 words of nine bits. The others read 0. So 2,048 routes between four cores take two block RAMs.
///
/// `word` is the word at `address`, 3 clocks later, and stays while the address does. `write` writes one at `write_address`,
/// `write_all` writes it at the same place of every 2,048; nothing is read in that clock.
///
/// Where the table has fewer words than 13 bits of address tell apart the upper ones are ignored: it repeats itself. So routes may be
/// stored from either end.
///
/// ```text
/// clock    _/~\_/~\_/~\_/~\_
/// address  -< A >-----------
/// word     -------------< A's
/// ```
#[derive(LogicBlock)]
pub struct RouteTable {
    pub clock: Signal<In, Clock>,
    pub address: Signal<In, Bits<13>>,
    pub write_address: Signal<In, Bits<13>>,
    pub write: Signal<In, Bit>,
    pub write_all: Signal<In, Bit>,
    pub write_word: Signal<In, Bits<32>>,
    pub word: Signal<Out, Bits<32>>,
    banks: Vec<RouteBank>,
    // The bank of each of the two clocks of a read.
    bank: DFF<Bits<2>>,
    bank_after: DFF<Bits<2>>,
    read_packed: DFF<Bits<32>>,
    write_bank: Signal<Local, Bits<2>>,
    kept_word: Signal<Local, Bits<32>>,
    packed_word: Signal<Local, Bits<32>>,
    gathered: Signal<Local, Bits<32>>,
    bank_mask: Constant<Bits<2>>,
    kept: Constant<Bits<32>>,
    low_half: Constant<Bits<32>>,
    /// Bits between those that are kept.
    gap: Constant<Bits<3>>,
    _banks: usize,
}

impl RouteTable {
    /// A table of at least this many words, at most 8,192, for an array of so many cores with so many banks at most.
    pub fn new(words: usize, cores: usize, banks: usize) -> Self {
        let depth = route_banks(words);
        let low_bits = route_word::low_bits(banks);
        let gap = CORES_SHIFT - low_bits;
        let columns = (low_bits as usize + cores).div_ceil(COLUMN);
        Self {
            clock: Default::default(),
            address: Default::default(),
            write_address: Default::default(),
            write: Default::default(),
            write_all: Default::default(),
            write_word: Default::default(),
            word: Default::default(),
            banks: (0..depth).map(|_| RouteBank::new(columns)).collect(),
            bank: Default::default(),
            bank_after: Default::default(),
            read_packed: Default::default(),
            write_bank: Default::default(),
            kept_word: Default::default(),
            packed_word: Default::default(),
            gathered: Default::default(),
            bank_mask: Constant::new((depth as u64 - 1).into()),
            kept: Constant::new(u64::from(route_word::kept(cores, banks)).into()),
            low_half: Constant::new(((1u64 << CORES_SHIFT) - 1).into()),
            gap: Constant::new(u64::from(gap).into()),
            _banks: depth,
        }
    }
}

impl Logic for RouteTable {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, bank, bank_after, read_packed);
        self.bank.d.next = bit_cast::<2, 13>(self.address.val() >> 11) & self.bank_mask.val();
        self.bank_after.d.next = self.bank.q.val();
        self.write_bank.next = bit_cast::<2, 13>(self.write_address.val() >> 11) & self.bank_mask.val();
        self.kept_word.next = self.write_word.val() & self.kept.val();
        self.packed_word.next = (self.kept_word.val() & self.low_half.val())
            | ((self.kept_word.val() & !self.low_half.val()) >> self.gap.val());
        self.gathered.next = bits::<32>(0);
        for i in 0..self._banks {
            self.banks[i].clock.next = self.clock.val();
            // A block RAM does not say what a read of the word that is being written gives: nothing is read then.
            self.banks[i].read_enable.next = !self.write.val() & !self.write_all.val();
            self.banks[i].read_address.next = bit_cast::<11, 13>(self.address.val());
            self.banks[i].write_address.next = bit_cast::<11, 13>(self.write_address.val());
            self.banks[i].write_word.next = self.packed_word.val();
            self.banks[i].write_enable.next =
                self.write_all.val() | (self.write.val() & (self.write_bank.val() == i.to_bits()));
            if self.bank_after.q.val() == i.to_bits() {
                self.gathered.next = self.gathered.val() | self.banks[i].read_word.val();
            }
        }
        self.read_packed.d.next = self.gathered.val();
        self.word.next = ((self.read_packed.q.val() << self.gap.val()) & self.kept.val() & !self.low_half.val())
            | (self.read_packed.q.val() & self.kept.val() & self.low_half.val());
    }
}

/// 2,048 words of 9, 18, 27 or 32 bits, a block RAM for every nine.
///
/// ```text
/// clock         _/~\_/~\_/~\_
/// read_enable   _/~~~\_______
/// read_address  -< A >-------
/// read_word     ---------< A's    and stays until the next read
/// ```
///
/// No word is read in the clock in which it is written.
#[derive(LogicBlock)]
pub struct RouteBank {
    pub clock: Signal<In, Clock>,
    pub read_enable: Signal<In, Bit>,
    pub read_address: Signal<In, Bits<11>>,
    pub read_word: Signal<Out, Bits<32>>,
    pub write_enable: Signal<In, Bit>,
    pub write_address: Signal<In, Bits<11>>,
    pub write_word: Signal<In, Bits<32>>,
    columns: Vec<BlockRam2048x9<COLUMN>>,
    rest: Signal<Local, Bits<32>>,
    gathered: Signal<Local, Bits<32>>,
    _columns: usize,
}

impl RouteBank {
    /// A bank of 1 to 4 columns.
    fn new(columns: usize) -> Self {
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            read_word: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_word: Default::default(),
            columns: (0..columns).map(|_| Default::default()).collect(),
            rest: Default::default(),
            gathered: Default::default(),
            _columns: columns,
        }
    }
}

impl Logic for RouteBank {
    #[hdl_gen]
    fn update(&mut self) {
        self.rest.next = self.write_word.val();
        self.gathered.next = bits::<32>(0);
        for i in 0..self._columns {
            self.columns[i].clock.next = self.clock.val();
            self.columns[i].read_enable.next = self.read_enable.val();
            self.columns[i].read_address.next = self.read_address.val();
            self.columns[i].write_enable.next = self.write_enable.val();
            self.columns[i].write_address.next = self.write_address.val();
            self.columns[i].write_data.next = bit_cast::<9, 32>(self.rest.val());
            self.rest.next = self.rest.val() >> 9;
            if i == 0 {
                self.gathered.next = unsigned_cast_ext::<32, 9>(self.columns[i].read_data.val());
            }
            if i == 1 {
                self.gathered.next =
                    self.gathered.val() | (unsigned_cast_ext::<32, 9>(self.columns[i].read_data.val()) << 9);
            }
            if i == 2 {
                self.gathered.next =
                    self.gathered.val() | (unsigned_cast_ext::<32, 9>(self.columns[i].read_data.val()) << 18);
            }
            if i == 3 {
                self.gathered.next =
                    self.gathered.val() | (unsigned_cast_ext::<32, 9>(self.columns[i].read_data.val()) << 27);
            }
        }
        self.read_word.next = self.gathered.val();
    }
}
