//! Writing, reading and digesting words of the array.

use super::reply::Reply;
use crate::link::Crc32;
use nernst_spec::link::message::{Kind, MAX_WORDS, Refusal};
use rust_hdl::prelude::*;

/// What is being done.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum MemoryState {
    Idle,
    /// Four bytes of the address come.
    Address,
    /// Five bytes of a word come, and it is written.
    Word,
    Store,
    Advance,
    /// The number of words to read comes.
    Count,
    CountHigh,
    Judge,
    Refuse,
    /// Kind and address of a reply with words leave.
    Kind,
    Head,
    /// A word is read, and leaves.
    Fetch,
    Wait,
    Send,
    Next,
    Close,
    Over,
}

/// Executes `Write`, `Read` and `Digest` from behind their kind on.
///
/// `start` begins, with `command` (the low bits of the code: 2, 3 or 4); `over` ends. Then `refusal` says why nothing more was
/// done, 0 if all was, and `address` where; `digest` is the digest of what was read. A reply with words is written here.
///
/// ```text
/// a word is written            a word is read
/// clock    _/~\_/~\_/~\_/~\    clock     _/~\_/~\ .. _/~\_/~\_/~\_/~\
/// address  <A  ..  >=7 clocks  address   <A  .. stays
/// write    .. ____/~~~\____    read      .. _/~~~\_____________________
///                              read_done ____________/~~~\_____________
///                              reply     ------------------<b0 ><b1 >..
/// ```
#[derive(LogicBlock)]
pub struct Memory {
    pub clock: Signal<In, Clock>,
    pub stop: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub command: Signal<In, Bits<3>>,
    pub front: Signal<In, Bits<8>>,
    pub front_valid: Signal<In, Bit>,
    pub none_left: Signal<In, Bit>,
    pub take: Signal<Out, Bit>,
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
    /// Clocks to wait.
    pause: DFF<Bits<4>>,
    rested: DFF<Bit>,
    /// Bytes of an address or word done.
    place: DFF<Bits<3>>,
    address_at: DFF<Bits<32>>,
    shifting: DFF<Bit>,
    stepping: DFF<Bit>,
    voiding: DFF<Bit>,
    low: DFF<Bits<32>>,
    high: DFF<Bits<8>>,
    /// Words to read.
    count: DFF<Bits<16>>,
    none_to_read: DFF<Bit>,
    too_many: DFF<Bit>,
    refused: DFF<Bits<3>>,
    writing: DFF<Bit>,
    reading: DFF<Bit>,
    out: DFF<Reply>,
    checked: DFF<Bits<8>>,
    checking: DFF<Bit>,
    crc: Crc32,

