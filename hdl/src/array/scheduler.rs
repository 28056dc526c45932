//! Which axons have an event in which tick.

use super::lowest_bit::LowestBit;
use super::unpacker::Unpacker;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cast::unsigned_cast_ext;
use rust_hdl_bsp_ecp5::primitives::{BitSetRam, CopyRegister, DistributedRam};

/// 16 delay slots of one bit for each of 512 axons. There is no queue, so no event can be lost.
///
/// `set` stores an event for `set_axon` in `set_slot`, in every clock if need be. `start` walks the axons of `slot`, which must
/// stay, and puts out those with an event in rising order, one a clock; what is read is cleared by the same access. Beside
/// the slots lies a summary of them, one bit for each word of 16 axons, in LUT RAM: words without an event are not read, and
/// 64 axons without an event take one clock. `clear` sets the word `clear_address` (of 512) to 0.
///
/// With several contexts (`contexts`: the binary logarithm of their number, which stays) a walk halts where a context begins, before the
/// first, too: `some` says whether it has an event, from the fourth clock after `start` and the second after the last group of the one
/// before; `resume` walks its groups. `passing` is high from the clock after `resume` until they are on their way.
///
/// A word whose bit of `dense` is set is walked even if it has no event, and twice: first the axons with an event, then those without one.
/// `event_valid` is high for either, `event_set` for the first.
///
/// Events may be set in any slot but the one that is walked, and none in the clock of `start` and the next.
///
/// Latency: the first event is out 10 clocks after `start`. `walking` is high from the clock after `start` until nothing is under
/// way: 10 clocks, and what [`nernst_spec::timing::group_clocks`] says for every group of 64 axons. There are no other bubbles: what lies
/// between the summary and the unpacker moves in step, and stands still while a word waits behind that for which the unpacker has no room yet.
///
/// ```text
/// clock     _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// start     _/~~~\_______________________________________
/// loading   _________/~~~\_______________________________   summary of the slot, which is cleared
/// number    _________________< 0 >< 4 ><5  >                     words with an event; word 0 has two
/// latch     _____________________< 0 >< 4 >< 5  >               of the block RAM
/// word_out  _________________________< 0 >< 4 >
/// here      _____________________________< 0 >< 4 >
/// event     _________________________________________< a >< b ><c >  the unpacker's three stages later
/// ```
#[derive(LogicBlock, Default)]
pub struct Scheduler {
    pub clock: Signal<In, Clock>,
    pub set: Signal<In, Bit>,
    pub set_slot: Signal<In, Bits<4>>,
    pub set_axon: Signal<In, Bits<9>>,
    pub start: Signal<In, Bit>,
    pub slot: Signal<In, Bits<4>>,
    pub contexts: Signal<In, Bits<2>>,
    pub resume: Signal<In, Bit>,
    pub dense: Signal<In, Bits<32>>,
    pub clear: Signal<In, Bit>,
    pub clear_address: Signal<In, Bits<9>>,
    /// `event_axon` is walked, and has an event.
    pub event_valid: Signal<Out, Bit>,
    pub event_set: Signal<Out, Bit>,
    pub event_axon: Signal<Out, Bits<9>>,
    pub walking: Signal<Out, Bit>,
    pub some: Signal<Out, Bit>,
    pub passing: Signal<Out, Bit>,

    slots: BitSetRam,
    /// Group g of every slot: bit w is set if word `4 * g + w` may have an event.
    summary: [DistributedRam<4, 4>; 8],
    lowest: LowestBit,
    unpacker: Unpacker,
    // The access to the summary: its slot, the word's bit, the groups that are written.
    place: DFF<Bits<4>>,
    flag: DFF<Bits<4>>,
    write_group: [DFF<Bit>; 8],
    erase: DFF<Bit>,
    walking_now: DFF<Bit>,
    // Kept apart from the registers of the bus, which pass the start on in the same clocks to cores far away.
    starting: CopyRegister,
    loading: CopyRegister,
    // Groups of words still to be looked at, lowest first, and the number of that one.
    running: DFF<Bit>,
    pending: DFF<Bits<32>>,
    group: DFF<Bits<3>>,
    // What is looked up: a word of the slot, or nothing where a group has no event.
    asked: DFF<Bit>,
    asked_word: DFF<Bit>,
    asked_number: DFF<Bits<5>>,
    latched: DFF<Bit>,
    latched_word: DFF<Bit>,
    latched_number: DFF<Bits<5>>,
    latched_dense: DFF<Bits<4>>,
    out: DFF<Bit>,
    out_word: DFF<Bit>,
    out_number: DFF<Bits<5>>,
    out_dense: DFF<Bit>,
    // The word itself, and whether those of its axons follow that have no event.
    here: DFF<Bit>,
    here_empty: DFF<Bit>,
    here_more: DFF<Bit>,
    here_set: DFF<Bit>,
    here_flags: DFF<Bits<16>>,
    here_number: DFF<Bits<5>>,
    // One that came while that stayed: so the stages before need not know in the same clock whether it leaves.
    spare: DFF<Bit>,
    spare_empty: DFF<Bit>,
    spare_dense: DFF<Bit>,
    spare_flags: DFF<Bits<16>>,
    spare_number: DFF<Bits<5>>,

