//! The array against a straightforward model: spikes, membranes and counters of random networks.

mod common;

use common::Bench;
use common::model::{Model, random_image, within_limits};
use nernst_spec::ledger::{ArrayCounter, Class, CoreCounter};
use nernst_spec::link::message::{RESET_LEDGER, RESET_MEMORY, RESET_STATE};
use nernst_spec::memory::{Address, Route, Word, route_word};
use nernst_spec::tick::{Parameters, Reset, max_threshold};
use nernst_spec::{ArrayConfig, Budget, Image, budget};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cosim::{Rng, compared};

/// One INT4 and one INT8 core, one with single tiles in its rings.
fn mixed() -> ArrayConfig {
    ArrayConfig::from_toml(
        "name = 'mixed'\nclock_hz = 50_000_000\nbaud = 3_000_000\ninputs = 20\n\
         [[cores]]\ncount = 1\ntiles = 2\ntiles_per_unit = 2\nweight_bits = 4\n\
         [[cores]]\ncount = 1\ntiles = 3\ntiles_per_unit = 1\nweight_bits = 8\n",
    )
    .unwrap()
}

/// Returns how often a context was brought into the lanes.
fn run_like_the_model(config: &ArrayConfig, seed: u64, ticks: usize, host_pace: u64) -> u64 {
    let mut rng = Rng::new(seed);
    let image = random_image(config, &mut rng);
    let mut bench = Bench::new(config);
    bench.host_pace = host_pace;
    bench.load(&image);
    bench.reset(RESET_LEDGER);
    let mut model = Model::new(&image);
    for tick in 0..ticks {
        // Some ticks are silent, so that cores come to rest.
        for _ in 0..if rng.one_in(3) { 0 } else { rng.below(12) } {
            let line = rng.below(config.inputs as u64) as usize;
            bench.input(line);
            model.input(line);
        }
        let mut spikes = bench.tick();
        for core in 0..config.cores.len() {
            let of_core = |place: &&u16| config.locate(usize::from(**place)).is_some_and(|(of, _)| of == core);
            let places: Vec<&u16> = spikes.iter().filter(of_core).collect();
            assert!(places.is_sorted(), "seed {seed}, tick {tick}: core {core} turns in another order: {places:?}");
        }
        spikes.sort_unstable();
        assert_eq!(spikes, model.tick(), "seed {seed}, tick {tick}: host spikes");
        assert_eq!(bench.array.uut.tick_number.val().to_u32() as usize, tick + 1);
        if tick % 8 == 7 {
            for (core, shape) in config.cores.iter().enumerate() {
                let membranes = bench.membranes(core);
                assert_eq!(membranes, model.membranes[core], "seed {seed}, tick {tick}: membranes of core {core}");
                assert!(within_limits(shape, &membranes));
            }
            let ledger = bench.ledger();
            assert_eq!(ledger.differences(&model.ledger), vec![], "seed {seed}, tick {tick}");
            let ticking = ledger.array(ArrayCounter::TickClocks);
            assert!(ticking < ledger.array(ArrayCounter::Clocks));
            assert!((0..config.cores.len()).all(|core| ledger.core(core, CoreCounter::BusyClocks) < ticking));
        }
    }
    let stalled = bench.ledger().array(ArrayCounter::HostStallClocks);
    assert_eq!(stalled > 0, host_pace > 1, "{stalled} clocks in which the host let a spike wait");
    compared(
        "networks in rust-hdl and netsim in step, beside another model",
        format!("{}: {ticks} ticks, {} spikes", config.name, model.ledger.total(CoreCounter::Spikes)),
    );
    assert!(model.ledger.total(CoreCounter::Spikes) > 100, "the network fires");
    assert!(model.ledger.array(ArrayCounter::HostSpikesOut) > 20, "the host hears of it");
    model.ledger.total(CoreCounter::ContextLoads)
}

#[test]
fn int4_networks_run_like_the_model() {
    run_like_the_model(&ArrayConfig::ready("tiny").unwrap(), 1, 32, 1);
}

#[test]
fn mixed_networks_run_like_the_model() {
    run_like_the_model(&mixed(), 2, 48, 1);
}

