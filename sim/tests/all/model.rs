//! The reference model keeps the contract.

use crate::common::naive::Naive;
use crate::common::networks::{self, mixed, with_banks, with_chains, with_contexts};
use nernst_sim::{AccessError, LoadError, ReferenceArray};
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::link::message::{RESET_LEDGER, RESET_MEMORY, RESET_STATE};
use nernst_spec::memory::{Address, Route, Word};
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset};
use nernst_spec::{ArrayConfig, Image, Ledger, timing};
use proptest::prelude::*;

fn loaded(image: &Image) -> ReferenceArray {
    let mut array = ReferenceArray::new(&image.config);
    array.load(image).unwrap();
    array
}

/// Host spikes of each tick.
fn run(array: &mut ReferenceArray, ticks: &[Vec<u16>]) -> Vec<Vec<u16>> {
    let mut tick = |lines: &Vec<u16>| {
        lines.iter().for_each(|&line| array.input(line).unwrap());
        array.tick()
    };
    ticks.iter().map(&mut tick).collect()
}

/// One neuron that fires on each event: neuron 0 of core 0 hears input line 0, with the given routes.
fn relay(input: Route, neuron: Route) -> Image {
    let mut image = Image::empty("relay", &ArrayConfig::ready("tiny").unwrap());
    for core in &mut image.cores {
        let mut row = vec![0; 36];
        row[0] = 5;
        core.rows.insert(9, row);
        core.parameters[0] = Parameters { threshold: 5, leak: 0, reset: Reset::Zero };
    }
    image.inputs = vec![input];
    image.cores[0].routes[0] = neuron;
    image.cores[1].routes[0] = Route { host: true, ..Route::default() };
    image
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_model_equals_a_naive_second_implementation(seed: u64, kind in 0usize..5) {
        // Chains have more to go wrong.
        let image = networks::image(&[mixed, with_contexts, with_banks, with_chains, with_chains][kind](), seed);
        let mut array = loaded(&image);
        let mut naive = Naive::new(&image);
        let mut spikes = 0;
        for (number, lines) in networks::spikes(&image.config, seed, 40).iter().enumerate() {
            for &line in lines {
                array.input(line).unwrap();
                naive.input(line);
            }
            let fired = array.tick();
            spikes += fired.len();
            prop_assert_eq!(fired, naive.tick(), "tick {}", number);
            for (core, membranes) in naive.membranes.iter().enumerate() {
                let ours = array.membranes(core);
                prop_assert!(membranes.iter().eq(ours.iter().map(|&v| v as i64).collect::<Vec<_>>().iter()), "{:?}", ours);
            }
            prop_assert_eq!(array.ledger(), naive.ledger.clone(), "tick {}", number);
        }
        prop_assert!(spikes > 0, "a network that does nothing tests nothing");
    }

    #[test]
    fn the_order_of_events_does_not_matter(seed: u64) {
        let image = networks::image(&mixed(), seed);
        let ticks = networks::spikes(&image.config, seed, 20);
        let backwards: Vec<Vec<u16>> = ticks.iter().map(|lines| lines.iter().rev().copied().collect()).collect();
        let (mut one, mut other) = (loaded(&image), loaded(&image));
        prop_assert_eq!(run(&mut one, &ticks), run(&mut other, &backwards));
        prop_assert_eq!(one.ledger(), other.ledger());
    }

    #[test]
    fn every_word_is_read_back_as_it_was_written(bits: u64, tile in 0usize..4, axon in 0usize..512) {
        let mut array = ReferenceArray::new(&ArrayConfig::ready("tiny-int8").unwrap());
        let address = Address::weights(1, tile, axon);
        array.write(address, Word::new(bits)).unwrap();
        prop_assert_eq!(array.read(address), Ok(Word::new(bits)));
        prop_assert_eq!(array.read(Address::weights(0, tile, axon)), Ok(Word::default()));
    }
}

