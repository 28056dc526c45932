//! Writing, reading and digesting words of the array.

use super::address::AddressRegister;
use super::reply::Reply;
use super::word::WordShifter;
use crate::link::Crc32;
use nernst_spec::link::message::{Kind, MAX_WORDS, Refusal};
use rust_hdl::prelude::*;

/// What is being done: one bit is set, or none.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct MemoryState {
    /// Four bytes of the address come.
    pub address: Bit,
    /// The number of words to read comes, what holds of it shows a clock later, and it is judged.
    pub count: Bit,
    pub counted: Bit,
    pub judge: Bit,
    /// Five bytes of a word come.
    pub word: Bit,
    /// The array says whether there is a word at the address.
    pub look: Bit,
    /// A word is written. The array uses address and word for some clocks after the pulse.
    pub write: Bit,
    pub hold: Bit,
    pub advance: Bit,
    /// A word is read, and leaves.
    pub read: Bit,
    pub wait: Bit,
    pub load: Bit,
    pub send: Bit,
    /// Refusals: of the number of words, of the address.
    pub miscounted: Bit,
    pub missing: Bit,
    pub close: Bit,
    pub over: Bit,
}

/// Executes `Write`, `Read` and `Digest` from behind their kind on.
///
/// `start` begins, with `command` (the low bits of the code: 2, 3 or 4); `over` ends. Then `refusal` says why nothing more was
/// done, 0 if all was, and `address` where; `digest` is the digest of what was read. A reply with words is written here as they
/// come; one that cannot be completed is discarded.
///
/// This is the control: one bit for each state, and registers for all that it decides on, so that a decision is a LUT or two.
/// [`AddressRegister`] and [`WordShifter`] keep what it moves.
///
/// ```text
/// a word is written             a word is read
/// clock    _/~\_/~\ .. _/~\_/~\   clock     _/~\_/~\ .. _/~\_/~\_/~\_/~\_/~\
/// address  <A      ..     ><A+1   address   <A      ..         ><A+1
/// write    _/~~~\_ .. ________    read      _/~~~\_ .. ____________________
/// seven clocks from one word      read_done ________ .. _/~~~\______________
/// to the next address             reply     -------- .. -------------<b0 ><b1
/// ```
#[derive(LogicBlock)]
pub struct Memory {
    pub clock: Signal<In, Clock>,
    pub stop: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub command: Signal<In, Bits<3>>,
    /// Bytes of the command: see [`super::Executor`].
    pub wants: Signal<Out, Bit>,
    pub taken: Signal<In, Bit>,
    pub front: Signal<In, Bits<8>>,
    pub none_left: Signal<In, Bit>,
    pub address: Signal<Out, Bits<32>>,
    pub address_exists: Signal<In, Bit>,
    pub address_writable: Signal<In, Bit>,
    pub write: Signal<Out, Bit>,
    pub write_low: Signal<Out, Bits<32>>,
    pub write_high: Signal<Out, Bits<4>>,
    pub read: Signal<Out, Bit>,
    pub read_done: Signal<In, Bit>,
    pub read_low: Signal<In, Bits<32>>,
    pub read_high: Signal<In, Bits<4>>,
    pub reply: Signal<Out, Reply>,
    pub over: Signal<Out, Bit>,
    pub refusal: Signal<Out, Bits<3>>,
    pub digest: Signal<Out, Bits<32>>,

    state: DFF<MemoryState>,
    at: AddressRegister,
    word: WordShifter,
    crc: Crc32,
    is_write: DFF<Bit>,
    is_read: DFF<Bit>,
    is_digest: DFF<Bit>,
    /// A one that walks down with the bytes of what comes or leaves; at the last of them it is in bit 0.
    place: DFF<Bits<5>>,
    /// Clocks of holding, in the same way.
    held: DFF<Bits<5>>,
    /// Words to read.
    count: DFF<Bits<16>>,
    no_more: DFF<Bit>,
    too_many: DFF<Bit>,
    allowed: DFF<Bit>,
    refused: DFF<Bits<3>>,
    out: DFF<Reply>,
    checked: DFF<Bits<8>>,
    checking: DFF<Bit>,

    is: Signal<Local, MemoryState>,
    last: Signal<Local, Bit>,
    nowhere: Constant<MemoryState>,
    most_words: Constant<Bits<16>>,
    words_kind: Constant<Bits<8>>,
    refuse_length: Constant<Bits<3>>,
    refuse_address: Constant<Bits<3>>,
}

