//! The blocks of the array's and the cores' control and their Verilog, against the specification under random stimulus.

mod common;

use common::side_by_side::SideBySide;
use nernst_hdl::array::address_decoder::AddressDecoder;
use nernst_hdl::array::context_flags::ContextFlags;
use nernst_hdl::array::state_rows::StateRows;
use nernst_spec::context::MAX_CONTEXTS;
use nernst_spec::memory::{Address, Space};
use nernst_spec::{ArrayConfig, Contexts};
use rust_hdl_bsp_ecp5::cosim::Rng;

#[test]
fn an_address_leads_where_the_specification_says() {
    let mut rng = Rng::new(40);
    for name in ["tiny", "25f-int8", "25f-banked", "25f-contexts"] {
        let config = ArrayConfig::ready(name).unwrap();
        let mut both = SideBySide::new(AddressDecoder::new(&config), |u, level| u.clock.next = level.into());
        let mut there = 0;
        for _ in 0..1_500 {
            // Numbers about as large as those that there are, and now and then any.
            let mut number = |there: usize| if rng.one_in(20) { rng.next_u64() } else { rng.below(there as u64 + 2) };
            let (space, core, unit) = (number(6), number(config.cores.len()), number(config.cores[0].tiles));
            let (row, index) = (number(40), number(config.cores[0].neurons()));
            let index = if space & 1 == 0 { index } else { unit << Address::UNIT_SHIFT | row & 0x3ff };
            let address = Address(
                (space << Address::SPACE_SHIFT) as u32
                    | (core as u32 & 0xff) << Address::CORE_SHIFT
                    | index as u32 & ((1 << Address::INDEX_BITS) - 1),
            );
            both.uut.address.next = u64::from(address.0).into();
            (0..5).for_each(|_| both.tick());
            let u = &both.uut;
            let (space, exists) = (address.space(), address.exists(&config));
            there += usize::from(exists);
            assert_eq!(u.exists.val(), exists, "{name}: {address}");
            assert_eq!(u.writable.val(), exists && space.is_some_and(Space::is_writable), "{name}: {address}");
            assert_eq!(
                [u.core.val().index(), u.unit.val().index(), u.row.val().index(), u.number.val().index()],
                [address.core(), address.unit(), address.row(), address.index()],
                "{name}: {address}"
            );
            let is = u.is.val();
            let spaces =
                [is.weights, is.parameters, is.routes, is.inputs, is.membranes, is.ledger, is.settings, is.budget];
            assert_eq!(spaces, Space::ALL.map(|one| Some(one) == space), "{name}: {address}");
            if exists && is.of_core {
                assert_eq!(u.ring.val().index(), config.cores[address.core()].ring(), "{name}: {address}");
            }
        }
        assert!(there > 100, "{name}: {there} of them exist");
    }
}

#[test]
fn a_context_is_awake_while_it_has_a_membrane() {
    let mut rng = Rng::new(41);
    let mut both = SideBySide::new(ContextFlags::default(), |u, level| u.clock.next = level.into());
    let mut awake = [false; MAX_CONTEXTS];
    for _ in 0..2_000 {
        let present = rng.below(MAX_CONTEXTS as u64) as usize;
        let (note, nonzero, zero) = (rng.one_in(2), rng.one_in(2), rng.one_in(30));
        let u = &mut both.uut;
        (u.present.next, u.note.next, u.nonzero.next, u.zero.next) = ((present as u64).into(), note, nonzero, zero);
        both.tick();
        assert_eq!(both.uut.awake.val(), awake[present], "context {present}");
        if note {
            awake[present] = nonzero;
        }
        if zero {
            awake = [false; MAX_CONTEXTS];
        }
    }
}

#[test]
fn state_lies_in_the_rows_that_the_specification_keeps_for_it() {
    let mut rng = Rng::new(42);
    for core in ["25f-contexts", "25f-int8"].map(|name| ArrayConfig::ready(name).unwrap().cores[0]) {
        let mut both = SideBySide::new(StateRows::new(&core), |u, level| u.clock.next = level.into());
        let (tile, lane) = (|place: usize| 1 << (place / core.lanes()), |place: usize| place % core.lanes());
        let mut places = [0; 3];
        for clock in 0..400 {
            let place = rng.below(core.ring() as u64) as usize;
            places.rotate_right(1);
            places[0] = place;
            let [parameters, loading, storing] = [(); 3].map(|()| rng.one_in(2));
            let clearing = rng.one_in(8);
            let u = &mut both.uut;
            (u.place.next, u.parameters.next) = ((place as u64).into(), parameters);
            (u.loading.next, u.storing.next, u.clearing.next) = (loading, storing, clearing);
            both.tick();
            if clock < 3 {
                continue;
            }
            let u = &both.uut;
            let of_lane = if parameters { Contexts::parameter_row } else { Contexts::membrane_row };
            // In the last group of any context's axons.
            assert_eq!(u.row.val().index(), of_lane(Contexts::MOST, &core, 3, lane(places[0])) % 64);
            let (now, before) = (tile(places[1]), tile(places[2]));
            assert_eq!(u.open.val().index(), if loading { now | before } else { 0 });
            let all = (1 << core.tiles_per_unit) - 1;
            assert_eq!(
                u.store.val().index(),
                if clearing {
                    all
                } else if storing {
                    now
                } else {
                    0
                }
            );
        }
    }
}