#[test]
fn an_input_spike_is_due_after_its_delay() {
    for delay in 0..16 {
        let image = relay(
            Route { cores: 0b01, axon: 9, delay, host: false },
            Route { cores: 0, axon: 0, delay: 0, host: true },
        );
        // From any slot of the scheduler.
        for start in 0..16 {
            let mut array = loaded(&image);
            run(&mut array, &vec![vec![]; start]);
            array.input(0).unwrap();
            let fired: Vec<usize> = (0..40).filter(|_| array.tick() == [0]).collect();
            assert_eq!(fired, [delay as usize], "from tick {start}");
        }
    }
}

#[test]
fn a_neurons_spike_is_due_after_its_delay() {
    for delay in 1..16 {
        let image = relay(
            Route { cores: 0b01, axon: 9, delay: 0, host: false },
            Route { cores: 0b10, axon: 9, delay, host: false },
        );
        let mut array = loaded(&image);
        array.input(0).unwrap();
        let fired: Vec<usize> = (0..40).filter(|_| array.tick() == [36]).collect();
        assert_eq!(fired, [delay as usize]);
    }
}

#[test]
fn a_neuron_can_excite_itself_for_ever() {
    let image = relay(
        Route { cores: 0b01, axon: 9, delay: 0, host: false },
        Route { cores: 0b01, axon: 9, delay: 3, host: true },
    );
    let mut array = loaded(&image);
    array.input(0).unwrap();
    let fired: Vec<usize> = (0..100).filter(|_| !array.tick().is_empty()).collect();
    assert_eq!(fired, (0..100).step_by(3).collect::<Vec<_>>());
}

#[test]
fn several_spikes_on_one_axon_in_one_tick_are_one_event() {
    let image = relay(Route { cores: 0b11, axon: 9, delay: 0, host: false }, Route { host: true, ..Route::default() });
    let mut array = loaded(&image);
    (0..3).for_each(|_| array.input(0).unwrap());
    assert_eq!(array.tick(), [0, 36]);
    let ledger = array.ledger();
    assert_eq!(ledger.array(ArrayCounter::HostSpikesIn), 3);
    assert_eq!(ledger.array(ArrayCounter::BusTransfers), 3);
    assert_eq!(ledger.array(ArrayCounter::BusDestinations), 6);
    assert_eq!(ledger.total(CoreCounter::Events), 2);
    assert_eq!(ledger.core(0, CoreCounter::RowsFetched), 4);
    assert_eq!(ledger.core(0, CoreCounter::SynapticOperations), 36);
}

#[test]
fn every_axon_of_two_banks_at_once_is_added_in_the_clocks_of_one() {
    let mut config = ArrayConfig::ready("25f-banked").unwrap();
    config.cores.truncate(1);
    config.cores[0].tiles = 3;
    config.inputs = 1024;
    let mut image = Image::empty("all", &config);
    image.inputs = (0..1024).map(|axon| Route { cores: 1, axon, delay: 0, host: false }).collect();
    let neurons = config.cores[0].neurons();
    image.cores[0].rows = (0..1024).map(|axon| (axon, vec![if axon % 2 == 0 { -8 } else { 7 }; neurons])).collect();
    image.cores[0].parameters.fill(Parameters { threshold: 1, leak: LEAK_ONE, reset: Reset::Zero });
    let mut array = loaded(&image);
    assert_eq!(run(&mut array, &[(0..1024).collect()]), [Vec::<u16>::new()]);
    assert_eq!(array.membranes(0), vec![-512; neurons]);
    assert_eq!(array.ledger().core(0, CoreCounter::Events), 1024);
    assert_eq!(array.ledger().core(0, CoreCounter::BusyClocks), 512 + 11 + timing::turn_clocks(&config.cores[0]));
    // A membrane at the end of its range takes all of them.
    image.cores[0].rows.values_mut().for_each(|row| row.fill(-8));
    let mut array = loaded(&image);
    run(&mut array, &vec![(0..1024).collect(); 3]);
    assert_eq!(array.membranes(0), vec![-12288; neurons]);
}

