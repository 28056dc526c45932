//! A neuron unit and the tiles whose membranes turn through it.

use super::neuron_unit::NeuronUnit;
use super::tile::Tile;
use rust_hdl::prelude::*;

/// One or two tiles and one neuron unit, in a ring: the last lane's membrane enters the unit, its result the first lane.
///
/// Integration is that of [`Tile`]. For a turn `shift` is high for ring + 8 clocks (ring: lanes of all tiles) and `valid`
/// for the first ring of them, with `place` counting down from the last. Afterwards every lane holds its own new membrane
/// again, and `spikes` has bit `p` set if the neuron at place `p` fired; `take` clears it. `turn_start`, a clock before
/// the turn, clears `nonzero`, which tells after the turn whether some membrane is not 0.
///
/// `read_low`, `read_high` are 0 unless something is selected: the word that tile 0 or 1 read last (bit of `select_tile`),
/// the parameter word of the place of 2 clocks before, or the membrane that leaves the unit, not sign-extended, each
/// one clock later.
///
/// ```text
/// clock    _/~\_/~\_/~\_/~\_  ..  _/~\_/~\_/~\_/~\_
/// turn_start _/~~~\______________________________
/// shift    _____/~~~~~~~~~~~      ~~~~~\_______     ring + 8 clocks
/// valid    _____/~~~~~~~~~~~  ~~\______________     ring clocks
/// place    -----<n-1><n-2><   ><0>-------------
/// spikes, nonzero, membranes     -------------<     ready ring + 9 clocks after the first shift
/// ```
#[derive(LogicBlock)]
pub struct Ring<const LANES: usize, const BITS: usize, const W: usize> {
    pub clock: Signal<In, Clock>,
    pub read: Signal<In, Bit>,
    pub integrate: Signal<In, Bit>,
    pub row: Signal<In, Bits<9>>,
    pub turn_start: Signal<In, Bit>,
    pub shift: Signal<In, Bit>,
    pub valid: Signal<In, Bit>,
    pub place: Signal<In, Bits<5>>,
    pub hold: Signal<In, Bit>,
    pub zero: Signal<In, Bit>,
    pub take: Signal<In, Bit>,
    pub write_tile: Signal<In, Bits<2>>,
    pub write_parameters: Signal<In, Bit>,
    pub write_row: Signal<In, Bits<9>>,
    pub write_low: Signal<In, Bits<32>>,
    pub write_high: Signal<In, Bits<4>>,
    pub select_tile: Signal<In, Bits<2>>,
    pub select_parameters: Signal<In, Bit>,
    pub select_membrane: Signal<In, Bit>,
    pub spikes: Signal<Out, Bits<18>>,
    pub any_spike: Signal<Out, Bit>,
    pub nonzero: Signal<Out, Bit>,
    pub read_low: Signal<Out, Bits<32>>,
    pub read_high: Signal<Out, Bits<4>>,

    tiles: Vec<Tile<LANES, BITS, W>>,
    unit: NeuronUnit<W>,
    fired: DFF<Bits<18>>,
    any_fired: DFF<Bit>,
    some_nonzero: DFF<Bit>,
    reading: DFF<Bit>,
    source: DFF<Bits<2>>,
    low: DFF<Bits<32>>,
    high: DFF<Bits<4>>,
    turning: Signal<Local, Bits<W>>,
    tile_low: Signal<Local, Bits<32>>,
    tile_high: Signal<Local, Bits<4>>,
    unit_low: Signal<Local, Bits<32>>,
    _tiles: usize,
}

impl<const LANES: usize, const BITS: usize, const W: usize> Ring<LANES, BITS, W> {
    /// A ring of 1 or 2 tiles.
    pub fn new(tiles: usize) -> Self {
        Self {
            clock: Default::default(),
            read: Default::default(),
            integrate: Default::default(),
            row: Default::default(),
            turn_start: Default::default(),
            shift: Default::default(),
            valid: Default::default(),
            place: Default::default(),
            hold: Default::default(),
            zero: Default::default(),
            take: Default::default(),
            write_tile: Default::default(),
            write_parameters: Default::default(),
            write_row: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            select_tile: Default::default(),
            select_parameters: Default::default(),
            select_membrane: Default::default(),
            spikes: Default::default(),
            any_spike: Default::default(),
            nonzero: Default::default(),
            read_low: Default::default(),
            read_high: Default::default(),
            tiles: (0..tiles).map(|_| Default::default()).collect(),
            unit: Default::default(),
            fired: Default::default(),
            any_fired: Default::default(),
            some_nonzero: Default::default(),
            reading: Default::default(),
            source: Default::default(),
            low: Default::default(),
            high: Default::default(),
            turning: Default::default(),
            tile_low: Default::default(),
            tile_high: Default::default(),
            unit_low: Default::default(),
            _tiles: tiles,
        }
    }
}

