//! Fire, reset and leak: what a membrane goes through once a tick.

use super::bus::SUM_BITS;
use super::delay::Delay;
use super::optional::Optional;
use nernst_spec::WeightBits;
use nernst_spec::tick::clamp_limits;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{DistributedRam, Mult18x18};

const _: () = assert!(SUM_BITS == 20, "the width that the kernel knows");

/// [`nernst_spec::tick::update`] for membranes of W bits (15, 16 in a banked core, or 18), one a clock, [`nernst_spec::timing::UNIT_LATENCY`] = 9
/// clocks. In a core that can be chained [`nernst_spec::tick::chain_sum`] comes before it: `added` is added to the membrane `v` that comes with it, and
/// `sum` is what came of that, a clock later, not saturated. In any other core these two are not there.
///
/// `valid` and `place` come one clock before the membrane `v` of the neuron at that place of the ring. With `hold` the
/// membrane comes out as it went in, with `zero` it comes out as 0, in either case without a spike; both must stay for a
/// whole turn. A parameter word is written whenever `write` is high, and `parameters` is the word of the place of two
/// clocks before.
///
/// ```text
/// clock        _/~\_/~\_/~\_   ...   _/~\_/~\_
/// valid        _/~~~\__________________________
/// place        -<  p >-------------------------
/// v            -----<  v >---------------------
/// q, spike     -----------------------<  q >---   9 clocks after v
/// q_valid      _______________________/~~~~\___
///
/// stage  1        2           3       4..6        7               8       9
///        v        v - thr.    reset   v * leak    floor(/ 512)    round   clamp
/// ```
#[derive(LogicBlock)]
pub struct NeuronUnit<const W: usize> {
    pub clock: Signal<In, Clock>,
    pub valid: Signal<In, Bit>,
    pub place: Signal<In, Bits<5>>,
    pub v: Signal<In, Bits<W>>,
    pub hold: Signal<In, Bit>,
    pub zero: Signal<In, Bit>,
    pub added: Optional<Signal<In, Bits<SUM_BITS>>>,
    pub sum: Optional<Signal<Out, Bits<SUM_BITS>>>,
    pub write: Signal<In, Bit>,
    pub write_place: Signal<In, Bits<5>>,
    pub write_word: Signal<In, Bits<29>>,
    pub parameters: Signal<Out, Bits<29>>,
    pub q: Signal<Out, Bits<W>>,
    pub q_valid: Signal<Out, Bit>,
    pub spike: Signal<Out, Bit>,

    parameter_table: DistributedRam<29, 5>,
    place_now: DFF<Bits<5>>,
    hold_now: DFF<Bit>,
    zero_now: DFF<Bit>,
    valid_line: Delay<10>,
    // 1
    membrane: DFF<Bits<18>>,
    /// In a core that can be chained: the membrane and what is added to it.
    total: Optional<DFF<Bits<SUM_BITS>>>,
    word: DFF<Bits<29>>,
    // 2
    above: DFF<Bits<20>>,
    kept: DFF<Bits<18>>,
    leak: DFF<Bits<10>>,
    subtract: DFF<Bit>,
    // 3
    fired: DFF<Bit>,
    after: DFF<Bits<18>>,
    factor: DFF<Bits<10>>,
    // 4 to 6
    multiplier: Mult18x18,
    spike_line: Delay<6>,
    // 7
    floor: DFF<Bits<19>>,
    negative: DFF<Bit>,
    /// Whether three bits each of the remainder are not all 0.
    inexact: DFF<Bits<3>>,
    // 8
    quotient: DFF<Bits<19>>,
    // 9
    clamped: DFF<Bits<W>>,

    wide: Signal<Local, Bits<18>>,
    wider: Optional<Signal<Local, Bits<SUM_BITS>>>,
    /// The total, saturated.
    entered: Optional<Signal<Local, Bits<18>>>,
    fire: Signal<Local, Bit>,
    too_high: Signal<Local, Bit>,
    too_low: Signal<Local, Bit>,
    /// The sign of a membrane, and the bits of an 18-bit number above it.
    sign: Constant<Bits<W>>,
    extension: Constant<Bits<18>>,
    /// Membranes of INT4.
    narrow: Constant<Bit>,
    /// One bit more of them: of two banks, or of a chain.
    banked: Constant<Bit>,
    /// Bits of a sum that there are.
    sum_bits: Optional<Constant<Bits<SUM_BITS>>>,
    highest: Constant<Bits<W>>,
    lowest: Constant<Bits<W>>,
    /// 1 where the core can be chained.
    _chain: usize,
}

