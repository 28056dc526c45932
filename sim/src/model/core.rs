//! One core of the reference model.

use nernst_spec::geometry::{AXONS, CoreConfig, DELAY_SLOTS, WeightBits};
use nernst_spec::memory::{Word, parameter_word};
use nernst_spec::tick::{self, Parameters};
use nernst_spec::timing::SLOT_WORD_BITS;

/// One bit for each axon.
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
    parameters: Vec<Parameters>,
    membranes: Vec<i32>,
    /// Whether any membrane is other than 0.
    awake: bool,
    slots: [Slot; DELAY_SLOTS],
}

impl Core {
    pub fn new(shape: &CoreConfig) -> Self {
        let neurons = shape.neurons();
        Self {
            shape: *shape,
            rows: vec![Word::default(); shape.tiles * AXONS],
            weights: vec![0; AXONS * neurons],
            parameters: vec![Word::default().into(); neurons],
            membranes: vec![0; neurons],
            awake: false,
            slots: [Slot::default(); DELAY_SLOTS],
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
        self.parameters[unit * self.shape.ring() + place] = Word::new(word.bits() & PARAMETER_MASK).into();
    }
    pub fn read_parameters(&self, unit: usize, place: usize) -> Word {
        self.parameters[unit * self.shape.ring() + place].into()
    }
    pub fn clear_memory(&mut self) {
        self.rows.fill(Word::default());
        self.weights.fill(0);
        self.parameters.fill(Word::default().into());
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

    /// Events of each word of a slot, for [`nernst_spec::timing::walk_clocks`].
    pub fn events_by_word(&self, slot: usize) -> impl Iterator<Item = u32> + '_ {
        let words = (0..u64::BITS).step_by(SLOT_WORD_BITS);
        let mask = (1u64 << SLOT_WORD_BITS) - 1;
        self.slots[slot]
            .iter()
            .flat_map(move |&bits| words.clone().map(move |shift| (bits >> shift & mask).count_ones()))
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
        // Each precision by its own name, so that the compiler knows the limits of the clamp.
        match self.shape.weight_bits {
            WeightBits::Four => self.turn_as(WeightBits::Four, first, fired),
            WeightBits::Eight => self.turn_as(WeightBits::Eight, first, fired),
        }
    }

    #[inline(always)]
    fn turn_as(&mut self, bits: WeightBits, first: usize, fired: &mut Vec<u16>) {
        let mut any = 0;
        for (neuron, (membrane, parameters)) in self.membranes.iter_mut().zip(&self.parameters).enumerate() {
            let (spike, after) = tick::update(*membrane, parameters, bits);
            *membrane = after;
            any |= after;
            if spike {
                // An array has at most 4,096 neurons.
                fired.push((first + neuron) as u16);
            }
        }
        self.awake = any != 0;
    }
}
