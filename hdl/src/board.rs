//! The top of a design for a board: pins, PLL, lights and the chip.

use crate::soc::{SocError, UartSoc};
use nernst_spec::ArrayConfig;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::boards::Board;
use rust_hdl_bsp_ecp5::primitives::{Pll, PllError};

/// Why there is no top of a configuration for a board.
#[derive(Debug, thiserror::Error)]
pub enum TopError {
    #[error(transparent)]
    Soc(#[from] SocError),
    #[error(transparent)]
    Pll(#[from] PllError),
}

/// Stretches what happens to what an eye can see: `light` is high from a clock after `happens` until 2^22 clocks after.
#[derive(LogicBlock, Default)]
pub struct Stretcher {
    pub clock: Signal<In, Clock>,
    pub happens: Signal<In, Bit>,
    pub light: Signal<Out, Bit>,
    left: DFF<Bits<22>>,
}

impl Logic for Stretcher {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, left);
        self.light.next = self.left.q.val().any();
        if self.left.q.val().any() {
            self.left.d.next = self.left.q.val() - 1;
        }
        if self.happens.val() {
            self.left.d.next = bits::<22>(0x3fffff);
        }
    }
}

/// What the eight lights show.
///
/// | light | shows |
/// |---|---|
/// | 0 | heartbeat, and inverted while any of the others is lit, for boards with a single light |
/// | 1 | bytes from the host |
/// | 2 | bytes to the host |
/// | 3 | ticks |
/// | 4 | the PLL is locked |
#[derive(LogicBlock)]
pub struct Lights {
    pub clock: Signal<In, Clock>,
    pub rxd: Signal<In, Bit>,
    pub txd: Signal<In, Bit>,
    pub ticking: Signal<In, Bit>,
    pub locked: Signal<In, Bit>,
    /// Light k in bit k, as the pin needs it.
    pub led: Signal<Out, Bits<8>>,
    from_host: Stretcher,
    to_host: Stretcher,
    ticks: Stretcher,
    heartbeat: DFF<Bits<26>>,
    lit: Signal<Local, Bits<8>>,
    heart: Signal<Local, Bit>,
    dark: Constant<Bits<8>>,
}

impl Lights {
    fn new(active_high: bool) -> Self {
        Self {
            clock: Default::default(),
            rxd: Default::default(),
            txd: Default::default(),
            ticking: Default::default(),
            locked: Default::default(),
            led: Default::default(),
            from_host: Default::default(),
            to_host: Default::default(),
            ticks: Default::default(),
            heartbeat: Default::default(),
            lit: Default::default(),
            heart: Default::default(),
            dark: Constant::new(if active_high { 0 } else { 0xff }.into()),
        }
    }
}

impl Logic for Lights {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, heartbeat);
        clock!(self, clock, from_host, to_host, ticks);
        self.heartbeat.d.next = self.heartbeat.q.val() + 1;
        self.from_host.happens.next = !self.rxd.val();
        self.to_host.happens.next = !self.txd.val();
        self.ticks.happens.next = self.ticking.val();
        self.heart.next = self.heartbeat.q.val().get_bit(25)
            ^ (self.from_host.light.val() | self.to_host.light.val() | self.ticks.light.val());
        self.lit.next = bits::<8>(0);
        if self.heart.val() {
            self.lit.next = self.lit.val() | 0x01;
        }
        if self.from_host.light.val() {
            self.lit.next = self.lit.val() | 0x02;
        }
        if self.to_host.light.val() {
            self.lit.next = self.lit.val() | 0x04;
        }
        if self.ticks.light.val() {
            self.lit.next = self.lit.val() | 0x08;
        }
        if self.locked.val() {
            self.lit.next = self.lit.val() | 0x10;
        }
        self.led.next = self.lit.val() ^ self.dark.val();
    }
}

/// The top for a board with N lights (1 to 8). Everything is clocked by the PLL at `config.clock_hz`.
#[derive(LogicBlock)]
pub struct BoardTop<const N: usize> {
    pub clock: Signal<In, Clock>,
    pub uart_rx: Signal<In, Bit>,
    pub uart_tx: Signal<Out, Bit>,
    pub led: Signal<Out, Bits<N>>,
    pll: Pll,
    soc: UartSoc,
    lights: Lights,
}

impl<const N: usize> BoardTop<N> {
    /// The top of a configuration for a board.
    pub fn new(config: &ArrayConfig, board: &Board) -> Result<Self, TopError> {
        const { assert!(1 <= N && N <= 8, "a board has 1 to 8 lights") };
        Ok(Self {
            clock: Default::default(),
            uart_rx: Default::default(),
            uart_tx: Default::default(),
            led: Default::default(),
            pll: Pll::new(board.clock_hz, config.clock_hz as u64)?,
            soc: UartSoc::new(config)?,
            lights: Lights::new(board.led_active_high),
        })
    }
}

impl<const N: usize> Logic for BoardTop<N> {
    #[hdl_gen]
    fn update(&mut self) {
        self.pll.clock_in.next = self.clock.val();
        self.soc.clock.next = self.pll.clock_out.val();
        self.lights.clock.next = self.pll.clock_out.val();
        self.soc.rxd.next = self.uart_rx.val();
        self.uart_tx.next = self.soc.txd.val();
        self.lights.rxd.next = self.uart_rx.val();
        self.lights.txd.next = self.soc.txd.val();
        self.lights.ticking.next = self.soc.ticking.val();
        self.lights.locked.next = self.pll.locked.val();
        self.led.next = self.lights.led.val().get_bits::<N>(0);
    }
}

/// [`BoardTop`] for a ULX3S: a high `wifi_gpio0` keeps the board's ESP32 from taking the FPGA over.
#[derive(LogicBlock)]
pub struct Ulx3sTop {
    pub clock: Signal<In, Clock>,
    pub uart_rx: Signal<In, Bit>,
    pub uart_tx: Signal<Out, Bit>,
    pub led: Signal<Out, Bits<8>>,
    pub wifi_gpio0: Signal<Out, Bit>,
    inner: BoardTop<8>,
}

impl Ulx3sTop {
    /// The top of a configuration for a ULX3S.
    pub fn new(config: &ArrayConfig, board: &Board) -> Result<Self, TopError> {
        Ok(Self {
            clock: Default::default(),
            uart_rx: Default::default(),
            uart_tx: Default::default(),
            led: Default::default(),
            wifi_gpio0: Default::default(),
            inner: BoardTop::new(config, board)?,
        })
    }
}

impl Logic for Ulx3sTop {
    #[hdl_gen]
    fn update(&mut self) {
        self.inner.clock.next = self.clock.val();
        self.inner.uart_rx.next = self.uart_rx.val();
        self.uart_tx.next = self.inner.uart_tx.val();
        self.led.next = self.inner.led.val();
        self.wifi_gpio0.next = true;
    }
}
