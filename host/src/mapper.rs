//! Places a network on an array: which neuron sits in which lane, which axon hears which source, and every route.
//!
//! Communication comes first. A layer is kept on as few cores as it fits, because each of its sources must reach every
//! one of them; a source is sent only to the cores in which it has a weight other than 0; and several layers may share a
//! core. A source has one axon number for all the cores that hear it, since a route holds one; a core's 512 axons,
//! or 1,024 of a banked core, are shared by all sources that it hears. Both banks of a banked core are given as many, so that both are busy, and it
//! is left to layers that need its axons while other cores have room. Where the lanes do not suffice cores are given several contexts, of which each holds other layers. Input lines arrive in the tick that the host is about to run, neurons a tick
//! after they fired. Unused neurons are silent. Where it costs nothing, a core keeps the lanes free with which it counts weights other than 0
//! ([`nernst_spec::settings`]). The same network and array give the same image.

mod axons;
mod error;
mod lanes;
mod placement;

pub use error::MapError;
pub use placement::{CorePlacement, LayerPlacement, Placement};

use crate::network::{IntegerNetwork, Network};
use lanes::{Lane, Lanes, STRATEGIES, Strategy};
use nernst_spec::image::{CoreImage, Image};
use nernst_spec::memory::Route;
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, WeightBits};

/// The image of a network for an array, and a report of where everything went.
pub fn compile(network: &Network, config: &ArrayConfig) -> Result<(Image, Placement), MapError> {
    let integers = network.integers()?;
    match place(&integers, config) {
        Ok(mapped) => Ok(mapped.image(network, &integers, config)),
        Err(limit) => Err(MapError::DoesNotFit {
            network: network.name.clone(),
            config: config.name.clone(),
            limit,
            help: help(network),
        }),
    }
}

/// A network's neurons in lanes and its sources on axons.
struct Mapped {
    /// For every core.
    contexts: Vec<Contexts>,
    /// Whether the lanes are free that it counts weights other than 0 with.
    counting: Vec<bool>,
    /// For every layer.
    lanes: Vec<Lanes>,
    /// For every source group: the input lines, then each layer's neurons.
    routes: Vec<Vec<Route>>,
}

/// With as few contexts as it takes, for each costs clocks in every tick: tries every strategy and takes the one with the fewest bus
/// destinations, then the fewest cores, then one that leaves the lanes free that cores count with.
fn place(network: &IntegerNetwork, config: &ArrayConfig) -> Result<Mapped, String> {
    error::check_limits(network, config)?;
    let most = config.cores.iter().map(|core| core.contexts.log2()).max().unwrap_or_default();
    let mut refusal = None;
    for log2 in 0..=most {
        let contexts: Vec<_> = config.cores.iter().map(|core| core.contexts.min(Contexts::from_log2(log2))).collect();
        let mut best: Option<(usize, usize, Mapped)> = None;
        let attempts = [true, false].into_iter().flat_map(|counting| STRATEGIES.map(|strategy| (counting, strategy)));
        for (counting, strategy) in attempts {
            match attempt(network, config, &contexts, counting, strategy) {
                Ok(mapped) => {
                    let (destinations, cores) = (mapped.destinations(), mapped.cores_used());
                    if best.as_ref().is_none_or(|(d, c, _)| (destinations, cores) < (*d, *c)) {
                        best = Some((destinations, cores, mapped));
                    }
                }
                Err(what) => refusal = refusal.or(Some(what)),
            }
        }
        if let Some((_, _, mapped)) = best {
            return Ok(mapped);
        }
    }
    Err(refusal.unwrap_or_default())
}

