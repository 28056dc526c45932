//! A limit that the array itself keeps.

use super::value_table::ValueTable;
use nernst_spec::budget::{ARMED_BIT, FIRST_PRICE, PRICE_BITS, WORDS};
use nernst_spec::ledger::HALF_BITS;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::Mult18x18;

const _: () = assert!(
    FIRST_PRICE == 2 && PRICE_BITS == 15 && HALF_BITS == 24 && ARMED_BIT == 24,
    "words that the kernel takes apart"
);

/// [`nernst_spec::budget`]: takes the price of what the ledger counts off what is left.
///
/// In each clock comes `price_of`, the place of a price, and the `count` that has it one clock later, at most 2^17 - 1 or 0 for nothing. 8 clocks after `price_of`
/// what is left knows of it, if the budget is `armed` and it is not the first sweep of the ledger since (`sweep` when it begins), which adds what was counted before. `write` writes word `index` of the
/// budget, and disarms it unless the word arms it; `disarm` does so, too. `word` is word `index`, prices read 0, a clock later.
///
/// ```text
/// clock     _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// price_of  -< p >-------------------------------
/// count     -----< n >---------------------------
/// cost      -----------------< n * price >-------    three clocks of a multiplier
/// charge    ---------------------<
/// left      -------------------------< low   ><      low half, then what is borrowed, then high half
/// ```
#[derive(LogicBlock)]
pub struct Budget {
    pub clock: Signal<In, Clock>,
    pub sweep: Signal<In, Bit>,
    pub price_of: Signal<In, Bits<5>>,
    pub count: Signal<In, Bits<17>>,
    pub disarm: Signal<In, Bit>,
    pub write: Signal<In, Bit>,
    pub index: Signal<In, Bits<5>>,
    pub write_word: Signal<In, Bits<25>>,
    pub word: Signal<Out, Bits<25>>,
    pub armed: Signal<Out, Bit>,
    pub used_up: Signal<Out, Bit>,

    prices: ValueTable<15>,
    multiplier: Mult18x18,
    armed_now: DFF<Bit>,
    fresh: DFF<Bit>,
    paying: DFF<Bit>,
    // A count on its way through the multiplier is paid for.
    paid_1: DFF<Bit>,
    paid_2: DFF<Bit>,
    paid_3: DFF<Bit>,
    paid_4: DFF<Bit>,
    charge: DFF<Bits<32>>,
    left_low: DFF<Bits<24>>,
    left_high: DFF<Bits<24>>,
    borrowed: DFF<Bit>,
    charge_high: DFF<Bits<9>>,
    owed: DFF<Bits<9>>,
    read_now: DFF<Bits<25>>,

    difference: Signal<Local, Bits<25>>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            sweep: Default::default(),
            price_of: Default::default(),
            count: Default::default(),
            disarm: Default::default(),
            write: Default::default(),
            index: Default::default(),
            write_word: Default::default(),
            word: Default::default(),
            armed: Default::default(),
            used_up: Default::default(),
            prices: ValueTable::new(WORDS),
            multiplier: Default::default(),
            armed_now: Default::default(),
            fresh: Default::default(),
            paying: Default::default(),
            paid_1: Default::default(),
            paid_2: Default::default(),
            paid_3: Default::default(),
            paid_4: Default::default(),
            charge: Default::default(),
            left_low: Default::default(),
            left_high: Default::default(),
            borrowed: Default::default(),
            charge_high: Default::default(),
            owed: Default::default(),
            read_now: Default::default(),
            difference: Default::default(),
        }
    }
}

impl Logic for Budget {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            armed_now,
            fresh,
            paying,
            paid_1,
            paid_2,
            paid_3,
            paid_4,
            charge,
            left_low,
            left_high,
            borrowed,
            charge_high,
            owed,
            read_now
        );
        clock!(self, clock, prices, multiplier);

        // Count times price.
        self.prices.read.next = true;
        self.prices.read_address.next = bit_cast::<8, 5>(self.price_of.val());
        self.multiplier.a.next = bit_cast::<18, 17>(self.count.val());
        self.multiplier.b.next = bit_cast::<18, 15>(self.prices.read_word.val());
        self.paid_1.d.next = self.paying.q.val();
        self.paid_2.d.next = self.paid_1.q.val();
        self.paid_3.d.next = self.paid_2.q.val();
        self.paid_4.d.next = self.paid_3.q.val();
        self.charge.d.next = bits::<32>(0);
        if self.paid_4.q.val() {
            self.charge.d.next = self.multiplier.product.val();
        }

        // Off what is left: the low half, then the high half and what the low half borrowed.
        self.difference.next =
            bit_cast::<25, 24>(self.left_low.q.val()) - (bit_cast::<25, 32>(self.charge.q.val()) & 0xff_ffff);
        self.left_low.d.next = bit_cast::<24, 25>(self.difference.val());
        self.borrowed.d.next = self.difference.val().get_bit(24);
        self.charge_high.d.next = bit_cast::<9, 8>(self.charge.q.val().get_bits::<8>(24));
        self.owed.d.next = self.charge_high.q.val() + bit_cast::<9, 1>(self.borrowed.q.val().into());
        self.left_high.d.next = self.left_high.q.val() - bit_cast::<24, 9>(self.owed.q.val());

        if self.sweep.val() {
            self.paying.d.next = self.armed_now.q.val() & !self.fresh.q.val();
            self.fresh.d.next = false;
        }
        self.prices.write.next = self.write.val();
        self.prices.write_address.next = bit_cast::<8, 5>(self.index.val());
        self.prices.write_word.next = bit_cast::<15, 25>(self.write_word.val());
        if self.write.val() & (self.index.val() == 0) {
            self.left_low.d.next = bit_cast::<24, 25>(self.write_word.val());
        }
        if self.write.val() & (self.index.val() == 1) {
            self.left_high.d.next = bit_cast::<24, 25>(self.write_word.val());
        }
        if self.write.val() {
            self.armed_now.d.next = (self.index.val() == 1) & self.write_word.val().get_bit(24);
            self.paying.d.next = false;
            self.fresh.d.next = true;
        }
        if self.disarm.val() {
            self.armed_now.d.next = false;
            self.paying.d.next = false;
        }

        self.read_now.d.next = bits::<25>(0);
        if self.index.val() == 0 {
            self.read_now.d.next = bit_cast::<25, 24>(self.left_low.q.val());
        }
        if self.index.val() == 1 {
            self.read_now.d.next =
                bit_cast::<25, 24>(self.left_high.q.val()) | (bit_cast::<25, 1>(self.armed_now.q.val().into()) << 24);
        }
        self.word.next = self.read_now.q.val();
        self.armed.next = self.armed_now.q.val();
        self.used_up.next = self.armed_now.q.val() & self.left_high.q.val().get_bit(23);
    }
}
