//! Numbers that follow from the shape of an array, worked out by hand, and the limits of shapes, to the last that is allowed.

use nernst_spec::budget::{Budget, FIRST_PRICE, MAX_LEFT, PRICES, WORDS, of_array, of_cores};
use nernst_spec::encoding::lines;
use nernst_spec::geometry::route_banks;
use nernst_spec::ledger::{ArrayCounter, CoreCounter, HALF_BITS};
use nernst_spec::memory::{Address, Word};
use nernst_spec::timing::{
    GROUPS, banks_clocks, context_walk_clocks, group_clocks, load_clocks, turn_clocks, walk_clocks,
};
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, Identity, WeightBits, pace};

fn core(tiles: usize, tiles_per_unit: usize, weight_bits: WeightBits) -> CoreConfig {
    CoreConfig { tiles, tiles_per_unit, weight_bits, contexts: Contexts::ONE, banks: 1, chain: false }
}

fn array(cores: Vec<CoreConfig>) -> ArrayConfig {
    ArrayConfig { name: "shape".into(), clock_hz: 48_000_000, baud: 3_000_000, inputs: 100, cores }
}

/// Why it cannot be.
fn refusal(config: &ArrayConfig) -> String {
    config.check().expect_err("it is within all limits").to_string()
}

#[test]
fn ready_configurations_have_the_sizes_that_their_files_say() {
    // Name, neurons, lanes, block RAMs, operations of a clock, routes, places of routes, lines with values.
    let sizes = [
        ("tiny", 72, 72, 8, 72, 136, 2048, 64),
        ("25f-int8", 192, 192, 48, 192, 704, 2048, 512),
        ("25f-contexts", 1728, 432, 48, 432, 1984, 2048, 64),
        ("25f-banked", 216, 216, 48, 432, 1240, 2048, 512),
    ];
    for (name, neurons, lanes_, block_rams, peak, routes, places, values) in sizes {
        let config = ArrayConfig::ready(name).unwrap();
        let found = (config.neurons(), config.lanes(), config.block_rams(), config.peak());
        assert_eq!(found, (neurons, lanes_, block_rams, peak), "{name}");
        assert_eq!((config.routes(), config.route_places(), lines(&config)), (routes, places, values), "{name}");
        assert_eq!(config.banks(), if name == "25f-banked" { 2 } else { 1 });
        assert!(!config.has_chains(), "{name}");
    }
    assert!(ArrayConfig::ready("25f-chained").unwrap().has_chains());
    assert_eq!([1, 2048, 2049, 4096, 4097].map(route_banks), [1, 1, 2, 2, 4]);
    let full = ArrayConfig { inputs: 2048 - 72, ..ArrayConfig::ready("tiny").unwrap() };
    assert_eq!(lines(&full), 0, "routes leave no place");
}

#[test]
fn precisions_have_their_ranges() {
    for (bits, lanes, membrane, range) in [(WeightBits::Four, 9, 15, (-8, 7)), (WeightBits::Eight, 4, 18, (-128, 127))]
    {
        assert_eq!((bits.lanes(), bits.membrane_bits()), (lanes, membrane));
        assert_eq!((bits.min_weight(), bits.max_weight()), range);
        assert_eq!(bits.to_string(), format!("INT{}", bits.bits()));
        assert_eq!(WeightBits::try_from(u8::from(bits)), Ok(bits));
    }
    let banked = CoreConfig { banks: 2, ..core(4, 2, WeightBits::Four) };
    assert_eq!((banked.axons(), banked.membrane_bits(), banked.block_rams()), (1024, 16, 8));
}

#[test]
fn the_last_places_of_all_rings_turn_first() {
    // Two rings of 18.
    let shape = core(4, 2, WeightBits::Four);
    assert_eq!((shape.neurons(), shape.ring(), shape.units()), (36, 18, 2));
    for (turn, neuron) in [(0, 17), (1, 35), (2, 16), (3, 34), (34, 0), (35, 18)] {
        assert_eq!((shape.at_turn(turn), shape.turn_of(neuron)), (neuron, turn));
    }
    // Context after context.
    let contexts = CoreConfig { contexts: Contexts::MOST, ..shape };
    assert_eq!(contexts.all_neurons(), 288);
    assert_eq!((contexts.at_turn(36), contexts.turn_of(53)), (53, 36));
    // Core after core.
    let config = array(vec![shape, contexts, shape]);
    assert_eq!((config.first_neuron(1), config.first_neuron(2), config.neurons()), (36, 324, 360));
    assert_eq!((config.locate(35), config.locate(36)), (Some((0, 35)), Some((1, 0))));
    assert_eq!((config.locate(323), config.locate(324), config.locate(360)), (Some((1, 287)), Some((2, 0)), None));
    assert_eq!((config.at_turn(324), config.turn_of(341)), (341, 324));
    assert_eq!((config.at_turn(360), config.turn_of(361)), (360, 361));
}

