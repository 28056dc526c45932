//! The array alone, as generated Verilog, driven at its ports: for measurements of its clocks.
//!
//! [`RtlArray`] does what the link does and nothing slower: input spikes one a clock, the tick a clock after them, spikes for the host taken
//! in the clock in which they come. In every clock of a tick it looks at the [`signals`] of the cores, the bus and the router, and counts
//! the clock to one [`Phase`].
//!
//! ```text
//! clock         _/~\_/~\_/~\_/~\_/~\_  ..  _/~\_/~\_
//! input_valid   _/~~~~~~~\_________________________    one input spike a clock, and one clock more: input clocks
//! tick_start    _____________/~~~\_________________    1 clock
//! tick_busy     _________________/~~~~~~~~~~~~~~\___    clocks of the tick: integrate + fire + route + wait
//! ```

mod phase;
pub mod signals;

pub use phase::{Activity, Phase, Split};

use nernst_hdl::generate::{GenerateError, array_verilog};
use nernst_spec::geometry::MAX_BANKS;
use nernst_spec::ledger::words;
use nernst_spec::link::message::{RESET_MEMORY, RESET_STATE};
use nernst_spec::memory::{Address, Word};
use nernst_spec::{ArrayConfig, Image, Ledger};
use rust_hdl_netsim::{Error, Input, Net, Options, Output, Simulator};
use std::collections::HashMap;

/// Clocks that an address must stay before a write, and after it.
const WRITE_SETUP: usize = 5;
const WRITE_HOLD: usize = 6;
/// More clocks than any one thing takes: a tick in which every neuron of the largest array fires takes some 5,000.
const PATIENCE: u64 = 100_000;

