//! A neuron unit and the tiles whose membranes turn through it.

use super::banked_tile::BankedTile;
use super::bus::SUM_BITS;
use super::neuron_unit::NeuronUnit;
use super::optional::Optional;
use super::tile::Tile;
use nernst_spec::CoreConfig;
use rust_hdl::prelude::*;

/// One to three tiles and one neuron unit, in a ring: the last lane's membrane enters the unit, its result the first lane.
///
/// All inputs but `write_row`, `write_low` and `write_high` go through a register of the ring's own.
///
/// Integration is that of [`Tile`], or of [`BankedTile`] where the ring has two banks; what is called second is the second bank's. For a turn `shift` is high for ring + 9 clocks (ring: lanes of all tiles) and `valid`
/// for the first ring of them, with `place` counting down from the last. Afterwards every lane holds its own new membrane
/// again. Meanwhile `spike` tells, in each clock of `spike_valid`, whether the neuron at the next place fired, the last
/// first. `turn_start`, before the turn, clears `nonzero`, which tells after the turn whether some membrane is not 0.
///
/// `write` writes the row `write_row` of the next clock in tile `unit`, or with `write_parameters` place `write_row` of the
/// parameters if `unit` is this ring's; `write_all` does both in all tiles, and in both banks. `second` says that a row that is written
/// or selected is the second bank's.
///
/// `read_low`, `read_high` are 0 while `resting` unless something of this ring is selected by `unit`: the word that the
/// tile read last, the parameter word of the place of 2 clocks before, or the membrane that leaves the unit, sign-extended.
/// `resting` falls a clock or more before a row is fetched for integration.
///
/// **Contexts.** With `swap` only the tiles in `open` show what they read: the word of a `read` is gathered 4 clocks later. With `load`,
/// too, the lanes take it when they are shifted, and with `load_parameters` in the clock before the unit does, at place `write_row` of that
/// clock. Without `load` what leaves the unit is gathered 2 clocks later, and `store` in the clock before writes it to the row `write_row` of that clock in
/// these tiles.
///
/// **Chains.** In a core that can be chained `sum_out` is, three clocks after its place was told, a membrane and what was added to it; with `hears` the
/// `sum_in` of a clock is added to the membrane that enters the unit in the next. So this ring turns two clocks after the one that it hears.
///
/// `count` is the last byte of the last tile's lanes: what a row says of the number of its weights, 3 clocks after its `read`.
///
/// ```text
/// clock    _/~\_/~\_/~\_/~\_  ..  _/~\_/~\_/~\_/~\_
/// turn_start _/~~~\______________________________
/// shift    _____/~~~~~~~~~~~      ~~~~~\_______     ring + 9 clocks
/// valid    _____/~~~~~~~~~~~  ~~\______________     ring clocks
/// place    -----<n-1><n-2><   ><0>-------------
/// spike             12 clocks after place: <n-1><n-2>
/// membranes, nonzero        ready ring + 13 clocks after the first shift
/// ```
#[derive(LogicBlock)]
pub struct Ring<const LANES: usize, const BITS: usize, const W: usize> {
    pub clock: Signal<In, Clock>,
    pub read: Signal<In, Bit>,
    pub integrate: Signal<In, Bit>,
    pub row: Signal<In, Bits<9>>,
    pub second_read: Signal<In, Bit>,
    pub second_integrate: Signal<In, Bit>,
    pub second_row: Signal<In, Bits<9>>,
    pub turn_start: Signal<In, Bit>,
    pub shift: Signal<In, Bit>,
    pub valid: Signal<In, Bit>,
    pub place: Signal<In, Bits<5>>,
    pub hold: Signal<In, Bit>,
    pub zero: Signal<In, Bit>,
    pub unit: Signal<In, Bits<6>>,
    pub second: Signal<In, Bit>,
    pub write: Signal<In, Bit>,
    pub write_parameters: Signal<In, Bit>,
    pub write_all: Signal<In, Bit>,
    pub write_row: Signal<In, Bits<9>>,
    pub write_low: Signal<In, Bits<32>>,
    pub write_high: Signal<In, Bits<4>>,
    pub resting: Signal<In, Bit>,
    pub select_tile: Signal<In, Bit>,
    pub select_parameters: Signal<In, Bit>,
    pub select_membrane: Signal<In, Bit>,
    pub swap: Signal<In, Bit>,
    pub load: Signal<In, Bit>,
    pub load_parameters: Signal<In, Bit>,
    pub open: Signal<In, Bits<3>>,
    pub store: Signal<In, Bits<3>>,
    pub hears: Optional<Signal<In, Bit>>,
    pub sum_in: Optional<Signal<In, Bits<SUM_BITS>>>,
    pub sum_out: Optional<Signal<Out, Bits<SUM_BITS>>>,
    pub spike: Signal<Out, Bit>,
    pub spike_valid: Signal<Out, Bit>,
    pub nonzero: Signal<Out, Bit>,
    pub read_low: Signal<Out, Bits<32>>,
    pub read_high: Signal<Out, Bits<4>>,
    pub count: Signal<Out, Bits<8>>,

