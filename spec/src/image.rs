//! A compiled network as a file.
//!
//! ```text
//! offset  bytes
//!  0      8   "NERNSTIM"
//!  8      2   version
//! 10      4   bytes of the body
//! 14     32   SHA-256 of the body
//! 46          body: the image in postcard's encoding
//! ```
//! Numbers are least significant byte first. A file that is cut short, damaged, of another version or no image at all is
//! refused with an error that says which.

use crate::chain::{MAX_CHAIN, chains};
use crate::context::Contexts;
use crate::geometry::{ArrayConfig, ConfigError, CoreConfig, MAX_AXONS, MAX_DELAY};
use crate::memory::{Address, Route, Word};
use crate::settings::Settings;
use crate::tick::Parameters;
use crate::timing::SLOT_WORD_BITS;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const MAGIC: &[u8; 8] = b"NERNSTIM";
/// Version of the file format.
pub const VERSION: u16 = 5;
const HEADER: usize = 46;

/// What one core holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreImage {
    /// Contexts that the core is loaded with.
    pub contexts: Contexts,
    /// Each row holds the number of its weights other than 0, for which the core gives up lanes: see [`crate::settings`].
    pub counting: bool,
    /// Words of 16 axons whose rows are fetched in every tick: see [`crate::settings`].
    pub dense: u32,
    /// Its membranes go to the next core: see [`crate::chain`].
    pub chained: bool,
    /// Synapse rows: axon of the core to one weight for each neuron of the axon's context. Axons without a row have only zero weights.
    pub rows: BTreeMap<u16, Vec<i8>>,
    /// One for each neuron of each context, those of context 0 first.
    pub parameters: Vec<Parameters>,
    /// One for each neuron of each context.
    pub routes: Vec<Route>,
}

impl CoreImage {
    /// A core of this shape with so many contexts, of which every neuron is silent.
    pub fn silent(shape: &CoreConfig, contexts: Contexts) -> Self {
        let neurons = contexts.count() * shape.neurons();
        Self {
            contexts,
            counting: false,
            dense: 0,
            chained: false,
            rows: BTreeMap::new(),
            parameters: vec![Parameters::silent(shape.weight_bits); neurons],
            routes: vec![Route::default(); neurons],
        }
    }

    /// The settings that the core is loaded with.
    pub const fn settings(&self) -> Settings {
        Settings { contexts: self.contexts, counting: self.counting, dense: self.dense, chained: self.chained }
    }

    /// The weights of a row that are added for a network, and those that a counting core gave up.
    fn counted<'a>(&self, shape: &CoreConfig, weights: &'a [i8]) -> (&'a [i8], &'a [i8]) {
        weights.split_at(if self.counting { shape.counted_neurons() } else { shape.neurons() })
    }
}

/// A network placed on an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// What the network is called.
    pub name: String,
    /// The array that it was compiled for.
    pub config: ArrayConfig,
    /// One for each core of the array.
    pub cores: Vec<CoreImage>,
    /// Where each input line goes; at most as many as the array has.
    pub inputs: Vec<Route>,
    /// What the last of the input lines spike with. Those before are the network's inputs, one line each.
    pub extra: Vec<Driver>,
    /// Array numbers of the neurons that are the network's outputs, in the order of its classes.
    pub outputs: Vec<u16>,
    pub readout: Readout,
    /// Name of the code that turns data into spikes, as its host knows it.
    pub coding: String,
    /// Ticks that one sample of that code takes.
    pub ticks: u32,
    /// Ticks that the outputs run behind the inputs: a sample takes so many more than it has steps.
    pub latency: u32,
}

/// What an input line spikes with that is none of the network's inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Driver {
    /// A spike in every step: what gives neurons a bias.
    Constant,
    /// The spikes of this input, to other axons or after another delay than its own line.
    Input(u16),
}

/// What of its outputs is a network's result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Readout {
    /// The spikes of each neuron, counted.
    #[default]
    Spikes,
    /// The membranes after the last tick.
    Membranes,
}

