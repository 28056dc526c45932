//! Single blocks against the functions of `nernst_spec::link`, in rust-hdl's simulator and as Verilog.

use crate::side_by_side::SideBySide;
use nernst_hdl::link::{Crc32, UartReceiver, UartTransmitter};
use nernst_spec::link::frame::crc32;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cosim::{self, Rng};
use rust_hdl_bsp_ecp5::simulate::Stepper;

#[test]
fn crc_of_any_bytes() {
    let mut crc = SideBySide::new(Crc32::default(), |u, level| u.clock.next = level.into());
    let mut rng = Rng::new(1);
    for length in 0..40 {
        let bytes: Vec<u8> = (0..length).map(|_| rng.next_u64() as u8).collect();
        crc.uut.enable.next = true;
        for &byte in &bytes {
            crc.uut.data.next = (byte as u64).into();
            crc.tick();
        }
        crc.uut.enable.next = false;
        crc.tick();
        assert_eq!(!crc.uut.value.val().to_u32(), crc32(&bytes));
        crc.uut.start.next = true;
        crc.tick();
        crc.uut.start.next = false;
    }
}

#[test]
fn crc_in_icarus() {
    let clock = cosim::Clock { port: "clock", set: |u: &mut Crc32, level| u.clock.next = level.into() };
    let recording = cosim::record("crc32", Crc32::default(), Some(clock), 500, |u, _, rng| {
        u.start.next = rng.one_in(20);
        u.enable.next = rng.one_in(2);
        u.data.next = rng.bits();
    })
    .unwrap();
    recording.compare("generated", &[], &[&recording.verilog]).unwrap().assert_equal();
}

/// Sends bytes back to back with a clock of its own that is off by `skew`, and returns what is received.
fn received(clock_hz: u32, baud: u32, skew: f64, bytes: &[u8]) -> Vec<u8> {
    let receiver = UartReceiver::new(clock_hz, baud).unwrap();
    let mut uart = Stepper::new(receiver, |u, level| u.clock.next = level.into()).unwrap();
    let bits: Vec<bool> = (bytes.iter())
        .flat_map(|&byte| [false].into_iter().chain((0..8).map(move |k| byte >> k & 1 == 1)).chain([true]))
        .collect();
    let clocks_per_bit = clock_hz as f64 / baud as f64 / (1.0 + skew);
    let mut out = vec![];
    let mut wait = (3.0 * clocks_per_bit) as usize;
    for clock in 0.. {
        let bit = (clock as f64 / clocks_per_bit) as usize;
        if bit >= bits.len() {
            wait -= 1;
            if wait == 0 {
                break;
            }
        }
        uart.uut.rxd.next = bits.get(bit).copied().unwrap_or(true);
        uart.tick();
        if uart.uut.valid.val() {
            out.push(uart.uut.data.val().to_u8());
        }
    }
    out
}

#[test]
fn bytes_back_to_back_are_received_from_a_sender_that_is_off_by_two_percent() {
    let mut rng = Rng::new(2);
    let mut bytes: Vec<u8> = (0..40).map(|_| rng.next_u64() as u8).collect();
    bytes.extend([0x00, 0xff, 0x55, 0xaa, 0x00, 0x00, 0xff, 0xff]);
    for (clock_hz, baud) in
        [(25_000_000, 3_000_000), (50_000_000, 3_000_000), (12_000_000, 3_000_000), (25_000_000, 1_000_000)]
    {
        for skew in [-0.025, -0.02, -0.01, 0.0, 0.01, 0.02, 0.025] {
            assert_eq!(received(clock_hz, baud, skew, &bytes), bytes, "{clock_hz} Hz, {baud} baud, {skew:+}");
        }
    }
}

#[test]
fn a_glitch_is_no_byte_and_a_missing_stop_bit_costs_one() {
    let mut uart =
        Stepper::new(UartReceiver::new(50_000_000, 3_000_000).unwrap(), |u, level| u.clock.next = level.into())
            .unwrap();
    let mut hold = |level: bool, clocks: usize| {
        uart.uut.rxd.next = level;
        (0..clocks)
            .filter(|_| {
                uart.tick();
                uart.uut.valid.val()
            })
            .count()
    };
    assert_eq!(hold(true, 40), 0);
    // Shorter than half a bit of 16.7 clocks.
    assert_eq!(hold(false, 5), 0);
    assert_eq!(hold(true, 300), 0);
    // A break: no stop bit ever.
    assert_eq!(hold(false, 1_000), 0);
    assert_eq!(hold(true, 300), 0);
}

/// Both UARTs on one line.
#[derive(LogicBlock)]
struct Loopback {
    clock: Signal<In, Clock>,
    data: Signal<In, Bits<8>>,
    valid: Signal<In, Bit>,
    ready: Signal<Out, Bit>,
    line: Signal<Out, Bit>,
    received: Signal<Out, Bits<8>>,
    arrived: Signal<Out, Bit>,
    quiet: Signal<Out, Bit>,
    transmitter: UartTransmitter,
    receiver: UartReceiver,
}

impl Loopback {
    fn new(clock_hz: u32, baud: u32) -> Self {
        Self {
            clock: Default::default(),
            data: Default::default(),
            valid: Default::default(),
            ready: Default::default(),
            line: Default::default(),
            received: Default::default(),
            arrived: Default::default(),
            quiet: Default::default(),
            transmitter: UartTransmitter::new(clock_hz, baud).unwrap(),
            receiver: UartReceiver::new(clock_hz, baud).unwrap(),
        }
    }
}

impl Logic for Loopback {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, transmitter, receiver);
        self.transmitter.data.next = self.data.val();
        self.transmitter.valid.next = self.valid.val();
        self.ready.next = self.transmitter.ready.val();
        self.line.next = self.transmitter.txd.val();
        self.receiver.rxd.next = self.transmitter.txd.val();
        self.received.next = self.receiver.data.val();
        self.arrived.next = self.receiver.valid.val();
        self.quiet.next = self.transmitter.quiet.val() & self.receiver.quiet.val();
    }
}

#[test]
fn what_is_sent_is_received() {
    for (clock_hz, baud) in [(25_000_000, 3_000_000), (12_000_000, 3_000_000), (50_000_000, 115_200)] {
        let mut uart = SideBySide::new(Loopback::new(clock_hz, baud), |u, level| u.clock.next = level.into());
        let (mut rng, mut sent, mut got) = (Rng::new(4), vec![], vec![]);
        uart.uut.valid.next = true;
        while got.len() < 20 {
            let byte = rng.next_u64() as u8;
            uart.uut.data.next = (byte as u64).into();
            uart.settle();
            if uart.uut.ready.val() {
                sent.push(byte);
            }
            uart.tick();
            if uart.uut.arrived.val() {
                got.push(uart.uut.received.val().to_u8());
            }
        }
        assert_eq!(got, sent[..got.len()]);
        uart.uut.valid.next = false;
        let clocks = 12 * clock_hz / baud;
        (0..clocks).for_each(|_| uart.tick());
        assert!(uart.uut.quiet.val());
    }
}

#[test]
fn uarts_in_icarus() {
    let clock = cosim::Clock { port: "clock", set: |u: &mut Loopback, level| u.clock.next = level.into() };
    let recording = cosim::record("uart", Loopback::new(25_000_000, 3_000_000), Some(clock), 3_000, |u, _, rng| {
        u.data.next = rng.bits();
        u.valid.next = rng.one_in(50);
    })
    .unwrap();
    recording.compare("generated", &[], &[&recording.verilog]).unwrap().assert_equal();
}
