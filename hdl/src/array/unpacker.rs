//! From words of flags to the numbers of those that are set.

use super::lowest_bit::LowestBit;
use rust_hdl::prelude::*;

/// Takes words of 16 bits, each with a tag, and puts out the index of every set bit with the tag of its word, lowest first, one
/// a clock.
///
/// A word is taken when `word_valid` and `take` are both high; an index leaves when `valid` and `ready` are. A word takes as
/// many clocks as it has set bits, and one if it has none; the first index comes out 3 clocks after its word was taken.
/// `busy`: something is inside, or would be if the last word had had a bit.
///
/// Every decision is made on four bits at a time: the word is looked at in the clock in which it comes (which of its four
/// nibbles are not 0, which have one bit only), a nibble leaves the word when the one before is about to be empty.
///
/// ```text
/// clock       _/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// word_valid  _/~~~~~~~~~~~~~~~\___________
/// word        -<0013>< 8000     >----------
/// take        ~~~~~~~\_______/~~~~~~~~~~~~~
/// index       -------------< 0 >< 1 >< 4 >< 15
/// ```
#[derive(LogicBlock, Default)]
pub struct Unpacker {
    pub clock: Signal<In, Clock>,
    pub word_valid: Signal<In, Bit>,
    pub word: Signal<In, Bits<16>>,
    /// The word counts as 0.
    pub word_empty: Signal<In, Bit>,
    pub tag: Signal<In, Bits<6>>,
    pub take: Signal<Out, Bit>,
    pub valid: Signal<Out, Bit>,
    pub index: Signal<Out, Bits<4>>,
    pub index_tag: Signal<Out, Bits<6>>,
    pub ready: Signal<In, Bit>,
    pub busy: Signal<Out, Bit>,

    incoming: [LowestBit; 4],
    nibbles: LowestBit,
    others: LowestBit,
    arriving: LowestBit,
    in_nibble: LowestBit,
    after: LowestBit,
    // The word, its nibbles that are still to be handed on, and those with one bit.
    word_here: DFF<Bit>,
    flags: DFF<Bits<16>>,
    left: DFF<Bits<4>>,
    /// The lowest of them.
    first: DFF<Bits<2>>,
    single: DFF<Bits<4>>,
    /// No more than one of them is left.
    last_nibble: DFF<Bit>,
    word_tag: DFF<Bits<6>>,
    // The nibble.
    nibble_here: DFF<Bit>,
    nibble: DFF<Bits<4>>,
    only: DFF<Bit>,
    place: DFF<Bits<2>>,
    nibble_tag: DFF<Bits<6>>,
    // The index.
    out_valid: DFF<Bit>,
    out_index: DFF<Bits<4>>,
    out_tag: DFF<Bits<6>>,
    // A word without a bit passes as one with a bit would.
    was_here: DFF<Bits<2>>,
    free: Signal<Local, Bit>,
    step: Signal<Local, Bit>,
    chosen: Signal<Local, Bits<4>>,
    filled: Signal<Local, Bits<4>>,
    taking: Signal<Local, Bit>,
}

impl Logic for Unpacker {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            word_here,
            flags,
            left,
            first,
            single,
            last_nibble,
            word_tag,
            nibble_here,
            nibble,
            only,
            place,
            nibble_tag,
            out_valid,
            out_index,
            out_tag,
            was_here
        );
        // Index: leaves the nibble.
        self.free.next = !self.out_valid.q.val() | self.ready.val();
        self.in_nibble.word.next = self.nibble.q.val();
        self.after.word.next = self.in_nibble.rest.val();
        if self.free.val() {
            self.out_valid.d.next = self.nibble_here.q.val();
            self.out_index.d.next =
                (bit_cast::<4, 2>(self.place.q.val()) << 2) | bit_cast::<4, 2>(self.in_nibble.index.val());
            self.out_tag.d.next = self.nibble_tag.q.val();
            self.nibble.d.next = self.in_nibble.rest.val();
            self.only.d.next = self.after.last.val();
        }

        // Nibble: leaves the word when the one before has no more than one bit, and that leaves.
        self.step.next = !self.nibble_here.q.val() | (self.only.q.val() & self.free.val());
        self.nibbles.word.next = self.left.q.val();
        self.others.word.next = self.nibbles.rest.val();
        self.chosen.next = self.flags.q.val().get_bits::<4>(0);
        match self.first.q.val().index() {
            1 => {
                self.chosen.next = self.flags.q.val().get_bits::<4>(4);
            }
            2 => {
                self.chosen.next = self.flags.q.val().get_bits::<4>(8);
            }
            3 => {
                self.chosen.next = self.flags.q.val().get_bits::<4>(12);
            }
            _ => {}
        }
        if self.step.val() {
            self.nibble_here.d.next = self.word_here.q.val() & self.nibbles.any.val();
            self.nibble.d.next = self.chosen.val();
            self.only.d.next = self.single.q.val().get_bit(self.first.q.val().index());
            self.place.d.next = self.first.q.val();
            self.nibble_tag.d.next = self.word_tag.q.val();
            self.left.d.next = self.nibbles.rest.val();
            self.first.d.next = self.others.index.val();
            self.last_nibble.d.next = self.others.last.val();
        }

        // Word: comes when the one before has no more than one nibble, and that leaves.
        self.taking.next = !self.word_here.q.val() | (self.step.val() & self.last_nibble.q.val());
        self.incoming[0].word.next = self.word.val().get_bits::<4>(0);
        self.incoming[1].word.next = self.word.val().get_bits::<4>(4);
        self.incoming[2].word.next = self.word.val().get_bits::<4>(8);
        self.incoming[3].word.next = self.word.val().get_bits::<4>(12);
        self.filled.next = bit_cast::<4, 1>(self.incoming[0].any.val().into())
            | (bit_cast::<4, 1>(self.incoming[1].any.val().into()) << 1)
            | (bit_cast::<4, 1>(self.incoming[2].any.val().into()) << 2)
            | (bit_cast::<4, 1>(self.incoming[3].any.val().into()) << 3);
        self.arriving.word.next = self.filled.val();
        if self.taking.val() {
            self.word_here.d.next = self.word_valid.val();
            self.flags.d.next = self.word.val();
            self.word_tag.d.next = self.tag.val();
            self.left.d.next = self.filled.val();
            self.first.d.next = self.arriving.index.val();
            self.last_nibble.d.next = self.arriving.last.val() | self.word_empty.val();
            if self.word_empty.val() {
                self.left.d.next = bits::<4>(0);
            }
            self.single.d.next = bit_cast::<4, 1>(self.incoming[0].last.val().into())
                | (bit_cast::<4, 1>(self.incoming[1].last.val().into()) << 1)
                | (bit_cast::<4, 1>(self.incoming[2].last.val().into()) << 2)
                | (bit_cast::<4, 1>(self.incoming[3].last.val().into()) << 3);
        }

        self.take.next = self.taking.val();
        self.valid.next = self.out_valid.q.val();
        self.index.next = self.out_index.q.val();
        self.index_tag.next = self.out_tag.q.val();
        self.was_here.d.next = (self.was_here.q.val() << 1) | bit_cast::<2, 1>(self.word_here.q.val().into());
        self.busy.next =
            self.word_here.q.val() | self.nibble_here.q.val() | self.out_valid.q.val() | self.was_here.q.val().any();
    }
}
