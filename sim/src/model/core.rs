//! One core of the reference model.

use super::units::Units;
use nernst_spec::geometry::{CoreConfig, DELAY_SLOTS, MAX_AXONS};
use nernst_spec::memory::{Word, parameter_word};
use nernst_spec::settings::COUNT_BITS;
use nernst_spec::tick::chain_sum;
use nernst_spec::timing;
use nernst_spec::{ArrayConfig, Contexts, Settings};
use std::ops::Range;

/// One bit for each axon, in the groups of [`timing`]; a core uses as many as it has.
type Slot = [u64; MAX_AXONS / timing::GROUP_BITS];

/// For each group, a bit for each of its words of 16 axons: its rows are fetched with or without an event.
type DenseWords = [u8; MAX_AXONS / timing::GROUP_BITS];

/// What is due in a tick.
struct Due {
    events: Slot,
    dense: DenseWords,
}

impl Due {
    /// Whether any of these groups has an event or a dense word.
    fn any(&self, mut groups: Range<usize>) -> bool {
        groups.any(|group| self.events[group] != 0 || self.dense[group] != 0)
    }
    /// Clocks that a walk takes for a group.
    fn clocks(&self, group: usize) -> u32 {
        timing::group_clocks(self.events[group], self.dense[group])
    }
}

/// The axons of a group in these words.
fn axons_of(dense: u8) -> u64 {
    let words = (0..timing::GROUP_BITS / timing::SLOT_WORD_BITS).filter(|word| dense >> word & 1 == 1);
    words.fold(0, |axons, word| axons | 0xffff << (word * timing::SLOT_WORD_BITS))
}

/// Bits of a parameter word that a core keeps.
const PARAMETER_MASK: u64 = (1 << (parameter_word::SUBTRACT_BIT + 1)) - 1;

