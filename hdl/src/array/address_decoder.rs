//! An address of the memory, taken apart and held against what the array has.

use nernst_spec::ledger::words;
use nernst_spec::memory::Space;
use nernst_spec::{ArrayConfig, CoreConfig, budget, settings};
use rust_hdl::prelude::*;

const _: () = assert!(Space::Pace as usize == 8, "spaces that the kernel tells apart: all before");

/// Which space of [`nernst_spec::memory`] an address is in, one bit for each.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct AddressSpace {
    pub weights: Bit,
    pub parameters: Bit,
    pub routes: Bit,
    pub inputs: Bit,
    pub membranes: Bit,
    pub ledger: Bit,
    pub settings: Bit,
    pub budget: Bit,
    /// One of those that the cores keep.
    pub of_core: Bit,
    /// One whose words have a unit and a row.
    pub rows: Bit,
}

/// Says of an address where it leads.
///
/// ```text
/// clock           _/~\_/~\_/~\_/~\_/~\_/~\_
/// address         -<a
/// core .. number  -----<a
/// is              ---------<a                     its `rows` a clock later
/// ring            -------------<a
/// exists          ---------------------<a
/// ```
#[derive(LogicBlock)]
pub struct AddressDecoder {
    pub clock: Signal<In, Clock>,
    pub address: Signal<In, Bits<32>>,
    /// Its fields; `number` is `unit` and `row` together.
    pub core: Signal<Out, Bits<8>>,
    pub unit: Signal<Out, Bits<10>>,
    pub row: Signal<Out, Bits<10>>,
    pub number: Signal<Out, Bits<20>>,
    pub is: Signal<Out, AddressSpace>,
    /// Neurons in each ring of its core.
    pub ring: Signal<Out, Bits<13>>,
    /// There is a word, and one that may be written.
    pub exists: Signal<Out, Bit>,
    pub writable: Signal<Out, Bit>,

    now: DFF<Bits<32>>,
    space: DFF<AddressSpace>,
    /// Its core is core i.
    core_is: Vec<DFF<Bit>>,
    no_core: DFF<Bit>,
    // What it is held against.
    limit: DFF<Bits<13>>,
    row_limit: DFF<Bits<11>>,
    ring_now: DFF<Bits<13>>,
    rows: DFF<Bit>,
    known: DFF<Bit>,
    may_write: DFF<Bit>,
    // What holds, and the verdict.
    unit_fits: DFF<Bit>,
    row_fits: DFF<Bit>,
    number_fits: DFF<Bit>,
    number_small: DFF<Bit>,
    word: DFF<Bit>,
    word_to_write: DFF<Bit>,

    space_bits: Signal<Local, Bits<4>>,
    core_bits: Signal<Local, Bits<8>>,
    unit_bits: Signal<Local, Bits<10>>,
    row_bits: Signal<Local, Bits<10>>,
    number_bits: Signal<Local, Bits<20>>,
    space_now: Signal<Local, AddressSpace>,
    of_core: Signal<Local, Bit>,
    weights: Signal<Local, Bit>,
    parameters: Signal<Local, Bit>,
    membranes: Signal<Local, Bit>,
    settings: Signal<Local, Bit>,
    fits: Signal<Local, Bit>,

    routes: Constant<Bits<13>>,
    inputs: Constant<Bits<13>>,
    words: Constant<Bits<13>>,
    budget_words: Constant<Bits<13>>,
    settings_words: Constant<Bits<13>>,
    core_tiles: Vec<Constant<Bits<13>>>,
    core_units: Vec<Constant<Bits<13>>>,
    core_neurons: Vec<Constant<Bits<13>>>,
    core_ring: Vec<Constant<Bits<13>>>,
    core_ring_rows: Vec<Constant<Bits<11>>>,
    core_axons: Vec<Constant<Bits<11>>>,
    _cores: usize,
}

/// A number of each core.
fn of_each<const N: usize>(config: &ArrayConfig, number: fn(&CoreConfig) -> usize) -> Vec<Constant<Bits<N>>> {
    config.cores.iter().map(|core| Constant::new((number(core) as u64).into())).collect()
}

impl AddressDecoder {
    /// For the memory of this array.
    pub fn new(config: &ArrayConfig) -> Self {
        let cores = config.cores.len();
        Self {
            clock: Default::default(),
            address: Default::default(),
            core: Default::default(),
            unit: Default::default(),
            row: Default::default(),
            number: Default::default(),
            is: Default::default(),
            ring: Default::default(),
            exists: Default::default(),
            writable: Default::default(),
            now: Default::default(),
            space: Default::default(),
            core_is: (0..cores).map(|_| Default::default()).collect(),
            no_core: Default::default(),
            limit: Default::default(),
            row_limit: Default::default(),
            ring_now: Default::default(),
            rows: Default::default(),
            known: Default::default(),
            may_write: Default::default(),
            unit_fits: Default::default(),
            row_fits: Default::default(),
            number_fits: Default::default(),
            number_small: Default::default(),
            word: Default::default(),
            word_to_write: Default::default(),
            space_bits: Default::default(),
            core_bits: Default::default(),
            unit_bits: Default::default(),
            row_bits: Default::default(),
            number_bits: Default::default(),
            space_now: Default::default(),
            of_core: Default::default(),
            weights: Default::default(),
            parameters: Default::default(),
            membranes: Default::default(),
            settings: Default::default(),
            fits: Default::default(),
            routes: Constant::new((config.neurons() as u64).into()),
            inputs: Constant::new((config.inputs as u64).into()),
            words: Constant::new((words(config) as u64).into()),
            budget_words: Constant::new((budget::WORDS as u64).into()),
            settings_words: Constant::new((settings::WORDS as u64).into()),
            core_tiles: of_each(config, |core| core.tiles),
            core_units: of_each(config, CoreConfig::units),
            core_neurons: of_each(config, CoreConfig::neurons),
            core_ring: of_each(config, CoreConfig::ring),
            core_ring_rows: of_each(config, CoreConfig::ring),
            core_axons: of_each(config, CoreConfig::axons),
            _cores: cores,
        }
    }
}

