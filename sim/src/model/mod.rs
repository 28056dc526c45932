//! The reference model: what an array does, to the last bit, as plain arithmetic.
//!
//! A [`ReferenceArray`] has the memory of an array behind the same address map, runs ticks by the rules of
//! [`nernst_spec::tick`], and keeps every counter of [`nernst_spec::ledger`] whose class is *activity* exactly. It has no
//! clock: counters of the class *time* stay 0, save those of the link that [`crate::ReferenceBoard`] keeps.
//!
//! It is driven by events: a tick costs one vectorised addition of a synapse row for each event and one pass over the
//! neurons of each core that is awake; a core without events and with only zero membranes costs nothing.
//!
//! ```
//! use nernst_sim::ReferenceArray;
//! use nernst_spec::memory::{Address, Route, Word};
//! use nernst_spec::tick::{Parameters, Reset};
//! use nernst_spec::{ArrayConfig, WeightBits};
//!
//! let config = ArrayConfig::ready("tiny")?;
//! let mut array = ReferenceArray::new(&config);
//! // Input line 5 reaches axon 17 of core 0 in the next tick; there, neuron 2 (tile 0, lane 2) has weight 7.
//! array.write(Address::input(5), Route { cores: 1, axon: 17, delay: 0, host: false }.into())?;
//! array.write(Address::weights(0, 0, 17), Word::from_weights(&[0, 0, 7], WeightBits::Four))?;
//! for place in 0..18 {
//!     let parameters = Parameters { threshold: 7, leak: 512, reset: Reset::Zero };
//!     array.write(Address::parameters(0, 0, place), parameters.into())?;
//!     array.write(Address::parameters(0, 1, place), parameters.into())?;
//! }
//! array.write(Address::route(config.turn_of(2)), Route { host: true, ..Route::default() }.into())?;
//! array.input(5)?;
//! assert_eq!(array.tick(), [2]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod core;
mod units;

use self::core::{Activity, Core};
use nernst_spec::chain::chains;
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::link::message::{RESET_LEDGER, RESET_MEMORY, RESET_STATE};
use nernst_spec::memory::{Address, Route, Space, Word, route_word};
use nernst_spec::{ArrayConfig, Budget, Image, Ledger, Settings, image::ImageError};
use std::ops::Range;

/// Why an address or an input line cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    #[error("{0} does not exist in this array")]
    Missing(Address),
    #[error("{0} cannot be written: membranes and ledger are read only")]
    ReadOnly(Address),
    #[error("input line {line} does not exist: this array has {lines}")]
    Input { line: usize, lines: usize },
}

/// Why an image cannot be loaded.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum LoadError {
    #[error("image `{image}` is for an array of another shape, `{wanted}`: this array is `{array}`")]
    Shape { image: String, wanted: String, array: String },
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// An array as a model without a clock.
#[derive(Clone, Debug)]
pub struct ReferenceArray {
    config: ArrayConfig,
    cores: Vec<Core>,
    /// Cores of each chain, single ones among them.
    chains: Vec<Range<usize>>,
    /// Array number of the first neuron of each core.
    first: Vec<usize>,
    /// Words of the routes of all neurons, and of all input lines.
    routes: Vec<Word>,
    inputs: Vec<Word>,
    tick: u64,
    ledger: Ledger,
    snapshot: Ledger,
    budget: Budget,
    /// The counters as they stood when they were last paid for.
    paid: Ledger,
    stopped: bool,
    /// Neurons that fired in the tick that runs; kept for its allocation only.
    fired: Vec<u16>,
}

impl ReferenceArray {
    /// A cleared array: every weight, parameter, route, membrane and counter is 0.
    pub fn new(config: &ArrayConfig) -> Self {
        Self {
            cores: config.cores.iter().map(Core::new).collect(),
            chains: chains(&vec![Settings::default(); config.cores.len()]),
            first: (0..config.cores.len()).map(|core| config.first_neuron(core)).collect(),
            routes: vec![Word::default(); config.neurons()],
            inputs: vec![Word::default(); config.inputs],
            tick: 0,
            ledger: Ledger::new(config.cores.len()),
            snapshot: Ledger::new(config.cores.len()),
            budget: Budget::default(),
            paid: Ledger::new(config.cores.len()),
            stopped: false,
            fired: vec![],
            config: config.clone(),
        }
    }

    pub fn config(&self) -> &ArrayConfig {
        &self.config
    }

