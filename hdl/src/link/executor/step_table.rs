//! The step with which a code begins, as it follows the gaps.

use nernst_spec::link::stream::{Adaptation, Train};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{ContentsError, DffInit, Rom};

/// Bits of a step.
pub const STEP_BITS: usize = 13;

/// `nernst_spec::link::stream::Adaptation` in so far as it is about the start of codes: the exponent's number, and the step that it means.
///
/// `payload_begins` takes the `exponent` of a payload, `code_ends` the `zeros` of a code (8: as many or more), which stand from the clock before. Two clocks
/// after either `step` has its one bit, and `now` is its exponent. Between two of them are at least three clocks.
///
/// ```text
/// clock      _/~\_/~\_/~\_/~\_
/// zeros      -< 2    >--------
/// code_ends  _____/~~~\_______
/// step       -------------< s
/// ```
#[derive(LogicBlock)]
pub struct StepTable {
    pub clock: Signal<In, Clock>,
    pub payload_begins: Signal<In, Bit>,
    pub exponent: Signal<In, Bits<4>>,
    pub code_ends: Signal<In, Bit>,
    pub zeros: Signal<In, Bits<4>>,
    pub step: Signal<Out, Bits<STEP_BITS>>,
    pub now: Signal<Out, Bits<4>>,

    eighths: DffInit<Bits<7>>,
    /// What the end of a code adds to them.
    change: DFF<Bits<7>>,
    /// Exponents of payloads, and the one that each counts as.
    counts_as: Rom<4, 4>,
    step_now: DFF<Bits<STEP_BITS>>,
    powers: Rom<STEP_BITS, 4>,
    largest: Constant<Bits<STEP_BITS>>,
}

impl StepTable {
    /// For trains of this shape; the exponent is the largest until something is taken.
    pub fn new(train: &Train) -> Result<Self, ContentsError> {
        let limit = Adaptation::limit(train);
        let exponents: Vec<u64> = (0..16).map(|exponent: u8| exponent.min(limit).into()).collect();
        let steps: Vec<u64> = exponents.iter().map(|exponent| 1 << exponent).collect();
        Ok(Self {
            clock: Default::default(),
            payload_begins: Default::default(),
            exponent: Default::default(),
            code_ends: Default::default(),
            zeros: Default::default(),
            step: Default::default(),
            now: Default::default(),
            eighths: DffInit::new((u64::from(limit) * 8 + 4).into()),
            change: Default::default(),
            counts_as: Rom::new(&exponents)?,
            step_now: Default::default(),
            powers: Rom::new(&steps)?,
            largest: Constant::new(Self::largest(train).into()),
        })
    }
    /// The largest step.
    pub fn largest(train: &Train) -> u64 {
        1 << Adaptation::limit(train)
    }
}

impl Logic for StepTable {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, eighths, change, step_now);
        self.powers.address.next = self.eighths.q.val().get_bits::<4>(3);
        self.step_now.d.next = self.powers.data.val();
        self.change.d.next = bits::<7>(0);
        if self.zeros.val() == 0 {
            if self.eighths.q.val().any() {
                // -1
                self.change.d.next = bits::<7>(127);
            }
        } else {
            if !(self.step_now.q.val() & self.largest.val()).any() {
                if self.zeros.val() == 2 {
                    self.change.d.next = bits::<7>(1);
                }
                if self.zeros.val() == 3 {
                    self.change.d.next = bits::<7>(2);
                }
                if self.zeros.val() > 3 {
                    self.change.d.next = bits::<7>(3);
                }
            }
        }
        self.counts_as.address.next = self.exponent.val();
        if self.code_ends.val() {
            self.eighths.d.next = self.eighths.q.val() + self.change.q.val();
        }
        if self.payload_begins.val() {
            self.eighths.d.next = (bit_cast::<7, 4>(self.counts_as.data.val()) << 3) | 4;
        }
        self.step.next = self.step_now.q.val();
        self.now.next = self.eighths.q.val().get_bits::<4>(3);
    }
}
