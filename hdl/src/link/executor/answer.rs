//! Replies of a few bytes, and the identity.

use super::reply::Reply;
use nernst_spec::link::message::Kind;
use nernst_spec::{ArrayConfig, Identity};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{ContentsError, Rom};

/// What is being written: one bit is set, or none.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct AnswerState {
    pub kind: Bit,
    pub body: Bit,
    pub identity: Bit,
    pub close: Bit,
}

/// Writes one reply: its kind and `count` bytes (1 to 6), the two of `head` and then the four of `tail`; or, if the kind is that of
/// an identity, the identity of the array.
///
/// ```text
/// clock  _/~\_/~\_/~\_/~\_/~\_/~\_
/// start  _/~~~\___________________   count = 1; kind, head and tail are valid with it
/// reply  ---------<kind><head>---
/// close  _________________/~~~\___
/// over   _____________/~~~\_______
/// ```
#[derive(LogicBlock)]
pub struct Answer {
    pub clock: Signal<In, Clock>,
    pub stop: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub kind: Signal<In, Bits<8>>,
    pub head: Signal<In, Bits<16>>,
    pub tail: Signal<In, Bits<32>>,
    pub count: Signal<In, Bits<3>>,
    pub reply: Signal<Out, Reply>,
    pub over: Signal<Out, Bit>,

    state: DFF<AnswerState>,
    kind_now: DFF<Bits<8>>,
    head_now: DFF<Bits<16>>,
    tail_now: DFF<Bits<32>>,
    left: DFF<Bits<3>>,
    /// The identity is looked up two clocks ahead: the number of a byte, that of the byte before, and the byte before that: the last of all?
    index: DFF<Bits<7>>,
    place: DFF<Bits<7>>,
    identity_byte: DFF<Bits<8>>,
    at_last: DFF<Bit>,
    out: DFF<Reply>,
    identity: Rom<8, 7>,
    is: Signal<Local, AnswerState>,
    last: Signal<Local, Bit>,
    nowhere: Constant<AnswerState>,
    identity_kind: Constant<Bits<8>>,
    identity_last: Constant<Bits<7>>,
}

impl Answer {
    /// The answers of an array of this shape, which identifies as that.
    pub fn new(config: &ArrayConfig) -> Result<Self, ContentsError> {
        let identity: Vec<u64> = Identity::new(config).to_bytes().into_iter().map(u64::from).collect();
        Ok(Self {
            clock: Default::default(),
            stop: Default::default(),
            start: Default::default(),
            kind: Default::default(),
            head: Default::default(),
            tail: Default::default(),
            count: Default::default(),
            reply: Default::default(),
            over: Default::default(),
            state: Default::default(),
            kind_now: Default::default(),
            head_now: Default::default(),
            tail_now: Default::default(),
            left: Default::default(),
            index: Default::default(),
            place: Default::default(),
            identity_byte: Default::default(),
            at_last: Default::default(),
            out: Default::default(),
            identity: Rom::new(&identity)?,
            is: Default::default(),
            last: Default::default(),
            nowhere: Constant::new(AnswerState::default()),
            identity_kind: Constant::new((Kind::Identity as u64).into()),
            identity_last: Constant::new((identity.len() as u64 - 1).into()),
        })
    }
}

impl Logic for Answer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, kind_now, head_now, tail_now, left, index, place, identity_byte, at_last, out);
        self.is.next = self.state.q.val();
        self.last.next = self.left.q.val() == 1;
        self.at_last.d.next = self.place.q.val() == self.identity_last.val();

        // What is written, and what follows.
        self.state.d.next = self.nowhere.val();
        if self.start.val() {
            self.state.d.next.kind = true;
        }
        if self.is.val().kind {
            self.state.d.next.identity = self.kind_now.q.val() == self.identity_kind.val();
            self.state.d.next.body = self.kind_now.q.val() != self.identity_kind.val();
        }
        if self.is.val().body {
            self.state.d.next.close = self.last.val();
            self.state.d.next.body = !self.last.val();
        }
        if self.is.val().identity {
            self.state.d.next.close = self.at_last.q.val();
            self.state.d.next.identity = !self.at_last.q.val();
        }
        if self.stop.val() {
            self.state.d.next = self.nowhere.val();
        }

        if self.start.val() {
            self.kind_now.d.next = self.kind.val();
            self.head_now.d.next = self.head.val();
            self.tail_now.d.next = self.tail.val();
            self.left.d.next = self.count.val();
        }
        if self.is.val().body {
            self.head_now.d.next =
                (self.head_now.q.val() >> 8) | (bit_cast::<16, 8>(self.tail_now.q.val().get_bits::<8>(0)) << 8);
            self.tail_now.d.next = self.tail_now.q.val() >> 8;
            self.left.d.next = self.left.q.val() - 1;
        }
        self.place.d.next = self.index.q.val();
        self.identity.address.next = self.place.q.val();
        self.identity_byte.d.next = self.identity.data.val();
        self.index.d.next = bits::<7>(0);
        if self.start.val() | self.is.val().kind | self.is.val().identity {
            self.index.d.next = self.index.q.val() + 1;
        }

        self.out.d.next.data = bits::<8>(0);
        self.out.d.next.write = self.is.val().kind | self.is.val().body | self.is.val().identity;
        self.out.d.next.close = self.is.val().close;
        self.out.d.next.discard = false;
        if self.is.val().kind {
            self.out.d.next.data = self.kind_now.q.val();
        }
        if self.is.val().body {
            self.out.d.next.data = self.head_now.q.val().get_bits::<8>(0);
        }
        if self.is.val().identity {
            self.out.d.next.data = self.identity_byte.q.val();
        }
        self.over.next = self.is.val().close;
        self.reply.next = self.out.q.val();
    }
}
