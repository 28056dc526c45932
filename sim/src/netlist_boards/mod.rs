//! A board's netlist after synthesis, 64 of them at once, each with a host of its own.
//!
//! The netlist is that of `nernst synth`: UART, link and array behind the pins of a board. Every lane of the simulator
//! is one board. Its host says what a script tells it, bit by bit, and the toggles of the board's nets are taken at the
//! cuts of the script.

mod host;
mod steps;
mod uart;

use self::host::Host;
use self::uart::{BitTime, Receiver, Sender};
use nernst_spec::ArrayConfig;
use nernst_spec::link::{Command, PROTOCOL_VERSION, Reply};
use rust_hdl_bsp_ecp5::switching::{Input, LANES, Output, Simulator, SwitchingError};

pub use self::host::Step;

/// Clocks without a byte in either direction after which a host that waits for an answer gives up: more than any idle
/// time of a script and than the longest command.
const PATIENCE: u64 = 2_000_000;
/// What a host synchronises with.
const NUMBER: u32 = 0x4e45_524e;

/// Why the boards of a netlist cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum NetlistBoardsError {
    /// The netlist cannot be simulated, or has no UART.
    #[error(transparent)]
    Netlist(#[from] SwitchingError),
    /// More scripts than lanes.
    #[error("{0} scripts, and the simulator has {LANES} lanes")]
    Scripts(usize),
    /// A host heard what it should not.
    #[error("lane {lane}, at clock {clock}, in answer to {doing}: {what}; is the netlist that of this configuration?")]
    Answer {
        /// Number of the script.
        lane: usize,
        /// Clocks since the start.
        clock: u64,
        /// Kind of the command.
        doing: String,
        /// What was heard.
        what: String,
    },
    /// A host heard nothing.
    #[error(
        "lane {lane}: no answer to {doing} in {PATIENCE} clocks; is the netlist that of this configuration, with its \
         clock and baud rate?"
    )]
    Silence {
        /// Number of the script.
        lane: usize,
        /// Kind of the command.
        doing: String,
    },
}

/// The state of the counts when the last bit of a cut's command had left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Clocks since the start.
    pub clock: u64,
    /// Toggles since the start, of each group.
    pub toggles: Vec<u64>,
}

/// What one board did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Everything that it answered, acknowledgements aside.
    pub replies: Vec<Reply>,
    /// One for each [`Step::Cut`].
    pub cuts: Vec<Cut>,
}

struct Lane {
    host: Host,
    sender: Sender,
    receiver: Receiver,
    cuts: Vec<Cut>,
    /// Clock of the last byte.
    last: u64,
}

/// 64 boards of one netlist: see the [module](self).
pub struct NetlistBoards {
    simulator: Simulator,
    receive: Input,
    transmit: Output,
    time: BitTime,
    config: ArrayConfig,
}

impl NetlistBoards {
    /// Loads the JSON of a board's netlist; `config` has the clock and the baud rate that it was made with.
    ///
    /// # Errors
    /// It cannot be simulated, or lacks the ports `uart_rx` and `uart_tx`.
    pub fn from_json(json: &str, config: &ArrayConfig) -> Result<Self, NetlistBoardsError> {
        let simulator = Simulator::from_json(json)?;
        let (receive, transmit) = (simulator.input("uart_rx")?, simulator.output("uart_tx")?);
        let time = BitTime { clock_hz: config.clock_hz.into(), baud: config.baud.max(1).into() };
        Ok(Self { simulator, receive, transmit, time, config: config.clone() })
    }

    /// The simulator, to choose the groups of nets with [`Simulator::count_toggles`] or to ask for sizes.
    pub fn simulator(&mut self) -> &mut Simulator {
        &mut self.simulator
    }

    /// Runs a script in each lane, after synchronising, until all have come to their end. `progress` is told the clocks
    /// and the scripts that still run, now and then.
    ///
    /// # Errors
    /// More scripts than lanes, or an answer that is missing, damaged or a refusal.
    pub fn run(
        &mut self,
        scripts: Vec<Vec<Step>>,
        mut progress: impl FnMut(u64, usize),
    ) -> Result<Vec<Record>, NetlistBoardsError> {
        if scripts.len() > LANES {
            return Err(NetlistBoardsError::Scripts(scripts.len()));
        }
        let start = self.simulator.cycle();
        let mut lanes: Vec<Lane> = scripts.into_iter().map(|script| Lane::new(&self.config, script, start)).collect();
        let mut levels = [1; LANES];
        self.simulator.set_lanes(self.receive, &levels);
        while lanes.iter().any(|lane| !lane.host.is_done()) {
            let clock = self.simulator.cycle();
            let mut sent = levels;
            for (number, lane) in lanes.iter_mut().enumerate() {
                if lane.wants_cut() {
                    let groups = self.simulator.toggles();
                    let toggles = groups.iter().map(|lanes| lanes[number]).collect();
                    lane.cuts.push(Cut { clock, toggles });
                }
                sent[number] = lane.send(clock, self.time).into();
            }
            if sent != levels {
                levels = sent;
                self.simulator.set_lanes(self.receive, &levels);
            }
            let heard = self.simulator.get_lanes(self.transmit);
            for (number, lane) in lanes.iter_mut().enumerate() {
                lane.hear(heard[number] & 1 == 1, clock, self.time);
                lane.check(number, clock)?;
            }
            self.simulator.clock();
            if clock.is_multiple_of(10_000) {
                progress(clock, lanes.iter().filter(|lane| !lane.host.is_done()).count());
            }
        }
        Ok(lanes.into_iter().map(|lane| Record { replies: lane.host.replies, cuts: lane.cuts }).collect())
    }
}

impl Lane {
    fn new(config: &ArrayConfig, script: Vec<Step>, clock: u64) -> Self {
        let synchronise = Step::Command(Command::Synchronise { version: PROTOCOL_VERSION, number: NUMBER });
        let mut host = Host::new(config, [synchronise].into_iter().chain(script));
        host.delimit();
        Self { host, sender: Sender::default(), receiver: Receiver::default(), cuts: vec![], last: clock }
    }

    fn wants_cut(&mut self) -> bool {
        self.sender.is_free() && self.host.take_cut()
    }

    /// Level of the line to the board.
    fn send(&mut self, clock: u64, time: BitTime) -> bool {
        if self.sender.is_free()
            && let Some(byte) = self.host.send(clock)
        {
            self.sender.send(byte, clock);
            self.last = clock;
        }
        self.sender.level(clock, time)
    }

    /// Takes the level of the line from the board.
    fn hear(&mut self, level: bool, clock: u64, time: BitTime) {
        if let Some(byte) = self.receiver.hear(level, clock, time) {
            self.host.hear(byte);
            self.last = clock;
        }
    }

    fn check(&mut self, lane: usize, clock: u64) -> Result<(), NetlistBoardsError> {
        let doing = || self.host.doing.clone();
        if let Some(what) = self.host.failed.take() {
            return Err(NetlistBoardsError::Answer { lane, clock, doing: doing(), what });
        }
        if !self.host.is_done() && clock - self.last > PATIENCE {
            return Err(NetlistBoardsError::Silence { lane, doing: doing() });
        }
        Ok(())
    }
}
