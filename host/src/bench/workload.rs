//! Networks and their input, made for an array: random ones, the shipped digits network, all-to-all spiking, and nothing.

use super::BenchError;
use crate::coding::Code;
use crate::data::{Dataset, SPLIT_SEED};
use crate::mapper;
use crate::network::Network;
use crate::runner::Spikes;
use nernst_spec::geometry::{AXONS, MAX_INPUTS};
use nernst_spec::image::CoreImage;
use nernst_spec::memory::Route;
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset, max_threshold};
use nernst_spec::{ArrayConfig, Contexts, Image, WeightBits};
use rand::rngs::StdRng;
use rand::seq::index::sample;
use rand::{RngExt, SeedableRng};
use std::fmt;
use std::str::FromStr;

/// Ticks of a workload that has no samples.
const TICKS: usize = 24;
/// Most ticks between two spikes of a neuron of a random network that fires at all.
const SLOWEST: u32 = 12;
/// A neuron of a random network has its spikes sent to the host with this probability.
const TO_HOST: f64 = 0.25;

/// A kind of workload, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// This many axons with an event in every core and tick, 0 to 512.
    Random { active: usize },
    /// The same in every core and context: as many contexts as every core can have.
    Contexts { active: usize },
    /// The shipped network with rate code that fits: 64-128-10, else 64-32-10.
    Digits,
    /// Every neuron fires in every tick, and is heard by every core.
    Dense,
    /// No event, and every membrane at 0.
    Idle,
}

impl Kind {
    /// What `nernst bench array` runs unless it is told otherwise.
    pub const DEFAULT: [Kind; 8] = [
        Kind::Random { active: 16 },
        Kind::Random { active: 64 },
        Kind::Random { active: 128 },
        Kind::Random { active: 512 },
        Kind::Contexts { active: 32 },
        Kind::Digits,
        Kind::Dense,
        Kind::Idle,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Kind::Random { active } => f.pad(&format!("random-{active}")),
            Kind::Contexts { active } => f.pad(&format!("contexts-{active}")),
            Kind::Digits => f.pad("digits"),
            Kind::Dense => f.pad("dense"),
            Kind::Idle => f.pad("idle"),
        }
    }
}

impl FromStr for Kind {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |kind: &str| text.strip_prefix(kind)?.parse().ok().filter(|active| *active <= AXONS);
        let random = || number("random-").map(|active| Kind::Random { active });
        let contexts = || number("contexts-").map(|active| Kind::Contexts { active });
        match text {
            "digits" => Ok(Kind::Digits),
            "dense" => Ok(Kind::Dense),
            "idle" => Ok(Kind::Idle),
            _ => random().or_else(contexts).ok_or_else(|| {
                format!(
                    "unknown workload `{text}`: there are random-K and contexts-K (K of 0 to {AXONS}), digits, dense and idle"
                )
            }),
        }
    }
}

/// A network, and what is run on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    pub name: String,
    pub image: Image,
    /// Each begins with the state cleared.
    pub runs: Vec<Spikes>,
    /// Ticks at the start of each run that are run but not measured.
    pub warm_up: usize,
    /// Each run is a sample, whose latency is of interest.
    pub samples: bool,
}

/// The array on which workloads run: `config` with an input line for every axon, so that any number of axons can be made active. That
/// takes block RAM for their routes, and no clocks.
pub fn with_inputs(config: &ArrayConfig) -> ArrayConfig {
    ArrayConfig { inputs: config.inputs.clamp(AXONS, MAX_INPUTS), ..config.clone() }
}

impl Workload {
    /// A workload for an array; `images`: how many samples at most.
    pub fn new(kind: Kind, config: &ArrayConfig, images: usize, seed: u64) -> Result<Self, BenchError> {
        Ok(match kind {
            Kind::Random { active } => random(kind, config, Contexts::ONE, active, seed),
            Kind::Contexts { active } => random(kind, config, most_contexts(config), active, seed),
            Kind::Digits => digits(config, images)?,
            Kind::Dense => dense(config),
            Kind::Idle => Self::steady(kind.to_string(), Image::empty("idle", config), vec![], 0),
        })
    }