impl<const W: usize> NeuronUnit<W> {
    /// A unit of a core that can be chained, or cannot.
    pub fn new(chain: bool) -> Self {
        const { assert!(W == 15 || W == 16 || W == 18, "membranes have 15, 16 or 18 bits") };
        let bits = if W == 18 { WeightBits::Eight } else { WeightBits::Four };
        let (lowest, highest) = clamp_limits(bits);
        let constant = |limit: i32| Constant::new(((limit as u64) & ((1 << W) - 1)).into());
        Self {
            clock: Default::default(),
            valid: Default::default(),
            place: Default::default(),
            v: Default::default(),
            hold: Default::default(),
            zero: Default::default(),
            added: Optional::there_if(chain),
            sum: Optional::there_if(chain),
            write: Default::default(),
            write_place: Default::default(),
            write_word: Default::default(),
            parameters: Default::default(),
            q: Default::default(),
            q_valid: Default::default(),
            spike: Default::default(),
            parameter_table: Default::default(),
            place_now: Default::default(),
            hold_now: Default::default(),
            zero_now: Default::default(),
            valid_line: Default::default(),
            membrane: Default::default(),
            total: Optional::there_if(chain),
            word: Default::default(),
            above: Default::default(),
            kept: Default::default(),
            leak: Default::default(),
            subtract: Default::default(),
            fired: Default::default(),
            after: Default::default(),
            factor: Default::default(),
            multiplier: Default::default(),
            spike_line: Default::default(),
            floor: Default::default(),
            negative: Default::default(),
            inexact: Default::default(),
            quotient: Default::default(),
            clamped: Default::default(),
            wide: Default::default(),
            wider: Optional::there_if(chain),
            entered: Optional::there_if(chain),
            fire: Default::default(),
            too_high: Default::default(),
            too_low: Default::default(),
            sign: Constant::new((1u64 << (W - 1)).into()),
            extension: Constant::new((0x3_ffffu64 << W & 0x3_ffff).into()),
            narrow: Constant::new(bits == WeightBits::Four),
            banked: Constant::new(W == 16 || (W == 15 && chain)),
            sum_bits: Optional::new(Constant::new((if W == 18 { 0xf_ffffu64 } else { 0xffff }).into()), chain),
            highest: constant(highest),
            lowest: constant(lowest),
            _chain: chain as usize,
        }
    }
}