    /// Writes one word of the address map.
    pub fn write(&mut self, address: Address, word: Word) -> Result<(), AccessError> {
        if !address.exists(&self.config) {
            return Err(AccessError::Missing(address));
        }
        let (core, unit, row, index) = (address.core(), address.unit(), address.row(), address.index());
        match address.space() {
            Some(Space::Weights) => self.cores[core].write_weights(unit, row, word),
            Some(Space::Parameters) => self.cores[core].write_parameters(unit, row, word),
            Some(Space::Routes) => self.routes[self.config.at_turn(index)] = self.stored_route(word),
            Some(Space::Inputs) => self.inputs[index] = self.stored_route(word),
            Some(Space::Settings) => {
                self.cores[core].write_settings(&self.config, core, index, word);
                self.find_chains();
            }
            Some(Space::Budget) => {
                self.budget.write(index, word);
                self.paid.clone_from(&self.ledger);
                self.stopped = false;
            }
            Some(Space::Membranes | Space::Ledger) => return Err(AccessError::ReadOnly(address)),
            Some(Space::Pace) | None => return Err(AccessError::Missing(address)),
        }
        Ok(())
    }

    /// Reads one word of the address map. The ledger is that of the last [`Self::snapshot`].
    pub fn read(&self, address: Address) -> Result<Word, AccessError> {
        let missing = AccessError::Missing(address);
        if !address.exists(&self.config) {
            return Err(missing);
        }
        let (core, unit, row, index) = (address.core(), address.unit(), address.row(), address.index());
        Ok(match address.space().ok_or(missing)? {
            Space::Weights => self.cores[core].read_weights(unit, row),
            Space::Parameters => self.cores[core].read_parameters(unit, row),
            Space::Routes => self.routes[self.config.at_turn(index)],
            Space::Inputs => self.inputs[index],
            Space::Membranes => Word::new(self.cores[core].membranes()[index] as u32 as u64),
            Space::Settings => self.cores[core].read_settings(index),
            Space::Budget => self.budget.word(index),
            Space::Ledger => Word::new(self.snapshot.word(&self.config, index).ok_or(missing)? as u64),
            Space::Pace => return Err(missing),
        })
    }

    /// Loads a network: sets the whole memory (what the image leaves open becomes 0). State and ledger stay.
    pub fn load(&mut self, image: &Image) -> Result<(), LoadError> {
        if image.config.cores != self.config.cores || image.config.inputs != self.config.inputs {
            return Err(LoadError::Shape {
                image: image.name.clone(),
                wanted: image.config.name.clone(),
                array: self.config.name.clone(),
            });
        }
        image.check()?;
        for (first, words) in image.blocks() {
            for (offset, word) in words.into_iter().enumerate() {
                self.write(first.offset(offset), word).map_err(|e| ImageError::Content(e.to_string()))?;
            }
        }
        Ok(())
    }

    /// A spike of the host on an input line, before the tick that runs next.
    pub fn input(&mut self, line: u16) -> Result<(), AccessError> {
        let missing = AccessError::Input { line: line as usize, lines: self.inputs.len() };
        let route = Route::from(*self.inputs.get(line as usize).ok_or(missing)?);
        self.ledger.count(ArrayCounter::HostSpikesIn, 1);
        self.deliver(route);
        Ok(())
    }

    /// Runs one tick. Returns the neurons whose spikes went to the host, in ascending order of their array numbers.
    pub fn tick(&mut self) -> Vec<u16> {
        let slot = self.slot(0);
        let mut fired = std::mem::take(&mut self.fired);
        let chains = std::mem::take(&mut self.chains);
        for chain in &chains {
            let last = chain.end - 1;
            let first = self.first[last];
            if chain.len() == 1 {
                let activity = self.cores[last].tick(slot, first, &mut fired);
                self.count_activity(last, &activity);
            } else {
                let activities = Core::tick_chain(&mut self.cores[chain.clone()], slot, first, &mut fired);
                chain.clone().zip(&activities).for_each(|(core, activity)| self.count_activity(core, activity));
            }
        }
        self.chains = chains;
        let mut to_host = vec![];
        for neuron in fired.drain(..) {
            let route = Route::from(self.routes[neuron as usize]);
            self.deliver(route);
            if route.host {
                to_host.push(neuron);
            }
        }
        self.fired = fired;
        self.ledger.count(ArrayCounter::HostSpikesOut, to_host.len() as u64);
        self.ledger.count(ArrayCounter::Ticks, 1);
        self.tick += 1;
        self.pay();
        self.stopped = self.budget.is_used_up();
        to_host
    }

