//! The array alone against the reference model, and the phases of its ticks against clocks and counters.

use crate::common::networks::{image, mixed, spikes, with_banks, with_contexts};
use nernst_sim::rtl_array::{Phase, RtlArrayError};
use nernst_sim::{ReferenceArray, RtlArray};
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::link::message::{RESET_LEDGER, RESET_STATE};
use nernst_spec::memory::Address;
use nernst_spec::{ArrayConfig, Image};

#[test]
fn ticks_are_those_of_the_model_and_every_clock_has_a_phase() {
    like_the_model(&mixed());
    like_the_model(&with_contexts());
    like_the_model(&with_banks());
}

fn like_the_model(config: &ArrayConfig) {
    let mut array = RtlArray::new(config).unwrap();
    // One after the other in the same array: nothing of a network may be left for the next.
    for seed in 1..6 {
        let image = image(config, seed);
        array.load(&image).unwrap();
        array.reset(RESET_STATE | RESET_LEDGER).unwrap();
        let mut model = ReferenceArray::new(config);
        model.load(&image).unwrap();
        let (mut events, mut routed) = (0, 0);
        for (number, lines) in spikes(config, seed, 60).iter().enumerate() {
            lines.iter().for_each(|&line| model.input(line).unwrap());
            let expected = model.tick();
            let begin = array.clocks();
            let mut tick = array.tick(lines).unwrap();
            tick.spikes.sort_unstable();
            assert_eq!(tick.spikes, expected, "seed {seed}, tick {number}");
            assert_eq!(tick.input_clocks, lines.len() as u64, "one input spike a clock");
            assert_eq!(array.clocks() - begin, tick.input_clocks + 1 + tick.split.total());
            assert_eq!(tick.last_spike.is_some(), !tick.spikes.is_empty());
            events += tick.events;
            routed += tick.split.of(Phase::Route);
        }
        let ledger = array.ledger().unwrap();
        assert_eq!(ledger.differences(&model.ledger()), []);
        assert_eq!(events, ledger.total(CoreCounter::Events));
        assert!(events > 0 && routed > 0 && ledger.array(ArrayCounter::HostSpikesOut) > 0);
    }
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