    tiles: Vec<Tile<LANES, BITS, W>>,
    banked_tiles: Vec<BankedTile<LANES, BITS, W>>,
    neuron_unit: NeuronUnit<W>,
    // Copies for this ring alone keep the wires short.
    read_now: DFF<Bit>,
    integrate_now: DFF<Bit>,
    row_now: DFF<Bits<9>>,
    shift_now: DFF<Bit>,
    valid_now: DFF<Bit>,
    place_now: DFF<Bits<5>>,
    write_now: Vec<DFF<Bit>>,
    clear_now: Vec<DFF<Bit>>,
    // Those of the second bank, where there is one.
    second_read_now: Vec<DFF<Bit>>,
    second_integrate_now: Vec<DFF<Bit>>,
    second_row_now: Vec<DFF<Bits<9>>>,
    second_write_now: Vec<DFF<Bit>>,
    second_clear_now: Vec<DFF<Bit>>,
    write_parameters_now: DFF<Bit>,
    parameters_selected: DFF<Bit>,
    membrane_selected: DFF<Bit>,
    // A context that comes or goes.
    loading: DFF<Bit>,
    moving: DFF<Bit>,
    /// What the same ring of the core before hands on.
    heard: Optional<DFF<Bits<SUM_BITS>>>,
    // What the unit did.
    fired: DFF<Bit>,
    fired_valid: DFF<Bit>,
    left_nonzero: DFF<Bit>,
    some_nonzero: DFF<Bit>,
    // What is read.
    unit_word: DFF<Bits<32>>,
    low: DFF<Bits<32>>,
    high: DFF<Bits<4>>,

    turning: Signal<Local, Bits<W>>,
    word: Signal<Local, Bits<32>>,
    word_high: Signal<Local, Bits<4>>,
    mine: Signal<Local, Bit>,
    gathered_low: Signal<Local, Bits<32>>,
    gathered_high: Signal<Local, Bits<4>>,
    word_counted: Signal<Local, Bits<32>>,
    high_counted: Signal<Local, Bits<4>>,
    second_reads: Signal<Local, Bit>,
    second_integrates: Signal<Local, Bit>,
    second_reads_row: Signal<Local, Bits<9>>,
    /// Where the last byte of the lanes begins, and which of its bits are in the high part of the word.
    count_shift: Constant<Bits<6>>,
    count_high: Constant<Bits<4>>,
    /// The sign of a membrane, and the bits of a 32-bit word above it.
    sign: Constant<Bits<W>>,
    extension: Constant<Bits<32>>,
    number: Constant<Bits<6>>,
    /// The bits in which rings differ: no unit is named that there is not.
    ring_bits: Constant<Bits<6>>,
    tile_numbers: Vec<Constant<Bits<6>>>,
    _tiles: usize,
    _banked_tiles: usize,
    /// 1 where there is a second bank.
    _second: usize,
    /// 1 where the core can be chained.
    _chain: usize,
}