/// What a core did in a tick.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Activity {
    pub clocks: u64,
    pub events: u64,
    /// Axons whose rows were fetched.
    pub fetched: u64,
    pub nonzero: u64,
    pub turns: u64,
    pub spikes: u64,
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
    settings: Settings,
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
            settings: Settings::default(),
            awake: 0,
            slots: [Slot::default(); DELAY_SLOTS],
            groups: shape.banks * timing::GROUPS,
            idle_walk: timing::walk_clocks([1; timing::GROUPS]),
        }
    }

    pub fn shape(&self) -> &CoreConfig {
        &self.shape
    }
    pub fn membranes(&self) -> &[i32] {
        &self.membranes
    }
    pub fn contexts(&self) -> Contexts {
        self.settings.contexts
    }
    pub fn settings(&self) -> Settings {
        self.settings
    }
    pub fn read_settings(&self, index: usize) -> Word {
        self.settings.words()[index]
    }
    /// As core `number` of this array: what it cannot do it does not take.
    pub fn write_settings(&mut self, config: &ArrayConfig, number: usize, index: usize, word: Word) {
        self.settings.write(config, number, index, word);
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
        self.settings = Settings::default();
    }
    pub fn clear_state(&mut self) {
        self.membranes.fill(0);
        self.awake = 0;
        self.slots = Default::default();
        for context in 0..self.resting() {
            for (tile, lane) in self.lanes() {
                let row = self.contexts().membrane_row(&self.shape, context, lane);
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

    /// A tick whose events are in this slot, of a core in no chain. Appends the neurons that fired, numbered from `first`.
    pub fn tick(&mut self, slot: usize, first: usize, fired: &mut Vec<u16>) -> Activity {
        if self.contexts() == Contexts::ONE {
            let (mut activity, awake) = self.walk(slot);
            if awake {
                self.turn(0, first, fired, &mut activity);
            }
            return activity;
        }
        let due = self.take(slot);
        let mut activity = Activity { clocks: timing::CHOICE_START, ..Activity::default() };
        let share = timing::GROUPS / self.contexts().count();
        for context in 0..self.contexts().count() {
            let groups = context * share..(context + 1) * share;
            activity.clocks += timing::CHOICE_CLOCKS;
            if !due.any(groups.clone()) && self.awake >> context & 1 == 0 {
                activity.clocks += timing::PASS_OVERHEAD + share as u64;
                continue;
            }
            activity.clocks += timing::load_clocks(&self.shape)
                + timing::context_walk_clocks(groups.clone().map(|group| due.clocks(group)));
            self.load(context);
            self.integrate(&due, groups, &mut activity);
            self.turn(context, first + context * self.shape.neurons(), fired, &mut activity);
            self.store(context);
            activity.loads += 1;
        }
        activity
    }

    /// A tick of a chain, whose last core fires; otherwise as [`Self::tick`]. Returns what each core did.
    pub fn tick_chain(chain: &mut [Core], slot: usize, first: usize, fired: &mut Vec<u16>) -> Vec<Activity> {
        let (mut activities, awake): (Vec<_>, Vec<_>) = chain.iter_mut().map(|core| core.walk(slot)).unzip();
        if let Some((last, chained)) = chain.split_last_mut().filter(|_| awake.contains(&true)) {
            for (core, activity) in chained.iter_mut().zip(&mut activities) {
                core.hand_on(last, activity);
            }
            let bits = last.shape.weight_bits;
            last.membranes.iter_mut().for_each(|v| *v = chain_sum(*v, bits));
            last.turn(0, first, fired, &mut activities[chained.len()]);
        }
        activities
    }

    /// Takes what is due out of a slot.
    fn take(&mut self, slot: usize) -> Due {
        let dense =
            |group: usize| if group < timing::GROUPS { (self.settings.dense >> (4 * group) & 15) as u8 } else { 0 };
        Due { events: std::mem::take(&mut self.slots[slot]), dense: std::array::from_fn(dense) }
    }

    /// Walks a slot in a core of one context, and adds its rows. Says, too, whether there is anything to turn for.
    fn walk(&mut self, slot: usize) -> (Activity, bool) {
        let due = self.take(slot);
        let groups = 0..self.groups;
        if !due.any(groups.clone()) {
            return (Activity { clocks: self.idle_walk, ..Activity::default() }, self.awake != 0);
        }
        let mut walk = [0; MAX_AXONS / timing::GROUP_BITS];
        groups.clone().for_each(|group| walk[group] = due.clocks(group));
        let clocks = timing::banks_clocks(&walk[groups.clone()]);
        let mut activity = Activity { clocks, ..Activity::default() };
        self.integrate(&due, groups, &mut activity);
        (activity, true)
    }

    /// Adds the synapse rows of these groups' events to the membranes, and counts what it does.
    fn integrate(&mut self, due: &Due, groups: Range<usize>, activity: &mut Activity) {
        let neurons = self.shape.neurons();
        // The last tile's words, where a counting core has the number of its weights.
        let numbers = (self.shape.tiles - 1) * self.shape.axons();
        let number = |word: Word| word.bits() >> self.shape.count_shift() & ((1 << COUNT_BITS) - 1);
        for group in groups {
            let mut bits = due.events[group];
            activity.fetched += (bits | axons_of(due.dense[group])).count_ones() as u64;
            activity.events += bits.count_ones() as u64;
            while bits != 0 {
                let axon = group * timing::GROUP_BITS + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if self.settings.counting {
                    activity.nonzero += number(self.rows[numbers + axon]);
                }
                for (membrane, &weight) in self.membranes.iter_mut().zip(&self.weights[axon * neurons..][..neurons]) {
                    *membrane += weight as i32;
                }
            }
        }
    }

    /// Turns every membrane through its neuron unit.
    fn turn(&mut self, context: usize, first: usize, fired: &mut Vec<u16>, activity: &mut Activity) {
        let before = fired.len();
        let (awake, spikes) = self.units.turn(&mut self.membranes, self.shape.weight_bits);
        self.awake = self.awake & !(1 << context) | u8::from(awake) << context;
        // An array has at most 4,096 neurons.
        fired.extend(spikes.map(|neuron| (first + neuron) as u16));
        activity.turns += 1;
        activity.spikes += (fired.len() - before) as u64;
        activity.clocks += timing::turn_clocks(&self.shape);
    }

    /// The turn of a chained core: adds its membranes to those of the last core of the chain, and leaves 0.
    fn hand_on(&mut self, last: &mut Core, activity: &mut Activity) {
        last.membranes.iter_mut().zip(&mut self.membranes).for_each(|(sum, v)| *sum += std::mem::take(v));
        self.awake &= !1;
        activity.turns += 1;
        activity.clocks += timing::turn_clocks(&self.shape);
    }

    /// Brings a context into the lanes.
    fn load(&mut self, context: usize) {
        let unused = 32 - self.shape.membrane_bits();
        for (tile, lane) in self.lanes() {
            let neuron = tile * self.shape.lanes() + lane;
            let membrane = self.read_weights(tile, self.contexts().membrane_row(&self.shape, context, lane));
            // A membrane has no more bits than the lane.
            self.membranes[neuron] = (membrane.low() << unused) as i32 >> unused;
            let parameters = self.read_weights(tile, self.contexts().parameter_row(&self.shape, context, lane));
            self.units.set(neuron, Word::new(parameters.bits() & PARAMETER_MASK).into());
        }
    }

    /// Writes the membranes back.
    fn store(&mut self, context: usize) {
        for (tile, lane) in self.lanes() {
            let membrane = self.membranes[tile * self.shape.lanes() + lane];
            let row = self.contexts().membrane_row(&self.shape, context, lane);
            self.write_weights(tile, row, Word::new(membrane as u32 as u64));
        }
    }

    /// Contexts that rest in rows.
    fn resting(&self) -> usize {
        if self.contexts() == Contexts::ONE { 0 } else { self.contexts().count() }
    }

    /// Tile and lane of every neuron.
    fn lanes(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let lanes = self.shape.lanes();
        (0..self.shape.tiles).flat_map(move |tile| (0..lanes).map(move |lane| (tile, lane)))
    }
}
