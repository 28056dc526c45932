//! What of an image lies where, worked out by hand, and how far chains go.

use nernst_spec::image::{CoreImage, ImageError};
use nernst_spec::ledger::{ArrayCounter, CoreCounter, Counter, address_map, words};
use nernst_spec::memory::{Address, Route, Word};
use nernst_spec::tick::{Parameters, Reset};
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, Image, WeightBits};

fn core(weight_bits: WeightBits) -> CoreConfig {
    CoreConfig { tiles: 2, tiles_per_unit: 1, weight_bits, contexts: Contexts::ONE, banks: 1, chain: true }
}

fn image(cores: Vec<CoreConfig>, contexts: Contexts) -> Image {
    let config = ArrayConfig { name: "image".into(), clock_hz: 50_000_000, baud: 3_000_000, inputs: 3, cores };
    let mut image = Image::empty("image", &config);
    image.cores = config.cores.iter().map(|shape| CoreImage::silent(shape, contexts)).collect();
    image
}

fn parameters(threshold: u32) -> Parameters {
    Parameters { threshold, leak: 0, reset: Reset::Zero }
}

/// The words of the block that begins here.
fn block(image: &Image, first: Address) -> Vec<Word> {
    let of_block = |(address, words)| (address == first).then_some(words);
    image.blocks().into_iter().find_map(of_block).unwrap_or_else(|| panic!("no block at {first}"))
}

#[test]
fn weights_and_the_number_of_those_other_than_zero_are_in_the_words_of_their_tiles() {
    let mut image = image(vec![core(WeightBits::Four)], Contexts::ONE);
    // Of eighteen lanes two are given up.
    let row: Vec<i8> = [7, -8, 0, 1, -1, 0, 0, 2, 3, 4, 0, 0, 0, 0, 0, 5, 0, 0].into();
    image.cores[0].counting = true;
    image.cores[0].rows.insert(300, row);
    assert_eq!(image.check(), Ok(()));
    let [first, second] = [0, 1].map(|tile| block(&image, Address::weights(0, tile, 0)));
    assert_eq!((first.len(), first[300].bits()), (512, 0x3_200f_1087));
    assert_eq!((second.len(), second[300].bits()), (512, 0x8500_0004));
    assert!(first.iter().chain(&second).filter(|word| word.bits() != 0).count() == 2);
    assert_eq!(block(&image, Address::settings(0)).iter().map(|word| word.bits()).collect::<Vec<_>>(), [4, 0]);
}

#[test]
fn parameters_and_routes_of_several_contexts_are_in_their_rows_and_turns() {
    let shape = CoreConfig { contexts: Contexts::MOST, chain: false, ..core(WeightBits::Eight) };
    let mut image = image(vec![core(WeightBits::Eight), shape], Contexts::from_log2(1));
    image.cores[0] = CoreImage::silent(&image.config.cores[0], Contexts::ONE);
    for (neuron, of) in image.cores[1].parameters.iter_mut().enumerate() {
        *of = parameters(100 + neuron as u32);
    }
    let route = |axon| Route { cores: 1, axon, delay: 1, host: false };
    image.cores[1].routes.iter_mut().zip(7..).for_each(|(of, axon)| *of = route(axon));
    image.cores[0].routes[3] = route(400);
    image.inputs = vec![route(1), route(2)];
    assert_eq!(image.check(), Ok(()));
    for tile in 0..2 {
        let rows = block(&image, Address::weights(1, tile, 0));
        for (context, lane) in (0..2).flat_map(|context| (0..4).map(move |lane| (context, lane))) {
            let expected = parameters(100 + (8 * context + 4 * tile + lane) as u32);
            assert_eq!(
                rows[256 * (context + 1) - 4 + lane],
                expected.into(),
                "tile {tile}, context {context}, lane {lane}"
            );
        }
        assert_eq!(rows.iter().filter(|word| word.bits() != 0).count(), 8);
        // The table of a unit has those of the first context.
        let table = block(&image, Address::parameters(1, tile, 0));
        assert_eq!(table, [0, 1, 2, 3].map(|lane| parameters(100 + 4 * tile as u32 + lane).into()));
    }
    // Of the turns the last place of each ring is the first; eight contexts have turns, and two are loaded.
    let routes = block(&image, Address::route(0));
    assert_eq!(routes.len(), 8 + 64);
    assert_eq!(routes[0], route(400).into());
    let axons = [3, 7, 2, 6, 1, 5, 0, 4].map(|neuron| route(7 + neuron).into());
    assert_eq!((&routes[8..16], &routes[24..]), (&axons[..], &[Word::default(); 48][..]));
    assert_eq!(block(&image, Address::input(0)), [route(1).into(), route(2).into(), Word::default()]);
}

