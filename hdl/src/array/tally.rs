//! Counts pulses between two sweeps of the ledger.

use rust_hdl::prelude::*;

/// Counts the clocks in which `pulse` is high, up to 255. `load` moves the count to `chain_out` and starts again; otherwise
/// `shift` moves `chain_in` there, so that tallies in a row hand their counts on. A pulse is counted a clock after it came.
///
/// ```text
/// clock      _/~\_/~\_/~\_/~\_
/// pulse      _/~~~~~~~~~~~\___
/// load       _________/~~~\___
/// chain_out  -------------< 1 >    and a count of 1 goes on
/// ```
#[derive(LogicBlock, Default)]
pub struct Tally {
    pub clock: Signal<In, Clock>,
    pub pulse: Signal<In, Bit>,
    pub load: Signal<In, Bit>,
    pub shift: Signal<In, Bit>,
    pub chain_in: Signal<In, Bits<8>>,
    pub chain_out: Signal<Out, Bits<8>>,
    // The pulse may come from far away.
    came: DFF<Bit>,
    count: DFF<Bits<8>>,
    held: DFF<Bits<8>>,
}

impl Logic for Tally {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, came, count, held);
        self.came.d.next = self.pulse.val();
        if self.came.q.val() {
            self.count.d.next = self.count.q.val() + 1;
        }
        if self.load.val() {
            self.held.d.next = self.count.q.val();
            self.count.d.next = bits::<8>(0);
            if self.came.q.val() {
                self.count.d.next = bits::<8>(1);
            }
        } else {
            if self.shift.val() {
                self.held.d.next = self.chain_in.val();
            }
        }
        self.chain_out.next = self.held.q.val();
    }
}
