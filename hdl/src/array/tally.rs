//! Counts between two sweeps of the ledger.

use rust_hdl::prelude::*;

/// Taps of shift registers that pass through all states but the one of only ones: bits 7 and 6; 8, 6, 5 and 4 (maximum-length feedback,
/// Alfke, Xilinx XAPP 052, with XNOR).
const fn taps(bits: usize) -> u64 {
    match bits {
        7 => 0b110_0000,
        8 => 0b1011_1000,
        _ => panic!("a tally has 7 or 8 bits"),
    }
}

/// The state behind a state.
const fn step(code: u64, bits: usize) -> u64 {
    let odd = (code & taps(bits)).count_ones() % 2 == 1;
    (code << 1 | !odd as u64) & ((1 << bits) - 1)
}

/// How many pulses the codes of a [`Tally`] stand for, by code: fewer than 2^`bits` - 1.
pub fn counts(bits: usize) -> Vec<u64> {
    let mut counts = vec![0; 1 << bits];
    let mut code = 0;
    for count in 0..(1 << bits) - 1 {
        counts[code as usize] = count;
        code = step(code, bits);
    }
    counts
}

/// Counts pulses in a shift register with feedback, which takes one LUT where a binary counter takes one for each bit: so what it hands on is a
/// code, whose number is in [`counts`]. At most 2^bits - 2 pulses may come between two loads. `load` moves the code to `chain_out` and starts
/// again; otherwise `shift` moves `chain_in` there, so that tallies in a row hand their codes on.
///
/// ```text
/// clock      _/~\_/~\_/~\_/~\_/~\_
/// pulse      _/~~~\_______________
/// load       _____________/~~~\___
/// chain_out  -----------------< 1's code >    a pulse two clocks before is in it
/// ```
#[derive(LogicBlock)]
pub struct Tally {
    pub clock: Signal<In, Clock>,
    pub pulse: Signal<In, Bit>,
    pub load: Signal<In, Bit>,
    pub shift: Signal<In, Bit>,
    pub chain_in: Signal<In, Bits<8>>,
    pub chain_out: Signal<Out, Bits<8>>,
    // It may come from far away.
    came: DFF<Bit>,
    code: DFF<Bits<8>>,
    held: DFF<Bits<8>>,
    /// The bits that there are, and those that feed back.
    kept: Constant<Bits<8>>,
    taps: Constant<Bits<8>>,
    tapped: Signal<Local, Bits<8>>,
}

impl Tally {
    /// A tally of so many bits, 7 or 8; without an eighth it is always 0, and synthesis leaves it out.
    pub fn new(bits: usize) -> Self {
        Self {
            clock: Default::default(),
            pulse: Default::default(),
            load: Default::default(),
            shift: Default::default(),
            chain_in: Default::default(),
            chain_out: Default::default(),
            came: Default::default(),
            code: Default::default(),
            held: Default::default(),
            kept: Constant::new(((1u64 << bits) - 1).into()),
            taps: Constant::new(taps(bits).into()),
            tapped: Default::default(),
        }
    }
}

impl Logic for Tally {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, came, code, held);
        self.came.d.next = self.pulse.val();
        self.tapped.next = self.code.q.val() & self.taps.val();
        if self.came.q.val() {
            self.code.d.next =
                ((self.code.q.val() << 1) | bit_cast::<8, 1>((!self.tapped.val().xor()).into())) & self.kept.val();
        }
        if self.load.val() {
            self.held.d.next = self.code.q.val();
            // By the reset of its registers: no LUT chooses.
            self.code.d.next = bit_cast::<8, 1>(self.came.q.val().into());
        } else {
            if self.shift.val() {
                self.held.d.next = self.chain_in.val() & self.kept.val();
            }
        }
        self.chain_out.next = self.held.q.val();
    }
}

/// Sums up `amount` in at most N bits, which must be enough; otherwise like a [`Tally`], but that it hands on the sum itself.
#[derive(LogicBlock)]
pub struct SumTally<const A: usize, const N: usize> {
    pub clock: Signal<In, Clock>,
    pub amount: Signal<In, Bits<A>>,
    pub load: Signal<In, Bit>,
    pub shift: Signal<In, Bit>,
    pub chain_in: Signal<In, Bits<N>>,
    pub chain_out: Signal<Out, Bits<N>>,
    // It may come from far away; and it is counted when a pulse of the same clock is in a Tally.
    came: DFF<Bits<A>>,
    waited: DFF<Bits<A>>,
    sum: DFF<Bits<N>>,
    held: DFF<Bits<N>>,
    /// The bits that there are.
    kept: Constant<Bits<N>>,
    nothing: Constant<Bits<N>>,
    total: Signal<Local, Bits<N>>,
}

impl<const A: usize, const N: usize> SumTally<A, N> {
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
            waited: Default::default(),
            sum: Default::default(),
            held: Default::default(),
            kept: Constant::new(((1u64 << bits) - 1).into()),
            nothing: Constant::new(0u64.into()),
            total: Default::default(),
        }
    }
}

impl<const A: usize, const N: usize> Logic for SumTally<A, N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, came, waited, sum, held);
        self.came.d.next = self.amount.val();
        self.waited.d.next = self.came.q.val();
        self.total.next = (self.sum.q.val() + bit_cast::<N, A>(self.waited.q.val())) & self.kept.val();
        self.sum.d.next = self.total.val();
        if self.load.val() {
            self.held.d.next = self.total.val();
            // By the reset of its registers, too.
            self.sum.d.next = self.nothing.val();
        } else {
            if self.shift.val() {
                self.held.d.next = self.chain_in.val() & self.kept.val();
            }
        }
        self.chain_out.next = self.held.q.val();
    }
}
