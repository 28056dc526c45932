//! One core of the reference model.

use super::units::Units;
use nernst_spec::geometry::{AXONS, CoreConfig, DELAY_SLOTS};
use nernst_spec::memory::{Word, parameter_word};
use nernst_spec::timing;

/// One bit for each axon, in the groups of [`timing`].
type Slot = [u64; AXONS / u64::BITS as usize];

/// Bits of a parameter word that a core keeps.
const PARAMETER_MASK: u64 = (1 << (parameter_word::SUBTRACT_BIT + 1)) - 1;

#[derive(Clone, Debug)]
pub(super) struct Core {
    shape: CoreConfig,
    /// Synapse rows as they were written: `tile * AXONS + axon`.
    rows: Vec<Word>,
    /// The same, unpacked: `axon * neurons + neuron`.
    weights: Vec<i8>,
    units: Units,
    membranes: Vec<i32>,
    /// Whether any membrane is other than 0.
    awake: bool,
    slots: [Slot; DELAY_SLOTS],
    /// Clocks of the walk of an empty slot.
    idle_walk: u64,
}

impl Core {
    pub fn new(shape: &CoreConfig) -> Self {
        let neurons = shape.neurons();
        Self {
            shape: *shape,
            rows: vec![Word::default(); shape.tiles * AXONS],
            weights: vec![0; AXONS * neurons],
            units: Units::new(neurons),
            membranes: vec![0; neurons],
            awake: false,
            slots: [Slot::default(); DELAY_SLOTS],
            idle_walk: timing::walk_clocks([0; timing::GROUPS]),
        }
    }

    pub fn shape(&self) -> &CoreConfig {
        &self.shape
    }
    pub fn membranes(&self) -> &[i32] {
        &self.membranes
    }
    pub fn is_awake(&self) -> bool {
        self.awake
    }

    pub fn write_weights(&mut self, tile: usize, axon: usize, word: Word) {
        let lanes = self.shape.lanes();
        self.rows[tile * AXONS + axon] = word;
        let first = axon * self.shape.neurons() + tile * lanes;
        for (lane, weight) in self.weights[first..][..lanes].iter_mut().enumerate() {
            // A weight has at most 8 bits.
            *weight = word.weight(lane, self.shape.weight_bits) as i8;
        }
    }
    pub fn read_weights(&self, tile: usize, axon: usize) -> Word {
        self.rows[tile * AXONS + axon]
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
    }
    pub fn clear_state(&mut self) {
        self.membranes.fill(0);
        self.awake = false;
        self.slots = Default::default();
    }

    /// An event on an axon. Several in one slot are one.
    pub fn schedule(&mut self, slot: usize, axon: usize) {
        self.slots[slot][axon / u64::BITS as usize] |= 1 << (axon % u64::BITS as usize);
    }

    /// Clocks of the walk of a slot.
    pub fn walk_clocks(&self, slot: usize) -> u64 {
        let slot = &self.slots[slot];
        if *slot == Slot::default() {
            return self.idle_walk;
        }
        timing::walk_clocks(slot.iter().map(|group| group.count_ones()))
    }

    /// Adds the synapse rows of a slot's events to the membranes and empties the slot. Returns the number of events.
    pub fn integrate(&mut self, slot: usize) -> u64 {
        let neurons = self.shape.neurons();
        let mut events = 0;
        for (word, bits) in std::mem::take(&mut self.slots[slot]).into_iter().enumerate() {
            let mut bits = bits;
            while bits != 0 {
                let axon = word * u64::BITS as usize + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                events += 1;
                for (membrane, &weight) in self.membranes.iter_mut().zip(&self.weights[axon * neurons..][..neurons]) {
                    *membrane += weight as i32;
                }
            }
        }
        events
    }

    /// Turns every membrane through its neuron unit. Appends the neurons that fired, numbered from `first`.
    pub fn turn(&mut self, first: usize, fired: &mut Vec<u16>) {
        let (awake, spikes) = self.units.turn(&mut self.membranes, self.shape.weight_bits);
        self.awake = awake;
        // An array has at most 4,096 neurons.
        fired.extend(spikes.map(|neuron| (first + neuron) as u16));
    }
}