    /// Counts what a core did in a tick.
    fn count_activity(&mut self, core: usize, activity: &Activity) {
        let shape = self.cores[core].shape();
        let (tiles, neurons) = (shape.tiles as u64, shape.neurons() as u64);
        let counts = [
            (CoreCounter::Events, activity.events),
            (CoreCounter::RowsFetched, activity.fetched * tiles),
            (CoreCounter::SynapticOperations, activity.fetched * neurons),
            (CoreCounter::NonzeroOperations, activity.nonzero),
            (CoreCounter::NeuronUpdates, activity.turns * neurons),
            (CoreCounter::Spikes, activity.spikes),
            (CoreCounter::ContextLoads, activity.loads),
            (CoreCounter::BusyClocks, activity.clocks),
        ];
        counts.into_iter().for_each(|(counter, amount)| self.ledger.count_core(core, counter, amount));
    }

    /// Number of the tick that runs next: 0 after a reset of the state.
    pub fn tick_number(&self) -> u64 {
        self.tick
    }

    /// Whether the budget was used up when the last tick ended: a board then refuses input spikes and ticks.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// What the counters have grown by since they were last paid for.
    fn pay(&mut self) {
        // A budget that is not armed costs nothing in a tick; one that is written begins with the counters as they stand.
        if self.budget.armed {
            self.budget.pay(&(&self.ledger - &self.paid));
            self.paid.clone_from(&self.ledger);
        }
    }

    /// Membranes of a core, by neuron: those of all contexts that it is loaded with.
    ///
    /// # Panics
    /// When the array does not have that core.
    pub fn membranes(&self, core: usize) -> Vec<i32> {
        let model = &self.cores[core];
        let places = model.contexts().membranes(core, model.shape());
        let addresses = places.into_iter().flat_map(|(first, count)| (0..count).map(move |n| first.offset(n)));
        // All of them exist.
        addresses.map(|address| self.read(address).map_or(0, |word| word.low() as i32)).collect()
    }

    /// Clears what `flags` names: [`RESET_STATE`], [`RESET_LEDGER`], [`RESET_MEMORY`]. The last snapshot stays.
    pub fn reset(&mut self, flags: u8) {
        if flags & RESET_STATE != 0 {
            self.cores.iter_mut().for_each(Core::clear_state);
            self.tick = 0;
        }
        if flags & RESET_LEDGER != 0 {
            self.pay();
            self.ledger = Ledger::new(self.cores.len());
            self.paid.clone_from(&self.ledger);
        }
        if flags & RESET_MEMORY != 0 {
            self.cores.iter_mut().for_each(Core::clear_memory);
            self.find_chains();
            self.routes.fill(Word::default());
            self.inputs.fill(Word::default());
            self.budget.armed = false;
            self.stopped = false;
        }
    }

    /// Latches all counters for [`Space::Ledger`].
    pub fn snapshot(&mut self) {
        self.pay();
        self.snapshot.clone_from(&self.ledger);
    }

    /// The counters as they stand now.
    pub fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// Counts what happens outside of the array: the link's counters.
    pub(crate) fn count(&mut self, counter: ArrayCounter, amount: u64) {
        self.ledger.count(counter, amount);
    }

    /// The slot that is due `delay` ticks from the one that runs (or runs next).
    fn slot(&self, delay: u8) -> usize {
        (self.tick as usize + delay as usize) % nernst_spec::geometry::DELAY_SLOTS
    }

    /// Finds the chains of cores that are loaded as they are.
    fn find_chains(&mut self) {
        let settings: Vec<Settings> = self.cores.iter().map(Core::settings).collect();
        self.chains = chains(&settings);
    }

    /// What the array keeps of a route word.
    fn stored_route(&self, word: Word) -> Word {
        Word::new((word.low() & route_word::kept(self.cores.len(), self.config.banks())).into())
    }

    /// Puts a spike on the bus.
    fn deliver(&mut self, route: Route) {
        if route.cores == 0 {
            return;
        }
        self.ledger.count(ArrayCounter::BusTransfers, 1);
        self.ledger.count(ArrayCounter::BusDestinations, route.cores.count_ones() as u64);
        let slot = self.slot(route.delay);
        for (number, core) in self.cores.iter_mut().enumerate() {
            if route.cores >> number & 1 == 1 {
                core.schedule(slot, route.axon as usize);
            }
        }
    }
}
