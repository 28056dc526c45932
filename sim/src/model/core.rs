//! One core of the reference model.

use super::units::Units;
use nernst_spec::Contexts;
use nernst_spec::geometry::{CoreConfig, DELAY_SLOTS, MAX_AXONS};
use nernst_spec::memory::{Word, parameter_word};
use nernst_spec::timing;

/// One bit for each axon, in the groups of [`timing`]; a core uses as many as it has.
type Slot = [u64; MAX_AXONS / timing::GROUP_BITS];

/// Bits of a parameter word that a core keeps.
const PARAMETER_MASK: u64 = (1 << (parameter_word::SUBTRACT_BIT + 1)) - 1;

/// What a core did in a tick.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Activity {
    pub clocks: u64,
    pub events: u64,
    pub turns: u64,
    pub loads: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Core {
    shape: CoreConfig,
    /// Synapse rows as they were written: `tile * axons + axon`.
    rows: Vec<Word>,
    /// The same, unpacked: `axon * neurons + neuron`.
    weights: Vec<i8>,
    units: Units,
    /// What the lanes hold: the membranes of the only context, or of the one that was in them last.
    membranes: Vec<i32>,
    contexts: Contexts,
    /// Bit for each context: some membrane is other than 0.
    awake: u8,
    slots: [Slot; DELAY_SLOTS],
    /// Groups of all banks.
    groups: usize,
    /// Clocks of the walk of an empty slot.
    idle_walk: u64,
}

impl Core {
    pub fn new(shape: &CoreConfig) -> Self {
        let neurons = shape.neurons();
        Self {
            shape: *shape,
            rows: vec![Word::default(); shape.tiles * shape.axons()],
            weights: vec![0; shape.axons() * neurons],
            units: Units::new(neurons),
            membranes: vec![0; neurons],
            contexts: Contexts::ONE,
            awake: 0,
            slots: [Slot::default(); DELAY_SLOTS],
            groups: shape.banks * timing::GROUPS,
            idle_walk: timing::walk_clocks([0; timing::GROUPS]),
        }
    }

    pub fn shape(&self) -> &CoreConfig {
        &self.shape
    }
    pub fn membranes(&self) -> &[i32] {
        &self.membranes
    }
    pub fn contexts(&self) -> Contexts {
        self.contexts
    }
    /// As many contexts as the core can have, at most.
    pub fn set_contexts(&mut self, contexts: Contexts) {
        self.contexts = contexts.min(self.shape.contexts);
    }

    pub fn write_weights(&mut self, tile: usize, axon: usize, word: Word) {
        let lanes = self.shape.lanes();
        self.rows[tile * self.shape.axons() + axon] = word;
        let first = axon * self.shape.neurons() + tile * lanes;
        for (lane, weight) in self.weights[first..][..lanes].iter_mut().enumerate() {
            // A weight has at most 8 bits.
            *weight = word.weight(lane, self.shape.weight_bits) as i8;
        }
    }
    pub fn read_weights(&self, tile: usize, axon: usize) -> Word {
        self.rows[tile * self.shape.axons() + axon]
    }
    pub fn write_parameters(&mut self, unit: usize, place: usize, word: Word) {
        self.units.set(unit * self.shape.ring() + place, Word::new(word.bits() & PARAMETER_MASK).into());
    }
    pub fn read_parameters(&self, unit: usize, place: usize) -> Word {
        self.units.get(unit * self.shape.ring() + place).into()
    }
    pub fn clear_memory(&mut self) {
        self.rows.fill(Word::default());
        self.weights.fill(0);
        self.units = Units::new(self.shape.neurons());
        self.contexts = Contexts::ONE;
    }
    pub fn clear_state(&mut self) {
        self.membranes.fill(0);
        self.awake = 0;
        self.slots = Default::default();
        for context in 0..self.resting() {
            for (tile, lane) in self.lanes() {
                let row = self.contexts.membrane_row(&self.shape, context, lane);
                self.write_weights(tile, row, Word::default());
            }
        }
    }

    /// An event on an axon, which is nothing to a core without that axon. Several in one slot are one.
    pub fn schedule(&mut self, slot: usize, axon: usize) {
        if axon < self.shape.axons() {
            self.slots[slot][axon / timing::GROUP_BITS] |= 1 << (axon % timing::GROUP_BITS);
        }
    }

