//! What a mutant must answer as the RTL does: sessions of hosts of all kinds with the board.

use crate::common::hosts::Host;
use nernst_hdl::link::{QUIET_LATENCY, RX_CLOCKS_PER_BYTE};
use nernst_sim::virtual_board::{self, Options};
use nernst_sim::{Activity, Board as _, VirtualBoard};
use rust_hdl_netsim::{Input, Output, Simulator};
use std::collections::VecDeque;

/// Clocks that a mutant may take longer for an answer before it is said to hang.
const LATE: u64 = 50_000;

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
    pub line: Line,
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
    pub fn record(host: Host, line: Line, verilog: &str) -> Result<Self, String> {
        let mut board = Board::new(verilog, line)?;
        board.switch_on(line)?;
        let mut exchanges = vec![];
        for said in host.said {
            let heard = board.exchange(&said, u64::MAX)?;
            exchanges.push(Exchange { said, heard: heard.ok_or("the RTL hangs")?, clocks: board.clocks() });
        }
        Ok(Self { name: host.name, of_link: host.of_link, line, exchanges })
    }

    /// Bytes to the board and from it, and clocks.
    pub fn size(&self) -> (usize, usize, u64) {
        let sum = |bytes: fn(&Exchange) -> usize| self.exchanges.iter().map(bytes).sum();
        let clocks = self.exchanges.last().map_or(0, |exchange| exchange.clocks);
        (sum(|exchange| exchange.said.len()), sum(|exchange| exchange.heard.len()), clocks)
    }

    /// Whether a mutant is found out in this session; it is switched on for it. An error: it cannot be simulated.
    pub fn find(&self, board: &mut Board) -> Result<Option<Found>, String> {
        board.switch_on(self.line)?;
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
pub enum Board {
    Bytes { simulator: Box<Simulator>, ports: Ports, pace: u64 },
    Uart(Box<VirtualBoard>),
}

pub struct Ports {
    rx_data: Input,
    rx_valid: Input,
    tx_ready: Input,
    tx_data: Output,
    tx_valid: Output,
    quiet: Output,
}

impl Board {
    pub fn new(verilog: &str, line: Line) -> Result<Self, String> {
        match line {
            Line::Bytes { .. } => Self::of_bytes(verilog).map_err(|error| error.to_string()),
            Line::Uart { clocks_per_bit } => {
                let options = Options { line: virtual_board::Line::Uart { clocks_per_bit }, ..Options::default() };
                VirtualBoard::from_verilog(verilog, &options)
                    .map(Box::new)
                    .map(Self::Uart)
                    .map_err(|error| error.to_string())
            }
        }
    }

    fn of_bytes(verilog: &str) -> Result<Self, rust_hdl_netsim::Error> {
        let simulator = Box::new(Simulator::from_verilog(verilog, &Default::default())?);
        let (input, output) = (|name| simulator.input(name), |name| simulator.output(name));
        let ports = Ports {
            rx_data: input("rx_data")?,
            rx_valid: input("rx_valid")?,
            tx_ready: input("tx_ready")?,
            tx_data: output("tx_data")?,
            tx_valid: output("tx_valid")?,
            quiet: output("quiet")?,
        };
        Ok(Self::Bytes { simulator, ports, pace: 1 })
    }

    /// As it is when the power comes, on such a line.
    fn switch_on(&mut self, line: Line) -> Result<(), String> {
        match (self, line) {
            (Self::Bytes { simulator, pace, .. }, Line::Bytes { pace: of_line }) => {
                simulator.restart();
                *pace = of_line;
                Ok(())
            }
            (Self::Uart(board), Line::Uart { .. }) if board.clocks() == 0 => Ok(()),
            _ => Err("a board of another line, or one with a UART that has run".into()),
        }
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