/// One INT4 core, one INT8 core and one of two banks.
fn with_banks() -> ArrayConfig {
    ArrayConfig::from_toml(
        "name = 'banks'\nclock_hz = 50_000_000\nbaud = 3_000_000\ninputs = 24\n\
         [[cores]]\ncount = 1\ntiles = 2\ntiles_per_unit = 2\nweight_bits = 4\nbanks = 2\n\
         [[cores]]\ncount = 1\ntiles = 2\ntiles_per_unit = 2\nweight_bits = 8\n\
         [[cores]]\ncount = 1\ntiles = 1\ntiles_per_unit = 1\nweight_bits = 4\n",
    )
    .unwrap()
}

#[test]
fn banked_networks_run_like_the_model() {
    run_like_the_model(&with_banks(), 30, 40, 1);
}

/// Events of both banks in every clock of the longest walk, membranes that go to the end of their range, and every bit of a row.
#[test]
fn every_axon_of_two_banks_at_once() {
    let mut config = with_banks();
    config.cores.truncate(1);
    (config.cores[0].tiles, config.cores[0].tiles_per_unit) = (1, 1);
    config.inputs = 1024;
    let mut image = Image::empty("all", &config);
    let neurons = config.cores[0].neurons();
    // The first half of the neurons falls as fast as can be, the others differ by axon.
    let mixed = |axon: u16, neuron: usize| ((axon as usize * 5 + neuron) % 16) as i8 - 8;
    let weight = |axon: u16, neuron: usize| if neuron < neurons / 2 { -8 } else { mixed(axon, neuron) };
    image.cores[0].rows = (0..1024).map(|axon| (axon, (0..neurons).map(|n| weight(axon, n)).collect())).collect();
    image.cores[0].parameters.fill(Parameters { threshold: 5000, leak: 512, reset: Reset::Subtract });
    image.cores[0].routes.fill(Route { host: true, ..Route::default() });
    image.inputs = (0..1024).map(|axon| Route { cores: 1, axon, delay: 0, host: false }).collect();
    image.check().unwrap();
    let mut bench = Bench::new(&config);
    bench.load(&image);
    bench.reset(RESET_LEDGER);
    let mut model = Model::new(&image);
    for tick in 0..3 {
        for line in (0..1024).filter(|line| tick < 2 || line % 3 == 0) {
            bench.input(line);
            model.input(line);
        }
        let mut spikes = bench.tick();
        spikes.sort_unstable();
        assert_eq!(spikes, model.tick(), "tick {tick}");
        assert_eq!(bench.membranes(0), model.membranes[0], "tick {tick}");
        assert_eq!(bench.ledger().differences(&model.ledger), vec![], "tick {tick}");
    }
    assert_eq!(model.membranes[0][0], -12288);
    // 512 clocks for 1,024 events.
    assert!(model.ledger.core(0, CoreCounter::BusyClocks) < 3 * (512 + 11 + 20));
}

/// A chain of up to three INT4 cores, and one of two INT8 cores that can have contexts instead.
fn with_chains() -> ArrayConfig {
    ArrayConfig::from_toml(
        "name = 'chains'\nclock_hz = 50_000_000\nbaud = 3_000_000\ninputs = 24\n\
         [[cores]]\ncount = 3\ntiles = 2\ntiles_per_unit = 1\nweight_bits = 4\nchain = true\n\
         [[cores]]\ncount = 2\ntiles = 1\ntiles_per_unit = 1\nweight_bits = 8\nchain = true\ncontexts = 2\n",
    )
    .unwrap()
}

#[test]
fn chained_networks_run_like_the_model() {
    run_like_the_model(&with_chains(), 50, 40, 1);
}