impl<const LANES: usize, const BITS: usize, const W: usize> Logic for Ring<LANES, BITS, W> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, fired, any_fired, some_nonzero, reading, source, low, high);
        clock!(self, clock, unit);

        // The ring: unit, tile 0, tile 1, unit.
        self.turning.next = self.unit.q.val();
        for i in 0..self._tiles {
            self.tiles[i].clock.next = self.clock.val();
            self.tiles[i].read.next = self.read.val();
            self.tiles[i].integrate.next = self.integrate.val();
            self.tiles[i].row.next = self.row.val();
            self.tiles[i].shift.next = self.shift.val();
            self.tiles[i].write.next = self.write_tile.val().get_bit(i);
            self.tiles[i].write_row.next = self.write_row.val();
            self.tiles[i].write_low.next = self.write_low.val();
            self.tiles[i].write_high.next = self.write_high.val();
            self.tiles[i].shift_in.next = self.turning.val();
            self.turning.next = self.tiles[i].shift_out.val();
        }
        self.unit.v.next = self.turning.val();
        self.unit.valid.next = self.valid.val();
        self.unit.place.next = self.place.val();
        self.unit.hold.next = self.hold.val();
        self.unit.zero.next = self.zero.val();
        self.unit.write.next = self.write_parameters.val();
        self.unit.write_place.next = bit_cast::<5, 9>(self.write_row.val());
        self.unit.write_word.next = bit_cast::<29, 32>(self.write_low.val());

        // Place n - 1 comes out first and ends in bit n - 1.
        if self.unit.q_valid.val() {
            self.fired.d.next = self.fired.q.val() << 1;
            if self.unit.spike.val() {
                self.fired.d.next = (self.fired.q.val() << 1) | 1;
                self.any_fired.d.next = true;
            }
            if self.unit.q.val().any() {
                self.some_nonzero.d.next = true;
            }
        }
        if self.turn_start.val() {
            self.some_nonzero.d.next = false;
        }
        if self.take.val() {
            self.fired.d.next = bits::<18>(0);
            self.any_fired.d.next = false;
        }
        self.spikes.next = self.fired.q.val();
        self.any_spike.next = self.any_fired.q.val();
        self.nonzero.next = self.some_nonzero.q.val();

        // What is read: tile 0, tile 1, parameters or the membrane that leaves the unit.
        self.reading.d.next = self.select_tile.val().any() | self.select_parameters.val() | self.select_membrane.val();
        self.source.d.next = bits::<2>(0);
        if self.select_tile.val().get_bit(1) {
            self.source.d.next = bits::<2>(1);
        }
        if self.select_parameters.val() {
            self.source.d.next = bits::<2>(2);
        }
        if self.select_membrane.val() {
            self.source.d.next = bits::<2>(3);
        }
        self.tile_low.next = self.tiles[0].read_low.val();
        self.tile_high.next = self.tiles[0].read_high.val();
        self.unit_low.next = bit_cast::<32, 29>(self.unit.parameters.val());
        if self.source.q.val().get_bit(0) {
            for i in 0..self._tiles {
                self.tile_low.next = self.tiles[i].read_low.val();
                self.tile_high.next = self.tiles[i].read_high.val();
            }
            self.unit_low.next = bit_cast::<32, W>(self.unit.q.val());
        }
        self.low.d.next = self.tile_low.val();
        self.high.d.next = self.tile_high.val();
        if self.source.q.val().get_bit(1) {
            self.low.d.next = self.unit_low.val();
            self.high.d.next = bits::<4>(0);
        }
        if !self.reading.q.val() {
            self.low.d.next = bits::<32>(0);
            self.high.d.next = bits::<4>(0);
        }
        self.read_low.next = self.low.q.val();
        self.read_high.next = self.high.q.val();
    }
}