/// Why a file is not an image, or an image not one for its array.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ImageError {
    #[error("not a Nernst image: it does not begin with NERNSTIM")]
    Foreign,
    #[error("image of format version {found}: this program reads version {VERSION}; compile the network again")]
    Version { found: u16 },
    #[error("image cut short: {found} bytes, its header says {expected}")]
    Truncated { found: usize, expected: usize },
    #[error("image with {0} bytes after its end")]
    TooLong(usize),
    #[error("image damaged: its SHA-256 does not match; compile the network again")]
    Damaged,
    #[error("image body does not decode: {0}")]
    Body(String),
    #[error("image: {0}")]
    Config(#[from] ConfigError),
    #[error("image: {0}")]
    Content(String),
}

impl Image {
    /// An image without a network: every neuron silent, no rows, no routes.
    pub fn empty(name: &str, config: &ArrayConfig) -> Self {
        let core = |shape: &CoreConfig| CoreImage::silent(shape, Contexts::ONE);
        Self {
            name: name.into(),
            config: config.clone(),
            cores: config.cores.iter().map(core).collect(),
            inputs: vec![],
            extra: vec![],
            outputs: vec![],
            readout: Readout::Spikes,
            coding: String::new(),
            ticks: 0,
            latency: 0,
        }
    }

    /// The network's inputs: input lines that the host's data decide on.
    pub fn channels(&self) -> usize {
        self.inputs.len() - self.extra.len()
    }

    /// The input lines that spike in each tick of a sample, ascending, from those of the network's inputs that do in each of its steps.
    pub fn lines(&self, steps: &[Vec<u16>]) -> Vec<Vec<u16>> {
        let channels = self.channels();
        let line = |number: usize| (channels + number) as u16;
        let mut copies = vec![vec![]; channels];
        let mut constants = vec![];
        for (number, driver) in self.extra.iter().enumerate() {
            match driver {
                Driver::Constant => constants.push(line(number)),
                Driver::Input(channel) => copies[*channel as usize].push(line(number)),
            }
        }
        let of_step = |inputs: &Vec<u16>| {
            let copied = inputs.iter().flat_map(|&input| copies.get(input as usize).into_iter().flatten());
            let mut lines: Vec<u16> = inputs.iter().chain(copied).chain(&constants).copied().collect();
            lines.sort_unstable();
            lines.dedup();
            lines
        };
        let silent = std::iter::repeat_n(vec![], self.latency as usize);
        steps.iter().map(of_step).chain(silent).collect()
    }

    /// The number of contexts of each core.
    pub fn contexts(&self) -> Vec<Contexts> {
        self.cores.iter().map(|core| core.contexts).collect()
    }

    /// The same network as hardware runs it that does not skip zeros: in every tick the rows of all axons that a route leads to are fetched
    /// (to the next multiple of 16), with or without an event. Spikes are the same. Cores of two banks stay as they are.
    pub fn dense(&self) -> Self {
        let mut image = self.clone();
        let routes = self.cores.iter().flat_map(|core| &core.routes).chain(&self.inputs);
        for route in routes {
            for (number, core) in image.cores.iter_mut().enumerate() {
                if route.cores >> number & 1 == 1 && self.config.cores[number].banks == 1 {
                    core.dense |= 1 << (route.axon as usize / SLOT_WORD_BITS);
                }
            }
        }
        image
    }