/// An INT8 chain of three cores whose sums leave 18 bits on both sides, and one of INT4 that goes to the ends of its range.
#[test]
fn every_axon_of_a_chain_at_once() {
    for weight_bits in [4, 8] {
        let text = format!(
            "name = 'all'\nclock_hz = 50_000_000\nbaud = 3_000_000\ninputs = 1536\n\
             [[cores]]\ncount = 3\ntiles = 1\ntiles_per_unit = 1\nweight_bits = {weight_bits}\nchain = true\n"
        );
        let config = ArrayConfig::from_toml(&text).unwrap();
        let (neurons, bits) = (config.cores[0].neurons(), config.cores[0].weight_bits);
        let mut image = Image::empty("all", &config);
        // The first neuron falls as fast as can be, the second rises, the others differ by axon.
        let mixed = |axon: u16, neuron: usize| (axon as usize * 5 + neuron) as i32 % 16 - 8;
        let weight = |axon: u16, neuron: usize| match neuron {
            0 => bits.min_weight(),
            1 => bits.max_weight(),
            _ => mixed(axon, neuron),
        };
        for (number, core) in image.cores.iter_mut().enumerate() {
            core.chained = number < 2;
            core.rows = (0..512).map(|axon| (axon, (0..neurons).map(|n| weight(axon, n) as i8).collect())).collect();
        }
        let threshold = max_threshold(bits) - 5;
        image.cores[2].parameters.fill(Parameters { threshold, leak: 500, reset: Reset::Subtract });
        image.cores[2].routes.fill(Route { host: true, ..Route::default() });
        image.inputs =
            (0..1536).map(|line| Route { cores: 1 << (line / 512), axon: line % 512, delay: 0, host: false }).collect();
        image.check().unwrap();
        let mut bench = Bench::new(&config);
        bench.load(&image);
        bench.reset(RESET_LEDGER);
        let mut model = Model::new(&image);
        let mut fired = 0;
        for tick in 0..3 {
            for line in (0..1536).filter(|line| tick < 2 || line % 3 == 0) {
                bench.input(line);
                model.input(line);
            }
            let mut spikes = bench.tick();
            spikes.sort_unstable();
            fired += spikes.len();
            assert_eq!(spikes, model.tick(), "tick {tick}");
            (0..3)
                .for_each(|core| assert_eq!(bench.membranes(core), model.membranes[core], "tick {tick}, core {core}"));
            assert_eq!(bench.ledger().differences(&model.ledger), vec![], "tick {tick}");
        }
        assert!(fired > 0);
    }
}

/// An INT4 core of at most eight contexts and an INT8 core of at most four.
fn with_contexts() -> ArrayConfig {
    ArrayConfig::from_toml(
        "name = 'contexts'\nclock_hz = 50_000_000\nbaud = 3_000_000\ninputs = 20\n\
         [[cores]]\ncount = 1\ntiles = 4\ntiles_per_unit = 2\nweight_bits = 4\ncontexts = 8\n\
         [[cores]]\ncount = 1\ntiles = 3\ntiles_per_unit = 3\nweight_bits = 8\ncontexts = 4\n",
    )
    .unwrap()
}

#[test]
fn contexts_run_like_the_model() {
    let loads: Vec<u64> = (20..22).map(|seed| run_like_the_model(&with_contexts(), seed, 32, 1)).collect();
    assert!(loads.iter().any(|&loads| loads > 100), "{loads:?}");
}

#[test]
fn clearing_the_memory_leaves_one_context() {
    let mut bench = Bench::new(&with_contexts());
    // The address that was used last is that of either core's contexts.
    for last in [0, 1] {
        for (core, log2) in [(1 - last, 1), (last, 2)] {
            bench.write(Address::settings(core), Word::new(log2));
        }
        bench.reset(RESET_STATE | RESET_LEDGER);
        assert_eq!(bench.read(Address::settings(1 - last)).low(), 1);
        assert_eq!(bench.read(Address::settings(last)).low(), 2);
        bench.reset(RESET_MEMORY);
        assert_eq!([0, 1].map(|core| bench.read(Address::settings(core)).low()), [0, 0]);
    }
}