#[test]
fn limits_are_allowed_and_no_more() {
    let shape = core(1, 1, WeightBits::Eight);
    let of = |core: CoreConfig| array(vec![core]);
    for allowed in [
        of(core(48, 3, WeightBits::Four)),
        of(core(16, 1, WeightBits::Four)),
        of(core(3, 3, WeightBits::Eight)),
        array(vec![shape; 16]),
        // 4,096 neurons.
        array(vec![CoreConfig { contexts: Contexts::from_log2(2), ..core(16, 1, WeightBits::Eight) }; 16]),
        ArrayConfig { inputs: 1, ..of(shape) },
        ArrayConfig { inputs: 4096, ..of(shape) },
        ArrayConfig { baud: 12_000_000, ..of(shape) },
        ArrayConfig { name: "n".repeat(16), ..of(shape) },
    ] {
        assert_eq!(allowed.check(), Ok(()), "{allowed:?}");
    }
    let mut large = array(vec![CoreConfig { contexts: Contexts::from_log2(2), ..core(16, 1, WeightBits::Eight) }; 15]);
    large.cores.push(CoreConfig { contexts: Contexts::from_log2(3), ..core(9, 1, WeightBits::Eight) });
    for (refused, words) in [
        (of(core(49, 1, WeightBits::Four)), "has 49 tiles: a core has 1 to 48"),
        (of(core(0, 1, WeightBits::Four)), "has 0 tiles"),
        (of(core(17, 1, WeightBits::Four)), "17 neuron units"),
        (of(core(4, 4, WeightBits::Four)), "4 to a neuron unit; a unit serves 1 to 3"),
        (of(core(4, 0, WeightBits::Four)), "0 to a neuron unit"),
        (of(core(4, 3, WeightBits::Four)), "the tiles must divide"),
        (of(CoreConfig { banks: 0, ..shape }), "0 banks"),
        (array(vec![]), "0 cores"),
        (array(vec![shape; 17]), "17 cores"),
        (large, "4128 neurons: an array has at most 4096"),
        (ArrayConfig { inputs: 0, ..of(shape) }, "0 input lines"),
        (ArrayConfig { inputs: 4097, ..of(shape) }, "4097 input lines: an array has 1 to 4096"),
        (ArrayConfig { baud: 0, ..of(shape) }, "0 baud"),
        (ArrayConfig { baud: 12_000_001, ..of(shape) }, "at least 4 clocks a bit"),
        (ArrayConfig { name: "n".repeat(17), ..of(shape) }, "1 to 16 ASCII"),
        (ArrayConfig { name: String::new(), ..of(shape) }, "1 to 16 ASCII"),
        (ArrayConfig { name: "größe".into(), ..of(shape) }, "1 to 16 ASCII"),
    ] {
        let error = refusal(&refused);
        assert!(error.contains(words) && error.contains(&format!("`{}`", refused.name)), "`{words}`: {error}");
    }
}

#[test]
fn membranes_are_where_the_contexts_keep_them() {
    let shape = CoreConfig { contexts: Contexts::MOST, ..core(2, 1, WeightBits::Eight) };
    assert_eq!(Contexts::ONE.membranes(3, &shape), [(Address::membrane(3, 0), 8)]);
    let two = Contexts::from_log2(1);
    let rows = [(0, 248), (1, 248), (0, 504), (1, 504)];
    assert_eq!(two.membranes(3, &shape), rows.map(|(tile, row)| (Address::weights(3, tile, row), 4)));
    assert_eq!((two.axons(&shape), Contexts::ONE.axons(&shape)), (248, 512));
    assert_eq!([0, 255, 256, 511].map(|row| two.of_row(row)), [0, 0, 1, 1]);
    assert_eq!(
        [247, 248, 255, 256, 503, 504].map(|row| two.is_state(&shape, row)),
        [false, true, true, false, false, true]
    );
    assert!(!Contexts::ONE.is_state(&shape, 511));
    assert_eq!([1, 2, 4, 8].map(|count| Contexts::try_from(count).unwrap().to_string()), ["1", "2", "4", "8"]);
}

