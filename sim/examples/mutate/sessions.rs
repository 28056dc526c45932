//! What a mutant must answer as the RTL does: sessions of hosts of all kinds with the board.

use crate::common::client::{Client, streams};
use crate::common::commands::commands;
use crate::common::networks;
use crate::common::noise::Noisy;
use crate::common::recorder::Recorder;
use nernst_hdl::link::{QUIET_LATENCY, RX_CLOCKS_PER_BYTE};
use nernst_sim::virtual_board::{self, Options};
use nernst_sim::{Activity, Board as _, BoardPort, VirtualBoard};
use nernst_spec::link::frame::{DELIMITER, MAX_PAYLOAD};
use nernst_spec::link::message::RESET_STATE;
use nernst_spec::link::{Command, FLAG_RESEND, Frame, Kind, PROTOCOL_VERSION};
use nernst_spec::memory::{Address, Word};
use nernst_spec::{ArrayConfig, budget, ledger, pace};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rust_hdl_netsim::{Input, Output, Simulator};
use std::collections::VecDeque;
use std::io::Write;
use std::time::Duration;

/// Clocks that a mutant may take longer for an answer before it is said to hang.
const LATE: u64 = 50_000;

type Port = Recorder<BoardPort<VirtualBoard>>;

/// How bytes go to and from a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Behind the UART; the board's are taken in one of so many clocks.
    Bytes { pace: u64 },
    /// Bit by bit, each so many clocks long.
    Uart { clocks_per_bit: u32 },
}

/// What is said to a board until it is silent, and what it says.
#[derive(Clone, Debug)]
struct Exchange {
    said: Vec<u8>,
    heard: Vec<u8>,
    /// Clocks since the start, at the end.
    clocks: u64,
}

/// A session with a board that was just switched on.
pub struct Session {
    pub name: &'static str,
    /// It is all about the link.
    pub of_link: bool,
    line: Line,
    exchanges: Vec<Exchange>,
}

/// How a mutant was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It said something else, or nothing more.
    Answer,
    /// It said the same, but not in the same clocks.
    Clocks,
}

impl Session {
    /// Plays what a host said to the RTL, and keeps what it answers.
    fn record(name: &'static str, line: Line, verilog: &str, said: Vec<Vec<u8>>) -> Result<Self, String> {
        let mut board = Board::new(verilog, line)?;
        let mut exchanges = vec![];
        for said in said.into_iter().filter(|said| !said.is_empty()) {
            let heard = board.exchange(&said, u64::MAX)?;
            exchanges.push(Exchange { said, heard: heard.ok_or("the RTL hangs")?, clocks: board.clocks() });
        }
        Ok(Self { name, of_link: ["pace", "noise", "lengths"].contains(&name), line, exchanges })
    }

    /// Bytes to the board and from it, and clocks.
    pub fn size(&self) -> (usize, usize, u64) {
        let sum = |bytes: fn(&Exchange) -> usize| self.exchanges.iter().map(bytes).sum();
        let clocks = self.exchanges.last().map_or(0, |exchange| exchange.clocks);
        (sum(|exchange| exchange.said.len()), sum(|exchange| exchange.heard.len()), clocks)
    }

    /// Whether a mutant is found out in this session. An error: it cannot be simulated.
    pub fn find(&self, verilog: &str) -> Result<Option<Found>, String> {
        let mut board = Board::new(verilog, self.line)?;
        let mut found = None;
        for exchange in &self.exchanges {
            let heard = board.exchange(&exchange.said, exchange.clocks + LATE)?;
            if heard.as_ref() != Some(&exchange.heard) {
                return Ok(Some(Found::Answer));
            }
            if board.clocks() != exchange.clocks {
                found = Some(Found::Clocks);
            }
        }
        Ok(found)
    }
}

/// The RTL, or a mutant.
enum Board {
    Bytes { simulator: Simulator, ports: Ports, pace: u64 },
    Uart(VirtualBoard),
}

struct Ports {
    rx_data: Input,
    rx_valid: Input,
    tx_ready: Input,
    tx_data: Output,
    tx_valid: Output,
    quiet: Output,
}

impl Board {
    fn new(verilog: &str, line: Line) -> Result<Self, String> {
        match line {
            Line::Bytes { pace } => Self::of_bytes(verilog, pace).map_err(|error| error.to_string()),
            Line::Uart { clocks_per_bit } => {
                let options = Options { line: virtual_board::Line::Uart { clocks_per_bit }, ..Options::default() };
                VirtualBoard::from_verilog(verilog, &options).map(Self::Uart).map_err(|error| error.to_string())
            }
        }
    }

