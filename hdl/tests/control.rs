//! The blocks of the array's and the cores' control and their Verilog, against the specification under random stimulus.

mod common;

use common::side_by_side::SideBySide;
use nernst_hdl::array::address_decoder::AddressDecoder;
use nernst_hdl::array::bus::{ToNext, ToPrevious};
use nernst_hdl::array::chain_link::ChainLink;
use nernst_hdl::array::context_flags::ContextFlags;
use nernst_hdl::array::state_rows::StateRows;
use nernst_spec::chain::chains;
use nernst_spec::context::MAX_CONTEXTS;
use nernst_spec::memory::{Address, Space};
use nernst_spec::timing::CHAIN_OFFSET;
use nernst_spec::{ArrayConfig, Contexts, Settings};
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
            // All but the pace, which is not the array's.
            assert_eq!(spaces, std::array::from_fn(|k| Some(Space::ALL[k]) == space), "{name}: {address}");
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

/// The links of an array's cores, each beside its Verilog, wired to each other.
struct Links(Vec<SideBySide<ChainLink>>);

impl Links {
    fn new(config: &ArrayConfig) -> Self {
        let link = |core| {
            SideBySide::new(ChainLink::new(config, core), |u: &mut ChainLink, level| u.clock.next = level.into())
        };
        Self((0..config.cores.len()).map(link).collect())
    }

    fn tick(&mut self) {
        let to_next: Vec<ToNext> = self.0.iter().map(|link| link.uut.to_next.val()).collect();
        let to_previous: Vec<ToPrevious> = self.0.iter().map(|link| link.uut.to_previous.val()).collect();
        for (core, link) in self.0.iter_mut().enumerate() {
            let before = core.checked_sub(1).map(|before| to_next[before]);
            link.uut.from_previous.next = before.unwrap_or_default();
            link.uut.from_next.next = to_previous.get(core + 1).copied().unwrap_or_default();
            link.tick();
        }
    }
}

#[test]
fn the_cores_of_a_chain_turn_one_after_the_other_when_the_last_has_walked() {
    let group = "[[cores]]\ncount = 4\ntiles = 1\ntiles_per_unit = 1\nweight_bits = 4\nchain = true\n";
    let other = "[[cores]]\ncount = 2\ntiles = 2\ntiles_per_unit = 1\nweight_bits = 4\nchain = true\n";
    let head = "name = 'links'\nclock_hz = 50_000_000\nbaud = 3_000_000\ninputs = 1\n";
    let config = ArrayConfig::from_toml(&[head, group, other].concat()).unwrap();
    let cores = config.cores.len();
    let mut links = Links::new(&config);
    let mut rng = Rng::new(45);
    let (mut turns, mut rests) = (0, 0);
    for round in 0..200 {
        let mut settings = vec![Settings::default(); cores];
        for (core, link) in links.0.iter_mut().enumerate() {
            let (wanted, many) = (rng.one_in(2), rng.one_in(8));
            settings[core].chained = wanted && config.can_be_chained(core);
            settings[core].contexts = Contexts::from_log2(many.into());
            let u = &mut link.uut;
            (u.wanted.next, u.write.next, u.many.next, u.in_tick.next) = (wanted, true, many, true);
        }
        links.tick();
        links.0.iter_mut().for_each(|link| link.uut.write.next = false);
        (0..3).for_each(|_| links.tick());
        let walks: Vec<u64> = (0..cores).map(|_| rng.below(12)).collect();
        let awake: Vec<bool> = (0..cores).map(|_| rng.one_in(3)).collect();
        // A core that is said to be chained to one of several contexts is alone, too.
        let chains = chains(&settings);
        let alone = |core: usize| chains.iter().any(|chain| *chain == (core..core + 1));
        let (mut turned, mut rested) = (vec![None; cores], vec![None; cores]);
        for clock in 0..40 {
            for (core, link) in links.0.iter_mut().enumerate() {
                let u = &mut link.uut;
                assert_eq!(u.chained.val(), settings[core].chained, "round {round}: core {core}");
                assert_eq!(u.alone.val(), alone(core), "round {round}: core {core} of {chains:?}");
                let chain = chains.iter().find(|chain| chain.contains(&core)).unwrap();
                assert_eq!((u.hands.val(), u.hears.val()), (core + 1 < chain.end, core > chain.start), "round {round}");
                u.over.next = clock == walks[core] && !u.alone.val();
                u.awake.next = awake[core] && clock >= walks[core];
                for (seen, now) in [(&mut turned[core], u.turn.val()), (&mut rested[core], u.rest.val())] {
                    assert!(!now || seen.is_none(), "round {round}: core {core} begins once");
                    *seen = seen.or(now.then_some(clock));
                }
            }
            links.tick();
        }
        for chain in chains.iter().filter(|chain| chain.len() > 1) {
            let (begun, other) =
                if awake[chain.clone()].contains(&true) { (&turned, &rested) } else { (&rested, &turned) };
            let first = begun[chain.start].unwrap();
            assert!(first > *walks[chain.clone()].iter().max().unwrap(), "round {round}: all have walked");
            for core in chain.clone() {
                assert_eq!(begun[core], Some(first + CHAIN_OFFSET * (core - chain.start) as u64), "round {round}");
                assert_eq!(other[core], None, "round {round}: core {core}");
            }
            (turns, rests) = (turns + usize::from(begun == &turned), rests + usize::from(begun == &rested));
        }
        assert!((0..cores).filter(|&core| alone(core)).all(|core| turned[core].or(rested[core]).is_none()));
        links.0.iter_mut().for_each(|link| link.uut.in_tick.next = false);
        (0..3).for_each(|_| links.tick());
        assert!(links.0.iter().all(|link| !link.uut.hands.val() && !link.uut.hears.val()), "outside a tick");
    }
    assert!(turns > 50 && rests > 10, "{turns} chains turned, {rests} rested");
    links.0.iter_mut().for_each(|link| link.uut.clear.next = true);
    (0..3).for_each(|_| links.tick());
    assert!(links.0.iter().all(|link| !link.uut.chained.val()));
}