impl<const W: usize> Logic for NeuronUnit<W> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, place_now, hold_now, zero_now, membrane, word, above, kept, leak, subtract, fired, after,
            factor, floor, negative, inexact, quotient, clamped
        );
        clock!(self, clock, parameter_table, multiplier, valid_line, spike_line);

        // 0: this unit's own copies
        self.place_now.d.next = self.place.val();
        self.hold_now.d.next = self.hold.val();
        self.zero_now.d.next = self.zero.val();
        self.valid_line.d.next = self.valid.val();
        self.parameter_table.write_enable.next = self.write.val();
        self.parameter_table.write_address.next = self.write_place.val();
        self.parameter_table.write_data.next = self.write_word.val();
        self.parameter_table.read_address.next = self.place_now.q.val();

        // 1: membrane, widened to 18 bits, and its parameters
        self.wide.next = bit_cast::<18, W>(self.v.val());
        if (self.v.val() & self.sign.val()).any() {
            self.wide.next = bit_cast::<18, W>(self.v.val()) | self.extension.val();
        }
        self.membrane.d.next = self.wide.val();
        self.word.d.next = self.parameter_table.read_data.val();
        self.parameters.next = self.word.q.val();

        // 2: distance from the threshold, negative below it
        self.above.d.next =
            bit_cast::<20, 18>(self.membrane.q.val()) - (bit_cast::<20, 29>(self.word.q.val()) & 0x3ffff);
        if self.membrane.q.val().get_bit(17) {
            self.above.d.next = (bit_cast::<20, 18>(self.membrane.q.val()) | 0xc0000)
                - (bit_cast::<20, 29>(self.word.q.val()) & 0x3ffff);
        }
        self.kept.d.next = self.membrane.q.val();
        // 1 and 2 in a core that can be chained: the sum, of 16 bits in INT4, saturated in INT8.
        for _i in 0..self._chain {
            self.total.clock.next = self.clock.val();
            self.wider.next = bit_cast::<20, 18>(self.wide.val());
            if self.wide.val().get_bit(17) {
                self.wider.next = bit_cast::<20, 18>(self.wide.val()) | 0xc0000;
            }
            self.total.d.next = (self.wider.val() + self.added.val()) & self.sum_bits.val();
            self.sum.next = self.total.q.val();
            self.entered.next = bit_cast::<18, 20>(self.total.q.val());
            if self.narrow.val() {
                if self.total.q.val().get_bit(15) {
                    self.entered.next = bit_cast::<18, 20>(self.total.q.val()) | 0x30000;
                }
            } else {
                if !self.total.q.val().get_bit(19) & (self.total.q.val().get_bit(18) | self.total.q.val().get_bit(17)) {
                    self.entered.next = bits::<18>(0x1ffff);
                }
                if self.total.q.val().get_bit(19) & !(self.total.q.val().get_bit(18) & self.total.q.val().get_bit(17)) {
                    self.entered.next = bits::<18>(0x20000);
                }
            }
            self.above.d.next =
                bit_cast::<20, 18>(self.entered.val()) - (bit_cast::<20, 29>(self.word.q.val()) & 0x3ffff);
            if self.entered.val().get_bit(17) {
                self.above.d.next = (bit_cast::<20, 18>(self.entered.val()) | 0xc0000)
                    - (bit_cast::<20, 29>(self.word.q.val()) & 0x3ffff);
            }
            self.kept.d.next = self.entered.val();
        }
        self.leak.d.next = self.word.q.val().get_bits::<10>(18);
        self.subtract.d.next = self.word.q.val().get_bit(28);
        if self.hold_now.q.val() {
            self.leak.d.next = bits::<10>(512);
        }
        if self.zero_now.q.val() {
            self.leak.d.next = bits::<10>(0);
        }

        // 3: reset
        self.fire.next = !self.above.q.val().get_bit(19) & !self.hold_now.q.val() & !self.zero_now.q.val();
        self.fired.d.next = self.fire.val();
        self.after.d.next = self.kept.q.val();
        if self.fire.val() {
            self.after.d.next = bits::<18>(0);
            if self.subtract.q.val() {
                self.after.d.next = bit_cast::<18, 20>(self.above.q.val());
            }
        }
        self.factor.d.next = self.leak.q.val();

        // 4 to 6: leak
        self.multiplier.a.next = self.after.q.val();
        self.multiplier.b.next = bit_cast::<18, 10>(self.factor.q.val());
        self.spike_line.d.next = self.fired.q.val();

        // 7: floor of the quotient, and whether rounding toward zero is one more
        self.floor.d.next = self.multiplier.product.val().get_bits::<19>(9);
        self.negative.d.next = self.multiplier.product.val().get_bit(31);
        self.inexact.d.next = bit_cast::<3, 1>((self.multiplier.product.val() & 0x7).any().into())
            | (bit_cast::<3, 1>((self.multiplier.product.val() & 0x38).any().into()) << 1)
            | (bit_cast::<3, 1>((self.multiplier.product.val() & 0x1c0).any().into()) << 2);

        // 8
        self.quotient.d.next =
            self.floor.q.val() + bit_cast::<19, 1>((self.negative.q.val() & self.inexact.q.val().any()).into());

        // 9: the limits are -3 * 4096 and 3 * 4096 - 1, or -65536 and 65535
        self.too_high.next = !self.quotient.q.val().get_bit(18)
            & (self.quotient.q.val().get_bit(17) | self.quotient.q.val().get_bit(16));
        self.too_low.next = self.quotient.q.val().get_bit(18)
            & !(self.quotient.q.val().get_bit(17) & self.quotient.q.val().get_bit(16));
        if self.narrow.val() {
            self.too_high.next = !self.quotient.q.val().get_bit(15)
                & (self.quotient.q.val().get_bit(14)
                    | (self.quotient.q.val().get_bit(13) & self.quotient.q.val().get_bit(12)));
            self.too_low.next = self.quotient.q.val().get_bit(15)
                & (!self.quotient.q.val().get_bit(14)
                    | (!self.quotient.q.val().get_bit(13) & !self.quotient.q.val().get_bit(12)));
        }
        if self.banked.val() {
            self.too_high.next = !self.quotient.q.val().get_bit(16)
                & (self.quotient.q.val().get_bit(15)
                    | self.quotient.q.val().get_bit(14)
                    | (self.quotient.q.val().get_bit(13) & self.quotient.q.val().get_bit(12)));
            self.too_low.next = self.quotient.q.val().get_bit(16)
                & (!self.quotient.q.val().get_bit(15)
                    | !self.quotient.q.val().get_bit(14)
                    | (!self.quotient.q.val().get_bit(13) & !self.quotient.q.val().get_bit(12)));
        }
        self.clamped.d.next = bit_cast::<W, 19>(self.quotient.q.val());
        if self.too_high.val() {
            self.clamped.d.next = self.highest.val();
        }
        if self.too_low.val() {
            self.clamped.d.next = self.lowest.val();
        }
        self.q.next = self.clamped.q.val();
        self.q_valid.next = self.valid_line.q.val();
        self.spike.next = self.spike_line.q.val();
    }
}