    fn of_bytes(verilog: &str, pace: u64) -> Result<Self, rust_hdl_netsim::Error> {
        let simulator = Simulator::from_verilog(verilog, &Default::default())?;
        let (input, output) = (|name| simulator.input(name), |name| simulator.output(name));
        let ports = Ports {
            rx_data: input("rx_data")?,
            rx_valid: input("rx_valid")?,
            tx_ready: input("tx_ready")?,
            tx_data: output("tx_data")?,
            tx_valid: output("tx_valid")?,
            quiet: output("quiet")?,
        };
        Ok(Self::Bytes { simulator, ports, pace })
    }

    fn clocks(&self) -> u64 {
        match self {
            Self::Bytes { simulator, .. } => simulator.cycle(),
            Self::Uart(board) => board.clocks(),
        }
    }

    /// What a board says to these bytes until it is quiet; nothing if it is not by this clock.
    fn exchange(&mut self, said: &[u8], until: u64) -> Result<Option<Vec<u8>>, String> {
        let mut heard = vec![];
        match self {
            Self::Uart(board) => {
                let (mut input, mut output) = (said.iter().copied().collect(), VecDeque::new());
                while board.exchange(&mut input, &mut output).map_err(|error| error.to_string())? == Activity::Busy {
                    if board.clocks() > until {
                        return Ok(None);
                    }
                }
                heard.extend(output);
            }
            Self::Bytes { simulator, ports, pace } => {
                let mut clock = |simulator: &mut Simulator, byte: Option<u8>| {
                    let ready = simulator.cycle().is_multiple_of(*pace);
                    simulator.set(ports.tx_ready, ready.into());
                    simulator.set(ports.rx_data, byte.unwrap_or(0).into());
                    simulator.set(ports.rx_valid, byte.is_some().into());
                    if ready && simulator.get(ports.tx_valid) == 1 {
                        heard.push(simulator.get(ports.tx_data) as u8);
                    }
                    simulator.clock();
                };
                for &byte in said {
                    clock(simulator, Some(byte));
                    (1..RX_CLOCKS_PER_BYTE).for_each(|_| clock(simulator, None));
                }
                (0..QUIET_LATENCY).for_each(|_| clock(simulator, None));
                while simulator.get(ports.tx_valid) == 1 || simulator.get(ports.quiet) == 0 {
                    if simulator.cycle() > until {
                        return Ok(None);
                    }
                    clock(simulator, None);
                }
            }
        }
        Ok(Some(heard))
    }
}

/// Sessions of every kind with this RTL behind its UART.
pub fn behind_the_uart(config: &ArrayConfig, verilog: &str) -> Result<Vec<Session>, String> {
    let connect = || -> Result<Client<Port>, String> {
        let board = VirtualBoard::from_verilog(verilog, &Options::default()).map_err(|error| error.to_string())?;
        let mut port = BoardPort::new(board);
        // A simulated board on a busy machine takes its time.
        port.set_timeout(Duration::from_secs(1000));
        Ok(Client::connect(Recorder::new(port)))
    };
    let mut said = vec![];
    for seed in 0..3 {
        said.push(("careless host", 1 + 30 * seed, careless(connect()?, config, seed)));
        said.push(("network", 1 + 30 * seed, network(connect()?, config, seed, 20)));
    }
    said.push(("pace", 1, paced(connect()?, config)));
    said.push(("addresses", 1, addresses(connect()?, config)));
    said.push(("noise", 1, noise(config, verilog)?));
    said.push(("lengths", 1, lengths(connect()?, config)));
    said.into_iter().map(|(name, pace, said)| Session::record(name, Line::Bytes { pace }, verilog, said)).collect()
}

/// Sessions with the RTL and its UART: bytes of every kind.
pub fn with_the_uart(config: &ArrayConfig, verilog: &str, clocks_per_bit: u32) -> Result<Vec<Session>, String> {
    let mut random = StdRng::seed_from_u64(5);
    let commands = commands(config, 5, 60);
    let said = commands.chunks(3).map(|commands| {
        let frame = |command: &Command| Frame {
            kind: command.kind(),
            sequence: random.random(),
            acknowledge: 0,
            auxiliary: 0,
            payload: command.payload(),
        };
        commands.iter().map(frame).flat_map(|frame| frame.encode()).collect()
    });
    let said: Vec<Vec<u8>> = [synchronise()].into_iter().chain(said).chain([synchronise()]).collect();
    Ok(vec![Session::record("UART", Line::Uart { clocks_per_bit }, verilog, said)?])
}

fn synchronise() -> Vec<u8> {
    let command = Command::Synchronise { version: PROTOCOL_VERSION, number: 0x1234_5678 };
    let (kind, payload) = (command.kind(), command.payload());
    let frame = Frame { kind, sequence: 0, acknowledge: 0, auxiliary: 0, payload };
    [vec![DELIMITER], frame.encode()].concat()
}