impl Default for Memory {
    fn default() -> Self {
        let refusal = |refusal: Refusal| Constant::new((refusal as u64).into());
        Self {
            clock: Default::default(),
            stop: Default::default(),
            start: Default::default(),
            command: Default::default(),
            wants: Default::default(),
            taken: Default::default(),
            front: Default::default(),
            none_left: Default::default(),
            address: Default::default(),
            address_exists: Default::default(),
            address_writable: Default::default(),
            write: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            read: Default::default(),
            read_done: Default::default(),
            read_low: Default::default(),
            read_high: Default::default(),
            reply: Default::default(),
            over: Default::default(),
            refusal: Default::default(),
            digest: Default::default(),
            state: Default::default(),
            at: Default::default(),
            word: Default::default(),
            crc: Default::default(),
            is_write: Default::default(),
            is_read: Default::default(),
            is_digest: Default::default(),
            place: Default::default(),
            held: Default::default(),
            count: Default::default(),
            no_more: Default::default(),
            too_many: Default::default(),
            allowed: Default::default(),
            refused: Default::default(),
            out: Default::default(),
            checked: Default::default(),
            checking: Default::default(),
            is: Default::default(),
            last: Default::default(),
            nowhere: Constant::new(MemoryState::default()),
            most_words: Constant::new((MAX_WORDS as u64).into()),
            words_kind: Constant::new((Kind::Words as u64).into()),
            refuse_length: refusal(Refusal::Length),
            refuse_address: refusal(Refusal::Address),
        }
    }
}