    /// The same input in every tick of one run.
    pub fn steady(name: String, image: Image, lines: Vec<u16>, warm_up: usize) -> Self {
        Self { name, image, runs: vec![vec![lines; TICKS + warm_up]], warm_up, samples: false }
    }
}

/// The mask of all cores.
pub fn all_cores(config: &ArrayConfig) -> u16 {
    ((1u32 << config.cores.len()) - 1) as u16
}

/// As many contexts as every core can have.
fn most_contexts(config: &ArrayConfig) -> Contexts {
    config.cores.iter().map(|core| core.contexts).min().unwrap_or_default()
}

/// A silent network of so many contexts in each core. For each of them `active` input lines (or one for each axon, if there are fewer)
/// lead to as many axons, drawn at random, of that context of every core, with random weights. Its membranes forget everything at the end of
/// a tick.
pub fn listening(config: &ArrayConfig, contexts: Contexts, active: usize, seed: u64) -> Image {
    let mut random = StdRng::seed_from_u64(seed);
    let mut image = Image::empty("random", config);
    let among = config.cores.iter().map(|core| contexts.axons(core)).min().unwrap_or_default();
    let axons: Vec<u16> = (0..contexts.count())
        .flat_map(|context| {
            let drawn = sample(&mut random, among, active.min(among));
            drawn.into_iter().map(move |axon| contexts.axon(context, axon) as u16)
        })
        .collect();
    for (core, shape) in image.cores.iter_mut().zip(&config.cores) {
        *core = CoreImage::silent(shape, contexts);
        let weights = shape.weight_bits.min_weight() as i8..=shape.weight_bits.max_weight() as i8;
        for &axon in &axons {
            core.rows.insert(axon, (0..shape.neurons()).map(|_| random.random_range(weights.clone())).collect());
        }
    }
    image.inputs = axons.iter().map(|&axon| Route { cores: all_cores(config), axon, delay: 0, host: false }).collect();
    image
}

/// A random network in which exactly `active` axons of every core and context have an event in every tick: as many input lines drive them.
/// About one neuron in ten fires in a tick; its spike goes to a random set of cores, to an axon that is active anyway.
fn random(kind: Kind, config: &ArrayConfig, contexts: Contexts, active: usize, seed: u64) -> Workload {
    let mut image = listening(config, contexts, active, seed);
    let mut random = StdRng::seed_from_u64(!seed);
    let axons: Vec<u16> = image.inputs.iter().map(|route| route.axon).collect();
    let cores = all_cores(config);
    for (core, shape) in image.cores.iter_mut().zip(&config.cores) {
        for neuron in 0..core.parameters.len() {
            let (context, lane) = (neuron / shape.neurons(), neuron % shape.neurons());
            // What every tick adds to the membrane.
            let heard = core.rows.iter().filter(|(axon, _)| contexts.of_row(**axon as usize) == context);
            let drive: i32 = heard.map(|(_, row)| i32::from(row[lane])).sum();
            if drive <= 0 || axons.is_empty() {
                continue;
            }
            let threshold = drive as u32 * random.random_range(1..=SLOWEST);
            core.parameters[neuron] = Parameters {
                threshold: threshold.min(max_threshold(shape.weight_bits) / 2),
                leak: LEAK_ONE,
                reset: Reset::Subtract,
            };
            core.routes[neuron] = Route {
                cores: random.random_range(0..=cores),
                axon: axons[random.random_range(0..axons.len())],
                delay: 1,
                host: random.random_bool(TO_HOST),
            };
        }
    }
    let lines = (0..axons.len() as u16).collect();
    Workload::steady(kind.to_string(), image, lines, 0)
}

