//! Counts between two sweeps of the ledger.

use rust_hdl::prelude::*;

/// Sums up `amount` in at most N bits, which must be enough. `load` moves the sum to `chain_out` and starts again; otherwise
/// `shift` moves `chain_in` there, so that tallies in a row hand their sums on. An amount is counted a clock after it came.
///
/// ```text
/// clock      _/~\_/~\_/~\_/~\_
/// amount     -< 1     >< 0  >-
/// load       _________/~~~\___
/// chain_out  -------------< 2 >    the amount of the clock before is in it
/// ```
#[derive(LogicBlock)]
pub struct Tally<const A: usize, const N: usize> {
    pub clock: Signal<In, Clock>,
    pub amount: Signal<In, Bits<A>>,
    pub load: Signal<In, Bit>,
    pub shift: Signal<In, Bit>,
    pub chain_in: Signal<In, Bits<N>>,
    pub chain_out: Signal<Out, Bits<N>>,
    // It may come from far away.
    came: DFF<Bits<A>>,
    sum: DFF<Bits<N>>,
    held: DFF<Bits<N>>,
    /// The bits that there are.
    kept: Constant<Bits<N>>,
    nothing: Constant<Bits<N>>,
    total: Signal<Local, Bits<N>>,
}

impl<const A: usize, const N: usize> Tally<A, N> {
    /// A tally of so many bits, at most N; the others are always 0, and synthesis leaves them out.
    pub fn new(bits: usize) -> Self {
        Self {
            clock: Default::default(),
            amount: Default::default(),
            load: Default::default(),
            shift: Default::default(),
            chain_in: Default::default(),
            chain_out: Default::default(),
            came: Default::default(),
            sum: Default::default(),
            held: Default::default(),
            kept: Constant::new(((1u64 << bits) - 1).into()),
            nothing: Constant::new(0u64.into()),
            total: Default::default(),
        }
    }
}

impl<const A: usize, const N: usize> Logic for Tally<A, N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, came, sum, held);
        self.came.d.next = self.amount.val();
        self.total.next = (self.sum.q.val() + bit_cast::<N, A>(self.came.q.val())) & self.kept.val();
        self.sum.d.next = self.total.val();
        if self.load.val() {
            self.held.d.next = self.total.val();
            // By the reset of its registers: no LUT chooses.
            self.sum.d.next = self.nothing.val();
        } else {
            if self.shift.val() {
                self.held.d.next = self.chain_in.val() & self.kept.val();
            }
        }
        self.chain_out.next = self.held.q.val();
    }
}
