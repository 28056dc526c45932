//! Words and addresses, bit by bit, and the arithmetic of a tick in numbers, worked out by hand.

use nernst_spec::memory::{Address, Route, Space, Word, parameter_word, route_word};
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset, chain_sum, clamp_limits, fire, leak, max_threshold, update};
use nernst_spec::{ArrayConfig, WeightBits};

const FOUR: WeightBits = WeightBits::Four;
const EIGHT: WeightBits = WeightBits::Eight;

#[test]
fn a_word_has_36_bits_and_travels_low_byte_first() {
    let word = Word::new(0xfff_f123_4567_89ab);
    assert_eq!((word.bits(), word.low(), word.high()), (0x3_4567_89ab, 0x4567_89ab, 3));
    assert_eq!(word.to_bytes(), [0xab, 0x89, 0x67, 0x45, 3]);
    assert_eq!(Word::from_bytes([0xab, 0x89, 0x67, 0x45, 0xf3]), word, "the bits above the word are ignored");
    assert_eq!(Word::from_weights(&[1, -1, 7], FOUR).bits(), 0x7f1);
    assert_eq!(Word::from_weights(&[1, -1, 127, -128], EIGHT).bits(), 0x807f_ff01);
    let row = Word::new(0x8_0000_00f7);
    assert_eq!([0, 1, 2, 8].map(|lane| row.weight(lane, FOUR)), [7, -1, 0, -8]);
    assert_eq!([0, 1, 3].map(|lane| Word::new(0x8000_7fff).weight(lane, EIGHT)), [-1, 127, -128]);
}

#[test]
fn fields_of_an_address_lie_side_by_side() {
    let addresses = [
        (Address::weights(3, 5, 7), 0x0030_1407, Some(Space::Weights), "Weights core 3 unit 5 row 7"),
        (Address::weights(255, 1023, 1023), 0x0fff_ffff, Some(Space::Weights), "Weights core 255 unit 1023 row 1023"),
        (Address::parameters(2, 1, 17), 0x1020_0411, Some(Space::Parameters), "Parameters core 2 unit 1 row 17"),
        (Address::route(0x12345), 0x2001_2345, Some(Space::Routes), "Routes core 0 index 74565"),
        (Address::input(9), 0x3000_0009, Some(Space::Inputs), "Inputs core 0 index 9"),
        (Address::membrane(4, 0xfffff), 0x404f_ffff, Some(Space::Membranes), "Membranes core 4 index 1048575"),
        (Address::ledger(1), 0x5000_0001, Some(Space::Ledger), "Ledger core 0 index 1"),
        (Address::settings(6), 0x6060_0000, Some(Space::Settings), "Settings core 6 index 0"),
        (Address::budget(22), 0x7000_0016, Some(Space::Budget), "Budget core 0 index 22"),
        (Address::PACE, 0x8000_0000, Some(Space::Pace), "Pace core 0 index 0"),
        (Address(0x9000_0000), 0x9000_0000, None, "address 0x90000000"),
    ];
    for (address, bits, space, name) in addresses {
        assert_eq!((address.0, address.space(), address.to_string()), (bits, space, name.to_string()));
        assert_eq!(format!("{address:?}"), name);
    }
    let address = Address(0x0fa5_5aa5);
    assert_eq!((address.core(), address.unit(), address.row(), address.index()), (0xfa, 0x156, 0x2a5, 0x5_5aa5));
    assert_eq!(Address::weights(0, 0, 1023).offset(1), Address::weights(0, 1, 0));
    assert_eq!(Address(u32::MAX).offset(2), Address(1));
    let read_only: Vec<Space> = Space::ALL.into_iter().filter(|space| !space.is_writable()).collect();
    assert_eq!(read_only, [Space::Membranes, Space::Ledger]);
}

#[test]
fn what_belongs_to_the_array_has_core_0() {
    let config = ArrayConfig::ready("tiny").unwrap();
    for (address, exists) in [
        (Address::settings(1).offset(1), true),
        (Address::settings(1).offset(2), false),
        (Address::settings(2), false),
        (Address::budget(22), true),
        (Address::budget(23), false),
        (Address::ledger(nernst_spec::ledger::words(&config) - 1), true),
        (Address::ledger(nernst_spec::ledger::words(&config)), false),
        (Address::PACE, false),
    ] {
        assert_eq!(address.exists(&config), exists, "{address}");
    }
    for first in [Address::route(0), Address::input(0), Address::ledger(0), Address::budget(0)] {
        assert!(first.exists(&config) && !Address(first.0 | 1 << Address::CORE_SHIFT).exists(&config), "{first}");
    }
}