#[test]
fn a_core_has_no_event_on_an_axon_that_it_does_not_have() {
    let mut config = ArrayConfig::ready("tiny").unwrap();
    config.cores[1].banks = 2;
    let mut array = ReferenceArray::new(&config);
    array.write(Address::input(0), Route { cores: 0b11, axon: 512, delay: 0, host: false }.into()).unwrap();
    array.input(0).unwrap();
    array.tick();
    assert_eq!(array.ledger().core(0, CoreCounter::Events), 0);
    assert_eq!(array.ledger().core(1, CoreCounter::Events), 1);
}

#[test]
fn a_core_without_work_does_not_turn() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let mut array = ReferenceArray::new(&config);
    // A cleared array has thresholds of 0, which any update would reach.
    array.write(Address::route(config.turn_of(0)), Route { host: true, ..Route::default() }.into()).unwrap();
    assert!(array.tick().is_empty());
    assert_eq!(array.ledger().total(CoreCounter::NeuronUpdates), 0);
    array.write(Address::input(0), Route { cores: 1, axon: 0, delay: 0, host: false }.into()).unwrap();
    array.input(0).unwrap();
    assert_eq!(array.tick(), [0]);
    assert_eq!(array.ledger().core(0, CoreCounter::NeuronUpdates), 36);
    assert_eq!(array.ledger().core(1, CoreCounter::NeuronUpdates), 0);
}

#[test]
fn a_reset_clears_what_it_names_and_nothing_else() {
    let image = networks::image(&mixed(), 1);
    let ticks = networks::spikes(&image.config, 1, 10);
    let mut fresh = loaded(&image);
    let expected = run(&mut fresh, &ticks);
    let ledger = fresh.ledger();

    let mut array = loaded(&image);
    run(&mut array, &ticks);
    array.snapshot();
    array.reset(RESET_STATE);
    assert_eq!(array.tick_number(), 0);
    assert_eq!(array.ledger(), ledger);
    assert_eq!(run(&mut array, &ticks), expected, "the network stays");
    assert_eq!((&array.ledger() - &ledger).differences(&ledger), []);

    let membranes = array.membranes(0).to_vec();
    array.reset(RESET_LEDGER);
    assert_eq!(array.ledger(), Ledger::new(3));
    assert_eq!(array.membranes(0), membranes);
    assert_eq!(array.read(Address::ledger(0)), Ok(Word::new(10)), "the snapshot stays");

    array.reset(RESET_MEMORY);
    assert_eq!(array.membranes(0), membranes);
    let empty = ReferenceArray::new(&image.config);
    for (first, words) in image.blocks() {
        for offset in 0..words.len() {
            assert_eq!(array.read(first.offset(offset)), empty.read(first.offset(offset)));
        }
    }
}

#[test]
fn what_the_array_does_not_have_is_refused() {
    let mut array = ReferenceArray::new(&ArrayConfig::ready("tiny").unwrap());
    let missing = Address::weights(2, 0, 0);
    assert_eq!(array.read(missing), Err(AccessError::Missing(missing)));
    assert_eq!(array.write(missing, Word::default()), Err(AccessError::Missing(missing)));
    for address in [Address::membrane(0, 0), Address::ledger(3)] {
        assert_eq!(array.write(address, Word::default()), Err(AccessError::ReadOnly(address)));
    }
    assert_eq!(array.input(64), Err(AccessError::Input { line: 64, lines: 64 }));
    assert_eq!(array.ledger().array(ArrayCounter::HostSpikesIn), 0);
    let other = Image::empty("net", &ArrayConfig::ready("25f").unwrap());
    assert!(matches!(array.load(&other), Err(LoadError::Shape { .. })));
}