impl<const LANES: usize, const BITS: usize, const W: usize> Ring<LANES, BITS, W> {
    /// Ring `number` of a core of this shape.
    pub fn new(number: usize, core: &CoreConfig) -> Self {
        let (rings, tiles, banks) = (core.units(), core.tiles_per_unit, core.banks);
        let (single, banked) = if banks > 1 { (0, tiles) } else { (tiles, 0) };
        let second = banks - 1;
        let constant = |number: usize| Constant::new((number as u64).into());
        Self {
            clock: Default::default(),
            read: Default::default(),
            integrate: Default::default(),
            row: Default::default(),
            second_read: Default::default(),
            second_integrate: Default::default(),
            second_row: Default::default(),
            turn_start: Default::default(),
            shift: Default::default(),
            valid: Default::default(),
            place: Default::default(),
            hold: Default::default(),
            zero: Default::default(),
            unit: Default::default(),
            second: Default::default(),
            write: Default::default(),
            write_parameters: Default::default(),
            write_all: Default::default(),
            write_row: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            resting: Default::default(),
            select_tile: Default::default(),
            select_parameters: Default::default(),
            select_membrane: Default::default(),
            swap: Default::default(),
            load: Default::default(),
            load_parameters: Default::default(),
            open: Default::default(),
            store: Default::default(),
            hears: Optional::there_if(core.chain),
            sum_in: Optional::there_if(core.chain),
            sum_out: Optional::there_if(core.chain),
            heard: Optional::there_if(core.chain),
            spike: Default::default(),
            spike_valid: Default::default(),
            nonzero: Default::default(),
            read_low: Default::default(),
            read_high: Default::default(),
            count: Default::default(),
            tiles: (0..single).map(|_| Default::default()).collect(),
            banked_tiles: (0..banked).map(|_| Default::default()).collect(),
            neuron_unit: NeuronUnit::new(core.chain),
            read_now: Default::default(),
            integrate_now: Default::default(),
            row_now: Default::default(),
            shift_now: Default::default(),
            valid_now: Default::default(),
            place_now: Default::default(),
            write_now: (0..tiles).map(|_| Default::default()).collect(),
            clear_now: (0..tiles).map(|_| Default::default()).collect(),
            second_read_now: (0..second).map(|_| Default::default()).collect(),
            second_integrate_now: (0..second).map(|_| Default::default()).collect(),
            second_row_now: (0..second).map(|_| Default::default()).collect(),
            second_write_now: (0..banked).map(|_| Default::default()).collect(),
            second_clear_now: (0..banked).map(|_| Default::default()).collect(),
            write_parameters_now: Default::default(),
            parameters_selected: Default::default(),
            membrane_selected: Default::default(),
            loading: Default::default(),
            moving: Default::default(),
            fired: Default::default(),
            fired_valid: Default::default(),
            left_nonzero: Default::default(),
            some_nonzero: Default::default(),
            unit_word: Default::default(),
            low: Default::default(),
            high: Default::default(),
            turning: Default::default(),
            word: Default::default(),
            word_high: Default::default(),
            mine: Default::default(),
            gathered_low: Default::default(),
            gathered_high: Default::default(),
            word_counted: Default::default(),
            high_counted: Default::default(),
            second_reads: Default::default(),
            second_integrates: Default::default(),
            second_reads_row: Default::default(),
            count_shift: Constant::new((LANES as u64 * BITS as u64 - 8).into()),
            count_high: Constant::new((if LANES * BITS > 32 { 15u64 } else { 0 }).into()),
            sign: Constant::new((1u64 << (W - 1)).into()),
            extension: Constant::new((0xffff_ffffu64 << W & 0xffff_ffff).into()),
            number: constant(number),
            ring_bits: constant(rings.next_power_of_two() - 1),
            tile_numbers: (0..tiles).map(|tile| constant(number * tiles + tile)).collect(),
            _tiles: single,
            _banked_tiles: banked,
            _second: second,
            _chain: core.chain as usize,
        }
    }
}