#[test]
fn phases_take_the_clocks_that_their_definition_says() {
    let words = [
        (0, 0, 1),
        (0b1011, 0, 3),
        (1 | 1 << 63, 0, 2),
        (u64::MAX, 0, 64),
        // Dense words: their axons, one clock more where none is silent, or all.
        (0, 1, 17),
        (0xffff, 1, 17),
        (0x00ff, 1, 16),
        (0xffff_0000, 2, 17),
        (1 << 48, 8, 16),
        (u64::MAX, 0xf, 68),
    ];
    for (events, dense, clocks) in words {
        assert_eq!(group_clocks(events, dense), clocks, "{events:x}, {dense:x}");
    }
    assert_eq!((walk_clocks([1; GROUPS]), context_walk_clocks([1, 1])), (19, 11));
    assert_eq!((banks_clocks(&[]), banks_clocks(&[1; 8]), banks_clocks(&[[1; 8], [2; 8]].concat())), (0, 19, 27));
    let shape = core(4, 2, WeightBits::Four);
    assert_eq!((turn_clocks(&shape), load_clocks(&shape)), (29, 40));
}

#[test]
fn an_identity_has_its_bytes_where_they_are_documented() {
    let chained = CoreConfig { chain: true, ..core(6, 2, WeightBits::Four) };
    let contexts = CoreConfig { contexts: Contexts::from_log2(2), ..core(5, 1, WeightBits::Eight) };
    let mut config = array(vec![chained, contexts]);
    (config.clock_hz, config.baud, config.inputs) = (0x0302_0100 + 0x1000_0000, 0x0010_2030, 0x0304);
    let bytes = Identity::new(&config).to_bytes();
    assert_eq!(bytes.len(), 42);
    assert_eq!((&bytes[1..6], &bytes[6..17]), (&b"shape"[..], &[0; 11][..]));
    assert_eq!((&bytes[21..25], &bytes[25..29]), (&[0, 1, 2, 0x13][..], &[0x30, 0x20, 0x10, 0][..]));
    assert_eq!(bytes[29..], [4, 3, 2, 6, 2, 4, 1, 0x81, 5, 1, 8, 4, 1]);
    // Builds of other arrays are others.
    assert_ne!(Identity::new(&config).build, Identity::new(&array(vec![chained])).build);
    assert_eq!(Identity::from_bytes(&bytes).unwrap().config, config);
    // A name that takes all its bytes.
    config.name = "sixteen-letters-".into();
    assert_eq!(Identity::from_bytes(&Identity::new(&config).to_bytes()).unwrap().config, config);
}

#[test]
fn halves_of_a_budget_are_written_apart() {
    let low = (1i64 << HALF_BITS) - 1;
    let mut budget = Budget { left: -1, ..Budget::default() };
    budget.write(0, Word::new(5));
    assert_eq!(budget.left, !low | 5);
    budget.write(1, Word::new(3));
    assert_eq!((budget.left, budget.armed), (3 << HALF_BITS | 5, false));
    budget.write(1, Word::new(3 | 1 << 24));
    assert!(budget.armed);
    budget.write(1, Word::new(0x80_0000));
    assert_eq!((budget.left, budget.armed), (i64::MIN >> 16 | 5, false));
    budget.write(FIRST_PRICE + 7, Word::new(0xffff));
    assert_eq!(budget.prices[7], 0x7fff, "a price has 15 bits");
    // What is read: halves, and no prices.
    let budget = Budget { left: 3 << HALF_BITS | 5, armed: true, prices: [9; PRICES] };
    assert_eq!([0, 1, 2].map(|word| budget.word(word).bits()), [5, 3 | 1 << 24, 0]);
    assert_eq!(budget.words()[WORDS - 1].bits(), 9);
    assert_eq!((MAX_LEFT, PRICES, WORDS), ((1 << 47) - 1, 21, 23));
}

#[test]
fn a_budget_is_used_up_below_nothing() {
    let used_up = |left, armed| Budget { left, armed, ..Budget::default() }.is_used_up();
    assert_eq!(
        [used_up(1, true), used_up(0, true), used_up(-1, true), used_up(-1, false)],
        [false, false, true, false]
    );
    // Every kind of counter has a price of its own.
    let of_array = ArrayCounter::ALL.iter().map(|&counter| of_array(counter));
    let of_cores = CoreCounter::ALL.iter().map(|&counter| of_cores(counter));
    assert!(of_array.chain(of_cores).eq(0..PRICES));
}

#[test]
fn periods_end_where_their_words_do() {
    assert_eq!((pace::period(16e-6, 1_000_000), pace::period(15e-6, 1_000_000)), (Some(16), None));
    assert_eq!(pace::period(f64::from(u32::MAX), 1), Some(u32::MAX));
    assert_eq!(pace::period(f64::from(u32::MAX) + 1.0, 1), None);
}
