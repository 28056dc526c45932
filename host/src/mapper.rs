//! Places a network on an array: which neuron sits in which lane, which axon hears which source, and every route.
//!
//! Communication comes first. A layer is kept on as few cores as it fits, because each of its sources must reach every
//! one of them; a source is sent only to the cores in which it has a weight other than 0; and several layers may share a
//! core. A source has one axon number for all the cores that hear it, since a route holds one; a core's 512 axons are
//! shared by all sources that it hears. Input lines arrive in the tick that the host is about to run, neurons a tick
//! after they fired. Unused neurons are silent. The same network and array give the same image.

mod axons;
mod error;
mod lanes;
mod placement;

pub use error::MapError;
pub use placement::{CorePlacement, LayerPlacement, Placement};

use crate::network::{IntegerNetwork, Network};
use lanes::{Lanes, STRATEGIES};
use nernst_spec::image::Image;
use nernst_spec::memory::Route;
use nernst_spec::{ArrayConfig, WeightBits};

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
    /// For every layer.
    lanes: Vec<Lanes>,
    /// For every source group: the input lines, then each layer's neurons.
    routes: Vec<Vec<Route>>,
}

/// Tries every strategy and takes the one with the fewest bus destinations, then the fewest cores.
fn place(network: &IntegerNetwork, config: &ArrayConfig) -> Result<Mapped, String> {
    error::check_limits(network, config)?;
    let mut best: Option<(usize, usize, Mapped)> = None;
    let mut refusal = None;
    for strategy in STRATEGIES {
        let attempt = lanes::place(network, config, strategy)
            .and_then(|lanes| axons::assign(network, config, &lanes).map(|routes| Mapped { lanes, routes }));
        match attempt {
            Ok(mapped) => {
                let (destinations, cores) = (mapped.destinations(), mapped.cores_used());
                if best.as_ref().is_none_or(|(d, c, _)| (destinations, cores) < (*d, *c)) {
                    best = Some((destinations, cores, mapped));
                }
            }
            Err(what) => refusal = refusal.or(Some(what)),
        }
    }
    match best {
        Some((_, _, mapped)) => Ok(mapped),
        None => Err(refusal.unwrap_or_default()),
    }
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
        for (number, (layer, lanes)) in integers.layers.iter().zip(&self.lanes).enumerate() {
            for (neuron, lane) in lanes.0.iter().enumerate() {
                let core = &mut image.cores[lane.core];
                core.parameters[lane.neuron] = layer.parameters;
                core.routes[lane.neuron] = self.routes[number + 1][neuron];
            }
            let recurrent = layer.recurrent.as_deref().unwrap_or_default();
            for (sources, rows) in [(&self.routes[number], &layer.rows[..]), (&self.routes[number + 1], recurrent)] {
                for (source, row) in sources.iter().zip(rows) {
                    for (&weight, lane) in row.iter().zip(&lanes.0).filter(|(weight, _)| **weight != 0) {
                        let core = &mut image.cores[lane.core];
                        let neurons = core.parameters.len();
                        let weights = core.rows.entry(source.axon).or_insert_with(|| vec![0; neurons]);
                        weights[lane.neuron] = weight;
                    }
                }
            }
        }
        if let Some(last) = self.lanes.last() {
            image.outputs = last.0.iter().map(|lane| (config.first_neuron(lane.core) + lane.neuron) as u16).collect();
        }
        let placement = Placement::of(network, integers, config, &self.lanes, &self.routes);
        (image, placement)
    }
}

#[cfg(test)]
mod tests;