/// Reads, writes and digests at both ends of everything that has addresses, and just behind it.
fn addresses(mut client: Client<Port>, config: &ArrayConfig) -> Vec<Vec<u8>> {
    let image = networks::image(config, 4);
    client.load(&image, false);
    let mut blocks: Vec<(Address, usize)> =
        image.blocks().into_iter().map(|(first, words)| (first, words.len())).collect();
    blocks.extend(config.cores.iter().enumerate().map(|(core, shape)| (Address::membrane(core, 0), shape.neurons())));
    blocks.push((Address::ledger(0), ledger::words(config)));
    blocks.push((Address::budget(0), budget::WORDS));
    for (first, count) in blocks {
        let last = first.offset(count - 1);
        for address in [first, last, first.offset(count), first.offset(count + 64)] {
            client.call(&Command::Read { address, count: 1 });
            client.call(&Command::Write { address, words: vec![Word::new(0x155)] });
        }
        client.call(&Command::Read { address: last, count: 2 });
        client.call(&Command::Digest { address: first, count: count as u16 });
    }
    client.port.chunks
}

/// Payloads of every length, of zeros, for every command that is right with few of them.
fn lengths(mut client: Client<Port>, config: &ArrayConfig) -> Vec<Vec<u8>> {
    client.config = config.clone();
    for length in 0..=MAX_PAYLOAD {
        for kind in [Kind::Identify, Kind::Reset, Kind::Write, Kind::Read, Kind::Digest, Kind::Snapshot] {
            let frame = Frame {
                kind,
                sequence: client.next,
                acknowledge: client.expected,
                auxiliary: 0,
                payload: vec![0; length],
            };
            client.port.write_all(&frame.encode()).expect("a board in this process");
            client.next = client.next.wrapping_add(1);
            while let Some(Ok(frame)) = client.receive() {
                if frame.kind.is_numbered() {
                    client.expected = frame.sequence.wrapping_add(1);
                }
            }
        }
    }
    client.port.chunks
}

/// A random network, its state reset in the middle.
fn network(mut client: Client<Port>, config: &ArrayConfig, seed: u64, ticks: usize) -> Vec<Vec<u8>> {
    let image = networks::image(config, seed);
    client.load(&image, true);
    for (number, lines) in networks::spikes(config, seed, ticks).iter().enumerate() {
        if number == ticks / 2 {
            client.membranes(config);
            client.ask(&Command::Reset { flags: RESET_STATE });
        }
        client.tick(lines);
    }
    client.membranes(config);
    client.ledger(config);
    client.port.chunks
}

/// Commands of every kind, several at once, from a host that acknowledges late and asks for replies again.
fn careless(mut client: Client<Port>, config: &ArrayConfig, seed: u64) -> Vec<Vec<u8>> {
    let mut random = StdRng::seed_from_u64(seed);
    client.config = config.clone();
    let all = commands(config, seed, 250);
    let mut rest = &all[..];
    let (mut heard, mut waiting) = (client.expected, 0);
    while !rest.is_empty() {
        let (now, later) = rest.split_at(random.random_range(1..=4).min(rest.len()));
        rest = later;
        now.iter().for_each(|command| client.send(command));
        while let Some(frame) = client.receive() {
            if let Ok(frame) = frame
                && frame.kind.is_numbered()
                && frame.sequence == heard
            {
                heard = heard.wrapping_add(1);
                waiting += 1;
            }
        }
        // A board keeps 63 replies at most, and 2,048 bytes.
        if waiting > 6 || random.random_bool(0.5) {
            client.expected = heard;
            waiting = 0;
        }
        if random.random_bool(0.3) {
            let flags = if random.random_bool(0.7) { FLAG_RESEND } else { 0 };
            client.send_frame(&Command::Acknowledge, 0, flags);
        }
    }
    client.expected = heard;
    client.send_frame(&Command::Acknowledge, 0, 0);
    while client.receive().is_some() {}
    client.port.chunks
}

/// Ticks at a pace, in time and late.
fn paced(mut client: Client<Port>, config: &ArrayConfig) -> Vec<Vec<u8>> {
    client.load(&networks::image(config, 9), false);
    for period in [3, pace::MIN_PERIOD, pace::MIN_PERIOD + 1, 300, 2_000] {
        client.ask(&Command::Write { address: Address::PACE, words: vec![Word::new(period.into())] });
        for ticks in networks::spikes(config, 9, 12).chunks(4) {
            for command in streams(config, ticks) {
                client.send(&command);
            }
            // What it says to them is not looked at here.
            while let Some(Ok(frame)) = client.receive() {
                if frame.kind.is_numbered() {
                    client.expected = frame.sequence.wrapping_add(1);
                }
            }
            client.send_frame(&Command::Acknowledge, 0, 0);
        }
    }
    client.ledger(config);
    client.port.chunks
}

/// Bytes that nobody should send, and sessions behind them.
fn noise(config: &ArrayConfig, verilog: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut noisy = Noisy::new(config, verilog, 1);
    for _ in 0..60 {
        noisy = noisy.round()?;
    }
    Ok(noisy.take_chunks())
}