impl Logic for Memory {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, state, is_write, is_read, is_digest, place, held, count, no_more, too_many, allowed, refused,
            out, checked, checking
        );
        clock!(self, clock, at, word, crc);
        self.is.next = self.state.q.val();
        self.is_write.d.next = self.command.val() == 2;
        self.is_read.d.next = self.command.val() == 3;
        self.is_digest.d.next = self.command.val() == 4;
        self.last.next = self.place.q.val().get_bit(0);

        // What is done, and what follows.
        self.state.d.next = self.nowhere.val();
        if self.start.val() {
            self.state.d.next.address = true;
        }
        if self.is.val().address {
            if self.taken.val() & self.last.val() {
                self.state.d.next.word = self.is_write.q.val();
                self.state.d.next.count = !self.is_write.q.val();
            } else {
                self.state.d.next.address = true;
            }
        }
        if self.is.val().count {
            if self.taken.val() & self.last.val() {
                self.state.d.next.counted = true;
            } else {
                self.state.d.next.count = true;
            }
        }
        if self.is.val().counted {
            self.state.d.next.judge = true;
        }
        if self.is.val().judge {
            if self.is_read.q.val() & (self.no_more.q.val() | self.too_many.q.val()) {
                self.state.d.next.miscounted = true;
            } else {
                self.state.d.next.look = true;
            }
        }
        if self.is.val().word {
            if self.taken.val() & self.last.val() {
                self.state.d.next.look = true;
            } else {
                self.state.d.next.word = true;
            }
        }
        if self.is.val().look {
            if self.at.settled.val() {
                if self.no_more.q.val() {
                    self.state.d.next.close = true;
                } else {
                    self.state.d.next.write = self.allowed.q.val() & self.is_write.q.val();
                    self.state.d.next.read = self.allowed.q.val() & !self.is_write.q.val();
                    self.state.d.next.missing = !self.allowed.q.val();
                }
            } else {
                self.state.d.next.look = true;
            }
        }
        if self.is.val().write {
            self.state.d.next.hold = true;
        }
        if self.is.val().hold {
            if self.held.q.val().get_bit(0) {
                self.state.d.next.advance = true;
            } else {
                self.state.d.next.hold = true;
            }
        }
        if self.is.val().advance {
            if self.none_left.val() {
                self.state.d.next.over = true;
            } else {
                self.state.d.next.word = true;
            }
        }
        if self.is.val().read {
            self.state.d.next.wait = true;
        }
        if self.is.val().wait {
            if self.read_done.val() {
                self.state.d.next.load = true;
            } else {
                self.state.d.next.wait = true;
            }
        }
        if self.is.val().load {
            self.state.d.next.send = true;
        }
        if self.is.val().send {
            if self.last.val() {
                self.state.d.next.look = true;
            } else {
                self.state.d.next.send = true;
            }
        }
        if self.is.val().miscounted | self.is.val().missing | self.is.val().close {
            self.state.d.next.over = true;
        }
        if self.stop.val() {
            self.state.d.next = self.nowhere.val();
        }

        // Bytes that come and leave.
        self.wants.next = self.is.val().address | self.is.val().count | self.is.val().word;
        if self.taken.val() | self.is.val().send {
            self.place.d.next = self.place.q.val() >> 1;
        }
        if self.is.val().address & self.taken.val() & self.last.val() {
            // A word has five, the count of a digest two, that of a read one.
            self.place.d.next = (bit_cast::<5, 1>(self.is_write.q.val().into()) << 4)
                | (bit_cast::<5, 1>(self.is_digest.q.val().into()) << 1)
                | bit_cast::<5, 1>(self.is_read.q.val().into());
        }
        if self.is.val().advance | self.is.val().load {
            self.place.d.next = bits::<5>(0x10);
        }
        if self.start.val() {
            self.place.d.next = bits::<5>(0x08);
        }
        self.held.d.next = self.held.q.val() >> 1;
        if self.is.val().write {
            self.held.d.next = bits::<5>(0x10);
        }

        self.at.shift.next = self.is.val().address & self.taken.val();
        self.at.entering.next = self.front.val();
        self.at.step.next = self.is.val().advance | self.is.val().load;
        self.at.clear.next = self.is.val().miscounted;
        self.allowed.d.next = self.address_exists.val();
        if self.is_write.q.val() {
            self.allowed.d.next = self.address_writable.val();
        }

        self.word.load.next = self.is.val().load;
        self.word.load_low.next = self.read_low.val();
        self.word.load_high.next = self.read_high.val();
        self.word.shift.next = self.is.val().send | (self.is.val().word & self.taken.val());
        // Behind a word that leaves comes nothing: what is in front then may not be there yet.
        self.word.entering.next = bits::<8>(0);
        if self.is.val().word {
            self.word.entering.next = self.front.val();
        }

        if self.is.val().count & self.taken.val() {
            self.count.d.next = bit_cast::<16, 8>(self.front.val());
            if self.is_digest.q.val() & self.last.val() {
                self.count.d.next = self.count.q.val() | (bit_cast::<16, 8>(self.front.val()) << 8);
            }
        }
        if self.is.val().load {
            self.count.d.next = self.count.q.val() - 1;
        }
        self.no_more.d.next = !self.is_write.q.val() & (self.count.q.val() == 0);
        self.too_many.d.next = self.count.q.val() > self.most_words.val();

        if self.is.val().miscounted {
            self.refused.d.next = self.refuse_length.val();
        }
        if self.is.val().missing {
            self.refused.d.next = self.refuse_address.val();
        }
        if self.start.val() {
            self.refused.d.next = bits::<3>(0);
        }

        // The reply to a read: kind, address, words.
        self.out.d.next.data = bits::<8>(0);
        self.out.d.next.write = false;
        self.out.d.next.close = self.is.val().close & self.is_read.q.val();
        self.out.d.next.discard = self.is.val().miscounted | self.is.val().missing;
        if self.is_read.q.val() {
            if self.start.val() {
                self.out.d.next.data = self.words_kind.val();
                self.out.d.next.write = true;
            }
            if self.at.shift.val() {
                self.out.d.next.data = self.front.val();
                self.out.d.next.write = true;
            }
            if self.is.val().send {
                self.out.d.next.data = self.word.leaving.val();
                self.out.d.next.write = true;
            }
        }
        self.checked.d.next = self.word.leaving.val();
        self.checking.d.next = self.is.val().send;
        self.crc.start.next = self.is.val().address;
        self.crc.data.next = self.checked.q.val();
        self.crc.enable.next = self.checking.q.val();

        self.address.next = self.at.address.val();
        self.write.next = self.is.val().write;
        self.write_low.next = self.word.low.val();
        self.write_high.next = self.word.high.val();
        self.read.next = self.is.val().read;
        self.reply.next = self.out.q.val();
        self.over.next = self.is.val().over;
        self.refusal.next = self.refused.q.val();
        self.digest.next = !self.crc.value.val();
    }
}