/// One way to place a network. A core that needs fewer contexts has fewer.
fn attempt(
    network: &IntegerNetwork,
    config: &ArrayConfig,
    contexts: &[Contexts],
    counting: bool,
    strategy: Strategy,
) -> Result<Mapped, String> {
    let lanes = lanes::place(network, config, contexts, counting, strategy)?;
    let needed = |core: usize| {
        let of_core = lanes.iter().flat_map(|lanes| &lanes.0).filter(|lane| lane.core == core);
        let count = of_core.map(|lane| lane.context + 1).max().unwrap_or(1);
        // At most as many as the core was given, which is a power of two itself.
        Contexts::try_from(count.next_power_of_two()).unwrap_or(contexts[core])
    };
    let contexts: Vec<Contexts> = (0..config.cores.len()).map(needed).collect();
    let routes = axons::assign(network, config, &contexts, &lanes)?;
    let counts = |(number, shape): (usize, &CoreConfig)| {
        let mut of_core = lanes.iter().flat_map(|lanes| &lanes.0).filter(|lane| lane.core == number);
        shape.can_count() && of_core.all(|lane| lane.neuron < shape.counted_neurons())
    };
    let counting = config.cores.iter().enumerate().map(counts).collect();
    Ok(Mapped { contexts, counting, lanes, routes })
}

/// Which ready configurations hold the network, if need be with weights of the other precision.
fn help(network: &Network) -> String {
    let fitting = |network: &Network| -> Vec<&str> {
        let fits = |name: &&str| {
            let config = ArrayConfig::ready(name);
            network.integers().is_ok_and(|integers| config.is_ok_and(|config| place(&integers, &config).is_ok()))
        };
        ArrayConfig::ready_names().filter(fits).collect()
    };
    let names = fitting(network);
    if !names.is_empty() {
        return format!("ready configurations that hold it: {}", names.join(", "));
    }
    for bits in [WeightBits::Four, WeightBits::Eight] {
        let names = fitting(&network.clone().with_bits(bits));
        if !names.is_empty() {
            return format!("no ready configuration holds it; with --bits {}: {}", bits.bits(), names.join(", "));
        }
    }
    "no ready configuration holds it; make the network smaller or write a configuration of your own".into()
}

impl Mapped {
    fn destinations(&self) -> usize {
        self.routes.iter().flatten().map(|route| route.cores.count_ones() as usize).sum()
    }

    fn cores_used(&self) -> usize {
        let mask = self.lanes.iter().flat_map(|lanes| &lanes.0).fold(0u16, |mask, lane| mask | 1 << lane.core);
        mask.count_ones() as usize
    }

    fn image(self, network: &Network, integers: &IntegerNetwork, config: &ArrayConfig) -> (Image, Placement) {
        let mut image = Image::empty(&network.name, config);
        image.coding = network.code().to_string();
        image.ticks = network.total_ticks();
        image.inputs = self.routes[0].clone();
        for (number, shape) in config.cores.iter().enumerate() {
            let counting = self.counting[number];
            image.cores[number] = CoreImage { counting, ..CoreImage::silent(shape, self.contexts[number]) };
        }
        let in_core = |lane: &Lane| lane.context * config.cores[lane.core].neurons() + lane.neuron;
        for (number, (layer, lanes)) in integers.layers.iter().zip(&self.lanes).enumerate() {
            for (neuron, lane) in lanes.0.iter().enumerate() {
                let core = &mut image.cores[lane.core];
                core.parameters[in_core(lane)] = layer.parameters;
                core.routes[in_core(lane)] = self.routes[number + 1][neuron];
            }
            let recurrent = layer.recurrent.as_deref().unwrap_or_default();
            for (sources, rows) in [(&self.routes[number], &layer.rows[..]), (&self.routes[number + 1], recurrent)] {
                for (source, row) in sources.iter().zip(rows) {
                    for (&weight, lane) in row.iter().zip(&lanes.0).filter(|(weight, _)| **weight != 0) {
                        let core = &mut image.cores[lane.core];
                        let neurons = config.cores[lane.core].neurons();
                        let weights = core.rows.entry(source.axon).or_insert_with(|| vec![0; neurons]);
                        weights[lane.neuron] = weight;
                    }
                }
            }
        }
        if let Some(last) = self.lanes.last() {
            image.outputs = last.0.iter().map(|lane| (config.first_neuron(lane.core) + in_core(lane)) as u16).collect();
        }
        let placement = Placement::of(network, integers, config, &self);
        (image, placement)
    }
}

#[cfg(test)]
mod tests;
