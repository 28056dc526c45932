//! The address of a word, and since when it stands.

use rust_hdl::prelude::*;

/// An address that comes byte by byte and then goes on from word to word.
///
/// Of `shift`, `step` and `clear` one at most is high. `settled` says that the array's verdict about the address, right from the
/// fifth clock after a change on, has been through one more register.
///
/// ```text
/// clock    _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\
/// step     _/~~~\______________________________
/// address  -A---< A+1
/// settled  ~~~~~\_______________________/~~~~~~   seven clocks after the step
/// ```
#[derive(LogicBlock, Default)]
pub struct AddressRegister {
    pub clock: Signal<In, Clock>,
    /// `entering` comes in as the highest byte: the fourth byte completes an address.
    pub shift: Signal<In, Bit>,
    pub entering: Signal<In, Bits<8>>,
    /// To the next word.
    pub step: Signal<In, Bit>,
    /// To 0.
    pub clear: Signal<In, Bit>,
    pub address: Signal<Out, Bits<32>>,
    pub settled: Signal<Out, Bit>,

    value: DFF<Bits<32>>,
    /// Clocks to wait.
    left: DFF<Bits<3>>,
    rested: DFF<Bit>,
}

impl Logic for AddressRegister {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, value, left, rested);
        self.rested.d.next = (self.left.q.val() == 0) | (self.left.q.val() == 1);
        if self.left.q.val() != 0 {
            self.left.d.next = self.left.q.val() - 1;
        }
        if self.shift.val() {
            self.value.d.next = (self.value.q.val() >> 8) | (bit_cast::<32, 8>(self.entering.val()) << 24);
        }
        if self.step.val() {
            self.value.d.next = self.value.q.val() + 1;
        }
        if self.clear.val() {
            self.value.d.next = bits::<32>(0);
        }
        if self.shift.val() | self.step.val() | self.clear.val() {
            self.left.d.next = bits::<3>(6);
            self.rested.d.next = false;
        }
        self.address.next = self.value.q.val();
        self.settled.next = self.rested.q.val();
    }
}
