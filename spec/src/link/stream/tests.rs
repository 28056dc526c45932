use super::*;
use crate::link::frame::MAX_PAYLOAD;
use proptest::collection::vec;
use proptest::prelude::*;

fn events(payloads: &[Vec<u8>], train: Train) -> Vec<Event> {
    let mut decoder = Decoder::new(train);
    payloads.iter().flat_map(|payload| decoder.read(payload)).collect()
}

fn expected(ticks: &[Vec<u16>]) -> Vec<Event> {
    ticks.iter().flat_map(|tick| tick.iter().map(|place| Event::Spike(*place)).chain([Event::Tick])).collect()
}

fn with_late(ticks: &[Vec<u16>], late: fn(usize) -> bool) -> Vec<Event> {
    let event = |(number, tick): (usize, &Vec<u16>)| {
        let spikes = tick.iter().map(|place| Event::Spike(*place)).collect::<Vec<_>>();
        spikes.into_iter().chain(late(number).then_some(Event::Late)).chain([Event::Tick])
    };
    ticks.iter().enumerate().flat_map(event).collect()
}

/// Ticks of a row of so many places, dense, sparse and silent ones.
fn any_ticks() -> impl Strategy<Value = (usize, Vec<Vec<u16>>)> {
    prop_oneof![Just(1), Just(2), 1..80usize, Just(512), 500..=4096usize].prop_flat_map(|places| {
        let place = 0..places as u16;
        let tick = prop_oneof![
            3 => Just(vec![]),
            3 => vec(place.clone(), 0..4),
            1 => vec(place.clone(), 0..80),
            1 => Just((0..places as u16).collect()),
            1 => Just((0..places as u16).step_by(2).collect()),
        ];
        vec(tick, 0..40).prop_map(move |ticks| (places, ticks))
    })
}

proptest! {
    #[test]
    fn ordered_trains_survive((places, ticks) in any_ticks(), exponent in 0u8..=MAX_EXPONENT) {
        let train = Train { places, unordered: false };
        let ticks: Vec<Vec<u16>> = ticks.into_iter().map(|mut t: Vec<u16>| { t.sort_unstable(); t.dedup(); t }).collect();
        let mut encoder = Encoder::new(train, exponent);
        for tick in &ticks {
            tick.iter().for_each(|place| encoder.spike(*place));
            encoder.tick();
        }
        let payloads = encoder.finish();
        prop_assert!(payloads.iter().all(|payload| !payload.is_empty() && payload.len() <= MAX_PAYLOAD));
        prop_assert_eq!(events(&payloads, train), expected(&ticks));
        let best = encode(train, &ticks);
        prop_assert!(best.iter().map(|(payload, _)| payload.len()).sum::<usize>() <= payloads.iter().map(Vec::len).sum());
        prop_assert_eq!(best.into_iter().flat_map(|(_, events)| events).collect::<Vec<_>>(), expected(&ticks));
    }

    #[test]
    fn unordered_trains_survive_in_their_order((places, ticks) in any_ticks(), finish in 1usize..9) {
        let train = Train { places, unordered: true };
        let is_late = |number: usize| number % 5 == 3;
        let mut encoder = Encoder::new(train, 4);
        let mut payloads = vec![];
        for (number, tick) in ticks.iter().enumerate() {
            tick.iter().for_each(|place| encoder.spike(*place));
            if is_late(number) {
                encoder.late();
            }
            encoder.tick();
            payloads.extend(encoder.take_whole());
            if number % finish == 0 {
                payloads.extend(encoder.finish());
            }
        }
        payloads.extend(encoder.finish());
        prop_assert!(payloads.iter().all(|payload| !payload.is_empty() && payload.len() <= MAX_PAYLOAD));
        prop_assert_eq!(events(&payloads, train), with_late(&ticks, is_late));
    }

    #[test]
    fn any_bytes_say_something_that_the_row_has(places in 1..=4096usize, unordered in any::<bool>(), payloads in vec(vec(any::<u8>(), 0..=MAX_PAYLOAD), 0..4)) {
        let said = events(&payloads, Train { places, unordered });
        prop_assert!(said.iter().all(|event| !matches!(event, Event::Spike(place) if usize::from(*place) >= places)));
    }
}

#[test]
fn payloads_bit_by_bit() {
    let train = Train { places: 16, unordered: false };
    let with = |exponent, ticks: &[&[u16]]| {
        let mut encoder = Encoder::new(train, exponent);
        for tick in ticks {
            tick.iter().for_each(|place| encoder.spike(*place));
            encoder.tick();
        }
        encoder.finish()
    };
    // Exponent 2, place 5 (0, 1, rest 01), then 3 times 0 to the end (6 + 12 = 18), and the 1 behind.
    assert_eq!(with(2, &[&[5]]), [vec![0b1010_0010, 0b0000_1000]]);
    // Exponent 0 is a bitmap: places 0, 2 and 3, then silence.
    assert_eq!(with(0, &[&[0, 2, 3]])[0][0], 0b1101_0000);
    // A silent tick at the largest exponent is one bit.
    assert_eq!(with(4, &[&[], &[]]), [vec![0b0100_0100]]);
}

/// Bits of a spike over the entropy of a train in which each place has one with this probability.
fn over_entropy(probability: f64, unordered: bool) -> f64 {
    let train = Train { places: 512, unordered };
    let mut state = 1u64;
    let mut happens = || {
        // Knuth's MMIX generator.
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 53) as f64 <= probability
    };
    let ticks: Vec<Vec<u16>> = (0..400).map(|_| (0..512).filter(|_| happens()).collect()).collect();
    let bytes: usize = encode(train, &ticks).iter().map(|(payload, _)| payload.len()).sum();
    let silent = 1.0 - probability;
    let entropy = -(probability * probability.log2() + silent * silent.log2()) * 512.0 * 400.0;
    8.0 * bytes as f64 / entropy
}

#[test]
fn random_trains_take_little_more_than_their_entropy() {
    for probability in [0.002, 0.01, 0.05, 0.2, 0.5] {
        for unordered in [false, true] {
            let ratio = over_entropy(probability, unordered);
            assert!((0.9..if unordered { 1.12 } else { 1.06 }).contains(&ratio), "{probability} {unordered}: {ratio}");
        }
    }
}