#[test]
fn a_budget_stops_the_array_after_the_tick_that_uses_it_up() {
    let config = mixed();
    let image = random_image(&config, &mut Rng::new(61));
    let mut bench = Bench::new(&config);
    bench.load(&image);
    let mut model = Model::new(&image);
    let mut budget = Budget { left: 150_000, armed: true, ..Budget::default() };
    budget.prices[budget::of_array(ArrayCounter::HostSpikesIn)] = 40;
    budget.prices[budget::of_cores(CoreCounter::SynapticOperations)] = 7;
    budget.prices[budget::of_cores(CoreCounter::NeuronUpdates)] = 30;
    let words = budget.words();
    for index in (budget::FIRST_PRICE..budget::WORDS).chain([0, 1]) {
        bench.write(Address::budget(index), words[index]);
    }
    let (mut ticks, mut rng) = (0, Rng::new(62));
    while !budget.is_used_up() {
        let before = model.ledger.clone();
        for _ in 0..8 {
            let line = rng.below(config.inputs as u64) as usize;
            bench.input(line);
            model.input(line);
        }
        bench.tick();
        model.tick();
        budget.pay(&(&model.ledger - &before));
        ticks += 1;
        assert_eq!(bench.array.uut.used_up.val(), budget.is_used_up(), "after {ticks} ticks");
        let left = [0, 1].map(|index| bench.read(Address::budget(index)));
        assert_eq!(left, [0, 1].map(|index| budget.word(index)), "after {ticks} ticks");
    }
    assert!((5..100).contains(&ticks), "{ticks}");
    // It stays so until the memory is cleared or another budget is written.
    bench.reset(RESET_STATE | RESET_LEDGER);
    assert!(bench.array.uut.used_up.val());
    bench.write(Address::budget(0), words[0]);
    assert!(!bench.array.uut.used_up.val());
    bench.reset(RESET_MEMORY);
    assert_eq!(bench.read(Address::budget(1)).low() >> budget::ARMED_BIT, 0);
}

#[test]
fn a_slow_host_changes_nothing() {
    run_like_the_model(&mixed(), 3, 48, 40);
}

#[test]
fn a_quiet_array_does_not_turn() {
    let config = mixed();
    let mut bench = Bench::new(&config);
    let mut model = Model::new(&Image::empty("empty", &config));
    for _ in 0..3 {
        assert!(bench.tick().is_empty());
        model.tick();
    }
    let ledger = bench.ledger();
    assert_eq!(ledger.differences(&model.ledger), vec![]);
    assert_eq!(ledger.total(CoreCounter::NeuronUpdates), 0);
    assert!(ledger.core(0, CoreCounter::BusyClocks) > 0);
}

#[test]
fn every_word_written_is_read_back() {
    let full = (1 << 36) - 1;
    words_are_read_back(
        mixed(),
        &[
            (Address::weights(0, 0, 0), 512, full),
            (Address::weights(0, 1, 0), 512, full),
            (Address::weights(1, 2, 0), 512, full),
            (Address::parameters(0, 0, 0), 18, (1 << 29) - 1),
            (Address::parameters(1, 0, 0), 4, (1 << 29) - 1),
            (Address::parameters(1, 2, 0), 4, (1 << 29) - 1),
            (Address::settings(0).offset(1), 1, 0xffff_ffff),
            (Address::route(0), 30, route_word::kept(2, 1).into()),
            (Address::input(0), 20, route_word::kept(2, 1).into()),
        ],
    );
    words_are_read_back(
        with_banks(),
        &[
            (Address::weights(0, 0, 0), 1024, full),
            (Address::weights(0, 1, 0), 1024, full),
            (Address::weights(2, 0, 0), 512, full),
            (Address::parameters(0, 0, 0), 18, (1 << 29) - 1),
            (Address::route(0), 35, route_word::kept(3, 2).into()),
            (Address::input(0), 24, route_word::kept(3, 2).into()),
        ],
    );
}

fn words_are_read_back(config: ArrayConfig, blocks: &[(Address, usize, u64)]) {
    let mut bench = Bench::new(&config);
    let mut rng = Rng::new(5);
    let mut written = vec![];
    for &(first, words, mask) in blocks {
        for offset in (0..words).filter(|offset| words < 100 || offset % 37 == 0 || *offset == words - 1) {
            let word = rng.next_u64();
            bench.write(first.offset(offset), Word::new(word));
            // What the memory has no bits for is lost.
            written.push((first.offset(offset), Word::new(word & mask)));
        }
    }
    for (address, word) in &written {
        assert_eq!(bench.read(*address), *word, "{address}");
    }
    // State and ledger leave it; only a reset of the memory clears it.
    bench.reset(RESET_STATE | RESET_LEDGER);
    assert_eq!(bench.read(written[3].0), written[3].1);
    bench.reset(RESET_MEMORY);
    for (address, _) in &written {
        assert_eq!(bench.read(*address), Word::default(), "{address}");
    }
}