impl Logic for AddressDecoder {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            now,
            space,
            no_core,
            limit,
            row_limit,
            ring_now,
            rows,
            known,
            may_write,
            unit_fits,
            row_fits,
            number_fits,
            number_small,
            word,
            word_to_write
        );

        // First clock: the address. Second: its space and its core.
        self.now.d.next = self.address.val();
        self.space_bits.next = self.now.q.val().get_bits::<4>(28);
        self.core_bits.next = self.now.q.val().get_bits::<8>(20);
        self.unit_bits.next = self.now.q.val().get_bits::<10>(10);
        self.row_bits.next = bit_cast::<10, 32>(self.now.q.val());
        self.number_bits.next = bit_cast::<20, 32>(self.now.q.val());
        self.space.d.next.weights = self.space_bits.val() == 0;
        self.space.d.next.parameters = self.space_bits.val() == 1;
        self.space.d.next.routes = self.space_bits.val() == 2;
        self.space.d.next.inputs = self.space_bits.val() == 3;
        self.space.d.next.membranes = self.space_bits.val() == 4;
        self.space.d.next.ledger = self.space_bits.val() == 5;
        self.space.d.next.settings = self.space_bits.val() == 6;
        self.space.d.next.budget = self.space_bits.val() == 7;
        self.space.d.next.of_core = (self.space_bits.val() == 0)
            | (self.space_bits.val() == 1)
            | (self.space_bits.val() == 4)
            | (self.space_bits.val() == 6);
        self.no_core.d.next = !self.core_bits.val().any();
        for i in 0..self._cores {
            self.core_is[i].clock.next = self.clock.val();
            self.core_is[i].d.next = self.core_bits.val() == i.to_bits();
        }

        // Third: its limits.
        self.space_now.next = self.space.q.val();
        self.of_core.next = self.space_now.val().of_core;
        self.weights.next = self.space_now.val().weights;
        self.parameters.next = self.space_now.val().parameters;
        self.membranes.next = self.space_now.val().membranes;
        self.settings.next = self.space_now.val().settings;
        self.known.d.next = (self.space_now.val().routes
            | self.space_now.val().inputs
            | self.space_now.val().ledger
            | self.space_now.val().budget)
            & self.no_core.q.val();
        self.rows.d.next = self.weights.val() | self.parameters.val();
        self.may_write.d.next = !self.membranes.val() & !self.space_now.val().ledger;
        self.row_limit.d.next = bits::<11>(512);
        self.limit.d.next = self.routes.val();
        self.ring_now.d.next = bits::<13>(1);
        if self.space_now.val().inputs {
            self.limit.d.next = self.inputs.val();
        }
        if self.space_now.val().ledger {
            self.limit.d.next = self.words.val();
        }
        if self.space_now.val().budget {
            self.limit.d.next = self.budget_words.val();
        }
        for i in 0..self._cores {
            if self.core_is[i].q.val() {
                self.ring_now.d.next = self.core_ring[i].val();
                if self.of_core.val() {
                    self.known.d.next = true;
                }
                if self.weights.val() {
                    self.limit.d.next = self.core_tiles[i].val();
                    self.row_limit.d.next = self.core_axons[i].val();
                }
                if self.parameters.val() {
                    self.limit.d.next = self.core_units[i].val();
                    self.row_limit.d.next = self.core_ring_rows[i].val();
                }
                if self.membranes.val() {
                    self.limit.d.next = self.core_neurons[i].val();
                }
                if self.settings.val() {
                    self.limit.d.next = self.settings_words.val();
                }
            }
        }

        // Fourth: what holds. Fifth: the verdict.
        self.unit_fits.d.next = bit_cast::<13, 10>(self.unit_bits.val()) < self.limit.q.val();
        self.row_fits.d.next = bit_cast::<11, 10>(self.row_bits.val()) < self.row_limit.q.val();
        self.number_fits.d.next = bit_cast::<13, 20>(self.number_bits.val()) < self.limit.q.val();
        self.number_small.d.next = self.number_bits.val().get_bits::<7>(13) == 0;
        self.fits.next = self.number_fits.q.val() & self.number_small.q.val();
        if self.rows.q.val() {
            self.fits.next = self.unit_fits.q.val() & self.row_fits.q.val();
        }
        self.word.d.next = self.known.q.val() & self.fits.val();
        self.word_to_write.d.next = self.known.q.val() & self.fits.val() & self.may_write.q.val();

        self.core.next = self.core_bits.val();
        self.unit.next = self.unit_bits.val();
        self.row.next = self.row_bits.val();
        self.number.next = self.number_bits.val();
        self.is.next = self.space_now.val();
        self.is.next.rows = self.rows.q.val();
        self.ring.next = self.ring_now.q.val();
        self.exists.next = self.word.q.val();
        self.writable.next = self.word_to_write.q.val();
    }
}
