//! CRC-32 of a byte stream, one byte per clock.

use nernst_spec::link::frame::CRC_POLYNOMIAL;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cast::unsigned_cast_ext;
use rust_hdl_bsp_ecp5::primitives::DffInit;
use std::array::from_fn;

/// Register of a CRC-32 (ISO-HDLC, as in Ethernet) through which a byte goes in one clock.
///
/// ```text
/// clock   _/~\_/~\_/~\_/~\_
/// start   _/~~~\___________
/// enable  _____/~~~~~~~\___
/// data    -----<b0 ><b1 >---
/// value   ---------<b0><b0 b1>     before the final inversion: a CRC travels as !value
/// ```
/// Latency 1 clock. `start` wins over `enable`. At power-up the register is as after `start`.
#[derive(LogicBlock)]
pub struct Crc32 {
    pub clock: Signal<In, Clock>,
    /// Begins anew.
    pub start: Signal<In, Bit>,
    /// Takes `data`.
    pub enable: Signal<In, Bit>,
    pub data: Signal<In, Bits<8>>,
    pub value: Signal<Out, Bits<32>>,
    register: DffInit<Bits<32>>,
    /// The register with the byte mixed in, and after each of its eight bits.
    step: [Signal<Local, Bits<32>>; 9],
    ones: Constant<Bits<32>>,
    polynomial: Constant<Bits<32>>,
}

impl Default for Crc32 {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            start: Default::default(),
            enable: Default::default(),
            data: Default::default(),
            value: Default::default(),
            register: DffInit::new(Bits::mask()),
            step: from_fn(|_| Default::default()),
            ones: Constant::new(Bits::mask()),
            polynomial: Constant::new((CRC_POLYNOMIAL as u64).into()),
        }
    }
}

impl Logic for Crc32 {
    #[hdl_gen]
    fn update(&mut self) {
        self.register.clock.next = self.clock.val();
        self.register.d.next = self.register.q.val();
        self.value.next = self.register.q.val();
        self.step[0].next = self.register.q.val() ^ unsigned_cast_ext::<32, 8>(self.data.val());
        for i in 0..8 {
            self.step[i + 1].next = self.step[i].val() >> 1;
            if self.step[i].val().get_bit(0) {
                self.step[i + 1].next = (self.step[i].val() >> 1) ^ self.polynomial.val();
            }
        }
        if self.enable.val() {
            self.register.d.next = self.step[8].val();
        }
        if self.start.val() {
            self.register.d.next = self.ones.val();
        }
    }
}
