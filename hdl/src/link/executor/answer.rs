//! Replies of a few bytes, and the identity.

use super::reply::Reply;
use nernst_spec::link::message::Kind;
use nernst_spec::{ArrayConfig, Identity};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{ContentsError, Rom};

/// What is being written.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum AnswerState {
    Idle,
    Kind,
    Body,
    Identity,
    Close,
}

/// Writes one reply: its kind and `count` bytes (1 to 6), the two of `head` and then the four of `tail`; or, if the kind is that of
/// an identity, the identity of the array.
///
/// ```text
/// clock  _/~\_/~\_/~\_/~\_/~\_/~\_
/// start  _/~~~\___________________   count = 1
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
    index: DFF<Bits<7>>,
    out: DFF<Reply>,
    identity: Rom<8, 7>,
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
            out: Default::default(),
            identity: Rom::new(&identity)?,
            identity_kind: Constant::new((Kind::Identity as u64).into()),
            identity_last: Constant::new((identity.len() as u64 - 1).into()),
        })
    }
}

impl Logic for Answer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, kind_now, head_now, tail_now, left, index, out);
        self.out.d.next.data = bits::<8>(0);
        self.out.d.next.write = false;
        self.out.d.next.close = false;
        self.out.d.next.discard = false;
        self.over.next = false;
        self.identity.address.next = self.index.q.val();
        match self.state.q.val() {
            AnswerState::Idle => {
                self.kind_now.d.next = self.kind.val();
                self.head_now.d.next = self.head.val();
                self.tail_now.d.next = self.tail.val();
                self.left.d.next = self.count.val();
                self.index.d.next = bits::<7>(0);
                if self.start.val() {
                    self.state.d.next = AnswerState::Kind;
                }
            }
            AnswerState::Kind => {
                self.out.d.next.data = self.kind_now.q.val();
                self.out.d.next.write = true;
                self.state.d.next = AnswerState::Body;
                if self.kind_now.q.val() == self.identity_kind.val() {
                    self.state.d.next = AnswerState::Identity;
                }
            }
            AnswerState::Body => {
                self.out.d.next.data = self.head_now.q.val().get_bits::<8>(0);
                self.out.d.next.write = true;
                self.head_now.d.next =
                    (self.head_now.q.val() >> 8) | (bit_cast::<16, 8>(self.tail_now.q.val().get_bits::<8>(0)) << 8);
                self.tail_now.d.next = self.tail_now.q.val() >> 8;
                self.left.d.next = self.left.q.val() - 1;
                if self.left.q.val() == 1 {
                    self.state.d.next = AnswerState::Close;
                }
            }
            AnswerState::Identity => {
                self.out.d.next.data = self.identity.data.val();
                self.out.d.next.write = true;
                self.index.d.next = self.index.q.val() + 1;
                if self.index.q.val() == self.identity_last.val() {
                    self.state.d.next = AnswerState::Close;
                }
            }
            AnswerState::Close => {
                self.out.d.next.close = true;
                self.over.next = true;
                self.state.d.next = AnswerState::Idle;
            }
            _ => {
                self.state.d.next = AnswerState::Idle;
            }
        }
        if self.stop.val() {
            self.state.d.next = AnswerState::Idle;
        }
        self.reply.next = self.out.q.val();
    }
}