#[test]
fn addresses_exist_as_the_specification_says() {
    for config in [mixed(), with_chains()] {
        let mut bench = Bench::new(&config);
        let mut check = |address: Address| {
            bench.set_address(address);
            (0..5).for_each(|_| bench.array.tick());
            let exists = address.exists(&config);
            let writable = exists && address.space().is_some_and(|space| space.is_writable());
            assert_eq!(bench.array.uut.address_exists.val(), exists, "{address}");
            assert_eq!(bench.array.uut.address_writable.val(), writable, "{address}");
        };
        // Of every space the words about where something ends; of any word the decoder is asked alone.
        for space in [0, 1, 2, 3, 4, 5, 6, 7, 8, 15u32] {
            for core in [0, 2, 128u32] {
                for unit in [0, 2, 3, 512u32] {
                    for row in [0, 3, 4, 17, 18, 19, 20, 29, 30, 47, 48, 71, 72, 511, 512] {
                        check(Address(space << 28 | core << 20 | unit << 10 | row));
                    }
                }
            }
        }
    }
}

#[test]
fn a_state_reset_forgets_membranes_and_events_and_nothing_else() {
    state_reset_forgets(with_banks());
    state_reset_forgets(with_chains());
}

fn state_reset_forgets(config: ArrayConfig) {
    let mut rng = Rng::new(7);
    let image = random_image(&config, &mut rng);
    let mut bench = Bench::new(&config);
    bench.load(&image);
    let run = |bench: &mut Bench| -> Vec<Vec<u16>> {
        (0..30)
            .map(|tick| {
                (0..5).for_each(|i| bench.input((tick * 3 + i * 7) % config.inputs));
                bench.tick()
            })
            .collect()
    };
    let first = run(&mut bench);
    bench.reset(RESET_STATE);
    assert!((0..config.cores.len()).all(|core| bench.membranes(core).iter().all(|v| *v == 0)));
    assert_eq!(bench.array.uut.tick_number.val(), bits::<15>(0));
    let before = bench.ledger();
    assert_eq!(before.array(ArrayCounter::Ticks), 30);
    assert_eq!(run(&mut bench), first);
    // The second run did the same work as the first.
    let after = bench.ledger();
    for ((name, class, value), (_, _, twice)) in before.named().zip(after.named()) {
        if class == Class::Activity {
            assert_eq!(twice, 2 * value, "{name}");
        }
    }
    bench.reset(RESET_LEDGER);
    let cleared = bench.ledger();
    assert!(cleared.named().filter(|(_, class, _)| *class == Class::Activity).all(|(_, _, value)| value == 0));
}

#[test]
fn time_counters_count_pulses_and_stalls() {
    let mut bench = Bench::new(&mixed());
    let before = bench.ledger();
    for _ in 0..7 {
        let even = bench.array.cycle.is_multiple_of(2);
        let u = &mut bench.array.uut;
        (u.byte_in.next, u.byte_out.next) = (true, even);
        bench.array.tick();
    }
    let u = &mut bench.array.uut;
    (u.byte_in.next, u.byte_out.next, u.frame_refused.next) = (false, false, true);
    bench.array.tick();
    let u = &mut bench.array.uut;
    (u.frame_refused.next, u.frame_resent.next) = (false, true);
    (0..2).for_each(|_| bench.array.tick());
    bench.array.uut.frame_resent.next = false;
    let increase = &bench.ledger() - &before;
    assert_eq!(increase.array(ArrayCounter::LinkBytesIn), 7);
    assert!((3..=4).contains(&increase.array(ArrayCounter::LinkBytesOut)));
    assert_eq!(increase.array(ArrayCounter::FramesRefused), 1);
    assert_eq!(increase.array(ArrayCounter::FramesResent), 2);
}