/// Every neuron fires in every tick: each spike goes to all cores, to an axon that makes every neuron of them fire in the next tick. One
/// neuron in 16 is heard by the host.
fn dense(config: &ArrayConfig) -> Workload {
    let mut image = Image::empty("dense", config);
    for (core, shape) in image.cores.iter_mut().zip(&config.cores) {
        for axon in 0..AXONS.min(config.neurons()) {
            core.rows.insert(axon as u16, vec![1; shape.neurons()]);
        }
        core.parameters.fill(eager());
    }
    let cores = all_cores(config);
    for (number, route) in image.cores.iter_mut().flat_map(|core| &mut core.routes).enumerate() {
        *route = Route { cores, axon: (number % AXONS) as u16, delay: 1, host: number % 16 == 0 };
    }
    image.inputs = vec![Route { cores, axon: 0, delay: 0, host: false }];
    let mut workload = Workload::steady(Kind::Dense.to_string(), image, vec![], 1);
    // One spike starts it.
    workload.runs[0][0] = vec![0];
    workload
}

/// A neuron that fires whenever it has an event with a positive weight, and remembers nothing.
pub fn eager() -> Parameters {
    Parameters { threshold: 1, leak: 0, reset: Reset::Zero }
}

/// The shipped networks with rate code, the larger first.
const SHIPPED: [(&str, &str); 3] = [
    ("mlp-128-rate-int4", include_str!("../../../networks/digits/mlp-128-rate-int4.json")),
    ("mlp-128-rate-int8", include_str!("../../../networks/digits/mlp-128-rate-int8.json")),
    ("mlp-32-rate-int4", include_str!("../../../networks/digits/mlp-32-rate-int4.json")),
];

/// The largest shipped network of the array's precision that fits, and the test images of the digits in its code.
pub fn digits_spikes(config: &ArrayConfig) -> Result<(Image, Vec<Spikes>), BenchError> {
    let bits = config.cores[0].weight_bits;
    let (large, small) = match bits {
        WeightBits::Four => (SHIPPED[0], SHIPPED[2]),
        WeightBits::Eight => (SHIPPED[1], SHIPPED[2]),
    };
    let compile = |(name, text): (&str, &str)| -> Result<Image, BenchError> {
        Ok(mapper::compile(&Network::from_json(name, text)?.with_bits(bits), config)?.0)
    };
    let image = compile(large).or_else(|_| compile(small))?;
    let code: Code = image.coding.parse().map_err(BenchError::Coding)?;
    let samples = Dataset::digits().split(SPLIT_SEED).test;
    Ok((image, samples.iter().map(|sample| code.encode(&sample.pixels)).collect()))
}

/// These images through that network.
fn digits(config: &ArrayConfig, images: usize) -> Result<Workload, BenchError> {
    let (image, samples) = digits_spikes(config)?;
    Ok(Workload {
        name: Kind::Digits.to_string(),
        runs: samples.iter().take(images).map(|spikes| image.lines(spikes)).collect(),
        image,
        warm_up: 0,
        samples: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_survive_their_names() {
        for kind in Kind::DEFAULT {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        for wrong in ["random-513", "random", "random--1", "contexts-513", "digit"] {
            assert!(wrong.parse::<Kind>().unwrap_err().contains(wrong));
        }
    }

    #[test]
    fn every_workload_is_one_for_its_array() {
        for name in ArrayConfig::ready_names() {
            let config = with_inputs(&ArrayConfig::ready(name).unwrap());
            for kind in Kind::DEFAULT {
                let workload = Workload::new(kind, &config, 3, 1).unwrap();
                workload.image.check().unwrap();
                assert_eq!(workload.samples, kind == Kind::Digits);
                let lines = workload.runs.iter().flatten().flatten();
                assert!(lines.clone().all(|&line| (line as usize) < workload.image.inputs.len()), "{name} {kind}");
            }
        }
    }
}
