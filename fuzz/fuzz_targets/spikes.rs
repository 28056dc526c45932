//! Payloads of spikes in either direction. What they say, written again, says the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nernst_spec::link::stream::{Adaptation, Decoder, Event, Train, payloads};

fuzz_target!(|input: (u16, bool, u8, Vec<Vec<u8>>)| {
    let (places, unordered, exponent, read) = input;
    let train = Train { places: 1 + usize::from(places) % 4096, unordered };
    let mut decoder = Decoder::new(train);
    let mut events: Vec<Event> = read.iter().flat_map(|payload| decoder.read(payload)).collect();
    let ends = |event: &Event| *event == Event::Tick;
    events.truncate(events.iter().rposition(ends).map_or(0, |last| last + 1));
    // A writer says that a tick was late at its end, and one of an ordered train puts spikes in order.
    let as_written = |pair: &[Event]| match (pair[0], pair[1]) {
        (Event::Late, next) => next == Event::Tick,
        (Event::Spike(place), Event::Spike(next)) => unordered || place < next,
        _ => true,
    };
    if !events.windows(2).all(as_written) {
        return;
    }
    let mut decoder = Decoder::new(train);
    let written = payloads(train, exponent % (Adaptation::limit(&train) + 1), events.iter().copied());
    let again: Vec<Event> = written.iter().flat_map(|payload| decoder.read(payload)).collect();
    assert!(again == events, "{train:?}: {events:?} became {again:?}");
});