#[test]
fn parameters_and_routes_have_their_bits() {
    let subtract = Parameters { threshold: 0x2_1234, leak: 0x155, reset: Reset::Subtract };
    assert_eq!(Word::from(subtract).bits(), 1 << 28 | 0x155 << 18 | 0x2_1234);
    let too_large = Parameters { threshold: 1 << 18 | 5, leak: 1 << 10 | 3, reset: Reset::Zero };
    assert_eq!(Word::from(too_large).bits(), 3 << 18 | 5, "fields do not run over");
    assert_eq!(parameter_word::THRESHOLD_BITS, parameter_word::LEAK_SHIFT);
    let route = Route { cores: 0x8001, axon: 0x2ab, delay: 9, host: true };
    assert_eq!(Word::from(route).bits(), 0x8001 << 16 | 1 << 14 | 1 << 13 | 9 << 9 | 0xab);
    assert_eq!(Route::from(Word::new(0x8001 << 16 | 1 << 14 | 1 << 13 | 9 << 9 | 0xab)), route);
    let one_bank = Route { axon: 0x1ff, host: false, ..route };
    assert_eq!(Word::from(one_bank).bits(), 0x8001 << 16 | 9 << 9 | 0x1ff);
    assert_eq!((route_word::low_bits(1), route_word::low_bits(2)), (14, 15));
    assert_eq!((route_word::kept(2, 1), route_word::kept(16, 2)), (0x3_3fff, 0xffff_7fff));
}

#[test]
fn parameters_fit_up_to_the_ends_of_their_ranges() {
    let fits = |threshold, leak, bits| Parameters { threshold, leak, reset: Reset::Zero }.fit(bits);
    assert_eq!((max_threshold(FOUR), max_threshold(EIGHT)), (16_383, 131_071));
    assert!(fits(1, 0, FOUR) && fits(16_383, 512, FOUR) && fits(131_071, 512, EIGHT));
    assert!(!fits(0, 0, FOUR) && !fits(16_384, 0, FOUR) && !fits(1, 513, FOUR) && !fits(131_072, 0, EIGHT));
    assert_eq!(Parameters::silent(FOUR), Parameters { threshold: 16_383, leak: 0, reset: Reset::Zero });
}

#[test]
fn a_tick_in_numbers() {
    assert_eq!((clamp_limits(FOUR), clamp_limits(EIGHT)), ((-12_288, 12_287), (-65_536, 65_535)));
    let neuron = |reset| Parameters { threshold: 10, leak: 256, reset };
    let (zero, subtract) = (neuron(Reset::Zero), neuron(Reset::Subtract));
    assert_eq!((fire(9, &zero), fire(10, &zero), fire(13, &zero)), ((false, 9), (true, 0), (true, 0)));
    assert_eq!((fire(9, &subtract), fire(10, &subtract), fire(13, &subtract)), ((false, 9), (true, 0), (true, 3)));
    // Half of it, rounded toward zero.
    assert_eq!([7, -7, 1, -1].map(|v| leak(v, 256, FOUR)), [3, -3, 0, 0]);
    assert_eq!([12_287, 12_288, -12_288, -12_289].map(|v| leak(v, LEAK_ONE, FOUR)), [12_287, 12_287, -12_288, -12_288]);
    assert_eq!([65_536, -65_537].map(|v| leak(v, LEAK_ONE, EIGHT)), [65_535, -65_536]);
    assert_eq!((update(9, &zero, FOUR), update(25, &subtract, FOUR)), ((false, 4), (true, 7)));
    // Sums of a chain: 16 bits that wrap around, 18 bits that do not.
    assert_eq!([32_767, 32_768, -32_769].map(|sum| chain_sum(sum, FOUR)), [32_767, -32_768, 32_767]);
    assert_eq!(
        [131_071, 131_072, -131_072, -131_073].map(|sum| chain_sum(sum, EIGHT)),
        [131_071, 131_071, -131_072, -131_072]
    );
    assert_eq!([524_287, 524_288].map(|sum| chain_sum(sum, EIGHT)), [131_071, -131_072]);
}