    is_write: Signal<Local, Bit>,
    is_read: Signal<Local, Bit>,
    word_byte: Signal<Local, Bits<8>>,
    shifted: Signal<Local, Bits<32>>,
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
            front: Default::default(),
            front_valid: Default::default(),
            none_left: Default::default(),
            take: Default::default(),
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
            pause: Default::default(),
            place: Default::default(),
            address_at: Default::default(),
            shifting: Default::default(),
            stepping: Default::default(),
            voiding: Default::default(),
            low: Default::default(),
            high: Default::default(),
            count: Default::default(),
            none_to_read: Default::default(),
            too_many: Default::default(),
            refused: Default::default(),
            writing: Default::default(),
            reading: Default::default(),
            out: Default::default(),
            checked: Default::default(),
            checking: Default::default(),
            crc: Default::default(),
            rested: Default::default(),
            is_write: Default::default(),
            is_read: Default::default(),
            word_byte: Default::default(),
            shifted: Default::default(),
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
            self,
            clock,
            state,
            pause,
            rested,
            place,
            address_at,
            shifting,
            stepping,
            voiding,
            low,
            high,
            count,
            none_to_read,
            too_many,
            refused,
            writing,
            reading,
            checked,
            checking,
            out
        );
        clock!(self, clock, crc);
        self.take.next = false;
        self.over.next = false;
        self.writing.d.next = false;
        self.reading.d.next = false;
        self.out.d.next.data = bits::<8>(0);
        self.out.d.next.write = false;
        self.out.d.next.close = false;
        self.out.d.next.discard = false;
        self.crc.start.next = false;
        self.checking.d.next = false;
        self.is_write.next = self.command.val() == 2;
        self.is_read.next = self.command.val() == 3;
        self.rested.d.next = (self.pause.q.val() == 0) | (self.pause.q.val() == 1);
        if self.pause.q.val() != 0 {
            self.pause.d.next = self.pause.q.val() - 1;
        }
        self.none_to_read.d.next = self.count.q.val() == 0;
        self.too_many.d.next = self.count.q.val() > self.most_words.val();
        self.word_byte.next = self.low.q.val().get_bits::<8>(0);
        // A word and its bytes: those that come enter above, those that go leave below.
        self.shifted.next = (self.low.q.val() >> 8) | (bit_cast::<32, 8>(self.high.q.val()) << 24);
        self.checked.d.next = self.word_byte.val();
        self.crc.data.next = self.checked.q.val();
        self.crc.enable.next = self.checking.q.val();

        // The address changes a clock after the state says so; the byte in front is still that which was taken.
        self.shifting.d.next = false;
        self.stepping.d.next = false;
        self.voiding.d.next = false;
        if self.shifting.q.val() {
            self.address_at.d.next = (self.address_at.q.val() >> 8) | (bit_cast::<32, 8>(self.front.val()) << 24);
        }
        if self.stepping.q.val() {
            self.address_at.d.next = self.address_at.q.val() + 1;
        }
        if self.voiding.q.val() {
            self.address_at.d.next = bits::<32>(0);
        }

        match self.state.q.val() {
            MemoryState::Idle => {
                self.place.d.next = bits::<3>(0);
                if self.start.val() {
                    self.refused.d.next = bits::<3>(0);
                    self.state.d.next = MemoryState::Address;
                }
            }
            MemoryState::Address => {
                if self.front_valid.val() {
                    self.take.next = true;
                    self.shifting.d.next = true;
                    self.place.d.next = self.place.q.val() + 1;
                    if self.place.q.val() == 3 {
                        self.place.d.next = bits::<3>(0);
                        self.pause.d.next = bits::<4>(7);
                        self.rested.d.next = false;
                        self.state.d.next = MemoryState::Count;
                        if self.is_write.val() {
                            self.state.d.next = MemoryState::Word;
                        }
                    }
                }
            }
            MemoryState::Word => {
                if self.front_valid.val() {
                    self.take.next = true;
                    self.place.d.next = self.place.q.val() + 1;
                    self.low.d.next = self.shifted.val();
                    self.high.d.next = self.front.val();
                    if self.place.q.val() == 4 {
                        self.place.d.next = bits::<3>(0);
                        self.state.d.next = MemoryState::Store;
                    }
                }
            }
            MemoryState::Store => {
                if self.rested.q.val() {
                    self.pause.d.next = bits::<4>(8);
                    self.rested.d.next = false;
                    self.state.d.next = MemoryState::Advance;
                    if self.address_writable.val() {
                        self.writing.d.next = true;
                    } else {
                        self.refused.d.next = self.refuse_address.val();
                        self.state.d.next = MemoryState::Over;
                    }
                }
            }
            MemoryState::Advance => {
                // The array may use address and word for some clocks after the pulse.
                if self.rested.q.val() {
                    self.stepping.d.next = true;
                    self.pause.d.next = bits::<4>(7);
                    self.rested.d.next = false;
                    self.state.d.next = MemoryState::Word;
                    if self.none_left.val() {
                        self.state.d.next = MemoryState::Over;
                    }
                }
            }

            MemoryState::Count => {
                self.low.d.next = self.address_at.q.val();
                if self.front_valid.val() {
                    self.take.next = true;
                    self.count.d.next = bit_cast::<16, 8>(self.front.val());
                    self.pause.d.next = bits::<4>(7);
                    self.rested.d.next = false;
                    self.state.d.next = MemoryState::CountHigh;
                    if self.is_read.val() {
                        self.state.d.next = MemoryState::Judge;
                    }
                }
            }
            MemoryState::CountHigh => {
                self.crc.start.next = true;
                if self.front_valid.val() {
                    self.take.next = true;
                    self.count.d.next = self.count.q.val() | (bit_cast::<16, 8>(self.front.val()) << 8);
                    self.pause.d.next = bits::<4>(7);
                    self.rested.d.next = false;
                    self.state.d.next = MemoryState::Fetch;
                }
            }
            MemoryState::Judge => {
                if self.rested.q.val() {
                    self.state.d.next = MemoryState::Kind;
                    if self.none_to_read.q.val() | self.too_many.q.val() {
                        self.state.d.next = MemoryState::Refuse;
                    }
                }
            }
            MemoryState::Refuse => {
                self.voiding.d.next = true;
                self.refused.d.next = self.refuse_length.val();
                self.state.d.next = MemoryState::Over;
            }
            MemoryState::Kind => {
                self.out.d.next.write = true;
                self.out.d.next.data = self.words_kind.val();
                self.state.d.next = MemoryState::Head;
            }
            MemoryState::Head => {
                self.out.d.next.write = true;
                self.out.d.next.data = self.word_byte.val();
                self.low.d.next = self.shifted.val();
                self.place.d.next = self.place.q.val() + 1;
                if self.place.q.val() == 3 {
                    self.place.d.next = bits::<3>(0);
                    self.state.d.next = MemoryState::Fetch;
                }
            }
            MemoryState::Fetch => {
                if self.rested.q.val() {
                    if self.none_to_read.q.val() {
                        self.state.d.next = MemoryState::Over;
                        if self.is_read.val() {
                            self.state.d.next = MemoryState::Close;
                        }
                    } else {
                        if self.address_exists.val() {
                            self.reading.d.next = true;
                            self.state.d.next = MemoryState::Wait;
                        } else {
                            self.out.d.next.discard = true;
                            self.refused.d.next = self.refuse_address.val();
                            self.state.d.next = MemoryState::Over;
                        }
                    }
                }
            }
            MemoryState::Wait => {
                self.low.d.next = self.read_low.val();
                self.high.d.next = bit_cast::<8, 4>(self.read_high.val());
                if self.read_done.val() {
                    self.state.d.next = MemoryState::Send;
                }
            }
            MemoryState::Send => {
                self.checking.d.next = true;
                if self.is_read.val() {
                    self.out.d.next.write = true;
                    self.out.d.next.data = self.word_byte.val();
                }
                self.low.d.next = self.shifted.val();
                self.place.d.next = self.place.q.val() + 1;
                if self.place.q.val() == 4 {
                    self.place.d.next = bits::<3>(0);
                    self.state.d.next = MemoryState::Next;
                }
            }
            MemoryState::Next => {
                self.stepping.d.next = true;
                self.pause.d.next = bits::<4>(7);
                self.rested.d.next = false;
                self.count.d.next = self.count.q.val() - 1;
                self.state.d.next = MemoryState::Fetch;
            }
            MemoryState::Close => {
                self.out.d.next.close = true;
                self.state.d.next = MemoryState::Over;
            }
            MemoryState::Over => {
                self.over.next = true;
                self.state.d.next = MemoryState::Idle;
            }
            _ => {
                self.state.d.next = MemoryState::Idle;
            }
        }
        if self.stop.val() {
            self.state.d.next = MemoryState::Idle;
        }
        self.address.next = self.address_at.q.val();
        self.write.next = self.writing.q.val();
        self.write_low.next = self.low.q.val();
        self.write_high.next = self.high.q.val().get_bits::<4>(0);
        self.read.next = self.reading.q.val();
        self.reply.next = self.out.q.val();
        self.refusal.next = self.refused.q.val();
        self.digest.next = !self.crc.value.val();
    }
}