#[test]
fn chains_have_at_most_four_cores_and_count_together() {
    let chain = |bits, cores: usize, counting: usize| {
        let mut image = image(vec![core(bits); 5], Contexts::ONE);
        image.cores[..cores - 1].iter_mut().for_each(|core| core.chained = true);
        image.cores[..counting].iter_mut().for_each(|core| core.counting = true);
        image.check().map_err(|error| error.to_string())
    };
    let (four, eight) = (WeightBits::Four, WeightBits::Eight);
    for allowed in [(four, 4, 0), (four, 4, 4), (four, 4, 5), (four, 1, 1), (eight, 2, 2), (eight, 4, 0)] {
        assert_eq!(chain(allowed.0, allowed.1, allowed.2), Ok(()), "{allowed:?}");
    }
    for (bits, cores, counting, words) in [
        (four, 5, 0, "cores 0 to 4 are one chain: it has at most 4"),
        (four, 4, 3, "cores 0 to 3 are one chain: all of them count"),
        (four, 2, 1, "cores 0 to 1 are one chain: all of them count"),
        (eight, 3, 3, "at most two"),
    ] {
        let error = chain(bits, cores, counting).unwrap_err();
        assert!(error.contains(words), "`{words}`: {error}");
    }
}

#[test]
fn a_counter_that_follows_from_another_has_no_place() {
    let contexts = CoreConfig { contexts: Contexts::from_log2(1), ..core(WeightBits::Four) };
    let config = image(vec![core(WeightBits::Four), contexts], Contexts::ONE).config;
    let kept: Vec<Counter> = address_map(&config).collect();
    let has = |core, counter| kept.contains(&Counter::Core(core, counter));
    assert!(!has(0, CoreCounter::ContextLoads) && has(1, CoreCounter::ContextLoads));
    assert!(!has(1, CoreCounter::SynapticOperations) && has(0, CoreCounter::RowsFetched));
    assert_eq!((kept.len(), words(&config)), (ArrayCounter::ALL.len() + 6 + 7, 2 * (13 + 6 + 7)));
}

#[test]
fn bytes_that_are_missing_or_too_many_are_counted() {
    let bytes = image(vec![core(WeightBits::Four)], Contexts::ONE).to_bytes();
    let (length, more) = (bytes.len(), [&bytes[..], &[1, 2, 3]].concat());
    assert_eq!(Image::from_bytes(&more), Err(ImageError::TooLong(3)));
    let shorter = Image::from_bytes(&bytes[..length - 5]);
    assert_eq!(shorter, Err(ImageError::Truncated { found: length - 5, expected: length }));
}

#[test]
fn an_image_says_how_many_contexts_each_core_has() {
    let shape = CoreConfig { contexts: Contexts::MOST, chain: false, ..core(WeightBits::Four) };
    let mut image = image(vec![shape; 3], Contexts::ONE);
    let contexts = [2, 0, 1].map(Contexts::from_log2);
    image.cores = contexts.iter().map(|&contexts| CoreImage::silent(&shape, contexts)).collect();
    assert_eq!(image.contexts(), contexts);
}