impl<const LANES: usize, const BITS: usize, const W: usize> Logic for Ring<LANES, BITS, W> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            read_now,
            integrate_now,
            row_now,
            shift_now,
            valid_now,
            place_now,
            write_parameters_now,
            parameters_selected,
            membrane_selected,
            loading,
            moving,
            fired,
            fired_valid,
            left_nonzero,
            some_nonzero,
            unit_word,
            low,
            high
        );
        clock!(self, clock, neuron_unit);
        self.read_now.d.next = self.read.val();
        self.integrate_now.d.next = self.integrate.val();
        self.row_now.d.next = self.row.val();
        self.shift_now.d.next = self.shift.val();
        self.valid_now.d.next = self.valid.val();
        self.place_now.d.next = self.place.val();
        self.mine.next = (self.unit.val() & self.ring_bits.val()) == self.number.val();
        self.write_parameters_now.d.next =
            self.write_all.val() | self.load_parameters.val() | (self.write_parameters.val() & self.mine.val());
        self.parameters_selected.d.next = self.select_parameters.val() & self.mine.val();
        self.membrane_selected.d.next =
            (self.select_membrane.val() & self.mine.val()) | (self.swap.val() & !self.load.val());
        self.loading.d.next = self.load.val();
        self.moving.d.next = self.load.val() | self.store.val().any();
        self.word.next = self.write_low.val();
        self.word_high.next = self.write_high.val();
        if self.moving.q.val() {
            self.word.next = self.low.q.val();
            self.word_high.next = bits::<4>(0);
        }

        // The ring: unit, tile 0, tile 1, tile 2, unit. The words of all tiles are gathered.
        self.turning.next = self.neuron_unit.q.val();
        if self.loading.q.val() {
            self.turning.next = bit_cast::<W, 32>(self.low.q.val());
        }
        self.gathered_low.next = self.unit_word.q.val();
        self.gathered_high.next = bits::<4>(0);
        self.count.next = bits::<8>(0);
        self.word_counted.next = bits::<32>(0);
        self.high_counted.next = bits::<4>(0);
        for i in 0..self._tiles {
            self.write_now[i].clock.next = self.clock.val();
            self.write_now[i].d.next = self.write_all.val()
                | self.store.val().get_bit(i)
                | (self.write.val() & (self.unit.val() == self.tile_numbers[i].val()));
            self.clear_now[i].clock.next = self.clock.val();
            self.clear_now[i].d.next = (self.resting.val()
                & !(self.select_tile.val() & (self.unit.val() == self.tile_numbers[i].val())))
                | (self.swap.val() & !self.open.val().get_bit(i));
            self.tiles[i].clock.next = self.clock.val();
            self.tiles[i].read.next = self.read_now.q.val();
            self.tiles[i].integrate.next = self.integrate_now.q.val();
            self.tiles[i].row.next = self.row_now.q.val();
            self.tiles[i].clear.next = self.clear_now[i].q.val();
            self.tiles[i].shift.next = self.shift_now.q.val();
            self.tiles[i].write.next = self.write_now[i].q.val();
            self.tiles[i].write_row.next = self.write_row.val();
            self.tiles[i].write_low.next = self.word.val();
            self.tiles[i].write_high.next = self.word_high.val();
            self.tiles[i].shift_in.next = self.turning.val();
            self.turning.next = self.tiles[i].shift_out.val();
            self.gathered_low.next = self.gathered_low.val() | self.tiles[i].read_low.val();
            self.gathered_high.next = self.gathered_high.val() | self.tiles[i].read_high.val();
            self.word_counted.next = self.tiles[i].read_low.val() >> self.count_shift.val();
            self.high_counted.next = self.tiles[i].read_high.val() & self.count_high.val();
            self.count.next =
                bit_cast::<8, 32>(self.word_counted.val()) | (bit_cast::<8, 4>(self.high_counted.val()) << 4);
        }
        // The same with tiles of two banks: a row of the host's is in one of them.
        self.second_reads.next = false;
        self.second_integrates.next = false;
        self.second_reads_row.next = bits::<9>(0);
        for i in 0..self._second {
            self.second_read_now[i].clock.next = self.clock.val();
            self.second_integrate_now[i].clock.next = self.clock.val();
            self.second_row_now[i].clock.next = self.clock.val();
            self.second_read_now[i].d.next = self.second_read.val();
            self.second_integrate_now[i].d.next = self.second_integrate.val();
            self.second_row_now[i].d.next = self.second_row.val();
            self.second_reads.next = self.second_read_now[i].q.val();
            self.second_integrates.next = self.second_integrate_now[i].q.val();
            self.second_reads_row.next = self.second_row_now[i].q.val();
        }
        for i in 0..self._banked_tiles {
            self.write_now[i].clock.next = self.clock.val();
            self.clear_now[i].clock.next = self.clock.val();
            self.second_write_now[i].clock.next = self.clock.val();
            self.second_clear_now[i].clock.next = self.clock.val();
            self.write_now[i].d.next = self.write_all.val()
                | (self.write.val() & (self.unit.val() == self.tile_numbers[i].val()) & !self.second.val());
            self.second_write_now[i].d.next = self.write_all.val()
                | (self.write.val() & (self.unit.val() == self.tile_numbers[i].val()) & self.second.val());
            self.clear_now[i].d.next = self.resting.val()
                & !(self.select_tile.val() & (self.unit.val() == self.tile_numbers[i].val()) & !self.second.val());
            self.second_clear_now[i].d.next = self.resting.val()
                & !(self.select_tile.val() & (self.unit.val() == self.tile_numbers[i].val()) & self.second.val());
            self.banked_tiles[i].clock.next = self.clock.val();
            self.banked_tiles[i].read.next = self.read_now.q.val();
            self.banked_tiles[i].integrate.next = self.integrate_now.q.val();
            self.banked_tiles[i].row.next = self.row_now.q.val();
            self.banked_tiles[i].clear.next = self.clear_now[i].q.val();
            self.banked_tiles[i].second_read.next = self.second_reads.val();
            self.banked_tiles[i].second_integrate.next = self.second_integrates.val();
            self.banked_tiles[i].second_row.next = self.second_reads_row.val();
            self.banked_tiles[i].second_clear.next = self.second_clear_now[i].q.val();
            self.banked_tiles[i].shift.next = self.shift_now.q.val();
            self.banked_tiles[i].write.next = self.write_now[i].q.val();
            self.banked_tiles[i].second_write.next = self.second_write_now[i].q.val();
            self.banked_tiles[i].write_row.next = self.write_row.val();
            self.banked_tiles[i].write_low.next = self.word.val();
            self.banked_tiles[i].write_high.next = self.word_high.val();
            self.banked_tiles[i].shift_in.next = self.turning.val();
            self.turning.next = self.banked_tiles[i].shift_out.val();
            self.gathered_low.next = self.gathered_low.val() | self.banked_tiles[i].read_low.val();
            self.gathered_high.next = self.gathered_high.val() | self.banked_tiles[i].read_high.val();
        }
        for _i in 0..self._chain {
            self.heard.clock.next = self.clock.val();
            self.heard.d.next = bits::<20>(0);
            if self.hears.val() {
                self.heard.d.next = self.sum_in.val();
            }
            self.neuron_unit.added.next = self.heard.q.val();
            self.sum_out.next = self.neuron_unit.sum.val();
        }
        self.neuron_unit.v.next = self.turning.val();
        self.neuron_unit.valid.next = self.valid_now.q.val();
        self.neuron_unit.place.next = self.place_now.q.val();
        self.neuron_unit.hold.next = self.hold.val();
        self.neuron_unit.zero.next = self.zero.val();
        self.neuron_unit.write.next = self.write_parameters_now.q.val();
        self.neuron_unit.write_place.next = bit_cast::<5, 9>(self.write_row.val());
        self.neuron_unit.write_word.next = bit_cast::<29, 32>(self.word.val());

        // Spikes, and whether a membrane is left that is not 0.
        self.fired_valid.d.next = self.neuron_unit.q_valid.val();
        self.fired.d.next = self.neuron_unit.spike.val() & self.neuron_unit.q_valid.val();
        self.left_nonzero.d.next = self.neuron_unit.q.val().any() & self.neuron_unit.q_valid.val();
        if self.left_nonzero.q.val() {
            self.some_nonzero.d.next = true;
        }
        if self.turn_start.val() {
            self.some_nonzero.d.next = false;
        }
        self.spike.next = self.fired.q.val();
        self.spike_valid.next = self.fired_valid.q.val();
        self.nonzero.next = self.some_nonzero.q.val();

        // What is read.
        self.unit_word.d.next = bit_cast::<32, 29>(self.neuron_unit.parameters.val());
        if self.membrane_selected.q.val() {
            self.unit_word.d.next = bit_cast::<32, W>(self.neuron_unit.q.val());
            if (self.neuron_unit.q.val() & self.sign.val()).any() {
                self.unit_word.d.next = bit_cast::<32, W>(self.neuron_unit.q.val()) | self.extension.val();
            }
        }
        if !self.membrane_selected.q.val() & !self.parameters_selected.q.val() {
            self.unit_word.d.next = bits::<32>(0);
        }
        self.low.d.next = self.gathered_low.val();
        self.high.d.next = self.gathered_high.val();
        self.read_low.next = self.low.q.val();
        self.read_high.next = self.high.q.val();
    }
}