/// Why the array cannot be had, or did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum RtlArrayError {
    #[error("the RTL cannot be generated: {0}")]
    Generate(#[from] GenerateError),
    #[error("the RTL cannot be simulated: {0}")]
    Simulator(#[from] Error),
    #[error("the image is for `{image}`, the array is `{array}`")]
    Shape { image: String, array: String },
    #[error("the array did not end {0} within {PATIENCE} clocks")]
    Stuck(&'static str),
}

/// What a tick gave, and the clocks that it took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// Neurons whose spikes went to the host, in the order in which they came.
    pub spikes: Vec<u16>,
    /// Clocks in which its input spikes were offered, and one after them.
    pub input_clocks: u64,
    /// Clocks of `tick_busy`.
    pub split: Split,
    /// Clocks from the first in which some core adds an event to the last, both counted: integration with its bubbles.
    pub integration_clocks: u64,
    /// Clocks with an event added, summed over the banks of all cores: events.
    pub events: u64,
    /// [`RtlArray::clocks`] after the clock in which the last spike for the host was taken.
    pub last_spike: Option<u64>,
}

/// The RTL of an array, running.
pub struct RtlArray {
    config: ArrayConfig,
    simulator: Simulator,
    ports: Ports,
    cores: Vec<CoreProbes>,
    router_idle: Net,
    /// The memory as it was last written; what is not in it is 0.
    memory: HashMap<Address, Word>,
    recorder: Option<Recorder>,
}

struct Ports {
    address: Input,
    write: Input,
    write_low: Input,
    write_high: Input,
    read: Input,
    read_done: Output,
    read_low: Output,
    read_high: Output,
    input_valid: Input,
    input_line: Input,
    input_ready: Output,
    tick_start: Input,
    tick_busy: Output,
    spike_valid: Output,
    spike_neuron: Output,
    reset_start: Input,
    reset_flags: Input,
    reset_busy: Output,
    snapshot: Input,
    tick_number: Output,
}

struct CoreProbes {
    /// One for each bank.
    event_added: Vec<Net>,
    shift: Net,
    load: Net,
    /// Spikes and events on their way at this core; bit 0 says so.
    routes: Vec<Net>,
}

/// Values of some nets, clock by clock.
struct Recorder {
    nets: Vec<Net>,
    clocks: Vec<Vec<u64>>,
}

impl RtlArray {
    /// Generates the RTL of an array and loads it, cleared.
    pub fn new(config: &ArrayConfig) -> Result<Self, RtlArrayError> {
        Self::from_verilog(config, &array_verilog(config)?)
    }

    /// Loads RTL that was generated before for this array.
    pub fn from_verilog(config: &ArrayConfig, text: &str) -> Result<Self, RtlArrayError> {
        let paths = |core: usize| {
            let mut routes = signals::event_stored(config, core);
            routes.extend([signals::spike_at_exit(core), signals::spike_on_bus(core), signals::event_on_bus(core)]);
            (signals::event_added(config, core), [signals::shift(config, core), signals::load(config, core)], routes)
        };
        let cores: Vec<_> = (0..config.cores.len()).map(paths).collect();
        let mut probes = vec![signals::ROUTER_IDLE.to_string()];
        for (events, control, routes) in &cores {
            probes.extend(events.iter().chain(control).chain(routes).cloned());
        }
        let simulator = Simulator::from_verilog(text, &Options { probes, ..Options::default() })?;
        let nets = |paths: &[String]| paths.iter().map(|path| simulator.net(path)).collect::<Result<Vec<_>, _>>();
        let core = |(events, [shift, load], routes): &([String; MAX_BANKS], [String; 2], Vec<String>)| {
            Ok(CoreProbes {
                event_added: nets(events)?,
                shift: simulator.net(shift)?,
                load: simulator.net(load)?,
                routes: nets(routes)?,
            })
        };
        let mut array = Self {
            cores: cores.iter().map(core).collect::<Result<_, Error>>()?,
            router_idle: simulator.net(signals::ROUTER_IDLE)?,
            ports: Ports::new(&simulator)?,
            config: config.clone(),
            simulator,
            memory: HashMap::new(),
            recorder: None,
        };
        // The host takes every spike in the clock in which it comes.
        let ready = array.simulator.input("spike_ready")?;
        array.simulator.set(ready, 1);
        Ok(array)
    }

    pub fn config(&self) -> &ArrayConfig {
        &self.config
    }

    /// Clocks since the start.
    pub fn clocks(&self) -> u64 {
        self.simulator.cycle()
    }

    /// Writes the words in which an image differs from what the array holds. Membranes, events and ledger stay.
    ///
    /// # Errors
    /// The image is for an array of another shape.
    pub fn load(&mut self, image: &Image) -> Result<(), RtlArrayError> {
        if image.config.cores != self.config.cores || image.config.inputs != self.config.inputs {
            let (image, array) = (image.config.name.clone(), self.config.name.clone());
            return Err(RtlArrayError::Shape { image, array });
        }
        // Contexts that come and go write into the memory themselves.
        let several = |core| self.memory.get(&Address::settings(core)).is_some_and(|word| word.low() & 3 != 0);
        if (0..self.config.cores.len()).any(several) {
            self.reset(RESET_STATE | RESET_MEMORY)?;
        }
        for (first, words) in image.blocks() {
            for (offset, word) in words.into_iter().enumerate() {
                let address = first.offset(offset);
                if self.memory.get(&address).copied().unwrap_or_default() != word {
                    self.write(address, word);
                }
            }
        }
        Ok(())
    }

    /// Writes one word. There must be one at this address.
    pub fn write(&mut self, address: Address, word: Word) {
        self.simulator.set(self.ports.address, address.0.into());
        (0..WRITE_SETUP).for_each(|_| self.clock());
        self.simulator.set(self.ports.write_low, word.low().into());
        self.simulator.set(self.ports.write_high, word.high().into());
        self.pulse(self.ports.write);
        (0..WRITE_HOLD).for_each(|_| self.clock());
        self.memory.insert(address, word);
    }

    /// Reads one word. There must be one at this address.
    pub fn read(&mut self, address: Address) -> Result<Word, RtlArrayError> {
        self.simulator.set(self.ports.address, address.0.into());
        self.pulse(self.ports.read);
        self.until(self.ports.read_done, 1, "a read")?;
        let (low, high) = (self.simulator.get(self.ports.read_low), self.simulator.get(self.ports.read_high));
        self.clock();
        Ok(Word::new(low | high << 32))
    }

    /// Clears what the flags of [`nernst_spec::link::message`] name.
    pub fn reset(&mut self, flags: u8) -> Result<(), RtlArrayError> {
        if flags & RESET_MEMORY != 0 {
            self.memory.clear();
        }
        self.simulator.set(self.ports.reset_flags, flags.into());
        self.pulse(self.ports.reset_start);
        self.until(self.ports.reset_busy, 0, "a reset")
    }

    /// Puts spikes on these input lines, one a clock, and runs a tick.
    pub fn tick(&mut self, lines: &[u16]) -> Result<Tick, RtlArrayError> {
        let mut tick = Tick::default();
        let begin = self.clocks();
        for &line in lines {
            self.input(line)?;
        }
        tick.input_clocks = self.clocks() - begin;
        self.pulse(self.ports.tick_start);
        let mut first_event = None;
        for _ in 0..PATIENCE {
            if self.simulator.get(self.ports.tick_busy) == 0 {
                return Ok(tick);
            }
            if self.simulator.get(self.ports.spike_valid) == 1 {
                let turn = self.simulator.get(self.ports.spike_neuron) as usize;
                // Array numbers are below 4,096.
                tick.spikes.push(self.config.at_turn(turn) as u16);
                tick.last_spike = Some(self.clocks() + 1);
            }
            let (activity, events) = self.activity();
            if activity.integrates {
                let first = *first_event.get_or_insert(self.clocks());
                tick.integration_clocks = self.clocks() + 1 - first;
            }
            tick.split.count(activity.phase());
            tick.events += events;
            self.clock();
        }
        Err(RtlArrayError::Stuck("a tick"))
    }

    /// Number of the tick that would run next, of which the array keeps 15 bits: 0 after a reset of the state.
    pub fn tick_number(&mut self) -> u16 {
        self.simulator.get(self.ports.tick_number) as u16
    }

    /// The counters as they stand now.
    pub fn ledger(&mut self) -> Result<Ledger, RtlArrayError> {
        self.pulse(self.ports.snapshot);
        let halves = (0..words(&self.config)).map(|word| Ok(self.read(Address::ledger(word))?.low()));
        let halves: Vec<u32> = halves.collect::<Result<_, RtlArrayError>>()?;
        Ok(Ledger::from_words(&self.config, &halves).unwrap_or_default())
    }

    /// Names of the ports but the clock: what goes into the array, and what comes out.
    pub fn ports(&self) -> [Vec<String>; 2] {
        let names = |(name, _): (&str, u32)| name.to_string();
        [self.simulator.inputs().map(names).collect(), self.simulator.outputs().map(names).collect()]
    }

    /// Keeps the values of these nets, by their paths, in every clock from now on. Nets other than ports make every clock as slow as the interpreter.
    pub fn record(&mut self, paths: &[String]) -> Result<(), RtlArrayError> {
        let nets = paths.iter().map(|path| self.simulator.net(path)).collect::<Result<_, Error>>()?;
        self.recorder = Some(Recorder { nets, clocks: vec![] });
        Ok(())
    }

    /// Ends the record: a row for each clock, with the value of each net before the edge that ends the clock.
    pub fn recorded(&mut self) -> Vec<Vec<u64>> {
        self.recorder.take().map(|recorder| recorder.clocks).unwrap_or_default()
    }

    /// Lets clocks pass.
    pub fn idle(&mut self, clocks: usize) {
        (0..clocks).for_each(|_| self.clock());
    }

    fn input(&mut self, line: u16) -> Result<(), RtlArrayError> {
        self.simulator.set(self.ports.input_line, line.into());
        self.simulator.set(self.ports.input_valid, 1);
        self.until(self.ports.input_ready, 1, "the taking of an input spike")?;
        self.clock();
        self.simulator.set(self.ports.input_valid, 0);
        Ok(())
    }

    /// What goes on in this clock, and the number of events that the cores add.
    fn activity(&mut self) -> (Activity, u64) {
        let mut activity = Activity { routes: self.simulator.peek(self.router_idle) == 0, ..Activity::default() };
        let mut events = 0;
        for core in &self.cores {
            events += core.event_added.iter().map(|&net| self.simulator.peek(net)).sum::<u64>();
            let loads = self.simulator.peek(core.load) == 1;
            activity.loads |= loads;
            activity.turns |= self.simulator.peek(core.shift) == 1 && !loads;
            activity.routes |= core.routes.iter().any(|&net| self.simulator.peek(net) & 1 == 1);
        }
        activity.integrates = events > 0;
        (activity, events)
    }

    fn pulse(&mut self, port: Input) {
        self.simulator.set(port, 1);
        self.clock();
        self.simulator.set(port, 0);
    }

    fn until(&mut self, port: Output, value: u64, what: &'static str) -> Result<(), RtlArrayError> {
        for _ in 0..PATIENCE {
            if self.simulator.get(port) == value {
                return Ok(());
            }
            self.clock();
        }
        Err(RtlArrayError::Stuck(what))
    }

    fn clock(&mut self) {
        if let Some(recorder) = &mut self.recorder {
            recorder.clocks.push(recorder.nets.iter().map(|&net| self.simulator.peek(net)).collect());
        }
        self.simulator.clock();
    }
}

impl Ports {
    fn new(simulator: &Simulator) -> Result<Self, Error> {
        let (input, output) = (|name| simulator.input(name), |name| simulator.output(name));
        Ok(Self {
            address: input("address")?,
            write: input("write")?,
            write_low: input("write_low")?,
            write_high: input("write_high")?,
            read: input("read")?,
            read_done: output("read_done")?,
            read_low: output("read_low")?,
            read_high: output("read_high")?,
            input_valid: input("input_valid")?,
            input_line: input("input_line")?,
            input_ready: output("input_ready")?,
            tick_start: input("tick_start")?,
            tick_busy: output("tick_busy")?,
            spike_valid: output("spike_valid")?,
            spike_neuron: output("spike_neuron")?,
            reset_start: input("reset_start")?,
            reset_flags: input("reset_flags")?,
            reset_busy: output("reset_busy")?,
            snapshot: input("snapshot")?,
            tick_number: output("tick_number")?,
        })
    }
}