    // For several contexts: groups of each less one, and whether those that come next have an event.
    groups: DFF<Bits<3>>,
    present: DFF<Bit>,

    gathered: Signal<Local, Bits<32>>,
    asked_word_of: Signal<Local, Bits<3>>,
    latched_group: Signal<Local, Bits<2>>,
    dense_0: Signal<Local, Bits<8>>,
    dense_1: Signal<Local, Bits<8>>,
    dense_2: Signal<Local, Bits<8>>,
    dense_3: Signal<Local, Bits<8>>,
    dense_words: Signal<Local, Bits<4>>,
    advance: Signal<Local, Bit>,
    leaves: Signal<Local, Bit>,
}

impl Logic for Scheduler {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            place,
            flag,
            erase,
            walking_now,
            running,
            pending,
            group,
            asked,
            asked_word,
            asked_number,
            latched,
            latched_word,
            latched_number,
            latched_dense,
            out,
            out_word,
            out_number,
            out_dense,
            here,
            here_empty,
            here_more,
            here_set,
            here_flags,
            here_number,
            spare,
            spare_empty,
            spare_dense,
            spare_flags,
            spare_number,
            groups,
            present
        );
        clock!(self, clock, slots, unpacker, starting, loading);

        // An event: its bit in the slot, and that of its word in the summary.
        self.slots.set_enable.next = self.set.val();
        self.slots.set_value.next = true;
        self.slots.set_address.next =
            (bit_cast::<14, 4>(self.set_slot.val()) << 9) | bit_cast::<14, 9>(self.set_axon.val());
        self.starting.d.next = self.start.val();
        self.loading.d.next = self.starting.q.val();
        self.erase.d.next = self.starting.q.val() | self.clear.val();
        self.place.d.next = self.set_slot.val();
        if self.starting.q.val() {
            self.place.d.next = self.slot.val();
        }
        if self.clear.val() {
            self.place.d.next = self.clear_address.val().get_bits::<4>(5);
        }
        self.flag.d.next = bits::<4>(1);
        match self.set_axon.val().get_bits::<2>(4).index() {
            1 => {
                self.flag.d.next = bits::<4>(2);
            }
            2 => {
                self.flag.d.next = bits::<4>(4);
            }
            3 => {
                self.flag.d.next = bits::<4>(8);
            }
            _ => {}
        }
        self.gathered.next = bits::<32>(0);
        for g in 0..8 {
            self.summary[g].clock.next = self.clock.val();
            self.write_group[g].clock.next = self.clock.val();
            self.write_group[g].d.next = self.starting.q.val()
                | self.clear.val()
                | (self.set.val() & (self.set_axon.val().get_bits::<3>(6) == g.to_bits()));
            self.summary[g].read_address.next = self.place.q.val();
            self.summary[g].write_address.next = self.place.q.val();
            self.summary[g].write_enable.next = self.write_group[g].q.val();
            self.summary[g].write_data.next = self.summary[g].read_data.val() | self.flag.q.val();
            if self.erase.q.val() {
                self.summary[g].write_data.next = bits::<4>(0);
            }
            self.gathered.next =
                (self.gathered.val() >> 4) | (unsigned_cast_ext::<32, 4>(self.summary[g].read_data.val()) << 28);
        }

        // Whether the word asked for is dense: first all that end in its three bits, then the one.
        self.asked_word_of.next = bit_cast::<3, 5>(self.asked_number.q.val());
        self.latched_group.next = self.latched_number.q.val().get_bits::<2>(3);
        self.dense_0.next = self.dense.val().get_bits::<8>(0);
        self.dense_1.next = self.dense.val().get_bits::<8>(8);
        self.dense_2.next = self.dense.val().get_bits::<8>(16);
        self.dense_3.next = self.dense.val().get_bits::<8>(24);
        self.dense_words.next = bit_cast::<4, 1>(self.dense_0.val().get_bit(self.asked_word_of.val().index()).into())
            | (bit_cast::<4, 1>(self.dense_1.val().get_bit(self.asked_word_of.val().index()).into()) << 1)
            | (bit_cast::<4, 1>(self.dense_2.val().get_bit(self.asked_word_of.val().index()).into()) << 2)
            | (bit_cast::<4, 1>(self.dense_3.val().get_bit(self.asked_word_of.val().index()).into()) << 3);

        // A walk. All stages move while there is a place for what the last one holds.
        self.advance.next = !self.spare.q.val();
        self.lowest.word.next = self.pending.q.val().get_bits::<4>(0);
        if self.advance.val() {
            self.asked.d.next = self.running.q.val();
            self.asked_word.d.next = self.running.q.val() & self.lowest.any.val();
            self.asked_number.d.next =
                (bit_cast::<5, 3>(self.group.q.val()) << 2) | bit_cast::<5, 2>(self.lowest.index.val());
            self.latched.d.next = self.asked.q.val();
            self.latched_word.d.next = self.asked_word.q.val();
            self.latched_number.d.next = self.asked_number.q.val();
            self.out.d.next = self.latched.q.val();
            self.out_word.d.next = self.latched_word.q.val();
            self.out_number.d.next = self.latched_number.q.val();
            self.latched_dense.d.next = self.dense_words.val();
            self.out_dense.d.next = self.latched_dense.q.val().get_bit(self.latched_group.val().index());
            self.spare_empty.d.next = !self.out_word.q.val();
            self.spare_dense.d.next = self.out_dense.q.val();
            self.spare_flags.d.next = self.slots.word_out.val();
            self.spare_number.d.next = self.out_number.q.val();
            if self.running.q.val() {
                if self.lowest.last.val() {
                    self.pending.d.next = self.pending.q.val() >> 4;
                    self.group.d.next = self.group.q.val() + 1;
                    // The last group of a context.
                    self.running.d.next = (self.group.q.val() & self.groups.q.val()) != self.groups.q.val();
                } else {
                    self.pending.d.next =
                        ((self.pending.q.val() >> 4) << 4) | bit_cast::<32, 4>(self.lowest.rest.val());
                }
            }
        }
        self.leaves.next = !self.here.q.val() | (self.unpacker.take.val() & !self.here_more.q.val());
        self.spare.d.next = !self.leaves.val() & (self.spare.q.val() | self.out.q.val());
        if self.unpacker.take.val() & self.here_more.q.val() {
            self.here_flags.d.next = !self.here_flags.q.val();
            self.here_more.d.next = false;
            self.here_set.d.next = false;
        }
        if self.leaves.val() {
            self.here.d.next = self.out.q.val();
            self.here_more.d.next = self.out.q.val() & self.out_dense.q.val();
            self.here_set.d.next = true;
            self.here_empty.d.next = !self.out_word.q.val();
            self.here_flags.d.next = self.slots.word_out.val();
            self.here_number.d.next = self.out_number.q.val();
            if self.spare.q.val() {
                self.here.d.next = true;
                self.here_empty.d.next = self.spare_empty.q.val();
                self.here_more.d.next = self.spare_dense.q.val();
                self.here_flags.d.next = self.spare_flags.q.val();
                self.here_number.d.next = self.spare_number.q.val();
            }
        }
        self.groups.d.next = bits::<3>(7) >> self.contexts.val();
        self.present.d.next = self.pending.q.val().get_bits::<4>(0).any()
            | (self.groups.q.val().get_bit(0) & self.pending.q.val().get_bits::<4>(4).any())
            | (self.groups.q.val().get_bit(1) & self.pending.q.val().get_bits::<8>(8).any());
        self.some.next = self.present.q.val();
        self.passing.next = self.running.q.val();
        if self.resume.val() {
            self.running.d.next = true;
        }
        if self.loading.q.val() {
            self.running.d.next = self.contexts.val() == 0;
            self.pending.d.next = self.gathered.val() | self.dense.val();
            self.group.d.next = bits::<3>(0);
        }
        self.slots.word_in.next = bits::<16>(0);
        self.slots.word_write.next = true;
        self.slots.word_enable.next = self.clear.val() | (self.advance.val() & self.asked_word.q.val());
        self.slots.output_enable.next = self.advance.val();
        self.slots.word_address.next =
            (bit_cast::<10, 4>(self.slot.val()) << 5) | bit_cast::<10, 5>(self.asked_number.q.val());
        if self.clear.val() {
            self.slots.word_address.next = bit_cast::<10, 9>(self.clear_address.val());
        }

        self.unpacker.word_valid.next = self.here.q.val();
        self.unpacker.word.next = self.here_flags.q.val();
        self.unpacker.word_empty.next = self.here_empty.q.val();
        self.unpacker.tag.next =
            bit_cast::<6, 5>(self.here_number.q.val()) | (bit_cast::<6, 1>(self.here_set.q.val().into()) << 5);
        self.unpacker.ready.next = true;
        self.event_valid.next = self.unpacker.valid.val();
        self.event_set.next = self.unpacker.index_tag.val().get_bit(5);
        self.event_axon.next =
            (bit_cast::<9, 6>(self.unpacker.index_tag.val()) << 4) | bit_cast::<9, 4>(self.unpacker.index.val());
        self.walking_now.d.next = self.start.val()
            | self.resume.val()
            | self.starting.q.val()
            | self.loading.q.val()
            | self.running.q.val()
            | self.asked.q.val()
            | self.latched.q.val()
            | self.out.q.val()
            | self.here.q.val()
            | self.unpacker.busy.val();
        self.walking.next = self.walking_now.q.val();
    }
}
