//! The step with which a code begins, as it follows the gaps.

use nernst_spec::link::stream::{Adaptation, Train};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{ContentsError, DffInit, Rom};

/// Bits of a step.
pub const STEP_BITS: usize = 13;

/// `nernst_spec::link::stream::Adaptation` in so far as it is about the start of codes: the exponent's number, and the step that it means.
///
/// `begin` takes the `exponent` of a payload, `end` the `zeros` of a code (8: as many or more). Two clocks after either `step` has its one bit; then
/// `now` is its exponent.
#[derive(LogicBlock)]
pub struct StepTable {
    pub clock: Signal<In, Clock>,
    pub begin: Signal<In, Bit>,
    pub exponent: Signal<In, Bits<4>>,
    pub end: Signal<In, Bit>,
    pub zeros: Signal<In, Bits<4>>,
    pub step: Signal<Out, Bits<STEP_BITS>>,
    pub now: Signal<Out, Bits<4>>,

    eighths: DffInit<Bits<7>>,
    step_now: DFF<Bits<STEP_BITS>>,
    table: Rom<STEP_BITS, 4>,
    largest: Constant<Bits<STEP_BITS>>,
}

impl StepTable {
    /// For trains of this shape; the exponent is the largest until something is taken.
    pub fn new(train: &Train) -> Result<Self, ContentsError> {
        let limit = Adaptation::limit(train);
        let steps: Vec<u64> = (0..16).map(|exponent: u8| 1 << exponent.min(limit)).collect();
        Ok(Self {
            clock: Default::default(),
            begin: Default::default(),
            exponent: Default::default(),
            end: Default::default(),
            zeros: Default::default(),
            step: Default::default(),
            now: Default::default(),
            eighths: DffInit::new((u64::from(limit) * 8 + 4).into()),
            step_now: Default::default(),
            table: Rom::new(&steps)?,
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
        dff_setup!(self, clock, eighths, step_now);
        self.table.address.next = self.eighths.q.val().get_bits::<4>(3);
        self.step_now.d.next = self.table.data.val();
        if self.end.val() {
            if self.zeros.val() == 0 {
                if self.eighths.q.val() != 0 {
                    self.eighths.d.next = self.eighths.q.val() - 1;
                }
            } else {
                if !(self.step_now.q.val() & self.largest.val()).any() {
                    if self.zeros.val() == 2 {
                        self.eighths.d.next = self.eighths.q.val() + 1;
                    }
                    if self.zeros.val() == 3 {
                        self.eighths.d.next = self.eighths.q.val() + 2;
                    }
                    if self.zeros.val() > 3 {
                        self.eighths.d.next = self.eighths.q.val() + 3;
                    }
                }
            }
        }
        if self.begin.val() {
            self.eighths.d.next = (bit_cast::<7, 4>(self.exponent.val()) << 3) | 4;
        }
        self.step.next = self.step_now.q.val();
        self.now.next = self.eighths.q.val().get_bits::<4>(3);
    }
}
