//! The array alone against the reference model, and the phases of its ticks against clocks and counters.

use crate::common::networks::{image, mixed, spikes, with_banks, with_chains, with_contexts};
use nernst_sim::rtl_array::{Phase, RtlArrayError};
use nernst_sim::{ReferenceArray, RtlArray};
use nernst_spec::ledger::{ArrayCounter, Class, CoreCounter};
use nernst_spec::link::message::{RESET_LEDGER, RESET_STATE};
use nernst_spec::memory::Address;
use nernst_spec::{ArrayConfig, Contexts, Image, Ledger};
use rust_hdl_bsp_ecp5::cosim::compared;

/// Networks of each configuration.
const NETWORKS: u64 = 8;
const TICKS: usize = 25;

#[test]
fn networks_count_like_the_model_and_every_clock_has_a_phase() {
    let ready = |name| ArrayConfig::ready(name).unwrap();
    for config in [ready("tiny"), mixed(), with_contexts(), with_banks(), with_chains(), ready("tiny-int8")] {
        let mut array = RtlArray::new(&config).unwrap();
        let mut all = Ledger::new(config.cores.len());
        // One after the other in the same array: nothing of a network may be left for the next.
        for seed in 0..NETWORKS {
            let ledger = like_the_model(&mut array, &image(&config, seed), seed);
            ArrayCounter::ALL.iter().for_each(|&counter| all.count(counter, ledger.array(counter)));
            for core in 0..config.cores.len() {
                CoreCounter::ALL.iter().for_each(|&counter| all.count_core(core, counter, ledger.core(core, counter)));
            }
        }
        compared(
            "clocks of every tick by phase, beside the model",
            format!("{}: {NETWORKS} networks, {TICKS} ticks each", config.name),
        );
        // Counters that stay 0 are compared for nothing.
        let most = config.cores.iter().map(|core| core.contexts).max();
        let can_be_more = |name: &str| most > Some(Contexts::ONE) || name != CoreCounter::ContextLoads.name();
        for &counter in CoreCounter::ALL.iter().filter(|counter| can_be_more(counter.name())) {
            assert!(all.total(counter) > 0, "{} of {} networks of {}", counter.name(), NETWORKS, config.name);
        }
        for (name, _, value) in
            all.named().filter(|(name, class, _)| *class == Class::Activity && !name.contains("core"))
        {
            assert!(value > 0, "{name} of {} networks of {}", NETWORKS, config.name);
        }
    }
}

/// Runs a network in an array whose memory may hold another, and compares every spike, every activity counter, and the
/// membranes at the end.
fn like_the_model(array: &mut RtlArray, image: &Image, seed: u64) -> Ledger {
    let config = &image.config;
    array.load(image).unwrap();
    array.reset(RESET_STATE | RESET_LEDGER).unwrap();
    let mut model = ReferenceArray::new(config);
    model.load(image).unwrap();
    let (mut events, mut routed) = (0, 0);
    for (number, lines) in spikes(config, seed, TICKS).iter().enumerate() {
        lines.iter().for_each(|&line| model.input(line).unwrap());
        let expected = model.tick();
        let begin = array.clocks();
        let mut tick = array.tick(lines).unwrap();
        tick.spikes.sort_unstable();
        assert_eq!(tick.spikes, expected, "{} seed {seed}, tick {number}", config.name);
        assert_eq!(tick.input_clocks, lines.len() as u64, "one input spike a clock");
        assert_eq!(array.clocks() - begin, tick.input_clocks + 1 + tick.split.total());
        assert_eq!(tick.last_spike.is_some(), !tick.spikes.is_empty());
        events += tick.events;
        routed += tick.split.of(Phase::Route);
    }
    let ledger = array.ledger().unwrap();
    assert_eq!(ledger.differences(&model.ledger()), [], "{} seed {seed}", config.name);
    for (core, shape) in config.cores.iter().enumerate() {
        let places = image.cores[core].contexts.membranes(core, shape);
        let addresses = places.into_iter().flat_map(|(first, count)| (0..count).map(move |n| first.offset(n)));
        let membranes: Vec<i32> = addresses.map(|address| array.read(address).unwrap().low() as i32).collect();
        assert_eq!(membranes, model.membranes(core), "{} seed {seed}, membranes of core {core}", config.name);
    }
    assert_eq!(events, ledger.total(CoreCounter::Events));
    assert!(events > 0 && routed > 0, "a network that does nothing tests nothing");
    assert!(ledger.maximum(CoreCounter::BusyClocks) <= ledger.array(ArrayCounter::TickClocks));
    assert!(ledger.array(ArrayCounter::TickClocks) <= ledger.array(ArrayCounter::Clocks));
    ledger
}

#[test]
fn words_are_read_back_and_a_foreign_image_is_refused() {
    let config = mixed();
    let mut array = RtlArray::new(&config).unwrap();
    let image = image(&config, 3);
    array.load(&image).unwrap();
    for (first, words) in image.blocks() {
        for offset in [0, words.len() - 1] {
            assert_eq!(array.read(first.offset(offset)).unwrap(), words[offset], "{first} + {offset}");
        }
    }
    assert_eq!(array.read(Address::membrane(0, 0)).unwrap().low(), 0);
    let foreign = Image::empty("foreign", &ArrayConfig::ready("tiny").unwrap());
    assert!(matches!(array.load(&foreign), Err(RtlArrayError::Shape { .. })));
}
