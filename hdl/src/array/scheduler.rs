//! Which axons have an event in which tick.

use super::lowest_bit::LowestBit;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::BitSetRam;

/// 16 delay slots of one bit for each of 512 axons. There is no queue, so no event can be lost.
///
/// `set` stores an event for `set_axon` in `set_slot`, in every clock if need be. `start` walks the 32 words of `slot` and
/// puts out its axons in rising order, one a clock; a word without events takes one clock. If there was an event, the slot
/// is cleared afterwards, in 32 clocks. `clear` sets the word `clear_address` (of 512) to 0.
///
/// Latency: the first word is looked at in the fourth clock after `start`; an event is out one clock later. `walking` is
/// high for 3 clocks and then one for every event or empty word.
/// Events may be set in any slot but the one that is walked or cleared.
///
/// ```text
/// clock     _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// start     _/~~~\___________________________
/// walking   _____/~~~~~~~~~~~~~~~~~~~~~   ~~~~\_____
/// word      _________________< 0 ><1 ><1 >      < 31 >          word 1 has two events
/// event     _____________________________/~~~~~~~\___
/// clearing  ______________________________        ___/~~ 32 clocks
/// ```
#[derive(LogicBlock, Default)]
pub struct Scheduler {
    pub clock: Signal<In, Clock>,
    pub set: Signal<In, Bit>,
    pub set_slot: Signal<In, Bits<4>>,
    pub set_axon: Signal<In, Bits<9>>,
    pub start: Signal<In, Bit>,
    pub slot: Signal<In, Bits<4>>,
    pub clear: Signal<In, Bit>,
    pub clear_address: Signal<In, Bits<9>>,
    /// An event on `event_axon`.
    pub event_valid: Signal<Out, Bit>,
    pub event_axon: Signal<Out, Bits<9>>,
    /// High from the clock after `start` until the clock in which the last event comes out.
    pub walking: Signal<Out, Bit>,
    /// Walking or clearing.
    pub busy: Signal<Out, Bit>,

    slots: BitSetRam,
    lowest: LowestBit<16, 4>,
    walking_now: DFF<Bit>,
    clearing: DFF<Bit>,
    // The word to read or clear next; bit 5 is set behind the last.
    next_word: DFF<Bits<6>>,
    // Reads under way: two clocks from address to word.
    latched: DFF<Bit>,
    out_valid: DFF<Bit>,
    // The word that is walked, and its number.
    word: DFF<Bits<16>>,
    number: DFF<Bits<5>>,
    word_valid: DFF<Bit>,
    // The word behind it while the RAM's output has moved on.
    ahead: DFF<Bits<16>>,
    ahead_valid: DFF<Bit>,
    event_now: DFF<Bit>,
    axon_now: DFF<Bits<9>>,
    any_event: DFF<Bit>,
    advance: Signal<Local, Bit>,
    filling: Signal<Local, Bit>,
}

impl Logic for Scheduler {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            walking_now,
            clearing,
            next_word,
            latched,
            out_valid,
            word,
            number,
            word_valid,
            ahead,
            ahead_valid,
            event_now,
            axon_now,
            any_event
        );
        clock!(self, clock, slots);
        self.slots.set_enable.next = self.set.val();
        self.slots.set_value.next = true;
        self.slots.set_address.next =
            (bit_cast::<14, 4>(self.set_slot.val()) << 9) | bit_cast::<14, 9>(self.set_axon.val());
        self.slots.word_in.next = bits::<16>(0);
        self.slots.word_write.next = self.clear.val() | self.clearing.q.val();
        self.slots.word_enable.next = self.clear.val() | self.clearing.q.val();
        self.slots.word_address.next =
            (bit_cast::<10, 4>(self.slot.val()) << 5) | (bit_cast::<10, 6>(self.next_word.q.val()) & 0x1f);
        if self.clear.val() {
            self.slots.word_address.next = bit_cast::<10, 9>(self.clear_address.val());
        }

        // Lowest event first.
        self.lowest.word.next = self.word.q.val();
        self.event_now.d.next = self.word_valid.q.val() & self.lowest.any.val();
        self.axon_now.d.next = (bit_cast::<9, 5>(self.number.q.val()) << 4) | bit_cast::<9, 4>(self.lowest.index.val());
        self.event_valid.next = self.event_now.q.val();
        self.event_axon.next = self.axon_now.q.val();
        if self.event_now.q.val() {
            self.any_event.d.next = true;
        }

        // The next word is wanted when this one has no more than one event left. Until the first word is there, reads are
        // issued without being asked for: the two that are under way all the time.
        self.filling.next = !self.word_valid.q.val() & !self.out_valid.q.val();
        self.advance.next =
            (self.word_valid.q.val() & self.lowest.last.val()) | (!self.word_valid.q.val() & self.out_valid.q.val());
        if self.walking_now.q.val() {
            self.slots.word_enable.next = self.advance.val() | self.filling.val();
            if self.advance.val() | self.filling.val() {
                self.latched.d.next = true;
                self.out_valid.d.next = self.latched.q.val();
                if !self.next_word.q.val().get_bit(5) {
                    self.next_word.d.next = self.next_word.q.val() + 1;
                }
            }
            if self.advance.val() {
                self.word_valid.d.next = true;
                self.word.d.next = self.slots.word_out.val();
                if self.ahead_valid.q.val() {
                    self.word.d.next = self.ahead.q.val();
                }
                self.ahead_valid.d.next = false;
                if self.word_valid.q.val() {
                    self.number.d.next = self.number.q.val() + 1;
                    if self.number.q.val() == 31 {
                        self.walking_now.d.next = false;
                        self.word_valid.d.next = false;
                        self.next_word.d.next = bits::<6>(0);
                        self.clearing.d.next = self.any_event.q.val() | self.event_now.q.val() | self.lowest.any.val();
                    }
                }
            } else {
                if self.word_valid.q.val() {
                    self.word.d.next = self.lowest.rest.val();
                    if !self.ahead_valid.q.val() {
                        self.ahead.d.next = self.slots.word_out.val();
                        self.ahead_valid.d.next = true;
                    }
                }
            }
        }

        if self.clearing.q.val() {
            self.next_word.d.next = self.next_word.q.val() + 1;
            if self.next_word.q.val() == 31 {
                self.clearing.d.next = false;
            }
        }

        if self.start.val() {
            self.walking_now.d.next = true;
            self.next_word.d.next = bits::<6>(0);
            self.latched.d.next = false;
            self.out_valid.d.next = false;
            self.word_valid.d.next = false;
            self.ahead_valid.d.next = false;
            self.number.d.next = bits::<5>(0);
            self.any_event.d.next = false;
        }
        self.walking.next = self.walking_now.q.val();
        self.busy.next = self.walking_now.q.val() | self.clearing.q.val();
    }
}
