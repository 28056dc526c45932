//! When a tick may begin.

use nernst_spec::pace::{MAX_DUE, MIN_PERIOD};
use rust_hdl::prelude::*;

const _: () = assert!(MIN_PERIOD == 16 && MAX_DUE == 0xffff);

/// [`nernst_spec::pace`]: lets ticks begin when they are due, and tells those that are late.
///
/// `set` takes a period in clocks, 0 for none, and begins anew; `clear` does so without one. While a tick is to begin `waiting` is high, and `ready` while it can:
/// then it begins in the clock of `go`; `late` says with it that the tick was due before it waited. It begins two clocks after it is due, so that ticks which
/// wait for that are a period apart; without a pace at once.
///
/// ```text
/// clock           _/~\_/~\_/~\_/~\_  ..  _/~\_/~\_/~\_
/// waiting, ready  _/~~~~~~~~~~~\___  ..  ~~~~~~~~~\___    the first tick of a pace, and one behind it
/// due                               ..  ^
/// go              _________/~~~\___  ..  _____/~~~\___
/// ```
#[derive(LogicBlock, Default)]
pub struct Pacer {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    pub set: Signal<In, Bit>,
    pub period: Signal<In, Bits<32>>,
    pub waiting: Signal<In, Bit>,
    pub ready: Signal<In, Bit>,
    pub go: Signal<Out, Bit>,
    pub late: Signal<Out, Bit>,

    // The clocks of a period, and those left until a tick is due.
    length: DFF<Bits<32>>,
    left: DFF<Bits<32>>,
    last: DFF<Bit>,
    /// There is a pace; its first tick has begun.
    paced: DFF<Bit>,
    running: DFF<Bit>,
    /// Ticks that are due and have not begun.
    due: DFF<Bits<16>>,
    some_due: DFF<Bit>,
    all_due: DFF<Bit>,
    /// One was due before it waited.
    behind: DFF<Bit>,
    may: DFF<Bit>,

    first: Signal<Local, Bit>,
    beat: Signal<Local, Bit>,
    begins: Signal<Local, Bit>,
}

impl Logic for Pacer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, length, left, last, paced, running, due, some_due, all_due, behind, may);

        // A clock in each period, the first when the first tick waits.
        self.first.next = self.paced.q.val() & !self.running.q.val() & self.waiting.val();
        self.beat.next = self.first.val() | (self.running.q.val() & self.last.q.val());
        self.last.d.next = self.left.q.val() == 2;
        self.left.d.next = self.left.q.val() - 1;
        self.begins.next = self.ready.val() & self.may.q.val();
        if self.beat.val() | !self.running.q.val() {
            self.left.d.next = self.length.q.val();
        }
        if self.first.val() {
            self.running.d.next = true;
        }

        // What is due, two clocks after the beat.
        if self.beat.val() & !self.begins.val() & !self.all_due.q.val() {
            self.due.d.next = self.due.q.val() + 1;
        }
        if self.begins.val() & !self.beat.val() & self.some_due.q.val() {
            self.due.d.next = self.due.q.val() - 1;
        }
        self.some_due.d.next = self.due.q.val().any();
        self.all_due.d.next = self.due.q.val().all();
        self.may.d.next = !self.paced.q.val() | self.due.q.val().any();
        if !self.waiting.val() {
            self.behind.d.next = self.due.q.val().any() | self.beat.val();
        }
        if self.begins.val() {
            self.may.d.next = false;
        }

        if self.set.val() {
            self.length.d.next = self.period.val();
            if !self.period.val().get_bits::<28>(4).any() {
                self.length.d.next = self.period.val() | 16;
            }
            self.paced.d.next = self.period.val().any();
        }
        if self.clear.val() {
            self.paced.d.next = false;
        }
        if self.set.val() | self.clear.val() {
            self.running.d.next = false;
            self.due.d.next = bits::<16>(0);
        }

        self.go.next = self.begins.val();
        self.late.next = self.behind.q.val();
    }
}
