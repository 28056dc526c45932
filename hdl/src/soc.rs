//! Array and link together: everything of the chip but pins and clock.

use crate::array::Array;
use crate::link::{BaudError, Link, UartReceiver, UartTransmitter};
use nernst_spec::ArrayConfig;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::ContentsError;

/// The array with its link, as a stream of bytes in and out.
///
/// `rx_valid` may be high in every clock; bytes leave when `tx_valid` and `tx_ready` are both high. While `quiet` is high nothing
/// is under way, and without another byte nothing but the counters of clocks will change.
#[derive(LogicBlock)]
pub struct Soc {
    pub clock: Signal<In, Clock>,
    pub rx_data: Signal<In, Bits<8>>,
    pub rx_valid: Signal<In, Bit>,
    pub tx_data: Signal<Out, Bits<8>>,
    pub tx_valid: Signal<Out, Bit>,
    pub tx_ready: Signal<In, Bit>,
    pub quiet: Signal<Out, Bit>,
    /// A tick runs.
    pub ticking: Signal<Out, Bit>,
    link: Link,
    array: Array,
    ticking_now: DFF<Bit>,
}

impl Soc {
    /// The chip of this configuration.
    pub fn new(config: &ArrayConfig) -> Result<Self, ContentsError> {
        Ok(Self {
            clock: Default::default(),
            rx_data: Default::default(),
            rx_valid: Default::default(),
            tx_data: Default::default(),
            tx_valid: Default::default(),
            tx_ready: Default::default(),
            quiet: Default::default(),
            ticking: Default::default(),
            link: Link::new(config)?,
            array: Array::new(config),
            ticking_now: Default::default(),
        })
    }
}

impl Logic for Soc {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, ticking_now);
        clock!(self, clock, link, array);
        self.link.rx_data.next = self.rx_data.val();
        self.link.rx_valid.next = self.rx_valid.val();
        self.tx_data.next = self.link.tx_data.val();
        self.tx_valid.next = self.link.tx_valid.val();
        self.link.tx_ready.next = self.tx_ready.val();
        self.quiet.next = self.link.quiet.val();
        // The light is far away.
        self.ticking_now.d.next = self.array.tick_busy.val();
        self.ticking.next = self.ticking_now.q.val();

        self.array.address.next = self.link.address.val();
        self.array.write.next = self.link.write.val();
        self.array.write_low.next = self.link.write_low.val();
        self.array.write_high.next = self.link.write_high.val();
        self.array.read.next = self.link.read.val();
        self.array.input_valid.next = self.link.input_valid.val();
        self.array.input_line.next = self.link.input_line.val();
        self.array.tick_start.next = self.link.tick_start.val();
        self.array.spike_ready.next = self.link.spike_ready.val();
        self.array.reset_start.next = self.link.reset_start.val();
        self.array.reset_flags.next = self.link.reset_flags.val();
        self.array.snapshot.next = self.link.snapshot.val();
        self.array.byte_in.next = self.link.byte_in.val();
        self.array.byte_out.next = self.link.byte_out.val();
        self.array.frame_refused.next = self.link.frame_refused.val();
        self.array.frame_resent.next = self.link.frame_resent.val();
        self.array.values.next = self.link.values.val();
        self.link.value.next = self.array.value.val();
        self.link.address_exists.next = self.array.address_exists.val();
        self.link.address_writable.next = self.array.address_writable.val();
        self.link.read_done.next = self.array.read_done.val();
        self.link.read_low.next = self.array.read_low.val();
        self.link.read_high.next = self.array.read_high.val();
        self.link.input_ready.next = self.array.input_ready.val();
        self.link.tick_busy.next = self.array.tick_busy.val();
        self.link.used_up.next = self.array.used_up.val();
        self.link.spike_valid.next = self.array.spike_valid.val();
        self.link.spike_neuron.next = self.array.spike_neuron.val();
        self.link.reset_busy.next = self.array.reset_busy.val();
        self.link.idle.next = self.array.idle.val();
    }
}

/// Why the chip of a configuration cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SocError {
    #[error("identity of the board: {0}")]
    Identity(#[from] ContentsError),
    #[error(transparent)]
    Baud(#[from] BaudError),
}

/// [`Soc`] behind a serial line, 8N1 at the configuration's rate.
#[derive(LogicBlock)]
pub struct UartSoc {
    pub clock: Signal<In, Clock>,
    pub rxd: Signal<In, Bit>,
    pub txd: Signal<Out, Bit>,
    pub quiet: Signal<Out, Bit>,
    /// A tick runs.
    pub ticking: Signal<Out, Bit>,
    receiver: UartReceiver,
    transmitter: UartTransmitter,
    soc: Soc,
}

impl UartSoc {
    /// The chip of this configuration, whose clock has `config.clock_hz`.
    pub fn new(config: &ArrayConfig) -> Result<Self, SocError> {
        Ok(Self {
            clock: Default::default(),
            rxd: Default::default(),
            txd: Default::default(),
            quiet: Default::default(),
            ticking: Default::default(),
            receiver: UartReceiver::new(config.clock_hz, config.baud)?,
            transmitter: UartTransmitter::new(config.clock_hz, config.baud)?,
            soc: Soc::new(config)?,
        })
    }
}

impl Logic for UartSoc {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, receiver, transmitter, soc);
        self.receiver.rxd.next = self.rxd.val();
        self.soc.rx_data.next = self.receiver.data.val();
        self.soc.rx_valid.next = self.receiver.valid.val();
        self.transmitter.data.next = self.soc.tx_data.val();
        self.transmitter.valid.next = self.soc.tx_valid.val();
        self.soc.tx_ready.next = self.transmitter.ready.val();
        self.txd.next = self.transmitter.txd.val();
        self.quiet.next = self.soc.quiet.val() & self.receiver.quiet.val() & self.transmitter.quiet.val();
        self.ticking.next = self.soc.ticking.val();
    }
}
