//! Which axon hears which source, and where every spike goes.

use super::lanes::Lanes;
use crate::network::IntegerNetwork;
use nernst_spec::geometry::{AXONS, MAX_AXONS};
use nernst_spec::memory::Route;
use nernst_spec::{ArrayConfig, Contexts};

/// Routes of every source group (the input lines, then each layer's neurons), or the limit that stands against them.
///
/// Each source takes the lowest axon that is free in all cores where it has a weight, in the bank that has given out fewest there. Groups
/// that a core of one bank hears come first, and among those and the others the ones that more cores hear, because they have the least choice.
pub(super) fn assign(
    network: &IntegerNetwork,
    config: &ArrayConfig,
    contexts: &[Contexts],
    lanes: &[Lanes],
) -> Result<Vec<Vec<Route>>, String> {
    let inputs = network.layers[0].rows.len();
    let size = |group: usize| if group == 0 { inputs } else { network.layers[group - 1].neurons };
    let groups = network.layers.len() + 1;
    let masks: Vec<Vec<u16>> = (0..groups)
        .map(|group| (0..size(group)).map(|source| cores_of(network, lanes, group, source)).collect())
        .collect();

    let mut order: Vec<usize> = (0..groups).collect();
    let hearers = |group: usize| masks[group].iter().fold(0, |all, mask| all | mask);
    let banks = |cores: u16| {
        let heard_by = config.cores.iter().enumerate().filter(|(core, _)| cores >> core & 1 == 1);
        heard_by.map(|(_, shape)| shape.banks).min().unwrap_or(1)
    };
    order.sort_by_key(|&group| (banks(hearers(group)), std::cmp::Reverse(hearers(group).count_ones())));
    let mut taken = vec![[false; MAX_AXONS]; config.cores.len()];
    let mut routes: Vec<Vec<Route>> = vec![vec![]; groups];
    for group in order {
        for &cores in &masks[group] {
            let heard_by = |core: &usize| cores >> core & 1 == 1;
            let free = |axon: usize, core: usize| {
                let (contexts, shape) = (contexts[core], &config.cores[core]);
                !taken[core][axon]
                    && !contexts.is_state(shape, axon)
                    && Some(contexts.of_row(axon)) == context_of(network, lanes, group, core)
            };
            let in_bank = |bank: usize| bank * AXONS..(bank + 1) * AXONS;
            let load = |bank: usize| -> usize {
                let of_core = |core: usize| taken[core][in_bank(bank)].iter().filter(|taken| **taken).count();
                (0..taken.len()).filter(heard_by).map(of_core).sum()
            };
            let mut choice: Vec<usize> = (0..banks(cores)).collect();
            choice.sort_by_key(|&bank| load(bank));
            let axon = match cores {
                0 => 0,
                _ => choice
                    .into_iter()
                    .flat_map(in_bank)
                    .find(|&axon| (0..taken.len()).filter(heard_by).all(|core| free(axon, core)))
                    .ok_or_else(|| no_axon(group, cores, banks(cores)))?,
            };
            (0..taken.len()).filter(heard_by).for_each(|core| taken[core][axon] = true);
            routes[group].push(Route {
                cores,
                axon: axon as u16,
                delay: (group > 0 && cores != 0) as u8,
                host: group == groups - 1,
            });
        }
    }
    Ok(routes)
}

/// The context of a core that hears a source group.
fn context_of(network: &IntegerNetwork, lanes: &[Lanes], group: usize, core: usize) -> Option<usize> {
    let own = group.checked_sub(1).filter(|&layer| network.layers[layer].recurrent.is_some());
    let hearers = [Some(group), own].into_iter().flatten().filter_map(|layer| lanes.get(layer));
    hearers.flat_map(|lanes| &lanes.0).find(|lane| lane.core == core).map(|lane| lane.context)
}

/// The cores in which a source has a weight other than 0.
fn cores_of(network: &IntegerNetwork, lanes: &[Lanes], group: usize, source: usize) -> u16 {
    let next = network.layers.get(group).map(|layer| (&layer.rows[source], &lanes[group]));
    let own = group.checked_sub(1).and_then(|layer| {
        let rows = network.layers[layer].recurrent.as_ref()?;
        Some((&rows[source], &lanes[layer]))
    });
    let heard = next.into_iter().chain(own).flat_map(|(row, lanes)| row.iter().zip(&lanes.0));
    heard.filter(|(weight, _)| **weight != 0).fold(0, |mask, (_, lane)| mask | 1 << lane.core)
}

fn no_axon(group: usize, cores: u16, banks: usize) -> String {
    let source = if group == 0 { "an input line".into() } else { format!("a neuron of layer {}", group - 1) };
    let numbers: Vec<String> = (0..16).filter(|core| cores >> core & 1 == 1).map(|core| core.to_string()).collect();
    format!("none of the {} axons is free for {source} in all of cores {}", banks * AXONS, numbers.join(", "))
}
