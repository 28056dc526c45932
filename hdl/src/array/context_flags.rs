//! Which contexts are awake.

use nernst_spec::context::MAX_CONTEXTS;
use rust_hdl::prelude::*;

/// Remembers of each context whether it has a membrane other than 0.
///
/// ```text
/// clock    _/~\_/~\_/~\_
/// present  -< c
/// note     _/~~~\_______
/// nonzero  _/~~~\_______
/// awake    _________/~~~   of the present context
/// ```
#[derive(LogicBlock, Default)]
pub struct ContextFlags {
    pub clock: Signal<In, Clock>,
    pub present: Signal<In, Bits<3>>,
    /// Pulse: the present context has a membrane other than 0, or not.
    pub note: Signal<In, Bit>,
    pub nonzero: Signal<In, Bit>,
    /// Pulse: no context has one.
    pub zero: Signal<In, Bit>,
    pub awake: Signal<Out, Bit>,
    flags: [DFF<Bit>; MAX_CONTEXTS],
    awake_now: DFF<Bit>,
}

impl Logic for ContextFlags {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, awake_now);
        self.awake_now.d.next = false;
        for i in 0..MAX_CONTEXTS {
            self.flags[i].clock.next = self.clock.val();
            self.flags[i].d.next = self.flags[i].q.val();
            if self.present.val() == i.to_bits() {
                if self.note.val() {
                    self.flags[i].d.next = self.nonzero.val();
                }
                if self.flags[i].q.val() {
                    self.awake_now.d.next = true;
                }
            }
            if self.zero.val() {
                self.flags[i].d.next = false;
            }
        }
        self.awake.next = self.awake_now.q.val();
    }
}
