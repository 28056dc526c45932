//! Where the neurons of a context rest.

use nernst_spec::CoreConfig;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::Rom;

/// The rows of a core's tiles that keep the membrane and the parameters of each place of a ring ([`nernst_spec::context`]), and the tiles
/// whose words come or go there.
///
/// ```text
/// clock       _/~\_/~\_/~\_/~\_
/// place       -< p
/// row         -----< its row of a membrane, with `parameters` of parameters
/// open, store ---------< its tile       (open: also that of the place before)
/// ```
#[derive(LogicBlock)]
pub struct StateRows {
    pub clock: Signal<In, Clock>,
    pub place: Signal<In, Bits<5>>,
    /// The row wanted is that of parameters.
    pub parameters: Signal<In, Bit>,
    /// Words come, go, or are cleared in all tiles.
    pub loading: Signal<In, Bit>,
    pub storing: Signal<In, Bit>,
    pub clearing: Signal<In, Bit>,
    /// Row of the last group of a context's axons.
    pub row: Signal<Out, Bits<6>>,
    /// The tiles of a ring that are read, and written.
    pub open: Signal<Out, Bits<3>>,
    pub store: Signal<Out, Bits<3>>,

    /// Bits 5..0 and 11..6: the rows of its membrane and its parameters, 14..12: its tile.
    rows: Rom<15, 5>,
    place_now: DFF<Bits<5>>,
    tile: DFF<Bits<3>>,
    tile_before: DFF<Bits<3>>,
    all_tiles: Constant<Bits<3>>,
}

impl StateRows {
    /// For a core of this shape.
    pub fn new(config: &CoreConfig) -> Self {
        let lanes = config.lanes() as u64;
        let rows: Vec<u64> = (0..config.ring() as u64)
            .map(|place| {
                let (tile, membrane) = (place / lanes, 64 - 2 * lanes + place % lanes);
                membrane | (membrane + lanes) << 6 | 1 << (12 + tile)
            })
            .collect();
        Self {
            clock: Default::default(),
            place: Default::default(),
            parameters: Default::default(),
            loading: Default::default(),
            storing: Default::default(),
            clearing: Default::default(),
            row: Default::default(),
            open: Default::default(),
            store: Default::default(),
            // A ring has at most 27 places.
            rows: Rom::new(&rows).expect("places of a ring"),
            place_now: Default::default(),
            tile: Default::default(),
            tile_before: Default::default(),
            all_tiles: Constant::new(((1u64 << config.tiles_per_unit) - 1).into()),
        }
    }
}

impl Logic for StateRows {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, place_now, tile, tile_before);
        self.place_now.d.next = self.place.val();
        self.rows.address.next = self.place_now.q.val();
        self.row.next = self.rows.data.val().get_bits::<6>(0);
        if self.parameters.val() {
            self.row.next = self.rows.data.val().get_bits::<6>(6);
        }
        self.tile.d.next = self.rows.data.val().get_bits::<3>(12);
        self.tile_before.d.next = self.tile.q.val();
        self.open.next = bits::<3>(0);
        if self.loading.val() {
            self.open.next = self.tile.q.val() | self.tile_before.q.val();
        }
        self.store.next = bits::<3>(0);
        if self.storing.val() {
            self.store.next = self.tile.q.val();
        }
        if self.clearing.val() {
            self.store.next = self.all_tiles.val();
        }
    }
}
