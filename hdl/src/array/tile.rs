//! One block RAM of weights and the lanes that add them.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{AddShift, BlockRam512x36, CopyRegister};
use std::array::from_fn;

/// 512 synapse rows and LANES neurons, with weights of BITS bits and membranes of W bits.
///
/// `read` fetches `row`; with `integrate` every lane adds its weight. `shift` moves the membranes one lane on: lane 0 takes
/// `shift_in`, the last lane's membrane is `shift_out`. A row may be fetched in every clock. A shift may follow two
/// clocks after the last fetch that integrates. The word fetched last stays at `read_low` and `read_high`
/// until `clear` makes it 0; `clear` must be low in the clock of a `read` and in the next.
///
/// Latency: 3 clocks from `read` to the membranes and 2 to `read_low`; 2 from `shift` to the membranes.
///
/// ```text
/// clock      _/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// read       _/~~~\_______________________
/// integrate  _/~~~\_______________________
/// row        -< A >-----------------------
/// weights    ---------< word A
/// membranes  -------------< + A >---------   (the lanes' own edge ends the clock in which the word is there)
/// shift      _________/~~~\_______________
/// membranes  -----------------< moved
/// ```
#[derive(LogicBlock)]
pub struct Tile<const LANES: usize, const BITS: usize, const W: usize> {
    pub clock: Signal<In, Clock>,
    pub read: Signal<In, Bit>,
    pub integrate: Signal<In, Bit>,
    pub row: Signal<In, Bits<9>>,
    pub clear: Signal<In, Bit>,
    pub shift: Signal<In, Bit>,
    pub shift_in: Signal<In, Bits<W>>,
    pub shift_out: Signal<Out, Bits<W>>,
    pub write: Signal<In, Bit>,
    pub write_row: Signal<In, Bits<9>>,
    pub write_low: Signal<In, Bits<32>>,
    pub write_high: Signal<In, Bits<4>>,
    pub read_low: Signal<Out, Bits<32>>,
    pub read_high: Signal<Out, Bits<4>>,
    rows: BlockRam512x36<LANES, BITS>,
    lanes: [AddShift<W, BITS>; LANES],
    // Registers for this tile alone keep the wires short.
    latched: CopyRegister,
    add: CopyRegister,
    enable: CopyRegister,
}

impl<const LANES: usize, const BITS: usize, const W: usize> Default for Tile<LANES, BITS, W> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read: Default::default(),
            integrate: Default::default(),
            row: Default::default(),
            clear: Default::default(),
            shift: Default::default(),
            shift_in: Default::default(),
            shift_out: Default::default(),
            write: Default::default(),
            write_row: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            read_low: Default::default(),
            read_high: Default::default(),
            rows: Default::default(),
            lanes: from_fn(|_| Default::default()),
            latched: Default::default(),
            add: Default::default(),
            enable: Default::default(),
        }
    }
}

impl<const LANES: usize, const BITS: usize, const W: usize> Logic for Tile<LANES, BITS, W> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, rows, latched, add, enable);
        self.latched.d.next = self.read.val() & self.integrate.val();
        self.add.d.next = self.latched.q.val();
        self.enable.d.next = self.latched.q.val() | self.shift.val();

        self.rows.read_enable.next = self.read.val();
        self.rows.read_address.next = self.row.val();
        self.rows.clear.next = self.clear.val();
        self.rows.write_enable.next = self.write.val();
        self.rows.write_address.next = self.write_row.val();
        self.rows.write_low.next = self.write_low.val();
        self.rows.write_high.next = self.write_high.val();
        self.read_low.next = self.rows.read_low.val();
        self.read_high.next = self.rows.read_high.val();

        for i in 0..LANES {
            self.lanes[i].clock.next = self.clock.val();
            self.lanes[i].enable.next = self.enable.q.val();
            self.lanes[i].add.next = self.add.q.val();
            self.lanes[i].weight.next = self.rows.lane[i].val();
            self.shift_out.next = self.lanes[i].q.val();
        }
        self.lanes[0].shift_in.next = self.shift_in.val();
        for i in 1..LANES {
            self.lanes[i].shift_in.next = self.lanes[i - 1].q.val();
        }
    }
}