    /// Axons that have an event in this slot, ascending.
    pub fn events(&self, slot: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.shape.axons())
            .filter(move |axon| self.slots[slot][axon / timing::GROUP_BITS] >> (axon % timing::GROUP_BITS) & 1 == 1)
    }

    /// A tick whose events are in this slot, which is emptied. Appends the neurons that fired, numbered from `first`.
    pub fn tick(&mut self, slot: usize, first: usize, fired: &mut Vec<u16>) -> Activity {
        let due = std::mem::take(&mut self.slots[slot]);
        let mut activity = Activity::default();
        if self.contexts == Contexts::ONE {
            let events = self.integrate(&due[..self.groups], 0);
            activity.events = events;
            activity.clocks = match events {
                0 => self.idle_walk,
                _ => timing::banks_clocks(&due.map(u64::count_ones)[..self.groups]),
            };
            if events > 0 || self.awake != 0 {
                activity.turns = 1;
                activity.clocks += timing::turn_clocks(&self.shape);
                self.turn(0, first, fired);
            }
            return activity;
        }
        let groups = timing::GROUPS / self.contexts.count();
        activity.clocks = timing::CHOICE_START;
        for context in 0..self.contexts.count() {
            let due = &due[context * groups..][..groups];
            activity.clocks += timing::CHOICE_CLOCKS;
            if due.iter().all(|&group| group == 0) && self.awake >> context & 1 == 0 {
                activity.clocks += timing::PASS_OVERHEAD + groups as u64;
                continue;
            }
            self.load(context);
            activity.events += self.integrate(due, context * groups);
            self.turn(context, first + context * self.shape.neurons(), fired);
            self.store(context);
            activity.turns += 1;
            activity.loads += 1;
            activity.clocks += timing::load_clocks(&self.shape)
                + timing::context_walk_clocks(due.iter().map(|group| group.count_ones()))
                + timing::turn_clocks(&self.shape);
        }
        activity
    }

    /// Adds the synapse rows of these groups' events to the membranes. Returns the number of events.
    fn integrate(&mut self, groups: &[u64], first_group: usize) -> u64 {
        let neurons = self.shape.neurons();
        let mut events = 0;
        for (group, &bits) in groups.iter().enumerate() {
            let mut bits = bits;
            while bits != 0 {
                let axon = (first_group + group) * timing::GROUP_BITS + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                events += 1;
                for (membrane, &weight) in self.membranes.iter_mut().zip(&self.weights[axon * neurons..][..neurons]) {
                    *membrane += weight as i32;
                }
            }
        }
        events
    }

    /// Turns every membrane through its neuron unit.
    fn turn(&mut self, context: usize, first: usize, fired: &mut Vec<u16>) {
        let (awake, spikes) = self.units.turn(&mut self.membranes, self.shape.weight_bits);
        self.awake = self.awake & !(1 << context) | u8::from(awake) << context;
        // An array has at most 4,096 neurons.
        fired.extend(spikes.map(|neuron| (first + neuron) as u16));
    }

    /// Brings a context into the lanes.
    fn load(&mut self, context: usize) {
        let unused = 32 - self.shape.membrane_bits();
        for (tile, lane) in self.lanes() {
            let neuron = tile * self.shape.lanes() + lane;
            let membrane = self.read_weights(tile, self.contexts.membrane_row(&self.shape, context, lane));
            // A membrane has no more bits than the lane.
            self.membranes[neuron] = (membrane.low() << unused) as i32 >> unused;
            let parameters = self.read_weights(tile, self.contexts.parameter_row(&self.shape, context, lane));
            self.units.set(neuron, Word::new(parameters.bits() & PARAMETER_MASK).into());
        }
    }

    /// Writes the membranes back.
    fn store(&mut self, context: usize) {
        for (tile, lane) in self.lanes() {
            let membrane = self.membranes[tile * self.shape.lanes() + lane];
            let row = self.contexts.membrane_row(&self.shape, context, lane);
            self.write_weights(tile, row, Word::new(membrane as u32 as u64));
        }
    }

    /// Contexts that rest in rows.
    fn resting(&self) -> usize {
        if self.contexts == Contexts::ONE { 0 } else { self.contexts.count() }
    }

    /// Tile and lane of every neuron.
    fn lanes(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let lanes = self.shape.lanes();
        (0..self.shape.tiles).flat_map(move |tile| (0..lanes).map(move |lane| (tile, lane)))
    }
}