    /// The image as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Encoding plain data to a growing vector has no way to fail: postcard errors on full buffers and on
        // sequences of unknown length, and there are neither.
        let body = postcard::to_stdvec(self).expect("plain data encodes");
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(Sha256::digest(&body));
        bytes.extend(body);
        bytes
    }

    /// An image from the bytes of a file, checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ImageError> {
        if !bytes.starts_with(MAGIC) {
            return Err(ImageError::Foreign);
        }
        if bytes.len() < HEADER {
            return Err(ImageError::Truncated { found: bytes.len(), expected: HEADER });
        }
        let found = u16::from_le_bytes([bytes[8], bytes[9]]);
        if found != VERSION {
            return Err(ImageError::Version { found });
        }
        let expected = HEADER + u32::from_le_bytes([bytes[10], bytes[11], bytes[12], bytes[13]]) as usize;
        if bytes.len() < expected {
            return Err(ImageError::Truncated { found: bytes.len(), expected });
        }
        if bytes.len() > expected {
            return Err(ImageError::TooLong(bytes.len() - expected));
        }
        let body = &bytes[HEADER..];
        if Sha256::digest(body)[..] != bytes[14..HEADER] {
            return Err(ImageError::Damaged);
        }
        let image: Image = postcard::from_bytes(body).map_err(|e| ImageError::Body(e.to_string()))?;
        image.check()?;
        Ok(image)
    }

    /// Checks that everything in the image exists in its array.
    pub fn check(&self) -> Result<(), ImageError> {
        self.config.check()?;
        let fail = |what: String| Err(ImageError::Content(what));
        let all_cores = ((1u32 << self.config.cores.len()) - 1) as u16;
        let route_is_wrong = |route: &Route, shortest: u8| {
            let hearers = self.config.cores.iter().enumerate().filter(|(core, _)| route.cores >> core & 1 == 1);
            let axons = hearers.map(|(_, shape)| shape.axons()).min().unwrap_or(MAX_AXONS);
            route.cores & !all_cores != 0
                || route.axon as usize >= axons
                || (route.cores != 0 && !(shortest..=MAX_DELAY).contains(&route.delay))
        };
        if self.cores.len() != self.config.cores.len() {
            return fail(format!("{} cores for an array of {}", self.cores.len(), self.config.cores.len()));
        }
        for (number, (core, shape)) in self.cores.iter().zip(&self.config.cores).enumerate() {
            let (neurons, contexts) = (shape.neurons(), core.contexts);
            if contexts > shape.contexts {
                return fail(format!("core {number}: {contexts} contexts, it can be loaded with {}", shape.contexts));
            }
            let all = contexts.count() * neurons;
            if core.parameters.len() != all || core.routes.len() != all {
                return fail(format!("core {number}: parameters or routes are not {all}, one for each neuron"));
            }
            let range = shape.weight_bits.min_weight()..=shape.weight_bits.max_weight();
            for (&axon, weights) in &core.rows {
                if axon as usize >= shape.axons() || weights.len() != neurons {
                    return fail(format!(
                        "core {number} axon {axon}: a row has {neurons} weights, axons end at {}",
                        shape.axons() - 1
                    ));
                }
                if contexts.is_state(shape, axon as usize) {
                    return fail(format!(
                        "core {number} axon {axon}: its row holds state, each of {contexts} contexts has {} axons",
                        contexts.axons(shape)
                    ));
                }
                if let Some(weight) = weights.iter().find(|&&weight| !range.contains(&(weight as i32))) {
                    return fail(format!("core {number} axon {axon}: weight {weight} is not {}", shape.weight_bits));
                }
            }
            if core.counting && !shape.can_count() {
                return fail(format!(
                    "core {number}: it cannot count weights other than 0: it needs one bank and less than 256 neurons beside its counting lanes"
                ));
            }
            if core.dense != 0 && shape.banks > 1 {
                return fail(format!("core {number}: axons of a core with two banks cannot be dense"));
            }
            if core.counting {
                let used = core.rows.iter().find(|(_, weights)| core.counted(shape, weights).1.iter().any(|w| *w != 0));
                if let Some((axon, _)) = used {
                    return fail(format!("core {number} axon {axon}: a weight in a lane that the core counts with"));
                }
                let silent = Parameters::silent(shape.weight_bits);
                let speaks = |n: usize| core.parameters[n] != silent || core.routes[n] != Route::default();
                let lanes = |context: usize| {
                    (shape.counted_neurons()..shape.neurons()).map(move |n| context * shape.neurons() + n)
                };
                if let Some(neuron) = (0..contexts.count()).flat_map(lanes).find(|&neuron| speaks(neuron)) {
                    return fail(format!("core {number} neuron {neuron}: it is in a lane that the core counts with"));
                }
            }
            if let Some(neuron) = core.parameters.iter().position(|p| !p.fit(shape.weight_bits)) {
                return fail(format!("core {number} neuron {neuron}: {:?} is out of range", core.parameters[neuron]));
            }
            if let Some(neuron) = core.routes.iter().position(|route| route_is_wrong(route, 1)) {
                return fail(format!("core {number} neuron {neuron}: {:?} leads nowhere", core.routes[neuron]));
            }
        }
        self.check_chains()?;
        if self.inputs.len() > self.config.inputs {
            return fail(format!("{} input lines, the array has {}", self.inputs.len(), self.config.inputs));
        }
        if let Some(line) = self.inputs.iter().position(|route| route_is_wrong(route, 0)) {
            return fail(format!("input line {line}: {:?} leads nowhere", self.inputs[line]));
        }
        if self.extra.len() > self.inputs.len() {
            return fail(format!(
                "{} lines beside the network's inputs, all lines are {}",
                self.extra.len(),
                self.inputs.len()
            ));
        }
        let beyond = |driver: &Driver| matches!(driver, Driver::Input(input) if *input as usize >= self.channels());
        if let Some(number) = self.extra.iter().position(beyond) {
            return fail(format!(
                "input line {}: it repeats an input that is none of the network's {}",
                self.channels() + number,
                self.channels()
            ));
        }
        if let Some(neuron) = self.outputs.iter().find(|&&neuron| neuron as usize >= self.config.neurons()) {
            return fail(format!("output neuron {neuron}, the array has {}", self.config.neurons()));
        }
        Ok(())
    }

    /// Checks that chained cores can be chained, and that no neuron is in them but in the last core of a chain.
    fn check_chains(&self) -> Result<(), ImageError> {
        let fail = |what: String| Err(ImageError::Content(what));
        for (number, core) in self.cores.iter().enumerate().filter(|(_, core)| core.chained) {
            let next = number + 1;
            if !self.config.can_be_chained(number) {
                return fail(format!(
                    "core {number}: it cannot be chained: its configuration must say `chain = true` for it and for a core of the same shape behind it"
                ));
            }
            let several = |core: &usize| self.cores[*core].contexts > Contexts::ONE;
            if let Some(wrong) = [number, next].into_iter().find(several) {
                return fail(format!(
                    "core {wrong}: {} contexts, and core {number} is chained to core {next}: cores of a chain have one",
                    self.cores[wrong].contexts
                ));
            }
            let silent = Parameters::silent(self.config.cores[number].weight_bits);
            let speaks = |n: &usize| core.parameters[*n] != silent || core.routes[*n] != Route::default();
            if let Some(neuron) = (0..core.parameters.len()).find(speaks) {
                return fail(format!(
                    "core {number} neuron {neuron}: it is not silent, and its membrane goes to core {next}, which fires for it"
                ));
            }
        }
        let settings: Vec<Settings> = self.cores.iter().map(CoreImage::settings).collect();
        for chain in chains(&settings).into_iter().filter(|chain| chain.len() > 1) {
            let (first, last) = (chain.start, chain.end - 1);
            if chain.len() > MAX_CHAIN {
                return fail(format!("cores {first} to {last} are one chain: it has at most {MAX_CHAIN} cores"));
            }
            let counting = self.cores[chain.clone()].iter().filter(|core| core.counting).count();
            if counting > 0 && (counting < chain.len() || !self.config.cores[first].can_count_in_chain(chain.len())) {
                return fail(format!(
                    "cores {first} to {last} are one chain: all of them count weights other than 0 or none, and of INT8 cores at most two"
                ));
            }
        }
        Ok(())
    }

    /// The array's whole memory under this image: for every block of addresses that count up by one, its first address
    /// and its words. What the image leaves open is 0.
    pub fn blocks(&self) -> Vec<(Address, Vec<Word>)> {
        let mut blocks = vec![];
        for (number, (core, shape)) in self.cores.iter().zip(&self.config.cores).enumerate() {
            let lanes = shape.lanes();
            for tile in 0..shape.tiles {
                let mut rows = vec![Word::default(); shape.axons()];
                for (&axon, weights) in &core.rows {
                    rows[axon as usize] = Word::from_weights(&weights[tile * lanes..][..lanes], shape.weight_bits);
                    if core.counting && tile + 1 == shape.tiles {
                        let count = core.counted(shape, weights).0.iter().filter(|weight| **weight != 0).count() as u64;
                        rows[axon as usize] = Word::new(rows[axon as usize].bits() | count << shape.count_shift());
                    }
                }
                if core.contexts > Contexts::ONE {
                    for context in 0..core.contexts.count() {
                        for lane in 0..lanes {
                            let neuron = context * shape.neurons() + tile * lanes + lane;
                            rows[core.contexts.parameter_row(shape, context, lane)] = core.parameters[neuron].into();
                        }
                    }
                }
                blocks.push((Address::weights(number, tile, 0), rows));
            }
            // Those of one of several contexts come from its rows.
            for (unit, parameters) in core.parameters[..shape.neurons()].chunks(shape.ring()).enumerate() {
                let words = parameters.iter().map(|&parameters| parameters.into()).collect();
                blocks.push((Address::parameters(number, unit, 0), words));
            }
            blocks.push((Address::settings(number), core.settings().words().to_vec()));
        }
        let mut routes: Vec<Word> = vec![];
        for (core, shape) in self.cores.iter().zip(&self.config.cores) {
            let route = |turn| core.routes.get(shape.at_turn(turn)).map_or(Word::default(), |&route| route.into());
            routes.extend((0..shape.all_neurons()).map(route));
        }
        blocks.push((Address::route(0), routes));
        let mut inputs: Vec<Word> = self.inputs.iter().map(|&route| route.into()).collect();
        inputs.resize(self.config.inputs, Word::default());
        blocks.push((Address::input(0), inputs));
        blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::AXONS;
    use crate::settings;

    fn image() -> Image {
        let config = ArrayConfig::ready("tiny").unwrap();
        let mut image = Image::empty("test", &config);
        image.cores[1].rows.insert(511, (0..36).map(|n| (n % 16) as i8 - 8).collect());
        image.cores[0].routes[35] = Route { cores: 0b10, axon: 511, delay: 15, host: true };
        image.inputs = vec![Route { cores: 0b01, axon: 3, delay: 0, host: false }];
        image.outputs = vec![35];
        image
    }

    #[test]
    fn images_survive_their_file() {
        assert_eq!(Image::from_bytes(&image().to_bytes()), Ok(image()));
    }

    #[test]
    fn cut_damaged_and_foreign_files_are_told_apart() {
        let bytes = image().to_bytes();
        for length in 0..bytes.len() {
            let error = Image::from_bytes(&bytes[..length]).unwrap_err();
            let expected = if length < MAGIC.len() {
                matches!(error, ImageError::Foreign)
            } else {
                matches!(error, ImageError::Truncated { .. })
            };
            assert!(expected, "{length} bytes: {error}");
        }
        let mut damaged = bytes.clone();
        damaged[HEADER + 3] ^= 1;
        assert_eq!(Image::from_bytes(&damaged), Err(ImageError::Damaged));
        let mut old = bytes.clone();
        old[8] = 0;
        assert_eq!(Image::from_bytes(&old), Err(ImageError::Version { found: 0 }));
        let mut long = bytes.clone();
        long.push(0);
        assert_eq!(Image::from_bytes(&long), Err(ImageError::TooLong(1)));
        assert_eq!(Image::from_bytes(b"PK\x03\x04"), Err(ImageError::Foreign));
    }

    #[test]
    fn what_the_array_does_not_have_is_refused() {
        let refuse = |change: &dyn Fn(&mut Image), word: &str| {
            let mut image = image();
            change(&mut image);
            let error = image.check().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        };
        refuse(&|i| i.cores[1].rows.get_mut(&511).unwrap()[7] = 8, "core 1 axon 511: weight 8 is not INT4");
        refuse(&|i| i.cores[0].routes[0].cores = 0b100, "core 0 neuron 0");
        refuse(&|i| i.cores[0].routes[35].delay = 0, "core 0 neuron 35");
        refuse(&|i| i.cores[0].parameters[2].threshold = 0, "core 0 neuron 2");
        refuse(&|i| i.cores[0].routes[35].axon = 512, "core 0 neuron 35");
        refuse(&|i| i.inputs[0].axon = 512, "input line 0");
        refuse(
            &|i| {
                let row = i.cores[1].rows[&511].clone();
                i.cores[1].rows.insert(512, row);
            },
            "core 1 axon 512: a row has 36 weights, axons end at 511",
        );
        refuse(&|i| i.inputs = vec![Route::default(); 65], "65 input lines");
        refuse(&|i| i.outputs = vec![72], "output neuron 72");
    }

    #[test]
    fn lines_repeat_inputs_or_spike_in_every_step_and_a_sample_ends_with_the_latency() {
        let mut image = image();
        image.inputs = vec![Route::default(); 5];
        image.extra = vec![Driver::Input(1), Driver::Constant, Driver::Input(1)];
        image.latency = 2;
        image.check().unwrap();
        assert_eq!(image.channels(), 2);
        let lines = image.lines(&[vec![0, 1], vec![], vec![0]]);
        assert_eq!(lines, [vec![0, 1, 2, 3, 4], vec![3], vec![0, 3], vec![], vec![]]);
        assert_eq!(Image::from_bytes(&image.to_bytes()).as_ref(), Ok(&image));
        image.extra[2] = Driver::Input(2);
        assert!(image.check().unwrap_err().to_string().contains("input line 4: it repeats an input"));
        image.inputs.truncate(2);
        assert!(
            image.check().unwrap_err().to_string().contains("3 lines beside the network's inputs, all lines are 2")
        );
    }

    #[test]
    fn only_a_core_with_two_banks_has_the_axons_of_the_second() {
        let mut config = ArrayConfig::ready("tiny").unwrap();
        config.cores[1].banks = 2;
        let mut image = Image { config, ..image() };
        image.inputs[0] = Route { cores: 0b10, axon: 1023, delay: 0, host: false };
        image.cores[1].rows.insert(1023, vec![1; 36]);
        image.check().unwrap();
        let (_, rows) = image.blocks().into_iter().find(|(first, _)| *first == Address::weights(1, 0, 0)).unwrap();
        assert_eq!((rows.len(), rows[1023].weight(8, crate::WeightBits::Four)), (1024, 1));
        // Both cores hear it, and one has no such axon.
        image.inputs[0].cores = 0b11;
        assert!(image.check().unwrap_err().to_string().contains("input line 0"));
    }

    #[test]
    fn blocks_cover_the_memory_and_hold_the_weights() {
        let image = image();
        let blocks = image.blocks();
        let words: usize = blocks.iter().map(|(_, words)| words.len()).sum();
        assert_eq!(words, 2 * 4 * AXONS + 2 * 36 + 2 * settings::WORDS + 72 + 64);
        for (first, words) in &blocks {
            assert!(first.exists(&image.config) && first.offset(words.len() - 1).exists(&image.config), "{first}");
        }
        let (_, rows) = blocks.iter().find(|(first, _)| *first == Address::weights(1, 2, 0)).unwrap();
        let weight = |lane: usize| rows[511].weight(lane, crate::WeightBits::Four);
        assert_eq!((0..9).map(weight).collect::<Vec<_>>(), (18..27).map(|n| n % 16 - 8).collect::<Vec<_>>());
    }

    /// A counting core whose lanes 34 and 35 are given up.
    fn counting() -> Image {
        let mut image = image();
        image.cores[1].counting = true;
        image.cores[1].rows.get_mut(&511).unwrap()[34..].fill(0);
        image.check().unwrap();
        image
    }

    #[test]
    fn rows_of_a_counting_core_say_how_many_weights_are_other_than_zero() {
        let image = counting();
        let blocks = image.blocks();
        let words = |address| &blocks.iter().find(|(first, _)| *first == address).unwrap().1;
        // Of weights n % 16 - 8, two of 34 are 0: those of neurons 8 and 24.
        assert_eq!(words(Address::weights(1, 3, 0))[511].bits() >> 28, 32);
        assert_eq!(words(Address::weights(1, 3, 0))[510].bits() >> 28, 0);
        assert_eq!(words(Address::settings(1)), &[Word::new(1 << settings::COUNTING_BIT), Word::default()]);
        assert_eq!(words(Address::settings(0)), &[Word::default(); 2]);
    }

    #[test]
    fn lanes_that_are_given_up_hold_no_neuron() {
        let refuse = |change: &dyn Fn(&mut CoreImage), words: &str| {
            let mut image = counting();
            change(&mut image.cores[1]);
            let error = image.check().unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        };
        refuse(&|core| core.rows.get_mut(&511).unwrap()[34] = 1, "core 1 axon 511: a weight in a lane");
        refuse(&|core| core.parameters[35].threshold = 1, "core 1 neuron 35");
        refuse(&|core| core.routes[34].host = true, "core 1 neuron 34");
        let mut banked = counting();
        banked.config.cores[1].banks = 2;
        assert!(banked.check().unwrap_err().to_string().contains("core 1: it cannot count"));
    }

    #[test]
    fn a_dense_image_fetches_the_rows_of_all_axons_that_a_route_leads_to() {
        let dense = image().dense();
        assert_eq!(dense.cores.iter().map(|core| core.dense).collect::<Vec<_>>(), [1, 1 << 31]);
        assert_eq!(Image::from_bytes(&dense.to_bytes()), Ok(dense.clone()));
        let mut banked = dense;
        banked.config.cores[1].banks = 2;
        assert!(banked.check().unwrap_err().to_string().contains("core 1: axons of a core with two banks"));
        banked.cores[1].dense = 0;
        assert_eq!(banked.dense().cores[1].dense, 0, "a core of two banks stays as it is");
    }

    /// The first two of three equal cores are chained.
    fn chained() -> Image {
        let mut config = ArrayConfig::ready("tiny").unwrap();
        config.cores.resize(6, config.cores[0]);
        config.cores.iter_mut().for_each(|core| core.chain = true);
        let mut image = Image::empty("chained", &config);
        (image.cores[0].chained, image.cores[1].chained) = (true, true);
        image.cores[2].parameters[3].threshold = 5;
        image.cores[2].routes[3].host = true;
        image.check().unwrap();
        image
    }

    #[test]
    fn chains_survive_their_file_and_their_settings() {
        let image = chained();
        assert_eq!(Image::from_bytes(&image.to_bytes()), Ok(image.clone()));
        let blocks = image.blocks();
        let first = |core| blocks.iter().find(|(first, _)| *first == Address::settings(core)).unwrap().1[0];
        assert_eq!([0, 2].map(first), [Word::new(1 << settings::CHAINED_BIT), Word::default()]);
    }

    #[test]
    fn what_a_chain_cannot_be_is_refused() {
        let refuse = |change: &dyn Fn(&mut Image), words: &str| {
            let mut image = chained();
            change(&mut image);
            let error = image.check().unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        };
        refuse(&|i| i.cores[5].chained = true, "core 5: it cannot be chained");
        refuse(&|i| i.config.cores[1].chain = false, "core 0: it cannot be chained");
        refuse(&|i| i.config.cores[2].tiles_per_unit = 1, "core 1: it cannot be chained");
        let contexts = |image: &mut Image, core: usize| {
            image.config.cores.iter_mut().for_each(|core| core.contexts = Contexts::MOST);
            image.cores[core] = CoreImage::silent(&image.config.cores[core], Contexts::MOST);
            image.cores[core].chained = core < 2;
        };
        refuse(&|i| contexts(i, 1), "core 1: 8 contexts, and core 0 is chained to core 1");
        refuse(&|i| contexts(i, 2), "core 2: 8 contexts, and core 1 is chained to core 2");
        refuse(&|i| i.cores[1].parameters[7].leak = 512, "core 1 neuron 7: it is not silent");
        refuse(&|i| i.cores[0].routes[35].host = true, "core 0 neuron 35: it is not silent");
        refuse(
            &|image| {
                image.cores[2] = image.cores[1].clone();
                image.cores[3].chained = true;
            },
            "cores 0 to 4 are one chain",
        );
        refuse(&|i| i.cores[2].counting = true, "cores 0 to 2 are one chain: all of them count");
    }
}
