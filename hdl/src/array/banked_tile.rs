//! Two block RAMs of weights and the lanes that add the sum of two of them.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{AddShift, BlockRam512x36, CopyRegister, GatedSum};
use std::array::from_fn;

/// Bits of the sum of two weights of either precision.
const SUM_BITS: usize = 9;

/// A [`super::tile::Tile`] with 512 more synapse rows, its second bank, and a bit more in its membranes.
///
/// Each bank has a `read`, `integrate`, `row`, `clear` and `write` of its own; those of the second bank are called so. With both
/// `integrate` and `second_integrate` in a clock, every lane adds the sum of its two weights. `shift`, `read_low` and `read_high`
/// are a tile's; the words that both banks show are combined, so one of them is to be cleared.
///
/// Latency: 4 clocks from `read` to the membranes, one more than a tile: the sum has a register. 2 to `read_low`; 2 from `shift` to
/// the membranes. A shift may follow three clocks after the last fetch that integrates.
///
/// ```text
/// clock             _/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// integrate         _/~~~~~~~\___________________
/// second_integrate  _/~~~\_______________________
/// row               -< A >< C >------------------
/// second_row        -< B >-----------------------
/// words             ---------<A,B>< C >----------
/// sums              -------------<A+B>< C >------
/// membranes         ----------------<+A+B>< + C >   (the lanes' own edge ends the clock in which the sum is there)
/// ```
#[derive(LogicBlock)]
pub struct BankedTile<const LANES: usize, const BITS: usize, const W: usize> {
    pub clock: Signal<In, Clock>,
    pub read: Signal<In, Bit>,
    pub integrate: Signal<In, Bit>,
    pub row: Signal<In, Bits<9>>,
    pub clear: Signal<In, Bit>,
    pub second_read: Signal<In, Bit>,
    pub second_integrate: Signal<In, Bit>,
    pub second_row: Signal<In, Bits<9>>,
    pub second_clear: Signal<In, Bit>,
    pub shift: Signal<In, Bit>,
    pub shift_in: Signal<In, Bits<W>>,
    pub shift_out: Signal<Out, Bits<W>>,
    pub write: Signal<In, Bit>,
    pub second_write: Signal<In, Bit>,
    pub write_row: Signal<In, Bits<9>>,
    pub write_low: Signal<In, Bits<32>>,
    pub write_high: Signal<In, Bits<4>>,
    pub read_low: Signal<Out, Bits<32>>,
    pub read_high: Signal<Out, Bits<4>>,
    rows: BlockRam512x36<LANES, BITS>,
    second_rows: BlockRam512x36<LANES, BITS>,
    sums: [GatedSum<BITS, SUM_BITS>; LANES],
    lanes: [AddShift<W, SUM_BITS>; LANES],
    // Registers for this tile alone keep the wires short.
    latched: CopyRegister,
    second_latched: CopyRegister,
    used: CopyRegister,
    second_used: CopyRegister,
    summed: CopyRegister,
    add: CopyRegister,
    enable: CopyRegister,
}

impl<const LANES: usize, const BITS: usize, const W: usize> Default for BankedTile<LANES, BITS, W> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read: Default::default(),
            integrate: Default::default(),
            row: Default::default(),
            clear: Default::default(),
            second_read: Default::default(),
            second_integrate: Default::default(),
            second_row: Default::default(),
            second_clear: Default::default(),
            shift: Default::default(),
            shift_in: Default::default(),
            shift_out: Default::default(),
            write: Default::default(),
            second_write: Default::default(),
            write_row: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            read_low: Default::default(),
            read_high: Default::default(),
            rows: Default::default(),
            second_rows: Default::default(),
            sums: from_fn(|_| Default::default()),
            lanes: from_fn(|_| Default::default()),
            latched: Default::default(),
            second_latched: Default::default(),
            used: Default::default(),
            second_used: Default::default(),
            summed: Default::default(),
            add: Default::default(),
            enable: Default::default(),
        }
    }
}

impl<const LANES: usize, const BITS: usize, const W: usize> Logic for BankedTile<LANES, BITS, W> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, rows, second_rows, latched, second_latched, used, second_used, summed, add, enable);
        self.latched.d.next = self.read.val() & self.integrate.val();
        self.second_latched.d.next = self.second_read.val() & self.second_integrate.val();
        self.used.d.next = self.latched.q.val();
        self.second_used.d.next = self.second_latched.q.val();
        self.summed.d.next = self.latched.q.val() | self.second_latched.q.val();
        self.add.d.next = self.summed.q.val();
        self.enable.d.next = self.summed.q.val() | self.shift.val();

        self.rows.read_enable.next = self.read.val();
        self.rows.read_address.next = self.row.val();
        self.rows.clear.next = self.clear.val();
        self.rows.write_enable.next = self.write.val();
        self.rows.write_address.next = self.write_row.val();
        self.rows.write_low.next = self.write_low.val();
        self.rows.write_high.next = self.write_high.val();
        self.second_rows.read_enable.next = self.second_read.val();
        self.second_rows.read_address.next = self.second_row.val();
        self.second_rows.clear.next = self.second_clear.val();
        self.second_rows.write_enable.next = self.second_write.val();
        self.second_rows.write_address.next = self.write_row.val();
        self.second_rows.write_low.next = self.write_low.val();
        self.second_rows.write_high.next = self.write_high.val();
        self.read_low.next = self.rows.read_low.val() | self.second_rows.read_low.val();
        self.read_high.next = self.rows.read_high.val() | self.second_rows.read_high.val();

        for i in 0..LANES {
            self.sums[i].clock.next = self.clock.val();
            self.sums[i].a.next = self.rows.lane[i].val();
            self.sums[i].use_a.next = self.used.q.val();
            self.sums[i].b.next = self.second_rows.lane[i].val();
            self.sums[i].use_b.next = self.second_used.q.val();
            self.lanes[i].clock.next = self.clock.val();
            self.lanes[i].enable.next = self.enable.q.val();
            self.lanes[i].add.next = self.add.q.val();
            self.lanes[i].weight.next = self.sums[i].q.val();
            self.shift_out.next = self.lanes[i].q.val();
        }
        self.lanes[0].shift_in.next = self.shift_in.val();
        for i in 1..LANES {
            self.lanes[i].shift_in.next = self.lanes[i - 1].q.val();
        }
    }
}
